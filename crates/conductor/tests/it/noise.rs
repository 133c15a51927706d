//! How late this machine wakes its threads while a run goes on.
//!
//! A measured time holds what no server can know of: the client's and the server's thread both have
//! to be woken, and a busy machine takes its time for that. Threads of their own, which only wait,
//! see the same lateness, and the generator gives account of its own; what they saw widens a bound by
//! what the machine did, which on an idle one is next to nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use loadline_metrics::RunData;

use crate::expectation::quantile;

/// Time between two looks.
const INTERVAL: Duration = Duration::from_millis(1);

/// How much more lateness a thread may meet than another one at the same time: it comes in bursts.
pub(crate) const BURSTS: f64 = 4.0;

/// One for each core of a small machine: cores are not equally busy.
const WATCHERS: usize = 2;

/// Looks until it is ended.
pub(crate) struct NoiseWatch {
    is_over: Arc<AtomicBool>,
    threads: [JoinHandle<Vec<u64>>; WATCHERS],
}

/// The lateness that each of several threads saw, in microseconds.
#[derive(Debug)]
pub(crate) struct Noise {
    lateness_us: Vec<Vec<u64>>,
}

impl NoiseWatch {
    pub(crate) fn start() -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let threads = std::array::from_fn(|_| {
            let is_over = Arc::clone(&is_over);
            thread::spawn(move || look(&is_over))
        });
        Self { is_over, threads }
    }

    /// What was seen, and what the generator of `run` says of itself.
    pub(crate) fn end(self, run: &RunData) -> Noise {
        self.is_over.store(true, Ordering::Relaxed);
        let threads = self.threads.into_iter();
        let mut lateness_us: Vec<Vec<u64>> = threads.map(|thread| thread.join().unwrap()).collect();
        for worker in 0..run.facts.generator.threads {
            let rows = run.workers.iter();
            let own = rows.filter(|row| u32::from(row.worker) == worker);
            let lags = own.flat_map(|row| &row.loop_lag_us);
            lateness_us.push(lags.map(|lag| u64::from(*lag)).collect());
        }
        // The generator looks each 10 ms: a run may be shorter.
        lateness_us.retain(|own| !own.is_empty());
        Noise { lateness_us }
    }
}

fn look(is_over: &AtomicBool) -> Vec<u64> {
    let mut lateness_us = Vec::new();
    let mut due = Instant::now();
    while !is_over.load(Ordering::Relaxed) {
        // After a lateness of many intervals the looks that it cost follow at once, each with its
        // own, so that bursts weigh as much as the time they take.
        due += INTERVAL;
        thread::sleep(due.saturating_duration_since(Instant::now()));
        lateness_us.push(u64::try_from(due.elapsed().as_micros()).unwrap());
    }
    lateness_us
}

impl Noise {
    /// What two wakings, the server's and the client's, add to the `q`-quantile at most, in
    /// microseconds.
    ///
    /// A sum of two exceeds the sum of their `1 − (1 − q) / 2` quantiles in a share of at most
    /// `1 − q`, however they depend on each other.
    pub(crate) fn of_two_wakings_us(&self, q: f64) -> u64 {
        let q = 1.0 - (1.0 - q) / (2.0 * BURSTS);
        let threads = self.lateness_us.iter();
        2 * threads
            .map(|own| quantile(own.iter().copied(), q))
            .max()
            .unwrap()
    }

    /// Share of the time in which a thread that should have run was late by more than an interval.
    pub(crate) fn late_share(&self) -> f64 {
        let interval_us = u64::try_from(INTERVAL.as_micros()).unwrap();
        let shares = self.lateness_us.iter().map(|own| {
            let late = own.iter().filter(|lateness| **lateness > interval_us);
            late.count() as f64 / own.len() as f64
        });
        shares.fold(0.0, f64::max)
    }
}
