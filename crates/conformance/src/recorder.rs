//! The recording server: answers by `answer` and keeps every request.
//!
//! Plain threads, one for each connection: plans that are compared have few users. It stops when it
//! is dropped.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use crate::answer::{Answer, Ending, answer};
use crate::request::{Request, printable};

/// Largest head and body that are read; more ends the connection.
const GREATEST_REQUEST: usize = 8 << 20;

/// A server on a free port of the loopback interface.
#[derive(Debug)]
pub struct Recorder {
    port: u16,
    state: Arc<State>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct State {
    start: Instant,
    requests: Mutex<Vec<Request>>,
    streams: Mutex<Vec<TcpStream>>,
    stopping: AtomicBool,
}

impl Recorder {
    /// Starts a server.
    ///
    /// # Errors
    ///
    /// No port of the loopback interface could be had.
    pub fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let state = Arc::new(State {
            start: Instant::now(),
            requests: Mutex::default(),
            streams: Mutex::default(),
            stopping: AtomicBool::new(false),
        });
        let shared = Arc::clone(&state);
        let acceptor = std::thread::spawn(move || accept(&listener, &shared));
        Ok(Self {
            port,
            state,
            acceptor: Some(acceptor),
        })
    }

    /// Where it listens, on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The requests so far, in the order in which they were complete.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.state.requests).clone()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.state.stopping.store(true, Ordering::SeqCst);
        // Wakes the acceptor, which then sees that it is to stop.
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)));
        if let Some(acceptor) = self.acceptor.take() {
            drop(acceptor.join());
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn accept(listener: &TcpListener, state: &Arc<State>) {
    let mut connections = Vec::new();
    for stream in listener.incoming() {
        if state.stopping.load(Ordering::SeqCst) {
            break;
        }
        let Ok(stream) = stream else { continue };
        drop(stream.set_nodelay(true));
        if let Ok(copy) = stream.try_clone() {
            lock(&state.streams).push(copy);
        }
        let number = connections.len() + 1;
        let shared = Arc::clone(state);
        connections.push(std::thread::spawn(move || {
            // A client that goes away in the middle is no fault of the server.
            drop(serve(stream, number, &shared));
        }));
    }
    for stream in lock(&state.streams).drain(..) {
        drop(stream.shutdown(Shutdown::Both));
    }
    for connection in connections {
        drop(connection.join());
    }
}

fn serve(mut stream: TcpStream, connection: usize, state: &State) -> io::Result<()> {
    let mut buffer = Vec::new();
    while let Some(request) = read_request(&mut stream, &mut buffer, connection, state)? {
        let answer = answer(&request);
        let client_closes = request
            .header("connection")
            .is_some_and(|value| value.eq_ignore_ascii_case("close"));
        lock(&state.requests).push(request);
        std::thread::sleep(answer.delay);
        if answer.ending == Ending::NoAnswer {
            break;
        }
        stream.write_all(&answer.bytes())?;
        if client_closes || answer.ending != Ending::KeepAlive {
            break;
        }
    }
    stream.shutdown(Shutdown::Both)
}

/// Reads one request; `None` when the client has closed. What was read beyond it stays in `buffer`.
fn read_request(
    stream: &mut TcpStream,
    buffer: &mut Vec<u8>,
    connection: usize,
    state: &State,
) -> io::Result<Option<Request>> {
    loop {
        let mut headers = [httparse::EMPTY_HEADER; 128];
        let mut head = httparse::Request::new(&mut headers);
        match head.parse(buffer) {
            Ok(httparse::Status::Complete(length)) => {
                let mut request = Request {
                    at: state.start.elapsed(),
                    connection,
                    method: head.method.unwrap_or_default().to_owned(),
                    target: head.path.unwrap_or_default().to_owned(),
                    headers: head.headers.iter().map(name_and_value).collect(),
                    body: Vec::new(),
                };
                buffer.drain(..length);
                request.body = read_body(stream, buffer, &request)?;
                return Ok(Some(request));
            }
            Ok(httparse::Status::Partial) if buffer.len() < GREATEST_REQUEST => {
                if !read_more(stream, buffer)? {
                    return Ok(None);
                }
            }
            Ok(httparse::Status::Partial) | Err(_) => {
                let bad = Answer::of(400, "text/plain", "not understood");
                stream.write_all(&bad.bytes())?;
                return Ok(None);
            }
        }
    }
}

fn name_and_value(header: &httparse::Header<'_>) -> (String, String) {
    (header.name.to_owned(), printable(header.value))
}

fn read_body(stream: &mut TcpStream, buffer: &mut Vec<u8>, head: &Request) -> io::Result<Vec<u8>> {
    let chunked = head
        .header("transfer-encoding")
        .is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"));
    if chunked {
        return read_chunks(stream, buffer);
    }
    let length = head.header("content-length");
    let length = length.and_then(|text| text.parse().ok()).unwrap_or(0);
    take(stream, buffer, length)
}

fn read_chunks(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = take_line(stream, buffer)?;
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16).map_err(io::Error::other)?;
        body.extend(take(stream, buffer, size)?);
        take_line(stream, buffer)?;
        if size == 0 {
            return Ok(body);
        }
    }
}

fn take_line(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<String> {
    loop {
        if let Some(end) = buffer.windows(2).position(|pair| pair == b"\r\n") {
            let line: Vec<u8> = buffer.drain(..end + 2).collect();
            return Ok(String::from_utf8_lossy(&line[..end]).into_owned());
        }
        if !read_more(stream, buffer)? {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

fn take(stream: &mut TcpStream, buffer: &mut Vec<u8>, length: usize) -> io::Result<Vec<u8>> {
    if length > GREATEST_REQUEST {
        return Err(io::Error::other("the body is too large"));
    }
    while buffer.len() < length {
        if !read_more(stream, buffer)? {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(buffer.drain(..length).collect())
}

/// Whether something came before the client closed.
fn read_more(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<bool> {
    let mut block = [0; 16 << 10];
    let read = stream.read(&mut block)?;
    buffer.extend_from_slice(&block[..read]);
    Ok(read > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(port: u16, request: &str) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn requests_are_kept_with_order_case_and_body() {
        let recorder = Recorder::start().unwrap();
        let request = "POST /echo?a=b HTTP/1.1\r\nhOst: h\r\nContent-Length: 3\r\n\
                       Connection: close\r\n\r\nabc";
        let answer = exchange(recorder.port(), request);
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.ends_with("\r\n\r\nabc"), "{answer}");
        let kept = recorder.requests();
        assert_eq!(kept.len(), 1);
        assert_eq!(
            (kept[0].method.as_str(), kept[0].target.as_str()),
            ("POST", "/echo?a=b")
        );
        assert_eq!(kept[0].headers[0], ("hOst".to_owned(), "h".to_owned()));
        assert_eq!(kept[0].body, b"abc");
    }

    #[test]
    fn requests_of_one_connection_share_its_number() {
        let recorder = Recorder::start().unwrap();
        let two = "GET /status/204 HTTP/1.1\r\n\r\nGET /close HTTP/1.1\r\n\r\n";
        exchange(recorder.port(), two);
        exchange(recorder.port(), "GET /close HTTP/1.1\r\n\r\n");
        let numbers: Vec<usize> = recorder
            .requests()
            .iter()
            .map(|one| one.connection)
            .collect();
        assert_eq!(numbers, [1, 1, 2]);
    }

    #[test]
    fn chunks_are_put_together() {
        let recorder = Recorder::start().unwrap();
        let request = "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n\
                       2\r\nab\r\n1\r\nc\r\n0\r\n\r\n";
        exchange(recorder.port(), request);
        assert_eq!(recorder.requests()[0].body, b"abc");
    }

    #[test]
    fn what_is_no_request_is_answered_with_400() {
        let recorder = Recorder::start().unwrap();
        let answer = exchange(recorder.port(), "\u{1}\u{2} nonsense\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
}
