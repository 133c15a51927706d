//! Where a plan sends its load: found, allowed and answering before any traffic.

use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use loadline_engine::PreparedRun;
use loadline_protocols::{TargetPolicy, TargetRefused};

/// A host and port that a plan sends to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// `http` or `https`.
    pub scheme: String,
    /// Host name or address, without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
}

/// Why a target is not loaded.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// It is public and was not named.
    #[error("refusing to load a public host: {0}")]
    Refused(#[from] TargetRefused),
    /// Its name has no address.
    #[error("host {host} has no address")]
    NoAddress {
        /// The host.
        host: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Nobody answers there.
    #[error("nothing answers at {target}: {source}")]
    NoAnswer {
        /// The target as a URL.
        target: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// Time to wait for a connection before the run.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

impl Target {
    /// The target as the beginning of a URL, the scheme's own port left out.
    #[must_use]
    pub fn url(&self) -> String {
        let host = if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        };
        match (self.scheme.as_str(), self.port) {
            ("http", 80) | ("https", 443) => format!("{}://{host}", self.scheme),
            _ => format!("{}://{host}:{}", self.scheme, self.port),
        }
    }
}

/// The targets of a run that are known before it, each once, in order.
pub(crate) fn targets(prepared: &PreparedRun) -> Vec<Target> {
    let mut targets = Vec::new();
    for (scheme, host, port) in prepared.targets().iter().cloned() {
        let target = Target { scheme, host, port };
        if !targets.contains(&target) {
            targets.push(target);
        }
    }
    targets
}

/// Checks that each of `targets` may be loaded and that one of them answers; returns the addresses of
/// the first one.
///
/// # Errors
///
/// See [`TargetError`]; nothing but a connection was tried.
pub fn check_targets(
    targets: &[Target],
    policy: &TargetPolicy,
) -> Result<Vec<SocketAddr>, TargetError> {
    let mut resolved = Vec::new();
    for target in targets {
        let addresses = resolve(target)?;
        for address in &addresses {
            policy.check(&target.host, address.ip())?;
        }
        resolved.push(addresses);
    }
    let mut failure = None;
    for (target, addresses) in targets.iter().zip(&resolved) {
        match connect(addresses) {
            Ok(()) => return Ok(resolved.swap_remove(0)),
            Err(source) => {
                failure.get_or_insert(TargetError::NoAnswer {
                    target: target.url(),
                    source,
                });
            }
        }
    }
    failure.map_or(Ok(Vec::new()), Err)
}

fn resolve(target: &Target) -> Result<Vec<SocketAddr>, TargetError> {
    let no_address = |source| TargetError::NoAddress {
        host: target.host.clone(),
        source,
    };
    if let Ok(address) = target.host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, target.port)]);
    }
    let addresses: Vec<SocketAddr> = (target.host.as_str(), target.port)
        .to_socket_addrs()
        .map_err(no_address)?
        .collect();
    if addresses.is_empty() {
        return Err(no_address(std::io::Error::other(
            "the name resolves to nothing",
        )));
    }
    Ok(addresses)
}

fn connect(addresses: &[SocketAddr]) -> std::io::Result<()> {
    let mut last = std::io::Error::other("no address");
    for address in addresses {
        match TcpStream::connect_timeout(address, CONNECT_TIMEOUT) {
            Ok(_) => return Ok(()),
            Err(error) => last = error,
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn target(host: &str, port: u16) -> Target {
        Target {
            scheme: "http".to_owned(),
            host: host.to_owned(),
            port,
        }
    }

    #[test]
    fn urls_leave_out_the_usual_port() {
        assert_eq!(target("::1", 8000).url(), "http://[::1]:8000");
        assert_eq!(target("localhost", 80).url(), "http://localhost");
    }

    #[test]
    fn a_listener_answers_and_a_closed_port_does_not() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let policy = TargetPolicy::default();
        assert_eq!(
            check_targets(&[target("127.0.0.1", port)], &policy)
                .unwrap()
                .len(),
            1
        );
        drop(listener);
        let error = check_targets(&[target("127.0.0.1", port)], &policy).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("nothing answers at http://127.0.0.1:"),
            "{error}"
        );
    }

    #[test]
    fn a_public_address_is_refused_before_anything_is_sent() {
        let error = check_targets(&[target("192.0.2.1", 80)], &TargetPolicy::default());
        assert!(matches!(error, Err(TargetError::Refused(_))));
    }
}
