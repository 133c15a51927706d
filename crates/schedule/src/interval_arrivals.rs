//! The arrivals of JMeter's Open Model Thread Group: a fixed number in each interval of its schedule.
//!
//! Source: `EvenArrivalsRamp` and `PoissonArrivalsRamp` of JMeter 5.6.3. With the numbers of Java's
//! generator for the plan's seed, random arrivals are JMeter's own.

use std::collections::VecDeque;
use std::time::Duration;

use crate::open_model::ArrivalInterval;

/// The arrivals of a schedule, in time order.
#[derive(Clone, Debug)]
pub(crate) struct IntervalArrivals {
    intervals: VecDeque<ArrivalInterval>,
    /// Start of the first of `intervals`.
    start: Duration,
    /// Arrivals of that interval made so far.
    made: u64,
    /// Its random arrivals, in seconds from its start; empty until it begins.
    drawn: Vec<f64>,
}

impl IntervalArrivals {
    pub(crate) fn new(intervals: &[ArrivalInterval]) -> Self {
        Self {
            intervals: intervals.iter().copied().collect(),
            start: Duration::ZERO,
            made: 0,
            drawn: Vec::new(),
        }
    }

    /// The next arrival, or `None` after the last. `uniform` draws from [0, 1): as many numbers at
    /// once as an interval has arrivals, when it begins.
    pub(crate) fn next(&mut self, mut uniform: impl FnMut() -> f64) -> Option<Duration> {
        loop {
            let interval = *self.intervals.front()?;
            if self.made < interval.count() {
                let time_s = if interval.random {
                    if self.drawn.is_empty() {
                        self.drawn = draw(&interval, &mut uniform);
                    }
                    // An interval has fewer arrivals than fill the memory.
                    self.drawn[usize::try_from(self.made).unwrap_or(usize::MAX)]
                } else {
                    even(&interval, self.made)
                };
                self.made += 1;
                return Some(self.start + Duration::from_secs_f64(time_s.max(0.0)));
            }
            self.intervals.pop_front();
            self.start += interval.length;
            self.made = 0;
            self.drawn = Vec::new();
        }
    }
}

/// Time of the arrival `number`, counted from 0, of evenly spaced ones: where the integral of the rate
/// reaches it. In seconds from the start of the interval.
fn even(interval: &ArrivalInterval, number: u64) -> f64 {
    let (from, to, number) = (interval.from, interval.to, number as f64);
    let mean = (from + to) / 2.0;
    // A change that is no change to JMeter.
    if (to - from).abs() < 0.0001 * mean {
        return number / mean;
    }
    let acceleration = (to - from) / interval.length.as_secs_f64();
    ((from * from + 2.0 * acceleration * number).max(0.0).sqrt() - from) / acceleration
}

/// Random times of all arrivals of an interval, in order: so many at the lower rate are uniform, the
/// others follow the slope.
fn draw(interval: &ArrivalInterval, uniform: &mut impl FnMut() -> f64) -> Vec<f64> {
    let length_s = interval.length.as_secs_f64();
    let count = interval.count();
    let flat = (interval.from.min(interval.to) * length_s) as u64;
    let mut times: Vec<f64> = (0..count)
        .map(|index| {
            let drawn = uniform();
            if index < flat {
                return drawn * length_s;
            }
            // The distribution function of a rate that rises from 0 is a square.
            let share = drawn.sqrt();
            let share = if interval.from > interval.to {
                1.0 - share
            } else {
                share
            };
            share * length_s
        })
        .collect();
    times.sort_unstable_by(f64::total_cmp);
    times
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(random: bool, from: f64, to: f64, length_s: f64) -> ArrivalInterval {
        ArrivalInterval {
            random,
            from,
            to,
            length: Duration::from_secs_f64(length_s),
        }
    }

    fn times(intervals: &[ArrivalInterval], mut uniform: impl FnMut() -> f64) -> Vec<f64> {
        let mut arrivals = IntervalArrivals::new(intervals);
        std::iter::from_fn(|| arrivals.next(&mut uniform))
            .map(|time| (time.as_secs_f64() * 1e6).round() / 1e6)
            .collect()
    }

    #[test]
    fn even_arrivals_begin_with_each_interval_and_never_overflow_it() {
        let intervals = [
            interval(false, 2.0, 2.0, 1.9),
            interval(false, 0.0, 0.0, 1.0),
            interval(false, 0.0, 4.0, 2.0),
        ];
        // 3.8 arrivals are 3. The integral of the last interval is t²: arrival n after √n seconds.
        assert_eq!(
            times(&intervals, || 0.5),
            [0.0, 0.5, 1.0, 2.9, 3.9, 4.314_214, 4.632_051]
        );
    }

    #[test]
    fn random_arrivals_are_so_many_and_follow_the_slope() {
        let rising = interval(true, 10.0, 30.0, 10.0);
        // A fixed low-discrepancy sequence in place of chance.
        let mut state = 0.5;
        let drawn = times(&[rising], || {
            state = (state + 0.618_033_988_749_894_9_f64) % 1.0;
            state
        });
        assert_eq!(drawn.len(), 200);
        assert!(drawn.is_sorted());
        // The integral up to the middle is 75.
        let before = drawn.iter().filter(|time| **time < 5.0).count();
        assert!((70..80).contains(&before), "{before}");
        let falling = interval(true, 2.0, 0.0, 2.0);
        assert_eq!(times(&[falling], || 0.25), [1.0, 1.0]);
    }
}
