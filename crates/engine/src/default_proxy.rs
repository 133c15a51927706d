//! The proxy of requests that name none: JMeter's options `-H`, `-P`, `-N`, `-u` and `-a`.
//!
//! Not here: by which way a request goes in the end, which is a sampler's to know.

use std::collections::BTreeMap;

/// Host of the proxy.
pub(crate) const PROXY_HOST: &str = "loadline.proxy_host";
/// Its port.
pub(crate) const PROXY_PORT: &str = "loadline.proxy_port";
/// Hosts that are reached without it, with `|` between them.
pub(crate) const NO_PROXY: &str = "loadline.no_proxy";

/// Hosts that Java's own client reaches directly whatever else it is told.
///
/// Source: `sun.net.spi.DefaultProxySelector` of Java 17.
const SPARED_BY_JAVA: [&str; 5] = ["localhost", "127.*", "[::1]", "0.0.0.0", "[::0]"];

/// A proxy, who uses it, and for which hosts it is not.
///
/// JMeter reads host, port and spared hosts from properties of Java, which plans do not see; here they
/// have names of their own. The user's name is a property of JMeter's.
///
/// Source: `HTTPHCAbstractImpl` of JMeter 5.6.3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultProxy {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Empty for nobody.
    pub user: String,
    /// Password of the user.
    pub password: String,
    /// Hosts that are reached directly.
    spared: Vec<String>,
}

impl DefaultProxy {
    /// The one that `properties` name; `None` without host or port.
    pub(crate) fn of(properties: &BTreeMap<String, String>) -> Option<Self> {
        let text = |name: &str| properties.get(name).cloned().unwrap_or_default();
        let spared = text(NO_PROXY);
        Some(Self {
            host: Some(text(PROXY_HOST)).filter(|host| !host.is_empty())?,
            port: text(PROXY_PORT).parse().ok().filter(|port| *port > 0)?,
            user: text("http.proxyUser"),
            password: text("http.proxyPass"),
            spared: (spared.split('|').filter(|host| !host.is_empty()))
                .map(str::to_owned)
                .collect(),
        })
    }

    /// Whether `host` is reached directly: named as it is written, or by its end behind `*`.
    #[must_use]
    pub fn spares(&self, host: &str) -> bool {
        self.spared
            .iter()
            .any(|spared| match spared.strip_prefix('*') {
                Some(end) => host.ends_with(end),
                None => host == spared,
            })
    }

    /// The same for Java's own client: in any case, with `*` at either end, and this machine always.
    #[must_use]
    pub fn spares_in_java(&self, host: &str) -> bool {
        let host = host.to_lowercase();
        let own = self.spared.iter().map(|spared| spared.to_lowercase());
        own.chain(SPARED_BY_JAVA.map(str::to_owned)).any(|spared| {
            let (begin, end) = (spared.strip_suffix('*'), spared.strip_prefix('*'));
            match (begin, end) {
                (Some(begin), Some(_)) => host.contains(begin.trim_start_matches('*')),
                (Some(begin), None) => host.starts_with(begin),
                (None, Some(end)) => host.ends_with(end),
                (None, None) => host == spared,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(given: &[(&str, &str)]) -> Option<DefaultProxy> {
        let given = given.iter();
        let owned = given.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        DefaultProxy::of(&owned.collect())
    }

    #[test]
    fn a_proxy_has_host_and_port() {
        assert_eq!(of(&[(PROXY_HOST, "p")]), None);
        assert_eq!(of(&[(PROXY_HOST, "p"), (PROXY_PORT, "0")]), None);
        assert_eq!(of(&[(PROXY_PORT, "8080")]), None);
        assert_eq!(of(&[(PROXY_HOST, "p"), (PROXY_PORT, "1")]).unwrap().port, 1);
    }

    #[test]
    fn hosts_are_spared_by_name_and_by_end() {
        let spared = "a.test|*.b.test|c.*";
        let proxy = of(&[(PROXY_HOST, "p"), (PROXY_PORT, "1"), (NO_PROXY, spared)]).unwrap();
        let hosts = [
            "a.test",
            "x.b.test",
            "A.test",
            "b.test",
            "c.test",
            "127.0.0.1",
        ];
        let spared = hosts.map(|host| proxy.spares(host));
        assert_eq!(spared, [true, true, false, false, false, false]);
        let spared = hosts.map(|host| proxy.spares_in_java(host));
        assert_eq!(spared, [true, true, true, false, true, true]);
    }
}
