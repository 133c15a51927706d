//! A thread group's controllers and samplers as a flat arena of nodes, which a user walks.

use super::{PassSource, Slot, Template};
use crate::Location;

/// Index of a [`Node`] among those of its thread group; 0 is the group itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

/// Index of a sampler among those of its thread group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SamplerId(pub u32);

/// Index of a transaction among those of its thread group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransactionId(pub u32);

/// A controller, or a sampler as its leaf.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it does.
    pub kind: NodeKind,
    /// What is below it, in file order; empty for a sampler.
    pub children: Vec<NodeId>,
    /// What sets variables at the start of each pass, in the order in which it does so.
    pub sources: Vec<PassSource>,
    /// Variable that holds the index of the pass, counted from 0, if the plan reads it
    /// (`__jm__<name>__idx`); thread groups and loops only.
    pub index_variable: Option<Slot>,
    /// Where it is defined.
    pub location: Location,
}

/// What a [`Node`] does.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind {
    /// The thread group: one pass is one iteration.
    Group,
    /// Runs its children in order.
    Simple,
    /// Runs its children several times.
    Loop {
        /// How often, evaluated at each start.
        count: PassCount,
        /// Whether it starts again in the parent's next pass; otherwise it runs once for each
        /// user.
        restarts: bool,
    },
    /// Runs its children in the first pass of its parent only.
    OnceOnly,
    /// Times its children together.
    Transaction(TransactionId),
    /// Runs its children when a condition holds.
    If {
        /// The condition.
        condition: Condition,
        /// Whether it is evaluated before each child instead of once on entry.
        evaluate_all: bool,
    },
    /// Runs a sampler.
    Sampler(SamplerId),
}

/// Number of passes of a loop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PassCount {
    /// Without end.
    Forever,
    /// A number; -1 is without end, a text that is no number is 0.
    Times(Template),
}

/// The condition of an If Controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Holds when the text, after substitution, is `true` in any case.
    Expression(Template),
    /// A comparison in JavaScript, evaluated after substitution.
    JavaScript(Template),
}
