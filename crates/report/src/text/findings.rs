//! Findings of a run in a line each, named at the left.

use loadline_analysis::{
    Analysis, BreakingStatus, Cause, HealthStanding, ResourceStanding, ServerAnalysis, Verdict,
};
use loadline_events::Signal;
use loadline_metrics::GeneratorFacts;

use super::columns::wrapped;
use super::style::TextStyle;
use crate::answer::{answers, range, seen_and_looked_at, seen_only};
use crate::number::{self, Quantity};
use crate::open_answer::open_limit;
use crate::sentence::{self, with_stop};
use crate::word;

/// Classes of errors shown at most.
const ERRORS: usize = 4;
/// Width of the names before single lines.
pub(super) const NAME: usize = 12;

/// Errors, servers, generator, breaking point, bottleneck and advice.
pub(super) fn findings(analysis: &Analysis, style: TextStyle) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = |name: &str, text: String| {
        if !text.is_empty() {
            let name = format!("{name:<NAME$}");
            lines.extend(wrapped(&name, &style.plain(&text), style.columns()));
        }
    };
    for (index, class) in analysis.errors.iter().take(ERRORS).enumerate() {
        let name = if index == 0 { "Errors" } else { "" };
        line(name, error_line(analysis, class));
    }
    if let Some(more) = analysis
        .errors
        .len()
        .checked_sub(ERRORS)
        .filter(|more| *more > 0)
    {
        line("", format!("… {more} more classes"));
    }
    for (index, anomaly) in analysis.anomalies.iter().enumerate() {
        let name = if index == 0 { "Stood out" } else { "" };
        line(name, word::anomaly(anomaly));
    }
    for (index, server) in analysis.servers.iter().enumerate() {
        let name = if index == 0 { "Server" } else { "" };
        line(name, server_line(analysis, server));
    }
    line("Generator", generator_line(analysis));
    line("Breaks", breaking_line(analysis));
    line("Bottleneck", bottleneck_line(analysis));
    line("Advice", advice_line(analysis));
    lines
}

fn error_line(analysis: &Analysis, class: &loadline_analysis::ErrorClass) -> String {
    let labels = match class.labels.as_slice() {
        [] => String::new(),
        [label] => format!(", {label}"),
        labels if labels.len() >= analysis.labels.len() => ", all labels".to_owned(),
        labels => format!(", {} labels", labels.len()),
    };
    let message = if word::message(class).is_empty() {
        String::new()
    } else {
        format!(": {}", sentence::shortened(word::message(class), 80))
    };
    format!(
        "{} × {}, first at {}{labels}{message}",
        word::error_class(class),
        number::count(class.count),
        number::clock(f64::from(class.first_s)),
    )
}

fn server_line(analysis: &Analysis, server: &ServerAnalysis) -> String {
    let mut parts: Vec<String> = server
        .resources
        .iter()
        .filter(|resource| resource.standing != ResourceStanding::NotRead)
        .take(3)
        .filter_map(|resource| {
            let name = word::signal(resource.signal);
            let share = greatest(&resource.share_by_step);
            let figure = match (share, greatest(&resource.by_step)) {
                (Some(share), _) => {
                    format!("{} {}", number::rough(Quantity::Share, share), name.of)
                }
                (None, Some(value)) => number::value(name.quantity, value),
                (None, None) => return None,
            };
            let since = match resource.standing {
                ResourceStanding::Saturated { since_s } => {
                    format!(", full since {}", number::clock(f64::from(since_s)))
                }
                _ => String::new(),
            };
            Some(format!(
                "{} {}{since}",
                name.name.to_lowercase().replacen("cpu", "CPU", 1),
                figure.trim()
            ))
        })
        .collect();
    let index = analysis
        .servers
        .iter()
        .position(|other| other.name == server.name);
    let memory = index.and_then(|index| {
        analysis
            .steps
            .iter()
            .filter_map(|step| step.servers.get(index)?.peak(Signal::MemoryBytes))
            .max_by(f64::total_cmp)
    });
    if let Some(memory) = memory {
        parts.retain(|part| !part.starts_with("memory"));
        parts.push(format!("memory {}", number::value(Quantity::Bytes, memory)));
    }
    if let Some(loss) = word::loss(server) {
        parts.insert(0, loss);
    }
    if parts.is_empty() {
        parts.push("no reading".to_owned());
    }
    format!("{}: {}", server.name, parts.join(" · "))
}

fn greatest(values: &[Option<f64>]) -> Option<f64> {
    values.iter().copied().flatten().max_by(f64::total_cmp)
}

fn generator_line(analysis: &Analysis) -> String {
    let health = &analysis.generator;
    if analysis.facts.generator == GeneratorFacts::default() {
        return "not known: somebody else made the load".to_owned();
    }
    let dropped = match (health.dropped, health.missed_arrivals) {
        (0, 0) => "nothing dropped".to_owned(),
        (0, missed) => format!("{} arrivals missed", number::count(missed)),
        (dropped, 0) => format!("{} samples dropped", number::count(dropped)),
        (dropped, missed) => format!(
            "{} samples dropped, {} arrivals missed",
            number::count(dropped),
            number::count(missed)
        ),
    };
    let standing = match health.standing {
        HealthStanding::Healthy => "healthy",
        HealthStanding::Warning => "warning",
        HealthStanding::Invalid => "NOT TO BE TRUSTED",
    };
    let mut text = format!(
        "{standing}: lag p99 {}, CPU {}, {dropped}",
        number::value(Quantity::Time, health.lag_us_p99),
        number::rough(Quantity::Share, health.cpu_ratio),
    );
    for signal in health
        .signals
        .iter()
        .filter(|signal| signal.standing != HealthStanding::Healthy)
    {
        text.push_str(&format!(
            "; {} {}: {}",
            signal.name, signal.value, signal.meaning
        ));
    }
    text
}

fn breaking_line(analysis: &Analysis) -> String {
    let point = &analysis.breaking_point;
    let limit = point
        .limit
        .as_ref()
        .map_or_else(String::new, |(text, _)| format!(" ({text})"));
    let mut text = match (point.status, point.carried, point.broken) {
        (BreakingStatus::Found, Some(carried), Some(broken)) => {
            format!(
                "between {}{limit}",
                range(carried, broken).replacen('–', " and ", 1)
            )
        }
        (BreakingStatus::Found, None, Some(broken)) => {
            format!("at or below {}{limit}", word::load(broken))
        }
        (BreakingStatus::Found, _, None) => format!("found{limit}"),
        (BreakingStatus::NotReached, ..) => {
            let up_to = sentence::greatest_step(analysis).map_or_else(String::new, |step| {
                format!(" up to {}", word::load(step.load))
            });
            match open_limit(analysis) {
                Some(open) => format!("open: not seen{up_to}, but {open}"),
                None => format!("not reached{up_to}"),
            }
        }
        (BreakingStatus::Unknown, ..) if analysis.limits.is_empty() => {
            return String::new();
        }
        (BreakingStatus::Unknown, ..) => "not known".to_owned(),
    };
    if point.status == BreakingStatus::Found && !analysis.steps.is_empty() {
        text.push_str(&format!(
            ", from {}",
            word::counted(analysis.steps.len() as u64, "step")
        ));
    }
    // The page has all notes; the first one matters most, unless it repeats that nothing broke.
    if let Some(note) = point
        .notes
        .first()
        .filter(|_| point.status != BreakingStatus::NotReached)
    {
        text.push_str(&format!(". {}", with_stop(word::capitalised(note))));
    }
    text
}

fn advice_line(analysis: &Analysis) -> String {
    if analysis.verdict == Verdict::Invalid || sentence::all_failed(analysis) {
        let [.., advice] = answers(analysis);
        return format!("{}. {}", advice.phrase, advice.detail);
    }
    analysis.bottleneck.advice.join(" ")
}

fn bottleneck_line(analysis: &Analysis) -> String {
    let finding = &analysis.bottleneck;
    if analysis.verdict == Verdict::Invalid && !word::explains_distrust(finding.cause) {
        let by = word::bent_by(finding.cause);
        return format!("not known: {by} bent the figures");
    }
    let likely = if finding.likely_only { "likely: " } else { "" };
    match finding.cause {
        Cause::None => match seen_only(analysis) {
            Some(seen) => format!("none: the load never reached a limit. {seen}"),
            None => "none: the load never reached a limit".to_owned(),
        },
        Cause::Unknown if analysis.servers.is_empty() => {
            "not known: no server was watched; add --server local to learn why".to_owned()
        }
        Cause::Unknown => format!("not known. {}", seen_and_looked_at(analysis)),
        cause => {
            let evidence = finding
                .evidence
                .first()
                .map_or_else(String::new, |evidence| format!(". {evidence}"));
            format!("{likely}{}{evidence}", word::cause(cause))
        }
    }
}
