//! One limit on one figure: kept, broken or not to be told.
//!
//! The rule looks at the interval, not at the figure: a limit is kept when the whole interval keeps
//! it, broken when the whole interval breaks it. Where no interval is claimed, only a gross break
//! counts.

use loadline_plan::Comparison;

use crate::lateness::INVALID_BIAS;
use crate::result::{Estimate, Reason, Verdict};
use crate::wording;

/// Samples beyond the bound from which a figure twice the bound breaks it without an interval.
const GROSS_BREAK_SAMPLES: u64 = 20;
/// Longest run that is proposed to decide a cell, in seconds.
const LONGEST_PROPOSAL_S: f64 = 3600.0;

/// What a cell's verdict hangs on.
#[derive(Clone, Debug)]
pub(crate) struct CellFacts<'a> {
    /// How the figure is compared with the bound.
    pub(crate) comparison: Comparison,
    /// The bound.
    pub(crate) bound: f64,
    /// The figure with its interval, claimed or not for steadiness; `None` without samples.
    pub(crate) observed: Option<&'a Estimate>,
    /// Whether the figure is a plain fact about this run, such as a maximum.
    pub(crate) exact: bool,
    /// Whether the step settled.
    pub(crate) trend: Trend,
    /// Samples beyond the bound.
    pub(crate) beyond: u64,
    /// Length of the window, in seconds.
    pub(crate) seconds: f64,
    /// Why the step cannot be trusted.
    pub(crate) invalid: Option<&'a str>,
    /// Largest share by which the generator's own lateness may have raised the figure.
    pub(crate) bias: f64,
}

/// What a step's trend means for a figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Trend {
    /// Steady, or not relevant.
    Steady,
    /// Getting slower: the figure's worse end, extrapolated to one more step of the same length.
    Worsening {
        /// That end.
        extrapolated: f64,
    },
    /// Getting faster.
    Improving,
    /// It cannot be told.
    Unknown,
}

/// The verdict of a cell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CellVerdict {
    /// The verdict.
    pub(crate) verdict: Verdict,
    /// Why, in a few words.
    pub(crate) why: String,
    /// Seconds that would decide an inconclusive cell.
    pub(crate) needs_s: Option<f64>,
    /// Whether the generator's lateness is why the cell is invalid.
    pub(crate) bent_by_lag: bool,
}

impl CellVerdict {
    /// A verdict without proposal.
    pub(crate) fn new(verdict: Verdict, why: impl Into<String>) -> Self {
        CellVerdict {
            verdict,
            why: why.into(),
            needs_s: None,
            bent_by_lag: false,
        }
    }
}

/// Judges a cell.
pub(crate) fn judge(facts: &CellFacts<'_>) -> CellVerdict {
    if let Some(why) = facts.invalid {
        return CellVerdict::new(Verdict::Invalid, why);
    }
    let Some(observed) = facts.observed else {
        return CellVerdict::new(Verdict::Inconclusive, "no samples");
    };
    if facts.exact {
        return judge_exact(facts, observed);
    }
    let mut by_interval = judge_interval(facts, observed, 0.0);
    if facts.bias > INVALID_BIAS {
        by_interval = with_bias(facts, observed, by_interval);
    }
    match (facts.trend, by_interval.verdict) {
        (Trend::Worsening { extrapolated }, Verdict::Pass) => {
            if kept(facts, extrapolated) {
                CellVerdict::new(Verdict::Pass, "kept, even if it goes on getting worse")
            } else {
                CellVerdict::new(
                    Verdict::Inconclusive,
                    "kept so far, but it was still getting worse",
                )
            }
        }
        (Trend::Improving, Verdict::Fail) => CellVerdict::new(
            Verdict::Inconclusive,
            "broken, but it was still getting better",
        ),
        (Trend::Improving, Verdict::Pass) => {
            CellVerdict::new(Verdict::Pass, "kept, even while it was still settling")
        }
        (Trend::Unknown, Verdict::Pass) => {
            CellVerdict::new(Verdict::Inconclusive, "the step did not settle")
        }
        _ => by_interval,
    }
}

/// A fact about this run is kept or broken as it stands.
fn judge_exact(facts: &CellFacts<'_>, observed: &Estimate) -> CellVerdict {
    if kept(facts, observed.value) {
        CellVerdict::new(Verdict::Pass, "kept in this run")
    } else {
        CellVerdict::new(Verdict::Fail, "broken in this run")
    }
}

/// The interval against the bound; `bias` is taken off its lower end.
fn judge_interval(facts: &CellFacts<'_>, observed: &Estimate, bias: f64) -> CellVerdict {
    let low = observed.low.map(|low| low / (1.0 + bias));
    let (near, far) = if bounds_above(facts) {
        (low, observed.high)
    } else {
        (observed.high, low)
    };
    if far.is_some_and(|end| kept(facts, end)) {
        return CellVerdict::new(Verdict::Pass, "the whole interval keeps the bound");
    }
    if near.is_some_and(|end| !kept(facts, end)) {
        return CellVerdict::new(Verdict::Fail, "the whole interval breaks the bound");
    }
    if observed.censored && bounds_above(facts) && !kept(facts, observed.value / (1.0 + bias)) {
        return CellVerdict::new(
            Verdict::Fail,
            "beyond the bound already, with requests still waiting",
        );
    }
    if near.is_some() || far.is_some() {
        let mut verdict =
            CellVerdict::new(Verdict::Inconclusive, "the bound lies inside the interval");
        verdict.needs_s = needed_seconds(facts, observed);
        return verdict;
    }
    let gross = if bounds_above(facts) {
        observed.value > 2.0 * facts.bound * (1.0 + bias)
    } else {
        observed.value < facts.bound / 2.0
    };
    if gross && facts.beyond >= GROSS_BREAK_SAMPLES {
        return CellVerdict::new(Verdict::Fail, "far beyond the bound");
    }
    if observed.censored {
        return CellVerdict::new(
            Verdict::Inconclusive,
            "requests were still waiting at the end",
        );
    }
    CellVerdict::new(Verdict::Inconclusive, missing(observed.reason.as_ref()))
}

/// Lateness of the generator only ever adds time: what is decided in spite of it is decided.
fn with_bias(facts: &CellFacts<'_>, observed: &Estimate, by_interval: CellVerdict) -> CellVerdict {
    if by_interval.verdict == Verdict::Inconclusive {
        return by_interval;
    }
    let widened = judge_interval(facts, observed, facts.bias);
    if widened.verdict == by_interval.verdict {
        return CellVerdict::new(
            widened.verdict,
            format!("{}, whatever Loadline's own lateness added", widened.why),
        );
    }
    CellVerdict {
        verdict: Verdict::Invalid,
        why: format!(
            "Loadline's own lateness may have added {} to it",
            wording::percent(facts.bias)
        ),
        needs_s: None,
        bent_by_lag: true,
    }
}

/// Length of a window whose interval would just reach the bound, if at most an hour.
fn needed_seconds(facts: &CellFacts<'_>, observed: &Estimate) -> Option<f64> {
    let width = observed.high? - observed.low?;
    let distance = (facts.bound - observed.value).abs();
    if distance <= 0.0 {
        return None;
    }
    let needs = facts.seconds * (width / (2.0 * distance)).powi(2);
    (needs.is_finite() && needs <= LONGEST_PROPOSAL_S).then_some(needs.max(facts.seconds))
}

fn missing(reason: Option<&Reason>) -> String {
    match reason {
        Some(Reason::TooShort { need_s }) => format!("too short (needs {need_s} s)"),
        Some(Reason::TooFewSamples { need }) => {
            format!("not enough samples (needs {})", wording::count(*need))
        }
        Some(Reason::NoReadings) => "not read".to_owned(),
        Some(Reason::NotSteady) => "the step did not settle".to_owned(),
        _ => "not enough samples".to_owned(),
    }
}

fn bounds_above(facts: &CellFacts<'_>) -> bool {
    matches!(facts.comparison, Comparison::Less | Comparison::LessOrEqual)
}

fn kept(facts: &CellFacts<'_>, value: f64) -> bool {
    facts.comparison.holds(value, facts.bound)
}
