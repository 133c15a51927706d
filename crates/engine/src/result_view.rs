//! What extractors and assertions read of a sample's result: its parts as texts.
//!
//! Texts are made when first asked for and kept as long as the view, so several processors of one
//! sample decode and parse its body once.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt::Write as _;

use loadline_events::ErrorKind;
use loadline_plan::ResponseField;
use loadline_script::unescape_html;
use scraper::Html;

use crate::charset::decoded;
use crate::extract::{JsonError, JsonNode, parse_json};
use crate::{Outcome, Response, SampleError};

/// A result, as its processors see it.
#[derive(Debug)]
pub struct ResultView<'a> {
    outcome: &'a Outcome,
    body: OnceCell<Cow<'a, str>>,
    json: OnceCell<Result<JsonNode, JsonError>>,
    html: OnceCell<Html>,
    sub_results: OnceCell<Vec<ResultView<'a>>>,
}

impl<'a> ResultView<'a> {
    /// A view of `outcome`. Costs nothing until something is asked for.
    #[must_use]
    pub fn new(outcome: &'a Outcome) -> Self {
        Self {
            outcome,
            body: OnceCell::new(),
            json: OnceCell::new(),
            html: OnceCell::new(),
            sub_results: OnceCell::new(),
        }
    }

    /// The result itself.
    #[must_use]
    pub fn outcome(&self) -> &'a Outcome {
        self.outcome
    }

    /// Views of the sub-samples, in order.
    #[must_use]
    pub fn sub_results(&self) -> &[ResultView<'a>] {
        self.sub_results.get_or_init(|| {
            let sub_samples = self.outcome.sub_samples.iter();
            sub_samples
                .map(|sub| ResultView::new(&sub.outcome))
                .collect()
        })
    }

    /// The body as text, in the charset of its content type, UTF-8 without one that is known. Without an answer it
    /// is the failure's message, as JMeter has the stack trace there.
    #[must_use]
    pub fn body(&self) -> &str {
        self.body.get_or_init(|| {
            let response = &self.outcome.response;
            match &self.outcome.error {
                Some(error) if self.outcome.status == 0 && response.body.is_empty() => {
                    Cow::Borrowed(&*error.message)
                }
                _ => decoded(&response.body, charset(&response.content_type))
                    .unwrap_or_else(|| String::from_utf8_lossy(&response.body)),
            }
        })
    }

    /// The body as JSON, by the permissive grammar of JMeter's library.
    ///
    /// # Errors
    ///
    /// [`JsonError`] when it is none.
    pub fn json(&self) -> Result<&JsonNode, &JsonError> {
        self.json.get_or_init(|| parse_json(self.body())).as_ref()
    }

    /// The body as HTML; anything is some.
    pub(crate) fn html(&self) -> &Html {
        self.html.get_or_init(|| Html::parse_document(self.body()))
    }

    /// One part as text; empty when it was not kept or there is none.
    #[must_use]
    pub fn field(&self, field: ResponseField) -> Cow<'_, str> {
        let response = &self.outcome.response;
        match field {
            ResponseField::Body => Cow::Borrowed(self.body()),
            ResponseField::UnescapedBody => unescape_html(self.body()),
            ResponseField::ResponseHeaders => String::from_utf8_lossy(&response.headers),
            ResponseField::RequestHeaders => String::from_utf8_lossy(&response.request_headers),
            ResponseField::RequestData => Cow::Owned(request_data(response)),
            ResponseField::Url => Cow::Borrowed(&response.url),
            ResponseField::Code => self.code(),
            ResponseField::Message => self.message(),
        }
    }

    /// JMeter's response code: the status, or the name of the failure without an answer.
    #[must_use]
    pub fn code(&self) -> Cow<'_, str> {
        match &self.outcome.error {
            Some(error) if self.outcome.status == 0 || hides_status(error) => {
                Cow::Borrowed(&*error.code)
            }
            _ if self.outcome.status == 0 => {
                Cow::Borrowed(self.outcome.response.code().unwrap_or_default())
            }
            _ => Cow::Owned(self.outcome.status.to_string()),
        }
    }

    /// JMeter's response message: the reason phrase, or what happened without an answer.
    #[must_use]
    pub fn message(&self) -> Cow<'_, str> {
        match &self.outcome.error {
            Some(error) if self.outcome.status == 0 || hides_status(error) => {
                non_http_message(error)
            }
            _ => Cow::Borrowed(&*self.outcome.response.message),
        }
    }
}

/// Whether a failure is one within the answer, which JMeter throws away with its status.
pub(crate) fn hides_status(error: &SampleError) -> bool {
    !matches!(error.kind, ErrorKind::Status | ErrorKind::Assertion)
}

/// How JMeter's messages begin where there is no answer.
const NON_HTTP: &str = "Non HTTP response message: ";

/// JMeter's message for what happened without an answer.
pub(crate) fn non_http_message(error: &SampleError) -> Cow<'_, str> {
    let is_of_jmeter = error.code.starts_with("Non HTTP response code: ");
    if !is_of_jmeter || error.message.starts_with(NON_HTTP) {
        return Cow::Borrowed(&*error.message);
    }
    Cow::Owned(format!("{NON_HTTP}{}", error.message))
}

/// Method, URL, body and cookies, laid out as by JMeter's `HTTPSampleResult`.
pub(crate) fn request_data(response: &Response) -> String {
    let mut data = String::new();
    if response.method.is_empty() && response.url.is_empty() {
        return data;
    }
    let method = &response.method;
    // Writing to a string cannot fail.
    let _ = writeln!(data, "{method} {}", response.url);
    // JMeter shows the data of methods that need not have any, too.
    if !matches!(&**method, "HEAD" | "OPTIONS" | "TRACE") {
        let body = String::from_utf8_lossy(&response.request_body);
        let _ = write!(data, "\n{method} data:\n{body}\n");
    }
    let headers = String::from_utf8_lossy(&response.request_headers);
    match cookie_line(&headers) {
        Some(cookies) => {
            let _ = writeln!(data, "\nCookie Data:\n{cookies}");
        }
        None => data.push_str("\n[no cookies]\n"),
    }
    data
}

/// Value of the `Cookie` header among `lines`.
pub(crate) fn cookie_line(lines: &str) -> Option<&str> {
    lines.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("cookie").then(|| value.trim())
    })
}

/// The charset of a content type, without quotes; empty without one.
pub(crate) fn charset(content_type: &str) -> &str {
    content_type
        .split(';')
        .skip(1)
        .find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim()
                .eq_ignore_ascii_case("charset")
                .then(|| value.trim().trim_matches('"'))
        })
        .unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(response: Response) -> Outcome {
        Outcome {
            status: 200,
            response: response.into(),
            ..Outcome::default()
        }
    }

    #[test]
    fn bodies_are_decoded_by_their_charset() {
        let body = |bytes: &[u8], content_type: &str| {
            let outcome = answered(Response {
                body: bytes.to_vec(),
                content_type: content_type.into(),
                ..Response::default()
            });
            ResultView::new(&outcome).body().to_owned()
        };
        assert_eq!(body("é".as_bytes(), "text/html"), "é");
        assert_eq!(body(b"\xe9", "text/html; charset=ISO-8859-1"), "é");
        assert_eq!(body(b"\x80", "text/html; Charset=\"windows-1252\""), "€");
        assert_eq!(body(b"\x82\xa0", "text/plain; charset=Shift_JIS"), "あ");
        assert_eq!(body(b"a\xff", "text/plain; charset=unknown"), "a\u{fffd}");
    }

    #[test]
    fn failure_without_answer_stands_for_code_message_and_body() {
        let outcome = Outcome {
            error: Some(
                SampleError {
                    kind: ErrorKind::Connect,
                    code: "Non HTTP response code: java.net.ConnectException".into(),
                    message: "connection refused".into(),
                }
                .into(),
            ),
            ..Outcome::default()
        };
        let view = ResultView::new(&outcome);
        assert_eq!(
            view.field(ResponseField::Code),
            "Non HTTP response code: java.net.ConnectException"
        );
        assert_eq!(
            view.field(ResponseField::Message),
            "Non HTTP response message: connection refused"
        );
        assert_eq!(view.field(ResponseField::Body), "connection refused");
    }

    #[test]
    fn request_data_has_method_url_body_and_cookies() {
        let outcome = answered(Response {
            method: "POST".into(),
            url: "http://a/b".into(),
            request_headers: b"Host: a\nCookie: x=1; y=2\n".to_vec(),
            request_body: b"q=1".to_vec(),
            ..Response::default()
        });
        assert_eq!(
            ResultView::new(&outcome).field(ResponseField::RequestData),
            "POST http://a/b\n\nPOST data:\nq=1\n\nCookie Data:\nx=1; y=2\n"
        );
        let outcome = answered(Response {
            method: "GET".into(),
            url: "http://a/".into(),
            ..Response::default()
        });
        assert_eq!(
            ResultView::new(&outcome).field(ResponseField::RequestData),
            "GET http://a/\n\nGET data:\n\n\n[no cookies]\n"
        );
    }
}
