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

/// Methods that JMeter knows; any other fails.
const METHODS: [&str; 18] = [
    "GET",
    "POST",
    "PUT",
    "DELETE",
    "HEAD",
    "PATCH",
    "OPTIONS",
    "TRACE",
    "PROPFIND",
    "PROPPATCH",
    "MKCOL",
    "COPY",
    "MOVE",
    "LOCK",
    "UNLOCK",
    "REPORT",
    "MKCALENDAR",
    "SEARCH",
];

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
    if !METHODS
        .iter()
        .any(|known| known.as_bytes() == request.method())
    {
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
    scratch.host.clear();
    let mut seen = Seen::default();
    for (name, value) in &program.headers {
        let line = request.wire.len();
        scope.render(name, &mut request.wire);
        let colon = request.wire.len();
        request.wire.extend_from_slice(b": ");
        scope.render(value, &mut request.wire);
        make_one_line(&mut request.wire[line..]);
        let name = &request.wire[line..colon];
        let is_replaced = name.is_empty()
            || (has_body == Body::Multipart && name.eq_ignore_ascii_case(b"content-type"))
            || (!scratch.cookie.is_empty() && name.eq_ignore_ascii_case(b"cookie"));
        let is_sent_here = seen.note(name) && !is_replaced;
        if name.eq_ignore_ascii_case(b"host") {
            scratch.host.clear();
            scratch.host.extend_from_slice(&request.wire[colon + 2..]);
        }
        if is_sent_here {
            request.wire.extend_from_slice(b"\r\n");
        } else {
            request.wire.truncate(line);
        }
    }
    request.plan_headers = start..request.wire.len();
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
    if let Some(jar) = jar {
        jar.write_header(&request.url, &mut scratch.cookie);
    }
    scratch.host.clear();
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
    let mut seen = Seen::default();
    for line in first.wire[first.plan_headers.clone()].split_inclusive(|&byte| byte == b'\n') {
        let name = line.split(|&byte| byte == b':').next().unwrap_or_default();
        let is_replaced = !scratch.cookie.is_empty() && name.eq_ignore_ascii_case(b"cookie");
        if seen.note(name) && !is_replaced {
            request.wire.extend_from_slice(line);
        }
    }
    request.plan_headers = start..request.wire.len();
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

/// Headers of the plan that replace one of ours.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    content_type: bool,
    user_agent: bool,
}

impl Seen {
    /// Notes the header `name`; whether its line is sent where it stands.
    fn note(&mut self, name: &[u8]) -> bool {
        match name.len() {
            4 => return !name.eq_ignore_ascii_case(b"host"),
            10 if name.eq_ignore_ascii_case(b"user-agent") => self.user_agent = true,
            12 if name.eq_ignore_ascii_case(b"content-type") => self.content_type = true,
            14 => return !name.eq_ignore_ascii_case(b"content-length"),
            _ => {}
        }
        true
    }
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
            let charset = Charset::named(&scratch.charset)
                .ok_or_else(|| failure::illegal_argument("unsupported encoding"))?;
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
    let wire = &mut request.wire;
    if !scratch.cookie.is_empty() {
        wire.extend_from_slice(b"Cookie: ");
        wire.extend_from_slice(&scratch.cookie);
        wire.extend_from_slice(b"\r\n");
    }
    if has_body != Body::None {
        wire.extend_from_slice(b"Content-Length: ");
        push_decimal(scratch.body.len() as u64, wire);
        wire.extend_from_slice(b"\r\n");
        let is_given = seen.content_type && has_body != Body::Multipart;
        if !is_given && !scratch.content_type.is_empty() {
            wire.extend_from_slice(b"Content-Type: ");
            wire.extend_from_slice(&scratch.content_type);
            wire.extend_from_slice(b"\r\n");
        }
    }
    wire.extend_from_slice(b"Host: ");
    push_host(
        &request.host,
        request.scheme,
        request.port,
        &scratch.host,
        wire,
    );
    wire.extend_from_slice(b"\r\n");
    if !seen.user_agent && !user_agent.is_empty() {
        wire.extend_from_slice(b"User-Agent: ");
        wire.extend_from_slice(user_agent.as_bytes());
        wire.extend_from_slice(b"\r\n");
    }
    wire.extend_from_slice(b"\r\n");
    request.body_start = wire.len();
    if has_body != Body::None {
        wire.extend_from_slice(&scratch.body);
    }
}

/// Appends the value of `Host`: of the URL, or `given` by the plan with the URL's port.
fn push_host(host: &str, scheme: Scheme, port: u16, given: &[u8], out: &mut Vec<u8>) {
    let is_default = port == scheme.default_port();
    if given.is_empty() {
        if host.contains(':') {
            out.push(b'[');
            out.extend_from_slice(host.as_bytes());
            out.push(b']');
        } else {
            out.extend_from_slice(host.as_bytes());
        }
    } else {
        let colon = given.iter().rposition(|&byte| byte == b':');
        let bracket = given.iter().rposition(|&byte| byte == b']');
        let has_port = colon.is_some() && colon > bracket;
        match colon {
            Some(colon) if has_port => {
                let is_same_default =
                    is_default && given[colon + 1..] == *port.to_string().as_bytes();
                let end = if is_same_default { colon } else { given.len() };
                out.extend_from_slice(&given[..end]);
                return;
            }
            _ => out.extend_from_slice(given),
        }
    }
    if !is_default {
        out.push(b':');
        push_decimal(u64::from(port), out);
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
