//! The head of a request: which lines it has, in which order.
//!
//! Source: HttpClient 4.5.14 as JMeter 5.6.3 sets it up, seen on the wire.

use loadline_plan::program::says_close;

use super::body::{Body, Scratch};
use super::url_path;
use super::url_text;
use super::wire::WireRequest;

/// Headers of ours that the plan's have made superfluous.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    accept: bool,
    pub(crate) authorization: bool,
    closes: bool,
    content_type: bool,
    cookie: bool,
    host: bool,
    pub(crate) transfer_encoding: bool,
    user_agent: bool,
}

/// The client of JMeter's whose head a request has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Agent<'a> {
    /// Apache HttpClient under this name; empty for none.
    Apache(&'a str),
    /// `java.net.HttpURLConnection`.
    Java,
}

/// How Java's client calls itself, and what it accepts.
const JAVA_NAME: &[u8] = b"Java/17.0.15";
const JAVA_ACCEPTS: &[u8] = b"text/html, image/gif, image/jpeg, */*; q=0.2";

/// How the plan's headers go onto the wire.
pub(crate) struct HeaderRules<'r> {
    request: &'r WireRequest,
    /// Value of the jar's `Cookie` header; empty for none.
    cookie: &'r [u8],
    is_multipart: bool,
    /// Whether a `Host` of the plan gets the URL's port.
    completes_host: bool,
    pub(crate) seen: Seen,
}

impl<'r> HeaderRules<'r> {
    pub(crate) fn new(
        request: &'r WireRequest,
        cookie: &'r [u8],
        has_body: Body,
        agent: Agent<'_>,
    ) -> Self {
        Self {
            request,
            cookie,
            is_multipart: has_body == Body::Multipart,
            completes_host: agent != Agent::Java,
            seen: Seen::default(),
        }
    }

    /// Settles the header line that begins at `line` of `wire` and goes to its end, the name up to
    /// `colon`: it stays, is dropped, or its value is replaced. A line that stays gets its end.
    pub(crate) fn settle(&mut self, wire: &mut Vec<u8>, line: usize, colon: usize) {
        let name = &wire[line..colon];
        let mut is_kept = true;
        // The length decides first: most headers are none of these.
        match name.len() {
            0 => is_kept = false,
            4 if name.eq_ignore_ascii_case(b"host") => {
                if self.completes_host {
                    complete_host(wire, colon + 2, self.request);
                }
                self.seen.host = true;
            }
            6 if name.eq_ignore_ascii_case(b"accept") => self.seen.accept = true,
            // As HttpClient does: the jar's value in the place of the first one.
            6 if !self.cookie.is_empty()
                && !self.seen.cookie
                && name.eq_ignore_ascii_case(b"cookie") =>
            {
                wire.truncate(colon + 2);
                wire.extend_from_slice(self.cookie);
                self.seen.cookie = true;
            }
            10 if name.eq_ignore_ascii_case(b"connection") => {
                self.seen.closes |= says_close(&wire[colon + 1..]);
            }
            10 if name.eq_ignore_ascii_case(b"user-agent") => self.seen.user_agent = true,
            12 if name.eq_ignore_ascii_case(b"content-type") => {
                is_kept = !self.is_multipart;
                self.seen.content_type = true;
            }
            13 if name.eq_ignore_ascii_case(b"authorization") => self.seen.authorization = true,
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

/// Appends to the method in `request.wire`: target, version and the `Connection` header.
pub(crate) fn write_request_line(request: &mut WireRequest, agent: Agent<'_>) {
    let mut wire = std::mem::take(&mut request.wire);
    wire.push(b' ');
    if request.is_for_proxy() {
        wire.extend_from_slice(b"http://");
        let start = wire.len();
        push_own_host(request, &mut wire);
        if matches!(agent, Agent::Apache(_)) {
            wire[start..].make_ascii_lowercase();
        }
    }
    let target = request.target();
    match agent {
        Agent::Java => url_text::push_target_as_written(target, &mut wire),
        Agent::Apache(_) if request.is_for_proxy() => url_text::push_target(target, &mut wire),
        Agent::Apache(_) => {
            url_text::push_target(&url_path::without_empty_segments(target), &mut wire);
        }
    }
    wire.extend_from_slice(if request.keep_alive {
        b" HTTP/1.1\r\nConnection: keep-alive\r\n".as_slice()
    } else {
        b" HTTP/1.1\r\nConnection: close\r\n".as_slice()
    });
    request.wire = wire;
}

/// Removes the header `name` of the plan, in whose place one of ours goes out.
pub(crate) fn remove_plan_header(request: &mut WireRequest, name: &str) {
    let mut start = request.plan_headers.start;
    while start < request.plan_headers.end {
        let lines = &request.wire[start..request.plan_headers.end];
        let length = memchr::memchr(b'\n', lines).map_or(lines.len(), |end| end + 1);
        let is_it = lines
            .split(|&byte| byte == b':')
            .next()
            .is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()));
        if is_it {
            request.wire.drain(start..start + length);
            request.plan_headers.end -= length;
        } else {
            start += length;
        }
    }
}

/// Appends what follows the plan's headers, and the body.
pub(crate) fn finish_head(
    request: &mut WireRequest,
    scratch: &Scratch,
    has_body: Body,
    seen: Seen,
    agent: Agent<'_>,
) {
    let mut wire = std::mem::take(&mut request.wire);
    request.has_plan_authorization = seen.authorization;
    request.plan_closes = seen.closes;
    match agent {
        Agent::Apache(name) => push_apache(request, scratch, has_body, seen, name, &mut wire),
        Agent::Java => push_java(request, scratch, has_body, seen, &mut wire),
    }
    wire.extend_from_slice(b"\r\n");
    request.body_start = wire.len();
    if has_body != Body::None {
        wire.extend_from_slice(&scratch.body);
    }
    request.wire = wire;
}

/// Appends the headers that Apache HttpClient has behind the plan's.
fn push_apache(
    request: &mut WireRequest,
    scratch: &Scratch,
    has_body: Body,
    seen: Seen,
    user_agent: &str,
    wire: &mut Vec<u8>,
) {
    push_conditions_and_cookie(scratch, seen, wire);
    let own_type: &[u8] = if seen.content_type && has_body != Body::Multipart {
        b""
    } else {
        &scratch.content_type
    };
    if has_body == Body::TypedByFile && !own_type.is_empty() {
        push_header(b"Content-Type", own_type, wire);
    }
    if has_body != Body::None {
        push_length(scratch, wire);
        if has_body != Body::TypedByFile && !own_type.is_empty() {
            push_header(b"Content-Type", own_type, wire);
        }
    }
    push_host_unless(seen, request, wire);
    if request.is_for_proxy() {
        push_header(b"Proxy-Connection", b"Keep-Alive", wire);
    }
    if !seen.user_agent && !user_agent.is_empty() {
        push_header(b"User-Agent", user_agent.as_bytes(), wire);
    }
    push_authorization(request, scratch, seen, wire);
    request.told_end = wire.len();
}

/// Appends the headers that Java's own client has behind the plan's. JMeter knows of those that it
/// has set itself; the client adds the others when it sends.
fn push_java(
    request: &mut WireRequest,
    scratch: &Scratch,
    has_body: Body,
    seen: Seen,
    wire: &mut Vec<u8>,
) {
    push_conditions_and_cookie(scratch, seen, wire);
    push_authorization(request, scratch, seen, wire);
    let has_type = seen.content_type && has_body != Body::Multipart;
    let has_own_type = !has_type && !scratch.content_type.is_empty();
    if has_own_type {
        push_header(b"Content-Type", &scratch.content_type, wire);
    }
    if has_body != Body::None {
        push_length(scratch, wire);
    }
    request.told_end = wire.len();
    if !seen.user_agent {
        push_header(b"User-Agent", JAVA_NAME, wire);
    }
    push_host_unless(seen, request, wire);
    if !seen.accept {
        push_header(b"Accept", JAVA_ACCEPTS, wire);
    }
    if request.is_for_proxy() {
        push_header(b"Proxy-Connection", b"keep-alive", wire);
    }
    if has_body != Body::None && !has_type && !has_own_type && wire.starts_with(b"POST ") {
        push_header(b"Content-type", b"application/x-www-form-urlencoded", wire);
    }
}

fn push_conditions_and_cookie(scratch: &Scratch, seen: Seen, wire: &mut Vec<u8>) {
    for (name, value) in &scratch.conditions {
        push_header(name.as_bytes(), value.as_bytes(), wire);
    }
    if !scratch.cookie.is_empty() && !seen.cookie {
        push_header(b"Cookie", &scratch.cookie, wire);
    }
}

fn push_authorization(
    request: &mut WireRequest,
    scratch: &Scratch,
    seen: Seen,
    wire: &mut Vec<u8>,
) {
    let start = wire.len();
    if !seen.authorization && !scratch.authorization.is_empty() {
        push_header(b"Authorization", &scratch.authorization, wire);
    }
    request.authorization = start..wire.len();
}

fn push_length(scratch: &Scratch, wire: &mut Vec<u8>) {
    wire.extend_from_slice(b"Content-Length: ");
    push_decimal(scratch.body.len() as u64, wire);
    wire.extend_from_slice(b"\r\n");
}

fn push_host_unless(seen: Seen, request: &WireRequest, wire: &mut Vec<u8>) {
    if !seen.host {
        wire.extend_from_slice(b"Host: ");
        push_own_host(request, wire);
        wire.extend_from_slice(b"\r\n");
    }
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

/// Writes what stands in `line` from `start` on as HttpClient does: a space for what would end the line, and
/// of a letter beyond ASCII the byte that it has in ISO-8859-1, `?` without one.
pub(crate) fn make_one_line(line: &mut Vec<u8>, start: usize) {
    for byte in &mut line[start..] {
        if matches!(byte, b'\r' | b'\n' | 0x0b | 0x0c | 0) {
            *byte = b' ';
        }
    }
    if line[start..].is_ascii() {
        return;
    }
    let text = String::from_utf8_lossy(&line[start..]).into_owned();
    line.truncate(start);
    line.extend(text.chars().map(|letter| match u8::try_from(letter) {
        Ok(byte) if !(0x80..0xa0).contains(&byte) => byte,
        _ => b'?',
    }));
}

/// Lines of a head as results tell of them: see [`make_one_line`].
pub(crate) fn as_text(lines: Vec<u8>) -> Vec<u8> {
    if lines.is_ascii() {
        return lines;
    }
    let text: String = lines.into_iter().map(char::from).collect();
    text.into_bytes()
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
mod tests {
    use super::*;

    #[test]
    fn letters_beyond_ascii_are_sent_as_one_byte() {
        let mut line = "X-A: é\r\u{85}中".as_bytes().to_vec();
        make_one_line(&mut line, 5);
        assert_eq!(line, b"X-A: \xe9 ??");
        assert_eq!(as_text(line), "X-A: é ??".as_bytes());
    }
}
