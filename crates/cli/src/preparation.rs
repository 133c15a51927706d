//! From a plan and the user's values to what the conductor takes.

use std::path::Path;

use loadline_conductor::{Inspection, RunValues, inspect};
use loadline_plan::{Diagnostic, Limit, Location, Plan, ServerSource, parse_limit};

use crate::args::ValueArgs;

/// The values of a run that starts now.
pub(crate) fn run_values(
    plan_file: Option<&Path>,
    values: &ValueArgs,
    seed: u64,
    wall_start_ms: i64,
) -> RunValues {
    RunValues {
        variables: values.variables.iter().cloned().collect(),
        properties: values.properties.iter().cloned().collect(),
        system_properties: values.system_properties.clone(),
        plan_folder: plan_file
            .and_then(Path::parent)
            .unwrap_or(Path::new(""))
            .to_owned(),
        plan_name: plan_file
            .and_then(Path::file_name)
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default(),
        outside_files: values.allow_outside_files,
        verify_tls: None,
        outputs: false,
        skips_refused_scripts: false,
        seed,
        wall_start_ms,
    }
}

/// Findings about a plan beyond its reader's.
pub(crate) fn check(plan: &Plan, plan_file: &Path, values: &ValueArgs) -> Vec<Diagnostic> {
    let Inspection { diagnostics, .. } =
        inspect(plan, &run_values(Some(plan_file), values, 0, wall_now_ms()));
    diagnostics
}

/// Wall-clock time in milliseconds since the Unix epoch.
pub(crate) fn wall_now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since
        .ok()
        .and_then(|since| i64::try_from(since.as_millis()).ok())
        .unwrap_or(0)
}

/// Limits given on the command line; findings for those that cannot be read.
pub(crate) fn parse_limits(texts: &[String]) -> (Vec<Limit>, Vec<Diagnostic>) {
    let (mut limits, mut findings) = (Vec::new(), Vec::new());
    for text in texts {
        match parse_limit(text) {
            Ok(limit) => limits.push(limit),
            Err(error) => findings.push(
                Diagnostic::error("limit", Location::default(), error.to_string())
                    .with_help(error.help),
            ),
        }
    }
    (limits, findings)
}

/// Adds the servers of `--server` to the plan's. `NAME=SOURCE` names one; a bare source takes the
/// place of the plan's only server, or is named `server`, `server2` and so on.
pub(crate) fn add_servers(plan: &mut Plan, texts: &[String]) {
    for text in texts {
        let named = text
            .split_once('=')
            .filter(|(name, _)| !name.contains([':', '/']));
        let (name, source) = match named {
            Some((name, source)) => (name.to_owned(), source.to_owned()),
            None if plan.servers.len() == 1 && texts.len() == 1 => {
                (plan.servers[0].name.clone(), text.clone())
            }
            None => (free_name(&plan.servers), text.clone()),
        };
        match plan.servers.iter_mut().find(|server| server.name == name) {
            Some(server) => server.source = source,
            None => {
                plan.servers.push(ServerSource {
                    name,
                    source,
                    location: Location::default(),
                });
            }
        }
    }
}

fn free_name(servers: &[ServerSource]) -> String {
    let is_free = |name: &str| servers.iter().all(|server| server.name != name);
    let numbered = (2..).map(|number| format!("server{number}"));
    std::iter::once("server".to_owned())
        .chain(numbered)
        .find(|name| is_free(name))
        .unwrap_or_default()
}
