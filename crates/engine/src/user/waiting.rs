//! How long a user waits before a sampler: timers that draw a delay, paces, schedules, and other
//! users.

use std::rc::Rc;
use std::time::Duration;

use loadline_plan::ThroughputBasis;
use loadline_plan::program::{
    PreciseProgram, ShapingProgram, SynchronizingProgram, ThroughputProgram, TimerProgram,
};
use loadline_units::{Clock as _, RunTime};

use super::{Due, User};
use crate::coordination::Running;
use crate::pace::interval;
use crate::precise_events::PrecisePace;
use crate::shaping::{ShapingFigures, Slot};
use crate::{Sampler, chance, delay, scripts};

impl<S: Sampler> User<S> {
    /// Asks `timers` one after another: the sum of their delays. `None` when the user is to end; an
    /// error says why one of them cannot tell.
    pub(super) async fn ask(
        &mut self,
        timers: &[TimerProgram],
    ) -> Result<Option<Duration>, String> {
        let mut wait = Duration::ZERO;
        for timer in timers {
            wait += match timer {
                TimerProgram::Throughput(timer) => self.pace(timer),
                TimerProgram::Precise(timer) => {
                    let due = self.event(timer)?;
                    self.follow(due)
                }
                TimerProgram::Shaping(timer) => match self.slot(timer) {
                    Slot::At(due) => self.follow(due),
                    Slot::Over(end) => {
                        if Box::pin(self.wait(end)).await {
                            self.worker.coordination.groups[self.group.index].end();
                        }
                        return Ok(None);
                    }
                },
                TimerProgram::Synchronizing(timer) => {
                    // In a box, so that users without such a timer stay small.
                    if !Box::pin(self.meet(timer)).await {
                        return Ok(None);
                    }
                    Duration::ZERO
                }
                TimerProgram::Script(id) => {
                    scripts::delay(*id, &mut self.own.scope(&self.worker, ""))
                }
                drawn => {
                    let factor = self.worker.prepared.timer_factor;
                    let mut scope = self.own.scope(&self.worker, "");
                    delay::scaled(delay::draw(drawn, &mut scope), factor)
                }
            };
        }
        Ok(Some(wait))
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

    /// When the next sample under a Precise Throughput Timer is due, or why it gives no time.
    fn event(&mut self, timer: &PreciseProgram) -> Result<RunTime, String> {
        let worker = Rc::clone(&self.worker);
        let mut scope = self.own.scope(&worker, "");
        let mut number = |number| delay::number(number, &mut scope);
        let (throughput, period_s) = (number(&timer.throughput), number(&timer.period_s));
        let (duration_s, batch_size) = (number(&timer.duration_s), number(&timer.batch_size));
        let seed = scope.text_of(&timer.random_seed).parse::<i64>();
        // As in JMeter, a seed whose lower half is 0 is none.
        let seed = match seed {
            Ok(seed) if seed & 0xFFFF_FFFF != 0 => seed,
            _ => chance::seed_of_events(worker.prepared.seed, self.group.index),
        };
        let pace = PrecisePace {
            per_second: throughput / period_s.trunc(),
            duration_s: duration_s.trunc(),
            batch_size: batch_size as i64,
            seed,
        };
        let coordination = &worker.coordination;
        let events = &coordination.groups[self.group.index].events;
        let event_s = events.next(timer.id, pace, coordination.segment)?;
        Ok(self.group.started_at + Duration::from_secs_f64(event_s.min(LONGEST_S)))
    }

    /// The next start under a Throughput Shaping Timer, whose figures are told as in JMeter.
    fn slot(&mut self, timer: &ShapingProgram) -> Slot {
        let worker = Rc::clone(&self.worker);
        let coordination = &worker.coordination;
        let Some(shaping) = coordination.shaping(timer.id) else {
            return Slot::At(self.ready_at);
        };
        let (slot, figures) = shaping.next(self.ready_at, coordination.segment);
        self.tell_figures(timer, figures);
        slot
    }

    /// Tells the figures of a Throughput Shaping Timer in `timers` when a second began while the user
    /// waited.
    pub(super) fn tell_shapes(&mut self, timers: &[TimerProgram]) {
        for timer in timers {
            if let TimerProgram::Shaping(timer) = timer {
                let worker = Rc::clone(&self.worker);
                let shaping = worker.coordination.shaping(timer.id);
                let figures = shaping.and_then(|shaping| shaping.told_at(worker.clock.now()));
                self.tell_figures(timer, figures);
            }
        }
    }

    fn tell_figures(&mut self, timer: &ShapingProgram, figures: Option<ShapingFigures>) {
        let worker = Rc::clone(&self.worker);
        if let Some(figures) = figures {
            let mut scope = self.own.scope(&worker, "");
            let name = scope.text_of(&timer.name);
            let tell = |figure: &str, value: String| {
                let run = worker.functions.run();
                run.set_property(&format!("{name}_{figure}"), &value);
            };
            tell("totalDuration", figures.total_s.to_string());
            tell("cntDelayed", figures.delayed.to_string());
            tell("cntSent", figures.sent.to_string());
            tell("rps", format!("{:?}", figures.rate));
        }
    }

    /// The next sample is due at `due` by a schedule: how long the user waits. One that comes too
    /// late was wanted then all the same.
    fn follow(&mut self, due: RunTime) -> Duration {
        self.due = Some(Due {
            user_wait_us: self.ready_at.micros_since(due),
        });
        let wait = due.saturating_since(self.ready_at);
        self.ready_at = self.ready_at.min(due);
        wait
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
    pub(super) async fn wait_out(&self, deadline: Option<RunTime>) -> bool {
        // Tear-down users, who do not heed a graceful stop, wait on.
        self.sleep_until(deadline.unwrap_or(RunTime::from_micros(FOREVER_US)))
            .await
    }
}

/// Thirty years in seconds: longer than any run.
const LONGEST_S: f64 = 30.0 * 365.0 * 86_400.0;

/// The same in microseconds.
const FOREVER_US: u64 = 30 * 365 * 86_400 * 1_000_000;
