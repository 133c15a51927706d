//! Where users of all engine threads wait for each other.
//!
//! Source: JMeter's `SyncTimer`, which is a cyclic barrier: when one of those who wait gives up, all
//! of them go on.

use std::sync::{Mutex, MutexGuard, PoisonError};

use loadline_units::RunTime;
use tokio::sync::watch;

/// A place where users wait until enough have come.
#[derive(Debug)]
pub(crate) struct Meeting {
    /// How many wait. Locked for a few instructions, by users that are about to wait.
    waiting: Mutex<Waiting>,
    released: watch::Sender<Release>,
}

#[derive(Debug, Default)]
struct Waiting {
    count: u64,
    /// Number of the gathering that they belong to.
    gathering: u64,
}

/// The latest gathering that went on: how many did before it and with it, and when.
#[derive(Clone, Copy, Debug, Default)]
struct Release {
    gatherings: u64,
    at: RunTime,
}

impl Default for Meeting {
    fn default() -> Self {
        Self {
            waiting: Mutex::default(),
            released: watch::Sender::new(Release::default()),
        }
    }
}

impl Meeting {
    /// Comes at `at`; with this user, `size` are enough. `None` when they are, and all go on.
    pub(crate) fn join(&self, size: u64, at: RunTime) -> Option<Place<'_>> {
        let receiver = self.released.subscribe();
        let mut waiting = self.lock();
        waiting.count += 1;
        if waiting.count >= size {
            self.release(waiting, at);
            return None;
        }
        Some(Place {
            meeting: self,
            gathering: waiting.gathering,
            receiver,
        })
    }

    fn release(&self, mut waiting: MutexGuard<'_, Waiting>, at: RunTime) {
        waiting.count = 0;
        waiting.gathering += 1;
        // While it is locked, so that releases are sent in their order.
        self.released.send_replace(Release {
            gatherings: waiting.gathering,
            at,
        });
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of a user who waits; dropped, the user no longer counts.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    meeting: &'a Meeting,
    gathering: u64,
    receiver: watch::Receiver<Release>,
}

impl Place<'_> {
    /// Waits for the others; when they went on.
    pub(crate) async fn released(&mut self) -> RunTime {
        let gathering = self.gathering;
        let released = self
            .receiver
            .wait_for(|release| release.gatherings > gathering)
            .await;
        match released {
            Ok(release) => release.at,
            // The sender is part of the meeting, which lives as long as this place.
            Err(_) => RunTime::ZERO,
        }
    }

    /// Gives up at `at`: all who wait go on.
    pub(crate) fn give_up(self, at: RunTime) {
        let waiting = self.meeting.lock();
        if waiting.gathering == self.gathering {
            self.meeting.release(waiting, at);
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut waiting = self.meeting.lock();
        if waiting.gathering == self.gathering {
            waiting.count = waiting.count.saturating_sub(1);
        }
    }
}
