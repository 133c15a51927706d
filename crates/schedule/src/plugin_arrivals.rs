//! The arrivals of the Arrivals and Free-Form Arrivals Thread Groups, plugins of JMeter.
//!
//! Source: `ArrivalsThreadStarter` and `FreeFormArrivalsThreadStarter` of jpgc-casutg 2.10. The next
//! arrival comes `1 / rate` after the last, by the rate at the last. Where the rate is 0, the plugin
//! looks again each fifth of a second, and then lets an arrival come at once.

use std::time::Duration;

/// The arrival rate of a plugin's thread group over time, in arrivals per second.
#[derive(Clone, Debug, PartialEq)]
pub enum PluginRate {
    /// Up to a target, then held.
    Target {
        /// Rate at full load; finite and not negative.
        target: f64,
        /// Time to full load, in whole seconds.
        ramp_up_s: u32,
        /// Steps of the ramp; without steps the plugin makes no arrival in it.
        steps: u32,
        /// Time the full load is held, in whole seconds.
        hold_s: u32,
    },
    /// Rows one after another.
    Rows(Vec<RateRow>),
}

/// A row of a Free-Form Arrivals Thread Group: a linear change of the rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateRow {
    /// Rate at its start; finite and not negative.
    pub from: f64,
    /// Rate at its end; finite and not negative.
    pub to: f64,
    /// Length in seconds. The plugin lets the row end on the whole second before its end, but its
    /// rate changes as if it did not.
    pub length_s: f64,
}

/// Time after which a rate of 0 is looked at again, in milliseconds, by which the plugin counts.
const LOOK_AGAIN_MS: f64 = 200.0;

impl PluginRate {
    /// The rate at `time_s` for the next arrival; `None` when the load is over.
    fn at(&self, time_s: f64) -> Option<f64> {
        match self {
            PluginRate::Target {
                target,
                ramp_up_s,
                steps,
                hold_s,
            } => {
                let ramp_up_s = f64::from(*ramp_up_s);
                if time_s >= ramp_up_s + f64::from(*hold_s) {
                    None
                } else if ramp_up_s == 0.0 || time_s > ramp_up_s {
                    Some(*target)
                } else if *steps > 0 {
                    let steps = f64::from(*steps);
                    let step = (time_s / (ramp_up_s / steps)).floor() + 1.0;
                    Some(target / steps * step)
                } else {
                    // The plugin takes the rate from the number of arrivals so far, which is 0.
                    Some(0.0)
                }
            }
            PluginRate::Rows(rows) => {
                let mut start_s = 0.0;
                for row in rows {
                    let end_s = (start_s + row.length_s).trunc();
                    if time_s <= end_s {
                        let share = (time_s - start_s) / row.length_s;
                        let rate = row.from + share * (row.to - row.from);
                        return (rate >= 0.0).then_some(rate);
                    }
                    start_s = end_s;
                }
                None
            }
        }
    }

    /// Planned length.
    #[must_use]
    pub fn length(&self) -> Duration {
        match self {
            PluginRate::Target {
                ramp_up_s, hold_s, ..
            } => Duration::from_secs(u64::from(*ramp_up_s) + u64::from(*hold_s)),
            PluginRate::Rows(rows) => {
                let end_s = rows
                    .iter()
                    .fold(0.0, |start_s: f64, row| (start_s + row.length_s).trunc());
                Duration::from_secs_f64(end_s)
            }
        }
    }
}

/// The arrivals of a load, in time order.
#[derive(Clone, Debug)]
pub(crate) struct PluginArrivals {
    rate: PluginRate,
    /// From when on the next arrival comes, in milliseconds.
    next_ms: f64,
}

impl PluginArrivals {
    pub(crate) fn new(rate: PluginRate) -> Self {
        Self { rate, next_ms: 0.0 }
    }

    pub(crate) fn next(&mut self) -> Option<Duration> {
        loop {
            let now_s = self.next_ms / 1000.0;
            let rate = self.rate.at(now_s)?;
            if rate > 0.0 {
                self.next_ms += 1000.0 / rate;
                return Some(Duration::from_secs_f64(now_s));
            }
            self.next_ms += LOOK_AGAIN_MS;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Times of all arrivals, in whole milliseconds.
    fn times(rate: PluginRate) -> Vec<u128> {
        let mut arrivals = PluginArrivals::new(rate);
        std::iter::from_fn(|| arrivals.next())
            .map(|time| time.as_millis())
            .collect()
    }

    fn target(target: f64, ramp_up_s: u32, steps: u32, hold_s: u32) -> PluginRate {
        PluginRate::Target {
            target,
            ramp_up_s,
            steps,
            hold_s,
        }
    }

    #[test]
    fn a_rate_without_ramp_spaces_arrivals_evenly() {
        assert_eq!(times(target(4.0, 0, 0, 1)), [0, 250, 500, 750]);
        assert!(times(target(0.0, 2, 0, 2)).is_empty());
    }

    #[test]
    fn steps_are_climbed_one_by_one() {
        assert_eq!(
            times(target(4.0, 2, 2, 1)),
            [0, 500, 1000, 1250, 1500, 1750, 2000, 2166, 2416, 2666, 2916]
        );
    }

    #[test]
    fn a_ramp_without_steps_has_no_arrivals_as_in_the_plugin() {
        // The real plugin made 28 arrivals of this load, the first behind the ramp.
        let times = times(target(10.0, 5, 0, 3));
        assert_eq!((times.len(), times[0], times[27]), (28, 5200, 7900));
    }

    #[test]
    fn rows_follow_the_rate_at_the_last_arrival() {
        let row = |from, to, length_s| RateRow { from, to, length_s };
        // The real plugin made these arrivals from 200 ms on, with gaps of 2007, 152, 164, 164 ms.
        let times = times(PluginRate::Rows(vec![
            row(0.0, 10.0, 4.0),
            row(10.0, 2.0, 4.0),
        ]));
        assert_eq!(times[..5], [200, 2200, 2381, 2549, 2706]);
        assert_eq!(times.len(), 40);
    }
}
