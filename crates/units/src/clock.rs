//! Run time: microseconds since the start of a run, and where they are read.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

/// An instant of a run, in whole microseconds since the run's start.
///
/// All figures of a run share this one monotonic time line; the wall clock is read once per run, as
/// an anchor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunTime(u64);

impl RunTime {
    /// The start of the run.
    pub const ZERO: RunTime = RunTime(0);
    /// An instant that never comes.
    pub const NEVER: RunTime = RunTime(u64::MAX);

    /// The instant `micros` microseconds after the start of the run.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        RunTime(micros)
    }

    /// The instant `duration` after the start of the run, to the microsecond below.
    #[must_use]
    pub fn from_duration(duration: Duration) -> Self {
        RunTime(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX))
    }

    /// Microseconds since the start of the run.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Seconds since the start of the run.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// Index of the whole second that holds this instant, 0 for the first.
    #[must_use]
    pub fn second(self) -> u32 {
        u32::try_from(self.0 / 1_000_000).unwrap_or(u32::MAX)
    }

    /// Time from the start of the run.
    #[must_use]
    pub const fn since_start(self) -> Duration {
        Duration::from_micros(self.0)
    }

    /// Time from `earlier` to this instant; zero if `earlier` is later.
    #[must_use]
    pub const fn saturating_since(self, earlier: RunTime) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// The instant `duration` before this one; the start of the run if that is later.
    #[must_use]
    pub fn before(self, duration: Duration) -> RunTime {
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        RunTime(self.0.saturating_sub(micros))
    }

    /// Microseconds from `earlier` to this instant, at most `u32::MAX` (71 minutes); zero if
    /// `earlier` is later.
    #[must_use]
    pub fn micros_since(self, earlier: RunTime) -> u32 {
        u32::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(u32::MAX)
    }
}

impl Add<Duration> for RunTime {
    type Output = RunTime;

    fn add(self, duration: Duration) -> RunTime {
        RunTime(
            self.0
                .saturating_add(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)),
        )
    }
}

impl Sub<RunTime> for RunTime {
    type Output = Duration;

    fn sub(self, earlier: RunTime) -> Duration {
        self.saturating_since(earlier)
    }
}

impl fmt::Display for RunTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:.3}s", self.as_secs_f64())
    }
}

/// Where run time is read: the machine's monotonic clock in a run, a virtual one in tests.
pub trait Clock {
    /// The present instant; never earlier than one returned before.
    fn now(&self) -> RunTime;
}
