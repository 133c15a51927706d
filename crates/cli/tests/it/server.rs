//! Servers of known behaviour, in the test's own process.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A server on a free port of loopback; its threads end with the test's process.
pub(crate) struct Server {
    pub(crate) port: u16,
    pub(crate) requests: Arc<AtomicU64>,
}

/// What a server does with the n-th request (from 0) on a connection that it has read.
pub(crate) type Answer = dyn Fn(u64, &mut TcpStream) -> bool + Send + Sync;

impl Server {
    /// A server that does `answer` with each request; `false` closes the connection.
    pub(crate) fn start(
        answer: impl Fn(u64, &mut TcpStream) -> bool + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&requests);
        let answer: Arc<Answer> = Arc::new(answer);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (counter, answer) = (Arc::clone(&counter), Arc::clone(&answer));
                std::thread::spawn(move || serve(stream, &counter, &*answer));
            }
        });
        Self { port, requests }
    }

    /// A server that answers every request with `status` and a short body.
    pub(crate) fn answering(status: u16) -> Self {
        Self::start(move |_, stream| respond(stream, status, "{\"ok\":true}"))
    }

    /// A server that answers 200 after `time`.
    pub(crate) fn taking(time: Duration) -> Self {
        Self::start(move |_, stream| {
            std::thread::sleep(time);
            respond(stream, 200, "{}")
        })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(crate) fn count(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }
}

pub(crate) fn respond(stream: &mut TcpStream, status: u16, body: &str) -> bool {
    let answer = format!(
        "HTTP/1.1 {status} Status\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(answer.as_bytes()).is_ok()
}

fn serve(mut stream: TcpStream, counter: &AtomicU64, answer: &Answer) {
    let _ = stream.set_nodelay(true);
    let mut buffer = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        // A request without a body, or one whose body comes with its head, as the tests send them.
        while !buffer.windows(4).any(|window| window == b"\r\n\r\n") {
            match stream.read(&mut chunk) {
                Ok(0) | Err(_) => return,
                Ok(count) => buffer.extend_from_slice(&chunk[..count]),
            }
        }
        buffer.clear();
        if !answer(counter.fetch_add(1, Ordering::Relaxed), &mut stream) {
            return;
        }
    }
}
