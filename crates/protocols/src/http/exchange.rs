//! One request and its answer on one connection.
//!
//! The request is written from where it was rendered and the answer is read into the one buffer of
//! the engine thread, which is borrowed within a poll and never across one. In the steady state of
//! a kept-alive connection that is one write and one read: a read that finds less than the buffer
//! holds clears the readiness that tokio remembers, so none is tried in vain.

use std::cell::{Cell, RefCell};
use std::io;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use loadline_units::{Clock, RunTime};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use super::response::{CutShort, KnownHeads, ProtocolError, ResponseReader, Wanted};

/// Size of an engine thread's read buffer, in bytes.
pub(crate) const READ_BUFFER_BYTES: usize = 64 << 10;

/// How often an engine thread's connections were written and read, counted where data moved or the
/// connection ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IoCounts {
    /// Writes.
    pub writes: u64,
    /// Reads.
    pub reads: u64,
}

/// What the exchanges of an engine thread share.
#[derive(Debug)]
pub(crate) struct IoState {
    buffer: RefCell<Box<[u8]>>,
    heads: RefCell<KnownHeads>,
    pub(crate) counts: Cell<IoCounts>,
}

impl IoState {
    pub(crate) fn new() -> Self {
        Self {
            buffer: RefCell::new(vec![0; READ_BUFFER_BYTES].into_boxed_slice()),
            heads: RefCell::default(),
            counts: Cell::default(),
        }
    }

    fn count_write(&self) {
        let mut counts = self.counts.get();
        counts.writes += 1;
        self.counts.set(counts);
    }

    fn count_read(&self) {
        let mut counts = self.counts.get();
        counts.reads += 1;
        self.counts.set(counts);
    }
}

/// Bounds the gap between two reads. Kept with the connection, whose exchanges only move the instant
/// at which the gap is over: the timer below is set anew when it fires before that, which is once in
/// a gap and not once in an exchange.
#[derive(Debug, Default)]
pub(crate) struct GapTimer {
    sleep: Option<Pin<Box<Sleep>>>,
    /// When the timer fires.
    fires_at: RunTime,
    /// When the gap is over.
    over_at: RunTime,
    /// Whom the timer wakes when it fires.
    woken: Option<Waker>,
}

impl GapTimer {
    /// Begins a gap at the instant `from`, which is now.
    pub(super) fn restart(&mut self, from: RunTime, gap: Duration, clock: &dyn Clock) {
        // Far beyond any run, and within what the timer can hold.
        const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);
        self.over_at = from + gap.min(LONGEST);
        // One that has fired already is set anew when it is polled; asking it each time would cost more.
        let fires_in_time = self.sleep.is_some() && self.fires_at <= self.over_at;
        if !fires_in_time {
            self.set(clock.now());
        }
    }

    fn set(&mut self, now: RunTime) {
        self.fires_at = self.over_at;
        self.woken = None;
        let deadline = Instant::now() + self.over_at.saturating_since(now);
        match &mut self.sleep {
            Some(sleep) => sleep.as_mut().reset(deadline),
            None => self.sleep = Some(Box::pin(tokio::time::sleep_until(deadline))),
        }
    }

    /// Whether the timer has yet to fire `now`, and then wakes the task of `context`, which has polled
    /// it before: it need not be polled again.
    fn is_set_for(&self, context: &Context<'_>, now: RunTime) -> bool {
        self.fires_at > now && self.wakes(context)
    }

    fn wakes(&self, context: &Context<'_>) -> bool {
        let woken = self.woken.as_ref();
        woken.is_some_and(|waker| waker.will_wake(context.waker()))
    }

    pub(super) fn poll_elapsed(
        &mut self,
        context: &mut Context<'_>,
        clock: &dyn Clock,
    ) -> Poll<()> {
        loop {
            let Some(sleep) = &mut self.sleep else {
                return Poll::Pending;
            };
            if sleep.as_mut().poll(context).is_pending() {
                if !self.wakes(context) {
                    self.woken = Some(context.waker().clone());
                }
                return Poll::Pending;
            }
            let now = clock.now();
            if now >= self.over_at {
                return Poll::Ready(());
            }
            self.set(now);
        }
    }
}

/// How long a request's body waits for the server to ask for it: HttpClient 4's
/// `HttpRequestExecutor.DEFAULT_WAIT_FOR_CONTINUE`.
const WAIT_FOR_CONTINUE: Duration = Duration::from_secs(3);

/// A body that waits until the server asks for it, since the request says `Expect: 100-continue`.
#[derive(Debug)]
struct Held {
    body_start: usize,
    head_is_sent: bool,
}

/// Why an exchange failed.
#[derive(Debug)]
pub(crate) enum ExchangeError {
    /// The connection ended before the first byte of the answer; with the error, if it was not a
    /// plain close.
    Unanswered(Option<io::Error>),
    /// The connection broke within the answer.
    Broken(io::Error),
    /// The connection was closed within the answer.
    CutShort(CutShort),
    Protocol(ProtocolError),
    /// Nothing came for too long.
    Timeout,
}

/// An exchange in progress.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) reader: ResponseReader,
    /// Number of the sampler, whose answers are likely to have the same head.
    sampler: usize,
    /// When the first byte of the answer came.
    pub(crate) first_byte_at: Option<RunTime>,
    /// How much of the request is written.
    pub(crate) written: usize,
    is_flushed: bool,
    held: Option<Held>,
    /// When the request was written, if that had to wait.
    pub(crate) sent_at: Option<RunTime>,
    has_waited_to_write: bool,
    is_timed: bool,
    gap: Option<Duration>,
    /// When it began, or data came last.
    moved_at: RunTime,
    write_error: Option<io::Error>,
}

/// How far an exchange is, as it is kept while its user waits.
///
/// Nearly all of that time the request is out and nothing of the answer has come, of which no more need be known: an
/// answer that comes whole leaves nothing else to keep, and of a thousand users none is in the processor's nearest
/// cache when its answer comes.
#[derive(Debug, Default)]
pub(crate) enum Progress {
    /// It has yet to begin.
    #[default]
    Begun,
    /// The request went out at once, and nothing has come.
    Sent,
    /// Somewhere between.
    Between(Box<Exchange>),
}

impl Progress {
    /// The exchange that has come so far, of a request of `length` bytes that began as `begin` says.
    #[inline]
    pub(crate) fn exchange(self, length: usize, begin: impl FnOnce() -> Exchange) -> Polled {
        match self {
            Self::Begun => Polled::Anew(begin()),
            Self::Sent => Polled::Anew(begin().sent(length)),
            Self::Between(exchange) => Polled::Kept(exchange),
        }
    }
}

/// An exchange while it is polled.
#[derive(Debug)]
pub(crate) enum Polled {
    Anew(Exchange),
    Kept(Box<Exchange>),
}

/// Memory for an exchange between two polls, once one has needed it.
pub(crate) type Spare = Option<Box<Exchange>>;

impl Polled {
    /// What is to be kept of it, in `spare` memory.
    #[inline]
    pub(crate) fn progress(self, spare: &mut Spare) -> Progress {
        match self {
            Self::Anew(exchange) if exchange.is_just_sent() => Progress::Sent,
            Self::Anew(exchange) => Progress::Between(match spare.take() {
                Some(mut memory) => {
                    *memory = exchange;
                    memory
                }
                None => Box::new(exchange),
            }),
            Self::Kept(exchange) => Progress::Between(exchange),
        }
    }

    /// Gives the memory of one that has ended back.
    pub(crate) fn end(self, spare: &mut Spare) {
        if let Self::Kept(memory) = self {
            *spare = Some(memory);
        }
    }
}

impl Deref for Polled {
    type Target = Exchange;

    #[inline]
    fn deref(&self) -> &Exchange {
        match self {
            Self::Anew(exchange) => exchange,
            Self::Kept(exchange) => exchange,
        }
    }
}

impl DerefMut for Polled {
    #[inline]
    fn deref_mut(&mut self) -> &mut Exchange {
        match self {
            Self::Anew(exchange) => exchange,
            Self::Kept(exchange) => exchange,
        }
    }
}

impl Exchange {
    /// An exchange for the sampler of this number that begins `now`, with the greatest `gap` between two
    /// reads.
    pub(crate) fn new(sampler: usize, wanted: Wanted, gap: Option<Duration>, now: RunTime) -> Self {
        Self {
            reader: ResponseReader::new(wanted),
            sampler,
            first_byte_at: None,
            written: 0,
            is_flushed: false,
            held: None,
            sent_at: None,
            has_waited_to_write: false,
            is_timed: false,
            gap,
            moved_at: now,
            write_error: None,
        }
    }

    /// Lets the body, which begins at `body_start`, wait for the server to ask for it: for a 100, for
    /// three seconds at most. After another answer it is not sent. Other interim answers are skipped or
    /// else, as in HttpClient, a failure.
    pub(crate) fn hold_body(&mut self, body_start: usize, skips_interim: bool) {
        self.reader.await_continue(!skips_interim);
        self.held = Some(Held {
            body_start,
            head_is_sent: false,
        });
    }

    /// Whether in its first poll the request went out and nothing came.
    fn is_just_sent(&self) -> bool {
        self.is_flushed && self.reader.received() == 0
    }

    /// One that has just begun, as it is after its request of `length` bytes went out and it was found that nothing
    /// has come.
    fn sent(self, length: usize) -> Self {
        Self {
            written: length,
            is_flushed: true,
            is_timed: self.gap.is_some(),
            ..self
        }
    }

    /// Whether the whole request went out and the whole answer came, so that the connection is at
    /// the beginning of another exchange.
    pub(crate) fn is_complete(&self) -> bool {
        self.is_flushed && self.reader.is_done()
    }

    /// Goes on with writing `request` and reading the answer. Ready with the instant at which the
    /// answer was complete.
    pub(crate) fn poll<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        context: &mut Context<'_>,
        stream: &mut S,
        request: &[u8],
        state: &IoState,
        timer: &mut GapTimer,
        clock: &dyn Clock,
    ) -> Poll<Result<RunTime, ExchangeError>> {
        loop {
            self.write(context, stream, request, state, clock);
            if let Poll::Ready(result) = self.poll_read(context, stream, state, clock) {
                return Poll::Ready(result);
            }
            // An answer that has begun takes the body's place.
            let is_held = self.is_held() && self.reader.status() == 0;
            if is_held && self.reader.is_continued() {
                self.let_go(clock.now());
                continue;
            }
            let gap = if is_held {
                Some(WAIT_FOR_CONTINUE)
            } else {
                self.gap
            };
            let Some(gap) = gap else {
                return Poll::Pending;
            };
            if !self.is_timed {
                self.is_timed = true;
                timer.restart(self.moved_at, gap, clock);
                // The rule on a connection that is used again.
                if timer.is_set_for(context, self.moved_at) {
                    return Poll::Pending;
                }
            }
            ready!(timer.poll_elapsed(context, clock));
            if !is_held {
                return Poll::Ready(Err(ExchangeError::Timeout));
            }
            self.let_go(clock.now());
        }
    }

    /// Whether the head is out and the body waits.
    fn is_held(&self) -> bool {
        self.held.as_ref().is_some_and(|held| held.head_is_sent)
    }

    /// Sends the body after all.
    fn let_go(&mut self, now: RunTime) {
        self.held = None;
        self.reader.await_continue(false);
        // What has come so far was no answer.
        self.first_byte_at = None;
        self.is_timed = false;
        self.moved_at = now;
    }

    /// Writes what may be written now. The answer may come before all is written (a server that
    /// refuses a large body), so reading does not wait for it.
    fn write<S: AsyncWrite + Unpin>(
        &mut self,
        context: &mut Context<'_>,
        stream: &mut S,
        request: &[u8],
        state: &IoState,
        clock: &dyn Clock,
    ) {
        if self.is_flushed || self.is_held() || self.write_error.is_some() {
            return;
        }
        match self.poll_write(context, stream, request, state, clock) {
            Poll::Pending => self.has_waited_to_write = true,
            Poll::Ready(Ok(())) if self.is_flushed && self.has_waited_to_write => {
                self.sent_at = Some(clock.now());
            }
            Poll::Ready(Ok(())) => {}
            // The server may have answered before it closed: read what there is.
            Poll::Ready(Err(error)) => self.write_error = Some(error),
        }
    }

    fn poll_write<S: AsyncWrite + Unpin>(
        &mut self,
        context: &mut Context<'_>,
        stream: &mut S,
        request: &[u8],
        state: &IoState,
        clock: &dyn Clock,
    ) -> Poll<io::Result<()>> {
        let end = (self.held.as_ref()).map_or(request.len(), |held| held.body_start);
        while self.written < end {
            let count =
                ready!(Pin::new(&mut *stream).poll_write(context, &request[self.written..end]))?;
            state.count_write();
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written += count;
            if count < request.len() {
                // A long request: the server has taken a part of it.
                self.is_timed = false;
                self.moved_at = clock.now();
            }
        }
        ready!(Pin::new(stream).poll_flush(context))?;
        match &mut self.held {
            Some(held) => held.head_is_sent = true,
            None => self.is_flushed = true,
        }
        Poll::Ready(Ok(()))
    }

    fn poll_read<S: AsyncRead + Unpin>(
        &mut self,
        context: &mut Context<'_>,
        stream: &mut S,
        state: &IoState,
        clock: &dyn Clock,
    ) -> Poll<Result<RunTime, ExchangeError>> {
        let mut buffer = state.buffer.borrow_mut();
        loop {
            let mut target = ReadBuf::new(&mut buffer);
            let result = ready!(Pin::new(&mut *stream).poll_read(context, &mut target));
            state.count_read();
            self.is_timed = false;
            let now = clock.now();
            self.moved_at = now;
            let bytes = target.filled();
            if let Err(error) = result {
                // rustls reports a close without TLS's own farewell as an error; many servers
                // close like that.
                return Poll::Ready(if error.kind() == io::ErrorKind::UnexpectedEof {
                    self.closed().map(|()| now)
                } else {
                    Err(self.broken(error))
                });
            }
            if bytes.is_empty() {
                return Poll::Ready(self.closed().map(|()| now));
            }
            self.first_byte_at.get_or_insert(now);
            let mut heads = state.heads.borrow_mut();
            let known = heads.of_sampler(self.sampler);
            match self.reader.feed_knowing(Some(known), bytes) {
                Ok(true) => {
                    // Nothing more is sent after an answer that came in the body's place.
                    self.is_flushed |= self.is_held() && !self.reader.is_continued();
                    return Poll::Ready(Ok(now));
                }
                Ok(false) => {}
                Err(error) => return Poll::Ready(Err(ExchangeError::Protocol(error))),
            }
        }
    }

    fn broken(&mut self, error: io::Error) -> ExchangeError {
        if self.reader.received() == 0 {
            ExchangeError::Unanswered(Some(self.write_error.take().unwrap_or(error)))
        } else {
            ExchangeError::Broken(error)
        }
    }

    /// The connection has ended.
    fn closed(&mut self) -> Result<(), ExchangeError> {
        if self.reader.received() == 0 {
            return Err(ExchangeError::Unanswered(self.write_error.take()));
        }
        self.reader.end().map_err(ExchangeError::CutShort)
    }
}

#[cfg(test)]
mod tests;
