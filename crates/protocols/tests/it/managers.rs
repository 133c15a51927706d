//! Cache and authorization over real connections.

use std::sync::Arc;

use loadline_plan::AuthMechanism;
use loadline_plan::program::{AuthorizationProgram, CacheProgram, HttpProgram, Template};

use crate::server::{Received, Server, answer};
use crate::user::{User, get, get_kept, post};

fn caching(program: HttpProgram, use_expires: bool) -> HttpProgram {
    HttpProgram {
        cache: Some(Arc::new(CacheProgram {
            clear_each_iteration: true,
            controlled_by_group: false,
            use_expires,
            max_size: Template::literal("10"),
        })),
        ..program
    }
}

fn authorized(program: HttpProgram, url: &str, mechanism: AuthMechanism) -> HttpProgram {
    let row = AuthorizationProgram {
        url: Template::literal(url),
        user: Template::literal("ann"),
        password: Template::literal("s3cret"),
        realm: Template::default(),
        mechanism,
    };
    HttpProgram {
        authorization: Some(Arc::new([row])),
        ..program
    }
}

#[tokio::test]
async fn a_fresh_copy_is_no_sample_until_the_cache_is_cleared() {
    let server = Server::answering(|_| answer("200 OK", &["Cache-Control: max-age=60"], b"x"));
    let mut user = User::new();
    let program = caching(get(&server.url("/a")), true);
    assert_eq!(user.sample(&program).await.status, 200);
    assert!(user.try_sample(&program).await.is_none());
    assert_eq!(server.received().len(), 1);
    let posting = caching(post(&server.url("/a"), "x"), true);
    assert_eq!(user.sample(&posting).await.status, 200);
    user.start_iteration(1, false);
    assert_eq!(user.sample(&program).await.status, 200);
    assert_eq!(server.received().len(), 3);
}

#[tokio::test]
async fn a_fresh_copy_is_the_sample_that_a_property_asks_for() {
    let server = Server::answering(|_| answer("200 OK", &["ETag: x"], b"body"));
    let mut user = User::new();
    user.set_property("cache_manager.cached_resource_mode", "RETURN_200_CACHE");
    let program = caching(get_kept(&server.url("/a")), true);
    user.sample(&program).await;
    let outcome = user.sample(&program).await;
    assert_eq!((outcome.status, &outcome.error), (200, &None));
    assert_eq!(&*outcome.response.message, "(ex cache)");
    assert_eq!((outcome.sent_bytes, outcome.received_bytes), (0, 0));
    assert_eq!(&*outcome.response.url, server.url("/a"));
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn without_expires_requests_are_conditional() {
    let server = Server::answering(|request| {
        if request.header("if-none-match") == Some("\"v1\"") {
            return b"HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\n\r\n".to_vec();
        }
        let headers = [
            "ETag: \"v1\"",
            "Last-Modified: Sun, 09 Sep 2001 01:46:40 GMT",
        ];
        answer("200 OK", &headers, b"body")
    });
    let mut user = User::new();
    let mut program = caching(get(&server.url("/a")), false);
    program.headers = vec![(
        Template::literal("If-None-Match"),
        Template::literal("of the plan"),
    )];
    assert_eq!(user.sample(&program).await.status, 200);
    let outcome = user.sample(&program).await;
    assert_eq!((outcome.status, &outcome.error), (304, &None));
    let second = server.received()[1].head.clone();
    assert!(
        second.contains(
            "Connection: keep-alive\r\nIf-Modified-Since: Sun, 09 Sep 2001 01:46:40 GMT\r\n\
             If-None-Match: \"v1\"\r\nHost: "
        ),
        "{second}"
    );
}

#[tokio::test]
async fn basic_goes_out_with_the_first_request_where_the_url_fits() {
    let server = Server::answering(|_| answer("200 OK", &[], b""));
    let mut user = User::new();
    let url = server.url("/in");
    for path in ["/inside", "/out"] {
        let program = authorized(get(&server.url(path)), &url, AuthMechanism::Basic);
        user.sample(&program).await;
    }
    let received = server.received();
    assert!(
        received[0]
            .head
            .ends_with("\r\nAuthorization: Basic YW5uOnMzY3JldA==\r\n\r\n"),
        "{}",
        received[0].head
    );
    assert_eq!(received[1].header("authorization"), None);
}

#[tokio::test]
async fn a_refused_password_is_sent_once_and_the_plans_own_header_wins() {
    let server =
        Server::answering(|_| answer("401 No", &["WWW-Authenticate: Basic realm=\"r\""], b""));
    let mut user = User::new();
    let mut program = authorized(get(&server.url("/")), "", AuthMechanism::Basic);
    assert_eq!(user.sample(&program).await.status, 401);
    assert_eq!(server.received().len(), 1);
    program.headers = vec![(
        Template::literal("Authorization"),
        Template::literal("Bearer x"),
    )];
    assert_eq!(user.sample(&program).await.status, 401);
    let received = server.received();
    assert_eq!(received.len(), 2);
    assert_eq!(received[1].header("authorization"), Some("Bearer x"));
}

/// A server that lets only those in who answer its Digest.
fn digest_server() -> Server {
    Server::answering(|request: &Received| {
        let given = request.header("authorization").unwrap_or_default();
        let part = |name: &str| {
            let (_, rest) = given.split_once(&format!(" {name}="))?;
            Some(
                rest.trim_start_matches('"')
                    .split(['"', ','])
                    .next()?
                    .to_owned(),
            )
        };
        let sum = |text: String| {
            use md5::{Digest as _, Md5};
            let digest = Md5::digest(text.as_bytes());
            digest
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>()
        };
        let expected = (|| {
            let method = request.line().split(' ').next()?;
            let secret = sum("ann:the realm:s3cret".to_owned());
            let covered = sum(format!("{method}:{}", part("uri")?));
            let (count, client) = (part("nc")?, part("cnonce")?);
            Some(sum(format!(
                "{secret}:n0nce:{count}:{client}:auth:{covered}"
            )))
        })();
        match (part("response"), expected) {
            (Some(given), Some(expected)) if given == expected => answer("200 OK", &[], b"in"),
            _ => {
                let challenge =
                    "WWW-Authenticate: Digest realm=\"the realm\", nonce=\"n0nce\", qop=\"auth\"";
                answer("401 No", &[challenge], b"out")
            }
        }
    })
}

#[tokio::test]
async fn a_digest_answers_the_challenge_within_one_sample() {
    let server = digest_server();
    let mut user = User::new();
    let program = authorized(get_kept(&server.url("/a?b")), "", AuthMechanism::Digest);
    for round in 1..=2 {
        let outcome = user.sample(&program).await;
        assert_eq!((outcome.status, &outcome.error), (200, &None));
        assert_eq!(outcome.response.body, b"in");
        assert!(outcome.sub_samples.is_empty());
        let received = server.received();
        assert_eq!(received.len(), 2 * round);
        let sent: usize = received[received.len() - 2..]
            .iter()
            .map(|request| request.head.len())
            .sum();
        assert_eq!(outcome.sent_bytes as usize, sent);
    }
    assert_eq!(server.connections(), 1);
    let posting = authorized(post(&server.url("/p"), "data"), "", AuthMechanism::Basic);
    // Basic is not offered, so the Digest is answered.
    assert_eq!(user.sample(&posting).await.status, 200);
    assert_eq!(server.received().last().unwrap().body, b"data");
}
