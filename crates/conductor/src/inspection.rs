//! Everything that can be found wrong with a plan before any traffic.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use loadline_engine::{
    FileAccess, PrepareInputs, PreparedRun, check_processors, csv, prepare, setting_findings,
};
use loadline_plan::{
    CompileInputs, Diagnostic, LabelSelection, Limit, Location, Metric, Plan, PlanSource, Severity,
    compile, pattern_matches,
};

use crate::machine_time_zone;

/// Values that a plan is run with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunValues {
    /// Variables that replace the plan's.
    pub variables: BTreeMap<String, String>,
    /// JMeter properties.
    pub properties: BTreeMap<String, String>,
    /// System properties of Java, which functions and scripts see.
    pub system_properties: BTreeMap<String, String>,
    /// Folder of the plan, where relative files are looked for; empty means the working directory.
    pub plan_folder: PathBuf,
    /// The plan's file name, without folder; empty for a plan without file.
    pub plan_name: String,
    /// Whether the plan may read and write files outside of its folder and the working directory.
    pub outside_files: bool,
    /// Whether certificates are checked; `None` as the kind of plan has it.
    pub verify_tls: Option<bool>,
    /// Whether the result files of the plan's listeners are written.
    pub outputs: bool,
    /// Whether script elements that cannot be run are left out.
    pub skips_refused_scripts: bool,
    /// The run's seed.
    pub seed: u64,
    /// Wall-clock start of the run, in milliseconds since the Unix epoch.
    pub wall_start_ms: i64,
}

/// A plan with its values evaluated, and what was found on the way.
#[derive(Debug)]
pub struct Inspection {
    /// The prepared run; `None` if the plan cannot run.
    pub prepared: Option<PreparedRun>,
    /// Findings, in no order.
    pub diagnostics: Vec<Diagnostic>,
}

/// Compiles and prepares `plan`, checks its data files and that its limits speak of what there is.
/// Reads data files, sends nothing.
#[must_use]
pub fn inspect(plan: &Plan, values: &RunValues) -> Inspection {
    let inputs = CompileInputs {
        variables: values.variables.clone(),
        verify_tls: values.verify_tls,
        outputs: values.outputs,
    };
    let (program, mut diagnostics) = compile(plan, &inputs);
    diagnostics.extend(limit_findings(
        plan,
        program.as_ref().map(|program| &*program.labels),
    ));
    let Some(program) = program else {
        return Inspection {
            prepared: None,
            diagnostics,
        };
    };
    diagnostics.extend(check_processors(&program));
    diagnostics.extend(setting_findings(&values.properties));
    let files = file_access(values);
    let inputs = PrepareInputs {
        files: files.clone(),
        properties: values.properties.clone(),
        system_properties: values.system_properties.clone(),
        plan_folder: values.plan_folder.clone(),
        plan_name: values.plan_name.clone(),
        seed: values.seed,
        wall_start_ms: values.wall_start_ms,
        time_zone: machine_time_zone(),
        skips_refused_scripts: values.skips_refused_scripts,
    };
    let prepared = match prepare(Arc::new(program), &inputs) {
        Ok(prepared) => prepared,
        Err(errors) => {
            diagnostics.extend(errors);
            return Inspection {
                prepared: None,
                diagnostics,
            };
        }
    };
    diagnostics.extend_from_slice(prepared.warnings());
    diagnostics.extend(data_file_findings(&prepared, &files));
    let runs = !diagnostics.iter().any(Diagnostic::is_error);
    Inspection {
        prepared: runs.then_some(prepared),
        diagnostics,
    }
}

/// The files that a plan run with `values` may read.
pub(crate) fn file_access(values: &RunValues) -> FileAccess {
    if values.outside_files {
        FileAccess::anywhere()
    } else {
        FileAccess::of_plan(&values.plan_folder)
    }
}

fn data_file_findings(prepared: &PreparedRun, files: &FileAccess) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for file in prepared.data_files() {
        let shown = file.path.display();
        if let Err(refused) = files.check(&file.path) {
            findings.push(
                Diagnostic::error("outside-file", file.location.clone(), refused.to_string())
                    .with_help("move the file, or allow it if you trust the plan"),
            );
            continue;
        }
        let (code, message) = if file.is_csv {
            match csv::check_file(&file.path) {
                Ok(()) => continue,
                Err(problem) => ("data-file", problem.to_string()),
            }
        } else if file.path.is_file() {
            continue;
        } else {
            (
                "missing-file",
                format!("file {shown} does not exist or is no file"),
            )
        };
        let mut finding = Diagnostic::error(code, file.location.clone(), message).with_help(
            "paths are relative to the working directory, then to the plan's own folder",
        );
        // In JMeter the samples that send the file fail, and the others go on.
        if !file.is_csv && prepared.program().source == PlanSource::Jmx {
            finding.severity = Severity::Warning;
        }
        findings.push(finding);
    }
    findings
}

/// Limits that speak of labels or servers that the plan does not have, or that stop the run by what
/// cannot be seen while it goes on.
fn limit_findings(plan: &Plan, labels: Option<&[Box<str>]>) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for limit in &plan.limits {
        let error = |code, message: String, help: String| {
            Diagnostic::error(code, Location::default(), message).with_help(help)
        };
        let text = &limit.text;
        if let (LabelSelection::Pattern(pattern), Some(labels)) = (&limit.labels, labels) {
            // Labels made of variables are only known in the run.
            let is_dynamic = labels.iter().any(|label| label.contains("${"));
            let matches = labels.iter().any(|label| pattern_matches(pattern, label));
            if !matches && !is_dynamic {
                let known: Vec<String> = labels
                    .iter()
                    .take(8)
                    .map(|label| format!("`{label}`"))
                    .collect();
                findings.push(error(
                    "unknown-label",
                    format!("limit `{text}` is for `{pattern}`, but no label matches it"),
                    format!("the plan's labels are {}", known.join(", ")),
                ));
            }
        }
        if let Some(problem) = server_problem(plan, limit) {
            findings.push(error(
                "unknown-server",
                format!("limit `{text}` {problem}"),
                "name servers under `servers:` or with `--server NAME=SOURCE`".to_owned(),
            ));
        }
        if limit.stop && !crate::stop_rule::can_be_seen_live(limit) {
            findings.push(Diagnostic {
                severity: Severity::Error,
                ..error(
                    "stop-limit",
                    format!("limit `{text}` cannot stop the run while it goes on"),
                    "`then stop` works with percentiles, `errors` and `server NAME alive`"
                        .to_owned(),
                )
            });
        }
    }
    findings
}

fn server_problem(plan: &Plan, limit: &Limit) -> Option<String> {
    if !matches!(limit.metric, Metric::Cpu | Metric::Memory | Metric::Alive) {
        return None;
    }
    match &limit.server {
        Some(name) if plan.servers.iter().any(|server| server.name == *name) => None,
        Some(name) => Some(format!("speaks of server `{name}`, which is not watched")),
        None if plan.servers.len() == 1 => None,
        None if plan.servers.is_empty() => Some("needs a server, but none is watched".to_owned()),
        None => Some("does not say which of the servers it means".to_owned()),
    }
}
