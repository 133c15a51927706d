//! `loadline run`: a plan or a URL.

use std::path::Path;

use anyhow::Context;
use loadline_conductor::ResultRequest;
use loadline_plan::{Diagnostic, Plan, PlanSource as Kind, Standing};
use loadline_report::summary_text;

use crate::args::RunArgs;
use crate::diagnostics::SourceFiles;
use crate::execution::{Execution, NotRun, execute, judge_stored};
use crate::exit::Exit;
use crate::interrupt::{announce, count_interrupts};
use crate::plan_source::{self, PlanSource};
use crate::preparation::{add_servers, parse_limits};
use crate::quick::{QuickRequest, is_url};
use crate::terminal::{print, say, text_style};
use crate::{command, diagnostics, replay};

pub(crate) fn run(args: &RunArgs) -> anyhow::Result<Exit> {
    let source = if is_url(&args.plan) {
        match quick_plan(args) {
            Ok(source) => source,
            Err(problem) => return Ok(usage(&problem)),
        }
    } else {
        plan_source::read(Path::new(&args.plan), &args.values)?
    };
    let mut findings = source.diagnostics;
    let Some(mut plan) = source.plan else {
        return Ok(plan_error(&findings, &source.files));
    };
    if plan.source != Kind::Quick
        && let Err(problem) = args.load.apply(&mut plan)
    {
        return Ok(usage(&problem));
    }
    let (limits, limit_findings) = parse_limits(&args.limits);
    plan.limits.extend(limits);
    findings.extend(limit_findings);
    add_servers(&mut plan, &args.servers);
    let refused: Vec<_> = source
        .elements
        .iter()
        .filter(|row| row.standing == Standing::Refused)
        .collect();
    if !refused.is_empty() && !args.allow_unsupported {
        for row in &refused {
            say(&format!(
                "error[refused-element]: {} cannot be run: {}\n  --> {}\n  help: {}",
                row.element, row.reason, row.location, row.help
            ));
        }
        say(&format!(
            "{} refused elements; `loadline check` lists all elements",
            refused.len()
        ));
        return Ok(Exit::Usage);
    }
    if findings.iter().any(Diagnostic::is_error) {
        return Ok(plan_error(&findings, &source.files));
    }
    if !findings.is_empty() && !args.output.quiet {
        say(diagnostics::render(&findings, &source.files).trim_end());
    }

    let is_file = plan.source != Kind::Quick;
    let execution = Execution {
        plan,
        plan_file: is_file.then(|| Path::new(&args.plan)),
        plan_source: replay::hide_query(&args.plan),
        sources: source.files,
        values: &args.values,
        output: &args.output,
        folder: args.output.out.clone(),
        verify_tls: args.insecure.then_some(false),
        allowed_hosts: args.allowed_hosts.clone(),
        unsupported: refused
            .iter()
            .map(|row| format!("{} ({})", row.element, row.location))
            .collect(),
        note: args.note.clone(),
        replay: replay::command_line(std::env::args().skip(1)),
        results: ResultRequest::default(),
        without_answer: false,
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

/// The plan of a URL and its flags.
fn quick_plan(args: &RunArgs) -> Result<PlanSource, String> {
    let load = args.load.load()?.ok_or(
        "a URL needs a load: -u USERS with -d TIME or -n ITERATIONS, -r RATE with -d TIME, --steps or \
         --stage",
    )?;
    let body = match (&args.body, &args.body_file) {
        (Some(body), _) => Some(body.clone()),
        (None, Some(file)) => Some(
            std::fs::read_to_string(file)
                .map_err(|error| format!("cannot read {}: {error}", file.display()))?,
        ),
        (None, None) => None,
    };
    let request = QuickRequest {
        url: args.plan.clone(),
        method: args.method.clone(),
        headers: args.headers.clone(),
        body,
        timeout: args.timeout,
    };
    let plan: Plan = request.plan(load)?;
    Ok(PlanSource {
        files: SourceFiles::default(),
        plan: Some(plan),
        diagnostics: Vec::new(),
        elements: Vec::new(),
    })
}

/// Says why nothing was run.
pub(crate) fn explain(not_run: NotRun) -> Exit {
    match not_run {
        NotRun::Plan(findings, sources) => plan_error(&findings, &sources),
        NotRun::Refused(error) => {
            say(&format!("error: {error:#}"));
            Exit::Usage
        }
        NotRun::Failed(error) => {
            say(&format!("error: {error:#}"));
            Exit::CouldNotRun
        }
    }
}

fn plan_error(findings: &[Diagnostic], sources: &SourceFiles) -> Exit {
    say(diagnostics::render(findings, sources).trim_end());
    say(&format!(
        "the plan cannot run: {}",
        diagnostics::count(findings)
    ));
    Exit::Usage
}

fn usage(problem: &str) -> Exit {
    say(&format!("error: {problem}"));
    Exit::Usage
}
