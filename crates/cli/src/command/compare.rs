//! `loadline compare`: two runs, or several of each side.

use std::path::{Path, PathBuf};

use anyhow::Context;
use loadline_analysis::{CompareOptions, Comparison, Pairing, RunAnswer, compare, compare_many};
use loadline_report::{TextStyle, comparison_html, comparison_json, comparison_text};

use crate::args::CompareArgs;
use crate::command::compare_servers;
use crate::execution::{Executed, judge_stored};
use crate::exit::Exit;
use crate::result_run::{is_result_file, judge_file};
use crate::terminal::{print, say, text_style};

/// The comparison page within the candidate's folder.
const COMPARISON_FILE: &str = "comparison.html";
/// Folders of the runs of each side, within the folder of a comparison that made them.
pub(crate) const BASELINES: &str = "a";
pub(crate) const CANDIDATES: &str = "b";

/// The runs of both sides.
pub(crate) struct Runs {
    pub(crate) baselines: Vec<Executed>,
    pub(crate) candidates: Vec<Executed>,
    /// Whether they were made in turns, the first of one side next to the first of the other.
    pub(crate) paired: bool,
}

pub(crate) fn run(args: &CompareArgs) -> anyhow::Result<Exit> {
    if let Some(plan) = &args.run {
        return compare_servers::run(args, plan);
    }
    let (Some(baseline), Some(candidate)) = (&args.baseline, &args.candidate) else {
        say("error: name two runs, or two folders of runs, or a plan with --run");
        return Ok(Exit::Usage);
    };
    let is_side = |path: &Path, name: &str| path.file_name().is_some_and(|own| own == name);
    let sides = Runs {
        paired: is_side(baseline, BASELINES)
            && is_side(candidate, CANDIDATES)
            && baseline.parent() == candidate.parent(),
        baselines: stored(baseline).context("read the baseline")?,
        candidates: stored(candidate).context("read the candidate")?,
    };
    let folder = candidate.clone();
    compare_sides(&sides, args, &folder)
}

/// The run in `folder`, or the runs in the folders within it; or the run of a result file.
fn stored(folder: &Path) -> anyhow::Result<Vec<Executed>> {
    if is_result_file(folder) {
        return Ok(vec![judge_file(folder)?]);
    }
    if folder.join(loadline_store::MANIFEST_FILE).is_file() {
        return Ok(vec![judge_stored(folder)?]);
    }
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("read {}", folder.display()))?;
    let mut runs: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join(loadline_store::MANIFEST_FILE).is_file())
        .collect();
    runs.sort();
    if runs.is_empty() {
        // Says what is missing.
        return Ok(vec![judge_stored(folder)?]);
    }
    runs.iter().map(|run| judge_stored(run)).collect()
}

/// Compares the runs of both sides, prints and writes the page.
pub(crate) fn compare_sides(
    sides: &Runs,
    args: &CompareArgs,
    folder: &Path,
) -> anyhow::Result<Exit> {
    let baselines: Vec<_> = (sides.baselines.iter())
        .map(|run| (&run.run.data, &run.analysis))
        .collect();
    let candidates: Vec<_> = (sides.candidates.iter())
        .map(|run| (&run.run.data, &run.analysis))
        .collect();
    let pairing = if sides.paired {
        Pairing::Pairs
    } else {
        Pairing::Independent
    };
    let options = CompareOptions {
        min_effect: args.min_effect,
    };
    let comparison =
        compare_many(&baselines, &candidates, pairing, &options).context("a side has no run")?;
    // Beside a result file nothing is written that nobody asked for.
    let in_folder = || (!is_result_file(folder)).then(|| folder.join(COMPARISON_FILE));
    let page = args.out.clone().or_else(in_folder);
    let style = text_style(args.no_color);
    show(&comparison, args.json, style, page.as_deref())?;
    Ok(if comparison.answer == RunAnswer::Regressed {
        Exit::Regression
    } else {
        Exit::Ok
    })
}

/// Compares, prints and writes the page; says whether the candidate regressed.
pub(crate) fn compare_and_print(
    baseline: &Executed,
    candidate: &Executed,
    min_effect: f64,
    json: bool,
    style: TextStyle,
    out: Option<&Path>,
) -> anyhow::Result<bool> {
    let comparison = compare(
        (&baseline.run.data, &baseline.analysis),
        (&candidate.run.data, &candidate.analysis),
        &CompareOptions { min_effect },
    );
    let page: PathBuf = out.map_or_else(|| candidate.folder.join(COMPARISON_FILE), Path::to_owned);
    show(&comparison, json, style, Some(&page))?;
    Ok(comparison.answer == RunAnswer::Regressed)
}

/// Prints the comparison and writes its page, if it has a place.
fn show(
    comparison: &Comparison,
    json: bool,
    style: TextStyle,
    page: Option<&Path>,
) -> anyhow::Result<()> {
    if let Some(page) = page {
        std::fs::write(page, comparison_html(comparison))
            .with_context(|| format!("write {}", page.display()))?;
    }
    let mut text = if json {
        comparison_json(comparison)
    } else {
        comparison_text(comparison, style)
    };
    if let (Some(page), false) = (page, json) {
        text.push_str(&format!("\nComparison  {}\n", page.display()));
    }
    print(&text)
}
