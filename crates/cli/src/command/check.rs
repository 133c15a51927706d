//! `loadline check`: validates a plan; for a JMeter plan, what becomes of each element.

use loadline_plan::{Compatibility, Diagnostic, Standing};
use serde_json::{Value, json};

use crate::args::CheckArgs;
use crate::diagnostics::{self, SourceFiles};
use crate::exit::Exit;
use crate::plan_source;
use crate::preparation;
use crate::terminal::print;

pub(crate) fn run(args: &CheckArgs) -> anyhow::Result<Exit> {
    let source = plan_source::read(&args.plan, &args.values)?;
    let mut findings = source.diagnostics.clone();
    if let Some(plan) = &source.plan {
        findings.extend(preparation::check(plan, &args.plan, &args.values));
    }
    let elements = with_scripts(&source.elements, &findings);
    let refused = elements.iter().any(|row| row.standing == Standing::Refused);
    let broken = source.plan.is_none() || findings.iter().any(Diagnostic::is_error);
    let runnable = !broken && !refused && !findings.iter().any(runs_nothing);
    let text = if args.json {
        format!("{:#}\n", to_json(runnable, &elements, &findings))
    } else {
        to_text(runnable, &elements, &findings, &source.files)
    };
    print(&text)?;
    Ok(if runnable { Exit::Ok } else { Exit::Usage })
}

/// Code of the finding that a script cannot be run.
const UNSUPPORTED_SCRIPT: &str = "unsupported-script";

/// The elements, those refused whose scripts cannot be run. What an element lacks, such as a file, is no matter of its standing.
fn with_scripts(elements: &[Compatibility], findings: &[Diagnostic]) -> Vec<Compatibility> {
    let mut elements = elements.to_vec();
    let refused = |finding: &&Diagnostic| finding.is_error() && finding.code == UNSUPPORTED_SCRIPT;
    for finding in findings.iter().filter(refused) {
        let (place, found) = (&finding.location, finding.location.line);
        // Of several with one name the last that begins before the error.
        let holder = elements.iter_mut().rev().find(|row| {
            let row = &row.location;
            row.file == place.file && row.path == place.path && row.line <= found
        });
        if let Some(row) = holder
            && matches!(row.standing, Standing::Supported | Standing::Approximated)
        {
            row.standing = Standing::Refused;
            row.reason.clone_from(&finding.message);
            row.help.clone_from(&finding.help);
        }
    }
    elements
}

/// Whether the finding is that nobody runs.
fn runs_nothing(finding: &Diagnostic) -> bool {
    matches!(finding.code, "no-thread-group" | "no-users")
}

fn to_text(
    runnable: bool,
    elements: &[Compatibility],
    findings: &[Diagnostic],
    sources: &SourceFiles,
) -> String {
    let mut out = String::new();
    for row in elements {
        let (line, standing) = (row.location.line, row.standing.word());
        out.push_str(&format!("{line:>6}  {standing:<12}  {:<28}  ", row.element));
        out.push_str(&row.location.path);
        if sources
            .0
            .first()
            .is_some_and(|(file, _)| *file != row.location.file)
        {
            out.push_str(&format!(" (in {})", row.location.file));
        }
        if !row.reason.is_empty() {
            out.push_str(&format!("\n{:24}{}", "", row.reason));
        }
        if !row.help.is_empty() {
            out.push_str(&format!("\n{:24}help: {}", "", row.help));
        }
        out.push('\n');
    }
    if !elements.is_empty() {
        let count = |standing| {
            elements
                .iter()
                .filter(|row| row.standing == standing)
                .count()
        };
        out.push_str(&format!(
            "{} elements: {} supported, {} approximated, {} ignored, {} refused\n",
            elements.len(),
            count(Standing::Supported),
            count(Standing::Approximated),
            count(Standing::Ignored),
            count(Standing::Refused),
        ));
    }
    out.push_str(&diagnostics::render(findings, sources));
    if runnable {
        out.push_str("The plan can run.\n");
    } else if findings.iter().any(runs_nothing) && !findings.iter().any(Diagnostic::is_error) {
        out.push_str(
            "Nothing of the plan would run: `loadline run` refuses it; `loadline jmeter` ends at once, as JMeter does.\n",
        );
    } else {
        out.push_str(&format!(
            "The plan cannot run: {}",
            diagnostics::count(findings)
        ));
        let refused = elements
            .iter()
            .filter(|row| row.standing == Standing::Refused)
            .count();
        if refused > 0 {
            out.push_str(&format!(", {refused} refused elements"));
        }
        out.push_str(".\n");
    }
    out
}

fn to_json(runnable: bool, elements: &[Compatibility], findings: &[Diagnostic]) -> Value {
    let count = |standing| {
        let rows = elements.iter().filter(|row| row.standing == standing);
        rows.count()
    };
    let totals = json!({
        "elements": elements.len(),
        "supported": count(Standing::Supported),
        "approximated": count(Standing::Approximated),
        "ignored": count(Standing::Ignored),
        "refused": count(Standing::Refused),
    });
    let elements: Vec<Value> = elements
        .iter()
        .map(|row| {
            json!({
                "file": row.location.file,
                "line": row.location.line,
                "path": row.location.path,
                "element": row.element,
                "standing": row.standing.word(),
                "reason": row.reason,
                "help": row.help,
            })
        })
        .collect();
    let findings: Vec<Value> = findings
        .iter()
        .map(|finding| {
            json!({
                "code": finding.code,
                "severity": finding.severity.word(),
                "file": finding.location.file,
                "line": finding.location.line,
                "message": finding.message,
                "help": finding.help,
            })
        })
        .collect();
    json!({
        "format": "loadline-check/1",
        "runnable": runnable,
        "totals": totals,
        "elements": elements,
        "diagnostics": findings,
    })
}

#[cfg(test)]
mod tests {
    use loadline_plan::Location;

    use super::*;

    fn at(line: u32) -> Location {
        Location {
            file: "plan.jmx".into(),
            line,
            path: "P > G > s".into(),
            ..Location::default()
        }
    }

    fn row(line: u32, standing: Standing) -> Compatibility {
        Compatibility {
            location: at(line),
            element: "JSR223Sampler".to_owned(),
            standing,
            reason: String::new(),
            help: String::new(),
        }
    }

    #[test]
    fn an_element_is_refused_whose_script_cannot_be_run() {
        let rows = [3, 7, 20].map(|line| row(line, Standing::Supported));
        let error = Diagnostic::error(UNSUPPORTED_SCRIPT, at(9), "no such class");
        let warning = Diagnostic::warning(UNSUPPORTED_SCRIPT, at(4), "slow");
        let lacking = Diagnostic::error("missing-file", at(21), "no such file");
        let elements = with_scripts(&rows, &[warning, lacking, error.with_help("change it")]);
        let standings: Vec<_> = elements.iter().map(|row| row.standing).collect();
        let (supported, refused) = (Standing::Supported, Standing::Refused);
        assert_eq!(standings, [supported, refused, supported]);
        assert_eq!(
            (&*elements[1].reason, &*elements[1].help),
            ("no such class", "change it")
        );
    }

    #[test]
    fn what_is_ignored_stays_ignored() {
        let error = Diagnostic::error(UNSUPPORTED_SCRIPT, at(3), "no such class");
        let elements = with_scripts(&[row(3, Standing::Ignored)], &[error]);
        assert_eq!(elements[0].standing, Standing::Ignored);
    }
}
