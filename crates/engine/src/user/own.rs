//! What a user's texts are evaluated with, and how its walk asks them.

use loadline_plan::program::{Condition, PassCount, Slot, Template};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::condition::UserNames;
use crate::functions::PerUserCalls;
use crate::walk::Decisions;
use crate::worker::Worker;
use crate::{Sampler, Scope, UserIdentity, Variables, evaluate_condition};

/// What texts are evaluated with.
pub(super) struct Own {
    pub(super) identity: UserIdentity,
    pub(super) variables: Variables,
    pub(super) per_user: PerUserCalls,
    pub(super) chance: Xoshiro256PlusPlus,
    /// Label of the present sample when it is made at run time.
    pub(super) label: String,
    /// Reused memory for rendering.
    pub(super) scratch: String,
}

impl Own {
    /// The surroundings of texts; an empty `label` stands for the one made at run time.
    pub(super) fn scope<'a, S: Sampler>(
        &'a mut self,
        worker: &'a Worker<S>,
        label: &'a str,
    ) -> Scope<'a> {
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

    /// The value of `template`, in reused memory.
    fn text<S: Sampler>(&mut self, worker: &Worker<S>, template: &Template) -> &str {
        let memory = std::mem::take(&mut self.scratch);
        self.scratch = self.rendered(worker, template, memory);
        &self.scratch
    }

    /// Renders the label of the present sample.
    pub(super) fn render_label<S: Sampler>(&mut self, worker: &Worker<S>, template: &Template) {
        let memory = std::mem::take(&mut self.label);
        self.label = self.rendered(worker, template, memory);
    }

    /// The value of `template`, in the memory of another text.
    fn rendered<S: Sampler>(
        &mut self,
        worker: &Worker<S>,
        template: &Template,
        memory: String,
    ) -> String {
        let mut text = memory.into_bytes();
        text.clear();
        self.scope(worker, "").render(template, &mut text);
        worker.note_fault();
        // All parts of a text are UTF-8.
        String::from_utf8(text).unwrap_or_default()
    }

    pub(super) fn set_number(&mut self, slot: Slot, number: u64) {
        use std::fmt::Write as _;
        self.scratch.clear();
        let written = write!(self.scratch, "{number}");
        debug_assert!(written.is_ok(), "writing to a string does not fail");
        self.variables.set(slot, &self.scratch);
    }
}

/// The user as its walk asks it.
pub(super) struct Asked<'a, S: Sampler> {
    pub(super) own: &'a mut Own,
    pub(super) worker: &'a Worker<S>,
}

impl<S: Sampler> Decisions for Asked<'_, S> {
    fn pass_count(&mut self, count: &PassCount) -> Option<u64> {
        match count {
            PassCount::Forever => None,
            PassCount::Times(text) => {
                let text = self.own.text(self.worker, text);
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
                let text = self.own.text(self.worker, text);
                text.trim().eq_ignore_ascii_case("true")
            }
            Condition::JavaScript(text) => {
                self.own.text(self.worker, text);
                let names = UserNames {
                    variables: &self.own.variables,
                    functions: &self.worker.functions,
                };
                evaluate_condition(&self.own.scratch, &names).unwrap_or_else(|error| {
                    self.worker.faults.note(error.to_string());
                    false
                })
            }
        }
    }
}
