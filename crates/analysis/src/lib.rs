//! Judges a run: steady windows, intervals, limits, verdict, breaking range, bottleneck, comparison.
//!
//! Pure functions from recorded data to typed facts. A statistic comes with what is known about its
//! uncertainty, or with the [`Reason`] why nothing is claimed; nothing here returns NaN.

mod result;

mod analyse;
mod stats;
mod steps;
mod window;

mod batch;
mod beta;
mod line;
mod steady;
mod student;
mod wilson;
mod woodruff;

mod limit_cell;
mod limits;
mod server_limit;
mod verdict;
mod windowed_limit;

mod generator;
mod lateness;
mod little;
mod worker_seconds;

mod alive;
mod demand;
mod server_series;
mod servers;

mod advice;
mod attribution;
mod bottleneck;
mod breaking;
mod crowding;
mod knees;
mod load_point;
mod memory_growth;
mod pauses;
mod usl;

mod search;

mod anomalies;
mod errors;
mod heat;
mod spread;
mod story;
mod wording;

mod comparability;
mod compare;
mod compare_many;
mod comparison_result;
mod comparison_wording;
mod effect;
mod trend;

pub use analyse::analyse;
pub use beta::binomial_at_least;
pub use compare::{CompareOptions, compare};
pub use compare_many::{Pairing, compare_many};
pub use comparison_result::{
    CellAnswer, ComparabilityRow, ComparabilityStanding, ComparedMetric, Comparison,
    ComparisonCell, CurvePoint, Effect, EffectKind, LabelComparison, LimitComparison, RunAnswer,
    ServerComparison, StepComparison,
};
pub use result::{
    Analysis, Anomaly, AnomalyKind, BottleneckFinding, BreakingPoint, BreakingStatus, Cause,
    CauseScore, ErrorClass, Estimate, GeneratorHealth, GeneratorResources, HealthSignal,
    HealthStanding, HeatMap, Knee, LabelAnalysis, LimitCell, LimitResult, LittleCheck,
    NetworkStats, PercentileCurve, Reason, ResourceStanding, ResourceUse, Scaling, ScalingLaw,
    ServerAnalysis, ServerStep, ServiceDemand, Stats, StepAnalysis, StepState, StoryBin, TimeStats,
    Verdict,
};
pub use search::{
    GROSS_BREAK, Margin, NextMove, NotReached, PROBE_WINDOW_S, ProbeWindow, Recovery, SearchMethod,
    SearchSettings, SearchSoFar, SearchStatus, Searched, StoppedBy, Trial, TrialFigures,
    TrialOutcome, TrialRequest, TrialRole, Turn, Unknown, conclusion_now, has_recovered, next_move,
    observe, probe_window, probes_from, turns, wants_extension,
};
pub use trend::{FEWEST_RUNS, LevelChange, MOST_RUNS, level_changes};

#[cfg(test)]
mod vectors;
