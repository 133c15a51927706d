//! JMeter as a process that runs plans one after the other (`oracle/run-plans.sh`).

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::child::OwnChild;
use crate::loadline::SAVED;

/// The exit code of the script when JMeter cannot be had.
const CANNOT_BE_HAD: i32 = 3;

/// A running JMeter. Its process ends when this is dropped.
#[derive(Debug)]
pub struct JMeter {
    oracle: PathBuf,
    directory: PathBuf,
    java_options: String,
    process: OwnChild,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

/// How a run ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Ended {
    /// By itself.
    Done,
    /// At the time limit.
    Stopped,
    /// JMeter could not read or run the plan, and why.
    Failed(String),
}

impl JMeter {
    /// Starts JMeter in a working directory; `None` when it cannot be had on this machine.
    ///
    /// `settings` are `name=value` properties that JMeter reads only once, `time_zone` is the zone
    /// of the process.
    ///
    /// # Errors
    ///
    /// The process cannot be started or says something else than that it is ready.
    pub fn start(
        oracle: &Path,
        directory: &Path,
        settings: &[String],
        time_zone: &str,
    ) -> Result<Option<Self>> {
        let java_options = format!("-Xmx512m -XX:TieredStopAtLevel=1 -Duser.timezone={time_zone}");
        let mut command = Command::new(oracle.join("run-plans.sh"));
        command
            .args(settings)
            .current_dir(directory)
            .env("JVM_ARGS", &java_options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut process = OwnChild::start(&mut command).context("start oracle/run-plans.sh")?;
        let orders = process.streams().stdin.take();
        let output = process.streams().stdout.take();
        let answers = BufReader::new(output.context("JMeter's output")?);
        let mut jmeter = Self {
            oracle: oracle.to_owned(),
            directory: directory.to_owned(),
            java_options,
            process,
            orders,
            answers,
        };
        match jmeter.answer()?.as_deref() {
            Some("ready") => Ok(Some(jmeter)),
            Some(other) => bail!("JMeter says `{other}` at its start"),
            None if jmeter.process.wait()?.code() == Some(CANNOT_BE_HAD) => Ok(None),
            None => bail!("JMeter ended at its start"),
        }
    }

    /// Runs a plan and writes its samples as XML.
    ///
    /// # Errors
    ///
    /// JMeter's process is gone.
    pub fn run(
        &mut self,
        plan: &Path,
        results: &Path,
        limit: Duration,
        properties: &[(String, String)],
    ) -> Result<Ended> {
        let mut order = format!(
            "{}\t{}\t{}",
            plan.display(),
            results.display(),
            limit.as_secs().max(1)
        );
        for (name, value) in properties {
            order.push_str(&format!("\t{name}={value}"));
        }
        let orders = self.orders.as_mut().context("JMeter's input is closed")?;
        writeln!(orders, "{order}")?;
        orders.flush()?;
        match self.answer()?.as_deref() {
            Some("done") => Ok(Ended::Done),
            Some("stopped") => Ok(Ended::Stopped),
            Some(other) => Ok(Ended::Failed(
                other.trim_start_matches("failed ").to_owned(),
            )),
            None => bail!("JMeter ended while it ran {}", plan.display()),
        }
    }

    /// Runs a plan in a process of its own, by JMeter's own command line with `options`, and writes its
    /// samples as XML.
    ///
    /// # Errors
    ///
    /// The process cannot be started.
    pub fn run_by_itself(
        &self,
        plan: &Path,
        results: &Path,
        properties: &[(String, String)],
        options: &[String],
    ) -> Result<Ended> {
        let hosts = self.oracle.join(".cache/hosts");
        let hosts = format!("-Djdk.net.hosts.file={}", hosts.display());
        let mut command = Command::new(self.oracle.join("jmeter.sh"));
        command.arg("-n").arg("-t").arg(plan).arg("-l").arg(results);
        command.arg("-j").arg(results.with_extension("log"));
        command.args(options);
        for (name, value) in properties {
            command.arg(format!("-J{name}={value}"));
        }
        for (name, value) in SAVED {
            command.arg(format!("-Jjmeter.save.saveservice.{name}={value}"));
        }
        command
            .current_dir(&self.directory)
            .env("JVM_ARGS", format!("{} {hosts}", self.java_options))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut process = OwnChild::start(&mut command).context("start oracle/jmeter.sh")?;
        let status = process.wait()?;
        Ok(match status.success() {
            true => Ended::Done,
            false => Ended::Failed(format!("it ends with {status}")),
        })
    }

    /// The next line of the protocol; lines of JMeter itself are passed over.
    fn answer(&mut self) -> Result<Option<String>> {
        let mut line = String::new();
        while self.answers.read_line(&mut line)? > 0 {
            if let Some(answer) = line.trim_end().strip_prefix('@') {
                return Ok(Some(answer.to_owned()));
            }
            line.clear();
        }
        Ok(None)
    }
}

impl Drop for JMeter {
    fn drop(&mut self) {
        // The end of its input ends the process.
        self.orders = None;
        drop(self.process.wait());
    }
}
