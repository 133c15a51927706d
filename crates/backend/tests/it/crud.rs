//! Create, read, update, delete: the same story, told by both profiles.

use loadline_backend::Profile;
use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::server::TestServer;

/// Every status and body of the story, without times of creation.
pub(crate) fn tell(client: &mut Client) -> Vec<(u16, Value)> {
    let mut told = Vec::new();
    let mut note = |answer: Answer| {
        let mut body = match answer.body.as_str() {
            "" => Value::Null,
            _ => answer.json(),
        };
        if body["created_at"]
            .as_str()
            .is_some_and(|time| !time.starts_with("2024"))
        {
            body["created_at"] = json!("now");
        }
        told.push((answer.status, body));
        answer
    };

    let created = note(client.post(
        "/posts/",
        &json!({"title": "Quotes ' and \u{fc}nicode", "body": "", "user_id": "17"}),
    ));
    assert_eq!(created.status, 201);
    let location = created.header("location").unwrap().to_owned();
    assert_eq!(location, format!("/posts/{}/", created.json()["id"]));
    note(client.get(&location));
    let whole = json!({"title": "New", "body": "Whole", "user_id": 18}).to_string();
    note(client.send("PUT", &location, &whole));
    note(client.send("PATCH", &location, r#"{"body": "Part"}"#));
    note(client.send("PATCH", &location, "{}"));
    note(client.send("PATCH", &location, r#"{"user_id": 999999}"#));
    note(client.send("PUT", &location, r#"{"title": "Not whole"}"#));
    note(client.get(location.trim_end_matches('/')));
    note(client.send("DELETE", &location, ""));
    note(client.get(&location));
    note(client.send("DELETE", &location, ""));
    note(client.send("PUT", &location, &whole));
    note(client.post(
        "/posts/",
        &json!({"title": "T", "body": "B", "user_id": 999_999}),
    ));
    note(client.post("/posts/", &json!({"title": 1, "user_id": -1})));
    note(client.send("POST", "/posts/", "{"));
    note(client.send("POST", "/posts/", "[]"));

    let user = note(client.post("/users/", &json!({"name": "N", "email": "new@example.org"})));
    let user_path = user.header("location").unwrap().to_owned();
    let user_id = user.json()["id"].clone();
    note(client.post("/users/", &json!({"name": "M", "email": "new@example.org"})));
    note(client.send(
        "PATCH",
        &user_path,
        r#"{"email": "new@example.org", "name": "Same"}"#,
    ));
    let taken = client.get("/users/1/").json()["email"].clone();
    note(client.send("PATCH", &user_path, &json!({"email": taken}).to_string()));
    note(client.get(&user_path));
    let post = note(client.post(
        "/posts/",
        &json!({"title": "T", "body": "B", "user_id": user_id}),
    ));
    note(client.send("DELETE", &user_path, ""));
    note(client.get(&user_path));
    note(client.get(post.header("location").unwrap()));

    let book = note(client.post(
        "/books/",
        &json!({"title": "T", "author": "A", "year": "1999"}),
    ));
    let book_path = book.header("location").unwrap().to_owned();
    note(client.send("PATCH", &book_path, r#"{"year": 2000}"#));
    note(client.send("PATCH", &book_path, r#"{"year": 3000}"#));
    note(client.get(&book_path));
    note(client.send("DELETE", &book_path, ""));
    note(client.get(&book_path));
    told
}

/// What the story has to say.
pub(crate) fn expected_statuses() -> Vec<u16> {
    let posts = [
        201, 200, 200, 200, 200, 422, 422, 200, 204, 404, 404, 404, 422, 422, 400, 400,
    ];
    let users = [201, 409, 200, 409, 200, 201, 204, 404, 404];
    let books = [201, 200, 422, 200, 204, 404];
    [posts.as_slice(), &users, &books].concat()
}

#[test]
fn both_profiles_tell_the_same_story() {
    let stories = [Profile::Naive, Profile::Tuned].map(|profile| {
        let server = TestServer::start(profile, &[]);
        let story = tell(&mut server.client());
        let statuses: Vec<u16> = story.iter().map(|(status, _)| *status).collect();
        assert_eq!(statuses, expected_statuses(), "{profile:?}: {story:#?}");
        story
    });
    assert_eq!(stories[0], stories[1]);

    let body = |index: usize| &stories[1][index].1;
    assert_eq!(
        body(0)["user_id"],
        17,
        "text of digits is taken as a number"
    );
    assert_eq!(body(0)["title"], "Quotes ' and \u{fc}nicode");
    assert_eq!(body(2)["title"], "New");
    assert_eq!(body(3)["body"], "Part");
    assert_eq!(body(3)["title"], "New", "PATCH leaves the rest");
    assert_eq!(body(3)["created_at"], "now");
    assert_eq!(body(5)["details"][0]["field"], "user_id");
    assert_eq!(body(13)["details"].as_array().unwrap().len(), 3);
    assert_eq!(body(17)["details"][0]["field"], "email");
}

#[test]
fn writes_from_many_connections_are_all_kept() {
    for profile in [Profile::Naive, Profile::Tuned] {
        let server = TestServer::start(profile, &[]);
        let address = server.address();
        let ids: Vec<i64> = std::thread::scope(|scope| {
            let writers: Vec<_> = (1..=8)
                .map(|user_id| {
                    scope.spawn(move || {
                        let mut client = Client::connect(address);
                        let body = json!({"title": "T", "body": "B", "user_id": user_id});
                        let unknown = json!({"title": "T", "body": "B", "user_id": 999_999});
                        (0..25)
                            .map(|_| {
                                // A refused write must not take those of its group along.
                                assert_eq!(client.post("/posts/", &unknown).status, 422);
                                let answer = client.post("/posts/", &body);
                                assert_eq!(answer.status, 201);
                                answer.json()["id"].as_i64().unwrap()
                            })
                            .collect::<Vec<_>>()
                    })
                })
                .collect();
            writers
                .into_iter()
                .flat_map(|writer| writer.join().unwrap())
                .collect()
        });
        let mut distinct = ids.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), 200, "{profile:?}");
        let mut client = server.client();
        assert!(
            ids.iter()
                .all(|id| client.get(&format!("/posts/{id}/")).status == 200)
        );
    }
}
