//! A server on loopback that keeps the truth about each of its exchanges.
//!
//! One blocking thread for each connection and nothing but `std`, so that none of the product's code
//! takes part in the truth. Only what the tests send is understood: requests without body.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// What a request is answered with.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// The answer is written at this instant, or at once if it has passed.
    pub(crate) due: Instant,
    pub(crate) status: u16,
    pub(crate) body_bytes: usize,
    /// How long the body keeps the client waiting after the head.
    pub(crate) body_after: Duration,
}

impl Answer {
    /// An empty 200 at `due`.
    pub(crate) fn ok(due: Instant) -> Self {
        Self {
            due,
            status: 200,
            body_bytes: 0,
            body_after: Duration::ZERO,
        }
    }
}

/// A request as the answering function sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) path: &'a str,
    /// Its number, from 0, in the order of arrival.
    pub(crate) number: u64,
    /// When it had been read.
    pub(crate) arrived: Instant,
}

/// What truly happened.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    pub(crate) path: String,
    /// Number of its connection.
    pub(crate) connection: u64,
    pub(crate) arrived: Instant,
    /// Just before the head was written, so that a client can never see a shorter time.
    pub(crate) answered: Instant,
    /// Just before the last byte was written, likewise.
    pub(crate) finished: Instant,
    pub(crate) status: u16,
    pub(crate) request_bytes: u64,
    pub(crate) answer_bytes: u64,
}

impl Exchange {
    /// From the request to the end of its answer, in microseconds.
    pub(crate) fn service_us(&self) -> u64 {
        u64::try_from((self.finished - self.arrived).as_micros()).unwrap()
    }

    /// From the request to the beginning of its answer, in microseconds.
    pub(crate) fn first_byte_us(&self) -> u64 {
        u64::try_from((self.answered - self.arrived).as_micros()).unwrap()
    }
}

/// A server that answers until it is asked for its truth.
pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    listening: JoinHandle<Vec<JoinHandle<()>>>,
}

type Answering = dyn Fn(Request<'_>) -> Answer + Send + Sync;

struct Shared {
    answering: Box<Answering>,
    next_number: AtomicU64,
    is_closing: AtomicBool,
    exchanges: Mutex<Vec<Exchange>>,
    streams: Mutex<Vec<TcpStream>>,
}

impl Server {
    /// Listens on a free port and answers each request as `answering` says.
    pub(crate) fn start(answering: impl Fn(Request<'_>) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            answering: Box::new(answering),
            next_number: AtomicU64::new(0),
            is_closing: AtomicBool::new(false),
            exchanges: Mutex::default(),
            streams: Mutex::default(),
        });
        let listening = thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared)
        });
        Self {
            address,
            shared,
            listening,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends the server; all its exchanges in the order of their answers.
    pub(crate) fn truth(self) -> Vec<Exchange> {
        self.shared.is_closing.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        drop(TcpStream::connect(self.address).unwrap());
        let connections = self.listening.join().unwrap();
        for stream in self.shared.streams.lock().unwrap().drain(..) {
            // A connection that the client has closed needs no shutdown.
            let _ = stream.shutdown(Shutdown::Both);
        }
        for connection in connections {
            connection.join().unwrap();
        }
        let mut exchanges = std::mem::take(&mut *self.shared.exchanges.lock().unwrap());
        exchanges.sort_by_key(|exchange| exchange.answered);
        exchanges
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) -> Vec<JoinHandle<()>> {
    let mut connections = Vec::new();
    loop {
        let (stream, _) = listener.accept().unwrap();
        if shared.is_closing.load(Ordering::SeqCst) {
            return connections;
        }
        stream.set_nodelay(true).unwrap();
        let kept = stream.try_clone().unwrap();
        shared.streams.lock().unwrap().push(kept);
        let shared = Arc::clone(shared);
        let number = connections.len() as u64;
        connections.push(thread::spawn(move || serve(stream, number, &shared)));
    }
}

/// Answers one request after the other until the client or the server closes.
fn serve(mut stream: TcpStream, connection: u64, shared: &Shared) {
    let mut buffer = [0; 4096];
    let mut filled = 0;
    loop {
        match stream.read(&mut buffer[filled..]) {
            Ok(0) | Err(_) => return,
            Ok(count) => filled += count,
        }
        let arrived = Instant::now();
        let head = &buffer[..filled];
        if !head.ends_with(b"\r\n\r\n") {
            continue;
        }
        let path = path_of(head);
        let number = shared.next_number.fetch_add(1, Ordering::SeqCst);
        let answer = (shared.answering)(Request {
            path: &path,
            number,
            arrived,
        });
        thread::sleep(answer.due.saturating_duration_since(Instant::now()));
        let Ok((answered, finished)) = write(&mut stream, &answer) else {
            return;
        };
        shared.exchanges.lock().unwrap().push(Exchange {
            path,
            connection,
            arrived,
            answered,
            finished,
            status: answer.status,
            request_bytes: filled as u64,
            answer_bytes: (head_text(&answer).len() + answer.body_bytes) as u64,
        });
        filled = 0;
    }
}

fn path_of(head: &[u8]) -> String {
    let line = head.split(|byte| *byte == b'\r').next().unwrap();
    let line = std::str::from_utf8(line).unwrap();
    line.split(' ').nth(1).unwrap().to_owned()
}

/// Writes `answer`; just before its first and its last byte.
fn write(stream: &mut TcpStream, answer: &Answer) -> io::Result<(Instant, Instant)> {
    let (mut head, body) = (head_text(answer), vec![b'x'; answer.body_bytes]);
    if answer.body_after.is_zero() {
        head.extend_from_slice(&body);
        let now = Instant::now();
        stream.write_all(&head)?;
        return Ok((now, now));
    }
    let answered = Instant::now();
    stream.write_all(&head)?;
    thread::sleep(answer.body_after);
    let finished = Instant::now();
    stream.write_all(&body)?;
    Ok((answered, finished))
}

fn head_text(answer: &Answer) -> Vec<u8> {
    let (status, length) = (answer.status, answer.body_bytes);
    format!("HTTP/1.1 {status} Answer\r\ncontent-length: {length}\r\n\r\n").into_bytes()
}

/// The instant at which `stall` is over that begins `start` after `first`, for one who comes `now`;
/// `None` outside of it.
pub(crate) fn stalled_until(
    first: Instant,
    start: Duration,
    stall: Duration,
    now: Instant,
) -> Option<Instant> {
    let (begin, end) = (first + start, first + start + stall);
    (begin <= now && now < end).then_some(end)
}
