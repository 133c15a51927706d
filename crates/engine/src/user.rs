//! One virtual user: waits, samples, lets processors read, records, again and again.

use std::future::pending;
use std::mem::offset_of;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use loadline_plan::PlanSource;
use loadline_plan::program::{
    CsvId, NodeId, NodeKind, OutputId, PassSource, SamplerKind, SetterId,
};
use loadline_schedule::{IterationBound, UserWindow};
use loadline_units::{Clock as _, RunTime};

use crate::control::StopLevel;
use crate::csv::{CsvReader, CsvTexts};
use crate::functions::PerUserCalls;
use crate::pace::OwnPaces;
use crate::pool::{Pool, Shift};
use crate::record::{Planned, censored};
use crate::section::{Lock, Section, Stays};
use crate::setter::{self, OwnSetters};
use crate::steering::Steered;
use crate::transaction::OpenTransaction;
use crate::walk::{Step, Walk};
use crate::worker::{Group, Worker};
use crate::{IterationStart, Position, Sampler, UserIdentity, chance, clock, modifier};

mod closing;
mod naming;
mod own;
mod parallel;
pub(crate) mod plain;
mod popping;
mod sampling;
mod scripting;
mod telling;
mod transacting;
mod waiting;

use own::{Asked, Own};
use parallel::Parallel;

/// Passes without a sample after which a user lets a millisecond pass.
const EMPTY_PASSES: u32 = 64;

/// Passes on top of each other, all without a sampler, that end a user of a JMeter plan: there each
/// goes deeper into the stack of its thread, which is full after 500 to 1,000 of them.
const MOST_PASSES_IN_VAIN: u32 = 1_000;

/// What is said of such a user.
const EXHAUSTED: &str = "a user ended in a loop or an Interleave Controller that has nothing left to run: no \
     sampler in 1,000 passes (JMeter ends the thread with a StackOverflowError)";

/// A virtual user.
///
/// Its fields are in this order in memory: what every request needs stands first and together, since of a
/// thousand users none is in the processor's nearest cache when its answer comes (see [`crate::Lookahead`]).
#[repr(C)]
pub(crate) struct User<S: Sampler> {
    worker: Rc<Worker<S>>,
    group: Rc<Group>,
    session: Rc<S::Session>,
    /// When the user became ready for its next sample: the end of the one before, and the pauses
    /// since.
    ready_at: RunTime,
    /// From when on no sample begins.
    end: Option<RunTime>,
    iteration: u64,
    /// How many iterations it begins, as far as its window says.
    iterations: IterationBound,
    /// The arrival or pace that the first sample of the iteration answers, until it does.
    due: Option<Due>,
    empty_passes: u32,
    /// Where it stood among those that began a sample when its memory was noted last.
    position: Position,
    has_sampled: bool,
    is_running: bool,
    /// It begins the next iteration before it sees that it is to end, as a thread of JMeter does, which looks for
    /// its next sampler first.
    looks_ahead: bool,
    /// Its iterations start at a pace, or the last one is finished after its end.
    heeds_window: bool,
    /// Each arrival is another caller's, with cookies and connections of its own.
    is_another: bool,
    /// The sample under way.
    in_flight: Option<InFlight>,
    walk: Walk,
    transactions: Vec<OpenTransaction>,
    /// What a Parallel Controller needs, if the user has come to one.
    parallel: Option<Box<Parallel<S>>>,
    own: Own,
    csv: Vec<(CsvId, Rc<CsvReader>)>,
    setters: OwnSetters,
    paces: OwnPaces,
    /// What URL Re-writing Modifiers found last.
    sessions: modifier::Sessions,
    /// Critical sections that the user is in.
    stays: Stays,
    /// Result files whose listeners hear the sampler that the user came to last; kept up only when
    /// somebody listens.
    outputs: Arc<[OutputId]>,
}

/// A start that a schedule asked for.
#[derive(Clone, Copy, Debug)]
struct Due {
    user_wait_us: u32,
}

/// A sample under way, with what is known before its end.
#[derive(Clone, Copy, Debug)]
struct InFlight {
    planned: Planned,
    started: RunTime,
}

/// Where a user goes after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    /// To the next step.
    On,
    /// To the next pass of the loop that it is in.
    NextPass,
    /// Out of the loop that it is in.
    BreakLoop,
    /// To the next iteration.
    NextIteration,
    /// The user ends.
    End,
}

impl Flow {
    /// Where somebody goes who is to go both ways: the one that leads further out.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::End, _) | (_, Self::End) => Self::End,
            (Self::NextIteration, _) | (_, Self::NextIteration) => Self::NextIteration,
            (Self::On, other) => other,
            (flow, _) => flow,
        }
    }
}

impl<S: Sampler> User<S> {
    /// Bytes at the beginning of a user that every request needs.
    const NEEDED_BYTES: usize = offset_of!(Self, own) + Own::NEEDED_BYTES;

    /// Bytes behind a user in which its futures keep what a plain request needs while it waits: that they lie there is
    /// the compiler's choice.
    const WAITING_BYTES: usize = 576;

    /// User `index`, counted from 0, of `group`; with a `generation` above 0, one that takes the
    /// place of another.
    pub(crate) fn new(
        worker: Rc<Worker<S>>,
        group: Rc<Group>,
        index: u32,
        generation: u32,
    ) -> Self {
        let number = group.first_user().saturating_add(index);
        let own = Own {
            identity: UserIdentity {
                number,
                thread_number: index + 1,
                group_number: group.program().number,
                group_name: Rc::clone(&group.name),
            },
            variables: worker.prepared.variables.clone(),
            per_user: PerUserCalls::default(),
            previous: None,
            chance: chance::of_user(worker.prepared.seed, number, generation),
            label: String::new(),
            scratch: String::new(),
        };
        Self {
            session: Rc::new(worker.sampler.session(number)),
            walk: Walk::new(&group.program().nodes),
            worker,
            group,
            own,
            csv: Vec::new(),
            setters: OwnSetters::default(),
            paces: OwnPaces::default(),
            sessions: modifier::Sessions::default(),
            transactions: Vec::new(),
            stays: Stays::default(),
            in_flight: None,
            end: None,
            ready_at: RunTime::ZERO,
            due: None,
            iteration: 0,
            iterations: IterationBound::Unbounded,
            looks_ahead: false,
            heeds_window: false,
            empty_passes: 0,
            position: Position::default(),
            has_sampled: false,
            outputs: Arc::default(),
            is_running: false,
            is_another: false,
            parallel: None,
        }
    }

    /// Lives through `window` of a closed load; with `pacing`, an iteration starts each so often.
    pub(crate) async fn run_closed(&mut self, window: &UserWindow, pacing: Option<Duration>) {
        let start = self.group.started_at + window.start;
        self.end = window.end.map(|end| self.group.started_at + end);
        if self.end.is_some_and(|end| end <= start) || !self.sleep_until(start).await {
            return;
        }
        if window.finishes_iteration {
            self.end = None;
        }
        if !self.begin() {
            return;
        }
        self.iterations = window.iterations;
        self.heeds_window = pacing.is_some() || window.finishes_iteration;
        self.looks_ahead = self.is_of_jmeter() && !self.heeds_window;
        self.ready_at = start;
        loop {
            // Most do not, and pacing and window, which are further off, are not touched.
            if self.heeds_window
                && let Some(pace) = pacing
            {
                let paces = u32::try_from(self.iteration).unwrap_or(u32::MAX);
                let due = start + pace.saturating_mul(paces);
                if self.is_after_end(due) || !self.wait(due).await {
                    return;
                }
                // A user that was still busy is late by itself, not by the generator.
                let user_wait_us = self.ready_at.micros_since(due);
                self.ready_at = due;
                self.due = Some(Due { user_wait_us });
            }
            // Computed anew each time: what is kept across an await makes every user larger. A user that
            // does not finish its iteration knows its end, and is asked for it below.
            let is_over = self.heeds_window
                && (window.end.filter(|_| window.finishes_iteration))
                    .is_some_and(|end| self.worker.clock.now() >= self.group.started_at + end);
            let begins_anyway = self.looks_ahead && self.iteration > 0;
            let is_to_end = (is_over || self.must_end_at(self.ready_at)) && !begins_anyway;
            if is_to_end || !self.take_iteration() {
                return;
            }
            if self.iterate().await == Flow::End {
                return;
            }
        }
    }

    /// Iterates until there are more users than wanted, at most `bound` times.
    pub(crate) async fn run_steered(&mut self, steered: &Steered, bound: Option<u64>) {
        if !self.begin() {
            return;
        }
        self.ready_at = self.worker.clock.now();
        loop {
            let is_through = bound.is_some_and(|most| self.iteration >= most);
            if is_through || self.must_end() || steered.is_one_too_many() {
                return;
            }
            if self.iterate().await == Flow::End {
                return;
            }
        }
    }

    /// Serves the arrivals that `pool` gives it. What would end a user ends the iteration only: the
    /// next arrival is another caller's.
    pub(crate) async fn run_pooled(&mut self, pool: &Pool, shift: Shift) {
        let has_begun = self.begin();
        self.end = shift.end;
        let is_of_jmeter = self.is_of_jmeter();
        let mut has_ended = false;
        while let Some(arrival) = pool.next(shift.index, || self.worker.clock.now()).await {
            if !has_begun || self.must_end() {
                self.worker.recorder.arrivals_missed(1);
                continue;
            }
            self.worker.recorder.arrival_started();
            let is_worn =
                (shift.iterations).is_some_and(|most| most == 1 || self.iteration >= most);
            if is_of_jmeter && (is_worn || has_ended) {
                self.become_another(arrival.number);
            }
            self.ready_at = arrival.at;
            self.due = Some(Due {
                user_wait_us: arrival.user_wait_us,
            });
            has_ended = self.iterate().await == Flow::End;
        }
    }

    /// Forgets what the user has done, and takes the place of the arrival `number`: in JMeter that
    /// is a new thread.
    fn become_another(&mut self, number: u64) {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        self.own.identity.thread_number = number.saturating_add(1);
        if self.iteration > 0 {
            self.own
                .variables
                .clone_from(&self.worker.prepared.variables);
            self.walk = Walk::new(&self.group.program().nodes);
            self.iteration = 0;
            self.own.per_user = PerUserCalls::default();
            self.own.previous = None;
            self.setters = OwnSetters::default();
            self.paces = OwnPaces::default();
            self.sessions = modifier::Sessions::default();
            self.is_another = true;
        }
    }

    /// Whether an iteration is left; takes it.
    fn take_iteration(&self) -> bool {
        match self.iterations {
            IterationBound::Unbounded => true,
            IterationBound::Each(most) => self.iteration < most,
            IterationBound::Shared(_) => self.group.iterations_left.as_ref().is_some_and(|left| {
                left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                    left.checked_sub(1)
                })
                .is_ok()
            }),
        }
    }

    /// Starts to be counted, and opens data sets. False when one cannot be opened: the user ends.
    fn begin(&mut self) -> bool {
        self.is_running = true;
        self.worker.recorder.user_started();
        self.worker.coordination.user_started(self.group.index);
        if self.group.program().samplers.is_empty() {
            return false;
        }
        let group = Rc::clone(&self.group);
        let worker = Rc::clone(&self.worker);
        let sources = group.program().nodes.iter().flat_map(|node| &node.sources);
        for source in sources {
            let PassSource::Csv(id) = source else {
                continue;
            };
            if self.csv.iter().any(|(known, _)| known == id) {
                continue;
            }
            let program = &worker.prepared.program.csv[id.0 as usize];
            let mut scope = self.own.scope(&worker, "");
            let texts = CsvTexts {
                file: scope.text(&program.file),
                encoding: scope.text(&program.encoding),
                variables: scope.text(&program.variables),
                delimiter: scope.text(&program.delimiter),
            };
            worker.note_fault();
            let user = self.own.identity.number;
            match worker.csv_reader(*id, texts, group.index, user, &self.own.variables) {
                Ok(reader) => self.csv.push((*id, reader)),
                Err(problem) => {
                    worker
                        .faults
                        .note(format!("{}: {problem}", program.location));
                    return false;
                }
            }
        }
        true
    }

    /// One pass through the thread group.
    async fn iterate(&mut self) -> Flow {
        self.start_iteration();
        let flow = self.go_on().await;
        if flow == Flow::On {
            self.worker.recorder.iteration_ended();
            if self.walk.is_over() {
                return Flow::End;
            }
        }
        flow
    }

    fn start_iteration(&mut self) {
        let start = IterationStart {
            index: self.iteration,
            new_user: self.is_another
                || self.has_run_branches()
                || !self.group.program().same_user_on_next_iteration,
        };
        self.worker.sampler.start_iteration(&self.session, start);
        self.start_iteration_of_branches(start);
        self.iteration += 1;
        self.own.per_user.start_iteration();
        self.walk.start_iteration();
    }

    /// Begins the next iteration of a user that is to end, if it looks ahead and has one left.
    fn start_iteration_ahead(&mut self) -> bool {
        let is_left = self.looks_ahead && self.take_iteration();
        if is_left {
            self.start_iteration();
        }
        is_left
    }

    /// Goes where the walk leads, to its end.
    async fn go_on(&mut self) -> Flow {
        let group = Rc::clone(&self.group);
        let program = group.program();
        loop {
            self.share_variables();
            let flow = match self.next_step() {
                Step::Sampler(id) => {
                    // The clock is read once it is about to begin.
                    if self.must_end_at(self.ready_at) {
                        self.end_behind_sampler();
                        Flow::End
                    } else {
                        let sampler = &program.samplers[id.0 as usize];
                        let flow = match (self.plain_label(id), &sampler.kind) {
                            (Some(label), SamplerKind::Http(request)) => {
                                self.step_plainly(sampler, request, label).await
                            }
                            _ => self.step(sampler).await,
                        };
                        for id in &program.samplers[id.0 as usize].setters_behind {
                            self.set_variables(*id);
                        }
                        if flow == Flow::End {
                            self.end_at_sampler();
                        }
                        flow
                    }
                }
                Step::PassStarted { node, index } => self.start_pass(node, index),
                Step::TransactionStarted(id) => {
                    self.start_transaction(id);
                    Flow::On
                }
                Step::TransactionEnded(id) => {
                    self.end_transaction(id);
                    Flow::On
                }
                Step::TransactionCutShort(id) => {
                    self.cut_transaction_short(id);
                    Flow::On
                }
                Step::SectionEntered(node) => Box::pin(self.enter_section(node)).await,
                Step::SectionLeft(node) => {
                    self.stays.leave(node);
                    Flow::On
                }
                Step::EmptyPass if self.is_exhausted() => {
                    self.worker.faults.note(EXHAUSTED.to_owned());
                    Flow::End
                }
                Step::EmptyPass => self.rest().await,
                Step::IterationEnded => return Flow::On,
            };
            if flow == Flow::On {
                continue;
            }
            match self.turn_off(flow) {
                Flow::On => {}
                flow => {
                    if flow == Flow::End {
                        self.transactions.clear();
                    } else {
                        self.cut_transactions_short();
                    }
                    self.stays.leave_all();
                    return flow;
                }
            }
        }
    }

    /// Whether a thread of JMeter would end here, as it looks for a sampler where none is left.
    fn is_exhausted(&self) -> bool {
        self.is_of_jmeter() && self.walk.passes_in_vain() > MOST_PASSES_IN_VAIN
    }

    fn next_step(&mut self) -> Step {
        let mut asked = Asked {
            own: &mut self.own,
            worker: &self.worker,
        };
        self.walk.next(&self.group.program().nodes, &mut asked)
    }

    /// Takes the walk where `flow` says; what is left of it concerns the whole iteration.
    fn turn_off(&mut self, flow: Flow) -> Flow {
        let group = Rc::clone(&self.group);
        let nodes = &group.program().nodes;
        let mut asked = Asked {
            own: &mut self.own,
            worker: &self.worker,
        };
        let flow = match flow {
            Flow::On | Flow::End => return flow,
            Flow::NextPass if self.walk.next_pass(nodes, &mut asked) => Flow::On,
            Flow::BreakLoop if self.walk.break_loop(nodes, &mut asked) => Flow::On,
            Flow::NextPass | Flow::BreakLoop if self.is_branch() => {
                self.walk.abandon_iteration(nodes);
                Flow::On
            }
            // Without a loop around it, the thread group is the loop.
            Flow::BreakLoop => {
                self.cut_transactions_short();
                Flow::End
            }
            Flow::NextPass | Flow::NextIteration => {
                self.walk.abandon_iteration(nodes);
                Flow::NextIteration
            }
        };
        // JMeter forgets the failure that led here.
        if let Some(slot) = self.worker.last_sample_ok {
            self.own.variables.set(slot, "true");
        }
        flow
    }

    /// Waits until no other user is in the critical section, as think time.
    async fn enter_section(&mut self, node: NodeId) -> Flow {
        let group = Rc::clone(&self.group);
        let NodeKind::CriticalSection(name) = &group.program().nodes[node.0 as usize].kind else {
            return Flow::On;
        };
        let section = {
            let name = self.own.text(&self.worker, name);
            // A name that is empty locks nothing; a user does not wait for itself.
            if name.is_empty() || self.stays.contain(name) {
                return Flow::On;
            }
            self.worker.prepared.sections.named(name)
        };
        let name = self.own.scratch.clone();
        let lock = match Arc::clone(&section).try_lock_owned() {
            Ok(lock) => lock,
            Err(_) => {
                let began = self.worker.clock.now();
                let Some(lock) = self.await_section(section).await else {
                    return Flow::End;
                };
                let now = self.worker.clock.now();
                self.worker.recorder.thought(now.micros_since(began).into());
                self.ready_at = self.ready_at.max(now);
                lock
            }
        };
        self.stays.enter(node, name, lock);
        if self.must_end() { Flow::End } else { Flow::On }
    }

    /// `None` when the user is to end before it gets in.
    async fn await_section(&self, section: Arc<Section>) -> Option<Lock> {
        let end = async {
            match self.end {
                Some(end) => clock::sleep_until(self.worker.clock, end).await,
                None => pending().await,
            }
        };
        let raised = async {
            while !self.is_stopped() {
                self.worker.stop.raised().await;
            }
        };
        tokio::select! {
            biased;
            () = raised => None,
            lock = section.lock_owned() => Some(lock),
            () = end => None,
        }
    }

    /// A pass of a controller begins: its index variable is set, its data sets give a line each, its
    /// counters step.
    fn start_pass(&mut self, node: NodeId, index: u64) -> Flow {
        let group = Rc::clone(&self.group);
        let node = &group.program().nodes[node.0 as usize];
        if let Some(slot) = node.index_variable {
            self.own.set_number(slot, index);
        }
        for source in &node.sources {
            match source {
                PassSource::Csv(id) => {
                    let Some((_, reader)) = self.csv.iter().find(|(known, _)| known == id) else {
                        continue;
                    };
                    if !reader.read(&mut self.own.variables, &mut self.own.scratch) {
                        return Flow::End;
                    }
                }
                PassSource::Comparison(id) => self.own.per_user.seen.forget(*id),
                PassSource::Setter(id) => {
                    self.set_variables(*id);
                    self.worker.note_fault();
                }
            }
        }
        Flow::On
    }

    /// Lets a counter step, or the like.
    fn set_variables(&mut self, id: SetterId) {
        let worker = Rc::clone(&self.worker);
        let program = &worker.prepared.program.setters[id.0 as usize];
        let shared = worker.coordination.setter(id);
        let mut scope = self.own.scope(&worker, "");
        let (own, iteration) = (&mut self.setters, self.iteration);
        setter::set(id, program, shared, own, iteration, &mut scope);
    }

    /// After a pass or step without a sample: lets others run, and now and then time pass.
    async fn rest(&mut self) -> Flow {
        self.empty_passes += 1;
        if self.empty_passes >= EMPTY_PASSES {
            self.empty_passes = 0;
            let later = self.worker.clock.now() + Duration::from_millis(1);
            if !self.sleep_until(later).await {
                return Flow::End;
            }
        } else {
            tokio::task::coop::consume_budget().await;
        }
        if self.must_end() { Flow::End } else { Flow::On }
    }

    /// Sleeps until `at` as think time. False when the user is to end.
    async fn wait(&mut self, at: RunTime) -> bool {
        let began = self.worker.clock.now();
        if began > at {
            return true;
        }
        let slept = self.sleep_until(at).await;
        let asleep = self.worker.clock.now().micros_since(began);
        self.worker.recorder.thought(asleep.into());
        slept
    }

    /// Sleeps until `at`; false when a stop came first.
    async fn sleep_until(&self, at: RunTime) -> bool {
        if self.is_stopped() {
            return false;
        }
        if !self.group.heeds_stop() {
            clock::sleep_until(self.worker.clock, at).await;
            return true;
        }
        tokio::select! {
            biased;
            () = self.worker.stop.raised() => false,
            () = clock::sleep_until(self.worker.clock, at) => true,
        }
    }

    fn is_of_jmeter(&self) -> bool {
        self.worker.prepared.program.source == PlanSource::Jmx
    }

    /// Whether the user begins no further sample now.
    fn must_end(&self) -> bool {
        self.must_end_at(self.worker.clock.now())
    }

    /// Whether the user begins no sample at `now`.
    fn must_end_at(&self, now: RunTime) -> bool {
        self.is_stopped() || self.own.per_user.must_end() || self.is_after_end(now)
    }

    fn is_stopped(&self) -> bool {
        match self.worker.stop.level() {
            StopLevel::Running => self.worker.coordination.groups[self.group.index].is_over(),
            StopLevel::Graceful | StopLevel::Now => self.group.heeds_stop(),
            StopLevel::Abort => true,
        }
    }

    fn is_after_end(&self, at: RunTime) -> bool {
        self.end.is_some_and(|end| at >= end)
    }
}

impl<S: Sampler> Drop for User<S> {
    /// A user that is dropped in the middle of a sample records it with what is known.
    fn drop(&mut self) {
        if let Some(InFlight { planned, started }) = self.in_flight.take() {
            let mut sample = censored(planned, started, self.worker.clock.now());
            if sample.label == naming::UNNAMED {
                // The last name is nearest.
                sample.label = self.worker.labels.id(&self.own.label, false);
            }
            self.worker.recorder.sample_ended(sample, 0);
            self.has_sampled = true;
            self.tell_aborted(&sample);
            for transaction in &mut self.transactions {
                transaction.add(&sample);
            }
        }
        if !self.transactions.is_empty() {
            self.end_at_sampler();
        }
        self.record_censored_transactions();
        if self.is_running {
            self.worker.recorder.user_ended();
            self.worker.coordination.user_ended(self.group.index);
        }
    }
}
