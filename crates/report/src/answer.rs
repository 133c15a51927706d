//! The four answers: how much does it carry, what breaks first, why, and what to do.

use loadline_analysis::{Analysis, BreakingStatus, Cause, Verdict};
use loadline_metrics::StepLoad;

use crate::limit_metric::LimitMetric;
use crate::number::{self, Quantity};
use crate::open_answer::{open_limit, smaller_loads};
use crate::sentence::{all_failed, greatest_step, shortened, told, with_stop};
use crate::word;

/// A question with its answer: a short phrase and one line of what stands behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The question.
    pub(crate) question: &'static str,
    /// The answer in a few words.
    pub(crate) phrase: String,
    /// What stands behind it.
    pub(crate) detail: String,
}

/// A phrase longer than this is cut at its first clause.
const PHRASE_LENGTH: usize = 60;

/// The four answers, in the order in which they are asked.
pub(crate) fn answers(analysis: &Analysis) -> [Answer; 4] {
    let answer = |question, (phrase, detail): (String, String)| Answer {
        question,
        phrase,
        detail,
    };
    [
        answer("How much does it carry?", carries(analysis)),
        answer("What breaks first?", breaks(analysis)),
        answer("Why?", why(analysis)),
        answer("What to do?", advice(analysis)),
    ]
}

/// `1,870–2,000 users`.
pub(crate) fn range(from: StepLoad, to: StepLoad) -> String {
    match (from, to) {
        (StepLoad::Users(from), StepLoad::Users(to)) => format!(
            "{}–{} users",
            number::count(u64::from(from)),
            number::count(u64::from(to))
        ),
        _ => format!(
            "{}–{}/s",
            number::load(from.value()),
            number::load(to.value())
        ),
    }
}

/// The answer of a run whose figures are not to be trusted.
fn untrusted(analysis: &Analysis) -> (String, String) {
    let by = word::capitalised(word::bent_by(analysis.bottleneck.cause));
    (
        "Not known".to_owned(),
        format!("{by} bent the figures that decide."),
    )
}

fn carries(analysis: &Analysis) -> (String, String) {
    if analysis.verdict == Verdict::Invalid {
        return untrusted(analysis);
    }
    let point = &analysis.breaking_point;
    match (point.status, point.carried, point.broken) {
        (BreakingStatus::Found, Some(carried), _) => {
            let throughput = analysis
                .steps
                .iter()
                .find(|step| step.load == carried)
                .and_then(|step| step.stats.good_throughput.as_ref())
                .map_or_else(String::new, |rate| {
                    format!(
                        ": {} without error",
                        number::estimate(Quantity::Rate, rate).value
                    )
                });
            (
                word::load(carried),
                format!("The greatest load seen to keep all limits{throughput}."),
            )
        }
        (BreakingStatus::Found, None, Some(broken)) => (
            format!("Less than {}", word::load(broken)),
            smaller_loads(analysis),
        ),
        (BreakingStatus::NotReached, _, _) => match (greatest_step(analysis), open_limit(analysis))
        {
            (Some(step), Some(open)) => (
                "Not known".to_owned(),
                format!(
                    "No limit is seen to break up to {}, but {open}",
                    word::load(step.load)
                ),
            ),
            (Some(step), None) => (
                format!("At least {}", word::load(step.load)),
                format!("Not reached up to {}.", word::load(step.load)),
            ),
            _ => ("Not reached".to_owned(), "Every limit holds.".to_owned()),
        },
        _ if analysis.limits.is_empty() => (
            "Not known".to_owned(),
            "No limit says what is enough: add one, such as --limit \"p95 < 500ms\".".to_owned(),
        ),
        _ => (
            "Not known".to_owned(),
            point.notes.first().map_or_else(
                || "A limit could not be decided.".to_owned(),
                |note| with_stop(word::capitalised(note)),
            ),
        ),
    }
}

fn breaks(analysis: &Analysis) -> (String, String) {
    if let Some((server, died)) = analysis
        .servers
        .iter()
        .find_map(|server| server.died_s.map(|died| (server, died)))
    {
        let name = &server.name;
        return (
            format!("The server, at {}", number::clock(died)),
            if server.process_ended {
                format!("The process of {name} ended.")
            } else {
                format!("{name} went on, but answered nothing any more.")
            },
        );
    }
    if all_failed(analysis) {
        return (
            "Everything failed".to_owned(),
            first_error(analysis).unwrap_or_default(),
        );
    }
    if analysis.verdict == Verdict::Invalid {
        return untrusted(analysis);
    }
    let point = &analysis.breaking_point;
    match point.status {
        BreakingStatus::Found => {
            let what = point.limit.as_ref().map_or_else(
                || "A limit".to_owned(),
                |(text, label)| broken_metric(text, label.as_deref()),
            );
            let place = match (point.carried, point.broken) {
                (Some(carried), Some(broken)) => format!(", at {}", range(carried, broken)),
                (None, Some(broken)) => format!(", at {}", word::load(broken)),
                _ => String::new(),
            };
            let p95 = analysis
                .steps
                .iter()
                .find(|step| Some(step.load) == point.broken)
                .and_then(|step| step.stats.response.p95.as_ref())
                .filter(|p95| crate::sentence::shows_a_value(p95))
                .map(|p95| {
                    format!(
                        "p95 is then {}.",
                        number::estimate(Quantity::Time, p95).value
                    )
                });
            let details: Vec<_> = first_error(analysis).into_iter().chain(p95).collect();
            (format!("{what}{place}"), details.join(" "))
        }
        BreakingStatus::NotReached => {
            if let Some(open) = open_limit(analysis) {
                return (
                    "Not known".to_owned(),
                    format!("No limit is seen to break, but {open}"),
                );
            }
            let up_to = greatest_step(analysis).map_or_else(String::new, |step| {
                format!(", up to {}", word::load(step.load))
            });
            (
                format!("Nothing{up_to}"),
                "No limit broke at the loads of this run.".to_owned(),
            )
        }
        BreakingStatus::Unknown if analysis.limits.is_empty() => (
            "Not known".to_owned(),
            "The plan sets no limits.".to_owned(),
        ),
        BreakingStatus::Unknown => (
            "Not known".to_owned(),
            "No limit was decided that far.".to_owned(),
        ),
    }
}

fn broken_metric(text: &str, label: Option<&str>) -> String {
    let of = label.map_or_else(String::new, |label| format!(" of {label}"));
    match LimitMetric::of(text) {
        LimitMetric::Time(name) | LimitMetric::Apdex(name) => format!("{name}{of}"),
        LimitMetric::Errors => format!("Errors{of}"),
        LimitMetric::Throughput => format!("Throughput{of}"),
        LimitMetric::Cpu => "Server CPU".to_owned(),
        LimitMetric::Memory => "Server memory".to_owned(),
        LimitMetric::Alive(name) => format!("The server {name}"),
    }
}

fn first_error(analysis: &Analysis) -> Option<String> {
    let class = analysis.errors.first()?;
    let message = if word::message(class).is_empty() {
        String::new()
    } else {
        format!(" “{}”", shortened(&told(word::message(class)), 60))
    };
    Some(format!(
        "{}{message}, first at {}.",
        word::capitalised(&word::error_class(class)),
        number::clock(f64::from(class.first_s))
    ))
}

fn why(analysis: &Analysis) -> (String, String) {
    let finding = &analysis.bottleneck;
    if analysis.verdict == Verdict::Invalid && !word::explains_distrust(finding.cause) {
        return untrusted(analysis);
    }
    let evidence = finding.evidence.first().cloned().map(with_stop);
    match finding.cause {
        Cause::None => (
            "Nothing was saturated".to_owned(),
            match seen_only(analysis) {
                Some(seen) => format!("The load never reached a limit. {seen}"),
                None => "The load never reached a limit.".to_owned(),
            },
        ),
        Cause::Generator => (
            "Loadline itself was the limit".to_owned(),
            evidence.unwrap_or_default(),
        ),
        Cause::Unknown if analysis.servers.is_empty() => (
            "Not known".to_owned(),
            "No server was watched: add --server local to learn why.".to_owned(),
        ),
        Cause::Unknown => ("Not known".to_owned(), seen_and_looked_at(analysis)),
        cause => {
            let likely = if finding.likely_only { "Likely: " } else { "" };
            (
                word::capitalised(&format!("{likely}{}", word::cause(cause))),
                evidence.unwrap_or_default(),
            )
        }
    }
}

/// What showed without being named, in a sentence, where no limit was seen.
pub(crate) fn seen_only(analysis: &Analysis) -> Option<String> {
    let finding = &analysis.bottleneck;
    // With a knee the evidence is where the curve turns.
    let is_seen = matches!(finding.cause, Cause::None | Cause::Unknown)
        && finding.knee_step.is_none()
        && finding.runner_up.is_some();
    let evidence = finding.evidence.first().filter(|_| is_seen)?;
    Some(with_stop(evidence.clone()))
}

/// `Its memory grew. Looked at: CPU, memory. Not looked at: database.`: what showed without being named, and
/// a few at most of the signals.
pub(crate) fn seen_and_looked_at(analysis: &Analysis) -> String {
    let finding = &analysis.bottleneck;
    let mut parts: Vec<String> = seen_only(analysis).into_iter().collect();
    if !finding.looked_at.is_empty() {
        parts.push(format!("Looked at: {}.", some_of(&finding.looked_at)));
    }
    if !finding.not_looked_at.is_empty() {
        parts.push(format!(
            "Not looked at: {}.",
            some_of(&finding.not_looked_at)
        ));
    }
    parts.join(" ")
}

/// Names shown of a list at most.
const NAMES: usize = 4;

/// The first of many names, and how many more there are.
pub(crate) fn some_of(names: &[String]) -> String {
    match names.len().checked_sub(NAMES) {
        Some(more) if more > 1 => format!("{} and {more} more", names[..NAMES].join(", ")),
        _ => names.join(", "),
    }
}

fn advice(analysis: &Analysis) -> (String, String) {
    if all_failed(analysis) {
        return (
            "Check target and plan first".to_owned(),
            "Send one request by hand and compare the answer.".to_owned(),
        );
    }
    let finding = &analysis.bottleneck;
    // Advice that rests on figures not to be trusted is none.
    let trusted = analysis.verdict != Verdict::Invalid || word::explains_distrust(finding.cause);
    if let Some(first) = finding.advice.first().filter(|_| trusted) {
        let (phrase, rest) = first_clause(first);
        let second = finding
            .advice
            .get(1)
            .map(|advice| format!("Then: {advice}"));
        let details: Vec<_> = rest.into_iter().chain(second).map(with_stop).collect();
        return (phrase, details.join(" "));
    }
    match finding.cause {
        Cause::Generator => (
            "Relieve the generator".to_owned(),
            "Run it on a machine of its own, or with fewer users.".to_owned(),
        ),
        _ if analysis.verdict == Verdict::Invalid => (
            "Relieve the generator".to_owned(),
            "Then run again: these figures cannot be used.".to_owned(),
        ),
        Cause::None => (
            "Raise the load".to_owned(),
            "If more is needed: add steps with more load (--steps).".to_owned(),
        ),
        Cause::Unknown if analysis.servers.is_empty() => (
            "Watch the server".to_owned(),
            "Add --server local, or the server's own source.".to_owned(),
        ),
        _ => (
            "Not known".to_owned(),
            "Nothing points at one change.".to_owned(),
        ),
    }
}

/// The first clause of a sentence, short enough for a phrase, and the rest.
fn first_clause(sentence: &str) -> (String, Option<String>) {
    for separator in [". ", "; ", ": "] {
        if let Some((head, tail)) = sentence.split_once(separator) {
            return (head.to_owned(), Some(word::capitalised(tail)));
        }
    }
    let sentence = sentence.trim_end_matches('.');
    if sentence.chars().count() <= PHRASE_LENGTH {
        return (sentence.to_owned(), None);
    }
    match sentence.split_once(", ") {
        Some((head, tail)) => (head.to_owned(), Some(word::capitalised(tail))),
        None => (sentence.to_owned(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[track_caller]
    fn check(analysis: &Analysis, phrases: [&str; 4]) {
        assert_eq!(answers(analysis).map(|answer| answer.phrase), phrases);
    }

    #[test]
    fn a_broken_run_answers_all_four() {
        check(
            &fixture::stress(),
            [
                "1,500 users",
                "Errors, at 1,500–2,000 users",
                "A single thread is full",
                "Serve requests on several threads or processes",
            ],
        );
    }

    #[test]
    fn unknown_is_an_answer() {
        check(
            &fixture::empty(),
            ["Not known", "Not known", "Not known", "Watch the server"],
        );
    }

    #[test]
    fn what_showed_without_being_named_is_told() {
        let mut analysis = fixture::empty();
        let finding = &mut analysis.bottleneck;
        finding.cause = Cause::None;
        finding.evidence = vec!["Its memory grew".to_owned()];
        let why = |analysis: &Analysis| answers(analysis)[2].detail.clone();
        assert_eq!(why(&analysis), "The load never reached a limit.");
        analysis.bottleneck.runner_up = Some(loadline_analysis::CauseScore {
            cause: Cause::MemoryLeak,
            score: 0.3,
        });
        assert_eq!(
            why(&analysis),
            "The load never reached a limit. Its memory grew."
        );
        // Nor where one load does not tell whether it was at a limit.
        analysis.servers = fixture::stress().servers;
        analysis.bottleneck.cause = Cause::Unknown;
        analysis.bottleneck.looked_at = vec!["CPU: 95 %".to_owned()];
        assert_eq!(why(&analysis), "Its memory grew. Looked at: CPU: 95 %.");
        // The evidence of a knee is not that of the next best cause.
        analysis.bottleneck.knee_step = fixture::stress().bottleneck.knee_step;
        assert_eq!(why(&analysis), "Looked at: CPU: 95 %.");
    }

    #[test]
    fn without_a_server_the_cause_is_not_known() {
        let mut analysis = fixture::stress();
        analysis.servers.clear();
        analysis.bottleneck = fixture::empty().bottleneck;
        assert_eq!(
            answers(&analysis)[2].detail,
            "No server was watched: add --server local to learn why."
        );
    }

    #[test]
    fn an_invalid_run_answers_only_what_to_do_about_the_generator() {
        let mut analysis = fixture::stress();
        analysis.verdict = Verdict::Invalid;
        check(
            &analysis,
            [
                "Not known",
                "Not known",
                "Not known",
                "Relieve the generator",
            ],
        );
    }

    #[test]
    fn other_programs_are_named_where_they_bent_the_figures() {
        let mut analysis = fixture::crowded();
        analysis.verdict = Verdict::Invalid;
        check(
            &analysis,
            [
                "Not known",
                "Not known",
                "The shared machine is full",
                "Stop other programs",
            ],
        );
        assert_eq!(
            answers(&analysis)[0].detail,
            "The full machine bent the figures that decide."
        );
    }

    #[test]
    fn a_load_without_limit_is_not_reached() {
        let mut analysis = fixture::stress();
        analysis.verdict = Verdict::Pass;
        analysis.breaking_point.status = BreakingStatus::NotReached;
        analysis.bottleneck.cause = Cause::None;
        analysis.bottleneck.advice.clear();
        check(
            &analysis,
            [
                "At least 2,000 users",
                "Nothing, up to 2,000 users",
                "Nothing was saturated",
                "Raise the load",
            ],
        );
    }
}
