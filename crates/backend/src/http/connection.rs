//! Accepting connections, and cutting them off.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// Connections that may wait to be accepted: a test with thousands of users connects them at once.
const BACKLOG: u32 = 4096;
/// Pause after an accept that failed for want of file descriptors or memory; without it the loop
/// would burn the CPU that would free some.
const FAILED_ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A listening socket and how it accepts.
#[derive(Debug)]
pub(crate) struct Acceptor {
    listener: TcpListener,
    /// Time that accepting one connection takes.
    pause: Option<Duration>,
}

impl Acceptor {
    /// Listens on `address`. `queue` overrides the backlog and sets the time per accept.
    ///
    /// # Errors
    ///
    /// The system's, such as an address in use.
    pub(crate) fn bind(
        address: SocketAddr,
        queue: Option<(u32, Duration)>,
    ) -> io::Result<Acceptor> {
        let socket = if address.is_ipv4() {
            TcpSocket::new_v4()
        } else {
            TcpSocket::new_v6()
        }?;
        // A restarted backend takes its port back from connections that are still closing.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        let (backlog, pause) = match queue {
            Some((length, pause)) => (length, Some(pause)),
            None => (BACKLOG, None),
        };
        Ok(Acceptor {
            listener: socket.listen(backlog)?,
            pause,
        })
    }
}

impl Listener for Acceptor {
    type Io = ServerStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (ServerStream, SocketAddr) {
        loop {
            if let Some(pause) = self.pause {
                tokio::time::sleep(pause).await;
            }
            match self.listener.accept().await {
                Ok((stream, address)) => {
                    // Failing to set it costs time, not correctness.
                    let _ = stream.set_nodelay(true);
                    let cut = CutOff(Arc::new(AtomicBool::new(false)));
                    return (ServerStream { stream, cut }, address);
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(_) => tokio::time::sleep(FAILED_ACCEPT_PAUSE).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// True if only the connection that was being accepted is lost.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
    )
}

/// Lets a request cut off the connection that it came on.
#[derive(Clone, Debug)]
pub(crate) struct CutOff(Arc<AtomicBool>);

impl CutOff {
    /// Resets the connection in place of the next answer.
    pub(crate) fn cut(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Connected<IncomingStream<'_, Acceptor>> for CutOff {
    fn connect_info(stream: IncomingStream<'_, Acceptor>) -> CutOff {
        stream.io().cut.clone()
    }
}

/// A connection that writes nothing any more once it is cut off.
#[derive(Debug)]
pub(crate) struct ServerStream {
    stream: TcpStream,
    cut: CutOff,
}

impl ServerStream {
    fn check_cut(&self) -> io::Result<()> {
        if !self.cut.0.load(Ordering::Relaxed) {
            return Ok(());
        }
        // Closing with nothing to linger for sends a reset.
        self.stream.set_zero_linger()?;
        Err(io::ErrorKind::ConnectionReset.into())
    }
}

impl AsyncRead for ServerStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for ServerStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check_cut()?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check_cut()?;
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
