//! A bounded queue between the HTTP side and the threads that own database connections.
//!
//! First come, first served. Not here: what a job does.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A queue that ends when it is closed and empty.
#[derive(Debug)]
pub(crate) struct WorkQueue<T> {
    state: Mutex<State<T>>,
    arrived: Condvar,
}

#[derive(Debug)]
struct State<T> {
    jobs: VecDeque<T>,
    capacity: usize,
    idle_takers: usize,
    closed: bool,
}

impl<T> WorkQueue<T> {
    /// A queue in which up to `capacity` jobs may wait.
    pub(crate) fn new(capacity: usize) -> WorkQueue<T> {
        let state = State {
            jobs: VecDeque::new(),
            capacity,
            idle_takers: 0,
            closed: false,
        };
        WorkQueue {
            state: Mutex::new(state),
            arrived: Condvar::new(),
        }
    }

    /// Appends a job; gives it back if the queue is full or closed.
    pub(crate) fn push(&self, job: T) -> Result<(), T> {
        let mut state = self.lock();
        if state.closed || state.jobs.len() >= state.capacity {
            return Err(job);
        }
        state.jobs.push_back(job);
        let someone_waits = state.idle_takers > 0;
        drop(state);
        // A busy thread looks at the queue by itself; the system call is saved.
        if someone_waits {
            self.arrived.notify_one();
        }
        Ok(())
    }

    /// Moves up to `max` jobs to `batch`, waiting for the first; false once closed and empty.
    pub(crate) fn take(&self, max: usize, batch: &mut Vec<T>) -> bool {
        let mut state = self.lock();
        while state.jobs.is_empty() {
            if state.closed {
                return false;
            }
            state.idle_takers += 1;
            state = self
                .arrived
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
            state.idle_takers -= 1;
        }
        let count = state.jobs.len().min(max);
        batch.extend(state.jobs.drain(..count));
        true
    }

    /// Number of jobs that wait.
    pub(crate) fn len(&self) -> usize {
        self.lock().jobs.len()
    }

    /// Takes no more jobs; those that wait are still done.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_all();
    }

    /// A poisoned queue is still a queue: no state is half-changed when a taker panics.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_come_in_order_and_in_batches() {
        let queue = WorkQueue::new(16);
        for job in 0..5 {
            queue.push(job).unwrap();
        }
        let mut batch = Vec::new();
        assert!(queue.take(3, &mut batch));
        assert_eq!(batch, [0, 1, 2]);
        assert_eq!(queue.len(), 2);
    }

    #[test]
    fn a_closed_queue_is_emptied_first() {
        let queue = WorkQueue::new(16);
        queue.push(1).unwrap();
        queue.close();
        assert_eq!(queue.push(2), Err(2));
        let mut batch = Vec::new();
        assert!(queue.take(8, &mut batch));
        assert!(!queue.take(8, &mut batch));
        assert_eq!(batch, [1]);
    }

    #[test]
    fn a_full_queue_gives_the_job_back() {
        let queue = WorkQueue::new(16);
        for job in 0..16 {
            queue.push(job).unwrap();
        }
        assert_eq!(queue.push(16), Err(16));
    }
}
