//! `manifest.json`: what was run, its steps, limits and servers.
//!
//! A reader of this version refuses other formats; unknown keys within this format are ignored, so
//! later versions may add some.

use std::path::Path;
use std::time::Duration;

use loadline_events::StepId;
use loadline_metrics::{GeneratorFacts, GroupTiming, LoadModel, RunFacts, StepLoad, StepWindow};
use loadline_units::{Rate, RunTime};
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::log::StopName;

/// The format that is written and read.
const FORMAT: &str = "loadline-run/1";

/// What a manifest says.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// What was run, where and when; length and stop reason count only when finished.
    pub facts: RunFacts,
    /// Steps as planned, or as run once finished. Empty before the main groups start.
    pub steps: Vec<StepWindow>,
    /// Limits as the plan states them.
    pub limits: Vec<String>,
    /// Servers watched, in the plan's order.
    pub servers: Vec<ServerFacts>,
    /// Whether the run came to its end; otherwise it still goes on or was cut off.
    pub finished: bool,
}

/// A watched server, without its readings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerFacts {
    /// Name in limits and reports.
    pub name: String,
    /// How it was watched.
    pub source: String,
    /// What it turned out to be.
    pub description: String,
    /// What could not be read.
    pub not_read: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Format {
    format: String,
}

#[derive(Serialize, Deserialize)]
struct File {
    format: String,
    state: State,
    plan: PlanPart,
    replay: String,
    seed: u64,
    target: String,
    started_at: String,
    started_at_ms: i64,
    duration_us: u64,
    main_started_us: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    planned_us: Option<u64>,
    stop: StopName,
    model: ModelPart,
    version: String,
    generator: GeneratorPart,
    note: String,
    unsupported: Vec<String>,
    steps: Vec<StepPart>,
    limits: Vec<String>,
    servers: Vec<ServerFacts>,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum State {
    Running,
    Finished,
}

#[derive(Serialize, Deserialize)]
struct PlanPart {
    name: String,
    hash: String,
    source: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
enum ModelPart {
    Closed { paced: bool, thinks: bool },
    Open,
    Mixed,
}

#[derive(Serialize, Deserialize)]
struct GeneratorPart {
    host: String,
    cpu: String,
    cores: u32,
    threads: u32,
    memory_bytes: u64,
    open_files_limit: u64,
    shares_host: bool,
}

#[derive(Serialize, Deserialize)]
struct StepPart {
    index: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    users: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_per_s: Option<f64>,
    ramp_start_us: u64,
    hold_start_us: u64,
    end_us: u64,
    complete: bool,
}

/// The text of the file.
pub(crate) fn to_json(manifest: &Manifest) -> String {
    let facts = &manifest.facts;
    let file = File {
        format: FORMAT.to_owned(),
        state: if manifest.finished {
            State::Finished
        } else {
            State::Running
        },
        plan: PlanPart {
            name: facts.plan_name.clone(),
            hash: facts.plan_hash.clone(),
            source: facts.plan_source.clone(),
        },
        replay: facts.replay.clone(),
        seed: facts.seed,
        target: facts.target.clone(),
        started_at: jiff::Timestamp::from_millisecond(facts.started_at_ms)
            .map(|time| time.to_string())
            .unwrap_or_default(),
        started_at_ms: facts.started_at_ms,
        duration_us: facts.duration_us,
        main_started_us: facts.main_started.as_micros(),
        planned_us: facts
            .planned
            .map(|planned| RunTime::from_duration(planned).as_micros()),
        stop: facts.stop.into(),
        model: match &facts.model {
            LoadModel::Closed(timing) => ModelPart::Closed {
                paced: timing.paced,
                thinks: timing.thinks,
            },
            LoadModel::Open => ModelPart::Open,
            LoadModel::Mixed => ModelPart::Mixed,
        },
        version: facts.version.clone(),
        generator: GeneratorPart {
            host: facts.generator.host.clone(),
            cpu: facts.generator.cpu.clone(),
            cores: facts.generator.cores,
            threads: facts.generator.threads,
            memory_bytes: facts.generator.memory_bytes,
            open_files_limit: facts.generator.open_files_limit,
            shares_host: facts.generator.shares_host,
        },
        note: facts.note.clone(),
        unsupported: facts.unsupported.clone(),
        steps: manifest.steps.iter().map(step_part).collect(),
        limits: manifest.limits.clone(),
        servers: manifest.servers.clone(),
    };
    let mut text =
        serde_json::to_string_pretty(&file).expect("a manifest of strings and numbers is JSON");
    text.push('\n');
    text
}

fn step_part(step: &StepWindow) -> StepPart {
    let (users, rate_per_s) = match step.load {
        StepLoad::Users(users) => (Some(users), None),
        StepLoad::Rate(rate) => (None, Some(rate.as_per_second())),
    };
    StepPart {
        index: step.step.0,
        users,
        rate_per_s,
        ramp_start_us: step.ramp_start.as_micros(),
        hold_start_us: step.hold_start.as_micros(),
        end_us: step.end.as_micros(),
        complete: step.complete,
    }
}

/// Reads the text of the manifest at `path` in `folder`.
pub(crate) fn from_json(text: &str, path: &Path, folder: &Path) -> Result<Manifest, StoreError> {
    let damaged = |error: serde_json::Error| StoreError::damaged(path, error.to_string());
    let format: Format = serde_json::from_str(text).map_err(damaged)?;
    if format.format != FORMAT {
        return Err(StoreError::Version {
            folder: folder.to_owned(),
            found: format.format,
            expected: FORMAT,
        });
    }
    let file: File = serde_json::from_str(text).map_err(damaged)?;
    let steps = file
        .steps
        .iter()
        .map(|part| step_window(part).ok_or("a step has neither users nor a rate"))
        .collect::<Result<_, _>>()
        .map_err(|reason| StoreError::damaged(path, reason))?;
    Ok(Manifest {
        facts: RunFacts {
            plan_name: file.plan.name,
            plan_hash: file.plan.hash,
            plan_source: file.plan.source,
            replay: file.replay,
            seed: file.seed,
            target: file.target,
            started_at_ms: file.started_at_ms,
            duration_us: file.duration_us,
            main_started: RunTime::from_micros(file.main_started_us),
            planned: file.planned_us.map(Duration::from_micros),
            stop: file.stop.into(),
            model: match file.model {
                ModelPart::Closed { paced, thinks } => {
                    LoadModel::Closed(GroupTiming { paced, thinks })
                }
                ModelPart::Open => LoadModel::Open,
                ModelPart::Mixed => LoadModel::Mixed,
            },
            version: file.version,
            generator: GeneratorFacts {
                host: file.generator.host,
                cpu: file.generator.cpu,
                cores: file.generator.cores,
                threads: file.generator.threads,
                memory_bytes: file.generator.memory_bytes,
                open_files_limit: file.generator.open_files_limit,
                shares_host: file.generator.shares_host,
            },
            note: file.note,
            unsupported: file.unsupported,
        },
        steps,
        limits: file.limits,
        servers: file.servers,
        finished: file.state == State::Finished,
    })
}

fn step_window(part: &StepPart) -> Option<StepWindow> {
    let load = match (part.users, part.rate_per_s) {
        (Some(users), _) => StepLoad::Users(users),
        (None, Some(rate)) => StepLoad::Rate(Rate::per_second(rate)?),
        (None, None) => return None,
    };
    Some(StepWindow {
        step: StepId(part.index),
        load,
        ramp_start: RunTime::from_micros(part.ramp_start_us),
        hold_start: RunTime::from_micros(part.hold_start_us),
        end: RunTime::from_micros(part.end_us),
        complete: part.complete,
    })
}
