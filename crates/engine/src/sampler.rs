//! What a protocol gives the engine: a sampler per engine thread, a session per virtual user, an
//! outcome per execution.

use std::borrow::Cow;
use std::future::Future;
use std::sync::LazyLock;

use loadline_events::{AssertionResult, ErrorKind, NetworkTimes};
use loadline_plan::program::HttpProgram;
use loadline_script::ScriptCookie;
use loadline_units::RunTime;

use crate::Scope;
use crate::seldom::{Empty, Seldom};

/// Executes requests for all virtual users of one engine thread.
pub trait Sampler: 'static {
    /// What one virtual user keeps between samples: connections, cookies. Samples of a user that are
    /// under way at the same time share it.
    type Session: 'static;

    /// A new session for the virtual user `user`. Costs no system call.
    fn session(&self, user: u32) -> Self::Session;

    /// A session for what the user does beside its own way, in a Parallel Controller: with the cookies
    /// of `session`, and connections of its own.
    fn session_beside(&self, user: u32, _session: &Self::Session) -> Self::Session {
        self.session(user)
    }

    /// What was done beside the user's own way is through: its connections are closed.
    fn close_connections(&self, _session: &Self::Session) {}

    /// The user begins an iteration of its thread group: cookies and connections are reset as the
    /// plan says.
    fn start_iteration(&self, session: &Self::Session, start: IterationStart);

    /// Sends the request and reads the answer to its end. A failure is an outcome, never a panic;
    /// `None` means that nothing was sent and there is no sample (a fresh copy in the user's cache).
    /// `now` is the time of the call: a request that is ready to be sent begins then, without another
    /// reading of the clock.
    ///
    /// What needs `scope` is done when this returns, and the rest by the future: what a future holds makes every
    /// user larger. Dropping the future aborts the request and closes its connection.
    fn sample<'a, 'v>(
        &'a self,
        session: &'a Self::Session,
        request: &'a HttpProgram,
        now: RunTime,
        scope: &mut Scope<'v>,
    ) -> impl Future<Output = Option<Outcome>> + use<'a, 'v, Self>
    where
        'v: 'a;

    /// The cookies that the user has under the cookie manager of `request`; `None` without one.
    fn cookies(
        &self,
        _session: &Self::Session,
        _request: &HttpProgram,
        _scope: &mut Scope<'_>,
    ) -> Option<Vec<ScriptCookie>> {
        None
    }

    /// Gives the user `cookies` in the place of those under the cookie manager of `request`.
    fn set_cookies(
        &self,
        _session: &Self::Session,
        _request: &HttpProgram,
        _cookies: &[ScriptCookie],
    ) {
    }

    /// Connections of this thread that are open now.
    fn open_connections(&self) -> u32;
}

/// How an iteration of a thread group begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IterationStart {
    /// Index of the iteration of this user, 0 for the first.
    pub index: u64,
    /// Whether the group says that each iteration is a new user.
    pub new_user: bool,
}

/// What came of one execution of a sampler.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// When the sampler began, before connecting.
    pub started: RunTime,
    /// When the last byte came, or the failure was known.
    pub ended: RunTime,
    /// From `started` until the connection was ready, in microseconds; 0 on a kept-alive one.
    pub connect_us: u32,
    /// Parts of the connect time, sending, and the wait before `started` for a turn to connect or a stream of a
    /// shared connection.
    pub network: NetworkTimes,
    /// From `started` to the first byte of the answer, in microseconds; 0 without answer.
    pub first_byte_us: u32,
    /// Status code; 0 without answer.
    pub status: u16,
    /// Why it failed; `None` for success. A status of 400 and above is a failure.
    pub error: Option<Box<SampleError>>,
    /// Bytes written, TLS framing not counted; a retry counts too.
    pub sent_bytes: u32,
    /// Bytes read, as on the wire.
    pub received_bytes: u32,
    /// Connections opened for it, redirects included.
    pub connections_opened: u16,
    /// Whether it was sent again because a kept-alive connection had been closed.
    pub retried: bool,
    /// What of request and response was kept.
    pub response: Seldom<Response>,
    /// Redirects and embedded resources that belong to it, in order; empty as a rule.
    pub sub_samples: Seldom<Vec<SubSample>>,
    /// What the assertions of the plan said, if somebody listens to results.
    pub assertions: Seldom<Vec<AssertionResult>>,
}

/// A request that belongs to another one.
#[derive(Clone, Debug, PartialEq)]
pub struct SubSample {
    /// Its label: the sampler's with `-` and its index among its siblings, as JMeter has it.
    pub label: Box<str>,
    /// Its outcome.
    pub outcome: Outcome,
}

/// Why a sample failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleError {
    /// The class of the failure.
    pub kind: ErrorKind,
    /// JMeter's response code for it, such as `Non HTTP response code: java.net.SocketException`;
    /// the status code as text when there was an answer.
    pub code: Cow<'static, str>,
    /// What happened, in one line of at most 200 characters.
    pub message: Box<str>,
}

/// Parts of request and response that later elements read; empty where they were not asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The reason phrase as sent.
    pub message: Box<str>,
    /// Status line and header lines as received, each ended by `\n`.
    pub headers: Vec<u8>,
    /// Body, content encoding removed.
    pub body: Vec<u8>,
    /// Value of the `Content-Type` header; empty without one.
    pub content_type: Box<str>,
    /// The URL of the (last) request.
    pub url: Box<str>,
    /// Method of the (last) request.
    pub method: Box<str>,
    /// Header lines of the request, each ended by `\n`.
    pub request_headers: Vec<u8>,
    /// Body of the request.
    pub request_body: Vec<u8>,
    /// What is said of it beyond these, which is seldom.
    pub told: Option<Box<Told>>,
}

/// What is seldom said of a response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// A code that is no number.
    pub code: Option<Box<str>>,
    /// JMeter's type of the data, other than that of the content type: `text`, `bin` or nothing.
    pub data_type: Option<Box<str>>,
    /// It failed before it was known where the request goes: JMeter gives such a sample no label.
    pub is_nameless: bool,
}

impl Empty for Response {
    fn empty() -> &'static Self {
        static EMPTY: LazyLock<Response> = LazyLock::new(Response::default);
        &EMPTY
    }
}

impl Response {
    /// The code that a script gave, if it is no number.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.told.as_ref()?.code.as_deref()
    }

    /// Whether the sample has no label.
    #[must_use]
    pub fn is_nameless(&self) -> bool {
        self.told.as_ref().is_some_and(|told| told.is_nameless)
    }

    /// JMeter's type of the data that a script gave.
    #[must_use]
    pub fn data_type(&self) -> Option<&str> {
        self.told.as_ref()?.data_type.as_deref()
    }

    /// What is seldom said of it, to be changed.
    pub fn told_mut(&mut self) -> &mut Told {
        self.told.get_or_insert_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_is_small() {
        // It is handed on several times for each request.
        assert!(size_of::<Outcome>() <= 96, "{} bytes", size_of::<Outcome>());
    }
}
