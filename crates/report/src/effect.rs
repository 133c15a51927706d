//! How a change between two runs is written: a ratio in per cent or as "times", a difference in
//! points, each with its interval and its direction in words.

use loadline_analysis::{
    CellAnswer, ComparedMetric, Comparison, ComparisonCell, Effect, EffectKind, LabelComparison,
    RunAnswer, StepComparison,
};

use crate::number::{self, Quantity, Shown};
use crate::sentence::with_stop;
use crate::word;

/// A change as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Change {
    /// The change with its direction: `470 times shorter`, `+50 %`, `−13.6 points`.
    pub(crate) value: String,
    /// Its 95 % interval; empty without one.
    pub(crate) interval: String,
}

/// The name of a metric in tables.
pub(crate) const fn metric(metric: ComparedMetric) -> &'static str {
    match metric {
        ComparedMetric::Mean => "Mean",
        ComparedMetric::P50 => "p50",
        ComparedMetric::P95 => "p95",
        ComparedMetric::P99 => "p99",
        ComparedMetric::GoodThroughput => "Throughput, no errors",
        ComparedMetric::ErrorRate => "Error rate",
    }
}

/// The metric's key in files.
pub(crate) const fn metric_key(metric: ComparedMetric) -> &'static str {
    match metric {
        ComparedMetric::Mean => "mean",
        ComparedMetric::P50 => "p50",
        ComparedMetric::P95 => "p95",
        ComparedMetric::P99 => "p99",
        ComparedMetric::GoodThroughput => "good_throughput",
        ComparedMetric::ErrorRate => "error_rate",
    }
}

/// The unit of a metric's figures.
pub(crate) const fn quantity(metric: ComparedMetric) -> Quantity {
    match metric {
        ComparedMetric::Mean | ComparedMetric::P50 | ComparedMetric::P95 | ComparedMetric::P99 => {
            Quantity::Time
        }
        ComparedMetric::GoodThroughput => Quantity::Rate,
        ComparedMetric::ErrorRate => Quantity::Share,
    }
}

/// Whether the answer of the run rests on this metric, so that it is corrected for the number of
/// cells.
pub(crate) const fn is_primary(metric: ComparedMetric) -> bool {
    matches!(
        metric,
        ComparedMetric::P50 | ComparedMetric::P95 | ComparedMetric::ErrorRate
    )
}

/// A figure of either side.
pub(crate) fn figure(cell: &ComparisonCell, estimate: &loadline_analysis::Estimate) -> Shown {
    number::estimate(quantity(cell.metric), estimate)
}

/// The change of a cell.
pub(crate) fn change(cell: &ComparisonCell) -> Change {
    cell.effect.as_ref().map_or_else(
        || Change {
            value: "–".to_owned(),
            interval: String::new(),
        },
        |effect| match effect.kind {
            EffectKind::Difference => points(effect),
            EffectKind::Ratio => ratio(cell.metric, effect),
        },
    )
}

fn points(effect: &Effect) -> Change {
    let greatest = [Some(effect.value), effect.low, effect.high]
        .into_iter()
        .flatten()
        .map(f64::abs)
        .fold(0.0, f64::max);
    // Two or three digits of the greatest of the three figures.
    let decimals = if greatest >= 0.01 { 1 } else { 3 };
    let points = |share: f64| number::signed(share * 100.0, decimals);
    let interval = match (effect.low, effect.high) {
        (Some(low), Some(high)) => format!("{} to {}", points(low), points(high)),
        _ => String::new(),
    };
    Change {
        value: format!("{} points", points(effect.value)),
        interval,
    }
}

fn ratio(metric: ComparedMetric, effect: &Effect) -> Change {
    if !number::is_multiple(effect.value) {
        let interval = match (effect.low, effect.high) {
            (Some(low), Some(high)) => format!(
                "{} to {} %",
                number::signed_percent(low - 1.0),
                number::signed_percent(high - 1.0)
            ),
            (Some(low), None) => format!("{} % or more", number::signed_percent(low - 1.0)),
            (None, Some(high)) => format!("{} % or less", number::signed_percent(high - 1.0)),
            (None, None) => String::new(),
        };
        return Change {
            value: format!("{} %", number::signed_percent(effect.value - 1.0)),
            interval,
        };
    }
    let time = quantity(metric) == Quantity::Time;
    let grows = effect.value > 1.0;
    let direction = match (time, grows) {
        (true, true) => "longer",
        (true, false) => "shorter",
        (false, true) => "more",
        (false, false) => "less",
    };
    let turned = |ratio: f64| if grows { ratio } else { 1.0 / ratio };
    let ends = if grows {
        (effect.low, effect.high)
    } else {
        (effect.high, effect.low)
    };
    // An end on the other side of 1 is not a multiple of that direction.
    let end = |ratio: f64| {
        let turned = turned(ratio);
        if turned >= 1.0 {
            number::times(turned)
        } else {
            number::value(Quantity::Plain, turned)
        }
    };
    let interval = match ends {
        (Some(near), Some(far)) => format!("{}–{} times", end(near), end(far)),
        (Some(near), None) => format!("{} times or more", end(near)),
        (None, Some(far)) => format!("up to {} times", end(far)),
        (None, None) => String::new(),
    };
    Change {
        value: format!("{} times {direction}", number::times(turned(effect.value))),
        interval,
    }
}

/// The row of all samples together of a step.
pub(crate) fn overall(step: &StepComparison) -> Option<&LabelComparison> {
    step.rows.iter().find(|row| row.label.is_none())
}

/// The headline step, or the last one.
pub(crate) fn headline_step(comparison: &Comparison) -> Option<&StepComparison> {
    comparison
        .headline
        .and_then(|index| comparison.steps.get(index))
        .or_else(|| comparison.steps.last())
}

fn cell(step: &StepComparison, metric: ComparedMetric) -> Option<&ComparisonCell> {
    overall(step)?
        .cells
        .iter()
        .find(|cell| cell.metric == metric)
}

/// The sentence that decides: `At 2,000 users p95 falls from 6.30 s to 13.5 ms: 470 times shorter
/// (440–490 times).`
pub(crate) fn lead(comparison: &Comparison) -> String {
    if comparison.answer == RunAnswer::NotComparable {
        let differing = comparison
            .comparability
            .iter()
            .find(|row| row.standing == loadline_analysis::ComparabilityStanding::Refused);
        return differing.map_or_else(
            || "These two runs may not be compared.".to_owned(),
            |row| {
                format!(
                    "These two runs may not be compared: {} differs, {} against {}.",
                    row.what, row.baseline, row.candidate
                )
            },
        );
    }
    let Some(step) = headline_step(comparison) else {
        return first_reason(comparison, "The two runs have no step in common.");
    };
    let deciding = [
        ComparedMetric::P95,
        ComparedMetric::P50,
        ComparedMetric::ErrorRate,
        ComparedMetric::GoodThroughput,
        ComparedMetric::Mean,
    ]
    .into_iter()
    .filter_map(|metric| cell(step, metric))
    .find(|cell| agrees(comparison.answer, cell.answer))
    .or_else(|| cell(step, ComparedMetric::P95));
    deciding.map_or_else(
        || first_reason(comparison, "Nothing was measured on both sides."),
        |cell| format!("At {} {}", word::load(step.load), moves(cell)),
    )
}

fn first_reason(comparison: &Comparison, otherwise: &str) -> String {
    comparison
        .reasons
        .first()
        .map_or_else(|| otherwise.to_owned(), |reason| with_stop(reason.clone()))
}

const fn agrees(run: RunAnswer, cell: CellAnswer) -> bool {
    matches!(
        (run, cell),
        (RunAnswer::Improved, CellAnswer::Improved)
            | (RunAnswer::Regressed, CellAnswer::Regressed)
            | (
                RunAnswer::NoSignificantChange,
                CellAnswer::NoSignificantChange
            )
            | (RunAnswer::CannotTell, CellAnswer::CannotTell { .. })
    )
}

/// `p95 falls from 6.30 s to 13.5 ms: 470 times shorter (440–490 times).`
fn moves(cell: &ComparisonCell) -> String {
    let from = figure(cell, &cell.baseline).value;
    let to = figure(cell, &cell.candidate).value;
    let change = change(cell);
    let interval = if change.interval.is_empty() {
        String::new()
    } else {
        format!(" ({})", change.interval)
    };
    let name = match cell.metric {
        ComparedMetric::Mean => "the mean",
        ComparedMetric::GoodThroughput => "throughput without errors",
        ComparedMetric::ErrorRate => "the error rate",
        other => metric(other),
    };
    let verb = if from == to {
        return format!("{name} stays at {from}: {}{interval}.", change.value);
    } else if cell.candidate.value < cell.baseline.value {
        "falls"
    } else {
        "rises"
    };
    format!(
        "{name} {verb} from {from} to {to}: {}{interval}.",
        change.value
    )
}

/// What else to know at once: throughput and errors of the headline step, limits, repeats.
pub(crate) fn rest(comparison: &Comparison) -> Vec<String> {
    let mut rest = Vec::new();
    let lead = lead(comparison);
    if comparison.answer != RunAnswer::NotComparable
        && let Some(step) = headline_step(comparison)
    {
        for metric in [ComparedMetric::GoodThroughput, ComparedMetric::ErrorRate] {
            let Some(cell) = cell(step, metric) else {
                continue;
            };
            let sentence = word::capitalised(&moves(cell));
            if !lead.ends_with(&moves(cell))
                && matches!(cell.answer, CellAnswer::Improved | CellAnswer::Regressed)
            {
                rest.push(sentence);
            }
        }
    }
    rest.extend(limits_now(comparison));
    rest
}

fn limits_now(comparison: &Comparison) -> Option<String> {
    use loadline_analysis::Verdict;
    let now: Vec<_> = comparison
        .limits
        .iter()
        .filter_map(|limit| limit.candidate.as_ref().map(|side| (limit, side.0)))
        .collect();
    if now.is_empty() {
        return None;
    }
    let failed: Vec<_> = now
        .iter()
        .filter(|(_, verdict)| *verdict == Verdict::Fail)
        .map(|(limit, _)| limit.text.as_str())
        .collect();
    if !failed.is_empty() {
        return Some(format!("The candidate fails {}.", failed.join(", ")));
    }
    now.iter()
        .all(|(_, verdict)| *verdict == Verdict::Pass)
        .then(|| "All limits hold now.".to_owned())
}

/// What one run a side cannot say; `None` when runs were repeated or the notes say it.
pub(crate) fn repeat_note(comparison: &Comparison) -> Option<&'static str> {
    let said = comparison
        .notes
        .iter()
        .any(|note| note.contains("was not measured"));
    let single = comparison.runs.0 < 2 || comparison.runs.1 < 2;
    (single && !said).then_some(
        "These two runs differ by this much. How much runs of the same build differ was not \
         measured: repeat 5 pairs to know.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::claimed;

    fn ratio_cell(value: f64, low: f64, high: f64) -> ComparisonCell {
        ComparisonCell {
            metric: ComparedMetric::P95,
            baseline: claimed(1.0, 0.9, 1.1),
            candidate: claimed(value, low, high),
            effect: Some(Effect {
                kind: EffectKind::Ratio,
                value,
                low: Some(low),
                high: Some(high),
                low90: None,
                high90: None,
            }),
            answer: CellAnswer::Improved,
            stands_after_correction: true,
        }
    }

    #[track_caller]
    fn check(cell: &ComparisonCell, value: &str, interval: &str) {
        let change = change(cell);
        assert_eq!((&*change.value, &*change.interval), (value, interval));
    }

    #[test]
    fn changes_beyond_a_factor_of_two_are_multiples() {
        check(
            &ratio_cell(1.0 / 470.0, 1.0 / 490.0, 1.0 / 440.0),
            "470 times shorter",
            "440–490 times",
        );
        check(
            &ratio_cell(3.0, 2.5, 3.6),
            "3.0 times longer",
            "2.5–3.6 times",
        );
    }

    #[test]
    fn smaller_changes_are_per_cent() {
        check(&ratio_cell(1.5, 1.46, 1.54), "+50 %", "+46 to +54 %");
        check(&ratio_cell(0.97, 0.95, 0.99), "−3.0 %", "−5.0 to −1.0 %");
    }

    #[test]
    fn error_rates_differ_in_points() {
        let mut cell = ratio_cell(-0.136, -0.158, -0.116);
        cell.metric = ComparedMetric::ErrorRate;
        if let Some(effect) = &mut cell.effect {
            effect.kind = EffectKind::Difference;
        }
        check(&cell, "−13.6 points", "−15.8 to −11.6");
    }
}
