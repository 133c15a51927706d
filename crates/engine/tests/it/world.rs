//! A run in virtual time: the scripted sampler, the sink that keeps everything, and their report.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use loadline_engine::{
    Audience, EngineOptions, EngineReport, FailureNote, FileAccess, IterationStart, Listening,
    Outcome, PrepareInputs, PreparedRun, Response, ResultListener, ResultParts, RunClock,
    RunControl, SampleError, Sampler, Scope, Sink, prepare, run_on_this_thread,
};
use loadline_events::{
    ErrorKind, Phase, Sample, SampleFlags, SampleResult, ScriptLine, WorkerSecond,
};
use loadline_plan::program::HttpProgram;
use loadline_plan::{CompileInputs, Diagnostic, Plan, compile};
use loadline_schedule::Segment;
use loadline_units::{Clock, RunTime};

/// How the server answers a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer {
    pub(crate) after: Duration,
    pub(crate) status: u16,
    pub(crate) body: &'static str,
}

/// A good answer after `millis` milliseconds.
pub(crate) fn ok(millis: u64) -> Answer {
    Answer {
        after: Duration::from_millis(millis),
        status: 200,
        body: "",
    }
}

/// A good answer after 100 ms with this body.
pub(crate) fn body(body: &'static str) -> Answer {
    Answer { body, ..ok(100) }
}

/// A failed answer after `millis` milliseconds.
pub(crate) fn failed(millis: u64) -> Answer {
    Answer {
        status: 500,
        ..ok(millis)
    }
}

/// A request as the server saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) at_ms: u64,
    pub(crate) user: u32,
    pub(crate) path: String,
}

type Script = Rc<dyn Fn(&Seen) -> Answer>;
type Meddle = fn(&RunControl);

/// Status of an answer that stands for none: the sampler has no sample.
pub(crate) const NO_SAMPLE: u16 = 0;

/// Answers as a script says.
struct Scripted {
    script: Script,
    clock: RunClock,
    seen: Rc<RefCell<Vec<Seen>>>,
}

impl Sampler for Scripted {
    type Session = ();

    fn session(&self, _user: u32) {}

    fn start_iteration(&self, _session: &(), _start: IterationStart) {}

    fn sample<'a, 'v>(
        &'a self,
        _session: &'a (),
        request: &'a HttpProgram,
        _now: RunTime,
        scope: &mut Scope<'v>,
    ) -> impl Future<Output = Option<Outcome>> + use<'a, 'v>
    where
        'v: 'a,
    {
        let started = self.clock.now();
        let seen = Seen {
            at_ms: started.as_micros() / 1000,
            user: scope.identity.number,
            path: scope.text(&request.path),
        };
        let answer = (self.script)(&seen);
        self.seen.borrow_mut().push(seen);
        async move {
            tokio::time::sleep(answer.after).await;
            let error = (answer.status >= 400).then(|| SampleError {
                kind: ErrorKind::Status,
                code: answer.status.to_string().into(),
                message: "failed".into(),
            });
            if answer.status == NO_SAMPLE {
                return None;
            }
            Some(Outcome {
                started,
                ended: self.clock.now(),
                status: answer.status,
                error: error.map(Box::new),
                sent_bytes: 10,
                received_bytes: 100,
                response: Response {
                    body: if request.keep.body {
                        answer.body.into()
                    } else {
                        Vec::new()
                    },
                    ..Response::default()
                }
                .into(),
                ..Outcome::default()
            })
        }
    }

    fn open_connections(&self) -> u32 {
        0
    }
}

/// Keeps everything.
#[derive(Clone, Default)]
struct Kept {
    samples: Rc<RefCell<Vec<Sample>>>,
    seconds: Rc<RefCell<Vec<WorkerSecond>>>,
    failures: Rc<RefCell<Vec<FailureNote>>>,
    script_lines: Rc<RefCell<Vec<ScriptLine>>>,
}

impl Sink for Kept {
    fn samples(&self, block: Vec<Sample>) -> u64 {
        self.samples.borrow_mut().extend(block);
        0
    }

    fn second(&self, second: WorkerSecond) {
        self.seconds.borrow_mut().push(second);
    }

    fn failure(&self, failure: FailureNote) {
        self.failures.borrow_mut().push(failure);
    }

    fn script_lines(&self, lines: Vec<ScriptLine>) {
        self.script_lines.borrow_mut().extend(lines);
    }
}

/// Keeps all results.
struct Listener(Arc<Mutex<Vec<SampleResult>>>, Overheard);

/// Labels of results with the result files whose listeners heard them, and whether those of the
/// whole plan did.
type Overheard = Arc<Mutex<Vec<(String, Vec<u32>, bool)>>>;

impl ResultListener for Listener {
    fn result(&self, result: &SampleResult, audience: Audience<'_>) {
        if audience.whole_plan {
            self.0.lock().unwrap().push(result.clone());
        }
        let outputs = audience.outputs.iter().map(|id| id.0).collect();
        let told = (result.label.clone(), outputs, audience.whole_plan);
        self.1.lock().unwrap().push(told);
    }
}

/// Wall clock at run time 0, in microseconds since the Unix epoch.
pub(crate) const EPOCH_US: i64 = 1_700_000_000_000_000;

/// A plan and how it is run.
pub(crate) struct World {
    plan: Plan,
    script: Script,
    seed: u64,
    segment: Segment,
    folder: PathBuf,
    properties: BTreeMap<String, String>,
    graceful_stop: Duration,
    /// What is done to the run, and when.
    meddling: Option<(Duration, Meddle)>,
    /// What a listener reads, if there is one.
    heard_parts: Option<ResultParts>,
    skips_refused_scripts: bool,
    /// Whether samplers are taken as looked at by somebody.
    is_looked_at: bool,
}

/// What came of a run.
pub(crate) struct Ran {
    pub(crate) report: EngineReport,
    pub(crate) samples: Vec<Sample>,
    pub(crate) seconds: Vec<WorkerSecond>,
    pub(crate) failures: Vec<FailureNote>,
    pub(crate) script_lines: Vec<ScriptLine>,
    pub(crate) seen: Vec<Seen>,
    pub(crate) phases: Vec<Phase>,
    /// What a listener heard.
    pub(crate) results: Vec<SampleResult>,
    /// Who heard what: label, result files, and whether the whole plan's listeners did.
    pub(crate) overheard: Vec<(String, Vec<u32>, bool)>,
}

impl World {
    /// `plan`, with a server that answers everything after 100 ms.
    pub(crate) fn new(plan: Plan) -> Self {
        Self {
            plan,
            script: Rc::new(|_| ok(100)),
            seed: 1,
            segment: Segment::WHOLE,
            folder: PathBuf::from("."),
            properties: BTreeMap::new(),
            graceful_stop: Duration::from_secs(30),
            meddling: None,
            heard_parts: None,
            skips_refused_scripts: false,
            is_looked_at: false,
        }
    }

    pub(crate) fn answer(mut self, script: impl Fn(&Seen) -> Answer + 'static) -> Self {
        self.script = Rc::new(script);
        self
    }

    pub(crate) fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Runs part `index` of `count` of the load.
    pub(crate) fn segment(mut self, index: u32, count: u32) -> Self {
        self.segment = Segment::new(index, count).unwrap();
        self
    }

    pub(crate) fn folder(mut self, folder: &std::path::Path) -> Self {
        self.folder = folder.to_owned();
        self
    }

    pub(crate) fn property(mut self, name: &str, value: &str) -> Self {
        self.properties.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Lets each sampler go the way of those that others look at, the long one.
    pub(crate) fn looked_at(mut self) -> Self {
        self.is_looked_at = true;
        self
    }

    /// Leaves script elements out that cannot be run.
    pub(crate) fn skipping_refused_scripts(mut self) -> Self {
        self.skips_refused_scripts = true;
        self
    }

    pub(crate) fn graceful_stop(mut self, bound: Duration) -> Self {
        self.graceful_stop = bound;
        self
    }

    pub(crate) fn after(mut self, delay: Duration, act: Meddle) -> Self {
        self.meddling = Some((delay, act));
        self
    }

    /// Listens to results.
    pub(crate) fn heard(mut self, parts: ResultParts) -> Self {
        self.heard_parts = Some(parts);
        self
    }

    pub(crate) fn prepared(&self) -> PreparedRun {
        self.try_prepared()
            .unwrap_or_else(|errors| panic!("{errors:#?}"))
    }

    pub(crate) fn try_prepared(&self) -> Result<PreparedRun, Vec<Diagnostic>> {
        let (program, diagnostics) = compile(
            &self.plan,
            &CompileInputs {
                outputs: true,
                ..CompileInputs::default()
            },
        );
        let mut program = program.unwrap_or_else(|| panic!("{diagnostics:#?}"));
        program.names_sampler |= self.is_looked_at;
        let inputs = PrepareInputs {
            files: FileAccess::anywhere(),
            properties: self.properties.clone(),
            plan_folder: self.folder.clone(),
            plan_name: String::new(),
            seed: self.seed,
            wall_start_ms: 1_700_000_000_000,
            system_properties: BTreeMap::new(),
            time_zone: jiff::tz::TimeZone::UTC,
            skips_refused_scripts: self.skips_refused_scripts,
        };
        prepare(Arc::new(program), &inputs)
    }

    /// Runs to the end.
    pub(crate) fn run(self) -> Ran {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let prepared = self.prepared();
        let kept = Kept::default();
        let seen = Rc::new(RefCell::new(Vec::new()));
        let phases = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&phases);
        let results = Arc::new(Mutex::new(Vec::new()));
        let overheard = Overheard::default();
        let listening = self.heard_parts.clone().map(|parts| Listening {
            parts,
            epoch_us: EPOCH_US,
            listener: {
                let (results, overheard) = (Arc::clone(&results), Arc::clone(&overheard));
                Arc::new(move |_| Box::new(Listener(Arc::clone(&results), Arc::clone(&overheard))))
            },
        });
        let report = runtime.block_on(async {
            let clock = RunClock::starting_now();
            let sampler = Scripted {
                script: Rc::clone(&self.script),
                clock,
                seen: Rc::clone(&seen),
            };
            let options = EngineOptions {
                threads: 1,
                graceful_stop: self.graceful_stop,
                lead_in: Duration::ZERO,
                clock,
                segment: self.segment,
                on_phase: Arc::new(move |phase| heard.lock().unwrap().push(phase)),
                listening,
            };
            let meddling = self.meddling;
            let on_start = |control: RunControl| {
                if let Some((delay, act)) = meddling {
                    tokio::spawn(async move {
                        tokio::time::sleep(delay).await;
                        act(&control);
                    });
                }
            };
            run_on_this_thread(prepared, options, sampler, Box::new(kept.clone()), on_start).await
        });
        let phases = phases.lock().unwrap().clone();
        Ran {
            report,
            samples: kept.samples.take(),
            seconds: kept.seconds.take(),
            failures: kept.failures.take(),
            script_lines: kept.script_lines.take(),
            seen: seen.take(),
            phases,
            results: std::mem::take(&mut *results.lock().unwrap()),
            overheard: std::mem::take(&mut *overheard.lock().unwrap()),
        }
    }
}

impl Ran {
    /// Samples that are no transactions.
    pub(crate) fn plain(&self) -> Vec<Sample> {
        let is_plain = |sample: &&Sample| !sample.flags.contains(SampleFlags::TRANSACTION);
        self.samples.iter().filter(is_plain).copied().collect()
    }

    /// Samples of transactions.
    pub(crate) fn transactions(&self) -> Vec<Sample> {
        let is_one = |sample: &&Sample| sample.flags.contains(SampleFlags::TRANSACTION);
        self.samples.iter().filter(is_one).copied().collect()
    }

    /// Paths of all requests of user `user`, one after another.
    pub(crate) fn paths_of(&self, user: u32) -> String {
        let own = self.seen.iter().filter(|seen| seen.user == user);
        own.map(|seen| seen.path.trim_start_matches('/'))
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Milliseconds at which user `user` sent requests.
    pub(crate) fn times_of(&self, user: u32) -> Vec<u64> {
        self.seen
            .iter()
            .filter(|seen| seen.user == user)
            .map(|seen| seen.at_ms)
            .collect()
    }

    /// The first request of each user, in milliseconds, by user.
    pub(crate) fn starts(&self) -> Vec<u64> {
        let mut starts = BTreeMap::new();
        for seen in &self.seen {
            starts.entry(seen.user).or_insert(seen.at_ms);
        }
        starts.into_values().collect()
    }

    /// Sum of a figure over all seconds.
    pub(crate) fn sum(&self, figure: impl Fn(&WorkerSecond) -> u64) -> u64 {
        self.seconds.iter().map(figure).sum()
    }
}

/// The intended start of a sample, in milliseconds.
pub(crate) fn intended_ms(sample: &Sample) -> u64 {
    sample.intended.as_micros() / 1000
}

/// `millis` milliseconds after the start of the run.
pub(crate) fn at(millis: u64) -> RunTime {
    RunTime::from_micros(millis * 1000)
}
