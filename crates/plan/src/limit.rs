//! Limits: the results a plan expects.
//!
//! `METRIC OP VALUE [for LABEL] [at users|rate OP N] [over WINDOW] [on SERVER] [then stop]`

use std::time::Duration;

use loadline_units::Quantile;

use crate::Location;

/// One expected result.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// The limit as the user wrote it.
    pub text: String,
    /// What is measured.
    pub metric: Metric,
    /// How it compares with the bound; [`Comparison::Holds`] for `alive`.
    pub comparison: Comparison,
    /// The bound: seconds for times, a ratio for error rate, `cpu` and Apdex, events per second for
    /// throughput, bytes for memory; 0 for `alive`.
    pub bound: f64,
    /// Which labels are judged.
    pub labels: LabelSelection,
    /// Which steps are judged; `None` means all.
    pub at: Option<LoadCondition>,
    /// Judge every window of this length instead of the step's steady window.
    pub over: Option<Duration>,
    /// The server meant by `cpu`, `memory` and `alive`; `None` means the only one.
    pub server: Option<String>,
    /// Whether the run ends when the limit breaks.
    pub stop: bool,
    /// Where it stands in the plan; empty for one that stands elsewhere.
    pub location: Location,
}

/// What a limit measures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Metric {
    /// A quantile of a time, in seconds.
    Percentile(TimeKind, Quantile),
    /// The mean of a time, in seconds.
    Mean(TimeKind),
    /// The greatest of a time, in seconds.
    Max(TimeKind),
    /// Failed samples over all samples.
    ErrorRate,
    /// Completed samples per second, errors included.
    Throughput,
    /// Apdex with its satisfaction threshold, a ratio.
    Apdex(Duration),
    /// CPU use of a server, a ratio of the cores it may use.
    Cpu,
    /// Resident memory of a server, in bytes.
    Memory,
    /// The server runs and answers.
    Alive,
}

/// Which time a metric is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeKind {
    /// From the intended start to the last byte.
    Response,
    /// From the actual start to the last byte.
    Service,
}

/// A comparison of a measured value with a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `=`, in load conditions only.
    Equal,
    /// The state holds throughout; no bound.
    Holds,
}

impl Comparison {
    /// Whether `value` compares so with `bound`; [`Comparison::Holds`] is always true.
    #[must_use]
    pub fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Comparison::Less => value < bound,
            Comparison::LessOrEqual => value <= bound,
            Comparison::Greater => value > bound,
            Comparison::GreaterOrEqual => value >= bound,
            Comparison::Equal => value == bound,
            Comparison::Holds => true,
        }
    }
}

/// The labels that a limit judges.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LabelSelection {
    /// As the metric asks: times label by label, errors and throughput over all samples.
    Default,
    /// All samples together.
    All,
    /// Every label for itself.
    Each,
    /// Labels that match the pattern, each for itself; `*` stands for any text.
    Pattern(String),
}

/// The unit of a step's load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LoadUnit {
    /// Concurrent users (closed model).
    Users,
    /// Arrivals per second (open model).
    Rate,
}

/// Which steps a limit judges: `users <= 1000`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LoadCondition {
    /// What is compared.
    pub unit: LoadUnit,
    /// How.
    pub comparison: Comparison,
    /// Users, or arrivals per second.
    pub value: f64,
}
