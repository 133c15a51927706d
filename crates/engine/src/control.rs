//! Stopping a run from outside, and looking at it while it goes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use loadline_events::StopReason;
use tokio::sync::watch;

/// How urgently a run is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum StopLevel {
    /// It is not.
    Running,
    /// Users finish their present sample.
    Graceful,
    /// Samples are aborted; tear-down groups run yet, if the plan wants so.
    Now,
    /// Samples are aborted, those of tear-down groups too.
    Abort,
}

/// Stops a run and shows its live figures. Cheap to clone; all clones are the same run's.
#[derive(Clone, Debug)]
pub struct RunControl {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    stop: watch::Sender<(StopLevel, Option<StopReason>)>,
    workers: Box<[WorkerFigures]>,
}

/// Live figures of one engine thread; written by it alone, about every 10 ms.
#[derive(Debug, Default)]
pub(crate) struct WorkerFigures {
    pub(crate) users: AtomicU64,
    pub(crate) users_started: AtomicU64,
    pub(crate) in_flight: AtomicU64,
    pub(crate) samples: AtomicU64,
    pub(crate) errors: AtomicU64,
}

/// Live figures of a run, some 10 ms old.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LiveFigures {
    /// Users running.
    pub users: u64,
    /// Users that have started so far, those that have ended included.
    pub users_started: u64,
    /// Samples under way.
    pub in_flight: u64,
    /// Samples completed so far, transactions not counted.
    pub samples: u64,
    /// Samples failed so far, transactions not counted.
    pub errors: u64,
}

impl RunControl {
    /// The control of a run with `workers` engine threads.
    pub(crate) fn new(workers: usize) -> Self {
        Self {
            shared: Arc::new(Shared {
                stop: watch::Sender::new((StopLevel::Running, None)),
                workers: (0..workers).map(|_| WorkerFigures::default()).collect(),
            }),
        }
    }

    /// Lets every user finish its present sample, then ends the run; samples that take longer than
    /// the graceful stop allows are aborted. The first reason given counts.
    pub fn stop(&self, reason: StopReason) {
        self.raise(StopLevel::Graceful, reason);
    }

    /// Aborts the running samples of all but tear-down groups, which run yet if the plan wants so.
    pub(crate) fn stop_now(&self, reason: StopReason) {
        self.raise(StopLevel::Now, reason);
    }

    /// Aborts running samples and ends the run at once; tear-down groups do not run.
    pub fn abort(&self, reason: StopReason) {
        self.raise(StopLevel::Abort, reason);
    }

    fn raise(&self, level: StopLevel, reason: StopReason) {
        self.shared.stop.send_if_modified(|(current, first)| {
            let is_raised = level > *current;
            if is_raised {
                *current = level;
                first.get_or_insert(reason);
            }
            is_raised
        });
    }

    /// Why the run was told to stop, if it was.
    #[must_use]
    pub fn stop_reason(&self) -> Option<StopReason> {
        self.shared.stop.borrow().1
    }

    /// The live figures, summed over the engine threads.
    #[must_use]
    pub fn live(&self) -> LiveFigures {
        let mut sum = LiveFigures::default();
        for worker in &self.shared.workers {
            sum.users += worker.users.load(Ordering::Relaxed);
            sum.users_started += worker.users_started.load(Ordering::Relaxed);
            sum.in_flight += worker.in_flight.load(Ordering::Relaxed);
            sum.samples += worker.samples.load(Ordering::Relaxed);
            sum.errors += worker.errors.load(Ordering::Relaxed);
        }
        sum
    }

    pub(crate) fn changes(&self) -> watch::Receiver<(StopLevel, Option<StopReason>)> {
        self.shared.stop.subscribe()
    }

    pub(crate) fn figures(&self, worker: usize) -> &WorkerFigures {
        &self.shared.workers[worker]
    }
}
