//! Makes a run: engine, monitor and run folder, from start to end.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use loadline_engine::{
    EngineOptions, EngineReport, LabelNames, Listening, PreparedRun, RunClock, RunControl,
    RunningEngine, StartError,
};
use loadline_events::{Phase, Reading, ScriptLine, StepId, StopReason};
use loadline_metrics::{
    GeneratorFacts, GroupTiming, Label, LoadModel, RunData, RunFacts, RunSeries, ServerSeries,
    StepLoad, StepWindow,
};
use loadline_monitor::{
    Place, ServerWatch, Source, SourceError, WatchError, machine_facts, without_password,
};
use loadline_plan::program::{SamplerKind, TimerProgram};
use loadline_plan::{Limit, Plan, PlanSource, Stage};
use loadline_protocols::{HttpError, HttpOptions, HttpSampler, TargetPolicy};
use loadline_schedule::Segment;
use loadline_store::{Manifest, RunWriter, ServerFacts, StoreError, StoredRun, read_run};
use loadline_units::{Clock, Rate, RunTime};

use crate::collector::{Backlog, ChannelSink, Collector, Message};
use crate::descriptors::{DescriptorError, reserve_files};
use crate::live::{LiveInputs, LiveSecond, live_second};
use crate::plan_hash::{plan_hash, sha256};
use crate::result_files::{self, ResultFileError, ResultFiles, ResultRequest};
use crate::script_log::ScriptLog;
use crate::stop_rule::StopRules;
use crate::tally::Tally;
use crate::target::{CheckedTargets, Target, TargetError, check_targets, targets};
use crate::watching::Watching;

/// What to run, and where to keep it.
#[derive(Debug)]
pub struct RunRequest {
    /// The plan with its limits and servers.
    pub plan: Plan,
    /// The plan prepared, by [`crate::inspect`].
    pub prepared: PreparedRun,
    /// The plan as the user named it.
    pub plan_source: String,
    /// The plan's file, those that it includes and its data files: name and content. The plan is kept
    /// with the run, of the others their hash only: data files may hold what is nobody's business,
    /// such as passwords.
    pub plan_files: Vec<(String, Vec<u8>)>,
    /// Folder of the plan; files that it sends are read from here alone.
    pub plan_folder: Option<PathBuf>,
    /// The command line that replays the run.
    pub replay: String,
    /// A remark of the user's.
    pub note: String,
    /// Elements that were left out because the user allowed it.
    pub unsupported: Vec<String>,
    /// Servers to watch.
    pub servers: Vec<ServerRequest>,
    /// Public hosts that the user may load.
    pub allowed_hosts: Vec<String>,
    /// Run folder; it must not exist or be empty.
    pub folder: PathBuf,
    /// Seed of all chance, as given to [`crate::inspect`].
    pub seed: u64,
    /// Wall-clock start in milliseconds since the Unix epoch, likewise.
    pub wall_start_ms: i64,
    /// Engine threads; `None` takes one for each core.
    pub threads: Option<usize>,
    /// How long samples under way may go on at the end.
    pub graceful_stop: Duration,
    /// JMeter result files to write.
    pub results: ResultRequest,
    /// Whether a run is made although nothing answers at its targets.
    pub without_answer: bool,
}

/// A server to watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerRequest {
    /// Name in limits and reports.
    pub name: String,
    /// `local`, `pid:N`.
    pub source: String,
}

/// Signals of the user's: the first stops gracefully, the second at once.
pub type Interrupts = Arc<AtomicU32>;

/// Why a run could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The target may not be loaded or does not answer.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The machine cannot hold the plan's users.
    #[error(transparent)]
    Descriptors(#[from] DescriptorError),
    /// A server cannot be watched.
    #[error("cannot watch server {name} ({source_text})")]
    Watch {
        /// Its name.
        name: String,
        /// Its source.
        source_text: String,
        /// Why.
        #[source]
        source: WatchError,
    },
    /// The source of a server is wrong.
    #[error("cannot watch server {name}")]
    Source {
        /// Its name.
        name: String,
        /// What is wrong.
        #[source]
        source: SourceError,
    },
    /// The run folder cannot be made.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A result file cannot be written.
    #[error(transparent)]
    Results(#[from] ResultFileError),
    /// The engine cannot start.
    #[error(transparent)]
    Engine(#[from] StartError<HttpError>),
    /// A thread cannot be started.
    #[error("cannot start a thread")]
    Thread(#[source] std::io::Error),
    /// A thread of the engine panicked: a fault of this program.
    #[error("an engine thread panicked; what was recorded until then is in {}", folder.display())]
    Panicked {
        /// The run folder, which reads as that of a run that was cut off.
        folder: PathBuf,
    },
}

/// A run that came to its end.
#[derive(Debug)]
pub struct Finished {
    /// What was recorded, read back from the folder (from memory if the folder is incomplete).
    pub run: StoredRun,
    /// Why the folder is incomplete, if it is.
    pub folder_failure: Option<StoreError>,
    /// Why users ended early or skipped samples without a result, with counts.
    pub faults: Vec<(String, u64)>,
    /// Warnings about this machine.
    pub warnings: Vec<String>,
    /// Samples since the last live figures.
    pub tally: Tally,
    /// What scripts said since the last live figures.
    pub script_lines: Vec<ScriptLine>,
    /// Users that have started.
    pub users_started: u64,
    /// What is wrong with the result files.
    pub result_failures: Vec<String>,
}

/// What is to become of a run that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// It goes on as planned.
    GoOn,
    /// It goes on, but its first step is judged only from this time after the start of the main part.
    JudgeFrom(Duration),
    /// It has lasted as long as it was to: its last step ends at this time after the start of the
    /// main part.
    EndAt(Duration),
}

/// What a run is watched for, beyond the plan's limits.
#[derive(Clone, Debug, Default)]
pub struct Supervision {
    /// Time after each ramp that is not judged, since the server still settles.
    pub warm_up: Duration,
    /// Further limits that stop the run when they break, whatever they say of stopping.
    pub stop_limits: Vec<Limit>,
}

/// How often the conductor looks at signals and the clock.
const POLL: Duration = Duration::from_millis(50);

/// Makes the run that `request` describes. Blocks until its end; `on_second` gets live figures each
/// second, `interrupts` is looked at all the while.
///
/// # Errors
///
/// See [`RunError`]; no sample was sent then, but for [`RunError::Panicked`].
pub fn start(
    request: RunRequest,
    interrupts: &Interrupts,
    on_second: &mut dyn FnMut(&LiveSecond),
) -> Result<Finished, RunError> {
    supervise(request, &Supervision::default(), interrupts, &mut |live| {
        on_second(live);
        Course::GoOn
    })
}

/// Makes the run that `request` describes, as [`start`] does; `on_second` says each second what is to
/// become of it. The run folder can be read then, up to that second.
///
/// # Errors
///
/// As for [`start`].
pub fn supervise(
    request: RunRequest,
    supervision: &Supervision,
    interrupts: &Interrupts,
    on_second: &mut dyn FnMut(&LiveSecond) -> Course,
) -> Result<Finished, RunError> {
    let policy = TargetPolicy::new(&request.allowed_hosts);
    let targets = targets(&request.prepared);
    let checked = match check_targets(&targets, &policy) {
        Err(TargetError::NoAnswer { .. } | TargetError::NoAddress { .. })
            if request.without_answer =>
        {
            CheckedTargets::default()
        }
        checked => checked?,
    };
    let files_limit = reserve_files(request.prepared.max_users())?;
    let mut warnings = checked.warnings;
    let is_here = checked
        .addresses
        .iter()
        .any(|address| is_this_machine(address.ip()));
    let watches = open_watches(&request.servers, &targets, is_here)?;
    let threads = request
        .threads
        .unwrap_or_else(|| machine_facts().cores as usize)
        .max(1);

    let manifest = first_manifest(&request, &targets, &watches, threads, files_limit);
    let mut writer = RunWriter::create(&request.folder, &manifest)?;
    keep_plan(&mut writer, &request.plan_files);

    let outputs = result_files::of_run(
        &request.results,
        &request.prepared,
        request.plan_folder.as_deref(),
        &mut warnings,
    );
    let keep_sub_labels = request.results.keep_sub_labels;
    let result_files = ResultFiles::open(outputs, keep_sub_labels, &mut warnings)?;
    let script_log = ScriptLog::new(&request.folder, request.wall_start_ms);
    let (sender, receiver) = mpsc::channel();
    let backlog = Backlog::default();
    let clock = RunClock::starting_at(Instant::now() + START_LEAD);
    let epoch_us = wall_now_us() + duration_us(START_LEAD);
    let http = http_options(&request, policy);
    let plan_steps = request.prepared.steps().to_vec();
    let planned = request.prepared.main_duration();
    let times = Times {
        clock,
        // One reading without load, to compare with.
        lead_in: if watches.is_empty() {
            Duration::ZERO
        } else {
            Duration::from_secs(1)
        },
        graceful_stop: request.graceful_stop,
    };
    let listening = (result_files.as_ref()).map(|files| files.listening(epoch_us));
    let engine = start_engine(
        request.prepared,
        threads,
        times,
        (http, listening),
        &sender,
        &backlog,
    )?;
    let names = engine.label_names();
    let control = engine.control();
    let watching = Watching::start(watches, clock, sender.clone(), backlog.clone())
        .map_err(RunError::Thread)?;
    let joined = join_in_background(engine, sender).map_err(RunError::Thread)?;

    let mut recording = Recording {
        latest: (RunTime::ZERO, Duration::ZERO),
        collector: Collector::new(writer, script_log, backlog),
        labels: Labels::new(names),
        rules: StopRules::new(&request.plan.limits, &supervision.stop_limits),
        warm_up: supervision.warm_up,
        main_started: None,
        steps: Vec::new(),
        plan_steps,
        planned,
        manifest,
        control,
        clock,
    };
    let report = recording.follow(&receiver, &joined, interrupts, on_second);
    watching.stop();
    recording.collector.drain(&receiver);
    match report {
        Some(report) => {
            let (control, tally) = (recording.control.clone(), recording.collector.tally);
            let script_lines = std::mem::take(&mut recording.collector.script_lines);
            let mut finished = recording.finish(report, warnings);
            // The engine's threads, and with them their listeners, have gone.
            finished.result_failures = result_files.map_or(Vec::new(), ResultFiles::close);
            finished.tally = tally;
            finished.script_lines = script_lines;
            finished.users_started = control.live().users_started;
            Ok(finished)
        }
        None => Err(recording.break_off()),
    }
}

/// How far the recorder may be behind without a word: it looks at the clock and at signals, and
/// packs a second's samples, in between.
const LATE: Duration = Duration::from_secs(2);

/// Time-out of own plans that set none: long enough for a server under stress, and an end.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// Threads start within this time; the run's clock begins when it is over, so that the first users
/// are not late before they begin.
const START_LEAD: Duration = Duration::from_millis(30);

/// The wall clock, in microseconds since the Unix epoch.
fn wall_now_us() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, duration_us)
}

fn duration_us(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// A run that is being recorded.
struct Recording {
    collector: Collector,
    /// When what was taken had waited longest, and how long.
    latest: (RunTime, Duration),
    labels: Labels,
    rules: StopRules,
    main_started: Option<RunTime>,
    /// Time after each ramp that is not judged.
    warm_up: Duration,
    steps: Vec<StepWindow>,
    plan_steps: Vec<loadline_schedule::Step>,
    planned: Option<Duration>,
    manifest: Manifest,
    control: RunControl,
    clock: RunClock,
}

impl Recording {
    /// Takes messages until the engine has ended; its report, or `None` if it panicked.
    fn follow(
        &mut self,
        receiver: &Receiver<Message>,
        joined: &Receiver<EngineReport>,
        interrupts: &Interrupts,
        on_second: &mut dyn FnMut(&LiveSecond) -> Course,
    ) -> Option<EngineReport> {
        loop {
            match receiver.recv_timeout(POLL) {
                Ok(message) => self.take(message),
                Err(RecvTimeoutError::Timeout) => {}
                // The engine's and the monitor's ends are closed: the report is there.
                Err(RecvTimeoutError::Disconnected) => std::thread::sleep(POLL),
            }
            match interrupts.load(Ordering::Relaxed) {
                0 => {}
                1 => self.control.stop(StopReason::Signal),
                _ => self.control.abort(StopReason::Signal),
            }
            self.labels.refresh();
            if self
                .collector
                .flush_if_due(self.clock.now(), &self.labels.known)
            {
                self.look(on_second);
            }
            match joined.try_recv() {
                Ok(report) => {
                    self.drain(receiver);
                    return Some(report);
                }
                Err(mpsc::TryRecvError::Empty) => {}
                Err(mpsc::TryRecvError::Disconnected) => {
                    self.drain(receiver);
                    return None;
                }
            }
        }
    }

    fn drain(&mut self, receiver: &Receiver<Message>) {
        while let Ok(message) = receiver.try_recv() {
            self.take(message);
        }
    }

    fn take(&mut self, message: Message) {
        if let Message::Phase(Phase::MainStarted { at }) = &message {
            self.main_started = Some(*at);
            self.steps = step_windows(&self.plan_steps, *at, self.warm_up);
            self.manifest.facts.main_started = *at;
            self.manifest.steps.clone_from(&self.steps);
            self.collector.writer.manifest(&self.manifest);
        }
        if let Message::Second(second) = &message {
            let now = self.clock.now();
            let waited = now.saturating_since(second.written_at);
            if waited > self.latest.1 {
                self.latest = (now, waited);
            }
        }
        self.collector.take(message);
    }

    /// Notes how far the recorder fell behind the engine's threads, if it did.
    fn note_lateness(&mut self) {
        let (at, by) = self.latest;
        if by >= LATE {
            let by_us = u64::try_from(by.as_micros()).unwrap_or(u64::MAX);
            let phase = Phase::RecordedLate { at, by_us };
            self.collector.take(Message::Phase(phase));
        }
    }

    /// Once a second: live figures, and limits that stop the run.
    fn look(&mut self, on_second: &mut dyn FnMut(&LiveSecond) -> Course) {
        let at = self.clock.now();
        let live = live_second(LiveInputs {
            at,
            main_started: self.main_started,
            planned: self.planned,
            steps: &self.steps,
            users: u32::try_from(self.control.live().users).unwrap_or(u32::MAX),
            users_started: self.control.live().users_started,
            tally: std::mem::take(&mut self.collector.tally),
            script_lines: std::mem::take(&mut self.collector.script_lines),
            recent: &self.collector.recent,
            labels: &self.labels.known,
            reading: self
                .collector
                .latest
                .iter()
                .rev()
                .find(|reading| reading.server == 0),
            workers: &self.collector.latest_workers,
        });
        let names: Vec<&str> = self
            .manifest
            .servers
            .iter()
            .map(|server| server.name.as_str())
            .collect();
        if let Some(second) = self.collector.recent.back()
            && let Some(limit) = self.rules.look(
                live.step.map(|(_, load, _)| load),
                second,
                &self.labels.known,
                &names,
                &self.collector.latest,
            )
        {
            let text = format!("limit `{limit}` is broken and stops the run");
            self.collector
                .take(Message::Phase(Phase::Note { at, text }));
            self.control.stop(StopReason::Limit);
        }
        let course = on_second(&live);
        self.take_course(course);
    }

    fn take_course(&mut self, course: Course) {
        let Some(started) = self.main_started else {
            return;
        };
        match course {
            Course::GoOn => return,
            Course::JudgeFrom(after) => {
                if let Some(step) = self.steps.first_mut() {
                    step.hold_start = step.hold_start.max(started + after).min(step.end);
                }
            }
            Course::EndAt(after) => {
                if self.control.stop_reason().is_some() {
                    return;
                }
                self.planned = Some(after);
                self.manifest.facts.planned = self.planned;
                for step in &mut self.steps {
                    step.end = step.end.min(started + after);
                }
                self.control.stop(StopReason::Completed);
            }
        }
        self.manifest.steps.clone_from(&self.steps);
        self.collector.writer.manifest(&self.manifest);
    }

    /// Keeps what there is of a run whose engine panicked; the folder stays unfinished.
    fn break_off(mut self) -> RunError {
        self.labels.refresh();
        self.collector.flush(&self.labels.known);
        RunError::Panicked {
            folder: self.collector.writer.folder().to_owned(),
        }
    }

    /// Closes the folder and reads it back.
    fn finish(mut self, report: EngineReport, warnings: Vec<String>) -> Finished {
        self.labels.refresh();
        self.note_lateness();
        self.collector.flush(&self.labels.known);
        let script_problem = self.collector.script_log.problem();
        let facts = &mut self.manifest.facts;
        facts.duration_us = report.ended_at.as_micros();
        facts.stop = report.reason;
        let mut main_end = report.main_ended_at.unwrap_or(report.ended_at);
        // Users go when their next pause would outlast the plan: that ends no step early.
        if report.reason == StopReason::Completed
            && let (Some(planned), Some(started)) = (self.planned, self.main_started)
        {
            main_end = main_end.max(started + planned);
        }
        self.manifest.steps = self
            .steps
            .iter()
            .map(|step| step.clipped(main_end))
            .collect();
        self.manifest.finished = true;
        self.collector.writer.manifest(&self.manifest);

        let folder = self.collector.writer.folder().to_owned();
        let (run, folder_failure) = match self.collector.writer.take_failure() {
            Some(failure) => (self.in_memory(), Some(failure)),
            None => match read_run(&folder) {
                Ok(run) => (run, None),
                Err(failure) => (self.in_memory(), Some(failure)),
            },
        };
        let faults = report.faults.into_iter().collect();
        let mut warnings = warnings;
        warnings.extend(retry_warning(&run.data.series));
        warnings.extend(report.processor_problems);
        warnings.extend(script_problem);
        if report.labels_overflowed > 0 {
            warnings.push(format!(
                "{} samples had labels beyond the first {}; they are counted together as {}",
                report.labels_overflowed,
                loadline_plan::MAX_LABELS,
                loadline_engine::OTHER_LABEL
            ));
        }
        Finished {
            run,
            folder_failure,
            faults,
            warnings,
            tally: Tally::default(),
            script_lines: Vec::new(),
            users_started: 0,
            result_failures: Vec::new(),
        }
    }

    /// The run as far as the folder has it, and from memory since it could not be written.
    fn in_memory(mut self) -> StoredRun {
        let mut readings = Vec::new();
        if let Ok(earlier) = read_run(self.collector.writer.folder()) {
            let earlier = earlier.data;
            self.collector.series.merge(earlier.series);
            self.collector.workers.splice(0..0, earlier.workers);
            readings.extend(earlier.generator);
            for server in earlier.servers {
                readings.extend(server.readings);
            }
        }
        readings.append(&mut self.collector.readings);
        let servers = (0u16..)
            .zip(self.manifest.servers)
            .map(|(index, server)| ServerSeries {
                name: server.name,
                source: server.source,
                description: server.description,
                readings: (readings.iter())
                    .filter(|reading| reading.server == index)
                    .cloned()
                    .collect(),
                not_read: server.not_read,
            });
        let of_generator = |reading: &&Reading| reading.server == Reading::GENERATOR;
        let generator = readings.iter().filter(of_generator).cloned().collect();
        StoredRun {
            data: RunData {
                facts: self.manifest.facts,
                labels: self.labels.known,
                steps: self.manifest.steps,
                series: self.collector.series,
                workers: self.collector.workers,
                servers: servers.collect(),
                generator,
                phases: self.collector.phases,
            },
            limits: self.manifest.limits,
            finished: true,
        }
    }
}

/// Labels as the series have them.
struct Labels {
    names: LabelNames,
    known: Vec<Label>,
}

impl Labels {
    fn new(names: LabelNames) -> Self {
        Self {
            names,
            known: Vec::new(),
        }
    }

    fn refresh(&mut self) {
        for label in self.names.all().into_iter().skip(self.known.len()) {
            self.known.push(Label {
                name: label.name.into(),
                transaction: label.transaction,
            });
        }
    }
}

/// Says that requests were sent again: a server that drops kept-alive connections would otherwise look
/// as if it had answered each at once.
fn retry_warning(series: &RunSeries) -> Option<String> {
    let retried: u64 = series.steps.values().map(|step| step.retried).sum();
    (retried > 0).then(|| {
        format!(
            "requests sent again on a fresh connection, because the server had closed a kept-alive \
             one without an answer: {retried}"
        )
    })
}

fn keep_plan(writer: &mut RunWriter, files: &[(String, Vec<u8>)]) {
    let Some(((name, plan), data_files)) = files.split_first() else {
        return;
    };
    if !plan.is_empty() {
        writer.plan_file(name, plan);
    }
    let hashes: String = data_files
        .iter()
        .map(|(name, content)| format!("{}  {name}\n", sha256(content)))
        .collect();
    if !hashes.is_empty() {
        writer.plan_file("data-files.sha256", hashes.as_bytes());
    }
}

/// When things happen in a run.
struct Times {
    clock: RunClock,
    lead_in: Duration,
    graceful_stop: Duration,
}

fn start_engine(
    prepared: PreparedRun,
    threads: usize,
    times: Times,
    (http, listening): (HttpOptions, Option<Listening>),
    sender: &Sender<Message>,
    backlog: &Backlog,
) -> Result<RunningEngine, StartError<HttpError>> {
    let on_phase = {
        let sender = sender.clone();
        Arc::new(move |phase| {
            let _ = sender.send(Message::Phase(phase));
        })
    };
    let options = EngineOptions {
        threads,
        graceful_stop: times.graceful_stop,
        lead_in: times.lead_in,
        clock: times.clock,
        segment: Segment::WHOLE,
        on_phase,
        listening,
    };
    let make_sampler = move |_, _| HttpSampler::new(http.clone());
    let (sender, backlog) = (sender.clone(), backlog.clone());
    let make_sink = move |_| -> Box<dyn loadline_engine::Sink> {
        Box::new(ChannelSink::new(sender.clone(), backlog.clone()))
    };
    RunningEngine::start(prepared, options, make_sampler, make_sink)
}

fn join_in_background(
    engine: RunningEngine,
    sender: Sender<Message>,
) -> std::io::Result<Receiver<EngineReport>> {
    let (done, joined) = mpsc::channel();
    std::thread::Builder::new()
        .name("join".to_owned())
        .spawn(move || {
            let report = engine.join();
            let _ = done.send(report);
            // Held until now, so that the channel of messages outlives the engine.
            drop(sender);
        })?;
    Ok(joined)
}

fn open_watches(
    servers: &[ServerRequest],
    targets: &[Target],
    is_here: bool,
) -> Result<Vec<ServerWatch>, RunError> {
    let mut watches = Vec::new();
    for (index, server) in (0u16..).zip(servers) {
        let place = match targets.first() {
            None => "not known".to_owned(),
            Some(target) => match &target.unix_socket {
                None => target.url(),
                Some(file) => format!("the Unix socket {file}"),
            },
        };
        let target = match targets.first() {
            Some(Target {
                unix_socket: Some(file),
                ..
            }) => Ok(Place::UnixSocket(file.into())),
            Some(target) if is_here => Ok(Place::Port(target.port)),
            _ => Err(place.as_str()),
        };
        let source = Source::parse(&server.source, target).map_err(|source| RunError::Source {
            name: server.name.clone(),
            source,
        })?;
        let watch = ServerWatch::open(&source, index).map_err(|source| RunError::Watch {
            name: server.name.clone(),
            source_text: without_password(&server.source),
            source,
        })?;
        watches.push(watch);
    }
    Ok(watches)
}

/// Whether an address is of this machine: loopback, or one that a socket can be bound to.
fn is_this_machine(address: std::net::IpAddr) -> bool {
    address.is_loopback() || std::net::UdpSocket::bind((address, 0)).is_ok()
}

/// What requests do where the plan says nothing: JMeter's ways for its plans, our own for others.
fn http_options(request: &RunRequest, allowed: TargetPolicy) -> HttpOptions {
    let options = HttpOptions {
        allowed,
        base_folder: request.plan_folder.clone(),
        tls_sessions: request.prepared.tls_sessions(),
        ways: request.prepared.http_ways().clone(),
        ..HttpOptions::default()
    };
    if request.plan.source == PlanSource::Jmx {
        HttpOptions {
            // What JMeter 5.6.3 sends and how long it keeps a connection.
            user_agent: "Apache-HttpClient/4.5.14 (Java/17.0.15)".to_owned(),
            connection_lifetime: Some(Duration::from_secs(60)),
            ..options
        }
    } else {
        HttpOptions {
            default_connect_timeout: Some(DEFAULT_TIMEOUT),
            default_response_timeout: Some(DEFAULT_TIMEOUT),
            ..options
        }
    }
}

fn first_manifest(
    request: &RunRequest,
    targets: &[Target],
    watches: &[ServerWatch],
    threads: usize,
    open_files_limit: u64,
) -> Manifest {
    let machine = machine_facts();
    let contents: Vec<Vec<u8>> = request
        .plan_files
        .iter()
        .skip(1)
        .map(|(_, content)| content.clone())
        .collect();
    let load = format!("{:?}", request.prepared.steps());
    let target = targets
        .iter()
        .map(Target::url)
        .collect::<Vec<_>>()
        .join(", ");
    Manifest {
        facts: RunFacts {
            plan_name: request.plan.name.clone(),
            plan_hash: plan_hash(&request.plan, &load, &contents),
            plan_source: request.plan_source.clone(),
            replay: request.replay.clone(),
            seed: request.seed,
            target,
            started_at_ms: request.wall_start_ms,
            duration_us: 0,
            main_started: RunTime::ZERO,
            planned: request.prepared.main_duration(),
            stop: StopReason::Completed,
            model: load_model(&request.prepared),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            generator: GeneratorFacts {
                host: machine.host,
                cpu: machine.cpu,
                cores: machine.cores,
                threads: u32::try_from(threads).unwrap_or(u32::MAX),
                memory_bytes: machine.memory_bytes,
                open_files_limit,
                shares_host: !watches.is_empty(),
            },
            note: request.note.clone(),
            unsupported: request.unsupported.clone(),
        },
        steps: Vec::new(),
        limits: request
            .plan
            .limits
            .iter()
            .map(|limit| limit.text.clone())
            .collect(),
        servers: request
            .servers
            .iter()
            .zip(watches)
            .map(|(server, watch)| ServerFacts {
                name: server.name.clone(),
                source: without_password(&server.source),
                description: watch.description().to_owned(),
                not_read: watch.not_read().to_vec(),
            })
            .collect(),
        finished: false,
    }
}

fn load_model(prepared: &PreparedRun) -> LoadModel {
    let program = prepared.program();
    let main = || {
        program
            .groups
            .iter()
            .enumerate()
            .filter(|(_, group)| group.stage == Stage::Main)
    };
    let profiles = || main().filter_map(|(index, _)| prepared.profile(index));
    let open = profiles().filter(|profile| profile.is_open()).count();
    if open == 0 {
        let is_schedule = |timer: &TimerProgram| {
            matches!(timer, TimerProgram::Precise(_) | TimerProgram::Shaping(_))
        };
        let samplers = || main().flat_map(|(_, group)| &group.samplers);
        let thinks = samplers().any(|sampler| {
            !sampler.timers.iter().all(is_schedule) || matches!(sampler.kind, SamplerKind::Pause(_))
        });
        let paced = profiles().any(|profile| profile.pacing().is_some())
            || samplers().any(|sampler| sampler.timers.iter().any(is_schedule));
        LoadModel::Closed(GroupTiming { paced, thinks })
    } else if open == profiles().count() {
        LoadModel::Open
    } else {
        LoadModel::Mixed
    }
}

/// The planned steps as windows of the run, when the main part starts at `start`. A step without a
/// planned end goes on until the run ends. `warm_up` after its ramp counts to the ramp.
fn step_windows(
    steps: &[loadline_schedule::Step],
    start: RunTime,
    warm_up: Duration,
) -> Vec<StepWindow> {
    let windows = steps.iter().map(|step| StepWindow {
        step: StepId(step.index),
        load: match step.load {
            loadline_schedule::StepLoad::Users(users) => StepLoad::Users(users),
            loadline_schedule::StepLoad::Rate(rate) => {
                StepLoad::Rate(Rate::per_second(rate).unwrap_or_default())
            }
        },
        ramp_start: start + step.ramp_start,
        hold_start: start + step.hold_start + warm_up,
        end: step
            .end
            .map_or(RunTime::from_micros(u64::MAX), |end| start + end),
        complete: true,
    });
    windows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_sent_again_are_said() {
        let mut series = RunSeries::default();
        assert_eq!(retry_warning(&series), None);
        series.steps.entry(StepId(0)).or_default().retried = 2;
        series.steps.entry(StepId::NONE).or_default().retried = 1;
        assert!(retry_warning(&series).is_some_and(|warning| warning.ends_with(": 3")));
    }
}
