//! The comparison of two runs: did the change help, by how much, and may one believe it.

use loadline_analysis::{
    ComparabilityStanding, ComparedMetric, Comparison, ComparisonCell, Estimate, LimitComparison,
    RunAnswer, StepComparison, Verdict,
};
use loadline_metrics::RunFacts;

use super::answers::answer_list;
use super::curves::curves;
use super::forest::{forest, mark};
use super::icon::{Mark, verdict};
use super::markup::{escape, small};
use super::page::{Page, lead, section};
use super::sheet::Sheet;
use super::table::{Row, left, right, table};
use crate::calendar::Utc;
use crate::comparison_answer::answers;
use crate::effect;
use crate::limit_metric::LimitMetric;
use crate::number::{self, Quantity, Shown};
use crate::sentence::with_stop;
use crate::word;

/// Steps in the matrix of labels at most.
const STEPS: usize = 3;

/// The comparison of two runs as one HTML file.
///
/// It loads nothing and sends nothing; all text of servers, plans and machines is escaped.
#[must_use]
pub fn comparison_html(comparison: &Comparison) -> String {
    let sheet = Sheet::default();
    let mut sections = vec![("same", "Comparable?", comparability(comparison))];
    // Runs that may not be compared have nothing else to show.
    if comparison.answer != RunAnswer::NotComparable {
        sections.extend([
            ("limits", "Limits", limits(comparison)),
            ("forest", "Change", forest(comparison, &sheet)),
            ("load", "Load", curves(comparison, &sheet)),
            ("labels", "Labels", labels(comparison)),
            ("server", "Server", servers(comparison)),
        ]);
    }
    sections.push(("files", "Files", files(comparison)));
    let links: Vec<(&str, &str)> = sections
        .iter()
        .filter(|(_, _, body)| !body.is_empty())
        .map(|(id, name, _)| (*id, *name))
        .collect();
    let body: String = sections.iter().map(|(_, _, body)| body.as_str()).collect();
    let answer = word::run_answer(comparison.answer);
    let title = format!("{answer} · {} · Loadline", comparison.candidate.plan_name);
    Page {
        title: &title,
        word: &run_mark(comparison.answer).word(answer),
        links: &links,
        header: &header(comparison),
        sections: &body,
        sheet: &sheet,
        series: "",
        version: &comparison.candidate.version,
        folder: "",
    }
    .finish()
}

const fn run_mark(answer: RunAnswer) -> Mark {
    match answer {
        RunAnswer::Improved => Mark::Pass,
        RunAnswer::Regressed => Mark::Fail,
        RunAnswer::NoSignificantChange => Mark::Same,
        RunAnswer::CannotTell => Mark::Inconclusive,
        RunAnswer::NotComparable => Mark::Invalid,
    }
}

fn header(comparison: &Comparison) -> String {
    let mark = run_mark(comparison.answer);
    let side = |name: &str, facts: &RunFacts| {
        let start = Utc::from_epoch_ms(facts.started_at_ms);
        let note = if facts.note.is_empty() {
            String::new()
        } else {
            format!(", {}", facts.note)
        };
        format!(
            "<span><b>{name}</b> {}</span>",
            escape(&format!(
                "{}, {}{note}, seed {}",
                start.date(),
                start.time(),
                facts.seed
            ))
        )
    };
    let answers = if comparison.answer == RunAnswer::NotComparable {
        String::new()
    } else {
        answer_list(&answers(comparison))
    };
    format!(
        "<h1>Comparison · {} <span class=\"light\">· {}</span></h1>\
         <div class=\"meta\">{}{}</div><div class=\"verdict {}\">{}<p><b>{}</b> {}</p></div>{answers}",
        escape(&comparison.candidate.plan_name),
        escape(&comparison.candidate.target),
        side("Baseline", &comparison.baseline),
        side("Candidate", &comparison.candidate),
        mark.class(),
        mark.word(word::run_answer(comparison.answer)),
        escape(&effect::lead(comparison)),
        escape(&effect::rest(comparison).join(" ")),
    )
}

fn comparability(comparison: &Comparison) -> String {
    let mut rows = String::new();
    let same: Vec<&str> = comparison
        .comparability
        .iter()
        .filter(|row| row.standing == ComparabilityStanding::Same)
        .map(|row| row.what.as_str())
        .collect();
    let row = |mark: Mark, word: &str, text: &str| {
        Row::new("")
            .markup("", &mark.word(word))
            .markup("", &escape(text))
            .finish()
    };
    if !same.is_empty() {
        rows.push_str(&row(Mark::Same, "Same", &same.join(", ")));
    }
    for differing in &comparison.comparability {
        let (mark, word) = match differing.standing {
            ComparabilityStanding::Same => continue,
            ComparabilityStanding::Warning => (Mark::Inconclusive, "Differs"),
            ComparabilityStanding::Refused => (Mark::Invalid, "Differs too much"),
        };
        let text = format!(
            "{}: {} against {}. {}",
            differing.what,
            differing.baseline,
            differing.candidate,
            word::capitalised(&with_stop(differing.consequence.clone()))
        );
        rows.push_str(&row(mark, word, text.trim_end()));
    }
    if rows.is_empty() {
        return String::new();
    }
    section(
        "same",
        "May these two be compared?",
        &format!("<div class=\"tw\"><table class=\"stack\"><tbody>{rows}</tbody></table></div>"),
    )
}

fn limits(comparison: &Comparison) -> String {
    if comparison.limits.is_empty() {
        return String::new();
    }
    let rows: String = comparison.limits.iter().map(limit).collect();
    let headings = [
        left("Limit"),
        left("Baseline"),
        right("Measured"),
        left("Candidate"),
        right("Measured"),
    ];
    section(
        "limits",
        "Limits, before and after",
        &table(&headings, &rows),
    )
}

fn limit(limit: &LimitComparison) -> String {
    let metric = LimitMetric::of(&limit.text);
    let side = |side: &Option<(Verdict, Option<Estimate>)>| match side {
        None => (
            "<span class=\"sub\">not set</span>".to_owned(),
            Shown::default(),
        ),
        Some((standing, observed)) => {
            let shown = match (&metric, observed) {
                (LimitMetric::Alive(_), _) => Shown {
                    value: if *standing == Verdict::Pass {
                        "alive"
                    } else {
                        "not alive"
                    }
                    .to_owned(),
                    ..Shown::default()
                },
                (_, Some(observed)) => {
                    number::estimate_beside(metric.quantity(), observed, limit.bound)
                }
                (_, None) => Shown {
                    value: "not measured".to_owned(),
                    ..Shown::default()
                },
            };
            (verdict(*standing), shown)
        }
    };
    let (before, before_shown) = side(&limit.baseline);
    let (after, after_shown) = side(&limit.candidate);
    Row::new("")
        .markup("", &format!("<code>{}</code>", escape(&limit.text)))
        .markup("Baseline", &before)
        .figure("Measured", &before_shown)
        .markup("Candidate", &after)
        .figure("Measured", &after_shown)
        .finish()
}

fn labels(comparison: &Comparison) -> String {
    let named = |step: &StepComparison| step.rows.iter().any(|row| row.label.is_some());
    let mut steps: Vec<_> = comparison.steps.iter().filter(|step| named(step)).collect();
    // The greatest loads matter most.
    if steps.len() > STEPS {
        steps.drain(..steps.len() - STEPS);
    }
    let Some(last) = steps.last() else {
        return String::new();
    };
    let columns: Vec<Column<'_>> = steps.iter().flat_map(|step| columns(step)).collect();
    let mut rows = String::new();
    let mut cells = 0u64;
    for label in last.rows.iter().filter_map(|row| row.label.as_ref()) {
        let mut row = Row::new("").markup("", &format!("<b>{}</b>", escape(label)));
        for column in &columns {
            let cell = column
                .step
                .rows
                .iter()
                .find(|row| row.label.as_ref() == Some(label))
                .and_then(|row| row.cells.iter().find(|cell| cell.metric == column.metric));
            cells += u64::from(cell.is_some());
            row = match cell {
                Some(cell) => row.markup_number(&column.name, &matrix_cell(cell)),
                None => row.number(&column.name, "–"),
            };
        }
        rows.push_str(&row.finish());
    }
    let mut headings = vec![left("Label")];
    headings.extend(columns.iter().map(|column| right(&column.heading)));
    let text = lead(&format!(
        "Change of each label with its 95 % interval. With {} one may change by chance now and then \
         (1 in 40 each); the run’s answer corrects for that (Holm).",
        word::counted(cells, "cell")
    ));
    section(
        "labels",
        "By label and load",
        &format!("{text}{}", table(&headings, &rows)),
    )
}

/// A column of the matrix: a metric of a step.
struct Column<'a> {
    step: &'a StepComparison,
    metric: ComparedMetric,
    heading: String,
    name: String,
}

/// The columns of a step: p50 and p95, and errors where any label has some.
fn columns(step: &StepComparison) -> Vec<Column<'_>> {
    let failing = step.rows.iter().flat_map(|row| &row.cells).any(|cell| {
        cell.metric == ComparedMetric::ErrorRate
            && (cell.baseline.value > 0.0 || cell.candidate.value > 0.0)
    });
    let mut metrics = vec![ComparedMetric::P50, ComparedMetric::P95];
    metrics.extend(failing.then_some(ComparedMetric::ErrorRate));
    metrics
        .into_iter()
        .map(|metric| {
            let name = match metric {
                ComparedMetric::ErrorRate => "errors",
                other => effect::metric(other),
            };
            Column {
                step,
                metric,
                heading: format!("{}\n{name}", word::bare_load(step.load)),
                name: format!("{}, {name}", word::load(step.load)),
            }
        })
        .collect()
}

/// A change in short with its shape: `470 × shorter`.
fn matrix_cell(cell: &ComparisonCell) -> String {
    let change = effect::change(cell);
    let value = change.value.replace(" times", " ×");
    let interval = change.interval.replace(" times", " ×");
    let interval = if interval.is_empty() {
        String::new()
    } else {
        format!("<span class=\"ci\">{}</span>", escape(&interval))
    };
    format!(
        "{} {}<span class=\"ci\">{}</span>{interval}",
        mark(cell.answer).word(""),
        escape(&value),
        word::cell_answer(cell.answer).to_lowercase()
    )
}

fn servers(comparison: &Comparison) -> String {
    if comparison.servers.is_empty() {
        return String::new();
    }
    let place = effect::headline_step(comparison)
        .map_or_else(String::new, |step| format!("At {}", word::load(step.load)));
    let mut rows = String::new();
    for server in &comparison.servers {
        let of = if comparison.servers.len() > 1 {
            format!(" of {}", server.name)
        } else {
            String::new()
        };
        let mut add = |name: &str, before: Shown, after: Shown, found: String| {
            rows.push_str(
                &Row::new("")
                    .markup("", &format!("<b>{}</b>", escape(&format!("{name}{of}"))))
                    .figure("Baseline", &before)
                    .figure("Candidate", &after)
                    .text("Found", &found)
                    .finish(),
            );
        };
        let reading = |quantity, value: Option<f64>| Shown {
            value: value.map_or_else(
                || "no reading".to_owned(),
                |value| number::value(quantity, value),
            ),
            ..Shown::default()
        };
        let thread = server.busiest_thread;
        let found = match thread {
            (Some(before), Some(after)) if before >= 0.9 && after < 0.9 => "no longer full",
            (Some(before), Some(after)) if before < 0.9 && after >= 0.9 => "full now",
            (Some(_), Some(after)) if after >= 0.9 => "still full",
            _ => "",
        };
        add(
            "Busiest thread",
            reading(Quantity::Share, thread.0),
            reading(Quantity::Share, thread.1),
            found.to_owned(),
        );
        add(
            "CPU, of the cores it may use",
            reading(Quantity::Share, server.cpu_ratio.0),
            reading(Quantity::Share, server.cpu_ratio.1),
            String::new(),
        );
        let (before, after) = &server.cpu_us_per_request;
        if before.is_some() || after.is_some() {
            let found = match (before, after) {
                (Some(before), Some(after)) => apart(before, after),
                _ => String::new(),
            };
            add(
                "CPU per request",
                number::optional(Quantity::Time, before.as_ref()),
                number::optional(Quantity::Time, after.as_ref()),
                found,
            );
        }
        add(
            "Memory, peak",
            reading(Quantity::Bytes, server.memory_peak_bytes.0),
            reading(Quantity::Bytes, server.memory_peak_bytes.1),
            String::new(),
        );
    }
    let headings = [
        left(&place),
        right("Baseline"),
        right("Candidate"),
        left("Found"),
    ];
    section("server", "Server", &table(&headings, &rows))
}

/// `34 % less`, if the intervals do not overlap.
fn apart(before: &Estimate, after: &Estimate) -> String {
    let (Some(before_low), Some(before_high), Some(after_low), Some(after_high)) =
        (before.low, before.high, after.low, after.high)
    else {
        return String::new();
    };
    if before.value <= 0.0 || (after_low <= before_high && before_low <= after_high) {
        return String::new();
    }
    let change = after.value / before.value - 1.0;
    let direction = if change < 0.0 { "less" } else { "more" };
    format!(
        "{} {direction}",
        number::rough(Quantity::Share, change.abs())
    )
}

fn files(comparison: &Comparison) -> String {
    let mut notes: Vec<&str> = Vec::new();
    if comparison.answer != RunAnswer::NotComparable {
        notes.extend(effect::repeat_note(comparison));
        notes.extend(comparison.notes.iter().map(String::as_str));
    }
    let text: String = notes.into_iter().map(small).collect();
    section(
        "files",
        "Files and replay",
        &format!(
            "<pre>{}\n{}</pre>{text}",
            escape(&format!("baseline   {}", comparison.baseline.replay)),
            escape(&format!("candidate  {}", comparison.candidate.replay)),
        ),
    )
}

#[cfg(test)]
mod tests;
