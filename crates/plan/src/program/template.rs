//! Texts with references, parsed: literals, variable slots and function calls.

/// Index of a variable among those that a program names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u32);

/// Index of a function call in a program. Each occurrence in a plan has its own, since functions
/// such as `__counter` keep their state by occurrence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub u32);

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
}
