//! A server of HTTP/2: the library's own server side, on a thread and a runtime of its own.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, RecvStream};
use http::{HeaderMap, Request, Response};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Number of its connection, from 0.
    pub(crate) connection: usize,
    pub(crate) line: String,
    pub(crate) authority: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// What becomes of a request.
pub(crate) enum Reply {
    /// An answer.
    Answer(Response<()>, Vec<u8>),
    /// The same, and the server says goodbye to the connection.
    LastAnswer(Response<()>, Vec<u8>),
    /// The same once so many requests are there at the same time.
    Together(usize, Response<()>, Vec<u8>),
    /// An answer whose body ends early, with its stream.
    Short(Response<()>, Vec<u8>),
    /// The stream is reset.
    Reset(Reason),
    /// The stream is reset behind the head and the beginning of a body.
    ResetWithin(Response<()>, Vec<u8>, Reason),
    /// The connection is closed.
    Close,
    /// Nothing.
    Silence,
}

/// What the server takes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Limits {
    pub(crate) streams: Option<u32>,
    pub(crate) window: Option<u32>,
}

/// A server on a free port of 127.0.0.1; it lives as long as the test process.
pub(crate) struct Http2Server {
    pub(crate) address: SocketAddr,
    pub(crate) certificate: Option<CertificateDer<'static>>,
    state: Arc<State>,
}

type Script = dyn Fn(&Seen) -> Reply + Send + Sync;

struct State {
    limits: Limits,
    script: Box<Script>,
    connections: AtomicUsize,
    active: AtomicUsize,
    most_active: AtomicUsize,
    changed: Notify,
    seen: Mutex<Vec<Seen>>,
}

impl Http2Server {
    /// A server in the clear.
    pub(crate) fn new(
        limits: Limits,
        script: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::begin(limits, None, Box::new(script))
    }

    /// A server over TLS that agrees on the protocols `names`.
    pub(crate) fn over_tls(
        names: &[&str],
        script: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let certificate = key.cert.der().clone();
        let private_key = PrivateKeyDer::try_from(key.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], private_key)
            .unwrap();
        config.alpn_protocols = names.iter().map(|name| name.as_bytes().to_vec()).collect();
        Self::begin(
            Limits::default(),
            Some((config, certificate)),
            Box::new(script),
        )
    }

    fn begin(
        limits: Limits,
        tls: Option<(ServerConfig, CertificateDer<'static>)>,
        script: Box<Script>,
    ) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let (config, certificate) = tls.unzip();
        let server = Self {
            address: listener.local_addr().unwrap(),
            certificate,
            state: Arc::new(State {
                limits,
                script,
                connections: AtomicUsize::new(0),
                active: AtomicUsize::new(0),
                most_active: AtomicUsize::new(0),
                changed: Notify::new(),
                seen: Mutex::default(),
            }),
        };
        let acceptor = config.map(|config| TlsAcceptor::from(Arc::new(config)));
        let state = Arc::clone(&server.state);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                while let Ok((stream, _)) = listener.accept().await {
                    let number = state.connections.fetch_add(1, Ordering::SeqCst);
                    let state = Arc::clone(&state);
                    let acceptor = acceptor.clone();
                    tokio::spawn(async move {
                        match acceptor {
                            None => serve(stream, number, state).await,
                            Some(acceptor) => {
                                if let Ok(stream) = acceptor.accept(stream).await {
                                    serve(stream, number, state).await;
                                }
                            }
                        }
                    });
                }
            });
        });
        server
    }

    /// The URL of `path` on this server.
    pub(crate) fn url(&self, path: &str) -> String {
        match self.certificate {
            None => format!("http://{}{path}", self.address),
            Some(_) => format!("https://localhost:{}{path}", self.address.port()),
        }
    }

    /// Connections accepted so far.
    pub(crate) fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// The most requests that were there at the same time.
    pub(crate) fn most_active(&self) -> usize {
        self.state.most_active.load(Ordering::SeqCst)
    }

    /// Requests received so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.state.seen.lock().unwrap().clone()
    }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    number: usize,
    state: Arc<State>,
) {
    let mut builder = h2::server::Builder::new();
    if let Some(streams) = state.limits.streams {
        builder.max_concurrent_streams(streams);
    }
    if let Some(window) = state.limits.window {
        builder.initial_window_size(window);
    }
    let Ok(mut connection) = builder.handshake::<_, Bytes>(stream).await else {
        return;
    };
    let close = Arc::new(Notify::new());
    let goodbye = Arc::new(Notify::new());
    loop {
        tokio::select! {
            biased;
            () = close.notified() => return,
            () = goodbye.notified() => connection.graceful_shutdown(),
            next = connection.accept() => {
                let Some(Ok((request, respond))) = next else { return };
                let active = state.active.fetch_add(1, Ordering::SeqCst) + 1;
                state.most_active.fetch_max(active, Ordering::SeqCst);
                let state = Arc::clone(&state);
                let (close, goodbye) = (Arc::clone(&close), Arc::clone(&goodbye));
                tokio::spawn(async move {
                    reply(request, respond, number, &state, &close, &goodbye).await;
                    state.active.fetch_sub(1, Ordering::SeqCst);
                });
            }
        }
    }
}

async fn reply(
    request: Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
    connection: usize,
    state: &State,
    close: &Notify,
    goodbye: &Notify,
) {
    let (head, mut body) = request.into_parts();
    let mut seen = Seen {
        connection,
        line: format!("{} {}", head.method, head.uri.path_and_query().unwrap()),
        authority: head
            .uri
            .authority()
            .map(ToString::to_string)
            .unwrap_or_default(),
        headers: head.headers,
        body: Vec::new(),
    };
    while let Some(Ok(data)) = body.data().await {
        seen.body.extend_from_slice(&data);
        let _ = body.flow_control().release_capacity(data.len());
    }
    let reply = (state.script)(&seen);
    state.seen.lock().unwrap().push(seen);
    state.changed.notify_waiters();
    match reply {
        Reply::Answer(response, body) => send(&mut respond, response, body, true),
        Reply::LastAnswer(response, body) => {
            goodbye.notify_one();
            send(&mut respond, response, body, true);
        }
        Reply::Together(count, response, body) => {
            loop {
                let changed = state.changed.notified();
                let mut changed = std::pin::pin!(changed);
                changed.as_mut().enable();
                if state.most_active.load(Ordering::SeqCst) >= count {
                    break;
                }
                changed.await;
            }
            state.changed.notify_waiters();
            send(&mut respond, response, body, true);
        }
        Reply::Short(response, body) => send(&mut respond, response, body, true),
        Reply::Reset(reason) => respond.send_reset(reason),
        Reply::ResetWithin(response, body, reason) => {
            let mut stream = respond.send_response(response, false).unwrap();
            stream.send_data(Bytes::from(body), false).unwrap();
            // The frames before it go out first.
            tokio::task::yield_now().await;
            stream.send_reset(reason);
        }
        Reply::Close => close.notify_one(),
        Reply::Silence => {
            let never: std::future::Pending<()> = std::future::pending();
            never.await;
        }
    }
}

fn send(respond: &mut SendResponse<Bytes>, response: Response<()>, body: Vec<u8>, ends: bool) {
    let is_empty = body.is_empty();
    // A client that went away is no failure of the server.
    if let Ok(mut stream) = respond.send_response(response, is_empty)
        && !is_empty
    {
        let _ = stream.send_data(Bytes::from(body), ends);
    }
}

/// A head with `status` and header lines.
pub(crate) fn response(status: u16, headers: &[(&str, &str)]) -> Response<()> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(()).unwrap()
}
