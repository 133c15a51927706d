//! One request on a connection of its user: an idle one or a new one, once more with a user name if
//! the server asks for it.

use std::future::poll_fn;
use std::task::{Context, Poll};
use std::time::SystemTime;

use loadline_engine::SampleError;
use loadline_events::SendOrWait;
use loadline_plan::AuthMechanism;
use loadline_units::RunTime;

use super::authorization::{self, Answer, Covered};
use super::cache::BadAge;
use super::connection::Connection;
use super::exchange::{Exchange, ExchangeError, Progress};
use super::failure;
use super::response::{ResponseReader, Wanted};
use super::sampler::{HttpSampler, Visit};
use super::session::{HttpSession, ProxyMemory};
use super::step::{self, Figures, Step};
use super::wire::WireRequest;

/// How often one request is sent again since a server or proxy asks for a user name.
const CHALLENGE_COUNT: usize = 3;

/// Bytes at the beginning of a task that are needed to run it.
const TASK_BYTES: usize = 64;

/// A request on its way over a connection of HTTP/1.1.
///
/// It is all that a user keeps of the way from one poll to the next, and small for that reason.
pub(super) struct Attempt {
    connection: Box<Connection>,
    progress: Progress,
    /// Whether the connection was idle.
    is_used: bool,
}

impl Attempt {
    fn on(connection: Box<Connection>, is_used: bool) -> Self {
        Self {
            connection,
            progress: Progress::default(),
            is_used,
        }
    }
}

impl HttpSampler {
    /// Sends `request` and reads the answer, on an idle connection of the user or on a new one. It begins at
    /// `started`, which is now.
    pub(super) async fn execute(
        &self,
        visit: &Visit<'_>,
        request: &WireRequest,
        started: RunTime,
    ) -> Step {
        let mut attempt = None;
        let on_idle =
            poll_fn(|context| self.poll_on_idle(context, visit, request, started, &mut attempt));
        match on_idle.await {
            Ok(step) => step,
            Err(figures) => Box::pin(self.execute_otherwise(*visit, request, figures)).await,
        }
    }

    /// Does it on an idle connection, with `attempt`, which is `None` the first time. An error, with the figures so
    /// far, means that this way there is nothing more to be done: no connection is idle, or the server closed the one
    /// that was as the request went out, or the request goes over HTTP/2.
    pub(super) fn poll_on_idle(
        &self,
        context: &mut Context<'_>,
        visit: &Visit<'_>,
        request: &WireRequest,
        started: RunTime,
        attempt: &mut Option<Attempt>,
    ) -> Poll<Result<Step, Figures>> {
        let figures = Figures {
            started,
            ..Figures::default()
        };
        if attempt.is_none() && request.http2.is_none() {
            let idle = idle_connection(context, visit.session, request, started);
            *attempt = idle.map(|mut connection| {
                self.expect_next(context, &mut connection);
                Attempt::on(connection, true)
            });
        }
        self.poll_attempt(context, visit, request, started, figures, attempt)
    }

    /// Asks for the memory of the connection that is likely to be next.
    fn expect_next(&self, context: &Context<'_>, connection: &mut Connection) {
        let here = std::ptr::from_ref(connection).addr();
        let task = context.waker().data().addr();
        let connections = self.connector.open_count();
        let (addresses, lengths) = ([here, task], [size_of::<Connection>(), TASK_BYTES]);
        (self.lookahead).come(connections, &mut connection.position, addresses, lengths);
    }

    /// Does it where no idle connection has done it, with the `figures` so far: on a new one, or over HTTP/2.
    pub(super) async fn execute_otherwise(
        &self,
        visit: Visit<'_>,
        request: &WireRequest,
        mut figures: Figures,
    ) -> Step {
        if let Some(streams) = request.http2 {
            return Box::pin(self.execute_http2(visit, request, streams)).await;
        }
        loop {
            let (turn, wait_us) = self.connector.turn(visit.clock).await;
            let opening = self.connector.open(request, visit).await;
            drop(turn);
            if !figures.retried {
                figures.started = opening.started;
                figures.wait_us = wait_us;
            }
            let begun = visit.clock.now();
            figures.connect_us = begun.micros_since(figures.started);
            figures.network = opening.network;
            let connection = match opening.result {
                Ok(connection) => connection,
                Err(error) => {
                    let reader = &mut ResponseReader::new(wanted(visit, request));
                    return step::step(
                        request,
                        visit.program,
                        &figures,
                        reader,
                        Err(*error),
                        begun,
                    );
                }
            };
            figures.connections_opened += 1;
            let mut attempt = Some(Attempt::on(connection, false));
            let ended = poll_fn(|context| {
                self.poll_attempt(context, &visit, request, begun, figures, &mut attempt)
            });
            match ended.await {
                Ok(step) => return step,
                // Not of a connection that is new, as far as is known here.
                Err(so_far) => figures = so_far,
            }
        }
    }

    /// Goes on with `attempt` at `request`, which began at `begun`, with the `figures` of before. An error, with the
    /// figures so far, means that there is no attempt, or that the server closed a connection that was idle as the
    /// request went out.
    fn poll_attempt(
        &self,
        context: &mut Context<'_>,
        visit: &Visit<'_>,
        request: &WireRequest,
        begun: RunTime,
        mut figures: Figures,
        attempt: &mut Option<Attempt>,
    ) -> Poll<Result<Step, Figures>> {
        let Some(mut under_way) = attempt.take() else {
            return Poll::Ready(Err(figures));
        };
        let is_first = matches!(under_way.progress, Progress::Begun);
        let begin = || exchange(visit, request, begun);
        let mut exchange = under_way.progress.exchange(request.wire.len(), begin);
        // Java's own client does not wait for it.
        if is_first && !visit.program.java_client && request.expects_continue() {
            exchange.hold_body(request.body_start, visit.program.skips_interim);
        }
        let Connection {
            transport,
            timer,
            spare,
            ..
        } = &mut *under_way.connection;
        let polled = exchange.poll(
            context,
            transport,
            &request.wire,
            &self.io,
            timer,
            visit.clock,
        );
        let Poll::Ready(result) = polled else {
            under_way.progress = exchange.progress(spare);
            *attempt = Some(under_way);
            return Poll::Pending;
        };
        figures.sent += exchange.written as u64;
        let send_us = (exchange.sent_at).map_or(0, |at| at.micros_since(begun));
        figures.network.send_or_wait = SendOrWait::send(send_us);
        if let Some(at) = exchange.first_byte_at {
            figures.first_byte_us = at.micros_since(figures.started);
        }
        let program = visit.program;
        let ended = match result {
            Ok(ended) => ended,
            // Nobody has read the request. A new connection tells whether the server is well.
            Err(ExchangeError::Unanswered(_)) if under_way.is_used => {
                figures.retried = true;
                return Poll::Ready(Err(figures));
            }
            Err(error) => {
                let error = Err(step::exchange_failure(error, request));
                let now = visit.clock.now();
                let reader = &mut exchange.reader;
                let step = step::step(request, program, &figures, reader, error, now);
                return Poll::Ready(Ok(step));
            }
        };
        let is_reusable = exchange.is_complete()
            && exchange.reader.is_reusable()
            && request.keep_alive
            && !request.plan_closes;
        let reader = &mut exchange.reader;
        let stored = store(*visit, request, reader);
        let mut step = step::step(request, program, &figures, reader, Ok(()), ended);
        if let Err(error) = stored {
            step.refuse(error);
        }
        if is_reusable {
            let (session, idle_seconds) = (visit.session, reader.idle_seconds());
            exchange.end(spare);
            session.keep_connection(under_way.connection, idle_seconds, ended);
        }
        Poll::Ready(Ok(step))
    }

    /// The same, and once more with user name and password if the answer asks for them.
    pub(super) async fn request(&self, visit: Visit<'_>, request: &WireRequest) -> Step {
        let step = self.execute(&visit, request, visit.clock.now()).await;
        self.answered(visit, request, step).await
    }

    /// `step`, the answer to `request`, or what came once its challenges were answered.
    pub(super) async fn answered(
        &self,
        visit: Visit<'_>,
        request: &WireRequest,
        mut step: Step,
    ) -> Step {
        let mut sent: Option<WireRequest> = None;
        for _ in 0..CHALLENGE_COUNT {
            let previous = sent.as_ref().unwrap_or(request);
            let Some(again) = self.answer(visit, previous, &step, sent.is_none()) else {
                break;
            };
            let next = self.execute(&visit, &again, visit.clock.now()).await;
            step = together(step, next);
            sent = Some(again);
        }
        step
    }

    /// The request that answers the challenges of `step`; `None` if there is none that can be.
    ///
    /// A proxy is told the user's name once more when it refuses it at `first`: it may have forgotten.
    fn answer(
        &self,
        visit: Visit<'_>,
        request: &WireRequest,
        step: &Step,
        first: bool,
    ) -> Option<WireRequest> {
        if step.lead.challenges.is_empty() {
            return None;
        }
        let challenges = step.lead.challenges.iter().map(|challenge| &**challenge);
        let is_proxy = step.outcome.status == 407;
        let name = if is_proxy {
            "Proxy-Authorization: "
        } else {
            "Authorization: "
        };
        let lines = request.authorization_lines();
        let kept: String = lines
            .split_inclusive('\n')
            .filter(|line| !line.starts_with(name))
            .collect();
        let was_sent = kept.len() < lines.len();
        let covered = Covered {
            method: request.method_text(),
            target: request.sent_target(),
            body: request.body(),
        };
        let value = if is_proxy {
            let proxy = request.route.as_ref()?.proxy.as_ref()?;
            if proxy.user.is_empty() {
                return None;
            }
            let is_refused = (visit.session).with(|own| {
                let memory = own.proxy_memory(request, proxy);
                if was_sent && !first {
                    *memory = ProxyMemory::Refused;
                }
                *memory == ProxyMemory::Refused
            });
            if is_refused {
                return None;
            }
            let answer = authorization::choose(challenges, "")?;
            let (value, memory) = match answer {
                Answer::Basic => (
                    authorization::basic(&proxy.user, &proxy.password),
                    ProxyMemory::Basic,
                ),
                Answer::Digest(mut digest) => (
                    digest.answer(&proxy.user, &proxy.password, &covered, self.next_salt()),
                    ProxyMemory::Digest(digest),
                ),
            };
            (visit.session).with(|own| *own.proxy_memory(request, proxy) = memory);
            value
        } else {
            if request.has_plan_authorization {
                return None;
            }
            let row = authorization::row_for(visit.credentials(), &request.url)?;
            let answer = authorization::choose(challenges, &row.realm)?;
            match answer {
                // The same again would be refused again.
                _ if was_sent && row.mechanism == AuthMechanism::Digest => return None,
                Answer::Basic if was_sent => return None,
                Answer::Basic if visit.program.java_client => {
                    authorization::basic_of_java(&row.user, &row.password)
                }
                Answer::Basic => authorization::basic(&row.user, &row.password),
                Answer::Digest(_) if was_sent && lines.contains("Digest") => return None,
                Answer::Digest(mut digest) => {
                    digest.answer(&row.user, &row.password, &covered, self.next_salt())
                }
            }
        };
        Some(request.with_authorization(&format!("{kept}{name}{value}\r\n")))
    }

    /// Adds the user's name for the proxy of `request`, if it goes to one in the clear that has asked
    /// for it before.
    pub(super) fn add_proxy_user(&self, visit: Visit<'_>, request: &mut WireRequest) {
        let route = request.route.clone();
        let Some(proxy) = route.as_ref().and_then(|route| route.proxy.as_ref()) else {
            return;
        };
        if proxy.user.is_empty() || !request.is_for_proxy() {
            return;
        }
        let value = (visit.session).with(|own| match own.proxy_memory(request, proxy) {
            ProxyMemory::Nothing | ProxyMemory::Refused => None,
            ProxyMemory::Basic => Some(authorization::basic(&proxy.user, &proxy.password)),
            ProxyMemory::Digest(digest) => {
                let covered = Covered {
                    method: request.method_text(),
                    target: request.sent_target(),
                    body: request.body(),
                };
                let salt = self.next_salt();
                Some(digest.answer(&proxy.user, &proxy.password, &covered, salt))
            }
        });
        if let Some(value) = value {
            let others = request.authorization_lines();
            let lines = format!("{others}Proxy-Authorization: {value}\r\n");
            *request = request.with_authorization(&lines);
        }
    }

    /// A number that differs each time, the same each run.
    pub(super) fn next_salt(&self) -> u64 {
        let state = self.salt.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.salt.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ (mixed >> 27)
    }
}

/// Lets a proxy that refused the user's name, and now has let `request` through without, ask for it again.
pub(super) fn forget_refusal(visit: Visit<'_>, request: &WireRequest, step: &Step) {
    if step.outcome.status == 407 || !request.is_for_proxy() {
        return;
    }
    let route = request.route.as_ref();
    if let Some(proxy) = route.and_then(|route| route.proxy.as_ref())
        && !proxy.user.is_empty()
    {
        visit.session.with(|own| {
            let memory = own.proxy_memory(request, proxy);
            if *memory == ProxyMemory::Refused {
                *memory = ProxyMemory::Nothing;
            }
        });
    }
}

/// One step for a request and the same again: the answer of the `second`, the beginnings of the
/// `first`, the bytes of both.
fn together(first: Step, mut second: Step) -> Step {
    let before = &first.outcome;
    let outcome = &mut second.outcome;
    let between = outcome.started.micros_since(before.started);
    outcome.started = before.started;
    outcome.connect_us = before.connect_us;
    outcome.network = before.network;
    if outcome.first_byte_us > 0 {
        outcome.first_byte_us = outcome.first_byte_us.saturating_add(between);
    }
    outcome.sent_bytes = outcome.sent_bytes.saturating_add(before.sent_bytes);
    outcome.received_bytes = outcome.received_bytes.saturating_add(before.received_bytes);
    outcome.connections_opened = outcome
        .connections_opened
        .saturating_add(before.connections_opened);
    outcome.retried |= before.retried;
    second
}

/// Takes an idle connection of the user to the server of `request`, if one is still good.
fn idle_connection(
    context: &mut Context<'_>,
    session: &HttpSession,
    request: &WireRequest,
    now: RunTime,
) -> Option<Box<Connection>> {
    loop {
        let mut connection = session.take_connection(request, now)?;
        if connection.is_quiet(context) {
            return Some(connection);
        }
    }
}

/// The exchange of `request` that begins at `begun`.
fn exchange(visit: &Visit<'_>, request: &WireRequest, begun: RunTime) -> Exchange {
    let number = visit.program.identity.number().unwrap_or_default();
    let sampler = usize::try_from(number).unwrap_or_default();
    let wanted = wanted(*visit, request);
    Exchange::new(sampler, wanted, request.response_timeout, begun)
}

/// What of the answer to `request` somebody reads.
pub(super) fn wanted(visit: Visit<'_>, request: &WireRequest) -> Wanted {
    let program = visit.program;
    Wanted {
        answers_head: request.method() == b"HEAD",
        body: step::wants_body(program),
        headers: program.keep.response_headers,
        cookies: program
            .cookies
            .as_ref()
            .is_some_and(|manager| !manager.ignore),
        cache: program.cache.is_some(),
        challenges: visit.occasion.is_some(),
    }
}

/// Stores what the managers of the plan keep of an answer: cookies, and what the cache reads.
///
/// # Errors
///
/// A failed sample for an age that the cache cannot read.
pub(super) fn store(
    visit: Visit<'_>,
    request: &WireRequest,
    reader: &ResponseReader,
) -> Result<(), SampleError> {
    let Some(kept) = reader.kept() else {
        return Ok(());
    };
    if kept.set_cookies.is_empty() && kept.cache.is_none() {
        return Ok(());
    }
    visit.session.with_managers(visit.program, |jar, cache| {
        if let Some(jar) = jar {
            jar.store(&request.url, &kept.set_cookies);
        }
        if let (Some(cache), Some(headers), b"GET") = (cache, &kept.cache, request.method()) {
            let lines: Vec<u8> = request
                .header_lines()
                .iter()
                .copied()
                .filter(|&byte| byte != b'\r')
                .collect();
            let now = SystemTime::now();
            let stored = cache.store(
                &request.url,
                reader.status(),
                (**headers).clone(),
                &lines,
                now,
            );
            return stored.map_err(|BadAge(text)| failure::number_format(&text));
        }
        Ok(())
    })
}
