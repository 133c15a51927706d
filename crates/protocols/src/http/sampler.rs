//! The sampler of one engine thread: renders a request, exchanges it, says what came of it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::future::poll_fn;
use std::ops::Deref;
use std::rc::Rc;
use std::task::Poll;

use loadline_engine::{IterationStart, Outcome, SampleError, Sampler, Scope};
use loadline_plan::program::HttpProgram;
use loadline_units::{Clock, RunTime};

use super::body::Scratch;
use super::connect::Connector;
use super::connection::Connection;
use super::exchange::{Exchange, ExchangeError, IoCounts, IoState};
use super::failure;
use super::files::Files;
use super::options::{HttpError, HttpOptions};
use super::request::{self, Surroundings};
use super::response::{ResponseReader, Wanted};
use super::session::HttpSession;
use super::step::{self, Figures, Step};
use super::wire::WireRequest;

/// Rendered requests that wait for their next use.
const POOLED_REQUESTS: usize = 64;

/// Greatest size of a request whose memory is used again, in bytes.
const POOLED_REQUEST_BYTES: usize = 64 << 10;

/// Programs whose rendering is remembered; further ones are rendered each time.
const REMEMBERED_PROGRAMS: usize = 4096;

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
        let jar = session.make_jar(program.cookies.as_ref(), scope);
        let mut surroundings = self.surroundings(&mut scratch);
        let rendered = request::render(program, scope, jar, &mut surroundings, &mut request);
        // What a function could not give must not be sent as if it were empty.
        let failed = match scope.functions.take_fault() {
            Some(fault) => Some(failure::illegal_argument(&fault.to_string())),
            None => rendered.err(),
        };
        if let Some(error) = failed {
            let mut outcome = Step::failed(error, scope.clock.now()).outcome;
            step::keep_request(&mut outcome.response, &request, program);
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
                            return step::step(
                                request,
                                program,
                                &figures,
                                reader,
                                Err(*error),
                                now,
                            );
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
                    return step::step(request, program, &figures, reader, Ok(()), ended);
                }
                // The server closed the idle connection as the request went out; nobody has read
                // it. A new connection tells whether the server is well.
                Err(ExchangeError::Unanswered(_)) if is_used => figures.retried = true,
                Err(error) => {
                    let error = step::exchange_failure(error, request);
                    let now = clock.now();
                    return step::step(
                        request,
                        program,
                        &figures,
                        exchange.reader,
                        Err(error),
                        now,
                    );
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
