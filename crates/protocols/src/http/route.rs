//! By which way a request goes, where it is not the shortest: a Unix socket, a proxy, a source
//! address, names of the plan's own, a client certificate. Evaluated once for each sample.

use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;

use loadline_engine::{DefaultProxy, HttpWays, SampleError, Scope};
use loadline_plan::KeystoreConfig;
use loadline_plan::program::{DnsProgram, HttpProgram, SourceKind};

use super::failure;

/// A way to a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Route {
    /// File of the Unix socket that takes the place of the server's address.
    pub(crate) unix_socket: Option<Box<str>>,
    pub(crate) proxy: Option<Proxy>,
    pub(crate) source: Option<Source>,
    pub(crate) dns: Option<Arc<DnsProgram>>,
    pub(crate) certificate: Option<CertificateChoice>,
}

/// A proxy and who uses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Proxy {
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Empty for nobody.
    pub(crate) user: String,
    pub(crate) password: String,
}

/// Where connections come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Address(IpAddr),
    /// A host name, which the system resolves.
    Name(String),
}

/// Which certificate a user shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CertificateChoice {
    pub(crate) config: Arc<KeystoreConfig>,
    /// The alias in the user's variable; `None` when users take turns.
    pub(crate) alias: Option<String>,
}

/// The ways of one execution's requests, by the hosts that they go to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Routes {
    /// `None` for the shortest.
    direct: Option<Rc<Route>>,
    /// The same through the proxy of requests that name none.
    by_default: Option<Rc<(DefaultProxy, Rc<Route>)>>,
    is_java: bool,
}

impl Routes {
    /// Whether every host is reached by the shortest way.
    pub(crate) fn is_shortest(&self) -> bool {
        self.direct.is_none() && self.by_default.is_none()
    }

    /// The way to `host`.
    pub(crate) fn to(&self, host: &str) -> Option<Rc<Route>> {
        if let Some(by_default) = &self.by_default {
            let (proxy, route) = &**by_default;
            let is_spared = match self.is_java {
                true => proxy.spares_in_java(host),
                false => proxy.spares(host),
            };
            if !is_spared {
                return Some(Rc::clone(route));
            }
        }
        self.direct.clone()
    }
}

/// The ways that the requests of `program` go. `ways` have the Unix socket and the proxy of programs that
/// name none.
///
/// # Errors
///
/// A failed sample for a network device that is none or has no such address, and for a way through
/// both a Unix socket and a proxy.
pub(crate) fn evaluate(
    program: &HttpProgram,
    ways: &HttpWays,
    scope: &mut Scope<'_>,
) -> Result<Routes, SampleError> {
    let default_socket = ways.unix_socket.as_deref();
    if program.proxy.is_none()
        && program.unix_socket.is_none()
        && default_socket.is_none()
        && ways.proxy.is_none()
        && program.source.is_none()
        && program.dns.is_none()
        && program.keystore.is_none()
    {
        return Ok(Routes::default());
    }
    let mut route = Route {
        dns: program.dns.clone(),
        ..Route::default()
    };
    let own_socket = program.unix_socket.as_ref().map(|file| scope.text(file));
    let unix_socket = own_socket.as_deref().or(default_socket);
    route.unix_socket = unix_socket.filter(|file| !file.is_empty()).map(Box::from);
    if let Some(proxy) = &program.proxy {
        let host = scope.text(&proxy.host);
        let port = scope.text(&proxy.port).parse().unwrap_or(0);
        if !host.trim().is_empty() && port > 0 {
            route.proxy = Some(Proxy {
                host,
                port,
                user: scope.text(&proxy.user),
                password: scope.text(&proxy.password),
            });
        }
    }
    if let Some(source) = &program.source {
        let name = scope.text(&source.address);
        if !name.trim().is_empty() {
            route.source = Some(source_of(name, source.kind)?);
        }
    }
    if let Some(config) = &program.keystore {
        let alias = match config.alias_variable.as_str() {
            "" => None,
            name => {
                let value = scope.variables.get_by_name(name).unwrap_or_default();
                if value.is_empty() {
                    let message = format!("No var called '{name}' found");
                    return Err(failure::illegal_argument(&message));
                }
                Some(value.to_owned())
            }
        };
        route.certificate = Some(CertificateChoice {
            config: Arc::clone(config),
            alias,
        });
    }
    if let (Some(file), Some(proxy)) = (&route.unix_socket, &route.proxy) {
        return Err(failure::illegal_argument(&format!(
            "a request goes to the Unix socket {file} or through the proxy {}, not both",
            proxy.host
        )));
    }
    let by_default = match &ways.proxy {
        Some(proxy) if route.proxy.is_none() && route.unix_socket.is_none() => {
            let through = Route {
                proxy: Some(Proxy {
                    host: proxy.host.clone(),
                    port: proxy.port,
                    user: proxy.user.clone(),
                    password: proxy.password.clone(),
                }),
                ..route.clone()
            };
            Some(Rc::new((proxy.clone(), Rc::new(through))))
        }
        _ => None,
    };
    Ok(Routes {
        direct: (route != Route::default()).then(|| Rc::new(route)),
        by_default,
        is_java: program.java_client,
    })
}

fn source_of(name: String, kind: SourceKind) -> Result<Source, SampleError> {
    let fits: fn(&IpAddr) -> bool = match kind {
        SourceKind::Host => {
            return Ok(match name.parse() {
                Ok(address) => Source::Address(address),
                Err(_) => Source::Name(name),
            });
        }
        SourceKind::Device => |_| true,
        SourceKind::DeviceV4 => IpAddr::is_ipv4,
        SourceKind::DeviceV6 => IpAddr::is_ipv6,
    };
    let devices = if_addrs::get_if_addrs().map_err(|error| failure::transfer(&error))?;
    let mut addresses = devices
        .iter()
        .filter(|device| device.name == name)
        .peekable();
    if addresses.peek().is_none() {
        return Err(failure::unknown_host_because(&format!(
            "Cannot find interface {name}"
        )));
    }
    let found = addresses.map(if_addrs::Interface::ip).find(fits);
    let class = match kind {
        SourceKind::DeviceV4 => "Inet4Address",
        SourceKind::DeviceV6 => "Inet6Address",
        SourceKind::Device | SourceKind::Host => "InetAddress",
    };
    found.map(Source::Address).ok_or_else(|| {
        failure::unknown_host_because(&format!(
            "Interface {name} does not have address of type {class}"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_addresses_names_or_devices() {
        let address = |text: &str| Source::Address(text.parse().unwrap());
        let of = |name: &str, kind| source_of(name.to_owned(), kind);
        assert_eq!(of("127.0.0.2", SourceKind::Host), Ok(address("127.0.0.2")));
        let name = Source::Name("here.test".to_owned());
        assert_eq!(of("here.test", SourceKind::Host), Ok(name));
        assert_eq!(of("lo", SourceKind::DeviceV4), Ok(address("127.0.0.1")));
        let error = of("none0", SourceKind::Device).unwrap_err();
        assert_eq!(&*error.message, "Cannot find interface none0");
        assert_eq!(
            error.code,
            "Non HTTP response code: java.net.UnknownHostException"
        );
    }
}
