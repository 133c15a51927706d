//! YAML plans, exported and run in JMeter, beside the same plans run natively.
//!
//! A plan of `oracle/exports` says in comments how it is compared: `# compare: count 5` measures the
//! times of its requests; without such a line requests and samples are compared one by one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::jmeter::{self, JMeter};
use crate::loadline::Loadline;
use crate::measure::{Measure, Moment};
use crate::outcome::Outcome;
use crate::recorder::Recorder;
use crate::request::Request;
use crate::trial::Trial;
use crate::verdict::Verdict;

/// No plan takes longer by itself.
const LIMIT: Duration = Duration::from_secs(40);

/// A YAML plan and its exported twin.
#[derive(Clone, Debug)]
pub struct ExportedPlan {
    /// The twin, ready to run.
    pub trial: Trial,
    /// The plan itself.
    pub yaml: PathBuf,
    /// What is measured over time: words of [`Measure`]; none for an exact comparison.
    pub measures: Vec<Vec<String>>,
}

/// One comparison of a plan with what JMeter did.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// What was compared.
    pub what: String,
    /// The difference; `None` when there is none.
    pub difference: Option<String>,
}

/// Exports the plans of `folder` whose name `chosen` takes, into folders of their own below `work`,
/// together with the data files beside them.
///
/// # Errors
///
/// A file cannot be read or written, or a plan is not exported.
pub fn lay_out(
    folder: &Path,
    work: &Path,
    loadline: &Loadline,
    chosen: impl Fn(&str) -> bool,
) -> Result<Vec<ExportedPlan>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .with_context(|| format!("read {}", folder.display()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<_>>()?;
    files.sort();
    let (plans, others): (Vec<PathBuf>, Vec<PathBuf>) = files
        .into_iter()
        .partition(|file| file.extension().is_some_and(|ending| ending == "yaml"));
    let mut exported = Vec::new();
    for file in plans {
        let name = file
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if !chosen(&name) {
            continue;
        }
        let own = work.join(&name);
        std::fs::create_dir_all(&own)?;
        for beside in file_names(&others) {
            std::fs::copy(folder.join(&beside), own.join(&beside))?;
        }
        let text = std::fs::read_to_string(&file)?;
        let yaml = own.join("plan.yaml");
        std::fs::write(&yaml, &text)?;
        let plan = own.join("plan.jmx");
        let output = Command::new(&loadline.program)
            .args(["export", "jmx"])
            .arg(&yaml)
            .arg("-o")
            .arg(&plan)
            .output()
            .context("start the export")?;
        ensure!(
            output.status.success(),
            "{name} is not exported: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let measures = text
            .lines()
            .filter_map(|line| line.strip_prefix("# compare: "))
            .map(|words| words.split_whitespace().map(str::to_owned).collect())
            .collect();
        exported.push(ExportedPlan {
            trial: Trial {
                name,
                plan,
                properties: Vec::new(),
                options: Vec::new(),
                unordered: text.contains("# unordered\n"),
                limit: LIMIT,
            },
            yaml,
            measures,
        });
    }
    Ok(exported)
}

fn file_names(files: &[PathBuf]) -> impl Iterator<Item = PathBuf> + '_ {
    files
        .iter()
        .filter_map(|file| file.file_name())
        .map(PathBuf::from)
}

impl ExportedPlan {
    /// Runs the exported plan in JMeter and in Loadline, and the plan itself, and compares.
    ///
    /// # Errors
    ///
    /// A process cannot be started or writes what cannot be read.
    pub fn compare(&self, jmeter: &mut JMeter, loadline: &Loadline) -> Result<Vec<Comparison>> {
        let expected = self.trial.in_jmeter(jmeter, "jmeter")?;
        match &expected.ended {
            jmeter::Ended::Done => {}
            other => bail!("{} in JMeter: {other:?}", self.trial.name),
        }
        let twin = self.trial.in_loadline(loadline)?;
        let native = self.natively(loadline)?;
        if !self.measures.is_empty() {
            let mut comparisons = Vec::new();
            for (who, requests) in [("exported", &twin.requests), ("native", &native.requests)] {
                comparisons.extend(self.measured(who, &expected.requests, requests)?);
            }
            return Ok(comparisons);
        }
        let verdict = Verdict::of(&expected.outcome, &twin.ended, &twin.outcome, None);
        let exported = match verdict {
            Verdict::Same => None,
            Verdict::Differs(difference) => Some(format!(
                "{}\n--- JMeter\n{}\n--- Loadline\n{}",
                difference.place, difference.expected, difference.found
            )),
            other => Some(format!("{other:?}")),
        };
        let requests =
            without_client(&expected.outcome).difference(&without_client(&native.outcome));
        let requests = requests.map(|difference| {
            format!(
                "{}\n--- JMeter\n{}\n--- Loadline\n{}",
                difference.place, difference.expected, difference.found
            )
        });
        let counts = counts(&expected.outcome.samples);
        let labels = (counts != native.labels)
            .then(|| format!("JMeter {counts:?}, Loadline {:?}", native.labels));
        Ok(vec![
            comparison("exported: requests and samples", exported),
            comparison("native: requests", requests),
            comparison("native: samples and errors of labels", labels),
        ])
    }

    fn measured(
        &self,
        who: &str,
        expected: &[Request],
        found: &[Request],
    ) -> Result<Vec<Comparison>> {
        let moments =
            |requests: &[Request]| -> Vec<Moment> { requests.iter().map(Moment::of).collect() };
        let (expected, found) = (moments(expected), moments(found));
        let comparisons = self.measures.iter().map(|words| {
            let measured = Measure::parse(words)?.apply(&expected, &found)?;
            let figures = format!(
                "JMeter {}, Loadline {}: {}",
                measured.jmeter, measured.loadline, measured.rule
            );
            let what = format!("{who}: {} ({figures})", measured.what);
            Ok(comparison(&what, (!measured.holds).then_some(figures)))
        });
        comparisons.collect()
    }

    /// Runs the YAML plan itself.
    fn natively(&self, loadline: &Loadline) -> Result<Native> {
        let recorder = Recorder::start()?;
        let folder = self.yaml.with_file_name("run");
        let port = recorder.port();
        let status = Command::new(&loadline.program)
            .arg("run")
            .arg(&self.yaml)
            .args([
                "--quiet",
                "--seed",
                "1",
                "--threads",
                "1",
                "-J",
                "host=127.0.0.1",
            ])
            .arg("-J")
            .arg(format!("port={port}"))
            .arg("--out")
            .arg(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .context("start the run")?;
        ensure!(
            matches!(status.code(), Some(0 | 90..=99)),
            "the run of {} ends with {status}",
            self.trial.name
        );
        let requests = recorder.requests();
        let outcome = Outcome {
            requests: requests.iter().map(|request| request.text(port)).collect(),
            samples: Vec::new(),
        };
        Ok(Native {
            outcome: match self.trial.unordered {
                true => outcome.without_users(),
                false => outcome,
            },
            requests,
            labels: labels(&folder.join("summary.json"))?,
        })
    }
}

struct Native {
    requests: Vec<Request>,
    outcome: Outcome,
    labels: Labels,
}

/// Samples and errors by label.
type Labels = BTreeMap<String, (u64, u64)>;

fn comparison(what: &str, difference: Option<String>) -> Comparison {
    Comparison {
        what: what.to_owned(),
        difference,
    }
}

/// Requests alone, without the name of the client, which is the program's own, and the connection that
/// they came on, which JMeter may close between two iterations.
fn without_client(outcome: &Outcome) -> Outcome {
    let is_kept = |line: &&str| !line.to_ascii_lowercase().starts_with("user-agent:");
    let requests = outcome.requests.iter().map(|request| {
        let lines: Vec<&str> = request.split('\n').filter(is_kept).collect();
        let (first, rest) = lines
            .split_first()
            .map_or(("", &[][..]), |(first, rest)| (*first, rest));
        let first = first.split(" on connection ").next().unwrap_or(first);
        std::iter::once(first)
            .chain(rest.iter().copied())
            .collect::<Vec<_>>()
            .join("\n")
    });
    Outcome {
        requests: requests.collect(),
        samples: Vec::new(),
    }
}

/// Samples and errors by label of what [`crate::sample::read`] gives.
fn counts(samples: &[String]) -> Labels {
    let mut counts = Labels::new();
    for sample in samples {
        let mut parts = sample.split('\n').next().unwrap_or_default().split(" | ");
        let label = parts.next().unwrap_or_default();
        let is_failed = parts.nth(1) == Some("failed");
        let count = counts.entry(label.to_owned()).or_default();
        count.0 += 1;
        count.1 += u64::from(is_failed);
    }
    counts
}

/// The same of a run's summary.
fn labels(summary: &Path) -> Result<Labels> {
    let text =
        std::fs::read_to_string(summary).with_context(|| format!("read {}", summary.display()))?;
    let summary: serde_json::Value = serde_json::from_str(&text)?;
    let labels = summary["labels"]
        .as_array()
        .context("a summary without labels")?;
    let count = |label: &serde_json::Value| {
        let number = |key: &str| label[key].as_u64().context("a label without counts");
        let name = label["label"].as_str().context("a label without a name")?;
        Ok((name.to_owned(), (number("samples")?, number("errors")?)))
    };
    // A label of the plan that nothing was sent under is in the summary, too.
    let labels: Vec<(String, (u64, u64))> = labels.iter().map(count).collect::<Result<_>>()?;
    Ok(labels
        .into_iter()
        .filter(|(_, (samples, _))| *samples > 0)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_counted_by_label() {
        let samples = [
            "a | 200 OK | ok | text | G 1-1 | 0/1\n    x: y",
            "a | 500 No | failed | text | G 1-1 | 1/1",
            "b | 200 OK | ok | text | G 1-1 | 0/1",
        ];
        let samples: Vec<String> = samples.map(str::to_owned).into();
        let expected = [("a".to_owned(), (2, 1)), ("b".to_owned(), (1, 0))];
        assert_eq!(counts(&samples), expected.into());
    }

    #[test]
    fn the_name_of_the_client_is_no_difference() {
        let outcome = |text: &str| Outcome {
            requests: vec![text.to_owned()],
            samples: Vec::new(),
        };
        let one = outcome("GET /a on connection 2\nHost: SERVER\nUser-Agent: A");
        let other = outcome("GET /a\nHost: SERVER\nUser-Agent: B");
        assert_eq!(without_client(&one), without_client(&other));
    }
}
