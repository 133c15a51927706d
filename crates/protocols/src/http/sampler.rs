//! The sampler of one engine thread: renders a request, exchanges it, says what came of it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::future::poll_fn;
use std::ops::Deref;
use std::rc::Rc;
use std::task::Poll;

use loadline_engine::{IterationStart, Outcome, Response, SampleError, Sampler, Scope};
use loadline_plan::program::HttpProgram;
use loadline_units::{Clock, RunTime};

use super::body::Scratch;
use super::connect::Connector;
use super::connection::Connection;
use super::exchange::{Exchange, ExchangeError, IoCounts, IoState};
use super::failure;
use super::files::Files;
use super::options::{HttpError, HttpOptions};
use super::request::{self, Surroundings, WireRequest};
use super::response::{CutShort, KEPT_BODY_BYTES, Kept, ProtocolError, ResponseReader, Wanted};
use super::session::HttpSession;

/// Rendered requests that wait for their next use.
const POOLED_REQUESTS: usize = 64;

/// Greatest size of a request whose memory is used again, in bytes.
const POOLED_REQUEST_BYTES: usize = 64 << 10;

/// Programs whose rendering is remembered; further ones are rendered each time.
const REMEMBERED_PROGRAMS: usize = 4096;

/// Bytes of a failed answer's body of which the message is made, decoded.
const SHOWN_BYTES: usize = 1024;

/// Sends the HTTP requests of all virtual users of one engine thread.
///
/// It belongs to the thread that made it, and its futures to a current-thread tokio runtime with
/// I/O and time enabled.
pub struct HttpSampler {
    options: HttpOptions,
    connector: Connector,
    files: Files,
    io: IoState,
    scratch: RefCell<Scratch>,
    #[expect(
        clippy::vec_box,
        reason = "a boxed request keeps the future of a sample small"
    )]
    pool: RefCell<Vec<Box<WireRequest>>>,
    /// By the program's address.
    recipes: RefCell<HashMap<usize, Recipe>>,
}

/// How a program is rendered.
enum Recipe {
    /// Anew each time.
    Varying,
    /// To the same bytes as before, as long as it is the same program: an address alone could be
    /// that of another one by now. Comparing costs a quarter of rendering.
    Constant {
        program: Box<HttpProgram>,
        request: Rc<WireRequest>,
    },
}

/// A request ready to be sent.
enum Prepared {
    Constant(Rc<WireRequest>),
    Pooled(Box<WireRequest>),
}

impl Deref for Prepared {
    type Target = WireRequest;

    fn deref(&self) -> &WireRequest {
        match self {
            Prepared::Constant(request) => request,
            Prepared::Pooled(request) => request,
        }
    }
}

/// What came of one request, and where its answer points.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) outcome: Outcome,
    pub(super) location: Option<Box<str>>,
}

impl Step {
    /// A request that failed at the instant `now`, before it was sent.
    pub(super) fn failed(error: SampleError, now: RunTime) -> Self {
        Self {
            outcome: Outcome {
                started: now,
                ended: now,
                error: Some(error),
                ..Outcome::default()
            },
            location: None,
        }
    }
}

/// The figures of one request.
#[derive(Debug, Default)]
struct Figures {
    started: RunTime,
    connect_us: u32,
    first_byte_us: u32,
    sent: u64,
    connections_opened: u16,
    retried: bool,
}

impl HttpSampler {
    /// A sampler for one engine thread.
    ///
    /// # Errors
    ///
    /// [`HttpError`] if the options' folder cannot be opened or TLS cannot be set up.
    pub fn new(options: HttpOptions) -> Result<Self, HttpError> {
        Ok(Self {
            connector: Connector::new(&options)?,
            files: Files::new(options.base_folder.as_deref())?,
            options,
            io: IoState::new(),
            scratch: RefCell::default(),
            pool: RefCell::default(),
            recipes: RefCell::default(),
        })
    }

    /// Writes and reads so far.
    #[must_use]
    pub fn io_counts(&self) -> IoCounts {
        self.io.counts.get()
    }

    /// Renders the request, or takes it from the remembered ones.
    fn prepare(
        &self,
        session: &mut HttpSession,
        program: &HttpProgram,
        scope: &mut Scope<'_>,
    ) -> Result<Prepared, Box<Outcome>> {
        let address = std::ptr::from_ref(program).addr();
        let is_varying = match self.recipes.borrow().get(&address) {
            Some(Recipe::Constant {
                program: known,
                request,
            }) if **known == *program => return Ok(Prepared::Constant(Rc::clone(request))),
            Some(Recipe::Varying) => true,
            _ => false,
        };
        let mut request = self.pool.borrow_mut().pop().unwrap_or_default();
        let mut scratch = self.scratch.borrow_mut();
        let jar = session.jar(program.cookies.as_ref());
        let mut surroundings = self.surroundings(&mut scratch);
        if let Err(error) = request::render(program, scope, jar, &mut surroundings, &mut request) {
            let mut outcome = Step::failed(error, scope.clock.now()).outcome;
            keep_request(&mut outcome.response, &request, program);
            return Err(Box::new(outcome));
        }
        let mut recipes = self.recipes.borrow_mut();
        if !is_varying && recipes.len() < REMEMBERED_PROGRAMS {
            let recipe = if request::is_constant(program) {
                Recipe::Constant {
                    program: Box::new(program.clone()),
                    request: Rc::new((*request).clone()),
                }
            } else {
                Recipe::Varying
            };
            recipes.insert(address, recipe);
        }
        Ok(Prepared::Pooled(request))
    }

    /// Renders the request that follows a redirect of `previous`.
    pub(super) fn render_redirect(
        &self,
        session: &mut HttpSession,
        program: &HttpProgram,
        previous: &WireRequest,
        method: &str,
        url: &str,
        keep_body: bool,
    ) -> Result<Box<WireRequest>, SampleError> {
        let mut request = self.pool.borrow_mut().pop().unwrap_or_default();
        let mut scratch = self.scratch.borrow_mut();
        let jar = session.jar(program.cookies.as_ref());
        request::render_redirect(
            previous,
            method,
            url,
            keep_body,
            jar,
            &mut self.surroundings(&mut scratch),
            &mut request,
        )?;
        Ok(request)
    }

    fn surroundings<'s>(&'s self, scratch: &'s mut Scratch) -> Surroundings<'s> {
        Surroundings {
            scratch,
            files: &self.files,
            user_agent: &self.options.user_agent,
            connect_timeout: self.options.default_connect_timeout,
            response_timeout: self.options.default_response_timeout,
        }
    }

    /// Takes a request's memory back.
    pub(super) fn release(&self, request: Box<WireRequest>) {
        let mut pool = self.pool.borrow_mut();
        if pool.len() < POOLED_REQUESTS && request.capacity() <= POOLED_REQUEST_BYTES {
            pool.push(request);
        }
    }

    /// Sends `request` and reads the answer, on an idle connection of the user or on a new one.
    pub(super) async fn execute(
        &self,
        session: &mut HttpSession,
        request: &WireRequest,
        program: &HttpProgram,
        clock: &dyn Clock,
    ) -> Step {
        let wanted = Wanted {
            answers_head: request.method() == b"HEAD",
            body: program.keep.body,
            headers: program.keep.response_headers,
            cookies: program
                .cookies
                .as_ref()
                .is_some_and(|manager| !manager.ignore),
        };
        let mut figures = Figures {
            started: clock.now(),
            ..Figures::default()
        };
        let mut idle = idle_connection(session, request, figures.started).await;
        loop {
            let is_used = idle.is_some();
            let mut connection = match idle.take() {
                Some(connection) => connection,
                None => {
                    let opening = Box::pin(self.connector.open(request, clock)).await;
                    if !figures.retried {
                        figures.started = opening.started;
                    }
                    let now = clock.now();
                    figures.connect_us = now.micros_since(figures.started);
                    match opening.result {
                        Ok(connection) => {
                            figures.connections_opened += 1;
                            connection
                        }
                        Err(error) => {
                            let reader = ResponseReader::new(wanted);
                            return step(request, program, &figures, reader, Err(*error), now);
                        }
                    }
                }
            };
            let mut exchange = Exchange::new(wanted, request.response_timeout);
            let result = poll_fn(|context| {
                let connection = &mut *connection;
                exchange.poll(
                    context,
                    &mut connection.transport,
                    &request.wire,
                    &self.io,
                    &mut connection.timer,
                    clock,
                )
            })
            .await;
            figures.sent += exchange.written as u64;
            if let Some(at) = exchange.first_byte_at {
                figures.first_byte_us = at.micros_since(figures.started);
            }
            match result {
                Ok(ended) => {
                    if exchange.is_complete() && exchange.reader.is_reusable() && request.keep_alive
                    {
                        let idle_seconds = exchange.reader.idle_seconds();
                        session.keep_connection(connection, idle_seconds, ended);
                    }
                    let reader = exchange.reader;
                    store_cookies(session, program, request, &reader);
                    return step(request, program, &figures, reader, Ok(()), ended);
                }
                // The server closed the idle connection as the request went out; nobody has read
                // it. A new connection tells whether the server is well.
                Err(ExchangeError::Unanswered(_)) if is_used => figures.retried = true,
                Err(error) => {
                    let error = exchange_failure(error, request);
                    let now = clock.now();
                    return step(request, program, &figures, exchange.reader, Err(error), now);
                }
            }
        }
    }
}

impl Sampler for HttpSampler {
    type Session = HttpSession;

    fn session(&self, _user: u32) -> HttpSession {
        HttpSession::default()
    }

    fn start_iteration(&self, session: &mut HttpSession, start: IterationStart) {
        session.start_iteration(start);
    }

    async fn sample(
        &self,
        session: &mut HttpSession,
        program: &HttpProgram,
        scope: &mut Scope<'_>,
    ) -> Outcome {
        let clock = scope.clock;
        let request = match self.prepare(session, program, scope) {
            Ok(request) => request,
            Err(outcome) => return *outcome,
        };
        let first = self.execute(session, &request, program, clock).await;
        let outcome = if (300..400).contains(&first.outcome.status) && first.outcome.error.is_none()
        {
            Box::pin(self.follow(session, program, &request, first, clock)).await
        } else {
            first.outcome
        };
        if let Prepared::Pooled(request) = request {
            self.release(request);
        }
        outcome
    }

    fn open_connections(&self) -> u32 {
        self.connector.open_count()
    }
}

/// Takes an idle connection of the user to the server of `request`, if one is still good.
async fn idle_connection(
    session: &mut HttpSession,
    request: &WireRequest,
    now: RunTime,
) -> Option<Box<Connection>> {
    loop {
        let mut connection = session.take_connection(request, now)?;
        if poll_fn(|context| Poll::Ready(connection.is_quiet(context))).await {
            return Some(connection);
        }
    }
}

fn store_cookies(
    session: &mut HttpSession,
    program: &HttpProgram,
    request: &WireRequest,
    reader: &ResponseReader,
) {
    if let Some(kept) = reader.kept()
        && !kept.set_cookies.is_empty()
        && let Some(jar) = session.jar(program.cookies.as_ref())
    {
        jar.store(&request.url, &kept.set_cookies);
    }
}

fn exchange_failure(error: ExchangeError, request: &WireRequest) -> SampleError {
    match error {
        ExchangeError::Unanswered(None) => failure::no_response(&request.host, request.port),
        ExchangeError::Unanswered(Some(error)) | ExchangeError::Broken(error) => {
            failure::transfer(&error)
        }
        ExchangeError::CutShort(cut @ CutShort::Chunk { .. }) => {
            failure::chunk_cut_short(&cut.to_string())
        }
        ExchangeError::CutShort(cut) => failure::cut_short(&cut.to_string()),
        ExchangeError::Protocol(error @ ProtocolError::Chunk) => {
            failure::chunked_coding(&error.to_string())
        }
        ExchangeError::Protocol(error) => failure::protocol(&error.to_string()),
        ExchangeError::Timeout => failure::read_timeout(),
    }
}

/// Puts the outcome of a request together.
fn step(
    request: &WireRequest,
    program: &HttpProgram,
    figures: &Figures,
    mut reader: ResponseReader,
    result: Result<(), SampleError>,
    ended: RunTime,
) -> Step {
    let mut outcome = Outcome {
        started: figures.started,
        ended,
        connect_us: figures.connect_us,
        first_byte_us: figures.first_byte_us,
        status: reader.status(),
        error: result.err(),
        sent_bytes: u32::try_from(figures.sent).unwrap_or(u32::MAX),
        received_bytes: u32::try_from(reader.received()).unwrap_or(u32::MAX),
        connections_opened: figures.connections_opened,
        retried: figures.retried,
        response: Response::default(),
        sub_samples: Vec::new(),
    };
    keep_request(&mut outcome.response, request, program);
    let location = match reader.take_kept() {
        Some(kept) => keep_response(&mut outcome, *kept, program),
        None => None,
    };
    Step { outcome, location }
}

/// Moves what was kept of the answer into `outcome`; the `Location` header.
fn keep_response(outcome: &mut Outcome, kept: Kept, program: &HttpProgram) -> Option<Box<str>> {
    let response = &mut outcome.response;
    response.message = kept.reason;
    response.headers = kept.headers;
    response.content_type = kept.content_type;
    let mut shown = Vec::new();
    if program.keep.body {
        match kept.encoding {
            super::content::ContentEncoding::Identity => response.body = kept.body,
            encoding => match encoding.decode(&kept.body, KEPT_BODY_BYTES) {
                Ok(body) => response.body = body,
                Err(error) => {
                    // A body that was cut, by its bound or by the connection, says nothing against
                    // the encoding.
                    let is_cut = kept.body.len() >= KEPT_BODY_BYTES || outcome.error.is_some();
                    response.body = encoding.decode_beginning(&kept.body, KEPT_BODY_BYTES);
                    if !is_cut {
                        outcome.error = Some(failure::content_encoding(&error.to_string()));
                    }
                }
            },
        }
    } else if outcome.status >= 400 {
        shown = kept.encoding.decode_beginning(&kept.body, SHOWN_BYTES);
    }
    if outcome.status >= 400 && outcome.error.is_none() {
        let body = if program.keep.body {
            &response.body
        } else {
            &shown
        };
        outcome.error = Some(failure::status(
            outcome.status,
            &body[..body.len().min(SHOWN_BYTES)],
        ));
    }
    kept.location
}

/// Copies what later elements read of the request.
fn keep_request(response: &mut Response, request: &WireRequest, program: &HttpProgram) {
    if !program.keep.request {
        return;
    }
    response.url = request.url.as_str().into();
    response.method = request.method_text().into();
    response.request_headers = request
        .header_lines()
        .iter()
        .copied()
        .filter(|&byte| byte != b'\r')
        .collect();
    response.request_body = request.body().to_vec();
}
