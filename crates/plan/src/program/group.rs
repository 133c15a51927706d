//! A thread group, compiled.

use super::{Node, SamplerProgram, Template, TransactionProgram};
use crate::{Load, Location, OnSampleError, Stage};

/// A compiled thread group.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupProgram {
    /// Name as written, shown in reports.
    pub name: Box<str>,
    /// The same taken apart: names of threads hold its value at the start of the run.
    pub name_text: Template,
    /// When it runs.
    pub stage: Stage,
    /// Number among the groups of its stage, counted from 1.
    pub number: u32,
    /// How many users or arrivals, when and how long, with its texts as written.
    pub load: Load,
    /// The texts of `load` that hold references, taken apart; by text.
    pub load_texts: Vec<(Box<str>, Template)>,
    /// What a failed sample does to its user.
    pub on_sample_error: OnSampleError,
    /// Whether a user keeps its connections over iterations.
    pub same_user_on_next_iteration: bool,
    /// Index in [`super::Program::groups`] of the group behind which this one runs.
    pub after: Option<usize>,
    /// Controllers and samplers; the first is the group itself.
    pub nodes: Vec<Node>,
    /// Samplers, by [`super::SamplerId`].
    pub samplers: Vec<SamplerProgram>,
    /// Transactions, by [`super::TransactionId`].
    pub transactions: Vec<TransactionProgram>,
    /// Where it is defined.
    pub location: Location,
}
