//! Judges a run: steady windows, intervals, limits, verdict, breaking range, bottleneck, comparison.
//!
//! Pure functions from recorded data to typed facts. A statistic comes with what is known about its
//! uncertainty, or with the [`Reason`] why nothing is claimed; nothing here returns NaN.

mod comparison_result;
mod result;

pub use comparison_result::{
    CellAnswer, ComparabilityRow, ComparabilityStanding, ComparedMetric, Comparison,
    ComparisonCell, CurvePoint, Effect, EffectKind, LabelComparison, LimitComparison, RunAnswer,
    ServerComparison, StepComparison,
};
pub use result::{
    Analysis, BottleneckFinding, BreakingPoint, BreakingStatus, Cause, CauseScore, ErrorClass,
    Estimate, GeneratorHealth, HealthSignal, HealthStanding, Knee, LabelAnalysis, LimitCell,
    LimitResult, LittleCheck, PercentileCurve, Reason, ResourceStanding, ResourceUse,
    ServerAnalysis, ServerStep, ServiceDemand, Stats, StepAnalysis, StepState, StoryBin, TimeStats,
    Verdict,
};
