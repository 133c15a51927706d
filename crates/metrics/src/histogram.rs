//! A dense histogram: the workbench on which distributions are merged and quantiles read.

use crate::bucket::{BUCKET_COUNT, bucket_of, highest_in_bucket, lowest_in_bucket};
use crate::{Buckets, Distribution};

/// A value read from a histogram, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantity {
    /// The value: the highest of its bucket, but never above the exact maximum nor below the exact
    /// minimum.
    pub value_us: u64,
    /// Whether it is only a lower bound, because a censored value lies below it.
    pub censored: bool,
}

/// Merged distributions, dense for fast reading. 188 kB; meant to be reused by [`Histogram::clear`].
#[derive(Clone, Debug)]
pub struct Histogram {
    counts: Vec<u64>,
    totals: Distribution,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            counts: vec![0; BUCKET_COUNT],
            totals: Distribution::default(),
        }
    }
}

impl Histogram {
    /// The merge of `distributions`.
    #[must_use]
    pub fn of<'a>(distributions: impl IntoIterator<Item = &'a Distribution>) -> Self {
        let mut histogram = Histogram::default();
        for distribution in distributions {
            histogram.add(distribution);
        }
        histogram
    }

    /// Forgets all values.
    pub fn clear(&mut self) {
        self.counts.fill(0);
        self.totals = Distribution::default();
    }

    /// Adds the values of `distribution`.
    pub fn add(&mut self, distribution: &Distribution) {
        for (index, count) in distribution.buckets.iter() {
            self.counts[usize::from(index)] += u64::from(count);
        }
        self.totals.merge_counters(distribution);
    }

    /// All values as one distribution.
    #[must_use]
    pub fn to_distribution(&self) -> Distribution {
        let counts = (0u16..).zip(&self.counts);
        let counts =
            counts.map(|(index, count)| (index, u32::try_from(*count).unwrap_or(u32::MAX)));
        Distribution {
            buckets: Buckets::from_ascending(counts),
            ..self.totals.clone()
        }
    }

    /// Count, sums, minimum and maximum of all values; its buckets are empty.
    #[must_use]
    pub const fn totals(&self) -> &Distribution {
        &self.totals
    }

    /// Number of values.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.totals.count
    }

    /// The `q`-quantile, `q` in [0, 1]: the smallest value with at least ⌈q·n⌉ values not above it
    /// (Hyndman and Fan 1996, type 1). `None` when empty.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<Quantity> {
        let count = self.totals.count;
        if count == 0 {
            return None;
        }
        if q <= 0.0 {
            return Some(self.quantity(self.totals.min_us));
        }
        // The tolerance keeps 0.95 · 100 at 95 in spite of binary fractions.
        let rank = ((q * count as f64 - 1e-9).ceil() as u64).clamp(1, count);
        Some(self.quantity(self.highest_at_rank(rank)))
    }

    /// The highest value that the value of rank `rank` (from 1, ascending) may have had; clamped to
    /// the exact minimum and maximum. Ranks beyond the count give the maximum.
    #[must_use]
    pub fn highest_at_rank(&self, rank: u64) -> u64 {
        let highest = highest_in_bucket(self.bucket_at_rank(rank));
        highest.clamp(self.totals.min_us, self.totals.max_us)
    }

    /// The lowest value that the value of rank `rank` may have had; clamped likewise.
    #[must_use]
    pub fn lowest_at_rank(&self, rank: u64) -> u64 {
        let lowest = lowest_in_bucket(self.bucket_at_rank(rank));
        lowest.clamp(self.totals.min_us, self.totals.max_us)
    }

    /// Number of values in buckets up to the one that holds `value_us`.
    #[must_use]
    pub fn count_up_to(&self, value_us: u64) -> u64 {
        self.counts[..=usize::from(bucket_of(value_us))]
            .iter()
            .sum()
    }

    /// Lowest value, highest value and count of each bucket that is not empty, ascending.
    pub fn buckets(&self) -> impl Iterator<Item = (u64, u64, u64)> {
        (0u16..)
            .zip(&self.counts)
            .filter(|(_, count)| **count > 0)
            .map(|(index, count)| (lowest_in_bucket(index), highest_in_bucket(index), *count))
    }

    fn quantity(&self, value_us: u64) -> Quantity {
        let censored = self.totals.censored > 0 && self.totals.censored_min_us < value_us;
        Quantity { value_us, censored }
    }

    fn bucket_at_rank(&self, rank: u64) -> u16 {
        let mut seen = 0;
        let mut last = 0;
        for (index, count) in (0u16..).zip(&self.counts) {
            if *count > 0 {
                seen += count;
                last = index;
                if seen >= rank {
                    break;
                }
            }
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(values: &[u64]) -> Histogram {
        Histogram::of([&Distribution::from_values(values.iter().copied())])
    }

    #[test]
    fn quantiles_are_values_that_occurred() {
        let hundred: Vec<u64> = (1..=100).collect();
        let histogram = histogram(&hundred);
        for (q, value) in [(0.0, 1), (0.5, 50), (0.95, 95), (0.951, 96), (1.0, 100)] {
            assert_eq!(histogram.quantile(q).unwrap().value_us, value, "{q}");
        }
    }

    #[test]
    fn a_quantile_is_never_above_the_maximum() {
        let histogram = histogram(&[1_000_003]);
        assert_eq!(histogram.quantile(0.99).unwrap().value_us, 1_000_003);
    }

    #[test]
    fn a_sum_is_what_merging_one_by_one_gives() {
        let parts: Vec<Distribution> = (1..50u64)
            .map(|part| Distribution::from_values((0..part).map(|value| value * part * 977)))
            .collect();
        let mut merged = Distribution::default();
        parts.iter().for_each(|part| merged.merge(part));
        assert_eq!(Histogram::of(&parts).to_distribution(), merged);
        assert_eq!(
            Histogram::default().to_distribution(),
            Distribution::default()
        );
    }

    #[test]
    fn an_empty_histogram_has_no_quantile() {
        assert_eq!(histogram(&[]).quantile(0.5), None);
    }

    #[test]
    fn a_quantile_above_a_censored_value_is_a_lower_bound() {
        let mut distribution = Distribution::from_values([10, 20, 30, 40]);
        distribution.count_censored(20);
        let histogram = Histogram::of([&distribution]);
        assert!(!histogram.quantile(0.5).unwrap().censored);
        assert!(histogram.quantile(0.75).unwrap().censored);
    }
}
