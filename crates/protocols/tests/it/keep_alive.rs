//! One connection for many requests: how it is used, kept, given up and replaced.

use std::time::Duration;

use loadline_engine::Sampler;
use loadline_events::ErrorKind;
use loadline_plan::program::{HttpProgram, Identity, Template};
use loadline_protocols::HttpOptions;

use crate::server::{Server, answer};
use crate::user::{User, get, get_kept, post};

#[tokio::test]
async fn requests_share_one_connection_with_one_write_and_one_read_each() {
    let server = Server::answering(|_| answer("200 OK", &[], b"hello"));
    let mut user = User::new();
    let program = get(&server.url("/posts/"));
    let first = user.sample(&program).await;
    assert_eq!(first.error, None);
    assert_eq!(first.status, 200);
    assert_eq!(first.connections_opened, 1);
    let before = user.sampler.io_counts();
    for _ in 0..50 {
        let outcome = user.sample(&program).await;
        assert_eq!(outcome.error, None);
        assert_eq!(outcome.connections_opened, 0);
        assert_eq!(outcome.connect_us, 0);
        assert_eq!(outcome.received_bytes, 43);
        assert_eq!(outcome.sent_bytes, first.sent_bytes);
        assert!(outcome.started <= outcome.ended);
    }
    let after = user.sampler.io_counts();
    assert_eq!(after.writes - before.writes, 50);
    assert_eq!(after.reads - before.reads, 50);
    assert_eq!(server.connections(), 1);
    assert_eq!(user.sampler.open_connections(), 1);
}

#[tokio::test]
async fn what_is_kept_is_what_was_sent_and_received() {
    let server = Server::answering(|_| answer("201 Made", &["Content-Type: text/x"], b"hello"));
    let mut user = User::new();
    let url = server.url("/posts/?a=1#part");
    let outcome = user
        .sample(&HttpProgram {
            keep: get_kept("").keep,
            ..post(&url, "body")
        })
        .await;
    let response = &outcome.response;
    assert_eq!(&*response.message, "Made");
    assert_eq!(
        response.headers,
        b"HTTP/1.1 201 Made\nContent-Type: text/x\nContent-Length: 5\n"
    );
    assert_eq!(response.body, b"hello");
    assert_eq!(&*response.content_type, "text/x");
    assert_eq!(&*response.url, url);
    assert_eq!(&*response.method, "POST");
    assert_eq!(response.request_body, b"body");
    let lines = String::from_utf8(response.request_headers.clone()).unwrap();
    let address = server.address;
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        lines,
        format!(
            "Connection: keep-alive\nContent-Length: 4\nContent-Type: text/plain; charset=UTF-8\n\
             Host: {address}\nUser-Agent: Loadline/{version}\n"
        )
    );
    let received = &server.received()[0];
    assert_eq!(received.line(), "POST /posts/?a=1");
    assert_eq!(received.body, b"body");
    assert_eq!(
        received.head.split_once("\r\n").unwrap().1.trim_end(),
        lines.replace('\n', "\r\n").trim_end()
    );
}

#[tokio::test]
async fn connections_are_not_kept_when_one_side_says_so() {
    for (version, header, keep_alive, connections) in [
        ("1.1", "Connection: close", true, 2),
        ("1.0", "X: y", true, 2),
        ("1.0", "Connection: Keep-Alive", true, 1),
        ("1.1", "X: y", false, 2),
        ("1.1", "Content-Length: 0", true, 2),
    ] {
        let server = Server::answering(move |_| {
            format!("HTTP/{version} 200 OK\r\n{header}\r\nContent-Length: 0\r\n\r\n").into_bytes()
        });
        let mut user = User::new();
        let program = HttpProgram {
            keep_alive,
            ..get(&server.url("/"))
        };
        for _ in 0..2 {
            assert_eq!(user.sample(&program).await.error, None);
        }
        assert_eq!(server.connections(), connections, "{version} {header}");
    }
}

#[tokio::test]
async fn a_header_of_the_plan_that_closes_is_heeded() {
    // The server would keep the connection, and the plan asks for that in its own place.
    for (value, connections) in [("close", 2), ("x, Close", 2), ("closed", 1)] {
        let server = Server::answering(|_| answer("200 OK", &[], b""));
        let mut user = User::new();
        let header = (Template::literal("Connection"), Template::literal(value));
        let program = HttpProgram {
            headers: vec![header],
            ..get_kept(&server.url("/"))
        };
        for _ in 0..2 {
            assert_eq!(user.sample(&program).await.error, None);
        }
        assert_eq!(server.connections(), connections, "{value}");
        let head = &server.received()[0].head;
        assert!(head.contains("Connection: keep-alive\r\n"), "{head}");
        assert!(head.contains(&format!("Connection: {value}\r\n")), "{head}");
    }
}

#[tokio::test]
async fn a_closed_idle_connection_is_replaced() {
    // Each connection answers once and closes without saying so.
    let server = Server::scripted(|mut peer| {
        if peer.receive().is_some() {
            peer.send(&answer("200 OK", &[], b""));
        }
    });
    let mut user = User::new();
    let program = post(&server.url("/"), "x");
    for _ in 0..20 {
        let outcome = user.sample(&program).await;
        assert_eq!(outcome.error, None, "{outcome:?}");
        assert_eq!(outcome.connections_opened, 1);
    }
    assert_eq!(server.connections(), 20);
    assert_eq!(server.received().len(), 20);
}

#[tokio::test]
async fn a_request_that_meets_a_closing_connection_is_sent_again_once() {
    // The first connection reads the second request and closes without an answer.
    let server = Server::scripted(|mut peer| {
        let answers = if peer.index == 0 { 1 } else { usize::MAX };
        for _ in 0..answers {
            if peer.receive().is_none() {
                return;
            }
            peer.send(&answer("200 OK", &[], b""));
        }
        peer.receive();
    });
    let mut user = User::new();
    let program = get(&server.url("/"));
    user.sample(&program).await;
    let outcome = user.sample(&program).await;
    assert_eq!(outcome.error, None);
    assert!(outcome.retried);
    assert_eq!(outcome.connections_opened, 1);
    let single = user.sample(&program).await;
    assert!(!single.retried);
    assert_eq!(outcome.sent_bytes, 2 * single.sent_bytes);
}

#[tokio::test]
async fn a_new_connection_that_closes_unanswered_is_a_failure() {
    let server = Server::scripted(|mut peer| {
        peer.receive();
    });
    let mut user = User::new();
    let outcome = user.sample(&get(&server.url("/"))).await;
    let error = outcome.error.unwrap();
    assert_eq!(error.kind, ErrorKind::Closed);
    assert_eq!(
        error.code,
        "Non HTTP response code: org.apache.http.NoHttpResponseException"
    );
    assert_eq!(
        &*error.message,
        format!("{} failed to respond", server.address)
    );
    assert!(!outcome.retried);
    assert_eq!(outcome.first_byte_us, 0);
    assert_eq!(user.sampler.open_connections(), 0);
}

#[tokio::test]
async fn a_new_user_begins_without_connections() {
    let server = Server::answering(|_| answer("200 OK", &[], b""));
    let mut user = User::new();
    let program = get(&server.url("/"));
    user.sample(&program).await;
    user.start_iteration(1, false);
    user.sample(&program).await;
    assert_eq!(server.connections(), 1);
    user.start_iteration(2, true);
    assert_eq!(user.sampler.open_connections(), 0);
    user.sample(&program).await;
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn dropping_a_sample_closes_its_connection() {
    let server = Server::scripted(|mut peer| while peer.receive().is_some() {});
    let mut user = User::new();
    let program = get(&server.url("/"));
    {
        let mut sample = std::pin::pin!(user.sample(&program));
        while server.received().is_empty() {
            tokio::select! {
                biased;
                _ = &mut sample => panic!("nobody answers"),
                () = tokio::task::yield_now() => {}
            }
        }
    }
    assert_eq!(user.sampler.open_connections(), 0);
    assert_eq!(user.session.idle_connections(), 0);
}

#[tokio::test]
async fn variables_are_rendered_for_each_request() {
    use loadline_plan::program::{Part, Slot};
    let server = Server::answering(|_| answer("200 OK", &[], b""));
    let mut user = User::new();
    let mut program = get(&server.url("/users/"));
    program.path.parts.push(Part::Variable(Slot(0)));
    program.headers = vec![(
        Template::literal("X-User"),
        Template {
            parts: vec![Part::Variable(Slot(0))],
        },
    )];
    for id in ["7", "8"] {
        user.variables.set(Slot(0), id);
        assert_eq!(user.sample(&program).await.error, None);
    }
    let received = server.received();
    assert_eq!(received[0].line(), "GET /users/7");
    assert_eq!(received[1].line(), "GET /users/8");
    assert_eq!(received[1].header("x-user"), Some("8"));
}

#[tokio::test]
async fn a_program_at_the_place_of_an_earlier_one_sends_its_own_bytes() {
    let server = Server::answering(|_| answer("200 OK", &[], b""));
    let mut user = User::new();
    let mut program = get(&server.url("/a"));
    for path in ["/a", "/b"] {
        program = HttpProgram {
            identity: Identity::default(),
            path: Template::literal(&server.url(path)),
            ..program
        };
        for _ in 0..2 {
            assert_eq!(user.sample(&program).await.error, None);
        }
    }
    // Copies are made to be changed, before each sample.
    let mut copy = program.clone();
    for path in ["/c", "/d"] {
        copy.path = Template::literal(&server.url(path));
        assert_eq!(user.sample(&copy).await.error, None);
    }
    let received = server.received();
    let lines: Vec<_> = received.iter().map(|request| request.line()).collect();
    let expected = ["GET /a", "GET /a", "GET /b", "GET /b", "GET /c", "GET /d"];
    assert_eq!(lines, expected);
    // What is remembered is what was rendered.
    assert_eq!(received[0], received[1]);
}

/// Connections that three requests take, the second after 3 s and the third after 10 s.
async fn connections_over_time(lifetime: Option<Duration>, header: &'static str) -> usize {
    let server = Server::answering(move |_| answer("200 OK", &[header], b""));
    let mut user = User::with_options(HttpOptions {
        connection_lifetime: lifetime,
        ..HttpOptions::default()
    });
    let program = get(&server.url("/"));
    for seconds in [0, 3, 7] {
        tokio::time::advance(Duration::from_secs(seconds)).await;
        assert_eq!(user.sample(&program).await.error, None);
    }
    server.connections()
}

#[tokio::test(start_paused = true)]
async fn connections_end_when_their_time_is_over() {
    assert_eq!(connections_over_time(None, "X: y").await, 1);
    assert_eq!(
        connections_over_time(Some(Duration::from_secs(9)), "X: y").await,
        2
    );
    assert_eq!(
        connections_over_time(None, "Keep-Alive: timeout=5, max=100").await,
        2
    );
    assert_eq!(
        connections_over_time(None, "Keep-Alive: timeout=2").await,
        3
    );
}

#[tokio::test]
async fn a_user_keeps_a_bounded_number_of_connections() {
    let mut user = User::new();
    let servers: Vec<Server> = (0..18)
        .map(|_| Server::answering(|_| answer("200 OK", &[], b"")))
        .collect();
    for server in &servers {
        assert_eq!(user.sample(&get(&server.url("/"))).await.error, None);
    }
    assert_eq!(user.session.idle_connections(), 16);
    assert_eq!(user.sampler.open_connections(), 16);
}
