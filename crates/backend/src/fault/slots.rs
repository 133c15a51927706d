//! Servers that each hold one request for a fixed time, first come, first served.
//!
//! When a request ends is computed on its arrival: it starts when the first slot is free and holds
//! it for the fixed time. The capacity is therefore exactly `slots / hold`; a timer that fires late
//! delays one answer, never those behind it. A client that goes away leaves its reservation, as its
//! query would go on in a database.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::store::PoolUsage;

/// Reservations that may wait for a slot.
const WAITING_MAX: usize = 65_536;

/// See the module header.
#[derive(Debug)]
pub(crate) struct Slots {
    hold: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// When each slot is free again.
    free_at: BinaryHeap<Reverse<Instant>>,
    /// When those that wait start, in order.
    starts: VecDeque<Instant>,
}

impl Slots {
    pub(crate) fn new(count: usize, hold: Duration, now: Instant) -> Slots {
        let free_at = std::iter::repeat_n(Reverse(now), count).collect();
        Slots {
            hold,
            state: Mutex::new(State {
                free_at,
                starts: VecDeque::new(),
            }),
        }
    }

    /// When a request that arrives now has been served; `None` if too many wait.
    pub(crate) fn reserve(&self, now: Instant) -> Option<Instant> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.forget_started(now);
        if state.starts.len() >= WAITING_MAX {
            return None;
        }
        let Reverse(free_at) = state.free_at.pop().expect("there is at least one slot");
        let start = free_at.max(now);
        let end = start + self.hold;
        state.free_at.push(Reverse(end));
        if start > now {
            state.starts.push_back(start);
        }
        Some(end)
    }

    pub(crate) fn usage(&self, now: Instant) -> PoolUsage {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.forget_started(now);
        PoolUsage {
            size: state.free_at.len(),
            in_use: state
                .free_at
                .iter()
                .filter(|Reverse(free_at)| *free_at > now)
                .count(),
            waiting: state.starts.len(),
        }
    }
}

impl State {
    fn forget_started(&mut self, now: Instant) {
        while self.starts.front().is_some_and(|start| *start <= now) {
            self.starts.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn capacity_is_slots_per_hold() {
        let start = Instant::now();
        let slots = Slots::new(4, 20 * MS, start);
        let ends: Vec<u128> = (0..10)
            .map(|_| {
                slots
                    .reserve(start)
                    .unwrap()
                    .duration_since(start)
                    .as_millis()
            })
            .collect();
        assert_eq!(ends, [20, 20, 20, 20, 40, 40, 40, 40, 60, 60]);
        assert_eq!(
            slots.usage(start),
            PoolUsage {
                size: 4,
                in_use: 4,
                waiting: 6
            }
        );
        assert_eq!(
            slots.usage(start + 20 * MS),
            PoolUsage {
                size: 4,
                in_use: 4,
                waiting: 2
            }
        );
        assert_eq!(
            slots.usage(start + 60 * MS),
            PoolUsage {
                size: 4,
                in_use: 0,
                waiting: 0
            }
        );
    }

    #[test]
    fn an_idle_slot_serves_at_once() {
        let start = Instant::now();
        let slots = Slots::new(1, 5 * MS, start);
        slots.reserve(start);
        assert_eq!(slots.reserve(start + 7 * MS), Some(start + 12 * MS));
    }
}
