//! Compiles what rules HTTP requests besides defaults, headers and cookies.

use std::sync::Arc;

use crate::program::{AuthorizationProgram, CacheProgram, DnsProgram};
use crate::{Authorization, CacheManager, DnsCacheManager, Location};

use super::Compiler;

impl Compiler {
    pub(super) fn cache(&mut self, manager: &CacheManager, location: &Location) -> CacheProgram {
        CacheProgram {
            clear_each_iteration: manager.clear_each_iteration,
            controlled_by_group: manager.controlled_by_group,
            use_expires: manager.use_expires,
            max_size: self.template(&manager.max_size, location),
        }
    }

    pub(super) fn authorizations(
        &mut self,
        rows: &[Authorization],
        location: &Location,
    ) -> Arc<[AuthorizationProgram]> {
        let compiled = rows.iter().map(|row| AuthorizationProgram {
            url: self.template(&row.url, location),
            user: self.template(&row.user, location),
            password: self.template(&row.password, location),
            realm: self.template(&row.realm, location),
            mechanism: row.mechanism,
        });
        compiled.collect()
    }

    pub(super) fn dns(&mut self, manager: &DnsCacheManager, location: &Location) -> DnsProgram {
        let servers = manager.servers.iter();
        DnsProgram {
            clear_each_iteration: manager.clear_each_iteration,
            servers: servers
                .map(|server| self.template(server, location))
                .collect(),
            hosts: manager
                .hosts
                .iter()
                .map(|(name, addresses)| {
                    (
                        self.template(name, location),
                        self.template(addresses, location),
                    )
                })
                .collect(),
        }
    }
}
