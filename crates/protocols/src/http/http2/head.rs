//! A request as HTTP/2 has it: made of the one that HTTP/1.1 would send, so that both say the same.
//!
//! Names of headers become lower case, `Host` becomes the authority, and what speaks of a connection
//! of HTTP/1.1 is left out (RFC 9113, section 8.2.2).

use http::uri::{Authority, PathAndQuery, Scheme as UriScheme};
use http::{HeaderName, HeaderValue, Method, Request, Uri, Version};
use loadline_engine::SampleError;

use super::super::failure;
use super::super::url_text::Scheme;
use super::super::wire::WireRequest;

/// Headers that a request over HTTP/2 does not have.
const LEFT_OUT: [&str; 6] = [
    "connection",
    "keep-alive",
    "proxy-connection",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
];

/// Names and values of header `lines` that go out, in order.
fn fields(lines: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    lines.split(|&byte| byte == b'\n').filter_map(|line| {
        let colon = memchr::memchr(b':', line)?;
        let (name, value) = (line[..colon].trim_ascii(), line[colon + 1..].trim_ascii());
        let is_left_out = LEFT_OUT
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known.as_bytes()));
        // Of `TE` one value may stand.
        let is_other_te =
            name.eq_ignore_ascii_case(b"te") && !value.eq_ignore_ascii_case(b"trailers");
        (!is_left_out && !is_other_te).then_some((name, value))
    })
}

fn is_host(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"host")
}

/// The head of `request`.
///
/// # Errors
///
/// A failed sample for a method, a header, an authority or a target that HTTP/2 cannot carry, and
/// for a request that goes through a proxy in the clear.
pub(crate) fn of(request: &WireRequest) -> Result<Request<()>, SampleError> {
    if request.is_for_proxy() {
        return Err(failure::illegal_argument(
            "HTTP/2 does not go through a proxy in the clear: set the version to 1.1, or use https",
        ));
    }
    let refused = |what: &str, text: &[u8]| {
        let text = String::from_utf8_lossy(text);
        failure::illegal_argument(&format!("HTTP/2 cannot carry the {what} `{text}`"))
    };
    let method =
        Method::from_bytes(request.method()).map_err(|_| refused("method", request.method()))?;
    let mut head = Request::new(());
    let mut authority = None;
    for (name, value) in fields(request.header_lines()) {
        if is_host(name) {
            authority = Some(value);
            continue;
        }
        let field = HeaderName::from_bytes(name).map_err(|_| refused("header", name))?;
        let value = HeaderValue::from_bytes(value).map_err(|_| refused("header", name))?;
        head.headers_mut().append(field, value);
    }
    let authority = authority.unwrap_or_default();
    let target = request.sent_target();
    let mut parts = http::uri::Parts::default();
    parts.scheme = Some(match request.scheme {
        Scheme::Http => UriScheme::HTTP,
        Scheme::Https => UriScheme::HTTPS,
    });
    parts.authority =
        Some(Authority::try_from(authority).map_err(|_| refused("authority", authority))?);
    let refused_target = || refused("target", target.as_bytes());
    parts.path_and_query = Some(PathAndQuery::try_from(target).map_err(|_| refused_target())?);
    *head.uri_mut() = Uri::from_parts(parts).map_err(|_| refused_target())?;
    *head.method_mut() = method;
    *head.version_mut() = Version::HTTP_2;
    Ok(head)
}

/// The header lines of `request` as results tell of them, each ended by `\n`.
pub(crate) fn told_lines(request: &WireRequest) -> Vec<u8> {
    let mut lines = Vec::with_capacity(request.told_lines().len());
    for (name, value) in fields(request.told_lines()) {
        match is_host(name) {
            true => lines.extend_from_slice(b":authority"),
            false => lines.extend(name.iter().map(u8::to_ascii_lowercase)),
        }
        lines.extend_from_slice(b": ");
        lines.extend_from_slice(value);
        lines.push(b'\n');
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(lines: &str) -> WireRequest {
        let wire = format!("GET /a?b=%20 HTTP/1.1\r\n{lines}\r\n").into_bytes();
        WireRequest {
            url: "https://h:81/a?b=%20".to_owned(),
            scheme: Scheme::Https,
            method_length: 3,
            body_start: wire.len(),
            told_end: wire.len() - 2,
            wire,
            ..WireRequest::default()
        }
    }

    #[test]
    fn a_head_says_the_same_without_what_is_of_the_connection() {
        let request = request(
            "Connection: keep-alive\r\nX-One: 1\r\nx-one: 2\r\nHost: other:81\r\nTE: gzip\r\n\
             te: trailers\r\nTransfer-Encoding: x\r\nEmpty:\r\n",
        );
        let head = of(&request).unwrap();
        assert_eq!(head.method(), "GET");
        assert_eq!(head.uri(), "https://other:81/a?b=%20");
        let all: Vec<_> = head
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
            .collect();
        let expected = [
            ("x-one", "1"),
            ("x-one", "2"),
            ("te", "trailers"),
            ("empty", ""),
        ];
        assert_eq!(all, expected);
        assert_eq!(
            told_lines(&request),
            b"x-one: 1\nx-one: 2\n:authority: other:81\nte: trailers\nempty: \n"
        );
    }

    #[test]
    fn what_cannot_be_carried_is_named() {
        let error = of(&request("Host: h\r\nBad Name: x\r\n")).unwrap_err();
        assert_eq!(&*error.message, "HTTP/2 cannot carry the header `Bad Name`");
        let error = of(&request("Host: h h\r\n")).unwrap_err();
        assert_eq!(&*error.message, "HTTP/2 cannot carry the authority `h h`");
    }
}
