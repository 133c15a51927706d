//! Quantities with their unit in the type.

use std::fmt;
use std::time::Duration;

/// A rate per second, finite and not negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Rate(f64);

impl Rate {
    /// A rate of `per_second` per second; `None` unless finite and not negative.
    #[must_use]
    pub fn per_second(per_second: f64) -> Option<Self> {
        (per_second.is_finite() && per_second >= 0.0).then_some(Rate(per_second))
    }

    /// The rate, per second.
    #[must_use]
    pub const fn as_per_second(self) -> f64 {
        self.0
    }

    /// Expected number of events in `duration` at this rate.
    #[must_use]
    pub fn times(self, duration: Duration) -> f64 {
        self.0 * duration.as_secs_f64()
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/s", self.0)
    }
}

/// A quantile, in [0, 1]: 0.95 is what testers call p95.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Quantile(f64);

impl Quantile {
    /// The median.
    pub const P50: Quantile = Quantile(0.5);
    /// Nine of ten are not larger.
    pub const P90: Quantile = Quantile(0.9);
    /// Nineteen of twenty are not larger.
    pub const P95: Quantile = Quantile(0.95);
    /// 99 of 100 are not larger.
    pub const P99: Quantile = Quantile(0.99);
    /// 999 of 1,000 are not larger.
    pub const P999: Quantile = Quantile(0.999);

    /// The quantile `q`; `None` outside [0, 1].
    #[must_use]
    pub fn new(q: f64) -> Option<Self> {
        (0.0..=1.0).contains(&q).then_some(Quantile(q))
    }

    /// The quantile as a number in [0, 1].
    #[must_use]
    pub const fn value(self) -> f64 {
        self.0
    }
}

impl fmt::Display for Quantile {
    /// As a percentile label: `p95`, `p99.9`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Rounded to a millionth, so that 0.999 does not print as 99.90000000000001.
        let percent = (self.0 * 1e8).round() / 1e6;
        write!(formatter, "p{percent}")
    }
}

/// A number of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteCount(pub u64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentile_labels_are_as_testers_write_them() {
        assert_eq!(Quantile::P95.to_string(), "p95");
        assert_eq!(Quantile::P999.to_string(), "p99.9");
        assert_eq!(Quantile::new(0.9999).unwrap().to_string(), "p99.99");
    }

    #[test]
    fn rates_are_finite_and_not_negative() {
        assert_eq!(Rate::per_second(-1.0), None);
        assert_eq!(Rate::per_second(f64::INFINITY), None);
        assert_eq!(
            Rate::per_second(2.5).unwrap().times(Duration::from_secs(4)),
            10.0
        );
    }
}
