//! `loadline compare`: two runs.

use std::path::{Path, PathBuf};

use anyhow::Context;
use loadline_analysis::{CompareOptions, RunAnswer, compare};
use loadline_report::{TextStyle, comparison_html, comparison_json, comparison_text};

use crate::args::CompareArgs;
use crate::execution::{Executed, judge_stored};
use crate::exit::Exit;
use crate::terminal::{print, text_style};

/// The comparison page within the candidate's folder.
const COMPARISON_FILE: &str = "comparison.html";

pub(crate) fn run(args: &CompareArgs) -> anyhow::Result<Exit> {
    let baseline = judge_stored(&args.baseline).context("read the baseline")?;
    let candidate = judge_stored(&args.candidate).context("read the candidate")?;
    let style = text_style(args.no_color);
    let out = args.out.as_deref();
    let regressed = compare_and_print(
        &baseline,
        &candidate,
        args.min_effect,
        args.json,
        style,
        out,
    )?;
    Ok(if regressed {
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
    std::fs::write(&page, comparison_html(&comparison))
        .with_context(|| format!("write {}", page.display()))?;
    let text = if json {
        comparison_json(&comparison)
    } else {
        format!(
            "{}\nComparison  {}\n",
            comparison_text(&comparison, style),
            page.display()
        )
    };
    print(&text)?;
    Ok(comparison.answer == RunAnswer::Regressed)
}
