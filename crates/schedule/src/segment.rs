//! A part of a load: every n-th user, every n-th arrival.

/// One of `count` parts into which a load is split; the parts together are the whole.
///
/// Striding keeps the parts alike at every moment: item i of segment s is item `s + i · count` of
/// the whole, so each part ramps as the whole does.
///
/// Invariant: `index < count`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Segment {
    index: u32,
    count: u32,
}

impl Segment {
    /// The whole load.
    pub const WHOLE: Segment = Segment { index: 0, count: 1 };

    /// Part `index`, counted from 0, of `count` parts; `None` unless `index < count`.
    #[must_use]
    pub fn new(index: u32, count: u32) -> Option<Self> {
        (index < count).then_some(Segment { index, count })
    }

    /// Number of the part, counted from 0.
    #[must_use]
    pub const fn index(self) -> u32 {
        self.index
    }

    /// Number of parts; at least 1.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.count
    }

    /// How many of `total` items belong to this part.
    #[must_use]
    pub fn share_of(self, total: u64) -> u64 {
        let (index, count) = (u64::from(self.index), u64::from(self.count));
        total.saturating_sub(index).div_ceil(count)
    }

    /// The number in the whole of this part's item `own_index`, both counted from 0.
    #[must_use]
    pub fn whole_index(self, own_index: u64) -> u64 {
        own_index
            .saturating_mul(u64::from(self.count))
            .saturating_add(u64::from(self.index))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_part_must_be_one_of_its_count() {
        assert_eq!(Segment::new(1, 1), None);
        assert_eq!(Segment::new(0, 0), None);
        assert_eq!(Segment::new(0, 1), Some(Segment::WHOLE));
    }

    proptest! {
        #[test]
        fn parts_hold_each_item_once(total in 0u64..200, count in 1u32..9) {
            let mut items: Vec<u64> = (0..count)
                .filter_map(|index| Segment::new(index, count))
                .flat_map(|part| (0..part.share_of(total)).map(move |own| part.whole_index(own)))
                .collect();
            items.sort_unstable();
            prop_assert_eq!(items, (0..total).collect::<Vec<_>>());
        }
    }
}
