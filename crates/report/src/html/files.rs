//! Files and replay.

use loadline_analysis::Analysis;

use super::markup::escape;
use super::page::section;
use crate::paths::RunPaths;

/// The section.
pub(super) fn files(analysis: &Analysis, paths: &RunPaths) -> String {
    let facts = &analysis.facts;
    let replay = if facts.replay.is_empty() {
        String::new()
    } else {
        format!("<pre>{}</pre>", escape(&facts.replay))
    };
    let hash: String = facts.plan_hash.chars().take(12).collect();
    let hash = if hash.is_empty() {
        String::new()
    } else {
        format!(", hash {}", escape(&hash))
    };
    let folder = if paths.folder.is_empty() {
        String::new()
    } else {
        format!(
            " Folder <code>{folder}</code>: <code>summary.json</code> (all numbers here), \
             <code>samples/</code>, <code>series/</code>, <code>log.jsonl</code>, \
             <code>plan/</code>. <code>loadline report {folder}</code> makes these same bytes \
             again.",
            folder = escape(&paths.folder)
        )
    };
    section(
        "files",
        "Files and replay",
        &format!(
            "{replay}<p class=\"sub\">Plan {}{hash} · seed {} · Loadline {}.{folder}</p>",
            escape(&facts.plan_source),
            facts.seed,
            escape(&facts.version),
        ),
    )
}
