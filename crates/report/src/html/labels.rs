//! The table of labels, a body for each step, chosen without script.

use std::fmt::Write;

use loadline_analysis::{Analysis, LabelAnalysis, Stats, StepState};

use super::markup::{escape, small};
use super::page::section;
use super::sheet::Sheet;
use super::steps::{figures, max};
use super::table::{Row, head, left, right, table};
use crate::number::{self, Quantity};
use crate::sentence;
use crate::word;

/// Labels shown at first; the others are there, folded.
const SHOWN: usize = 12;

/// The section; empty without labels.
pub(super) fn labels(analysis: &Analysis, sheet: &Sheet) -> String {
    if analysis.labels.is_empty() {
        return match never_ran(analysis) {
            none if none.is_empty() => none,
            never_ran => section("labels", "By label", &never_ran),
        };
    }
    if sentence::all_failed(analysis) {
        return counts(analysis);
    }
    let judged: Vec<usize> = analysis
        .steps
        .iter()
        .enumerate()
        .filter(|(_, step)| step.stats.samples > 0)
        .map(|(index, _)| index)
        .collect();
    let greatest = sentence::greatest_step(analysis).and_then(|step| {
        analysis
            .steps
            .iter()
            .position(|other| other.step == step.step)
    });
    let mut order: Vec<&LabelAnalysis> = analysis.labels.iter().collect();
    let stats_of = |label: &LabelAnalysis| {
        greatest
            .and_then(|index| label.steps.get(index))
            .unwrap_or(&label.totals)
            .response
            .p95
            .as_ref()
            .map_or(0.0, |p95| p95.value)
    };
    order.sort_by(|a, b| stats_of(b).total_cmp(&stats_of(a)));
    let hidden = order.len().saturating_sub(SHOWN);
    let mut bodies = String::new();
    let mut chooser = String::new();
    if judged.is_empty() {
        bodies.push_str(&body(
            "",
            &order,
            |label| Some(&label.totals),
            &StepState::TooShort,
        ));
    }
    for index in judged {
        let step = &analysis.steps[index];
        let class = if analysis.steps.len() > 1 {
            let checked = if Some(index) == greatest {
                " checked"
            } else {
                ""
            };
            let _ = write!(
                chooser,
                "<input class=\"pick no-print\" type=\"radio\" name=\"step\" id=\"st{index}\"{checked}>\
                 <label class=\"chip\" for=\"st{index}\">{}</label>",
                escape(&word::load(step.load))
            );
            sheet.rule(&format!(
                "#p #st{index}:not(:checked)~.tw .t{index}{{display:none}}"
            ));
            format!(" class=\"t{index}\"")
        } else {
            String::new()
        };
        bodies.push_str(&body(
            &class,
            &order,
            |label| label.steps.get(index),
            &step.state,
        ));
    }
    if hidden > 0 {
        let _ = write!(
            chooser,
            "<input class=\"pick no-print\" type=\"checkbox\" id=\"more\"><label class=\"chip\" \
             for=\"more\">{hidden} more labels</label>"
        );
        sheet.rule("#p #more:not(:checked)~.tw .more{display:none}");
    }
    let head = head(&[
        left("Label"),
        right("Samples"),
        right("Throughput\nwithout errors"),
        right("Error rate"),
        right("p50"),
        right("p95"),
        right("p99"),
        right("p99.9"),
        right("Max"),
        right("Received\neach"),
    ]);
    let legend = if chooser.contains("radio") {
        "Step: choose whose figures are shown. Slowest label first."
    } else {
        "Slowest label first."
    };
    section(
        "labels",
        "By label",
        &format!(
            "{}<div>{chooser}<div class=\"tw\"><table class=\"stack\">{head}{bodies}</table></div></div>{}",
            small(legend),
            never_ran(analysis)
        ),
    )
}

/// With nothing but errors there are no times worth reading: counts only.
fn counts(analysis: &Analysis) -> String {
    let rows: String = analysis
        .labels
        .iter()
        .map(|label| {
            Row::new("")
                .markup("", &format!("<b>{}</b>", escape(&label.label)))
                .number("Samples", &number::count(label.totals.samples))
                .number("Errors", &number::count(label.totals.errors))
                .finish()
        })
        .collect();
    let headings = [left("Label"), right("Samples"), right("Errors")];
    let table = table(&headings, &rows);
    section("labels", "By label", &(table + &never_ran(analysis)))
}

/// The labels of the plan that no sample has; empty without one.
fn never_ran(analysis: &Analysis) -> String {
    if analysis.never_ran.is_empty() {
        return String::new();
    }
    let names: Vec<_> = analysis
        .never_ran
        .iter()
        .map(|label| escape(label))
        .collect();
    format!("<p class=\"sub\">Never ran: {}.</p>", names.join(", "))
}

fn body<'a>(
    class: &str,
    labels: &[&'a LabelAnalysis],
    stats: impl Fn(&'a LabelAnalysis) -> Option<&'a Stats>,
    state: &StepState,
) -> String {
    let rows: String = labels
        .iter()
        .enumerate()
        .filter_map(|(index, label)| {
            let class = if index >= SHOWN { "more" } else { "" };
            stats(label).map(|stats| row(label, stats, state, class))
        })
        .collect();
    format!("<tbody{class}>{rows}</tbody>")
}

fn row(label: &LabelAnalysis, stats: &Stats, state: &StepState, class: &str) -> String {
    let kind = if label.transaction {
        " <span class=\"sub\">transaction</span>"
    } else {
        ""
    };
    let row = Row::new(class)
        .markup("", &format!("<b>{}</b>{kind}", escape(&label.label)))
        .number("Samples", &number::count(stats.samples));
    let mut tail = number::optional(Quantity::Time, stats.response.p999.as_ref());
    if !sentence::has_samples(stats) {
        tail = number::optional(Quantity::Time, None);
    } else if !matches!(state, StepState::Steady | StepState::TooShort)
        && tail.value != "not enough"
    {
        tail.interval = "not steady".to_owned();
    }
    let each = if stats.samples == 0 {
        "–".to_owned()
    } else {
        number::value(
            Quantity::Bytes,
            (stats.received_bytes as f64 / stats.samples as f64).round(),
        )
    };
    figures(row, stats, state, |_| None)
        .figure("p99.9", &tail)
        .number("Max", &max(stats))
        .number("Received each", &each)
        .finish()
}
