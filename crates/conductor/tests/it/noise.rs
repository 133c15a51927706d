//! How late this machine wakes its threads while a run goes on.
//!
//! A measured time holds what no server can know of: the client's and the server's thread both have
//! to be woken, and a busy machine takes its time for that. A thread of its own, which only waits,
//! sees the same lateness; it widens a bound by exactly what the machine did, which on an idle one
//! is next to nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::expectation::quantile;

/// Time between two looks.
const INTERVAL: Duration = Duration::from_millis(1);

/// How much more lateness a thread may meet than another one at the same time.
pub(crate) const BURSTS: f64 = 4.0;

/// Looks until it is ended.
pub(crate) struct NoiseWatch {
    is_over: Arc<AtomicBool>,
    thread: JoinHandle<Vec<u64>>,
}

/// The lateness that was seen, in microseconds.
#[derive(Debug)]
pub(crate) struct Noise {
    lateness_us: Vec<u64>,
}

impl NoiseWatch {
    pub(crate) fn start() -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let thread = thread::spawn({
            let is_over = Arc::clone(&is_over);
            move || {
                let mut lateness_us = Vec::new();
                let mut due = Instant::now();
                while !is_over.load(Ordering::Relaxed) {
                    // After a lateness of many intervals the looks that it cost follow at once, each
                    // with its own, so that bursts weigh as much as the time they take.
                    due += INTERVAL;
                    thread::sleep(due.saturating_duration_since(Instant::now()));
                    lateness_us.push(u64::try_from(due.elapsed().as_micros()).unwrap());
                }
                lateness_us
            }
        });
        Self { is_over, thread }
    }

    pub(crate) fn end(self) -> Noise {
        self.is_over.store(true, Ordering::Relaxed);
        Noise {
            lateness_us: self.thread.join().unwrap(),
        }
    }
}

impl Noise {
    /// What two wakings, the server's and the client's, add to the `q`-quantile at most, in
    /// microseconds.
    ///
    /// A sum of two exceeds the sum of their `1 − (1 − q) / 2` quantiles in a share of at most
    /// `1 − q`, however they depend on each other. Lateness comes in bursts, so the threads that are
    /// measured may have met up to [`BURSTS`] times as much of it as the one that looked.
    pub(crate) fn of_two_wakings_us(&self, q: f64) -> u64 {
        let q = 1.0 - (1.0 - q) / (2.0 * BURSTS);
        2 * quantile(self.lateness_us.iter().copied(), q)
    }
    /// Share of the time in which a thread that should have run was late by more than an interval.
    pub(crate) fn late_share(&self) -> f64 {
        let interval_us = u64::try_from(INTERVAL.as_micros()).unwrap();
        let looks = self.lateness_us.iter();
        let late = looks.filter(|lateness| **lateness > interval_us).count();
        late as f64 / self.lateness_us.len() as f64
    }
}
