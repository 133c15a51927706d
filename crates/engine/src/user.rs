//! One virtual user: waits, samples, lets processors read, records, again and again.

use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use loadline_events::{ErrorKind, LabelId, Sample, SampleFlags, StopReason};
use loadline_plan::OnSampleError;
use loadline_plan::program::{
    Condition, CsvId, HttpProgram, LabelProgram, NodeId, PassCount, SamplerKind, SamplerProgram,
    Slot, TransactionId,
};
use loadline_schedule::{IterationBound, UserWindow};
use loadline_units::{Clock as _, RunTime};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::control::StopLevel;
use crate::csv::{CsvReader, CsvTexts};
use crate::functions::PerUserCalls;
use crate::pool::Pool;
use crate::record::{censored, failure_note, finished};
use crate::transaction::OpenTransaction;
use crate::walk::{Decisions, Step, Walk};
use crate::worker::{Group, Worker};
use crate::{
    IterationStart, Outcome, Sampler, Scope, UserIdentity, Variables, chance, clock, delay,
};

/// Passes without a sample after which a user lets a millisecond pass.
const EMPTY_PASSES: u32 = 64;

/// A virtual user.
pub(crate) struct User<S: Sampler> {
    worker: Rc<Worker<S>>,
    group: Rc<Group>,
    session: S::Session,
    own: Own,
    walk: Walk,
    csv: Vec<(CsvId, Rc<CsvReader>)>,
    transactions: Vec<OpenTransaction>,
    /// The sample under way.
    in_flight: Option<InFlight>,
    /// From when on no sample begins.
    end: Option<RunTime>,
    /// When the user became ready for its next sample: the end of the one before, and the pauses
    /// since.
    ready_at: RunTime,
    /// The arrival or pace that the first sample of the iteration answers, until it does.
    due: Option<Due>,
    iteration: u64,
    empty_passes: u32,
    has_sampled: bool,
    is_running: bool,
}

/// What texts are evaluated with.
struct Own {
    identity: UserIdentity,
    variables: Variables,
    per_user: PerUserCalls,
    chance: Xoshiro256PlusPlus,
    /// Label of the present sample when it is made at run time.
    label: String,
    /// Reused memory for rendering.
    scratch: String,
}

/// A start that a schedule asked for.
#[derive(Clone, Copy, Debug)]
struct Due {
    user_wait_us: u32,
}

/// A sample under way, with what is known before its end.
#[derive(Clone, Copy, Debug)]
struct InFlight {
    sample: Sample,
    started: RunTime,
}

/// Where a user goes after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    /// To the next step.
    On,
    /// To the next iteration.
    NextIteration,
    /// The user ends.
    End,
}

impl<S: Sampler> User<S> {
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
            chance: chance::of_user(worker.prepared.seed, number, generation),
            label: String::new(),
            scratch: String::new(),
        };
        Self {
            session: worker.sampler.session(number),
            walk: Walk::new(&group.program().nodes),
            worker,
            group,
            own,
            csv: Vec::new(),
            transactions: Vec::new(),
            in_flight: None,
            end: None,
            ready_at: RunTime::ZERO,
            due: None,
            iteration: 0,
            empty_passes: 0,
            has_sampled: false,
            is_running: false,
        }
    }

    /// Lives through `window` of a closed load; with `pacing`, an iteration starts each so often.
    pub(crate) async fn run_closed(&mut self, window: UserWindow, pacing: Option<Duration>) {
        let start = self.group.started_at + window.start;
        self.end = window.end.map(|end| self.group.started_at + end);
        if self.end.is_some_and(|end| end <= start) || !self.sleep_until(start).await {
            return;
        }
        if !self.begin() {
            return;
        }
        self.ready_at = start;
        loop {
            if let Some(pace) = pacing {
                let paces = u32::try_from(self.iteration).unwrap_or(u32::MAX);
                let due = start + pace.saturating_mul(paces);
                if self.is_after_end(due) || !self.wait(due).await {
                    return;
                }
                self.ready_at = due;
                self.due = Some(Due { user_wait_us: 0 });
            }
            if self.must_end() || !self.take_iteration(window.iterations) {
                return;
            }
            if self.iterate().await == Flow::End {
                return;
            }
        }
    }

    /// Serves the arrivals that `pool` gives to its user `index`.
    pub(crate) async fn run_pooled(&mut self, pool: &Pool, index: u32) {
        if !self.begin() {
            return;
        }
        let clock = self.worker.clock;
        while let Some(arrival) = pool.next(index, || clock.now()).await {
            if self.must_end() {
                self.worker.recorder.arrivals_missed(1);
                return;
            }
            self.worker.recorder.arrival_started();
            self.ready_at = arrival.at;
            self.due = Some(Due {
                user_wait_us: arrival.user_wait_us,
            });
            if self.iterate().await == Flow::End {
                return;
            }
        }
    }

    /// Whether an iteration is left; takes it.
    fn take_iteration(&self, bound: IterationBound) -> bool {
        match bound {
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
        if self.group.program().samplers.is_empty() {
            return false;
        }
        let group = Rc::clone(&self.group);
        let worker = Rc::clone(&self.worker);
        for id in group.program().nodes.iter().flat_map(|node| &node.csv) {
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
        let group = Rc::clone(&self.group);
        let program = group.program();
        let start = IterationStart {
            index: self.iteration,
            new_user: !program.same_user_on_next_iteration,
        };
        self.worker
            .sampler
            .start_iteration(&mut self.session, start);
        self.iteration += 1;
        self.walk.start_iteration();
        loop {
            let mut asked = Asked {
                own: &mut self.own,
                worker: &self.worker,
            };
            let flow = match self.walk.next(&program.nodes, &mut asked) {
                Step::Sampler(id) => self.step(&program.samplers[id.0 as usize]).await,
                Step::PassStarted { node, index } => self.start_pass(node, index),
                Step::TransactionStarted(id) => {
                    self.start_transaction(id);
                    Flow::On
                }
                Step::TransactionEnded => {
                    self.end_transaction();
                    Flow::On
                }
                Step::EmptyPass => self.rest().await,
                Step::IterationEnded => {
                    self.worker.recorder.iteration_ended();
                    return Flow::On;
                }
            };
            match flow {
                Flow::On => {}
                Flow::NextIteration => {
                    self.walk.abandon_iteration();
                    self.end_transactions();
                    return Flow::NextIteration;
                }
                Flow::End => {
                    self.end_transactions();
                    return Flow::End;
                }
            }
        }
    }

    /// A pass of a controller begins: its index variable is set, its data sets give a line each.
    fn start_pass(&mut self, node: NodeId, index: u64) -> Flow {
        let node = &self.group.program().nodes[node.0 as usize];
        if let Some(slot) = node.index_variable {
            self.own.set_number(slot, index);
        }
        for id in &node.csv {
            let Some((_, reader)) = self.csv.iter().find(|(known, _)| known == id) else {
                continue;
            };
            if !reader.read(&mut self.own.variables, &mut self.own.scratch) {
                return Flow::End;
            }
        }
        Flow::On
    }

    /// Waits as the timers in scope ask, then runs the sampler.
    async fn step(&mut self, program: &SamplerProgram) -> Flow {
        let mut wait = Duration::ZERO;
        let mut scope = self.own.scope(&self.worker, "");
        for timer in &program.timers {
            wait += delay::draw(timer, &mut scope);
        }
        if let SamplerKind::Pause(pause) = &program.kind {
            wait += delay::draw(pause, &mut scope);
        }
        if let Some(fault) = self.worker.functions.take_fault() {
            let fault = format!("{}: {fault}", program.location);
            self.worker.faults.note(fault);
            return self.rest().await;
        }
        let ready_at = self.ready_at + wait;
        if !wait.is_zero() && (self.is_after_end(ready_at) || !self.wait(ready_at).await) {
            return Flow::End;
        }
        // Lets others run when a user never has to wait, such as one whose requests cannot be sent.
        tokio::task::coop::consume_budget().await;
        if self.must_end() {
            return Flow::End;
        }
        self.ready_at = ready_at;
        self.empty_passes = 0;
        match &program.kind {
            SamplerKind::Http(request) => self.sample(program, request).await,
            SamplerKind::Pause(_) => Flow::On,
        }
    }

    /// Runs a sampler, lets processors read the result, records it.
    async fn sample(&mut self, program: &SamplerProgram, request: &HttpProgram) -> Flow {
        let label = self.label(&program.label);
        let started = self.worker.clock.now();
        let mut sample = self.planned(label, self.ready_at, started);
        if self.in_parent_sample() {
            sample.flags = sample.flags.with(SampleFlags::PART);
        }
        self.due = None;
        self.in_flight = Some(InFlight { sample, started });
        self.worker.recorder.sample_started();
        let worker = Rc::clone(&self.worker);
        let static_label = match &program.label {
            LabelProgram::Static(index) => &*worker.prepared.program.labels[usize::from(*index)],
            LabelProgram::Dynamic(_) => "",
        };
        let mut outcome = {
            let mut scope = self.own.scope(&worker, static_label);
            worker
                .sampler
                .sample(&mut self.session, request, &mut scope)
                .await
        };
        self.ready_at = outcome.ended;
        self.process(program, &mut outcome, static_label);
        let sample = finished(sample, &outcome);
        self.in_flight = None;
        worker
            .recorder
            .sample_ended(sample, outcome.connections_opened);
        let is_good = outcome.error.is_none();
        if !is_good && worker.recorder.wants_failure(&sample) {
            worker.recorder.failure(failure_note(sample, &outcome));
        }
        self.has_sampled = true;
        if let Some(slot) = worker.last_sample_ok {
            self.own
                .variables
                .set(slot, if is_good { "true" } else { "false" });
        }
        for transaction in &mut self.transactions {
            transaction.add(&sample);
        }
        if is_good {
            Flow::On
        } else {
            self.after_error()
        }
    }

    /// What the thread group says about failed samples.
    fn after_error(&self) -> Flow {
        match self.group.program().on_sample_error {
            OnSampleError::Continue => Flow::On,
            OnSampleError::StartNextLoop => Flow::NextIteration,
            OnSampleError::StopThread => Flow::End,
            OnSampleError::StopTest => {
                self.worker.control.stop(StopReason::Plan);
                Flow::End
            }
            OnSampleError::StopTestNow => {
                self.worker.control.abort(StopReason::Plan);
                Flow::End
            }
        }
    }

    /// Lets post-processors and assertions read `outcome`.
    fn process(&mut self, _program: &SamplerProgram, _outcome: &mut Outcome, _label: &str) {}

    fn label(&mut self, label: &LabelProgram) -> LabelId {
        match label {
            LabelProgram::Static(index) => LabelId(*index),
            LabelProgram::Dynamic(template) => {
                let mut text = std::mem::take(&mut self.own.label).into_bytes();
                text.clear();
                self.own.scope(&self.worker, "").render(template, &mut text);
                self.own.label = String::from_utf8(text).unwrap_or_default();
                self.worker.note_fault();
                self.worker.labels.id(&self.own.label)
            }
        }
    }

    /// A sample that was to start at `intended` and starts at `started`.
    fn planned(&self, label: LabelId, intended: RunTime, started: RunTime) -> Sample {
        Sample {
            intended,
            start_delay_us: started.micros_since(intended),
            user_wait_us: self.due.map_or(0, |due| due.user_wait_us),
            connect_us: 0,
            first_byte_us: 0,
            service_us: 0,
            sent_bytes: 0,
            received_bytes: 0,
            user: self.own.identity.number,
            label,
            step: self.group.step(intended),
            status: 0,
            error: ErrorKind::None,
            flags: match self.due {
                Some(_) => SampleFlags::SCHEDULED,
                None => SampleFlags::default(),
            },
        }
    }

    /// Whether a transaction that is under way reports its samples as parts of its own.
    fn in_parent_sample(&self) -> bool {
        let programs = &self.group.program().transactions;
        let mut ids = self.transactions.iter().map(OpenTransaction::id);
        ids.any(|id| programs[id.0 as usize].parent_sample)
    }

    fn start_transaction(&mut self, id: TransactionId) {
        let group = Rc::clone(&self.group);
        let label = self.label(&group.program().transactions[id.0 as usize].label);
        let now = self.worker.clock.now();
        // The first transaction of a scheduled iteration is due with it.
        let intended = if self.due.is_some() {
            self.ready_at.min(now)
        } else {
            now
        };
        let mut sample = self.planned(label, intended, now);
        sample.flags = sample.flags.with(SampleFlags::TRANSACTION);
        self.transactions
            .push(OpenTransaction::new(id, sample, now));
    }

    fn end_transaction(&mut self) {
        let Some(transaction) = self.transactions.pop() else {
            return;
        };
        let program = &self.group.program().transactions[transaction.id().0 as usize];
        // JMeter reports no extra sample for a transaction before the user's first sample.
        if self.has_sampled || program.parent_sample {
            let sample = transaction.finish(program, self.worker.clock.now());
            self.worker.recorder.transaction(sample);
        }
    }

    /// Ends transactions that are cut short, the inner ones first.
    fn end_transactions(&mut self) {
        while !self.transactions.is_empty() {
            self.end_transaction();
        }
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

    /// Whether the user begins no further sample.
    fn must_end(&self) -> bool {
        self.is_stopped() || self.end.is_some_and(|end| self.worker.clock.now() >= end)
    }

    fn is_stopped(&self) -> bool {
        match self.worker.stop.level() {
            StopLevel::Running => false,
            StopLevel::Graceful => self.group.heeds_stop(),
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
        if let Some(InFlight { sample, started }) = self.in_flight.take() {
            let sample = censored(sample, started, self.worker.clock.now());
            self.worker.recorder.sample_ended(sample, 0);
            self.has_sampled = true;
            for transaction in &mut self.transactions {
                transaction.add(&sample);
            }
        }
        self.end_transactions();
        if self.is_running {
            self.worker.recorder.user_ended();
        }
    }
}

impl Own {
    /// The surroundings of texts; an empty `label` stands for the one made at run time.
    fn scope<'a, S: Sampler>(&'a mut self, worker: &'a Worker<S>, label: &'a str) -> Scope<'a> {
        Scope {
            identity: &self.identity,
            variables: &mut self.variables,
            functions: &worker.functions,
            per_user: &mut self.per_user,
            chance: &mut self.chance,
            clock: &worker.clock,
            previous: None,
            sampler_name: if label.is_empty() { &self.label } else { label },
        }
    }

    fn set_number(&mut self, slot: Slot, number: u64) {
        use std::fmt::Write as _;
        self.scratch.clear();
        let written = write!(self.scratch, "{number}");
        debug_assert!(written.is_ok(), "writing to a string does not fail");
        self.variables.set(slot, &self.scratch);
    }
}

/// The user as its walk asks it.
struct Asked<'a, S: Sampler> {
    own: &'a mut Own,
    worker: &'a Worker<S>,
}

impl<S: Sampler> Decisions for Asked<'_, S> {
    fn pass_count(&mut self, count: &PassCount) -> Option<u64> {
        match count {
            PassCount::Forever => None,
            PassCount::Times(text) => {
                let text = self.own.scope(self.worker, "").text(text);
                self.worker.note_fault();
                // Any negative number is without end: JMeter compares `loops > -1`.
                match text.trim().parse::<i64>() {
                    Ok(times) => u64::try_from(times).ok(),
                    Err(_) => Some(0),
                }
            }
        }
    }

    fn holds(&mut self, condition: &Condition) -> bool {
        match condition {
            Condition::Expression(text) => {
                let text = self.own.scope(self.worker, "").text(text);
                self.worker.note_fault();
                text.trim().eq_ignore_ascii_case("true")
            }
            Condition::JavaScript(_) => false,
        }
    }
}
