//! Turning points of a run, kept in its log.

use loadline_units::RunTime;

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StopReason {
    /// The plan was carried out.
    Completed,
    /// A signal or the user.
    Signal,
    /// A limit with `then stop` broke.
    Limit,
    /// The plan itself stopped the test (a sample error with stop-test, an action).
    Plan,
    /// The target never answered.
    Unreachable,
    /// The recording ends without an end: the program was killed or crashed.
    CutOff,
}

/// A turning point.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// The main thread groups start; steps count from here.
    MainStarted {
        /// When.
        at: RunTime,
    },
    /// The main thread groups have ended or are told to end.
    MainEnded {
        /// When.
        at: RunTime,
    },
    /// The run is told to stop.
    Stopping {
        /// When.
        at: RunTime,
        /// Why.
        reason: StopReason,
    },
    /// The recorder fell behind, as with a slow disk, and what was recorded had waited for long.
    RecordedLate {
        /// When it was the furthest behind.
        at: RunTime,
        /// How long, in microseconds.
        by_us: u64,
    },
    /// Something worth knowing, in one line.
    Note {
        /// When.
        at: RunTime,
        /// The line.
        text: String,
    },
}
