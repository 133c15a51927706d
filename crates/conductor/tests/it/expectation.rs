//! What is expected of measured times, computed the plainest way there is.

use loadline_analysis::{Estimate, TimeStats};

use crate::noise::Noise;

/// The smallest of `values` with at least ⌈q·n⌉ of them not above it.
pub(crate) fn quantile(values: impl IntoIterator<Item = u64>, q: f64) -> u64 {
    let mut values: Vec<u64> = values.into_iter().collect();
    values.sort_unstable();
    let rank = ((q * values.len() as f64 - 1e-9).ceil() as usize).max(1);
    values[rank - 1]
}

/// The percentiles that are compared, with where the analysis has them.
type Percentile = (f64, fn(&TimeStats) -> &Option<Estimate>);

const PERCENTILES: [Percentile; 3] = [
    (0.5, |times| &times.p50),
    (0.95, |times| &times.p95),
    (0.99, |times| &times.p99),
];

/// Checks p50, p95 and p99: not below the truth, and above it by at most 1 ms, 1 % and what the
/// machine itself added.
#[track_caller]
pub(crate) fn assert_times(what: &str, measured: &TimeStats, truth_us: &[u64], noise: &Noise) {
    for (q, of) in PERCENTILES {
        let value = of(measured).as_ref().unwrap().value;
        let truth = quantile(truth_us.iter().copied(), q) as f64;
        let noise_us = noise.of_two_wakings_us(q) as f64;
        let bound = truth + 1000.0 + 0.01 * truth + noise_us;
        // Whole microseconds are cut off on both sides.
        assert!(
            truth - 1.0 <= value && value <= bound,
            "{what} p{}: measured {value} µs, truth {truth} µs, at most {bound} µs",
            q * 100.0
        );
    }
}

/// Checks that `value` lies within `tolerance` (a ratio) of `expected`.
#[track_caller]
pub(crate) fn assert_close(what: &str, value: f64, expected: f64, tolerance: f64) {
    let ratio = value / expected;
    assert!(
        (ratio - 1.0).abs() <= tolerance,
        "{what}: {value}, but {expected} ± {} % expected",
        tolerance * 100.0
    );
}
