//! The plan of a command line, from a file or a URL and flags, ready to be run.

use std::path::Path;

use loadline_plan::{Diagnostic, Load, Plan, PlanSource as Kind, Standing};

use crate::args::{RequestArgs, ValueArgs};
use crate::diagnostics::{self, SourceFiles};
use crate::exit::Exit;
use crate::plan_source::{self, PlanSource};
use crate::preparation::{add_servers, parse_limits};
use crate::quick::{QuickRequest, is_url};
use crate::terminal::say;

/// A plan with what the command line adds.
pub(crate) struct Planned {
    pub(crate) plan: Plan,
    /// The files it was read from; empty for a URL.
    pub(crate) files: SourceFiles,
    /// Elements that are left out, since the user allows it.
    pub(crate) unsupported: Vec<String>,
}

/// Reads the plan that `named` names, under the load of `load` if it is a URL, changed by `apply` if it
/// is a file. An exit code when it cannot be run, and that has been said.
///
/// # Errors
///
/// When its file cannot be read.
pub(crate) fn read(
    named: &str,
    request: &RequestArgs,
    values: &ValueArgs,
    quiet: bool,
    load: impl FnOnce() -> Result<Load, String>,
    apply: impl FnOnce(&mut Plan) -> Result<(), String>,
) -> anyhow::Result<Result<Planned, Exit>> {
    let source = if is_url(named) {
        match load().and_then(|load| quick_plan(named, request, load)) {
            Ok(source) => source,
            Err(problem) => return Ok(Err(usage(&problem))),
        }
    } else {
        plan_source::read(Path::new(named), values)?
    };
    let mut findings = source.diagnostics;
    let Some(mut plan) = source.plan else {
        return Ok(Err(plan_error(&findings, &source.files)));
    };
    if plan.source != Kind::Quick
        && let Err(problem) = apply(&mut plan)
    {
        return Ok(Err(usage(&problem)));
    }
    let (limits, limit_findings) = parse_limits(&request.limits);
    plan.limits.extend(limits);
    findings.extend(limit_findings);
    add_servers(&mut plan, &request.servers);
    let refused: Vec<_> = source
        .elements
        .iter()
        .filter(|row| row.standing == Standing::Refused)
        .collect();
    if !refused.is_empty() && !request.allow_unsupported {
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
        return Ok(Err(Exit::Usage));
    }
    if findings.iter().any(Diagnostic::is_error) {
        return Ok(Err(plan_error(&findings, &source.files)));
    }
    if !findings.is_empty() && !quiet {
        say(diagnostics::render(&findings, &source.files).trim_end());
    }
    Ok(Ok(Planned {
        unsupported: refused
            .iter()
            .map(|row| format!("{} ({})", row.element, row.location))
            .collect(),
        plan,
        files: source.files,
    }))
}

/// The plan of a URL and its flags.
fn quick_plan(url: &str, request: &RequestArgs, load: Load) -> Result<PlanSource, String> {
    let body = match (&request.body, &request.body_file) {
        (Some(body), _) => Some(body.clone()),
        (None, Some(file)) => Some(
            std::fs::read_to_string(file)
                .map_err(|error| format!("cannot read {}: {error}", file.display()))?,
        ),
        (None, None) => None,
    };
    let request = QuickRequest {
        url: url.to_owned(),
        method: request.method.clone(),
        headers: request.headers.clone(),
        body,
        timeout: request.timeout,
    };
    let plan: Plan = request.plan(load)?;
    Ok(PlanSource {
        files: SourceFiles::default(),
        plan: Some(plan),
        diagnostics: Vec::new(),
        elements: Vec::new(),
    })
}

/// Says what is wrong with a plan.
pub(crate) fn plan_error(findings: &[Diagnostic], files: &SourceFiles) -> Exit {
    say(diagnostics::render(findings, files).trim_end());
    say(&format!(
        "the plan cannot run: {}",
        diagnostics::count(findings)
    ));
    Exit::Usage
}

/// Says what is wrong with the command line.
pub(crate) fn usage(problem: &str) -> Exit {
    say(&format!("error: {problem}"));
    Exit::Usage
}
