//! URLs as the plan writes them: taken apart without changing them, and checked as Java does.

use std::borrow::Cow;

use loadline_engine::SampleError;
use unicode_normalization::UnicodeNormalization as _;

use super::encode::push_percent;
use super::failure;
use super::url_path::path_start;

/// How a connection is spoken to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// Plain TCP.
    #[default]
    Http,
    /// TLS.
    Https,
}

impl Scheme {
    /// The scheme named `name`, in any case; empty means `http`.
    pub(crate) fn named(name: &[u8]) -> Option<Self> {
        if name.is_empty() || name.eq_ignore_ascii_case(b"http") {
            Some(Scheme::Http)
        } else if name.eq_ignore_ascii_case(b"https") {
            Some(Scheme::Https)
        } else {
            None
        }
    }

    /// The name, in lower case.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }

    /// The port where a URL names none.
    pub(crate) const fn default_port(self) -> u16 {
        match self {
            Scheme::Http => 80,
            Scheme::Https => 443,
        }
    }
}

/// An absolute URL, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UrlParts<'u> {
    pub(crate) scheme: Scheme,
    /// Host without brackets; not empty.
    pub(crate) host: &'u str,
    pub(crate) port: u16,
    /// Path and query, without fragment; may be empty or begin with `?`.
    pub(crate) target: &'u str,
}

/// Takes an `http` or `https` URL apart. User and password in it are skipped.
///
/// # Errors
///
/// A failed sample for a URL without host, with a port that is none, or with a character that may
/// not stand in path or query (as `java.net.URI` judges).
pub(crate) fn split(url: &str) -> Result<UrlParts<'_>, SampleError> {
    let Some((scheme_name, rest)) = url.split_once("://") else {
        if is_without_host(url) {
            return Err(failure::no_host(url));
        }
        return Err(failure::uri_syntax(&format!(
            "Expected scheme name at index 0: {url}"
        )));
    };
    let scheme = Scheme::named(scheme_name.as_bytes())
        .ok_or_else(|| failure::unknown_protocol(scheme_name))?;
    let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(authority_end);
    let authority = authority
        .rsplit_once('@')
        .map_or(authority, |(_, after)| after);
    let (host, port_text) = match authority.strip_prefix('[') {
        Some(bracketed) => {
            let (host, after) = bracketed
                .split_once(']')
                .ok_or_else(|| failure::uri_syntax(&format!("Malformed IPv6 address: {url}")))?;
            let address = host.split(['%', '/']).next().unwrap_or_default();
            if address.parse::<std::net::Ipv6Addr>().is_err() {
                let index = url.len() - rest.len() + 1;
                return Err(failure::uri_syntax(&format!(
                    "Malformed IPv6 address at index {index}: {url}"
                )));
            }
            (host, after.strip_prefix(':').unwrap_or(after))
        }
        None => authority.split_once(':').unwrap_or((authority, "")),
    };
    if host.is_empty() {
        return Err(failure::no_host(url));
    }
    if !host.bytes().all(is_host_byte) {
        // Java tells where the authority begins.
        let index = url.len() - rest.len();
        return Err(failure::uri_syntax(&format!(
            "Illegal character in authority at index {index}: {url}"
        )));
    }
    let port = if port_text.is_empty() {
        scheme.default_port()
    } else {
        port_text
            .parse()
            .map_err(|_| failure::illegal_argument(&format!("port out of range:{port_text}")))?
    };
    let target = checked_target(url, url.len() - tail.len())?;
    Ok(UrlParts {
        scheme,
        host,
        port,
        target,
    })
}

/// Whether `url` has a scheme and no host behind it, such as `mailto:x` and `http:///x`.
pub(crate) fn is_without_host(url: &str) -> bool {
    let is_scheme = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphabetic());
    url.split_once(':').is_some_and(|(name, rest)| {
        let has_host = rest
            .strip_prefix("//")
            .is_some_and(|rest| !rest.starts_with('/'));
        is_scheme(name) && !has_host
    })
}

/// Path and query of `url`, which begin at `start`, without fragment.
///
/// # Errors
///
/// A failed sample for a character that may not stand there.
pub(crate) fn checked_target(url: &str, start: usize) -> Result<&str, SampleError> {
    let tail = &url[start..];
    let target = match memchr::memchr(b'#', tail.as_bytes()) {
        Some(end) => &tail[..end],
        None => tail,
    };
    check_characters(url, start, target)?;
    Ok(target)
}

fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii() || b"-._~:%!$&'()*+,;=".contains(&byte)
}

/// Checks the bytes of `target`, which begins at `start` of `url`.
fn check_characters(url: &str, start: usize, target: &str) -> Result<(), SampleError> {
    let bytes = target.as_bytes();
    let mut component = "path";
    for (index, &byte) in bytes.iter().enumerate() {
        let legal = match byte {
            b'?' => {
                component = "query";
                true
            }
            b'[' | b']' => component == "query",
            b'%' => {
                let is_pair = bytes
                    .get(index + 1..index + 3)
                    .is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit));
                if !is_pair {
                    return Err(failure::uri_syntax(&format!(
                        "Malformed escape pair at index {}: {url}",
                        start + index
                    )));
                }
                true
            }
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | b' ' => false,
            _ => !byte.is_ascii_control(),
        };
        if !legal {
            return Err(failure::uri_syntax(&format!(
                "Illegal character in {component} at index {}: {url}",
                start + index
            )));
        }
    }
    Ok(())
}

/// Appends `target` as it stands in a request line: `/` for an empty path, characters beyond ASCII
/// composed (NFC, as in `java.net.URI.toASCIIString`) and their bytes as `%XX`.
pub(crate) fn push_target(target: &str, out: &mut Vec<u8>) {
    if target.is_ascii() {
        push_target_as_written(target, out);
        return;
    }
    if !target.starts_with('/') {
        out.push(b'/');
    }
    let mut buffer = [0u8; 4];
    for character in target.nfc() {
        for &byte in character.encode_utf8(&mut buffer).as_bytes() {
            if byte.is_ascii() {
                out.push(byte);
            } else {
                push_percent(byte, out);
            }
        }
    }
}

/// Appends `target` with `/` for an empty path, and else as it is: so does Java's own client.
pub(crate) fn push_target_as_written(target: &str, out: &mut Vec<u8>) {
    if !target.starts_with('/') {
        out.push(b'/');
    }
    out.extend_from_slice(target.as_bytes());
}

/// As [`resolve`], by the rules of `java.net.URL`: a query alone takes the place of the last segment of
/// the path too, which it does not in RFC 3986, and only relative paths lose their `.`
/// and `..`.
///
/// # Errors
///
/// Those of [`resolve`].
pub(crate) fn resolve_as_java(base: &str, location: &str) -> Result<String, SampleError> {
    let location = &*quoted_as_java(location.trim());
    let is_path = location.starts_with('/') && !location.starts_with("//");
    let has_dot = location.contains("/.");
    let empty_host = ["http:///", "https:///"]
        .into_iter()
        .find_map(|start| Some((start, location.strip_prefix(start)?)));
    if let Some((start, rest)) = empty_host {
        // Java writes a URL without host without the two slashes before it.
        let scheme = start.trim_end_matches('/');
        Ok(escaped(&format!("{scheme}/{rest}")))
    } else if location.starts_with('?') {
        resolve(base, &format!("./{location}"))
    } else if is_path && has_dot {
        let origin = &base[..path_start(base)];
        Ok(escaped(&format!("{origin}{location}")))
    } else if location.contains("://") && has_dot {
        Ok(escaped(location))
    } else {
        resolve(base, location)
    }
}

/// `location` with its `%` quoted if something in it is no part of a URI: JMeter lets Java quote the whole of
/// such a one, which takes it for not quoted yet.
fn quoted_as_java(location: &str) -> Cow<'_, str> {
    let path_end = location.find(['?', '#']).unwrap_or(location.len());
    let (path, rest) = location.split_at(path_end);
    let is_illegal = |letter: char| {
        letter.is_control() || letter.is_whitespace() || "\"<>\\^`{|}".contains(letter)
    };
    let is_uri = !location.contains(is_illegal) && !path.contains(['[', ']']);
    if is_uri {
        return Cow::Borrowed(location);
    }
    let path = path.replace('%', "%25");
    let path = path.replace('[', "%5B").replace(']', "%5D");
    Cow::Owned(path + &rest.replace('%', "%25"))
}

/// The absolute URL that the `Location` header `location` of an answer from `base` means.
///
/// What Java would not take in a URL is percent-encoded, as JMeter does.
///
/// # Errors
///
/// A failed sample for a location that is no URL.
pub(crate) fn resolve(base: &str, location: &str) -> Result<String, SampleError> {
    let url = url::Url::parse(base)
        .and_then(|base| base.join(location.trim()))
        .map_err(|error| failure::uri_syntax(&format!("{error}: {location}")))?;
    Ok(escaped(url.as_str()))
}

/// `text` with what Java would not take in a URL percent-encoded.
fn escaped(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let bytes = text.as_bytes();
    for (index, &byte) in bytes.iter().enumerate() {
        let is_pair = || {
            bytes
                .get(index + 1..index + 3)
                .is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit))
        };
        match byte {
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | b' ' => {
                push_percent(byte, &mut out);
            }
            b'%' if !is_pair() => push_percent(byte, &mut out),
            _ => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, scheme: Scheme, host: &str, port: u16, target: &str) {
        assert_eq!(
            split(url),
            Ok(UrlParts {
                scheme,
                host,
                port,
                target
            }),
            "{url}"
        );
    }

    #[track_caller]
    fn check_refused(url: &str, message: &str) {
        assert_eq!(&*split(url).unwrap_err().message, message);
    }

    #[test]
    fn urls_come_apart() {
        check("http://h", Scheme::Http, "h", 80, "");
        check("http://h:8000/a?b#c", Scheme::Http, "h", 8000, "/a?b");
        check("HTTPS://u:p@h?q", Scheme::Https, "h", 443, "?q");
        check("https://[::1]:8443/", Scheme::Https, "::1", 8443, "/");
        check(
            "http://h/a%20b?x[]=1",
            Scheme::Http,
            "h",
            80,
            "/a%20b?x[]=1",
        );
    }

    #[test]
    fn what_java_refuses_is_refused_in_its_words() {
        check_refused(
            "http://h/a|b",
            "Illegal character in path at index 10: http://h/a|b",
        );
        check_refused(
            "http://h/?a b",
            "Illegal character in query at index 11: http://h/?a b",
        );
        check_refused(
            "http://h/%zz",
            "Malformed escape pair at index 9: http://h/%zz",
        );
        check_refused(
            "http:///x",
            "URI does not specify a valid host name: http:///x",
        );
        check_refused("ftp://h/", "unknown protocol: ftp");
        check_refused(
            "http://${h}/",
            "Illegal character in authority at index 7: http://${h}/",
        );
        check_refused("http://h:99999/", "port out of range:99999");
    }

    #[test]
    fn targets_are_ascii() {
        let mut out = Vec::new();
        push_target("?e\u{301}", &mut out);
        assert_eq!(out, b"/?%C3%A9");
        out.clear();
        push_target_as_written("?é", &mut out);
        assert_eq!(out, "/?é".as_bytes());
    }

    #[test]
    fn locations_are_resolved_and_escaped() {
        let check = |location: &str, expected: &str| {
            assert_eq!(resolve("http://h:8000/a/b?c", location).unwrap(), expected);
        };
        check("/x y", "http://h:8000/x%20y");
        check("d|e?f^g", "http://h:8000/a/d%7Ce?f%5Eg");
        check("/../../r", "http://h:8000/r");
        check("//other/", "http://other/");
        check("https://other:8443/%zz", "https://other:8443/%25zz");
        assert!(resolve("http://h/", "http://").is_err());
    }

    #[test]
    fn a_query_alone_replaces_the_last_segment_in_java() {
        let check = |resolved: Result<String, SampleError>, expected: &str| {
            assert_eq!(resolved.unwrap(), expected);
        };
        let base = "http://h/a/b?c";
        check(resolve(base, "?q=1"), "http://h/a/b?q=1");
        check(resolve_as_java(base, " ?q=1"), "http://h/a/?q=1");
        check(resolve_as_java("http://h", "?q=1"), "http://h/?q=1");
        check(resolve_as_java(base, "d?q=1"), "http://h/a/d?q=1");
        check(resolve_as_java(base, "/a/./b c"), "http://h/a/./b%20c");
        check(resolve_as_java(base, "http://i/a/./b"), "http://i/a/./b");
        check(resolve_as_java(base, "/../b"), "http://h/../b");
        check(resolve_as_java(base, "./x/./b"), "http://h/a/x/b");
    }
}
