//! One plan on trial: its files in a folder, a recording server of its own for each run, and what
//! came of it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;

use crate::jmeter::{self, JMeter};
use crate::loadline::{self, Loadline};
use crate::outcome::Outcome;
use crate::recorder::Recorder;
use crate::request::Request;
use crate::sample;

/// How Java says that a name is not in the table of hosts that JMeter's process is given, up to the
/// name and behind it.
const NO_HOST: [&str; 2] = ["Unable to resolve host ", " in hosts file "];

/// How many times as long as JMeter a run of Loadline may take: many run side by side, in tests
/// beside much else.
const PATIENCE: u32 = 3;

/// A plan that is ready to run.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Its name, unique among the plans.
    pub name: String,
    /// The plan's file; what it needs stands beside it.
    pub plan: PathBuf,
    /// JMeter properties, besides the server's `host` and `port`.
    pub properties: Vec<(String, String)>,
    /// Further words of the command line, where JMeter reads them only at its start; `PORT` stands for
    /// the server's.
    pub options: Vec<String>,
    /// Whether requests and samples come in no certain order.
    pub unordered: bool,
    /// After which a run is stopped.
    pub limit: Duration,
}

/// A run with the requests in full, for comparisons over time.
#[derive(Clone, Debug)]
pub struct Run<E> {
    /// How it ended.
    pub ended: E,
    /// What it did.
    pub outcome: Outcome,
    /// Whether there was a results file.
    pub wrote_samples: bool,
    /// The same requests with their times.
    pub requests: Vec<Request>,
}

impl Trial {
    /// Runs the plan in JMeter; the results file is named after `turn`.
    ///
    /// # Errors
    ///
    /// The server or JMeter's process failed.
    pub fn in_jmeter(&self, jmeter: &mut JMeter, turn: &str) -> Result<Run<jmeter::Ended>> {
        let recorder = Recorder::start()?;
        let results = self.results(turn)?;
        let properties = self.properties(&recorder);
        let ended = if self.options.is_empty() {
            jmeter.run(&self.plan, &results, self.limit, &properties)?
        } else {
            let options = self.options(&recorder);
            jmeter.run_by_itself(&self.plan, &results, &properties, &options)?
        };
        let ended = match ended {
            jmeter::Ended::Failed(message) => jmeter::Ended::Failed(self.without_places(&message)),
            ended => ended,
        };
        self.run(ended, &recorder, &results)
    }

    /// Runs the plan in Loadline.
    ///
    /// # Errors
    ///
    /// The server or the program could not be started, or it wrote results that cannot be read.
    pub fn in_loadline(&self, loadline: &Loadline) -> Result<Run<loadline::Ended>> {
        let recorder = Recorder::start()?;
        let results = self.results("loadline")?;
        let ended = loadline.run(
            &self.plan,
            &results,
            self.limit * PATIENCE,
            &self.properties(&recorder),
            &self.options(&recorder),
        )?;
        let ended = match ended {
            loadline::Ended::Refused(reasons) => loadline::Ended::Refused(
                reasons
                    .iter()
                    .map(|reason| self.without_places(reason))
                    .collect(),
            ),
            ended => ended,
        };
        self.run(ended, &recorder, &results)
    }

    /// A text without what differs from machine to machine: where the plan stands. That a name is not
    /// in the table of hosts is put as Java puts it where there is no table.
    fn without_places(&self, text: &str) -> String {
        let folder = self.plan.parent().unwrap_or(Path::new("."));
        let text = text.replace(&*folder.to_string_lossy(), "FOLDER");
        let parts = text.split_once(NO_HOST[0]).and_then(|(before, after)| {
            let (name, after) = after.split_once(NO_HOST[1])?;
            let rest = after.find(' ').map_or("", |end| &after[end..]);
            Some(format!("{before}{name}: Name or service not known{rest}"))
        });
        parts.unwrap_or(text)
    }

    /// The results file, which an earlier run may have left: JMeter would add to it.
    fn results(&self, turn: &str) -> Result<PathBuf> {
        let folder = self.plan.parent().unwrap_or(Path::new("."));
        let file = folder.join(format!("results-{turn}.xml"));
        if file.exists() {
            std::fs::remove_file(&file)?;
        }
        Ok(file)
    }

    fn properties(&self, recorder: &Recorder) -> Vec<(String, String)> {
        let mut properties = vec![
            ("host".to_owned(), "127.0.0.1".to_owned()),
            ("port".to_owned(), recorder.port().to_string()),
        ];
        properties.extend(self.properties.iter().cloned());
        properties
    }

    fn options(&self, recorder: &Recorder) -> Vec<String> {
        let port = recorder.port().to_string();
        let words = self.options.iter();
        words.map(|word| word.replace("PORT", &port)).collect()
    }

    fn run<E>(&self, ended: E, recorder: &Recorder, results: &Path) -> Result<Run<E>> {
        let wrote_samples = results.exists();
        let samples = if wrote_samples {
            sample::read(results, recorder.port())?
                .iter()
                .map(|sample| self.without_places(sample))
                .collect()
        } else {
            Vec::new()
        };
        let mut requests = recorder.requests();
        number_by_first_request(&mut requests);
        let texts = requests.iter().map(|request| {
            // With users side by side it is chance who gets which connection.
            let connection = match self.unordered {
                true => String::new(),
                false => format!(" on connection {}", request.connection),
            };
            request
                .text(recorder.port())
                .replacen('\n', &format!("{connection}\n"), 1)
        });
        let outcome = Outcome {
            requests: texts.collect(),
            samples,
        };
        let outcome = if self.unordered {
            outcome.without_users()
        } else {
            outcome
        };
        Ok(Run {
            ended,
            outcome,
            wrote_samples,
            requests,
        })
    }
}

/// Numbers connections in the order of their first requests: one that carries none, such as a look
/// whether somebody listens, does not count.
fn number_by_first_request(requests: &mut [Request]) {
    let mut seen: Vec<usize> = Vec::new();
    for request in requests {
        let known = seen.iter().position(|&number| number == request.connection);
        request.connection = 1 + known.unwrap_or_else(|| {
            seen.push(request.connection);
            seen.len() - 1
        });
    }
}
