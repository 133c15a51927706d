//! `loadline run`: a plan or a URL.

use std::path::Path;

use anyhow::Context;
use loadline_conductor::ResultRequest;
use loadline_plan::{Plan, PlanSource as Kind};
use loadline_report::summary_text;

use crate::args::RunArgs;
use crate::execution::{Execution, NotRun, execute, judge_stored};
use crate::exit::Exit;
use crate::interrupt::{announce, count_interrupts};
use crate::planned::{self, Planned, plan_error};
use crate::terminal::{print, say, text_style};
use crate::{command, replay};

pub(crate) fn run(args: &RunArgs) -> anyhow::Result<Exit> {
    let load = || {
        args.load.load()?.ok_or_else(|| {
            "a URL needs a load: -u USERS with -d TIME or -n ITERATIONS, -r RATE with -d TIME, --steps \
             or --stage"
                .to_owned()
        })
    };
    let apply = |plan: &mut Plan| args.load.apply(plan);
    let quiet = args.output.quiet;
    let planned = match planned::read(&args.plan, &args.request, &args.values, quiet, load, apply)?
    {
        Ok(planned) => planned,
        Err(exit) => return Ok(exit),
    };
    let Planned {
        plan,
        files,
        unsupported,
    } = planned;

    let is_file = plan.source != Kind::Quick;
    let execution = Execution {
        plan,
        plan_file: is_file.then(|| Path::new(&args.plan)),
        plan_source: replay::hide_query(&args.plan),
        sources: files,
        values: &args.values,
        output: &args.output,
        folder: args.output.out.clone(),
        verify_tls: args.request.insecure.then_some(false),
        allowed_hosts: args.request.allowed_hosts.clone(),
        unsupported,
        skips_refused_scripts: args.request.allow_unsupported,
        note: args.note.clone(),
        replay: replay::command_line(std::env::args().skip(1)),
        results: ResultRequest::default(),
        without_answer: false,
        without_users: false,
    };
    // Read before the run: a name that is wrong should not cost a run.
    let baseline = args.baseline.as_deref().map(judge_stored).transpose();
    let baseline = baseline.context("read the baseline")?;
    let interrupts = count_interrupts(announce)?;
    let executed = match execute(execution, &interrupts) {
        Ok(executed) => executed,
        Err(not_run) => return Ok(explain(not_run)),
    };
    let style = text_style(args.output.no_color);
    let text = if args.output.json {
        loadline_report::summary_json(&executed.analysis)
    } else {
        summary_text(&executed.analysis, &executed.paths, style)
    };
    print(&text)?;
    let mut exit = Exit::of(&executed.analysis, args.strict);
    if let Some(baseline) = &baseline {
        let regressed =
            command::compare::compare_and_print(baseline, &executed, 0.05, false, style, None)?;
        if regressed && exit == Exit::Ok {
            exit = Exit::Regression;
        }
    }
    Ok(exit)
}

/// Says why nothing was run.
pub(crate) fn explain(not_run: NotRun) -> Exit {
    match not_run {
        NotRun::Plan(findings, sources) => plan_error(&findings, &sources),
        NotRun::Refused(error) => {
            say(&format!("error: {error:#}"));
            Exit::Usage
        }
        NotRun::Machine(finding, sources) => {
            say(crate::diagnostics::render(&[*finding], &sources).trim_end());
            Exit::CouldNotRun
        }
        NotRun::NoAnswer(error) | NotRun::Failed(error) => {
            say(&format!("error: {error:#}"));
            Exit::CouldNotRun
        }
    }
}
