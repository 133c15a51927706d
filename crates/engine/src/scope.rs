//! What a text of the plan can refer to while one virtual user evaluates it.

use std::borrow::Cow;

use loadline_plan::program::{Part, Template};
use loadline_units::Clock;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::functions::{self, Functions, PerUserCalls};
use crate::{Outcome, Variables};

/// Who a virtual user is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserIdentity {
    /// Number over the whole run, from 0.
    pub number: u32,
    /// Number within its thread group, from 1: JMeter's thread number.
    pub thread_number: u32,
    /// Number of its thread group among those of its stage, from 1.
    pub group_number: u32,
    /// Name of its thread group.
    pub group_name: std::rc::Rc<str>,
}

/// The surroundings in which templates are rendered for one virtual user.
pub struct Scope<'a> {
    /// The user.
    pub identity: &'a UserIdentity,
    /// The user's variables.
    pub variables: &'a mut Variables,
    /// Properties and the state of function calls, shared by the users of an engine thread.
    pub functions: &'a Functions,
    /// The state that function calls have for this user alone.
    pub per_user: &'a mut PerUserCalls,
    /// The user's chance, seeded by the run's seed and the user's number.
    pub chance: &'a mut Xoshiro256PlusPlus,
    /// Run time.
    pub clock: &'a dyn Clock,
    /// The latest result of the user, if the plan reads it.
    pub previous: Option<&'a Outcome>,
    /// Label of the sampler that is evaluated; empty outside one.
    pub sampler_name: &'a str,
}

impl Scope<'_> {
    /// Appends the value of `template` to `out`. An unset variable is its own reference, `${name}`.
    ///
    /// A function that fails appends nothing; see [`Functions::take_fault`].
    pub fn render(&mut self, template: &Template, out: &mut Vec<u8>) {
        for part in &template.parts {
            match part {
                Part::Literal(text) => out.extend_from_slice(text.as_bytes()),
                Part::Variable(slot) => {
                    let value = self.variables.get(*slot);
                    append(value, self.variables.names().name(*slot), out);
                }
                Part::Named(name) => append(self.variables.get_by_name(name), name, out),
                Part::Call(call) => functions::call(call, self, out),
            }
        }
    }

    /// The value of `template` as text.
    pub fn text(&mut self, template: &Template) -> String {
        let mut out = Vec::new();
        self.render(template, &mut out);
        // All parts are UTF-8, so nothing is replaced here.
        String::from_utf8(out)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }

    /// The value of `template` as text, without a copy when it has no references.
    pub fn text_of<'t>(&mut self, template: &'t Template) -> Cow<'t, str> {
        match template.as_literal() {
            Some(text) => Cow::Borrowed(text),
            None => Cow::Owned(self.text(template)),
        }
    }
}

/// Appends the value of the variable `name`, or the reference itself.
fn append(value: Option<&str>, name: &str, out: &mut Vec<u8>) {
    match value {
        Some(value) => out.extend_from_slice(value.as_bytes()),
        None => {
            out.extend_from_slice(b"${");
            out.extend_from_slice(name.as_bytes());
            out.push(b'}');
        }
    }
}
