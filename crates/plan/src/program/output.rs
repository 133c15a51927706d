//! What a plan's listeners ask for: result files, and ends of the test.

use std::collections::BTreeMap;

use super::Template;
use crate::Location;

/// A listener: the index of a result file in [`super::Program::outputs`], or one of the AutoStops, which
/// stand behind all files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutputId(pub u32);

impl OutputId {
    const FIRST_AUTO_STOP: u32 = 1 << 31;

    /// The AutoStop at `index` of [`super::Program::auto_stops`].
    #[must_use]
    pub const fn of_auto_stop(index: u32) -> Self {
        Self(Self::FIRST_AUTO_STOP | index)
    }

    /// The index in [`super::Program::auto_stops`]; `None` for a result file.
    #[must_use]
    pub fn auto_stop(self) -> Option<usize> {
        let index = self.0.checked_sub(Self::FIRST_AUTO_STOP)?;
        usize::try_from(index).ok()
    }
}

/// A compiled [`crate::AutoStop`], with its fields; they are evaluated once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AutoStopProgram {
    /// Mean service time in milliseconds, and for how many seconds.
    pub response_time: [Template; 2],
    /// Mean time to the first byte in milliseconds, and for how many seconds.
    pub latency: [Template; 2],
    /// Share of failed results in percent, and for how many seconds.
    pub errors: [Template; 2],
}

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
