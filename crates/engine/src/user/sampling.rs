//! One step of a user: wait, sample, let processors read, record.

use std::fmt::Display;
use std::rc::Rc;
use std::time::Duration;

use loadline_events::{LabelId, SampleFlags, StopReason};
use loadline_plan::program::{
    DummyProgram, HeaderManagers, HttpProgram, KeptParts, LabelProgram, ModifierProgram,
    PreProcessorProgram, SamplerKind, SamplerProgram, ScriptId,
};
use loadline_plan::{DebugSampler, FlowAction, OnSampleError, PlanSource};
use loadline_units::{Clock as _, RunTime};

use super::naming::{UNNAMED, counting_name};
use super::{Flow, InFlight, User};
use crate::current_sampler::CurrentSampler;
use crate::record::Planned;
use crate::transaction::OpenTransaction;
use crate::{Outcome, Sampler, clock, debug_sample, delay, dummy_sample, modifier, scripts};

/// What a sampler that has a sample does.
enum Work<'a> {
    Dummy(&'a DummyProgram),
    Request(&'a HttpProgram),
    Debug(DebugSampler, KeptParts),
    Script(ScriptId),
}

/// How long the timers before a sampler let a user wait.
enum Wait {
    For(Duration),
    /// The user is to end.
    ToTheEnd,
    /// One of them cannot say, which is told.
    Unknown,
}

impl<'a> Work<'a> {
    /// What a sampler of this kind does; `None` for one that has no sample.
    fn of(kind: &'a SamplerKind) -> Option<Self> {
        match kind {
            SamplerKind::Http(request) => Some(Self::Request(request)),
            SamplerKind::Debug { lists, keep } => Some(Self::Debug(*lists, *keep)),
            SamplerKind::Script { id, .. } => Some(Self::Script(*id)),
            SamplerKind::Dummy(dummy) => Some(Self::Dummy(dummy)),
            SamplerKind::Flow(_)
            | SamplerKind::Parallel(_)
            | SamplerKind::Pause(_)
            | SamplerKind::Set(_) => None,
        }
    }
}

impl<S: Sampler> User<S> {
    /// Waits as the timers in scope ask, then runs the sampler.
    pub(super) async fn step(&mut self, program: &SamplerProgram) -> Flow {
        self.come_to(program);
        self.tell_call(program);
        for processor in &program.pre_processors {
            match processor {
                PreProcessorProgram::Setter(id) => self.set_variables(*id),
                PreProcessorProgram::Script(id) => {
                    scripts::pre_process(*id, &mut self.own.scope(&self.worker, ""));
                }
                PreProcessorProgram::Modifier(modifier) => self.modify(modifier),
                PreProcessorProgram::FifoPop(pop) => {
                    // In a box, so that users without a queue stay small.
                    if let Some(flow) = Box::pin(self.pop_into(pop, &program.location)).await {
                        return flow;
                    }
                }
            }
        }
        self.keep_cookies(program);
        if self.has_wishes()
            && let Some(flow) = Box::pin(self.heed()).await
        {
            return flow;
        }
        let wait = match self.waiting_time(program).await {
            Wait::For(wait) => wait,
            Wait::ToTheEnd => return Flow::End,
            // In a box, as all that is rare: what a user may wait for makes it larger.
            Wait::Unknown => return Box::pin(self.rest()).await,
        };
        if self.has_wishes()
            && let Some(flow) = Box::pin(self.heed()).await
        {
            return flow;
        }
        let ready_at = self.ready_at + wait;
        if !wait.is_zero() && (self.is_after_end(ready_at) || !self.wait(ready_at).await) {
            return Flow::End;
        }
        // Lets others run when a user never has to wait, such as one whose requests cannot be sent.
        tokio::task::coop::consume_budget().await;
        let mut now = self.worker.clock.now();
        if self.must_end_at(now) {
            return Flow::End;
        }
        self.ready_at = ready_at;
        self.tell_shapes(&program.timers);
        if !program.pops.is_empty() {
            if !Box::pin(self.hold_texts(&program.pops)).await {
                return Flow::End;
            }
            now = self.worker.clock.now();
        }
        if !matches!(
            program.kind,
            SamplerKind::Flow(_)
                | SamplerKind::Http(_)
                | SamplerKind::Set(_)
                | SamplerKind::Parallel(_)
        ) {
            self.empty_passes = 0;
        }
        let done = match Work::of(&program.kind) {
            Some(work) => self.sample(program, work, now).await,
            None => self.act_at(program).await,
        };
        let flow = match done {
            Some(flow) => flow,
            // A loop of those without a sample holds up nobody.
            None => match (Box::pin(self.rest()).await, &program.kind) {
                (Flow::On, SamplerKind::Flow(action)) => self.act(*action),
                (flow, _) => flow,
            },
        };
        if !program.pops.is_empty() {
            let fifos = self.worker.functions.run().fifos();
            self.own.per_user.held.give_back(fifos);
        }
        self.keep_cookies(program);
        if let Some(current) = &mut self.own.per_user.sampler {
            current.recover(program);
        }
        if self.has_wishes() {
            return Box::pin(self.heed()).await.unwrap_or(flow);
        }
        flow
    }

    /// What the timers of `program` say.
    async fn waiting_time(&mut self, program: &SamplerProgram) -> Wait {
        let mut wait = match self.ask(&program.timers).await {
            Ok(Some(wait)) => wait,
            Ok(None) => return Wait::ToTheEnd,
            Err(fault) => return self.unknown_wait(program, &fault),
        };
        if let SamplerKind::Pause(pause) = &program.kind {
            wait += delay::draw(pause, &mut self.own.scope(&self.worker, ""));
        }
        match self.worker.functions.take_fault() {
            Some(fault) => self.unknown_wait(program, &fault),
            None => Wait::For(wait),
        }
    }

    fn unknown_wait(&self, program: &SamplerProgram, fault: &dyn Display) -> Wait {
        let fault = format!("{}: {fault}", program.location);
        self.worker.faults.note(fault);
        Wait::Unknown
    }

    /// Does what a sampler without a sample of its own says; `None` when that is nothing, or comes later.
    async fn act_at(&mut self, program: &SamplerProgram) -> Option<Flow> {
        match &program.kind {
            SamplerKind::Parallel(parallel) => {
                // In a box, as above.
                Box::pin(self.run_parallel(program, parallel)).await
            }
            SamplerKind::Set(id) => {
                self.set_variables(*id);
                self.worker.note_fault();
                None
            }
            SamplerKind::Pause(_) => Some(Flow::On),
            _ => None,
        }
    }

    /// Runs a sampler from `started` on, which is now, lets processors read the result, records it.
    /// `None` when there is no sample.
    async fn sample(
        &mut self,
        program: &SamplerProgram,
        work: Work<'_>,
        started: RunTime,
    ) -> Option<Flow> {
        let worker = Rc::clone(&self.worker);
        let mut static_label = match &program.label {
            LabelProgram::Static(index) => &*worker.prepared.program.labels[usize::from(*index)],
            LabelProgram::Dynamic(_) => "",
        };
        let current = self.own.per_user.sampler.as_ref();
        let given = current.and_then(|current| current.fixed_name());
        let label = match given.filter(|name| *name != static_label) {
            Some(name) => {
                static_label = "";
                name.clone_into(&mut self.own.label);
                worker.labels.id(&self.own.label, false)
            }
            None if counting_name(program, worker.prepared.program.source).is_some() => UNNAMED,
            None => self.label(&program.label, false),
        };
        let mut planned = self.planned(label, self.ready_at, started);
        if self.in_parent_sample() {
            planned.flags = planned.flags.with(SampleFlags::PART);
        }
        self.begin_sample(planned, started);
        let is_changed = match (&program.kind, &self.own.per_user.sampler) {
            (SamplerKind::Http(request), Some(current)) => current.has_changed(request),
            _ => false,
        };
        let taken = {
            let mut scope = self.own.scope(&worker, static_label);
            match work {
                Work::Request(request) if !is_changed && program.timeouts.is_empty() => {
                    let sampler = &worker.sampler;
                    sampler
                        .sample(&self.session, request, started, &mut scope)
                        .await
                }
                Work::Request(request) => {
                    let session = &*self.session;
                    let sampling = modifier::sample(&worker, program, request, session, &mut scope);
                    // In a box, so that users without such a sampler stay small.
                    Box::pin(sampling).await
                }
                Work::Debug(lists, keep) => Some(debug_sample::take(lists, keep, &mut scope)),
                Work::Script(id) => {
                    let (scope, clock) = (&mut scope, worker.clock);
                    // In a box, as below.
                    let run = async move {
                        let (outcome, until) = scripts::sample(id, started, scope);
                        clock::sleep_until(clock, until).await;
                        Some(outcome)
                    };
                    Box::pin(run).await
                }
                Work::Dummy(dummy) => {
                    // In a box, so that users without such a sampler stay small.
                    let run = dummy_sample::run(dummy, started, worker.clock, &mut scope);
                    Some(Box::pin(run).await)
                }
            }
        };
        self.conclude(program, taken, static_label)
    }

    /// Lets processors read what a sampler has `taken`, and records it; `name` is empty for a label made at run
    /// time. `None` when there is no sample.
    pub(super) fn conclude(
        &mut self,
        program: &SamplerProgram,
        taken: Option<Outcome>,
        mut name: &str,
    ) -> Option<Flow> {
        let worker = Rc::clone(&self.worker);
        if self.own.per_user.must_end() {
            // As in JMeter, whose thread ends without a result of this sampler.
            worker.note_fault();
            self.in_flight = None;
            worker.recorder.sample_withdrawn();
            return Some(Flow::End);
        }
        let Some(mut outcome) = taken else {
            self.in_flight = None;
            self.ready_at = worker.clock.now();
            worker.recorder.sample_withdrawn();
            return None;
        };
        // It stood there, and not here, while the user waited: each user has room for one only.
        let mut planned = self.in_flight?.planned;
        if planned.label == UNNAMED
            && let Some(name) = counting_name(program, worker.prepared.program.source)
        {
            planned.label = self.late_label(name);
        }
        if outcome.response.is_nameless() && worker.prepared.program.source == PlanSource::Jmx {
            self.own.label.clear();
            name = "";
            planned.label = worker.labels.id("", false);
        }
        self.empty_passes = 0;
        self.see_cookies(program);
        self.ready_at = outcome.ended;
        if let SamplerKind::Script { .. } = &program.kind {
            // A script may say that its sample took another time.
            self.ready_at = worker.clock.now();
            planned.intended = planned.intended.min(outcome.started);
            if worker.prepared.program.source == PlanSource::Yaml && outcome.error.is_none() {
                self.leave_unrecorded();
            }
        }
        if let SamplerKind::Dummy(dummy) = &program.kind
            && !dummy.waits
        {
            // Its time is told as over, as JMeter tells it.
            let time = outcome.ended.saturating_since(outcome.started);
            self.ready_at = worker.clock.now();
            outcome.started = self.ready_at.before(time);
            outcome.ended = outcome.started + time;
            planned.intended = planned.intended.min(outcome.started);
        }
        let flow = self.close(program, planned, outcome, name, Vec::new());
        if flow.is_none() {
            worker.recorder.sample_withdrawn();
        }
        flow
    }

    /// Begins the `planned` sample, which starts now.
    pub(super) fn begin_sample(&mut self, planned: Planned, started: RunTime) {
        self.expect_next();
        self.due = None;
        self.in_flight = Some(InFlight { planned, started });
        self.worker.recorder.sample_started();
    }

    /// Asks for the memory of the user who is likely to be next.
    fn expect_next(&mut self) {
        let here = std::ptr::from_ref(self).addr();
        let behind = here + size_of::<Self>();
        let session = Rc::as_ptr(&self.session).addr();
        let addresses = [here, behind, session];
        let lengths = [
            Self::NEEDED_BYTES,
            Self::WAITING_BYTES,
            size_of::<S::Session>(),
        ];
        let users = self.worker.recorder.users();
        let lookahead = &self.worker.lookahead;
        lookahead.come(users, &mut self.position, addresses, lengths);
    }

    /// Does what a Flow Control Action, or one for failed samples, says.
    pub(super) fn act(&self, action: FlowAction) -> Flow {
        match action {
            FlowAction::StopThread => Flow::End,
            FlowAction::StopTest => {
                self.worker.control.stop(StopReason::Plan);
                Flow::End
            }
            FlowAction::StopTestNow if self.group.heeds_stop() => {
                self.worker.control.stop_now(StopReason::Plan);
                Flow::End
            }
            FlowAction::StopTestNow => {
                self.worker.control.abort(StopReason::Plan);
                Flow::End
            }
            FlowAction::NextIteration => Flow::NextIteration,
            FlowAction::NextPass => Flow::NextPass,
            FlowAction::BreakLoop => Flow::BreakLoop,
        }
    }

    /// What the thread group and the `actions` in scope say about failed samples: every stop, else
    /// the group's, else the last of the actions.
    pub(super) fn after_error(&mut self, actions: &[FlowAction]) -> Flow {
        let of_group = match self.group.program().on_sample_error {
            // The plugin does not tell its threads what the group says.
            _ if self.is_branch() => None,
            OnSampleError::Continue => None,
            OnSampleError::StartNextLoop => Some(FlowAction::NextIteration),
            OnSampleError::StopThread => Some(FlowAction::StopThread),
            OnSampleError::StopTest => Some(FlowAction::StopTest),
            OnSampleError::StopTestNow => Some(FlowAction::StopTestNow),
        };
        let all = actions.iter().copied().chain(of_group);
        let flows: Vec<Flow> = all.map(|action| self.act(action)).collect();
        if !flows.contains(&Flow::End) {
            return flows.last().copied().unwrap_or(Flow::On);
        }
        if flows.iter().any(|flow| *flow != Flow::End) {
            // JMeter leaves for the other place first, and ends there without a look ahead.
            self.cut_transactions_short();
            self.walk.abandon_iteration(&self.group.program().nodes);
            self.looks_ahead = false;
        }
        Flow::End
    }

    /// Comes to the sampler `program`: those who look at it or change it find it as it is in the plan.
    fn come_to(&mut self, program: &SamplerProgram) {
        let prepared = &self.worker.prepared.program;
        let mut processors = program.pre_processors.iter();
        let is_seen = prepared.names_sampler
            || processors.any(|one| matches!(one, PreProcessorProgram::Modifier(_)));
        self.own.per_user.sampler =
            is_seen.then(|| Box::new(CurrentSampler::of(program, &prepared.labels)));
        self.take_left_headers(program);
        self.see_cookies(program);
    }

    /// Gives the sampler `program` what a script has left in its header manager.
    fn take_left_headers(&mut self, program: &SamplerProgram) {
        let per_user = &mut self.own.per_user;
        let (Some(current), Some(memory), SamplerKind::Http(request)) =
            (&mut per_user.sampler, &per_user.scripts, &program.kind)
        else {
            return;
        };
        if let HeaderManagers::One(manager) = request.header_managers
            && let Some(headers) = memory.headers_of(manager)
        {
            current.set_header_templates(headers);
        }
    }

    /// Lets `modifier` change the request that the user is at.
    fn modify(&mut self, modifier: &ModifierProgram) {
        let Some(mut current) = self.own.per_user.sampler.take() else {
            return;
        };
        if let Some(request) = &mut current.request {
            let mut scope = self.own.scope(&self.worker, "");
            modifier::change(request, modifier, &mut self.sessions, &mut scope);
        }
        self.own.per_user.sampler = Some(current);
    }

    pub(super) fn label(&mut self, label: &LabelProgram, transaction: bool) -> LabelId {
        match label {
            LabelProgram::Static(index) => LabelId(*index),
            LabelProgram::Dynamic(template) => {
                self.own.render_label(&self.worker, template);
                self.worker.labels.id(&self.own.label, transaction)
            }
        }
    }

    /// A sample that was to start at `intended` and starts at `started`.
    pub(super) fn planned(&self, label: LabelId, intended: RunTime, started: RunTime) -> Planned {
        Planned {
            intended,
            // A timer may have run while no user was free.
            user_wait_us: self.due.map_or(0, |due| {
                due.user_wait_us.min(started.micros_since(intended))
            }),
            user: self.own.identity.number,
            label,
            step: self.group.step(intended),
            flags: match self.due {
                Some(_) => SampleFlags::SCHEDULED,
                None => SampleFlags::default(),
            },
        }
    }

    /// Whether a transaction that is under way reports its samples as parts of its own.
    pub(super) fn in_parent_sample(&self) -> bool {
        let programs = &self.group.program().transactions;
        let nodes = &self.group.program().nodes;
        let mut ids = self.transactions.iter().map(OpenTransaction::id);
        self.is_part_of_parallel()
            || ids.any(|id| programs[id.0 as usize].parent_sample && self.walk.is_inside(id, nodes))
    }
}
