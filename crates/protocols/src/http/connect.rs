//! Opens connections: name, TCP, TLS; a bounded number at a time, to allowed targets only.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use loadline_engine::SampleError;
use loadline_units::{Clock, RunTime};
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use super::connection::{Connection, OpenCount, Transport};
use super::exchange::GapTimer;
use super::failure;
use super::options::{HttpError, HttpOptions};
use super::target::TargetPolicy;
use super::tls::TlsSettings;
use super::url_text::Scheme;
use super::wire::WireRequest;

/// How long an address is remembered: Java's default (`networkaddress.cache.ttl`).
const ADDRESS_LIFETIME: Duration = Duration::from_secs(30);

/// Names that are remembered at the same time; beyond it, all are forgotten.
const NAME_COUNT: usize = 1024;

/// Opens the connections of one engine thread.
pub(crate) struct Connector {
    policy: TargetPolicy,
    gate: Arc<Semaphore>,
    tls: TlsSettings,
    lifetime: Option<Duration>,
    names: RefCell<HashMap<Box<str>, Resolved>>,
    open: Rc<Cell<u32>>,
}

#[derive(Clone)]
struct Resolved {
    addresses: Rc<[IpAddr]>,
    until: RunTime,
}

/// What came of opening a connection.
pub(crate) struct Opening {
    /// When it was this connection's turn.
    pub(crate) started: RunTime,
    pub(crate) result: Result<Box<Connection>, Box<SampleError>>,
}

impl Connector {
    /// # Errors
    ///
    /// As [`TlsSettings::new`].
    pub(crate) fn new(options: &HttpOptions) -> Result<Self, HttpError> {
        Ok(Self {
            policy: options.allowed.clone(),
            gate: Arc::new(Semaphore::new(options.connect_gate.max(1))),
            tls: TlsSettings::new(options.trusted_certificates.clone())?,
            lifetime: options.connection_lifetime,
            names: RefCell::default(),
            open: Rc::default(),
        })
    }

    /// Connections that are open.
    pub(crate) fn open_count(&self) -> u32 {
        self.open.get()
    }

    /// Opens a connection for `request` once it is its turn.
    pub(crate) async fn open(&self, request: &WireRequest, clock: &dyn Clock) -> Opening {
        let _turn = self.gate.acquire().await.expect("the gate is never closed");
        let started = clock.now();
        let opening = self.establish(request, clock);
        let result = match request.connect_timeout {
            None => opening.await,
            Some(bound) => tokio::time::timeout(bound, opening)
                .await
                .unwrap_or_else(|_| {
                    let address = request.host.parse().ok();
                    Err(failure::connect_timeout(
                        &request.host,
                        request.port,
                        address,
                    ))
                }),
        };
        Opening {
            started,
            result: result.map_err(Box::new),
        }
    }

    async fn establish(
        &self,
        request: &WireRequest,
        clock: &dyn Clock,
    ) -> Result<Box<Connection>, SampleError> {
        let stream = self.dial(&request.host, request.port, clock).await?;
        let open = OpenCount::new(&self.open);
        // Without it a request in two writes would wait for the server's acknowledgement.
        stream
            .set_nodelay(true)
            .map_err(|error| failure::transfer(&error))?;
        let transport = match request.scheme {
            Scheme::Http => Transport::Plain(stream),
            Scheme::Https => Transport::Tls(self.shake_hands(request, stream).await?),
        };
        Ok(Box::new(Connection {
            transport,
            timer: GapTimer::default(),
            scheme: request.scheme,
            host: request.host.as_str().into(),
            port: request.port,
            verify_tls: request.verify_tls,
            expires_at: self.lifetime.map(|lifetime| clock.now() + lifetime),
            _open: open,
        }))
    }

    async fn shake_hands(
        &self,
        request: &WireRequest,
        stream: TcpStream,
    ) -> Result<Box<tokio_rustls::client::TlsStream<TcpStream>>, SampleError> {
        let connector = self
            .tls
            .connector(request.verify_tls)
            .map_err(|message| failure::tls(&message))?;
        let name = ServerName::try_from(request.host.clone())
            .map_err(|error| failure::tls(&format!("{}: {error}", request.host)))?;
        let handshake = connector.connect(name, stream);
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
            Err(error) => Err(failure::tls(&error.to_string())),
        }
    }

    /// Connects to the first address of `host` that is allowed and answers.
    async fn dial(
        &self,
        host: &str,
        port: u16,
        clock: &dyn Clock,
    ) -> Result<TcpStream, SampleError> {
        let mut failed = None;
        for &address in &*self.addresses(host, port, clock).await? {
            if let Err(refused) = self.policy.check(host, address) {
                failed.get_or_insert_with(|| failure::target_refused(&refused));
                continue;
            }
            match TcpStream::connect(SocketAddr::new(address, port)).await {
                Ok(stream) => return Ok(stream),
                Err(error) => failed = Some(failure::connect(host, port, address, &error)),
            }
        }
        Err(failed.unwrap_or_else(|| failure::unknown_host(host)))
    }

    async fn addresses(
        &self,
        host: &str,
        port: u16,
        clock: &dyn Clock,
    ) -> Result<Rc<[IpAddr]>, SampleError> {
        if let Ok(address) = host.parse::<IpAddr>() {
            return Ok(Rc::new([address]));
        }
        if let Some(resolved) = self.names.borrow().get(host)
            && clock.now() < resolved.until
        {
            return Ok(Rc::clone(&resolved.addresses));
        }
        let mut addresses: Vec<IpAddr> = tokio::net::lookup_host((host, port))
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
