//! Pages, and the data that a backend starts with.

use loadline_backend::Profile;
use serde_json::Value;

use crate::client::Client;
use crate::server::TestServer;

/// Follows the `next` links from `path` and returns the ids in the order of the pages.
fn walk(client: &mut Client, path: &str) -> Vec<i64> {
    let mut ids = Vec::new();
    let mut next = Some(path.to_owned());
    while let Some(path) = next {
        let page = client.get(&path).json();
        ids.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["id"].as_i64().unwrap()),
        );
        next = page["next"].as_str().map(str::to_owned);
    }
    ids
}

#[test]
fn pages_hold_each_record_once_and_in_order() {
    for profile in [Profile::Naive, Profile::Tuned] {
        let server = TestServer::start(profile, &[]);
        let mut client = server.client();
        let books = walk(&mut client, "/books/?page_size=99");
        assert_eq!(books, (1..=500).collect::<Vec<_>>(), "{profile:?}");
    }
    let server = TestServer::start(Profile::Tuned, &[]);
    let posts = walk(&mut server.client(), "/posts/?page_size=100");
    assert_eq!(posts, (1..=5000).rev().collect::<Vec<_>>(), "newest first");
}

#[test]
fn the_first_page_is_short_and_the_last_one_ends() {
    let server = TestServer::start(Profile::Tuned, &[]);
    let mut client = server.client();
    let first = client.get("/posts/").json();
    assert_eq!(first["items"].as_array().unwrap().len(), 20);
    assert_eq!(first["previous"], Value::Null);
    assert_eq!(first["next"], "/posts/?page=2&page_size=20");
    let last = client.get("/books/?page=25&page_size=20").json();
    assert_eq!(last["items"].as_array().unwrap().len(), 20);
    assert_eq!(last["next"], Value::Null);
    let beyond = client.get("/books/?page=26").json();
    assert_eq!(beyond["items"].as_array().unwrap().len(), 0);
}

#[test]
fn page_parameters_are_validated() {
    let server = TestServer::start(Profile::Tuned, &[]);
    let mut client = server.client();
    for query in ["page=0", "page=x", "page_size=101", "page_size=-1"] {
        let answer = client.get(&format!("/posts/?{query}"));
        assert_eq!(answer.status, 422, "{query}");
        assert_eq!(answer.json()["details"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn the_data_is_the_same_each_time_and_in_both_profiles() {
    let samples = [Profile::Naive, Profile::Tuned, Profile::Tuned].map(|profile| {
        let server = TestServer::start(profile, &[]);
        let mut client = server.client();
        [
            "/posts/",
            "/posts/?page=50&page_size=100",
            "/users/?page=9",
            "/users/1000/",
            "/books/",
        ]
        .map(|path| client.get(path).body)
    });
    assert_eq!(samples[0], samples[1]);
    assert_eq!(samples[1], samples[2]);
    assert!(samples[0].iter().all(|body| body.len() > 50));
}
