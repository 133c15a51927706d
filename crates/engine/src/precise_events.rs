//! When samples under a Precise Throughput Timer are due: uniform times, so many in each period.
//!
//! Source: `PreciseThroughputTimer` and `ConstantPoissonProcessGenerator` of JMeter 5.6.3, whose
//! users of a thread group share the events. With the numbers of Java's generator for the plan's
//! seed they are JMeter's own.

use std::sync::{Mutex, PoisonError};

use loadline_plan::program::TimerId;
use loadline_schedule::Segment;

use crate::java_random::JavaRandom;

/// Most events of one period, which are drawn together.
const MOST_EVENTS: f64 = 20_000_000.0;

/// Least change of a rate that begins a new period, in events per second.
const CHANGE: f64 = 0.000_01;

/// What a timer asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PrecisePace {
    /// Events per second.
    pub(crate) per_second: f64,
    /// Length of a period in seconds.
    pub(crate) duration_s: f64,
    /// Samples that are due together.
    pub(crate) batch_size: i64,
    /// Seed of the events.
    pub(crate) seed: i64,
}

/// The events that the users of one thread group share.
#[derive(Debug, Default)]
pub(crate) struct PreciseEvents(Mutex<Option<Events>>);

#[derive(Debug)]
struct Events {
    /// The timer that began: others of the group take its events.
    owner: TimerId,
    pace: PrecisePace,
    random: JavaRandom,
    /// End of the present period, in seconds from the start of the group.
    period_end_s: f64,
    /// Events of the present period, in order.
    times_s: Vec<f64>,
    /// How many of them were taken.
    taken: usize,
    /// Samples of the present batch so far; 0 between batches.
    batch_item: i64,
    /// Whether this process has taken one.
    has_given: bool,
}

impl PreciseEvents {
    /// The next event of this process, in seconds from the start of the group, for a user whose
    /// timer `id` asks for `pace`.
    ///
    /// # Errors
    ///
    /// Why there is none: the rate gives no event in a period, or more than can be held.
    pub(crate) fn next(
        &self,
        id: TimerId,
        pace: PrecisePace,
        segment: Segment,
    ) -> Result<f64, String> {
        // Held while the events of a period are drawn; users of one group wait for them anyway.
        let mut events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let events = events.get_or_insert_with(|| Events::new(id, pace));
        let per_second = if events.owner == id {
            pace.per_second
        } else {
            events.pace.per_second
        };
        let others = if events.has_given {
            segment.count() - 1
        } else {
            segment.index()
        };
        events.has_given = true;
        for _ in 0..others {
            events.next(per_second)?;
        }
        events.next(per_second)
    }
}

impl Events {
    fn new(owner: TimerId, pace: PrecisePace) -> Self {
        Self {
            owner,
            pace,
            random: JavaRandom::new(pace.seed),
            period_end_s: 0.0,
            times_s: Vec::new(),
            taken: 0,
            batch_item: 0,
            has_given: false,
        }
    }

    fn next(&mut self, per_second: f64) -> Result<f64, String> {
        let is_empty = self.batch_item == 0 && self.taken >= self.times_s.len();
        if is_empty || (per_second - self.pace.per_second).abs() >= CHANGE {
            self.draw(per_second)?;
        }
        if self.pace.batch_size != 1 {
            self.batch_item += 1;
            let is_first = self.batch_item == 1;
            if self.batch_item == self.pace.batch_size {
                self.batch_item = 0;
            }
            if !is_first && let Some(last) = self.taken.checked_sub(1) {
                return Ok(self.times_s[last]);
            }
        }
        let next = self.times_s.get(self.taken).copied();
        self.taken += 1;
        next.ok_or_else(|| "a Precise Throughput Timer has a rate of 0".to_owned())
    }

    /// The events of the next period.
    fn draw(&mut self, per_second: f64) -> Result<(), String> {
        let duration_s = self.pace.duration_s;
        let batch = self.pace.batch_size.max(1) as f64;
        let count = (per_second / batch * duration_s).ceil();
        if count > MOST_EVENTS {
            return Err(format!(
                "a Precise Throughput Timer asks for {count} samples in a period of {duration_s} s, \
                 more than {MOST_EVENTS}"
            ));
        }
        self.pace.per_second = per_second;
        self.taken = 0;
        self.batch_item = 0;
        self.times_s.clear();
        // A count that is no number is 0.
        for _ in 0..count as u64 {
            let time_s = self.period_end_s + self.random.unit() * duration_s;
            self.times_s.push(time_s);
        }
        self.times_s.sort_unstable_by(f64::total_cmp);
        self.period_end_s += duration_s;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(per_second: f64, duration_s: f64, batch_size: i64) -> PrecisePace {
        PrecisePace {
            per_second,
            duration_s,
            batch_size,
            seed: 42,
        }
    }

    /// The first `count` events, in whole milliseconds.
    fn take(count: usize, pace: PrecisePace, segment: Segment) -> Vec<u64> {
        let events = PreciseEvents::default();
        (0..count)
            .map(|_| (events.next(TimerId(0), pace, segment).unwrap() * 1000.0) as u64)
            .collect()
    }

    #[test]
    fn each_period_has_its_number_of_events() {
        // The numbers of `new java.util.Random(42).nextDouble()`, five a period.
        assert_eq!(
            take(10, pace(2.5, 2.0, 1), Segment::WHOLE),
            [554, 617, 1331, 1366, 1455, 2551, 2737, 2927, 3565, 3806]
        );
        let many = take(1000, pace(9.95, 10.0, 1), Segment::WHOLE);
        assert!(many.is_sorted());
        // Rounded up to 100 a period.
        let of_third = many.iter().filter(|ms| **ms / 10_000 == 2).count();
        assert_eq!(of_third, 100);
    }

    #[test]
    fn samples_of_a_batch_are_due_together() {
        assert_eq!(
            take(6, pace(3.0, 2.0, 2), Segment::WHOLE),
            [617, 617, 1366, 1366, 1455, 1455]
        );
        assert_eq!(take(3, pace(3.0, 2.0, 0), Segment::WHOLE)[0], 554);
    }

    #[test]
    fn processes_share_the_events() {
        let whole = take(9, pace(2.5, 2.0, 1), Segment::WHOLE);
        let mut parts = Vec::new();
        for index in 0..3 {
            parts.extend(take(3, pace(2.5, 2.0, 1), Segment::new(index, 3).unwrap()));
        }
        parts.sort_unstable();
        assert_eq!(parts, whole);
    }

    #[test]
    fn another_timer_of_the_group_takes_from_the_same_events() {
        let events = PreciseEvents::default();
        let next = |id, rate| {
            let event = events.next(TimerId(id), pace(rate, 2.0, 1), Segment::WHOLE);
            event.map(|time_s| (time_s * 1000.0) as u64)
        };
        assert_eq!(next(0, 2.5), Ok(554));
        assert_eq!(next(1, 100.0), Ok(617));
        // A change of its own rate begins a new period.
        assert!(next(0, 5.0).unwrap() >= 2000);
    }

    #[test]
    fn a_rate_of_none_or_of_too_many_is_told() {
        for (rate, word) in [(0.0, "rate of 0"), (f64::INFINITY, "more than")] {
            let events = PreciseEvents::default();
            let told = events.next(TimerId(0), pace(rate, 2.0, 1), Segment::WHOLE);
            assert!(told.unwrap_err().contains(word), "{rate}");
        }
    }
}
