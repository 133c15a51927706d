//! Servers that are not there, say nothing, say nonsense or go away; targets that are refused.

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use loadline_engine::{Outcome, SampleError, Sampler};
use loadline_events::ErrorKind;
use loadline_plan::program::{HttpProgram, Part, Slot, Template};
use loadline_protocols::HttpOptions;

use crate::server::{Server, answer};
use crate::user::{User, get, get_kept};

#[track_caller]
fn check(outcome: &Outcome, kind: ErrorKind, class: &str, message: &str) {
    let error = outcome.error.as_ref().unwrap();
    let expected = SampleError {
        kind,
        code: format!("Non HTTP response code: {class}").into(),
        message: message.into(),
    };
    assert_eq!(**error, expected);
}

async fn sample(url: &str) -> Outcome {
    User::new().sample(&get(url)).await
}

#[tokio::test]
async fn a_refused_connection_is_a_connect_failure() {
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let outcome = sample(&format!("http://127.0.0.1:{port}/")).await;
    check(
        &outcome,
        ErrorKind::Connect,
        "org.apache.http.conn.HttpHostConnectException",
        &format!("Connect to 127.0.0.1:{port} [/127.0.0.1] failed: Connection refused"),
    );
    assert_eq!((outcome.status, outcome.connections_opened), (0, 0));
    assert_eq!((outcome.sent_bytes, outcome.received_bytes), (0, 0));
}

#[tokio::test]
async fn a_name_without_address_is_a_resolve_failure() {
    // A label longer than names may have: nobody needs to be asked.
    let name = format!("{}.test", "x".repeat(64));
    let outcome = sample(&format!("http://{name}/")).await;
    check(
        &outcome,
        ErrorKind::Resolve,
        "java.net.UnknownHostException",
        &format!("{name}: Name or service not known"),
    );
}

#[tokio::test]
async fn a_request_that_is_none_is_not_sent() {
    let mut user = User::new();
    let outcome = user.sample(&get_kept("http://h/a|b")).await;
    check(
        &outcome,
        ErrorKind::Request,
        "java.net.URISyntaxException",
        "Illegal character in path at index 10: http://h/a|b",
    );
    assert_eq!(&*outcome.response.url, "http://h/a|b");
}

#[tokio::test]
async fn a_request_that_is_none_shows_nothing_of_the_one_before() {
    let server = Server::answering(|_| answer("200 OK", &[], b"fine"));
    let mut user = User::new();
    // A path that varies: only such a request is rendered into memory that is used again.
    let mut program = get_kept(&server.url("/"));
    program.path.parts.push(Part::Variable(Slot(0)));
    user.variables.set(Slot(0), "a");
    assert_eq!(user.sample(&program).await.error, None);
    user.variables.set(Slot(0), "|");
    let outcome = user.sample(&program).await;
    assert_eq!(outcome.error.unwrap().kind, ErrorKind::Request);
    let response = outcome.response;
    assert_eq!(
        (&*response.method, &*response.url),
        ("GET", &*server.url("/|"))
    );
    assert_eq!(response.request_headers, b"");
    assert_eq!(response.request_body, b"");
}

#[tokio::test]
async fn targets_far_away_are_refused_before_any_connection() {
    let outcome = sample("http://192.0.2.1/").await;
    check(
        &outcome,
        ErrorKind::Request,
        "java.lang.SecurityException",
        "192.0.2.1 (192.0.2.1) is not a loopback or private address: \
         name it with --i-may-load 192.0.2.1",
    );
}

#[tokio::test]
async fn names_are_resolved_and_near_ones_allowed() {
    let server = Server::answering(|_| answer("200 OK", &[], b""));
    let outcome = sample(&format!("http://localhost:{}/", server.address.port())).await;
    assert_eq!(outcome.error, None);
    let host = server.received()[0].header("host").map(str::to_owned);
    assert_eq!(host, Some(format!("localhost:{}", server.address.port())));
}

#[tokio::test]
async fn the_sixth_version_of_loopback_is_spoken_to() {
    let Ok(server) = Server::on("[::1]:0", |mut peer| {
        peer.receive();
        peer.send(&answer("200 OK", &[], b""));
    }) else {
        // This machine has no IPv6.
        return;
    };
    let outcome = sample(&server.url("/")).await;
    assert_eq!(outcome.error, None);
    let host = server.received()[0].header("host").map(str::to_owned);
    assert_eq!(host, Some(server.address.to_string()));
}

#[tokio::test(start_paused = true)]
async fn silence_is_a_timeout_and_its_connection_is_closed() {
    let server = Server::scripted(|mut peer| peer.keep_silent());
    let mut user = User::new();
    let program = HttpProgram {
        response_timeout_ms: Template::literal("1500"),
        ..get(&server.url("/"))
    };
    let outcome = user.sample(&program).await;
    check(
        &outcome,
        ErrorKind::Timeout,
        "java.net.SocketTimeoutException",
        "Read timed out",
    );
    let service = outcome.ended - outcome.started;
    assert!(service >= Duration::from_millis(1500), "{service:?}");
    assert!(service < Duration::from_millis(1600), "{service:?}");
    assert_eq!(user.sampler.open_connections(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_options_bound_the_gap_where_the_plan_does_not() {
    let server = Server::scripted(|mut peer| {
        peer.receive();
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbegun");
        peer.receive();
    });
    let mut user = User::with_options(HttpOptions {
        default_response_timeout: Some(Duration::from_secs(60)),
        ..HttpOptions::default()
    });
    let outcome = user.sample(&get(&server.url("/"))).await;
    assert_eq!(outcome.error.unwrap().kind, ErrorKind::Timeout);
}

#[tokio::test]
async fn nonsense_is_a_protocol_failure() {
    for wire in [
        b"SSH-2.0-OpenSSH\r\n".as_slice(),
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    ] {
        let server = Server::scripted(move |mut peer| {
            peer.receive();
            peer.send(wire);
            peer.receive();
        });
        let mut user = User::new();
        let outcome = user.sample(&get(&server.url("/"))).await;
        assert_eq!(outcome.error.unwrap().kind, ErrorKind::Protocol);
        assert_eq!(user.sampler.open_connections(), 0);
    }
}

#[tokio::test]
async fn a_close_within_the_body_says_how_much_came() {
    let server = Server::scripted(|mut peer| {
        peer.receive();
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345");
    });
    let outcome = sample(&server.url("/")).await;
    check(
        &outcome,
        ErrorKind::Closed,
        "org.apache.http.ConnectionClosedException",
        "Premature end of Content-Length delimited message body (expected: 10; received: 5)",
    );
    assert_eq!(outcome.status, 200);
    assert!(outcome.received_bytes > 0);
}

#[tokio::test]
async fn a_reset_is_a_closed_connection() {
    // Closing with unread bytes makes the system send a reset.
    let server = Server::scripted(|peer| peer.close_with_reset());
    let outcome = sample(&server.url("/")).await;
    let error = outcome.error.unwrap();
    assert_eq!(error.kind, ErrorKind::Closed, "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_accepts_no_connection_is_a_connect_timeout() {
    // A full backlog drops further connection requests.
    let listener = socket_with_full_backlog();
    let port = listener.address.port();
    let program = HttpProgram {
        connect_timeout_ms: Template::literal("250"),
        ..get(&format!("http://127.0.0.1:{port}/"))
    };
    let mut user = User::new();
    let outcome = user.sample(&program).await;
    check(
        &outcome,
        ErrorKind::Timeout,
        "org.apache.http.conn.ConnectTimeoutException",
        &format!("Connect to 127.0.0.1:{port} [/127.0.0.1] failed: Connect timed out"),
    );
}

/// A server that takes no more connections.
pub(crate) struct FullBacklog {
    pub(crate) address: std::net::SocketAddr,
    _listener: TcpListener,
    _waiting: Vec<std::net::TcpStream>,
}

pub(crate) fn socket_with_full_backlog() -> FullBacklog {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    // The standard library's backlog is 128 on Linux, or what the system allows.
    while let Ok(stream) =
        std::net::TcpStream::connect_timeout(&address, Duration::from_millis(100))
    {
        waiting.push(stream);
        assert!(waiting.len() < 10_000, "the backlog has no end");
    }
    FullBacklog {
        address,
        _listener: listener,
        _waiting: waiting,
    }
}
