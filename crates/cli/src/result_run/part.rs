//! Results of a file as series, by themselves: what one thread makes of one chunk.

use std::collections::HashMap;

use loadline_events::{
    ErrorKind, LabelId, NetworkTimes, Sample, SampleFlags, SampleResult, StepId,
};
use loadline_jtl::{ReadError, ResultChunk};
use loadline_metrics::{Aggregator, ErrorKey, Label, SeriesDelta};
use loadline_units::RunTime;
use rustc_hash::{FxBuildHasher, FxHashSet};

use super::LONGEST_MS;
use super::outline::Outline;

/// Results of one part at most, so that each may have a label of its own.
const MOST_RESULTS: u32 = u16::MAX as u32;

/// Some results that follow each other, as series.
pub(super) struct Part {
    pub(super) outline: Outline,
    /// Labels in the order in which they come first; the series and messages have their indexes.
    pub(super) labels: Vec<Label>,
    pub(super) series: SeriesDelta,
    /// The first text of each class of failures that has any, in their order.
    pub(super) messages: Vec<(ErrorKey, String)>,
}

impl Part {
    /// The results of `chunk`, of a run whose first sample started at `first_ms`.
    ///
    /// # Errors
    ///
    /// Those of [`ResultChunk::read`].
    pub(super) fn all_of(chunk: &ResultChunk, first_ms: i64) -> Result<Vec<Part>, ReadError> {
        let mut parts = Vec::new();
        let mut collector = Collector::default();
        chunk.read(&mut |result| {
            collector.add(result, first_ms);
            if collector.results == MOST_RESULTS {
                parts.push(std::mem::take(&mut collector).finish());
            }
        })?;
        parts.push(collector.finish());
        Ok(parts)
    }
}

/// A part that is being made.
#[derive(Default)]
struct Collector {
    results: u32,
    outline: Outline,
    labels: Vec<Label>,
    /// Labels of samples, and of transactions.
    known: [HashMap<String, LabelId, FxBuildHasher>; 2],
    aggregator: Aggregator,
    messages: Vec<(ErrorKey, String)>,
    with_message: FxHashSet<ErrorKey>,
}

impl Collector {
    fn add(&mut self, result: &SampleResult, first_ms: i64) {
        self.results += 1;
        self.outline.add(result);
        let start_ms = result.started_ms.saturating_sub(first_ms);
        // One that is not in the run is not placed: the file is then read again with its true
        // beginning, or refused.
        if !(0..=LONGEST_MS).contains(&start_ms) {
            return;
        }
        let is_transaction = result.is_transaction();
        let label = self.label(&result.label, is_transaction);
        let error = error_kind(result);
        let status = result.code.parse().unwrap_or(0);
        let mut flags = SampleFlags::default();
        if is_transaction {
            flags = flags.with(SampleFlags::TRANSACTION);
        }
        if result.connect_ms > 0 {
            flags = flags.with(SampleFlags::NEW_CONNECTION);
        }
        let sample = Sample {
            intended: RunTime::from_micros(u64::try_from(start_ms).unwrap_or(0) * 1000),
            start_delay_us: 0,
            user_wait_us: 0,
            connect_us: micros(result.connect_ms),
            network: NetworkTimes::default(),
            first_byte_us: micros(result.latency_ms),
            service_us: micros(result.elapsed_ms()),
            sent_bytes: u32::try_from(result.sent_bytes).unwrap_or(u32::MAX),
            received_bytes: u32::try_from(result.received_bytes).unwrap_or(u32::MAX),
            user: 0,
            label,
            step: StepId(0),
            status,
            error,
            flags,
        };
        self.aggregator.add(&[sample]);
        if error != ErrorKind::None {
            let key = ErrorKey {
                kind: error,
                status,
                label,
            };
            let said = result.failure_message().unwrap_or(&result.message);
            if !said.is_empty() && self.with_message.insert(key) {
                self.messages.push((key, said.to_owned()));
            }
        }
    }

    fn label(&mut self, name: &str, transaction: bool) -> LabelId {
        let known = &mut self.known[usize::from(transaction)];
        if let Some(known) = known.get(name) {
            return *known;
        }
        let id = LabelId(self.labels.len() as u16);
        self.labels.push(Label {
            name: name.to_owned(),
            transaction,
        });
        known.insert(name.to_owned(), id);
        id
    }

    fn finish(mut self) -> Part {
        Part {
            outline: self.outline,
            labels: self.labels,
            series: self.aggregator.flush(),
            messages: self.messages,
        }
    }
}

fn micros(millis: i64) -> u32 {
    u32::try_from(millis.max(0).saturating_mul(1000)).unwrap_or(u32::MAX)
}

/// What kind of failure a result is, by JMeter's names of them.
fn error_kind(result: &SampleResult) -> ErrorKind {
    const NOT_HTTP: &str = "Non HTTP response code: ";
    if result.success {
        return ErrorKind::None;
    }
    if let Some(class) = result.code.strip_prefix(NOT_HTTP) {
        let class = class.rsplit('.').next().unwrap_or(class);
        return match class {
            "HttpHostConnectException" | "ConnectException" | "NoRouteToHostException" => {
                ErrorKind::Connect
            }
            "UnknownHostException" => ErrorKind::Resolve,
            name if name.contains("Timeout") => ErrorKind::Timeout,
            name if name.starts_with("SSL") => ErrorKind::Tls,
            "BindException" => ErrorKind::Generator,
            "NoHttpResponseException"
            | "SocketException"
            | "EOFException"
            | "ConnectionClosedException"
            | "TruncatedChunkException" => ErrorKind::Closed,
            "URISyntaxException" | "MalformedURLException" | "IllegalArgumentException" => {
                ErrorKind::Request
            }
            _ => ErrorKind::Protocol,
        };
    }
    match result.code.parse::<u16>() {
        Ok(status) if status >= 400 && result.assertions.iter().all(|said| !said.failure) => {
            ErrorKind::Status
        }
        _ => ErrorKind::Assertion,
    }
}
