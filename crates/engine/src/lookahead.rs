//! Asks for the memory of what comes next, before it is needed.
//!
//! Of a thousand users none is in the processor's near caches when its answer comes, and a small request waits half
//! a microsecond for its first touches of user, connection and session. Which user comes next nobody says; but the
//! answers to users who never pause come in the order of their requests, round after round. So who has come after
//! one the last time is taken for the next, and its memory asked for while the present request is sent. A wrong
//! guess costs a few fetches of memory for nothing: what is asked for is never read here.

use std::cell::{Cell, RefCell};

use prefetch_index::prefetch_index;

/// How many are remembered, a power of two: those of one round of so many users.
const REMEMBERED: u32 = 1 << 13;

/// How many entries ahead the memory of the order itself is asked for.
const ENTRIES_AHEAD: u32 = 24;

/// Up to so many of a thread stay in the near caches, which hold a megabyte as a rule.
const NEAR: u32 = 200;

/// Bytes of a line of the caches.
const LINE_BYTES: usize = 64;

/// The order in which things came, of which each has `N` pieces of memory.
#[derive(Debug, Default)]
pub struct Lookahead<const N: usize> {
    /// Addresses of the pieces of those who came last, in a ring.
    order: RefCell<Box<[[usize; N]]>>,
    /// How many have come, counted in a circle.
    count: Cell<u32>,
}

/// Where something stood in the order when it came last.
#[derive(Clone, Copy, Debug, Default)]
pub struct Position(u32);

impl<const N: usize> Lookahead<N> {
    /// One of `total` comes, with pieces of memory at these `addresses`, which stood at `position` before. If there are
    /// more than a few, the memory is asked for of what came after it then: pieces of these `lengths`, in bytes.
    #[inline]
    pub fn come(
        &self,
        total: u32,
        position: &mut Position,
        addresses: [usize; N],
        lengths: [usize; N],
    ) {
        if total <= NEAR {
            return;
        }
        let Some(next) = self.next(position, addresses) else {
            return;
        };
        for (address, length) in next.into_iter().zip(lengths) {
            lines_of(address, length).for_each(ask_for);
        }
    }

    /// Notes who comes; what came after it the last time, unless that is long ago.
    fn next(&self, position: &mut Position, addresses: [usize; N]) -> Option<[usize; N]> {
        let mut order = self.order.borrow_mut();
        if order.is_empty() {
            *order = vec![[0; N]; REMEMBERED as usize].into_boxed_slice();
        }
        let now = self.count.get();
        self.count.set(now.wrapping_add(1));
        let before = std::mem::replace(&mut position.0, now);
        let index = |position: u32| (position % REMEMBERED) as usize;
        order[index(now)] = addresses;
        let after = before.wrapping_add(1);
        prefetch_index(&**order, index(after.wrapping_add(ENTRIES_AHEAD)));
        let is_known = now.wrapping_sub(before) <= REMEMBERED;
        is_known.then(|| order[index(after)])
    }
}

/// Addresses of the lines that the `length` bytes at `address` lie in: one more than they fill, if they begin within one.
#[inline]
fn lines_of(address: usize, length: usize) -> impl Iterator<Item = usize> {
    let end = address.saturating_add(length);
    (address / LINE_BYTES..end.div_ceil(LINE_BYTES)).map(|line| line * LINE_BYTES)
}

/// Asks for the line of memory at `address`, whatever is there.
#[inline]
fn ask_for(address: usize) {
    // An index counts from the beginning of its slice, and need not lie within.
    let nothing: &[u8] = &[];
    prefetch_index(nothing, address.wrapping_sub(nothing.as_ptr().addr()));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who is expected after each of `users` in one round, by their numbers.
    fn round(
        lookahead: &Lookahead<1>,
        positions: &mut [Position],
        users: &[usize],
    ) -> Vec<Option<usize>> {
        let come = |user: &usize| lookahead.next(&mut positions[*user], [*user]);
        users
            .iter()
            .map(come)
            .map(|next| next.map(|[user]| user))
            .collect()
    }

    #[test]
    fn who_came_after_one_the_last_time_is_expected_next() {
        let lookahead = Lookahead::default();
        let positions = &mut [Position::default(); 4];
        round(&lookahead, positions, &[2, 0, 1, 3]);
        let second = round(&lookahead, positions, &[2, 0, 1, 3]);
        assert_eq!(second, [Some(0), Some(1), Some(3), Some(2)]);
        // Another order takes a round to learn.
        assert_eq!(round(&lookahead, positions, &[3, 2, 1, 0])[0], Some(3));
        let second = round(&lookahead, positions, &[3, 2, 1, 0]);
        assert_eq!(second, [Some(2), Some(1), Some(0), Some(3)]);
    }

    #[test]
    fn nobody_is_expected_after_one_that_came_long_ago() {
        let lookahead = Lookahead::default();
        let positions = &mut [Position::default(); 2];
        round(&lookahead, positions, &[0]);
        for _ in 0..REMEMBERED {
            round(&lookahead, positions, &[1]);
        }
        assert_eq!(round(&lookahead, positions, &[0]), [None]);
    }

    #[test]
    fn a_piece_lies_in_each_line_that_it_touches() {
        let lines = |address, length| lines_of(address, length).collect::<Vec<_>>();
        assert_eq!(lines(128, 64), [128]);
        assert_eq!(lines(128, 65), [128, 192]);
        assert_eq!(lines(176, 64), [128, 192]);
        assert_eq!(lines(191, 2), [128, 192]);
        assert_eq!(lines(usize::MAX, 64).len(), 1);
    }

    #[test]
    fn any_address_may_be_asked_for() {
        for address in [0, 1, 64, usize::MAX / 2, usize::MAX] {
            ask_for(address);
        }
    }
}
