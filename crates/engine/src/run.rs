//! A run from its first group to its last: engine threads, and what comes of them.
//!
//! Each thread has a single-threaded runtime of its own and every n-th user; threads meet only when
//! groups start and end.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use loadline_events::{Phase, StopReason};
use loadline_schedule::{IterationBound, Segment};
use loadline_units::{Clock, RunTime};
use tokio::runtime::LocalOptions;
use tokio::task::{LocalSet, spawn_local};

use crate::auto_stop::AutoStopWatch;
use crate::control::{RunControl, StopLevel};
use crate::coordination::Coordination;
use crate::group::run_group;
use crate::labels::{LabelCache, LabelNames, LabelRegistry};
use crate::lineup::{Lineup, OnPhase};
use crate::listening::{Ear, Listening};
#[cfg(target_os = "linux")]
use crate::precise_timer::PreciseTimer;
use crate::recorder::{RecordedTotals, Recorder, TICK_US};
use crate::worker::{Worker, WorkerParts};
use crate::{PreparedRun, RunClock, Sampler, Sink, clock};

/// How a run is carried out.
#[derive(Clone)]
pub struct EngineOptions {
    /// Number of engine threads, at least 1; one per core is best.
    pub threads: usize,
    /// How long samples may go on after their users were told to end, by a stop or by the end of
    /// their group's load; then they are aborted and recorded as such.
    pub graceful_stop: Duration,
    /// Time of the run before the main groups start, in which watched servers are seen idle.
    pub lead_in: Duration,
    /// The run's clock.
    pub clock: RunClock,
    /// The part of the load that this process makes.
    pub segment: Segment,
    /// Hears of turning points.
    pub on_phase: OnPhase,
    /// Who listens to results; `None` when nobody does, and then nothing is made for them.
    pub listening: Option<Listening>,
}

impl fmt::Debug for EngineOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("EngineOptions")
            .field("threads", &self.threads)
            .field("graceful_stop", &self.graceful_stop)
            .field("lead_in", &self.lead_in)
            .field("clock", &self.clock)
            .field("segment", &self.segment)
            .field("is_listened_to", &self.listening.is_some())
            .finish_non_exhaustive()
    }
}

/// Why no run was started.
#[derive(Debug, thiserror::Error)]
pub enum StartError<E> {
    /// A thread could not be started, or its runtime: a limit of this machine.
    #[error("cannot start an engine thread: {0}")]
    Thread(#[source] std::io::Error),
    /// A thread's sampler could not be made.
    #[error(transparent)]
    Sampler(E),
}

/// What came of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineReport {
    /// When the main groups started; `None` if they never did.
    pub main_started_at: Option<RunTime>,
    /// When the main groups had ended, or were told to end.
    pub main_ended_at: Option<RunTime>,
    /// When the last group had ended.
    pub ended_at: RunTime,
    /// Why the run ended.
    pub reason: StopReason,
    /// All labels, by number.
    pub labels: Vec<Box<str>>,
    /// Samples whose labels were too many to be kept apart.
    pub labels_overflowed: u64,
    /// Samples recorded, transactions not counted.
    pub samples: u64,
    /// Samples failed, transactions not counted.
    pub errors: u64,
    /// Samples aborted at the end.
    pub censored: u64,
    /// Samples that the sinks could not take.
    pub dropped: u64,
    /// Arrivals given up because no user was free.
    pub arrivals_missed: u64,
    /// Why users ended early or skipped samples without a result (a data file that cannot be
    /// opened, a function that fails): text and count.
    pub faults: BTreeMap<String, u64>,
    /// What extractors and assertions could not do (malformed patterns, failing functions): the
    /// different texts, bounded.
    pub processor_problems: BTreeSet<String>,
    /// How often extractors and assertions met such problems.
    pub processor_problem_count: u64,
}

/// What all threads of a run share.
pub(crate) struct Shared {
    pub(crate) prepared: Arc<PreparedRun>,
    pub(crate) options: EngineOptions,
    pub(crate) lineup: Lineup,
    pub(crate) control: RunControl,
    labels: Arc<LabelRegistry>,
    coordination: Arc<Coordination>,
    /// Iterations left to the users of a group, for groups whose users share them.
    pub(crate) iterations_left: Vec<Option<Arc<AtomicU64>>>,
}

impl Shared {
    fn new(mut prepared: PreparedRun, mut options: EngineOptions) -> Self {
        options.threads = options.threads.max(1);
        if let Some(listening) = &options.listening {
            listening.parts.widen(Arc::make_mut(&mut prepared.program));
        }
        prepared.read_ahead();
        let iterations_left = (prepared.groups.iter())
            .map(|group| match group.profile.user_window(0)?.iterations {
                IterationBound::Shared(total) => {
                    Some(Arc::new(AtomicU64::new(options.segment.share_of(total))))
                }
                IterationBound::Unbounded | IterationBound::Each(_) => None,
            })
            .collect();
        Self {
            lineup: Lineup::new(
                Arc::clone(&prepared.program),
                options.clock,
                options.threads,
                options.lead_in,
                Arc::clone(&options.on_phase),
            ),
            control: RunControl::new(options.threads),
            labels: Arc::new(LabelRegistry::of(&prepared.program)),
            coordination: Arc::new(Coordination::new(&prepared, options.segment)),
            iterations_left,
            prepared: Arc::new(prepared),
            options,
        }
    }

    /// The part of the load that the thread `worker` makes.
    pub(crate) fn segment_of(&self, worker: usize) -> Segment {
        let whole = self.options.segment;
        let threads = u32::try_from(self.options.threads).unwrap_or(u32::MAX);
        let worker = u32::try_from(worker).unwrap_or(u32::MAX);
        Segment::new(
            whole.index() + whole.count() * worker,
            whole.count() * threads,
        )
        .expect("a worker's index is below the number of threads")
    }

    fn report(&self, workers: Vec<WorkerReport>) -> EngineReport {
        let (main_started_at, main_ended_at) = self.lineup.main_times();
        let mut report = EngineReport {
            main_started_at,
            main_ended_at,
            ended_at: self.options.clock.now(),
            reason: self.control.stop_reason().unwrap_or(StopReason::Completed),
            labels: (self.labels.labels().into_iter())
                .map(|label| label.name)
                .collect(),
            labels_overflowed: self.labels.overflowed(),
            samples: 0,
            errors: 0,
            censored: 0,
            dropped: 0,
            arrivals_missed: 0,
            faults: BTreeMap::new(),
            processor_problems: BTreeSet::new(),
            processor_problem_count: 0,
        };
        for worker in workers {
            let WorkerReport {
                totals,
                faults,
                problems: (problems, problem_count),
            } = worker;
            report.processor_problems.extend(problems);
            report.processor_problem_count += problem_count;
            report.samples += totals.samples;
            report.errors += totals.errors;
            report.censored += totals.censored;
            report.dropped += totals.dropped;
            report.arrivals_missed += totals.arrivals_missed;
            for (text, count) in faults {
                *report.faults.entry(text).or_default() += count;
            }
        }
        if let Some(reason) = self.coordination.auto_stops.reason() {
            report.faults.insert(format!("AutoStop: {reason}"), 1);
        }
        report
    }
}

/// What one thread has to say at its end.
struct WorkerReport {
    totals: RecordedTotals,
    faults: BTreeMap<String, u64>,
    /// Of processors: different texts, and their number in all.
    problems: (Vec<String>, u64),
}

/// A run that is under way on engine threads.
#[derive(Debug)]
pub struct RunningEngine {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<WorkerReport>>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Shared")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl RunningEngine {
    /// Starts the threads and, when all samplers are made, the run.
    ///
    /// `make_sampler` and `make_sink` are called on each thread, with its index.
    ///
    /// # Errors
    ///
    /// [`StartError`]; nothing runs then.
    pub fn start<S, E>(
        prepared: PreparedRun,
        options: EngineOptions,
        make_sampler: impl Fn(usize, Rc<dyn Clock>) -> Result<S, E> + Send + Sync + 'static,
        make_sink: impl Fn(usize) -> Box<dyn Sink> + Send + Sync + 'static,
    ) -> Result<Self, StartError<E>>
    where
        S: Sampler,
        E: Send + 'static,
    {
        let shared = Arc::new(Shared::new(prepared, options));
        let make_sampler = Arc::new(make_sampler);
        let make_sink = Arc::new(make_sink);
        let (ready, outcomes) = mpsc::channel();
        let mut threads = Vec::new();
        let mut failure = None;
        for index in 0..shared.options.threads {
            let shared = Arc::clone(&shared);
            let (make_sampler, make_sink) = (Arc::clone(&make_sampler), Arc::clone(&make_sink));
            let ready = ready.clone();
            let body = move || {
                let clock: Rc<dyn Clock> = Rc::new(shared.options.clock);
                // A runtime of tasks that stay on its thread: a `LocalSet` on another one is woken by way of
                // an `AtomicWaker` for each event, and goes through a list of its own.
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build_local(LocalOptions::default());
                let made = runtime.map_err(StartError::Thread).and_then(|runtime| {
                    // Sockets and timers that the sampler makes belong to this runtime.
                    let entered = runtime.enter();
                    let sampler = make_sampler(index, clock).map_err(StartError::Sampler)?;
                    drop(entered);
                    Ok((runtime, sampler))
                });
                let (runtime, sampler) = match made {
                    Ok(made) => made,
                    Err(error) => {
                        // The receiver waits for every thread's word.
                        let _ = ready.send(Err(error));
                        return WorkerReport::nothing();
                    }
                };
                let _ = ready.send(Ok(()));
                drop(ready);
                let _guard = AbortOnPanic(shared.control.clone());
                let sink = make_sink(index);
                let work = async {
                    drive_precise_timer();
                    let report = run_worker(shared, index, Rc::new(sampler), sink).await;
                    // Before the runtime, to which its file belongs.
                    drop_precise_timer();
                    report
                };
                let report = runtime.block_on(work);
                // A name that is still being looked up must not hold up the end of the run.
                runtime.shutdown_background();
                report
            };
            let builder = std::thread::Builder::new().name(format!("loadline-{index}"));
            match builder.spawn(body) {
                Ok(thread) => threads.push(thread),
                Err(error) => {
                    failure = Some(StartError::Thread(error));
                    break;
                }
            }
        }
        drop(ready);
        for outcome in outcomes {
            if let Err(error) = outcome {
                failure.get_or_insert(error);
            }
        }
        let running = Self { shared, threads };
        match failure {
            None => Ok(running),
            Some(error) => {
                // The threads that did start wait for the others.
                running.shared.control.abort(StopReason::CutOff);
                drop(running.join());
                Err(error)
            }
        }
    }

    /// Stops the run and shows its live figures.
    #[must_use]
    pub fn control(&self) -> RunControl {
        self.shared.control.clone()
    }

    /// The labels of the run, growing as samplers make new ones.
    #[must_use]
    pub fn label_names(&self) -> LabelNames {
        LabelNames::new(Arc::clone(&self.shared.labels))
    }

    /// Waits for the end of the run. Blocks; a run that is not stopped may have no end.
    ///
    /// # Panics
    ///
    /// When an engine thread panicked.
    #[must_use]
    pub fn join(self) -> EngineReport {
        let workers = self
            .threads
            .into_iter()
            .map(|thread| match thread.join() {
                Ok(report) => report,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect();
        self.shared.report(workers)
    }
}

/// Ends the run when its thread panics: other threads would wait for this one's groups.
struct AbortOnPanic(RunControl);

impl Drop for AbortOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.abort(StopReason::CutOff);
        }
    }
}

/// A run on the calling thread's runtime alone, for tests in virtual time: with paused time and the
/// same seed, it records the same samples each time.
///
/// `options.threads` is taken as 1. `on_start` gets the run's control before anything runs.
pub async fn run_on_this_thread<S: Sampler>(
    prepared: PreparedRun,
    mut options: EngineOptions,
    sampler: S,
    sink: Box<dyn Sink>,
    on_start: impl FnOnce(RunControl),
) -> EngineReport {
    options.threads = 1;
    let shared = Arc::new(Shared::new(prepared, options));
    on_start(shared.control.clone());
    let work = run_worker(Arc::clone(&shared), 0, Rc::new(sampler), sink);
    let report = LocalSet::new().run_until(work).await;
    shared.report(vec![report])
}

impl WorkerReport {
    fn nothing() -> Self {
        Self {
            totals: RecordedTotals::default(),
            faults: BTreeMap::new(),
            problems: (Vec::new(), 0),
        }
    }
}

/// Gives the thread its precise timer and runs it beside the users. Where there is none, tokio's
/// serves.
fn drive_precise_timer() {
    #[cfg(target_os = "linux")]
    if let Ok(timer) = PreciseTimer::install() {
        spawn_local(timer.drive());
    }
}

fn drop_precise_timer() {
    #[cfg(target_os = "linux")]
    crate::precise_timer::uninstall();
}

async fn run_worker<S: Sampler>(
    shared: Arc<Shared>,
    index: usize,
    sampler: Rc<S>,
    sink: Box<dyn Sink>,
) -> WorkerReport {
    let clock = shared.options.clock;
    let connections = Rc::clone(&sampler);
    let recorder = Recorder::new(
        index,
        clock,
        shared.control.clone(),
        sink,
        Box::new(move || connections.open_connections()),
    );
    let worker = Rc::new(Worker::new(WorkerParts {
        clock,
        prepared: Arc::clone(&shared.prepared),
        sampler,
        recorder,
        labels: LabelCache::new(Arc::clone(&shared.labels)),
        control: shared.control.clone(),
        coordination: Arc::clone(&shared.coordination),
        ear: ear(&shared, index),
    }));
    let listener = spawn_local(listen(Rc::clone(&worker), Arc::clone(&shared), index));
    let ticker = spawn_local(tick(Rc::clone(&worker)));
    let groups: Vec<_> = (0..shared.prepared.groups.len())
        .map(|group| {
            spawn_local(run_group(
                Rc::clone(&worker),
                Arc::clone(&shared),
                index,
                group,
            ))
        })
        .collect();
    shared.lineup.worker_ready();
    for group in groups {
        if let Err(error) = group.await
            && error.is_panic()
        {
            std::panic::resume_unwind(error.into_panic());
        }
    }
    listener.abort();
    ticker.abort();
    let last_lines = worker.functions.script_lines.finish(clock.now());
    worker.recorder.script_lines(last_lines);
    WorkerReport {
        totals: worker.recorder.finish(),
        faults: {
            let mut faults = worker.faults.take();
            faults.extend(worker.functions.script_notes.take());
            faults
        },
        problems: worker.processors.problems(),
    }
}

/// What hears results on the thread `index`, if anything does.
fn ear(shared: &Shared, index: usize) -> Option<Ear> {
    let prepared = &shared.prepared;
    let watch = (!prepared.auto_stops.is_empty()).then(|| AutoStopWatch {
        stops: Arc::clone(&shared.coordination.auto_stops),
        clock: shared.options.clock,
        control: shared.control.clone(),
    });
    let listening = shared.options.listening.as_ref();
    let wall_start_us = prepared.functions.wall_start_ms().saturating_mul(1000);
    match (listening, watch) {
        (None, None) => None,
        (listening, watch) => Some(Ear::new(listening, index, wall_start_us, watch)),
    }
}

/// Carries stops to the thread's users.
async fn listen<S: Sampler>(worker: Rc<Worker<S>>, shared: Arc<Shared>, index: usize) {
    let mut changes = shared.control.changes();
    loop {
        let (level, reason) = *changes.borrow_and_update();
        if level > worker.stop.level() {
            let at = worker.clock.now();
            if index == 0
                && worker.stop.level() == StopLevel::Running
                && let Some(reason) = reason
            {
                (shared.options.on_phase)(Phase::Stopping { at, reason });
            }
            worker.stop.raise(level, at);
            shared.lineup.stop(level < StopLevel::Abort);
        }
        if changes.changed().await.is_err() {
            return;
        }
    }
}

/// Measures the thread's lateness, and closes its seconds.
async fn tick<S: Sampler>(worker: Rc<Worker<S>>) {
    let mut due_us = worker.clock.now().as_micros();
    loop {
        due_us += TICK_US;
        let due = RunTime::from_micros(due_us);
        clock::sleep_until(worker.clock, due).await;
        worker.recorder.tick(due);
        let lines = worker.functions.script_lines.take();
        worker.recorder.script_lines(lines);
        // Ticks that were swallowed have been accounted for.
        let late_us = u64::from(worker.clock.now().micros_since(due));
        due_us += late_us - late_us % TICK_US;
    }
}
