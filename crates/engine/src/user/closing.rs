//! What becomes of a sample once its sampler is through: processors and assertions read it, then it is
//! recorded, told and counted.

use std::rc::Rc;

use loadline_events::{SampleFlags, SampleResult};
use loadline_plan::program::{SamplerKind, SamplerProgram};

use super::{Flow, User};
use crate::record::{Planned, failure_note, finished};
use crate::{Outcome, Sampler, scripts};

impl<S: Sampler> User<S> {
    /// Lets everybody have what came of the sampler `program`, with the results of its `parts`; `name`
    /// is empty for a label made at run time. `None` when a script says that there is no sample.
    pub(super) fn close(
        &mut self,
        program: &SamplerProgram,
        mut planned: Planned,
        mut outcome: Outcome,
        name: &str,
        parts: Vec<SampleResult>,
    ) -> Option<Flow> {
        let worker = Rc::clone(&self.worker);
        if worker.prepared.program.reads_previous {
            // Processors of a sample have it as their previous result.
            self.own.previous = Some(Box::new(outcome.clone()));
        }
        let is_none = self.process(program, &mut outcome, name);
        self.in_flight = None;
        if is_none {
            return None;
        }
        let is_transaction = planned.flags.contains(SampleFlags::TRANSACTION);
        if let Some(label) = self.script_label() {
            planned.label = worker.labels.id(label, is_transaction);
        }
        let sample = finished(planned, &outcome);
        let recorder = &worker.recorder;
        let is_good = outcome.error.is_none();
        if is_transaction {
            recorder.transaction(sample);
        } else {
            recorder.sample_ended(sample, outcome.connections_opened);
            if !is_good && recorder.wants_failure(&sample) {
                recorder.failure(failure_note(sample, &outcome));
            }
        }
        self.has_sampled = true;
        if let Some(slot) = worker.last_sample_ok {
            let value = if is_good { "true" } else { "false" };
            self.own.variables.set(slot, value);
        }
        if let Some(ear) = &worker.ear {
            let label = match (self.script_label(), name) {
                (Some(label), _) => label,
                (None, "") => &*self.own.label,
                (None, name) => name,
            };
            let is_http = matches!(program.kind, SamplerKind::Http(_));
            let mut result = ear.result(outcome, label, is_http, &self.speaker());
            for part in &parts {
                result.body_bytes += part.body_bytes;
                result.header_bytes += part.header_bytes;
            }
            result.children.extend(parts);
            self.tell_sample(result);
        }
        let nodes = &self.group.program().nodes;
        for transaction in &mut self.transactions {
            if self.walk.is_inside(transaction.id(), nodes) {
                transaction.add(&sample);
            }
        }
        self.add_to_parallel(&sample);
        self.forget_label(name);
        Some(if is_good {
            Flow::On
        } else {
            self.after_error(&program.on_failure)
        })
    }

    /// Lets post-processors, then assertions and listeners read `outcome`. Where a post-processor
    /// cannot do its work, JMeter loses the sample; here it is kept as it is, unjudged, and the fault
    /// is told. Whether a script says that the sample is none.
    fn process(&mut self, program: &SamplerProgram, outcome: &mut Outcome, label: &str) -> bool {
        if self.is_ignored() {
            return true;
        }
        let processors = &self.worker.processors;
        let mut scope = self.own.scope(&self.worker, label);
        if processors.extract(&program.post_processors, outcome, &mut scope) {
            processors.judge(&program.assertions, outcome, &mut scope);
        }
        if !self.is_ignored() {
            let mut scope = self.own.scope(&self.worker, label);
            for id in &program.listeners {
                scripts::process(*id, outcome, &mut scope);
            }
        }
        if self.worker.prepared.program.reads_previous && self.own.per_user.scripts.is_some() {
            // What scripts and assertions have made of it.
            self.own.previous = Some(Box::new(outcome.clone()));
        }
        self.is_ignored()
    }
}
