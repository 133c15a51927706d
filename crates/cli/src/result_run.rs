//! A JMeter result file (JTL) as a run: what `report`, `compare` and `jmeter -g` make their figures of.
//!
//! A file says when samples ran and what came of them; of the plan, the machine that made the load and
//! the servers it says nothing, and nothing is made up: there is one step, of as many users as the
//! file saw at most, and the generator is not judged. The file is read twice, in a memory that
//! grows with the length of the run and the number of labels only.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _};
use std::path::Path;

use anyhow::Context as _;
use loadline_analysis::analyse;
use loadline_events::{ErrorKind, LabelId, Sample, SampleFlags, SampleResult, StepId, StopReason};
use loadline_jtl::read_results;
use loadline_metrics::{
    Aggregator, ErrorKey, GeneratorFacts, GroupTiming, Label, LoadModel, RunData, RunFacts,
    RunSeries, StepLoad, StepWindow,
};
use loadline_plan::MAX_LABELS;
use loadline_report::RunPaths;
use loadline_store::StoredRun;
use loadline_units::RunTime;

use crate::execution::Executed;

/// Longest span of time that one file may cover: beyond that its times are wrong, or it holds the
/// results of many runs.
const LONGEST_MS: i64 = 31 * 24 * 3600 * 1000;
/// Samples between two merges of their series: few enough that what waits for the merge takes less
/// than the series do.
const BLOCK: u32 = 1 << 17;
/// What is read of the file at a time.
const READ_BYTES: usize = 1 << 18;
/// Where samples of further labels are counted.
const OTHER: &str = "(other)";

/// Whether `path` is a result file rather than a run folder.
pub(crate) fn is_result_file(path: &Path) -> bool {
    path.is_file()
}

/// Reads and judges the result file at `path`; there are no limits, and nothing is written.
///
/// # Errors
///
/// When it cannot be read, is no result file, holds no result, or covers more than a month.
pub(crate) fn judge_file(path: &Path) -> anyhow::Result<Executed> {
    let data = run_of(path, true)?;
    let analysis = analyse(&data, &[]);
    Ok(Executed {
        run: StoredRun {
            data,
            limits: Vec::new(),
            finished: true,
        },
        analysis,
        paths: RunPaths::default(),
        folder: path.parent().map(Path::to_owned).unwrap_or_default(),
    })
}

/// The results of the file at `path` as a run. `timestamp_is_start` says which instant its times are.
///
/// # Errors
///
/// As [`judge_file`].
pub(crate) fn run_of(path: &Path, timestamp_is_start: bool) -> anyhow::Result<RunData> {
    let shown = path.display();
    let reading = || format!("read the result file {shown}");
    let mut file = File::open(path).with_context(reading)?;
    check_beginning(&mut file, path).with_context(reading)?;
    let mut outline = Outline::default();
    read_results(
        &mut BufReader::with_capacity(READ_BYTES, &file),
        timestamp_is_start,
        &mut |result| outline.add(result),
    )
    .with_context(reading)?;
    let Some((first_ms, last_ms)) = outline.span_ms else {
        anyhow::bail!("the result file {shown} holds no result");
    };
    anyhow::ensure!(
        last_ms.saturating_sub(first_ms) <= LONGEST_MS,
        "the results of {shown} are more than a month apart: from {first_ms} to {last_ms} ms since \
         1970; give the results of one run"
    );
    file.rewind().with_context(reading)?;
    let mut collection = Collection::new(first_ms);
    read_results(
        &mut BufReader::with_capacity(READ_BYTES, &file),
        timestamp_is_start,
        &mut |result| collection.add(result),
    )
    .with_context(reading)?;
    Ok(collection.finish(&outline, path))
}

/// A plan or a picture is told from a result file before its lines are.
fn check_beginning(file: &mut File, path: &Path) -> anyhow::Result<()> {
    let mut beginning = [0; 512];
    let length = file.read(&mut beginning)?;
    file.rewind()?;
    let beginning = String::from_utf8_lossy(&beginning[..length]);
    anyhow::ensure!(
        !beginning.contains("<jmeterTestPlan"),
        "{} is a test plan; its results are what `jmeter -l` writes",
        path.display()
    );
    anyhow::ensure!(
        !beginning.contains('\0'),
        "{} is neither CSV nor XML",
        path.display()
    );
    Ok(())
}

/// What has to be known before samples can be placed.
#[derive(Debug, Default)]
struct Outline {
    /// First start and last end.
    span_ms: Option<(i64, i64)>,
    /// Most users that ran at a time.
    users: u32,
    /// First and last end of a sample beside which so many ran.
    users_ms: Option<(i64, i64)>,
    hosts: BTreeSet<String>,
}

impl Outline {
    fn add(&mut self, result: &SampleResult) {
        let (start, end) = (result.started_ms, result.ended_ms.max(result.started_ms));
        let (first, last) = self.span_ms.unwrap_or((start, end));
        self.span_ms = Some((first.min(start), last.max(end)));
        if result.all_threads > self.users {
            self.users = result.all_threads;
            self.users_ms = None;
        }
        if result.all_threads == self.users {
            let (first, last) = self.users_ms.unwrap_or((end, end));
            self.users_ms = Some((first.min(end), last.max(end)));
        }
        const MOST_HOSTS: usize = 8;
        if self.hosts.len() < MOST_HOSTS
            && let Some(url) = &result.url
            && let Some((scheme, rest)) = url.split_once("://")
        {
            let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
            let origin = format!("{scheme}://{host}");
            if !self.hosts.contains(&origin) {
                self.hosts.insert(origin);
            }
        }
    }
}

/// Samples on their way into series.
struct Collection {
    first_ms: i64,
    labels: Vec<Label>,
    /// Labels of samples, and of transactions.
    known: [HashMap<String, LabelId>; 2],
    series: RunSeries,
    aggregator: Aggregator,
    in_block: u32,
}

impl Collection {
    fn new(first_ms: i64) -> Self {
        Self {
            first_ms,
            labels: Vec::new(),
            known: Default::default(),
            series: RunSeries::default(),
            aggregator: Aggregator::default(),
            in_block: 0,
        }
    }

    fn add(&mut self, result: &SampleResult) {
        let is_transaction = result.is_transaction();
        let label = self.label(&result.label, is_transaction);
        let start_ms = result.started_ms - self.first_ms;
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
            network: loadline_events::NetworkTimes::default(),
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
            self.aggregator.add_message(key, said);
        }
        self.in_block += 1;
        if self.in_block == BLOCK {
            self.in_block = 0;
            self.series.merge(self.aggregator.flush());
        }
    }

    fn label(&mut self, name: &str, transaction: bool) -> LabelId {
        if let Some(known) = self.known[usize::from(transaction)].get(name) {
            return *known;
        }
        if self.labels.len() >= MAX_LABELS && name != OTHER {
            return self.label(OTHER, transaction);
        }
        let id = LabelId(u16::try_from(self.labels.len()).unwrap_or(u16::MAX));
        self.labels.push(Label {
            name: name.to_owned(),
            transaction,
        });
        self.known[usize::from(transaction)].insert(name.to_owned(), id);
        id
    }

    fn finish(mut self, outline: &Outline, path: &Path) -> RunData {
        self.series.merge(self.aggregator.flush());
        let (first_ms, last_ms) = outline.span_ms.unwrap_or_default();
        let at = |wall_ms: i64| {
            RunTime::from_micros(u64::try_from(wall_ms - first_ms).unwrap_or(0) * 1000)
        };
        let (full_from, full_to) = outline.users_ms.unwrap_or((first_ms, last_ms));
        let duration = at(last_ms);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        RunData {
            facts: RunFacts {
                plan_name: name.into_owned(),
                plan_hash: fingerprint(&self.labels),
                plan_source: path.display().to_string(),
                replay: String::new(),
                seed: 0,
                target: outline.hosts.iter().cloned().collect::<Vec<_>>().join(", "),
                started_at_ms: first_ms,
                duration_us: duration.as_micros(),
                main_started: RunTime::ZERO,
                planned: None,
                stop: StopReason::Completed,
                model: LoadModel::Closed(GroupTiming {
                    paced: false,
                    thinks: true,
                }),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                generator: GeneratorFacts::default(),
                note: "of a JMeter result file".to_owned(),
                unsupported: Vec::new(),
            },
            steps: vec![StepWindow {
                step: StepId(0),
                load: StepLoad::Users(outline.users.max(1)),
                ramp_start: RunTime::ZERO,
                hold_start: at(full_from),
                end: at(full_to),
                complete: true,
            }],
            labels: self.labels,
            series: self.series,
            workers: Vec::new(),
            servers: Vec::new(),
            phases: Vec::new(),
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

/// As much as a file says of its plan: two files with the same labels come of the same plan as far
/// as can be seen. FNV-1a over the sorted labels, in hex.
fn fingerprint(labels: &[Label]) -> String {
    let names: BTreeMap<&str, bool> = labels
        .iter()
        .map(|label| (&*label.name, label.transaction))
        .collect();
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for (name, transaction) in names {
        for byte in name.bytes().chain([0, u8::from(transaction)]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str) -> anyhow::Result<RunData> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.jtl");
        std::fs::write(&path, text).unwrap();
        run_of(&path, true)
    }

    const HEADER: &str =
        "timeStamp,elapsed,label,responseCode,success,bytes,allThreads,URL,failureMessage";

    #[test]
    fn results_become_samples_of_one_step() {
        let rows = "1000,100,a,200,true,10,1,http://h/x,\n\
                    1500,1700,b,500,false,20,2,http://h/y,\n\
                    1200,10,a,200,false,10,2,null,no x found\n\
                    900,50,a,Non HTTP response code: java.net.ConnectException,false,0,1,http://h/z,\n";
        let data = run(&format!("{HEADER}\n{rows}")).unwrap();
        assert_eq!(
            (data.facts.started_at_ms, data.facts.duration_us),
            (900, 2_300_000)
        );
        assert_eq!(data.facts.target, "http://h");
        let names: Vec<&str> = data.labels.iter().map(|label| &*label.name).collect();
        assert_eq!(names, ["a", "b"]);
        let [step] = data.steps[..] else {
            panic!("one step")
        };
        assert_eq!(step.load, StepLoad::Users(2));
        assert_eq!(
            (step.hold_start.as_micros(), step.end.as_micros()),
            (310_000, 2_300_000)
        );
        let mut errors: Vec<_> = (data.series.errors.iter())
            .map(|(key, errors)| {
                (
                    key.kind,
                    key.label.0,
                    errors.count(),
                    &*errors.first_message,
                )
            })
            .collect();
        errors.sort_by_key(|error| error.0 as u8);
        assert_eq!(errors[0], (ErrorKind::Status, 1, 1, ""));
        assert_eq!(errors[1], (ErrorKind::Assertion, 0, 1, "no x found"));
        assert_eq!((errors[2].0, errors[2].2), (ErrorKind::Connect, 1));
        let cell = &data.series.cells[&(StepId(0), LabelId(1))];
        assert_eq!(cell.intended[&0].response.max_us, 1_700_000);
    }

    #[test]
    fn what_is_no_result_file_is_told() {
        let error = |text: &str| format!("{:#}", run(text).unwrap_err());
        assert!(error("").contains("holds no result"));
        assert!(error("<jmeterTestPlan/>").contains("is a test plan"));
        assert!(error("a\0b").contains("neither CSV nor XML"));
        assert!(error("hello\nworld\n").contains("line 1"));
        let far = format!("{HEADER}\n0,1,a,200,true,1,1,,\n1700000000000,1,a,200,true,1,1,,\n");
        assert!(error(&far).contains("more than a month apart"));
    }

    #[test]
    fn labels_are_bounded() {
        let mut text = format!("{HEADER}\n");
        for index in 0..2 * MAX_LABELS {
            text.push_str(&format!("{index},1,label {index},200,true,1,1,,\n"));
        }
        let data = run(&text).unwrap();
        assert_eq!(data.labels.len(), MAX_LABELS + 1);
        assert_eq!(data.labels[MAX_LABELS].name, OTHER);
    }
}
