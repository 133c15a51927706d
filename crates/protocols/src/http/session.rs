//! What one virtual user keeps between its samples.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use loadline_engine::{IterationStart, Scope};
use loadline_plan::CookieManager;
use loadline_plan::program::HttpProgram;
use loadline_units::RunTime;
use smallvec::SmallVec;
use tokio_rustls::TlsConnector;

use super::authorization::DigestChallenge;
use super::cache::UserCache;
use super::connection::{Connection, Line};
use super::cookies::CookieJar;
use super::dns::UserNames;
use super::http2::Http2Connection;
use super::route::Proxy;
use super::tls::TlsKey;
use super::url_text::Scheme;
use super::wire::WireRequest;

/// Idle connections that one user keeps; the one that was idle longest goes first.
const CONNECTION_COUNT: usize = 16;

/// Idle connections: a user has one as a rule, which needs no list of its own in memory.
type Idle<T> = SmallVec<[Box<T>; 1]>;

/// A virtual user's connections, cookies and cache.
///
/// Empty, it is a few words; a connection adds its own size, a plan without managers nothing else.
/// Requests of one user that are under way at the same time share it, each for moments.
#[derive(Debug, Default)]
pub struct HttpSession {
    /// Idle ones, the one used last at the end. Boxed, which keeps the future of a sample small.
    connections: RefCell<Idle<Connection>>,
    /// Made at the first use.
    belongings: RefCell<Option<Box<Belongings>>>,
}

/// What the managers of a plan keep for a user.
#[derive(Default)]
pub(crate) struct Belongings {
    shared: Rc<RefCell<Shared>>,
    caches: Vec<UserCache>,
    /// How proxies took the user's name so far, on the way to which servers.
    proxies: Vec<(ProxyWay, ProxyMemory)>,
    /// With the TLS sessions that the user may resume.
    tls: Vec<(TlsKey, TlsConnector)>,
    /// Idle connections of HTTP/2, the one used last at the end.
    http2: Idle<Http2Connection>,
}

impl std::fmt::Debug for Belongings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Belongings")
            .field("shared", &self.shared)
            .field("caches", &self.caches)
            .field("proxies", &self.proxies)
            .finish_non_exhaustive()
    }
}

impl Belongings {
    /// What `proxy` has asked for on the way to the server of `request`.
    pub(crate) fn proxy_memory(
        &mut self,
        request: &WireRequest,
        proxy: &Proxy,
    ) -> &mut ProxyMemory {
        let way = |known: &ProxyWay| {
            known.scheme == request.scheme
                && known.host == request.host
                && known.port == request.port
                && known.proxy == *proxy
        };
        let index = match self.proxies.iter().position(|(known, _)| way(known)) {
            Some(index) => index,
            None => {
                if self.proxies.len() >= PROXY_WAY_COUNT {
                    self.proxies.clear();
                }
                let way = ProxyWay {
                    scheme: request.scheme,
                    host: request.host.clone(),
                    port: request.port,
                    proxy: proxy.clone(),
                };
                self.proxies.push((way, ProxyMemory::Nothing));
                self.proxies.len() - 1
            }
        };
        &mut self.proxies[index].1
    }

    /// The connector of `key`, made at its first use.
    pub(crate) fn tls_connector(
        &mut self,
        key: TlsKey,
        make: &mut dyn FnMut() -> TlsConnector,
    ) -> TlsConnector {
        if let Some((_, connector)) = self.tls.iter().find(|known| known.0 == key) {
            return connector.clone();
        }
        let connector = make();
        self.tls.push((key, connector.clone()));
        connector
    }
}

/// What is the user's also where it does several things at the same time.
#[derive(Debug, Default)]
struct Shared {
    jars: Vec<CookieJar>,
    names: Vec<UserNames>,
}

/// Ways through proxies that a user remembers; beyond it, all are forgotten, and each proxy asks once more.
const PROXY_WAY_COUNT: usize = 64;

/// A way to a server through a proxy: JMeter has a client for each, which the proxy asks anew.
#[derive(Debug)]
struct ProxyWay {
    scheme: Scheme,
    host: String,
    port: u16,
    proxy: Proxy,
}

/// What a proxy has asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum ProxyMemory {
    /// Nothing yet.
    #[default]
    Nothing,
    /// User names in the clear.
    Basic,
    /// A Digest.
    Digest(DigestChallenge),
    /// The user's name, and refused it: it is not told again until an answer without it.
    Refused,
}

impl HttpSession {
    /// Number of idle connections.
    #[must_use]
    pub fn idle_connections(&self) -> usize {
        let http2 = self.belongings.borrow();
        let http2 = http2.as_ref().map_or(0, |own| own.http2.len());
        self.connections.borrow().len() + http2
    }

    /// One with the cookies and names of this one, and with connections and caches of its own.
    pub(crate) fn beside(&self) -> Self {
        let shared = self.with(|own| Rc::clone(&own.shared));
        let belongings = Belongings {
            shared,
            ..Belongings::default()
        };
        Self {
            connections: RefCell::default(),
            belongings: RefCell::new(Some(Box::new(belongings))),
        }
    }

    /// Closes the idle connections.
    pub(crate) fn close_connections(&self) {
        self.connections.borrow_mut().clear();
        if let Some(own) = self.belongings.borrow_mut().as_mut() {
            own.http2.clear();
        }
    }

    pub(crate) fn start_iteration(&self, start: IterationStart) {
        if start.new_user {
            self.close_connections();
        }
        let mut belongings = self.belongings.borrow_mut();
        let Some(belongings) = belongings.as_mut() else {
            return;
        };
        if start.new_user {
            belongings.tls.clear();
            belongings.proxies.clear();
        }
        for cache in &mut belongings.caches {
            cache.start_iteration(start.new_user);
        }
        let mut shared = belongings.shared.borrow_mut();
        for jar in &mut shared.jars {
            jar.start_iteration(start.new_user);
        }
        for names in &mut shared.names {
            names.start_iteration();
        }
    }

    /// Takes out a connection that can carry `request` at the instant `now`.
    pub(crate) fn take_connection(
        &self,
        request: &WireRequest,
        now: RunTime,
    ) -> Option<Box<Connection>> {
        let mut connections = self.connections.borrow_mut();
        take(
            &mut connections,
            |connection| &connection.line,
            request,
            now,
        )
    }

    /// The same of HTTP/2.
    pub(crate) fn take_http2(
        &self,
        request: &WireRequest,
        now: RunTime,
    ) -> Option<Box<Http2Connection>> {
        let mut belongings = self.belongings.borrow_mut();
        let connections = &mut belongings.as_mut()?.http2;
        take(connections, |connection| &connection.line, request, now)
    }

    /// Keeps an idle connection of HTTP/2.
    pub(crate) fn keep_http2(&self, connection: Box<Http2Connection>) {
        self.with(|own| keep(&mut own.http2, connection));
    }

    /// Keeps an idle connection, which the server closes after `idle_seconds` (0: unknown).
    pub(crate) fn keep_connection(
        &self,
        mut connection: Box<Connection>,
        idle_seconds: u16,
        now: RunTime,
    ) {
        if idle_seconds > 0 {
            let end = now + Duration::from_secs(u64::from(idle_seconds));
            let expires_at = &mut connection.line.expires_at;
            *expires_at = end.min(*expires_at);
        }
        keep(&mut self.connections.borrow_mut(), connection);
    }

    /// Makes what the managers of `program` keep, for the user of `scope`, where it is not yet made.
    pub(crate) fn prepare(&self, program: &HttpProgram, scope: &mut Scope<'_>) {
        if let Some(manager) = active(program.cookies.as_ref()) {
            self.with_shared(|own| {
                let mut jars = own.jars.iter_mut();
                match jars.find(|jar| jar.belongs_to(manager)) {
                    Some(jar) => jar.refresh(scope),
                    None => own.jars.push(CookieJar::new(Arc::clone(manager), scope)),
                }
            });
        }
        if let Some(manager) = &program.cache
            && !self.with(|own| own.caches.iter().any(|cache| cache.belongs_to(manager)))
        {
            let cache = UserCache::new(Arc::clone(manager), scope);
            self.with(|own| own.caches.push(cache));
        }
        if let Some(manager) = &program.dns
            && !self.with_names(|own| own.iter().any(|names| names.belongs_to(manager)))
        {
            let names = UserNames::new(Arc::clone(manager), scope);
            self.with_names(|own| own.push(names));
        }
    }

    /// Lets `act` at what the managers keep.
    pub(crate) fn with<R>(&self, act: impl FnOnce(&mut Belongings) -> R) -> R {
        let mut belongings = self.belongings.borrow_mut();
        act(belongings.get_or_insert_default())
    }

    /// Lets `act` at the names that were looked up.
    pub(crate) fn with_names<R>(&self, act: impl FnOnce(&mut Vec<UserNames>) -> R) -> R {
        self.with_shared(|shared| act(&mut shared.names))
    }

    fn with_shared<R>(&self, act: impl FnOnce(&mut Shared) -> R) -> R {
        self.with(|own| act(&mut own.shared.borrow_mut()))
    }

    /// Lets `act` at the jar and the cache of `program`, as far as they are made.
    pub(crate) fn with_managers<R>(
        &self,
        program: &HttpProgram,
        act: impl FnOnce(Option<&mut CookieJar>, Option<&mut UserCache>) -> R,
    ) -> R {
        if program.cookies.is_none() && program.cache.is_none() {
            return act(None, None);
        }
        let mut belongings = self.belongings.borrow_mut();
        let Some(own) = belongings.as_mut() else {
            return act(None, None);
        };
        let Belongings { shared, caches, .. } = &mut **own;
        let mut shared = shared.borrow_mut();
        let jar = active(program.cookies.as_ref())
            .and_then(|manager| shared.jars.iter_mut().find(|jar| jar.belongs_to(manager)));
        let cache = program.cache.as_ref().and_then(|manager| {
            let mut caches = caches.iter_mut();
            caches.find(|cache| cache.belongs_to(manager))
        });
        act(jar, cache)
    }
}

/// Takes the one of `connections` out that was used last and can carry `request` at the instant `now`.
fn take<T>(
    connections: &mut Idle<T>,
    line: impl Fn(&T) -> &Line,
    request: &WireRequest,
    now: RunTime,
) -> Option<Box<T>> {
    loop {
        let mut known = connections.iter();
        let index = known.rposition(|connection| line(connection).destination.serves(request))?;
        let connection = match index + 1 == connections.len() {
            // The rule: `remove` calls a function to move what is behind it, which is nothing.
            true => connections.pop()?,
            false => connections.remove(index),
        };
        if line(&connection).is_fresh(now) {
            return Some(connection);
        }
    }
}

/// Adds `connection`, in the place of the one that was idle longest if there are too many.
fn keep<T>(connections: &mut Idle<T>, connection: Box<T>) {
    if connections.len() == CONNECTION_COUNT {
        connections.remove(0);
    }
    connections.push(connection);
}

/// The manager, if it keeps cookies.
fn active(manager: Option<&Arc<CookieManager>>) -> Option<&Arc<CookieManager>> {
    manager.filter(|manager| !manager.ignore)
}
