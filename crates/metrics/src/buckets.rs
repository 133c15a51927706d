//! The counted buckets of a distribution, packed: a long run keeps one such list for each second and
//! label, and most of their buckets hold a single value.
//!
//! Not here: which values a bucket holds; see [`crate::bucket`].

/// Bucket indexes with their counts, by ascending index and without zero counts.
///
/// Packed into one to eight bytes each: the distance from the index before, doubled, plus one where a
/// count other than 1 follows; both in groups of seven bits, the lowest first, the last group without
/// the eighth bit (LEB128). Equal lists have equal bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Buckets(Box<[u8]>);

/// Groups of seven bits: a flag that another one follows, and the bits.
const MORE: u8 = 0x80;
const BITS: u8 = 0x7f;

impl Buckets {
    /// The list of `buckets`, which ascend; those without a count are left out.
    #[must_use]
    pub fn from_ascending(buckets: impl IntoIterator<Item = (u16, u32)>) -> Self {
        let mut bytes = Vec::new();
        let mut before = 0;
        for (index, count) in buckets {
            debug_assert!(index >= before, "bucket {index} after {before}");
            let distance = u32::from(index.saturating_sub(before)) << 1;
            match count {
                0 => continue,
                1 => push(&mut bytes, distance),
                _ => {
                    push(&mut bytes, distance | 1);
                    push(&mut bytes, count);
                }
            }
            before = index;
        }
        Self(bytes.into_boxed_slice())
    }

    /// Index and count of each bucket, by ascending index. Unpacks as it goes.
    #[inline]
    pub fn iter(&self) -> impl Iterator<Item = (u16, u32)> + Clone + '_ {
        let mut rest = &*self.0;
        let mut index = 0u16;
        std::iter::from_fn(move || {
            let head = take(&mut rest)?;
            // What was packed fits: the distances of ascending indexes add up to the last one.
            index = index.wrapping_add((head >> 1) as u16);
            let count = if head & 1 == 0 { 1 } else { take(&mut rest)? };
            Some((index, count))
        })
    }

    /// The buckets of both, the counts of equal indexes added up (at most `u32::MAX`).
    #[must_use]
    pub fn merged(&self, other: &Buckets) -> Buckets {
        if self.0.is_empty() {
            return other.clone();
        }
        let (mut left, mut right) = (self.iter().peekable(), other.iter().peekable());
        Buckets::from_ascending(std::iter::from_fn(|| {
            let (l, r) = match (left.peek(), right.peek()) {
                (Some(l), Some(r)) => (l.0 <= r.0, r.0 <= l.0),
                (l, r) => (l.is_some(), r.is_some()),
            };
            let (own, others) = (
                l.then(|| left.next()).flatten(),
                r.then(|| right.next()).flatten(),
            );
            match (own, others) {
                (Some((index, a)), Some((_, b))) => Some((index, a.saturating_add(b))),
                (one, other) => one.or(other),
            }
        }))
    }
}

fn push(bytes: &mut Vec<u8>, mut value: u32) {
    while value > u32::from(BITS) {
        bytes.push((value & u32::from(BITS)) as u8 | MORE);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// The next number of `bytes`, taken off; `None` at their end.
///
/// An analysis reads every bucket of a run several times. Most numbers have one group or two, which of
/// them is chance: so both are read without a branch, which the processor would guess wrong half
/// the time.
#[inline]
fn take(bytes: &mut &[u8]) -> Option<u32> {
    if let [first, second, ..] = **bytes {
        let more = first >> 7;
        if more & (second >> 7) == 0 {
            let high = u32::from(second & BITS) * u32::from(more);
            *bytes = &bytes[1 + usize::from(more)..];
            return Some(u32::from(first & BITS) | high << 7);
        }
    }
    take_groups(bytes)
}

/// The same, group by group.
fn take_groups(bytes: &mut &[u8]) -> Option<u32> {
    let mut value = 0;
    let mut shift = 0;
    loop {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u32::from(byte & BITS) << shift;
        if byte & MORE == 0 {
            return Some(value);
        }
        shift += 7;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::BUCKET_COUNT;

    fn some_buckets() -> impl Strategy<Value = BTreeMap<u16, u32>> {
        let index = 0..BUCKET_COUNT as u16;
        proptest::collection::btree_map(index, prop_oneof![Just(1), 1..300u32, 1..u32::MAX], 0..60)
    }

    fn packed(buckets: &BTreeMap<u16, u32>) -> Buckets {
        Buckets::from_ascending(buckets.iter().map(|(index, count)| (*index, *count)))
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(buckets in some_buckets()) {
            let unpacked: BTreeMap<u16, u32> = packed(&buckets).iter().collect();
            prop_assert_eq!(unpacked, buckets);
        }

        #[test]
        fn merging_adds_counts(left in some_buckets(), right in some_buckets()) {
            let mut sum = left.clone();
            for (index, count) in &right {
                let own = sum.entry(*index).or_default();
                *own = own.saturating_add(*count);
            }
            prop_assert_eq!(packed(&left).merged(&packed(&right)), packed(&sum));
        }
    }

    #[test]
    fn single_values_close_together_take_a_byte_each() {
        let close = Buckets::from_ascending((0..50).map(|index| (10 + 3 * index, 1)));
        assert_eq!(close.0.len(), 50);
        assert_eq!(Buckets::from_ascending([(3, 0)]), Buckets::default());
    }
}
