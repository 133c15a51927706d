//! What a user tells listeners of its samples and transactions. Without a listener, nothing.

use std::rc::Rc;
use std::sync::Arc;

use loadline_events::{AssertionResult, LabelId, Sample, SampleResult};
use loadline_plan::program::{OutputId, SamplerProgram, TransactionProgram};
use loadline_units::RunTime;

use super::User;
use crate::Sampler;
use crate::listening::{Speaker, aborted};
use crate::transaction_result::TransactionResult;

impl<S: Sampler> User<S> {
    /// Who speaks.
    pub(super) fn speaker(&self) -> Speaker<'_> {
        Speaker {
            identity: &self.own.identity,
            variables: &self.own.variables,
            coordination: &self.worker.coordination,
            group: self.group.index,
        }
    }

    /// The text of a label that this user's present sample or transaction has.
    pub(super) fn label_name(&self, label: LabelId) -> &str {
        let labels = &self.worker.prepared.program.labels;
        let known = labels.get(usize::from(label.0));
        known.map_or(&self.own.label, |label| label)
    }

    /// Transactions that the user is inside of hear that it comes to the sampler `program`.
    pub(super) fn tell_call(&mut self, program: &SamplerProgram) {
        if self.worker.ear.is_none() {
            return;
        }
        self.outputs = Arc::clone(&program.outputs);
        self.tell_transactions(TransactionResult::called);
    }

    /// Tells transactions beside their samples that the user is inside of; `what` is also given how many
    /// controllers right inside the user has behind it.
    fn tell_transactions(&mut self, what: impl Fn(&mut TransactionResult, u64)) {
        let group = Rc::clone(&self.group);
        let (nodes, programs) = (&group.program().nodes, &group.program().transactions);
        for transaction in &mut self.transactions {
            let id = transaction.id();
            if !programs[id.0 as usize].parent_sample
                && self.walk.is_inside(id, nodes)
                && let Some(heard) = &mut transaction.heard
            {
                what(heard, self.walk.controllers_passed(id, nodes));
            }
        }
    }

    /// Tells of a sample of the sampler that the user came to last.
    pub(super) fn tell_sample(&mut self, result: SampleResult) {
        let outputs = Arc::clone(&self.outputs);
        self.tell(result, &outputs, true);
    }

    /// Hands a result to the transaction that stands for it, else to the listener with those of
    /// `outputs`; transactions on the way add it to their sums. Inside a transaction that stands for
    /// it, a sample is still heard by listeners that do not hear the transaction.
    fn tell(&mut self, result: SampleResult, outputs: &[OutputId], is_sample: bool) {
        let group = Rc::clone(&self.group);
        let (nodes, programs) = (&group.program().nodes, &group.program().transactions);
        for transaction in self.transactions.iter_mut().rev() {
            let id = transaction.id();
            let Some(heard) = &mut transaction.heard else {
                continue;
            };
            if !self.walk.is_inside(id, nodes) {
                continue;
            }
            let program = &programs[id.0 as usize];
            if program.parent_sample {
                if is_sample && let Some(ear) = &self.worker.ear {
                    ear.hear_inside(&result, outputs, &program.outputs);
                }
                heard.adopt(result);
                return;
            }
            heard.add(&result);
        }
        if let Some(result) = self.tell_parallel(result)
            && let Some(ear) = &self.worker.ear
        {
            ear.hear(&result, outputs);
        }
    }

    /// Tells of a transaction that has ended, about which its assertions `said` something.
    pub(super) fn tell_transaction(
        &mut self,
        program: &TransactionProgram,
        heard: TransactionResult,
        said: Vec<AssertionResult>,
        has_failed: bool,
        now: RunTime,
    ) {
        let worker = Rc::clone(&self.worker);
        let Some(ear) = &worker.ear else {
            return;
        };
        if program.parent_sample && heard.is_through() {
            self.tell_transactions(|outer, _| outer.inner_ended());
        }
        let mut result = heard.finish(program, ear.wall_ms(now));
        result.variables = ear.values(&self.own.variables);
        if !program.parent_sample {
            // A sum is heard beside its samples, by listeners alone: those of the last sampler.
            if !self.is_part_of_parallel() {
                ear.hear(&result, &self.outputs);
            }
            return;
        }
        self.speaker().fill(&mut result);
        result.assertions = said;
        if has_failed {
            result.success = false;
            result.error_count = 1;
        }
        self.tell(result, &program.outputs, false);
    }

    /// Tells of a sample that was cut off.
    pub(super) fn tell_aborted(&mut self, sample: &Sample) {
        let worker = Rc::clone(&self.worker);
        if let Some(ear) = &worker.ear {
            let result = aborted(ear, sample, self.label_name(sample.label), &self.speaker());
            self.tell_sample(result);
        }
    }
}
