//! One run with everything around it: preparation, progress, judgement, files.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use loadline_analysis::{Analysis, analyse};
use loadline_conductor::{
    Finished, Inspection, Interrupts, LiveSecond, ResultRequest, RunError, RunRequest,
    ServerRequest, TargetError, inspect, start,
};
use loadline_plan::{Diagnostic, Limit, Location, Plan, parse_limit};
use loadline_report::{RunPaths, html, summary_json};
use loadline_store::{REPORT_FILE, SUMMARY_FILE, StoredRun, folder_name};

use crate::args::{OutputArgs, ValueArgs};
use crate::diagnostics::SourceFiles;
use crate::preparation::{run_values, wall_now_ms};
use crate::terminal::{ProgressLines, say};

/// What is run.
pub(crate) struct Execution<'a> {
    pub(crate) plan: Plan,
    /// The plan's file, or `None` for a plan made of flags.
    pub(crate) plan_file: Option<&'a Path>,
    /// The plan as the user named it.
    pub(crate) plan_source: String,
    /// The plan file and those that it includes; empty without one.
    pub(crate) sources: SourceFiles,
    pub(crate) values: &'a ValueArgs,
    pub(crate) output: &'a OutputArgs,
    /// Run folder; `None` makes one from the time and the plan's name.
    pub(crate) folder: Option<PathBuf>,
    pub(crate) verify_tls: Option<bool>,
    pub(crate) allowed_hosts: Vec<String>,
    pub(crate) unsupported: Vec<String>,
    /// Whether script elements that cannot be run are left out.
    pub(crate) skips_refused_scripts: bool,
    pub(crate) note: String,
    /// The command line that replays the run, but for the seed.
    pub(crate) replay: String,
    /// JMeter result files to write.
    pub(crate) results: ResultRequest,
    /// Whether it is run although nothing answers at its targets.
    pub(crate) without_answer: bool,
    /// Whether it is run although it has no user.
    pub(crate) without_users: bool,
}

/// A run that was made and judged.
pub(crate) struct Executed {
    pub(crate) run: StoredRun,
    pub(crate) analysis: Analysis,
    pub(crate) paths: RunPaths,
    pub(crate) folder: PathBuf,
}

/// Why a run was not made.
#[derive(Debug)]
pub(crate) enum NotRun {
    /// The plan is wrong; with its files.
    Plan(Vec<Diagnostic>, SourceFiles),
    /// The target may not be loaded: a matter of the command line.
    Refused(anyhow::Error),
    /// This machine cannot hold its load; with the plan's files.
    Machine(Box<Diagnostic>, SourceFiles),
    /// Nothing answers at its target.
    NoAnswer(anyhow::Error),
    /// Something else.
    Failed(anyhow::Error),
}

impl From<anyhow::Error> for NotRun {
    fn from(error: anyhow::Error) -> Self {
        NotRun::Failed(error)
    }
}

/// How long samples under way may go on at the end of a run.
const GRACEFUL_STOP: Duration = Duration::from_secs(30);

/// Makes the run, judges it, writes summary.json and report.html into its folder.
pub(crate) fn execute(
    execution: Execution<'_>,
    interrupts: &Interrupts,
) -> Result<Executed, NotRun> {
    let mut progress = ProgressLines::new(execution.output.quiet);
    let recorded = record(execution, interrupts, &mut |live| progress.show(live));
    progress.end();
    let Recorded {
        finished,
        limits,
        folder,
    } = recorded?;
    report_troubles(&finished);
    Ok(judge(finished.run, limits, folder)?)
}

/// A run that was made and is not judged yet.
pub(crate) struct Recorded {
    pub(crate) finished: Finished,
    pub(crate) limits: Vec<Limit>,
    pub(crate) folder: PathBuf,
}

/// Makes the run; `on_second` gets live figures.
pub(crate) fn record(
    execution: Execution<'_>,
    interrupts: &Interrupts,
    on_second: &mut dyn FnMut(&LiveSecond),
) -> Result<Recorded, NotRun> {
    let wall_start_ms = wall_now_ms();
    // Short enough to be typed again.
    let seed = execution
        .output
        .seed
        .unwrap_or(wall_start_ms.unsigned_abs() % 1_000_000_007);
    let mut values = run_values(execution.plan_file, execution.values, seed, wall_start_ms);
    values.verify_tls = execution.verify_tls;
    values.outputs = execution.results.listeners.is_some();
    values.skips_refused_scripts = execution.skips_refused_scripts;
    let Inspection {
        prepared,
        diagnostics,
    } = inspect(&execution.plan, &values);
    let Some(prepared) = prepared else {
        return Err(NotRun::Plan(diagnostics, execution.sources));
    };
    if prepared.max_users() == 0 && !execution.without_users {
        let finding = Diagnostic::error("no-users", Location::default(), "nothing would be run")
            .with_help(
                "`loadline jmeter -n -t PLAN` runs it to its end without a sample, as JMeter",
            );
        let findings = diagnostics.into_iter().chain([finding]).collect();
        return Err(NotRun::Plan(findings, execution.sources));
    }
    let is_quiet = execution.output.quiet && prepared.max_users() > 0;
    if !diagnostics.is_empty() && !is_quiet {
        say(crate::diagnostics::render(&diagnostics, &execution.sources).trim_end());
    }

    let asked = crate::capacity::warnings(&prepared, crate::self_test::kept().as_ref());
    if !asked.is_empty() {
        say(crate::diagnostics::render(&asked, &execution.sources).trim_end());
    }

    let folder = execution.folder.unwrap_or_else(|| {
        Path::new("loadline-runs").join(folder_name(wall_start_ms, &execution.plan.name))
    });
    let limits = execution.plan.limits.clone();
    let servers = execution.plan.servers.iter().map(|server| ServerRequest {
        name: server.name.clone(),
        source: server.source.clone(),
    });
    let data_files: Vec<PathBuf> = prepared
        .data_files()
        .iter()
        .map(|file| file.path.clone())
        .collect();
    let request = RunRequest {
        servers: servers.collect(),
        plan_files: plan_files(&execution.sources, &data_files),
        plan_folder: execution.plan_file.map(|file| {
            file.parent()
                .filter(|folder| !folder.as_os_str().is_empty())
                .map_or_else(|| PathBuf::from("."), Path::to_owned)
        }),
        plan: execution.plan,
        prepared,
        plan_source: execution.plan_source,
        replay: format!("{} --seed {seed}", execution.replay),
        note: execution.note,
        unsupported: execution.unsupported,
        allowed_hosts: execution.allowed_hosts,
        folder: folder.clone(),
        seed,
        wall_start_ms,
        threads: execution.output.threads,
        graceful_stop: GRACEFUL_STOP,
        results: execution.results,
        without_answer: execution.without_answer,
    };
    let finished =
        start(request, interrupts, on_second).map_err(|error| not_run(error, execution.sources))?;
    Ok(Recorded {
        finished,
        limits,
        folder,
    })
}

/// The plan, the files that it includes, and its data files. A data file that cannot be read has been reported before.
pub(crate) fn plan_files(sources: &SourceFiles, data_files: &[PathBuf]) -> Vec<(String, Vec<u8>)> {
    /// The hash of the plan leaves larger data files out.
    const MAX_BYTES: u64 = 64 << 20;
    let name = |path: &Path| {
        path.file_name().map_or("plan".to_owned(), |name| {
            name.to_string_lossy().into_owned()
        })
    };
    let mut files = Vec::new();
    if sources.0.is_empty() {
        files.push(("plan".to_owned(), Vec::new()));
    }
    for (file, text) in &sources.0 {
        files.push((name(Path::new(file)), text.as_bytes().to_vec()));
    }
    for path in data_files {
        let is_small = std::fs::metadata(path).is_ok_and(|facts| facts.len() <= MAX_BYTES);
        if let Some(content) = is_small.then(|| std::fs::read(path).ok()).flatten() {
            files.push((name(path), content));
        }
    }
    files
}

/// Why the run was not made of the plan in `sources`.
pub(crate) fn not_run(error: RunError, sources: SourceFiles) -> NotRun {
    match error {
        RunError::Target(TargetError::Refused(refused)) => {
            NotRun::Refused(anyhow::anyhow!("refusing to load a public host: {refused}"))
        }
        RunError::Source { .. } => NotRun::Refused(error.into()),
        RunError::Descriptors(error) => NotRun::Machine(Box::new(error.finding()), sources),
        RunError::Target(error @ TargetError::NoAnswer { .. }) => NotRun::NoAnswer(
            anyhow::anyhow!("{error}\n  help: start the server, or name another target"),
        ),
        RunError::Store(error @ loadline_store::StoreError::Exists { .. }) => NotRun::Failed(
            anyhow::anyhow!("{error}\n  help: name another folder with --out, or remove this one"),
        ),
        error => NotRun::Failed(error.into()),
    }
}

pub(crate) fn report_troubles(finished: &Finished) {
    for warning in &finished.warnings {
        say(&format!("warning: {warning}"));
    }
    if let Some(failure) = &finished.folder_failure {
        let failure = anyhow::anyhow!("{failure}");
        say(&format!(
            "warning: the run folder is incomplete, the figures are not: {failure:#}"
        ));
    }
    for (fault, count) in &finished.faults {
        say(&format!("warning: {fault} ({count} times)"));
    }
}

/// Judges a run that was read, and writes its summary and report.
pub(crate) fn judge(
    run: StoredRun,
    limits: Vec<Limit>,
    folder: PathBuf,
) -> anyhow::Result<Executed> {
    let analysis = analyse(&run.data, &limits);
    let paths = run_paths(&folder);
    if let Err(error) = write_results(&analysis, &paths, &folder) {
        say(&format!("warning: {error:#}"));
    }
    Ok(Executed {
        run,
        analysis,
        paths,
        folder,
    })
}

/// Reads the run in `folder` again and judges it by its own limits.
pub(crate) fn judge_stored(folder: &Path) -> anyhow::Result<Executed> {
    let run = loadline_store::read_run(folder)?;
    let limits = run.limits.iter().map(|text| {
        parse_limit(text).with_context(|| format!("limit `{text}` of the run cannot be read"))
    });
    let limits = limits.collect::<anyhow::Result<Vec<_>>>()?;
    let analysis = analyse(&run.data, &limits);
    let paths = run_paths(folder);
    Ok(Executed {
        run,
        analysis,
        paths,
        folder: folder.to_owned(),
    })
}

/// Writes summary.json and report.html into `folder`.
pub(crate) fn write_results(
    analysis: &Analysis,
    paths: &RunPaths,
    folder: &Path,
) -> anyhow::Result<()> {
    let write = |name: &str, content: String| {
        let path = folder.join(name);
        std::fs::write(&path, content).with_context(|| format!("write {}", path.display()))
    };
    write(SUMMARY_FILE, summary_json(analysis))?;
    write(REPORT_FILE, html(analysis, paths))
}

pub(crate) fn run_paths(folder: &Path) -> RunPaths {
    RunPaths {
        folder: folder.display().to_string(),
        report: folder.join(REPORT_FILE).display().to_string(),
    }
}
