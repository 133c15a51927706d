//! What holds for all paths: refusals, metrics, and the description of itself.

use loadline_backend::Profile;
use serde_json::Value;

use crate::client::Client;
use crate::server::TestServer;

#[test]
fn what_is_not_there_is_a_404_in_json() {
    let server = TestServer::start(Profile::Tuned, &[]);
    let mut client = server.client();
    for path in [
        "/",
        "/nothing/",
        "/posts/0/",
        "/posts/x/",
        "/posts/999999/",
        "/posts/1/more/",
    ] {
        let answer = client.get(path);
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.json()["error"], "not_found", "{path}");
    }
}

#[test]
fn a_method_that_a_path_lacks_is_a_405_that_names_the_others() {
    let server = TestServer::start(Profile::Tuned, &[]);
    let mut client = server.client();
    let cases = [
        ("DELETE", "/posts/", "GET,HEAD,POST"),
        ("POST", "/users/1/", "GET,HEAD,PUT,PATCH,DELETE"),
        ("POST", "/health", "GET,HEAD"),
    ];
    for (method, path, allowed) in cases {
        let answer = client.send(method, path, "");
        assert_eq!(answer.status, 405, "{method} {path}");
        assert_eq!(answer.header("allow"), Some(allowed));
        assert_eq!(answer.json()["error"], "method_not_allowed");
    }
}

#[test]
fn a_body_that_is_too_long_is_a_413() {
    let server = TestServer::start(Profile::Tuned, &[]);
    let body = format!("{{\"title\": \"{}\"}}", "x".repeat(200_000));
    let answer = server.client().send("POST", "/posts/", &body);
    assert_eq!(answer.status, 413);
    assert_eq!(answer.json()["error"], "unreadable_body");
}

#[test]
fn head_answers_without_a_body() {
    let server = TestServer::start(Profile::Tuned, &[]);
    let mut client = server.client();
    assert_eq!(client.send("HEAD", "/posts/", "").status, 200);
    assert_eq!(client.get("/health").status, 200);
}

/// The value of the line of `series`, which includes its labels.
pub(crate) fn metric(client: &mut Client, series: &str) -> f64 {
    let text = client.get("/metrics").body;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.map_or(0.0, |value| value.parse().unwrap())
}

#[test]
fn metrics_count_what_was_answered() {
    let server = TestServer::start(Profile::Tuned, &[]);
    let mut client = server.client();
    for _ in 0..3 {
        client.get("/posts/");
    }
    client.get("/posts/1");
    client.get("/posts/999999/");
    client.get("/nowhere");
    let answer = client.get("/metrics");
    assert_eq!(
        answer.header("content-type"),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    for line in answer.body.lines().filter(|line| !line.starts_with('#')) {
        let (series, value) = line.rsplit_once(' ').unwrap();
        assert!(value.parse::<f64>().is_ok(), "{line}");
        assert_eq!(series.contains('{'), series.ends_with('}'), "{line}");
    }
    let mut count = |route: &str, status: u16| {
        let labels = format!("method=\"GET\",route=\"{route}\",status=\"{status}\"");
        metric(&mut client, &format!("http_requests_total{{{labels}}}"))
    };
    assert_eq!(count("/posts/", 200), 3.0);
    assert_eq!(count("/posts/{id}/", 200), 1.0);
    assert_eq!(count("/posts/{id}/", 404), 1.0);
    assert_eq!(count("unmatched", 404), 1.0);
    let histogram = "http_request_duration_seconds_count{method=\"GET\",route=\"/posts/\"}";
    assert_eq!(metric(&mut client, histogram), 3.0);
    assert_eq!(
        metric(&mut client, "http_requests_in_flight"),
        1.0,
        "the scrape itself"
    );
    assert_eq!(metric(&mut client, "db_pool_size{pool=\"database\"}"), 3.0);
}

#[test]
fn the_description_is_true() {
    let server = TestServer::start(Profile::Tuned, &[]);
    let mut client = server.client();
    let description = client.get("/openapi.json").json();
    assert_eq!(description["openapi"], "3.1.0");
    let paths = description["paths"].as_object().unwrap();
    assert_eq!(paths.len(), 9);
    for (template, operations) in paths {
        let path = template.replace("{id}", "7");
        for method in ["get", "post", "put", "patch", "delete"] {
            // An empty body is refused by all that take one; the refusal is described too.
            let answer = client.send(&method.to_uppercase(), &path, "");
            match operations.get(method) {
                Some(operation) => {
                    let described = &operation["responses"][answer.status.to_string()];
                    assert!(described.is_object(), "{method} {path}: {answer:?}");
                }
                None => assert_eq!(answer.status, 405, "{method} {path}"),
            }
        }
    }
    check_references(&description, &description);
}

#[test]
fn records_have_the_described_members() {
    let server = TestServer::start(Profile::Tuned, &[]);
    let mut client = server.client();
    let description = client.get("/openapi.json").json();
    for (path, schema) in [
        ("/posts/5/", "Post"),
        ("/users/5/", "User"),
        ("/books/5/", "Book"),
    ] {
        let record = client.get(path).json();
        let described = &description["components"]["schemas"][schema]["properties"];
        let members = |value: &Value| {
            value
                .as_object()
                .unwrap()
                .keys()
                .cloned()
                .collect::<Vec<_>>()
        };
        assert_eq!(members(&record), members(described), "{path}");
    }
}

#[track_caller]
fn check_references(document: &Value, part: &Value) {
    match part {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                let pointer = reference.trim_start_matches('#');
                assert!(
                    document.pointer(pointer).is_some(),
                    "{reference} leads nowhere"
                );
            }
            members
                .values()
                .for_each(|member| check_references(document, member));
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| check_references(document, item)),
        _ => {}
    }
}
