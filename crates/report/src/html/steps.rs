//! The table of steps.

use loadline_analysis::{Analysis, Stats, StepAnalysis, StepState, Verdict};
use loadline_events::Signal;

use super::explain::{self, Explained, explanations};
use super::markup::{escape, small};
use super::network::network;
use super::page::{lead, section};
use super::sheet::Sheet;
use super::table::{Row, left, right, table};
use crate::number::{self, Quantity, Shown};
use crate::sentence;
use crate::word;

/// With more steps than this, those that passed between the first and the last are folded.
const SHOWN: usize = 12;

/// The section; empty without steps.
pub(super) fn steps(analysis: &Analysis, sheet: &Sheet) -> String {
    if analysis.steps.is_empty() {
        return String::new();
    }
    let watched = !analysis.servers.is_empty();
    let unit = match analysis.steps[0].load {
        loadline_metrics::StepLoad::Users(_) => "Users",
        loadline_metrics::StepLoad::Rate(_) => "Arrivals",
    };
    let mut headings = vec![
        left(unit),
        left("Judged window"),
        right("Samples"),
        right("Throughput\nwithout errors"),
        right("Error rate"),
        right("p50"),
        right("p95"),
        right("p99"),
        right("Max"),
    ];
    if watched {
        headings.push(right("Busiest\nthread"));
        headings.push(right("Memory\npeak"));
    }
    let last = analysis.steps.len() - 1;
    let folds = |index: usize, step: &StepAnalysis| {
        last >= SHOWN
            && index > 0
            && index < last
            && step.state == StepState::Steady
            && standing(analysis, step).is_empty()
    };
    let rows: String = analysis
        .steps
        .iter()
        .enumerate()
        .map(|(index, step)| row(analysis, (index, step), watched, folds(index, step)))
        .collect();
    let text = lead(
        "Small figures are 95 % intervals. Dotted underline: select a number to see where it comes from.",
    );
    let hidden = analysis
        .steps
        .iter()
        .enumerate()
        .filter(|(index, step)| folds(*index, step))
        .count();
    let fold = if hidden > 0 {
        sheet.rule("#p #mores:not(:checked)~.tw .more{display:none}");
        format!(
            "<input class=\"pick no-print\" type=\"checkbox\" id=\"mores\"><label class=\"chip\" \
             for=\"mores\">{hidden} more steps, all kept</label>"
        )
    } else {
        String::new()
    };
    let service = service_note(analysis);
    let explanations: String = analysis
        .steps
        .iter()
        .enumerate()
        .map(|(index, step)| explanations(step, index))
        .collect();
    section(
        "steps",
        "By step",
        &format!(
            "{text}<div>{fold}{}</div>{}{}{explanations}",
            table(&headings, &rows),
            small(&service),
            network(analysis)
        ),
    )
}

/// The class of a step's row: `struck`, `hot`, or none for one that kept all limits.
fn standing(analysis: &Analysis, step: &StepAnalysis) -> &'static str {
    let failed = analysis.limits.iter().any(|limit| {
        limit.verdict == Verdict::Fail
            && limit
                .cells
                .iter()
                .any(|cell| cell.step == Some(step.step) && cell.verdict == Verdict::Fail)
    });
    if !step.invalid.is_empty() {
        "struck"
    } else if failed {
        "hot"
    } else {
        ""
    }
}

fn row(
    analysis: &Analysis,
    (index, step): (usize, &StepAnalysis),
    watched: bool,
    folded: bool,
) -> String {
    let class = if folded {
        "more"
    } else {
        standing(analysis, step)
    };
    let mut state = escape(&word::state(&step.state));
    if let (StepState::Steady, Some((start, _))) = (&step.state, step.window) {
        let after = f64::from(start) - step.hold_start_s;
        if after >= 1.0 && step.hold_needed_s.is_none() {
            state.push_str(&format!(" after {}", number::length(after)));
        }
    }
    if let Some((start, end)) = step.window {
        state.push_str(&format!(
            "<span class=\"ci\">{}–{}</span>",
            number::clock(f64::from(start)),
            number::clock(f64::from(end))
        ));
    }
    if let Some(hold) = sentence::longer_hold(step) {
        state.push_str(&format!("<span class=\"ci wrap\">{}</span>", escape(&hold)));
    }
    for why in &step.invalid {
        state.push_str(&format!("<span class=\"ci\">⊘ {}</span>", escape(why)));
    }
    let mut row = Row::new(class)
        .markup(
            "",
            &format!("<b>{}</b>", escape(&word::bare_load(step.load))),
        )
        .markup("State", &state)
        .number("Samples", &number::count(step.stats.samples));
    row = figures(row, &step.stats, &step.state, |figure| {
        explain::id(step, index, figure)
    })
    .number("Max", &max(&step.stats));
    if watched {
        let busiest = greatest(step, |server| server.mean(Signal::BusiestThread));
        let memory = greatest(step, |server| server.peak(Signal::MemoryBytes));
        let reading = |quantity, value: Option<f64>| {
            value.map_or_else(
                || "no reading".to_owned(),
                |value| number::rough(quantity, value),
            )
        };
        row = row
            .number("Busiest thread", &reading(Quantity::Share, busiest))
            .number(
                "Memory, peak",
                &memory.map_or_else(
                    || "no reading".to_owned(),
                    |memory| number::value(Quantity::Bytes, memory),
                ),
            );
    }
    row.finish()
}

fn greatest(
    step: &StepAnalysis,
    value: impl Fn(&loadline_analysis::ServerStep) -> Option<f64>,
) -> Option<f64> {
    step.servers.iter().filter_map(value).max_by(f64::total_cmp)
}

/// Throughput, error rate, p50, p95 and p99, without intervals where the step was not steady. Each
/// opens the explanation whose id `id` gives.
pub(super) fn figures(
    mut row: Row,
    stats: &Stats,
    state: &StepState,
    id: impl Fn(Explained) -> Option<String>,
) -> Row {
    let unsteady = !matches!(state, StepState::Steady | StepState::TooShort);
    let few = few_samples(stats);
    let none = Shown {
        value: "–".to_owned(),
        interval: "no samples".to_owned(),
        bare: "no samples".to_owned(),
    };
    for figure in Explained::ALL {
        let estimate = figure.of(stats);
        let mut shown = number::optional(figure.quantity(), estimate);
        if unsteady && estimate.is_some_and(sentence::shows_a_value) {
            shown.interval = match state {
                StepState::Rising { per_second } => {
                    format!("rising, {} %/s", number::signed_percent(*per_second))
                }
                _ => "not steady".to_owned(),
            };
        }
        if let (Some(few), Quantity::Time) = (&few, figure.quantity()) {
            shown = if figure == Explained::P50 {
                few.clone()
            } else {
                number::optional(Quantity::Time, None)
            };
        }
        if !sentence::has_samples(stats) {
            shown = if figure == Explained::Throughput {
                none.clone()
            } else {
                number::optional(figure.quantity(), None)
            };
        }
        row = row.explained_figure(figure.name(), &shown, id(figure).as_deref());
    }
    row
}

/// With fewer than five samples: the least and the greatest instead of any percentile.
fn few_samples(stats: &Stats) -> Option<Shown> {
    if stats.samples >= 5 || stats.samples == 0 {
        return None;
    }
    let (min, max) = (stats.response.min?, stats.response.max?);
    let interval = if stats.samples == 1 {
        "the only sample".to_owned()
    } else {
        format!("least of {}", word::counted(stats.samples, "sample"))
    };
    Some(Shown {
        value: number::value(Quantity::Time, if stats.samples == 1 { max } else { min }),
        bare: interval.clone(),
        interval,
    })
}

/// The greatest time of a row.
pub(super) fn max(stats: &Stats) -> String {
    stats
        .response
        .max
        .map_or_else(|| "–".to_owned(), |max| number::value(Quantity::Time, max))
}

/// Service times where they are not the response times.
fn service_note(analysis: &Analysis) -> String {
    let differing: Vec<String> = analysis
        .steps
        .iter()
        .filter_map(|step| {
            let response = step.stats.response.p95.as_ref()?;
            let service = step.stats.service.p95.as_ref()?;
            let both = sentence::shows_a_value(response) && sentence::shows_a_value(service);
            let apart = (response.value - service.value).abs() > 0.01 * response.value;
            (both && apart).then(|| {
                format!(
                    "at {} its p95 is {}",
                    word::load(step.load),
                    number::estimate(Quantity::Time, service).value
                )
            })
        })
        .collect();
    if differing.is_empty() {
        String::new()
    } else {
        format!(
            "Service time, from the actual start to the last byte, leaves out waiting for a free \
             user: {}.",
            differing.join("; ")
        )
    }
}
