//! One request as the recording server got it, and the text by which requests are compared.
//!
//! The text leaves out only what has to differ between two runs of one plan: the server's port, the
//! Java version in `User-Agent` and the boundary of a multipart body.

use std::time::Duration;

/// A request in the order, case and bytes of the wire.
#[derive(Clone, Debug)]
pub struct Request {
    /// Since the recorder's start, when the request was complete.
    pub at: Duration,
    /// Number of the connection, from 1 in the order of acceptance.
    pub connection: usize,
    /// As sent.
    pub method: String,
    /// Path and query as sent.
    pub target: String,
    /// In order and in their own case.
    pub headers: Vec<(String, String)>,
    /// Without transfer coding.
    pub body: Vec<u8>,
}

impl Request {
    /// The value of a header; names are compared without case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Request line, headers and body as lines of text, with the server at `port` called `SERVER`.
    #[must_use]
    pub fn text(&self, port: u16) -> String {
        let boundary = self.boundary();
        let mut text = format!("{} {}\n", self.method, self.target);
        for (name, value) in &self.headers {
            let value = match (name.to_ascii_lowercase().as_str(), boundary) {
                ("user-agent", _) => without_version(value).to_owned(),
                ("content-length", Some(boundary)) => self.length_without(boundary),
                _ => value.clone(),
            };
            text.push_str(&format!("{name}: {value}\n"));
        }
        if !self.body.is_empty() {
            text.push('\n');
            text.push_str(&printable(&self.body));
        }
        if let Some(boundary) = boundary {
            text = text.replace(boundary, "BOUNDARY");
        }
        with_server_named(&text, port)
    }

    fn boundary(&self) -> Option<&str> {
        let parameters = self.header("content-type")?.strip_prefix("multipart/")?;
        let value = parameters.split("boundary=").nth(1)?;
        value.split(';').next().filter(|value| !value.is_empty())
    }

    /// The length of the body with boundaries counted as `BOUNDARY`.
    fn length_without(&self, boundary: &str) -> String {
        let body = String::from_utf8_lossy(&self.body);
        let spare = body.matches(boundary).count() * boundary.len();
        let named = body.matches(boundary).count() * "BOUNDARY".len();
        (self.body.len() + named - spare).to_string()
    }
}

/// The name of a client without the version of Java.
#[must_use]
pub(crate) fn without_version(agent: &str) -> &str {
    if agent.starts_with("Java/") {
        return "Java";
    }
    agent.split(" (Java/").next().unwrap_or(agent)
}

/// Addresses of the server at `port` are written `SERVER`.
#[must_use]
pub fn with_server_named(text: &str, port: u16) -> String {
    text.replace(&format!("127.0.0.1:{port}"), "SERVER")
        .replace(&format!("localhost:{port}"), "LOCALHOST")
        .replace(&port.to_string(), "PORT")
}

/// Text as it is; bytes that are no text, and control characters, as escapes.
pub(crate) fn printable(body: &[u8]) -> String {
    let mut text = String::new();
    for chunk in body.utf8_chunks() {
        for letter in chunk.valid().chars() {
            match letter {
                '\n' | '\t' => text.push(letter),
                '\r' => text.push_str("\\r"),
                _ if letter.is_control() => text.push_str(&format!("\\x{:02x}", letter as u32)),
                _ => text.push(letter),
            }
        }
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&str, &str)], body: &str) -> Request {
        Request {
            at: Duration::ZERO,
            connection: 1,
            method: "POST".to_owned(),
            target: "/a?b=1".to_owned(),
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn the_text_names_the_server_and_leaves_the_java_version_out() {
        let agent = "Apache-HttpClient/4.5.14 (Java/17.0.15)";
        let request = request(
            &[("Host", "127.0.0.1:4711"), ("User-Agent", agent)],
            "x\r\n",
        );
        assert_eq!(
            request.text(4711),
            "POST /a?b=1\nHost: SERVER\nUser-Agent: Apache-HttpClient/4.5.14\n\nx\\r\n"
        );
    }

    #[test]
    fn two_boundaries_give_the_same_text() {
        let text = |boundary: &str| {
            let kind = format!("multipart/form-data; boundary={boundary}; charset=UTF-8");
            let body = format!("--{boundary}\r\nx\r\n--{boundary}--\r\n");
            let length = body.len().to_string();
            request(
                &[("Content-Type", &kind), ("Content-Length", &length)],
                &body,
            )
            .text(1)
        };
        assert_eq!(text("abcdefgh-1234567890"), text("ZZZZ"));
    }
}
