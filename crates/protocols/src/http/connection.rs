//! An open connection to a server.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use loadline_engine::Position;
use loadline_units::RunTime;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::client::TlsStream;

use super::exchange::{GapTimer, Spare};
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

/// Where connections lead and by which way: what the requests that may go over one have in common.
#[derive(Debug)]
pub(crate) struct Destination {
    scheme: Scheme,
    host: Box<str>,
    port: u16,
    verify_tls: bool,
    route: Option<Rc<Route>>,
}

impl Destination {
    /// That of `request`.
    pub(crate) fn of(request: &WireRequest) -> Self {
        Self {
            scheme: request.scheme,
            host: request.host.as_str().into(),
            port: request.port,
            verify_tls: request.verify_tls,
            route: request.route.clone(),
        }
    }

    /// Whether it is that of `request`.
    pub(crate) fn serves(&self, request: &WireRequest) -> bool {
        self.port == request.port
            && self.scheme == request.scheme
            && self.verify_tls == request.verify_tls
            && *self.host == *request.host
            && self.route == request.route
    }
}

/// What requests see of a connection: where it leads, until when.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// One for all users of an engine thread, who compare it for each request.
    pub(crate) destination: Rc<Destination>,
    /// When it must not be used any more.
    pub(crate) expires_at: RunTime,
}

impl Line {
    /// Whether it may be used at the instant `now`.
    pub(crate) fn is_fresh(&self, now: RunTime) -> bool {
        now < self.expires_at
    }
}

/// A connection of one virtual user.
///
/// Two lines of the processor's cache: of a thousand users none is in the nearest one when its answer comes.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Connection {
    pub(crate) transport: Transport,
    pub(crate) timer: GapTimer,
    pub(crate) line: Line,
    pub(crate) spare: Spare,
    /// Where it stood among those that were used when its memory was noted last.
    pub(crate) position: Position,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_two_lines_of_a_cache() {
        assert_eq!(size_of::<Connection>(), 128);
    }
}
