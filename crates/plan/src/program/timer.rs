//! Timers, compiled.

use super::Number;
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
    /// Until enough users wait.
    Synchronizing(SynchronizingProgram),
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
