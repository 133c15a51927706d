//! Redirects over real connections.

use std::sync::Arc;

use loadline_events::ErrorKind;
use loadline_plan::CookieManager;
use loadline_plan::program::{HttpProgram, Template};

use crate::server::{Received, Server, answer};
use crate::user::{User, get, get_kept, post};

/// `/0` leads to `/1`, this to `/2` and so on; `/9` is the end.
fn chain(request: &Received) -> Vec<u8> {
    let line = request.line();
    let step: u32 = line.rsplit('/').next().unwrap().parse().unwrap();
    if step == 9 {
        return answer("200 OK", &["Content-Type: text/plain"], b"the end");
    }
    let location = format!("Location: /{}", step + 1);
    answer("302 Found", &[&location], b"moved")
}

fn following(program: HttpProgram) -> HttpProgram {
    HttpProgram {
        follow_redirects: true,
        ..program
    }
}

#[tokio::test]
async fn each_hop_is_a_sub_sample_and_the_last_one_is_the_result() {
    let server = Server::answering(chain);
    let mut user = User::new();
    let program = HttpProgram {
        headers: vec![(Template::literal("X"), Template::literal("y"))],
        keep: get_kept("").keep,
        ..following(post(&server.url("/7"), "body"))
    };
    let outcome = user.sample(&program).await;
    assert_eq!(outcome.error, None);
    assert_eq!(outcome.status, 200);
    assert_eq!(outcome.response.body, b"the end");
    assert_eq!(&*outcome.response.url, server.url("/9"));
    assert_eq!(&*outcome.response.method, "GET");
    assert_eq!(outcome.sub_samples.len(), 3);
    let subs: Vec<_> = outcome.sub_samples.iter().map(|sub| &sub.outcome).collect();
    assert_eq!(
        subs.iter().map(|sub| sub.status).collect::<Vec<_>>(),
        [302, 302, 200]
    );
    let sum = |part: fn(&loadline_engine::Outcome) -> u32| -> u32 {
        subs.iter().map(|sub| part(sub)).sum()
    };
    assert_eq!(outcome.sent_bytes, sum(|sub| sub.sent_bytes));
    assert_eq!(outcome.received_bytes, sum(|sub| sub.received_bytes));
    assert_eq!(outcome.started, subs[0].started);
    assert_eq!(outcome.ended, subs[2].ended);
    assert_eq!(outcome.first_byte_us, subs[0].first_byte_us);
    assert_eq!(outcome.connections_opened, 1);
    let lines: Vec<_> = server
        .received()
        .iter()
        .map(|r| r.line().to_owned())
        .collect();
    assert_eq!(lines, ["POST /7", "GET /8", "GET /9"]);
    assert!(
        server
            .received()
            .iter()
            .all(|request| request.header("x") == Some("y"))
    );
    assert!(server.received()[1].body.is_empty());
}

#[tokio::test]
async fn unfollowed_redirects_are_successes() {
    let server = Server::answering(chain);
    let mut user = User::new();
    let outcome = user.sample(&get(&server.url("/0"))).await;
    assert_eq!((outcome.status, &outcome.error), (302, &None));
    assert!(outcome.sub_samples.is_empty());
    let server = Server::answering(|_| answer("307 Again", &["Location: /x"], b""));
    let outcome = user.sample(&following(post(&server.url("/0"), ""))).await;
    assert_eq!((outcome.status, &outcome.error), (307, &None));
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn redirects_within_the_sample_leave_no_sub_samples() {
    let server = Server::answering(|request| match request.line() {
        "POST /a" => answer("307 Again", &["Location: /b"], b""),
        "POST /b" => answer("303 Other", &["Location: /c"], b""),
        _ => answer("200 OK", &[], b"done"),
    });
    let mut user = User::new();
    let program = HttpProgram {
        auto_redirects: true,
        keep: get_kept("").keep,
        ..post(&server.url("/a"), "body")
    };
    let outcome = user.sample(&program).await;
    assert_eq!((outcome.status, &outcome.error), (200, &None));
    assert!(outcome.sub_samples.is_empty());
    assert_eq!(&*outcome.response.url, server.url("/c"));
    assert_eq!(server.received()[1].body, b"body");
    let sent: usize = server
        .received()
        .iter()
        .map(|request| request.head.len() + request.body.len())
        .sum();
    assert_eq!(outcome.sent_bytes as usize, sent);
}

#[tokio::test]
async fn a_circle_ends_at_the_limit() {
    let server = Server::answering(|_| answer("301 Moved", &["Location: /again"], b""));
    let mut user = User::new();
    let outcome = user.sample(&following(get(&server.url("/")))).await;
    let error = outcome.error.unwrap();
    assert_eq!(&*error.message, "Exceeded maximum number of redirects: 20");
    assert_eq!(server.received().len(), 21);
    assert_eq!(outcome.sub_samples.len(), 22);
    let labels: Vec<&str> = outcome.sub_samples.iter().map(|sub| &*sub.label).collect();
    assert_eq!((labels[0], labels[21]), ("Page-0", "Page-21"));
}

#[tokio::test]
async fn within_a_sample_a_circle_ends_at_once_and_a_chain_at_the_limit() {
    let within = |url: &str| HttpProgram {
        auto_redirects: true,
        ..following(get(url))
    };
    let server = Server::answering(|_| answer("301 Moved", &["Location: /again"], b""));
    let outcome = User::new().sample(&within(&server.url("/"))).await;
    let expected = format!("Circular redirect to '{}'", server.url("/again"));
    assert_eq!(&*outcome.error.unwrap().message, expected);
    assert_eq!(server.received().len(), 2);
    let server = Server::answering(|request| {
        let location = format!("Location: {}x", request.line().trim_start_matches("GET "));
        answer("301 Moved", &[&location], b"")
    });
    let mut user = User::new();
    user.set_property("httpsampler.max_redirects", "5");
    let outcome = user.sample(&within(&server.url("/"))).await;
    let error = outcome.error.unwrap();
    assert_eq!(&*error.message, "Maximum redirects (5) exceeded");
    assert_eq!(server.received().len(), 6);
    assert!(outcome.sub_samples.is_empty());
}

#[tokio::test]
async fn a_redirect_to_no_url_fails_itself() {
    let server = Server::answering(|_| answer("302 Found", &["Location: http://"], b""));
    let outcome = User::new().sample(&following(get(&server.url("/")))).await;
    assert_eq!(outcome.status, 0);
    let error = outcome.error.unwrap();
    assert_eq!(
        error.code,
        "Non HTTP response code: java.net.URISyntaxException"
    );
}

#[tokio::test]
async fn a_redirect_to_nowhere_is_a_failure() {
    let server = Server::answering(|_| answer("302 Found", &[], b""));
    let mut user = User::new();
    let outcome = user.sample(&get(&server.url("/"))).await;
    let error = outcome.error.unwrap();
    assert_eq!(
        error.code,
        "Non HTTP response code: java.lang.IllegalArgumentException"
    );
    assert_eq!(
        &*error.message,
        format!(
            "Missing location header in redirect for GET {} HTTP/1.1",
            server.url("/")
        )
    );
}

#[tokio::test]
async fn a_redirect_cannot_leave_the_allowed_targets() {
    let server = Server::answering(|_| answer("302 Found", &["Location: http://192.0.2.1/"], b""));
    let mut user = User::new();
    let outcome = user.sample(&following(get(&server.url("/")))).await;
    let error = outcome.error.unwrap();
    assert_eq!(error.kind, ErrorKind::Request);
    assert!(
        error.message.contains("--i-may-load 192.0.2.1"),
        "{}",
        error.message
    );
}

#[tokio::test]
async fn redirects_go_to_other_servers_and_take_cookies_along() {
    let end = Server::answering(|_| answer("200 OK", &[], b""));
    let location = format!("Location: {}", end.url("/end"));
    let server = Server::answering(move |_| {
        answer("302 Found", &[&location, "Set-Cookie: hop=1; Path=/"], b"")
    });
    let mut user = User::new();
    let program = HttpProgram {
        cookies: Some(Arc::new(CookieManager {
            cookies: Vec::new(),
            clear_each_iteration: false,
            controlled_by_group: false,
            ignore: false,
        })),
        ..following(get(&server.url("/")))
    };
    let outcome = user.sample(&program).await;
    assert_eq!((outcome.status, outcome.connections_opened), (200, 2));
    // Cookies do not tell ports apart.
    assert_eq!(end.received()[0].header("cookie"), Some("hop=1"));
    assert_eq!(user.session.idle_connections(), 2);
}
