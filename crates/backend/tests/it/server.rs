//! A backend for a test, with a database of its own.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use loadline_backend::{Backend, BackendError, BackendOptions, Database, Profile, RunningBackend};
use tempfile::TempDir;

use crate::client::Client;

/// Ends with the test; the fields are dropped in this order.
pub(crate) struct TestServer {
    backend: RunningBackend,
    _folder: TempDir,
}

impl TestServer {
    pub(crate) fn start(profile: Profile, faults: &[&str]) -> TestServer {
        let folder = tempfile::tempdir().unwrap();
        let backend = start_on(&folder.path().join("test.db"), profile, faults).unwrap();
        TestServer {
            backend,
            _folder: folder,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.backend.address()
    }

    pub(crate) fn client(&self) -> Client {
        Client::connect(self.address())
    }
}

pub(crate) fn start_on(
    path: &Path,
    profile: Profile,
    faults: &[&str],
) -> Result<RunningBackend, BackendError> {
    Backend::start(BackendOptions {
        listen: free_port(),
        database: Database::Sqlite(path.to_owned()),
        profile,
        faults: faults.iter().map(|fault| fault.parse().unwrap()).collect(),
    })
}

pub(crate) fn free_port() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

#[test]
fn a_backend_ends_when_it_is_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let backend = start_on(&folder.path().join("test.db"), Profile::Tuned, &[]).unwrap();
    let address = backend.address();
    let mut idle_client = Client::connect(address);
    assert_eq!(idle_client.get("/health").status, 200);
    let handle = backend.shutdown_handle();
    let waiting = std::thread::spawn(move || backend.wait());
    handle.shutdown();
    waiting.join().unwrap();
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn a_restart_on_the_same_file_starts_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    let newest = |profile, make_another: bool| {
        let backend = start_on(&path, profile, &[]).unwrap();
        let mut client = Client::connect(backend.address());
        if make_another {
            let body = serde_json::json!({"title": "t", "body": "b", "user_id": 1});
            assert_eq!(client.post("/posts/", &body).status, 201);
        }
        client.get("/posts/?page_size=1").json()["items"][0]["id"]
            .as_i64()
            .unwrap()
    };
    let first = newest(Profile::Naive, false);
    assert_eq!(newest(Profile::Naive, true), first + 1);
    assert_eq!(newest(Profile::Tuned, false), first);
    assert_eq!(newest(Profile::Naive, false), first);
}

#[test]
fn a_file_of_another_program_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    let other = rusqlite::Connection::open(&path).unwrap();
    other
        .execute_batch("CREATE TABLE posts (mine TEXT); INSERT INTO posts VALUES ('kept')")
        .unwrap();
    let error = start_on(&path, Profile::Tuned, &[]).unwrap_err();
    assert!(matches!(error, BackendError::Database { .. }), "{error:?}");
    let kept: String = other
        .query_row("SELECT mine FROM posts", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, "kept");
}

#[test]
fn an_address_in_use_is_an_error() {
    let first = TestServer::start(Profile::Tuned, &[]);
    let error = Backend::start(BackendOptions {
        listen: first.address(),
        database: Database::Sqlite(tempfile::tempdir().unwrap().path().join("test.db")),
        profile: Profile::Tuned,
        faults: Vec::new(),
    })
    .unwrap_err();
    assert!(matches!(error, BackendError::Listen { .. }), "{error:?}");
}
