//! What the recording server answers: a function of the request alone, so that two programs that
//! send the same get the same.
//!
//! The first segment of the path chooses the rule; `oracle/plans/README.md` lists them for authors
//! of plans. A path without a rule gets a JSON document with fields that plans like to extract.

use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use md5::{Digest, Md5};

use crate::request::Request;

/// The longest delay that a path can ask for.
const LONGEST_DELAY: Duration = Duration::from_secs(10);

/// A response and what happens to the connection.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    chunked: bool,
    has_body: bool,
    pub(crate) delay: Duration,
    pub(crate) ending: Ending,
}

/// What follows an answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ending {
    KeepAlive,
    /// Announced by `Connection: close`.
    Close,
    /// Closed after half of the announced body.
    CutShort,
    /// Closed without an answer.
    NoAnswer,
}

impl Answer {
    /// A response with a body.
    pub(crate) fn of(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("Content-Type".to_owned(), content_type.to_owned())],
            body: body.into(),
            chunked: false,
            has_body: true,
            delay: Duration::ZERO,
            ending: Ending::KeepAlive,
        }
    }

    fn empty(status: u16) -> Self {
        let mut answer = Self::of(status, "", "");
        answer.headers.clear();
        answer.has_body = !matches!(status, 100..=199 | 204 | 304);
        answer
    }

    fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    fn ending(mut self, ending: Ending) -> Self {
        self.ending = ending;
        self
    }

    /// The response on the wire.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if self.ending == Ending::Close {
            head.push_str("Connection: close\r\n");
        }
        if self.chunked {
            head.push_str("Transfer-Encoding: chunked\r\n");
        } else if self.has_body || self.status == 200 {
            let announced = match self.ending {
                Ending::CutShort => self.body.len() * 2,
                _ => self.body.len(),
            };
            head.push_str(&format!("Content-Length: {announced}\r\n"));
        }
        let mut bytes = (head + "\r\n").into_bytes();
        if self.has_body && self.chunked {
            for piece in self.body.chunks(7) {
                bytes.extend(format!("{:x}\r\n", piece.len()).as_bytes());
                bytes.extend(piece);
                bytes.extend(b"\r\n");
            }
            bytes.extend(b"0\r\n\r\n");
        } else if self.has_body {
            bytes.extend(&self.body);
        }
        bytes
    }
}

/// The answer to a request.
pub(crate) fn answer(request: &Request) -> Answer {
    if request.method == "CONNECT" {
        return tunnel(request);
    }
    let target = without_server(&request.target);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let mut answer = by_rule(request, &segments, query)
        .unwrap_or_else(|| Answer::of(200, "application/json", document(path)));
    if request.method == "HEAD" {
        // The length of what a GET would have brought is announced, and nothing follows.
        answer.has_body = false;
    }
    answer
}

/// The path and what follows it, also of a target that a proxy is told.
fn without_server(target: &str) -> &str {
    match target.strip_prefix("http://") {
        Some(rest) => rest.find('/').map_or("/", |start| &rest[start..]),
        None => target,
    }
}

/// The answer of a proxy that leads nowhere: it asks for credentials on the way to `basic.test`.
fn tunnel(request: &Request) -> Answer {
    if request.target.starts_with("basic.test") {
        let answer = proxy_basic(request, "user", "password");
        if answer.status != 200 {
            return answer;
        }
    }
    Answer::of(403, "text/plain", "no way")
}

fn by_rule(request: &Request, segments: &[&str], query: &str) -> Option<Answer> {
    let second = segments.get(1).copied().unwrap_or_default();
    let number = second.parse::<u64>().unwrap_or(0);
    Some(match *segments.first()? {
        "status" => match u16::try_from(number).unwrap_or(500) {
            status @ (204 | 304) => Answer::empty(status),
            status => Answer::of(status, "text/plain", format!("status {status}")),
        },
        "redirect" if number > 0 => {
            let code = value(query, "code").and_then(|code| code.parse().ok());
            let next = format!("/redirect/{}", number - 1);
            let rest = if query.is_empty() {
                String::new()
            } else {
                format!("?{query}")
            };
            Answer::empty(code.unwrap_or(302)).header("Location", next + &rest)
        }
        "redirect" => Answer::of(200, "text/plain", "arrived"),
        "redirect-to" => {
            let code = value(query, "code").and_then(|code| code.parse().ok());
            let answer = Answer::of(code.unwrap_or(302), "text/plain", "moved");
            match value(query, "to") {
                Some(to) => answer.header("Location", to.replace("SERVER", &host(request))),
                None => answer,
            }
        }
        "cookies" => pairs(query).into_iter().fold(
            Answer::of(200, "text/plain", "cookies"),
            |answer, (name, value)| match second {
                // `/cookies/raw?=...`: the whole header as it is given.
                "raw" => answer.header("Set-Cookie", value),
                _ => answer.header("Set-Cookie", format!("{name}={value}; Path=/")),
            },
        ),
        "delay" => {
            let mut answer = Answer::of(200, "text/plain", "late");
            answer.delay = Duration::from_millis(number).min(LONGEST_DELAY);
            answer
        }
        "gzip" => Answer::of(200, "text/plain", gzip(b"a body that was compressed"))
            .header("Content-Encoding", "gzip"),
        "chunked" => {
            let mut answer = Answer::of(200, "text/plain", "a body that comes in pieces");
            answer.chunked = true;
            answer
        }
        "bytes" => {
            let length = usize::try_from(number).unwrap_or(0).min(1 << 20);
            let body: Vec<u8> = (0..length).map(|index| b'a' + (index % 26) as u8).collect();
            Answer::of(200, "application/octet-stream", body)
        }
        "json" => Answer::of(200, "application/json", JSON),
        "html" => Answer::of(200, "text/html; charset=utf-8", HTML),
        "xml" => Answer::of(200, "application/xml", XML),
        "text" => Answer::of(200, "text/plain", TEXT),
        "image" => Answer::of(200, "image/png", [0x89, b'P', b'N', b'G', 0, 1, 2, 3]),
        "style.css" => Answer::of(200, "text/css", "body { background: url(/image/css.png) }"),
        "latin1" => Answer::of(
            200,
            "text/plain; charset=ISO-8859-1",
            [b'c', b'a', b'f', 0xe9],
        ),
        "etag" => validated(request, "If-None-Match", "ETag", &format!("\"{second}\"")),
        "modified" => {
            let day = "Wed, 01 Jan 2020 00:00:00 GMT";
            validated(request, "If-Modified-Since", "Last-Modified", day)
        }
        "fresh" => Answer::of(200, "text/plain", "fresh").header("Cache-Control", "max-age=600"),
        "no-store" => Answer::of(200, "text/plain", "secret").header("Cache-Control", "no-store"),
        "basic" => basic(
            request,
            second,
            segments.get(2).copied().unwrap_or_default(),
        ),
        "proxy-basic" => proxy_basic(
            request,
            second,
            segments.get(2).copied().unwrap_or_default(),
        ),
        "digest" => digest(
            request,
            second,
            segments.get(2).copied().unwrap_or_default(),
        ),
        "echo" => {
            let content_type = request.header("content-type").unwrap_or("text/plain");
            Answer::of(200, content_type, request.body.clone())
        }
        "close" => Answer::of(200, "text/plain", "bye").ending(Ending::Close),
        "drop" => Answer::empty(200).ending(Ending::NoAnswer),
        "cut" => Answer::of(200, "text/plain", "half of it").ending(Ending::CutShort),
        "say" => said(query),
        _ => return None,
    })
}

/// `/say?status=..&type=..&body=..&header=Name: value`: every part is optional.
fn said(query: &str) -> Answer {
    let status = value(query, "status").and_then(|status| status.parse().ok());
    let content_type = value(query, "type").unwrap_or_else(|| "text/plain".to_owned());
    let body = value(query, "body").unwrap_or_default();
    let headers = pairs(query)
        .into_iter()
        .filter(|(name, _)| name == "header");
    headers.fold(
        Answer::of(status.unwrap_or(200), &content_type, body),
        |answer, (_, header)| match header.split_once(": ") {
            Some((name, value)) => answer.header(name, value),
            None => answer,
        },
    )
}

fn validated(request: &Request, condition: &str, validator: &str, value: &str) -> Answer {
    if request.header(condition) == Some(value) {
        Answer::empty(304).header(validator, value)
    } else {
        Answer::of(200, "text/plain", "validated").header(validator, value)
    }
}

fn basic(request: &Request, user: &str, password: &str) -> Answer {
    let given = request.header("authorization").unwrap_or_default();
    if given == format!("Basic {}", base64(format!("{user}:{password}").as_bytes())) {
        Answer::of(200, "text/plain", "welcome")
    } else {
        Answer::of(401, "text/plain", "who are you?")
            .header("WWW-Authenticate", "Basic realm=\"oracle\"")
    }
}

/// The same as a proxy asks for it.
fn proxy_basic(request: &Request, user: &str, password: &str) -> Answer {
    let given = request.header("proxy-authorization").unwrap_or_default();
    if given == format!("Basic {}", base64(format!("{user}:{password}").as_bytes())) {
        Answer::of(200, "text/plain", "welcome")
    } else {
        Answer::of(407, "text/plain", "who are you?")
            .header("Proxy-Authenticate", "Basic realm=\"proxy\"")
    }
}

/// Digest authentication with a nonce that never changes: RFC 2617 with `qop=auth`.
fn digest(request: &Request, user: &str, password: &str) -> Answer {
    const CHALLENGE: &str =
        "Digest realm=\"oracle\", nonce=\"0123456789abcdef\", qop=\"auth\", algorithm=MD5";
    let given = request.header("authorization").unwrap_or_default();
    let field = |name: &str| {
        let fields = given.strip_prefix("Digest ").unwrap_or_default().split(',');
        let mut fields = fields.filter_map(|field| field.trim().split_once('='));
        fields
            .find(|(own, _)| *own == name)
            .map(|(_, value)| value.trim_matches('"').to_owned())
            .unwrap_or_default()
    };
    let secret = md5_hex(&format!("{user}:oracle:{password}"));
    let subject = md5_hex(&format!("{}:{}", request.method, field("uri")));
    let expected = md5_hex(&format!(
        "{secret}:0123456789abcdef:{}:{}:auth:{subject}",
        field("nc"),
        field("cnonce")
    ));
    if field("response") == expected {
        Answer::of(200, "text/plain", "welcome")
    } else {
        Answer::of(401, "text/plain", "who are you?").header("WWW-Authenticate", CHALLENGE)
    }
}

fn host(request: &Request) -> String {
    request.header("host").unwrap_or_default().to_owned()
}

fn md5_hex(text: &str) -> String {
    Md5::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let mut bits = 0_u32;
        for index in 0..3 {
            bits = bits << 8 | u32::from(group.get(index).copied().unwrap_or(0));
        }
        for index in 0..4 {
            let letter = ALPHABET[(bits >> (18 - 6 * index) & 63) as usize];
            text.push(if index <= group.len() {
                char::from(letter)
            } else {
                '='
            });
        }
    }
    text
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(body).and_then(|()| encoder.finish());
    written.expect("writing to memory does not fail")
}

fn pairs(query: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

fn value(query: &str, name: &str) -> Option<String> {
    let found = pairs(query).into_iter().find(|(own, _)| own == name);
    found.map(|(_, value)| value)
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        407 => "Proxy Authentication Required",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Other",
    }
}

/// What a path without a rule gets.
fn document(path: &str) -> String {
    format!(
        "{{\"path\":\"{path}\",\"id\":7,\"token\":\"t-0815\",\"access_token\":\"a-4711\",\
         \"totalRecords\":2,\"status\":\"ok\",\"items\":[{{\"id\":\"i-1\",\"name\":\"one\"}},\
         {{\"id\":\"i-2\",\"name\":\"two\"}}]}}"
    )
}

const JSON: &str = r#"{"id":7,"name":"first","price":12.50,"big":1e10,"ok":true,"none":null,"text":"a \"quoted\" / text","items":[{"id":1,"tag":"x"},{"id":2,"tag":"y"},{"id":3,"tag":"x"}],"nested":{"deep":{"value":"found"}},"list":["a","b","c"],"empty":[]}"#;

const HTML: &str = r#"<!DOCTYPE html>
<html><head><title>A page</title><link rel="stylesheet" href="/style.css"></head>
<body><h1 id="top">Head</h1><img src="/image/a.png"><img src="/image/b.png">
<form action="/login"><input type="hidden" name="csrf" value="c-123"><input name="user" value=""></form>
<a class="link" href="/first">First</a> <a class="link" href="/second?a=1&amp;b=2">Second</a>
<p>Price: 10 EUR</p><p>Price: 20 EUR</p><p>Price: 30 EUR</p>
<script src="/script.js"></script></body></html>
"#;

const XML: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<order id="o-1"><item sku="a">first</item><item sku="b">second</item><note><![CDATA[a < b]]></note><total currency="EUR">30.5</total></order>
"#;

const TEXT: &str = "name=alpha; code=100\nname=beta; code=200\nname=gamma; code=300\nend\n";

#[cfg(test)]
mod tests {
    use super::*;

    fn get(target: &str, headers: &[(&str, &str)]) -> String {
        let request = Request {
            at: Duration::ZERO,
            connection: 1,
            method: "GET".to_owned(),
            target: target.to_owned(),
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body: Vec::new(),
        };
        String::from_utf8_lossy(&answer(&request).bytes()).into_owned()
    }

    #[test]
    fn a_redirect_counts_down() {
        let first = get("/redirect/2?code=303", &[]);
        assert!(
            first.contains("303 See Other") && first.contains("Location: /redirect/1?code=303\r")
        );
        assert!(get("/redirect/0", &[]).ends_with("arrived"));
    }

    #[test]
    fn said_is_what_was_asked_for() {
        let answer = get("/say?status=418&type=text/x&header=A:+b&body=%3Cx%3E", &[]);
        assert_eq!(
            answer,
            "HTTP/1.1 418 Other\r\nContent-Type: text/x\r\nA: b\r\nContent-Length: 3\r\n\r\n<x>"
        );
    }

    #[test]
    fn a_known_validator_is_not_modified() {
        assert!(get("/etag/v1", &[]).contains("ETag: \"v1\"\r"));
        assert!(get("/etag/v1", &[("If-None-Match", "\"v1\"")]).starts_with("HTTP/1.1 304 "));
    }

    #[test]
    fn credentials_are_checked() {
        assert!(get("/basic/u/p", &[]).starts_with("HTTP/1.1 401 "));
        assert!(get("/basic/u/p", &[("Authorization", "Basic dTpw")]).starts_with("HTTP/1.1 200 "));
        assert!(get("/digest/u/p", &[("Authorization", "Digest x")]).starts_with("HTTP/1.1 401 "));
    }

    #[test]
    fn base64_pads() {
        assert_eq!(
            ["", "f", "fo", "foo"].map(|text| base64(text.as_bytes())),
            ["", "Zg==", "Zm8=", "Zm9v"]
        );
    }
}
