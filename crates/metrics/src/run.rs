//! A whole run as the analysis takes it.

use std::collections::BTreeMap;
use std::time::Duration;

use loadline_events::{LabelId, Phase, Reading, StepId, StopReason, WorkerSecond};
use loadline_units::{Rate, RunTime};

use crate::RunSeries;

/// Everything recorded of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunData {
    /// What was run, where and when.
    pub facts: RunFacts,
    /// Labels; the index is the [`LabelId`].
    pub labels: Vec<Label>,
    /// Load steps in time order; the index is the [`StepId`].
    pub steps: Vec<StepWindow>,
    /// Samples as series.
    pub series: RunSeries,
    /// The generator's account, in time order.
    pub workers: Vec<WorkerSecond>,
    /// Readings of the generator itself, in time order; empty in runs of versions without them.
    pub generator: Vec<Reading>,
    /// Servers watched, in the plan's order.
    pub servers: Vec<ServerSeries>,
    /// Turning points, in time order.
    pub phases: Vec<Phase>,
}

/// What was run, where and when.
#[derive(Clone, Debug, PartialEq)]
pub struct RunFacts {
    /// Name of the plan.
    pub plan_name: String,
    /// SHA-256 of the plan without its limits, in hex: equal hashes load equally.
    pub plan_hash: String,
    /// The plan file as given, or the URL of quick mode.
    pub plan_source: String,
    /// The command line that replays the run.
    pub replay: String,
    /// Seed of all chance.
    pub seed: u64,
    /// Where the load went, such as `http://127.0.0.1:8000`; several are joined by commas.
    pub target: String,
    /// Wall-clock start, in milliseconds since the Unix epoch.
    pub started_at_ms: i64,
    /// Length of the run from its start to its end, in microseconds.
    pub duration_us: u64,
    /// When the main thread groups started; steps count from here.
    pub main_started: RunTime,
    /// Planned length of the main part; `None` if it ends by iterations.
    pub planned: Option<Duration>,
    /// Why the run ended.
    pub stop: StopReason,
    /// Arrivals or users.
    pub model: LoadModel,
    /// Loadline's version.
    pub version: String,
    /// The machine that made the load.
    pub generator: GeneratorFacts,
    /// Free text that the user gave the run; empty without one.
    pub note: String,
    /// Elements of the plan that were left out because the user allowed it.
    pub unsupported: Vec<String>,
}

/// The machine that made the load.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GeneratorFacts {
    /// Host name.
    pub host: String,
    /// CPU model as the kernel names it.
    pub cpu: String,
    /// Cores the generator may use.
    pub cores: u32,
    /// Engine threads.
    pub threads: u32,
    /// Memory of the machine, in bytes.
    pub memory_bytes: u64,
    /// Soft limit of open files.
    pub open_files_limit: u64,
    /// Whether a watched server runs on the same machine.
    pub shares_host: bool,
}

/// Who decides when an iteration starts.
#[derive(Clone, Debug, PartialEq)]
pub enum LoadModel {
    /// Users, each starting its next iteration when it is done and has thought.
    Closed(GroupTiming),
    /// A schedule of arrivals.
    Open,
    /// Groups of both kinds.
    Mixed,
}

/// How the users of a closed model pass their time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupTiming {
    /// Whether iterations follow a schedule (pacing).
    pub paced: bool,
    /// Whether users pause between samples.
    pub thinks: bool,
}

/// A label and what it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Label {
    /// The name shown.
    pub name: String,
    /// Whether its samples are sums of others, to be left out of totals.
    pub transaction: bool,
}

/// The load of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StepLoad {
    /// Concurrent users.
    Users(u32),
    /// Arrivals per second.
    Rate(Rate),
}

impl StepLoad {
    /// Users, or arrivals per second, as a number.
    #[must_use]
    pub fn value(self) -> f64 {
        match self {
            StepLoad::Users(users) => f64::from(users),
            StepLoad::Rate(rate) => rate.as_per_second(),
        }
    }
}

/// When a step ran: ramp, then hold. Times are of the run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepWindow {
    /// The step.
    pub step: StepId,
    /// Its load.
    pub load: StepLoad,
    /// Start of the change of load before it.
    pub ramp_start: RunTime,
    /// Start of its constant load.
    pub hold_start: RunTime,
    /// End of its constant load as planned, or the end of the run if that came first.
    pub end: RunTime,
    /// Whether the run went on to its planned end.
    pub complete: bool,
}

impl StepWindow {
    /// The window of a run that ended at `run_end`: nothing lies after that, and the step is
    /// complete only if its planned end was reached.
    #[must_use]
    pub fn clipped(self, run_end: RunTime) -> StepWindow {
        StepWindow {
            ramp_start: self.ramp_start.min(run_end),
            hold_start: self.hold_start.min(run_end),
            end: self.end.min(run_end),
            complete: self.complete && self.end <= run_end,
            ..self
        }
    }
}

/// A watched server.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServerSeries {
    /// Name in limits and reports.
    pub name: String,
    /// How it was watched: `local`, `pid:123`.
    pub source: String,
    /// What it turned out to be: process name, id, port; empty if it was not found.
    pub description: String,
    /// Readings in time order.
    pub readings: Vec<Reading>,
    /// What could not be read, one line each.
    pub not_read: Vec<String>,
}

impl RunData {
    /// Labels whose samples count in totals, with their ids.
    pub fn counted_labels(&self) -> impl Iterator<Item = (LabelId, &Label)> {
        (0u16..)
            .map(LabelId)
            .zip(&self.labels)
            .filter(|(_, label)| !label.transaction)
    }

    /// Users that ran at the end of each second, over all engine threads.
    #[must_use]
    pub fn users_by_second(&self) -> BTreeMap<u32, u32> {
        let mut users = BTreeMap::new();
        for row in &self.workers {
            *users.entry(row.second).or_default() += row.users_running;
        }
        users
    }

    /// Samples under way at the end of each second, over all engine threads.
    #[must_use]
    pub fn in_flight_by_second(&self) -> BTreeMap<u32, u32> {
        let mut in_flight = BTreeMap::new();
        for row in &self.workers {
            *in_flight.entry(row.second).or_default() += row.in_flight;
        }
        in_flight
    }
}
