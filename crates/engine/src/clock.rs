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
    #[cfg(target_os = "linux")]
    monotonic: Option<monotonic::Clock>,
}

impl RunClock {
    /// A clock on which run time 0 is `zero`, which may be yet to come: the clock then stands at 0. It is
    /// the machine's, and never virtual.
    #[must_use]
    pub fn starting_at(zero: std::time::Instant) -> Self {
        Self {
            zero: Instant::from_std(zero),
            #[cfg(target_os = "linux")]
            monotonic: Some(monotonic::Clock::starting_at(zero)),
        }
    }

    /// A clock on which run time 0 is now. On a runtime whose time is paused, the clock is virtual.
    #[must_use]
    pub fn starting_now() -> Self {
        Self {
            zero: Instant::now(),
            #[cfg(target_os = "linux")]
            monotonic: None,
        }
    }
}

impl Clock for RunClock {
    fn now(&self) -> RunTime {
        #[cfg(target_os = "linux")]
        if let Some(clock) = &self.monotonic {
            return clock.now();
        }
        RunTime::from_duration(Instant::now().saturating_duration_since(self.zero))
    }
}

/// The machine's clock, read in nanoseconds.
///
/// It is the one that `Instant` reads on Linux. That keeps seconds and nanoseconds apart, and checks them at each step
/// of the way to a run time: a reading takes 200 instructions that way and 30 this way, and each request needs two.
#[cfg(target_os = "linux")]
mod monotonic {
    use std::time::{Duration, Instant};

    use loadline_units::RunTime;
    use rustix::time::{ClockId, clock_gettime};

    /// Time between two readings of this clock from which the one of `Instant` between them is near enough, in
    /// nanoseconds.
    const NEAR_NS: i64 = 1_000;

    /// Readings that are tried for it: a thread may lose its processor between two of them.
    const TRIES: usize = 100;

    #[derive(Clone, Copy, Debug)]
    pub(super) struct Clock {
        zero_ns: i64,
    }

    impl Clock {
        /// By this clock it is never earlier than by `Instant`, by which users are woken.
        pub(super) fn starting_at(zero: Instant) -> Self {
            let (now_ns, now) = same_instant();
            let since_zero = match now.checked_duration_since(zero) {
                Some(time) => signed(time),
                None => -signed(zero.saturating_duration_since(now)),
            };
            Self {
                zero_ns: now_ns.saturating_sub(since_zero),
            }
        }

        pub(super) fn now(&self) -> RunTime {
            let since_zero = nanoseconds().saturating_sub(self.zero_ns);
            RunTime::from_micros(u64::try_from(since_zero).unwrap_or(0) / 1_000)
        }
    }

    /// One instant by both clocks, as near as it was to be had; by `Instant` a little later.
    fn same_instant() -> (i64, Instant) {
        let mut nearest = (i64::MAX, 0, Instant::now());
        for _ in 0..TRIES {
            let (before, now, after) = (nanoseconds(), Instant::now(), nanoseconds());
            if after - before < nearest.0 {
                nearest = (after - before, before, now);
            }
            if nearest.0 < NEAR_NS {
                break;
            }
        }
        (nearest.1, nearest.2)
    }

    fn signed(time: Duration) -> i64 {
        i64::try_from(time.as_nanos()).unwrap_or(i64::MAX)
    }

    /// Since the machine was started, or any other point in time.
    fn nanoseconds() -> i64 {
        let time = clock_gettime(ClockId::Monotonic);
        time.tv_sec * 1_000_000_000 + time.tv_nsec
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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_machine_is_read_as_instants_say_and_never_earlier() {
        let zero = std::time::Instant::now() - Duration::from_secs(7);
        let clock = RunClock::starting_at(zero);
        let mut is_near = false;
        for _ in 0..10_000 {
            let before = RunTime::from_duration(zero.elapsed());
            let now = clock.now();
            let after = RunTime::from_duration(zero.elapsed());
            assert!(before <= now, "{before:?} {now:?}");
            // Of all readings, since a thread may be held up between any of them.
            is_near |= now <= after + Duration::from_micros(1);
        }
        assert!(is_near);
    }

    #[test]
    fn before_its_start_it_stands_at_zero() {
        let zero = std::time::Instant::now() + Duration::from_secs(3_600);
        assert_eq!(RunClock::starting_at(zero).now(), RunTime::ZERO);
    }
}
