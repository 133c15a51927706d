//! Requests over Unix sockets.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use loadline_engine::{HttpWays, Sampler};
use loadline_events::ErrorKind;
use loadline_plan::program::{HttpProgram, Part, ProxyProgram, Slot, Template};
use loadline_protocols::HttpOptions;
use tempfile::TempDir;

use crate::server::answer;
use crate::user::{User, get_kept};

/// A server on a Unix socket that answers each request with its request line.
struct SocketServer {
    folder: TempDir,
    connections: Arc<AtomicUsize>,
    hosts: Arc<Mutex<Vec<String>>>,
}

impl SocketServer {
    fn new() -> Self {
        let server = Self {
            folder: tempfile::tempdir().unwrap(),
            connections: Arc::default(),
            hosts: Arc::default(),
        };
        let listener = UnixListener::bind(server.file()).unwrap();
        let connections = Arc::clone(&server.connections);
        let hosts = Arc::clone(&server.hosts);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                connections.fetch_add(1, Ordering::SeqCst);
                let hosts = Arc::clone(&hosts);
                std::thread::spawn(move || serve(stream, &hosts));
            }
        });
        server
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("app.sock")
    }
}

fn serve(stream: UnixStream, hosts: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let mut header = String::new();
        loop {
            let before = header.len();
            if reader.read_line(&mut header).unwrap_or(0) == 0 {
                return;
            }
            if header[before..].trim_end().is_empty() {
                break;
            }
        }
        let host = header.lines().find_map(|line| line.strip_prefix("Host: "));
        hosts.lock().unwrap().push(host.unwrap_or("").to_owned());
        let bytes = answer("200 OK", &[], line.trim_end().as_bytes());
        let _ = reader.get_mut().write_all(&bytes);
    }
}

fn over(file: &std::path::Path, url: &str) -> HttpProgram {
    HttpProgram {
        unix_socket: Some(Box::new(Template::literal(file.to_str().unwrap()))),
        ..get_kept(url)
    }
}

#[tokio::test]
async fn requests_go_to_the_socket_whatever_the_host_is() {
    let server = SocketServer::new();
    let mut user = User::new();
    // A name that has no address and an address that may not be loaded: neither is asked for.
    let url = "http://app.example.test/a?b=1";
    for _ in 0..3 {
        let outcome = user.sample(&over(&server.file(), url)).await;
        assert_eq!(outcome.error, None);
        assert_eq!(outcome.response.body, b"GET /a?b=1 HTTP/1.1");
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
    let other = user
        .sample(&over(&server.file(), "http://192.0.2.1/"))
        .await;
    assert_eq!(other.error, None);
    assert_eq!(server.connections.load(Ordering::SeqCst), 2);
    let hosts = server.hosts.lock().unwrap().clone();
    assert_eq!(hosts[2], "app.example.test");
    assert_eq!(hosts[3], "192.0.2.1");
    assert_eq!(user.sampler.open_connections(), 2);
}

#[tokio::test]
async fn the_file_may_be_in_a_variable_or_a_setting() {
    let server = SocketServer::new();
    let file = server.file();
    let mut user = User::new();
    user.variables.set(Slot(0), file.to_str().unwrap());
    let program = HttpProgram {
        unix_socket: Some(Box::new(Template {
            parts: vec![Part::Variable(Slot(0))],
        })),
        ..get_kept("http://localhost/v")
    };
    assert_eq!(user.sample(&program).await.error, None);
    let mut user = User::with_options(HttpOptions {
        ways: HttpWays {
            unix_socket: Some(file.to_str().unwrap().into()),
            ..HttpWays::default()
        },
        ..HttpOptions::default()
    });
    let program = get_kept("http://localhost/s");
    for _ in 0..2 {
        let outcome = user.sample(&program).await;
        assert_eq!(outcome.response.body, b"GET /s HTTP/1.1");
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn what_is_wrong_with_a_socket_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("none.sock");
    let shown = file.display();
    let mut user = User::new();
    let program = over(&file, "http://localhost/");
    let error = user.sample(&program).await.error.unwrap();
    assert_eq!(error.kind, ErrorKind::Connect);
    let expected = format!("Connect to Unix socket {shown} failed: there is no such file");
    assert_eq!(&*error.message, expected);
    drop(UnixListener::bind(&file).unwrap());
    let error = user.sample(&program).await.error.unwrap();
    let expected = format!("Connect to Unix socket {shown} failed: nobody listens there");
    assert_eq!(&*error.message, expected);
    let proxied = HttpProgram {
        proxy: Some(Box::new(ProxyProgram {
            host: Template::literal("proxy.test"),
            port: Template::literal("3128"),
            user: Template::default(),
            password: Template::default(),
        })),
        ..program
    };
    let error = user.sample(&proxied).await.error.unwrap();
    assert_eq!(error.kind, ErrorKind::Request);
    let expected = format!(
        "a request goes to the Unix socket {shown} or through the proxy proxy.test, not both"
    );
    assert_eq!(&*error.message, expected);
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_is_waited_for_until_the_time_to_connect_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("full.sock");
    let listener = UnixListener::bind(&file).unwrap();
    let mut waiting = Vec::new();
    loop {
        // A blocking connect would wait for room, so the queue is filled without blocking.
        let socket = tokio::net::UnixSocket::new_stream().unwrap();
        match tokio::time::timeout(std::time::Duration::from_millis(1), socket.connect(&file)).await
        {
            Ok(Ok(stream)) => waiting.push(stream),
            _ => break,
        }
        assert!(waiting.len() < 10_000, "the queue has no end");
    }
    let program = HttpProgram {
        connect_timeout_ms: Template::literal("250"),
        ..over(&file, "http://localhost/")
    };
    let error = User::new().sample(&program).await.error.unwrap();
    assert_eq!(error.kind, ErrorKind::Timeout);
    let expected = format!(
        "Connect to Unix socket {} failed: Connect timed out",
        file.display()
    );
    assert_eq!(&*error.message, expected);
    drop(listener);
}
