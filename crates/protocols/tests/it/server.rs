//! Little servers: each connection is served by a thread that follows a script.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// A request as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Received {
    /// Request line and header lines, as sent.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Received {
    /// Method and target.
    pub(crate) fn line(&self) -> &str {
        let line = self.head.lines().next().unwrap_or_default();
        line.strip_suffix(" HTTP/1.1").unwrap_or(line)
    }

    /// Value of the header `name`.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// A server on a free port of 127.0.0.1; it lives as long as the test process.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
    received: Arc<Mutex<Vec<Received>>>,
}

/// What a connection's script works with.
pub(crate) struct Peer {
    /// Index of the connection, from 0.
    pub(crate) index: usize,
    reader: BufReader<TcpStream>,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Peer {
    /// The next request; `None` when the client has closed.
    pub(crate) fn receive(&mut self) -> Option<Received> {
        let mut head = String::new();
        loop {
            let before = head.len();
            if self.reader.read_line(&mut head).ok()? == 0 {
                return None;
            }
            if head[before..].trim_end().is_empty() {
                break;
            }
        }
        let mut request = Received {
            head,
            body: Vec::new(),
        };
        let length = request
            .header("content-length")
            .map_or(0, |length| length.parse().unwrap());
        request.body.resize(length, 0);
        self.reader.read_exact(&mut request.body).ok()?;
        self.received.lock().unwrap().push(request.clone());
        Some(request)
    }

    /// The address of the client, without its port.
    pub(crate) fn client_address(&self) -> String {
        self.reader.get_ref().peer_addr().unwrap().ip().to_string()
    }

    /// Closes with a reset: what it does once the first byte of a request has come and is unread.
    pub(crate) fn close_with_reset(&self) {
        let mut byte = [0u8; 1];
        let _ = self.reader.get_ref().peek(&mut byte);
    }

    /// Says nothing until the client closes.
    pub(crate) fn keep_silent(&mut self) {
        let _ = std::io::copy(&mut self.reader, &mut std::io::sink());
    }

    /// Carries bytes between the client and `address`, both ways, until both have closed.
    pub(crate) fn carry_to(&mut self, address: SocketAddr) {
        let mut to_server = TcpStream::connect(address).unwrap();
        let mut from_server = to_server.try_clone().unwrap();
        let mut to_client = self.reader.get_ref().try_clone().unwrap();
        let back = std::thread::spawn(move || {
            let _ = std::io::copy(&mut from_server, &mut to_client);
            let _ = to_client.shutdown(Shutdown::Write);
        });
        let _ = std::io::copy(&mut self.reader, &mut to_server);
        let _ = to_server.shutdown(Shutdown::Write);
        let _ = back.join();
    }

    /// Sends bytes; a client that went away is no failure of the server.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        let _ = self.reader.get_mut().write_all(bytes);
    }
}

impl Server {
    /// A server that runs `script` for each connection; the connection closes when it returns.
    pub(crate) fn scripted(script: impl Fn(Peer) + Send + Sync + 'static) -> Self {
        Self::on("127.0.0.1:0", script).unwrap()
    }

    /// The same on another address.
    pub(crate) fn on(
        address: &str,
        script: impl Fn(Peer) + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let server = Self {
            address: listener.local_addr()?,
            connections: Arc::default(),
            received: Arc::default(),
        };
        let connections = Arc::clone(&server.connections);
        let received = Arc::clone(&server.received);
        let script = Arc::new(script);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                // Else the second part of an answer waits for the client's acknowledgement of the first.
                let _ = stream.set_nodelay(true);
                let peer = Peer {
                    index: connections.fetch_add(1, Ordering::SeqCst),
                    reader: BufReader::new(stream),
                    received: Arc::clone(&received),
                };
                let script = Arc::clone(&script);
                std::thread::spawn(move || script(peer));
            }
        });
        Ok(server)
    }

    /// A server that answers each request with the bytes of `answer`, and keeps the connection.
    pub(crate) fn answering(answer: impl Fn(&Received) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::scripted(move |mut peer| {
            while let Some(request) = peer.receive() {
                let bytes = answer(&request);
                peer.send(&bytes);
            }
        })
    }

    /// The URL of `path` on this server.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Connections accepted so far.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Requests received so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

/// An answer with `status` line, extra header lines and a body of stated length.
pub(crate) fn answer(status: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status}\r\n").into_bytes();
    for header in headers {
        bytes.extend_from_slice(header.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
    bytes.extend_from_slice(body);
    bytes
}
