//! The bytes of a connection before TLS: over TCP, or over a Unix socket.

use std::io;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::{TcpStream, UnixStream};

/// Time between two attempts to connect to a Unix socket whose queue is full.
const QUEUE_PAUSE: Duration = Duration::from_millis(1);

/// Length of what is written at once as a rule, in bytes; records of TLS with more to come are longer.
const SHORT_BYTES: usize = 16 << 10;

/// A connection without TLS.
#[derive(Debug)]
pub(crate) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Stream {
    /// Connects to the Unix socket `file`.
    ///
    /// Where TCP waits for room in the server's queue, such a connection is refused at once with
    /// "try again", so it is tried again until there is room; who calls sets the bound.
    ///
    /// # Errors
    ///
    /// What the system says: no such file, nobody listens, no permission.
    pub(crate) async fn to_unix_socket(file: &str) -> io::Result<Self> {
        loop {
            match UnixStream::connect(Path::new(file)).await {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    tokio::time::sleep(QUEUE_PAUSE).await;
                }
                result => return result.map(Stream::Unix),
            }
        }
    }
}

impl Stream {
    /// Whether something may be there to read: bytes, an error or the end. Asks what the runtime has been
    /// told, not the system.
    pub(crate) fn may_be_read(&self) -> bool {
        let told = match self {
            Stream::Tcp(stream) => stream.try_io(Interest::READABLE, || Ok(())),
            Stream::Unix(stream) => stream.try_io(Interest::READABLE, || Ok(())),
        };
        told.is_ok()
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Tcp(stream) => Pin::new(stream).poll_read(context, buffer),
            Stream::Unix(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let stream = self.get_mut();
        // The rule: a short request, for which there is room. To ask for a waker in case there is none costs as much
        // again. A long one takes the runtime's way, where each write counts against the task's turn, and one that
        // the system took in part is waited for.
        if bytes.len() <= SHORT_BYTES {
            let written = match stream {
                Stream::Tcp(stream) => stream.try_write(bytes),
                Stream::Unix(stream) => stream.try_write(bytes),
            };
            match written {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                written => return Poll::Ready(written),
            }
        }
        match stream {
            Stream::Tcp(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Unix(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Tcp(stream) => Pin::new(stream).poll_flush(context),
            Stream::Unix(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Tcp(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Unix(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
