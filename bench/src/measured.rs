//! The least that a generator can do with a task for each user and a record for each request: the floor's write and
//! read, awaited on tokio, between two readings of the clock, with the head of the answer parsed unless it is the
//! one that came before.
//!
//! What a whole generator costs above it is the plan: which sampler comes next, what it sends, who reads the answer.

use std::cell::RefCell;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::io::{AsyncRead as _, AsyncReadExt as _, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::runtime::LocalOptions;

/// Records that are kept before they are dropped, as a thread hands them on.
const BLOCK: usize = 16_384;

/// What is kept of a request.
struct Record {
    _started: Duration,
    _ended: Duration,
    _status: u16,
    _bytes: usize,
}

/// What the users of the thread share.
struct Shared {
    request: Vec<u8>,
    /// Length of an answer, which is always the same.
    expected: usize,
    began: Instant,
    end: Instant,
    buffer: RefCell<Vec<u8>>,
    /// The head that came last, and its status.
    known: RefCell<(Vec<u8>, u16)>,
    block: RefCell<Vec<Record>>,
    answers: RefCell<u64>,
}

/// Asks for `path` on so many connections for so long; returns the number of answers.
pub(crate) fn run(
    address: SocketAddr,
    path: &str,
    connections: usize,
    length: Duration,
) -> Result<u64> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build_local(LocalOptions::default())?;
    runtime.block_on(async {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n").into_bytes();
        let mut buffer = vec![0; 64 * 1024];
        let mut first = TcpStream::connect(address).await?;
        first.write_all(&request).await?;
        let expected = first.read(&mut buffer).await?;
        let mut known = (Vec::new(), 0);
        ensure!(
            status_of(&buffer[..expected], &mut known) == 200,
            "the target does not answer as expected"
        );
        let began = Instant::now();
        let shared = Rc::new(Shared {
            request,
            expected,
            began,
            end: began + length,
            buffer: RefCell::new(buffer),
            known: RefCell::new(known),
            block: RefCell::default(),
            answers: RefCell::default(),
        });
        let mut users = Vec::with_capacity(connections);
        for _ in 0..connections {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            users.push(tokio::task::spawn_local(live(stream, Rc::clone(&shared))));
        }
        for user in users {
            user.await??;
        }
        let answers = *shared.answers.borrow();
        Ok(answers)
    })
}

/// One user: a request, its answer, a record, and again until the end.
async fn live(mut stream: TcpStream, shared: Rc<Shared>) -> Result<()> {
    loop {
        let started = Instant::now();
        stream.write_all(&shared.request).await?;
        let (mut received, mut status) = (0, 0);
        while received < shared.expected {
            let count = poll_fn(|context| {
                let mut buffer = shared.buffer.borrow_mut();
                let mut target = ReadBuf::new(&mut buffer);
                let polled = Pin::new(&mut stream).poll_read(context, &mut target);
                polled.map_ok(|()| {
                    if received == 0 {
                        status = status_of(target.filled(), &mut shared.known.borrow_mut());
                    }
                    target.filled().len()
                })
            })
            .await?;
            ensure!(count > 0, "the target closed a connection");
            received += count;
        }
        let ended = Instant::now();
        let mut block = shared.block.borrow_mut();
        block.push(Record {
            _started: started - shared.began,
            _ended: ended - shared.began,
            _status: status,
            _bytes: received,
        });
        if block.len() == BLOCK {
            block.clear();
        }
        *shared.answers.borrow_mut() += 1;
        if ended >= shared.end {
            return Ok(());
        }
    }
}

/// The status of an answer, whose head is the `known` one or another; 0 if it is none.
fn status_of(bytes: &[u8], known: &mut (Vec<u8>, u16)) -> u16 {
    let (head, status) = known;
    if !head.is_empty() && bytes.starts_with(head) {
        return *status;
    }
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut response = httparse::Response::new(&mut headers);
    let Ok(httparse::Status::Complete(length)) = response.parse(bytes) else {
        return 0;
    };
    *status = response.code.unwrap_or_default();
    head.clear();
    head.extend_from_slice(&bytes[..length]);
    *status
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn answers_are_counted_and_anything_else_is_refused() {
        let ask = |answer: &'static [u8]| {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            std::thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    std::thread::spawn(move || {
                        let (mut stream, mut request) = (stream, [0; 1024]);
                        while matches!(stream.read(&mut request), Ok(count) if count > 0)
                            && stream.write_all(answer).is_ok()
                        {}
                    });
                }
            });
            run(address, "/small", 2, Duration::from_millis(20))
        };
        let answers = ask(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").unwrap();
        assert!(answers >= 2, "{answers}");
        ask(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").unwrap_err();
    }
}
