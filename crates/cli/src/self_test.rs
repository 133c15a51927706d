//! What this machine can send: a few seconds of load over loopback, kept so that later runs can be
//! warned before they ask for more.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use loadline_conductor::{Interrupts, ResultRequest};
use loadline_monitor::machine_facts;
use loadline_plan::{Load, LoadStage, NativeLoad, Plan};
use serde_json::{Value, json};

use crate::args::{OutputArgs, ValueArgs};
use crate::backend_process::BackendProcess;
use crate::diagnostics::SourceFiles;
use crate::execution::{Execution, NotRun, execute};
use crate::quick::QuickRequest;

/// Users of the test.
pub(crate) const USERS: u32 = 64;
/// Its length.
pub(crate) const LENGTH: Duration = Duration::from_secs(3);
/// Share of its cores up to which a generator is not the limit (the warning of a run's own check).
pub(crate) const FREE_SHARE: f64 = 0.7;

/// The outcome of a self-test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SelfTest {
    /// Requests per second that were answered.
    pub(crate) per_second: f64,
    /// CPU time of the generator for a request, in microseconds.
    pub(crate) cpu_us: f64,
    /// Cores that the generator may use.
    pub(crate) cores: u32,
    /// What a user with a connection takes of the memory, in bytes; `None` where it was not measured.
    pub(crate) user_bytes: Option<u64>,
}

impl SelfTest {
    /// Requests per second that the generator can send while it has `cores` for itself, at the use
    /// from which a run would be warned.
    pub(crate) fn capacity_per_s(&self, cores: f64) -> f64 {
        FREE_SHARE * cores * 1e6 / self.cpu_us
    }
}

/// Loads `backend` and sees what a request costs; the run is kept below `work`.
///
/// # Errors
///
/// When nothing was answered.
pub(crate) fn run(
    backend: &BackendProcess,
    work: &Path,
    interrupts: &Interrupts,
) -> anyhow::Result<SelfTest> {
    let request = QuickRequest {
        url: format!("http://{}/health", backend.address),
        ..QuickRequest::default()
    };
    let plan = request.plan(load()).map_err(anyhow::Error::msg)?;
    let execution = quiet_execution(plan, &request.url, &work.join("run"));
    let executed = execute(execution.of(), interrupts).map_err(why_not)?;
    let analysis = executed.analysis;
    let per_second = analysis
        .totals
        .good_throughput
        .as_ref()
        .map_or(0.0, |rate| rate.value);
    let cores = analysis.facts.generator.cores.max(1);
    let busy_us = analysis.generator.cpu_ratio * f64::from(cores) * 1e6;
    anyhow::ensure!(
        per_second > 0.0 && busy_us > 0.0,
        "nothing was answered: {}",
        analysis.reasons.join("; ")
    );
    Ok(SelfTest {
        per_second,
        cpu_us: busy_us / per_second,
        cores,
        user_bytes: None,
    })
}

/// A run of this program's own, without a word.
pub(crate) struct QuietExecution {
    plan: Plan,
    source: String,
    folder: PathBuf,
    values: ValueArgs,
    output: OutputArgs,
}

/// A run of `plan`, that of the URL `source`, kept in `folder`.
pub(crate) fn quiet_execution(plan: Plan, source: &str, folder: &Path) -> QuietExecution {
    QuietExecution {
        plan,
        source: source.to_owned(),
        folder: folder.to_owned(),
        values: ValueArgs::default(),
        output: OutputArgs {
            out: None,
            seed: Some(1),
            threads: None,
            json: false,
            quiet: true,
            no_color: true,
        },
    }
}

impl QuietExecution {
    pub(crate) fn of(&self) -> Execution<'_> {
        Execution {
            plan: self.plan.clone(),
            plan_file: None,
            plan_source: self.source.clone(),
            sources: SourceFiles::default(),
            values: &self.values,
            output: &self.output,
            folder: Some(self.folder.clone()),
            verify_tls: None,
            allowed_hosts: Vec::new(),
            unsupported: Vec::new(),
            skips_refused_scripts: false,
            note: String::new(),
            replay: String::new(),
            results: ResultRequest::default(),
            without_answer: false,
            without_users: false,
        }
    }
}

/// Why a run of this program's own was not made.
pub(crate) fn why_not(not_run: NotRun) -> anyhow::Error {
    match not_run {
        NotRun::Plan(..) => anyhow::anyhow!("its plan cannot run"),
        NotRun::Machine(finding, _) => anyhow::Error::msg(finding.message),
        NotRun::Refused(error) | NotRun::NoAnswer(error) | NotRun::Failed(error) => error,
    }
}

fn load() -> Load {
    Load::Native(NativeLoad::UserStages {
        from: USERS,
        stages: vec![LoadStage {
            target: USERS,
            duration: LENGTH,
        }],
        start: Duration::ZERO,
        pacing: None,
    })
}

/// The file that keeps the last self-test of this user: `$XDG_CACHE_HOME/loadline/self-test.json`.
fn file() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let cache = set("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| set("HOME").map(|home| Path::new(&home).join(".cache")))?;
    Some(cache.join("loadline").join("self-test.json"))
}

/// Keeps a self-test for later runs; returns where.
///
/// # Errors
///
/// When there is no home or the file cannot be written.
pub(crate) fn keep(test: &SelfTest) -> anyhow::Result<PathBuf> {
    let file = file().context("neither XDG_CACHE_HOME nor HOME is set")?;
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("create {}", folder.display()))?;
    }
    let text = format!("{:#}\n", written(test));
    std::fs::write(&file, text).with_context(|| format!("write {}", file.display()))?;
    Ok(file)
}

/// The kept self-test, if it is this machine's and this version's.
pub(crate) fn kept() -> Option<SelfTest> {
    let text = std::fs::read_to_string(file()?).ok()?;
    read(&serde_json::from_str(&text).ok()?)
}

fn written(test: &SelfTest) -> Value {
    let machine = machine_facts();
    json!({
        "format": "loadline-self-test/1",
        "version": env!("CARGO_PKG_VERSION"),
        "host": machine.host,
        "cpu": machine.cpu,
        "cores": test.cores,
        "requests_per_s": test.per_second,
        "cpu_us_per_request": test.cpu_us,
        "bytes_per_user": test.user_bytes,
    })
}

fn read(value: &Value) -> Option<SelfTest> {
    let test = SelfTest {
        per_second: value["requests_per_s"].as_f64()?,
        cpu_us: value["cpu_us_per_request"]
            .as_f64()
            .filter(|us| *us > 0.0)?,
        cores: u32::try_from(value["cores"].as_u64()?).ok()?,
        user_bytes: value["bytes_per_user"].as_u64(),
    };
    let of_here = written(&test);
    let same = ["format", "version", "host", "cpu"]
        .iter()
        .all(|key| value[*key] == of_here[*key]);
    (same && test.cores == machine_facts().cores).then_some(test)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test() -> SelfTest {
        SelfTest {
            per_second: 50_000.0,
            cpu_us: 10.0,
            cores: machine_facts().cores,
            user_bytes: Some(2_400),
        }
    }

    #[test]
    fn capacity_leaves_room() {
        let test = SelfTest { cores: 2, ..test() };
        assert!((test.capacity_per_s(1.0) - 70_000.0).abs() < 1e-6);
    }

    #[test]
    fn a_self_test_of_another_machine_or_version_does_not_count() {
        let value = written(&test());
        assert_eq!(read(&value), Some(test()));
        for (key, other) in [
            ("version", json!("0.0.0")),
            ("host", json!("elsewhere")),
            ("cores", json!(4_096)),
            ("cpu_us_per_request", json!(0)),
        ] {
            let mut changed = value.clone();
            changed[key] = other;
            assert_eq!(read(&changed), None, "{key}");
        }
    }
}
