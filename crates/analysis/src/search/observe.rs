//! From a run that was judged to a trial.

use loadline_events::StopReason;
use loadline_metrics::StepLoad;
use loadline_plan::{Comparison, Limit, LoadUnit, Metric};

use crate::result::{Analysis, LimitResult, StepState, Verdict};
use crate::search::settings::{TrialRequest, TrialRole};
use crate::search::trial::{Margin, Trial, TrialFigures, TrialOutcome};

/// A figure so many times beyond its bound breaks it for certain: the load is taken off at once.
pub const GROSS_BREAK: f64 = 3.0;
/// Standard errors in a 95 % interval of few batches.
const INTERVAL_WIDTH: f64 = 4.2;
/// Standard error where no interval is known.
pub(crate) const UNKNOWN_ERROR: f64 = 0.5;
/// Ratio to the bound at which a rising figure is about to break it.
const NEAR_BREAK: f64 = 0.7;
/// The same, at the end of the window.
const NEAR_BREAK_AT_END: f64 = 0.5;
/// While the load only grows, figures further from the bound than this factor need no decision.
const FAR: f64 = 1.5;

/// The trial that `analysis` shows: a run of one step, judged by `limits`. Times are those of the
/// search, in seconds.
#[must_use]
pub fn observe(
    analysis: &Analysis,
    limits: &[Limit],
    request: &TrialRequest,
    extended: bool,
    (started_s, ended_s): (f64, f64),
) -> Trial {
    let step = analysis.steps.first();
    let rising = step.and_then(|step| match (&step.state, step.window) {
        (StepState::Rising { per_second }, Some((start, end))) => {
            Some(per_second * f64::from(end - start))
        }
        _ => None,
    });
    let load = step.map(|step| step.load);
    let margins: Vec<Margin> = limits
        .iter()
        .zip(&analysis.limits)
        .filter(|(limit, _)| load.is_some_and(|load| applies(limit, load)))
        .map(|(limit, result)| margin(limit, result, rising, extended))
        .collect();
    let stopped_early = analysis.facts.stop == StopReason::Limit;
    let outcome = outcome(analysis, &margins, stopped_early);
    let figures = step.map_or_else(TrialFigures::default, |step| TrialFigures {
        samples: step.stats.samples,
        mean_us: step.stats.response.mean.clone(),
        p50_us: step.stats.response.p50.clone(),
        p95_us: step.stats.response.p95.clone(),
        good_per_s: step.stats.good_throughput.clone(),
        error_rate: step.stats.error_rate.clone(),
    });
    Trial {
        load: request.load,
        window_s: request.window_s,
        extended,
        outcome,
        margins,
        stopped_early,
        figures,
        rising,
        started_s,
        ended_s,
        recovery: None,
    }
}

/// Whether the load of a trial goes on, since its window did not decide.
#[must_use]
pub fn wants_extension(request: &TrialRequest, trial: &Trial) -> bool {
    let undecided = trial.counts() && trial.proves().is_none();
    let near = trial.y().abs() < FAR.ln();
    request.may_extend && undecided && (request.role != TrialRole::Grow || near)
}

/// Whether `limit` speaks of such a load.
fn applies(limit: &Limit, load: StepLoad) -> bool {
    limit.at.is_none_or(|at| {
        matches!(
            (at.unit, load),
            (LoadUnit::Users, StepLoad::Users(_)) | (LoadUnit::Rate, StepLoad::Rate(_))
        ) && at.comparison.holds(load.value(), at.value)
    })
}

fn outcome(analysis: &Analysis, margins: &[Margin], stopped_early: bool) -> TrialOutcome {
    let any = |verdict| margins.iter().any(|margin| margin.verdict == verdict);
    if analysis.facts.stop == StopReason::Signal {
        return TrialOutcome::Interrupted;
    }
    if stopped_early || any(Verdict::Fail) {
        return TrialOutcome::Fail;
    }
    if any(Verdict::Invalid) {
        let step = analysis.steps.first();
        let why = step.and_then(|step| step.invalid.first().cloned());
        let of_limit = analysis
            .limits
            .iter()
            .filter(|limit| limit.verdict == Verdict::Invalid)
            .find_map(|limit| limit.decisive.as_ref().map(|cell| cell.why.clone()));
        return TrialOutcome::Invalid(why.or(of_limit).unwrap_or_default());
    }
    if any(Verdict::Inconclusive) {
        return TrialOutcome::Inconclusive;
    }
    TrialOutcome::Pass
}

fn margin(limit: &Limit, result: &LimitResult, rising: Option<f64>, extended: bool) -> Margin {
    let decisive = result.decisive.as_ref();
    let observed = decisive.and_then(|cell| cell.observed.clone());
    let (mut y, mut se) = match result.verdict {
        // Nothing was measured: the verdict alone gives the side.
        Verdict::Fail => (GROSS_BREAK.ln(), UNKNOWN_ERROR),
        Verdict::Pass | Verdict::Measured => (-GROSS_BREAK.ln(), UNKNOWN_ERROR),
        Verdict::Inconclusive | Verdict::Invalid => (0.0, UNKNOWN_ERROR),
    };
    if let Some(figure) = &observed
        && limit.metric != Metric::Alive
    {
        let greater = matches!(
            limit.comparison,
            Comparison::Greater | Comparison::GreaterOrEqual
        );
        // Half an event, so that none and a bound of none have a logarithm.
        let floor = match limit.metric {
            Metric::ErrorRate => half_an_event(figure.high, figure.value),
            _ => f64::MIN_POSITIVE,
        };
        let ln = |value: f64| value.max(floor).max(1e-12).ln();
        let bound = ln(result.bound);
        y = if greater {
            bound - ln(figure.value)
        } else {
            ln(figure.value) - bound
        };
        // Where one end is not known, the other tells half of the width.
        let width = match (figure.low, figure.high) {
            (Some(low), Some(high)) => Some(ln(high) - ln(low)),
            (Some(low), None) => Some(2.0 * (ln(figure.value) - ln(low))),
            (None, Some(high)) => Some(2.0 * (ln(high) - ln(figure.value))),
            (None, None) => None,
        };
        if let Some(width) = width {
            se = (width / INTERVAL_WIDTH).clamp(1e-6, UNKNOWN_ERROR);
        }
    }
    let mut verdict = result.verdict;
    if let Some(rise) = rising
        && matches!(verdict, Verdict::Pass | Verdict::Inconclusive)
        && is_time(limit.metric)
        && y > NEAR_BREAK.ln()
        && y + rise.max(0.0).ln_1p() > NEAR_BREAK_AT_END.ln()
    {
        // The window's own end lies beyond what its figure says, and it goes on. A rise may be chance:
        // it proves nothing until the load has gone on and its figure is beyond the bound.
        verdict = if extended && y > 0.0 {
            Verdict::Fail
        } else {
            Verdict::Inconclusive
        };
        y = y.max(0.01);
    }
    Margin {
        limit: result.text.clone(),
        label: decisive.and_then(|cell| cell.label.clone()),
        y,
        se,
        verdict,
        observed,
        bound: result.bound,
    }
}

const fn is_time(metric: Metric) -> bool {
    matches!(
        metric,
        Metric::Percentile(..) | Metric::Mean(_) | Metric::Max(_)
    )
}

/// The error rate of half an event in the window, as its interval without errors tells its size: of
/// n samples without error, the upper end is about 3.8/n.
fn half_an_event(high: Option<f64>, value: f64) -> f64 {
    match high {
        Some(high) if value == 0.0 => high / 7.7,
        _ => 1e-6,
    }
}
