//! The numbers of `java.util.Random`, for plans that name a seed and expect its numbers.
//!
//! Source: the class's documentation, which fixes the algorithm (linear congruence, Knuth, The Art
//! of Computer Programming, volume 2, section 3.2.1).

use std::sync::atomic::{AtomicU64, Ordering};

const MULTIPLIER: u64 = 0x5_DEEC_E66D;
const MASK: u64 = (1 << 48) - 1;

/// A generator that engine threads may share.
#[derive(Debug)]
pub(crate) struct JavaRandom(AtomicU64);

impl JavaRandom {
    pub(crate) fn new(seed: i64) -> Self {
        Self(AtomicU64::new((seed.cast_unsigned() ^ MULTIPLIER) & MASK))
    }

    /// A number in `[0, bound)`; `bound` is at least 1.
    pub(crate) fn below(&self, bound: i32) -> i32 {
        if bound & (bound - 1) == 0 {
            let product = i64::from(bound) * i64::from(self.next_31_bits());
            return i32::try_from(product >> 31).unwrap_or(0);
        }
        loop {
            let bits = self.next_31_bits();
            let number = bits % bound;
            // Numbers of the last, incomplete stretch would come too often.
            if bits
                .checked_sub(number)
                .and_then(|start| start.checked_add(bound - 1))
                .is_some()
            {
                return number;
            }
        }
    }

    /// A number in [0, 1).
    pub(crate) fn unit(&self) -> f64 {
        let (high, low) = (self.next_31_bits() >> 5, self.next_31_bits() >> 4);
        let bits = (i64::from(high) << 27) + i64::from(low);
        // 53 bits are exact.
        bits as f64 / (1u64 << 53) as f64
    }

    fn next_31_bits(&self) -> i32 {
        let step = |seed: u64| seed.wrapping_mul(MULTIPLIER).wrapping_add(0xB) & MASK;
        let (Ok(before) | Err(before)) =
            self.0
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |seed| {
                    Some(step(seed))
                });
        i32::try_from(step(before) >> 17).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(seed: i64, bound: i32, expected: &[i32]) {
        let random = JavaRandom::new(seed);
        let drawn: Vec<i32> = expected.iter().map(|_| random.below(bound)).collect();
        assert_eq!(drawn, expected);
    }

    #[test]
    fn numbers_are_those_of_java() {
        check(42, 100, &[30, 63, 48, 84, 70, 25]);
        check(42, 64, &[46, 3, 43, 3]);
        check(
            -7,
            i32::MAX,
            &[577_934_662, 1_935_951_297, 1_445_645_590, 2_031_187_707],
        );
        check(
            1,
            1_500_000_000,
            &[215_764_588, 880_641_847, 874_970_313, 446_064_254],
        );
    }
}
