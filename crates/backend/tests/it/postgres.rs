//! The same behaviour over PostgreSQL, where a server is present.

use loadline_backend::{Backend, BackendOptions, Database, Profile};

use crate::client::Client;
use crate::crud::{expected_statuses, tell};
use crate::server::{TestServer, free_port};

/// Holds the address of a database that may be written to, as `postgres://user@host/name`.
const URL_VARIABLE: &str = "LOADLINE_TEST_POSTGRES";

#[test]
fn postgres_tells_the_same_story_as_sqlite() {
    let Ok(url) = std::env::var(URL_VARIABLE) else {
        println!("skipped: {URL_VARIABLE} is not set");
        return;
    };
    let pages = [
        "/posts/",
        "/users/?page=9",
        "/books/?page=2&page_size=7",
        "/posts/77/",
    ];
    let sqlite = TestServer::start(Profile::Tuned, &[]);
    let mut client = sqlite.client();
    let expected_pages = pages.map(|path| client.get(path).body);
    let mut expected_story = tell(&mut client);
    expected_story.iter_mut().for_each(without_new_id);

    for profile in [Profile::Naive, Profile::Tuned] {
        let backend = Backend::start(BackendOptions {
            listen: free_port(),
            database: Database::Postgres(url.clone()),
            profile,
            faults: Vec::new(),
        })
        .unwrap();
        let mut client = Client::connect(backend.address());
        assert_eq!(
            pages.map(|path| client.get(path).body),
            expected_pages,
            "{profile:?}"
        );
        let mut story = tell(&mut client);
        let statuses: Vec<u16> = story.iter().map(|(status, _)| *status).collect();
        assert_eq!(statuses, expected_statuses(), "{profile:?}");
        story.iter_mut().for_each(without_new_id);
        assert_eq!(story, expected_story, "{profile:?}");
    }
}

/// SQLite gives the id of a deleted last record again, PostgreSQL does not.
fn without_new_id((_, body): &mut (u16, serde_json::Value)) {
    if let Some(members) = body.as_object_mut() {
        members.remove("id");
        members.remove("user_id");
        members.remove("message");
    }
}
