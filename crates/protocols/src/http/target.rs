//! Which machines may be loaded.
//!
//! Load goes to loopback and private addresses unless the host is named. The address is judged, not
//! the name, so a name that resolves elsewhere is refused as well.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The hosts that may be loaded besides loopback and private addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetPolicy {
    /// Names and addresses in lower case, without brackets.
    named: BTreeSet<Box<str>>,
}

/// A host that may not be loaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{host} ({address}) is not a loopback or private address: name it with --i-may-load {host}"
)]
pub struct TargetRefused {
    /// Host as the request names it.
    pub host: Box<str>,
    /// The address it has.
    pub address: IpAddr,
}

impl TargetPolicy {
    /// A policy that allows `hosts` besides loopback and private addresses. Hosts are names or
    /// addresses, compared as a whole and without regard to case; sub-domains are not included.
    pub fn new(hosts: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        Self {
            named: hosts
                .into_iter()
                .map(|host| plain_host(host.as_ref()).to_ascii_lowercase().into())
                .collect(),
        }
    }

    /// Whether `host`, which has the address `address`, may be loaded.
    ///
    /// # Errors
    ///
    /// [`TargetRefused`] for an address that is neither loopback (127.0.0.0/8, ::1, and the
    /// unspecified address, which reaches this machine) nor private (RFC 1918, link-local,
    /// RFC 6598 shared space, RFC 4193 unique local), unless host or address is named.
    pub fn check(&self, host: &str, address: IpAddr) -> Result<(), TargetRefused> {
        let address = address.to_canonical();
        if is_near(address) || self.is_named(host) || self.is_named(&address.to_string()) {
            return Ok(());
        }
        Err(TargetRefused {
            host: host.into(),
            address,
        })
    }

    /// Whether `host` itself is among the named ones.
    #[must_use]
    pub fn is_named(&self, host: &str) -> bool {
        !self.named.is_empty()
            && self
                .named
                .contains(plain_host(host).to_ascii_lowercase().as_str())
    }
}

fn plain_host(host: &str) -> &str {
    host.strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(host)
}

fn is_near(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            v4.is_loopback()
                || v4.is_private()
                || v4.is_link_local()
                || v4 == Ipv4Addr::UNSPECIFIED
                || is_shared_space(v4)
        }
        IpAddr::V6(v6) => {
            v6.is_loopback()
                || v6.is_unique_local()
                || v6.is_unicast_link_local()
                || v6 == Ipv6Addr::UNSPECIFIED
        }
    }
}

/// 100.64.0.0/10, carrier-grade NAT (RFC 6598).
fn is_shared_space(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    first == 100 && (64..128).contains(&second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(policy: &TargetPolicy, host: &str, address: &str, allowed: bool) {
        let result = policy.check(host, address.parse().unwrap());
        assert_eq!(result.is_ok(), allowed, "{host} {address}: {result:?}");
    }

    #[test]
    fn near_addresses_are_allowed_and_others_refused() {
        let policy = TargetPolicy::default();
        for near in [
            "127.0.0.1",
            "127.9.9.9",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.1.1",
            "100.64.0.1",
            "100.127.255.255",
            "0.0.0.0",
            "::1",
            "fd00::1",
            "fe80::1",
            "::",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
        ] {
            check(&policy, "name", near, true);
        }
        for far in [
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "100.63.255.255",
            "192.169.0.1",
            "11.0.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "2001:db8::1",
            "::ffff:8.8.8.8",
        ] {
            check(&policy, "name", far, false);
        }
    }

    #[test]
    fn a_named_host_or_address_is_allowed_exactly() {
        let policy = TargetPolicy::new(["Example.test", "[2001:db8::1]"]);
        check(&policy, "example.TEST", "8.8.8.8", true);
        check(&policy, "www.example.test", "8.8.8.8", false);
        check(&policy, "other", "2001:db8::1", true);
        check(&policy, "[2001:db8::1]", "2001:db8::1", true);
    }

    #[test]
    fn the_refusal_says_what_to_do() {
        let refused = TargetPolicy::default()
            .check("example.test", "8.8.8.8".parse().unwrap())
            .unwrap_err();
        assert_eq!(
            refused.to_string(),
            "example.test (8.8.8.8) is not a loopback or private address: \
             name it with --i-may-load example.test"
        );
    }
}
