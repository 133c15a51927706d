//! Why a request over HTTP/2 failed, in words.
//!
//! Codes are the names that Apache HttpClient 5 has for such failures, since JMeter 5.6.3 has none.

use std::borrow::Cow;
use std::io;

use h2::Reason;
use loadline_engine::SampleError;
use loadline_events::ErrorKind;

use super::super::failure;
use super::super::tls::HTTP2_NAME;
use super::super::wire::WireRequest;

/// What to do with a server that has no HTTP/2.
const USE_HTTP1: &str = "set the version to 1.1";

/// An answer that ended with its connection.
pub(crate) const CUT_SHORT: &str = "Premature end of HTTP/2 stream";

fn of_kind(kind: ErrorKind, class: &'static str, message: &str) -> SampleError {
    SampleError {
        kind,
        code: Cow::Borrowed(class),
        message: failure::one_line(message),
    }
}

/// The server broke the rules of the protocol, or speaks another one.
fn protocol(message: &str) -> SampleError {
    of_kind(
        ErrorKind::Protocol,
        "Non HTTP response code: org.apache.hc.core5.http2.H2ConnectionException",
        message,
    )
}

/// The server answers in HTTP/1.
pub(crate) fn hears_http1(request: &WireRequest) -> SampleError {
    let (host, port) = (&request.host, request.port);
    protocol(&format!(
        "{host}:{port} answers in HTTP/1.1 and not in HTTP/2: {USE_HTTP1}"
    ))
}

/// Whether the server has agreed on HTTP/2 in the handshake.
///
/// # Errors
///
/// A failed sample if it has `agreed` on something else, or on nothing.
pub(crate) fn check_agreed(
    agreed: Option<&[u8]>,
    request: &WireRequest,
) -> Result<(), SampleError> {
    match agreed {
        Some(HTTP2_NAME) => Ok(()),
        other => Err(not_agreed(request, other)),
    }
}

/// The server has agreed on no HTTP/2 in the handshake, but on `other`, if on anything.
pub(crate) fn not_agreed(request: &WireRequest, other: Option<&[u8]>) -> SampleError {
    let (host, port) = (&request.host, request.port);
    let other = match other {
        None => "nothing".into(),
        Some(other) => String::from_utf8_lossy(other),
    };
    failure::tls(&format!(
        "{host}:{port} offers no HTTP/2: asked for `h2`, it agreed on {other} (ALPN); {USE_HTTP1}"
    ))
}

/// No stream was free in time.
pub(crate) fn no_free_stream(request: &WireRequest) -> SampleError {
    let (host, port) = (&request.host, request.port);
    of_kind(
        ErrorKind::Timeout,
        "Non HTTP response code: org.apache.http.conn.ConnectionPoolTimeoutException",
        &format!("no stream of the connection to {host}:{port} became free in time"),
    )
}

/// What `error` means for `request`; `is_begun` says whether an answer has begun.
pub(crate) fn of(error: &h2::Error, request: &WireRequest, is_begun: bool) -> SampleError {
    if let Some(io) = error.get_io() {
        let is_plain_end = matches!(
            io.kind(),
            io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof
        );
        return match (is_plain_end, is_begun) {
            (true, false) => failure::no_response(&request.host, request.port),
            (true, true) => failure::cut_short(CUT_SHORT),
            (false, _) => failure::transfer(io),
        };
    }
    let Some(reason) = error.reason() else {
        return failure::illegal_argument(&error.to_string());
    };
    let what = format!("{reason:?} ({})", reason.description());
    if !error.is_remote() {
        return protocol(&format!("The server broke the rules of HTTP/2: {what}"));
    }
    let help = match reason {
        Reason::HTTP_1_1_REQUIRED => format!("; {USE_HTTP1}"),
        _ => String::new(),
    };
    if error.is_go_away() {
        return of_kind(
            ErrorKind::Closed,
            "Non HTTP response code: org.apache.hc.core5.http2.H2ConnectionException",
            &format!("The server said goodbye (GOAWAY): {what}{help}"),
        );
    }
    of_kind(
        ErrorKind::Closed,
        "Non HTTP response code: org.apache.hc.core5.http2.H2StreamResetException",
        &format!("The server reset the stream (RST_STREAM): {what}{help}"),
    )
}
