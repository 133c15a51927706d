//! The top of a report: what was run, the verdict, and the four answers.

use loadline_analysis::{Analysis, Verdict};

use super::icon::{Mark, verdict};
use super::markup::{escape, list, prose};
use crate::answer::{Answer, answers};
use crate::calendar::Utc;
use crate::number;
use crate::sentence;
use crate::word;

/// The header of a report.
pub(super) fn header(analysis: &Analysis) -> String {
    let facts = &analysis.facts;
    let start = Utc::from_epoch_ms(facts.started_at_ms);
    let mut parts = vec![
        facts.target.clone(),
        format!("{}, {}", start.date(), start.time()),
        number::length(facts.duration_us as f64 / 1e6),
        word::counted(analysis.totals.samples, "sample"),
    ];
    if !facts.note.is_empty() {
        parts.push(facts.note.clone());
    }
    parts.retain(|part| !part.is_empty());
    let headline = sentence::headline(analysis);
    let rest = headline.rest.join(" ");
    format!(
        "{}<h1>{} · <span class=\"light\">{}</span></h1>{}\
         <div class=\"verdict {}\">{}<p><b>{}</b> {}</p></div>{}{}",
        invalid_banner(analysis),
        escape(&facts.plan_name),
        escape(&parts.join(" · ")),
        interruption(analysis),
        Mark::of(analysis.verdict).class(),
        verdict(analysis.verdict),
        escape(&headline.lead),
        escape(&rest),
        left_out(analysis),
        answer_list(&answers(analysis)),
    )
}

fn invalid_banner(analysis: &Analysis) -> String {
    if analysis.verdict != Verdict::Invalid {
        return String::new();
    }
    format!(
        "<p class=\"banner inv\">{} Values are kept, but no answer rests on them.</p>",
        Mark::Invalid.word("Not to be trusted")
    )
}

fn interruption(analysis: &Analysis) -> String {
    sentence::interruption(analysis).map_or_else(String::new, |text| {
        format!("<p class=\"banner\">{}</p>", escape(&text))
    })
}

/// Elements of the plan that were not run: directly under the verdict, since the load was another.
fn left_out(analysis: &Analysis) -> String {
    if analysis.facts.unsupported.is_empty() {
        return String::new();
    }
    format!(
        "<div class=\"banner\"><b>Parts of the plan were left out, as allowed:</b>{}</div>",
        list(&analysis.facts.unsupported)
    )
}

/// Questions with their answers side by side.
pub(super) fn answer_list(answers: &[Answer]) -> String {
    let answers: String = answers
        .iter()
        .map(|answer| {
            format!(
                "<div><dt>{}</dt><dd>{}<small>{}</small></dd></div>",
                escape(answer.question),
                prose(&answer.phrase),
                prose(&answer.detail)
            )
        })
        .collect();
    format!("<dl class=\"answers\">{answers}</dl>")
}
