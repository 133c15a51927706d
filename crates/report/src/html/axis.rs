//! Scales of charts: where a value stands and which round values get a grid line.
//!
//! Positions count from 0 to 1000, for y from the top.

use crate::number::{self, Quantity};

/// The y axis of a plot.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Axis {
    /// From 0 to `top`, with ticks every `step`.
    Linear {
        /// Value at the upper edge, above 0.
        top: f64,
        /// Distance of ticks.
        step: f64,
        /// Unit of the ticks' labels.
        unit: Unit,
    },
    /// Decades of time, in microseconds, from `low` to `high`.
    Time {
        /// Value at the lower edge, above 0.
        low: f64,
        /// Value at the upper edge.
        high: f64,
    },
}

/// Intervals between the ticks of a linear axis at most.
const INTERVALS: f64 = 4.0;

/// How ticks of a linear axis are labelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// A number.
    Plain,
    /// Per cent of a ratio.
    Share,
    /// Millions of bytes.
    Megabytes,
}

impl Axis {
    /// From 0 to a little above `max`.
    pub(super) fn linear(max: f64, unit: Unit) -> Self {
        let max = if max.is_finite() && max > 0.0 {
            max
        } else {
            1.0
        };
        let top = max * 1.1;
        // The smallest round step that leaves at most four of them.
        let least = round_step(top / INTERVALS);
        let step = [1.0, 2.0, 2.5, 5.0, 10.0]
            .into_iter()
            .map(|factor| round_step(least * factor * (1.0 + 1e-6)))
            .find(|step| top / step <= INTERVALS)
            .unwrap_or(least);
        Axis::Linear { top, step, unit }
    }

    /// With nothing but its zero: there is nothing to read off.
    pub(super) const fn empty(unit: Unit) -> Self {
        Axis::Linear {
            top: 1.0,
            step: 2.0,
            unit,
        }
    }

    /// From 0 % to 100 %.
    pub(super) const fn full_share() -> Self {
        Axis::Linear {
            top: 1.1,
            step: 0.5,
            unit: Unit::Share,
        }
    }

    /// From half a decade below the least of `times` to half a decade above the greatest; `None`
    /// without any.
    pub(super) fn times(times: impl IntoIterator<Item = f64>) -> Option<Self> {
        let (mut low, mut high) = (f64::INFINITY, 0.0f64);
        for time in times
            .into_iter()
            .filter(|time| time.is_finite() && *time > 0.0)
        {
            low = low.min(time);
            high = high.max(time);
        }
        (low <= high).then(|| Axis::Time {
            low: low / 10f64.sqrt(),
            high: high * 10f64.sqrt(),
        })
    }

    /// Where `value` stands, 0 at the top and 1000 at the bottom; values beyond the edges stand on
    /// them.
    pub(super) fn position(&self, value: f64) -> f64 {
        let share = match self {
            Axis::Linear { top, .. } => value / top,
            Axis::Time { low, high } => {
                (value.max(f64::MIN_POSITIVE) / low).ln() / (high / low).ln()
            }
        };
        if share.is_nan() {
            return 1000.0;
        }
        1000.0 * (1.0 - share.clamp(0.0, 1.0))
    }

    /// Round values with their labels, upwards.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        match self {
            Axis::Linear { top, step, unit } => {
                let count = (top / step + 1e-9).floor() as u32;
                (0..=count)
                    .map(|index| {
                        let value = f64::from(index) * step;
                        (value, linear_label(value, *unit))
                    })
                    .collect()
            }
            Axis::Time { low, high } => {
                let first = low.log10().floor() as i32;
                let last = high.log10().floor() as i32;
                let at = |factors: &[f64]| -> Vec<(f64, String)> {
                    (first..=last)
                        .flat_map(|power| {
                            factors.iter().map(move |factor| factor * 10f64.powi(power))
                        })
                        .filter(|value| (*low..=*high).contains(value))
                        .map(|value| (value, time_label(value)))
                        .collect()
                };
                let decades = at(&[1.0]);
                if decades.len() < 2 {
                    at(&[1.0, 2.0, 5.0])
                } else {
                    decades
                }
            }
        }
    }
}

fn linear_label(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Plain => trimmed(value),
        Unit::Share => format!("{} %", trimmed(value * 100.0)),
        Unit::Megabytes => trimmed(value / 1e6),
    }
}

/// A round number without needless decimals.
pub(super) fn trimmed(value: f64) -> String {
    number::bound(Quantity::Plain, value)
}

fn time_label(us: f64) -> String {
    number::bound(Quantity::Time, us)
}

/// The greatest of 1, 2 and 5 times a power of ten that is at most `value`.
pub(super) fn round_step(value: f64) -> f64 {
    let power = 10f64.powf(value.log10().floor());
    let step = [5.0, 2.0, 1.0]
        .into_iter()
        .find(|step| step * power <= value * (1.0 + 1e-9))
        .unwrap_or(1.0);
    step * power
}

/// Ticks of a time axis of `length` seconds: whole seconds, minutes or hours, at most seven.
pub(super) fn clock_ticks(length: f64) -> Vec<f64> {
    const STEPS: [f64; 12] = [
        1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0,
    ];
    let step = STEPS
        .into_iter()
        .find(|step| length / step <= 7.0)
        .unwrap_or_else(|| (length / 7.0 / 3600.0).ceil() * 3600.0);
    let count = (length / step).floor() as u32;
    (0..=count).map(|index| f64::from(index) * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_ticks(axis: &Axis, expected: &[&str]) {
        let labels: Vec<_> = axis.ticks().into_iter().map(|tick| tick.1).collect();
        assert_eq!(labels, expected);
    }

    #[test]
    fn linear_axes_have_two_to_four_round_ticks() {
        check_ticks(&Axis::linear(2000.0, Unit::Plain), &["0", "1,000", "2,000"]);
        check_ticks(&Axis::linear(0.136, Unit::Share), &["0 %", "5 %", "10 %"]);
        check_ticks(
            &Axis::linear(170e6, Unit::Megabytes),
            &["0", "50", "100", "150"],
        );
        check_ticks(&Axis::linear(93.0, Unit::Plain), &["0", "50", "100"]);
        check_ticks(&Axis::linear(0.0, Unit::Plain), &["0", "0.5", "1"]);
        check_ticks(&Axis::full_share(), &["0 %", "50 %", "100 %"]);
    }

    #[test]
    fn time_axes_have_decades() {
        let axis = Axis::times([18_500.0, 6_780_000.0]).unwrap();
        check_ticks(&axis, &["10 ms", "100 ms", "1 s", "10 s"]);
        let narrow = Axis::times([5_000.0, 20_000.0]).unwrap();
        check_ticks(&narrow, &["2 ms", "5 ms", "10 ms", "20 ms", "50 ms"]);
        assert!(axis.position(18_500.0) < 1000.0);
        assert_eq!(axis.position(1e12), 0.0);
        assert_eq!(Axis::times([]), None);
    }

    #[test]
    fn run_time_has_at_most_eight_ticks() {
        assert_eq!(
            clock_ticks(390.0),
            [0.0, 60.0, 120.0, 180.0, 240.0, 300.0, 360.0]
        );
        assert_eq!(clock_ticks(3.0), [0.0, 1.0, 2.0, 3.0]);
        assert!(clock_ticks(1e6).len() <= 8);
        assert_eq!(clock_ticks(0.0), [0.0]);
    }
}
