//! The shortest way through a sampler: a request under a fixed label with nothing around it.
//!
//! Most requests of most plans have no timer, processor or assertion, and nobody looks at them but the recorder.
//! What [`User::step`] asks for each of them, and finds to be nothing, is half of the instructions that this crate
//! spends on a request; here it is asked once for a group and, in a few words, of the user. What comes of it is the
//! same, and everything out of the ordinary is left to the code for all samplers.

use std::rc::Rc;

use loadline_events::LabelId;
use loadline_plan::program::{HttpProgram, LabelProgram, SamplerId, SamplerKind, SamplerProgram};
use loadline_units::Clock as _;

use super::{Flow, User};
use crate::record::finished;
use crate::worker::Worker;
use crate::{Outcome, Sampler};

/// The samplers of a group that have nothing around them, by their ids.
pub(crate) struct PlainSamplers(Vec<Option<LabelId>>);

impl PlainSamplers {
    /// Those of `samplers` on the thread of `worker`.
    pub(crate) fn of<S>(samplers: &[SamplerProgram], worker: &Worker<S>) -> Self {
        let program = &worker.prepared.program;
        let is_watched = worker.ear.is_some()
            || worker.last_sample_ok.is_some()
            || program.names_sampler
            || program.reads_previous;
        let label = |sampler| plain_label(sampler).filter(|_| !is_watched);
        Self(samplers.iter().map(label).collect())
    }

    fn label(&self, id: SamplerId) -> Option<LabelId> {
        self.0.get(id.0 as usize).copied().flatten()
    }
}

/// The label of `sampler`, if it is a request with nothing around it.
fn plain_label(sampler: &SamplerProgram) -> Option<LabelId> {
    let (SamplerKind::Http(_), LabelProgram::Static(label)) = (&sampler.kind, &sampler.label)
    else {
        return None;
    };
    let has_nothing = sampler.pre_processors.is_empty()
        && sampler.timers.is_empty()
        && sampler.timeouts.is_empty()
        && sampler.pops.is_empty()
        && sampler.post_processors.is_empty()
        && sampler.assertions.is_empty()
        && sampler.listeners.is_empty()
        && sampler.setters_behind.is_empty();
    has_nothing.then_some(LabelId(*label))
}

impl<S: Sampler> User<S> {
    /// The label of the sampler `id`, if the user may take the short way: it is in no transaction or Parallel
    /// Controller, and no script has changed its ways.
    pub(super) fn plain_label(&self, id: SamplerId) -> Option<LabelId> {
        let label = self.group.plain.label(id)?;
        let per_user = &self.own.per_user;
        let is_alone = self.transactions.is_empty()
            && self.parallel.is_none()
            && per_user.sampler.is_none()
            && per_user.scripts.is_none()
            // What failed before belongs to this sampler.
            && !self.worker.functions.has_fault();
        is_alone.then_some(label)
    }

    /// Does what [`User::step`] would do with `sampler`, which is `request` under `label`.
    #[expect(
        clippy::manual_async_fn,
        reason = "an async function keeps each parameter twice, which makes every user larger"
    )]
    pub(super) fn step_plainly<'u>(
        &'u mut self,
        sampler: &'u SamplerProgram,
        request: &'u HttpProgram,
        label: LabelId,
    ) -> impl Future<Output = Flow> + use<'u, S> {
        async move {
            // As there: lets others run when a user never has to wait.
            tokio::task::coop::consume_budget().await;
            let flow = {
                let Some(sampling) = self.begin_plainly(request, label) else {
                    return Flow::End;
                };
                let taken = sampling.await;
                self.end_plainly(sampler, label, taken)
            };
            match flow {
                Some(flow) if !self.has_wishes() => flow,
                // In a box: what is rare would make every user larger.
                flow => Box::pin(self.go_on_after(flow)).await,
            }
        }
    }

    /// Begins `request`; `None` if the user is to end.
    fn begin_plainly<'u>(
        &'u mut self,
        request: &'u HttpProgram,
        label: LabelId,
    ) -> Option<impl Future<Output = Option<Outcome>> + use<'u, S>> {
        let started = self.worker.clock.now();
        if self.must_end_at(started) {
            return None;
        }
        self.begin_sample(self.planned(label, self.ready_at, started), started);
        let name = &*self.worker.prepared.program.labels[usize::from(label.0)];
        let mut scope = self.own.scope(&self.worker, name);
        let sampling = &self.worker.sampler;
        Some(sampling.sample(&self.session, request, started, &mut scope))
    }

    /// Records what `sampler` has `taken`; `None` if there is no sample.
    fn end_plainly(
        &mut self,
        sampler: &SamplerProgram,
        label: LabelId,
        taken: Option<Outcome>,
    ) -> Option<Flow> {
        let per_user = &self.own.per_user;
        // A function of the request may have run a script, or ended the user.
        let is_ordinary = per_user.scripts.is_none() && !per_user.must_end();
        if let (Some(outcome), Some(in_flight), true) = (&taken, self.in_flight, is_ordinary)
            && outcome.error.is_none()
        {
            self.in_flight = None;
            self.empty_passes = 0;
            self.ready_at = outcome.ended;
            self.has_sampled = true;
            let sample = finished(in_flight.planned, outcome);
            let opened = outcome.connections_opened;
            self.worker.recorder.sample_ended(sample, opened);
            return Some(Flow::On);
        }
        let worker = Rc::clone(&self.worker);
        let name = &worker.prepared.program.labels[usize::from(label.0)];
        self.conclude(sampler, taken, name)
    }

    /// Goes on where a sampler ended with `flow`, as [`User::step`] does.
    async fn go_on_after(&mut self, flow: Option<Flow>) -> Flow {
        let flow = match flow {
            Some(flow) => flow,
            None => self.rest().await,
        };
        if self.has_wishes() {
            return self.heed().await.unwrap_or(flow);
        }
        flow
    }
}
