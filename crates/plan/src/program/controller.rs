//! A thread group's controllers and samplers as a flat arena of nodes, which a user walks.

use super::{PassSource, Slot, Template};
use crate::{Interleave, Location};

/// Index of a [`Node`] among those of its thread group; 0 is the group itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

/// Index of a sampler among those of its thread group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SamplerId(pub u32);

/// Index of a Throughput Controller whose users count together, over the whole program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SharedCountId(pub u32);

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
    /// (`__jm__<name>__idx`); thread groups and loops of all kinds only.
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
    /// Runs its children until a condition is false.
    While(Condition),
    /// Runs its children once for each variable of a family.
    ForEach(Box<ForEachProgram>),
    /// Runs one of its children.
    Switch {
        /// Its position, counted from 0, or its name.
        selection: Template,
        /// The names of the children, in order.
        names: Vec<Template>,
    },
    /// Runs one of its children in each pass of its parent.
    Interleave(Interleave),
    /// Runs each of its children once, in an order drawn anew in each pass.
    RandomOrder,
    /// Runs its children in some of its parent's passes only.
    Throughput {
        /// How often.
        limit: ShareProgram,
        /// Where users count together; without it, each counts for itself.
        shared: Option<SharedCountId>,
    },
    /// Runs its children again and again for so many seconds.
    Runtime(Template),
    /// Runs one of its children in each pass: by their weights, the one that has run least.
    Weighted(Vec<Template>),
    /// Runs its children while no other user is in a section of this name.
    CriticalSection(Template),
    /// Runs a sampler.
    Sampler(SamplerId),
}

impl NodeKind {
    /// Whether it is a loop that can be broken and has an index: a Loop, While or ForEach
    /// Controller.
    #[must_use]
    pub const fn is_loop(&self) -> bool {
        matches!(
            self,
            NodeKind::Loop { .. } | NodeKind::While(_) | NodeKind::ForEach(_)
        )
    }
}

/// A compiled ForEach Controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForEachProgram {
    /// Name of the variables that are read, with the separator, without their numbers.
    pub prefix: Template,
    /// Name of the variable that is set.
    pub variable: Template,
    /// The number before the first.
    pub start: Template,
    /// The last number.
    pub end: Option<Template>,
}

/// How often a Throughput Controller runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShareProgram {
    /// In so many passes in all; text that is no number is 1.
    Total(Template),
    /// In so many of a hundred passes; text that is no number is 100.
    Percent(Template),
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
    /// A comparison of an own plan, evaluated after substitution.
    Comparison(Template),
    /// JavaScript of a JMeter plan, run after substitution, without JMeter's objects.
    JavaScript(Template),
}
