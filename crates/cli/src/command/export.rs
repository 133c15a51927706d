//! `loadline export`: writes one of our plans as a plan of another program.

use std::path::Path;

use anyhow::Context;
use loadline_jmx::{JmeterTerms, JmxWriting, in_jmeters_terms, write_jmx};
use loadline_plan::{Diagnostic, Location, Plan, Severity};

use crate::args::ExportArgs;
use crate::diagnostics;
use crate::exit::Exit;
use crate::plan_source;
use crate::preparation;
use crate::terminal::{print, say};

/// Writes a YAML plan as a `.jmx`; findings go to standard error, and with an error among them nothing
/// is written.
pub(crate) fn run(args: &ExportArgs) -> anyhow::Result<Exit> {
    let is_jmx = args.plan.extension().is_some_and(|ending| ending == "jmx");
    if is_jmx {
        say("error: the plan is a JMeter plan already; export takes a YAML plan");
        return Ok(Exit::Usage);
    }
    let source = plan_source::read(&args.plan, &args.values)?;
    let mut findings = source.diagnostics;
    let mut text = None;
    if let Some(plan) = &source.plan {
        findings.extend(preparation::check(plan, &args.plan, &args.values));
        if !findings.iter().any(Diagnostic::is_error) {
            let JmeterTerms {
                plan: translated,
                diagnostics,
            } = in_jmeters_terms(plan);
            findings.extend(diagnostics);
            if let Some(translated) = translated {
                let JmxWriting {
                    text: written,
                    diagnostics,
                } = write_jmx(&translated);
                findings.extend(diagnostics);
                text = written;
            }
            findings.extend(moved_files(plan, &args.plan, args.out.as_deref()));
        }
    }
    tell(&findings, &source.files);
    let Some(text) = text.filter(|_| !findings.iter().any(Diagnostic::is_error)) else {
        say(&format!(
            "The plan was not written: {}.",
            diagnostics::count(&findings)
        ));
        return Ok(Exit::Usage);
    };
    write(&text, args.out.as_deref())?;
    Ok(Exit::Ok)
}

/// Prints findings to standard error.
pub(super) fn tell(findings: &[Diagnostic], files: &diagnostics::SourceFiles) {
    let text = diagnostics::render(findings, files);
    if !text.is_empty() {
        say(text.trim_end());
    }
}

/// Writes `text` to the file `out`, or to standard output.
pub(super) fn write(text: &str, out: Option<&Path>) -> anyhow::Result<()> {
    match out {
        Some(out) => std::fs::write(out, text).with_context(|| format!("write {}", out.display())),
        None => print(text),
    }
}

/// A note when the plan goes to another folder than the files that it names.
pub(super) fn moved_files(plan: &Plan, from: &Path, out: Option<&Path>) -> Option<Diagnostic> {
    let folder = |file: &Path| {
        let folder = file.parent().unwrap_or(Path::new(""));
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        std::fs::canonicalize(folder).ok()
    };
    if folder(from) == folder(out?) {
        return None;
    }
    let files = loadline_plan::named_files(plan);
    if files.is_empty() {
        return None;
    }
    let what = format!(
        "the plan names files beside itself: {}",
        files.into_iter().collect::<Vec<_>>().join(", ")
    );
    let finding = Diagnostic::warning("files-beside", Location::default(), what);
    Some(Diagnostic {
        severity: Severity::Note,
        ..finding.with_help("put them beside the new plan")
    })
}
