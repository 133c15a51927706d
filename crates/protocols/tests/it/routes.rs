//! Ways to a server that are not the shortest: proxies, source addresses, names of the plan's own.

use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use loadline_plan::program::{
    DnsProgram, HttpProgram, ProxyProgram, SourceKind, SourceProgram, Template,
};

use crate::server::{Server, answer};
use crate::user::{User, get, get_kept};

pub(crate) fn by_proxy(program: HttpProgram, proxy: &Server, user: &str) -> HttpProgram {
    HttpProgram {
        proxy: Some(Box::new(ProxyProgram {
            host: Template::literal("127.0.0.1"),
            port: Template::literal(&proxy.address.port().to_string()),
            user: Template::literal(user),
            password: Template::literal("s3cret"),
        })),
        ..program
    }
}

#[tokio::test]
async fn a_proxy_is_told_the_whole_url() {
    let proxy = Server::answering(|_| answer("200 OK", &[], b"from the proxy"));
    let mut user = User::new();
    let program = by_proxy(get_kept("http://127.0.0.1:9/a?b#c"), &proxy, "");
    let outcome = user.sample(&program).await;
    assert_eq!(outcome.response.body, b"from the proxy");
    let head = &proxy.received()[0].head;
    assert!(
        head.starts_with("GET http://127.0.0.1:9/a?b HTTP/1.1\r\n"),
        "{head}"
    );
    assert!(head.contains("Host: 127.0.0.1:9\r\nProxy-Connection: Keep-Alive\r\n"));
    user.sample(&program).await;
    assert_eq!(proxy.connections(), 1);
}

#[tokio::test]
async fn a_proxy_is_told_the_user_once_it_asks() {
    let proxy = Server::answering(|request| match request.header("proxy-authorization") {
        Some("Basic YW5uOnMzY3JldA==") => answer("200 OK", &[], b""),
        _ => answer("407 Who", &["Proxy-Authenticate: Basic realm=\"p\""], b""),
    });
    let mut user = User::new();
    let program = by_proxy(get("http://127.0.0.1:9/"), &proxy, "ann");
    for received in [2, 3] {
        assert_eq!(user.sample(&program).await.status, 200);
        assert_eq!(proxy.received().len(), received);
    }
}

#[tokio::test]
async fn a_proxy_that_refused_the_user_and_let_a_request_through_is_told_again() {
    let who = || answer("407 Who", &["Proxy-Authenticate: Basic realm=\"p\""], b"");
    let asked = AtomicUsize::new(0);
    let proxy = Server::answering(move |_| match asked.fetch_add(1, Ordering::SeqCst) {
        // The user is asked for and refused, then let through, then asked for once more.
        0 | 1 | 3 => who(),
        2 => answer("302 Found", &["Location: /b"], b""),
        _ => answer("200 OK", &[], b""),
    });
    let mut user = User::new();
    let program = HttpProgram {
        follow_redirects: true,
        ..by_proxy(get("http://127.0.0.1:9/"), &proxy, "ann")
    };
    assert_eq!(user.sample(&program).await.status, 407);
    assert_eq!(user.sample(&program).await.status, 200);
    let told: Vec<_> = (proxy.received().iter())
        .map(|request| request.header("proxy-authorization").is_some())
        .collect();
    assert_eq!(told, [false, true, false, false, true]);
}

#[tokio::test]
async fn the_way_to_a_tls_server_is_asked_for() {
    let proxy = Server::scripted(|mut peer| {
        let Some(request) = peer.receive() else {
            return;
        };
        let known = request.header("proxy-authorization").is_some();
        peer.send(if known {
            b"HTTP/1.1 403 No\r\n\r\n"
        } else {
            b"HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"p\"\r\n\r\n"
        });
    });
    let mut user = User::new();
    let program = by_proxy(get("https://127.0.0.1:9/"), &proxy, "ann");
    let error = user.sample(&program).await.error.unwrap();
    assert_eq!(&*error.message, "CONNECT refused by proxy: HTTP/1.1 403");
    let received = proxy.received();
    assert_eq!(received.len(), 2);
    assert_eq!(
        received[1].head,
        format!(
            "CONNECT 127.0.0.1:9 HTTP/1.1\r\nHost: 127.0.0.1:9\r\nUser-Agent: Loadline/{}\r\n\
             Proxy-Authorization: Basic YW5uOnMzY3JldA==\r\n\r\n",
            env!("CARGO_PKG_VERSION")
        )
    );
}

#[tokio::test]
async fn a_proxy_cannot_reach_what_may_not_be_loaded() {
    let proxy = Server::answering(|_| answer("200 OK", &[], b""));
    let mut user = User::new();
    let program = by_proxy(get("http://192.0.2.1/"), &proxy, "");
    let error = user.sample(&program).await.error.unwrap();
    assert!(
        error.message.contains("--i-may-load 192.0.2.1"),
        "{}",
        error.message
    );
    assert!(proxy.received().is_empty());
}

#[tokio::test]
async fn connections_come_from_the_source_address() {
    let server = Server::scripted(|mut peer| {
        while peer.receive().is_some() {
            let address = peer.client_address();
            peer.send(&answer("200 OK", &[], address.as_bytes()));
        }
    });
    let from = |address: &str, kind| HttpProgram {
        source: Some(Box::new(SourceProgram {
            address: Template::literal(address),
            kind,
        })),
        ..get_kept(&server.url("/"))
    };
    let mut user = User::new();
    for (address, kind, expected) in [
        ("127.0.0.7", SourceKind::Host, "127.0.0.7"),
        ("lo", SourceKind::DeviceV4, "127.0.0.1"),
        ("", SourceKind::Host, "127.0.0.1"),
    ] {
        let outcome = user.sample(&from(address, kind)).await;
        assert_eq!(outcome.error, None, "{address}");
        assert_eq!(outcome.response.body, expected.as_bytes(), "{address}");
    }
    assert_eq!(server.connections(), 3);
}

fn named(server: &Server, host: &str, servers: &[String], own: &[(&str, &str)]) -> HttpProgram {
    HttpProgram {
        dns: Some(Arc::new(DnsProgram {
            clear_each_iteration: true,
            servers: servers
                .iter()
                .map(|server| Template::literal(server))
                .collect(),
            hosts: own
                .iter()
                .map(|(name, address)| (Template::literal(name), Template::literal(address)))
                .collect(),
        })),
        ..get(&format!("http://{host}:{}/", server.address.port()))
    }
}

#[tokio::test]
async fn own_names_have_several_addresses_that_are_tried_in_turn() {
    let server = Server::answering(|_| answer("200 OK", &[], b""));
    let mut user = User::new();
    // Nothing listens at the first address.
    let own = [("shop.test", "127.0.0.9, 127.0.0.1")];
    let outcome = user.sample(&named(&server, "shop.test", &[], &own)).await;
    assert_eq!((outcome.status, &outcome.error), (200, &None));
    let host = format!("shop.test:{}", server.address.port());
    assert_eq!(server.received()[0].header("host"), Some(host.as_str()));
    let outcome = user
        .sample(&named(&server, "shop.test", &[], &[("shop.test", "")]))
        .await;
    let error = outcome.error.unwrap();
    assert_eq!(
        error.code,
        "Non HTTP response code: org.apache.http.ConnectionClosedException"
    );
}

/// A name server that knows `known.test` as 127.0.0.1, and how often it was asked.
fn name_server() -> (String, Arc<AtomicUsize>) {
    use simple_dns::rdata::{A, RData};
    use simple_dns::{CLASS, Packet, ResourceRecord};
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    std::thread::spawn(move || {
        let mut buffer = [0u8; 512];
        while let Ok((length, client)) = socket.recv_from(&mut buffer) {
            count.fetch_add(1, Ordering::SeqCst);
            let Ok(query) = Packet::parse(&buffer[..length]) else {
                continue;
            };
            let mut reply = Packet::new_reply(query.id());
            for question in &query.questions {
                if question.qname.to_string() == "known.test" {
                    let address = RData::A(A {
                        address: u32::from(std::net::Ipv4Addr::LOCALHOST),
                    });
                    let name = question.qname.clone();
                    reply
                        .answers
                        .push(ResourceRecord::new(name, CLASS::IN, 60, address));
                }
            }
            let bytes = reply.build_bytes_vec().unwrap();
            let _ = socket.send_to(&bytes, client);
        }
    });
    (address, asked)
}

#[tokio::test]
async fn own_name_servers_are_asked_once_until_the_cache_is_cleared() {
    let server = Server::answering(|_| answer("200 OK", &["Connection: close"], b""));
    let (address, asked) = name_server();
    let asked = || asked.load(Ordering::SeqCst);
    let mut user = User::new();
    let program = named(&server, "known.test", std::slice::from_ref(&address), &[]);
    for _ in 0..2 {
        assert_eq!(user.sample(&program).await.error, None);
        assert_eq!(asked(), 1);
    }
    user.start_iteration(1, false);
    assert_eq!(user.sample(&program).await.error, None);
    assert_eq!(asked(), 2);
    let unknown = named(&server, "unknown.test", &[address], &[]);
    let error = user.sample(&unknown).await.error.unwrap();
    assert_eq!(&*error.message, "Failed to resolve host name: unknown.test");
}

#[tokio::test]
async fn files_of_the_plans_folder_are_answers() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("page.html"), "<p>").unwrap();
    let mut user = User::with_options(loadline_protocols::HttpOptions {
        base_folder: Some(folder.path().to_owned()),
        ..loadline_protocols::HttpOptions::default()
    });
    let file = |path: &str| HttpProgram {
        protocol: Template::literal("file"),
        ..get_kept(path)
    };
    let outcome = user.sample(&file("page.html")).await;
    assert_eq!((outcome.status, &outcome.error), (200, &None));
    assert_eq!(outcome.response.body, b"<p>");
    assert_eq!(&*outcome.response.content_type, "text/html");
    let error = user.sample(&file("../x")).await.error.unwrap();
    assert_eq!(
        error.code,
        "Non HTTP response code: java.io.FileNotFoundException"
    );
}
