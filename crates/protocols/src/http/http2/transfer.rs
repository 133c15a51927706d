//! One sample over HTTP/2: a connection of the user's or a free stream of a shared one, the exchange on
//! it, and what is recorded.

use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use http::Request;
use loadline_engine::SampleError;
use loadline_plan::HttpStreams;
use loadline_units::{Clock, RunTime};

use super::super::exchange::GapTimer;
use super::super::failure as plain_failure;
use super::super::response::ResponseReader;
use super::super::sampler::{HttpSampler, Visit};
use super::super::step::{self, Figures, Step};
use super::super::transfer::{store, wanted};
use super::super::wire::WireRequest;
use super::connection::Http2Connection;
use super::exchange::{Beginning, Exchange, ExchangeError, Moment};
use super::failure;
use super::frame_meter::StreamFigures;
use super::head;
use super::shared::{Leave, SharedConnection};

/// Connections that turn out to take no more requests before one sample fails for it.
const BEGINNINGS: u32 = 8;

/// What a request goes over.
enum Way {
    Own(Box<Http2Connection>),
    Shared(Leave),
}

/// A way and what is known of it.
struct Taken {
    way: Way,
    /// Whether it was there, and nothing was under way on it: a server may be closing it.
    was_idle: bool,
    /// Since when bytes may move.
    begun: RunTime,
}

/// How an exchange ended.
struct Ended {
    reader: ResponseReader,
    figures: StreamFigures,
    result: Result<(), ExchangeError>,
    /// When it was seen to have ended.
    seen_at: Moment,
}

impl HttpSampler {
    /// Sends `request` and reads the answer.
    pub(in super::super) async fn execute_http2(
        &self,
        visit: Visit<'_>,
        request: &WireRequest,
        streams: HttpStreams,
    ) -> Step {
        let clock = visit.clock;
        let wanted = wanted(visit, request);
        let mut figures = Figures {
            started: clock.now(),
            ..Figures::default()
        };
        let failed = |figures: &Figures, error: SampleError, now: RunTime| {
            let reader = &mut ResponseReader::new(wanted);
            step::step(request, visit.program, figures, reader, Err(error), now)
        };
        let head = match head::of(request) {
            Ok(head) => head,
            Err(error) => return failed(&figures, error, clock.now()),
        };
        // A connection that was idle may turn out to be gone.
        let mut must_be_new = false;
        let mut attempts = 0;
        loop {
            let taken = match streams {
                HttpStreams::One => {
                    self.own_way(visit, request, must_be_new, &mut figures)
                        .await
                }
                HttpStreams::Many => self.shared_way(visit, request, &mut figures).await,
            };
            let taken = match taken {
                Ok(taken) => taken,
                Err(error) => return failed(&figures, *error, clock.now()),
            };
            let beginning = Beginning {
                head: copy(&head),
                body: request.body(),
                wanted,
                gap: request.response_timeout,
                now: taken.begun,
            };
            let (mut way, was_idle) = (taken.way, taken.was_idle);
            let mut exchange = match way.begin(beginning) {
                Ok(exchange) => exchange,
                // It ended, or is to end, before anything was sent over it.
                Err(_) if way.may_be_old(was_idle) && attempts < BEGINNINGS => {
                    way.give_up();
                    attempts += 1;
                    must_be_new = true;
                    continue;
                }
                Err(error) => {
                    let error = failure::of(&error, request, false);
                    return failed(&figures, error, clock.now());
                }
            };
            let ended = way.exchange(&mut exchange, clock).await;
            let hears_http1 = way.hears_http1();
            let (reader, stream) = exchange.end();
            let mut ended = Ended {
                reader,
                figures: stream,
                result: ended,
                seen_at: Moment::now(clock),
            };
            let is_alone = ended.figures.first_byte_at.is_none() && was_idle && !figures.retried;
            figures.sent += ended.figures.sent;
            if is_alone && is_farewell(&ended.result) {
                // The server closed the idle connection as the request went out; nobody has read
                // it. A new connection tells whether the server is well.
                way.give_up();
                figures.retried = true;
                must_be_new = true;
                continue;
            }
            ended.reader.set_received(ended.figures.received);
            return self.finished(visit, request, figures, way, ended, hears_http1);
        }
    }

    /// The step that `ended` is; `way` is kept if it can be.
    fn finished(
        &self,
        visit: Visit<'_>,
        request: &WireRequest,
        mut figures: Figures,
        way: Way,
        mut ended: Ended,
        hears_http1: bool,
    ) -> Step {
        let program = visit.program;
        if let Some(at) = ended.figures.first_byte_at {
            figures.first_byte_us = ended.seen_at.at(at).micros_since(figures.started);
        }
        match ended.result {
            Ok(()) => {
                if let Way::Own(connection) = way
                    && request.keep_alive
                {
                    visit.session.keep_http2(connection);
                }
                let stored = store(visit, request, &ended.reader);
                let last = ended.figures.last_byte_at;
                let at = last.map_or(ended.seen_at.run_time, |at| ended.seen_at.at(at));
                let mut step =
                    step::step(request, program, &figures, &mut ended.reader, Ok(()), at);
                if let Err(error) = stored {
                    step.refuse(error);
                }
                step
            }
            Err(error) => {
                let error = match error {
                    _ if hears_http1 => failure::hears_http1(request),
                    ExchangeError::Http2(error) => {
                        failure::of(&error, request, ended.reader.status() > 0)
                    }
                    ExchangeError::Closed if ended.reader.status() > 0 => {
                        plain_failure::cut_short(failure::CUT_SHORT)
                    }
                    ExchangeError::Closed => {
                        plain_failure::no_response(&request.host, request.port)
                    }
                    ExchangeError::CutShort(cut) => plain_failure::cut_short(&cut.to_string()),
                    ExchangeError::Protocol(error) => plain_failure::protocol(&error.to_string()),
                    ExchangeError::Timeout => plain_failure::read_timeout(),
                };
                let now = ended.seen_at.run_time;
                step::step(
                    request,
                    program,
                    &figures,
                    &mut ended.reader,
                    Err(error),
                    now,
                )
            }
        }
    }

    /// An idle connection of the user, unless it `must_be_new`, or a new one.
    async fn own_way(
        &self,
        visit: Visit<'_>,
        request: &WireRequest,
        must_be_new: bool,
        figures: &mut Figures,
    ) -> Result<Taken, Box<SampleError>> {
        let clock = visit.clock;
        while !must_be_new && let Some(mut idle) = visit.session.take_http2(request, clock.now()) {
            if idle.is_open().await {
                return Ok(Taken {
                    way: Way::Own(idle),
                    was_idle: true,
                    begun: figures.started,
                });
            }
        }
        let connection = self
            .open_http2(visit, request, HttpStreams::One, figures)
            .await?;
        Ok(Taken {
            way: Way::Own(connection),
            was_idle: false,
            begun: clock.now(),
        })
    }

    /// A free stream of the thread's connection to the server, which is opened if there is none.
    async fn shared_way(
        &self,
        visit: Visit<'_>,
        request: &WireRequest,
        figures: &mut Figures,
    ) -> Result<Taken, Box<SampleError>> {
        let clock = visit.clock;
        let came_at = clock.now();
        let place = self.shared.place(request);
        let mut has_waited = false;
        let (leave, is_new) = loop {
            let mut is_new = false;
            let connection = {
                let mut slot = match place.slot.try_lock() {
                    Ok(slot) => slot,
                    Err(_) => {
                        has_waited = true;
                        place.slot.lock().await
                    }
                };
                match &slot.connection {
                    Some(known) if known.is_good(clock.now()) => Rc::clone(known),
                    _ => {
                        if let Some((at, error)) = &slot.failed
                            && *at >= came_at
                        {
                            return Err(error.clone());
                        }
                        slot.connection = None;
                        let streams = HttpStreams::Many;
                        match self.open_http2(visit, request, streams, figures).await {
                            Ok(opened) => {
                                is_new = true;
                                let shared = SharedConnection::new(*opened);
                                slot.connection = Some(Rc::clone(&shared));
                                shared
                            }
                            Err(error) => {
                                slot.failed = Some((clock.now(), error.clone()));
                                return Err(error);
                            }
                        }
                    }
                }
            };
            has_waited |= !connection.has_free_stream();
            let waiting = connection.leave();
            let leave = match request.connect_timeout {
                None => waiting.await,
                Some(bound) => tokio::time::timeout(bound, waiting)
                    .await
                    .map_err(|_| Box::new(failure::no_free_stream(request)))?,
            };
            match leave {
                Some(leave) => break (leave, is_new),
                // A server that says goodbye at once is told of.
                None if is_new => return Err(Box::new(connection.no_stream(request))),
                None => {}
            }
        };
        let now = clock.now();
        if is_new {
            figures.connect_us = now.micros_since(figures.started);
        } else if !figures.retried {
            if has_waited {
                figures.wait_us = now.micros_since(came_at);
            }
            figures.started = now;
        }
        Ok(Taken {
            was_idle: leave.was_idle && !is_new,
            way: Way::Shared(leave),
            begun: now,
        })
    }

    async fn open_http2(
        &self,
        visit: Visit<'_>,
        request: &WireRequest,
        streams: HttpStreams,
        figures: &mut Figures,
    ) -> Result<Box<Http2Connection>, Box<SampleError>> {
        let (turn, wait_us) = self.connector.turn(visit.clock).await;
        let opening = self.connector.open_http2(request, streams, visit).await;
        drop(turn);
        if !figures.retried {
            figures.started = opening.started;
            figures.wait_us = wait_us;
        }
        figures.connect_us = visit.clock.now().micros_since(figures.started);
        figures.network = opening.network;
        let connection = opening.result?;
        figures.connections_opened += 1;
        Ok(connection)
    }
}

impl Way {
    fn begin(&mut self, beginning: Beginning<'_>) -> Result<Exchange, h2::Error> {
        match self {
            Way::Own(own) => Exchange::begin(&mut own.sender, &own.meter, beginning),
            Way::Shared(leave) => {
                let connection = &leave.connection;
                Exchange::begin(&mut connection.sender(), &connection.meter, beginning)
            }
        }
    }

    /// Waits for the end of `exchange`.
    async fn exchange(
        &mut self,
        exchange: &mut Exchange,
        clock: &dyn Clock,
    ) -> Result<(), ExchangeError> {
        let mut own_timer = GapTimer::default();
        poll_fn(|context| {
            let Way::Own(own) = self else {
                return exchange.poll(context, &mut own_timer, clock);
            };
            // First it writes what waits and reads what has come.
            let over = own.poll_driver(context);
            match (exchange.poll(context, &mut own.timer, clock), over) {
                (Poll::Pending, Poll::Ready(Err(error))) => {
                    Poll::Ready(Err(ExchangeError::Http2(error)))
                }
                (Poll::Pending, Poll::Ready(Ok(()))) => Poll::Ready(Err(ExchangeError::Closed)),
                (result, _) => result,
            }
        })
        .await
    }

    fn hears_http1(&self) -> bool {
        match self {
            Way::Own(own) => own.meter.borrow().hears_http1(),
            Way::Shared(leave) => leave.connection.meter.borrow().hears_http1(),
        }
    }

    /// Whether it may have been there for long.
    fn may_be_old(&self, was_idle: bool) -> bool {
        was_idle || matches!(self, Way::Shared(_))
    }

    /// No request may begin on it any more.
    fn give_up(self) {
        if let Way::Shared(leave) = self {
            leave.connection.give_up();
        }
    }
}

/// Whether the connection ended, without an answer and without a fault of the request.
fn is_farewell(result: &Result<(), ExchangeError>) -> bool {
    match result {
        Err(ExchangeError::Http2(error)) => {
            error.is_io() || (error.is_go_away() && error.is_remote())
        }
        Err(ExchangeError::Closed) => true,
        _ => false,
    }
}

/// The same head: the library takes one for each attempt.
fn copy(head: &Request<()>) -> Request<()> {
    let mut copy = Request::new(());
    head.method().clone_into(copy.method_mut());
    head.uri().clone_into(copy.uri_mut());
    head.headers().clone_into(copy.headers_mut());
    *copy.version_mut() = head.version();
    copy
}
