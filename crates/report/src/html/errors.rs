//! The table of error classes.

use loadline_analysis::{Analysis, ErrorClass};

use super::markup::{escape, small};
use super::page::section;
use super::table::{Row, left, right, table};
use crate::number::{self, Quantity};
use crate::sentence::shortened;
use crate::word;

/// Characters of a message shown.
const MESSAGE: usize = 200;

/// The section.
pub(super) fn errors(analysis: &Analysis) -> String {
    if analysis.errors.is_empty() {
        let text = if analysis.totals.samples == 0 {
            "No sample was recorded.".to_owned()
        } else {
            format!(
                "None in {}.",
                word::counted(analysis.totals.samples, "sample")
            )
        };
        return section("errors", "Errors by class", &small(&text));
    }
    let rows: String = analysis
        .errors
        .iter()
        .map(|class| row(analysis, class))
        .collect();
    let headings = [
        left("What the caller saw"),
        right("Count"),
        right("Share of all samples\nin the worst step"),
        right("First"),
        right("Last"),
        left("Labels"),
        left("First message"),
    ];
    let bursts = analysis
        .steps
        .iter()
        .any(|step| step.stats.errors_in_bursts && step.stats.errors > 0);
    let note = if bursts {
        "They come in bursts; the intervals of error rates allow for it."
    } else {
        ""
    };
    section(
        "errors",
        "Errors by class",
        &format!("{}{}", table(&headings, &rows), small(note)),
    )
}

fn row(analysis: &Analysis, class: &ErrorClass) -> String {
    let share = class.worst_step.map_or_else(
        || "–".to_owned(),
        |(id, share)| {
            let load = analysis
                .steps
                .iter()
                .find(|step| step.step == id)
                .map_or_else(String::new, |step| format!(" at {}", word::load(step.load)));
            format!("{}{load}", number::value(Quantity::Share, share))
        },
    );
    let labels = match class.labels.as_slice() {
        [] => "–".to_owned(),
        labels if labels.len() == analysis.labels.len() && labels.len() > 1 => {
            format!("all {}", labels.len())
        }
        labels if labels.len() > 3 => {
            format!("{} and {} more", labels[..2].join(", "), labels.len() - 2)
        }
        labels => labels.join(", "),
    };
    let message = if word::message(class).is_empty() {
        "<span class=\"sub\">no message</span>".to_owned()
    } else {
        format!(
            "<code>{}</code>",
            escape(&shortened(word::message(class), MESSAGE))
        )
    };
    Row::new("")
        .markup(
            "",
            &format!(
                "<b>{}</b> <span class=\"sub\">{}</span>",
                escape(&word::capitalised(&word::error_class(class))),
                word::error_meaning(class.kind)
            ),
        )
        .number("Count", &number::count(class.count))
        .number("Share in the worst step", &share)
        .number("First", &number::clock(f64::from(class.first_s)))
        .number("Last", &number::clock(f64::from(class.last_s)))
        .text("Labels", &labels)
        .markup("", &message)
        .finish()
}
