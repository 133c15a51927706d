//! The bytes of a connection of HTTP/2, counted as they pass.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::super::connection::Transport;
use super::frame_meter::FrameMeter;

/// A transport and the meter of its frames.
#[derive(Debug)]
pub(crate) struct Metered {
    pub(crate) transport: Transport,
    pub(crate) meter: Rc<RefCell<FrameMeter>>,
}

impl AsyncRead for Metered {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let own = self.get_mut();
        let before = buffer.filled().len();
        ready!(Pin::new(&mut own.transport).poll_read(context, buffer))?;
        let bytes = &buffer.filled()[before..];
        own.meter.borrow_mut().received(bytes, Instant::now());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Metered {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let own = self.get_mut();
        let count = ready!(Pin::new(&mut own.transport).poll_write(context, bytes))?;
        own.meter.borrow_mut().sent(&bytes[..count], Instant::now());
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().transport).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().transport).poll_shutdown(context)
    }
}
