//! The proxy of requests that name none: JMeter's options `-H`, `-P`, `-N`, `-u` and `-a`, which set
//! properties.

use std::collections::BTreeMap;
use std::sync::Arc;

use loadline_plan::program::{Program, ProxyProgram, SamplerKind, Template};

use crate::Address;

/// A proxy, who uses it, and for which hosts it is not.
///
/// Source: `HTTPHCAbstractImpl` of JMeter 5.6.3, which reads the same properties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DefaultProxy {
    host: String,
    port: u16,
    user: String,
    password: String,
    /// Hosts that are reached directly; one that begins with `*` is the end of their names.
    spared: Vec<String>,
}

impl DefaultProxy {
    /// The one that `properties` name; `None` without host or port.
    pub(crate) fn of(properties: &BTreeMap<String, String>) -> Option<Self> {
        let text = |name: &str| properties.get(name).cloned().unwrap_or_default();
        let spared = text("http.nonProxyHosts");
        Some(Self {
            host: Some(text("http.proxyHost")).filter(|host| !host.is_empty())?,
            port: text("http.proxyPort")
                .parse()
                .ok()
                .filter(|port| *port > 0)?,
            user: text("http.proxyUser"),
            password: text("http.proxyPass"),
            spared: (spared.split('|').filter(|host| !host.is_empty()))
                .map(str::to_owned)
                .collect(),
        })
    }

    /// Lets the requests of `program` that name no proxy go through this one; its address, if there are
    /// some. A host that is known only during the run is not spared.
    pub(crate) fn add_to(&self, program: &mut Program) -> Option<Address> {
        let mut is_used = false;
        let samplers = program
            .groups
            .iter_mut()
            .flat_map(|group| &mut group.samplers);
        for sampler in samplers {
            let SamplerKind::Http(request) = &mut sampler.kind else {
                continue;
            };
            let host = request.domain.as_literal().unwrap_or_default();
            if request.proxy.is_none() && !self.spares(host) {
                Arc::make_mut(request).proxy = Some(Box::new(ProxyProgram {
                    host: Template::literal(&self.host),
                    port: Template::literal(&self.port.to_string()),
                    user: Template::literal(&self.user),
                    password: Template::literal(&self.password),
                }));
                is_used = true;
            }
        }
        is_used.then(|| Address {
            scheme: "http".to_owned(),
            host: self.host.clone(),
            port: self.port,
            unix_socket: None,
        })
    }

    fn spares(&self, host: &str) -> bool {
        self.spared
            .iter()
            .any(|spared| match spared.strip_prefix('*') {
                Some(end) => host.ends_with(end),
                None => host == spared,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_has_host_and_port_and_spares_names_and_their_ends() {
        let of = |given: &[(&str, &str)]| {
            let given = given.iter();
            let owned = given.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            DefaultProxy::of(&owned.collect())
        };
        assert_eq!(of(&[("http.proxyHost", "p")]), None);
        assert_eq!(
            of(&[("http.proxyHost", "p"), ("http.proxyPort", "0")]),
            None
        );
        let proxy = of(&[
            ("http.proxyHost", "p"),
            ("http.proxyPort", "8080"),
            ("http.nonProxyHosts", "a.test|*.b.test"),
        ])
        .unwrap();
        let spared = ["a.test", "x.b.test", "b.test", "c.test", ""].map(|host| proxy.spares(host));
        assert_eq!(spared, [true, true, false, false, false]);
    }
}
