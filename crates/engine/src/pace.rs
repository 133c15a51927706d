//! How long throughput timers hold a user back.
//!
//! Source: JMeter's `ConstantThroughputTimer`, whose intervals are whole milliseconds and whose
//! schedules never catch up. Under a shared schedule too, each user keeps its own last target, and
//! its first sample does not wait.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use loadline_plan::program::TimerId;
use loadline_units::RunTime;

/// Longest interval, a year: what a pace of 0 comes to.
const LONGEST_MS: f64 = 365.0 * 86_400_000.0;

/// The interval between samples at `per_minute`, for `users` who each keep an equal part of the
/// pace. A negative pace does not hold back.
pub(crate) fn interval(per_minute: f64, users: u32) -> Duration {
    let each_ms = f64::from(users) * (60_000.0 / per_minute);
    // JMeter rounds halves up.
    Duration::from_millis((each_ms + 0.5).floor().clamp(0.0, LONGEST_MS) as u64)
}

/// A schedule of starts that users of all engine threads take in turn.
#[derive(Debug, Default)]
pub(crate) struct SharedSchedule {
    /// Microseconds of the run of the latest start, plus 1; 0 before the first.
    latest: AtomicU64,
}

impl SharedSchedule {
    /// Takes the next start, `interval` behind the latest and not before `now`; its distance from
    /// `now`.
    pub(crate) fn next(&self, now: RunTime, interval: Duration) -> Duration {
        let interval_us = u64::try_from(interval.as_micros()).unwrap_or(u64::MAX);
        let step = |latest: u64| {
            let next = match latest.checked_sub(1) {
                Some(latest) => now.as_micros().max(latest.saturating_add(interval_us)),
                None => now.as_micros(),
            };
            Some(next.saturating_add(1))
        };
        let (Ok(before) | Err(before)) =
            self.latest
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, step);
        let next = step(before).unwrap_or(1) - 1;
        Duration::from_micros(next - now.as_micros())
    }
}

/// The last target of each throughput timer, for one user; a word as long as there is none.
#[derive(Debug, Default)]
#[expect(
    clippy::box_collection,
    reason = "it sits in every user, and few have one"
)]
pub(crate) struct OwnPaces(Option<Box<Vec<(TimerId, RunTime)>>>);

impl OwnPaces {
    /// How long the user waits at `now` for a target `interval` behind its last one under the timer
    /// `id`.
    pub(crate) fn wait(&mut self, id: TimerId, now: RunTime, interval: Duration) -> Duration {
        let paces = self.0.get_or_insert_default();
        let Some((_, last)) = paces.iter_mut().find(|(known, _)| *known == id) else {
            paces.push((id, now));
            return Duration::ZERO;
        };
        *last = (*last + interval).max(now);
        last.saturating_since(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_rounded_to_whole_milliseconds() {
        for (per_minute, users, expected_ms) in [
            (60.0, 1, 1000),
            (60.0, 3, 3000),
            (40_000.0, 1, 2),
            (140_000.0, 1, 0),
            (-1.0, 1, 0),
            (0.0, 1, 365 * 86_400_000),
            (0.0, 0, 0),
        ] {
            let expected = Duration::from_millis(expected_ms);
            assert_eq!(interval(per_minute, users), expected, "{per_minute}/min");
        }
    }

    #[test]
    fn a_shared_schedule_does_not_catch_up() {
        let schedule = SharedSchedule::default();
        let second = Duration::from_secs(1);
        let next = |at_ms: u64| {
            schedule
                .next(RunTime::from_micros(at_ms * 1000), second)
                .as_millis()
        };
        assert_eq!(
            [next(0), next(0), next(100), next(5000), next(5000)],
            [0, 1000, 1900, 0, 1000]
        );
    }
}
