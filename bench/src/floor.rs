//! The least that a generator can do: a write and a read for each request, and nothing else.
//!
//! What it costs above this is what a generator can save.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use mio::{Events, Interest, Poll, Token};

/// Asks for `/small` on so many connections for so long; returns the number of answers.
pub(crate) fn run(
    address: SocketAddr,
    path: &str,
    connections: usize,
    length: Duration,
) -> Result<u64> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n").into_bytes();
    let mut buffer = vec![0; 64 * 1024];

    // The length of an answer, which is always the same.
    let mut first = TcpStream::connect(address)?;
    first.write_all(&request)?;
    let expected = first.read(&mut buffer)?;
    ensure!(
        buffer.starts_with(b"HTTP/1.1 200"),
        "the target does not answer as expected"
    );

    let mut poll = Poll::new()?;
    let mut streams = Vec::with_capacity(connections);
    for number in 0..connections {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let mut stream = mio::net::TcpStream::from_std(stream);
        poll.registry()
            .register(&mut stream, Token(number), Interest::READABLE)?;
        stream.write_all(&request)?;
        streams.push((stream, 0));
    }
    let end = Instant::now() + length;
    let (mut answers, mut events) = (0, Events::with_capacity(1024));
    while Instant::now() < end {
        poll.poll(&mut events, Some(Duration::from_millis(100)))?;
        for event in &events {
            let (stream, received) = &mut streams[event.token().0];
            match stream.read(&mut buffer) {
                Ok(0) => anyhow::bail!("the target closed a connection"),
                Ok(count) => *received += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
                Err(error) => return Err(error.into()),
            }
            if *received >= expected {
                *received = 0;
                answers += 1;
                stream.write_all(&request)?;
            }
        }
    }
    Ok(answers)
}
