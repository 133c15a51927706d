//! Texts with references, parsed: literals, variable slots and function calls.
//!
//! Not here: how a text is taken apart (see [`super::parse_template`]) and what calls evaluate to
//! (the engine's functions).

/// Index of a variable among those that a program names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u32);

/// Index of a function call in a program. Each occurrence in a plan has its own, since functions
/// such as `__counter` keep their state by occurrence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub u32);

impl CallId {
    /// A call in a text that was parsed at run time (`__eval`): it keeps no state.
    pub const DYNAMIC: CallId = CallId(u32::MAX);
}

/// A text of the plan, parsed once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    /// The parts, put together in order.
    pub parts: Vec<Part>,
}

/// One part of a [`Template`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text as it is.
    Literal(Box<str>),
    /// The value of a variable; `${name}` itself while it is unset.
    Variable(Slot),
    /// The value of a variable that has no slot, looked up by name. Only texts parsed at run time
    /// have it.
    Named(Box<str>),
    /// The result of a function.
    Call(Box<Call>),
}

/// A call of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Identity of this occurrence.
    pub id: CallId,
    /// Name with its two underscores, such as `__Random`.
    pub function: &'static str,
    /// Parameters, evaluated before the call; empty for `()` and for none.
    pub parameters: Vec<Template>,
}

impl Template {
    /// A template without references.
    #[must_use]
    pub fn literal(text: &str) -> Self {
        if text.is_empty() {
            return Self::default();
        }
        Self {
            parts: vec![Part::Literal(text.into())],
        }
    }

    /// The text, if the template has no references.
    #[must_use]
    pub fn as_literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether the text is empty whatever the variables are.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The slots of all variables that the template reads by name, parameters of calls included, in
    /// the order of the text; a slot may come more than once.
    #[must_use]
    pub fn variables(&self) -> Vec<Slot> {
        let mut slots = Vec::new();
        self.collect_variables(&mut slots);
        slots
    }

    /// All calls of the template, outer ones before those in their parameters.
    #[must_use]
    pub fn calls(&self) -> Vec<&Call> {
        let mut calls = Vec::new();
        self.collect_calls(&mut calls);
        calls
    }

    fn collect_variables(&self, slots: &mut Vec<Slot>) {
        for part in &self.parts {
            match part {
                Part::Variable(slot) => slots.push(*slot),
                Part::Call(call) => {
                    for parameter in &call.parameters {
                        parameter.collect_variables(slots);
                    }
                }
                Part::Literal(_) | Part::Named(_) => {}
            }
        }
    }

    fn collect_calls<'t>(&'t self, calls: &mut Vec<&'t Call>) {
        for part in &self.parts {
            if let Part::Call(call) = part {
                calls.push(call);
                for parameter in &call.parameters {
                    parameter.collect_calls(calls);
                }
            }
        }
    }
}
