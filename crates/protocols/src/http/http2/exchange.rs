//! One request and its answer on one stream.

use std::cell::RefCell;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use h2::client::{ResponseFuture, SendRequest};
use h2::{Reason, RecvStream, SendStream};
use http::Request;
use loadline_units::{Clock, RunTime};
use tokio::time::Instant;

use super::super::exchange::GapTimer;
use super::super::response::{CutShort, ProtocolError, ResponseReader, Wanted};
use super::frame_meter::{FrameMeter, StreamFigures};

/// Why an exchange failed.
#[derive(Debug)]
pub(super) enum ExchangeError {
    /// As the library tells it.
    Http2(h2::Error),
    /// The connection ended.
    Closed,
    /// The answer ended before it was complete.
    CutShort(CutShort),
    Protocol(ProtocolError),
    /// Nothing came for too long.
    Timeout,
}

/// An exchange in progress. Dropped before its end, it resets the stream.
pub(super) struct Exchange {
    pub(super) reader: ResponseReader,
    answer: Answer,
    /// Held, since a stream without one would be reset while the body still goes out.
    _body: SendStream<Bytes>,
    stream: u32,
    meter: Rc<RefCell<FrameMeter>>,
    gap: Option<Duration>,
    begun: RunTime,
    /// The last movement of bytes, if there was one, from which a gap is timed.
    timed_from: Option<Option<Instant>>,
}

enum Answer {
    Head(ResponseFuture),
    Body {
        stream: RecvStream,
        /// Whether only trailers may follow.
        is_read: bool,
    },
}

/// What an exchange needs to begin.
pub(super) struct Beginning<'b> {
    pub(super) head: Request<()>,
    pub(super) body: &'b [u8],
    pub(super) wanted: Wanted,
    /// Greatest gap between two movements of bytes.
    pub(super) gap: Option<Duration>,
    pub(super) now: RunTime,
}

impl Exchange {
    /// Begins an exchange; its bytes go out when the connection is driven next.
    ///
    /// # Errors
    ///
    /// The library's, if the connection takes no more requests or the request is none.
    pub(super) fn begin(
        sender: &mut SendRequest<Bytes>,
        meter: &Rc<RefCell<FrameMeter>>,
        beginning: Beginning<'_>,
    ) -> Result<Self, h2::Error> {
        let has_body = !beginning.body.is_empty();
        let (answer, mut body) = sender.send_request(beginning.head, !has_body)?;
        let stream = answer.stream_id().as_u32();
        meter.borrow_mut().begin(stream);
        let exchange = Self {
            reader: ResponseReader::new(beginning.wanted),
            answer: Answer::Head(answer),
            stream,
            meter: Rc::clone(meter),
            gap: beginning.gap,
            begun: beginning.now,
            timed_from: None,
            _body: {
                if has_body {
                    // It goes out as fast as the server's windows let it.
                    body.send_data(Bytes::copy_from_slice(beginning.body), true)?;
                }
                body
            },
        };
        Ok(exchange)
    }

    /// The figures so far.
    pub(super) fn figures(&self) -> StreamFigures {
        self.meter.borrow().figures(self.stream)
    }

    /// Goes on with the answer, of which the connection's driver has read some.
    pub(super) fn poll(
        &mut self,
        context: &mut Context<'_>,
        timer: &mut GapTimer,
        clock: &dyn Clock,
    ) -> Poll<Result<(), ExchangeError>> {
        if let Poll::Ready(result) = self.poll_answer(context) {
            return Poll::Ready(result);
        }
        let Some(gap) = self.gap else {
            return Poll::Pending;
        };
        let moved_at = self.figures().moved_at;
        if self.timed_from != Some(moved_at) {
            self.timed_from = Some(moved_at);
            let from = moved_at.map_or(self.begun, |at| Moment::now(clock).at(at));
            timer.restart(from, gap, clock);
        }
        ready!(timer.poll_elapsed(context, clock));
        Poll::Ready(Err(ExchangeError::Timeout))
    }

    fn poll_answer(&mut self, context: &mut Context<'_>) -> Poll<Result<(), ExchangeError>> {
        loop {
            match &mut self.answer {
                Answer::Head(response) => {
                    let response = match ready!(std::pin::Pin::new(response).poll(context)) {
                        Ok(response) => response,
                        Err(error) => return Poll::Ready(Err(self.broken(error))),
                    };
                    let (head, body) = response.into_parts();
                    let status = head.status.as_u16();
                    if let Err(error) = self.reader.head_of_http2(status, &head.headers) {
                        return Poll::Ready(Err(ExchangeError::Protocol(error)));
                    }
                    self.answer = Answer::Body {
                        stream: body,
                        is_read: false,
                    };
                }
                Answer::Body {
                    stream,
                    is_read: is_read @ false,
                } => match ready!(stream.poll_data(context)) {
                    Some(Ok(data)) => {
                        self.reader.data_of_http2(&data);
                        // The stream may have ended with these bytes: nothing to give back then.
                        let _ = stream.flow_control().release_capacity(data.len());
                    }
                    Some(Err(error)) => return Poll::Ready(self.ended_by(error)),
                    None => *is_read = true,
                },
                Answer::Body { stream, .. } => {
                    return Poll::Ready(match ready!(stream.poll_trailers(context)) {
                        Ok(_) => self.complete(),
                        Err(error) => self.ended_by(error),
                    });
                }
            }
        }
    }

    /// The stream has ended with `error`, behind the head.
    fn ended_by(&mut self, error: h2::Error) -> Result<(), ExchangeError> {
        // A server may end the stream like that when it has answered and wants no more of the
        // request's body (RFC 9113, section 8.1).
        if error.is_reset() && error.is_remote() && error.reason() == Some(Reason::NO_ERROR) {
            return self.complete();
        }
        Err(self.broken(error))
    }

    fn broken(&mut self, error: h2::Error) -> ExchangeError {
        // The library notices a body that is shorter than its length as a breach of rules.
        let may_be_short = error.is_io() || (!error.is_remote() && error.is_reset());
        if may_be_short && let Some(cut) = self.reader.missing(self.figures().body) {
            return ExchangeError::CutShort(cut);
        }
        ExchangeError::Http2(error)
    }

    fn complete(&mut self) -> Result<(), ExchangeError> {
        self.reader.end().map_err(ExchangeError::CutShort)
    }

    /// Ends it; its figures, with bytes of the connection that nobody else was told of.
    pub(super) fn end(mut self) -> (ResponseReader, StreamFigures) {
        let figures = self.meter.borrow_mut().end(self.stream);
        let reader = std::mem::replace(&mut self.reader, ResponseReader::new(Wanted::default()));
        (reader, figures)
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        // Nothing is left of one that was given up.
        self.meter.borrow_mut().forget(self.stream);
    }
}

/// The same moment by both clocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) run_time: RunTime,
    instant: Instant,
}

impl Moment {
    /// The present.
    pub(super) fn now(clock: &dyn Clock) -> Self {
        Self {
            run_time: clock.now(),
            instant: Instant::now(),
        }
    }

    /// An earlier instant in the time of the run.
    pub(super) fn at(self, instant: Instant) -> RunTime {
        let ago = self.instant.saturating_duration_since(instant);
        self.run_time.before(ago)
    }
}
