//! Drives a search from its folder: asks what comes next, makes it, writes it down.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use loadline_analysis::{
    Analysis, NextMove, PROBE_WINDOW_S, SearchSettings, SearchSoFar, Searched, Trial, TrialOutcome,
    TrialRequest, next_move,
};
use loadline_engine::PreparedRun;
use loadline_plan::{Diagnostic, Limit, LoadUnit, Metric, Plan, parse_limit};
use loadline_store::{SearchFile, StoreError, TrialPart, read_run};

use crate::descriptors::{files_warning, reserve_files};
use crate::inspection::{Inspection, RunValues, inspect};
use crate::live::LiveSecond;
use crate::plan_hash::plan_hash;
use crate::result_files::ResultRequest;
use crate::run::{Finished, Interrupts, RunError, RunRequest, ServerRequest};
use crate::search::file::{
    probes_of, probes_part, put_settings, recovery_of, recovery_part, request_of, role_name,
    settings_of,
};
use crate::search::variant::{HeldLoad, SearchedLoad, trial_plan};
use crate::search::{probe, trial};

/// What to search, and where to keep it.
#[derive(Debug)]
pub struct SearchRequest {
    /// The plan with its limits and servers.
    pub plan: Plan,
    /// The load that varies.
    pub searched: SearchedLoad,
    /// Values of the plan; the seed is that of the search.
    pub values: RunValues,
    /// What is asked. When the search goes on, what was asked then counts.
    pub settings: SearchSettings,
    /// The plan as the user named it.
    pub plan_source: String,
    /// The plan's file and its data files, as for a run.
    pub plan_files: Vec<(String, Vec<u8>)>,
    /// Folder of the plan.
    pub plan_folder: Option<PathBuf>,
    /// The command line, without what looks secret, and whether something was left out.
    pub arguments: (Vec<String>, bool),
    /// The command line that replays the search.
    pub replay: String,
    /// Elements that were left out because the user allowed it.
    pub unsupported: Vec<String>,
    /// Public hosts that the user may load.
    pub allowed_hosts: Vec<String>,
    /// The search's folder.
    pub folder: PathBuf,
    /// Whether the search in that folder goes on.
    pub resume: bool,
    /// Engine threads; `None` takes one for each core.
    pub threads: Option<usize>,
}

/// What a search says while it goes on.
#[derive(Debug)]
pub enum SearchEvent<'a> {
    /// What the machine may lack under the greatest load that is asked for.
    Warning(&'a Diagnostic),
    /// The server is looked at without load.
    Idle,
    /// A trial begins: its number from 1, and what it is.
    Begins(usize, &'a TrialRequest),
    /// A second of a trial.
    Second(&'a LiveSecond),
    /// A trial has ended: its number, and the run.
    Ended(usize, &'a TrialRun, &'a Finished),
    /// The server is watched until it has recovered.
    Recovering,
    /// It was watched.
    Recovered(&'a loadline_analysis::Recovery),
}

/// A trial as a run.
#[derive(Debug)]
pub struct TrialRun {
    /// Its folder.
    pub folder: PathBuf,
    /// What was asked of it.
    pub request: TrialRequest,
    /// Its run, judged.
    pub analysis: Analysis,
    /// What the search sees of it.
    pub trial: Trial,
}

/// A search that has come to its end, for now or for good.
#[derive(Debug)]
pub struct SearchResult {
    /// What was asked.
    pub settings: SearchSettings,
    /// The answer.
    pub found: Searched,
    /// Everything measured.
    pub so_far: SearchSoFar,
    /// Its trials as runs, in order.
    pub runs: Vec<TrialRun>,
    /// The plan's name.
    pub plan_name: String,
    /// Whether the user stopped it.
    pub interrupted: bool,
}

/// Why a search cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// A variant of the plan cannot run.
    #[error("the plan cannot run under the load of a trial")]
    Plan(Vec<Diagnostic>),
    /// A run could not be made.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The search's folder cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The plan is not the one that was searched.
    #[error("the plan is not the one that the search in {} began with", folder.display())]
    OtherPlan {
        /// The search's folder.
        folder: PathBuf,
    },
    /// A limit of the file cannot be read.
    #[error("limit `{text}` of the search cannot be read")]
    Limit {
        /// The limit.
        text: String,
    },
    /// The command line and the search's file state different limits.
    #[error("the limits are not those that the search in {} began with: {limits}", folder.display())]
    OtherLimits {
        /// The search's folder.
        folder: PathBuf,
        /// The limits it began with.
        limits: String,
    },
}

/// Seconds after which a server that no limit was broken on should have recovered.
const RECOVERY_S: u32 = 60;
/// The same after an overload.
const RECOVERY_AFTER_FAIL_S: u32 = 180;

/// Makes runs of a search's plan.
pub(super) struct Workshop<'a> {
    request: &'a SearchRequest,
}

impl Workshop<'_> {
    pub(super) const fn plan(&self) -> &Plan {
        &self.request.plan
    }

    pub(super) const fn searched(&self) -> &SearchedLoad {
        &self.request.searched
    }

    /// The run of a variant of the plan. `number` makes its chance its own.
    pub(super) fn request(
        &self,
        plan: Plan,
        folder: &Path,
        number: u64,
    ) -> Result<RunRequest, SearchError> {
        let search = self.request;
        let values = RunValues {
            seed: search.values.seed.wrapping_add(number),
            wall_start_ms: wall_now_ms(),
            ..search.values.clone()
        };
        let Inspection {
            prepared,
            diagnostics,
        } = inspect(&plan, &values);
        let prepared = prepared.ok_or(SearchError::Plan(diagnostics))?;
        let servers = plan.servers.iter().map(|server| ServerRequest {
            name: server.name.clone(),
            source: server.source.clone(),
        });
        Ok(RunRequest {
            servers: servers.collect(),
            plan,
            prepared,
            plan_source: search.plan_source.clone(),
            plan_files: search.plan_files.clone(),
            plan_folder: search.plan_folder.clone(),
            replay: search.replay.clone(),
            note: String::new(),
            unsupported: search.unsupported.clone(),
            allowed_hosts: search.allowed_hosts.clone(),
            folder: folder.to_owned(),
            seed: values.seed,
            wall_start_ms: values.wall_start_ms,
            threads: search.threads,
            graceful_stop: Duration::ZERO,
            results: ResultRequest::default(),
            without_answer: false,
        })
    }
}

fn wall_now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since
        .ok()
        .and_then(|since| i64::try_from(since.as_millis()).ok())
        .unwrap_or(0)
}

/// Searches, or goes on searching. Blocks until there is an answer, or the user stops it; what was
/// measured until then is kept, and the answer is drawn from it.
///
/// # Errors
///
/// See [`SearchError`].
pub fn search(
    request: &SearchRequest,
    interrupts: &Interrupts,
    on_event: &mut dyn FnMut(SearchEvent<'_>),
) -> Result<SearchResult, SearchError> {
    let folder = &request.folder;
    let limits = &request.plan.limits;
    let contents: Vec<Vec<u8>> = (request.plan_files.iter().skip(1))
        .map(|(_, content)| content.clone())
        .collect();
    let hash = plan_hash(&request.plan, "search", &contents);
    let begun = match request.resume {
        true => Some(begun_search(request, &hash)?),
        false => None,
    };
    let settings = (begun.as_ref()).map_or_else(|| request.settings.clone(), settings_of);
    // Better said now than by the trial that needs them.
    let for_most = prepared_for_most(request, settings.max)?;
    reserve_files(&for_most).map_err(RunError::from)?;
    let mut file = match begun {
        Some(file) => file,
        None => {
            loadline_store::create_search_folder(folder)?;
            let mut file = SearchFile::new(request.plan.name.clone(), hash, request.values.seed);
            put_settings(&mut file, &settings);
            (file.arguments, file.arguments_hidden) = request.arguments.clone();
            file.limits = limits.iter().map(|limit| limit.text.clone()).collect();
            file.write(folder)?;
            file
        }
    };
    if let Some(warning) = files_warning(&for_most) {
        on_event(SearchEvent::Warning(&warning));
    }
    drop(for_most);
    // What the user stopped is made again.
    let (mut so_far, mut runs) = stored_trials(&file, folder, limits)?;
    if runs
        .last()
        .is_some_and(|run| run.trial.outcome == TrialOutcome::Interrupted)
    {
        file.trials.pop();
        so_far.trials.pop();
        runs.pop();
    }
    let workshop = Workshop { request };
    // Time goes on from where the search was left.
    let earlier_s = so_far.trials.last().map_or(0.0, |trial| {
        trial.ended_s
            + trial
                .recovery
                .as_ref()
                .map_or(0.0, |recovery| recovery.waited_s)
    });
    let begun = Instant::now();
    let now_s = || earlier_s + begun.elapsed().as_secs_f64();
    let mut interrupted = false;
    let found = loop {
        let next = next_move(&settings, &so_far);
        let stop = interrupts.load(Ordering::Relaxed) > 0;
        if (stop || interrupted) && !matches!(next, NextMove::Stop(_)) {
            interrupted = true;
            break conclusion_now(&settings, &so_far);
        }
        match next {
            NextMove::LookAtIdle => {
                on_event(SearchEvent::Idle);
                let probes = probe_folder(folder, 0);
                match probe::probe(&workshop, &probes, PROBE_WINDOW_S, None, interrupts)? {
                    Some(idle) => {
                        file.idle = Some(probes_part(&idle.probes));
                        so_far.idle = Some(idle.probes);
                    }
                    None => interrupted = true,
                }
            }
            NextMove::Recover => {
                on_event(SearchEvent::Recovering);
                let Some(last) = so_far.trials.last_mut() else {
                    continue;
                };
                let longest = match last.outcome {
                    TrialOutcome::Fail => RECOVERY_AFTER_FAIL_S,
                    _ => RECOVERY_S,
                };
                // Nor longer than the whole search may take.
                let left_s = (settings.budget_s).map_or(f64::INFINITY, |budget| budget - now_s());
                let longest = longest.min(left_s.max(f64::from(PROBE_WINDOW_S)) as u32);
                let idle = so_far.idle.unwrap_or_default();
                let probes = probe_folder(folder, file.trials.len());
                match probe::probe(&workshop, &probes, longest, Some(&idle), interrupts)? {
                    Some(recovery) => {
                        on_event(SearchEvent::Recovered(&recovery));
                        if let Some(part) = file.trials.last_mut() {
                            part.recovery = Some(recovery_part(&recovery));
                        }
                        last.recovery = Some(recovery);
                    }
                    None => interrupted = true,
                }
            }
            NextMove::Trial(asked) => {
                let number = file.trials.len() + 1;
                on_event(SearchEvent::Begins(number, &asked));
                let name = free_name(folder, &trial_name(number, &settings, &asked));
                let path = folder.join(&name);
                let started_s = now_s();
                let (finished, extended) = trial::make(
                    &workshop,
                    &settings,
                    &asked,
                    &path,
                    number,
                    interrupts,
                    &mut |live| on_event(SearchEvent::Second(live)),
                )?;
                let times = (started_s, now_s());
                let (analysis, measured) =
                    trial::read(&finished.run.data, limits, &asked, extended, times);
                file.trials.push(TrialPart {
                    folder: name,
                    load: asked.load,
                    window_s: asked.window_s,
                    may_extend: asked.may_extend,
                    role: role_name(asked.role),
                    reason: asked.reason.clone(),
                    extended,
                    started_s: times.0,
                    ended_s: times.1,
                    recovery: None,
                });
                so_far.trials.push(measured.clone());
                let run = TrialRun {
                    folder: path,
                    request: asked,
                    analysis,
                    trial: measured,
                };
                on_event(SearchEvent::Ended(number, &run, &finished));
                runs.push(run);
            }
            NextMove::Stop(found) => {
                let by_user = found.stopped_by == Some(loadline_analysis::StoppedBy::Signal);
                interrupted |= by_user;
                file.finished = !by_user;
                break *found;
            }
        }
        file.write(folder)?;
    };
    file.write(folder)?;
    Ok(SearchResult {
        settings,
        found,
        so_far,
        runs,
        plan_name: file.plan_name,
        interrupted,
    })
}

/// The search in the folder of `request`, if it is one of the same plan, whose hash is `hash`, and limits.
fn begun_search(request: &SearchRequest, hash: &str) -> Result<SearchFile, SearchError> {
    let folder = &request.folder;
    let file = SearchFile::read(folder)?;
    if file.plan_hash != hash {
        return Err(SearchError::OtherPlan {
            folder: folder.clone(),
        });
    }
    if !(request.plan.limits.iter().map(|limit| &limit.text)).eq(&file.limits) {
        return Err(SearchError::OtherLimits {
            folder: folder.clone(),
            limits: file.limits.join(", "),
        });
    }
    Ok(file)
}

/// The searched plan under `load`, the greatest of the search.
fn prepared_for_most(request: &SearchRequest, load: f64) -> Result<PreparedRun, SearchError> {
    let held = HeldLoad {
        load,
        ramp: Duration::ZERO,
        hold: Duration::from_secs(1),
    };
    let plan = trial_plan(&request.plan, &request.searched, held);
    let Inspection {
        prepared,
        diagnostics,
    } = inspect(&plan, &request.values);
    prepared.ok_or(SearchError::Plan(diagnostics))
}

/// Reads the search in `folder` and draws its answer again, however far it has come.
///
/// # Errors
///
/// When it cannot be read.
pub fn stored_search(folder: &Path) -> Result<SearchResult, SearchError> {
    let file = SearchFile::read(folder)?;
    let limits = file
        .limits
        .iter()
        .map(|text| parse_limit(text).map_err(|_| SearchError::Limit { text: text.clone() }))
        .collect::<Result<Vec<Limit>, _>>()?;
    let settings = settings_of(&file);
    let (so_far, runs) = stored_trials(&file, folder, &limits)?;
    let (found, interrupted) = match next_move(&settings, &so_far) {
        NextMove::Stop(found) => {
            let by_user = found.stopped_by == Some(loadline_analysis::StoppedBy::Signal);
            (*found, by_user)
        }
        _ => (conclusion_now(&settings, &so_far), true),
    };
    Ok(SearchResult {
        settings,
        found,
        so_far,
        runs,
        plan_name: file.plan_name,
        interrupted,
    })
}

/// The answer that the trials give if no more are made.
fn conclusion_now(settings: &SearchSettings, so_far: &SearchSoFar) -> Searched {
    loadline_analysis::conclusion_now(settings, so_far)
}

fn stored_trials(
    file: &SearchFile,
    folder: &Path,
    limits: &[Limit],
) -> Result<(SearchSoFar, Vec<TrialRun>), SearchError> {
    let mut so_far = SearchSoFar {
        idle: file.idle.as_ref().map(probes_of),
        trials: Vec::new(),
    };
    let mut runs = Vec::new();
    for part in &file.trials {
        let path = folder.join(&part.folder);
        let request = request_of(part);
        let stored = read_run(&path)?;
        let times = (part.started_s, part.ended_s);
        let (analysis, mut measured) =
            trial::read(&stored.data, limits, &request, part.extended, times);
        measured.recovery = part.recovery.as_ref().map(recovery_of);
        so_far.trials.push(measured.clone());
        runs.push(TrialRun {
            folder: path,
            request,
            analysis,
            trial: measured,
        });
    }
    Ok((so_far, runs))
}

/// `trials/04-1240-users`.
fn trial_name(number: usize, settings: &SearchSettings, request: &TrialRequest) -> String {
    let load = match settings.unit {
        LoadUnit::Users => format!("{:.0}-users", request.load),
        LoadUnit::Rate => format!("{:.1}-per-s", request.load),
    };
    format!("trials/{number:02}-{load}")
}

/// `name`, or with a letter behind it if a trial that was cut off has left its folder.
fn free_name(folder: &Path, name: &str) -> String {
    std::iter::once(name.to_owned())
        .chain(('b'..='z').map(|letter| format!("{name}{letter}")))
        .find(|name| !folder.join(name).exists())
        .unwrap_or_else(|| name.to_owned())
}

fn probe_folder(folder: &Path, after: usize) -> PathBuf {
    folder.join(free_name(folder, &format!("probes/{after:02}")))
}

/// The tightest upper bound on a response time among `limits`, in seconds.
#[must_use]
pub fn time_bound_s(limits: &[Limit]) -> Option<f64> {
    limits
        .iter()
        .filter(|limit| matches!(limit.metric, Metric::Percentile(..) | Metric::Mean(_)))
        .map(|limit| limit.bound)
        .filter(|bound| *bound > 0.0)
        .min_by(f64::total_cmp)
}
