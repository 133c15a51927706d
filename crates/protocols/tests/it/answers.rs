//! Answers in all forms, over a real connection.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use loadline_events::ErrorKind;
use loadline_plan::program::{HttpProgram, Template};

use crate::server::{Server, answer};
use crate::user::{User, get, get_kept};

pub(crate) fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_chunked_answer_in_many_writes_is_one_body() {
    let server = Server::scripted(|mut peer| {
        while peer.receive().is_some() {
            let wire = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
                         5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n";
            for byte in wire {
                peer.send(&[*byte]);
            }
        }
    });
    let mut user = User::new();
    let program = get_kept(&server.url("/"));
    for _ in 0..3 {
        let outcome = user.sample(&program).await;
        assert_eq!(outcome.error, None);
        assert_eq!(outcome.response.body, b"hello, world");
        assert_eq!(outcome.received_bytes, 74);
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn large_answers_are_counted_and_kept_up_to_the_bound() {
    const SIZE: usize = 17 << 20;
    let server = Server::answering(|_| answer("200 OK", &[], &vec![b'x'; SIZE]));
    let mut user = User::new();
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 17825792\r\n\r\n".len();
    let dropped = user.sample(&get(&server.url("/"))).await;
    assert_eq!(dropped.error, None);
    assert_eq!(dropped.received_bytes as usize, SIZE + head);
    let kept = user.sample(&get_kept(&server.url("/"))).await;
    assert_eq!(kept.error, None);
    assert_eq!(kept.received_bytes as usize, SIZE + head);
    assert_eq!(kept.response.body.len(), 16 << 20);
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn heads_may_be_larger_than_what_is_read_at_once() {
    let long = format!("X: {}", "a".repeat(300_000));
    let server = Server::answering(move |_| {
        let mut bytes = b"HTTP/1.1 102 Processing\r\n\r\n".repeat(5_000);
        bytes.extend(answer(
            "200 OK",
            &[&long, &["Y: b"; 500].join("\r\n")],
            b"hello",
        ));
        bytes
    });
    let mut user = User::new();
    for _ in 0..2 {
        let outcome = user.sample(&get_kept(&server.url("/"))).await;
        assert_eq!(outcome.error, None);
        assert_eq!(outcome.response.body, b"hello");
        assert!(outcome.response.headers.len() > 300_000 + 500 * 5);
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_head_beyond_the_bound_says_so() {
    let server = Server::answering(|_| {
        answer(
            "200 OK",
            &[&format!("X: {}", "a".repeat(1 << 20))],
            b"hello",
        )
    });
    let error = User::new()
        .sample(&get_kept(&server.url("/")))
        .await
        .error
        .unwrap();
    assert_eq!(error.kind, ErrorKind::Protocol);
    assert_eq!(
        &*error.message,
        "response head is longer than 1048576 bytes, with the interim responses before it"
    );
}

#[tokio::test]
async fn an_answer_may_end_with_its_connection() {
    let server = Server::scripted(|mut peer| {
        peer.receive();
        peer.send(b"HTTP/1.1 200 OK\r\n\r\nto the end");
    });
    let mut user = User::new();
    let program = get_kept(&server.url("/"));
    for _ in 0..2 {
        let outcome = user.sample(&program).await;
        assert_eq!(outcome.error, None);
        assert_eq!(outcome.response.body, b"to the end");
    }
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn head_and_no_content_have_no_body() {
    let server = Server::answering(|request| {
        if request.line().starts_with("HEAD") {
            b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n".to_vec()
        } else {
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n".to_vec()
        }
    });
    let mut user = User::new();
    let url = server.url("/");
    let head = HttpProgram {
        method: Template::literal("HEAD"),
        ..get(&url)
    };
    for _ in 0..2 {
        assert_eq!(user.sample(&head).await.status, 200);
        assert_eq!(user.sample(&get(&url)).await.status, 204);
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn encoded_bodies_are_decoded_where_they_are_kept() {
    let server =
        Server::answering(|_| answer("200 OK", &["Content-Encoding: gzip"], &gzip(b"hello hello")));
    let mut user = User::new();
    let kept = user.sample(&get_kept(&server.url("/"))).await;
    assert_eq!(kept.error, None);
    assert_eq!(kept.response.body, b"hello hello");
    let dropped = user.sample(&get(&server.url("/"))).await;
    assert!(dropped.response.body.is_empty());
    assert_eq!(dropped.received_bytes, kept.received_bytes);
}

#[tokio::test]
async fn a_body_that_is_not_in_its_encoding_is_a_failure() {
    let server = Server::answering(|_| answer("200 OK", &["Content-Encoding: gzip"], b"plain"));
    let mut user = User::new();
    let outcome = user.sample(&get_kept(&server.url("/"))).await;
    assert_eq!(outcome.error.unwrap().kind, ErrorKind::Protocol);
}

#[tokio::test]
async fn failed_answers_show_the_beginning_of_their_body() {
    let server = Server::answering(|request| match request.line() {
        "GET /plain" => answer("503 Busy", &[], b"{\"error\":\r\n\"queue full\"}"),
        "GET /gzip" => answer("500 No", &["Content-Encoding: gzip"], &gzip(b"deep inside")),
        _ => answer("404 Not Found", &[], b""),
    });
    let mut user = User::new();
    for keep in [get("").keep, get_kept("").keep] {
        for (path, code, message) in [
            ("/plain", "503", "HTTP 503: {\"error\": \"queue full\"}"),
            ("/gzip", "500", "HTTP 500: deep inside"),
            ("/empty", "404", "HTTP 404"),
        ] {
            let program = HttpProgram {
                keep,
                ..get(&server.url(path))
            };
            let outcome = user.sample(&program).await;
            let error = outcome.error.unwrap();
            assert_eq!(error.kind, ErrorKind::Status);
            assert_eq!(error.code, code);
            assert_eq!(&*error.message, message);
        }
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn an_early_refusal_of_a_large_body_is_read() {
    let server = Server::scripted(|mut peer| {
        peer.send(b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        // Takes the rest, so that the answer is not lost in a reset.
        peer.receive();
    });
    let mut user = User::new();
    let body = "x".repeat(8 << 20);
    let outcome = user
        .sample(&crate::user::post(&server.url("/"), &body))
        .await;
    assert_eq!(outcome.status, 413);
    assert_eq!(user.session.idle_connections(), 0);
}

#[tokio::test]
async fn large_bodies_are_sent_in_parts() {
    let server = Server::answering(|request| {
        let length = request.body.len().to_string();
        answer("200 OK", &[], length.as_bytes())
    });
    let mut user = User::new();
    let body = "x".repeat(8 << 20);
    let program = HttpProgram {
        keep: get_kept("").keep,
        ..crate::user::post(&server.url("/"), &body)
    };
    let outcome = user.sample(&program).await;
    assert_eq!(outcome.error, None);
    assert_eq!(outcome.response.body, b"8388608");
    assert!(outcome.sent_bytes > 8 << 20);
}
