//! A distribution of times, kept sparse: what a second, a label or a step stores.

use crate::Buckets;
use crate::bucket::{MAX_VALUE_US, bucket_of};

/// A sparse histogram with its exact count, sum, sum of squares, minimum and maximum.
///
/// Merging adds counts: exact, associative and commutative.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Distribution {
    /// How many values lie in which bucket.
    pub buckets: Buckets,
    /// Number of values.
    pub count: u64,
    /// Sum of the values, in microseconds.
    pub sum_us: u64,
    /// Sum of the squared values, in square microseconds.
    pub sum_squares: u128,
    /// Smallest value, in microseconds; 0 when empty.
    pub min_us: u64,
    /// Largest value, in microseconds; 0 when empty.
    pub max_us: u64,
    /// Values that are only known to be at least so large (still waiting at the end).
    pub censored: u64,
    /// Smallest of the censored values, in microseconds; 0 without any.
    pub censored_min_us: u64,
    /// Values larger than an hour, which were clamped.
    pub clamped: u64,
}

impl Distribution {
    /// The distribution of `values_us`, in any order; none of them censored.
    #[must_use]
    pub fn from_values(values_us: impl IntoIterator<Item = u64>) -> Self {
        let mut distribution = Distribution::default();
        let mut indexes = Vec::new();
        for value in values_us {
            distribution.count_value(value);
            indexes.push(bucket_of(value));
        }
        distribution.set_buckets(&mut indexes);
        distribution
    }

    /// The same values with bucket indexes already known; see [`Distribution::count_value`].
    /// Sorts `indexes`.
    pub(crate) fn set_buckets(&mut self, indexes: &mut [u16]) {
        self.buckets = count_runs(indexes);
    }

    /// Counts a value everywhere but in the buckets.
    pub(crate) fn count_value(&mut self, value_us: u64) {
        if value_us > MAX_VALUE_US {
            self.clamped += 1;
        }
        let value = value_us.min(MAX_VALUE_US);
        self.min_us = if self.count == 0 {
            value
        } else {
            self.min_us.min(value)
        };
        self.max_us = self.max_us.max(value);
        self.count += 1;
        self.sum_us += value;
        self.sum_squares += u128::from(value) * u128::from(value);
    }

    /// Marks a value already counted as censored.
    pub(crate) fn count_censored(&mut self, value_us: u64) {
        let value = value_us.min(MAX_VALUE_US);
        self.censored_min_us = if self.censored == 0 {
            value
        } else {
            self.censored_min_us.min(value)
        };
        self.censored += 1;
    }

    /// Whether there is no value.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The mean in microseconds; `None` when empty.
    #[must_use]
    pub fn mean_us(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum_us as f64 / self.count as f64)
    }

    /// Adds the values of `other`.
    pub fn merge(&mut self, other: &Distribution) {
        if other.count == 0 {
            return;
        }
        self.merge_counters(other);
        self.buckets = self.buckets.merged(&other.buckets);
    }

    /// Adds everything of `other` but its buckets.
    pub(crate) fn merge_counters(&mut self, other: &Distribution) {
        if other.count == 0 {
            return;
        }
        self.min_us = if self.count == 0 {
            other.min_us
        } else {
            self.min_us.min(other.min_us)
        };
        self.max_us = self.max_us.max(other.max_us);
        if other.censored > 0 {
            self.censored_min_us = if self.censored == 0 {
                other.censored_min_us
            } else {
                self.censored_min_us.min(other.censored_min_us)
            };
        }
        self.count += other.count;
        self.sum_us += other.sum_us;
        self.sum_squares += other.sum_squares;
        self.censored += other.censored;
        self.clamped += other.clamped;
    }
}

/// Runs of equal indexes with their lengths, sorted.
fn count_runs(indexes: &mut [u16]) -> Buckets {
    if indexes.len() > MANY {
        return counted(indexes);
    }
    indexes.sort_unstable();
    let runs = indexes.chunk_by(|a, b| a == b);
    Buckets::from_ascending(runs.map(|run| (run[0], u32::try_from(run.len()).unwrap_or(u32::MAX))))
}

/// Lists longer than this are counted and not sorted: there are not many more buckets.
const MANY: usize = 4_096;

/// The same by a counter for each bucket between the lowest and the highest.
fn counted(indexes: &[u16]) -> Buckets {
    let lowest = indexes.iter().copied().min().unwrap_or_default();
    let highest = indexes.iter().copied().max().unwrap_or_default();
    let mut counts = vec![0u32; usize::from(highest - lowest) + 1];
    for index in indexes {
        let count = &mut counts[usize::from(index - lowest)];
        *count = count.saturating_add(1);
    }
    Buckets::from_ascending((lowest..=highest).zip(counts))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn counting_is_the_same_as_sorting(
            mut indexes in proptest::collection::vec(0u16..300, 1..MANY),
        ) {
            prop_assert_eq!(counted(&indexes), count_runs(&mut indexes));
        }

        #[test]
        fn merging_is_free_of_order(
            a in proptest::collection::vec(0u64..5_000_000, 0..50),
            b in proptest::collection::vec(0u64..5_000_000, 0..50),
        ) {
            let mut left = Distribution::from_values(a.iter().copied());
            left.merge(&Distribution::from_values(b.iter().copied()));
            let mut right = Distribution::from_values(b.iter().copied());
            right.merge(&Distribution::from_values(a.iter().copied()));
            let whole = Distribution::from_values(a.iter().chain(&b).copied());
            prop_assert_eq!(&left, &right);
            prop_assert_eq!(&left, &whole);
        }
    }
}
