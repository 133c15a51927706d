//! What a comparison of two runs says, as typed facts. Sentences are made of them by the report.
//!
//! Times are in microseconds, rates per second, shares in [0, 1], sizes in bytes.

use loadline_events::StepId;
use loadline_metrics::{RunFacts, StepLoad};

use crate::result::{Estimate, PercentileCurve, Verdict};

/// Two runs compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// What was run as the baseline.
    pub baseline: RunFacts,
    /// What was run as the candidate.
    pub candidate: RunFacts,
    /// Verdicts of the two runs, baseline first.
    pub verdicts: (Verdict, Verdict),
    /// Whether a regression or an improvement is claimed for the run as a whole.
    pub answer: RunAnswer,
    /// Why, the deciding fact first; one sentence each.
    pub reasons: Vec<String>,
    /// Whether the runs may be compared: one row for each thing looked at.
    pub comparability: Vec<ComparabilityRow>,
    /// Smallest change that matters, as a ratio (0.05 = 5 %).
    pub min_effect: f64,
    /// Index in `steps` of the headline: the last common steady step, else the last common one.
    pub headline: Option<usize>,
    /// Common steps in the order of their loads.
    pub steps: Vec<StepComparison>,
    /// Limits of either run by their text, the baseline's order first.
    pub limits: Vec<LimitComparison>,
    /// Servers of the headline step, matched by name.
    pub servers: Vec<ServerComparison>,
    /// How many runs of each side were compared; one each says nothing about how much two runs of
    /// the same build differ.
    pub runs: (u32, u32),
    /// What was not measured and what to keep in mind, one sentence each.
    pub notes: Vec<String>,
    /// Load against time, throughput and CPU of the baseline, a point for each step.
    pub baseline_curve: Vec<CurvePoint>,
    /// The same of the candidate.
    pub candidate_curve: Vec<CurvePoint>,
    /// Percentile curves of the headline step, baseline first.
    pub spread: Option<(PercentileCurve, PercentileCurve)>,
}

/// The answer for a run as a whole, after correction for the number of cells (Holm 1979).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RunAnswer {
    /// At least one primary cell is better and none is worse.
    Improved,
    /// At least one primary cell is worse.
    Regressed,
    /// No cell changed by more than the smallest effect that matters.
    NoSignificantChange,
    /// The intervals are too wide to say.
    CannotTell,
    /// The runs may not be compared; see [`Comparison::comparability`].
    NotComparable,
}

/// One thing that was looked at to decide whether two runs may be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparabilityRow {
    /// What: "plan", "steps", "generator".
    pub what: String,
    /// The baseline's, as shown.
    pub baseline: String,
    /// The candidate's, as shown.
    pub candidate: String,
    /// Whether they match.
    pub standing: ComparabilityStanding,
    /// What a difference means; empty when there is none.
    pub consequence: String,
}

/// What a difference of two runs means for their comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ComparabilityStanding {
    /// Alike.
    Same,
    /// Different, but comparable with care.
    Warning,
    /// Different, so that no comparison is made.
    Refused,
}

/// A step that both runs have.
#[derive(Clone, Debug, PartialEq)]
pub struct StepComparison {
    /// The step in the baseline.
    pub baseline_step: StepId,
    /// The step in the candidate.
    pub candidate_step: StepId,
    /// Its load.
    pub load: StepLoad,
    /// Why no answers are given for it; empty when they are.
    pub refused: Vec<String>,
    /// All samples together first (`label` is `None`), then the common labels.
    pub rows: Vec<LabelComparison>,
}

/// A label in one step of two runs.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelComparison {
    /// The label; `None` for all samples together.
    pub label: Option<String>,
    /// One cell for each metric that both have, in the order of [`ComparedMetric`].
    pub cells: Vec<ComparisonCell>,
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ComparedMetric {
    /// Mean response time.
    Mean,
    /// Median response time.
    P50,
    /// 95th percentile of the response time.
    P95,
    /// 99th percentile of the response time.
    P99,
    /// Samples without error per second.
    GoodThroughput,
    /// Failed over all samples.
    ErrorRate,
}

/// One metric of one label and step, compared.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparisonCell {
    /// The metric.
    pub metric: ComparedMetric,
    /// The baseline's figure.
    pub baseline: Estimate,
    /// The candidate's figure.
    pub candidate: Estimate,
    /// How they differ; `None` when a figure of the pair has no interval or is not positive.
    pub effect: Option<Effect>,
    /// The answer of this cell alone, at 95 %.
    pub answer: CellAnswer,
    /// Whether the change still stands after correction for all primary cells of the run.
    pub stands_after_correction: bool,
}

/// How a candidate differs from its baseline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// Whether the figures are candidate over baseline, or candidate minus baseline.
    pub kind: EffectKind,
    /// The figure.
    pub value: f64,
    /// Lower end of the 95 % interval; `None` without bound.
    pub low: Option<f64>,
    /// Upper end; `None` without bound.
    pub high: Option<f64>,
    /// Lower end of the 90 % interval, which decides about no change.
    pub low90: Option<f64>,
    /// Upper end of the 90 % interval.
    pub high90: Option<f64>,
}

/// The scale of an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EffectKind {
    /// Candidate divided by baseline; 1 is no change.
    Ratio,
    /// Candidate minus baseline, as a share (0.01 is a point); 0 is no change.
    Difference,
}

/// The answer of one cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CellAnswer {
    /// Better by at least the smallest effect that matters.
    Improved,
    /// Worse by at least that.
    Regressed,
    /// Changed by less than that.
    NoSignificantChange,
    /// The intervals are too wide.
    CannotTell {
        /// Seconds of each step that would decide, if that can be computed.
        needs_s: Option<f64>,
    },
    /// One side was not measured.
    NotMeasured,
}

/// A limit before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitComparison {
    /// The limit as written.
    pub text: String,
    /// The baseline's verdict and measured figure; `None` if it did not have the limit.
    pub baseline: Option<(Verdict, Option<Estimate>)>,
    /// The candidate's.
    pub candidate: Option<(Verdict, Option<Estimate>)>,
    /// The bound, microseconds for times.
    pub bound: f64,
}

/// A server before and after, in the headline step.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerComparison {
    /// Its name.
    pub name: String,
    /// Busiest thread in cores (mean), baseline and candidate.
    pub busiest_thread: (Option<f64>, Option<f64>),
    /// CPU in cores (mean).
    pub cpu_cores: (Option<f64>, Option<f64>),
    /// CPU over the cores it may use (mean), a ratio.
    pub cpu_ratio: (Option<f64>, Option<f64>),
    /// CPU time of a request in microseconds.
    pub cpu_us_per_request: (Option<Estimate>, Option<Estimate>),
    /// Greatest 5-second mean of the resident memory, in bytes.
    pub memory_peak_bytes: (Option<f64>, Option<f64>),
}

/// A step of one run, for curves over the load.
#[derive(Clone, Debug, PartialEq)]
pub struct CurvePoint {
    /// The load.
    pub load: StepLoad,
    /// Median response time.
    pub p50: Option<Estimate>,
    /// 95th percentile.
    pub p95: Option<Estimate>,
    /// Samples without error per second.
    pub good_throughput: Option<Estimate>,
    /// Failed over all samples.
    pub error_rate: Option<Estimate>,
    /// Busiest thread of the busiest server in cores, mean.
    pub busiest_thread: Option<f64>,
    /// CPU over the allowed cores of the busiest server, mean.
    pub cpu_ratio: Option<f64>,
}
