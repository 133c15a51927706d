//! An open connection to a server.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use loadline_units::RunTime;
use smallvec::SmallVec;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::client::TlsStream;

use super::exchange::GapTimer;
use super::route::Route;
use super::stream::Stream;
use super::url_text::Scheme;
use super::wire::WireRequest;

/// The bytes of a connection.
#[derive(Debug)]
pub(crate) enum Transport {
    Plain(Stream),
    Tls(Box<TlsStream<Stream>>),
}

impl AsyncRead for Transport {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Transport::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Transport::Tls(stream) => Pin::new(&mut **stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Transport {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Transport::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Transport::Tls(stream) => Pin::new(&mut **stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Transport::Plain(stream) => Pin::new(stream).poll_flush(context),
            Transport::Tls(stream) => Pin::new(&mut **stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Transport::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Transport::Tls(stream) => Pin::new(&mut **stream).poll_shutdown(context),
        }
    }
}

/// Counts a connection among the open ones for as long as it lives.
#[derive(Debug)]
pub(crate) struct OpenCount(Rc<Cell<u32>>);

impl OpenCount {
    pub(crate) fn new(count: &Rc<Cell<u32>>) -> Self {
        count.set(count.get() + 1);
        Self(Rc::clone(count))
    }
}

impl Drop for OpenCount {
    fn drop(&mut self) {
        self.0.set(self.0.get().saturating_sub(1));
    }
}

/// What requests see of a connection: where it leads, by which way, until when.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    scheme: Scheme,
    /// Most names fit in here; each user compares its own for each request.
    host: SmallVec<[u8; 24]>,
    port: u16,
    verify_tls: bool,
    route: Option<Rc<Route>>,
    /// When it must not be used any more.
    pub(crate) expires_at: Option<RunTime>,
}

impl Line {
    /// A line for requests such as `request`, without end.
    pub(crate) fn of(request: &WireRequest) -> Self {
        Self {
            scheme: request.scheme,
            host: request.host.as_bytes().into(),
            port: request.port,
            verify_tls: request.verify_tls,
            route: request.route.clone(),
            expires_at: None,
        }
    }

    /// Whether `request` can go over it.
    pub(crate) fn serves(&self, request: &WireRequest) -> bool {
        self.port == request.port
            && self.scheme == request.scheme
            && self.verify_tls == request.verify_tls
            && *self.host == *request.host.as_bytes()
            && self.route == request.route
    }

    /// Whether it may be used at the instant `now`.
    pub(crate) fn is_fresh(&self, now: RunTime) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

/// A connection of one virtual user.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) transport: Transport,
    pub(crate) timer: GapTimer,
    pub(crate) line: Line,
    pub(crate) _open: OpenCount,
}

impl Connection {
    /// Whether nothing has come while it was idle: bytes that nobody asked for, or its end, would
    /// make it useless. Costs no system call unless something did come.
    pub(crate) fn is_quiet(&mut self, context: &mut Context<'_>) -> bool {
        // The rule. Over TLS there may be bytes that have been read and not yet decrypted.
        if let Transport::Plain(stream) = &self.transport
            && !stream.may_be_read()
        {
            return true;
        }
        let mut byte = [0u8; 1];
        let mut buffer = ReadBuf::new(&mut byte);
        Pin::new(&mut self.transport)
            .poll_read(context, &mut buffer)
            .is_pending()
    }
}
