//! Reads a plan from its file: text, findings, elements.

use std::cell::RefCell;
use std::path::Path;

use anyhow::Context;
use loadline_conductor::{MAX_PLAN_BYTES, read_included};
use loadline_jmx::{IncludedFile, PlanText};
use loadline_plan::{Compatibility, Diagnostic, Plan};

use crate::args::ValueArgs;
use crate::diagnostics::SourceFiles;
use crate::preparation::run_values;

/// A plan file and what its reader made of it.
#[derive(Debug)]
pub(crate) struct PlanSource {
    /// The file and those that it includes.
    pub(crate) files: SourceFiles,
    /// The plan; `None` if the file cannot be understood.
    pub(crate) plan: Option<Plan>,
    /// Findings of the reader.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// One row for every element of a JMeter plan; empty for others.
    pub(crate) elements: Vec<Compatibility>,
}

/// Reads the plan in the file `path`, by the ending of its name; `values` say where the files that it
/// includes are.
///
/// # Errors
///
/// When the file cannot be read or its ending is not known.
pub(crate) fn read(path: &Path, values: &ValueArgs) -> anyhow::Result<PlanSource> {
    let shown = path.display();
    let name = path.display().to_string();
    let ending = path
        .extension()
        .and_then(|ending| ending.to_str())
        .unwrap_or("");
    match ending.to_ascii_lowercase().as_str() {
        "jmx" => read_jmx(path, values),
        "yaml" | "yml" | "json" => {
            let text = utf_8(read_bytes(path)?).with_context(|| format!("read plan {shown}"))?;
            let values = run_values(Some(path), values, 0, 0);
            let included = RefCell::new(Vec::new());
            let reading = loadline_planfile::read_plan_with(&text, &name, &|path| {
                let (file, text) = read_included(path, &values)?;
                let name = file.display().to_string();
                included.borrow_mut().push((name, text.clone()));
                Ok(text)
            });
            let mut files = vec![(name, text)];
            files.extend(included.into_inner());
            Ok(PlanSource {
                files: SourceFiles(files),
                plan: reading.plan,
                diagnostics: reading.diagnostics,
                elements: Vec::new(),
            })
        }
        _ => anyhow::bail!(
            "plan {shown} has an unknown ending; plans end in .yaml, .yml, .json or .jmx, and a URL \
             begins with http:// or https://"
        ),
    }
}

/// Reads the JMeter plan in the file `path`, whatever its name; `values` say where the files that it
/// includes are.
///
/// # Errors
///
/// When the file cannot be read.
pub(crate) fn read_jmx(path: &Path, values: &ValueArgs) -> anyhow::Result<PlanSource> {
    let name = path.display().to_string();
    let PlanText { text, finding } = loadline_jmx::plan_text(read_bytes(path)?, &name);
    if finding.as_ref().is_some_and(Diagnostic::is_error) {
        return Ok(PlanSource {
            files: SourceFiles(vec![(name, text)]),
            plan: None,
            diagnostics: finding.into_iter().collect(),
            elements: Vec::new(),
        });
    }
    let values = run_values(Some(path), values, 0, 0);
    let included = RefCell::new(Vec::new());
    let reading = loadline_jmx::read_jmx_with(&text, &name, &|path| {
        let (file, text) = read_included(path, &values)?;
        let name = file.display().to_string();
        let mut included = included.borrow_mut();
        if included.iter().all(|(known, _)| *known != name) {
            included.push((name.clone(), text.clone()));
        }
        Ok(IncludedFile { name, text })
    });
    let mut files = vec![(name, text)];
    files.extend(included.into_inner());
    Ok(PlanSource {
        files: SourceFiles(files),
        plan: reading.plan,
        diagnostics: finding.into_iter().chain(reading.diagnostics).collect(),
        elements: reading.elements,
    })
}

fn read_bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    let shown = path.display();
    let length = std::fs::metadata(path)
        .with_context(|| format!("read plan {shown}"))?
        .len();
    anyhow::ensure!(
        length <= MAX_PLAN_BYTES,
        "plan {shown} is longer than 256 MiB"
    );
    std::fs::read(path).with_context(|| format!("read plan {shown}"))
}

/// Bytes as UTF-8 text.
fn utf_8(bytes: Vec<u8>) -> anyhow::Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
        anyhow::anyhow!("it is not UTF-8 text (line {line})")
    })
}
