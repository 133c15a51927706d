//! Reads an HTTP/1 answer from bytes as they come in.
//!
//! The reader owns no buffer: it is fed from the one that the engine thread reads into, and copies
//! only what somebody asked for. It knows nothing of sockets and clocks.

use std::borrow::Cow;
use std::mem::MaybeUninit;

use httparse::{Header, ParserConfig, Status};
use memchr::{memchr, memchr_iter};

use super::cache::CacheHeaders;
use super::chunked::Chunked;
use super::content::ContentEncoding;

/// Greatest length of a head, with the interim answers (1xx) and line breaks before it, in bytes. JMeter's
/// client has no bound. A head that never ends takes about twice this while it comes, since its memory grows by
/// doubling; one that ends takes some 32 bytes more for each of its lines while it is read.
pub(crate) const HEAD_BYTES: usize = 1 << 20;

/// Most header lines of a head that is read without memory of its own.
const USUAL_HEADER_COUNT: usize = 100;

/// Greatest part of a body that is kept, in bytes; what comes beyond is counted and dropped.
pub(crate) const KEPT_BODY_BYTES: usize = 16 << 20;

/// How much of a failed answer's body is kept to show its beginning, in bytes as received.
const SHOWN_BODY_BYTES: usize = 4 << 10;

/// Most memory that is reserved for a body of stated length before it comes, in bytes.
const RESERVED_BODY_BYTES: usize = 64 << 10;

/// An answer that is not HTTP/1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ProtocolError {
    #[error("The server failed to respond with a valid HTTP response ({0})")]
    Head(httparse::Error),
    #[error(
        "response head is longer than {HEAD_BYTES} bytes, with the interim responses before it"
    )]
    HeadTooLong,
    /// An interim answer, its status line, where only a 100 may come.
    #[error("Unexpected response: {0}")]
    Unexpected(Box<str>),
    #[error("invalid Content-Length header")]
    ContentLength,
    #[error("invalid chunked coding")]
    Chunk,
    #[error("{0} bytes behind the end of the response")]
    Surplus(usize),
}

/// How an answer was cut short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CutShort {
    #[error("Premature end of response head")]
    Head,
    #[error(
        "Premature end of Content-Length delimited message body (expected: {expected}; \
         received: {received})"
    )]
    Length { expected: u64, received: u64 },
    #[error("Premature end of chunk coded message body: closing chunk expected")]
    Chunked,
    #[error("Truncated chunk (expected size: {expected}; actual size: {received})")]
    Chunk { expected: u64, received: u64 },
}

/// What of an answer is wanted, and what request it answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Whether it answers a `HEAD` request and so has no body.
    pub(crate) answers_head: bool,
    pub(crate) body: bool,
    pub(crate) headers: bool,
    /// Whether `Set-Cookie` headers are.
    pub(crate) cookies: bool,
    /// Whether what a cache reads is.
    pub(crate) cache: bool,
    /// Whether the challenges of a 401 or 407 are.
    pub(crate) challenges: bool,
}

/// Parts of an answer that were copied, since they are wanted or since the answer is a redirect or
/// a failure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) reason: Box<str>,
    /// Status line and header lines, each ended by `\n`.
    pub(crate) headers: Vec<u8>,
    pub(crate) content_type: Box<str>,
    pub(crate) encoding: ContentEncoding,
    pub(crate) location: Option<Box<str>>,
    pub(crate) set_cookies: Vec<Box<str>>,
    pub(crate) cache: Option<Box<CacheHeaders>>,
    /// Values of the headers with the challenges of a 401 or 407.
    pub(crate) challenges: Vec<Box<str>>,
    /// The body as received, without chunk framing.
    pub(crate) body: Vec<u8>,
    body_limit: usize,
}

#[derive(Debug)]
enum Phase {
    /// In the head, of which an earlier read may have brought the beginning.
    Head(Vec<u8>),
    /// In a body of known length.
    Length {
        remaining: u64,
        expected: u64,
    },
    Chunked(Chunked),
    /// In a body that ends with the connection.
    UntilClose,
    Done,
}

/// What was read of a head.
#[derive(Clone, Debug)]
struct Head {
    status: u16,
    idle_seconds: u16,
    /// Whether the connection can carry another request once the body is through.
    reusable: bool,
    framing: Framing,
    kept: Option<Box<Kept>>,
}

/// Where a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    /// There is none.
    Nothing,
    Length(u64),
    Chunked,
    UntilClose,
}

/// Reads one answer.
#[derive(Debug)]
pub(crate) struct ResponseReader {
    phase: Phase,
    wanted: Wanted,
    /// Whether an interim answer said to go on with the body.
    continued: bool,
    /// Whether no interim answer but a 100 may come.
    awaits_continue: bool,
    reusable: bool,
    status: u16,
    /// Seconds after which the server closes the idle connection; 0 if it does not say.
    idle_seconds: u16,
    received: u64,
    kept: Option<Box<Kept>>,
}

impl ResponseReader {
    pub(crate) fn new(wanted: Wanted) -> Self {
        Self {
            phase: Phase::Head(Vec::new()),
            wanted,
            continued: false,
            awaits_continue: false,
            reusable: false,
            status: 0,
            idle_seconds: 0,
            received: 0,
            kept: None,
        }
    }

    /// Status code; 0 before the head is complete.
    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    /// Whether the server has said to go on with the body (100).
    pub(crate) fn is_continued(&self) -> bool {
        self.continued
    }

    /// Says whether any interim answer before a 100 is a failure, as in HttpClient 4's
    /// `HttpRequestExecutor` while it holds a body back.
    pub(crate) fn await_continue(&mut self, awaits: bool) {
        self.awaits_continue = awaits;
    }

    /// Bytes received so far, head and framing included.
    pub(crate) fn received(&self) -> u64 {
        self.received
    }

    /// Whether the connection can carry another request after the answer.
    pub(crate) fn is_reusable(&self) -> bool {
        self.reusable && self.is_done()
    }

    /// Seconds after which the server closes the idle connection; 0 if it does not say.
    pub(crate) fn idle_seconds(&self) -> u16 {
        self.idle_seconds
    }

    /// Whether the answer is complete.
    pub(crate) fn is_done(&self) -> bool {
        matches!(self.phase, Phase::Done)
    }

    /// What was kept, if anything.
    pub(crate) fn kept(&self) -> Option<&Kept> {
        self.kept.as_deref()
    }

    /// Takes out what was kept, if anything.
    pub(crate) fn take_kept(&mut self) -> Option<Box<Kept>> {
        self.kept.take()
    }

    /// Reads `bytes`, the next of the connection; whether the answer is complete.
    ///
    /// # Errors
    ///
    /// [`ProtocolError`] if they are not HTTP/1, or go on after the end of the answer.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Result<bool, ProtocolError> {
        self.feed_knowing(None, bytes)
    }

    /// The same; a head that is the `known` one is not read anew.
    pub(crate) fn feed_knowing(
        &mut self,
        mut known: Option<&mut KnownHead>,
        bytes: &[u8],
    ) -> Result<bool, ProtocolError> {
        self.received += bytes.len() as u64;
        let mut rest = bytes;
        loop {
            match &mut self.phase {
                Phase::Head(earlier) => {
                    let earlier = std::mem::take(earlier);
                    match self.feed_head(known.as_deref_mut(), earlier, rest)? {
                        Some(used) => rest = &rest[used..],
                        None => return Ok(false),
                    }
                }
                Phase::Length { remaining, .. } => {
                    let length = usize::try_from(*remaining)
                        .map_or(rest.len(), |remaining| remaining.min(rest.len()));
                    *remaining -= length as u64;
                    let is_complete = *remaining == 0;
                    keep_body(&mut self.kept, &rest[..length]);
                    rest = &rest[length..];
                    if !is_complete {
                        return Ok(false);
                    }
                    self.phase = Phase::Done;
                }
                Phase::Chunked(decoder) => {
                    let kept = &mut self.kept;
                    let used = decoder.feed(rest, |data| keep_body(kept, data))?;
                    rest = &rest[used..];
                    if !decoder.is_done() {
                        return Ok(false);
                    }
                    self.phase = Phase::Done;
                }
                Phase::UntilClose => {
                    keep_body(&mut self.kept, rest);
                    return Ok(false);
                }
                Phase::Done => {
                    // Some servers end a body with a line break that nobody counted.
                    if rest.iter().all(|byte| matches!(byte, b'\r' | b'\n')) {
                        return Ok(true);
                    }
                    return Err(ProtocolError::Surplus(rest.len()));
                }
            }
        }
    }

    /// The connection has ended.
    ///
    /// # Errors
    ///
    /// [`CutShort`] if the answer was not complete.
    pub(crate) fn end(&mut self) -> Result<(), CutShort> {
        match &self.phase {
            Phase::Head(_) => return Err(CutShort::Head),
            Phase::Length {
                remaining,
                expected,
            } => {
                return Err(CutShort::Length {
                    expected: *expected,
                    received: expected - remaining,
                });
            }
            Phase::Chunked(decoder) => {
                return Err(match decoder.open_chunk() {
                    Some((expected, received)) => CutShort::Chunk { expected, received },
                    None => CutShort::Chunked,
                });
            }
            Phase::UntilClose | Phase::Done => {}
        }
        self.phase = Phase::Done;
        self.reusable = false;
        Ok(())
    }

    /// Reads a head whose beginning is in `earlier`; how many of `bytes` belong to it, or `None` if
    /// it goes on.
    fn feed_head(
        &mut self,
        mut known: Option<&mut KnownHead>,
        mut earlier: Vec<u8>,
        bytes: &[u8],
    ) -> Result<Option<usize>, ProtocolError> {
        if earlier.is_empty() {
            if let Some(used) = self.take_head(known, bytes)? {
                return Ok(Some(used));
            }
            return self.wait_for_more(&bytes[leading_line_breaks(bytes)..]);
        }
        // Parsing starts over each time, so it waits for an empty line: a head that comes byte by
        // byte must not cost the square of its length. Those before the head are none of its own.
        let before = earlier.len();
        let room = (HEAD_BYTES + 1).saturating_sub(before).min(bytes.len());
        earlier.extend_from_slice(&bytes[..room]);
        let leading = leading_line_breaks(&earlier);
        let mut from = before.saturating_sub(2).max(leading);
        while let Some(end) = end_of_empty_line(&earlier, from) {
            let known = known.as_deref_mut();
            if let Some(length) = self.take_head(known, &earlier[..end])? {
                return Ok(Some(length.saturating_sub(before)));
            }
            from = end;
        }
        earlier.drain(..leading);
        self.wait_for_more(earlier)
    }

    /// Goes on with a head of which `beginning` has come.
    fn wait_for_more(
        &mut self,
        beginning: impl Into<Vec<u8>>,
    ) -> Result<Option<usize>, ProtocolError> {
        if self.received > HEAD_BYTES as u64 {
            return Err(ProtocolError::HeadTooLong);
        }
        self.phase = Phase::Head(beginning.into());
        Ok(None)
    }

    /// Takes the head at the beginning of `bytes`, the `known` one or another, and goes on to the body, or to
    /// the next head after an interim answer. Returns the head's length, or `None` if it is not complete.
    fn take_head(
        &mut self,
        mut known: Option<&mut KnownHead>,
        bytes: &[u8],
    ) -> Result<Option<usize>, ProtocolError> {
        let place = known.as_deref_mut();
        if let Some((length, head)) =
            place.and_then(|known| known.at_beginning_of(bytes, self.wanted))
        {
            self.go_behind(head.clone());
            return Ok(Some(length));
        }
        let Some((length, head)) = self.parse_head(bytes)? else {
            return Ok(None);
        };
        match head {
            Some(head) => {
                if let Some(known) = known {
                    known.remember(&bytes[..length], self.wanted, &head);
                }
                self.go_behind(head);
            }
            None => self.phase = Phase::Head(Vec::new()),
        }
        Ok(Some(length))
    }

    /// Goes on behind `head`, the last one of the answer.
    fn go_behind(&mut self, head: Head) {
        self.awaits_continue = false;
        self.status = head.status;
        self.idle_seconds = head.idle_seconds;
        self.reusable = head.reusable;
        self.kept = head.kept;
        self.phase = match head.framing {
            Framing::Nothing => Phase::Done,
            Framing::Length(expected) => Phase::Length {
                remaining: expected,
                expected,
            },
            Framing::Chunked => Phase::Chunked(Chunked::new()),
            Framing::UntilClose => Phase::UntilClose,
        };
        if let (true, Some(kept), Framing::Length(claimed)) =
            (self.wanted.body, &mut self.kept, head.framing)
        {
            // A length is only a claim: more is reserved once more has come.
            let most = RESERVED_BODY_BYTES;
            kept.body
                .reserve(usize::try_from(claimed).map_or(most, |claimed| claimed.min(most)));
        }
    }

    /// Parses the head at the beginning of `bytes`: its length, and what is read of it, which is nothing of
    /// an interim one. `None` if it is not complete.
    fn parse_head(&mut self, bytes: &[u8]) -> Result<Option<(usize, Option<Head>)>, ProtocolError> {
        let mut headers = [const { MaybeUninit::uninit() }; USUAL_HEADER_COUNT];
        match self.parse_head_into(bytes, &mut headers) {
            Err(ProtocolError::Head(httparse::Error::TooManyHeaders)) => {
                // Each has a line; the last may have begun only.
                let most = memchr_iter(b'\n', bytes).count() + 1;
                let mut headers = Vec::with_capacity(most);
                self.parse_head_into(bytes, headers.spare_capacity_mut())
            }
            parsed => parsed,
        }
    }

    /// The same, with room for header lines.
    fn parse_head_into<'b>(
        &mut self,
        bytes: &'b [u8],
        headers: &mut [MaybeUninit<Header<'b>>],
    ) -> Result<Option<(usize, Option<Head>)>, ProtocolError> {
        let mut head = httparse::Response::new(&mut []);
        let mut config = ParserConfig::default();
        config
            .allow_spaces_after_header_name_in_responses(true)
            .allow_multiple_spaces_in_response_status_delimiters(true)
            .allow_obsolete_multiline_headers_in_responses(true)
            .ignore_invalid_headers_in_responses(true);
        let length = match config.parse_response_with_uninit_headers(&mut head, bytes, headers) {
            Ok(Status::Complete(length)) => length,
            Ok(Status::Partial) => return Ok(None),
            Err(error) => return Err(ProtocolError::Head(error)),
        };
        let status = head.code.unwrap_or_default();
        if self.awaits_continue && status < 200 && status != 100 {
            let line = bytes.split(|&byte| byte == b'\n').next();
            let line = text(line.unwrap_or_default().trim_ascii()).into();
            return Err(ProtocolError::Unexpected(line));
        }
        self.awaits_continue = false;
        if (100..200).contains(&status) && status != 101 {
            self.continued |= status == 100;
            return Ok(Some((length, None)));
        }
        let facts = HeadFacts::read(head.headers)?;
        let reason = head.reason.unwrap_or_default();
        let kept = self.keep_head(status, reason, head.headers, &facts, || {
            head_lines(&bytes[..length])
        });
        let is_persistent = if head.version == Some(1) {
            !facts.says_close
        } else {
            facts.says_keep_alive
        };
        let has_no_body = self.wanted.answers_head || matches!(status, 101 | 204 | 304);
        let framing = match facts.content_length {
            _ if has_no_body => Framing::Nothing,
            _ if facts.is_chunked => Framing::Chunked,
            _ if facts.has_other_coding => Framing::UntilClose,
            Some(0) => Framing::Nothing,
            Some(length) => Framing::Length(length),
            None => Framing::UntilClose,
        };
        let is_final = status != 101 && framing != Framing::UntilClose;
        // Nor does JMeter's client keep the connection. Different ones are an error (RFC 9112, section 6.3).
        let is_told_twice = facts.repeats_length && !has_no_body && !facts.is_chunked;
        let head = Head {
            status,
            idle_seconds: facts.idle_seconds,
            reusable: is_persistent && is_final && !is_told_twice,
            framing,
            kept,
        };
        Ok(Some((length, Some(head))))
    }

    /// Copies what is wanted of a head; `lines` gives it as results have it.
    fn keep_head(
        &self,
        status: u16,
        reason: &str,
        headers: &[Header<'_>],
        facts: &HeadFacts<'_>,
        lines: impl FnOnce() -> Vec<u8>,
    ) -> Option<Box<Kept>> {
        let is_failed = status >= 400;
        let is_redirect = (300..400).contains(&status);
        let has_cookies = self.wanted.cookies && facts.has_cookies;
        let wanted = self.wanted;
        if !(wanted.body
            || wanted.headers
            || wanted.cache
            || is_failed
            || is_redirect
            || has_cookies)
        {
            return None;
        }
        let mut kept = Box::new(Kept {
            encoding: facts.encoding,
            body_limit: match (self.wanted.body, is_failed) {
                (true, _) => KEPT_BODY_BYTES,
                (false, true) => SHOWN_BODY_BYTES,
                (false, false) => 0,
            },
            ..Kept::default()
        });
        if self.wanted.body || self.wanted.headers {
            kept.reason = reason.into();
            kept.content_type = text(facts.content_type).into();
        }
        if self.wanted.headers {
            kept.headers = lines();
            if facts.encoding != ContentEncoding::Identity && facts.content_length != Some(0) {
                restore_behind(&mut kept.headers);
            }
        }
        if is_redirect {
            kept.location = facts.location.map(|location| text(location).into());
        }
        if has_cookies {
            kept.set_cookies = headers
                .iter()
                .filter(|header| header.name.eq_ignore_ascii_case("set-cookie"))
                .map(|header| text(header.value).into())
                .collect();
        }
        let values = |name: &'static str| {
            headers
                .iter()
                .filter(move |header| header.name.eq_ignore_ascii_case(name))
                .map(|header| Box::from(&*text(header.value)))
        };
        if self.wanted.challenges {
            kept.challenges = match status {
                401 => values("www-authenticate").collect(),
                407 => values("proxy-authenticate").collect(),
                _ => Vec::new(),
            };
        }
        if self.wanted.cache {
            kept.cache = Some(Box::new(CacheHeaders {
                last_modified: values("last-modified").next_back(),
                expires: values("expires").next_back(),
                etag: values("etag").next_back(),
                cache_control: values("cache-control").next_back(),
                date: values("date").next_back(),
                vary: values("vary").next_back(),
            }));
        }
        Some(kept)
    }
}

/// Appends what is wanted of a body.
fn keep_body(kept: &mut Option<Box<Kept>>, data: &[u8]) {
    if let Some(kept) = kept {
        let room = kept.body_limit.saturating_sub(kept.body.len());
        kept.body.extend_from_slice(&data[..data.len().min(room)]);
    }
}

/// What the headers say about the answer's framing and its connection.
#[derive(Default)]
struct HeadFacts<'b> {
    content_length: Option<u64>,
    /// Whether the same length comes more than once.
    repeats_length: bool,
    is_chunked: bool,
    /// Whether the last transfer coding is another than chunked.
    has_other_coding: bool,
    says_close: bool,
    says_keep_alive: bool,
    idle_seconds: u16,
    has_cookies: bool,
    encoding: ContentEncoding,
    content_type: &'b [u8],
    location: Option<&'b [u8]>,
}

impl<'b> HeadFacts<'b> {
    fn read(headers: &[Header<'b>]) -> Result<Self, ProtocolError> {
        let mut facts = Self::default();
        for header in headers {
            let name = header.name;
            // The length decides first: most headers are none of these.
            match name.len() {
                8 if name.eq_ignore_ascii_case("location") => {
                    facts.location.get_or_insert(header.value);
                }
                10 if name.eq_ignore_ascii_case("connection") => {
                    for token in header.value.split(|&byte| byte == b',') {
                        let token = token.trim_ascii();
                        facts.says_close |= token.eq_ignore_ascii_case(b"close");
                        facts.says_keep_alive |= token.eq_ignore_ascii_case(b"keep-alive");
                    }
                }
                10 if name.eq_ignore_ascii_case("keep-alive") => {
                    facts.idle_seconds = idle_seconds(header.value);
                }
                10 if name.eq_ignore_ascii_case("set-cookie") => facts.has_cookies = true,
                12 if name.eq_ignore_ascii_case("content-type") => {
                    facts.content_type = header.value;
                }
                14 if name.eq_ignore_ascii_case("content-length") => {
                    for item in header.value.split(|&byte| byte == b',') {
                        let length = parse_length(item).ok_or(ProtocolError::ContentLength)?;
                        match facts.content_length {
                            Some(earlier) if earlier != length => {
                                return Err(ProtocolError::ContentLength);
                            }
                            earlier => facts.repeats_length |= earlier.is_some(),
                        }
                        facts.content_length = Some(length);
                    }
                }
                16 if name.eq_ignore_ascii_case("content-encoding") => {
                    facts.encoding = ContentEncoding::named(header.value);
                }
                17 if name.eq_ignore_ascii_case("transfer-encoding") => {
                    let last = header.value.rsplit(|&byte| byte == b',').next();
                    let last = last.unwrap_or_default().trim_ascii();
                    facts.is_chunked = last.eq_ignore_ascii_case(b"chunked");
                    facts.has_other_coding =
                        !facts.is_chunked && !last.eq_ignore_ascii_case(b"identity");
                }
                _ => {}
            }
        }
        Ok(facts)
    }
}

fn parse_length(text: &[u8]) -> Option<u64> {
    let digits = text.trim_ascii();
    if digits.is_empty() || digits.len() > 19 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(
        digits
            .iter()
            .fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0')),
    )
}

/// The `timeout` of a `Keep-Alive` header; 0 without one.
fn idle_seconds(value: &[u8]) -> u16 {
    value
        .split(|&byte| byte == b',')
        .filter_map(|item| std::str::from_utf8(item.trim_ascii()).ok())
        .find_map(|item| item.strip_prefix("timeout=")?.trim().parse().ok())
        .unwrap_or(0)
}

/// The text of a head's bytes, of which JMeter's client makes a letter each, as in ISO-8859-1.
fn text(value: &[u8]) -> Cow<'_, str> {
    match value.is_ascii() {
        true => String::from_utf8_lossy(value),
        false => value.iter().copied().map(char::from).collect(),
    }
}

/// The lines of a head as text, without its empty line, each ended by `\n` alone.
fn head_lines(head: &[u8]) -> Vec<u8> {
    let mut lines = Vec::with_capacity(head.len());
    let mut rest = head;
    while let Some(end) = memchr(b'\n', rest) {
        let line = rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]);
        rest = &rest[end + 1..];
        if !line.is_empty() {
            lines.extend_from_slice(text(line).as_bytes());
            lines.push(b'\n');
        }
    }
    lines
}

/// Moves what speaks of the encoded body to the end of a head's `lines`: JMeter's client takes these
/// headers away with the encoding, and JMeter puts them back.
fn restore_behind(lines: &mut Vec<u8>) {
    const NAMES: [&[u8]; 3] = [b"Content-Length", b"Content-Encoding", b"Content-MD5"];
    let rank = |line: &[u8]| {
        let name = line.split(|&byte| byte == b':').next().unwrap_or_default();
        NAMES
            .iter()
            .position(|known| name.eq_ignore_ascii_case(known))
    };
    let mut sorted: Vec<&[u8]> = lines.split_inclusive(|&byte| byte == b'\n').collect();
    // `None` is before all others, and lines of one rank keep their order.
    sorted.sort_by_key(|line| rank(line));
    *lines = sorted.concat();
}

/// Length of the line breaks at the beginning of `bytes`.
fn leading_line_breaks(bytes: &[u8]) -> usize {
    let mut length = 0;
    loop {
        length += match bytes[length..] {
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            _ => return length,
        };
    }
}

/// Where the first empty line ends whose preceding line break is at `from` or later.
fn end_of_empty_line(bytes: &[u8], from: usize) -> Option<usize> {
    memchr_iter(b'\n', &bytes[from..]).find_map(|offset| {
        let next = from + offset + 1;
        match bytes[next..] {
            [b'\n', ..] => Some(next + 1),
            [b'\r', b'\n', ..] => Some(next + 2),
            _ => None,
        }
    })
}

mod http2;
mod known_head;

pub(crate) use known_head::{KnownHead, KnownHeads};

#[cfg(test)]
mod tests;
