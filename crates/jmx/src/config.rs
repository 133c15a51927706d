//! Config elements other than user-defined variables.

use loadline_plan::{Config, CookieManager, CsvDataSet, ElementKind, ShareMode, Text, UserCookie};

use crate::http;
use crate::judgement::{Judgement, LEFT_OUT};
use crate::properties::Properties;

/// Reads a `ConfigTestElement`, which its GUI class tells apart; `None` when it is no HTTP Request
/// Defaults.
pub(crate) fn read_defaults(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> Option<ElementKind> {
    let gui_class = properties.gui_class();
    let other = match gui_class.as_str() {
        "HttpDefaultsGui" | "UrlConfigGui" => {
            let defaults = http::read_defaults(properties, judgement);
            return Some(ElementKind::Config(Config::HttpDefaults(Box::new(
                defaults,
            ))));
        }
        "SimpleConfigGui" => {
            let http_setting = properties
                .names()
                .into_iter()
                .find(|name| name.to_ascii_lowercase().starts_with("httpsampler."));
            if let Some(setting) = http_setting {
                judgement.refuse(
                    format!("a Simple Config Element that sets `{setting}` of HTTP requests"),
                    "set it in HTTP Request Defaults instead",
                );
                return None;
            }
            "sets no property of HTTP requests"
        }
        "FtpConfigGui" => "default values of FTP requests, which are not run",
        "LdapConfigGui" | "LdapExtConfigGui" => {
            "default values of LDAP requests, which are not run"
        }
        "TCPConfigGui" => "default values of TCP requests, which are not run",
        "JndiDefaultsGui" => "default values of JMS requests, which are not run",
        "ObsoleteGui" => "JMeter 5.6.3 no longer has this element and ignores it",
        "LoginConfigGui" => {
            judgement.refuse("its user name and password are not used", LEFT_OUT);
            return None;
        }
        _ => {
            judgement.refuse(
                format!("a config element with the unknown GUI class `{gui_class}`"),
                LEFT_OUT,
            );
            return None;
        }
    };
    *judgement = Judgement::ignored(other);
    None
}

/// Reads a Header Manager.
pub(crate) fn read_headers(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> ElementKind {
    let mut headers = Vec::new();
    for header in properties.items("HeaderManager.headers") {
        let name = header.text_or("Header.name", "");
        let value = header.text_or("Header.value", "");
        if !name.is_empty() {
            headers.push((name, value));
        } else if !value.is_empty() {
            judgement.approximate(format!(
                "the value `{}` has no header name and is not sent",
                value.as_str()
            ));
        }
    }
    ElementKind::Config(Config::Headers(headers))
}

/// Reads a Cookie Manager.
pub(crate) fn read_cookies(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> ElementKind {
    let policy = properties.text("CookieManager.policy").unwrap_or_default();
    let ignore = policy == "ignoreCookies";
    if !ignore && !matches!(policy.as_str(), "" | "standard") {
        judgement.approximate(format!("cookie policy `{policy}` runs as `standard`"));
    }
    let cookies = properties
        .items("CookieManager.cookies")
        .into_iter()
        .map(|cookie| read_cookie(cookie, judgement))
        .collect();
    ElementKind::Config(Config::Cookies(CookieManager {
        cookies,
        clear_each_iteration: properties
            .flag("CookieManager.clearEachIteration", judgement)
            .unwrap_or(false),
        controlled_by_group: properties
            .flag("CookieManager.controlledByThreadGroup", judgement)
            .unwrap_or(false),
        ignore,
    }))
}

fn read_cookie(cookie: Properties<'_, '_>, judgement: &mut Judgement) -> UserCookie {
    let mut name = cookie.name();
    if name.is_empty() {
        name = cookie.attribute("name").unwrap_or_default();
    }
    let expires = cookie.text("Cookie.expires").unwrap_or_default();
    if !matches!(expires.as_str(), "" | "0") {
        judgement.approximate(format!("cookie `{name}` does not expire"));
    }
    // A cookie is sent to sub-domains only if its domain was given on purpose.
    let written = cookie.text("Cookie.domain").unwrap_or_default();
    let host = written.strip_prefix('.').unwrap_or(&written);
    let to_sub_domains = cookie
        .flag("Cookie.domain_specified", judgement)
        .unwrap_or(false);
    let domain = if to_sub_domains && !host.is_empty() {
        format!(".{host}")
    } else {
        host.to_owned()
    };
    UserCookie {
        name: name.into(),
        value: cookie.text_or("Cookie.value", ""),
        domain: domain.into(),
        path: cookie.text_or("Cookie.path", ""),
        secure: cookie.flag("Cookie.secure", judgement).unwrap_or(false),
    }
}

/// Reads a CSV Data Set.
pub(crate) fn read_csv(properties: Properties<'_, '_>, judgement: &mut Judgement) -> ElementKind {
    let mut flag = |name, absent| properties.flag(name, judgement).unwrap_or(absent);
    let (ignore_first_line, quoted) = (flag("ignoreFirstLine", false), flag("quotedData", false));
    // JMeter's window writes `recycle` as true; a file without it does not recycle.
    let (recycle, stop_thread) = (flag("recycle", false), flag("stopThread", false));
    let delimiter = match properties.text("delimiter") {
        Some(delimiter) if !delimiter.is_empty() => Text(delimiter),
        _ => ",".into(),
    };
    ElementKind::Config(Config::Csv(CsvDataSet {
        file: properties.text_or("filename", ""),
        encoding: properties.text_or("fileEncoding", ""),
        variables: properties.text_or("variableNames", ""),
        delimiter,
        ignore_first_line,
        quoted,
        recycle,
        stop_thread,
        share: read_share_mode(properties, judgement),
        random_order: false,
    }))
}

/// Reads a Random CSV Data Set Config. Its users end at the end of a list that is not rewound.
pub(crate) fn read_random_csv(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> ElementKind {
    let mut flag = |name| properties.flag(name, judgement).unwrap_or(false);
    let (ignore_first_line, recycle) = (flag("ignoreFirstLine"), flag("rewindOnTheEndOfList"));
    let random_order = flag("randomOrder");
    ElementKind::Config(Config::Csv(CsvDataSet {
        file: properties.text_or("filename", ""),
        encoding: properties.text_or("fileEncoding", ""),
        variables: properties.text_or("variableNames", ""),
        delimiter: properties.text_or("delimiter", ""),
        ignore_first_line,
        quoted: true,
        recycle,
        stop_thread: true,
        // Independent lists for each user are one object in the plugin too.
        share: ShareMode::Element,
        random_order,
    }))
}

fn read_share_mode(properties: Properties<'_, '_>, judgement: &mut Judgement) -> ShareMode {
    const SETTING: &str = "shareMode";
    // Files of before 2.10 hold the words of the GUI.
    match properties.text(SETTING).unwrap_or_default().as_str() {
        "" | "shareMode.all" | "All threads" => ShareMode::All,
        "shareMode.group" | "Current thread group" => ShareMode::Group,
        "shareMode.thread" | "Current thread" => ShareMode::Thread,
        reference if reference.contains("${") => {
            judgement.refuse_reference(SETTING, reference);
            ShareMode::All
        }
        key => ShareMode::Key(key.to_owned()),
    }
}
