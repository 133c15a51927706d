//! Cookies between requests of one user.

use std::sync::Arc;

use loadline_plan::CookieManager;
use loadline_plan::program::HttpProgram;

use crate::server::{Server, answer};
use crate::user::{User, get};

fn manager(clear_each_iteration: bool, ignore: bool) -> Option<Arc<CookieManager>> {
    Some(Arc::new(CookieManager {
        cookies: Vec::new(),
        clear_each_iteration,
        controlled_by_group: false,
        ignore,
    }))
}

/// What two requests, each after the start of an iteration, sent as cookies.
async fn cookies_sent(cookies: Option<Arc<CookieManager>>) -> Vec<Option<String>> {
    let server = Server::answering(|_| answer("200 OK", &["Set-Cookie: session=7"], b""));
    let mut user = User::new();
    let program = HttpProgram {
        cookies,
        ..get(&server.url("/"))
    };
    for index in 0..2 {
        user.start_iteration(index, false);
        assert_eq!(user.sample(&program).await.error, None);
    }
    server
        .received()
        .iter()
        .map(|request| request.header("cookie").map(str::to_owned))
        .collect()
}

#[tokio::test]
async fn a_cookie_comes_back_over_iterations() {
    assert_eq!(
        cookies_sent(manager(false, false)).await,
        [None, Some("session=7".to_owned())]
    );
}

#[tokio::test]
async fn cookies_are_forgotten_or_ignored_as_the_plan_says() {
    assert_eq!(cookies_sent(manager(true, false)).await, [None, None]);
    assert_eq!(cookies_sent(manager(false, true)).await, [None, None]);
    assert_eq!(cookies_sent(None).await, [None, None]);
}
