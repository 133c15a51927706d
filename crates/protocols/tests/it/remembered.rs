//! What is remembered of a sampler and of its answers changes nothing: the same bytes go out, and the same
//! comes of them, as where all is rendered and read anew each time.

use std::sync::atomic::{AtomicUsize, Ordering};

use loadline_engine::{Outcome, Response};
use loadline_plan::program::{HttpProgram, Template};

use crate::server::{Server, answer};
use crate::user::{User, get, get_kept, post};

/// A server whose answers repeat themselves for a while and then are others.
fn moody_server() -> Server {
    let count = AtomicUsize::new(0);
    Server::answering(move |request| {
        let body: &[u8] = match request.line().starts_with("HEAD") {
            true => b"",
            false => b"hello",
        };
        match count.fetch_add(1, Ordering::Relaxed) % 12 {
            0..3 => answer("200 OK", &["Date: Mon", "Content-Type: a/b"], body),
            3..5 => answer("200 OK", &["Date: Tue", "Content-Type: a/b"], body),
            5 | 6 => answer("404 Not Found", &["Content-Type: c/d"], body),
            7 | 8 => b"HTTP/1.1 204 No Content\r\nKeep-Alive: timeout=5\r\n\r\n".to_vec(),
            9 => answer("200 OK", &["Connection: close"], body),
            _ => answer("302 Found", &["Location: /x"], body),
        }
    })
}

/// What came of it, but for the times.
fn told(outcome: Outcome) -> String {
    let Outcome {
        status,
        error,
        sent_bytes,
        received_bytes,
        connections_opened,
        retried,
        response,
        ..
    } = outcome;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let parts = [
        &response.headers,
        &response.body,
        &response.request_headers,
        &response.request_body,
    ];
    let parts = parts.map(|part| text(part)).join("|");
    let Response {
        message,
        content_type,
        url,
        method,
        ..
    } = &*response;
    format!(
        "{status} {error:?} {sent_bytes} {received_bytes} {connections_opened} {retried} \
         {message} {content_type} {url} {method} {parts}"
    )
}

/// What 24 samples of a program sent and what came of them; `anew` each time or as the sampler remembers.
async fn experience(program: impl Fn(&Server) -> HttpProgram, anew: bool) -> Vec<String> {
    let server = moody_server();
    let program = program(&server);
    let mut user = User::new();
    let mut all = Vec::new();
    for _ in 0..24 {
        let outcome = match anew {
            // A copy has no identity by which anything could be remembered.
            true => user.sample(&program.clone()).await,
            false => user.sample(&program).await,
        };
        all.push(told(outcome));
    }
    all.extend(
        server
            .received()
            .iter()
            .map(|request| format!("{request:?}")),
    );
    let port = format!(":{}", server.address.port());
    all.iter()
        .map(|text| text.replace(&port, ":PORT"))
        .collect()
}

#[tokio::test]
async fn nothing_is_other_than_where_all_is_done_anew() {
    let programs: [fn(&Server) -> HttpProgram; 6] = [
        |server| get(&server.url("/")),
        |server| get_kept(&server.url("/a?b=c")),
        |server| post(&server.url("/"), "{}"),
        |server| HttpProgram {
            method: Template::literal("HEAD"),
            ..get(&server.url("/"))
        },
        |server| HttpProgram {
            response_timeout_ms: Template::literal("60000"),
            headers: vec![(Template::literal("X"), Template::literal("y"))],
            ..get_kept(&server.url("/"))
        },
        |server| HttpProgram {
            keep_alive: false,
            ..get(&server.url("/"))
        },
    ];
    for (index, program) in programs.into_iter().enumerate() {
        let (remembered, anew) = (
            experience(program, false).await,
            experience(program, true).await,
        );
        assert_eq!(remembered, anew, "program {index}");
        assert!(remembered.len() >= 48, "program {index}");
    }
}
