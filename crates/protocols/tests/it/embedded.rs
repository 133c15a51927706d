//! Pages with their resources over real connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use loadline_plan::program::{EmbeddedProgram, HttpProgram, Template};

use crate::server::{Received, Server, answer};
use crate::user::{User, get, get_kept};

const PAGE: &[u8] =
    b"<link rel=stylesheet href=s.css><img src=a.png><img src=b.png><img src=a.png>";

fn with_resources(program: HttpProgram, concurrent: bool, include: &str) -> HttpProgram {
    HttpProgram {
        embedded: Some(Box::new(EmbeddedProgram {
            concurrent,
            pool_size: Template::literal("2"),
            include: Template::literal(include),
            exclude: Template::default(),
        })),
        ..program
    }
}

fn site(request: &Received) -> Vec<u8> {
    match request.line() {
        "GET /" => answer("200 OK", &["Content-Type: text/html"], PAGE),
        "GET /s.css" => answer("200 OK", &["Content-Type: text/css"], b"@import 't.css';"),
        "GET /t.css" => answer("200 OK", &["Content-Type: text/css"], b""),
        "GET /moved" => answer("302 Found", &["Location: /"], b""),
        line if line.ends_with(".png") => answer("200 OK", &["Content-Type: image/png"], b"png"),
        _ => answer("404 Not Found", &[], b""),
    }
}

fn lines(server: &Server) -> Vec<String> {
    let received = server.received();
    received
        .iter()
        .map(|request| request.line().to_owned())
        .collect()
}

#[tokio::test]
async fn a_page_stands_beside_its_resources() {
    let server = Server::answering(site);
    let mut user = User::new();
    let program = with_resources(get_kept(&server.url("/")), false, "");
    let outcome = user.sample(&program).await;
    assert_eq!((outcome.status, &outcome.error), (200, &None));
    assert_eq!(outcome.response.body, PAGE);
    assert_eq!(
        lines(&server),
        [
            "GET /",
            "GET /s.css",
            "GET /t.css",
            "GET /a.png",
            "GET /b.png"
        ]
    );
    let subs = &outcome.sub_samples;
    let labels: Vec<&str> = subs.iter().map(|sub| &*sub.label).collect();
    assert_eq!(labels, ["Page-0", "Page-1", "Page-2", "Page-3"]);
    // The style sheet stands beside what it imports.
    let sheet = &subs[1].outcome;
    let labels: Vec<&str> = sheet.sub_samples.iter().map(|sub| &*sub.label).collect();
    assert_eq!(labels, ["Page-0", "Page-1"]);
    assert_eq!(
        &*sheet.sub_samples[1].outcome.response.url,
        server.url("/t.css")
    );
    let sum: u32 = subs.iter().map(|sub| sub.outcome.received_bytes).sum();
    assert_eq!(outcome.received_bytes, sum);
    assert_eq!(outcome.started, subs[0].outcome.started);
    assert_eq!(outcome.ended, subs[3].outcome.ended);
    assert_eq!(outcome.first_byte_us, subs[0].outcome.first_byte_us);
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_page_behind_a_redirect_stands_beside_it_with_its_resources() {
    let server = Server::answering(site);
    let mut user = User::new();
    let program = HttpProgram {
        follow_redirects: true,
        ..with_resources(get(&server.url("/moved")), false, ".*png")
    };
    let outcome = user.sample(&program).await;
    assert_eq!((outcome.status, &outcome.error), (200, &None));
    let seen: Vec<(&str, u16)> = outcome
        .sub_samples
        .iter()
        .map(|sub| (&*sub.label, sub.outcome.status))
        .collect();
    assert_eq!(
        seen,
        [
            ("Page-0", 302),
            ("Page-1", 200),
            ("Page-2", 200),
            ("Page-3", 200)
        ]
    );
    assert!(outcome.response.body.is_empty(), "nobody reads it");
}

#[tokio::test]
async fn a_failed_resource_fails_the_page_unless_a_property_forgives_it() {
    let page = b"<img src=missing.gif>";
    let server = Server::answering(move |request| match request.line() {
        "GET /" => answer("200 OK", &["Content-Type: text/html"], page),
        _ => answer("404 Not Found", &[], b""),
    });
    let program = with_resources(get(&server.url("/")), false, "");
    let outcome = User::new().sample(&program).await;
    let error = outcome.error.unwrap();
    assert_eq!(outcome.status, 200);
    assert!(
        error.message.starts_with(&format!(
            "Embedded resource download error:{} code:404 message:",
            server.url("/missing.gif")
        )),
        "{}",
        error.message
    );
    let mut user = User::new();
    user.set_property("httpsampler.ignore_failed_embedded_resources", "true");
    let outcome = user.sample(&program).await;
    assert_eq!(outcome.error, None);
    assert!(outcome.sub_samples[1].outcome.error.is_some());
}

#[tokio::test]
async fn a_pool_fetches_so_many_at_the_same_time() {
    let (present, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let page: String = (0..6).map(|n| format!("<img src=/{n}>")).collect();
    let (inside, peak) = (Arc::clone(&present), Arc::clone(&most));
    let server = Server::answering(move |request| {
        if request.line() == "GET /" {
            return answer("200 OK", &["Content-Type: text/html"], page.as_bytes());
        }
        let now = inside.fetch_add(1, Ordering::SeqCst) + 1;
        peak.fetch_max(now, Ordering::SeqCst);
        // Waits for company, which comes when requests overlap; the last one may stay alone.
        let start = std::time::Instant::now();
        while peak.load(Ordering::SeqCst) < 2 && start.elapsed().as_secs() < 5 {
            std::thread::yield_now();
        }
        inside.fetch_sub(1, Ordering::SeqCst);
        answer("200 OK", &[], request.line().as_bytes())
    });
    let mut user = User::new();
    let program = with_resources(get_kept(&server.url("/")), true, "");
    let outcome = user.sample(&program).await;
    assert_eq!(outcome.error, None);
    assert_eq!(most.load(Ordering::SeqCst), 2);
    let bodies: Vec<_> = outcome.sub_samples[1..]
        .iter()
        .map(|sub| String::from_utf8_lossy(&sub.outcome.response.body).into_owned())
        .collect();
    let expected: Vec<String> = (0..6).map(|n| format!("GET /{n}")).collect();
    assert_eq!(bodies, expected);
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn nested_pages_end_at_the_greatest_depth() {
    let page = b"<iframe src=/again>";
    let depth = Arc::new(AtomicUsize::new(0));
    let server = Server::answering(move |_| {
        let n = depth.fetch_add(1, Ordering::SeqCst);
        let page = [
            page.as_slice(),
            b"<img src=/x?",
            n.to_string().as_bytes(),
            b">",
        ]
        .concat();
        answer("200 OK", &["Content-Type: text/html"], &page)
    });
    let mut user = User::new();
    let outcome = user
        .sample(&with_resources(get(&server.url("/")), false, ".*again"))
        .await;
    let mut level = &outcome;
    let mut depth = 0;
    while let Some(sub) = level.sub_samples.get(1) {
        level = &sub.outcome;
        depth += 1;
    }
    assert_eq!(depth, 6);
    let deepest = &level.sub_samples[0].outcome;
    assert_eq!(
        &*deepest.error.as_ref().unwrap().message,
        "Maximum frame/iframe nesting depth exceeded."
    );
    assert!(level.error.is_none());
}

#[tokio::test]
async fn md5_takes_the_place_of_the_body() {
    let server = Server::answering(site);
    let mut user = User::new();
    let program = HttpProgram {
        md5: true,
        ..get_kept(&server.url("/a.png"))
    };
    let outcome = user.sample(&program).await;
    assert_eq!(outcome.response.body, b"bff139fa05ac583f685a523ab3d110a0");
    assert_eq!(outcome.status, 200);
}
