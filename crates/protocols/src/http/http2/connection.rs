//! A connection of HTTP/2 that one user has for itself.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use h2::client::{Builder, SendRequest};
use loadline_engine::SampleError;
use loadline_plan::HttpStreams;

use super::super::connection::{Line, OpenCount, Transport};
use super::super::exchange::GapTimer;
use super::super::response::HEAD_BYTES;
use super::super::wire::WireRequest;
use super::failure;
use super::frame_meter::FrameMeter;
use super::metered::Metered;

/// How much of one answer, and of all of a connection, a server may send before it is told to go on,
/// in bytes: so much that a far server is not slowed down by waiting for it, as browsers have it.
const STREAM_WINDOW: u32 = 4 << 20;
const CONNECTION_WINDOW: u32 = 16 << 20;

/// Small frames that may wait to be read, by the measure of the library: they are read at once, so
/// that its bound against servers that send nothing else would only strike odd ones.
const FRAME_BUDGET: usize = 16 << 20;

/// What moves the bytes of a connection; nothing happens on one that nobody polls.
pub(super) type Driver = h2::client::Connection<Metered, Bytes>;

/// A connection that has begun.
pub(crate) struct Http2Connection {
    pub(crate) line: Line,
    pub(super) sender: SendRequest<Bytes>,
    pub(super) driver: Driver,
    pub(super) meter: Rc<RefCell<FrameMeter>>,
    pub(super) timer: GapTimer,
    pub(super) open: OpenCount,
}

impl std::fmt::Debug for Http2Connection {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = formatter.debug_struct("Http2Connection");
        shown.field("line", &self.line).finish_non_exhaustive()
    }
}

impl Http2Connection {
    /// Whether it is still open, after what came while it was idle.
    pub(super) async fn is_open(&mut self) -> bool {
        poll_fn(|context| Poll::Ready(self.poll_driver(context).is_pending())).await
    }

    /// Moves bytes; ready when the connection has ended.
    pub(super) fn poll_driver(&mut self, context: &mut Context<'_>) -> Poll<Result<(), h2::Error>> {
        Pin::new(&mut self.driver).poll(context)
    }
}

/// Begins HTTP/2 on `transport` for requests such as `request`.
///
/// # Errors
///
/// A failed sample if the bytes that begin it cannot be written.
pub(crate) async fn begin(
    transport: Transport,
    line: Line,
    open: OpenCount,
    request: &WireRequest,
    streams: HttpStreams,
) -> Result<Http2Connection, SampleError> {
    let meter = Rc::new(RefCell::new(FrameMeter::new()));
    let metered = Metered {
        transport,
        meter: Rc::clone(&meter),
    };
    let mut builder = Builder::new();
    builder
        .enable_push(false)
        .initial_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_header_list_size(HEAD_BYTES as u32)
        .data_frame_budget(FRAME_BUDGET);
    if streams == HttpStreams::Many {
        // None before the server has said how many.
        builder.initial_max_send_streams(0);
    }
    let (sender, driver) = builder
        .handshake(metered)
        .await
        .map_err(|error| failure::of(&error, request, false))?;
    Ok(Http2Connection {
        line,
        sender,
        driver,
        meter,
        timer: GapTimer::default(),
        open,
    })
}
