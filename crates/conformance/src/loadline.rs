//! Loadline as a process that runs one plan.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::child::{LOOK, OwnChild};

/// The exit code for a plan that cannot be run.
const BAD_PLAN: i32 = 2;

/// The program under test.
#[derive(Clone, Debug)]
pub struct Loadline {
    /// Its executable.
    pub program: PathBuf,
    /// Its working directory, against which plans name files.
    pub directory: PathBuf,
}

/// How a run ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Ended {
    /// The plan was run to its end.
    Done,
    /// The time limit came first.
    Stopped,
    /// The plan was refused, and the reasons.
    Refused(Vec<String>),
    /// The program failed, and what it said.
    Failed(String),
}

/// Hosts behind a proxy that plans with options of their own name.
const HOSTS: &str = "--i-may-load=one.test,shop.one.test,two.test,basic.test";

/// What the results file holds: settings of JMeter's below `jmeter.save.saveservice`.
pub(crate) const SAVED: [(&str, &str); 10] = [
    ("output_format", "xml"),
    ("assertion_results", "all"),
    ("response_data", "true"),
    ("samplerData", "true"),
    ("responseHeaders", "true"),
    ("requestHeaders", "true"),
    ("encoding", "true"),
    ("url", "true"),
    ("sample_count", "true"),
    ("subresults", "true"),
];

impl Loadline {
    /// Runs a plan; samples go to `results` as XML, with all that JMeter can save.
    ///
    /// # Errors
    ///
    /// The program cannot be started.
    pub fn run(
        &self,
        plan: &Path,
        results: &Path,
        limit: Duration,
        properties: &[(String, String)],
        options: &[String],
    ) -> Result<Ended> {
        let mut command = Command::new(&self.program);
        command.args([
            "jmeter",
            "-n",
            "-f",
            "--loadline-exit-codes",
            "--loadline-seed=1",
            "--loadline-threads=1",
        ]);
        command
            .arg("-t")
            .arg(plan)
            .arg("-l")
            .arg(results)
            .arg("-j")
            .arg(results.with_extension("log"));
        for (name, value) in properties {
            command.arg(format!("-J{name}={value}"));
        }
        for (name, value) in SAVED {
            command.arg(format!("-Jjmeter.save.saveservice.{name}={value}"));
        }
        if !options.is_empty() {
            command.arg(HOSTS).args(options);
        }
        command
            .current_dir(&self.directory)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut process = OwnChild::start(&mut command)
            .with_context(|| format!("start {}", self.program.display()))?;
        let errors = process.streams().stderr.take();
        let mut errors = errors.context("the program's messages")?;
        let reader = std::thread::spawn(move || {
            let mut said = String::new();
            // What was said before a failure to read is still of use.
            drop(errors.read_to_string(&mut said));
            said
        });
        let start = Instant::now();
        let status = loop {
            if let Some(status) = process.try_wait()? {
                break Some(status);
            }
            if start.elapsed() > limit {
                process.end()?;
                break None;
            }
            std::thread::sleep(LOOK);
        };
        let said = reader.join().unwrap_or_default();
        Ok(match status.map(|status| status.code()) {
            None => Ended::Stopped,
            Some(Some(BAD_PLAN)) => Ended::Refused(refusals(&said)),
            // Verdicts about limits and times of a short run are no failures to run it.
            Some(Some(0 | 90..=99)) => Ended::Done,
            Some(_) => Ended::Failed(said),
        })
    }
}

/// The errors among the program's messages.
fn refusals(said: &str) -> Vec<String> {
    let errors = said.lines().filter(|line| line.starts_with("error"));
    let mut reasons: Vec<String> = errors.map(str::to_owned).collect();
    reasons.dedup();
    if reasons.is_empty() {
        vec![said.trim().to_owned()]
    } else {
        reasons
    }
}
