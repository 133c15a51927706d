//! Makes a run: engine, monitor and run folder, from start to end.
//!
//! Not here: what happens while it goes on (see [`crate::recording`]), and what its folder says of it
//! (see [`crate::manifest`]).

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use loadline_engine::{
    EngineOptions, EngineReport, Listening, PreparedRun, RunClock, RunningEngine, StartError,
};
use loadline_events::ScriptLine;
use loadline_monitor::{
    Place, ServerWatch, Source, SourceError, WatchError, machine_facts, without_password,
};
use loadline_plan::{Limit, Plan, PlanSource};
use loadline_protocols::{HttpError, HttpOptions, HttpSampler, TargetPolicy};
use loadline_schedule::Segment;
use loadline_store::{RunWriter, StoreError, StoredRun};
use loadline_units::RunTime;

use crate::collector::{Backlog, ChannelSink, Collector, Message};
use crate::descriptors::{DescriptorError, reserve_files};
use crate::live::LiveSecond;
use crate::manifest::{first_manifest, keep_plan};
use crate::recording::{Labels, Recording};
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
    let files_limit = reserve_files(&request.prepared)?;
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
