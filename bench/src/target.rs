//! The server that all generators load: one thread, prepared answers, and its own account of what it served.
//!
//! `/small`, `/item` and `/post` answer at once; `/slow` after a time that is fixed, so that what a generator reports can
//! be compared with what was the case. HTTP/2 has `/small` alone. `/-/count`, `/-/slow` and `/-/reset` are the account.

mod http2;

use std::cell::{Cell, RefCell};
use std::io::Write as _;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::LocalSet;
use tokio_rustls::TlsAcceptor;

/// Most bytes of one request, head and body.
const MOST_REQUEST: usize = 16 * 1024;
/// How long `/slow` takes, and every fiftieth of its answers: twice as many as lie above p99, which so is no matter of a few.
const SLOW: Duration = Duration::from_millis(5);
const SLOWEST: Duration = Duration::from_millis(50);

/// The body of `/small`.
const SMALL: &str = r#"{"status":"ok","version":"1.0","uptime_s":1234567}"#;

/// What was served since the last reset.
#[derive(Default)]
struct Account {
    served: Cell<u64>,
    slow_us: RefCell<Vec<u32>>,
}

/// Serves HTTP, HTTPS and HTTP/2 over TLS on ports of its choice, which it prints, until its standard input ends.
pub(crate) fn serve() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    LocalSet::new().block_on(&runtime, async {
        let account = Rc::new(Account::default());
        let mut ports = Vec::new();
        for spoken in [Spoken::Plain, Spoken::Tls, Spoken::Http2] {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            ports.push(listener.local_addr()?.port().to_string());
            let tls = match spoken {
                Spoken::Plain => None,
                Spoken::Tls => Some(acceptor(b"http/1.1")?),
                Spoken::Http2 => Some(acceptor(b"h2")?),
            };
            tokio::task::spawn_local(accept(listener, spoken, tls, Rc::clone(&account)));
        }
        writeln!(std::io::stdout(), "{}", ports.join(" "))?;
        let (ended, end) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
            let _ = ended.send(());
        });
        end.await.context("the reader of standard input is gone")
    })
}

/// What is spoken on a port.
#[derive(Clone, Copy, PartialEq)]
enum Spoken {
    Plain,
    Tls,
    Http2,
}

fn acceptor(protocol: &[u8]) -> Result<TlsAcceptor> {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into(), "127.0.0.1".into()])?;
    let key =
        PrivateKeyDer::try_from(made.signing_key.serialize_der()).map_err(anyhow::Error::msg)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)?;
    config.alpn_protocols = vec![protocol.to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

async fn accept(
    listener: TcpListener,
    spoken: Spoken,
    tls: Option<TlsAcceptor>,
    account: Rc<Account>,
) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of descriptors: connections that end free some.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let account = Rc::clone(&account);
        match tls.clone() {
            None => {
                tokio::task::spawn_local(async move { drop(converse(stream, &account).await) });
            }
            Some(tls) => {
                tokio::task::spawn_local(async move {
                    match tls.accept(stream).await {
                        Ok(stream) if spoken == Spoken::Http2 => {
                            drop(http2::converse(stream, &account).await);
                        }
                        Ok(stream) => drop(converse(stream, &account).await),
                        Err(_) => {}
                    }
                });
            }
        }
    }
}

/// What a request asks for.
struct Request {
    route: Route,
    /// Bytes of head and body together.
    length: usize,
    closes: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Route {
    Small,
    Item,
    Post,
    Slow,
    Count,
    SlowTimes,
    Reset,
    Unknown,
}

async fn converse(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    account: &Account,
) -> std::io::Result<()> {
    let answers = Answers::new();
    let mut buffer = Vec::with_capacity(2048);
    loop {
        let request = loop {
            match parse(&buffer) {
                Some(request) if buffer.len() >= request.length => break request,
                _ if buffer.len() > MOST_REQUEST => return Ok(()),
                _ => {}
            }
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
        };
        let began = Instant::now();
        buffer.drain(..request.length);
        match request.route {
            Route::Count => {
                stream
                    .write_all(&answer(200, &account.served.get().to_string()))
                    .await?
            }
            Route::SlowTimes => stream.write_all(&answer(200, &account.quantiles())).await?,
            Route::Reset => {
                account.served.set(0);
                account.slow_us.borrow_mut().clear();
                stream.write_all(&answer(200, "ok")).await?;
            }
            Route::Unknown => stream.write_all(&answer(404, "no such path")).await?,
            Route::Slow => {
                let number = account.served.get() + 1;
                account.served.set(number);
                tokio::time::sleep(if number.is_multiple_of(50) {
                    SLOWEST
                } else {
                    SLOW
                })
                .await;
                stream.write_all(&answers.small).await?;
                let took = u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX);
                account.slow_us.borrow_mut().push(took);
            }
            Route::Small | Route::Item | Route::Post => {
                account.served.set(account.served.get() + 1);
                stream.write_all(answers.of(request.route)).await?;
            }
        }
        if request.closes {
            return stream.shutdown().await;
        }
    }
}

fn parse(bytes: &[u8]) -> Option<Request> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(head) = request.parse(bytes).ok()? else {
        return None;
    };
    let (mut body, mut closes) = (0, request.version == Some(0));
    for header in &*request.headers {
        if header.name.eq_ignore_ascii_case("content-length") {
            body = std::str::from_utf8(header.value)
                .ok()?
                .trim()
                .parse()
                .ok()?;
        } else if header.name.eq_ignore_ascii_case("connection") {
            closes = header.value.eq_ignore_ascii_case(b"close");
        }
    }
    let path = request.path?;
    let route = match path.split('?').next()? {
        "/small" => Route::Small,
        "/item" => Route::Item,
        "/post" => Route::Post,
        "/slow" => Route::Slow,
        "/-/count" => Route::Count,
        "/-/slow" => Route::SlowTimes,
        "/-/reset" => Route::Reset,
        _ => Route::Unknown,
    };
    Some(Request {
        route,
        length: head + body,
        closes,
    })
}

impl Account {
    /// p50, p90 and p99 of `/slow` in microseconds.
    fn quantiles(&self) -> String {
        let mut times = self.slow_us.borrow().clone();
        times.sort_unstable();
        let at = |share: f64| {
            let rank = (share * times.len() as f64).ceil() as usize;
            times.get(rank.saturating_sub(1)).copied().unwrap_or(0)
        };
        format!("{} {} {}", at(0.5), at(0.9), at(0.99))
    }
}

/// The answers, head and body in one.
struct Answers {
    small: Vec<u8>,
    item: Vec<u8>,
    post: Vec<u8>,
}

impl Answers {
    fn new() -> Self {
        let fields: Vec<String> = (0..20)
            .map(|number| {
                format!(
                    r#""field_{number:02}":"{}""#,
                    "lorem ipsum dolor sit amet, consectetur adipiscing elit sed do"
                )
            })
            .collect();
        let item = format!(
            r#"{{"id":17,"token":"d41d8cd98f00b204","state":"ready",{}}}"#,
            fields.join(",")
        );
        Self {
            small: answer(200, SMALL),
            item: answer(200, &item),
            post: answer(201, r#"{"id":4711,"status":"created"}"#),
        }
    }

    fn of(&self, route: Route) -> &[u8] {
        match route {
            Route::Item => &self.item,
            Route::Post => &self.post,
            _ => &self.small,
        }
    }
}

fn answer(status: u16, body: &str) -> Vec<u8> {
    let reason = match status {
        200 => "OK",
        201 => "Created",
        _ => "Not Found",
    };
    let length = body.len();
    format!(
        "HTTP/1.1 {status} {reason}\r\nContent-Type: application/json\r\nServer: bench\r\n\
         Date: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}
