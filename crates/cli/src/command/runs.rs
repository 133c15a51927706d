//! `loadline runs`: the runs of a folder, and one figure over their history.

use std::path::Path;

use anyhow::Context;
use loadline_report::{PastRun, runs_text, trend_text};

use crate::args::RunsArgs;
use crate::execution::{Executed, judge_stored};
use crate::exit::Exit;
use crate::terminal::{print, say};

pub(crate) fn run(args: &RunsArgs) -> anyhow::Result<Exit> {
    let runs = stored(&args.folder)?;
    let names: Vec<String> = runs
        .iter()
        .map(|run| {
            let name = run.folder.file_name();
            name.map_or_else(String::new, |name| name.to_string_lossy().into_owned())
        })
        .collect();
    let runs: Vec<PastRun<'_>> = runs
        .iter()
        .zip(&names)
        .map(|(run, folder)| PastRun {
            folder,
            analysis: &run.analysis,
        })
        .collect();
    print(&if args.trend {
        trend_text(&runs, args.plan.as_deref())
    } else {
        runs_text(&runs)
    })?;
    Ok(Exit::Ok)
}

/// The runs in `folder`, oldest first. One that cannot be read is said and left out.
fn stored(folder: &Path) -> anyhow::Result<Vec<Executed>> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("read {}", folder.display()))?;
    let mut runs = Vec::new();
    for entry in entries {
        let path = entry
            .with_context(|| format!("read {}", folder.display()))?
            .path();
        if !path.join(loadline_store::MANIFEST_FILE).is_file() {
            continue;
        }
        match judge_stored(&path) {
            Ok(run) => runs.push(run),
            Err(error) => say(&format!(
                "warning: {} is left out: {error:#}",
                path.display()
            )),
        }
    }
    runs.sort_by(|a, b| {
        let key = |run: &Executed| (run.analysis.facts.started_at_ms, run.folder.clone());
        key(a).cmp(&key(b))
    });
    Ok(runs)
}
