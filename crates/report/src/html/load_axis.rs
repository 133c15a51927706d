//! The axis of loads under charts: users or arrivals per second.

use super::axis::{round_step, trimmed};

/// Loads further apart than this factor get a logarithmic axis.
const LOG_FROM: f64 = 32.0;

/// An axis of loads over the width of a plot.
pub(super) struct Loads {
    /// Load at the left edge.
    pub(super) low: f64,
    /// Load at the right edge.
    pub(super) high: f64,
    /// Whether it is logarithmic.
    pub(super) log: bool,
}

impl Loads {
    /// From 0, or over decades when the loads are far apart.
    pub(super) fn of(loads: impl Iterator<Item = f64> + Clone) -> Self {
        let low = loads.clone().fold(f64::INFINITY, f64::min);
        let high = loads.fold(0.0, f64::max);
        if low > 0.0 && high / low > LOG_FROM {
            Loads {
                low: low / 1.5,
                high: high * 1.5,
                log: true,
            }
        } else {
            Loads {
                low: 0.0,
                high: high * 1.1,
                log: false,
            }
        }
    }

    /// Where a load stands, 0 to 1000.
    pub(super) fn x(&self, load: f64) -> f64 {
        let share = if self.log {
            (load.max(f64::MIN_POSITIVE) / self.low).ln() / (self.high / self.low).ln()
        } else {
            load / self.high
        };
        1000.0 * share.clamp(0.0, 1.0)
    }

    /// Round loads: where, label, and whether narrow pages leave it out.
    pub(super) fn ticks(&self) -> Vec<(f64, String, bool)> {
        let values: Vec<f64> = if self.log {
            let first = self.low.log10().ceil() as i32;
            let last = self.high.log10().floor() as i32;
            (first..=last).map(|power| 10f64.powi(power)).collect()
        } else {
            let step = round_step(self.high / 4.0);
            let count = (self.high / step).floor() as u32;
            (0..=count).map(|index| f64::from(index) * step).collect()
        };
        values
            .into_iter()
            .enumerate()
            .map(|(index, value)| (self.x(value), trimmed(value), index % 2 == 1))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(loads: &[f64], expected: &[&str]) {
        let ticks = Loads::of(loads.iter().copied()).ticks();
        let labels: Vec<_> = ticks.into_iter().map(|tick| tick.1).collect();
        assert_eq!(labels, expected);
    }

    #[test]
    fn near_loads_start_at_zero() {
        check(&[1000.0, 2000.0], &["0", "500", "1,000", "1,500", "2,000"]);
    }

    #[test]
    fn far_loads_go_by_decades() {
        check(&[1.0, 1000.0], &["1", "10", "100", "1,000"]);
    }
}
