//! `loadline report`: a run's summary again, and its files rebuilt.

use std::path::Path;

use anyhow::Context as _;
use loadline_report::{NotExplained, explanation, html, summary_json, summary_text};

use crate::args::ReportArgs;
use crate::execution::{Executed, judge_stored, write_results};
use crate::exit::Exit;
use crate::result_run::{is_result_file, judge_file};
use crate::terminal::{print, say, text_style};

pub(crate) fn run(args: &ReportArgs) -> anyhow::Result<Exit> {
    if args.run.join(loadline_store::SEARCH_FILE).is_file() {
        return crate::command::find::report(
            &args.run,
            args.explain.as_deref(),
            args.json,
            args.no_color,
        );
    }
    if is_result_file(&args.run) {
        return of_result_file(args);
    }
    let stored = judge_stored(&args.run)?;
    if !stored.run.finished {
        say("note: the run was cut off or its files are incomplete; it is read as far as it goes");
    }
    if let Some(asked) = &args.explain {
        return print_explanation(explanation(&stored.analysis, asked));
    }
    // The summary matters more than its files: a read-only folder is said, not fatal.
    if let Err(error) = write_results(&stored.analysis, &stored.paths, &stored.folder) {
        say(&format!("warning: {error:#}"));
    }
    if let Some(page) = &args.out {
        write_page(&stored, page)?;
    }
    summarise(&stored, args)
}

/// The report of a JMeter result file, which gets no file beside it unless one is named.
fn of_result_file(args: &ReportArgs) -> anyhow::Result<Exit> {
    let mut judged = judge_file(&args.run)?;
    if let Some(asked) = &args.explain {
        return print_explanation(explanation(&judged.analysis, asked));
    }
    if let Some(page) = &args.out {
        judged.paths.report = page.display().to_string();
        write_page(&judged, page)?;
    }
    summarise(&judged, args)
}

/// Prints an explanation, or what can be asked for.
pub(crate) fn print_explanation(explained: Result<String, NotExplained>) -> anyhow::Result<Exit> {
    Ok(match explained {
        Ok(text) => {
            print(&text)?;
            Exit::Ok
        }
        Err(problem) => {
            say(&format!("error: {problem}"));
            Exit::Usage
        }
    })
}

fn write_page(judged: &Executed, page: &Path) -> anyhow::Result<()> {
    std::fs::write(page, html(&judged.analysis, &judged.paths))
        .with_context(|| format!("write {}", page.display()))
}

fn summarise(judged: &Executed, args: &ReportArgs) -> anyhow::Result<Exit> {
    let text = if args.json {
        summary_json(&judged.analysis)
    } else {
        summary_text(&judged.analysis, &judged.paths, text_style(args.no_color))
    };
    print(&text)?;
    Ok(Exit::of(&judged.analysis, false))
}
