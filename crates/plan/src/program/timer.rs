//! Timers, compiled.

use super::{Number, ScriptId, Template};
use crate::ThroughputBasis;

/// Index of a timer that remembers something, in a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimerId(pub u32);

/// A compiled timer; delays in milliseconds.
#[derive(Clone, Debug, PartialEq)]
pub enum TimerProgram {
    /// The same delay each time.
    Constant {
        /// Delay.
        delay_ms: Number,
    },
    /// Uniform in `[offset, offset + range)`.
    Uniform {
        /// Least delay.
        offset_ms: Number,
        /// Width.
        range_ms: Number,
    },
    /// Normal around `offset`; the absolute value is taken.
    Gaussian {
        /// Mean.
        offset_ms: Number,
        /// Standard deviation.
        deviation_ms: Number,
    },
    /// `offset` and a number from a Poisson distribution; the absolute value is taken.
    Poisson {
        /// Least delay.
        offset_ms: Number,
        /// Mean of the distribution, rounded to whole milliseconds.
        mean_ms: Number,
    },
    /// As long as a pace asks.
    Throughput(ThroughputProgram),
    /// As many milliseconds as a script says.
    Script(ScriptId),
    /// Until enough users wait.
    Synchronizing(SynchronizingProgram),
    /// Until a random time, of which there are so many in each period.
    Precise(Box<PreciseProgram>),
    /// Until a start of a rate over time.
    Shaping(ShapingProgram),
}

/// A compiled [`crate::ThroughputTimer`].
#[derive(Clone, Debug, PartialEq)]
pub struct ThroughputProgram {
    /// Under which each user keeps its last target.
    pub id: TimerId,
    /// Samples per minute.
    pub per_minute: Number,
    /// Whose samples those are.
    pub basis: ThroughputBasis,
}

/// A compiled [`crate::SynchronizingTimer`].
#[derive(Clone, Debug, PartialEq)]
pub struct SynchronizingProgram {
    /// Under which users meet.
    pub id: TimerId,
    /// How many users go on together; 0 means all of the thread group, below 0 nobody waits.
    pub group_size: Number,
    /// Longest wait in milliseconds; 0 is without end.
    pub timeout_ms: Number,
}

/// A compiled [`crate::PreciseThroughputTimer`].
#[derive(Clone, Debug, PartialEq)]
pub struct PreciseProgram {
    /// By which it is told from others of its thread group.
    pub id: TimerId,
    /// Samples in each `period_s`.
    pub throughput: Number,
    /// Seconds to which `throughput` relates.
    pub period_s: Number,
    /// Length in seconds of the periods of which each has its exact number of samples.
    pub duration_s: Number,
    /// Samples that are due together.
    pub batch_size: Number,
    /// Seed of Java's generator; 0, or a text that is no whole number, is none.
    pub random_seed: Template,
}

/// A compiled [`crate::ShapingTimer`].
#[derive(Clone, Debug, PartialEq)]
pub struct ShapingProgram {
    /// Under which users share its starts.
    pub id: TimerId,
    /// Its name.
    pub name: Template,
    /// Rate at the beginning and at the end of each row, and its length in seconds.
    pub rows: Vec<[Template; 3]>,
}
