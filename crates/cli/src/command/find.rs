//! `loadline find`: the greatest load that keeps the limits.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use clap::Parser as _;
use loadline_analysis::{NotReached, SearchSettings, SearchStatus, Unknown};
use loadline_conductor::{
    SearchError, SearchEvent, SearchRequest, SearchResult, SearchedLoad, inspect, search,
    searched_load, stored_search, time_bound_s,
};
use loadline_plan::{Load, LoadUnit, NativeLoad, Plan, PlanSource as Kind, Stage};
use loadline_report::{
    SearchView, search_explanation, search_html, search_json, search_text, trial_line,
};
use loadline_store::{REPORT_FILE, SUMMARY_FILE, SearchFile, folder_name};
use loadline_units::Rate;

use crate::args::{Cli, Command, FindArgs, LoadBound};
use crate::command::report::print_explanation;
use crate::command::run::explain;
use crate::diagnostics::{self, SourceFiles};
use crate::execution::{not_run, plan_files, report_troubles, run_paths, write_results};
use crate::exit::Exit;
use crate::interrupt::{announce, count_interrupts};
use crate::planned::{self, Planned, plan_error, usage};
use crate::preparation::{run_values, wall_now_ms};
use crate::replay;
use crate::terminal::{ProgressLines, print, say, text_style};

/// The greatest load where none is asked for.
const DEFAULT_MAX: f64 = 10_000.0;
/// Part of it with which a search begins.
const DEFAULT_FROM: f64 = 1.0 / 256.0;
/// Shortest window of a trial, in seconds: proofs take at least twice as long.
const SHORTEST_HOLD_S: u32 = 5;

pub(crate) fn run(args: &FindArgs) -> anyhow::Result<Exit> {
    let Some(folder) = &args.resume else {
        return find(args, None);
    };
    let file = SearchFile::read(folder)
        .with_context(|| format!("go on with the search in {}", folder.display()))?;
    if args.plan.is_some() {
        return find(args, Some((folder, &file)));
    }
    if file.arguments_hidden {
        return Ok(usage(
            "the search was begun with values that are not kept because they look secret; give the \
             plan and its flags again beside --resume",
        ));
    }
    let words = std::iter::once("loadline".to_owned()).chain(file.arguments.iter().cloned());
    let Command::Find(first) = Cli::try_parse_from(words)
        .context("read the command line that the search was begun with")?
        .command
    else {
        anyhow::bail!("the folder holds no search that was begun by `loadline find`");
    };
    let first = FindArgs {
        output: args.output.clone(),
        strict: args.strict || first.strict,
        ..*first
    };
    find(&first, Some((folder, &file)))
}

fn find(args: &FindArgs, resumed: Option<(&PathBuf, &SearchFile)>) -> anyhow::Result<Exit> {
    let named = args.plan.as_deref().unwrap_or_default();
    let rate = matches!(
        (args.max, args.min),
        (Some(LoadBound::Rate(_)), _) | (_, Some(LoadBound::Rate(_)))
    );
    let load = || Ok(some_load(rate));
    let quiet = args.output.quiet;
    let planned = match planned::read(named, &args.request, &args.values, quiet, load, |_| Ok(()))?
    {
        Ok(planned) => planned,
        Err(exit) => return Ok(exit),
    };
    let Planned {
        mut plan,
        files,
        unsupported,
    } = planned;
    if plan.limits.is_empty() {
        return Ok(usage(
            "the plan sets no limit, so no load can break one; add one, such as --limit 'p95 < 500ms'",
        ));
    }
    let searched = match searched(&mut plan, args, rate) {
        Ok(searched) => searched,
        Err(problem) => return Ok(usage(&problem)),
    };
    let settings = match settings(args, &searched, &plan) {
        Ok(settings) => settings,
        Err(problem) => return Ok(usage(&problem)),
    };
    if !searched.left_out.is_empty() && !quiet {
        say(&format!(
            "warning: only `{}` runs in the search, not {}",
            searched.group,
            searched.left_out.join(", ")
        ));
    }
    let is_file = plan.source != Kind::Quick;
    let plan_file = is_file.then(|| Path::new(named));
    let now_ms = wall_now_ms();
    let seed = resumed
        .map(|(_, file)| file.seed)
        .or(args.output.seed)
        .unwrap_or(now_ms.unsigned_abs() % 1_000_000_007);
    let mut values = run_values(plan_file, &args.values, seed, now_ms);
    values.verify_tls = args.request.insecure.then_some(false);
    values.skips_refused_scripts = args.request.allow_unsupported;
    let inspection = inspect(&plan, &values);
    let Some(prepared) = inspection.prepared else {
        return Ok(plan_error(&inspection.diagnostics, &files));
    };
    let data_files: Vec<PathBuf> = prepared
        .data_files()
        .iter()
        .map(|file| file.path.clone())
        .collect();
    drop(prepared);
    let folder = resumed
        .map(|(folder, _)| folder.clone())
        .or_else(|| args.output.out.clone())
        .unwrap_or_else(|| {
            let name = format!("{} search", plan.name);
            Path::new("loadline-runs").join(folder_name(now_ms, &name))
        });
    let words: Vec<String> = std::env::args().skip(1).collect();
    let replay = match resumed {
        Some((_, file)) => replay::command_line(file.arguments.iter().cloned()),
        None => replay::command_line(words.clone()),
    };
    let request = SearchRequest {
        plan_source: replay::hide_query(named),
        plan_files: plan_files(&files, &data_files),
        plan_folder: plan_file.map(|file| {
            file.parent()
                .filter(|folder| !folder.as_os_str().is_empty())
                .map_or_else(|| PathBuf::from("."), Path::to_owned)
        }),
        arguments: replay::kept_words(words),
        replay: format!("{replay} --seed {seed}"),
        plan,
        searched,
        values,
        settings,
        unsupported,
        allowed_hosts: args.request.allowed_hosts.clone(),
        folder: folder.clone(),
        resume: resumed.is_some(),
        threads: args.output.threads,
    };
    let interrupts = count_interrupts(announce)?;
    let mut progress = SearchProgress::new(&request.settings, &files, quiet);
    let result = match search(&request, &interrupts, &mut |event| progress.show(event)) {
        Ok(result) => result,
        Err(error) => return Ok(explain_error(error, &files, &folder)),
    };
    show(
        &result,
        &folder,
        &request.replay,
        args.output.json,
        args.output.no_color,
        args.strict,
    )
}

/// Shows the search in `folder` again and rebuilds its files.
pub(crate) fn report(
    folder: &Path,
    explain: Option<&str>,
    json: bool,
    no_color: bool,
) -> anyhow::Result<Exit> {
    let result = stored_search(folder)?;
    let file = SearchFile::read(folder)?;
    let line = replay::command_line(file.arguments.iter().cloned());
    let replay = format!("{line} --seed {}", file.seed);
    let Some(asked) = explain else {
        return show(&result, folder, &replay, json, no_color, false);
    };
    let explained = with_view(&result, folder, &replay, Exit::Ok, |view| {
        search_explanation(view, asked)
    });
    print_explanation(explained)
}

/// Prints the answer and writes it into the folder.
fn show(
    result: &SearchResult,
    folder: &Path,
    replay: &str,
    json: bool,
    no_color: bool,
    strict: bool,
) -> anyhow::Result<Exit> {
    let exit = exit_of(result, strict);
    let (answer, page, text) = with_view(result, folder, replay, exit, |view| {
        (
            search_json(view),
            search_html(view),
            search_text(view, text_style(no_color)),
        )
    });
    for (name, content) in [(SUMMARY_FILE, &answer), (REPORT_FILE, &page)] {
        let path = folder.join(name);
        if let Err(error) = std::fs::write(&path, content) {
            say(&format!(
                "warning: cannot write {}: {error}",
                path.display()
            ));
        }
    }
    print(if json { &answer } else { &text })?;
    Ok(exit)
}

/// What `made` makes of the search as it is shown.
fn with_view<T>(
    result: &SearchResult,
    folder: &Path,
    replay: &str,
    exit: Exit,
    made: impl FnOnce(&SearchView<'_>) -> T,
) -> T {
    let trials: Vec<(String, String)> = result
        .runs
        .iter()
        .map(|run| {
            let within = run.folder.strip_prefix(folder).unwrap_or(&run.folder);
            (run.request.reason.clone(), within.display().to_string())
        })
        .collect();
    let analyses: Vec<_> = result.runs.iter().map(|run| &run.analysis).collect();
    made(&SearchView {
        plan_name: &result.plan_name,
        settings: &result.settings,
        so_far: &result.so_far,
        found: &result.found,
        trials: &trials,
        analyses: &analyses,
        interrupted: result.interrupted,
        exit_code: exit as u8,
        replay,
        paths: &run_paths(folder),
    })
}

fn exit_of(result: &SearchResult, strict: bool) -> Exit {
    if result.interrupted {
        return Exit::Stopped;
    }
    match result.found.status {
        SearchStatus::NotReached(NotReached::Generator) => Exit::Invalid,
        SearchStatus::Unknown(Unknown::BreaksAtSmallest | Unknown::NotRecovered { .. }) => {
            Exit::LimitFailed
        }
        SearchStatus::Unknown(_) if strict => Exit::Inconclusive,
        _ if strict && !result.found.precision_reached => Exit::Inconclusive,
        _ => Exit::Ok,
    }
}

/// A load of the kind that is searched; trials replace it.
fn some_load(rate: bool) -> Load {
    if rate {
        Load::Native(NativeLoad::RateSteps {
            levels: vec![Rate::per_second(1.0).unwrap_or_default()],
            ramp: Duration::ZERO,
            hold: Duration::from_secs(1),
            poisson: false,
            max_users: 10_000,
            start: Duration::ZERO,
        })
    } else {
        Load::Native(NativeLoad::UserSteps {
            levels: vec![1],
            ramp: Duration::ZERO,
            hold: Duration::from_secs(1),
            start: Duration::ZERO,
            pacing: None,
        })
    }
}

/// The load that varies: as the plan has it, or as --max and --min ask for.
fn searched(plan: &mut Plan, args: &FindArgs, rate: bool) -> Result<SearchedLoad, String> {
    let find =
        |plan: &Plan| searched_load(plan, args.group.as_deref()).map_err(|error| error.to_string());
    let searched = find(plan)?;
    let users = matches!(
        (args.max, args.min),
        (Some(LoadBound::Users(_)), _) | (_, Some(LoadBound::Users(_)))
    );
    if users && rate {
        return Err("--max and --min are of different kinds: users and a rate".to_owned());
    }
    let other = match searched.unit {
        LoadUnit::Users => rate,
        LoadUnit::Rate => users,
    };
    if !other {
        return Ok(searched);
    }
    for group in plan.groups.iter_mut() {
        if group.stage == Stage::Main && group.name == searched.group {
            group.load = some_load(rate);
        }
    }
    find(plan)
}

fn settings(
    args: &FindArgs,
    searched: &SearchedLoad,
    plan: &Plan,
) -> Result<SearchSettings, String> {
    let value = |bound: LoadBound| match bound {
        LoadBound::Users(users) => f64::from(users),
        LoadBound::Rate(rate) => rate,
    };
    let max = args.max.map_or(DEFAULT_MAX, value);
    let from = args.min.map_or(max * DEFAULT_FROM, value);
    if from > max {
        return Err("--min must not be greater than --max".to_owned());
    }
    let hold_s = u32::try_from(args.hold.as_secs()).unwrap_or(u32::MAX);
    if !(SHORTEST_HOLD_S..=3600).contains(&hold_s) {
        return Err(format!("--hold must be from {SHORTEST_HOLD_S} s to 1 h"));
    }
    if !(0.01..=0.5).contains(&args.precision) {
        return Err("--precision must be from 1% to 50%".to_owned());
    }
    if args.trials < 4 {
        return Err("--trials must be at least 4".to_owned());
    }
    Ok(SearchSettings {
        unit: searched.unit,
        from,
        max,
        hold_s,
        precision: args.precision / 2.0,
        max_trials: args.trials,
        budget_s: args.budget.map(|budget| budget.as_secs_f64()),
        time_bound_s: time_bound_s(&plan.limits),
    })
}

fn explain_error(error: SearchError, files: &SourceFiles, folder: &Path) -> Exit {
    match error {
        SearchError::Plan(findings) => plan_error(&findings, files),
        SearchError::Run(error) => explain(not_run(error, files.clone())),
        error @ (SearchError::OtherPlan { .. } | SearchError::OtherLimits { .. }) => {
            usage(&format!("{error}\n  help: begin a new search"))
        }
        SearchError::Store(error @ loadline_store::StoreError::Exists { .. }) => usage(&format!(
            "{error}\n  help: name another folder with --out, or go on with `loadline find --resume {}`",
            folder.display()
        )),
        error => {
            say(&format!("error: {:#}", anyhow::Error::from(error)));
            Exit::CouldNotRun
        }
    }
}

/// What a search says on standard error.
struct SearchProgress<'a> {
    settings: &'a SearchSettings,
    files: &'a SourceFiles,
    quiet: bool,
    lines: ProgressLines,
}

impl<'a> SearchProgress<'a> {
    fn new(settings: &'a SearchSettings, files: &'a SourceFiles, quiet: bool) -> Self {
        Self {
            settings,
            files,
            quiet,
            lines: ProgressLines::new(quiet),
        }
    }

    fn show(&mut self, event: SearchEvent<'_>) {
        let tell = |text: &str| {
            if !self.quiet {
                say(text);
            }
        };
        match event {
            SearchEvent::Warning(warning) => {
                say(diagnostics::render(std::slice::from_ref(warning), self.files).trim_end());
            }
            SearchEvent::Idle => tell("looking at the server without load"),
            SearchEvent::Begins(number, request) => {
                tell(&format!(
                    "trial {number}: {} for {} s: {}",
                    self.settings.words(request.load),
                    request.warm_up_s() + request.window_s,
                    request.reason
                ));
                self.lines = ProgressLines::new(self.quiet);
            }
            SearchEvent::Second(live) => self.lines.show(live),
            SearchEvent::Ended(number, run, finished) => {
                self.lines.end();
                report_troubles(finished);
                if let Err(error) =
                    write_results(&run.analysis, &run_paths(&run.folder), &run.folder)
                {
                    say(&format!("warning: {error:#}"));
                }
                tell(&format!(
                    "trial {number}: {}",
                    trial_line(self.settings, &run.trial)
                ));
            }
            SearchEvent::Recovering => {}
            SearchEvent::Recovered(recovery) => tell(&format!(
                "the server {} after {:.0} s",
                if recovery.recovered {
                    "answers as at rest"
                } else {
                    "has not recovered"
                },
                recovery.waited_s
            )),
        }
    }
}
