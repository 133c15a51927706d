//! What a user's texts are evaluated with, and how its walk asks them.

use std::mem::offset_of;
use std::sync::atomic::AtomicU64;

use loadline_plan::PlanSource;
use loadline_plan::program::{Condition, ForEachProgram, PassCount, SharedCountId, Slot, Template};
use loadline_units::{Clock as _, RunTime};
use rand::RngExt as _;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::condition::UserNames;
use crate::functions::PerUserCalls;
use crate::walk::Decisions;
use crate::worker::Worker;
use crate::{Outcome, Sampler, Scope, UserIdentity, Variables, evaluate_condition, scripts};

/// What texts are evaluated with.
///
/// In this order in memory, as a [`super::User`] is: what is asked for each request stands first.
#[repr(C)]
pub(super) struct Own {
    pub(super) identity: UserIdentity,
    /// The latest result, if the plan reads it.
    pub(super) previous: Option<Box<Outcome>>,
    pub(super) per_user: PerUserCalls,
    pub(super) variables: Variables,
    pub(super) chance: Xoshiro256PlusPlus,
    /// Label of the present sample when it is made at run time.
    pub(super) label: String,
    /// Reused memory for rendering.
    pub(super) scratch: String,
}

impl Own {
    /// Bytes at its beginning that every request needs.
    pub(super) const NEEDED_BYTES: usize = offset_of!(Self, per_user) + PerUserCalls::NEEDED_BYTES;

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
            previous: self.previous.as_deref(),
            sampler_name: if label.is_empty() { &self.label } else { label },
        }
    }

    /// The value of `template`, in reused memory.
    pub(super) fn text<S: Sampler>(&mut self, worker: &Worker<S>, template: &Template) -> &str {
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

impl<S: Sampler> Asked<'_, S> {
    /// What a comparison says; `None`, told as a fault, when it cannot be evaluated.
    fn compared(&mut self, text: &Template) -> Option<bool> {
        self.own.text(self.worker, text);
        let names = UserNames {
            variables: &self.own.variables,
            functions: &self.worker.functions,
        };
        match evaluate_condition(&self.own.scratch, &names) {
            Ok(holds) => Some(holds),
            Err(error) => {
                self.worker.faults.note(error.to_string());
                None
            }
        }
    }

    /// What JavaScript says; `None`, told as a fault, when it says neither true nor false.
    fn scripted(&mut self, text: &Template) -> Option<bool> {
        self.own.text(self.worker, text);
        let text = std::mem::take(&mut self.own.scratch);
        let said = scripts::holds(text.trim(), &mut self.own.scope(self.worker, ""));
        let said = said.map_err(|problem| {
            let fault = format!("condition `{text}`: {problem}");
            self.worker.faults.note(fault);
        });
        self.own.scratch = text;
        said.ok()
    }

    /// The value of `text`, on which it depends what is done next; `None` when a function fails, which
    /// ends the user, as it ends JMeter's thread.
    fn deciding(&mut self, text: &Template) -> Option<&str> {
        let mut value = std::mem::take(&mut self.own.scratch).into_bytes();
        value.clear();
        self.own.scope(self.worker, "").render(text, &mut value);
        self.own.scratch = String::from_utf8(value).unwrap_or_default();
        if let Some(fault) = self.worker.functions.take_fault() {
            self.worker.faults.note(fault.to_string());
            self.own.per_user.end();
            return None;
        }
        Some(&self.own.scratch)
    }

    /// The name of the `number`-th variable of a family, in the memory for texts.
    fn item_name(&mut self, family: &ForEachProgram, number: i64) -> String {
        let mut name = self.own.text(self.worker, &family.prefix).to_owned();
        name += &number.to_string();
        name
    }
}

impl<S: Sampler> Decisions for Asked<'_, S> {
    fn pass_count(&mut self, count: &PassCount) -> Option<u64> {
        match count {
            PassCount::Forever => None,
            PassCount::Times(text) => {
                let is_of_jmeter = self.worker.prepared.program.source == PlanSource::Jmx;
                let text = self.own.text(self.worker, text);
                let times = if is_of_jmeter {
                    // A number in JMeter has 32 bits and no space around it.
                    text.parse::<i32>().map(i64::from)
                } else {
                    text.trim().parse()
                };
                // Any negative number is without end: JMeter compares `loops > -1`.
                match times {
                    Ok(times) => u64::try_from(times).ok(),
                    Err(_) => Some(0),
                }
            }
        }
    }

    fn holds(&mut self, condition: &Condition) -> bool {
        match condition {
            Condition::Expression(text) => {
                let text = self.deciding(text);
                text.is_some_and(|text| text.trim().eq_ignore_ascii_case("true"))
            }
            Condition::Comparison(text) => self.compared(text).unwrap_or(false),
            Condition::JavaScript(text) => self.scripted(text).unwrap_or(false),
        }
    }

    fn ends(&mut self, condition: &Condition, is_pass_over: bool) -> bool {
        match condition {
            Condition::Expression(text) => {
                let Some(text) = self.deciding(text).map(str::trim) else {
                    return true;
                };
                if (is_pass_over && text.is_empty()) || text.eq_ignore_ascii_case("LAST") {
                    return self.worker.last_sample_ok.is_some_and(|slot| {
                        let last = self.own.variables.get(slot);
                        last.is_some_and(|last| last.eq_ignore_ascii_case("false"))
                    });
                }
                text.eq_ignore_ascii_case("false")
            }
            // In JMeter the text of an error is not `false`.
            Condition::Comparison(text) => self.compared(text) == Some(false),
            Condition::JavaScript(text) => self.scripted(text) == Some(false),
        }
    }

    fn text(&mut self, text: &Template) -> &str {
        self.deciding(text).unwrap_or_default()
    }

    fn has_item(&mut self, family: &ForEachProgram, number: i64) -> bool {
        let name = self.item_name(family, number);
        self.own.variables.get_by_name(&name).is_some()
    }

    fn take_item(&mut self, family: &ForEachProgram, number: i64) {
        let name = self.item_name(family, number);
        let Some(value) = self.own.variables.get_by_name(&name).map(str::to_owned) else {
            return;
        };
        self.own.text(self.worker, &family.variable);
        self.own.variables.set_by_name(&self.own.scratch, &value);
    }

    fn set_index(&mut self, slot: Slot, index: u64) {
        self.own.set_number(slot, index);
    }

    fn draw(&mut self, bound: usize) -> usize {
        self.own.chance.random_range(0..bound.max(1))
    }

    fn now(&mut self) -> RunTime {
        self.worker.clock.now()
    }

    fn user_index(&mut self) -> usize {
        usize::try_from(self.own.identity.thread_number.saturating_sub(1)).unwrap_or(0)
    }

    fn shared_count(&self, id: SharedCountId) -> &AtomicU64 {
        &self.worker.prepared.shared_counts[id.0 as usize]
    }
}
