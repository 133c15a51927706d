//! Waits that end within a few tenths of a millisecond of their instant.
//!
//! The timer of the asynchronous runtime rounds up to whole milliseconds, too coarse for a server
//! whose service time is the ground truth of a measurement. One thread waits for the next instant.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use tokio::sync::oneshot;

/// A thread, `timer`, that wakes those who wait; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct PreciseTimer {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    /// The earliest on top. Each belongs to a request in flight, which bounds their number.
    alarms: BinaryHeap<Alarm>,
    closed: bool,
}

#[derive(Debug)]
struct Alarm {
    at: Instant,
    wake: oneshot::Sender<()>,
}

impl PreciseTimer {
    /// # Errors
    ///
    /// The system's error if it gives no thread.
    pub(crate) fn start() -> io::Result<PreciseTimer> {
        let state = Mutex::new(State {
            alarms: BinaryHeap::new(),
            closed: false,
        });
        let shared = Arc::new(Shared {
            state,
            changed: Condvar::new(),
        });
        let thread_shared = Arc::clone(&shared);
        thread::Builder::new()
            .name("timer".to_owned())
            .spawn(move || thread_shared.run())?;
        Ok(PreciseTimer { shared })
    }

    /// Returns at `at`, or at once if it has passed.
    pub(crate) async fn wait_until(&self, at: Instant) {
        let (wake, woken) = oneshot::channel();
        {
            let mut state = self.shared.lock();
            let is_next = state.alarms.peek().is_none_or(|alarm| at < alarm.at);
            state.alarms.push(Alarm { at, wake });
            if is_next {
                self.shared.changed.notify_one();
            }
        }
        // The thread only ends with the timer, which is borrowed here.
        let _ = woken.await;
    }
}

impl Drop for PreciseTimer {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.changed.notify_one();
    }
}

impl Shared {
    fn run(&self) {
        let mut state = self.lock();
        while !state.closed {
            let Some(next) = state.alarms.peek().map(|alarm| alarm.at) else {
                state = self
                    .changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let now = Instant::now();
            if next <= now {
                if let Some(alarm) = state.alarms.pop() {
                    // The request may have been given up meanwhile.
                    let _ = alarm.wake.send(());
                }
            } else {
                let waited = self.changed.wait_timeout(state, next - now);
                state = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PartialEq for Alarm {
    fn eq(&self, other: &Alarm) -> bool {
        self.at == other.at
    }
}

impl Eq for Alarm {}

impl PartialOrd for Alarm {
    fn partial_cmp(&self, other: &Alarm) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Alarm {
    /// Reversed: the heap keeps the greatest on top.
    fn cmp(&self, other: &Alarm) -> Ordering {
        other.at.cmp(&self.at)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn waits_end_in_the_order_of_their_instants_and_never_early() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(async {
            let timer = PreciseTimer::start().unwrap();
            let start = Instant::now();
            let late = start + Duration::from_millis(4);
            let early = start + Duration::from_millis(2);
            let order = Mutex::new(Vec::new());
            tokio::join!(
                async {
                    timer.wait_until(late).await;
                    assert!(Instant::now() >= late);
                    order.lock().unwrap().push("late");
                },
                async {
                    timer.wait_until(early).await;
                    assert!(Instant::now() >= early);
                    order.lock().unwrap().push("early");
                },
            );
            assert_eq!(order.into_inner().unwrap(), ["early", "late"]);
        });
    }
}
