//! A request as bytes: URL, head and body, in the order in which JMeter sends them.
//!
//! Rendering reads nothing but the program, the user's scope and the plan's files, and the bytes of
//! a request depend on nothing else. Source of the rules: JMeter 5.6.3 with HttpClient 4.5.14.

use std::time::{Duration, SystemTime};

use loadline_engine::{SampleError, Scope};
use loadline_plan::program::{HttpProgram, Template};
use loadline_plan::{AuthMechanism, HttpStreams};

use super::address;
use super::authorization::{self, Credential};
use super::body::{self, Body, Scratch};
use super::cache::{Found, UserCache};
use super::cookies::CookieJar;
use super::failure;
use super::files::Files;
use super::head::{self, Agent, HeaderRules};
use super::route::Routes;
use super::wire::WireRequest;

/// What rendering needs besides program and scope.
pub(crate) struct Surroundings<'s> {
    pub(crate) scratch: &'s mut Scratch,
    pub(crate) files: &'s Files,
    pub(crate) user_agent: &'s str,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) response_timeout: Option<Duration>,
    pub(crate) jar: Option<&'s mut CookieJar>,
    pub(crate) cache: Option<&'s mut UserCache>,
    /// Now, for the cache; read only with one.
    pub(crate) now: SystemTime,
    /// User names that may go out with a request.
    pub(crate) credentials: &'s [Credential],
    /// Whether those of Basic go out before they are asked for.
    pub(crate) is_preemptive: bool,
    /// Who shares their connections, if they go over HTTP/2.
    pub(crate) http2: Option<HttpStreams>,
    /// The ways that requests go, where they are not the shortest.
    pub(crate) routes: Option<&'s Routes>,
    /// Whether a request that another led to goes by the way of that one instead.
    pub(crate) goes_on: bool,
}

#[cfg(test)]
impl<'s> Surroundings<'s> {
    /// Those of a user without cookies, cache and credentials.
    pub(crate) fn plain(scratch: &'s mut Scratch, files: &'s Files) -> Self {
        Self {
            scratch,
            files,
            user_agent: "T",
            connect_timeout: None,
            response_timeout: None,
            jar: None,
            cache: None,
            now: SystemTime::UNIX_EPOCH,
            credentials: &[],
            is_preemptive: true,
            http2: None,
            routes: None,
            goes_on: false,
        }
    }
}

/// Whether a rendered request is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rendered {
    /// It is.
    ToSend,
    /// The user's cache has a fresh copy.
    Fresh,
}

/// Whether every execution of `program` sends the same bytes, as far as its texts decide.
pub(crate) fn is_constant(program: &HttpProgram) -> bool {
    is_constant_but_target(program)
        && is_fixed(&program.path)
        && program.arguments.iter().all(|argument| {
            is_fixed(&argument.name)
                && is_fixed(&argument.value)
                && is_fixed(&argument.content_type)
        })
}

fn is_fixed(template: &Template) -> bool {
    template.as_literal().is_some()
}

/// The same of all but the path and the arguments.
pub(crate) fn is_constant_but_target(program: &HttpProgram) -> bool {
    [
        &program.protocol,
        &program.domain,
        &program.port,
        &program.method,
        &program.content_encoding,
        &program.connect_timeout_ms,
        &program.response_timeout_ms,
    ]
    .into_iter()
    .all(is_fixed)
        && program
            .headers
            .iter()
            .all(|(name, value)| is_fixed(name) && is_fixed(value))
        && program.files.is_empty()
        && !program.multipart
        && program.cache.is_none()
        && program.authorization.is_none()
        && program.dns.is_none()
        && program.keystore.is_none()
        && program.proxy.is_none()
        && program.source.is_none()
        && program.unix_socket.is_none()
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
/// which no request can be made. `request.url` is then the URL; empty if that is what cannot be made, also
/// for want of a function's value.
pub(crate) fn render(
    program: &HttpProgram,
    scope: &mut Scope<'_>,
    surroundings: &mut Surroundings<'_>,
    request: &mut WireRequest,
) -> Result<Rendered, SampleError> {
    let scratch = &mut *surroundings.scratch;
    request.clear();
    request.http2 = surroundings.http2;
    request.keep_alive = program.keep_alive;
    request.verify_tls = program.verify_tls;

    scope.render(&program.method, &mut request.wire);
    if request.wire.is_empty() && program.empty_is_get {
        request.wire.extend_from_slice(b"GET");
    }
    request.method_length = request.wire.len();
    scratch.charset.clear();
    scope.render(&program.content_encoding, &mut scratch.charset);
    address::render(program, scope, scratch, request)?;
    if scope.functions.has_fault() {
        request.url.clear();
        return Ok(Rendered::ToSend);
    }
    if !address::has_query(request.method()) {
        scratch.render_arguments(program, scope);
    }
    request.read_url()?;
    request.route = surroundings.routes.and_then(|ways| ways.to(&request.host));
    request.connect_timeout =
        timeout(&program.connect_timeout_ms, scope, scratch).or(surroundings.connect_timeout);
    request.response_timeout =
        timeout(&program.response_timeout_ms, scope, scratch).or(surroundings.response_timeout);
    check_method(program, request.method_text())?;
    let has_body = body::render(
        program,
        request.method(),
        scope,
        scratch,
        surroundings.files,
    )?;
    head::make_one_line(&mut scratch.content_type, 0);
    request.shown_body = scratch.shown_body.take();

    scratch.cookie.clear();
    if let Some(jar) = &mut surroundings.jar {
        jar.write_header(&request.url, &mut scratch.cookie);
        head::make_one_line(&mut scratch.cookie, 0);
    }
    let agent = agent(program, surroundings.user_agent);
    head::write_request_line(request, agent);
    let start = request.wire.len();
    let mut wire = std::mem::take(&mut request.wire);
    let mut rules = HeaderRules::new(request, &scratch.cookie, has_body, agent);
    for (name, value) in &program.headers {
        let line = wire.len();
        scope.render(name, &mut wire);
        head::make_one_line(&mut wire, line);
        let colon = wire.len();
        wire.extend_from_slice(b": ");
        scope.render(value, &mut wire);
        head::make_one_line(&mut wire, colon);
        rules.settle(&mut wire, line, colon);
    }
    let seen = rules.seen;
    request.plan_headers = start..wire.len();
    request.wire = wire;
    if seen.transfer_encoding && has_body != Body::None {
        // It would contradict the length that is sent; HttpClient refuses it as well.
        return Err(failure::contradicting_header("Transfer-encoding"));
    }
    let rendered = complete(program.java_client, request, surroundings);
    let scratch = &mut *surroundings.scratch;
    head::finish_head(request, scratch, has_body, seen, agent);
    Ok(rendered)
}

/// The client whose head requests of `program` have.
fn agent<'a>(program: &HttpProgram, user_agent: &'a str) -> Agent<'a> {
    if program.java_client {
        Agent::Java
    } else {
        Agent::Apache(user_agent)
    }
}

/// Sets in the scratch what cache and credentials add to the head of `request`, whose plan headers
/// are written.
fn complete(
    is_java: bool,
    request: &mut WireRequest,
    surroundings: &mut Surroundings<'_>,
) -> Rendered {
    let scratch = &mut *surroundings.scratch;
    scratch.conditions.clear();
    scratch.authorization.clear();
    if let Some(row) = authorization::row_for(surroundings.credentials, &request.url)
        && row.mechanism == AuthMechanism::Basic
        && surroundings.is_preemptive
    {
        let value = match is_java {
            true => authorization::basic_of_java(&row.user, &row.password),
            false => authorization::basic(&row.user, &row.password),
        };
        scratch.authorization.extend_from_slice(value.as_bytes());
    }
    let Some(cache) = &mut surroundings.cache else {
        return Rendered::ToSend;
    };
    let lines: Vec<u8> = request.wire[..request.plan_headers.end]
        .iter()
        .copied()
        .filter(|&byte| byte != b'\r')
        .collect();
    match cache.look_up(&request.url, &lines, surroundings.now) {
        Found::Fresh if request.method() == b"GET" => return Rendered::Fresh,
        Found::Fresh | Found::Nothing => {}
        Found::Conditions {
            modified_since,
            none_match,
        } => {
            let conditions = [
                ("If-Modified-Since", modified_since),
                ("If-None-Match", none_match),
            ];
            for (name, value) in conditions {
                if let Some(value) = value {
                    head::remove_plan_header(request, name);
                    scratch.conditions.push((name, value));
                }
            }
        }
    }
    Rendered::ToSend
}

/// Renders the request that follows the redirect of `first` to `url`: with the plan's headers, and
/// with the body of `first` if `keep_body`.
///
/// # Errors
///
/// As [`render`].
pub(crate) fn render_redirect(
    program: &HttpProgram,
    first: &WireRequest,
    method: &str,
    url: &str,
    keep_body: bool,
    surroundings: &mut Surroundings<'_>,
    request: &mut WireRequest,
) -> Result<Rendered, SampleError> {
    let scratch = &mut *surroundings.scratch;
    request.clear();
    request.http2 = first.http2;
    request.url.push_str(url);
    request.read_url()?;
    request.route = match surroundings.goes_on {
        true => first.route.clone(),
        false => surroundings.routes.and_then(|ways| ways.to(&request.host)),
    };
    request.keep_alive = first.keep_alive;
    request.verify_tls = first.verify_tls;
    request.connect_timeout = first.connect_timeout;
    request.response_timeout = first.response_timeout;
    request.wire.extend_from_slice(method.as_bytes());
    request.method_length = request.wire.len();

    scratch.cookie.clear();
    let has_jar = surroundings.jar.is_some();
    if let Some(jar) = &mut surroundings.jar {
        jar.write_header(&request.url, &mut scratch.cookie);
        head::make_one_line(&mut scratch.cookie, 0);
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
    let agent = agent(program, surroundings.user_agent);
    head::write_request_line(request, agent);
    let start = request.wire.len();
    let mut wire = std::mem::take(&mut request.wire);
    let mut rules = HeaderRules::new(request, &scratch.cookie, has_body, agent);
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
    let rendered = complete(program.java_client, request, surroundings);
    let scratch = &mut *surroundings.scratch;
    head::finish_head(request, scratch, has_body, seen, agent);
    Ok(rendered)
}

/// Whether requests with `method` are sent.
fn check_method(program: &HttpProgram, method: &str) -> Result<(), SampleError> {
    // `java.net.HttpURLConnection` has no more.
    const OF_JAVA: [&str; 7] = ["GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"];
    if program.java_client {
        return match OF_JAVA.contains(&method) {
            true => Ok(()),
            false => Err(failure::java_method(method)),
        };
    }
    if !method.is_empty() && method.bytes().all(is_token_byte) {
        return Ok(());
    }
    Err(failure::illegal_argument(&format!(
        "Unexpected method: '{method}'"
    )))
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

#[cfg(test)]
mod tests;
