//! Queues between users, compiled.

use super::Template;
use crate::{FifoPop, FifoPut, Text};

/// A compiled [`FifoPop`], with its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FifoPopProgram {
    /// Name of the queue.
    pub queue: Template,
    /// Variable that takes the text.
    pub variable: Template,
    /// How long the user waits, in whole seconds; empty means without end.
    pub timeout_s: Template,
}

/// A compiled [`FifoPut`], with its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FifoPutProgram {
    /// Name of the queue.
    pub queue: Template,
    /// The text.
    pub value: Template,
}

impl FifoPopProgram {
    /// Compiles it; `parse` takes its texts apart.
    pub fn compile(pop: &FifoPop, parse: &mut dyn FnMut(&Text) -> Template) -> Self {
        Self {
            queue: parse(&pop.queue),
            variable: parse(&pop.variable),
            timeout_s: parse(&pop.timeout_s),
        }
    }
}

impl FifoPutProgram {
    pub(super) fn compile(put: &FifoPut, parse: &mut dyn FnMut(&Text) -> Template) -> Self {
        Self {
            queue: parse(&put.queue),
            value: parse(&put.value),
        }
    }
}
