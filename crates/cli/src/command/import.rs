//! `loadline import`: writes a plan of another program as one of our own.

use loadline_plan::{Compatibility, Diagnostic, Standing};
use loadline_planfile::{PlanWriting, in_our_terms, write_plan};

use super::export::{moved_files, tell, write};
use crate::args::ImportArgs;
use crate::diagnostics;
use crate::exit::Exit;
use crate::plan_source;
use crate::terminal::say;

/// Writes a `.jmx` as YAML; findings go to standard error, and with an error among them nothing is
/// written. What takes no part in load or samples is named in comments.
pub(crate) fn run(args: &ImportArgs) -> anyhow::Result<Exit> {
    let source = plan_source::read_jmx(&args.plan, &args.values)?;
    let mut findings = source.diagnostics;
    let refused = source
        .elements
        .iter()
        .filter(|row| row.standing == Standing::Refused);
    findings.extend(refused.map(|row| refusal(row, args.allow_unsupported)));
    let mut text = None;
    if let Some(plan) = &source.plan
        && !findings.iter().any(Diagnostic::is_error)
    {
        let PlanWriting {
            text: written,
            diagnostics,
        } = write_plan(&in_our_terms(plan));
        findings.extend(diagnostics);
        text = written;
        findings.extend(moved_files(plan, &args.plan, args.out.as_deref()));
    }
    tell(&findings, &source.files);
    let Some(text) = text else {
        say(&format!(
            "The plan was not written: {}.",
            diagnostics::count(&findings)
        ));
        return Ok(Exit::Usage);
    };
    let name = args.plan.file_name().unwrap_or_default().to_string_lossy();
    let text = format!("{}{text}", comments(&name, &source.elements));
    write(&text, args.out.as_deref())?;
    Ok(Exit::Ok)
}

/// An element that cannot be run.
fn refusal(row: &Compatibility, is_allowed: bool) -> Diagnostic {
    let what = format!("{}: {}", row.element, row.reason);
    let finding = if is_allowed {
        Diagnostic::warning("refused-element", row.location.clone(), what)
    } else {
        Diagnostic::error("refused-element", row.location.clone(), what)
    };
    finding.with_help(row.help.as_str())
}

/// What the file held that is not in the plan, or is run otherwise.
fn comments(name: &str, elements: &[Compatibility]) -> String {
    let mut text = format!("# Made from {}.\n", one_line(name));
    let rows: Vec<&Compatibility> = elements
        .iter()
        // Below something that is told itself.
        .filter(|row| row.standing != Standing::Supported && !row.reason.starts_with("below "))
        .collect();
    if rows.is_empty() {
        return text;
    }
    text.push_str(
        "# Its elements that are not in this plan, or are run otherwise than in JMeter:\n",
    );
    for row in rows {
        let line = format!(
            "#   line {}: {} ({}): {}",
            row.location.line, row.element, row.location.path, row.reason
        );
        text.push_str(&one_line(&line));
        text.push('\n');
    }
    text
}

/// A text without line ends and other controls.
fn one_line(text: &str) -> String {
    let is_end = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}');
    text.chars()
        .map(|c| if is_end(c) { ' ' } else { c })
        .collect()
}
