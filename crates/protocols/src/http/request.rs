//! A request as bytes: URL, head and body, in the order in which JMeter sends them.
//!
//! Rendering reads nothing but the program, the user's scope and the plan's files, and the bytes of
//! a request depend on nothing else. Source of the rules: JMeter 5.6.3 with HttpClient 4.5.14.

use std::ops::Range;
use std::time::Duration;

use loadline_engine::{SampleError, Scope};
use loadline_plan::program::{HttpProgram, Template};

use super::body::{self, Body, Scratch};
use super::cookies::CookieJar;
use super::encode::{self, Charset};
use super::failure;
use super::files::Files;
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
    method_length: usize,
    /// Where the header lines of the plan are in `wire`.
    plan_headers: Range<usize>,
    /// Where the body begins in `wire`.
    body_start: usize,
    /// Whether the connection stays open afterwards.
    pub(crate) keep_alive: bool,
    /// Whether certificates are checked.
    pub(crate) verify_tls: bool,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) response_timeout: Option<Duration>,
}

/// What rendering needs besides program and scope.
pub(crate) struct Surroundings<'s> {
    pub(crate) scratch: &'s mut Scratch,
    pub(crate) files: &'s Files,
    pub(crate) user_agent: &'s str,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) response_timeout: Option<Duration>,
}

impl WireRequest {
    /// The method.
    pub(crate) fn method(&self) -> &[u8] {
        &self.wire[..self.method_length]
    }

    /// The method as text.
    pub(crate) fn method_text(&self) -> &str {
        std::str::from_utf8(self.method()).unwrap_or_default()
    }

    /// The body.
    pub(crate) fn body(&self) -> &[u8] {
        &self.wire[self.body_start..]
    }

    /// The header lines as sent, each ended by CR LF; without request line and blank line.
    pub(crate) fn header_lines(&self) -> &[u8] {
        let head = &self.wire[..self.body_start.saturating_sub(2)];
        match memchr::memchr(b'\n', head) {
            Some(end) => &head[end + 1..],
            None => &[],
        }
    }

    /// Bytes that the buffers hold.
    pub(crate) fn capacity(&self) -> usize {
        self.wire.capacity() + self.url.capacity() + self.host.capacity()
    }

    /// Takes over the parts of `self.url`.
    fn read_url(&mut self) -> Result<(), SampleError> {
        let parts = url_text::split(&self.url)?;
        self.scheme = parts.scheme;
        self.port = parts.port;
        self.host.clear();
        self.host.push_str(parts.host);
        Ok(())
    }

    /// Path and query of `self.url`, which has been read before.
    fn target(&self) -> &str {
        let after_scheme = self.url.find("://").map_or(0, |position| position + 3);
        let rest = &self.url[after_scheme..];
        let start = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let end = rest.find('#').unwrap_or(rest.len());
        rest.get(start..end).unwrap_or_default()
    }
}

/// Whether every execution of `program` sends the same bytes, as far as its texts decide.
pub(crate) fn is_constant(program: &HttpProgram) -> bool {
    let fixed = |template: &Template| template.as_literal().is_some();
    [
        &program.protocol,
        &program.domain,
        &program.port,
        &program.path,
        &program.method,
        &program.content_encoding,
        &program.connect_timeout_ms,
        &program.response_timeout_ms,
    ]
    .into_iter()
    .all(fixed)
        && program.arguments.iter().all(|argument| {
            fixed(&argument.name) && fixed(&argument.value) && fixed(&argument.content_type)
        })
        && program
            .headers
            .iter()
            .all(|(name, value)| fixed(name) && fixed(value))
        && program.files.is_empty()
        && !program.multipart
        && program
            .cookies
            .as_ref()
            .is_none_or(|manager| manager.ignore)
}

/// Renders `program` for one user into `request`.
///
/// # Errors
///
/// A failed sample of kind [`loadline_events::ErrorKind::Request`]: a URL, a value or a file of
/// which no request can be made. `request.url` is then the URL as far as it is known.
pub(crate) fn render(
    program: &HttpProgram,
    scope: &mut Scope<'_>,
    jar: Option<&mut CookieJar>,
    surroundings: &mut Surroundings<'_>,
    request: &mut WireRequest,
) -> Result<(), SampleError> {
    let scratch = &mut *surroundings.scratch;
    request.url.clear();
    request.wire.clear();
    request.keep_alive = program.keep_alive;
    request.verify_tls = program.verify_tls;
    request.connect_timeout =
        timeout(&program.connect_timeout_ms, scope, scratch).or(surroundings.connect_timeout);
    request.response_timeout =
        timeout(&program.response_timeout_ms, scope, scratch).or(surroundings.response_timeout);

    scope.render(&program.method, &mut request.wire);
    if request.wire.is_empty() {
        request.wire.extend_from_slice(b"GET");
    }
    request.method_length = request.wire.len();
    if !request.method().iter().copied().all(is_token_byte) {
        let method = request.method_text();
        return Err(failure::illegal_argument(&format!(
            "Unexpected method: '{method}'"
        )));
    }
    scratch.charset.clear();
    scope.render(&program.content_encoding, &mut scratch.charset);
    scratch.render_arguments(program, scope);
    render_url(program, scope, scratch, request)?;
    request.read_url()?;
    let has_body = body::render(
        program,
        request.method(),
        scope,
        scratch,
        surroundings.files,
    )?;

    scratch.cookie.clear();
    if let Some(jar) = jar {
        jar.write_header(&request.url, &mut scratch.cookie);
    }
    write_request_line(request);
    let start = request.wire.len();
    let mut wire = std::mem::take(&mut request.wire);
    let mut rules = HeaderRules::new(request, &scratch.cookie, has_body);
    for (name, value) in &program.headers {
        let line = wire.len();
        scope.render(name, &mut wire);
        let colon = wire.len();
        wire.extend_from_slice(b": ");
        scope.render(value, &mut wire);
        make_one_line(&mut wire[line..]);
        rules.settle(&mut wire, line, colon);
    }
    let seen = rules.seen;
    request.plan_headers = start..wire.len();
    request.wire = wire;
    if seen.transfer_encoding && has_body != Body::None {
        // It would contradict the length that is sent; HttpClient refuses it as well.
        return Err(failure::contradicting_header("Transfer-encoding"));
    }
    finish_head(request, scratch, has_body, seen, surroundings.user_agent);
    // What a function could not give must not be sent as if it were empty.
    match scope.functions.take_fault() {
        None => Ok(()),
        Some(fault) => Err(failure::illegal_argument(&fault.to_string())),
    }
}

/// Renders the request that follows the redirect of `first` to `url`: with the plan's headers, and
/// with the body of `first` if `keep_body`.
///
/// # Errors
///
/// As [`render`].
pub(crate) fn render_redirect(
    first: &WireRequest,
    method: &str,
    url: &str,
    keep_body: bool,
    jar: Option<&mut CookieJar>,
    surroundings: &mut Surroundings<'_>,
    request: &mut WireRequest,
) -> Result<(), SampleError> {
    let scratch = &mut *surroundings.scratch;
    request.url.clear();
    request.url.push_str(url);
    request.read_url()?;
    request.keep_alive = first.keep_alive;
    request.verify_tls = first.verify_tls;
    request.connect_timeout = first.connect_timeout;
    request.response_timeout = first.response_timeout;
    request.wire.clear();
    request.wire.extend_from_slice(method.as_bytes());
    request.method_length = request.wire.len();

    scratch.cookie.clear();
    let has_jar = jar.is_some();
    if let Some(jar) = jar {
        jar.write_header(&request.url, &mut scratch.cookie);
    }
    scratch.body.clear();
    scratch.content_type.clear();
    let has_body = if keep_body && !first.body().is_empty() {
        scratch.body.extend_from_slice(first.body());
        scratch
            .content_type
            .extend_from_slice(first.own_content_type());
        Body::Bytes
    } else {
        Body::None
    };
    write_request_line(request);
    let start = request.wire.len();
    let mut wire = std::mem::take(&mut request.wire);
    let mut rules = HeaderRules::new(request, &scratch.cookie, has_body);
    for line in first.wire[first.plan_headers.clone()].split(|&byte| byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Some(colon) = memchr::memchr(b':', line) else {
            continue;
        };
        // With a jar, a cookie in the plan's place may be one of the jar's for the server before.
        if has_jar && scratch.cookie.is_empty() && line[..colon].eq_ignore_ascii_case(b"cookie") {
            continue;
        }
        let start = wire.len();
        wire.extend_from_slice(line);
        rules.settle(&mut wire, start, start + colon);
    }
    let seen = rules.seen;
    request.plan_headers = start..wire.len();
    request.wire = wire;
    finish_head(request, scratch, has_body, seen, surroundings.user_agent);
    Ok(())
}

impl WireRequest {
    /// Value of the `Content-Type` that follows the plan's headers; empty without one.
    fn own_content_type(&self) -> &[u8] {
        const NAME: &[u8] = b"Content-Type: ";
        self.wire[self.plan_headers.end..self.body_start]
            .split(|&byte| byte == b'\n')
            .find_map(|line| line.strip_prefix(NAME))
            .map_or(&[], <[u8]>::trim_ascii)
    }
}

/// Headers of ours that the plan's have made superfluous.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    content_type: bool,
    cookie: bool,
    host: bool,
    transfer_encoding: bool,
    user_agent: bool,
}

/// How the plan's headers go onto the wire.
struct HeaderRules<'r> {
    request: &'r WireRequest,
    /// Value of the jar's `Cookie` header; empty for none.
    cookie: &'r [u8],
    is_multipart: bool,
    seen: Seen,
}

impl<'r> HeaderRules<'r> {
    fn new(request: &'r WireRequest, cookie: &'r [u8], has_body: Body) -> Self {
        Self {
            request,
            cookie,
            is_multipart: has_body == Body::Multipart,
            seen: Seen::default(),
        }
    }

    /// Settles the header line that begins at `line` of `wire` and goes to its end, the name up to
    /// `colon`: it stays, is dropped, or its value is replaced. A line that stays gets its end.
    fn settle(&mut self, wire: &mut Vec<u8>, line: usize, colon: usize) {
        let name = &wire[line..colon];
        let mut is_kept = true;
        // The length decides first: most headers are none of these.
        match name.len() {
            0 => is_kept = false,
            4 if name.eq_ignore_ascii_case(b"host") => {
                complete_host(wire, colon + 2, self.request);
                self.seen.host = true;
            }
            // As HttpClient does: the jar's value in the place of the first one.
            6 if !self.cookie.is_empty()
                && !self.seen.cookie
                && name.eq_ignore_ascii_case(b"cookie") =>
            {
                wire.truncate(colon + 2);
                wire.extend_from_slice(self.cookie);
                self.seen.cookie = true;
            }
            10 if name.eq_ignore_ascii_case(b"user-agent") => self.seen.user_agent = true,
            12 if name.eq_ignore_ascii_case(b"content-type") => {
                is_kept = !self.is_multipart;
                self.seen.content_type = true;
            }
            14 => is_kept = !name.eq_ignore_ascii_case(b"content-length"),
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                self.seen.transfer_encoding = true;
            }
            _ => {}
        }
        if is_kept {
            wire.extend_from_slice(b"\r\n");
        } else {
            wire.truncate(line);
        }
    }
}

/// Whether `byte` may stand in a method (RFC 9110, section 5.6.2).
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Milliseconds of `template`; `None` for 0, for an empty text and for no number.
fn timeout(template: &Template, scope: &mut Scope<'_>, scratch: &mut Scratch) -> Option<Duration> {
    if template.parts.is_empty() {
        return None;
    }
    scratch.text.clear();
    scope.render(template, &mut scratch.text);
    let millis: u64 = std::str::from_utf8(&scratch.text).ok()?.parse().ok()?;
    (millis > 0).then(|| Duration::from_millis(millis))
}

fn render_url(
    program: &HttpProgram,
    scope: &mut Scope<'_>,
    scratch: &mut Scratch,
    request: &mut WireRequest,
) -> Result<(), SampleError> {
    let mut url = std::mem::take(&mut request.url).into_bytes();
    scratch.text.clear();
    scope.render(&program.path, &mut scratch.text);
    let is_whole = scratch.text.starts_with(b"http://") || scratch.text.starts_with(b"https://");
    let result = if is_whole {
        push_path(&scratch.text, &mut url);
        Ok(())
    } else {
        push_assembled(program, scope, scratch, request.method(), &mut url)
    };
    request.url = String::from_utf8(url)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    result
}

/// Puts the URL together from protocol, domain, port, path (in `scratch.text`) and arguments.
fn push_assembled(
    program: &HttpProgram,
    scope: &mut Scope<'_>,
    scratch: &mut Scratch,
    method: &[u8],
    url: &mut Vec<u8>,
) -> Result<(), SampleError> {
    // The end of `url` serves as the place for texts that are read and dropped again.
    scope.render(&program.protocol, url);
    let scheme = Scheme::named(url).ok_or_else(|| {
        failure::unknown_protocol(&String::from_utf8_lossy(url).to_ascii_lowercase())
    })?;
    url.clear();
    url.extend_from_slice(scheme.name().as_bytes());
    url.extend_from_slice(b"://");
    let host = url.len();
    scope.render(&program.domain, url);
    if url[host..].iter().filter(|&&byte| byte == b':').count() > 1 && url[host] != b'[' {
        url.insert(host, b'[');
        url.push(b']');
    }
    let end = url.len();
    url.push(b':');
    scope.render(&program.port, url);
    let port: Option<u32> = std::str::from_utf8(&url[end + 1..])
        .ok()
        .and_then(|text| text.parse().ok())
        .filter(|&port| port != 0 && port != u32::from(scheme.default_port()));
    if port.is_none() {
        url.truncate(end);
    }
    if !scratch.text.starts_with(b"/") {
        url.push(b'/');
    }
    push_path(&scratch.text, url);
    if matches!(method, b"GET" | b"DELETE" | b"OPTIONS") {
        push_query(program, scratch, url)?;
    }
    Ok(())
}

/// Appends a path with spaces as `%20`, all else as typed.
fn push_path(path: &[u8], out: &mut Vec<u8>) {
    if memchr::memchr(b' ', path).is_none() {
        out.extend_from_slice(path);
        return;
    }
    for &byte in path {
        match byte {
            b' ' => out.extend_from_slice(b"%20"),
            _ => out.push(byte),
        }
    }
}

fn push_query(
    program: &HttpProgram,
    scratch: &Scratch,
    url: &mut Vec<u8>,
) -> Result<(), SampleError> {
    let mut separator = if memchr::memchr(b'?', &scratch.text).is_some() {
        b'&'
    } else {
        b'?'
    };
    for (argument, (name, value)) in program.arguments.iter().zip(&scratch.arguments) {
        if name.is_empty() {
            continue;
        }
        let name = &scratch.argument_text[name.clone()];
        let value = &scratch.argument_text[value.clone()];
        url.push(separator);
        separator = b'&';
        if argument.always_encode {
            encode::form_encode(name, url);
        } else {
            url.extend_from_slice(name);
        }
        if argument.use_equals || !value.is_empty() {
            url.push(b'=');
        }
        if argument.always_encode {
            let charset = Charset::named(&scratch.charset).ok_or_else(|| {
                failure::unsupported_charset(&String::from_utf8_lossy(&scratch.charset))
            })?;
            encode::form_encode(&charset.encode(value), url);
        } else {
            url.extend_from_slice(value);
        }
    }
    Ok(())
}

/// Appends to the method in `request.wire`: target, version and the `Connection` header.
fn write_request_line(request: &mut WireRequest) {
    let mut wire = std::mem::take(&mut request.wire);
    wire.push(b' ');
    url_text::push_target(request.target(), &mut wire);
    wire.extend_from_slice(if request.keep_alive {
        b" HTTP/1.1\r\nConnection: keep-alive\r\n".as_slice()
    } else {
        b" HTTP/1.1\r\nConnection: close\r\n".as_slice()
    });
    request.wire = wire;
}

/// Appends what follows the plan's headers, and the body.
fn finish_head(
    request: &mut WireRequest,
    scratch: &Scratch,
    has_body: Body,
    seen: Seen,
    user_agent: &str,
) {
    let mut wire = std::mem::take(&mut request.wire);
    if !scratch.cookie.is_empty() && !seen.cookie {
        push_header(b"Cookie", &scratch.cookie, &mut wire);
    }
    let own_type: &[u8] = if seen.content_type && has_body != Body::Multipart {
        b""
    } else {
        &scratch.content_type
    };
    if has_body == Body::TypedByFile && !own_type.is_empty() {
        push_header(b"Content-Type", own_type, &mut wire);
    }
    if has_body != Body::None {
        wire.extend_from_slice(b"Content-Length: ");
        push_decimal(scratch.body.len() as u64, &mut wire);
        wire.extend_from_slice(b"\r\n");
        if has_body != Body::TypedByFile && !own_type.is_empty() {
            push_header(b"Content-Type", own_type, &mut wire);
        }
    }
    if !seen.host {
        wire.extend_from_slice(b"Host: ");
        push_own_host(request, &mut wire);
        wire.extend_from_slice(b"\r\n");
    }
    if !seen.user_agent && !user_agent.is_empty() {
        push_header(b"User-Agent", user_agent.as_bytes(), &mut wire);
    }
    wire.extend_from_slice(b"\r\n");
    request.body_start = wire.len();
    if has_body != Body::None {
        wire.extend_from_slice(&scratch.body);
    }
    request.wire = wire;
}

fn push_header(name: &[u8], value: &[u8], wire: &mut Vec<u8>) {
    wire.extend_from_slice(name);
    wire.extend_from_slice(b": ");
    wire.extend_from_slice(value);
    wire.extend_from_slice(b"\r\n");
}

/// Appends host and port of the URL, as `Host` has them.
fn push_own_host(request: &WireRequest, wire: &mut Vec<u8>) {
    if request.host.contains(':') {
        wire.push(b'[');
        wire.extend_from_slice(request.host.as_bytes());
        wire.push(b']');
    } else {
        wire.extend_from_slice(request.host.as_bytes());
    }
    push_port(request, wire);
}

/// Gives the plan's value of `Host`, which begins at `start` of `wire`, the URL's port if it has
/// none of its own; the protocol's port is left out.
fn complete_host(wire: &mut Vec<u8>, start: usize, request: &WireRequest) {
    let given = &wire[start..];
    let colon = given.iter().rposition(|&byte| byte == b':');
    let bracket = given.iter().rposition(|&byte| byte == b']');
    match colon.filter(|_| colon > bracket) {
        None => push_port(request, wire),
        Some(colon) => {
            let default = request.scheme.default_port();
            if request.port == default && given[colon + 1..] == *default.to_string().as_bytes() {
                wire.truncate(start + colon);
            }
        }
    }
}

/// Appends the port, unless it is the protocol's.
fn push_port(request: &WireRequest, wire: &mut Vec<u8>) {
    if request.port != request.scheme.default_port() {
        wire.push(b':');
        push_decimal(u64::from(request.port), wire);
    }
}

/// Replaces what would end a header line by a space, as HttpClient does.
fn make_one_line(line: &mut [u8]) {
    for byte in line {
        if matches!(byte, b'\r' | b'\n' | 0x0b | 0x0c | 0) {
            *byte = b' ';
        }
    }
}

fn push_decimal(number: u64, out: &mut Vec<u8>) {
    let mut digits = [0u8; 20];
    let mut start = digits.len();
    let mut rest = number;
    loop {
        start -= 1;
        digits[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}

#[cfg(test)]
mod tests;
