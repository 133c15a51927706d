//! How JMeter's clients rewrite the path of a URL before it goes out.
//!
//! Source: HttpClient 4.5.14 (`URIUtils.rewriteURI`, `URIUtils.normalizeSyntax`, `URLEncodedUtils`) and
//! `java.net.URI.normalize`. Queries stay as the plan writes them.

use std::borrow::Cow;

use super::encode::push_percent;

/// `target`, a path with a query perhaps, without the path's empty segments, as HttpClient sends it.
///
/// A path that has none stays as it is. One that has some is put together anew, so that its escapes
/// change as well: `%7E` becomes `~`, and a character beyond ASCII is lost.
pub(crate) fn without_empty_segments(target: &str) -> Cow<'_, str> {
    let (path, query) = split_path(target);
    if !path.contains("//") {
        return Cow::Borrowed(target);
    }
    let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let last = segments.len() - 1;
    let kept = segments
        .into_iter()
        .enumerate()
        .filter(|(index, segment)| !segment.is_empty() || *index == last)
        .map(|(_, segment)| decoded(segment));
    Cow::Owned(format(kept, query))
}

/// `url` without its fragment, with the path as HttpClient sends it.
pub(crate) fn as_sent(url: &str) -> String {
    let url = url.split('#').next().unwrap_or(url);
    let (origin, target) = url.split_at(path_start(url));
    format!("{origin}{}", without_empty_segments(target))
}

/// `url`, to which HttpClient follows a redirect by itself, as it changes it: `.` and `..` are
/// resolved, and the path is put together anew.
pub(crate) fn normalised(url: &str) -> String {
    let start = path_start(url);
    let (path, query) = split_path(&url[start..]);
    let mut kept: Vec<String> = Vec::new();
    for segment in path.strip_prefix('/').unwrap_or(path).split('/') {
        match decoded(segment) {
            dot if dot == "." => {}
            dots if dots == ".." => {
                kept.pop();
            }
            segment => kept.push(segment),
        }
    }
    if kept.is_empty() {
        kept.push(String::new());
    }
    format!("{}{}", &url[..start], format(kept, query))
}

/// `location`, of which each letter was a byte, with those bytes of its path escaped that are beyond ASCII:
/// HttpClient takes them for UTF-8.
pub(crate) fn with_bytes_escaped(location: &str) -> Cow<'_, str> {
    let (path, query) = split_path(location);
    if path.is_ascii() {
        return Cow::Borrowed(location);
    }
    let mut escaped = Vec::with_capacity(location.len());
    for letter in path.chars() {
        match u8::try_from(letter) {
            Ok(byte) if !byte.is_ascii() => push_percent(byte, &mut escaped),
            _ => escaped.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    escaped.extend_from_slice(query.as_bytes());
    Cow::Owned(String::from_utf8_lossy(&escaped).into_owned())
}

/// `url`, which a page names, as `java.net.URI.normalize` makes it: without empty segments and `.`,
/// and without `..` as far as there is something before it.
pub(crate) fn normalised_as_java(url: String) -> String {
    let start = path_start(&url);
    let (path, query) = split_path(&url[start..]);
    if !(path.contains("//") || path.contains("/.")) {
        return url;
    }
    let mut kept: Vec<&str> = Vec::new();
    let segments: Vec<&str> = path.split('/').collect();
    for segment in &segments {
        match *segment {
            "" | "." => {}
            ".." if kept.last().is_some_and(|last| *last != "..") => {
                kept.pop();
            }
            segment => kept.push(segment),
        }
    }
    if matches!(segments.last(), Some(&("" | "." | ".."))) && !kept.is_empty() {
        kept.push("");
    }
    format!("{}/{}{query}", &url[..start], kept.join("/"))
}

/// Where the path of `url` begins.
pub(crate) fn path_start(url: &str) -> usize {
    let authority = url.find("://").map_or(0, |colon| colon + 3);
    let length = url[authority..].find(['/', '?', '#']);
    length.map_or(url.len(), |length| authority + length)
}

/// The path, and the query or fragment with its mark.
fn split_path(target: &str) -> (&str, &str) {
    target.split_at(target.find(['?', '#']).unwrap_or(target.len()))
}

fn format(segments: impl IntoIterator<Item = String>, query: &str) -> String {
    let mut path = Vec::new();
    for segment in segments {
        path.push(b'/');
        for byte in segment.bytes() {
            if byte.is_ascii_alphanumeric() || b"-_.*!~'();:@&=+$,".contains(&byte) {
                path.push(byte);
            } else {
                push_percent(byte, &mut path);
            }
        }
    }
    path.extend_from_slice(query.as_bytes());
    String::from_utf8_lossy(&path).into_owned()
}

/// A segment without its escapes. Of a character beyond ASCII HttpClient takes the lower byte of each
/// UTF-16 unit, which is hardly ever UTF-8 then.
fn decoded(segment: &str) -> String {
    let units: Vec<u16> = segment.encode_utf16().collect();
    let digit = |index: usize| {
        let unit = char::from_u32(u32::from(*units.get(index)?))?;
        unit.to_digit(16)?.try_into().ok()
    };
    let mut bytes: Vec<u8> = Vec::with_capacity(units.len());
    let mut index = 0;
    while let Some(&unit) = units.get(index) {
        let escape =
            (unit == u16::from(b'%')).then(|| Some((digit(index + 1)?, digit(index + 2)?)));
        if let Some(Some((high, low))) = escape {
            let (high, low): (u8, u8) = (high, low);
            bytes.push(high * 16 + low);
            index += 3;
        } else {
            bytes.push(unit.to_le_bytes()[0]);
            index += 1;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_segments_go_and_the_last_stays() {
        let check = |target: &str, expected: &str| {
            assert_eq!(without_empty_segments(target), expected, "{target}");
        };
        check("/a/b?x=//y", "/a/b?x=//y");
        check("/a//b///c?x=//y", "/a/b/c?x=//y");
        check("//", "/");
        check("///a//", "/a/");
        check("?q", "?q");
        check("", "");
    }

    #[test]
    fn a_path_that_loses_segments_is_encoded_anew() {
        let check = |target: &str, expected: &str| {
            assert_eq!(without_empty_segments(target), expected, "{target}");
        };
        check("/%7Ea%2fb", "/%7Ea%2fb");
        check("//%7Ea%2fb", "/~a%2Fb");
        check("//%C3%A9", "/%C3%A9");
        check("//é", "/%EF%BF%BD");
        check("//a?é", "/a?é");
    }

    #[test]
    fn places_that_are_followed_within_a_sample_are_normalised() {
        let check = |url: &str, expected: &str| assert_eq!(normalised(url), expected, "{url}");
        check("http://h:1/a/./b/%2e%2e/c?d/../e", "http://h:1/a/c?d/../e");
        check("http://h/..", "http://h/");
        check("http://h?q", "http://h/?q");
        check("http://h/a//%7Eb", "http://h/a//~b");
    }

    #[test]
    fn bytes_of_a_location_are_escaped_in_its_path() {
        let check = |location: &str, expected: &str| {
            assert_eq!(with_bytes_escaped(location), expected);
        };
        check("/caf\u{c3}\u{a9}/%C3?q=\u{e9}", "/caf%C3%A9/%C3?q=\u{e9}");
        check("/a?q=\u{e9}", "/a?q=\u{e9}");
    }

    #[test]
    fn what_pages_name_is_normalised() {
        let check = |url: &str, expected: &str| {
            assert_eq!(normalised_as_java(url.to_owned()), expected, "{url}");
        };
        check("http://h//a///b//?x=//", "http://h/a/b/?x=//");
        check("http://h/a/./b/../c/..", "http://h/a/");
        check("http://h/../a", "http://h/../a");
        check("http://h/.", "http://h/");
        check("http://h/a.b", "http://h/a.b");
        check("http://h", "http://h");
    }
}
