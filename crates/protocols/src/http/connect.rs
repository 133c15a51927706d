//! Opens connections: name, TCP, proxy, TLS; a bounded number at a time, to allowed targets only.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use loadline_engine::{Position, SampleError};
use loadline_events::NetworkTimes;
use loadline_plan::HttpStreams;
use loadline_units::{Clock, RunTime};
use rustls::pki_types::ServerName;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_rustls::client::TlsStream;

use super::connection::{Connection, Destination, Line, OpenCount, Transport};
use super::dns::Lookup;
use super::exchange::GapTimer;
use super::failure;
use super::http2::{self, Http2Connection};
use super::key_store::KeyStore;
use super::name_server;
use super::options::{HttpError, HttpOptions};
use super::route::{Proxy, Route, Source};
use super::sampler::Visit;
use super::stream::Stream;
use super::target::TargetPolicy;
use super::tls::TlsSettings;
use super::tunnel;
use super::url_text::Scheme;
use super::wire::WireRequest;

/// How long an address is remembered: Java's default (`networkaddress.cache.ttl`).
const ADDRESS_LIFETIME: Duration = Duration::from_secs(30);

/// Names that are remembered at the same time; beyond it, all are forgotten.
const NAME_COUNT: usize = 1024;

/// Destinations that are kept once for all users; beyond it, all are forgotten, which costs memory only.
const DESTINATION_COUNT: usize = 64;

/// Opens the connections of one engine thread.
pub(crate) struct Connector {
    policy: TargetPolicy,
    gate: Arc<Semaphore>,
    tls: TlsSettings,
    lifetime: Option<Duration>,
    user_agent: String,
    /// The client's certificates, read at the first use.
    keys: OnceCell<Result<Option<KeyStore>, String>>,
    /// Which of a plan's name servers comes next.
    server_turn: Cell<usize>,
    names: RefCell<HashMap<Box<str>, Resolved>>,
    destinations: RefCell<Vec<Rc<Destination>>>,
    open: Rc<Cell<u32>>,
}

#[derive(Clone)]
struct Resolved {
    addresses: Rc<[IpAddr]>,
    until: RunTime,
}

/// What came of opening a connection.
pub(crate) struct Opening<T> {
    /// When it was this connection's turn.
    pub(crate) started: RunTime,
    /// How long its parts took, as far as it came.
    pub(crate) network: NetworkTimes,
    pub(crate) result: Result<Box<T>, Box<SampleError>>,
}

/// Where the time of opening a connection goes; told also when it fails or is given up.
#[derive(Default)]
struct Split(Cell<NetworkTimes>);

impl Split {
    /// Waits for `doing` and adds its time to the part.
    async fn time<T>(
        &self,
        part: fn(&mut NetworkTimes) -> &mut u32,
        clock: &dyn Clock,
        doing: impl Future<Output = T>,
    ) -> T {
        let timed = Timed {
            split: self,
            part,
            clock,
            from: clock.now(),
        };
        let done = doing.await;
        drop(timed);
        done
    }
}

/// A part that is under way. It ends also where its future is given up.
struct Timed<'a> {
    split: &'a Split,
    part: fn(&mut NetworkTimes) -> &mut u32,
    clock: &'a dyn Clock,
    from: RunTime,
}

impl Drop for Timed<'_> {
    fn drop(&mut self) {
        let mut times = self.split.0.get();
        let took = self.clock.now().micros_since(self.from);
        let part = (self.part)(&mut times);
        *part = part.saturating_add(took);
        self.split.0.set(times);
    }
}

impl Connector {
    /// # Errors
    ///
    /// As [`TlsSettings::new`].
    pub(crate) fn new(options: &HttpOptions) -> Result<Self, HttpError> {
        Ok(Self {
            policy: options.allowed.clone(),
            gate: Arc::new(Semaphore::new(options.connect_gate.max(1))),
            tls: TlsSettings::new(options.trusted_certificates.clone(), options.tls_sessions)?,
            lifetime: options.connection_lifetime,
            user_agent: options.user_agent.clone(),
            keys: OnceCell::new(),
            server_turn: Cell::new(0),
            names: RefCell::default(),
            destinations: RefCell::default(),
            open: Rc::default(),
        })
    }

    /// Connections that are open.
    pub(crate) fn open_count(&self) -> u32 {
        self.open.get()
    }

    /// Waits until one more connection may be opened; also for how many microseconds, 0 where that was at
    /// once. Apart from [`Connector::open`], whose future is large: thousands of users that start together
    /// wait here.
    pub(crate) async fn turn(&self, clock: &dyn Clock) -> (SemaphorePermit<'_>, u32) {
        if let Ok(turn) = self.gate.try_acquire() {
            return (turn, 0);
        }
        let came_at = clock.now();
        let turn = self.gate.acquire().await.expect("the gate is never closed");
        (turn, clock.now().micros_since(came_at))
    }

    /// Opens a connection for `request`, whose turn it is.
    pub(crate) async fn open(
        &self,
        request: &WireRequest,
        visit: Visit<'_>,
    ) -> Opening<Connection> {
        let started = visit.clock.now();
        let split = Split::default();
        let result = in_time(request, async {
            let (transport, open) = self.establish(request, visit, &split).await?;
            Ok(Box::new(Connection {
                transport,
                timer: GapTimer::default(),
                line: self.line(request, visit.clock),
                spare: None,
                position: Position::default(),
                _open: open,
            }))
        });
        let result = result.await;
        Opening {
            started,
            network: split.0.get(),
            result,
        }
    }

    /// The same for a request over HTTP/2.
    pub(crate) async fn open_http2(
        &self,
        request: &WireRequest,
        streams: HttpStreams,
        visit: Visit<'_>,
    ) -> Opening<Http2Connection> {
        let started = visit.clock.now();
        let split = Split::default();
        let result = in_time(request, async {
            let (transport, open) = self.establish(request, visit, &split).await?;
            if let Transport::Tls(stream) = &transport {
                http2::check_agreed(stream.get_ref().1.alpn_protocol(), request)?;
            }
            let line = self.line(request, visit.clock);
            let begun = http2::begin(transport, line, open, request, streams).await?;
            Ok(Box::new(begun))
        });
        let result = result.await;
        Opening {
            started,
            network: split.0.get(),
            result,
        }
    }

    fn line(&self, request: &WireRequest, clock: &dyn Clock) -> Line {
        Line {
            destination: self.destination(request),
            expires_at: (self.lifetime).map_or(RunTime::NEVER, |lifetime| clock.now() + lifetime),
        }
    }

    /// That of `request`, the same for all connections that lead there.
    fn destination(&self, request: &WireRequest) -> Rc<Destination> {
        let mut known = self.destinations.borrow_mut();
        if let Some(destination) = known.iter().find(|known| known.serves(request)) {
            return Rc::clone(destination);
        }
        if known.len() >= DESTINATION_COUNT {
            known.clear();
        }
        let destination = Rc::new(Destination::of(request));
        known.push(Rc::clone(&destination));
        destination
    }

    /// The bytes to and from the server of `request`.
    async fn establish(
        &self,
        request: &WireRequest,
        visit: Visit<'_>,
        split: &Split,
    ) -> Result<(Transport, OpenCount), SampleError> {
        let stream = self.reach(request, visit, split).await?;
        let open = OpenCount::new(&self.open);
        let transport = match request.scheme {
            Scheme::Http => Transport::Plain(stream),
            Scheme::Https => {
                // In a box, so that opening a plain connection stays small.
                Transport::Tls(Box::pin(self.shake_hands(request, stream, visit, split)).await?)
            }
        };
        Ok((transport, open))
    }

    /// Connects to the server of `request`, by the way that it goes.
    async fn reach(
        &self,
        request: &WireRequest,
        visit: Visit<'_>,
        split: &Split,
    ) -> Result<Stream, SampleError> {
        let route = request.route.as_deref();
        if let Some(file) = route.and_then(|route| route.unix_socket.as_deref()) {
            // It leads to this machine, which may always be loaded.
            let connecting = Stream::to_unix_socket(file);
            return split
                .time(|times| &mut times.tcp_us, visit.clock, connecting)
                .await
                .map_err(|error| failure::unix_socket(file, &error));
        }
        let stream = match route.and_then(|route| route.proxy.as_ref()) {
            None => {
                let place = (request.host.as_str(), request.port);
                self.dial(place, route, visit, split).await?
            }
            // In a box, so that opening a plain connection stays small.
            Some(proxy) => Box::pin(self.dial_through(proxy, request, visit, split)).await?,
        };
        // Without it a request in two writes would wait for the server's acknowledgement.
        stream
            .set_nodelay(true)
            .map_err(|error| failure::transfer(&error))?;
        Ok(Stream::Tcp(stream))
    }

    /// Connects to `proxy`, and through it to a server of `https`.
    async fn dial_through(
        &self,
        proxy: &Proxy,
        request: &WireRequest,
        visit: Visit<'_>,
        split: &Split,
    ) -> Result<TcpStream, SampleError> {
        let (host, port) = (&request.host, request.port);
        self.check_proxied(host, port, visit.clock, split).await?;
        let route = request.route.as_deref();
        let stream = self
            .dial((&proxy.host, proxy.port), route, visit, split)
            .await?;
        if request.scheme == Scheme::Http {
            return Ok(stream);
        }
        let agent = &self.user_agent;
        let mut opened = tunnel::open(stream, request, proxy, visit, agent).await?;
        if let tunnel::Opened::Again(kept) = opened {
            let stream = match kept {
                Some(stream) => stream,
                None => {
                    let place = (proxy.host.as_str(), proxy.port);
                    self.dial(place, route, visit, split).await?
                }
            };
            opened = tunnel::open(stream, request, proxy, visit, agent).await?;
        }
        match opened {
            tunnel::Opened::Through(stream) => Ok(stream),
            tunnel::Opened::Again(_) => {
                Err(failure::proxy("CONNECT refused by proxy: HTTP/1.1 407"))
            }
        }
    }

    /// Whether a server behind a proxy may be loaded: by its name, or by all the addresses that it
    /// has here. Only the proxy knows which one it takes.
    async fn check_proxied(
        &self,
        host: &str,
        port: u16,
        clock: &dyn Clock,
        split: &Split,
    ) -> Result<(), SampleError> {
        if self.policy.is_named(host) {
            return Ok(());
        }
        for &address in &*self.addresses(host, port, clock, split).await? {
            self.policy
                .check(host, address)
                .map_err(|refused| failure::target_refused(&refused))?;
        }
        Ok(())
    }

    async fn shake_hands(
        &self,
        request: &WireRequest,
        stream: Stream,
        visit: Visit<'_>,
        split: &Split,
    ) -> Result<Box<TlsStream<Stream>>, SampleError> {
        let keys = self.keys.get_or_init(|| {
            let store = visit.settings.key_store.as_ref();
            store
                .map(|(file, password)| KeyStore::open(file, password))
                .transpose()
        });
        let keys = keys
            .as_ref()
            .map_err(|message| failure::certificate(message))?;
        let route = request.route.as_ref();
        let choice = route.and_then(|route| route.certificate.as_ref());
        let certificate = match keys {
            None => None,
            Some(keys) => Some(
                keys.choose(choice)
                    .map_err(|message| failure::certificate(&message))?,
            ),
        };
        let is_http2 = request.http2.is_some();
        let connector = self
            .tls
            .connector((request.verify_tls, is_http2), certificate, |key, make| {
                visit.session.with(|own| own.tls_connector(key, make))
            })
            .map_err(|message| failure::tls(&message))?;
        let name = ServerName::try_from(request.host.clone())
            .map_err(|error| failure::tls(&format!("{}: {error}", request.host)))?;
        let handshake = connector.connect(name, stream);
        let handshake = split.time(|times| &mut times.tls_us, visit.clock, handshake);
        // The server's answers in a handshake are read like any other: the bound between two reads
        // holds for the whole of it, as it has no more than two.
        let result = match request.response_timeout {
            None => handshake.await,
            Some(bound) => tokio::time::timeout(bound, handshake)
                .await
                .map_err(|_| failure::read_timeout())?,
        };
        match result {
            Ok(stream) => Ok(Box::new(stream)),
            Err(error) if is_http2 && has_no_protocol_in_common(&error) => {
                Err(http2::not_agreed(request, None))
            }
            Err(error) => Err(failure::tls(&error.to_string())),
        }
    }

    /// Connects to the first address of `host` that is allowed and answers.
    async fn dial(
        &self,
        (host, port): (&str, u16),
        route: Option<&Route>,
        visit: Visit<'_>,
        split: &Split,
    ) -> Result<TcpStream, SampleError> {
        let source = match route.and_then(|route| route.source.as_ref()) {
            None => None,
            Some(Source::Address(address)) => Some(*address),
            Some(Source::Name(name)) => {
                let addresses = self.addresses(name, 0, visit.clock, split).await?;
                addresses.first().copied()
            }
        };
        let addresses = match route.and_then(|route| route.dns.as_ref()) {
            None => self.addresses(host, port, visit.clock, split).await?,
            Some(manager) => {
                let place = (host, port);
                self.own_addresses(place, manager, visit, split).await?
            }
        };
        let mut failed = None;
        for &address in &*addresses {
            if let Err(refused) = self.policy.check(host, address) {
                failed.get_or_insert_with(|| failure::target_refused(&refused));
                continue;
            }
            let connecting = connect(SocketAddr::new(address, port), source);
            let connecting = split.time(|times| &mut times.tcp_us, visit.clock, connecting);
            match connecting.await {
                Ok(stream) => return Ok(stream),
                Err(error) => failed = Some(failure::connect(host, port, address, &error)),
            }
        }
        Err(failed.unwrap_or_else(failure::no_address))
    }

    /// The addresses of `host` by the user's own DNS cache under `manager`.
    async fn own_addresses(
        &self,
        (host, port): (&str, u16),
        manager: &Arc<loadline_plan::program::DnsProgram>,
        visit: Visit<'_>,
        split: &Split,
    ) -> Result<Rc<[IpAddr]>, SampleError> {
        let lookup = visit.session.with_names(|own| {
            let names = own.iter().find(|names| names.belongs_to(manager));
            names.map(|names| names.look_up(host))
        });
        let (names, servers) = match lookup {
            None => return self.addresses(host, port, visit.clock, split).await,
            Some(Lookup::Known(addresses)) => return Ok(addresses),
            Some(Lookup::Ask { names, servers }) => (names, servers),
        };
        let mut found = Vec::new();
        for name in names {
            if let Ok(address) = name.parse() {
                found.push(address);
            } else if servers.is_empty() {
                found.extend(
                    self.addresses(&name, port, visit.clock, split)
                        .await?
                        .iter(),
                );
            } else {
                let turn = self.server_turn.get();
                self.server_turn.set(turn.wrapping_add(1));
                let asking = name_server::addresses(&name, &servers, turn);
                let asking = split.time(|times| &mut times.resolve_us, visit.clock, asking);
                found.extend(asking.await?);
            }
        }
        let found: Rc<[IpAddr]> = found.into();
        visit.session.with_names(|own| {
            let mut names = own.iter_mut();
            if let Some(names) = names.find(|names| names.belongs_to(manager)) {
                names.remember(host, &found);
            }
        });
        Ok(found)
    }

    async fn addresses(
        &self,
        host: &str,
        port: u16,
        clock: &dyn Clock,
        split: &Split,
    ) -> Result<Rc<[IpAddr]>, SampleError> {
        if let Ok(address) = host.parse::<IpAddr>() {
            return Ok(Rc::new([address]));
        }
        if let Some(resolved) = self.names.borrow().get(host)
            && clock.now() < resolved.until
        {
            return Ok(Rc::clone(&resolved.addresses));
        }
        let asking = tokio::net::lookup_host((host, port));
        let mut addresses: Vec<IpAddr> = split
            .time(|times| &mut times.resolve_us, clock, asking)
            .await
            .map_err(|error| failure::resolve(host, &error))?
            .map(|address| address.ip())
            .collect();
        addresses.dedup();
        let addresses: Rc<[IpAddr]> = addresses.into();
        let mut names = self.names.borrow_mut();
        if names.len() >= NAME_COUNT {
            names.clear();
        }
        names.insert(
            host.into(),
            Resolved {
                addresses: Rc::clone(&addresses),
                until: clock.now() + ADDRESS_LIFETIME,
            },
        );
        Ok(addresses)
    }
}

/// What comes of `opening`, within the time that `request` has to connect.
async fn in_time<T>(
    request: &WireRequest,
    opening: impl Future<Output = Result<T, SampleError>>,
) -> Result<T, Box<SampleError>> {
    let result = match request.connect_timeout {
        None => opening.await,
        Some(bound) => tokio::time::timeout(bound, opening)
            .await
            .unwrap_or_else(|_| Err(timed_out(request))),
    };
    result.map_err(Box::new)
}

/// Whether the server has refused the handshake since it has none of the protocols asked for.
fn has_no_protocol_in_common(error: &std::io::Error) -> bool {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref());
    let refused = rustls::Error::AlertReceived(rustls::AlertDescription::NoApplicationProtocol);
    cause == Some(&refused)
}

/// No connection for `request` in time.
fn timed_out(request: &WireRequest) -> SampleError {
    let route = request.route.as_deref();
    match route.and_then(|route| route.unix_socket.as_deref()) {
        Some(file) => failure::unix_socket_timeout(file),
        None => {
            let address = request.host.parse().ok();
            failure::connect_timeout(&request.host, request.port, address)
        }
    }
}

/// A TCP connection to `target`, from `source` if that is given.
async fn connect(target: SocketAddr, source: Option<IpAddr>) -> std::io::Result<TcpStream> {
    let Some(source) = source else {
        return TcpStream::connect(target).await;
    };
    let socket = if target.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.bind(SocketAddr::new(source, 0))?;
    socket.connect(target).await
}
