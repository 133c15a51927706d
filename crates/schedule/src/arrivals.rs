//! Open-model arrivals: when does the next iteration start?
//!
//! Arrivals are a function of the profile, the segment and the number already made, never of
//! response times, so a slow server cannot lower the offered load.
//!
//! Not here: which user serves an arrival, and what happens when none is free.

use std::time::Duration;

use crate::curve::{Curve, Stretch};
use crate::interval_arrivals::IntervalArrivals;
use crate::plugin_arrivals::PluginArrivals;
use crate::{LoadProfile, Segment};

/// The arrivals of one segment of an open load, in time order.
///
/// Evenly spaced: arrival j of the whole, counted from 0, comes when the integral of the rate
/// reaches j, so the first comes at once. Random: gaps of the integral are exponential (a Poisson
/// process whose rate follows the plan); each segment draws its own. JMeter's groups have arrivals of
/// their own making, of which each segment takes every so manieth.
#[derive(Clone, Debug)]
pub struct Arrivals {
    curve: Curve,
    segment: Segment,
    making: Making,
    /// Arrivals made so far.
    made: u64,
}

/// How the next arrival is found.
#[derive(Clone, Debug)]
enum Making {
    /// By the integral of the rate.
    Even,
    /// By the integral of the rate and chance.
    Random {
        /// The integral of the whole's rate at the last arrival.
        reached: f64,
    },
    /// One after another of the whole.
    Whole(Whole),
}

/// The arrivals of a whole load.
#[derive(Clone, Debug)]
enum Whole {
    Intervals(IntervalArrivals),
    Plugin(PluginArrivals),
}

impl Arrivals {
    /// The arrivals of `segment` of `profile`; none for a closed load.
    #[must_use]
    pub fn new(profile: &LoadProfile, segment: Segment) -> Self {
        let making = match profile {
            LoadProfile::OpenModel { intervals, .. } => {
                Making::Whole(Whole::Intervals(IntervalArrivals::new(intervals)))
            }
            LoadProfile::Arrivals { rate, .. } => {
                Making::Whole(Whole::Plugin(PluginArrivals::new(rate.clone())))
            }
            _ if profile.is_poisson() => Making::Random { reached: 0.0 },
            _ => Making::Even,
        };
        Self {
            curve: if profile.is_open() {
                profile.curve()
            } else {
                Curve::default()
            },
            segment,
            making,
            made: 0,
        }
    }

    /// Time of the next arrival from the start of the thread group, or `None` after the last.
    ///
    /// `uniform` draws from [0, 1), from the numbers that [`LoadProfile::seeding`] says; it is never
    /// called for evenly spaced arrivals.
    pub fn next_arrival(&mut self, mut uniform: impl FnMut() -> f64) -> Option<Duration> {
        let time = match &mut self.making {
            Making::Even => {
                let whole_index = self.segment.whole_index(self.made);
                self.curve.time_of(whole_index as f64)?
            }
            Making::Random { reached } => {
                // The segment's rate is the whole's divided by the number of segments.
                let gap = -uniform().max(f64::EPSILON / 2.0).ln();
                let next = *reached + gap * f64::from(self.segment.count());
                let time = self.curve.time_of(next)?;
                *reached = next;
                time
            }
            Making::Whole(whole) => {
                let mut next = || match whole {
                    Whole::Intervals(arrivals) => arrivals.next(&mut uniform),
                    Whole::Plugin(arrivals) => arrivals.next(),
                };
                let others = if self.made == 0 {
                    self.segment.index()
                } else {
                    self.segment.count() - 1
                };
                for _ in 0..others {
                    next()?;
                }
                next()?
            }
        };
        self.made += 1;
        Some(time)
    }

    /// Arrivals expected from this segment in `[0, elapsed]`: its part of the integral of the rate.
    ///
    /// After the end of the load it stays at its final value.
    #[must_use]
    pub fn arrivals_due(&self, elapsed: Duration) -> f64 {
        self.curve.integral(elapsed) / f64::from(self.segment.count())
    }

    /// Arrivals made so far.
    #[must_use]
    pub fn made(&self) -> u64 {
        self.made
    }
}

impl LoadProfile {
    /// Arrivals expected from the whole open load in `[0, elapsed]`: the integral of the rate. 0 for
    /// closed loads.
    #[must_use]
    pub fn arrivals_due(&self, elapsed: Duration) -> f64 {
        Arrivals::new(self, Segment::WHOLE).arrivals_due(elapsed)
    }

    /// Planned arrivals per second at `time`; 0 for closed loads.
    #[must_use]
    pub fn planned_rate(&self, time: Duration) -> f64 {
        if self.is_open() {
            self.curve().load_at(time)
        } else {
            0.0
        }
    }
}

impl Curve {
    /// The integral of the load over `[0, elapsed]`.
    fn integral(&self, elapsed: Duration) -> f64 {
        self.stretches
            .iter()
            .take_while(|stretch| stretch.start < elapsed)
            .map(|stretch| stretch.integral(elapsed.min(stretch.end)))
            .sum()
    }

    /// The instant at which the integral reaches `amount`; `None` if it stays below or only the end
    /// of the load would reach it.
    fn time_of(&self, amount: f64) -> Option<Duration> {
        let mut before = 0.0;
        for stretch in &self.stretches {
            let within = stretch.integral(stretch.end);
            if amount < before + within {
                return Some(stretch.start + stretch.time_of(amount - before));
            }
            before += within;
        }
        None
    }
}

impl Stretch {
    /// The integral from the start of the stretch to `time`, which lies in it.
    fn integral(&self, time: Duration) -> f64 {
        let length_s = self.length().as_secs_f64();
        if length_s == 0.0 {
            return 0.0;
        }
        let elapsed_s = (time - self.start).as_secs_f64();
        let slope = (self.to - self.from) / length_s;
        elapsed_s * (self.from + slope * elapsed_s / 2.0)
    }

    /// Time from the start of the stretch to where its integral is `amount`.
    ///
    /// The root of `from · t + slope · t² / 2 = amount`, in the form that does not cancel for small
    /// slopes.
    fn time_of(&self, amount: f64) -> Duration {
        let length_s = self.length().as_secs_f64();
        let slope = (self.to - self.from) / length_s;
        let root = (self.from * self.from + 2.0 * slope * amount)
            .max(0.0)
            .sqrt();
        let divisor = self.from + root;
        let time_s = if divisor > 0.0 {
            2.0 * amount / divisor
        } else {
            0.0
        };
        Duration::from_secs_f64(time_s.clamp(0.0, length_s))
    }
}

#[cfg(test)]
mod tests {
    use loadline_plan::{LoadStage, NativeLoad};
    use loadline_units::Rate;
    use proptest::prelude::*;

    use super::*;

    fn rate(per_second: f64) -> Rate {
        Rate::per_second(per_second).unwrap()
    }

    fn stages(from: f64, list: &[(f64, u64)], poisson: bool) -> LoadProfile {
        LoadProfile::Native(NativeLoad::RateStages {
            from: rate(from),
            stages: list
                .iter()
                .map(|(target, ms)| LoadStage {
                    target: rate(*target),
                    duration: Duration::from_millis(*ms),
                })
                .collect(),
            poisson,
            max_users: 10,
            start: Duration::from_secs(1),
        })
    }

    fn all(profile: &LoadProfile, segment: Segment) -> Vec<Duration> {
        let mut arrivals = Arrivals::new(profile, segment);
        std::iter::from_fn(|| arrivals.next_arrival(|| 0.5)).collect()
    }

    #[test]
    fn a_constant_rate_spaces_arrivals_evenly_from_the_start_on() {
        let times: Vec<f64> = all(&stages(4.0, &[(4.0, 1_000)], false), Segment::WHOLE)
            .iter()
            .map(Duration::as_secs_f64)
            .collect();
        assert_eq!(times, [1.0, 1.25, 1.5, 1.75]);
    }

    #[test]
    fn a_rising_rate_follows_the_root_of_the_integral() {
        // The integral of 2 t is t²: arrival j comes after √j seconds.
        let times = all(&stages(0.0, &[(20.0, 10_000)], false), Segment::WHOLE);
        assert_eq!(times.len(), 100);
        for (number, time) in times.iter().enumerate() {
            let expected_s = 1.0 + (number as f64).sqrt();
            assert!((time.as_secs_f64() - expected_s).abs() < 1e-6, "{number}");
        }
    }

    #[test]
    fn a_closed_load_has_no_arrivals() {
        let closed = LoadProfile::Native(NativeLoad::UserIterations {
            users: 1,
            iterations: 1,
            each: true,
            ramp: Duration::ZERO,
            start: Duration::ZERO,
            pacing: None,
        });
        assert!(all(&closed, Segment::WHOLE).is_empty());
        assert_eq!(closed.arrivals_due(Duration::from_secs(9)), 0.0);
    }

    #[test]
    fn random_arrivals_have_the_planned_mean() {
        let profile = stages(0.0, &[(100.0, 20_000), (100.0, 10_000)], true);
        // A fixed low-discrepancy sequence in place of chance.
        let mut state = 0.5;
        let mut arrivals = Arrivals::new(&profile, Segment::WHOLE);
        let mut next = || {
            state = (state + 0.618_033_988_749_894_9_f64) % 1.0;
            state.max(1e-9)
        };
        let mut last = Duration::ZERO;
        while let Some(time) = arrivals.next_arrival(&mut next) {
            assert!(time >= last);
            last = time;
        }
        let expected = profile.arrivals_due(Duration::from_secs(99));
        assert_eq!(expected, 2000.0);
        let made = arrivals.made() as f64;
        assert!((made - expected).abs() < 20.0, "{made}");
    }

    fn any_profile() -> impl Strategy<Value = LoadProfile> {
        (
            0.0f64..50.0,
            prop::collection::vec((0.0f64..50.0, 0u64..4_000), 1..6),
        )
            .prop_map(|(from, list)| stages(from, &list, false))
    }

    proptest! {
        #[test]
        fn arrivals_match_the_integral(profile in any_profile(), at_ms in 0u64..25_000) {
            let elapsed = Duration::from_millis(at_ms);
            let made = all(&profile, Segment::WHOLE).iter().filter(|time| **time < elapsed).count();
            let due = profile.arrivals_due(elapsed);
            prop_assert!((made as f64 - due).abs() <= 1.0 + 1e-6, "{made} made, {due} due");
        }

        #[test]
        fn arrivals_are_in_time_order(profile in any_profile()) {
            prop_assert!(all(&profile, Segment::WHOLE).is_sorted());
        }

        #[test]
        fn parts_of_a_split_make_the_arrivals_of_the_whole(
            profile in any_profile(),
            count in 1u32..5,
        ) {
            let mut parts: Vec<Duration> = (0..count)
                .filter_map(|index| Segment::new(index, count))
                .flat_map(|part| all(&profile, part))
                .collect();
            parts.sort_unstable();
            prop_assert_eq!(parts, all(&profile, Segment::WHOLE));
        }
    }
}
