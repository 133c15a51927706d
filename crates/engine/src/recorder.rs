//! What one engine thread records: blocks of samples, an account of each second, texts of failures.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use loadline_events::{ErrorKind, LabelId, Sample, WorkerSecond};
use loadline_units::{Clock as _, RunTime};
use rustix::time::{ClockId, clock_gettime};

use crate::control::RunControl;
use crate::{FailureNote, RunClock, Sink};

/// Most samples in a block.
pub const BLOCK_SAMPLES: usize = 16_384;
/// Period of the timer that measures the thread's lateness, in microseconds.
pub(crate) const TICK_US: u64 = 10_000;
/// Most texts of failures in a second, beside the first of each kind.
const FAILURES_PER_SECOND: u32 = 20;
/// Most kinds of failures whose first text is always kept.
const FAILURE_KINDS: usize = 4_096;
/// Most lateness figures in a second: a stall of 100 s back-fills so many.
const LAG_FIGURES: usize = 10_000;

/// Records what one engine thread does.
pub(crate) struct Recorder {
    worker: usize,
    clock: RunClock,
    control: RunControl,
    sink: Box<dyn Sink>,
    open_connections: Box<dyn Fn() -> u32>,
    users: Cell<u32>,
    in_flight: Cell<u32>,
    state: RefCell<State>,
}

#[derive(Debug, Default)]
struct State {
    block: Vec<Sample>,
    row: WorkerSecond,
    /// CPU time of the thread at the beginning of the row.
    cpu_us: u64,
    failures_in_second: u32,
    failures_seen: BTreeSet<(LabelId, ErrorKind, u16)>,
    totals: RecordedTotals,
}

/// What an engine thread recorded over its life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RecordedTotals {
    pub(crate) samples: u64,
    pub(crate) errors: u64,
    pub(crate) censored: u64,
    pub(crate) dropped: u64,
    pub(crate) arrivals_missed: u64,
}

impl Recorder {
    pub(crate) fn new(
        worker: usize,
        clock: RunClock,
        control: RunControl,
        sink: Box<dyn Sink>,
        open_connections: Box<dyn Fn() -> u32>,
    ) -> Self {
        let row = WorkerSecond {
            worker: u16::try_from(worker).unwrap_or(u16::MAX),
            second: clock.now().second(),
            ..WorkerSecond::default()
        };
        Self {
            worker,
            clock,
            control,
            sink,
            open_connections,
            users: Cell::new(0),
            in_flight: Cell::new(0),
            state: RefCell::new(State {
                row,
                cpu_us: thread_cpu_us(),
                ..State::default()
            }),
        }
    }

    pub(crate) fn user_started(&self) {
        self.users.set(self.users.get() + 1);
    }

    pub(crate) fn user_ended(&self) {
        self.users.set(self.users.get() - 1);
    }

    pub(crate) fn sample_started(&self) {
        self.in_flight.set(self.in_flight.get() + 1);
    }

    /// Records the end of a sample that was told by [`Recorder::sample_started`].
    pub(crate) fn sample_ended(&self, sample: Sample, connections_opened: u16) {
        self.in_flight.set(self.in_flight.get() - 1);
        let ended = sample.ended();
        self.roll(ended);
        let mut state = self.state.borrow_mut();
        state.row.in_sample_us += u64::from(sample.service_us);
        state.row.connections_opened += u32::from(connections_opened);
        state.totals.samples += 1;
        state.totals.errors += u64::from(sample.is_error());
        state.totals.censored += u64::from(sample.is_censored());
        self.push(&mut state, sample);
    }

    /// Records a sample that sums up others.
    pub(crate) fn transaction(&self, sample: Sample) {
        self.roll(self.clock.now());
        self.push(&mut self.state.borrow_mut(), sample);
    }

    /// Whether the text of this failed sample is wanted; it is then given to [`Recorder::failure`].
    pub(crate) fn wants_failure(&self, sample: &Sample) -> bool {
        let mut state = self.state.borrow_mut();
        let kind = (sample.label, sample.error, sample.status);
        let is_first =
            state.failures_seen.len() < FAILURE_KINDS && state.failures_seen.insert(kind);
        let is_within = state.failures_in_second < FAILURES_PER_SECOND;
        state.failures_in_second += u32::from(is_within);
        is_first || is_within
    }

    pub(crate) fn failure(&self, failure: FailureNote) {
        self.sink.failure(failure);
    }

    pub(crate) fn thought(&self, asleep_us: u64) {
        self.state.borrow_mut().row.think_us += asleep_us;
    }

    pub(crate) fn iteration_ended(&self) {
        self.state.borrow_mut().row.iterations += 1;
    }

    pub(crate) fn arrival_offered(&self) {
        self.state.borrow_mut().row.arrivals_offered += 1;
    }

    pub(crate) fn arrival_started(&self) {
        self.state.borrow_mut().row.arrivals_started += 1;
    }

    pub(crate) fn arrivals_missed(&self, count: u64) {
        let mut state = self.state.borrow_mut();
        state.row.arrivals_missed += count;
        state.totals.arrivals_missed += count;
    }

    /// Records that the tick due at `due` came now.
    pub(crate) fn tick(&self, due: RunTime) {
        let now = self.clock.now();
        {
            let mut state = self.state.borrow_mut();
            let mut lag = u64::from(now.micros_since(due));
            loop {
                if state.row.loop_lag_us.len() < LAG_FIGURES {
                    state
                        .row
                        .loop_lag_us
                        .push(u32::try_from(lag).unwrap_or(u32::MAX));
                }
                // Ticks that a late one swallowed would have waited too.
                match lag.checked_sub(TICK_US) {
                    Some(rest) if rest > 0 => lag = rest,
                    _ => break,
                }
            }
            let figures = self.control.figures(self.worker);
            figures
                .users
                .store(self.users.get().into(), Ordering::Relaxed);
            figures
                .in_flight
                .store(self.in_flight.get().into(), Ordering::Relaxed);
            figures
                .samples
                .store(state.totals.samples, Ordering::Relaxed);
            figures.errors.store(state.totals.errors, Ordering::Relaxed);
        }
        self.roll(now);
    }

    /// Hands on what is left, with the account of the last, partial second.
    pub(crate) fn finish(&self) -> RecordedTotals {
        self.roll(self.clock.now());
        self.flush(&mut self.state.borrow_mut());
        self.write_row();
        self.state.borrow().totals
    }

    /// Closes the seconds before `now`.
    fn roll(&self, now: RunTime) {
        while self.state.borrow().row.second < now.second() {
            self.flush(&mut self.state.borrow_mut());
            self.write_row();
        }
    }

    fn write_row(&self) {
        let cpu_us = thread_cpu_us();
        let mut state = self.state.borrow_mut();
        let next = WorkerSecond {
            worker: state.row.worker,
            second: state.row.second + 1,
            // A tick comes every 10 ms.
            loop_lag_us: Vec::with_capacity(128),
            ..WorkerSecond::default()
        };
        let mut row = std::mem::replace(&mut state.row, next);
        row.written_at = self.clock.now();
        row.users_running = self.users.get();
        row.in_flight = self.in_flight.get();
        row.open_connections = (self.open_connections)();
        row.cpu_us = cpu_us - state.cpu_us;
        state.cpu_us = cpu_us;
        state.failures_in_second = 0;
        self.sink.second(row);
    }

    fn push(&self, state: &mut State, sample: Sample) {
        state.block.push(sample);
        if state.block.len() >= BLOCK_SAMPLES {
            self.flush(state);
        }
    }

    fn flush(&self, state: &mut State) {
        if state.block.is_empty() {
            return;
        }
        let next = Vec::with_capacity(state.block.len().next_multiple_of(256));
        let block = std::mem::replace(&mut state.block, next);
        let dropped = self.sink.samples(block);
        state.row.samples_dropped += dropped;
        state.totals.dropped += dropped;
    }
}

/// CPU time of this thread, in microseconds.
fn thread_cpu_us() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanos = u64::try_from(time.tv_nsec).unwrap_or(0);
    seconds * 1_000_000 + nanos / 1_000
}
