//! JMeter's settings (properties) that elements read, all in one place.
//!
//! A setting is a property that changes what an element does, whatever the plan says: JMeter reads
//! it from its properties files, here it comes with the run's properties. What texts of a plan ask
//! for (`__P`) is the functions' business.
//!
//! Not here: where properties come from and which wins.

use std::collections::BTreeMap;

use crate::default_proxy::DefaultProxy;
use loadline_plan::program::HttpProgram;
use loadline_plan::{Diagnostic, HttpStreams, HttpVersion, Location};

/// Who may resume a TLS session that an earlier connection began, and so be spared most of a handshake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TlsSessions {
    /// Each user its own, until it becomes a new user: what JMeter's threads do, and browsers.
    #[default]
    User,
    /// All users of an engine thread each other's (JMeter's `https.sessioncontext.shared`): the server
    /// has less to compute than for so many strangers.
    Shared,
    /// Nobody: every connection makes a full handshake.
    None,
}

/// The settings that the engine honours.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings {
    /// `timer.factor`: by what drawn delays of timers are multiplied.
    pub(crate) timer_factor: f64,
    /// `csvdataset.eofstring`: what every variable of a CSV Data Set becomes at the end of a file
    /// that neither recycles nor stops its users.
    pub(crate) csv_end_of_file: Box<str>,
    /// `csvread.delimiter`: what stands between the columns of `__CSVRead`.
    pub(crate) csv_read_delimiter: Box<str>,
    /// `https.sessioncontext.shared` of JMeter's, or our own `loadline.tls_sessions`, which wins.
    pub(crate) tls_sessions: TlsSessions,
    pub(crate) http: HttpWays,
}

/// How servers are spoken to where the plan does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpWays {
    /// Version of HTTP (`loadline.http_version`).
    pub version: HttpVersion,
    /// Who shares a connection of HTTP/2 (`loadline.http_streams`).
    pub streams: HttpStreams,
    /// File of the Unix socket that connections go to (`loadline.unix_socket`).
    pub unix_socket: Option<Box<str>>,
    /// The proxy of requests that name none and go to no Unix socket.
    pub proxy: Option<DefaultProxy>,
}

impl HttpWays {
    /// Who shares the connections of `program`, if it goes over HTTP/2.
    #[must_use]
    pub fn http2(&self, program: &HttpProgram) -> Option<HttpStreams> {
        let version = program.http_version.unwrap_or(self.version);
        let streams = program.streams.unwrap_or(self.streams);
        (version == HttpVersion::Http2).then_some(streams)
    }

    fn of(properties: &BTreeMap<String, String>) -> Self {
        let given = |name: &str| properties.get(name).map(|text| text.trim());
        Self {
            version: given(HTTP_VERSION)
                .and_then(HttpVersion::named)
                .unwrap_or_default(),
            streams: given(HTTP_STREAMS)
                .and_then(HttpStreams::named)
                .unwrap_or_default(),
            unix_socket: given(UNIX_SOCKET)
                .filter(|file| !file.is_empty())
                .map(Box::from),
            proxy: DefaultProxy::of(properties),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            timer_factor: 1.0,
            csv_end_of_file: "<EOF>".into(),
            csv_read_delimiter: ",".into(),
            tls_sessions: TlsSessions::default(),
            http: HttpWays::default(),
        }
    }
}

impl Settings {
    /// The settings among `properties`; one that is not given, or no number where one is needed,
    /// has JMeter's default.
    pub(crate) fn of(properties: &BTreeMap<String, String>) -> Self {
        let text = |name: &str, default: Box<str>| match properties.get(name) {
            Some(given) => given.trim().into(),
            None => default,
        };
        let defaults = Self::default();
        let factor = properties.get("timer.factor");
        Self {
            timer_factor: factor
                .and_then(|text| text.trim().parse().ok())
                .filter(|factor: &f64| factor.is_finite())
                .unwrap_or(defaults.timer_factor),
            csv_end_of_file: text("csvdataset.eofstring", defaults.csv_end_of_file),
            csv_read_delimiter: text("csvread.delimiter", defaults.csv_read_delimiter),
            tls_sessions: tls_sessions(properties).unwrap_or(defaults.tls_sessions),
            http: HttpWays::of(properties),
        }
    }
}

/// Names of the ways to keep TLS sessions, as values of [`TLS_SESSIONS`].
const TLS_SESSION_WAYS: [(&str, TlsSessions); 3] = [
    ("user", TlsSessions::User),
    ("shared", TlsSessions::Shared),
    ("none", TlsSessions::None),
];
const TLS_SESSIONS: &str = "loadline.tls_sessions";
const HTTP_VERSION: &str = "loadline.http_version";
const HTTP_STREAMS: &str = "loadline.http_streams";
const UNIX_SOCKET: &str = "loadline.unix_socket";

fn tls_sessions(properties: &BTreeMap<String, String>) -> Option<TlsSessions> {
    let given = properties.get(TLS_SESSIONS).map(|text| text.trim());
    let own = TLS_SESSION_WAYS
        .into_iter()
        .find(|(name, _)| given.is_some_and(|given| given.eq_ignore_ascii_case(name)));
    let shared = || {
        let text = properties.get("https.sessioncontext.shared")?;
        text.trim()
            .eq_ignore_ascii_case("true")
            .then_some(TlsSessions::Shared)
    };
    own.map(|way| way.1).or_else(shared)
}

/// A warning if the way to keep TLS sessions is none that there is.
fn unknown_tls_sessions(properties: &BTreeMap<String, String>) -> Option<Diagnostic> {
    let given = properties.get(TLS_SESSIONS)?.trim();
    let known = TLS_SESSION_WAYS
        .iter()
        .any(|(name, _)| given.eq_ignore_ascii_case(name));
    (!known).then(|| {
        let message =
            format!("property `{TLS_SESSIONS}` is `{given}`, which is no way to keep sessions");
        Diagnostic::warning("fixed-setting", Location::default(), message)
            .with_help("write `user`, `shared` or `none`")
    })
}

/// A warning for each setting of [`HttpWays`] that is none that there is.
fn unknown_http_ways(properties: &BTreeMap<String, String>) -> Vec<Diagnostic> {
    let finding = |name: &str, is_known: fn(&str) -> bool, help: &str| {
        let given = properties.get(name)?.trim();
        (!is_known(given)).then(|| {
            let message = format!("property `{name}` is `{given}`, which it cannot be");
            Diagnostic::warning("fixed-setting", Location::default(), message).with_help(help)
        })
    };
    let is_version = |name: &str| HttpVersion::named(name).is_some();
    let is_way = |name: &str| HttpStreams::named(name).is_some();
    [
        finding(HTTP_VERSION, is_version, "write `1.1` or `2`"),
        finding(HTTP_STREAMS, is_way, "write `one` or `many`"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Settings that change what elements do in JMeter and are not honoured here, with the value that
/// they have in effect.
const FIXED: [(&str, &str); 5] = [
    ("jmeter.regex.engine", "oro"),
    ("sampleresult.default.encoding", "UTF-8"),
    ("CookieManager.save.variables", "false"),
    ("CookieManager.check.cookies", "true"),
    ("kg.apc.jmeter.functions.FifoCapacity", "2147483647"),
];

/// A warning for each setting among `properties` that is not honoured: the run would do something
/// else than JMeter with it.
#[must_use]
pub fn setting_findings(properties: &BTreeMap<String, String>) -> Vec<Diagnostic> {
    let fixed = FIXED.iter().filter_map(|(name, value)| {
        let given = properties.get(*name)?.trim();
        let differs = !given.is_empty() && !given.eq_ignore_ascii_case(value);
        differs.then(|| {
            let message =
                format!("property `{name}` is `{given}`, but the run does as for `{value}`");
            Diagnostic::warning("fixed-setting", Location::default(), message)
                .with_help("leave the property out; JMeter's results with it would differ")
        })
    });
    fixed
        .chain(unknown_tls_sessions(properties))
        .chain(unknown_http_ways(properties))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn properties(given: &[(&str, &str)]) -> BTreeMap<String, String> {
        let given = given.iter();
        given
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn settings_have_the_values_of_properties_or_the_defaults() {
        assert_eq!(Settings::of(&properties(&[])), Settings::default());
        let given = [
            ("timer.factor", " 0.5 "),
            ("csvdataset.eofstring", "END"),
            ("csvread.delimiter", ";"),
        ];
        let settings = Settings::of(&properties(&given));
        assert_eq!(settings.timer_factor, 0.5);
        assert_eq!(&*settings.csv_end_of_file, "END");
        assert_eq!(&*settings.csv_read_delimiter, ";");
        for (given, expected) in [
            (
                &[("https.sessioncontext.shared", "true")][..],
                TlsSessions::Shared,
            ),
            (
                &[("https.sessioncontext.shared", "false")],
                TlsSessions::User,
            ),
            (&[("loadline.tls_sessions", "None")], TlsSessions::None),
            (
                &[
                    ("loadline.tls_sessions", "user"),
                    ("https.sessioncontext.shared", "true"),
                ],
                TlsSessions::User,
            ),
        ] {
            assert_eq!(Settings::of(&properties(given)).tls_sessions, expected);
        }
        let wrong = properties(&[("loadline.tls_sessions", "some")]);
        assert_eq!(setting_findings(&wrong).len(), 1);
        let odd = Settings::of(&properties(&[("timer.factor", "fast")]));
        assert_eq!(odd.timer_factor, 1.0);
    }

    #[test]
    fn ways_to_servers_are_those_of_properties_or_plain() {
        let ways = |given: &[(&str, &str)]| Settings::of(&properties(given)).http;
        assert_eq!(ways(&[]), HttpWays::default());
        let given = [
            ("loadline.http_version", " 2 "),
            ("loadline.http_streams", "many"),
            ("loadline.unix_socket", "/run/app.sock"),
        ];
        let expected = HttpWays {
            version: HttpVersion::Http2,
            streams: HttpStreams::Many,
            unix_socket: Some("/run/app.sock".into()),
            proxy: None,
        };
        assert_eq!(ways(&given), expected);
        assert!(setting_findings(&properties(&given)).is_empty());
        let wrong = [
            ("loadline.http_version", "3"),
            ("loadline.http_streams", "few"),
        ];
        assert_eq!(ways(&wrong), HttpWays::default());
        assert_eq!(setting_findings(&properties(&wrong)).len(), 2);
    }

    #[test]
    fn a_setting_that_is_not_honoured_is_told() {
        let found = setting_findings(&properties(&[
            ("jmeter.regex.engine", "java"),
            ("sampleresult.default.encoding", "utf-8"),
            ("host", "example.org"),
        ]));
        let messages: Vec<_> = found.iter().map(|finding| &*finding.message).collect();
        assert_eq!(
            messages,
            ["property `jmeter.regex.engine` is `java`, but the run does as for `oro`"]
        );
    }
}
