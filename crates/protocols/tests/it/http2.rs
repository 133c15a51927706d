//! Requests over HTTP/2.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use h2::Reason;
use loadline_engine::{HttpWays, Outcome, Sampler, SubSample};
use loadline_events::ErrorKind;
use loadline_plan::program::{HttpProgram, Template};
use loadline_plan::{CookieManager, HttpStreams, HttpVersion};
use loadline_protocols::{HttpOptions, HttpSampler};
use tokio::task::LocalSet;

use crate::http2_server::{Http2Server, Limits, Reply, response};
use crate::server::{Server, answer};
use crate::user::{User, get, get_kept, post};

fn over_http2(program: HttpProgram, streams: HttpStreams) -> HttpProgram {
    HttpProgram {
        http_version: Some(HttpVersion::Http2),
        streams: Some(streams),
        ..program
    }
}

fn one(program: HttpProgram) -> HttpProgram {
    over_http2(program, HttpStreams::One)
}

fn many(program: HttpProgram) -> HttpProgram {
    over_http2(program, HttpStreams::Many)
}

fn greeting(_: &crate::http2_server::Seen) -> Reply {
    Reply::Answer(
        response(200, &[("content-type", "text/x")]),
        b"hello".to_vec(),
    )
}

/// Bytes of an HTTP/2 frame.
fn frame(kind: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![
        0,
        0,
        u8::try_from(payload.len()).unwrap(),
        kind,
        0,
        0,
        0,
        0,
        stream,
    ];
    bytes.extend_from_slice(payload);
    bytes
}

/// A server that reads the beginning of a connection and sends these bytes.
fn raw_server(bytes: Vec<u8>) -> Server {
    Server::scripted(move |mut peer| {
        peer.receive();
        let mut all = frame(4, 0, &[]);
        all.extend_from_slice(&bytes);
        peer.send(&all);
        peer.keep_silent();
    })
}

#[tokio::test]
async fn a_user_has_a_connection_for_itself_and_keeps_it() {
    let server = Http2Server::new(Limits::default(), greeting);
    let mut user = User::new();
    let program = one(get_kept(&server.url("/posts/?a=1")));
    for index in 0..5 {
        let outcome = user.sample(&program).await;
        assert_eq!(outcome.error, None);
        assert_eq!(outcome.status, 200);
        assert_eq!(outcome.connections_opened, u16::from(index == 0));
        assert_eq!(outcome.connect_us > 0, index == 0);
        assert!(outcome.first_byte_us > 0 && outcome.sent_bytes > 0);
        assert!(
            u64::from(outcome.first_byte_us)
                <= (outcome.ended - outcome.started).as_micros() as u64
        );
        assert!(outcome.received_bytes as usize > 5 + 9);
        assert_eq!(outcome.response.body, b"hello");
        assert_eq!(
            outcome.response.headers,
            b"HTTP/2.0 200 \ncontent-type: text/x\n"
        );
        assert_eq!((outcome.network.wait_us(), outcome.retried), (0, false));
    }
    let mut other = User::on_thread_of(Rc::clone(&user.sampler));
    assert_eq!(other.sample(&program).await.error, None);
    assert_eq!(server.connections(), 2);
    assert_eq!(user.session.idle_connections(), 1);
    assert_eq!(user.sampler.open_connections(), 2);
    user.start_iteration(1, true);
    assert_eq!(user.sampler.open_connections(), 1);
    let closing = HttpProgram {
        keep_alive: false,
        ..program.clone()
    };
    assert_eq!(user.sample(&closing).await.error, None);
    assert_eq!(user.session.idle_connections(), 0);
}

#[tokio::test]
async fn an_idle_connection_of_http1_carries_no_request_over_http2() {
    let server = Server::scripted(|mut peer| {
        while peer.receive().is_some() && peer.index == 0 {
            peer.send(&answer("200 OK", &[], b""));
        }
    });
    let mut user = User::new();
    let program = get(&server.url("/"));
    assert_eq!(user.sample(&program).await.status, 200);
    assert_eq!(user.session.idle_connections(), 1);
    let outcome = user.sample(&one(program.clone())).await;
    assert!(outcome.error.is_some());
    let received = server.received();
    assert_eq!(received[1].line(), "PRI * HTTP/2.0");
}

#[tokio::test]
async fn what_goes_out_is_what_http1_says_without_the_connection() {
    let server = Http2Server::new(Limits::default(), greeting);
    let mut user = User::new();
    let url = server.url("/posts/?a=%20");
    let mut program = one(HttpProgram {
        keep: get_kept("").keep,
        ..post(&url, "body")
    });
    program.headers = vec![(Template::literal("X-Case"), Template::literal("Kept Value"))];
    let outcome = user.sample(&program).await;
    assert_eq!(outcome.error, None);
    let seen = &server.seen()[0];
    assert_eq!(seen.line, "POST /posts/?a=%20");
    assert_eq!(seen.authority, server.address.to_string());
    assert_eq!(seen.body, b"body");
    let names: Vec<_> = seen.headers.keys().map(|name| name.as_str()).collect();
    assert_eq!(
        names,
        ["x-case", "content-length", "content-type", "user-agent"]
    );
    assert_eq!(seen.headers["x-case"], "Kept Value");
    let told = String::from_utf8(outcome.response.request_headers.clone()).unwrap();
    let version = env!("CARGO_PKG_VERSION");
    let expected = format!(
        "x-case: Kept Value\ncontent-length: 4\ncontent-type: text/plain; charset=UTF-8\n\
         :authority: {}\nuser-agent: Loadline/{version}\n",
        server.address
    );
    assert_eq!(told, expected);
    assert_eq!(outcome.response.request_body, b"body");
}

/// Status, headers and body for a request, whatever the version.
fn content(line: &str, cookie: &str) -> (u16, Vec<(&'static str, String)>, Vec<u8>) {
    let plain = |body: &str| {
        (
            200,
            vec![("content-type", "text/x".to_owned())],
            body.into(),
        )
    };
    match line {
        "GET /plain" => plain("hello"),
        "GET /empty" => (204, Vec::new(), Vec::new()),
        "GET /unchanged" => (304, Vec::new(), Vec::new()),
        "HEAD /plain" => (200, vec![("content-type", "text/x".to_owned())], Vec::new()),
        "GET /missing" => (404, Vec::new(), b"{\"error\": \"gone\"}".to_vec()),
        "GET /moved" => (302, vec![("location", "/plain".to_owned())], Vec::new()),
        "GET /set" => (
            200,
            vec![("set-cookie", "a=1; Path=/".to_owned())],
            b"set".to_vec(),
        ),
        "GET /cookie" => plain(cookie),
        "GET /large" => (200, Vec::new(), vec![b'x'; 300_000]),
        "GET /gzip" => (
            200,
            vec![("content-encoding", "gzip".to_owned())],
            crate::answers::gzip(b"hello hello"),
        ),
        _ => plain(line),
    }
}

/// What of an outcome must be the same over both versions.
fn essence(outcome: &Outcome) -> String {
    let response = &outcome.response;
    let lines = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).to_lowercase();
        let lines = text
            .lines()
            .skip(1)
            .filter(|line| !line.starts_with("content-length"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let subs: Vec<_> = outcome
        .sub_samples
        .iter()
        .map(|SubSample { label, outcome }| format!("{label} {}", essence(outcome)))
        .collect();
    format!(
        "{} {:?} {:?} {:?} {:?} {:?} {:?} {} {subs:?}",
        outcome.status,
        outcome.error,
        response.method,
        response.content_type,
        lines(&response.headers),
        String::from_utf8_lossy(&response.body),
        String::from_utf8_lossy(&response.request_body),
        response.url.rsplit('/').next().unwrap(),
    )
}

#[tokio::test]
async fn samples_are_those_of_http1_but_for_the_version() {
    let http1 = Server::answering(|request| {
        let (status, headers, body) =
            content(request.line(), request.header("cookie").unwrap_or(""));
        let lines: Vec<_> = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        let lines: Vec<_> = lines.iter().map(String::as_str).collect();
        if matches!(status, 204 | 304) || request.line().starts_with("HEAD") {
            return format!("HTTP/1.1 {status} x\r\n{}\r\n\r\n", lines.join("\r\n"))
                .replace("\r\n\r\n\r\n", "\r\n\r\n")
                .into_bytes();
        }
        answer(&format!("{status} x"), &lines, &body)
    });
    let http2 = Http2Server::new(Limits::default(), |seen| {
        let cookie = seen
            .headers
            .get("cookie")
            .map_or("", |value| value.to_str().unwrap());
        let (status, headers, body) = content(&seen.line, cookie);
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        Reply::Answer(response(status, &headers), body)
    });
    let cookies = Arc::new(CookieManager::default());
    let tasks = LocalSet::new();
    tasks
        .run_until(async {
            let mut users = [User::new(), User::new(), User::new()];
            for (method, path) in [
                ("GET", "/plain"),
                ("GET", "/empty"),
                ("GET", "/unchanged"),
                ("HEAD", "/plain"),
                ("GET", "/missing"),
                ("GET", "/moved"),
                ("GET", "/set"),
                ("GET", "/cookie"),
                ("GET", "/large"),
                ("GET", "/gzip"),
                ("DELETE", "/this"),
                ("POST", "/that"),
            ] {
                for follow_redirects in [false, true] {
                    let program = |url: String| HttpProgram {
                        method: Template::literal(method),
                        follow_redirects,
                        cookies: Some(Arc::clone(&cookies)),
                        keep: get_kept("").keep,
                        ..post(&url, "x=1")
                    };
                    let plain = users[0].sample(&program(http1.url(path))).await;
                    let own = users[1].sample(&one(program(http2.url(path)))).await;
                    let shared = users[2].sample(&many(program(http2.url(path)))).await;
                    assert_eq!(essence(&plain), essence(&own), "{method} {path}");
                    assert_eq!(essence(&plain), essence(&shared), "{method} {path}");
                }
            }
        })
        .await;
    assert_eq!(http1.connections(), 1);
    assert_eq!(http2.connections(), 2);
}

#[tokio::test]
async fn users_share_a_connection_up_to_the_servers_limit() {
    let limits = Limits {
        streams: Some(3),
        window: None,
    };
    let server = Http2Server::new(limits, |_| {
        Reply::Together(3, response(200, &[]), b"hello".to_vec())
    });
    let sampler = Rc::new(HttpSampler::new(HttpOptions::default()).unwrap());
    let program = Rc::new(many(get_kept(&server.url("/"))));
    let tasks = LocalSet::new();
    let mut users = Vec::new();
    for _ in 0..12 {
        let mut user = User::on_thread_of(Rc::clone(&sampler));
        let program = Rc::clone(&program);
        users.push(tasks.spawn_local(async move {
            let mut outcomes = Vec::new();
            for _ in 0..5 {
                outcomes.push(user.sample(&program).await);
            }
            outcomes
        }));
    }
    let mut outcomes = Vec::new();
    tasks
        .run_until(async {
            for user in users {
                outcomes.extend(user.await.unwrap());
            }
        })
        .await;
    for outcome in &outcomes {
        assert_eq!(outcome.error, None);
        assert_eq!(outcome.response.body, b"hello");
        assert!(outcome.first_byte_us > 0 && outcome.received_bytes > 0);
    }
    let opened: u32 = outcomes
        .iter()
        .map(|outcome| u32::from(outcome.connections_opened))
        .sum();
    assert_eq!((opened, server.connections()), (1, 1));
    assert_eq!(server.most_active(), 3);
    assert_eq!(sampler.open_connections(), 1);
    // Nine of twelve could not begin at once.
    let waited = outcomes
        .iter()
        .filter(|outcome| outcome.network.wait_us() > 0)
        .count();
    assert!(waited >= 9, "{waited}");
}

#[tokio::test]
async fn who_waits_for_a_stream_in_vain_is_told() {
    let limits = Limits {
        streams: Some(1),
        window: None,
    };
    let server = Http2Server::new(limits, |_| Reply::Silence);
    let sampler = Rc::new(HttpSampler::new(HttpOptions::default()).unwrap());
    let program = HttpProgram {
        connect_timeout_ms: Template::literal("2000"),
        response_timeout_ms: Template::literal("5000"),
        ..many(get(&server.url("/")))
    };
    let mut first = User::on_thread_of(Rc::clone(&sampler));
    let mut second = User::on_thread_of(Rc::clone(&sampler));
    let tasks = LocalSet::new();
    let (first, second) = tasks
        .run_until(async {
            let other = async {
                while server.seen().is_empty() {
                    tokio::task::yield_now().await;
                }
                tokio::time::pause();
                second.sample(&program).await
            };
            tokio::join!(first.sample(&program), other)
        })
        .await;
    assert_eq!(&*first.error.unwrap().message, "Read timed out");
    let error = second.error.unwrap();
    assert_eq!(error.kind, ErrorKind::Timeout);
    let expected = format!(
        "no stream of the connection to {} became free in time",
        server.address
    );
    assert_eq!(&*error.message, expected);
}

#[tokio::test]
async fn those_who_wait_for_a_connection_share_its_failure() {
    let server = raw_server(frame(7, 0, &[0, 0, 0, 0, 0, 0, 0, 11]));
    let sampler = Rc::new(HttpSampler::new(HttpOptions::default()).unwrap());
    let refused = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let program = many(get(&format!("http://{refused}/")));
    let mut users: Vec<_> = (0..3)
        .map(|_| User::on_thread_of(Rc::clone(&sampler)))
        .collect();
    let [first, second, third] = &mut users[..] else {
        panic!("three users");
    };
    let tasks = LocalSet::new();
    let ended = tasks
        .run_until(async {
            tokio::join!(
                first.sample(&program),
                second.sample(&program),
                third.sample(&program)
            )
        })
        .await;
    for outcome in [&ended.0, &ended.1, &ended.2] {
        assert_eq!(outcome.error.as_ref().unwrap().kind, ErrorKind::Connect);
    }
    // A server that says goodbye at once is a failure, and no reason to try for ever.
    let program = many(get(&server.url("/")));
    let outcome = tasks.run_until(first.sample(&program)).await;
    let error = outcome.error.unwrap();
    assert_eq!(error.kind, ErrorKind::Closed, "{error:?}");
}

#[tokio::test]
async fn https_agrees_on_http2_in_the_handshake() {
    let server = Http2Server::over_tls(&["http/1.1", "h2"], greeting);
    let mut user = User::with_options(HttpOptions {
        trusted_certificates: vec![server.certificate.as_ref().unwrap().to_vec()],
        ..HttpOptions::default()
    });
    let program = HttpProgram {
        verify_tls: true,
        ..one(get_kept(&server.url("/")))
    };
    for _ in 0..3 {
        let outcome = user.sample(&program).await;
        assert_eq!(outcome.error, None);
        assert_eq!(outcome.response.body, b"hello");
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_server_without_http2_is_named_with_what_to_do() {
    for (names, agreed) in [(&["http/1.1"][..], "nothing"), (&[], "nothing")] {
        let server = Http2Server::over_tls(names, greeting);
        let outcome = User::new().sample(&one(get(&server.url("/")))).await;
        let error = outcome.error.unwrap();
        assert_eq!(error.kind, ErrorKind::Tls);
        let expected = format!(
            "localhost:{} offers no HTTP/2: asked for `h2`, it agreed on {agreed} (ALPN); \
             set the version to 1.1",
            server.address.port()
        );
        assert_eq!(&*error.message, expected);
    }
    let tasks = LocalSet::new();
    let server = Server::answering(|_| answer("400 Bad Request", &["Connection: close"], b""));
    for streams in [HttpStreams::One, HttpStreams::Many] {
        let program = over_http2(get(&server.url("/")), streams);
        let outcome = tasks.run_until(User::new().sample(&program)).await;
        let error = outcome.error.unwrap();
        assert_eq!(error.kind, ErrorKind::Protocol);
        let expected = format!(
            "{} answers in HTTP/1.1 and not in HTTP/2: set the version to 1.1",
            server.address
        );
        assert_eq!(&*error.message, expected);
    }
}

#[tokio::test]
async fn a_plan_without_a_version_has_that_of_the_settings() {
    let server = Http2Server::new(Limits::default(), greeting);
    let mut user = User::with_options(HttpOptions {
        ways: HttpWays {
            version: HttpVersion::Http2,
            ..HttpWays::default()
        },
        ..HttpOptions::default()
    });
    assert_eq!(user.sample(&get(&server.url("/"))).await.error, None);
    let plain = HttpProgram {
        http_version: Some(HttpVersion::Http1),
        ..get(&server.url("/"))
    };
    assert!(user.sample(&plain).await.error.is_some());
}

#[tokio::test]
async fn resets_and_goodbyes_are_failures_in_words() {
    let server = Http2Server::new(Limits::default(), |seen| match seen.line.as_str() {
        "GET /refused" => Reply::Reset(Reason::REFUSED_STREAM),
        "GET /http1" => Reply::Reset(Reason::HTTP_1_1_REQUIRED),
        "GET /within" => {
            Reply::ResetWithin(response(200, &[]), b"be".to_vec(), Reason::INTERNAL_ERROR)
        }
        _ => greeting(seen),
    });
    let mut user = User::new();
    for (path, status, message) in [
        (
            "/refused",
            0,
            "The server reset the stream (RST_STREAM): REFUSED_STREAM (refused stream before \
             processing any application logic)",
        ),
        (
            "/http1",
            0,
            "The server reset the stream (RST_STREAM): HTTP_1_1_REQUIRED (endpoint requires \
             HTTP/1.1); set the version to 1.1",
        ),
        (
            "/within",
            200,
            "The server reset the stream (RST_STREAM): INTERNAL_ERROR (unexpected internal error \
             encountered)",
        ),
    ] {
        // Not sent again, though the connection was idle.
        assert_eq!(user.sample(&one(get(&server.url("/")))).await.error, None);
        let before = server.seen().len();
        let outcome = user.sample(&one(get(&server.url(path)))).await;
        let error = outcome.error.unwrap();
        assert_eq!(error.kind, ErrorKind::Closed);
        assert_eq!(&*error.message, message);
        assert_eq!((outcome.status, outcome.retried), (status, false));
        assert_eq!(server.seen().len(), before + 1);
    }
    let goodbye = raw_server(frame(7, 0, &[0, 0, 0, 0, 0, 0, 0, 11]));
    let outcome = user.sample(&one(get(&goodbye.url("/")))).await;
    let error = outcome.error.unwrap();
    assert_eq!(error.kind, ErrorKind::Closed);
    assert_eq!(
        &*error.message,
        "The server said goodbye (GOAWAY): ENHANCE_YOUR_CALM (detected excessive load generating \
         behavior)"
    );
    assert!(!outcome.retried);
}

#[tokio::test]
async fn a_breach_of_the_rules_is_a_protocol_failure() {
    // Data on a stream that nobody has opened.
    let server = raw_server(frame(0, 9, b"x"));
    let outcome = User::new().sample(&one(get(&server.url("/")))).await;
    let error = outcome.error.unwrap();
    assert_eq!(error.kind, ErrorKind::Protocol);
    assert!(
        error
            .message
            .starts_with("The server broke the rules of HTTP/2: PROTOCOL_ERROR"),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_idle_connection_that_has_ended_is_replaced() {
    let tasks = LocalSet::new();
    for streams in [HttpStreams::One, HttpStreams::Many] {
        let server = Http2Server::new(Limits::default(), |_| {
            Reply::LastAnswer(response(200, &[]), b"hello".to_vec())
        });
        let mut user = User::new();
        let program = over_http2(get(&server.url("/")), streams);
        tasks
            .run_until(async {
                for _ in 0..10 {
                    let outcome = user.sample(&program).await;
                    assert_eq!(outcome.error, None, "{outcome:?}");
                }
            })
            .await;
        // The server takes all requests that come before the client has heard its goodbye.
        assert_eq!(server.seen().len(), 10);
        assert!(server.connections() > 1);
    }
}

#[tokio::test]
async fn a_request_that_meets_a_closing_connection_is_sent_again_once() {
    let tasks = LocalSet::new();
    for streams in [HttpStreams::One, HttpStreams::Many] {
        let server = Http2Server::new(Limits::default(), |seen| {
            match (seen.connection, seen.line.as_str()) {
                (0, "GET /second") => Reply::Close,
                _ => greeting(seen),
            }
        });
        let mut user = User::new();
        let of = |path: &str| over_http2(get(&server.url(path)), streams);
        let (first, second) = tasks
            .run_until(async {
                (
                    user.sample(&of("/first")).await,
                    user.sample(&of("/second")).await,
                )
            })
            .await;
        assert_eq!(first.error, None);
        assert_eq!(second.error, None);
        assert!(second.retried);
        assert_eq!(second.connections_opened, 1);
        assert!(second.sent_bytes > first.sent_bytes);
    }
}

#[tokio::test]
async fn a_new_connection_that_closes_unanswered_is_a_failure() {
    let tasks = LocalSet::new();
    for streams in [HttpStreams::One, HttpStreams::Many] {
        let server = Http2Server::new(Limits::default(), |_| Reply::Close);
        let program = over_http2(get(&server.url("/")), streams);
        let outcome = tasks.run_until(User::new().sample(&program)).await;
        let error = outcome.error.unwrap();
        assert_eq!(error.kind, ErrorKind::Closed);
        // A server that closes before it has read all sends a reset.
        let expected = [
            format!("{} failed to respond", server.address),
            "Connection reset".to_owned(),
        ];
        assert!(expected.contains(&error.message.to_string()), "{error:?}");
        assert!(!outcome.retried);
    }
}

#[tokio::test]
async fn large_bodies_go_as_fast_as_windows_let_them() {
    let limits = Limits {
        streams: None,
        window: Some(1_000),
    };
    let server = Http2Server::new(limits, |seen| {
        let length = seen.body.len().to_string();
        let echo = vec![b'y'; 9 << 20];
        Reply::Answer(response(200, &[("x-length", length.as_str())]), echo)
    });
    let mut user = User::new();
    let body = "x".repeat(200_000);
    let program = HttpProgram {
        keep: get_kept("").keep,
        ..one(post(&server.url("/"), &body))
    };
    let outcome = user.sample(&program).await;
    assert_eq!(outcome.error, None);
    assert_eq!(outcome.response.body.len(), 9 << 20);
    assert!(outcome.sent_bytes > 200_000);
    assert!(outcome.received_bytes > 9 << 20);
    assert_eq!(server.seen()[0].body.len(), 200_000);
    // Nothing of it is left over for the next request.
    let small = user.sample(&one(get(&server.url("/")))).await;
    assert_eq!(small.error, None);
    assert!(small.sent_bytes < 10_000, "{}", small.sent_bytes);
}

#[tokio::test]
async fn a_body_that_ends_early_says_how_much_came() {
    let server = Http2Server::new(Limits::default(), |_| {
        Reply::Short(
            response(200, &[("content-length", "10")]),
            b"12345".to_vec(),
        )
    });
    let outcome = User::new().sample(&one(get(&server.url("/")))).await;
    let error = outcome.error.unwrap();
    assert_eq!(error.kind, ErrorKind::Closed);
    assert_eq!(
        &*error.message,
        "Premature end of Content-Length delimited message body (expected: 10; received: 5)"
    );
    assert_eq!(outcome.status, 200);
}

#[tokio::test(start_paused = true)]
async fn silence_is_a_timeout() {
    let server = Http2Server::new(Limits::default(), |_| Reply::Silence);
    let mut user = User::new();
    let program = HttpProgram {
        response_timeout_ms: Template::literal("1500"),
        ..one(get(&server.url("/")))
    };
    let outcome = user.sample(&program).await;
    let error = outcome.error.unwrap();
    assert_eq!(error.kind, ErrorKind::Timeout);
    assert_eq!(&*error.message, "Read timed out");
    let service = outcome.ended - outcome.started;
    assert!(service >= Duration::from_millis(1500), "{service:?}");
    assert_eq!(user.sampler.open_connections(), 0);
}

#[tokio::test]
async fn heads_may_be_large() {
    let server = Http2Server::new(Limits::default(), |_| {
        let long = "a".repeat(300_000);
        Reply::Answer(response(200, &[("x", &long)]), b"hello".to_vec())
    });
    let outcome = User::new().sample(&one(get_kept(&server.url("/")))).await;
    assert_eq!(outcome.error, None);
    let rest = "HTTP/2.0 200 \nx: \n".len();
    assert_eq!(outcome.response.headers.len(), rest + 300_000);
}

#[tokio::test]
async fn interim_answers_are_passed_over() {
    // :status 103, then :status 200 (8 in the static table) with END_STREAM and END_HEADERS.
    let mut bytes = frame(1, 1, b"\x08\x03103");
    bytes[4] = 4;
    let mut end = frame(1, 1, &[0x88]);
    end[4] = 5;
    bytes.extend_from_slice(&end);
    let server = raw_server(bytes);
    let outcome = User::new().sample(&one(get_kept(&server.url("/")))).await;
    assert_eq!(outcome.error, None);
    assert_eq!(outcome.status, 200);
    assert_eq!(outcome.response.headers, b"HTTP/2.0 200 \n");
}

#[tokio::test]
async fn a_dropped_sample_closes_its_connection() {
    let server = Http2Server::new(Limits::default(), |_| Reply::Silence);
    let mut user = User::new();
    let program = one(get(&server.url("/")));
    {
        let mut sample = std::pin::pin!(user.sample(&program));
        while server.seen().is_empty() {
            tokio::select! {
                biased;
                _ = &mut sample => panic!("nobody answers"),
                () = tokio::task::yield_now() => {}
            }
        }
    }
    assert_eq!(user.sampler.open_connections(), 0);
}
