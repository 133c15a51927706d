//! What a reader could do with each element of a JMeter plan.

use crate::Location;

/// How an element of a plan is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Runs with JMeter's meaning.
    Supported,
    /// Runs with a meaning that differs as the reason says.
    Approximated,
    /// Has no effect on the load or the samples (GUI only, viewers), or is disabled.
    Ignored,
    /// Cannot be run: without it the run would lie.
    Refused,
}

impl Standing {
    /// The word used in `check` and its JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Standing::Supported => "supported",
            Standing::Approximated => "approximated",
            Standing::Ignored => "ignored",
            Standing::Refused => "refused",
        }
    }
}

/// One element of a plan file and how it is treated: a row of `loadline check`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compatibility {
    /// Where the element stands; the path names its ancestors.
    pub location: Location,
    /// The element's class as the plan file names it, such as `HTTPSamplerProxy`.
    pub element: String,
    /// How it is treated.
    pub standing: Standing,
    /// Why, when not [`Standing::Supported`]; empty otherwise.
    pub reason: String,
    /// What the user can do about it; empty when there is nothing to do.
    pub help: String,
}
