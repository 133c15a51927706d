//! The buckets of a histogram: three significant digits from 1 µs to more than an hour.
//!
//! Values below 2,048 µs have a bucket each; above, every octave has 1,024 equal ones, so a bucket
//! is never wider than 1/1,024 of its values (the layout of HdrHistogram with three digits).

/// Sub-buckets of the first group, one for each value.
const LINEAR: u64 = 2_048;
/// Sub-buckets of each octave above.
const PER_OCTAVE: u64 = 1_024;

/// Largest value that is kept, 3,600 s in microseconds; larger ones are clamped and counted.
pub const MAX_VALUE_US: u64 = 3_600_000_000;

/// Number of buckets.
pub const BUCKET_COUNT: usize = 23_552;

/// Index of the bucket that holds `value_us`, clamped to [`MAX_VALUE_US`].
#[must_use]
pub fn bucket_of(value_us: u64) -> u16 {
    let value = value_us.min(MAX_VALUE_US);
    let index = if value < LINEAR {
        value
    } else {
        // 1 for values in [2,048, 4,096), 2 for the next octave, and so on.
        let shift = u64::from(value.ilog2()) - 10;
        LINEAR + (shift - 1) * PER_OCTAVE + ((value >> shift) - PER_OCTAVE)
    };
    index as u16
}

/// Smallest value of the bucket `index`, in microseconds.
#[must_use]
pub fn lowest_in_bucket(index: u16) -> u64 {
    let index = u64::from(index);
    if index < LINEAR {
        return index;
    }
    let shift = (index - LINEAR) / PER_OCTAVE + 1;
    let sub = (index - LINEAR) % PER_OCTAVE;
    (PER_OCTAVE + sub) << shift
}

/// Largest value of the bucket `index`, in microseconds.
#[must_use]
pub fn highest_in_bucket(index: u16) -> u64 {
    let width = match u64::from(index) {
        below if below < LINEAR => 1,
        above => 1 << ((above - LINEAR) / PER_OCTAVE + 1),
    };
    lowest_in_bucket(index) + width - 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_largest_value_is_in_the_last_octave() {
        assert!(usize::from(bucket_of(MAX_VALUE_US)) < BUCKET_COUNT);
        assert_eq!(bucket_of(u64::MAX), bucket_of(MAX_VALUE_US));
        assert_eq!(
            usize::from(bucket_of(u64::from(u32::MAX).min(MAX_VALUE_US))) / 1024,
            22
        );
    }

    #[test]
    fn buckets_join_without_gaps() {
        for index in 0..(BUCKET_COUNT as u16 - 1) {
            assert_eq!(
                highest_in_bucket(index) + 1,
                lowest_in_bucket(index + 1),
                "{index}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_value_is_within_its_bucket(value in 0..MAX_VALUE_US) {
            let index = bucket_of(value);
            prop_assert!(lowest_in_bucket(index) <= value && value <= highest_in_bucket(index));
            let width = highest_in_bucket(index) - lowest_in_bucket(index);
            prop_assert!(width * 1024 <= value.max(1024));
        }
    }
}
