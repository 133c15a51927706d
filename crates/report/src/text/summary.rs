//! The end-of-run summary: one screen, in the order of the questions people ask.
//!
//! No box drawing, since it is pasted into tickets. Narrow terminals lose, in this order: where
//! limits passed, p99, max, the intervals of p50.

use loadline_analysis::{
    Analysis, LabelAnalysis, ServerAnalysis, Stats, StepAnalysis, StepState, Verdict,
};
use loadline_events::Signal;

use super::columns::{Align, cut_middle, table, widest, wrapped};
use super::findings::{NAME, findings};
use super::style::{Ink, TextStyle};
use crate::limit_metric::{self, LimitMetric};
use crate::number::{self, Quantity, Shown};
use crate::paths::RunPaths;
use crate::sentence::{self, has_samples, with_stop};
use crate::word;

/// Labels shown at most; of more, the [`SLOWEST`] slowest are.
const LABELS: usize = 8;
const SLOWEST: usize = 5;

/// The summary of a run for a terminal or a ticket, ending with a line break.
///
/// The first line holds the verdict's word and the sentence that decided it.
#[must_use]
pub fn summary_text(analysis: &Analysis, paths: &RunPaths, style: TextStyle) -> String {
    let mut lines = headline(analysis, style);
    let parts = [
        limits(analysis, style),
        steps_and_labels(analysis, style),
        findings(analysis, style),
        files(analysis, paths, style),
    ];
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        lines.push(String::new());
        lines.extend(part);
    }
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

fn headline(analysis: &Analysis, style: TextStyle) -> Vec<String> {
    let word = word::verdict(analysis.verdict).to_uppercase();
    let headline = sentence::headline(analysis);
    let name = format!("{word}  ");
    let width = style.columns();
    let mut lines = wrapped(&name, &style.plain(&headline.lead), width);
    lines[0] = lines[0].replacen(&word, &style.paint(&word, Ink::of(analysis.verdict)), 1);
    let indent = " ".repeat(name.chars().count());
    let rest: Vec<_> = sentence::interruption(analysis)
        .into_iter()
        .chain(headline.rest)
        .collect();
    if !rest.is_empty() {
        lines.extend(wrapped(&indent, &style.plain(&rest.join(" ")), width));
    }
    lines
}

fn limits(analysis: &Analysis, style: TextStyle) -> Vec<String> {
    if analysis.limits.is_empty() {
        return Vec::new();
    }
    let header = [
        "Limits",
        "",
        "",
        "measured",
        "95 % interval",
        "bound",
        "where",
    ];
    // Where limits passed goes first; of the others it moves to a line of its own.
    let rows = |level: usize| {
        let mut rows = vec![header.map(str::to_owned).to_vec()];
        for limit in &analysis.limits {
            let mut row = limit_row(analysis, limit, style);
            let passed = limit.verdict == Verdict::Pass;
            if level >= 1 && passed {
                row[6].clear();
            }
            if level >= 3 {
                row[2] = cut_middle(&row[2], 30);
            }
            let place = if level >= 2 {
                std::mem::take(&mut row[6])
            } else {
                String::new()
            };
            // The shape and the word share the first column with the table's name.
            row[0] = format!("  {}", std::mem::take(&mut row[1]));
            rows.push(row);
            if !place.is_empty() {
                let lines = wrapped("      where: ", &place, style.columns());
                rows.extend(lines.into_iter().map(|line| vec![line]));
            }
        }
        if rows[1..]
            .iter()
            .all(|row| row.get(6).is_none_or(String::is_empty))
        {
            rows[0][6].clear();
        }
        rows
    };
    let columns = [
        (Align::Left, 0),
        (Align::Left, 0),
        (Align::Left, 2),
        (Align::Right, 3),
        (Align::Left, 3),
        (Align::Left, 3),
        (Align::Left, 3),
    ];
    let mut lines = fitting(&columns, 4, style, rows);
    for line in lines.iter_mut().skip(1) {
        for limit in &analysis.limits {
            let marker = marker(limit.verdict, style);
            if line.trim_start().starts_with(&marker) {
                *line = line.replacen(&marker, &style.paint(&marker, Ink::of(limit.verdict)), 1);
                break;
            }
        }
    }
    lines
}

fn marker(verdict: Verdict, style: TextStyle) -> String {
    let word = match verdict {
        Verdict::Fail => "FAIL",
        other => word::verdict_key(other),
    };
    format!("{} {word}", style.shape(verdict))
}

fn limit_row(
    analysis: &Analysis,
    limit: &loadline_analysis::LimitResult,
    style: TextStyle,
) -> Vec<String> {
    let metric = LimitMetric::of(&limit.text);
    let (mut shown, mut place) = (Shown::default(), String::new());
    if let Some(cell) = &limit.decisive {
        shown = sentence::measured_value(limit, cell).unwrap_or_default();
        place = sentence::place(limit, cell);
    }
    let mut bound = limit_metric::bound(limit);
    if let LimitMetric::Alive(name) = &metric {
        let server = server_named(analysis, name);
        shown.value = match (limit.verdict, server) {
            (Verdict::Pass, _) => "alive".to_owned(),
            (Verdict::Fail, _) => "not alive".to_owned(),
            _ => "not seen".to_owned(),
        };
        "always".clone_into(&mut bound);
        if let Some(server) = server {
            let (alive, looked) = server.alive_readings;
            place = word::loss(server).unwrap_or_else(|| {
                format!(
                    "{} of {} s",
                    number::count(alive.into()),
                    number::count(looked.into())
                )
            });
        }
    } else if shown.value.is_empty() {
        "not measured".clone_into(&mut shown.value);
    }
    if limit.verdict == Verdict::Inconclusive
        && let Some(needs) = limit
            .decisive
            .as_ref()
            .and_then(|cell| sentence::needs(cell, analysis))
    {
        place = if place.is_empty() {
            needs
        } else {
            format!("{place}. {needs}")
        };
    }
    [
        String::new(),
        marker(limit.verdict, style),
        style.plain(&limit.text),
        style.plain(&shown.value),
        style.plain(&shown.interval),
        style.plain(&bound),
        style.plain(&place),
    ]
    .to_vec()
}

/// The server of a limit: the one with that name, or the only one.
pub(crate) fn server_named<'a>(analysis: &'a Analysis, name: &str) -> Option<&'a ServerAnalysis> {
    analysis
        .servers
        .iter()
        .find(|server| server.name == name)
        .or_else(|| analysis.servers.first().filter(|_| name.is_empty()))
}

/// The table of the lowest level that fits the line, or of the last one.
fn fitting(
    columns: &[(Align, usize)],
    levels: usize,
    style: TextStyle,
    rows: impl Fn(usize) -> Vec<Vec<String>>,
) -> Vec<String> {
    let mut lines = Vec::new();
    for level in 0..levels {
        lines = table(columns, &rows(level));
        if widest(&lines) <= style.columns() {
            break;
        }
    }
    lines
}

const TABLE: [(Align, usize); 11] = [
    (Align::Left, 0),
    (Align::Right, 2),
    (Align::Left, 2),
    (Align::Left, 1),
    (Align::Right, 2),
    (Align::Left, 1),
    (Align::Right, 2),
    (Align::Left, 1),
    (Align::Right, 2),
    (Align::Right, 2),
    (Align::Right, 1),
];
/// Levels of [`TABLE`]: whole, without p99, without max, without the intervals of p50, labels cut.
const TABLE_LEVELS: usize = 6;

fn narrow(row: &mut [String], level: usize) {
    if level >= 1 {
        row[8].clear();
    }
    if level >= 2 {
        row[9].clear();
    }
    if level >= 3 {
        row[5].clear();
    }
}

fn steps_and_labels(analysis: &Analysis, style: TextStyle) -> Vec<String> {
    let mut lines = steps(analysis, style);
    lines.extend(labels(analysis, style));
    if let Some(never_ran) = sentence::never_ran(analysis) {
        lines.extend(wrapped("", &style.plain(&never_ran), style.columns()));
    }
    lines
}

/// The heads of a table of figures without its last column, under the name of the table.
fn heads(name: &str) -> Vec<String> {
    [
        name, "good/s", "errors", "", "p50", "", "p95", "", "p99", "max",
    ]
    .map(str::to_owned)
    .to_vec()
}

fn steps(analysis: &Analysis, style: TextStyle) -> Vec<String> {
    if analysis.steps.is_empty() {
        return Vec::new();
    }
    let watched = !analysis.servers.is_empty();
    let mut header = heads("Steps");
    if watched {
        header.push("CPU".to_owned());
    } else {
        header.push(String::new());
    }
    let mut lines = fitting(&TABLE, TABLE_LEVELS, style, |level| {
        let mut rows = vec![header.clone()];
        rows.extend(analysis.steps.iter().map(|step| step_row(step, style)));
        for row in &mut rows {
            narrow(row, level);
        }
        rows
    });
    for step in &analysis.steps {
        if let Some(hold) = sentence::longer_hold(step) {
            let text = format!("{}: {hold}.", word::load(step.load));
            lines.extend(wrapped("  ", &style.plain(&text), style.columns()));
        }
        if step.invalid.is_empty() {
            continue;
        }
        let text = format!(
            "{} not to be trusted: {}",
            word::load(step.load),
            step.invalid.join("; ")
        );
        lines.extend(wrapped(
            "  ",
            &style.plain(&with_stop(text)),
            style.columns(),
        ));
    }
    lines
}

fn step_row(step: &StepAnalysis, style: TextStyle) -> Vec<String> {
    let state = match &step.state {
        StepState::Steady if step.hold_needed_s.is_some() => Some("warm-up cut".to_owned()),
        StepState::Steady | StepState::TooShort => None,
        StepState::NotReached => Some("not reached".to_owned()),
        other => Some(word::state(other).to_lowercase()),
    };
    let busy = step
        .servers
        .iter()
        .filter_map(|server| {
            server
                .mean(Signal::BusiestThread)
                .or_else(|| cpu_share(server))
        })
        .max_by(f64::total_cmp)
        .map_or_else(String::new, compact_share);
    let mut row = vec![format!("  {}", word::bare_load(step.load))];
    row.extend(figures(&step.stats, state, style));
    row.push(busy);
    row
}

fn cpu_share(server: &loadline_analysis::ServerStep) -> Option<f64> {
    let cores = server.mean(Signal::CpuAllowedCores)?;
    (cores > 0.0).then_some(server.mean(Signal::CpuCores)? / cores)
}

fn compact_share(share: f64) -> String {
    number::rough(Quantity::Share, share.min(1.0)).replace(" %", "%")
}

/// Throughput, errors, p50, p95, p99 and max of a row.
fn figures(stats: &Stats, state: Option<String>, style: TextStyle) -> Vec<String> {
    let throughput = number::optional(Quantity::Plain, stats.good_throughput.as_ref()).value;
    let errors = number::optional(Quantity::Share, stats.error_rate.as_ref());
    let in_brackets = |shown: &Shown| {
        if shown.bare.is_empty() {
            String::new()
        } else {
            format!("({})", shown.bare)
        }
    };
    let p50 = number::optional(Quantity::Time, stats.response.p50.as_ref());
    let p95 = number::optional(Quantity::Time, stats.response.p95.as_ref());
    let p99 = number::optional(Quantity::Time, stats.response.p99.as_ref());
    let max = stats
        .response
        .max
        .map_or_else(|| "–".to_owned(), |max| number::value(Quantity::Time, max));
    let spread = match &state {
        Some(state) => format!("({state})"),
        None => in_brackets(&p95),
    };
    let unsteady = state.is_some();
    let error_interval = in_brackets(&errors).replace(" %", "");
    [
        throughput,
        errors.value.replace(" %", "%"),
        if unsteady {
            String::new()
        } else {
            error_interval
        },
        p50.value.clone(),
        if unsteady {
            String::new()
        } else {
            in_brackets(&p50)
        },
        p95.value.clone(),
        spread,
        p99.value.clone(),
        max,
    ]
    .map(|cell| style.plain(&cell))
    .to_vec()
}

fn labels(analysis: &Analysis, style: TextStyle) -> Vec<String> {
    if analysis.labels.is_empty() {
        return Vec::new();
    }
    let step = sentence::greatest_step(analysis);
    let index = step.and_then(|step| {
        analysis
            .steps
            .iter()
            .position(|other| other.step == step.step)
    });
    let place = step.map_or_else(String::new, |step| format!(" at {}", word::load(step.load)));
    let stats = |label: &'_ LabelAnalysis| {
        index
            .and_then(|index| label.steps.get(index).cloned())
            .unwrap_or_else(|| label.totals.clone())
    };
    let mut shown: Vec<(&LabelAnalysis, Stats)> = analysis
        .labels
        .iter()
        .map(|label| (label, stats(label)))
        .collect();
    let hidden = if shown.len() > LABELS {
        let p95 = |stats: &Stats| stats.response.p95.as_ref().map_or(0.0, |p95| p95.value);
        shown.sort_by(|a, b| p95(&b.1).total_cmp(&p95(&a.1)));
        shown.drain(SLOWEST..).count()
    } else {
        0
    };
    let mut lines = fitting(&TABLE, TABLE_LEVELS, style, |level| {
        let width = [60, 60, 60, 60, 30, 16][level];
        let mut head = heads(&format!("Labels{place}"));
        narrow(&mut head, level);
        // Their maximum is left to the page.
        head[9].clear();
        let mut rows = vec![head];
        if rows[0][0].chars().count() > width {
            let name = std::mem::take(&mut rows[0][0]);
            rows.insert(0, vec![name]);
        }
        rows.extend(shown.iter().map(|(label, stats)| {
            let mut row = vec![format!(
                "  {}",
                cut_middle(&style.plain(&label.label), width)
            )];
            row.extend(if has_samples(stats) {
                figures(stats, None, style)
            } else {
                figures(&Stats::default(), Some("no samples".to_owned()), style)
            });
            row.push(String::new());
            // The interval of errors and the maximum are left to the page.
            row[3].clear();
            row[9].clear();
            narrow(&mut row, level);
            row
        }));
        rows
    });
    if hidden > 0 {
        lines.push(style.plain(&format!("  … {} more", number::count(hidden as u64))));
    }
    lines
}

fn files(analysis: &Analysis, paths: &RunPaths, style: TextStyle) -> Vec<String> {
    let mut lines = Vec::new();
    let named = |name: &str, text: &str| format!("{name:<NAME$}{}", style.plain(text));
    for element in &analysis.facts.unsupported {
        lines.push(named("Left out", element));
    }
    if !paths.report.is_empty() {
        lines.push(named("Report", &paths.report));
    } else if !paths.folder.is_empty() {
        lines.push(named("Folder", &paths.folder));
    }
    let hash = short_hash(&analysis.facts.plan_hash);
    let replay = named("Replay", &analysis.facts.replay);
    let hash = if hash.is_empty() {
        String::new()
    } else {
        format!("plan hash {hash}")
    };
    if replay.chars().count() + 8 + hash.chars().count() <= style.columns() && !hash.is_empty() {
        lines.push(format!("{replay}        {hash}"));
    } else {
        lines.push(replay);
        lines.extend((!hash.is_empty()).then(|| named("", &hash)));
    }
    lines
}

/// The first eight digits of a hash in two groups.
pub(crate) fn short_hash(hash: &str) -> String {
    let letters: Vec<char> = hash.chars().take(8).collect();
    letters
        .chunks(4)
        .map(|chunk| chunk.iter().collect::<String>())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests;
