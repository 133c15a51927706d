//! A limit: what was compared with its bound, where, and why that decides.

use loadline_analysis::{Analysis, Verdict};

use super::Lines;
use crate::limit_metric;
use crate::sentence;
use crate::word;

/// The limit that is written as `asked`, spaces aside.
pub(super) fn explained(analysis: &Analysis, asked: &str) -> Option<Lines> {
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    let limit = analysis
        .limits
        .iter()
        .find(|limit| squeezed(&limit.text) == squeezed(asked))?;
    let mut lines = Lines::new(format!("{}: {}", limit.text, word::verdict(limit.verdict)));
    lines.add("Bound", limit_metric::bound(limit));
    if let Some(cell) = &limit.decisive {
        let place = sentence::place(limit, cell);
        if !place.is_empty() {
            lines.add("Decided", format!("at {place}"));
        }
        match sentence::measured_value(limit, cell) {
            Some(shown) if shown.interval.is_empty() => lines.add("Measured", shown.value),
            Some(shown) => lines.add("Measured", format!("{} ({})", shown.value, shown.interval)),
            None => {}
        }
        lines.add("Why", &cell.why);
        if let Some(needs) = sentence::needs(cell, analysis) {
            lines.add("Missing", needs);
        }
    } else {
        lines.add(
            "Missing",
            "nothing was measured that it could be compared with",
        );
    }
    let of = |verdict: Verdict| {
        limit
            .cells
            .iter()
            .filter(|cell| cell.verdict == verdict)
            .count()
    };
    let counts: Vec<String> = [
        Verdict::Pass,
        Verdict::Fail,
        Verdict::Inconclusive,
        Verdict::Invalid,
    ]
    .into_iter()
    .filter(|verdict| of(*verdict) > 0)
    .map(|verdict| format!("{} {}", of(verdict), word::verdict(verdict).to_lowercase()))
    .collect();
    if !counts.is_empty() {
        lines.add(
            "Checks",
            format!(
                "{}, one for each label and step that the limit covers: {}; the worst decides",
                limit.cells.len(),
                counts.join(", ")
            ),
        );
    }
    lines.add(
        "Method",
        "the whole interval of the figure against the bound; without an interval only a figure twice the bound breaks it",
    );
    Some(lines)
}
