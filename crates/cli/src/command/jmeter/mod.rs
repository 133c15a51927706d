//! `loadline jmeter`: the command line of JMeter, its output, its result files, its exit codes.
//!
//! The plan is run as by `loadline run`; what differs is what is said and written. The same happens
//! when the program is called by the name `jmeter`.

mod dashboard;
mod log;
mod options;
mod properties;
mod result_files;
mod summariser;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use loadline_conductor::{LiveSecond, java_date, script_log_line};
use loadline_events::StopReason;
use loadline_events::{ScriptLevel, ScriptLine};
use loadline_plan::{Diagnostic, Plan, Standing};
use loadline_store::REPORT_FILE;

use crate::args::{OutputArgs, ValueArgs};
use crate::execution::{Execution, NotRun, Recorded, judge, record, report_troubles};
use crate::exit::Exit;
use crate::interrupt::{announce, count_interrupts};
use crate::preparation::wall_now_ms;
use crate::terminal::{print, say};
use crate::{diagnostics, plan_source, replay};

use log::{COLLECTOR, ENGINE, JMETER, Log, SUMMARISER};
use options::Options;
use properties::Properties;
use summariser::{Summariser, Threads};

/// Runs `jmeter` with `arguments`.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<Exit> {
    let parsed = Options::parse(arguments).and_then(|mut options| {
        options.add_environment(&|name| std::env::var(name).ok())?;
        Ok(options)
    });
    let options = match parsed {
        Ok(options) => options,
        Err(problem) => {
            say(&format!("Error: {problem}"));
            print(&format!("Usage\n{}", options::list()))?;
            return Ok(usage_exit(
                std::env::var_os("LOADLINE_EXIT_CODES").is_some(),
            ));
        }
    };
    if options.list_options {
        print(&options::list())?;
        return Ok(Exit::Ok);
    }
    if options.help {
        print(HELP)?;
        return Ok(Exit::Ok);
    }
    if options.version {
        let version = env!("CARGO_PKG_VERSION");
        print(&format!("loadline {version}, in place of JMeter 5.6.3\n"))?;
        return Ok(Exit::Ok);
    }
    for (name, why) in &options.refused {
        say(&format!("error: --{name} cannot be followed: {why}"));
    }
    if !options.refused.is_empty() {
        return Ok(failure_exit(&options, Exit::Usage));
    }
    let done = if let Some(results) = &options.report_only {
        report_only(&options, results)
    } else if options.non_gui {
        run_plan(&options)
    } else {
        say(
            "error: there is no graphical interface here\n  help: add -n to run the plan of -t; to \
             edit a plan, use JMeter itself",
        );
        return Ok(failure_exit(&options, Exit::Usage));
    };
    match done {
        Ok(exit) => Ok(exit),
        Err(Failure::Usage(problem)) => {
            print(&format!("Incorrect Usage:{problem}\n{}", options::list()))?;
            Ok(usage_exit(options.own_exit_codes))
        }
        Err(Failure::Error(error, own_exit)) => {
            print(&format!("An error occurred: {error:#}\n"))?;
            Ok(failure_exit(&options, own_exit))
        }
    }
}

const HELP: &str = "\
Runs a JMeter test plan with the command line of JMeter.

To run a plan and write its results:
  loadline jmeter -n -t test-plan.jmx -l results.jtl
To set properties:
  loadline jmeter -n -t test-plan.jmx -Jthreads=10 -q more.properties
To make the report behind the run, as index.html and statistics.json:
  loadline jmeter -n -t test-plan.jmx -l results.jtl -e -o report
To sum up results of before, as statistics.json alone:
  loadline jmeter -g results.jtl -o report

Public hosts are loaded only when they are named: --i-may-load HOST, or LOADLINE_I_MAY_LOAD=HOST.
All options: loadline jmeter -?
";

/// Why nothing was done.
enum Failure {
    /// The command line; JMeter ends with 0 then.
    Usage(&'static str),
    /// Something else, with the exit code of `loadline run`.
    Error(anyhow::Error, Exit),
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Failure::Error(error, Exit::CouldNotRun)
    }
}

/// JMeter prints its usage and ends well.
fn usage_exit(own_exit_codes: bool) -> Exit {
    if own_exit_codes {
        Exit::Usage
    } else {
        Exit::Ok
    }
}

fn failure_exit(options: &Options, own: Exit) -> Exit {
    if options.own_exit_codes {
        own
    } else {
        Exit::CouldNotRun
    }
}

/// The report of a result file of before.
fn report_only(options: &Options, results: &Path) -> Result<Exit, Failure> {
    let properties = properties::gather(options, Path::new(""))?;
    let folder = dashboard::folder(options.report_folder.as_deref(), &properties);
    dashboard::check(&folder, options.force)?;
    if !results.is_file() {
        let shown = results.display();
        let error = anyhow::anyhow!("Cannot read test results file : {shown}");
        return Err(error.into());
    }
    if std::fs::metadata(results).is_ok_and(|facts| facts.len() == 0) {
        let shown = results.display();
        return Err(anyhow::anyhow!("Could not read metadata ! {shown} is empty").into());
    }
    let statistics = dashboard::statistics(results, &properties)?;
    let page = dashboard::page(results, &properties)?;
    dashboard::make(&folder, options.force)?;
    dashboard::write_statistics(&statistics, &folder)?;
    let index = folder.join("index.html");
    std::fs::write(&index, page).with_context(|| format!("write {}", index.display()))?;
    Ok(Exit::Ok)
}

/// Runs the plan of `-t`.
fn run_plan(options: &Options) -> Result<Exit, Failure> {
    if options.report_at_end && options.results.is_none() {
        return Err(Failure::Usage("Option -e requires -l option"));
    }
    let Some(name) = options.plan.as_deref() else {
        return Err(Failure::Usage("Non-GUI runs require a test plan"));
    };
    if name == "LAST" || options.results.as_deref() == Some("LAST") {
        let error = "LAST is the plan that JMeter's graphical interface had open last, which is not \
                     known here; name the file";
        return Err(Failure::Error(anyhow::anyhow!(error), Exit::Usage));
    }
    let file = Path::new(name);
    let plan_folder = file.parent().unwrap_or(Path::new(""));
    let properties = properties::gather(options, plan_folder)?;
    let log_file = (options.log.clone()).unwrap_or_else(|| PathBuf::from("jmeter.log"));
    let mut log = Log::create(&log_file)?;
    begin_log(&mut log, options, &properties);
    let done = run_logged(options, file, &properties, &mut log);
    if let Err(Failure::Error(error, _)) = &done {
        log.error(JMETER, &format!("An error occurred: {error:#}"));
    }
    done
}

fn begin_log(log: &mut Log, options: &Options, properties: &Properties) {
    let version = env!("CARGO_PKG_VERSION");
    for note in &properties.notes {
        log.info(JMETER, note);
    }
    log.info(
        JMETER,
        &format!("loadline {version}, in place of JMeter 5.6.3"),
    );
    for option in &options.without_effect {
        log.warn(JMETER, &format!("has no effect here: {option}"));
    }
}

fn run_logged(
    options: &Options,
    file: &Path,
    properties: &Properties,
    log: &mut Log,
) -> Result<Exit, Failure> {
    let report = match options.report_at_end {
        true => Some(dashboard::folder(
            options.report_folder.as_deref(),
            properties,
        )),
        false => None,
    };
    if let Some(folder) = &report {
        dashboard::check(folder, options.force)?;
    }
    let values = ValueArgs {
        properties: (properties.values.iter())
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
        system_properties: properties.system.clone(),
        allow_outside_files: options.allow_outside_files,
        ..ValueArgs::default()
    };
    let source = read_plan(file, &values)?;
    let (plan, unsupported) = runnable(&source, options)?;
    let mut out = Console { log };
    let summary_name = properties.get("summariser.name", "summary");
    if !summary_name.is_empty() {
        out.say(JMETER, &format!("Creating summariser <{summary_name}>"))?;
    }
    let results = result_files::of_run(options, properties)?;
    if let (true, Some(results)) = (options.report_at_end, &options.results)
        && std::fs::metadata(results).is_ok_and(|facts| facts.len() > 0)
    {
        let error = anyhow::anyhow!("Error in NonGUIDriver Results file:{results} is not empty");
        return Err(error.into());
    }
    if let Some(folder) = &report {
        dashboard::make(folder, options.force)?;
    }
    out.print(&format!(
        "Created the tree successfully using {}",
        file.display()
    ))?;

    let output = OutputArgs {
        out: None,
        seed: options.seed,
        threads: options.threads,
        json: false,
        quiet: true,
        no_color: true,
    };
    // The run folder goes with the run, unless it was asked for.
    let scratch = tempfile::tempdir().context("make a temporary folder")?;
    let run_folder = (options.run_folder.clone()).unwrap_or_else(|| scratch.path().join("run"));
    let execution = Execution {
        plan,
        plan_file: Some(file),
        plan_source: file.display().to_string(),
        sources: source.files.clone(),
        values: &values,
        output: &output,
        folder: Some(run_folder.clone()),
        verify_tls: None,
        allowed_hosts: options.allowed_hosts.clone(),
        unsupported,
        skips_refused_scripts: options.allow_unsupported,
        note: String::new(),
        replay: replay::command_line(std::env::args().skip(1)),
        results,
        without_answer: true,
        without_users: true,
    };
    let start_ms = wall_now_ms();
    let start = format!("Starting standalone test @ {} ({start_ms})", date(start_ms));
    out.print(&start)?;
    out.print(
        "No port is opened for Shutdown/StopTestNow messages; SIGINT or SIGTERM stop the test",
    )?;
    out.log.info(ENGINE, "Running the test!");
    let mut summary = Summary::new(summary_name, properties, start_ms);
    let interrupts = count_interrupts(announce)?;
    let mut lost_output = None;
    let recorded = record(execution, &interrupts, &mut |live| {
        if let Err(error) = summary.second(live, &mut out) {
            lost_output.get_or_insert(error);
        }
    });
    let recorded = recorded.map_err(|not_run| explain(not_run, out.log))?;
    let threads = Threads {
        active: 0,
        started: recorded.finished.users_started,
    };
    tell_scripts(&recorded.finished.script_lines, start_ms, &mut out)?;
    summary.end(recorded.finished.tally, threads, &mut out)?;
    out.log
        .info(ENGINE, "Notifying test listeners of end of test");
    let end_ms = wall_now_ms();
    out.print(&format!("Tidying up ...    @ {} ({end_ms})", date(end_ms)))?;
    let exit = finish(options, recorded, report.as_deref(), properties, out.log)?;
    out.print("... end of run")?;
    match lost_output {
        Some(error) => Err(error.into()),
        None => Ok(exit),
    }
}

/// Reads the plan with JMeter's messages for one that is missing.
fn read_plan(file: &Path, values: &ValueArgs) -> Result<plan_source::PlanSource, Failure> {
    if !file.is_file() {
        let path = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        let shown = path.display();
        let error = anyhow::anyhow!("The file {shown} doesn't exist or can't be opened");
        return Err(Failure::Error(error, Exit::Usage));
    }
    Ok(plan_source::read_jmx(file, values)?)
}

/// The plan if it can be run, with the elements that are left out.
fn runnable(
    source: &plan_source::PlanSource,
    options: &Options,
) -> Result<(Plan, Vec<String>), Failure> {
    let wrong = |text: &str| {
        let error = anyhow::anyhow!("Error in NonGUIDriver {text}");
        Failure::Error(error, Exit::Usage)
    };
    let has_errors = source.diagnostics.iter().any(Diagnostic::is_error);
    if !source.diagnostics.is_empty() {
        say(diagnostics::render(&source.diagnostics, &source.files).trim_end());
    }
    let (Some(plan), false) = (&source.plan, has_errors) else {
        return Err(wrong(
            "the plan cannot be read; what is wrong is told above",
        ));
    };
    let refused = source
        .elements
        .iter()
        .filter(|row| row.standing == Standing::Refused);
    let refused: Vec<_> = refused.collect();
    if !refused.is_empty() && !options.allow_unsupported {
        for row in &refused {
            say(&format!(
                "error[refused-element]: {} cannot be run: {}\n  --> {}\n  help: {}",
                row.element, row.reason, row.location, row.help
            ));
        }
        return Err(wrong(
            "the plan holds elements that cannot be run; --allow-unsupported leaves them out",
        ));
    }
    let left_out = refused.iter();
    let left_out = left_out.map(|row| format!("{} ({})", row.element, row.location));
    Ok((plan.clone(), left_out.collect()))
}

fn explain(not_run: NotRun, log: &mut Log) -> Failure {
    match not_run {
        NotRun::Plan(findings, sources) => {
            say(diagnostics::render(&findings, &sources).trim_end());
            let error = anyhow::anyhow!("the plan cannot run; what is wrong is told above");
            Failure::Error(error, Exit::Usage)
        }
        NotRun::Refused(error) => {
            log.error(JMETER, &format!("{error:#}"));
            Failure::Error(error, Exit::Usage)
        }
        NotRun::Machine(finding, sources) => {
            say(diagnostics::render(&[*finding], &sources).trim_end());
            let error = anyhow::anyhow!("this machine cannot hold the load, as told above");
            Failure::Error(error, Exit::CouldNotRun)
        }
        NotRun::NoAnswer(error) | NotRun::Failed(error) => Failure::Error(error, Exit::CouldNotRun),
    }
}

/// Writes what is written behind a run; the exit code.
fn finish(
    options: &Options,
    recorded: Recorded,
    report: Option<&Path>,
    properties: &Properties,
    log: &mut Log,
) -> Result<Exit, Failure> {
    let Recorded {
        finished,
        limits,
        folder,
    } = recorded;
    report_troubles(&finished);
    for warning in &finished.warnings {
        log.warn(ENGINE, warning);
    }
    let failures = finished.result_failures.clone();
    for failure in &failures {
        say(&format!("error: {failure}"));
        log.error(COLLECTOR, failure);
    }
    let stop = finished.run.data.facts.stop;
    let is_judged = report.is_some() || options.own_exit_codes || options.run_folder.is_some();
    let mut exit = Exit::Ok;
    if is_judged {
        let executed = judge(finished.run, limits, folder.clone())?;
        if options.own_exit_codes {
            exit = Exit::of(&executed.analysis, false);
        }
    }
    if let (Some(report), Some(results)) = (report, &options.results) {
        let page = report.join("index.html");
        std::fs::copy(folder.join(REPORT_FILE), &page)
            .with_context(|| format!("write {}", page.display()))?;
        let statistics = dashboard::statistics(Path::new(results), properties)?;
        dashboard::write_statistics(&statistics, report)?;
    }
    if !failures.is_empty() {
        return Ok(Exit::CouldNotRun);
    }
    if stop == StopReason::Signal && !options.own_exit_codes {
        return Ok(Exit::Interrupted);
    }
    Ok(exit)
}

/// A wall-clock time as JMeter prints it.
fn date(ms: i64) -> String {
    java_date("yyyy MMM d HH:mm:ss z", ms).unwrap_or_default()
}

/// What JMeter says on standard output and in its log.
struct Console<'l> {
    log: &'l mut Log,
}

impl Console<'_> {
    fn print(&mut self, line: &str) -> anyhow::Result<()> {
        print(&format!("{line}\n"))
    }

    /// Prints a line that the log has too.
    fn say(&mut self, logger: &str, line: &str) -> anyhow::Result<()> {
        self.log.info(logger, line);
        self.print(line)
    }
}

/// The summariser and where its lines go.
struct Summary {
    summariser: Option<Summariser>,
    to_output: bool,
    to_log: bool,
    /// Wall clock at the start of the run, in milliseconds since 1970.
    start_ms: i64,
}

/// What scripts have logged goes to the log, what they have printed to standard output, as in JMeter.
fn tell_scripts(lines: &[ScriptLine], start_ms: i64, out: &mut Console<'_>) -> anyhow::Result<()> {
    for line in lines {
        match line.level {
            ScriptLevel::Output => out.print(line.text.trim_end_matches('\n'))?,
            _ => out.log.line(&script_log_line(line, start_ms)),
        }
    }
    Ok(())
}

impl Summary {
    fn new(name: &str, properties: &Properties, start_ms: i64) -> Self {
        let interval = properties.get("summariser.interval", "30");
        let interval = interval.trim().parse().unwrap_or(30);
        Self {
            summariser: (!name.is_empty()).then(|| Summariser::new(name, interval, start_ms)),
            to_output: properties.is_on("summariser.out", true),
            to_log: properties.is_on("summariser.log", true),
            start_ms,
        }
    }

    fn second(&mut self, live: &LiveSecond, out: &mut Console<'_>) -> anyhow::Result<()> {
        tell_scripts(&live.script_lines, self.start_ms, out)?;
        let threads = Threads {
            active: live.users.into(),
            started: live.users_started,
        };
        let lines = match &mut self.summariser {
            Some(summariser) => summariser.add(live.tally, wall_now_ms(), threads),
            None => Vec::new(),
        };
        self.tell(&lines, out)
    }

    fn end(
        &mut self,
        rest: loadline_conductor::Tally,
        threads: Threads,
        out: &mut Console<'_>,
    ) -> anyhow::Result<()> {
        let lines = match &mut self.summariser {
            Some(summariser) => summariser.end(rest, wall_now_ms(), threads),
            None => Vec::new(),
        };
        self.tell(&lines, out)
    }

    fn tell(&self, lines: &[String], out: &mut Console<'_>) -> anyhow::Result<()> {
        for line in lines {
            if self.to_log {
                out.log.info(SUMMARISER, line);
            }
            if self.to_output {
                out.print(line)?;
            }
        }
        Ok(())
    }
}
