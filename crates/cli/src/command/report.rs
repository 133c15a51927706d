//! `loadline report`: a run's summary again, and its files rebuilt.

use loadline_report::{explanation, summary_json, summary_text};

use crate::args::ReportArgs;
use crate::execution::{judge_stored, write_results};
use crate::exit::Exit;
use crate::terminal::{print, say, text_style};

pub(crate) fn run(args: &ReportArgs) -> anyhow::Result<Exit> {
    if args.run.join(loadline_store::SEARCH_FILE).is_file() {
        return crate::command::find::report(&args.run, args.json, args.no_color);
    }
    let stored = judge_stored(&args.run)?;
    if !stored.run.finished {
        say("note: the run was cut off or its files are incomplete; it is read as far as it goes");
    }
    if let Some(asked) = &args.explain {
        return Ok(match explanation(&stored.analysis, asked) {
            Ok(text) => {
                print(&text)?;
                Exit::Ok
            }
            Err(problem) => {
                say(&format!("error: {problem}"));
                Exit::Usage
            }
        });
    }
    // The summary matters more than its files: a read-only folder is said, not fatal.
    if let Err(error) = write_results(&stored.analysis, &stored.paths, &stored.folder) {
        say(&format!("warning: {error:#}"));
    }
    let text = if args.json {
        summary_json(&stored.analysis)
    } else {
        summary_text(&stored.analysis, &stored.paths, text_style(args.no_color))
    };
    print(&text)?;
    Ok(Exit::of(&stored.analysis, false))
}
