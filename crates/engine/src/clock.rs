//! The clock of a run, and waiting by it.
//!
//! Not here: waking for arrivals, which needs a finer timer than tokio's (rounded up to the
//! millisecond).

use loadline_units::{Clock, RunTime};
use tokio::time::Instant;

/// Run time by tokio's clock: the machine's monotonic one, or the virtual one of a paused runtime.
#[derive(Clone, Copy, Debug)]
pub struct RunClock {
    zero: Instant,
}

impl RunClock {
    /// A clock on which run time 0 is `zero`, which may be yet to come: the clock then stands at 0.
    #[must_use]
    pub fn starting_at(zero: std::time::Instant) -> Self {
        Self {
            zero: Instant::from_std(zero),
        }
    }

    /// A clock on which run time 0 is now. On a runtime whose time is paused, the clock is virtual.
    #[must_use]
    pub fn starting_now() -> Self {
        Self {
            zero: Instant::now(),
        }
    }

    /// Time left until `at`, also while the clock stands at 0; zero if it has passed.
    #[cfg(target_os = "linux")]
    pub(crate) fn time_until(self, at: RunTime) -> std::time::Duration {
        (self.zero + at.since_start()).saturating_duration_since(Instant::now())
    }
}

impl Clock for RunClock {
    fn now(&self) -> RunTime {
        RunTime::from_duration(Instant::now().saturating_duration_since(self.zero))
    }
}

/// Waits until `at`; not at all if it has passed.
pub(crate) async fn sleep_until(clock: RunClock, at: RunTime) {
    tokio::time::sleep_until(clock.zero + at.since_start()).await;
}
