//! What the managers of HTTP requests become in the plan.

use loadline_plan::{
    AuthMechanism, Authorization, CacheManager, Config, DnsCacheManager, ElementKind,
    KeystoreConfig, Standing,
};

use crate::plans::{element, flags, read_one, strings};

#[track_caller]
fn check(below: &str, standing: Standing, expected: Config) {
    let (kind, row) = read_one(below);
    assert_eq!(kind, Some(ElementKind::Config(expected)));
    assert_eq!(row.standing, standing, "{row:?}");
}

fn row(properties: &[(&str, &str)]) -> String {
    let row = strings(properties);
    format!("<elementProp name=\"\" elementType=\"x\">{row}</elementProp>")
}

#[test]
fn a_cache_has_jmeters_defaults() {
    let cache = |use_expires, max_size: &str| {
        Config::Cache(CacheManager {
            clear_each_iteration: false,
            controlled_by_group: use_expires,
            use_expires,
            max_size: max_size.into(),
        })
    };
    let manager = |properties: &str| element("CacheManager", "Cache", properties, "");
    check(&manager(""), Standing::Supported, cache(false, "5000"));
    let all = flags(&[
        ("clearEachIteration", false),
        ("useExpires", true),
        ("CacheManager.controlledByThread", true),
    ]) + "<intProp name=\"maxSize\">10</intProp>";
    check(&manager(&all), Standing::Supported, cache(true, "10"));
}

#[test]
fn rows_of_user_names_keep_their_order() {
    let rows = row(&[
        ("Authorization.url", "http://${h}/"),
        ("Authorization.username", "ann"),
        ("Authorization.password", "s3cret"),
        ("Authorization.domain", "corp"),
        ("Authorization.realm", "r"),
    ]) + &row(&[("Authorization.mechanism", "DIGEST")]);
    let list = format!("<collectionProp name=\"AuthManager.auth_list\">{rows}</collectionProp>");
    check(
        &element("AuthManager", "Auth", &list, ""),
        // NTLM, which a domain is for, is not spoken.
        Standing::Approximated,
        Config::Authorizations(vec![
            Authorization {
                url: "http://${h}/".into(),
                user: "CORP\\ann".into(),
                password: "s3cret".into(),
                realm: "r".into(),
                mechanism: AuthMechanism::Basic,
            },
            Authorization {
                url: "".into(),
                user: "".into(),
                password: "".into(),
                realm: "".into(),
                mechanism: AuthMechanism::Digest,
            },
        ]),
    );
}

#[test]
fn own_names_count_with_and_without_own_servers() {
    let hosts = row(&[
        ("StaticHost.Name", "shop.test"),
        ("StaticHost.Address", "127.0.0.1"),
    ]);
    let properties = format!(
        "{}<collectionProp name=\"DNSCacheManager.hosts\">{hosts}</collectionProp>",
        flags(&[("DNSCacheManager.clearEachIteration", true)])
    );
    check(
        &element("DNSCacheManager", "DNS", &properties, ""),
        Standing::Supported,
        Config::Dns(DnsCacheManager {
            clear_each_iteration: true,
            servers: Vec::new(),
            hosts: vec![("shop.test".into(), "127.0.0.1".into())],
        }),
    );
}

#[test]
fn a_key_store_has_a_range_and_an_alias() {
    let properties = strings(&[
        ("preload", "True"),
        ("startIndex", "1"),
        ("endIndex", ""),
        ("clientCertAliasVarName", "alias"),
    ]);
    check(
        &element("KeystoreConfig", "Keys", &properties, ""),
        Standing::Supported,
        Config::Keystore(KeystoreConfig {
            start_index: 1,
            end_index: None,
            alias_variable: "alias".to_owned(),
        }),
    );
}
