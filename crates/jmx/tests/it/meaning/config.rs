//! Config elements and timers.

use loadline_plan::{
    Config, CookieManager, CsvDataSet, ElementKind, ShareMode, Text, Timer, UserCookie,
};

use super::check;
use crate::plans::{element, flags, strings};

#[test]
fn headers_keep_their_order() {
    let headers = |list: &[(&str, &str)]| {
        let items: String = list
            .iter()
            .map(|(name, value)| {
                format!(
                    "<elementProp name=\"\" elementType=\"Header\">{}</elementProp>",
                    strings(&[("Header.name", name), ("Header.value", value)])
                )
            })
            .collect();
        format!("<collectionProp name=\"HeaderManager.headers\">{items}</collectionProp>")
    };
    let list = headers(&[("B", "1"), ("A", "${a}"), ("B", "2"), ("", "")]);
    let expected: [(Text, Text); 3] = [
        ("B".into(), "1".into()),
        ("A".into(), "${a}".into()),
        ("B".into(), "2".into()),
    ];
    check(
        &element("HeaderManager", "Headers", &list, ""),
        ElementKind::Config(Config::Headers(expected.to_vec())),
    );
}

#[test]
fn a_csv_data_set_has_jmeters_defaults() {
    check(
        &element("CSVDataSet", "Data", &strings(&[("filename", "a.csv")]), ""),
        ElementKind::Config(Config::Csv(CsvDataSet {
            random_order: false,
            file: "a.csv".into(),
            encoding: "".into(),
            variables: "".into(),
            delimiter: ",".into(),
            ignore_first_line: false,
            quoted: false,
            recycle: false,
            stop_thread: false,
            share: ShareMode::All,
        })),
    );
}

#[test]
fn a_csv_data_set_keeps_all_its_settings() {
    for (mode, share) in [
        ("shareMode.all", ShareMode::All),
        ("shareMode.group", ShareMode::Group),
        ("shareMode.thread", ShareMode::Thread),
        ("Current thread", ShareMode::Thread),
        ("mine", ShareMode::Key("mine".to_owned())),
    ] {
        let properties = strings(&[
            ("filename", "a.csv"),
            ("fileEncoding", "UTF-8"),
            ("variableNames", "a,b"),
            ("delimiter", "\\t"),
            ("shareMode", mode),
        ]) + &flags(&[
            ("ignoreFirstLine", true),
            ("quotedData", true),
            ("recycle", true),
            ("stopThread", true),
        ]);
        check(
            &element("CSVDataSet", "Data", &properties, ""),
            ElementKind::Config(Config::Csv(CsvDataSet {
                random_order: false,
                file: "a.csv".into(),
                encoding: "UTF-8".into(),
                variables: "a,b".into(),
                delimiter: "\\t".into(),
                ignore_first_line: true,
                quoted: true,
                recycle: true,
                stop_thread: true,
                share,
            })),
        );
    }
}

#[test]
fn cookies_go_to_sub_domains_only_when_their_domain_was_given() {
    let cookie = |name: &str, domain: &str, given: bool| {
        format!(
            "<elementProp name=\"{name}\" elementType=\"Cookie\" testname=\"{name}\">{}{}\
             </elementProp>",
            strings(&[
                ("Cookie.value", "v"),
                ("Cookie.domain", domain),
                ("Cookie.path", "/p"),
            ]),
            flags(&[("Cookie.secure", given), ("Cookie.domain_specified", given)])
        )
    };
    let properties = format!(
        "<collectionProp name=\"CookieManager.cookies\">{}{}</collectionProp>{}",
        cookie("a", "example.com", true),
        cookie("b", ".example.com", false),
        flags(&[
            ("CookieManager.clearEachIteration", true),
            ("CookieManager.controlledByThreadGroup", true),
        ])
    );
    let expected = |name: &str, domain: &str, secure| UserCookie {
        name: name.into(),
        value: "v".into(),
        domain: domain.into(),
        path: "/p".into(),
        secure,
    };
    check(
        &element("CookieManager", "Cookies", &properties, ""),
        ElementKind::Config(Config::Cookies(CookieManager {
            cookies: vec![
                expected("a", ".example.com", true),
                expected("b", "example.com", false),
            ],
            clear_each_iteration: true,
            controlled_by_group: true,
            ignore: false,
        })),
    );
}

#[test]
fn cookies_can_be_ignored() {
    let properties = strings(&[("CookieManager.policy", "ignoreCookies")]);
    check(
        &element("CookieManager", "Cookies", &properties, ""),
        ElementKind::Config(Config::Cookies(CookieManager {
            ignore: true,
            ..CookieManager::default()
        })),
    );
}

#[test]
fn timers_keep_their_texts() {
    let properties = strings(&[
        ("ConstantTimer.delay", "${delay}"),
        ("RandomTimer.range", "100.0"),
    ]);
    for (class, timer) in [
        (
            "ConstantTimer",
            Timer::Constant {
                delay_ms: "${delay}".into(),
            },
        ),
        (
            "UniformRandomTimer",
            Timer::Uniform {
                offset_ms: "${delay}".into(),
                range_ms: "100.0".into(),
            },
        ),
        (
            "GaussianRandomTimer",
            Timer::Gaussian {
                offset_ms: "${delay}".into(),
                deviation_ms: "100.0".into(),
            },
        ),
        (
            "PoissonRandomTimer",
            Timer::Poisson {
                offset_ms: "${delay}".into(),
                mean_ms: "100.0".into(),
            },
        ),
    ] {
        check(
            &element(class, "Timer", &properties, ""),
            ElementKind::Timer(timer),
        );
    }
}
