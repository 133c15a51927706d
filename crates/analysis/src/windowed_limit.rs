//! Limits with `over`: every window of that length is judged, not the whole step.
//!
//! Windows start each second and overlap. The worst is compared by its value; a break must be
//! confirmed by a binomial bound, corrected for the number of disjoint windows.

use std::time::Duration;

use loadline_metrics::Histogram;
use loadline_plan::{Comparison, Limit, Metric};

use crate::beta::{binomial_at_least, binomial_at_most};
use crate::limit_cell::CellVerdict;
use crate::limits::{apdex, of_kind};
use crate::result::{Estimate, Reason, Verdict};
use crate::stats::{error_rate, samples_and_errors, throughput, times};
use crate::student::Confidence;
use crate::window::Window;

/// Chance of a false break or a false pass.
const ALPHA: f64 = 0.05;
/// Fewest samples in a window for a mean or a median.
const MIN_SAMPLES: f64 = 20.0;

/// The verdict over all windows of a step.
pub(crate) struct WindowedVerdict {
    pub(crate) verdict: CellVerdict,
    /// Figure of the worst window.
    pub(crate) observed: Option<Estimate>,
    /// The worst window, in seconds of the run.
    pub(crate) window: Option<(u32, u32)>,
}

/// A window's figure and the counts behind it.
struct Judged {
    span: (u32, u32),
    value: f64,
    /// Samples, and those beyond the bound, where a binomial bound applies.
    tail: Option<Tail>,
}

#[derive(Clone, Copy)]
struct Tail {
    samples: u64,
    beyond: u64,
    /// Share beyond the bound that the limit allows.
    allowed: f64,
}

/// Judges every whole window of length `over` in `hold`.
pub(crate) fn judge_windows(
    limit: &Limit,
    bound: f64,
    hold: &Window<'_>,
    over: Duration,
    workbench: &mut Histogram,
) -> WindowedVerdict {
    let length = (over.as_secs_f64().ceil() as u32).max(1);
    let none = |why: &str| WindowedVerdict {
        verdict: CellVerdict::new(Verdict::Inconclusive, why),
        observed: None,
        window: None,
    };
    if hold.intended.is_empty() && hold.ended.is_empty() {
        return none("no samples");
    }
    if hold.seconds() < length {
        return none("the step is shorter than the window");
    }
    let mut skipped = 0;
    let mut windows = Vec::new();
    for start in 0..=hold.seconds() - length {
        let part = hold.part(start, start + length);
        match figure(limit, bound, &part, workbench) {
            Some(judged) => windows.push(judged),
            None => skipped += 1,
        }
    }
    let worse = |a: &Judged, b: &Judged| match limit.comparison {
        Comparison::Greater | Comparison::GreaterOrEqual => b.value.total_cmp(&a.value),
        _ => a.value.total_cmp(&b.value),
    };
    let Some(worst) = windows.iter().max_by(|a, b| worse(a, b)) else {
        return none("not enough samples in any window");
    };
    let disjoint = f64::from(hold.seconds() / length);
    let breaks = |judged: &Judged| !limit.comparison.holds(judged.value, bound);
    let confirmed = windows
        .iter()
        .filter(|judged| breaks(judged))
        .find(|judged| {
            judged.tail.is_none_or(|tail| {
                binomial_at_least(tail.beyond, tail.samples, tail.allowed) < ALPHA / disjoint
            })
        });
    let note = if skipped > 0 {
        format!("; {skipped} windows had too few samples")
    } else {
        String::new()
    };
    let (verdict, shown) = if let Some(broken) = confirmed {
        // Of all windows that break it beyond doubt, the worst is shown.
        let shown = if worst.tail.is_none() { worst } else { broken };
        (
            CellVerdict::new(Verdict::Fail, format!("broken in this window{note}")),
            shown,
        )
    } else if breaks(worst) {
        (
            CellVerdict::new(
                Verdict::Inconclusive,
                format!("beyond the bound in this window, by chance perhaps{note}"),
            ),
            worst,
        )
    } else if worst
        .tail
        .is_none_or(|tail| binomial_at_most(tail.beyond, tail.samples, tail.allowed) < ALPHA)
    {
        (
            CellVerdict::new(Verdict::Pass, format!("kept in every window{note}")),
            worst,
        )
    } else {
        (
            CellVerdict::new(
                Verdict::Inconclusive,
                format!("too near the bound in this window{note}"),
            ),
            worst,
        )
    };
    WindowedVerdict {
        verdict,
        observed: Some(Estimate::bare(shown.value, Reason::NoInterval)),
        window: Some(shown.span),
    }
}

/// The figure of one window; `None` with too few samples.
fn figure(
    limit: &Limit,
    bound: f64,
    window: &Window<'_>,
    workbench: &mut Histogram,
) -> Option<Judged> {
    let (samples, errors) = samples_and_errors(window);
    let enough = |need: f64| samples as f64 >= need;
    let judged = |value, tail| {
        Some(Judged {
            span: window.span,
            value,
            tail,
        })
    };
    let above = matches!(limit.comparison, Comparison::Less | Comparison::LessOrEqual);
    match limit.metric {
        Metric::Percentile(kind, quantile) => {
            let p = quantile.value();
            let need = (1.0 / (1.0 - p).max(1e-9)).max(MIN_SAMPLES);
            // 20 for p95 and 100 for p99, in spite of binary fractions.
            if !enough(need - 1e-6) {
                return None;
            }
            let times = times(window, of_kind(kind), workbench);
            let beyond = times.count_above(bound);
            let tail = above.then_some(Tail {
                samples,
                beyond,
                allowed: 1.0 - p,
            });
            judged(times.value_at(p)?.0 as f64, tail)
        }
        Metric::Mean(kind) => {
            let times = times(window, of_kind(kind), workbench);
            if !enough(MIN_SAMPLES) {
                return None;
            }
            judged(times.mean(Confidence::NinetyFive)?.value, None)
        }
        Metric::Max(kind) => {
            let times = times(window, of_kind(kind), workbench);
            judged(times.extremes_us()?.1 as f64, None)
        }
        Metric::ErrorRate => {
            if !enough(MIN_SAMPLES) {
                return None;
            }
            let tail = above.then_some(Tail {
                samples,
                beyond: errors,
                allowed: bound.clamp(0.0, 1.0),
            });
            judged(error_rate(window, Confidence::NinetyFive).0?.value, tail)
        }
        Metric::Throughput => judged(throughput(window, Confidence::NinetyFive)?.value, None),
        Metric::Apdex(threshold) => {
            if !enough(MIN_SAMPLES) {
                return None;
            }
            judged(
                apdex(window, threshold, Confidence::NinetyFive)?.value,
                None,
            )
        }
        Metric::Cpu | Metric::Memory | Metric::Alive => None,
    }
}
