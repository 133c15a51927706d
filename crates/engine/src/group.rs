//! One thread group on one engine thread: its users are started, served with arrivals, and awaited.

use std::future::pending;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use loadline_schedule::{Arrivals, LoadProfile, Seeding, Segment, UserWindow};
use loadline_units::{Clock as _, RunTime};
use rand::RngExt as _;
use tokio::task::{JoinError, JoinSet};

use crate::control::StopLevel;
use crate::java_random::JavaRandom;
use crate::lineup::Turn;
use crate::pool::{Placement, Pool, Shift};
use crate::run::Shared;
use crate::steering::{LOOK_AGAIN, LOOK_SOON, LoadTexts, Steered};
use crate::user::User;
use crate::worker::{Group, Worker};
use crate::{Sampler, chance, clock};

/// Runs the part of the group `index` that belongs to the thread `worker_index`, when its turn
/// comes.
pub(crate) async fn run_group<S: Sampler>(
    worker: Rc<Worker<S>>,
    shared: Arc<Shared>,
    worker_index: usize,
    index: usize,
) {
    if let Turn::From(started_at) = shared.lineup.turn(index).await {
        let (main_started_at, _) = shared.lineup.main_times();
        let group = Rc::new(Group::new(
            index,
            &worker,
            started_at,
            main_started_at,
            shared.iterations_left[index].clone(),
        ));
        let profile = &shared.prepared.groups[index].profile;
        let crowd = Crowd {
            worker,
            group,
            profile,
            segment: shared.segment_of(worker_index),
            graceful_stop: shared.options.graceful_stop,
            users: JoinSet::new(),
        };
        if profile.is_open() {
            crowd.run_open().await;
        } else if profile.is_steered() {
            crowd.run_steered().await;
        } else {
            crowd.run_closed().await;
        }
    }
    shared.lineup.group_ended(index);
}

/// The users of a group on one thread.
struct Crowd<'a, S: Sampler> {
    worker: Rc<Worker<S>>,
    group: Rc<Group>,
    profile: &'a LoadProfile,
    segment: Segment,
    graceful_stop: Duration,
    users: JoinSet<()>,
}

impl<S: Sampler> Crowd<'_, S> {
    async fn run_closed(mut self) {
        let pacing = self.profile.pacing();
        for own in 0..self.profile.segment_user_count(self.segment) {
            let index = self.segment.whole_index(own);
            if let (Some(window), Ok(number)) =
                (self.profile.user_window(index), u32::try_from(index))
            {
                let (worker, group) = (Rc::clone(&self.worker), Rc::clone(&self.group));
                self.users
                    .spawn_local(live(worker, group, number, window, pacing));
            }
        }
        self.await_users().await;
    }

    /// Keeps as many users as the load's texts say from time to time.
    async fn run_steered(mut self) {
        let places = self.profile.segment_user_count(self.segment);
        let steered = Rc::new(Steered::new(self.segment, places));
        let mut texts = LoadTexts::new(Rc::clone(&self.worker), Rc::clone(&self.group));
        let mut generation = 0;
        while self.worker.stop.level() == StopLevel::Running
            && !self.worker.coordination.groups[self.group.index].is_over()
        {
            let now = self.worker.clock.now();
            let elapsed = now.saturating_since(self.group.started_at);
            if now >= self.group.started_at
                && let Some(profile) = texts.profile()
            {
                let Some(places) = steered.missing(&profile, elapsed) else {
                    break;
                };
                for place in places {
                    let index = self.segment.whole_index(place.into());
                    let index = u32::try_from(index).unwrap_or(u32::MAX);
                    let (worker, group) = (Rc::clone(&self.worker), Rc::clone(&self.group));
                    let user = User::new(worker, group, index, generation);
                    let bound = self.profile.iterations_of_steered();
                    let steered = Rc::clone(&steered);
                    self.users.spawn_local(stay(user, steered, place, bound));
                }
                generation += 1;
            }
            let pause = if steered.runs_nobody() {
                LOOK_SOON
            } else {
                LOOK_AGAIN
            };
            tokio::select! {
                biased;
                () = self.worker.stop.raised() => {}
                Some(joined) = self.users.join_next() => self.note_end(joined),
                () = clock::sleep_until(self.worker.clock, now + pause) => {}
            }
        }
        steered.end();
        self.await_users().await;
    }

    async fn run_open(mut self) {
        let share = self
            .segment
            .share_of(self.profile.max_users().unwrap_or(1).into());
        let pool = Rc::new(Pool::new(
            u32::try_from(share).unwrap_or(u32::MAX).max(1),
            self.profile.arrivals_wait(),
        ));
        let end = (self.profile.interrupts_at_its_end())
            .then(|| self.profile.duration())
            .flatten()
            .map(|duration| self.group.started_at + duration);
        let iterations = self.profile.iterations_of_pooled();
        let mut arrivals = Arrivals::new(self.profile, self.segment);
        let mut uniform = self.uniform();
        while let Some(offset) = arrivals.next_arrival(&mut uniform) {
            // Late arrivals do not wait; users and stops have their turn between them.
            tokio::task::coop::consume_budget().await;
            let at = self.group.started_at + offset;
            if !self.wait_for_arrival(at).await {
                break;
            }
            self.worker.recorder.arrival_offered();
            let number = self.segment.whole_index(arrivals.made() - 1);
            match pool.offer(at, number, self.worker.clock.now()) {
                Placement::Taken => {}
                Placement::Missed => self.worker.recorder.arrivals_missed(1),
                Placement::NewUser(own) => {
                    let index = self.segment.whole_index(own.into());
                    let (worker, group) = (Rc::clone(&self.worker), Rc::clone(&self.group));
                    let index = u32::try_from(index).unwrap_or(u32::MAX);
                    let user = User::new(worker, group, index, 0);
                    let shift = Shift {
                        index: own,
                        end,
                        iterations,
                    };
                    self.users.spawn_local(serve(user, Rc::clone(&pool), shift));
                }
            }
        }
        pool.close();
        let worker = Rc::clone(&self.worker);
        self.await_users().await;
        worker.recorder.arrivals_missed(pool.give_up());
    }

    /// Draws from [0, 1) for random arrivals.
    fn uniform(&self) -> Box<dyn FnMut() -> f64> {
        let (seed, group) = (self.worker.prepared.seed, self.group.index);
        let segment = match self.profile.seeding() {
            Seeding::Java(seed) => {
                let random = JavaRandom::new(seed);
                return Box::new(move || random.unit());
            }
            Seeding::Segment => self.segment.index(),
            Seeding::Run => 0,
        };
        let mut chance = chance::of_arrivals(seed, group, segment);
        Box::new(move || chance.random::<f64>())
    }

    /// Waits until `at`; false when the run was told to stop.
    async fn wait_for_arrival(&mut self, at: RunTime) -> bool {
        while self.worker.stop.level() == StopLevel::Running || self.runs_on() {
            // An arrival at 0 waits too, for a clock that has not begun to run.
            if self.worker.clock.now() > at {
                return true;
            }
            tokio::select! {
                biased;
                () = self.worker.stop.raised() => {}
                Some(joined) = self.users.join_next() => self.note_end(joined),
                () = clock::sleep_until(self.worker.clock, at) => return true,
            }
        }
        false
    }

    /// Whether the group goes on although the run was told to stop.
    fn runs_on(&self) -> bool {
        self.worker.stop.level() < StopLevel::Abort && !self.group.heeds_stop()
    }

    /// Waits for the users to end; those that take too long are aborted.
    async fn await_users(mut self) {
        let mut aborted = false;
        loop {
            let is_aborted = match self.worker.stop.level() {
                StopLevel::Running | StopLevel::Graceful => false,
                StopLevel::Now => self.group.heeds_stop(),
                StopLevel::Abort => true,
            };
            if is_aborted {
                self.users.abort_all();
                aborted = true;
            }
            // Aborted users end when this task lets them run: a deadline that is over must not be
            // waited for again, which would be no wait at all.
            let deadline = self.deadline().filter(|_| !aborted);
            let sleep = async {
                match deadline {
                    Some(at) => clock::sleep_until(self.worker.clock, at).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                biased;
                joined = self.users.join_next() => match joined {
                    None => return,
                    Some(joined) => self.note_end(joined),
                },
                () = self.worker.stop.raised() => {}
                () = sleep => {
                    self.users.abort_all();
                    aborted = true;
                }
            }
        }
    }

    /// Takes note of how a user ended.
    fn note_end(&self, joined: Result<(), JoinError>) {
        if joined.is_err_and(|error| error.is_panic()) {
            self.worker
                .faults
                .note("a virtual user panicked".to_owned());
        }
    }

    /// When users are aborted: some time after the end of the load, or after a stop.
    fn deadline(&self) -> Option<RunTime> {
        let started_at = self.group.started_at;
        let load_end = self
            .profile
            .duration()
            .map(|duration| started_at + duration);
        if self.profile.interrupts_at_its_end()
            && let Some(end) = load_end
            && self.worker.stop.raised_at().is_none_or(|stop| stop >= end)
        {
            return Some(end);
        }
        let stopped_at = self.worker.stop.raised_at().map(|at| at.max(started_at));
        let end = match (load_end, stopped_at) {
            (Some(end), Some(stop)) => Some(end.min(stop)),
            (end, stop) => end.or(stop),
        };
        end.map(|end| end + self.graceful_stop)
    }
}

/// Lets user `index` live, and others in its place if the load replaces users that end early.
async fn live<S: Sampler>(
    worker: Rc<Worker<S>>,
    group: Rc<Group>,
    index: u32,
    mut window: UserWindow,
    pacing: Option<Duration>,
) {
    for generation in 0.. {
        let born = worker.clock.now();
        let mut user = User::new(Rc::clone(&worker), Rc::clone(&group), index, generation);
        user.run_closed(&window, pacing).await;
        drop(user);
        let now = worker.clock.now();
        // A user that ends as soon as it begins will not do better the next time.
        let is_short = now.saturating_since(born) < Duration::from_millis(1);
        if !window.is_replaced || is_short || worker.stop.level() != StopLevel::Running {
            return;
        }
        window.start = now.saturating_since(group.started_at);
    }
}

/// Lets `user` iterate as long as it is wanted.
async fn stay<S: Sampler>(mut user: User<S>, steered: Rc<Steered>, place: u32, bound: Option<u64>) {
    user.run_steered(&steered, bound).await;
    drop(user);
    steered.ended(place);
}

/// Lets `user` serve arrivals.
async fn serve<S: Sampler>(mut user: User<S>, pool: Rc<Pool>, shift: Shift) {
    user.run_pooled(&pool, shift).await;
}

#[cfg(test)]
mod tests {
    use loadline_plan::program::HttpProgram;

    use super::*;
    use crate::{IterationStart, Outcome, Scope};

    /// Waits a moment.
    struct Waiting;

    impl Sampler for Waiting {
        type Session = ();

        fn session(&self, _user: u32) {}

        fn start_iteration(&self, _session: &(), _start: IterationStart) {}

        fn sample<'a, 'v>(
            &'a self,
            _session: &'a (),
            _request: &'a HttpProgram,
            _now: RunTime,
            _scope: &mut Scope<'v>,
        ) -> impl Future<Output = Option<Outcome>> + use<'a, 'v>
        where
            'v: 'a,
        {
            async {
                tokio::time::sleep(Duration::ZERO).await;
                Some(Outcome::default())
            }
        }

        fn open_connections(&self) -> u32 {
            0
        }
    }

    /// Size of what an async function of five parameters returns.
    fn size_of_future<A, B, C, D, E, F>(_function: impl Fn(A, B, C, D, E) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn a_user_is_small() {
        // A text or an array alive across an await sits in every user, of which there are many. Libraries built with
        // more features add a few words; the bound leaves room for these alone.
        let size = size_of_future(live::<Waiting>);
        assert!(size <= 1_536, "{size} bytes");
    }
}
