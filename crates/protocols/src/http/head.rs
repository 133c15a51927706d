//! The head of a request: which lines it has, in which order.
//!
//! Source: HttpClient 4.5.14 as JMeter 5.6.3 sets it up, seen on the wire.

use super::body::{Body, Scratch};
use super::url_text;
use super::wire::WireRequest;

/// Headers of ours that the plan's have made superfluous.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) authorization: bool,
    content_type: bool,
    cookie: bool,
    host: bool,
    pub(crate) transfer_encoding: bool,
    user_agent: bool,
}

/// How the plan's headers go onto the wire.
pub(crate) struct HeaderRules<'r> {
    request: &'r WireRequest,
    /// Value of the jar's `Cookie` header; empty for none.
    cookie: &'r [u8],
    is_multipart: bool,
    pub(crate) seen: Seen,
}

impl<'r> HeaderRules<'r> {
    pub(crate) fn new(request: &'r WireRequest, cookie: &'r [u8], has_body: Body) -> Self {
        Self {
            request,
            cookie,
            is_multipart: has_body == Body::Multipart,
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
pub(crate) fn write_request_line(request: &mut WireRequest) {
    let mut wire = std::mem::take(&mut request.wire);
    wire.push(b' ');
    if request.is_for_proxy() {
        wire.extend_from_slice(b"http://");
        push_own_host(request, &mut wire);
    }
    url_text::push_target(request.target(), &mut wire);
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
    user_agent: &str,
) {
    let mut wire = std::mem::take(&mut request.wire);
    for (name, value) in &scratch.conditions {
        push_header(name.as_bytes(), value.as_bytes(), &mut wire);
    }
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
    if request.is_for_proxy() {
        push_header(b"Proxy-Connection", b"Keep-Alive", &mut wire);
    }
    if !seen.user_agent && !user_agent.is_empty() {
        push_header(b"User-Agent", user_agent.as_bytes(), &mut wire);
    }
    let start = wire.len();
    if !seen.authorization && !scratch.authorization.is_empty() {
        push_header(b"Authorization", &scratch.authorization, &mut wire);
    }
    request.authorization = start..wire.len();
    request.has_plan_authorization = seen.authorization;
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
pub(crate) fn make_one_line(line: &mut [u8]) {
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
