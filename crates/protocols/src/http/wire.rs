//! A request in the form in which it is sent.

use std::ops::Range;
use std::rc::Rc;
use std::time::Duration;

use loadline_engine::SampleError;
use loadline_plan::HttpStreams;

use super::route::Route;
use super::url_text::{self, Scheme};

/// A rendered request. Reused: rendering overwrites all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct WireRequest {
    pub(crate) scheme: Scheme,
    /// Host without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// The whole URL, fragment included.
    pub(crate) url: String,
    /// Head and body as sent.
    pub(crate) wire: Vec<u8>,
    /// Length of the method at the beginning of `wire`.
    pub(crate) method_length: usize,
    /// Where the header lines of the plan are in `wire`.
    pub(crate) plan_headers: Range<usize>,
    /// Where the body begins in `wire`.
    pub(crate) body_start: usize,
    /// Whether the connection stays open afterwards.
    pub(crate) keep_alive: bool,
    /// Whether a header of the plan's says that it does not, as HttpClient heeds it.
    pub(crate) plan_closes: bool,
    /// Who shares its connection, if it goes over HTTP/2.
    pub(crate) http2: Option<HttpStreams>,
    /// Whether certificates are checked.
    pub(crate) verify_tls: bool,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) response_timeout: Option<Duration>,
    /// The way that it goes, where it is not the shortest.
    pub(crate) route: Option<Rc<Route>>,
    /// Where the headers of ours with user and password are in `wire`; at the end of the head.
    pub(crate) authorization: Range<usize>,
    /// Whether the plan's headers have one of their own.
    pub(crate) has_plan_authorization: bool,
    /// Where the header lines end that results tell of, in `wire`; those behind are of a client that
    /// does not tell them.
    pub(crate) told_end: usize,
    /// The body as results show it, where that is not what is sent.
    pub(crate) shown_body: Option<Vec<u8>>,
}

impl WireRequest {
    /// Forgets the request that was rendered before: one that fails half-way must not be told with
    /// parts of another.
    pub(crate) fn clear(&mut self) {
        self.url.clear();
        self.wire.clear();
        self.method_length = 0;
        self.plan_headers = 0..0;
        self.body_start = 0;
        self.authorization = 0..0;
        self.has_plan_authorization = false;
        self.plan_closes = false;
        self.told_end = 0;
        self.shown_body = None;
    }

    /// The method.
    pub(crate) fn method(&self) -> &[u8] {
        &self.wire[..self.method_length]
    }

    /// The method as text.
    pub(crate) fn method_text(&self) -> &str {
        std::str::from_utf8(self.method()).unwrap_or_default()
    }

    /// The body; empty as long as the head is not complete.
    pub(crate) fn body(&self) -> &[u8] {
        match self.body_start {
            0 => &[],
            start => &self.wire[start..],
        }
    }

    /// Whether it says `Expect: 100-continue` and has a body that can wait.
    pub(crate) fn expects_continue(&self) -> bool {
        const NAME: &[u8] = b"Expect:";
        if self.body().is_empty() {
            return false;
        }
        let mut lines = self.wire[self.plan_headers.clone()].split(|&byte| byte == b'\n');
        lines.any(|line| {
            let (name, value) = line.split_at(line.len().min(NAME.len()));
            name.eq_ignore_ascii_case(NAME)
                && value.trim_ascii().eq_ignore_ascii_case(b"100-continue")
        })
    }

    /// The header lines as sent, each ended by CR LF; without request line and blank line.
    pub(crate) fn header_lines(&self) -> &[u8] {
        self.lines_before(self.body_start.saturating_sub(2))
    }

    /// Those of the header lines that results tell of.
    pub(crate) fn told_lines(&self) -> &[u8] {
        self.lines_before(self.told_end)
    }

    fn lines_before(&self, end: usize) -> &[u8] {
        let head = &self.wire[..end];
        match memchr::memchr(b'\n', head) {
            Some(end) => &head[end + 1..],
            None => &[],
        }
    }

    /// The same request with other headers of ours for user and password: whole lines.
    pub(crate) fn with_authorization(&self, lines: &str) -> Self {
        let mut changed = self.clone();
        let range = self.authorization.clone();
        changed.wire.splice(range.clone(), lines.bytes());
        changed.authorization = range.start..range.start + lines.len();
        changed.body_start = self.body_start + lines.len() - range.len();
        if self.told_end >= range.end {
            changed.told_end = self.told_end + lines.len() - range.len();
        }
        changed
    }

    /// The header lines of ours for user and password.
    pub(crate) fn authorization_lines(&self) -> &str {
        std::str::from_utf8(&self.wire[self.authorization.clone()]).unwrap_or_default()
    }

    /// The target as it stands in the request line.
    pub(crate) fn sent_target(&self) -> &str {
        let line = self.wire.split(|&byte| byte == b'\r').next();
        let line = std::str::from_utf8(line.unwrap_or_default()).unwrap_or_default();
        line.split(' ').nth(1).unwrap_or_default()
    }

    /// Whether it goes to a proxy in the clear, which is told the whole URL.
    pub(crate) fn is_for_proxy(&self) -> bool {
        let proxied = self
            .route
            .as_ref()
            .is_some_and(|route| route.proxy.is_some());
        proxied && self.scheme == Scheme::Http
    }

    /// Bytes that the buffers hold.
    pub(crate) fn capacity(&self) -> usize {
        self.wire.capacity() + self.url.capacity() + self.host.capacity()
    }

    /// Takes over the parts of `self.url`.
    pub(crate) fn read_url(&mut self) -> Result<(), SampleError> {
        let parts = url_text::split(&self.url)?;
        self.scheme = parts.scheme;
        self.port = parts.port;
        self.host.clear();
        self.host.push_str(parts.host);
        Ok(())
    }

    /// Path and query of `self.url`, which has been read before.
    pub(crate) fn target(&self) -> &str {
        let after_scheme = self.url.find("://").map_or(0, |position| position + 3);
        let rest = &self.url[after_scheme..];
        let start = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let end = rest.find('#').unwrap_or(rest.len());
        rest.get(start..end).unwrap_or_default()
    }

    /// Value of the `Content-Type` that follows the plan's headers; empty without one.
    pub(crate) fn own_content_type(&self) -> &[u8] {
        const NAME: &[u8] = b"Content-Type: ";
        self.wire[self.plan_headers.end..self.body_start]
            .split(|&byte| byte == b'\n')
            .find_map(|line| line.strip_prefix(NAME))
            .map_or(&[], <[u8]>::trim_ascii)
    }
}
