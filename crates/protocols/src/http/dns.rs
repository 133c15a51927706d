//! The names that one user has looked up under a DNS Cache Manager.
//!
//! Source: JMeter 5.6.3, `DNSCacheManager`: the plan's own hosts first, then the plan's name servers
//! or the system's resolver; answers, also empty ones, are kept until they are cleared.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;

use loadline_engine::Scope;
use loadline_plan::program::DnsProgram;

/// Names that one user remembers; beyond it, all are forgotten.
const NAME_COUNT: usize = 1024;

/// One user's names.
#[derive(Debug)]
pub(crate) struct UserNames {
    manager: Arc<DnsProgram>,
    servers: Rc<[SocketAddr]>,
    /// Names of the plan's own with the names or addresses that they stand for.
    hosts: Vec<(String, Vec<String>)>,
    known: HashMap<Box<str>, Rc<[IpAddr]>>,
}

/// How a name is to be resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// It is known.
    Known(Rc<[IpAddr]>),
    /// Each of these names or addresses, by these servers; by the system without any.
    Ask {
        names: Vec<String>,
        servers: Rc<[SocketAddr]>,
    },
}

impl UserNames {
    pub(crate) fn new(manager: Arc<DnsProgram>, scope: &mut Scope<'_>) -> Self {
        let servers = manager
            .servers
            .iter()
            .filter_map(|server| server_address(&scope.text(server)))
            .collect();
        let hosts = manager.hosts.iter();
        let hosts = hosts
            .map(|(name, addresses)| {
                let addresses = scope.text(addresses);
                let addresses = addresses.split(',').map(|part| part.trim().to_owned());
                (
                    scope.text(name),
                    addresses.filter(|part| !part.is_empty()).collect(),
                )
            })
            .collect();
        Self {
            manager,
            servers,
            hosts,
            known: HashMap::new(),
        }
    }

    pub(crate) fn belongs_to(&self, manager: &Arc<DnsProgram>) -> bool {
        Arc::ptr_eq(&self.manager, manager)
    }

    pub(crate) fn start_iteration(&mut self) {
        if self.manager.clear_each_iteration {
            self.known.clear();
        }
    }

    /// How `host` is to be resolved.
    pub(crate) fn look_up(&self, host: &str) -> Lookup {
        if let Some(addresses) = self.known.get(host) {
            return Lookup::Known(Rc::clone(addresses));
        }
        let own = |(name, _): &&(String, Vec<String>)| name.eq_ignore_ascii_case(host);
        let names = match self.hosts.iter().find(own) {
            // JMeter finds the name in any case and then its addresses in the same case only.
            Some(_) => self
                .hosts
                .iter()
                .find(|(name, _)| name == host)
                .map(|(_, addresses)| addresses.clone())
                .unwrap_or_default(),
            None => vec![host.to_owned()],
        };
        Lookup::Ask {
            names,
            servers: Rc::clone(&self.servers),
        }
    }

    /// Remembers the addresses of `host`.
    pub(crate) fn remember(&mut self, host: &str, addresses: &Rc<[IpAddr]>) {
        if self.known.len() >= NAME_COUNT {
            self.known.clear();
        }
        self.known.insert(host.into(), Rc::clone(addresses));
    }
}

/// The address of a name server, with its port if it names one, else 53.
fn server_address(text: &str) -> Option<SocketAddr> {
    let text = text.trim();
    text.parse()
        .ok()
        .or_else(|| Some(SocketAddr::new(text.parse().ok()?, 53)))
}

#[cfg(test)]
mod tests {
    use loadline_plan::program::Template;

    use super::super::test_user::TestUser;
    use super::*;

    fn names(clear_each_iteration: bool) -> UserNames {
        let manager = DnsProgram {
            clear_each_iteration,
            servers: vec![
                Template::literal("127.0.0.1"),
                Template::literal("127.0.0.2:5353"),
                Template::literal("not an address"),
            ],
            hosts: vec![(
                Template::literal("shop.test"),
                Template::literal("10.0.0.1 , other.test"),
            )],
        };
        UserNames::new(Arc::new(manager), &mut TestUser::default().scope())
    }

    #[test]
    fn own_hosts_come_first_and_others_are_asked_for() {
        let names = names(false);
        let ask = |host: &str| match names.look_up(host) {
            Lookup::Ask { names, servers } => (names.join(","), servers.len()),
            Lookup::Known(_) => panic!("nothing is known"),
        };
        assert_eq!(ask("shop.test"), ("10.0.0.1,other.test".to_owned(), 2));
        assert_eq!(ask("far.test"), ("far.test".to_owned(), 2));
        assert_eq!(ask("SHOP.test"), (String::new(), 2));
        assert_eq!(names.servers[0].port(), 53);
        assert_eq!(names.servers[1].port(), 5353);
    }

    #[test]
    fn answers_are_kept_until_they_are_cleared() {
        for clear in [false, true] {
            let mut names = names(clear);
            let address: Rc<[IpAddr]> = Rc::new(["10.0.0.9".parse().unwrap()]);
            names.remember("far.test", &address);
            assert_eq!(names.look_up("far.test"), Lookup::Known(address));
            names.start_iteration();
            let is_known = matches!(names.look_up("far.test"), Lookup::Known(_));
            assert_eq!(is_known, !clear);
        }
    }
}
