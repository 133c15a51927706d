//! What one engine thread records: blocks of samples, an account of each second, texts of failures.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use loadline_events::{ErrorKind, LabelId, Sample, ScriptLine, WorkerSecond};
use loadline_units::{Clock as _, RunTime};
use rustix::time::{ClockId, clock_gettime};

use crate::control::RunControl;
use crate::{FailureNote, RunClock, Sink};

/// Most samples in a block, which is 256 KiB: it is filled by one thread and read several times by another, and
/// stays in the caches meanwhile.
pub const BLOCK_SAMPLES: usize = 4_096;
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
    users_started: Cell<u64>,
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
            users_started: Cell::new(0),
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
        self.users_started.set(self.users_started.get() + 1);
    }

    /// How many users run.
    pub(crate) fn users(&self) -> u32 {
        self.users.get()
    }

    pub(crate) fn user_ended(&self) {
        self.users.set(self.users.get() - 1);
    }

    pub(crate) fn sample_started(&self) {
        self.in_flight.set(self.in_flight.get() + 1);
    }

    /// Forgets a sample that was told by [`Recorder::sample_started`] and that did not take place.
    pub(crate) fn sample_withdrawn(&self) {
        self.in_flight.set(self.in_flight.get() - 1);
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

    /// Hands on what scripts have logged and printed.
    pub(crate) fn script_lines(&self, lines: Vec<ScriptLine>) {
        if !lines.is_empty() {
            self.sink.script_lines(lines);
        }
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
            self.publish(&state);
        }
        self.roll(now);
    }

    /// Hands on what is left, with the account of the last, partial second.
    pub(crate) fn finish(&self) -> RecordedTotals {
        self.roll(self.clock.now());
        self.flush(&mut self.state.borrow_mut());
        self.write_row();
        self.publish(&self.state.borrow());
        self.state.borrow().totals
    }

    /// Shows the live figures.
    fn publish(&self, state: &State) {
        let figures = self.control.figures(self.worker);
        let store = |figure: &AtomicU64, value| figure.store(value, Ordering::Relaxed);
        store(&figures.users, self.users.get().into());
        store(&figures.users_started, self.users_started.get());
        store(&figures.in_flight, self.in_flight.get().into());
        store(&figures.samples, state.totals.samples);
        store(&figures.errors, state.totals.errors);
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
        let room = state.block.len().next_multiple_of(256);
        let block = std::mem::replace(&mut state.block, self.sink.spare_block(room));
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

#[cfg(test)]
mod tests {
    use std::rc::Rc;
    use std::time::Duration;

    use loadline_events::{SampleFlags, StepId};

    use super::*;

    #[derive(Clone, Default)]
    struct Kept {
        blocks: Rc<RefCell<Vec<usize>>>,
        seconds: Rc<RefCell<Vec<WorkerSecond>>>,
    }

    impl Sink for Kept {
        fn samples(&self, block: Vec<Sample>) -> u64 {
            self.blocks.borrow_mut().push(block.len());
            3
        }

        fn second(&self, second: WorkerSecond) {
            self.seconds.borrow_mut().push(second);
        }

        fn failure(&self, _failure: FailureNote) {}
    }

    /// Runs `test` with a recorder in virtual time.
    fn run(test: impl AsyncFnOnce(&Recorder, &Kept, RunClock)) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let (clock, kept) = (RunClock::starting_now(), Kept::default());
            let control = RunControl::new(1);
            let sink = Box::new(kept.clone());
            let recorder = Recorder::new(0, clock, control, sink, Box::new(|| 7));
            test(&recorder, &kept, clock).await;
        });
    }

    fn sample(at: RunTime) -> Sample {
        Sample {
            intended: at,
            start_delay_us: 0,
            user_wait_us: 0,
            connect_us: 0,
            network: loadline_events::NetworkTimes::default(),
            first_byte_us: 0,
            service_us: 10,
            sent_bytes: 0,
            received_bytes: 0,
            user: 0,
            label: LabelId(0),
            step: StepId(0),
            status: 200,
            error: ErrorKind::None,
            flags: SampleFlags::default(),
        }
    }

    #[test]
    fn blocks_are_full_or_a_second_old_and_drops_are_counted() {
        run(async |recorder, kept, clock| {
            for _ in 0..BLOCK_SAMPLES + 5 {
                recorder.sample_started();
                recorder.sample_ended(sample(clock.now()), 0);
            }
            assert_eq!(*kept.blocks.borrow(), [BLOCK_SAMPLES]);
            tokio::time::sleep(Duration::from_secs(1)).await;
            recorder.tick(RunTime::from_micros(1_000_000));
            assert_eq!(*kept.blocks.borrow(), [BLOCK_SAMPLES, 5]);
            let row = kept.seconds.borrow()[0].clone();
            assert_eq!(
                (row.second, row.samples_dropped, row.open_connections),
                (0, 6, 7)
            );
            assert_eq!(row.in_sample_us, 10 * (BLOCK_SAMPLES as u64 + 5));
        });
    }

    #[test]
    fn a_late_tick_counts_for_those_that_it_swallowed() {
        run(async |recorder, kept, _| {
            tokio::time::sleep(Duration::from_millis(45)).await;
            recorder.tick(RunTime::from_micros(10_000));
            recorder.finish();
            assert_eq!(
                kept.seconds.borrow()[0].loop_lag_us,
                [35_000, 25_000, 15_000, 5_000]
            );
        });
    }

    #[test]
    fn a_stall_leaves_no_second_out() {
        run(async |recorder, kept, clock| {
            tokio::time::sleep(Duration::from_millis(3500)).await;
            recorder.sample_started();
            recorder.sample_ended(sample(clock.now()), 0);
            let seconds: Vec<u32> = kept.seconds.borrow().iter().map(|row| row.second).collect();
            assert_eq!(seconds, [0, 1, 2]);
        });
    }

    #[test]
    fn texts_of_failures_are_the_first_of_each_kind_and_some_more() {
        run(async |recorder, _, clock| {
            let of = |status| Sample {
                status,
                error: ErrorKind::Status,
                ..sample(clock.now())
            };
            let wanted = (0..100)
                .filter(|_| recorder.wants_failure(&of(500)))
                .count();
            assert_eq!(wanted, 20);
            assert!(recorder.wants_failure(&of(503)), "the first of its kind");
            assert!(!recorder.wants_failure(&of(503)));
        });
    }
}
