//! The clock of a run, and waiting by it.
//!
//! Waiting is behind [`sleep_until`] alone. Threads of a real run have a precise timer; without one
//! (tests in virtual time, other systems) tokio's does, which rounds up to the millisecond.

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
}

impl Clock for RunClock {
    fn now(&self) -> RunTime {
        RunTime::from_duration(Instant::now().saturating_duration_since(self.zero))
    }
}

/// Waits until `at`; not at all if it has passed.
pub(crate) async fn sleep_until(clock: RunClock, at: RunTime) {
    let deadline = clock.zero + at.since_start();
    #[cfg(target_os = "linux")]
    if let Some(timer) = crate::precise_timer::of_this_thread() {
        timer.sleep_until(deadline.into_std()).await;
        return;
    }
    tokio::time::sleep_until(deadline).await;
}
