//! A comparison for terminals and tickets.

use loadline_analysis::{
    CellAnswer, ComparabilityStanding, Comparison, RunAnswer, StepComparison, Verdict,
};

use super::columns::{Align, cut_middle, table, widest, wrapped};
use super::style::{Ink, TextStyle};
use crate::effect;
use crate::limit_metric::LimitMetric;
use crate::number::{self, Quantity};
use crate::word;

/// Labels shown at most in the headline step; more are left to the page.
const LABELS: usize = 8;

/// The comparison of two runs for a terminal or a ticket, ending with a line break.
#[must_use]
pub fn comparison_text(comparison: &Comparison, style: TextStyle) -> String {
    let mut lines = headline(comparison, style);
    let mut parts = vec![comparability(comparison, style)];
    if comparison.answer != RunAnswer::NotComparable {
        parts.push(limits(comparison, style));
        parts.push(changes(comparison, style));
        parts.push(labels(comparison, style));
        parts.push(servers(comparison, style));
    }
    parts.push(notes(comparison, style));
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        lines.push(String::new());
        lines.extend(part);
    }
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

const fn ink(answer: RunAnswer) -> Ink {
    match answer {
        RunAnswer::Improved => Ink::Good,
        RunAnswer::Regressed => Ink::Bad,
        RunAnswer::CannotTell => Ink::Open,
        RunAnswer::NotComparable => Ink::Struck,
        RunAnswer::NoSignificantChange => Ink::Plain,
    }
}

fn headline(comparison: &Comparison, style: TextStyle) -> Vec<String> {
    let word = word::run_answer(comparison.answer).to_uppercase();
    let first = format!("{word}  ");
    let mut lines = wrapped(
        &first,
        &style.plain(&effect::lead(comparison)),
        style.columns(),
    );
    lines[0] = lines[0].replacen(&word, &style.paint(&word, ink(comparison.answer)), 1);
    let rest = effect::rest(comparison).join(" ");
    if !rest.is_empty() {
        let indent = " ".repeat(first.chars().count());
        lines.extend(wrapped(&indent, &style.plain(&rest), style.columns()));
    }
    lines
}

fn comparability(comparison: &Comparison, style: TextStyle) -> Vec<String> {
    let mut lines = Vec::new();
    let same: Vec<_> = comparison
        .comparability
        .iter()
        .filter(|row| row.standing == ComparabilityStanding::Same)
        .map(|row| row.what.as_str())
        .collect();
    if !same.is_empty() {
        lines.extend(wrapped(
            "Same        ",
            &style.plain(&same.join(", ")),
            style.columns(),
        ));
    }
    for row in &comparison.comparability {
        if row.standing == ComparabilityStanding::Same {
            continue;
        }
        let text = format!(
            "{}: {} against {}. {}",
            row.what, row.baseline, row.candidate, row.consequence
        );
        lines.extend(wrapped(
            "Differs     ",
            &style.plain(&text),
            style.columns(),
        ));
    }
    lines
}

fn limits(comparison: &Comparison, style: TextStyle) -> Vec<String> {
    if comparison.limits.is_empty() {
        return Vec::new();
    }
    let mut rows = vec![
        ["Limits", "baseline", "", "candidate", ""]
            .map(str::to_owned)
            .to_vec(),
    ];
    for limit in &comparison.limits {
        let quantity = LimitMetric::of(&limit.text).quantity();
        let mut row = vec![style.plain(&format!("  {}", limit.text))];
        for side in [&limit.baseline, &limit.candidate] {
            let (verdict, value) = side.as_ref().map_or_else(
                || ("not set".to_owned(), String::new()),
                |(verdict, observed)| {
                    let value = observed.as_ref().map_or_else(String::new, |observed| {
                        number::estimate_beside(quantity, observed, limit.bound).value
                    });
                    (marker(*verdict, style), value)
                },
            );
            row.push(verdict);
            row.push(style.plain(&value));
        }
        rows.push(row);
    }
    table(
        &[
            (Align::Left, 0),
            (Align::Left, 3),
            (Align::Right, 2),
            (Align::Left, 3),
            (Align::Right, 2),
        ],
        &rows,
    )
}

fn marker(verdict: Verdict, style: TextStyle) -> String {
    format!("{} {}", style.shape(verdict), word::verdict_key(verdict))
}

fn changes(comparison: &Comparison, style: TextStyle) -> Vec<String> {
    let mut rows = Vec::new();
    // The headline first, then the other steps.
    let headline = effect::headline_step(comparison);
    let others = comparison
        .steps
        .iter()
        .rev()
        .filter(|step| headline.is_none_or(|first| !std::ptr::eq(*step, first)));
    for step in headline.into_iter().chain(others) {
        rows.extend(step_rows(step, style));
    }
    let columns = [
        (Align::Left, 0),
        (Align::Right, 2),
        (Align::Right, 2),
        (Align::Right, 3),
        (Align::Left, 2),
        (Align::Left, 2),
    ];
    let lines = table(&columns, &rows);
    if widest(&lines) <= style.columns() {
        return lines;
    }
    // Narrow lines lose the intervals of the changes.
    for row in &mut rows {
        row[4].clear();
    }
    table(&columns, &rows)
}

fn step_rows(step: &StepComparison, style: TextStyle) -> Vec<Vec<String>> {
    let mut header = [
        "",
        "baseline",
        "candidate",
        "change",
        "95 % interval",
        "answer",
    ]
    .map(str::to_owned)
    .to_vec();
    header[0] = format!("At {}", word::load(step.load));
    let mut rows = vec![header];
    if !step.refused.is_empty() {
        rows[0] = vec![
            style.plain(&format!(
                "At {}: no answer, {}",
                word::load(step.load),
                step.refused.join("; ")
            )),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
        ];
    }
    for cell in effect::overall(step).map_or(&[][..], |row| &row.cells) {
        let change = effect::change(cell);
        rows.push(
            [
                format!("  {}", effect::metric(cell.metric)),
                effect::figure(cell, &cell.baseline).value,
                effect::figure(cell, &cell.candidate).value,
                change.value,
                change.interval,
                answer(cell.answer),
            ]
            .map(|text| style.plain(&text))
            .to_vec(),
        );
    }
    rows
}

fn answer(answer: CellAnswer) -> String {
    match answer {
        CellAnswer::CannotTell {
            needs_s: Some(needs),
        } => {
            format!(
                "cannot tell, needs about {} per step",
                number::length(needs)
            )
        }
        other => word::cell_answer(other).to_lowercase(),
    }
}

fn labels(comparison: &Comparison, style: TextStyle) -> Vec<String> {
    let Some(step) = effect::headline_step(comparison) else {
        return Vec::new();
    };
    let labelled: Vec<_> = step
        .rows
        .iter()
        .filter_map(|row| row.label.as_ref().map(|label| (label, &row.cells)))
        .collect();
    if labelled.is_empty() {
        return Vec::new();
    }
    let mut rows = vec![
        [
            &*format!("Labels at {}", word::load(step.load)),
            "baseline",
            "candidate",
            "p95",
            "answer",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    for (label, cells) in labelled.iter().take(LABELS) {
        let Some(cell) = cells
            .iter()
            .find(|cell| cell.metric == loadline_analysis::ComparedMetric::P95)
        else {
            continue;
        };
        rows.push(
            [
                format!("  {}", cut_middle(label, 30)),
                effect::figure(cell, &cell.baseline).value,
                effect::figure(cell, &cell.candidate).value,
                effect::change(cell).value,
                answer(cell.answer),
            ]
            .map(|text| style.plain(&text))
            .to_vec(),
        );
    }
    let mut lines = table(
        &[
            (Align::Left, 0),
            (Align::Right, 2),
            (Align::Right, 2),
            (Align::Right, 3),
            (Align::Left, 2),
        ],
        &rows,
    );
    if labelled.len() > LABELS {
        lines.push(style.plain(&format!("  … {} more", labelled.len() - LABELS)));
    }
    lines
}

fn servers(comparison: &Comparison, style: TextStyle) -> Vec<String> {
    comparison
        .servers
        .iter()
        .flat_map(|server| {
            let mut parts = Vec::new();
            let mut add = |name: &str, quantity, values: (Option<f64>, Option<f64>)| {
                if let (Some(baseline), Some(candidate)) = values {
                    parts.push(format!(
                        "{name} {} → {}",
                        number::value(quantity, baseline),
                        number::value(quantity, candidate)
                    ));
                }
            };
            add("busiest thread", Quantity::Share, server.busiest_thread);
            add("CPU", Quantity::Share, server.cpu_ratio);
            let cost = (
                server.cpu_us_per_request.0.as_ref().map(|cost| cost.value),
                server.cpu_us_per_request.1.as_ref().map(|cost| cost.value),
            );
            add("CPU per request", Quantity::Time, cost);
            add("memory", Quantity::Bytes, server.memory_peak_bytes);
            let text = format!("{}: {}", server.name, parts.join(" · "));
            wrapped("Server      ", &style.plain(&text), style.columns())
        })
        .collect()
}

fn notes(comparison: &Comparison, style: TextStyle) -> Vec<String> {
    effect::repeat_note(comparison)
        .map(str::to_owned)
        .into_iter()
        .chain(comparison.notes.iter().cloned())
        .flat_map(|note| wrapped("", &style.plain(&note), style.columns()))
        .collect()
}
