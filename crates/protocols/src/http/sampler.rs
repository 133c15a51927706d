//! The sampler of one engine thread: renders a request, exchanges it, says what came of it.
//!
//! Not here: what is done with connections (see `transfer`), redirects and embedded resources.

use std::cell::{Cell, OnceCell, RefCell};
use std::future::poll_fn;
use std::ops::Deref;
use std::rc::Rc;
use std::time::SystemTime;

use loadline_engine::extract::Patterns;
use loadline_engine::{
    IterationStart, Lookahead, Outcome, SampleError, Sampler, Scope, ScriptCookie,
};
use loadline_plan::program::HttpProgram;
use loadline_units::{Clock, RunTime};

use super::authorization::Credential;
use super::body::Scratch;
use super::connect::Connector;
use super::embedded::{self, Resources};
use super::exchange::{IoCounts, IoState};
use super::failure;
use super::files::Files;
use super::frame::Frame;
use super::http2::SharedConnections;
use super::local_file;
use super::options::{HttpError, HttpOptions};
use super::request::{self, Rendered, Surroundings};
use super::route::{self, Routes};
use super::session::HttpSession;
use super::settings::Settings;
use super::step::{self, Figures, Step};
use super::transfer;
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
/// I/O and time enabled; those of connections that users share need one whose tasks stay on its thread: a
/// [`tokio::runtime::LocalRuntime`], or a [`tokio::task::LocalSet`] on it.
pub struct HttpSampler {
    options: HttpOptions,
    pub(super) connector: Connector,
    pub(super) shared: SharedConnections,
    files: Files,
    pub(super) io: IoState,
    /// Of the run's properties, read at the first sample.
    settings: OnceCell<Settings>,
    patterns: Patterns,
    /// Of connections, and of the tasks that wait for their answers.
    pub(super) lookahead: Lookahead<2>,
    /// Makes the client's numbers in Digests differ.
    pub(super) salt: Cell<u64>,
    scratch: RefCell<Scratch>,
    #[expect(
        clippy::vec_box,
        reason = "a boxed request keeps the future of a sample small"
    )]
    pool: RefCell<Vec<Box<WireRequest>>>,
    /// By the number of the program, which they are sorted by.
    recipes: RefCell<Vec<(u64, Recipe)>>,
}

/// How a program is rendered.
#[derive(Clone)]
enum Recipe {
    /// Anew each time.
    Varying,
    /// To the same bytes as before.
    Constant(Rc<WireRequest>),
    /// To the same bytes but for the target.
    Framed(Rc<Frame>),
}

/// A request ready to be sent.
enum Prepared {
    Constant(Rc<WireRequest>),
    Pooled(Box<WireRequest>),
}

/// What became of a request before it is sent.
enum Preparation {
    Ready(Prepared),
    /// The user's cache has a fresh copy of this URL.
    Fresh(String),
    Failed(Box<Outcome>),
}

/// How a sample begins.
enum Start<'v> {
    Ready(Ready<'v>),
    /// It has ended already, if there is one at all.
    Over(Option<Box<Outcome>>),
}

impl Start<'_> {
    fn over(outcome: Outcome) -> Self {
        Self::Over(Some(outcome.into()))
    }
}

/// A sample whose first request, which begins at `started`, is ready; the rest is as in [`Visit`].
struct Ready<'v> {
    session: &'v HttpSession,
    program: &'v HttpProgram,
    occasion: Option<Box<Occasion>>,
    settings: &'v Settings,
    clock: &'v dyn Clock,
    name: &'v str,
    request: Prepared,
    started: RunTime,
}

impl Ready<'_> {
    fn visit(&self) -> Visit<'_> {
        Visit {
            session: self.session,
            program: self.program,
            occasion: self.occasion.as_deref(),
            settings: self.settings,
            clock: self.clock,
            name: self.name,
        }
    }
}

/// One execution of a sampler: what all its requests share.
#[derive(Clone, Copy)]
pub(super) struct Visit<'v> {
    pub(super) session: &'v HttpSession,
    pub(super) program: &'v HttpProgram,
    /// What was evaluated for it; `None` for a plain request.
    pub(super) occasion: Option<&'v Occasion>,
    pub(super) settings: &'v Settings,
    pub(super) clock: &'v dyn Clock,
    /// Label of the sampler.
    pub(super) name: &'v str,
}

impl<'v> Visit<'v> {
    /// How embedded resources are fetched, if they are.
    pub(super) fn resources(self) -> Option<&'v Resources> {
        self.occasion?.resources.as_ref()
    }

    /// The user names that may go out.
    pub(super) fn credentials(self) -> &'v [Credential] {
        self.occasion.map_or(&[], |occasion| &occasion.credentials)
    }
}

/// Texts of a program that hold for all requests of one execution.
#[derive(Debug, Default)]
pub(super) struct Occasion {
    credentials: Vec<Credential>,
    resources: Option<Resources>,
    routes: Routes,
}

/// A request that an answer leads to.
pub(super) struct Next<'n> {
    pub(super) method: &'n str,
    pub(super) url: &'n str,
    /// Whether it has the body of the one before.
    pub(super) keep_body: bool,
    /// Whether the client follows by itself: it knows neither the user's cache nor which hosts are
    /// reached without the proxy.
    pub(super) is_the_clients: bool,
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
            shared: SharedConnections::default(),
            files: Files::new(options.base_folder.as_deref())?,
            options,
            io: IoState::new(),
            settings: OnceCell::new(),
            patterns: Patterns::default(),
            lookahead: Lookahead::default(),
            salt: Cell::new(0),
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

    /// Evaluates what all requests of one execution share; `None` for a plain request.
    fn occasion(
        &self,
        program: &HttpProgram,
        scope: &mut Scope<'_>,
    ) -> Result<Option<Box<Occasion>>, SampleError> {
        let routes = route::evaluate(program, &self.options.ways, scope)?;
        if routes.is_shortest() && program.authorization.is_none() && program.embedded.is_none() {
            return Ok(None);
        }
        let rows = program.authorization.iter().flat_map(|rows| rows.iter());
        let credentials = rows
            .map(|row| Credential {
                url: scope.text(&row.url),
                user: scope.text(&row.user),
                password: scope.text(&row.password),
                realm: scope.text(&row.realm),
                mechanism: row.mechanism,
            })
            .collect();
        let resources = program.embedded.as_ref().map(|embedded| {
            Resources::new(
                embedded.concurrent,
                &scope.text_of(&embedded.pool_size),
                &scope.text_of(&embedded.include),
                &scope.text_of(&embedded.exclude),
                &self.patterns,
            )
        });
        Ok(Some(Box::new(Occasion {
            credentials,
            resources,
            routes,
        })))
    }

    /// Renders the request as `recipe` says, if there is one yet, or takes the one that it is.
    fn prepare(
        &self,
        visit: Visit<'_>,
        recipe: Option<Recipe>,
        scope: &mut Scope<'_>,
    ) -> Preparation {
        let recipe = match recipe {
            Some(Recipe::Constant(request)) => {
                return Preparation::Ready(Prepared::Constant(request));
            }
            other => other,
        };
        let program = visit.program;
        let mut request = self.pool.borrow_mut().pop().unwrap_or_default();
        let rendered = if let Some(Recipe::Framed(frame)) = &recipe {
            let scratch = &mut self.scratch.borrow_mut();
            let rendered = frame.render(program, scope, scratch, &mut request);
            rendered.map(|()| Rendered::ToSend)
        } else {
            visit.session.prepare(program, scope);
            self.surrounded(visit, |surroundings| {
                request::render(program, scope, surroundings, &mut request)
            })
        };
        // What a function could not give must not be sent as if it were empty.
        let fault = scope.functions.take_fault();
        let rendered = match &fault {
            Some(fault) => Err(failure::function(fault)),
            None => rendered,
        };
        match rendered {
            Ok(Rendered::ToSend) => self.add_proxy_user(visit, &mut request),
            Ok(Rendered::Fresh) => return Preparation::Fresh(std::mem::take(&mut request.url)),
            Err(error) => {
                let mut outcome = Step::failed(error, scope.clock.now()).outcome;
                if request.url.is_empty() {
                    outcome.response.told_mut().is_nameless = true;
                } else {
                    step::keep_request(&mut outcome, &request, program);
                }
                if fault.is_some() {
                    // Nothing of it is known but where it would have gone.
                    outcome.response.request_headers.clear();
                    outcome.response.request_body.clear();
                }
                return Preparation::Failed(Box::new(outcome));
            }
        }
        if let (Some(number), None) = (program.identity.number(), recipe) {
            // What a proxy is told of the user changes with what it asks for.
            let recipe = if request::is_constant(program) && !request.is_for_proxy() {
                Recipe::Constant(Rc::new((*request).clone()))
            } else if let Some(frame) = Frame::of(program, &request) {
                Recipe::Framed(Rc::new(frame))
            } else {
                Recipe::Varying
            };
            self.remember(number, recipe);
        }
        Preparation::Ready(Prepared::Pooled(request))
    }

    /// Whether requests that are the same bytes each time need nothing evaluated for `program` either: they
    /// go the shortest way, and nothing belongs to their answers.
    fn is_plain(&self, program: &HttpProgram) -> bool {
        let ways = &self.options.ways;
        program.embedded.is_none() && ways.proxy.is_none() && ways.unix_socket.is_none()
    }

    /// How `program` is rendered, if that is known.
    fn recipe(&self, program: &HttpProgram) -> Option<Recipe> {
        let number = program.identity.number()?;
        let recipes = self.recipes.borrow();
        let index = recipes.binary_search_by_key(&number, |(known, _)| *known);
        index.ok().map(|index| recipes[index].1.clone())
    }

    fn remember(&self, number: u64, recipe: Recipe) {
        let mut recipes = self.recipes.borrow_mut();
        if recipes.len() < REMEMBERED_PROGRAMS
            && let Err(index) = recipes.binary_search_by_key(&number, |(known, _)| *known)
        {
            recipes.insert(index, (number, recipe));
        }
    }

    /// Renders a request that `previous` led to; `None` when the user's cache has a fresh copy.
    pub(super) fn render_next(
        &self,
        visit: Visit<'_>,
        previous: &WireRequest,
        next: &Next<'_>,
    ) -> Result<Option<Box<WireRequest>>, SampleError> {
        let mut request = self.pool.borrow_mut().pop().unwrap_or_default();
        let rendered = self.surrounded(visit, |surroundings| {
            if next.is_the_clients {
                surroundings.cache = None;
                // Java's own client asks anew which way a host is reached.
                if !visit.program.java_client {
                    surroundings.goes_on = true;
                }
            }
            request::render_redirect(
                visit.program,
                previous,
                next.method,
                next.url,
                next.keep_body,
                surroundings,
                &mut request,
            )
        })?;
        self.add_proxy_user(visit, &mut request);
        Ok((rendered == Rendered::ToSend).then_some(request))
    }

    /// Lets `act` at what rendering needs.
    fn surrounded<R>(&self, visit: Visit<'_>, act: impl FnOnce(&mut Surroundings<'_>) -> R) -> R {
        let mut scratch = self.scratch.borrow_mut();
        visit.session.with_managers(visit.program, |jar, cache| {
            act(&mut Surroundings {
                scratch: &mut scratch,
                files: &self.files,
                user_agent: &self.options.user_agent,
                connect_timeout: self.options.default_connect_timeout,
                response_timeout: self.options.default_response_timeout,
                jar,
                now: match cache {
                    Some(_) => SystemTime::now(),
                    None => SystemTime::UNIX_EPOCH,
                },
                cache,
                credentials: visit.credentials(),
                is_preemptive: visit.settings.is_preemptive,
                http2: self.options.ways.http2(visit.program),
                routes: visit.occasion.map(|occasion| &occasion.routes),
                goes_on: false,
            })
        })
    }

    /// Takes the memory of a request back.
    fn release(&self, request: Prepared) {
        if let Prepared::Pooled(request) = request {
            self.pool_request(request);
        }
    }

    /// Keeps a request's memory for its next use.
    pub(super) fn pool_request(&self, request: Box<WireRequest>) {
        let mut pool = self.pool.borrow_mut();
        if pool.len() < POOLED_REQUESTS && request.capacity() <= POOLED_REQUEST_BYTES {
            pool.push(request);
        }
    }

    /// Prepares a sample that begins `now`, or later if it takes a while.
    fn start<'v, 's: 'v>(
        &'v self,
        session: &'v HttpSession,
        program: &'v HttpProgram,
        now: RunTime,
        scope: &mut Scope<'s>,
    ) -> Start<'v> {
        let (clock, name) = (scope.clock, scope.sampler_name);
        let settings = self.settings.get_or_init(|| Settings::of(scope));
        let recipe = self.recipe(program);
        let is_ready = matches!(recipe, Some(Recipe::Constant(_))) && self.is_plain(program);
        if !is_ready && local_file::is_meant(program, scope, &mut self.scratch.borrow_mut().text) {
            return Start::over(local_file::read(program, scope, &self.files));
        }
        let occasion = match is_ready {
            true => None,
            false => match self.occasion(program, scope) {
                Ok(occasion) => occasion,
                Err(error) => return Start::over(Step::failed(error, clock.now()).outcome),
            },
        };
        let visit = Visit {
            session,
            program,
            occasion: occasion.as_deref(),
            settings,
            clock,
            name,
        };
        let request = match self.prepare(visit, recipe, scope) {
            Preparation::Ready(request) => request,
            Preparation::Fresh(url) => {
                return Start::Over(embedded::cached(visit, &url).map(Box::new));
            }
            Preparation::Failed(outcome) => return Start::Over(Some(outcome)),
        };
        Start::Ready(Ready {
            session,
            program,
            occasion,
            settings,
            clock,
            name,
            request,
            started: match is_ready {
                true => now,
                // It took a while to render.
                false => clock.now(),
            },
        })
    }

    /// Goes on where no idle connection brought the only answer: to the first answer, if there is none yet, then to
    /// what it asks for, where it points, what it names.
    async fn go_on(&self, ready: Ready<'_>, on_idle: Result<Step, Figures>) -> Option<Outcome> {
        let (visit, request) = (ready.visit(), &*ready.request);
        let first = match on_idle {
            Ok(first) => first,
            Err(figures) => self.execute_otherwise(visit, request, figures).await,
        };
        if !first.leads_on(ready.program) {
            return Some(self.end(ready, first));
        }
        transfer::forget_refusal(visit, request, &first);
        let first = self.answered(visit, request, first).await;
        let followed = self.follow(visit, request, first).await;
        let outcome = self.finish(visit, request, followed, 0).await;
        self.release(ready.request);
        Some(outcome)
    }

    /// Ends a sample after an answer that leads to nothing else.
    fn end(&self, ready: Ready<'_>, only: Step) -> Outcome {
        transfer::forget_refusal(ready.visit(), &ready.request, &only);
        self.release(ready.request);
        only.outcome
    }
}

impl Sampler for HttpSampler {
    type Session = HttpSession;

    fn session(&self, _user: u32) -> HttpSession {
        HttpSession::default()
    }

    fn session_beside(&self, _user: u32, session: &HttpSession) -> HttpSession {
        session.beside()
    }

    fn close_connections(&self, session: &HttpSession) {
        session.close_connections();
    }

    fn start_iteration(&self, session: &HttpSession, start: IterationStart) {
        session.start_iteration(start);
    }

    fn sample<'a, 'v>(
        &'a self,
        session: &'a HttpSession,
        program: &'a HttpProgram,
        now: RunTime,
        scope: &mut Scope<'v>,
    ) -> impl Future<Output = Option<Outcome>> + use<'a, 'v>
    where
        'v: 'a,
    {
        let start = self.start(session, program, now, scope);
        // It stays where it is until the answer has come: what is moved before an await is kept twice.
        async move {
            let on_idle = match &start {
                Start::Ready(ready) => {
                    let mut attempt = None;
                    let on_idle = poll_fn(|context| {
                        let (visit, started) = (&ready.visit(), ready.started);
                        self.poll_on_idle(context, visit, &ready.request, started, &mut attempt)
                    });
                    on_idle.await
                }
                Start::Over(_) => Err(Figures::default()),
            };
            let rest = match (start, on_idle) {
                (Start::Over(outcome), _) => return outcome.map(|outcome| *outcome),
                (Start::Ready(ready), Ok(first)) if !first.leads_on(ready.program) => {
                    return Some(self.end(ready, first));
                }
                // In a box, as all that is rare.
                (Start::Ready(ready), on_idle) => Box::pin(self.go_on(ready, on_idle)),
            };
            rest.await
        }
    }

    fn cookies(
        &self,
        session: &HttpSession,
        request: &HttpProgram,
        scope: &mut Scope<'_>,
    ) -> Option<Vec<ScriptCookie>> {
        session.prepare(request, scope);
        session.with_managers(request, |jar, _| jar.map(|jar| jar.list()))
    }

    fn set_cookies(&self, session: &HttpSession, request: &HttpProgram, cookies: &[ScriptCookie]) {
        session.with_managers(request, |jar, _| {
            if let Some(jar) = jar {
                jar.replace(cookies);
            }
        });
    }

    fn open_connections(&self) -> u32 {
        self.connector.open_count()
    }
}
