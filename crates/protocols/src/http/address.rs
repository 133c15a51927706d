//! The URL of a request, put together from the plan's texts.

use loadline_engine::{SampleError, Scope};
use loadline_plan::program::HttpProgram;

use super::body::Scratch;
use super::encode::{self, Charset};
use super::failure;
use super::url_text::Scheme;
use super::wire::WireRequest;

/// Renders the URL of `program` into `request.url`: its path, if that is a whole URL, or else
/// protocol, domain, port, path and the query, whose arguments it leaves in `scratch`.
///
/// # Errors
///
/// A failed sample for a protocol or a charset that is not known, and for a port below -1. `request.url`
/// is empty then.
pub(crate) fn render(
    program: &HttpProgram,
    scope: &mut Scope<'_>,
    scratch: &mut Scratch,
    request: &mut WireRequest,
) -> Result<(), SampleError> {
    let mut url = std::mem::take(&mut request.url).into_bytes();
    scratch.text.clear();
    scope.render(&program.path, &mut scratch.text);
    if has_query(request.method()) {
        scratch.render_arguments(program, scope);
    }
    let is_whole = scratch.text.starts_with(b"http://") || scratch.text.starts_with(b"https://");
    let result = if is_whole {
        push_path(&scratch.text, &mut url);
        Ok(())
    } else {
        push_assembled(program, scope, scratch, request.method(), &mut url)
    };
    if result.is_err() {
        url.clear();
    }
    request.url = text(url);
    result
}

/// A URL as text: all its parts were some.
pub(crate) fn text(url: Vec<u8>) -> String {
    String::from_utf8(url)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
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
    let scheme = Scheme::named(url)
        .ok_or_else(|| failure::unknown_protocol(&String::from_utf8_lossy(url).to_lowercase()))?;
    url.clear();
    url.extend_from_slice(scheme.name().as_bytes());
    url.extend_from_slice(b"://");
    let host = url.len();
    scope.render(&program.domain, url);
    // Java takes every host with a colon for an IPv6 address.
    if url[host..].contains(&b':') && url[host] != b'[' {
        url.insert(host, b'[');
        url.push(b']');
    }
    let end = url.len();
    url.push(b':');
    scope.render(&program.port, url);
    let port: i32 = std::str::from_utf8(&url[end + 1..])
        .ok()
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or_default();
    if port < -1 {
        return Err(failure::invalid_port(port));
    }
    url.truncate(end);
    if port > 0 && port != i32::from(scheme.default_port()) {
        url.push(b':');
        url.extend_from_slice(port.to_string().as_bytes());
    }
    push_target(program, scratch, method, url)
}

/// Appends the path in `scratch.text`, and the arguments in `scratch` where they are the query.
///
/// # Errors
///
/// A failed sample for a charset that is not known.
pub(crate) fn push_target(
    program: &HttpProgram,
    scratch: &Scratch,
    method: &[u8],
    url: &mut Vec<u8>,
) -> Result<(), SampleError> {
    if !scratch.text.starts_with(b"/") {
        url.push(b'/');
    }
    push_path(&scratch.text, url);
    if has_query(method) {
        push_query(program, scratch, url)?;
    }
    Ok(())
}

/// Whether the arguments of a request of this method are its query.
pub(crate) fn has_query(method: &[u8]) -> bool {
    matches!(method, b"GET" | b"DELETE" | b"OPTIONS")
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
