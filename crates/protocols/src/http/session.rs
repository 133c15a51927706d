//! What one virtual user keeps between its samples.

use std::sync::Arc;
use std::time::Duration;

use loadline_engine::{IterationStart, Scope};
use loadline_plan::CookieManager;
use loadline_units::RunTime;

use super::connection::Connection;
use super::cookies::CookieJar;
use super::wire::WireRequest;

/// Idle connections that one user keeps; the one that was idle longest goes first.
const CONNECTION_COUNT: usize = 16;

/// A virtual user's connections and cookies.
///
/// Empty, it is a few words; a connection adds its own size, a plan without cookie manager no
/// cookies.
#[derive(Debug, Default)]
pub struct HttpSession {
    /// Idle ones, the one used last at the end.
    #[expect(
        clippy::vec_box,
        reason = "a boxed connection keeps the future of a sample small"
    )]
    connections: Vec<Box<Connection>>,
    jars: Vec<CookieJar>,
}

impl HttpSession {
    /// Number of idle connections.
    #[must_use]
    pub fn idle_connections(&self) -> usize {
        self.connections.len()
    }

    pub(crate) fn start_iteration(&mut self, start: IterationStart) {
        if start.new_user {
            self.connections.clear();
        }
        for jar in &mut self.jars {
            jar.start_iteration(start.new_user);
        }
    }

    /// Takes out a connection that can carry `request` at the instant `now`.
    pub(crate) fn take_connection(
        &mut self,
        request: &WireRequest,
        now: RunTime,
    ) -> Option<Box<Connection>> {
        loop {
            let index = self
                .connections
                .iter()
                .rposition(|connection| connection.serves(request))?;
            let connection = self.connections.remove(index);
            if connection.expires_at.is_none_or(|end| now < end) {
                return Some(connection);
            }
        }
    }

    /// Keeps an idle connection, which the server closes after `idle_seconds` (0: unknown).
    pub(crate) fn keep_connection(
        &mut self,
        mut connection: Box<Connection>,
        idle_seconds: u16,
        now: RunTime,
    ) {
        if idle_seconds > 0 {
            let end = now + Duration::from_secs(u64::from(idle_seconds));
            connection.expires_at = Some(connection.expires_at.map_or(end, |at| at.min(end)));
        }
        if self.connections.len() == CONNECTION_COUNT {
            self.connections.remove(0);
        }
        self.connections.push(connection);
    }

    /// The user's jar under `manager`, if it keeps cookies and has been used before.
    pub(crate) fn jar(&mut self, manager: Option<&Arc<CookieManager>>) -> Option<&mut CookieJar> {
        let manager = manager.filter(|manager| !manager.ignore)?;
        self.jars.iter_mut().find(|jar| jar.belongs_to(manager))
    }

    /// The same, made for the user of `scope` if there is none.
    pub(crate) fn make_jar(
        &mut self,
        manager: Option<&Arc<CookieManager>>,
        scope: &mut Scope<'_>,
    ) -> Option<&mut CookieJar> {
        let manager = manager.filter(|manager| !manager.ignore)?;
        if !self.jars.iter().any(|jar| jar.belongs_to(manager)) {
            self.jars.push(CookieJar::new(Arc::clone(manager), scope));
        }
        self.jar(Some(manager))
    }
}
