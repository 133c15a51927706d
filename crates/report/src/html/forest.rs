//! The forest plot: every change as a dot with its interval on one axis of ratios.

use std::fmt::Write;

use loadline_analysis::{
    CellAnswer, Comparison, ComparisonCell, Effect, EffectKind, StepComparison,
};

use super::icon::Mark;
use super::markup::{escape, small};
use super::page::{lead, section};
use super::sheet::Sheet;
use super::table::Row;
use crate::effect;
use crate::number;
use crate::word;

/// Ratios further out are arrows with their figure.
const FARTHEST: f64 = 3000.0;

/// The axis of ratios, logarithmic, with 1 inside.
#[derive(Clone, Copy, Debug)]
struct Ratios {
    low: f64,
    high: f64,
}

impl Ratios {
    fn of(comparison: &Comparison) -> Self {
        let (mut low, mut high) = (0.8f64, 1.25f64);
        for effect in comparison
            .steps
            .iter()
            .filter_map(effect::overall)
            .flat_map(|row| &row.cells)
            .filter_map(|cell| cell.effect.as_ref())
            .filter(|effect| effect.kind == EffectKind::Ratio)
        {
            for ratio in [Some(effect.value), effect.low, effect.high]
                .into_iter()
                .flatten()
            {
                if ratio.is_finite() && ratio > 0.0 {
                    low = low.min(ratio.max(1.0 / FARTHEST));
                    high = high.max(ratio.min(FARTHEST));
                }
            }
        }
        // Some room at both ends, in proportion to the width.
        let margin = (high / low).powf(0.06);
        Ratios {
            low: low / margin,
            high: high * margin,
        }
    }

    /// Per cent from the left, within the axis.
    fn place(self, ratio: f64) -> f64 {
        let share = (ratio.max(f64::MIN_POSITIVE) / self.low).ln() / (self.high / self.low).ln();
        (share * 100.0).clamp(0.0, 100.0)
    }

    fn ticks(self) -> Vec<(f64, String)> {
        let span = (self.high / self.low).log10();
        let candidates: &[f64] = if span > 1.0 {
            &[0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0]
        } else {
            &[0.25, 0.5, 0.8, 1.0, 1.25, 2.0, 4.0]
        };
        candidates
            .iter()
            .filter(|ratio| **ratio >= self.low && **ratio <= self.high)
            .map(|ratio| {
                let label = if *ratio < 1.0 && span > 1.0 {
                    format!("1/{}", number::load((1.0 / ratio).round()))
                } else {
                    super::axis::trimmed(*ratio)
                };
                (self.place(*ratio), label)
            })
            .collect()
    }
}

/// The section; empty without common steps.
pub(super) fn forest(comparison: &Comparison, sheet: &Sheet) -> String {
    if comparison.steps.is_empty() {
        return String::new();
    }
    let ratios = Ratios::of(comparison);
    let headline = effect::headline_step(comparison);
    let others = comparison
        .steps
        .iter()
        .rev()
        .filter(|step| headline.is_none_or(|first| !std::ptr::eq(*step, first)));
    let tables: String = headline
        .into_iter()
        .chain(others)
        .map(|step| one(comparison, step, ratios, sheet))
        .collect();
    let text = lead(&format!(
        "Dot and bar: change with its 95 % interval. Grey zone: less than {}, too small to matter \
         here. Left of 1: shorter times, less throughput. Right of 1: longer, more.",
        number::bound(number::Quantity::Share, comparison.min_effect)
    ));
    section("forest", "What changed", &format!("{text}{tables}"))
}

fn one(comparison: &Comparison, step: &StepComparison, ratios: Ratios, sheet: &Sheet) -> String {
    let ticks: String = ratios
        .ticks()
        .into_iter()
        .map(|(left, label)| {
            let place = sheet.class(&format!("left:{left:.1}%"));
            format!("<span class=\"{place}\">{label}</span>")
        })
        .collect();
    let rows: String = effect::overall(step)
        .map_or(&[][..], |row| &row.cells)
        .iter()
        .map(|cell| row(comparison, cell, ratios, sheet))
        .collect();
    let refused = if step.refused.is_empty() {
        String::new()
    } else {
        small(&format!("No answer here: {}.", step.refused.join("; ")))
    };
    format!(
        "<h3>At {}</h3>{refused}<div class=\"tw\"><table class=\"stack fx\"><colgroup><col class=\"c1\">\
         <col class=\"c2\"><col class=\"c2\"><col class=\"c3\"><col class=\"c4\"><col class=\"c5\"></colgroup>\
         <thead><tr><th class=\"l\">Measure</th><th>Baseline</th><th>Candidate</th>\
         <th class=\"l\">Candidate / baseline, log scale<div class=\"ft\" aria-hidden=\"true\">{ticks}</div></th>\
         <th>Change</th><th class=\"l\">Answer</th></tr></thead><tbody>{rows}</tbody></table></div>",
        escape(&word::load(step.load))
    )
}

fn row(comparison: &Comparison, cell: &ComparisonCell, ratios: Ratios, sheet: &Sheet) -> String {
    let mut baseline = effect::figure(cell, &cell.baseline);
    let mut candidate = effect::figure(cell, &cell.candidate);
    if cell.metric != loadline_analysis::ComparedMetric::ErrorRate {
        // Their intervals are in the runs' own reports; here the change carries the doubt.
        baseline.interval.clear();
        candidate.interval.clear();
    }
    let change = effect::change(cell);
    let strip = match &cell.effect {
        Some(effect) if effect.kind == EffectKind::Ratio => {
            strip(comparison, effect, cell.answer, ratios, sheet)
        }
        Some(_) => "<span class=\"sub\">a difference, not a ratio</span>".to_owned(),
        None => "<span class=\"sub\">no interval on both sides</span>".to_owned(),
    };
    Row::new("")
        .markup("", &format!("<b>{}</b>", effect::metric(cell.metric)))
        .figure("Baseline", &baseline)
        .figure("Candidate", &candidate)
        .markup("", &strip)
        .figure(
            "Change",
            &number::Shown {
                value: change.value,
                bare: String::new(),
                interval: change.interval,
            },
        )
        .markup("Answer", &answer(cell))
        .finish()
}

/// The answer of a cell with its shape.
pub(super) fn answer(cell: &ComparisonCell) -> String {
    let mut html = mark(cell.answer).word(word::cell_answer(cell.answer));
    match cell.answer {
        CellAnswer::CannotTell {
            needs_s: Some(needs),
        } => {
            let _ = write!(
                html,
                "<span class=\"ci\">needs about {} per step</span>",
                number::length(needs)
            );
        }
        CellAnswer::Improved | CellAnswer::Regressed
            if effect::is_primary(cell.metric) && !cell.stands_after_correction =>
        {
            html.push_str("<span class=\"ci\">alone; not among all cells</span>");
        }
        _ => {}
    }
    html
}

/// How an answer is marked.
pub(super) const fn mark(answer: CellAnswer) -> Mark {
    match answer {
        CellAnswer::Improved => Mark::Pass,
        CellAnswer::Regressed => Mark::Fail,
        CellAnswer::NoSignificantChange => Mark::Same,
        CellAnswer::CannotTell { .. } => Mark::Inconclusive,
        CellAnswer::NotMeasured => Mark::Measured,
    }
}

const fn color(answer: CellAnswer) -> &'static str {
    match answer {
        CellAnswer::Improved => "var(--pass)",
        CellAnswer::Regressed => "var(--fail)",
        CellAnswer::CannotTell { .. } => "var(--inc)",
        CellAnswer::NoSignificantChange | CellAnswer::NotMeasured => "var(--ink2)",
    }
}

fn strip(
    comparison: &Comparison,
    effect: &Effect,
    answer: CellAnswer,
    ratios: Ratios,
    sheet: &Sheet,
) -> String {
    let color = color(answer);
    let span = |from: f64, to: f64| format!("left:{from:.2}%;width:{:.2}%", (to - from).max(0.0));
    let zone = sheet.class(&span(
        ratios.place(1.0 / (1.0 + comparison.min_effect)),
        ratios.place(1.0 + comparison.min_effect),
    ));
    let one = sheet.class(&format!("left:{:.2}%", ratios.place(1.0)));
    let mut html = format!("<div class=\"fo\"><u class=\"{zone}\"></u><s class=\"{one}\"></s>");
    if effect.low.is_some() || effect.high.is_some() {
        let from = effect.low.map_or(0.0, |low| ratios.place(low));
        let to = effect.high.map_or(100.0, |high| ratios.place(high));
        let bar = sheet.class(&format!("{};background:{color}", span(from, to)));
        let _ = write!(html, "<i class=\"{bar}\"></i>");
    }
    let beyond = effect.value < ratios.low || effect.value > ratios.high;
    if beyond {
        let (side, arrow) = if effect.value < 1.0 {
            ("left:0", "◂")
        } else {
            ("right:0", "▸")
        };
        let class = sheet.class(&format!("{side};color:{color}"));
        let turned = if effect.value < 1.0 {
            1.0 / effect.value
        } else {
            effect.value
        };
        let _ = write!(
            html,
            "<em class=\"{class}\">{arrow} {} ×</em>",
            number::times(turned)
        );
    } else {
        let dot = sheet.class(&format!(
            "left:{:.2}%;background:{color}",
            ratios.place(effect.value)
        ));
        let _ = write!(html, "<b class=\"{dot}\"></b>");
    }
    html.push_str("</div>");
    html
}
