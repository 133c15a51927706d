//! Result files that a plan's listeners ask for.

use std::collections::BTreeMap;

use super::Template;
use crate::Location;

/// Index of a result file in [`super::Program::outputs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutputId(pub u32);

/// A result file of one listener. Several may name one file.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputProgram {
    /// The file, evaluated once; `~/` at its start stands for the plan's folder.
    pub file: Template,
    /// Whether failed results are wanted; all are if good ones are wanted too, or neither.
    pub errors_only: bool,
    /// Whether good results are wanted.
    pub successes_only: bool,
    /// What is saved of a result, under JMeter's names; `None` as the properties of the run say.
    pub settings: Option<BTreeMap<String, String>>,
    /// Where the listener is defined.
    pub location: Location,
}
