//! The section of limits: each with its verdict, figure, bound, place and reason.

use loadline_analysis::{Analysis, LimitResult, Verdict};

use super::icon::verdict;
use super::markup::escape;
use super::page::{lead, section};
use super::table::{Row, left, right, table};
use crate::limit_metric::{self, LimitMetric};
use crate::number::{self, Shown};
use crate::sentence;
use crate::word;

/// With more limits than this, failed ones come first.
const IN_ORDER: usize = 8;

/// The section; empty without limits.
pub(super) fn limits(analysis: &Analysis) -> String {
    if analysis.limits.is_empty() {
        return section(
            "limits",
            "Limits",
            &lead(
                "The plan sets no limits, so nothing is judged. A limit such as p95 < 500ms turns figures into a verdict.",
            ),
        );
    }
    let mut rows: Vec<&LimitResult> = analysis.limits.iter().collect();
    if rows.len() > IN_ORDER {
        rows.sort_by_key(|limit| std::cmp::Reverse(limit.verdict));
    }
    let rows: String = rows.into_iter().map(|limit| row(analysis, limit)).collect();
    let headings = [
        left("Verdict"),
        left("Limit"),
        right("Measured"),
        right("Bound"),
        left("Where"),
        left("Why"),
    ];
    let text =
        lead("Each limit is judged by the interval of what was measured, not by the value alone.");
    section(
        "limits",
        "Limits",
        &format!("{text}{}", table(&headings, &rows)),
    )
}

fn row(analysis: &Analysis, limit: &LimitResult) -> String {
    let metric = LimitMetric::of(&limit.text);
    let cell = limit.decisive.as_ref();
    let mut shown = cell
        .and_then(|cell| sentence::measured_value(limit, cell))
        .unwrap_or_else(|| Shown {
            value: "not measured".to_owned(),
            ..Shown::default()
        });
    let mut bound = limit_metric::bound(limit);
    let mut place = cell.map_or_else(String::new, |cell| sentence::place(limit, cell));
    if let LimitMetric::Alive(name) = &metric {
        let server = analysis
            .servers
            .iter()
            .find(|server| server.name == *name || name.is_empty());
        let value = match limit.verdict {
            Verdict::Pass => "alive",
            Verdict::Fail => "not alive",
            _ => "not seen",
        };
        shown = Shown {
            value: value.to_owned(),
            ..Shown::default()
        };
        if let Some(server) = server {
            let (alive, looked) = server.alive_readings;
            shown.interval = word::loss(server).unwrap_or_else(|| {
                format!(
                    "{} of {} s",
                    number::count(alive.into()),
                    number::count(looked.into())
                )
            });
            place.clone_from(&server.description);
        }
        "always".clone_into(&mut bound);
    }
    let mut why = cell.map_or_else(String::new, |cell| cell.why.clone());
    if limit.verdict == Verdict::Inconclusive
        && let Some(needs) = cell.and_then(|cell| sentence::needs(cell, analysis))
    {
        why = format!("{}. {needs}", why.trim_end_matches('.'));
    }
    if limit.cells.len() > 1 && limit.verdict == Verdict::Pass {
        why = format!(
            "{} (nearest of {})",
            why.trim_end_matches('.'),
            word::counted(limit.cells.len() as u64, "check")
        );
    }
    let class = match limit.verdict {
        Verdict::Fail => "hot",
        Verdict::Invalid => "struck",
        _ => "",
    };
    Row::new(class)
        .markup("Verdict", &verdict(limit.verdict))
        .markup("", &format!("<code>{}</code>", escape(&limit.text)))
        .figure("Measured", &shown)
        .number("Bound", &bound)
        .text("Where", &place)
        .remark("Why", &why)
        .finish()
}
