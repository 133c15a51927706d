//! How response times spread: a percentile curve for each step, and all of them over time.

use loadline_analysis::{Analysis, PercentileCurve};

use super::axis::Axis;
use super::heat::heat_map;
use super::markup::escape;
use super::page::section;
use super::plot::{Anchor, Key, Plot, Stroke, step_color, title, x_ticks};
use super::sheet::Sheet;
use crate::number::{self, Quantity};
use crate::sentence;
use crate::word;

/// The axis ends at p99.99.
const DECADES: f64 = 4.0;
/// A curve is claimed as long as this many samples lie beyond.
const BEYOND: f64 = 10.0;
/// More curves than this are shown by every n-th.
const CURVES: usize = 6;

/// Where the names of curves stand, and as far as they reach.
const NAME_FROM: f64 = 400.0;
const NAME_TO: f64 = 560.0;

/// The section; empty without curves.
pub(super) fn spread(analysis: &Analysis, sheet: &Sheet) -> String {
    let usable: Vec<&PercentileCurve> = analysis
        .spread
        .iter()
        .filter(|curve| curve.samples >= 5 && curve.points.len() >= 2)
        .collect();
    let every = usable.len().div_ceil(CURVES).max(1);
    // Counted from the last, which is the one that matters most.
    let mut curves: Vec<&PercentileCurve> = usable.iter().rev().step_by(every).copied().collect();
    curves.reverse();
    let times = curves
        .iter()
        .flat_map(|curve| curve.points.iter().map(|point| point.1));
    let Some(axis) = Axis::times(times) else {
        return String::new();
    };
    let named: Vec<(String, String, &PercentileCurve)> = curves
        .iter()
        .enumerate()
        .map(|(index, curve)| {
            (
                word::load(curve.load),
                step_color(index, curves.len()),
                *curve,
            )
        })
        .collect();
    let chart = percentile_plot(sheet, axis, &named, 270);
    let keys: Vec<_> = named
        .iter()
        .map(|(name, color, _)| (Key::Line, color.as_str(), name.as_str()))
        .collect();
    let name = if sentence::all_failed(analysis) {
        "Time until the error"
    } else {
        "Percentiles by step"
    };
    let errors = if analysis.totals.errors > 0 {
        " Failed samples are in."
    } else {
        ""
    };
    section(
        "spread",
        "How response times spread",
        &format!(
            "<div class=\"two\"><figure>{}{chart}<figcaption>Dotted where fewer than 10 samples lie \
             beyond.{errors}</figcaption></figure><div>{}</div></div>{}",
            title(sheet, name, "log scale", &keys),
            table(&named),
            heat_map(analysis, sheet)
        ),
    )
}

/// Where a quantile stands: stretched towards the slowest.
fn x(quantile: f64) -> f64 {
    let nines = -(1.0 - quantile).max(1e-12).log10();
    (nines / DECADES * 1000.0).clamp(0.0, 1000.0)
}

/// The plot with its ticks, shared with the comparison of two runs.
pub(super) fn percentile_plot(
    sheet: &Sheet,
    axis: Axis,
    curves: &[(String, String, &PercentileCurve)],
    height_px: u32,
) -> String {
    let mut plot = Plot::new(sheet, axis, height_px);
    for quantile in [0.5, 0.9, 0.95, 0.99, 0.999] {
        plot.upright(x(quantile), Stroke::solid("var(--grid)", 1.2));
    }
    let mut labels: Vec<f64> = Vec::new();
    for (name, color, curve) in curves {
        let claimed = |quantile: f64| curve.samples as f64 * (1.0 - quantile) >= BEYOND;
        let known: Vec<_> = curve
            .points
            .iter()
            .filter(|point| x(point.0) < 1000.0)
            .collect();
        let split = known
            .iter()
            .position(|point| !claimed(point.0))
            .unwrap_or(known.len());
        let points = |part: &[&(f64, f64)]| -> Vec<(f64, Option<f64>)> {
            part.iter()
                .map(|point| (x(point.0), Some(point.1)))
                .collect()
        };
        plot.line(&points(&known[..split]), Stroke::solid(color, 2.2));
        // The tail starts at the last claimed point, so that the line is whole.
        let tail = &known[split.saturating_sub(1)..];
        if tail.len() > 1 {
            plot.line(&points(tail), Stroke::dashed(color, 1.4, "2 3"));
        }
        // Direct labels where they cover neither each other nor their line; the key has all.
        let highest = known
            .iter()
            .filter(|point| (NAME_FROM..=NAME_TO).contains(&x(point.0)))
            .map(|point| plot.percent(point.1))
            .min_by(f64::total_cmp);
        if let Some(highest) = highest {
            let top = highest - 0.5;
            if labels.iter().all(|other| (other - top).abs() > 8.0) {
                labels.push(top);
                let middle = f64::midpoint(NAME_FROM, NAME_TO);
                plot.wide_note(middle, top, Anchor::AboveCenter, "var(--ink)", name);
            }
        }
    }
    let finding: Vec<String> = curves
        .iter()
        .filter_map(|(name, _, curve)| {
            let p50 = at(curve, 0.5)?;
            let p99 = at(curve, 0.99)?;
            Some(format!(
                "{name} from {} at p50 to {} at p99",
                number::value(Quantity::Time, p50),
                number::value(Quantity::Time, p99)
            ))
        })
        .collect();
    let ticks = [
        (0.0, "p0", true),
        (0.5, "p50", false),
        (0.9, "p90", true),
        (0.95, "p95", false),
        (0.99, "p99", false),
        (0.999, "p99.9", false),
        (0.9999, "p99.99", true),
    ]
    .map(|(quantile, name, minor)| (x(quantile), name.to_owned(), minor));
    format!(
        "{}{}",
        plot.finish(&format!("Percentile curves: {}", finding.join("; "))),
        x_ticks(sheet, &ticks, "percentile (stretched towards the slowest)")
    )
}

/// The time at a quantile that the curve has a point of, if as many samples lie beyond as a claim needs.
fn at(curve: &PercentileCurve, quantile: f64) -> Option<f64> {
    if curve.samples as f64 * (1.0 - quantile) < BEYOND && quantile > 0.5 {
        return None;
    }
    curve
        .points
        .iter()
        .find(|point| (point.0 - quantile).abs() < 1e-9)
        .map(|point| point.1)
}

fn table(curves: &[(String, String, &PercentileCurve)]) -> String {
    const QUANTILES: [(f64, &str); 6] = [
        (0.5, "p50"),
        (0.75, "p75"),
        (0.9, "p90"),
        (0.95, "p95"),
        (0.99, "p99"),
        (0.999, "p99.9"),
    ];
    let head: String = curves
        .iter()
        .map(|(name, ..)| format!("<th scope=\"col\">{}</th>", escape(name)))
        .collect();
    let rows: String = QUANTILES
        .iter()
        .map(|(quantile, name)| {
            let cells: String = curves
                .iter()
                .map(|(_, _, curve)| {
                    at(curve, *quantile).map_or_else(
                        || "<td class=\"sub\">not enough</td>".to_owned(),
                        |time| format!("<td>{}</td>", number::value(Quantity::Time, time)),
                    )
                })
                .collect();
            format!("<tr><th scope=\"row\" class=\"l\">{name}</th>{cells}</tr>")
        })
        .collect();
    format!(
        "<div class=\"tw\"><table><thead><tr><th class=\"l\">The same as a table</th>{head}</tr></thead>\
         <tbody>{rows}</tbody></table></div><p class=\"sub\">All labels of a step together, over its \
         judged window.</p>"
    )
}
