//! The generators: how each is started for a workload, and what it says at its end.
//!
//! Each is tuned for one core and for the least work, as far as it still gives results; `settings` says how, for the table.

mod jmeter_plan;
mod jvm;
mod native;
mod own;
mod scripted;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::workload::Workload;

/// What a generator is to do.
pub(crate) struct Job<'a> {
    pub(crate) workload: &'a Workload,
    /// How long it is measured.
    pub(crate) length: Duration,
    /// How long a JVM compiles before it is measured.
    pub(crate) jvm_warm_up: Duration,
    /// Port of the target.
    pub(crate) port: u16,
    /// A folder for its files.
    pub(crate) folder: &'a Path,
}

/// Where generators are.
pub(crate) struct Places {
    /// Loadline.
    pub(crate) loadline: PathBuf,
    /// The home that `oracle/jmeter.sh` has laid out.
    pub(crate) jmeter: PathBuf,
    /// What `bench/install-peers` has installed.
    pub(crate) peers: PathBuf,
}

impl Job<'_> {
    pub(crate) fn scheme(&self) -> &'static str {
        if self.workload.tls { "https" } else { "http" }
    }

    pub(crate) fn base(&self) -> String {
        format!("{}://127.0.0.1:{}", self.scheme(), self.port)
    }

    pub(crate) fn url(&self) -> String {
        format!("{}{}", self.base(), self.workload.request.path())
    }

    /// How long a generator sends that is measured for `length` from `warm_up` after its first request. Its own clock may
    /// start before that, and users who think before a request do so once more. Whole seconds.
    pub(crate) fn sending(&self, warm_up: Duration) -> Duration {
        let late = if warm_up.is_zero() {
            Duration::ZERO
        } else {
            Duration::from_secs(1) + self.arriving()
        };
        let all = warm_up + self.length + late + self.workload.think.unwrap_or_default();
        Duration::from_secs_f64(all.as_secs_f64().ceil())
    }

    /// How long slow generators take until all users are there: a millisecond each.
    pub(crate) fn arriving(&self) -> Duration {
        Duration::from_millis(u64::from(self.workload.users))
    }

    /// Headers of the workload, with the one that ends a connection where none is kept.
    pub(crate) fn headers(&self) -> Vec<(&'static str, &'static str)> {
        let mut headers = self.workload.request.headers().to_vec();
        if !self.workload.keep_alive {
            headers.push(("Connection", "close"));
        }
        headers
    }

    /// Writes a file of the generator's and returns its path.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.folder.join(name);
        std::fs::write(&path, text)?;
        Ok(path)
    }
}

/// What a generator makes of a workload.
pub(crate) enum Start {
    Launch(Launch),
    /// Why it cannot do it.
    Cannot(&'static str),
}

/// A generator's process.
pub(crate) struct Launch {
    pub(crate) program: OsString,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) environment: Vec<(&'static str, String)>,
    /// For those that need a while until they are at their speed: what is measured begins so long after the first request.
    pub(crate) warm_up: Option<Duration>,
    /// In what it does less than the workload says.
    pub(crate) note: Option<&'static str>,
    /// Reads how many requests were recorded each for itself, with time and result; `None` when only sums are kept.
    pub(crate) recorded: Recorded,
    /// Reads p50, p90 and p99, in microseconds.
    pub(crate) quantiles: Quantiles,
}

/// What a generator has written.
pub(crate) struct Said {
    pub(crate) stdout: String,
    pub(crate) folder: PathBuf,
}

pub(crate) type Recorded = fn(&Said) -> Option<u64>;
pub(crate) type Quantiles = fn(&Said) -> Option<[f64; 3]>;

/// A generator.
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    /// How it is tuned, for the table.
    pub(crate) settings: &'static str,
    /// Where it is, or `None`.
    pub(crate) find: fn(&Places) -> Option<PathBuf>,
    /// What it says of its version.
    pub(crate) version: fn(&Path) -> Option<String>,
    /// How it is started for a workload.
    pub(crate) launch: fn(&Job<'_>, &Path) -> Result<Start>,
}

/// All generators, Loadline first.
pub(crate) fn all() -> Vec<Tool> {
    let mut tools = vec![own::loadline()];
    tools.extend(native::tools());
    tools.extend(scripted::tools());
    tools.extend(jvm::tools());
    tools
}

impl Launch {
    pub(crate) fn new(program: &Path) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            environment: Vec::new(),
            warm_up: None,
            note: None,
            recorded: |_| None,
            quantiles: |_| None,
        }
    }

    pub(crate) fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    pub(crate) fn args<const N: usize>(mut self, arguments: [&str; N]) -> Self {
        self.arguments.extend(arguments.iter().map(OsString::from));
        self
    }

    pub(crate) fn env(mut self, name: &'static str, value: &str) -> Self {
        self.environment.push((name, value.to_owned()));
        self
    }
}

/// Reasons that several generators have.
const HTTP1_ONLY: &str = "HTTP/1.1 only";
const NO_THINK_TIME: &str = "no think time";
const NO_PLANS: &str = "no plans of JMeter's";
/// What those do of a workload whose answers are read that send the same bytes again and again.
const SAME_BYTES: &str = "the same bytes each time, and the answer is not read";

/// The version in the first line that a program writes: `NAME VERSION`.
fn says(program: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    let line = text.lines().find(|line| !line.trim().is_empty())?;
    Some(line.split_whitespace().nth(1)?.to_owned())
}

/// The version of a program that Go has built and that does not say it itself.
fn go_module(program: &Path) -> Option<String> {
    let output = Command::new("go")
        .args(["version", "-m"])
        .arg(program)
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find(|line| line.trim().starts_with("mod"))?;
    Some(line.split_whitespace().nth(2)?.to_owned())
}

/// A program among the installed peers, else on the search path.
fn installed(places: &Places, name: &str) -> Option<PathBuf> {
    let own = places.peers.join("bin").join(name);
    if own.is_file() {
        return Some(own);
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// A time as `1.23ms`, `45us`, `0.0051` (seconds) and the like, in microseconds.
fn micros(text: &str) -> Option<f64> {
    let digits = text
        .find(|letter: char| !letter.is_ascii_digit() && letter != '.')
        .unwrap_or(text.len());
    let value: f64 = text[..digits].parse().ok()?;
    match &text[digits..] {
        "us" | "µs" => Some(value),
        "ms" => Some(value * 1e3),
        "s" | "" => Some(value * 1e6),
        _ => None,
    }
}

/// The first word behind `mark`.
fn word_after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    let rest = &text[text.find(mark)? + mark.len()..];
    rest.split_whitespace().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_their_units() {
        assert_eq!(micros("1.5ms"), Some(1500.0));
        assert_eq!(micros("12us"), Some(12.0));
        assert_eq!(micros("0.25"), Some(250_000.0));
        assert_eq!(micros("fast"), None);
    }
}
