//! Listening to results: what a listener is, and how results are made for it from outcomes.
//!
//! Without a listener nothing here runs. Source: JMeter 5.6.3, `SampleResult`, `HTTPSampleResult`,
//! `HTTPHC4Impl` for the sizes of heads and kinds of data, `JMeterThread` for who hears what.
//!
//! Not here: files and their formats, dashboards.

use std::borrow::Cow;
use std::sync::Arc;

use loadline_events::{ErrorKind, Sample, SampleResult};
use loadline_plan::program::{KeptParts, OutputId, Program, SamplerKind};
use loadline_units::RunTime;

use crate::auto_stop::AutoStopWatch;
use crate::charset::decoded;
use crate::coordination::Coordination;
use crate::result_view::{charset, cookie_line, hides_status, non_http_message, request_data};
use crate::{Outcome, Response, SampleError, UserIdentity, Variables};

/// Hears the results of one engine thread: of each sampler and transaction, in the order in which
/// they end. What belongs to another result (samples of a parent transaction, redirects, embedded
/// resources) comes within it. Samples of a parent transaction come by themselves, too, for
/// listeners below it that do not hear the transaction.
///
/// Called on the engine's own thread: it must not block, wait for a lock or touch a disk.
pub trait ResultListener: 'static {
    /// Takes a result that `audience` hears.
    fn result(&self, result: &SampleResult, audience: Audience<'_>);
}

/// Who hears a result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Audience<'a> {
    /// Listeners of the whole plan, which stand beside its thread groups.
    pub whole_plan: bool,
    /// Result files of the plan's own listeners.
    pub outputs: &'a [OutputId],
}

/// Who listens to the results of a run, and to what of them.
#[derive(Clone)]
pub struct Listening {
    /// What listeners read.
    pub parts: ResultParts,
    /// The wall clock at run time 0, in microseconds since the Unix epoch.
    pub epoch_us: i64,
    /// Makes the listener of the engine thread with this index.
    pub listener: Arc<dyn Fn(usize) -> Box<dyn ResultListener> + Send + Sync>,
}

/// The parts of results that cost something and that listeners read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResultParts {
    /// Headers, request data and cookies.
    pub texts: bool,
    /// Bodies of answers.
    pub bodies: bool,
    /// Sub-results keep their own labels instead of the numbered one of their parent.
    pub keep_sub_labels: bool,
    /// Variables whose values come with each result.
    pub variables: Vec<String>,
}

impl ResultParts {
    /// What of an outcome results are made from.
    fn keeps(&self) -> KeptParts {
        KeptParts {
            body: self.bodies,
            response_headers: true,
            request: true,
        }
    }

    /// Lets the samplers of `program` keep what listeners read.
    pub(crate) fn widen(&self, program: &mut Program) {
        let wanted = self.keeps();
        let samplers = program
            .groups
            .iter_mut()
            .flat_map(|group| &mut group.samplers);
        for sampler in samplers {
            let keep = match &mut sampler.kind {
                SamplerKind::Http(request) => &mut Arc::make_mut(request).keep,
                SamplerKind::Debug { keep, .. } => {
                    // Its body is all that it has to be counted.
                    keep.body = true;
                    keep
                }
                SamplerKind::Script { keep, .. } => keep,
                SamplerKind::Dummy(dummy) => &mut dummy.keep,
                SamplerKind::Pause(_)
                | SamplerKind::Flow(_)
                | SamplerKind::Set(_)
                | SamplerKind::Parallel(_) => continue,
            };
            keep.body |= wanted.body;
            keep.response_headers |= wanted.response_headers;
            keep.request |= wanted.request;
        }
    }
}

/// The listener of one engine thread with what it needs to know of the run.
pub(crate) struct Ear {
    parts: ResultParts,
    epoch_us: i64,
    listener: Option<Box<dyn ResultListener>>,
    /// Ends the test by what it hears.
    watch: Option<AutoStopWatch>,
}

/// What all results of a user have in common at one instant.
pub(crate) struct Speaker<'a> {
    pub(crate) identity: &'a UserIdentity,
    pub(crate) variables: &'a Variables,
    pub(crate) coordination: &'a Coordination,
    /// Index of the user's thread group.
    pub(crate) group: usize,
}

impl Ear {
    /// The ear of the engine thread `worker`; run time 0 is `wall_start_us` unless who listens says
    /// otherwise.
    pub(crate) fn new(
        listening: Option<&Listening>,
        worker: usize,
        wall_start_us: i64,
        watch: Option<AutoStopWatch>,
    ) -> Self {
        Self {
            parts: listening.map_or_else(ResultParts::default, |one| one.parts.clone()),
            epoch_us: listening.map_or(wall_start_us, |one| one.epoch_us),
            listener: listening.map(|one| (one.listener)(worker)),
            watch,
        }
    }

    /// Hands a result to the listener and to AutoStops; these stand behind the files of `outputs`.
    fn tell(&self, result: &SampleResult, whole_plan: bool, outputs: &[OutputId]) {
        let files = outputs.partition_point(|id| id.auto_stop().is_none());
        let (outputs, stops) = outputs.split_at(files);
        if let Some(listener) = &self.listener
            && (whole_plan || !outputs.is_empty())
        {
            let audience = Audience {
                whole_plan,
                outputs,
            };
            listener.result(result, audience);
        }
        if let Some(watch) = &self.watch {
            watch.hear(result, stops, |at| self.wall_ms(at));
        }
    }

    /// Hands a result to the listener: it is heard by the whole plan's and those of `outputs`.
    pub(crate) fn hear(&self, result: &SampleResult, outputs: &[OutputId]) {
        self.tell(result, true, outputs);
    }

    /// Hands the result of a sample inside a parent transaction to the listeners of `outputs` that
    /// are not among those of the transaction, `parents`.
    pub(crate) fn hear_inside(
        &self,
        result: &SampleResult,
        outputs: &[OutputId],
        parents: &[OutputId],
    ) {
        let outputs = outputs.iter().filter(|id| !parents.contains(id));
        let outputs: Vec<OutputId> = outputs.copied().collect();
        if !outputs.is_empty() {
            self.tell(result, false, &outputs);
        }
    }

    /// The wall clock at `at`, in whole milliseconds since the Unix epoch.
    pub(crate) fn wall_ms(&self, at: RunTime) -> i64 {
        let run_us = i64::try_from(at.as_micros()).unwrap_or(i64::MAX);
        self.epoch_us.saturating_add(run_us).div_euclid(1000)
    }

    /// The result of an execution of the sampler `label`.
    pub(crate) fn result(
        &self,
        outcome: Outcome,
        label: &str,
        is_http: bool,
        speaker: &Speaker<'_>,
    ) -> SampleResult {
        let mut result = self.of_outcome(outcome, label, is_http, speaker);
        result.variables = self.values(speaker.variables);
        result
    }

    /// The values of the variables that are asked for.
    pub(crate) fn values(&self, variables: &Variables) -> Vec<Option<String>> {
        let names = self.parts.variables.iter();
        names
            .map(|name| variables.get_by_name(name).map(str::to_owned))
            .collect()
    }

    fn of_outcome(
        &self,
        outcome: Outcome,
        label: &str,
        is_http: bool,
        speaker: &Speaker<'_>,
    ) -> SampleResult {
        let started_ms = self.wall_ms(outcome.started);
        // As instants are cut, so are those within a sample.
        let until = |micros: u32| match micros {
            0 => 0,
            micros => self.wall_ms(outcome.started + micros_of(micros)) - started_ms,
        };
        let (code, message) = code_and_message(&outcome);
        let success = outcome.error.is_none();
        let mut result = SampleResult {
            is_http,
            label: label.to_owned(),
            started_ms,
            ended_ms: self.wall_ms(outcome.ended),
            latency_ms: until(outcome.first_byte_us),
            connect_ms: until(outcome.connect_us),
            code,
            message,
            success,
            received_bytes: outcome.received_bytes.into(),
            sent_bytes: outcome.sent_bytes.into(),
            sample_count: 1,
            error_count: u32::from(!success),
            ..SampleResult::default()
        };
        speaker.fill(&mut result);
        result.data_type = match outcome.status {
            _ if outcome.response.data_type().is_some() => {
                outcome.response.data_type().unwrap_or_default()
            }
            0 => TEXT,
            // A header without value says nothing else.
            _ if names_no_type(&outcome.response) => TEXT,
            _ => data_type(&outcome.response.content_type),
        }
        .to_owned();
        result.encoding = match charset(&outcome.response.content_type) {
            "" => None,
            name => Some(name.to_owned()),
        };
        result.children = self.sub_results(&mut result, outcome.sub_samples.into_inner(), speaker);
        result.assertions = outcome.assertions.into_inner();
        self.describe(&mut result, outcome.response.into_inner());
        result
    }

    /// The results of `samples`; their heads are part of the parent's.
    fn sub_results(
        &self,
        parent: &mut SampleResult,
        samples: Vec<crate::SubSample>,
        speaker: &Speaker<'_>,
    ) -> Vec<SampleResult> {
        let mut results = Vec::with_capacity(samples.len());
        for sample in samples {
            let url = sample.outcome.response.url.clone();
            let label = if self.parts.keep_sub_labels {
                &url
            } else {
                &sample.label
            };
            // What has no address was no request, but made by a script, which has added it up, or the list of a
            // Debug PostProcessor, which JMeter counts among the bytes of the whole.
            let is_http = !url.is_empty();
            let is_list = !is_http && sample.outcome.response.data_type().is_none();
            let result = self.of_outcome(sample.outcome, label, is_http, speaker);
            if is_list {
                parent.received_bytes += result.received_bytes;
            }
            parent.header_bytes += result.header_bytes;
            results.push(result);
        }
        results
    }

    /// Fills in what request and answer say.
    fn describe(&self, result: &mut SampleResult, response: Response) {
        // A page has a head of its own beside those of what it embeds; a followed redirect has not.
        let of_children: u64 = (result.children.iter())
            .map(|child| child.received_bytes)
            .sum();
        let own = result.received_bytes.saturating_sub(of_children);
        if !result.is_http {
            result.received_bytes = result.received_bytes.max(response.body.len() as u64);
            result.encoding = Some("UTF-8".to_owned());
        }
        result.header_bytes += head_bytes(&response.headers).min(own);
        result.body_bytes = result.received_bytes.saturating_sub(result.header_bytes);
        if self.parts.texts {
            let lines = String::from_utf8_lossy(&response.request_headers);
            result.request_headers = without_cookies(&lines);
            result.cookies = cookie_line(&lines).unwrap_or_default().to_owned();
            result.query = String::from_utf8_lossy(&response.request_body).into_owned();
            result.sampler_data = if result.is_http {
                request_data(&response)
            } else {
                result.query.clone()
            };
            result.response_headers = String::from_utf8_lossy(&response.headers).into_owned();
            if is_redirect(status_of(&result.response_headers), &response.method) {
                result.redirect = header(&result.response_headers, "location").map(str::to_owned);
            }
            // A redirect that was followed is the last answer, with these of the first.
            if own == 0
                && let Some(first) = result.children.first()
            {
                result.cookies.clone_from(&first.cookies);
                result.redirect.clone_from(&first.redirect);
            }
        }
        result.method = response.method.into();
        result.url = (!response.url.is_empty()).then(|| response.url.into());
        if self.parts.bodies {
            result.response_data = match &result.encoding {
                Some(name) if result.data_type == TEXT => in_utf8(response.body, name),
                _ => response.body,
            };
        }
    }
}

impl Speaker<'_> {
    /// Fills in who made the result, and how many were running.
    pub(crate) fn fill(&self, result: &mut SampleResult) {
        let UserIdentity {
            group_name,
            group_number,
            thread_number,
            ..
        } = self.identity;
        result.thread_name = format!("{group_name} {group_number}-{thread_number}");
        result.group_threads = self.coordination.groups[self.group].count();
        result.all_threads = self.coordination.all.count();
    }
}

/// The result of a `sample` that was cut off by the end of the run: JMeter closes its socket.
pub(crate) fn aborted(
    ear: &Ear,
    sample: &Sample,
    label: &str,
    speaker: &Speaker<'_>,
) -> SampleResult {
    let started = sample.intended + micros_of(sample.start_delay_us);
    let outcome = Outcome {
        started,
        ended: sample.ended(),
        error: Some(
            SampleError {
                kind: ErrorKind::Aborted,
                code: "Non HTTP response code: java.net.SocketException".into(),
                message: "Non HTTP response message: Socket closed".into(),
            }
            .into(),
        ),
        ..Outcome::default()
    };
    ear.result(outcome, label, true, speaker)
}

/// JMeter's `SampleResult.TEXT` and `BINARY`.
const TEXT: &str = "text";
const BINARY: &str = "bin";

fn micros_of(micros: u32) -> std::time::Duration {
    std::time::Duration::from_micros(micros.into())
}

/// Response code and message.
fn code_and_message(outcome: &Outcome) -> (String, String) {
    match &outcome.error {
        Some(error) if hides_status(error) => {
            (error.code.to_string(), non_http_message(error).into_owned())
        }
        _ if outcome.status == 0 => {
            let code = outcome.response.code().unwrap_or_default();
            (code.to_owned(), outcome.response.message.to_string())
        }
        _ => (
            outcome.status.to_string(),
            outcome.response.message.to_string(),
        ),
    }
}

/// What kind of data a content type says that a body is.
pub(crate) fn data_type(content_type: &str) -> &'static str {
    const TEXT_ALL_THE_SAME: [&str; 4] = [
        "image/svg+xml",
        "audio/x-mpegurl",
        "audio/mpegurl",
        "video/f4m",
    ];
    let is = |start: &&str| content_type.starts_with(*start);
    if content_type.is_empty() {
        ""
    } else if ["image/", "audio/", "video/"].iter().any(is) && !TEXT_ALL_THE_SAME.iter().any(is) {
        BINARY
    } else {
        TEXT
    }
}

/// Whether the answer has a `Content-Type` that is empty.
fn names_no_type(response: &Response) -> bool {
    response.content_type.is_empty()
        && header(&String::from_utf8_lossy(&response.headers), "content-type").is_some()
}

/// A text in the charset `name` as UTF-8.
fn in_utf8(body: Vec<u8>, name: &str) -> Vec<u8> {
    let text = match decoded(&body, name) {
        Some(Cow::Owned(text)) => text,
        Some(Cow::Borrowed(_)) | None => return body,
    };
    text.into_bytes()
}

/// The status in the first of a head's `lines`; empty without one.
fn status_of(lines: &str) -> &str {
    let line = lines.lines().next().unwrap_or_default();
    line.split(' ').nth(1).unwrap_or_default()
}

/// Bytes on the wire of the head whose `lines` end in `\n` alone: one for each letter, a `\r` for each
/// line, and the empty line.
pub(crate) fn head_bytes(lines: &[u8]) -> u64 {
    if lines.is_empty() {
        return 0;
    }
    let returns = lines.iter().filter(|&&byte| byte == b'\n').count();
    let begins_letter = |byte: &&u8| **byte & 0xC0 != 0x80;
    (lines.iter().filter(begins_letter).count() + returns + 2) as u64
}

fn is_redirect(code: &str, method: &str) -> bool {
    matches!(code, "301" | "302" | "303" | "308")
        || code == "307" && matches!(method, "GET" | "HEAD")
}

/// Value of the first header `name` among `lines`.
fn header<'l>(lines: &'l str, name: &str) -> Option<&'l str> {
    lines.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

pub(crate) fn without_cookies(lines: &str) -> String {
    let is_cookie = |line: &&str| {
        let name = line.split(':').next().unwrap_or_default();
        name.eq_ignore_ascii_case("cookie")
    };
    let others = lines.split_inclusive('\n').filter(|line| !is_cookie(line));
    others.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_data_are_told_by_the_content_type() {
        for (content_type, kind) in [
            ("", ""),
            ("text/html; charset=UTF-8", "text"),
            ("application/octet-stream", "text"),
            ("image/png", "bin"),
            ("image/svg+xml", "text"),
            ("video/mp4", "bin"),
        ] {
            assert_eq!(data_type(content_type), kind, "{content_type}");
        }
    }

    #[test]
    fn heads_are_counted_as_on_the_wire() {
        assert_eq!(head_bytes(b""), 0);
        let wire = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
        assert_eq!(
            head_bytes(b"HTTP/1.1 200 OK\nContent-Length: 2\n"),
            wire.len() as u64
        );
    }

    #[test]
    fn request_headers_are_shown_without_cookies() {
        assert_eq!(
            without_cookies("Host: h\nCookie: a=b\nX: y\n"),
            "Host: h\nX: y\n"
        );
    }

    #[test]
    fn a_failure_within_the_answer_hides_its_status() {
        let outcome = Outcome {
            status: 200,
            error: Some(
                crate::SampleError {
                    kind: ErrorKind::Closed,
                    code: "Non HTTP response code: x".into(),
                    message: "why".into(),
                }
                .into(),
            ),
            ..Outcome::default()
        };
        let told = code_and_message(&outcome);
        assert_eq!(
            told,
            (
                "Non HTTP response code: x".into(),
                "Non HTTP response message: why".into()
            )
        );
    }
}
