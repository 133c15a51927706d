//! The card of the cause: what limits the server, the evidence, what to do and how to check it.

use loadline_analysis::{Analysis, Cause};

use super::markup::{escape, list, prose};
use super::page::section;
use crate::paths::RunPaths;
use crate::word;

/// The section.
pub(super) fn cause(analysis: &Analysis, paths: &RunPaths) -> String {
    let finding = &analysis.bottleneck;
    let (heading, name) = match finding.cause {
        Cause::None => ("Why it does not stop", "Nothing was saturated".to_owned()),
        Cause::Unknown => ("Why it stops there", unknown(analysis).to_owned()),
        other => {
            let likely = if finding.likely_only { "likely: " } else { "" };
            (
                "Why it stops there",
                word::capitalised(&format!("{likely}{}", word::cause(other))),
            )
        }
    };
    let score = if word::blames_server(finding.cause) {
        let next = finding.runner_up.map_or_else(String::new, |other| {
            format!(
                ", next best {:.1}: {}",
                other.score,
                word::cause(other.cause)
            )
        });
        format!(
            " <span class=\"sub light\">· score {:.1}{}</span>",
            finding.score,
            escape(&next)
        )
    } else {
        String::new()
    };
    let class = if finding.cause == Cause::Generator {
        " inv"
    } else {
        ""
    };
    let columns = columns(analysis, paths);
    section(
        "why",
        heading,
        &format!(
            "<div class=\"card\"><h3 class=\"h0{class}\">{}{score}</h3>{columns}</div>",
            escape(&name)
        ),
    )
}

fn unknown(analysis: &Analysis) -> &'static str {
    if analysis.servers.is_empty() {
        "Not known: no server was watched"
    } else {
        "Not known"
    }
}

fn columns(analysis: &Analysis, paths: &RunPaths) -> String {
    let finding = &analysis.bottleneck;
    let mut evidence = list(&finding.evidence);
    match finding.cause {
        Cause::None => {
            evidence.push_str("<p>The load never reached a limit, so nothing is blamed.</p>");
        }
        Cause::Unknown if analysis.servers.is_empty() => {
            evidence.push_str("<p>Add <code>--server local</code> to learn why.</p>");
        }
        Cause::Unknown => {
            for (name, signals) in [
                ("Looked at", &finding.looked_at),
                ("Not looked at", &finding.not_looked_at),
            ] {
                if !signals.is_empty() {
                    evidence.push_str(&format!("<p>{name}: {}.</p>", escape(&signals.join(", "))));
                }
            }
        }
        _ if !finding.not_looked_at.is_empty() => evidence.push_str(&format!(
            "<p class=\"sub\">Not looked at: {}.</p>",
            escape(&finding.not_looked_at.join(", "))
        )),
        _ => {}
    }
    if finding.advice.is_empty() {
        return format!("<div><b>Evidence</b>{evidence}</div>");
    }
    let advice: String = finding
        .advice
        .iter()
        .map(|advice| format!("<li>{}</li>", prose(advice)))
        .collect();
    format!(
        "<div class=\"two\"><div><b>Evidence</b>{evidence}</div>\
         <div><b>What to do</b><ol class=\"c\">{advice}</ol>{}</div></div>",
        check(analysis, paths)
    )
}

/// The command that tests the advice against this run.
fn check(analysis: &Analysis, paths: &RunPaths) -> String {
    if paths.folder.is_empty() || analysis.facts.replay.is_empty() {
        return String::new();
    }
    format!(
        "<b>Check it</b><pre>{} \\\n  --baseline {}</pre>",
        escape(&analysis.facts.replay),
        escape(&paths.folder)
    )
}
