//! A comparison in sentences: why not, or what changed and by how much.

use crate::comparison_result::{
    CellAnswer, ComparabilityRow, ComparabilityStanding, ComparedMetric, ComparisonCell,
    EffectKind, LabelComparison, StepComparison,
};
use crate::effect::ERROR_POINT;
use crate::wording;

/// Why the runs may not be compared, or what changed in the headline step.
pub(crate) fn reasons(
    rows: &[ComparabilityRow],
    steps: &[StepComparison],
    headline: Option<usize>,
) -> Vec<String> {
    let mut reasons: Vec<String> = rows
        .iter()
        .filter(|row| row.standing == ComparabilityStanding::Refused)
        .map(|row| {
            format!(
                "Not comparable: {} differ ({} and {}): {}.",
                row.what, row.baseline, row.candidate, row.consequence
            )
        })
        .collect();
    let Some(step) = headline.map(|index| &steps[index]) else {
        return reasons;
    };
    for why in &step.refused {
        reasons.push(format!("At {} {why}.", wording::load(step.load)));
    }
    // What changed first; then the tail, which is what limits are set on.
    let mut cells: Vec<&ComparisonCell> = [
        ComparedMetric::P95,
        ComparedMetric::P50,
        ComparedMetric::GoodThroughput,
        ComparedMetric::ErrorRate,
    ]
    .into_iter()
    .filter_map(|metric| step.rows[0].cells.iter().find(|cell| cell.metric == metric))
    .collect();
    cells.sort_by_key(|cell| !matches!(cell.answer, CellAnswer::Improved | CellAnswer::Regressed));
    let misled = misled_answer(&step.rows[0]);
    for cell in cells {
        let Some(mut text) = cell_sentence(cell, step) else {
            continue;
        };
        if cell.metric != ComparedMetric::ErrorRate && Some(cell.answer) == misled {
            text.push_str(" The times of failures mix into it.");
        }
        reasons.push(text);
    }
    reasons
}

/// A cell's change in a sentence; `None` if it says nothing.
fn cell_sentence(cell: &ComparisonCell, step: &StepComparison) -> Option<String> {
    let effect = cell.effect?;
    let name = match cell.metric {
        ComparedMetric::Mean => "The mean",
        ComparedMetric::P50 => "The median",
        ComparedMetric::P95 => "p95",
        ComparedMetric::P99 => "p99",
        ComparedMetric::GoodThroughput => "Throughput without errors",
        ComparedMetric::ErrorRate => "The error rate",
    };
    let shown = |value: f64| match cell.metric {
        ComparedMetric::GoodThroughput => wording::rate(value),
        ComparedMetric::ErrorRate => wording::percent(value),
        _ => wording::time(value),
    };
    let (less, more) = match cell.metric {
        ComparedMetric::GoodThroughput => ("less", "more"),
        ComparedMetric::ErrorRate => ("lower", "higher"),
        _ => ("shorter", "longer"),
    };
    let change = match (cell.answer, effect.kind) {
        (CellAnswer::NoSignificantChange, _) => "the same within the smallest change that \
                                                  matters"
            .to_owned(),
        (CellAnswer::CannotTell { needs_s }, _) => match needs_s {
            Some(seconds) => format!(
                "too close to tell; about {} for each step would decide",
                wording::seconds(seconds)
            ),
            None => "too close to tell".to_owned(),
        },
        (_, EffectKind::Ratio) => ratio_words(effect.value, effect.low, effect.high, less, more),
        (_, EffectKind::Difference) => format!(
            "{} {} points",
            wording::significant(effect.value.abs() * 100.0),
            if effect.value < 0.0 { less } else { more }
        )
        .replace(&format!("{less} points"), &format!("points {less}"))
        .replace(&format!("{more} points"), &format!("points {more}")),
    };
    Some(format!(
        "{name} at {} is {change}: {} before, {} after.",
        wording::load(step.load),
        shown(cell.baseline.value),
        shown(cell.candidate.value)
    ))
}

/// `470 times shorter (440–490)`, `12 % longer (8–16 %)`.
fn ratio_words(ratio: f64, low: Option<f64>, high: Option<f64>, less: &str, more: &str) -> String {
    let interval = |scale: &dyn Fn(f64) -> f64, unit: &str| match (low, high) {
        (Some(low), Some(high)) => {
            let (a, b) = (scale(low), scale(high));
            format!(
                " ({}\u{2013}{}{unit})",
                wording::significant(a.min(b)),
                wording::significant(a.max(b))
            )
        }
        _ => String::new(),
    };
    if ratio < 0.5 {
        let times = |value: f64| 1.0 / value.max(1e-12);
        let shown = wording::significant(times(ratio));
        format!("{shown} times {less}{}", interval(&times, ""))
    } else if ratio > 2.0 {
        let shown = wording::significant(ratio);
        format!("{shown} times {more}{}", interval(&|value| value, ""))
    } else {
        let sign = if ratio < 1.0 { -1.0 } else { 1.0 };
        let percent = |value: f64| sign * (value - 1.0) * 100.0;
        let shown = wording::significant(percent(ratio));
        let word = if ratio < 1.0 { less } else { more };
        format!("{shown} % {word}{}", interval(&percent, " %"))
    }
}

/// The answer of times that a change of the error rate by more than a point can feign; `None`
/// without such a change.
pub(crate) fn misled_answer(row: &LabelComparison) -> Option<CellAnswer> {
    let errors = row
        .cells
        .iter()
        .find(|cell| cell.metric == ComparedMetric::ErrorRate)?;
    let change = errors.candidate.value - errors.baseline.value;
    if change < -ERROR_POINT {
        Some(CellAnswer::Regressed)
    } else if change > ERROR_POINT {
        Some(CellAnswer::Improved)
    } else {
        None
    }
}
