//! What the users of one engine thread share.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use loadline_events::StepId;
use loadline_plan::Stage;
use loadline_plan::program::{CsvId, GroupProgram, Slot};
use loadline_units::RunTime;
use tokio::sync::Notify;

use crate::control::{RunControl, StopLevel};
use crate::coordination::Coordination;
use crate::csv::{CsvProblem, CsvReader, CsvTexts};
use crate::functions::Functions;
use crate::labels::LabelCache;
use crate::listening::Ear;
use crate::recorder::Recorder;
use crate::user::plain::PlainSamplers;
use crate::{Lookahead, PreparedRun, Processors, RunClock, Sampler, Variables};

/// One engine thread.
pub(crate) struct Worker<S> {
    pub(crate) clock: RunClock,
    pub(crate) prepared: Arc<PreparedRun>,
    pub(crate) sampler: Rc<S>,
    pub(crate) recorder: Recorder,
    /// Of users: what each request needs of them, and of the futures behind them and of their sessions.
    pub(crate) lookahead: Lookahead<3>,
    pub(crate) functions: Functions,
    pub(crate) processors: Processors,
    /// Hears results, if anybody listens.
    pub(crate) ear: Option<Ear>,
    pub(crate) labels: LabelCache,
    pub(crate) control: RunControl,
    pub(crate) coordination: Arc<Coordination>,
    pub(crate) stop: StopSignal,
    pub(crate) faults: Faults,
    /// Where the plan reads whether the user's last sample was good.
    pub(crate) last_sample_ok: Option<Slot>,
    /// Data sets that users share, by their texts.
    csv: RefCell<BTreeMap<(CsvId, usize, CsvKey), Rc<CsvReader>>>,
}

/// What an engine thread begins with.
pub(crate) struct WorkerParts<S> {
    pub(crate) clock: RunClock,
    pub(crate) prepared: Arc<PreparedRun>,
    pub(crate) sampler: Rc<S>,
    pub(crate) recorder: Recorder,
    pub(crate) labels: LabelCache,
    pub(crate) control: RunControl,
    pub(crate) coordination: Arc<Coordination>,
    /// Hears results, if anybody listens.
    pub(crate) ear: Option<Ear>,
}

type CsvKey = (String, String, String, String);

impl<S: Sampler> Worker<S> {
    pub(crate) fn new(parts: WorkerParts<S>) -> Self {
        let WorkerParts {
            clock,
            prepared,
            sampler,
            recorder,
            labels,
            control,
            coordination,
            ear,
        } = parts;
        let last_sample_ok = prepared
            .variables
            .names()
            .slot("JMeterThread.last_sample_ok");
        Self {
            clock,
            functions: Functions::new(Arc::clone(&prepared.functions)),
            prepared,
            sampler,
            recorder,
            lookahead: Lookahead::default(),
            processors: match ear {
                Some(_) => Processors::keeping_verdicts(),
                None => Processors::default(),
            },
            ear,
            labels,
            control,
            coordination,
            stop: StopSignal::default(),
            faults: Faults::default(),
            last_sample_ok,
            csv: RefCell::default(),
        }
    }

    /// Counts the fault of a function, if one failed since this was last asked.
    pub(crate) fn note_fault(&self) {
        if let Some(fault) = self.functions.take_fault() {
            self.faults.note(fault.to_string());
        }
    }

    /// The data set `id` for user `user` of group `group`; users with the same texts share one.
    pub(crate) fn csv_reader(
        &self,
        id: CsvId,
        texts: CsvTexts,
        group: usize,
        user: u32,
        variables: &Variables,
    ) -> Result<Rc<CsvReader>, CsvProblem> {
        let program = &self.prepared.program.csv[id.0 as usize];
        let open = || {
            let files = &self.prepared.files;
            files
                .open(program, &texts, group, user, variables)
                .map(Rc::new)
        };
        if program.share == loadline_plan::ShareMode::Thread {
            return open();
        }
        let CsvTexts {
            file,
            encoding,
            variables: names,
            delimiter,
        } = texts.clone();
        let key = (id, group, (file, encoding, names, delimiter));
        if let Some(reader) = self.csv.borrow().get(&key) {
            return Ok(Rc::clone(reader));
        }
        let reader = open()?;
        self.csv.borrow_mut().insert(key, Rc::clone(&reader));
        Ok(reader)
    }
}

/// One thread group as the users of an engine thread see it.
pub(crate) struct Group {
    pub(crate) index: usize,
    pub(crate) name: Rc<str>,
    prepared: Arc<PreparedRun>,
    /// When it started.
    pub(crate) started_at: RunTime,
    /// When the main stage started, for groups of that stage.
    main_started_at: Option<RunTime>,
    /// Iterations left to the users of all threads together, when they share them.
    pub(crate) iterations_left: Option<Arc<AtomicU64>>,
    pub(crate) plain: PlainSamplers,
}

impl Group {
    pub(crate) fn new<S>(
        index: usize,
        worker: &Worker<S>,
        started_at: RunTime,
        main_started_at: Option<RunTime>,
        iterations_left: Option<Arc<AtomicU64>>,
    ) -> Self {
        let prepared = Arc::clone(&worker.prepared);
        let program = &prepared.program.groups[index];
        Self {
            index,
            plain: PlainSamplers::of(&program.samplers, worker),
            name: Rc::from(&*prepared.groups[index].name),
            main_started_at: main_started_at.filter(|_| program.stage == Stage::Main),
            prepared,
            started_at,
            iterations_left,
        }
    }

    pub(crate) fn program(&self) -> &GroupProgram {
        &self.prepared.program.groups[self.index]
    }

    /// Number over the run of the group's first user.
    pub(crate) fn first_user(&self) -> u32 {
        self.prepared.groups[self.index].first_user
    }

    /// The step of a sample that was to start at `intended`.
    pub(crate) fn step(&self, intended: RunTime) -> StepId {
        match self.main_started_at {
            Some(start) => self.prepared.step_at(intended.saturating_since(start)),
            None => StepId::NONE,
        }
    }

    /// Whether a graceful stop ends the group: tear-down groups run after one.
    pub(crate) fn heeds_stop(&self) -> bool {
        self.program().stage != Stage::TearDown
    }
}

/// The run's stop level as one thread knows it.
#[derive(Debug)]
pub(crate) struct StopSignal {
    level: Cell<StopLevel>,
    raised_at: Cell<Option<RunTime>>,
    raised: Notify,
}

impl Default for StopSignal {
    fn default() -> Self {
        Self {
            level: Cell::new(StopLevel::Running),
            raised_at: Cell::new(None),
            raised: Notify::new(),
        }
    }
}

impl StopSignal {
    pub(crate) fn level(&self) -> StopLevel {
        self.level.get()
    }

    /// When the run was first told to stop.
    pub(crate) fn raised_at(&self) -> Option<RunTime> {
        self.raised_at.get()
    }

    pub(crate) fn raise(&self, level: StopLevel, at: RunTime) {
        self.level.set(level);
        if self.raised_at.get().is_none() {
            self.raised_at.set(Some(at));
        }
        self.raised.notify_waiters();
    }

    /// Waits for the next raise. A raise between the call and the first poll is not lost.
    pub(crate) fn raised(&self) -> impl Future<Output = ()> {
        self.raised.notified()
    }
}

/// Faults that made users end or skip a sample without a result, each text once.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    counts: RefCell<BTreeMap<String, u64>>,
}

/// Most different texts of faults that are kept; further ones are counted together.
const MAX_FAULTS: usize = 64;

impl Faults {
    pub(crate) fn note(&self, text: String) {
        let mut counts = self.counts.borrow_mut();
        let has_room = counts.len() < MAX_FAULTS || counts.contains_key(&text);
        let text = if has_room {
            text
        } else {
            "(other faults)".to_owned()
        };
        *counts.entry(text).or_default() += 1;
    }

    /// The texts, each with its count.
    pub(crate) fn take(&self) -> BTreeMap<String, u64> {
        self.counts.take()
    }
}
