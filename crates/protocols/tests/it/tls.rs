//! Requests over TLS.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use loadline_engine::{Sampler, TlsSessions};
use loadline_events::ErrorKind;
use loadline_plan::program::{HttpProgram, Template};
use loadline_protocols::HttpOptions;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::routes::by_proxy;
use crate::server::{Server, answer};
use crate::user::{User, get, get_kept};

struct TlsServer {
    address: SocketAddr,
    certificate: CertificateDer<'static>,
    resumed: Arc<AtomicUsize>,
}

/// A server with a certificate of its own for `localhost`; answers `requests` requests on each
/// connection, with the name that the client asked for as body.
fn tls_server(requests: usize) -> TlsServer {
    let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = key.cert.der().clone();
    let private_key = PrivateKeyDer::try_from(key.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], private_key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = TlsServer {
        address: listener.local_addr().unwrap(),
        certificate,
        resumed: Arc::default(),
    };
    let resumed = Arc::clone(&server.resumed);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream);
            for _ in 0..requests {
                let mut request = Vec::new();
                let mut byte = [0u8; 1];
                while !request.ends_with(b"\r\n\r\n") {
                    match stream.read(&mut byte) {
                        Ok(1) => request.push(byte[0]),
                        _ => break,
                    }
                }
                if request.is_empty() {
                    break;
                }
                if stream.conn.handshake_kind() == Some(rustls::HandshakeKind::Resumed) {
                    resumed.fetch_add(1, Ordering::SeqCst);
                }
                let name = stream.conn.server_name().unwrap_or("none").to_owned();
                let _ = stream.write_all(&answer("200 OK", &[], name.as_bytes()));
            }
        }
    });
    server
}

fn verified(url: &str) -> HttpProgram {
    HttpProgram {
        verify_tls: true,
        ..get(url)
    }
}

#[tokio::test]
async fn any_certificate_will_do_without_verification() {
    let server = tls_server(usize::MAX);
    let mut user = User::new();
    let program = get_kept(&format!("https://localhost:{}/", server.address.port()));
    let first = user.sample(&program).await;
    assert_eq!(first.error, None);
    assert_eq!(first.response.body, b"localhost");
    let parts = first.network;
    assert!(parts.tls_us > 0, "{parts:?}");
    let sum = parts.resolve_us + parts.tcp_us + parts.tls_us;
    // Each part may be cut by up to a microsecond where it begins and ends.
    assert!(
        sum <= first.connect_us + 3,
        "{parts:?} in {}",
        first.connect_us
    );
    assert!(first.connect_us > 0);
    let before = user.sampler.io_counts();
    for _ in 0..10 {
        let next = user.sample(&program).await;
        assert_eq!(next.error, None);
        assert_eq!((next.connections_opened, next.connect_us), (0, 0));
    }
    let after = user.sampler.io_counts();
    assert_eq!(after.writes - before.writes, 10);
    assert_eq!(after.reads - before.reads, 10);
}

#[tokio::test]
async fn a_proxy_carries_tls_that_it_cannot_read() {
    let server = tls_server(usize::MAX);
    let address = server.address;
    let proxy = Server::scripted(move |mut peer| {
        while let Some(request) = peer.receive() {
            if request.header("proxy-authorization").is_none() {
                peer.send(&answer(
                    "407 Who",
                    &["Proxy-Authenticate: Basic realm=\"p\""],
                    b"",
                ));
                continue;
            }
            peer.send(b"HTTP/1.1 200 Connection established\r\n\r\n");
            peer.carry_to(address);
        }
    });
    let mut user = User::new();
    let url = format!("https://localhost:{}/a?b", address.port());
    let program = by_proxy(get_kept(&url), &proxy, "ann");
    for opened in [1, 0, 0] {
        let outcome = user.sample(&program).await;
        assert_eq!((outcome.status, &outcome.error), (200, &None));
        // The server was greeted by its own name.
        assert_eq!(outcome.response.body, b"localhost");
        assert_eq!(outcome.connections_opened, opened);
    }
    // The proxy saw the way that was asked for, twice, and no request.
    let target = format!("CONNECT localhost:{}", address.port());
    let lines: Vec<_> = (proxy.received().iter())
        .map(|request| request.line().to_owned())
        .collect();
    assert_eq!(lines, [target.as_str(), &target]);
    // The server has one connection at a time.
    drop(user);
    // Another user opens a way of its own, over which the certificate is verified.
    let mut user = User::new();
    let program = by_proxy(verified(&url), &proxy, "ann");
    let error = user.sample(&program).await.error.unwrap();
    assert_eq!(error.kind, ErrorKind::Tls);
}

/// How many of three connections each of two users of one thread are resumed.
async fn resumed(tls_sessions: TlsSessions) -> usize {
    let server = tls_server(1);
    let mut user = User::with_options(HttpOptions {
        tls_sessions,
        ..HttpOptions::default()
    });
    let program = get(&format!("https://localhost:{}/", server.address.port()));
    for iteration in 1..3 {
        user.start_iteration(iteration, true);
        for _ in 0..3 {
            let outcome = user.sample(&program).await;
            assert_eq!(outcome.error, None);
            assert_eq!(outcome.connections_opened, 1);
        }
    }
    server.resumed.load(Ordering::SeqCst)
}

#[tokio::test]
async fn a_user_resumes_its_own_sessions_and_nobody_elses() {
    assert_eq!(resumed(TlsSessions::User).await, 4);
    assert_eq!(resumed(TlsSessions::Shared).await, 5);
    assert_eq!(resumed(TlsSessions::None).await, 0);
}

#[tokio::test]
async fn verification_refuses_unknown_certificates_and_takes_trusted_ones() {
    let server = tls_server(usize::MAX);
    let url = format!("https://localhost:{}/", server.address.port());
    let outcome = User::new().sample(&verified(&url)).await;
    let error = outcome.error.unwrap();
    assert_eq!(error.kind, ErrorKind::Tls);
    assert_eq!(
        error.code,
        "Non HTTP response code: javax.net.ssl.SSLHandshakeException"
    );
    let trusting = || HttpOptions {
        trusted_certificates: vec![server.certificate.to_vec()],
        ..HttpOptions::default()
    };
    let outcome = User::with_options(trusting()).sample(&verified(&url)).await;
    assert_eq!(outcome.error, None);
    let other_name = format!("https://127.0.0.1:{}/", server.address.port());
    let outcome = User::with_options(trusting())
        .sample(&verified(&other_name))
        .await;
    assert_eq!(outcome.error.unwrap().kind, ErrorKind::Tls);
}

#[tokio::test]
async fn a_server_without_tls_is_a_tls_failure() {
    let server = Server::scripted(|mut peer| peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n"));
    let url = format!("https://127.0.0.1:{}/", server.address.port());
    let outcome = User::new().sample(&get(&url)).await;
    assert_eq!(outcome.error.unwrap().kind, ErrorKind::Tls);
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_nobody_answers_is_a_timeout() {
    let server = Server::scripted(|mut peer| peer.keep_silent());
    let program = HttpProgram {
        response_timeout_ms: Template::literal("1000"),
        ..get(&format!("https://127.0.0.1:{}/", server.address.port()))
    };
    let mut user = User::new();
    let outcome = user.sample(&program).await;
    assert_eq!(outcome.error.unwrap().kind, ErrorKind::Timeout);
    assert_eq!(user.sampler.open_connections(), 0);
}
