//! The order of thread groups over all engine threads: who waits for whom, when each starts.
//!
//! Touched when a group starts or ends, never on the path of a sample.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use loadline_events::Phase;
use loadline_plan::Stage;
use loadline_plan::program::Program;
use loadline_units::{Clock as _, RunTime};
use tokio::sync::watch;

use crate::RunClock;
use crate::prepare::predecessor;

/// Time between the decision that groups start and their start, when several threads must hear it.
const LEAD: Duration = Duration::from_millis(20);

/// Tells whoever conducts the run of its turning points. Called on an engine thread: it must not
/// block.
pub type OnPhase = Arc<dyn Fn(Phase) + Send + Sync>;

/// The thread groups of a run, as its threads see them together.
pub(crate) struct Lineup {
    program: Arc<Program>,
    clock: RunClock,
    workers: usize,
    lead_in: Duration,
    on_phase: OnPhase,
    state: Mutex<State>,
    changed: watch::Sender<()>,
}

#[derive(Debug)]
struct State {
    groups: Vec<GroupState>,
    workers_ready: usize,
    is_stopped: bool,
    main_started_at: Option<RunTime>,
    main_ended_at: Option<RunTime>,
}

#[derive(Clone, Debug)]
struct GroupState {
    waits_for: Vec<usize>,
    turn: Turn,
    /// Threads on which it has not ended.
    workers_left: usize,
}

/// Whether a group may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Not yet.
    Waiting,
    /// From this instant on.
    From(RunTime),
    /// It will not run: the test was stopped.
    Never,
}

impl Lineup {
    pub(crate) fn new(
        program: Arc<Program>,
        clock: RunClock,
        workers: usize,
        lead_in: Duration,
        on_phase: OnPhase,
    ) -> Self {
        let groups = (0..program.groups.len())
            .map(|index| GroupState {
                waits_for: waits_for(&program, index),
                turn: Turn::Waiting,
                workers_left: workers,
            })
            .collect();
        Self {
            program,
            clock,
            workers,
            lead_in,
            on_phase,
            state: Mutex::new(State {
                groups,
                workers_ready: 0,
                is_stopped: false,
                main_started_at: None,
                main_ended_at: None,
            }),
            changed: watch::Sender::new(()),
        }
    }

    /// One more thread is ready; with the last, the first groups start.
    pub(crate) fn worker_ready(&self) {
        let mut state = self.lock();
        state.workers_ready += 1;
        if state.workers_ready == self.workers {
            self.advance(state);
        }
    }

    /// Waits until it is known whether the group at `index` runs, and from when on.
    pub(crate) async fn turn(&self, index: usize) -> Turn {
        let mut changes = self.changed.subscribe();
        loop {
            let turn = self.lock().groups[index].turn;
            if turn != Turn::Waiting {
                return turn;
            }
            if changes.changed().await.is_err() {
                return Turn::Never;
            }
        }
    }

    /// The group at `index` has ended on one thread.
    pub(crate) fn group_ended(&self, index: usize) {
        let mut state = self.lock();
        state.groups[index].workers_left -= 1;
        if state.groups[index].workers_left == 0 {
            self.advance(state);
        }
    }

    /// The test was stopped: groups that have not started will not, but for tear-down groups if
    /// the plan says so, `with_tear_down` holds and the set-up groups have ended.
    pub(crate) fn stop(&self, with_tear_down: bool) {
        let mut state = self.lock();
        state.is_stopped = true;
        let is_set_up = (self.program.groups.iter().zip(&state.groups))
            .all(|(program, group)| program.stage != Stage::SetUp || group.workers_left == 0);
        let tear_down = with_tear_down && is_set_up && self.program.tear_down_on_shutdown;
        for (group, program) in state.groups.iter_mut().zip(&self.program.groups) {
            let runs_still = tear_down && program.stage == Stage::TearDown;
            if group.turn == Turn::Waiting && !runs_still {
                group.turn = Turn::Never;
            }
        }
        self.advance(state);
    }

    /// When the main groups started and ended, as far as they have.
    pub(crate) fn main_times(&self) -> (Option<RunTime>, Option<RunTime>) {
        let state = self.lock();
        (state.main_started_at, state.main_ended_at)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives their turn to all groups that wait for nothing more, and notes turning points.
    fn advance(&self, mut state: std::sync::MutexGuard<'_, State>) {
        let lead = if self.workers > 1 {
            LEAD
        } else {
            Duration::ZERO
        };
        let now = self.clock.now();
        // A clock that has not begun to run starts with the groups.
        let start = if now == RunTime::ZERO {
            now
        } else {
            now + lead
        };
        // Later groups of the stage may start at any time; its first ones start the steps.
        let main_start = next_whole_second(start.max(RunTime::from_duration(self.lead_in)));
        let mut phases = Vec::new();
        for index in 0..state.groups.len() {
            let is_free = state.groups[index]
                .waits_for
                .iter()
                .all(|other| state.groups[*other].workers_left == 0);
            if state.groups[index].turn != Turn::Waiting || !is_free {
                continue;
            }
            let is_main = self.program.groups[index].stage == Stage::Main;
            if is_main && state.main_started_at.is_none() {
                state.main_started_at = Some(main_start);
                phases.push(Phase::MainStarted { at: main_start });
            }
            let is_first = is_main && state.main_started_at == Some(main_start);
            state.groups[index].turn = Turn::From(if is_first { main_start } else { start });
        }
        let main_left = (self.program.groups.iter().zip(&state.groups))
            .any(|(program, group)| program.stage == Stage::Main && group.workers_left > 0);
        let is_over = !main_left || state.is_stopped;
        if is_over && state.main_started_at.is_some() && state.main_ended_at.is_none() {
            let at = self.clock.now();
            state.main_ended_at = Some(at);
            phases.push(Phase::MainEnded { at });
        }
        drop(state);
        self.changed.send_replace(());
        for phase in phases {
            (self.on_phase)(phase);
        }
    }
}

/// The first whole second of the run that is not before `time`: steps begin on whole seconds, so
/// that the seconds of a series lie wholly in one step.
fn next_whole_second(time: RunTime) -> RunTime {
    RunTime::from_micros(time.as_micros().div_ceil(1_000_000) * 1_000_000)
}

/// All groups that the group at `index` waits for: one of its stage, and the stages before.
fn waits_for(program: &Program, index: usize) -> Vec<usize> {
    let stage = program.groups[index].stage;
    let earlier = (0..program.groups.len()).filter(|other| program.groups[*other].stage < stage);
    predecessor(program, index)
        .into_iter()
        .chain(earlier)
        .collect()
}
