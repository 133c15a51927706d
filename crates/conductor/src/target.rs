//! Where a plan sends its load: found, allowed and answering before any traffic.

use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::os::unix::net::UnixStream;
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
    /// File of the Unix socket that takes the place of host and port, if one does.
    pub unix_socket: Option<String>,
    /// Host of the server behind it, if it is a proxy; it must be one that may be loaded.
    pub behind: Option<String>,
    /// Names or addresses that the plan itself gives to the host, if it does.
    pub stands_for: Option<Vec<String>>,
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
        /// The target as a URL, or the Unix socket.
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
    for address in prepared.targets().iter().cloned() {
        let target = Target {
            scheme: address.scheme,
            host: address.host,
            port: address.port,
            unix_socket: address.unix_socket,
            behind: address.behind,
            stands_for: address.stands_for,
        };
        if !targets.contains(&target) {
            targets.push(target);
        }
    }
    targets
}

/// What was found at the targets of a run of which at least one answers.
#[derive(Debug, Default)]
pub struct CheckedTargets {
    /// The addresses of the first target that has some.
    pub addresses: Vec<SocketAddr>,
    /// Hosts without address, whose samples fail; one line each, for the user.
    pub warnings: Vec<String>,
}

/// Checks that each of `targets` may be loaded and that one of them answers.
///
/// # Errors
///
/// See [`TargetError`]; nothing but a connection was tried.
pub fn check_targets(
    targets: &[Target],
    policy: &TargetPolicy,
) -> Result<CheckedTargets, TargetError> {
    let mut resolved = Vec::new();
    let mut warnings = Vec::new();
    let mut failure = None;
    let mut answers = false;
    let (by_socket, by_name): (Vec<_>, Vec<_>) = targets
        .iter()
        .partition(|target| target.unix_socket.is_some());
    for target in by_socket {
        let file = target.unix_socket.as_deref().unwrap_or_default();
        match UnixStream::connect(file) {
            Ok(_) => answers = true,
            Err(source) => {
                failure.get_or_insert(TargetError::NoAnswer {
                    target: format!("the Unix socket {file}"),
                    source,
                });
            }
        }
    }
    for target in by_name {
        let found = check_behind(target, policy).and_then(|()| resolve(target));
        match found {
            Err(refused @ TargetError::Refused(_)) => return Err(refused),
            Ok(addresses) => {
                for address in &addresses {
                    policy.check(&target.host, address.ip())?;
                }
                resolved.push((target, addresses));
            }
            Err(error) => {
                let warning = format!("{error}: samples sent there fail");
                if !warnings.contains(&warning) {
                    warnings.push(warning);
                }
                failure.get_or_insert(error);
            }
        }
    }
    for (target, addresses) in &resolved {
        match connect(addresses) {
            Ok(()) => {
                answers = true;
                break;
            }
            Err(source) => {
                failure.get_or_insert(TargetError::NoAnswer {
                    target: target.url(),
                    source,
                });
            }
        }
    }
    match failure {
        Some(failure) if !answers => Err(failure),
        _ => Ok(CheckedTargets {
            addresses: resolved
                .into_iter()
                .next()
                .map_or_else(Vec::new, |(_, addresses)| addresses),
            warnings,
        }),
    }
}

/// Refuses the server behind a proxy unless it may be loaded: by its name, or by all the addresses that it has
/// here, as each request does.
fn check_behind(target: &Target, policy: &TargetPolicy) -> Result<(), TargetError> {
    let Some(host) = target.behind.as_deref() else {
        return Ok(());
    };
    if policy.is_named(host) {
        return Ok(());
    }
    // The plan's own names are for what is connected to.
    let server = Target {
        host: host.to_owned(),
        stands_for: None,
        ..target.clone()
    };
    for address in resolve(&server)? {
        policy.check(host, address.ip())?;
    }
    Ok(())
}

fn resolve(target: &Target) -> Result<Vec<SocketAddr>, TargetError> {
    let no_address = |source| TargetError::NoAddress {
        host: target.host.clone(),
        source,
    };
    let names = match &target.stands_for {
        Some(names) => names.iter().map(String::as_str).collect(),
        None => vec![target.host.as_str()],
    };
    let mut addresses = Vec::new();
    for name in names {
        match name.parse::<IpAddr>() {
            Ok(address) => addresses.push(SocketAddr::new(address, target.port)),
            Err(_) => {
                let found = (name, target.port).to_socket_addrs().map_err(no_address)?;
                addresses.extend(found);
            }
        }
    }
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
            unix_socket: None,
            behind: None,
            stands_for: None,
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
                .addresses
                .len(),
            1
        );
        let nowhere = target("nowhere.invalid", 80);
        let targets = [nowhere.clone(), target("127.0.0.1", port)];
        let checked = check_targets(&targets, &policy).unwrap();
        assert_eq!(checked.addresses.len(), 1);
        assert_eq!(
            checked.warnings,
            ["host nowhere.invalid has no address: samples sent there fail"]
        );
        let alone = check_targets(&[nowhere], &policy);
        assert!(matches!(alone, Err(TargetError::NoAddress { .. })));
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
    fn a_unix_socket_answers_while_somebody_listens() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("app.sock");
        let listener = std::os::unix::net::UnixListener::bind(&file).unwrap();
        let target = Target {
            unix_socket: Some(file.to_str().unwrap().to_owned()),
            // Nobody looks the host up or asks whether it may be loaded.
            ..target("192.0.2.1", 80)
        };
        let policy = TargetPolicy::default();
        let checked = check_targets(std::slice::from_ref(&target), &policy).unwrap();
        assert_eq!(checked.addresses, []);
        drop(listener);
        let error = check_targets(&[target], &policy).unwrap_err();
        let message = error.to_string();
        assert!(
            message.starts_with(&format!(
                "nothing answers at the Unix socket {}: ",
                file.display()
            )),
            "{message}"
        );
    }

    #[test]
    fn a_public_server_behind_a_proxy_is_refused_unless_it_is_named() {
        let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = proxy.local_addr().unwrap().port();
        let through = |server: &str| Target {
            behind: Some(server.to_owned()),
            ..target("127.0.0.1", port)
        };
        let check = |server: &str, policy: &TargetPolicy| check_targets(&[through(server)], policy);
        let nobody = TargetPolicy::default();
        assert!(check("127.0.0.9", &nobody).is_ok());
        let refused = check("192.0.2.1", &nobody).unwrap_err().to_string();
        assert!(refused.contains("--i-may-load 192.0.2.1"), "{refused}");
        assert!(check("192.0.2.1", &TargetPolicy::new(["192.0.2.1"])).is_ok());
        let unknown = check("far.invalid", &nobody).unwrap_err();
        assert!(
            matches!(unknown, TargetError::NoAddress { .. }),
            "{unknown}"
        );
        // Nobody but the proxy need know a name that may be loaded.
        assert!(check("far.invalid", &TargetPolicy::new(["far.invalid"])).is_ok());
    }

    #[test]
    fn what_a_host_stands_for_in_the_plan_is_what_is_looked_at() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let check = |addresses: &[&str], policy: &TargetPolicy| {
            let target = Target {
                stands_for: Some(addresses.iter().map(ToString::to_string).collect()),
                ..target("shop.invalid", port)
            };
            check_targets(&[target], policy)
        };
        let nobody = TargetPolicy::default();
        let near = check(&["localhost", "127.0.0.1"], &nobody).unwrap();
        assert!(near.addresses.len() >= 2, "{near:?}");
        let refused = check(&["127.0.0.1", "192.0.2.1"], &nobody).unwrap_err();
        let refused = refused.to_string();
        assert!(refused.contains("--i-may-load shop.invalid"), "{refused}");
        let named = TargetPolicy::new(["shop.invalid"]);
        assert!(check(&["127.0.0.1", "192.0.2.1"], &named).is_ok());
        let nothing = check(&[], &nobody).unwrap_err();
        assert!(
            matches!(nothing, TargetError::NoAddress { .. }),
            "{nothing}"
        );
    }

    #[test]
    fn a_public_address_is_refused_before_anything_is_sent() {
        let error = check_targets(&[target("192.0.2.1", 80)], &TargetPolicy::default());
        assert!(matches!(error, Err(TargetError::Refused(_))));
    }
}
