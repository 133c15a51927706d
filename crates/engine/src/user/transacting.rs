//! The transactions that a user is in: how they begin, end, and what becomes of them when the user ends
//! first.
//!
//! Source: JMeter 5.6.3, `TransactionController` and `JMeterThread`.

use std::rc::Rc;

use loadline_events::{AssertionResult, ErrorKind, Sample, SampleFlags};
use loadline_plan::program::{TransactionId, TransactionProgram};
use loadline_units::{Clock as _, RunTime};

use super::{EMPTY_PASSES, Flow, User};
use crate::transaction::OpenTransaction;
use crate::transaction_result::TransactionResult;
use crate::walk::Step;
use crate::{Outcome, Response, SampleError, Sampler};

impl<S: Sampler> User<S> {
    pub(super) fn start_transaction(&mut self, id: TransactionId) {
        let group = Rc::clone(&self.group);
        let label = self.label(&group.program().transactions[id.0 as usize].label, true);
        let now = self.worker.clock.now();
        // The first transaction of a scheduled iteration is due with it.
        let intended = if self.due.is_some() {
            self.ready_at.min(now)
        } else {
            now
        };
        let mut planned = self.planned(label, intended, now);
        planned.flags = planned.flags.with(SampleFlags::TRANSACTION);
        let mut transaction = OpenTransaction::new(id, planned.started(now), now);
        if let Some(ear) = &self.worker.ear {
            let name = self.label_name(planned.label);
            let heard = TransactionResult::new(name, ear.wall_ms(now));
            transaction.heard = Some(Box::new(heard));
        }
        self.transactions.push(transaction);
    }

    /// Ends the transaction `id`; nothing happens when it has ended already.
    pub(super) fn end_transaction(&mut self, id: TransactionId) {
        let is_it = |open: &OpenTransaction| open.id() == id;
        if let Some(index) = self.transactions.iter().rposition(is_it) {
            let transaction = self.transactions.remove(index);
            self.report_transaction(transaction);
        }
    }

    /// Ends the transaction `id` in its middle: the user goes on elsewhere.
    pub(super) fn cut_transaction_short(&mut self, id: TransactionId) {
        let group = Rc::clone(&self.group);
        let programs = &group.program().transactions;
        let mut open = self.transactions.iter_mut();
        if let Some(transaction) = open.rfind(|open| open.id() == id) {
            transaction.cut_short(&programs[id.0 as usize]);
        }
        self.end_transaction(id);
    }

    /// Ends all transactions in their middle, the inner ones first.
    pub(super) fn cut_transactions_short(&mut self) {
        while let Some(innermost) = self.transactions.last() {
            let id = innermost.id();
            self.cut_transaction_short(id);
        }
    }

    /// The user ends at the sampler that it came to last. As in JMeter, the thread still looks for its
    /// next sampler, in the next iteration perhaps: conditions are asked, data sets give a line, and
    /// transactions beside their samples end if they have none left. The rest of them are reported
    /// nowhere.
    pub(super) fn end_at_sampler(&mut self) {
        self.end_behind_sampler();
        let group = Rc::clone(&self.group);
        let programs = &group.program().transactions;
        let is_parent = |id: TransactionId| programs[id.0 as usize].parent_sample;
        let mut empty_passes = 0;
        while empty_passes < EMPTY_PASSES {
            match self.next_step() {
                Step::TransactionStarted(id) if !is_parent(id) => self.start_transaction(id),
                Step::TransactionStarted(_) => {}
                Step::TransactionEnded(id) if !is_parent(id) => self.end_transaction(id),
                Step::TransactionCutShort(id) if !is_parent(id) => self.cut_transaction_short(id),
                Step::PassStarted { node, index } => {
                    if self.start_pass(node, index) == Flow::End {
                        return;
                    }
                }
                Step::EmptyPass => empty_passes += 1,
                Step::SectionLeft(node) => self.stays.leave(node),
                Step::IterationEnded if self.start_iteration_ahead() => {}
                Step::Sampler(_)
                | Step::SectionEntered(_)
                | Step::TransactionEnded(_)
                | Step::TransactionCutShort(_)
                | Step::IterationEnded => return,
            }
        }
    }

    /// The user has ended behind a sampler: transactions that stand for their samples are reported
    /// with those that they have, the inner ones first.
    pub(super) fn end_behind_sampler(&mut self) {
        let group = Rc::clone(&self.group);
        let (nodes, programs) = (&group.program().nodes, &group.program().transactions);
        let is_parent = |id: TransactionId| programs[id.0 as usize].parent_sample;
        for index in (0..self.transactions.len()).rev() {
            let id = self.transactions[index].id();
            if is_parent(id) && self.walk.is_inside(id, nodes) {
                let mut transaction = self.transactions.remove(index);
                if let Some(heard) = &mut transaction.heard {
                    heard.end_with_user();
                }
                self.report_transaction(transaction);
            }
        }
    }

    /// Records the transactions whose sample was cut off. They took longer than what is known of
    /// them, which figures of times must not miss.
    pub(super) fn record_censored_transactions(&mut self) {
        let group = Rc::clone(&self.group);
        let programs = &group.program().transactions;
        let now = self.worker.clock.now();
        while let Some(transaction) = self.transactions.pop() {
            if transaction.is_censored() {
                let program = &programs[transaction.id().0 as usize];
                self.worker
                    .recorder
                    .transaction(transaction.finish(program, now));
            }
        }
    }

    fn report_transaction(&mut self, mut transaction: OpenTransaction) {
        let group = Rc::clone(&self.group);
        let program = &group.program().transactions[transaction.id().0 as usize];
        // JMeter reports no extra sample for a transaction before the user's first sample.
        if !self.has_sampled && !program.parent_sample {
            return;
        }
        let now = self.worker.clock.now();
        let mut sample = transaction.finish(program, now);
        let mut said = Vec::new();
        if !program.assertions.is_empty() {
            let message = transaction.message();
            said = self.judge_transaction(program, &mut sample, message);
        }
        self.worker.recorder.transaction(sample);
        if let Some(heard) = transaction.heard.take() {
            let has_failed = sample.error != ErrorKind::None;
            self.tell_transaction(program, *heard, said, has_failed, now);
        }
    }

    /// Lets the assertions in scope judge a transaction's own sample, which has no body.
    fn judge_transaction(
        &mut self,
        program: &TransactionProgram,
        sample: &mut Sample,
        message: String,
    ) -> Vec<AssertionResult> {
        let error = (sample.error != ErrorKind::None).then(|| SampleError {
            kind: sample.error,
            code: sample.status.to_string().into(),
            message: message.as_str().into(),
        });
        let mut outcome = Outcome {
            ended: RunTime::from_micros(u64::from(sample.service_us)),
            received_bytes: sample.received_bytes,
            status: sample.status,
            error: error.map(Box::new),
            response: Response {
                message: message.into(),
                ..Response::default()
            }
            .into(),
            ..Outcome::default()
        };
        let mut scope = self.own.scope(&self.worker, "");
        let processors = &self.worker.processors;
        processors.judge(&program.assertions, &mut outcome, &mut scope);
        sample.error = outcome.error.map_or(ErrorKind::None, |error| error.kind);
        outcome.assertions.into_inner()
    }
}
