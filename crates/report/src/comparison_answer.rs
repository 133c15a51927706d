//! The four answers of a comparison: did it help, how much is carried now, at what cost, how sure.

use loadline_analysis::{CellAnswer, ComparedMetric, Comparison, RunAnswer, Verdict};

use crate::answer::Answer;
use crate::effect;
use crate::number::{self, Quantity};
use crate::word;

/// Steps named in an answer at most.
const STEPS: usize = 3;

/// The four answers.
pub(crate) fn answers(comparison: &Comparison) -> [Answer; 4] {
    let answer = |question, (phrase, detail): (String, String)| Answer {
        question,
        phrase,
        detail,
    };
    [
        answer("Did the change help?", helped(comparison)),
        answer("How much does it carry now?", carries(comparison)),
        answer("What did it cost?", cost(comparison)),
        answer("How sure?", sure(comparison)),
    ]
}

fn helped(comparison: &Comparison) -> (String, String) {
    let phrase = match comparison.answer {
        RunAnswer::Improved => "Yes",
        RunAnswer::Regressed => "No, it is worse",
        RunAnswer::NoSignificantChange => "It changed nothing that matters",
        RunAnswer::CannotTell => "Cannot tell",
        RunAnswer::NotComparable => "Not known",
    };
    // The greatest loads matter most.
    let first = comparison.steps.len().saturating_sub(STEPS);
    let changes: Vec<String> = comparison.steps[first..]
        .iter()
        .filter_map(|step| {
            let cell = effect::overall(step)?
                .cells
                .iter()
                .find(|cell| cell.metric == ComparedMetric::P95)?;
            Some(format!(
                "{} at {}",
                effect::change(cell).value,
                word::load(step.load)
            ))
        })
        .collect();
    let detail = if changes.is_empty() || comparison.answer == RunAnswer::NotComparable {
        String::new()
    } else {
        format!("p95: {}.", changes.join(", "))
    };
    (phrase.to_owned(), detail)
}

fn carries(comparison: &Comparison) -> (String, String) {
    let greatest = comparison
        .candidate_curve
        .iter()
        .map(|point| point.load)
        .max_by(|a, b| a.value().total_cmp(&b.value()));
    let before = match comparison.verdicts.0 {
        Verdict::Pass => "Before: all limits held as well.",
        Verdict::Fail => "Before: a limit failed.",
        Verdict::Inconclusive => "Before: a limit could not be decided.",
        Verdict::Invalid => "Before: not to be trusted.",
        Verdict::Measured => "",
    };
    match (comparison.verdicts.1, greatest) {
        (Verdict::Pass, Some(load)) => (
            format!("At least {}", word::load(load)),
            format!("All limits hold up to there. {before}"),
        ),
        (Verdict::Fail, Some(load)) => (
            format!("Less than {}", word::load(load)),
            format!("A limit fails. {before}"),
        ),
        (Verdict::Measured, _) => (
            "Not judged".to_owned(),
            "The plan sets no limits.".to_owned(),
        ),
        _ => ("Not known".to_owned(), before.to_owned()),
    }
}

fn cost(comparison: &Comparison) -> (String, String) {
    let Some(server) = comparison.servers.first() else {
        return (
            "Not known".to_owned(),
            "No server was watched in both runs.".to_owned(),
        );
    };
    let mut details = Vec::new();
    if let (Some(before), Some(after)) =
        (&server.cpu_us_per_request.0, &server.cpu_us_per_request.1)
    {
        details.push(format!(
            "CPU per request {} → {}.",
            number::estimate(Quantity::Time, before).value,
            number::estimate(Quantity::Time, after).value
        ));
    }
    let (Some(before), Some(after)) = server.memory_peak_bytes else {
        return ("Not known".to_owned(), details.join(" "));
    };
    details.insert(
        0,
        format!(
            "{} → {} at its peak.",
            number::value(Quantity::Bytes, before),
            number::value(Quantity::Bytes, after)
        ),
    );
    let change = after - before;
    let phrase = if change.abs() < 0.02 * before {
        "No more memory".to_owned()
    } else if change > 0.0 {
        format!("{} more memory", number::rough(Quantity::Bytes, change))
    } else {
        format!("{} less memory", number::rough(Quantity::Bytes, -change))
    };
    (phrase, details.join(" "))
}

fn sure(comparison: &Comparison) -> (String, String) {
    let stands = comparison
        .steps
        .iter()
        .flat_map(|step| &step.rows)
        .flat_map(|row| &row.cells)
        .filter(|cell| matches!(cell.answer, CellAnswer::Improved | CellAnswer::Regressed))
        .any(|cell| cell.stands_after_correction);
    let single = comparison.runs.0 < 2 || comparison.runs.1 < 2;
    let whose = if single { ", for these two runs" } else { "" };
    let phrase = match comparison.answer {
        RunAnswer::Improved | RunAnswer::Regressed if stands => format!("Very{whose}"),
        RunAnswer::Improved | RunAnswer::Regressed => format!("Fairly{whose}"),
        RunAnswer::NoSignificantChange => format!("Sure of less than {}", {
            number::bound(Quantity::Share, comparison.min_effect)
        }),
        RunAnswer::CannotTell => "Not sure: the intervals are too wide".to_owned(),
        RunAnswer::NotComparable => "Not at all: the runs differ".to_owned(),
    };
    let detail = if single {
        "How much two runs of one build differ was not measured.".to_owned()
    } else {
        format!("From {} and {} runs.", comparison.runs.0, comparison.runs.1)
    };
    (phrase, detail)
}
