//! The run's verdict and the sentences that give its reasons.

use loadline_events::StopReason;
use loadline_metrics::{RunFacts, StepLoad};
use loadline_plan::{Comparison, Limit, Metric};

use crate::result::{BreakingPoint, BreakingStatus, LimitCell, LimitResult, StepAnalysis, Verdict};
use crate::wording;

/// Number of cells from which chance alone is expected to break one in a while.
const MANY_CELLS: usize = 20;

/// The verdict over all limits: the worst of them, or [`Verdict::Measured`] without any.
pub(crate) fn run_verdict(limits: impl Iterator<Item = Verdict>) -> Verdict {
    limits.max().unwrap_or(Verdict::Measured)
}

/// Why the run has its verdict, the deciding fact first. `knee` is the first load at which
/// throughput no longer followed.
pub(crate) fn reasons(
    facts: &RunFacts,
    limits: &[(&Limit, &LimitResult)],
    verdict: Verdict,
    steps: &[StepAnalysis],
    breaking: &BreakingPoint,
    knee: Option<StepLoad>,
) -> Vec<String> {
    let mut reasons = Vec::new();
    for (limit, result) in limits {
        if result.verdict == verdict && verdict != Verdict::Pass {
            reasons.push(sentence(limit, result));
        }
    }
    let kept = limits
        .iter()
        .filter(|(_, result)| result.verdict == Verdict::Pass)
        .count();
    match verdict {
        Verdict::Pass => {
            reasons.push(match (limits, greatest_load(steps)) {
                ([(limit, result)], _) => sentence(limit, result),
                (_, Some(load)) => {
                    format!("All {kept} limits hold up to {}.", wording::load(load))
                }
                (_, None) => format!("All {kept} limits hold."),
            });
            if let Some(load) = knee {
                reasons.push(format!(
                    "At {} the server was at a limit of its own all the same.",
                    wording::load(load)
                ));
            } else if breaking.status == BreakingStatus::NotReached {
                reasons.push(
                    "The load never reached a limit of the server, so its capacity is not known."
                        .to_owned(),
                );
            }
        }
        Verdict::Measured => reasons.push("No limits were set: figures only.".to_owned()),
        _ if kept > 0 => reasons.push(match kept {
            1 => "One other limit holds.".to_owned(),
            _ => format!("{kept} other limits hold."),
        }),
        _ => {}
    }
    if let Some(text) = stopped(facts.stop) {
        reasons.push(text.to_owned());
    }
    for step in steps {
        if let Some(why) = step.invalid.first() {
            reasons.push(format!(
                "Not to be trusted at {}: {why}.",
                wording::load(step.load)
            ));
        }
    }
    let cells: usize = limits.iter().map(|(_, result)| result.cells.len()).sum();
    if cells > MANY_CELLS {
        reasons.push(format!(
            "With {cells} checks, about {} false fails are expected if all sit near their bound.",
            wording::significant(cells as f64 / 40.0)
        ));
    }
    reasons
}

fn stopped(stop: StopReason) -> Option<&'static str> {
    match stop {
        StopReason::Completed => None,
        StopReason::Signal => Some("The run was stopped before its end."),
        StopReason::Limit => Some("The run was stopped when a limit broke."),
        StopReason::Plan => Some("The plan itself stopped the run."),
        StopReason::Unreachable => Some("The target never answered."),
        StopReason::CutOff => Some("The recording was cut off: the last second may be missing."),
    }
}

fn greatest_load(steps: &[StepAnalysis]) -> Option<StepLoad> {
    steps
        .iter()
        .filter(|step| step.window.is_some())
        .map(|step| step.load)
        .max_by(|a, b| a.value().total_cmp(&b.value()))
}

/// A limit's outcome in a sentence.
fn sentence(limit: &Limit, result: &LimitResult) -> String {
    let Some(cell) = &result.decisive else {
        return format!("{} was not judged.", result.text);
    };
    let Some(observed) = &cell.observed else {
        return format!(
            "{} cannot be decided{}: {}.",
            result.text,
            place(cell),
            cell.why
        );
    };
    if limit.metric == Metric::Alive {
        let name = limit.server.as_deref().unwrap_or("The server");
        return match cell.verdict {
            Verdict::Pass => format!("{name} was alive throughout."),
            _ => format!(
                "{name} was not alive throughout{}: {}.",
                place(cell),
                cell.why
            ),
        };
    }
    let value = figure(limit.metric, observed.value);
    let bound = figure(limit.metric, result.bound);
    let name = metric_name(limit.metric);
    let (at_most, at_least) = ("the limit is", "the limit is at least");
    let bounded = match limit.comparison {
        Comparison::Greater | Comparison::GreaterOrEqual => at_least,
        _ => at_most,
    };
    let interval = match (observed.low, observed.high) {
        (Some(low), Some(high)) => format!(
            " ({}\u{2013}{})",
            figure(limit.metric, low),
            figure(limit.metric, high)
        ),
        _ => String::new(),
    };
    let at_least = if observed.censored { "at least " } else { "" };
    let tail = match cell.verdict {
        Verdict::Pass | Verdict::Fail | Verdict::Measured => String::new(),
        Verdict::Inconclusive => {
            let needs = cell.needs_s.map_or(String::new(), |seconds| {
                format!(
                    "; about {} for each step would decide",
                    wording::seconds(seconds)
                )
            });
            format!("; undecided, since {}{needs}", cell.why)
        }
        Verdict::Invalid => format!("; not to be trusted, since {}", cell.why),
    };
    format!(
        "{name}{} is {at_least}{value}{interval}{}; {bounded} {bound}{tail}.",
        cell.label
            .as_ref()
            .map_or(String::new(), |label| format!(" of {label}")),
        place(cell),
    )
}

fn place(cell: &LimitCell) -> String {
    cell.load
        .map_or(String::new(), |load| format!(" at {}", wording::load(load)))
}

fn metric_name(metric: Metric) -> String {
    match metric {
        Metric::Percentile(_, quantile) => quantile.to_string(),
        Metric::Mean(_) => "The mean response time".to_owned(),
        Metric::Max(_) => "The longest response time".to_owned(),
        Metric::ErrorRate => "The error rate".to_owned(),
        Metric::Throughput => "Throughput".to_owned(),
        Metric::Apdex(_) => "Apdex".to_owned(),
        Metric::Cpu => "CPU use".to_owned(),
        Metric::Memory => "Memory".to_owned(),
        Metric::Alive => "The server".to_owned(),
    }
}

fn figure(metric: Metric, value: f64) -> String {
    match metric {
        Metric::Percentile(..) | Metric::Mean(_) | Metric::Max(_) => wording::time(value),
        Metric::ErrorRate | Metric::Cpu => wording::percent(value),
        Metric::Throughput => wording::rate(value),
        Metric::Memory => wording::bytes(value),
        Metric::Apdex(_) | Metric::Alive => wording::significant(value),
    }
}
