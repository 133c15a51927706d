//! Config elements of HTTP requests besides defaults, headers and cookies.

use std::net::{IpAddr, SocketAddr};

use loadline_plan::{
    AuthMechanism, Authorization, CacheManager, Config, DnsCacheManager, ElementKind,
    KeystoreConfig, Text,
};

use crate::judgement::{Judgement, LEFT_OUT};
use crate::properties::Properties;

/// Reads an HTTP Cache Manager.
pub(crate) fn read_cache(properties: Properties<'_, '_>, judgement: &mut Judgement) -> ElementKind {
    let mut flag = |name| properties.flag(name, judgement).unwrap_or(false);
    ElementKind::Config(Config::Cache(CacheManager {
        clear_each_iteration: flag("clearEachIteration"),
        controlled_by_group: flag("CacheManager.controlledByThread"),
        use_expires: flag("useExpires"),
        max_size: properties.text_or("maxSize", "5000"),
    }))
}

/// Reads an HTTP Authorization Manager; `None` when its list is empty or cannot be used.
pub(crate) fn read_authorizations(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> Option<ElementKind> {
    let rows = properties.items("AuthManager.auth_list");
    if rows.is_empty() {
        *judgement = Judgement::ignored("its list is empty");
        return None;
    }
    let read: Vec<Authorization> = rows
        .into_iter()
        .filter_map(|row| read_authorization(row, judgement))
        .collect();
    (!read.is_empty()).then_some(ElementKind::Config(Config::Authorizations(read)))
}

fn read_authorization(row: Properties<'_, '_>, judgement: &mut Judgement) -> Option<Authorization> {
    let mechanism = row.text("Authorization.mechanism").unwrap_or_default();
    let mechanism = match mechanism.to_ascii_uppercase().as_str() {
        "" | "BASIC" | "BASIC_DIGEST" => AuthMechanism::Basic,
        "DIGEST" => AuthMechanism::Digest,
        "KERBEROS" => {
            judgement.refuse("Kerberos is not spoken", LEFT_OUT);
            return None;
        }
        _ => {
            judgement.refuse(format!("the unknown mechanism `{mechanism}`"), LEFT_OUT);
            return None;
        }
    };
    let mut user = row.text_or("Authorization.username", "");
    let domain = row.text("Authorization.domain").unwrap_or_default();
    if !domain.is_empty() {
        judgement.approximate("NTLM is not spoken; its domain goes out with Basic and Digest");
        user = Text(format!("{}\\{}", domain.to_uppercase(), user.as_str()));
    }
    Some(Authorization {
        url: row.text_or("Authorization.url", ""),
        user,
        password: row.text_or("Authorization.password", ""),
        realm: row.text_or("Authorization.realm", ""),
        mechanism,
    })
}

/// Reads a DNS Cache Manager; `None` when it resolves nothing by itself.
pub(crate) fn read_dns(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> Option<ElementKind> {
    let mut flag = |name| properties.flag(name, judgement).unwrap_or(false);
    let clear_each_iteration = flag("DNSCacheManager.clearEachIteration");
    let is_custom = flag("DNSCacheManager.isCustomResolver");
    let servers = if is_custom {
        properties.texts("DNSCacheManager.servers")
    } else {
        Vec::new()
    };
    let is_address = |server: &str| {
        let server = server.trim();
        server.parse::<IpAddr>().is_ok() || server.parse::<SocketAddr>().is_ok()
    };
    if let Some(server) = servers.iter().find(|server| !is_address(server.as_str())) {
        judgement.refuse(
            format!("name server `{}` is no address", server.as_str()),
            "give its address",
        );
        return None;
    }
    let hosts: Vec<(Text, Text)> = properties
        .items("DNSCacheManager.hosts")
        .into_iter()
        .map(|host| {
            (
                host.text_or("StaticHost.Name", ""),
                host.text_or("StaticHost.Address", ""),
            )
        })
        .collect();
    if servers.is_empty() && hosts.is_empty() {
        *judgement = Judgement::ignored("names are resolved by the system");
        return None;
    }
    Some(ElementKind::Config(Config::Dns(DnsCacheManager {
        clear_each_iteration,
        servers,
        hosts,
    })))
}

/// Reads a Keystore Configuration.
pub(crate) fn read_keystore(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> ElementKind {
    let mut index = |name| {
        let given = properties.text(name).is_some_and(|text| !text.is_empty());
        let number = properties.number(name, judgement).filter(|_| given);
        number.and_then(|number| u32::try_from(number).ok())
    };
    let (start_index, end_index) = (index("startIndex").unwrap_or(0), index("endIndex"));
    if end_index.is_some_and(|end| end < start_index) {
        judgement.refuse(
            "its end index is below its start index, with which JMeter stops the test",
            LEFT_OUT,
        );
    }
    let alias_variable = properties
        .text("clientCertAliasVarName")
        .unwrap_or_default();
    if alias_variable.contains("${") {
        judgement.refuse_reference("clientCertAliasVarName", &alias_variable);
    }
    ElementKind::Config(Config::Keystore(KeystoreConfig {
        start_index,
        end_index,
        alias_variable,
    }))
}
