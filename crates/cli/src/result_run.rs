//! A JMeter result file (JTL) as a run: what `report`, `compare` and `jmeter -g` make their figures of.
//!
//! A file says when samples ran and what came of them; of the plan, the machine that made the load and
//! the servers it says nothing, and nothing is made up: there is one step, of as many users as the
//! file saw at most, and the generator is not judged.
//!
//! The file is read in chunks, by all cores, in a memory that grows with the length of the run and
//! the number of labels only.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::num::NonZero;
use std::path::Path;

use anyhow::Context as _;
use loadline_analysis::analyse;
use loadline_events::{LabelId, StepId, StopReason};
use loadline_jtl::{ReadError, ResultChunks};
use loadline_metrics::{
    ErrorKey, GeneratorFacts, GroupTiming, Label, LoadModel, RunData, RunFacts, RunSeries,
    StepLoad, StepWindow,
};
use loadline_plan::MAX_LABELS;
use loadline_report::RunPaths;
use loadline_store::StoredRun;
use loadline_units::RunTime;

use self::outline::Outline;
use self::part::Part;
use crate::execution::Executed;
use crate::in_order::in_order;

mod outline;
mod part;

/// Longest span of time that one file may cover: beyond that its times are wrong, or it holds the
/// results of many runs.
const LONGEST_MS: i64 = 31 * 24 * 3600 * 1000;
/// What is read of the file at a time: enough that few seconds of a label are cut in two, little
/// enough that what waits for its turn takes no memory to speak of.
const CHUNK_BYTES: usize = 4 << 20;
/// Threads beyond this would wait for the one that cuts the file.
const MOST_THREADS: usize = 8;
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
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let manner = Manner {
        timestamp_is_start,
        chunk_bytes: CHUNK_BYTES,
        threads: threads.min(MOST_THREADS),
    };
    run_with(path, manner)
}

/// How a file is read; what comes of it is the same whatever the chunks and threads.
#[derive(Clone, Copy)]
struct Manner {
    timestamp_is_start: bool,
    chunk_bytes: usize,
    threads: usize,
}

fn run_with(path: &Path, manner: Manner) -> anyhow::Result<RunData> {
    let shown = path.display();
    let reading = || format!("read the result file {shown}");
    let mut file = File::open(path).with_context(reading)?;
    check_beginning(&mut file, path).with_context(reading)?;
    let mut first_ms = first_of_beginning(&mut file, manner).with_context(reading)?;
    loop {
        let collection = collect(&mut file, manner, first_ms).with_context(reading)?;
        let Some((earliest_ms, last_ms)) = collection.outline.span_ms else {
            anyhow::bail!("the result file {shown} holds no result");
        };
        anyhow::ensure!(
            last_ms.saturating_sub(earliest_ms) <= LONGEST_MS,
            "the results of {shown} are more than a month apart: from {earliest_ms} to {last_ms} \
             ms since 1970; give the results of one run"
        );
        if earliest_ms == first_ms {
            return Ok(collection.finish(path));
        }
        // Something began before all that the file begins with, so no second is where it belongs.
        first_ms = earliest_ms;
    }
}

/// The first start of a result in the first chunk of `file`, in milliseconds since 1970: nearly always
/// that of the run, as results stand in the order of their ends. 0 without a result there.
fn first_of_beginning(file: &mut File, manner: Manner) -> Result<i64, ReadError> {
    let mut outline = Outline::default();
    file.rewind()?;
    if let Some(chunk) = chunks_of(file, manner)?.next_chunk()? {
        chunk.read(&mut |result| outline.add(result))?;
    }
    Ok(outline.span_ms.map_or(0, |(first, _)| first))
}

fn chunks_of(file: &mut File, manner: Manner) -> Result<ResultChunks<'_>, ReadError> {
    ResultChunks::of(file, manner.chunk_bytes, manner.timestamp_is_start)
}

/// All results of `file`, of a run whose first sample started at `first_ms`.
fn collect(file: &mut File, manner: Manner, first_ms: i64) -> Result<Collection, ReadError> {
    let mut collection = Collection::default();
    file.rewind()?;
    let mut chunks = chunks_of(file, manner)?;
    in_order(
        manner.threads,
        || chunks.next_chunk(),
        |chunk| Part::all_of(&chunk, first_ms),
        |parts| {
            parts?.into_iter().for_each(|part| collection.add(part));
            Ok(())
        },
    )?;
    Ok(collection)
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

/// The parts of a file that were read, put together in their order.
#[derive(Default)]
struct Collection {
    outline: Outline,
    labels: Vec<Label>,
    /// Labels of samples, and of transactions.
    known: [HashMap<String, LabelId>; 2],
    series: RunSeries,
}

impl Collection {
    fn add(&mut self, part: Part) {
        self.outline.merge(part.outline);
        let ids: Vec<LabelId> = part
            .labels
            .into_iter()
            .map(|label| self.label(&label.name, label.transaction))
            .collect();
        let own = |label: LabelId| ids[usize::from(label.0)];
        self.series.merge(part.series.with_labels(own));
        for (key, said) in part.messages {
            let key = ErrorKey {
                label: own(key.label),
                ..key
            };
            let errors = self.series.errors.entry(key).or_default();
            if errors.first_message.is_empty() {
                errors.first_message = said;
            }
        }
    }

    /// The label of all samples of that name, those beyond the greatest number of labels together.
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

    fn finish(self, path: &Path) -> RunData {
        let outline = &self.outline;
        let mut sorted_hosts = outline.hosts.clone();
        sorted_hosts.sort_unstable();
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
                target: sorted_hosts.join(", "),
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
            generator: Vec::new(),
            servers: Vec::new(),
            phases: Vec::new(),
        }
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
    use loadline_events::ErrorKind;

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

    /// A file with labels that hold line ends, more of them than are kept apart, a failure now and then, and
    /// a first sample that ends last.
    fn intricate_file() -> String {
        let mut text = format!("{HEADER}\n");
        for index in 0..3000u32 {
            let label = match index % 3 {
                0 => format!("\"label {}\n\"\"x\"\"\"", index % 7),
                1 => "plain".to_owned(),
                _ => format!("label {}", index % 1801),
            };
            let (code, success) = if index % 11 == 0 {
                (503, false)
            } else {
                (200, true)
            };
            let (at, took, users) = (10_000 + index * 7, index * 31 % 900, index / 40 % 50);
            let said = if index % 22 == 0 {
                format!("not {index}")
            } else {
                String::new()
            };
            let host = index % 13;
            text.push_str(&format!(
                "{at},{took},{label},{code},{success},10,{users},http://h{host}/x,{said}\n"
            ));
        }
        text + "9000,50000,late,200,true,10,1,null,\n"
    }

    #[test]
    fn chunks_and_threads_do_not_change_a_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.jtl");
        std::fs::write(&path, intricate_file()).unwrap();
        let run = |chunk_bytes, threads| {
            let manner = Manner {
                timestamp_is_start: true,
                chunk_bytes,
                threads,
            };
            run_with(&path, manner).unwrap()
        };
        let at_once = run(1 << 30, 1);
        assert_eq!(at_once.facts.started_at_ms, 9000);
        assert_eq!(at_once.labels.len(), MAX_LABELS + 1);
        assert_eq!(
            at_once.facts.target.matches("http").count(),
            outline::MOST_HOSTS
        );
        let samples = at_once
            .series
            .cells
            .values()
            .flat_map(|cell| cell.ended.values());
        assert_eq!(samples.map(|row| row.samples).sum::<u64>(), 3001);
        for threads in [1, 2, 3] {
            for chunk_bytes in [97, 1000, 1 << 14] {
                assert_eq!(
                    run(chunk_bytes, threads),
                    at_once,
                    "{threads}, {chunk_bytes}"
                );
            }
        }
    }

    #[test]
    fn the_first_line_that_is_wrong_is_told_whatever_the_threads() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.jtl");
        let rows = "1000,100,a,200,true,10,1,,\n".repeat(500);
        let wrong = "1000,x,a,200,true,10,1,,\n";
        std::fs::write(&path, format!("{HEADER}\n{rows}{wrong}{rows}{wrong}")).unwrap();
        for threads in [1, 2, 3] {
            let manner = Manner {
                timestamp_is_start: true,
                chunk_bytes: 100,
                threads,
            };
            let error = format!("{:#}", run_with(&path, manner).unwrap_err());
            assert!(
                error.contains("line 502: `x` is no whole number"),
                "{error}"
            );
        }
    }
}
