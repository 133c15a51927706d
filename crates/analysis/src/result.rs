//! What an analysis says, as typed facts. Sentences are made of them by the report.
//!
//! Times are in microseconds, rates per second, shares in [0, 1], sizes in bytes, seconds of the run
//! counted from its start.

use loadline_events::{ErrorKind, LabelId, Signal, StepId};
use loadline_metrics::{RunFacts, StepLoad};

/// A run judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Analysis {
    /// What was run, where and when.
    pub facts: RunFacts,
    /// The answer.
    pub verdict: Verdict,
    /// Why, the deciding fact first; one sentence each.
    pub reasons: Vec<String>,
    /// The whole run, all counted labels together. No intervals: it mixes loads.
    pub totals: Stats,
    /// Steps in time order.
    pub steps: Vec<StepAnalysis>,
    /// Labels in the order of their first sample, transactions included.
    pub labels: Vec<LabelAnalysis>,
    /// Labels of the plan that have no sample in the whole run.
    pub never_ran: Vec<String>,
    /// Limits in the plan's order.
    pub limits: Vec<LimitResult>,
    /// Classes of errors, most frequent first.
    pub errors: Vec<ErrorClass>,
    /// Watched servers in the plan's order.
    pub servers: Vec<ServerAnalysis>,
    /// The greatest load that keeps the limits.
    pub breaking_point: BreakingPoint,
    /// What a request costs the servers, and the throughput at which they would be full.
    pub demand: Vec<ServiceDemand>,
    /// How throughput scales with the load.
    pub scaling: Scaling,
    /// What limits the server.
    pub bottleneck: BottleneckFinding,
    /// Whether the generator can be trusted.
    pub generator: GeneratorHealth,
    /// The run in bins of equal length, for the charts.
    pub story: Vec<StoryBin>,
    /// Length of a bin of `story`, in seconds.
    pub story_bin_s: u32,
    /// How response times spread, a curve for each step.
    pub spread: Vec<PercentileCurve>,
    /// How response times spread over time; `None` with too few samples.
    pub heat: Option<HeatMap>,
    /// What stood out inside the run, by time.
    pub anomalies: Vec<Anomaly>,
}

/// Something that stood out inside a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anomaly {
    /// What it is.
    pub kind: AnomalyKind,
    /// First second of the run.
    pub start_s: u32,
    /// The second after its last.
    pub end_s: u32,
    /// What was seen, with numbers, without a full stop.
    pub what: String,
}

/// A kind of anomaly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AnomalyKind {
    /// Many more errors than usual.
    ErrorBurst,
    /// Slower answers than around it.
    SlowSpell,
    /// Moments without answers, at even distances.
    Pauses,
}

/// The answer to whether a run kept its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Every limit was kept.
    Pass,
    /// No limits were set: figures only.
    Measured,
    /// A limit could not be decided.
    Inconclusive,
    /// The generator or the environment bent the figures that decide.
    Invalid,
    /// A limit was broken.
    Fail,
}

/// Why a value or an interval is not claimed.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// Nothing was recorded.
    NoSamples,
    /// The window is shorter than `need_s` seconds.
    TooShort {
        /// Seconds needed.
        need_s: u32,
    },
    /// There are fewer than `need` samples.
    TooFewSamples {
        /// Samples needed.
        need: u64,
    },
    /// The step was not steady.
    NotSteady,
    /// The generator bent the figure.
    Invalid(String),
    /// A resource was not read.
    NoReadings,
    /// There are fewer loads than `need`.
    TooFewLevels {
        /// Loads needed.
        need: u32,
    },
    /// The window mixes several loads.
    MixedLoads,
    /// Figures of this kind have no interval (a maximum).
    NoInterval,
}

/// A figure with its 95 % interval, as far as it is claimed.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// Lower end; `None` if no interval is claimed.
    pub low: Option<f64>,
    /// Upper end; `None` if it is unknown or no interval is claimed.
    pub high: Option<f64>,
    /// Whether `value` is only a lower bound, since requests were still waiting.
    pub censored: bool,
    /// Whether the interval is at least so wide (slow fluctuations in the window).
    pub at_least: bool,
    /// Why no interval is claimed; `None` when one is.
    pub reason: Option<Reason>,
}

/// Figures of one kind of time, in microseconds. `None` with fewer than five samples, but for
/// `min` and `max`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimeStats {
    /// Mean.
    pub mean: Option<Estimate>,
    /// Median.
    pub p50: Option<Estimate>,
    /// 90th percentile.
    pub p90: Option<Estimate>,
    /// 95th percentile.
    pub p95: Option<Estimate>,
    /// 99th percentile.
    pub p99: Option<Estimate>,
    /// 99.9th percentile.
    pub p999: Option<Estimate>,
    /// Smallest; `None` without samples.
    pub min: Option<f64>,
    /// Largest; `None` without samples. Never has an interval.
    pub max: Option<f64>,
}

/// The network's own parts of the times of a step, ramp included, each over the samples that have it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NetworkStats {
    /// Looking names up.
    pub resolve: TimeStats,
    /// Opening TCP connections.
    pub tcp: TimeStats,
    /// TLS handshakes.
    pub tls: TimeStats,
    /// Sending, where it took a while.
    pub send: TimeStats,
    /// Waits for a turn to open a connection, or for a stream of a shared one.
    pub wait: TimeStats,
}

/// Figures of a set of samples.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stats {
    /// Samples whose intended start lies in the window, errors included, aborted ones too.
    pub samples: u64,
    /// Failed samples among them.
    pub errors: u64,
    /// Failed over all samples; `None` without samples.
    pub error_rate: Option<Estimate>,
    /// Whether errors come in bursts (design effect above 10).
    pub errors_in_bursts: bool,
    /// Samples that ended in the window per second, errors included.
    pub throughput: Option<Estimate>,
    /// Samples without error that ended in the window per second.
    pub good_throughput: Option<Estimate>,
    /// Bytes sent for samples that ended in the window.
    pub sent_bytes: u64,
    /// Bytes received for samples that ended in the window.
    pub received_bytes: u64,
    /// Response times.
    pub response: TimeStats,
    /// Service times.
    pub service: TimeStats,
}

/// Whether a step settled.
#[derive(Clone, Debug, PartialEq)]
pub enum StepState {
    /// Steady in its window.
    Steady,
    /// Shorter than 20 s: the whole hold is the window, nothing is claimed.
    TooShort,
    /// Getting slower.
    Rising {
        /// Relative change of the mean response time per second.
        per_second: f64,
    },
    /// Getting faster; it had not settled.
    Falling,
    /// Some parts of the hold have no completions.
    Unsettled,
    /// The run ended before its hold began.
    NotReached,
}

/// A step judged.
#[derive(Clone, Debug, PartialEq)]
pub struct StepAnalysis {
    /// The step.
    pub step: StepId,
    /// Its load.
    pub load: StepLoad,
    /// Start of the ramp before it, in seconds of the run.
    pub ramp_start_s: f64,
    /// Start of its hold.
    pub hold_start_s: f64,
    /// End of its hold.
    pub end_s: f64,
    /// Whether it settled.
    pub state: StepState,
    /// The window that is judged: first second and the second after the last; `None` when there is
    /// nothing to judge.
    pub window: Option<(u32, u32)>,
    /// Hold in seconds that would have left enough for intervals, where a steady step has too
    /// little left after its warm-up was cut; `None` elsewhere.
    pub hold_needed_s: Option<u32>,
    /// Smallest rise of the mean over the window that would have been seen with 80 % power, a
    /// ratio; `None` when the window was not tested.
    pub detectable_rise: Option<f64>,
    /// Figures of the window, all counted labels together.
    pub stats: Stats,
    /// Connect times.
    pub connect: TimeStats,
    /// Parts of connect times, and sending.
    pub network: NetworkStats,
    /// Times to first byte.
    pub first_byte: TimeStats,
    /// Connections opened during the step, ramp included.
    pub connections_opened: u64,
    /// Samples of the step whose request was sent again, since it met the end of a kept-alive connection.
    pub retried: u64,
    /// Servers in the window, in the order of [`Analysis::servers`].
    pub servers: Vec<ServerStep>,
    /// Little's law; `None` when it cannot be checked.
    pub little: Option<LittleCheck>,
    /// Why the step's figures are not to be trusted; empty for a valid step.
    pub invalid: Vec<String>,
}

/// Little's law over a steady window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LittleCheck {
    /// Users (closed) or mean samples in flight (open) as counted.
    pub counted: f64,
    /// The same from throughput, response and think time.
    pub computed: f64,
}

/// A server during one step's window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServerStep {
    /// Mean and greatest 5-second mean of each signal that was read.
    pub signals: Vec<(Signal, f64, f64)>,
    /// CPU time of the server per completed request, in microseconds, with its interval.
    pub cpu_us_per_request: Option<Estimate>,
}

impl ServerStep {
    /// The mean of `signal`, if it was read.
    #[must_use]
    pub fn mean(&self, signal: Signal) -> Option<f64> {
        self.signals
            .iter()
            .find(|row| row.0 == signal)
            .map(|row| row.1)
    }

    /// The greatest 5-second mean of `signal`, if it was read.
    #[must_use]
    pub fn peak(&self, signal: Signal) -> Option<f64> {
        self.signals
            .iter()
            .find(|row| row.0 == signal)
            .map(|row| row.2)
    }
}

/// A label judged.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelAnalysis {
    /// The label.
    pub id: LabelId,
    /// Its name.
    pub label: String,
    /// Whether its samples are sums of others.
    pub transaction: bool,
    /// The whole run.
    pub totals: Stats,
    /// Each step's window, in the order of [`Analysis::steps`].
    pub steps: Vec<Stats>,
}

/// A limit judged.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitResult {
    /// The limit as the user wrote it.
    pub text: String,
    /// The worst cell's verdict.
    pub verdict: Verdict,
    /// The cell that decided: the worst one, or for a pass the one nearest to its bound.
    pub decisive: Option<LimitCell>,
    /// The bound: microseconds for times, else as in the plan.
    pub bound: f64,
    /// Every cell that was judged.
    pub cells: Vec<LimitCell>,
}

/// A limit on one label, step and window.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitCell {
    /// The label; `None` for all samples or a server.
    pub label: Option<String>,
    /// The step; `None` for the whole run.
    pub step: Option<StepId>,
    /// The load of that step.
    pub load: Option<StepLoad>,
    /// First second and the second after the last of the window that decided.
    pub window: Option<(u32, u32)>,
    /// What was measured, in the unit of the bound; `None` when nothing was.
    pub observed: Option<Estimate>,
    /// Its verdict.
    pub verdict: Verdict,
    /// Why, in a few words: "the whole interval lies above the bound".
    pub why: String,
    /// Length of each step, in seconds, that would decide an inconclusive cell, if at most an hour.
    pub needs_s: Option<f64>,
}

/// A class of errors.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorClass {
    /// Why.
    pub kind: ErrorKind,
    /// HTTP status; 0 without response.
    pub status: u16,
    /// How many.
    pub count: u64,
    /// First and last second.
    pub first_s: u32,
    /// Last second.
    pub last_s: u32,
    /// Labels that it touched, most frequent first.
    pub labels: Vec<String>,
    /// Text of the first one; from the server, so to be escaped.
    pub first_message: String,
    /// Share of all samples in the step where it was most frequent, and that step.
    pub worst_step: Option<(StepId, f64)>,
}

/// A watched server over the run.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerAnalysis {
    /// Name in limits and reports.
    pub name: String,
    /// How it was watched.
    pub source: String,
    /// What it turned out to be.
    pub description: String,
    /// Whether it was alive throughout; `None` when that was not seen.
    pub alive: Option<bool>,
    /// When it was lost, in seconds of the run: its process ended, or nothing was answered any more.
    pub died_s: Option<f64>,
    /// Whether its process ended; a lost server whose process goes on answers nothing.
    pub process_ended: bool,
    /// Seconds with a reading in which it was alive, and seconds looked at.
    pub alive_readings: (u32, u32),
    /// Resources, nearest to their limit first.
    pub resources: Vec<ResourceUse>,
    /// What could not be read, one line each.
    pub not_read: Vec<String>,
}

/// Use of one resource of a server.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceUse {
    /// The signal.
    pub signal: Signal,
    /// Mean over each step's window, in the signal's unit.
    pub by_step: Vec<Option<f64>>,
    /// Share of its limit in each step, in [0, 1]; `None` where it has no limit.
    pub share_by_step: Vec<Option<f64>>,
    /// The share from which it counts as saturated.
    pub saturation: Option<f64>,
    /// What that means.
    pub standing: ResourceStanding,
}

/// What a resource's use means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ResourceStanding {
    /// Saturated since this second of the run.
    Saturated {
        /// The second.
        since_s: u32,
    },
    /// Busy, but not what limits.
    Busy,
    /// Free.
    Free,
    /// Not read.
    NotRead,
}

/// What a request costs one resource of a server (utilisation law, Denning and Buzen 1978).
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceDemand {
    /// Name of the server.
    pub server: String,
    /// The resource: [`Signal::CpuCores`] or [`Signal::BusiestThread`].
    pub signal: Signal,
    /// Busy time of the resource for each completed request, in microseconds.
    pub demand_us: Estimate,
    /// Use without load, in cores.
    pub background_cores: f64,
    /// Cores that the resource has: those allowed, or 1 for a thread.
    pub available_cores: f64,
    /// Throughput at which it is full, per second.
    pub capacity_per_s: Estimate,
    /// Greatest throughput seen in a step, per second.
    pub observed_per_s: f64,
}

/// How throughput scales with the load, by the universal scalability law.
#[derive(Clone, Debug, PartialEq)]
pub enum Scaling {
    /// The steps follow the law.
    Fitted(ScalingLaw),
    /// No curve is claimed, and why.
    Refused(String),
}

/// The universal scalability law (Gunther 2007): X(N) = λN / (1 + σ(N−1) + κN(N−1)).
#[derive(Clone, Debug, PartialEq)]
pub struct ScalingLaw {
    /// λ: throughput of one user alone, per second.
    pub rate_per_user: f64,
    /// σ: share of work that waits for a common resource, not negative.
    pub contention: f64,
    /// κ: cost of keeping users consistent with each other, not negative.
    pub coherency: f64,
    /// Greatest N of a step. Beyond it the curve is a forecast; beyond 1.5 times it, none. N is
    /// users, users inside the server where think time makes these differ, or samples in flight of
    /// an open load.
    pub greatest_load: f64,
    /// N with the greatest throughput; `None` if it is not claimed.
    pub peak: Option<Estimate>,
    /// Why no peak is claimed.
    pub peak_refused: Option<String>,
}

impl ScalingLaw {
    /// Throughput per second at the load `n`, at least 1.
    #[must_use]
    pub fn throughput(&self, n: f64) -> f64 {
        let slowdown = 1.0 + self.contention * (n - 1.0) + self.coherency * n * (n - 1.0);
        self.rate_per_user * n / slowdown
    }
}

/// The greatest load that keeps the limits.
#[derive(Clone, Debug, PartialEq)]
pub struct BreakingPoint {
    /// Whether it was found.
    pub status: BreakingStatus,
    /// Greatest load that kept all limits.
    pub carried: Option<StepLoad>,
    /// Smallest load that broke one.
    pub broken: Option<StepLoad>,
    /// The limit that broke first, as written, and the label where it did.
    pub limit: Option<(String, Option<String>)>,
    /// Turns of the load curves.
    pub knees: Vec<Knee>,
    /// What more loads would add, and other remarks; one sentence each.
    pub notes: Vec<String>,
}

/// Whether a breaking point was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BreakingStatus {
    /// Between `carried` and `broken`; `carried` may be absent when the smallest load broke.
    Found,
    /// The greatest load kept all limits.
    NotReached,
    /// It cannot be told: no limits, or undecided ones.
    Unknown,
}

/// A turn of a load curve, between two loads.
#[derive(Clone, Debug, PartialEq)]
pub struct Knee {
    /// What turns: "response time doubles", "resource full", "first errors".
    pub what: String,
    /// Last load without it.
    pub without: f64,
    /// First load with it.
    pub with: f64,
}

/// A cause that can limit a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// Nothing is saturated.
    None,
    /// Loadline itself.
    Generator,
    /// The machine is shared with the generator and full.
    SharedHost,
    /// All cores the server may use.
    Cpu,
    /// The CPU quota of its cgroup.
    CpuQuota,
    /// One thread.
    SingleThread,
    /// A pool of workers or connections.
    WorkerPool,
    /// A lock.
    Lock,
    /// Memory: swapping or pressure.
    Memory,
    /// Memory that grows at constant load.
    MemoryLeak,
    /// The disk.
    Disk,
    /// The network.
    Network,
    /// The accept queue.
    AcceptQueue,
    /// Open files.
    Descriptors,
    /// A rate limiter.
    RateLimiter,
    /// The server fails; its resources do not show why.
    ServerErrors,
    /// The server cuts connections.
    Resets,
    /// The server's process ended.
    Crash,
    /// The server stops answering for moments.
    Pauses,
    /// Requests wait for something that none of the server's resources shows, at every load.
    Dependency,
    /// The database has no session left.
    DatabaseConnections,
    /// Sessions of the database wait for each other's locks.
    DatabaseLocks,
    /// Requests wait for statements of the database.
    DatabaseStatements,
    /// It cannot be told.
    Unknown,
}

/// What limits the server.
#[derive(Clone, Debug, PartialEq)]
pub struct BottleneckFinding {
    /// The first-named cause.
    pub cause: Cause,
    /// Whether it is only likely (score 0.4-0.6).
    pub likely_only: bool,
    /// Score in [0, 1].
    pub score: f64,
    /// The second-best cause; where none is named, one that too little speaks for. The evidence for that comes
    /// first where there is no `knee_step`; else the only evidence is where the curve turns.
    pub runner_up: Option<CauseScore>,
    /// First step with the knee, if there is one.
    pub knee_step: Option<StepId>,
    /// Sentences with numbers, three to five.
    pub evidence: Vec<String>,
    /// What to do, most direct first, at most three.
    pub advice: Vec<String>,
    /// Signals that were looked at and did not show it.
    pub looked_at: Vec<String>,
    /// What was not looked at.
    pub not_looked_at: Vec<String>,
}

/// A cause and how much speaks for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CauseScore {
    /// The cause.
    pub cause: Cause,
    /// Score in [0, 1].
    pub score: f64,
}

/// Whether the generator can be trusted.
#[derive(Clone, Debug, PartialEq)]
pub struct GeneratorHealth {
    /// The worst standing of all signals.
    pub standing: HealthStanding,
    /// Median of the generator's own lag over the run, in microseconds.
    pub lag_us_p50: f64,
    /// 99th percentile of that lag.
    pub lag_us_p99: f64,
    /// 99th percentile of the lateness of the engine's 10-ms timers, in microseconds.
    pub loop_lag_us_p99: f64,
    /// CPU of the generator over the cores it may use, mean over the main part.
    pub cpu_ratio: f64,
    /// Greatest share of a core that one engine thread used over 5 s.
    pub busiest_thread: f64,
    /// CPU of each engine thread, of which there is one for each core unless the user says otherwise: share of a
    /// core, mean over the main part.
    pub threads: Vec<f64>,
    /// What it used of what it may.
    pub resources: GeneratorResources,
    /// Arrivals that could not be started.
    pub missed_arrivals: u64,
    /// Samples dropped before they were recorded.
    pub dropped: u64,
    /// Signals looked at, worst first.
    pub signals: Vec<HealthSignal>,
}

/// What the generator used of what it may, at most over the run; `None` where it was not read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GeneratorResources {
    /// Connections open at once.
    pub connections: u64,
    /// Open files, and how many it may have.
    pub open_files: Option<(u64, u64)>,
    /// Ports in use or not free yet, if all its connections go to one address and port, and how many there
    /// are.
    pub ports: Option<(u64, u64)>,
    /// Samples that waited for the recorder.
    pub recorder_queue: Option<u64>,
    /// Share of the host's CPU that the hypervisor took away, over a second.
    pub steal: Option<f64>,
    /// Share of its periods in which the control group's quota held it back, over a second.
    pub throttled: Option<f64>,
}

/// One signal of the generator's health.
#[derive(Clone, Debug, PartialEq)]
pub struct HealthSignal {
    /// What it is: "CPU of its 2 cores".
    pub name: String,
    /// The value as shown: "4.1 %".
    pub value: String,
    /// What it means: "changes p99 at 1,000 users by 0.1 %".
    pub meaning: String,
    /// Its standing.
    pub standing: HealthStanding,
    /// Steps that it makes invalid; empty otherwise.
    pub steps: Vec<StepId>,
}

/// Standing of a health signal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HealthStanding {
    /// Nothing to say.
    #[default]
    Healthy,
    /// Noticeable.
    Warning,
    /// Figures are bent by more than 5 %, or not all load was sent.
    Invalid,
}

/// A bin of the story chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoryBin {
    /// First second of the bin.
    pub start_s: u32,
    /// Users running, mean.
    pub users: f64,
    /// Samples in flight, mean.
    pub in_flight: f64,
    /// Arrivals offered per second (open model).
    pub offered: Option<f64>,
    /// Samples by intended start.
    pub samples: u64,
    /// Median response time in microseconds; `None` with too few samples or when censored.
    pub p50_us: Option<f64>,
    /// 95th percentile; `None` with fewer than 20 samples or when censored.
    pub p95_us: Option<f64>,
    /// 99th percentile; `None` with fewer than 300 samples or when censored.
    pub p99_us: Option<f64>,
    /// Completions without error per second.
    pub good_per_s: f64,
    /// All completions per second.
    pub completed_per_s: f64,
    /// Errors per second by class, in the order of [`Analysis::errors`], at most four, then others.
    pub errors_per_s: Vec<f64>,
    /// For each server: busiest thread in cores, CPU over allowed cores, memory in bytes.
    pub servers: Vec<(Option<f64>, Option<f64>, Option<f64>)>,
}

/// Response times of a step by percentile.
#[derive(Clone, Debug, PartialEq)]
pub struct PercentileCurve {
    /// The step.
    pub step: StepId,
    /// Its load.
    pub load: StepLoad,
    /// Samples.
    pub samples: u64,
    /// Quantile in [0, 1) and response time in microseconds, ascending in both.
    pub points: Vec<(f64, f64)>,
}

/// Response times over time, all counted labels together.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatMap {
    /// Length of a column, in seconds.
    pub column_s: u32,
    /// Edges of the bins, in microseconds, each the same factor above the one before it; one more
    /// than there are bins.
    pub edges_us: Vec<f64>,
    /// By time: for each bin the share of the column's samples, in [0, 1], by intended start; empty
    /// for a column without samples.
    pub columns: Vec<Vec<f64>>,
}
