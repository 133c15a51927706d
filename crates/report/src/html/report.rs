//! The report of a run: its sections in the order of the questions people ask.

use loadline_analysis::Analysis;

use super::answers::header;
use super::page::Page;
use super::sheet::Sheet;
use super::{
    cause, errors, files, icon, labels, limits, load, server, spread, steps, story, trust,
};
use crate::paths::RunPaths;
use crate::word;

/// The report of a run as one HTML file.
///
/// It loads nothing and sends nothing; all text of the server, the plan and the machine is escaped.
#[must_use]
pub fn html(analysis: &Analysis, paths: &RunPaths) -> String {
    let sheet = Sheet::default();
    let sections = [
        ("limits", "Limits", limits::limits(analysis)),
        ("story", "Story", story::story(analysis, &sheet)),
        ("load", "Load", load::load(analysis, &sheet)),
        ("why", "Why", cause::cause(analysis, paths)),
        ("steps", "Steps", steps::steps(analysis, &sheet)),
        ("labels", "Labels", labels::labels(analysis, &sheet)),
        ("errors", "Errors", errors::errors(analysis)),
        ("spread", "Spread", spread::spread(analysis, &sheet)),
        ("server", "Server", server::server(analysis, &sheet)),
        ("trust", "Trust", trust::trust(analysis)),
        ("files", "Files", files::files(analysis, paths)),
    ];
    let links: Vec<(&str, &str)> = sections
        .iter()
        .filter(|(_, _, body)| !body.is_empty())
        .map(|(id, name, _)| (*id, *name))
        .collect();
    let body: String = sections.iter().map(|(_, _, body)| body.as_str()).collect();
    let title = format!(
        "{} · {} · Loadline",
        word::verdict(analysis.verdict),
        analysis.facts.plan_name
    );
    Page {
        title: &title,
        word: &icon::verdict(analysis.verdict),
        links: &links,
        header: &header(analysis),
        sections: &body,
        sheet: &sheet,
        series: &story::series(analysis),
        version: &analysis.facts.version,
        folder: paths.folder_name(),
    }
    .finish()
}

#[cfg(test)]
mod tests;
