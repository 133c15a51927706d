//! A comparison for terminals and tickets.

use loadline_analysis::{
    CellAnswer, ComparabilityStanding, ComparedMetric, Comparison, RunAnswer, StepComparison,
    Verdict,
};

use super::columns::{Align, cut_middle, table, widest, wrapped};
use super::style::{Ink, TextStyle};
use crate::effect;
use crate::limit_metric::LimitMetric;
use crate::number::{self, Quantity};
use crate::sentence::with_stop;
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
            row.what,
            row.baseline,
            row.candidate,
            word::capitalised(&with_stop(row.consequence.clone()))
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
        let metric = LimitMetric::of(&limit.text);
        let alive = matches!(metric, LimitMetric::Alive(_));
        let mut row = vec![style.plain(&format!("  {}", limit.text))];
        for side in [&limit.baseline, &limit.candidate] {
            let (verdict, value) = side.as_ref().map_or_else(
                || ("not set".to_owned(), String::new()),
                |(verdict, observed)| {
                    let figure = observed.as_ref().filter(|_| !alive);
                    let value = figure.map_or_else(String::new, |observed| {
                        number::estimate_beside(metric.quantity(), observed, limit.bound).value
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
    // Narrow lines get short answers, then lose the intervals of the changes.
    let lines = table(&columns, &rows);
    if widest(&lines) <= style.columns() {
        return lines;
    }
    for answer in rows.iter_mut().filter_map(|row| row.get_mut(5)) {
        *answer = short_answer(answer).to_owned();
    }
    let lines = table(&columns, &rows);
    if widest(&lines) <= style.columns() {
        return lines;
    }
    for interval in rows.iter_mut().filter_map(|row| row.get_mut(4)) {
        interval.clear();
    }
    table(&columns, &rows)
}

/// An answer in one word.
fn short_answer(answer: &str) -> &str {
    match answer {
        "improved" => "better",
        "regressed" => "worse",
        "no significant change" => "same",
        other if other.starts_with("cannot tell") => "unclear",
        other => other,
    }
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
        // One cell is a line across all columns.
        rows[0] = vec![style.plain(&format!(
            "At {}: no answer, {}",
            word::load(step.load),
            step.refused.join("; ")
        ))];
    }
    for cell in effect::overall(step).map_or(&[][..], |row| &row.cells) {
        let change = effect::change(cell);
        rows.push(
            [
                format!("  {}", metric(cell.metric)),
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

/// The name of a metric where room is dear.
const fn metric(metric: ComparedMetric) -> &'static str {
    match metric {
        ComparedMetric::GoodThroughput => "Good throughput",
        other => effect::metric(other),
    }
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
        let Some(cell) = cells.iter().find(|cell| cell.metric == ComparedMetric::P95) else {
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
    if comparison.answer == RunAnswer::NotComparable {
        return Vec::new();
    }
    effect::repeat_note(comparison)
        .map(str::to_owned)
        .into_iter()
        .chain(comparison.notes.iter().cloned())
        .flat_map(|note| wrapped("", &style.plain(&note), style.columns()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison_fixture::improved;

    fn text(comparison: &Comparison, width: usize) -> String {
        comparison_text(
            comparison,
            TextStyle {
                color: false,
                width,
                ascii: false,
            },
        )
    }

    #[test]
    fn a_comparison_fits_a_screen() {
        insta::assert_snapshot!(text(&improved(), 100), @r#"
        IMPROVED  At 2,000 users p95 falls from 6.30 s to 13.5 ms: 470 times shorter (440–490 times).
                  Throughput without errors rises from 133/s to 199/s: +50 % (+42 to +59 %). The error rate
                  falls from 13.6 % to 0: −13.6 points (−15.6 to −11.6). All limits hold now.

        Same        plan, steps
        Differs     error rate at 2,000 users: 13.6 % against 0. Fast errors pull the baseline's p50 down.

        Limits                        baseline           candidate
          p95 < 5s at users <= 1000   ✓ pass    106 ms   ✓ pass     16.2 ms
          errors <= 10%               ✗ fail    13.6 %   ✓ pass           0
          server backend alive        ✓ pass             not set

        At 2,000 users     baseline  candidate              change  95 % interval   answer
          Mean               3.03 s    5.81 ms   520 times shorter  490–550 times   improved
          p50                2.77 s    4.77 ms   580 times shorter  550–610 times   improved
          p95                6.30 s    13.5 ms   470 times shorter  440–490 times   improved
          p99                6.57 s    19.0 ms   350 times shorter  330–360 times   improved
          Good throughput     133/s      199/s               +50 %  +42 to +59 %    improved
          Error rate         13.6 %          0        −13.6 points  −15.6 to −11.6  improved
        At 1,500 users     baseline  candidate              change  95 % interval   answer
          Mean               1.14 s    5.80 ms   200 times shorter  190–210 times   improved
          p50                1.07 s    4.77 ms   220 times shorter  210–240 times   improved
          p95                2.38 s    13.4 ms   180 times shorter  170–190 times   improved
          p99                2.85 s    19.3 ms   150 times shorter  140–160 times   improved
          Good throughput     135/s      150/s               +11 %  +5.6 to +18 %   improved
          Error rate              0          0            0 points  −2.0 to +2.0    no significant change
        At 1,000 users     baseline  candidate              change  95 % interval   answer
          Mean              30.4 ms    5.78 ms   5.3 times shorter  5.0–5.5 times   improved
          p50               18.5 ms    4.75 ms   3.9 times shorter  3.7–4.1 times   improved
          p95               99.7 ms    13.4 ms   7.4 times shorter  7.0–7.8 times   improved
          p99                175 ms    19.0 ms   9.2 times shorter  8.7–9.7 times   improved
          Good throughput    99.9/s     99.8/s              −0.1 %  −5.1 to +5.9 %  no significant change
          Error rate              0          0            0 points  −2.0 to +2.0    no significant change

        Labels at 2,000 users  baseline  candidate                 p95  answer
          GET /posts/            6.30 s    13.5 ms   470 times shorter  improved
          POST /posts/           6.30 s    13.5 ms   470 times shorter  improved

        Server      backend: busiest thread 99.9 % → 27.1 % · CPU 26.5 % → 25.8 % · CPU per request 7.42 ms
                    → 4.90 ms · memory 143 MB → 169 MB

        These two runs differ by this much. How much runs of the same build differ was not measured: repeat
        5 pairs to know.
        "#);
    }

    #[test]
    fn narrow_lines_lose_the_intervals() {
        let text = text(&improved(), 80);
        assert!(text.contains("470 times shorter"));
        assert!(
            text.lines().all(|line| line.chars().count() <= 80),
            "{text}"
        );
    }

    #[test]
    fn runs_that_may_not_be_compared_say_why() {
        let mut comparison = improved();
        comparison.answer = RunAnswer::NotComparable;
        comparison.comparability[0].standing = ComparabilityStanding::Refused;
        let text = text(&comparison, 100);
        assert!(
            text.starts_with("NOT COMPARABLE  These two runs may not be compared: plan differs")
        );
        assert!(!text.contains("At 2,000 users"));
    }
}
