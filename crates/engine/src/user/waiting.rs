//! How long a user waits before a sampler: timers that draw a delay, paces, and other users.

use std::rc::Rc;
use std::time::Duration;

use loadline_plan::ThroughputBasis;
use loadline_plan::program::{SynchronizingProgram, ThroughputProgram, TimerProgram};
use loadline_units::{Clock as _, RunTime};

use super::User;
use crate::coordination::Running;
use crate::pace::interval;
use crate::{Sampler, delay};

impl<S: Sampler> User<S> {
    /// Asks `timers` one after another: the sum of their delays. `None` when the user was told to
    /// stop while it waited for others.
    pub(super) async fn ask(&mut self, timers: &[TimerProgram]) -> Option<Duration> {
        let mut wait = Duration::ZERO;
        for timer in timers {
            wait += match timer {
                TimerProgram::Throughput(timer) => self.pace(timer),
                TimerProgram::Synchronizing(timer) => {
                    // In a box, so that users without such a timer stay small.
                    if !Box::pin(self.meet(timer)).await {
                        return None;
                    }
                    Duration::ZERO
                }
                drawn => {
                    let factor = self.worker.prepared.timer_factor;
                    let mut scope = self.own.scope(&self.worker, "");
                    delay::scaled(delay::draw(drawn, &mut scope), factor)
                }
            };
        }
        Some(wait)
    }

    /// How long a throughput timer holds the user back.
    fn pace(&mut self, timer: &ThroughputProgram) -> Duration {
        let mut scope = self.own.scope(&self.worker, "");
        let per_minute = delay::number(&timer.per_minute, &mut scope);
        let coordination = &self.worker.coordination;
        let of_group = &coordination.groups[self.group.index];
        let (all, processes) = (&coordination.all, coordination.processes);
        // Other processes hold their users back by the same pace.
        let shared = |running: &Running| {
            let interval = interval(per_minute, processes);
            running.schedule.next(self.ready_at, interval)
        };
        let interval = match timer.basis {
            ThroughputBasis::User => interval(per_minute, 1),
            ThroughputBasis::AllUsers => interval(per_minute, all.count() * processes),
            ThroughputBasis::Group => interval(per_minute, of_group.count() * processes),
            ThroughputBasis::AllUsersShared => shared(all),
            ThroughputBasis::GroupShared => shared(of_group),
        };
        self.paces.wait(timer.id, self.ready_at, interval)
    }

    /// Waits for other users; false when the user was told to stop.
    async fn meet(&mut self, timer: &SynchronizingProgram) -> bool {
        let mut scope = self.own.scope(&self.worker, "");
        let size = delay::number(&timer.group_size, &mut scope);
        let timeout_ms = delay::number(&timer.timeout_ms, &mut scope);
        if size < 0.0 || timeout_ms < 0.0 {
            return true;
        }
        let size = match size as u64 {
            0 => self.worker.coordination.groups[self.group.index].most,
            size => size,
        };
        let worker = Rc::clone(&self.worker);
        let meeting = worker.coordination.meeting(timer.id);
        let arrived = worker.clock.now();
        let Some(mut place) = meeting.join(size, self.ready_at) else {
            return true;
        };
        let timeout = (timeout_ms as u64 > 0)
            .then(|| self.ready_at + Duration::from_millis(timeout_ms as u64));
        let deadline = match (timeout, self.end) {
            (Some(timeout), Some(end)) => Some(timeout.min(end)),
            (timeout, end) => timeout.or(end),
        };
        let released = tokio::select! {
            biased;
            at = place.released() => Some(at),
            going_on = self.wait_out(deadline) => match (going_on, deadline) {
                (true, Some(deadline)) => {
                    place.give_up(deadline);
                    Some(deadline)
                }
                _ => None,
            },
        };
        worker
            .recorder
            .thought(worker.clock.now().micros_since(arrived).into());
        self.ready_at = self.ready_at.max(released.unwrap_or(RunTime::ZERO));
        released.is_some()
    }

    /// Waits until `deadline`, without one until a stop; false when a stop came.
    async fn wait_out(&self, deadline: Option<RunTime>) -> bool {
        // Tear-down users, who do not heed a graceful stop, wait on.
        self.sleep_until(deadline.unwrap_or(RunTime::from_micros(FOREVER_US)))
            .await
    }
}

/// Thirty years in microseconds: longer than any run.
const FOREVER_US: u64 = 30 * 365 * 86_400 * 1_000_000;
