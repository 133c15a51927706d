//! A figure explained for a terminal: what it counts, over which seconds, by which method, and what
//! may be doubted about it. `p95@step2`, `errors@run of GET /posts/`, `cpu@step3`, `breaking-point`,
//! or a limit as it stands in the plan.
//!
//! The page has shorter ones of its own.

mod limit;
mod load;
mod search;
mod server;
mod step_figure;

use loadline_analysis::Analysis;

use crate::search_view::SearchView;
use crate::word;
use step_figure::Place;

/// Why a figure cannot be explained; what can be asked for is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotExplained(pub String);

impl std::fmt::Display for NotExplained {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A title and named lines below it.
struct Lines(String);

impl Lines {
    fn new(title: impl Into<String>) -> Self {
        let mut text = title.into();
        text.push('\n');
        Self(text)
    }

    fn add(&mut self, name: &str, what: impl AsRef<str>) {
        self.0.push_str(&format!("{name:10} {}\n", what.as_ref()));
    }

    fn finish(mut self, more: &str) -> String {
        self.add("More", more);
        self.0
    }
}

/// What `asked` names, explained in lines: `FIGURE@stepN`, `FIGURE@run`, either with ` of LABEL` or
/// ` of SERVER`; a finding, such as `breaking-point`; or a limit as it was written.
///
/// # Errors
///
/// [`NotExplained`] when there is no such figure, step, label, server or limit; it says what there is.
pub fn explanation(analysis: &Analysis, asked: &str) -> Result<String, NotExplained> {
    let asked = asked.trim();
    if let Some(lines) = limit::explained(analysis, asked) {
        return Ok(lines.finish("docs/statistics.md, Limits"));
    }
    if let Some(lines) = load::explained(analysis, asked) {
        return lines.map(|lines| lines.finish("docs/statistics.md, Knees, scaling, demand"));
    }
    let (name, place) = asked
        .split_once('@')
        .ok_or_else(|| usage(analysis, asked))?;
    let (place, of) = match place.split_once(" of ") {
        Some((place, of)) => (place, Some(of)),
        None => (place, None),
    };
    let place = self::place(analysis, place).unwrap_or_else(|| Err(usage(analysis, asked)))?;
    if let Some(lines) = step_figure::explained(analysis, name, place, of) {
        return lines.map(|lines| lines.finish("docs/statistics.md"));
    }
    match server::explained(analysis, name, place, of) {
        Some(lines) => lines.map(|lines| lines.finish("docs/statistics.md")),
        None => Err(usage(analysis, asked)),
    }
}

/// What `asked` names in a search: its answer, or a turn of its curves.
///
/// # Errors
///
/// [`NotExplained`] when there is no such figure; it says what there is.
pub fn search_explanation(view: &SearchView<'_>, asked: &str) -> Result<String, NotExplained> {
    search::explained(view, asked.trim()).map(|lines| lines.finish("docs/finding-the-limit.md"))
}

/// The place that `text` names: `step2` or `run`; `None` if it is neither.
fn place(analysis: &Analysis, text: &str) -> Option<Result<Place, NotExplained>> {
    if text == "run" {
        return Some(Ok(Place::Run));
    }
    let number: usize = text.strip_prefix("step")?.parse().ok()?;
    let index = number
        .checked_sub(1)
        .filter(|index| *index < analysis.steps.len());
    Some(index.map(Place::Step).ok_or_else(|| {
        NotExplained(format!(
            "there is no step {number}: the run has {}",
            word::counted(analysis.steps.len() as u64, "step")
        ))
    }))
}

fn usage(analysis: &Analysis, asked: &str) -> NotExplained {
    let figures: Vec<&str> = step_figure::names().chain(server::names()).collect();
    let limits: Vec<String> = analysis
        .limits
        .iter()
        .map(|limit| format!("`{}`", limit.text))
        .collect();
    let limits = if limits.is_empty() {
        String::new()
    } else {
        format!("; or a limit: {}", limits.join(", "))
    };
    NotExplained(format!(
        "`{asked}` names no figure; write FIGURE@stepN or FIGURE@run, such as p95@step2, with {}; {}{limits}",
        figures.join(", "),
        load::NAMES.join(", ")
    ))
}

#[cfg(test)]
mod tests;
