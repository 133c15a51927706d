//! The loads of our plans as thread groups of JMeter and its plugins.
//!
//! A constant number of users is a Thread Group, steps and stages are an Ultimate Thread Group, rates
//! an Open Model Thread Group. JMeter counts whole seconds.

use std::time::Duration;

use loadline_plan::{
    Controller, Element, ElementKind, Load, LoadStage, Location, LoopCount, NativeLoad,
    ScheduledThreads, Text, ThreadGroup, UltimateRow,
};
use loadline_units::Rate;

use super::Terms;
use super::schedule::schedule;

/// A time in which no load ends, in seconds: a schedule of JMeter's needs one. 68 years, the most that
/// 32 bits hold.
const WITHOUT_END_S: &str = "2147483647";

const SECONDS: &str = "write whole seconds";

impl Terms {
    /// Replaces the load of `group` by JMeter's.
    pub(super) fn group_load(&mut self, group: &mut ThreadGroup) {
        let load = group.load.clone();
        let (found, pacing) = match &load {
            Load::Native(NativeLoad::UserStages {
                from,
                stages,
                start,
                pacing,
            }) => (self.user_stages(group, *from, stages, *start), *pacing),
            Load::Native(NativeLoad::UserSteps {
                levels,
                ramp,
                hold,
                start,
                pacing,
            }) => {
                let stages = stages_of_steps(levels, *ramp, *hold);
                (self.user_stages(group, 0, &stages, *start), *pacing)
            }
            Load::Native(NativeLoad::UserIterations {
                users,
                iterations,
                each,
                ramp,
                start,
                pacing,
            }) => {
                if !each && *users > 1 {
                    let what = format!(
                        "the users of group `{}` share {iterations} iterations; JMeter counts those \
                         of each user",
                        group.name
                    );
                    let help = "write `iterations_each`, the iterations of each user";
                    self.refuse(&group.location, what, help);
                }
                let found = self.iterations(group, *users, *iterations, *ramp, *start);
                (found, *pacing)
            }
            Load::Native(NativeLoad::RateStages {
                from,
                stages,
                poisson,
                max_users,
                start,
            }) => {
                self.arrivals(group, *max_users);
                let schedule = schedule(*from, stages, *poisson, *start);
                (Some(open_model(schedule)), None)
            }
            Load::Native(NativeLoad::RateSteps {
                levels,
                ramp,
                hold,
                poisson,
                max_users,
                start,
            }) => {
                self.arrivals(group, *max_users);
                let stages = stages_of_steps(levels, *ramp, *hold);
                let schedule = schedule(Rate::default(), &stages, *poisson, *start);
                (Some(open_model(schedule)), None)
            }
            _ => return,
        };
        if let Some(found) = found {
            group.load = found;
        }
        if let Some(pacing) = pacing {
            self.pace(group, pacing);
        }
    }

    fn user_stages(
        &mut self,
        group: &ThreadGroup,
        from: u32,
        stages: &[LoadStage<u32>],
        start: Duration,
    ) -> Option<Load> {
        if let Some((users, ramp, hold)) = constant(from, stages) {
            let [ramp_s, length_s, delay_s] = self.all_whole(group, [ramp, ramp + hold, start])?;
            return Some(Load::Threads {
                users: users.to_string().into(),
                ramp_s: ramp_s.to_string().into(),
                loops: LoopCount::Forever,
                scheduled: Some(ScheduledThreads {
                    duration_s: length_s.to_string().into(),
                    delay_s: delay_s.to_string().into(),
                }),
                delayed_start: starts_better_late(users, ramp),
            });
        }
        let mut rows = Vec::new();
        for block in blocks(from, stages, start) {
            let times = [
                block.start,
                block.startup,
                block.leave.saturating_sub(block.start + block.startup),
                block.shutdown,
            ];
            let [delay_s, startup_s, hold_s, shutdown_s] = self.all_whole(group, times)?;
            let text = |number: u64| Text(number.to_string());
            rows.push(UltimateRow {
                users: text(block.users.into()),
                initial_delay_s: text(delay_s),
                startup_s: text(startup_s),
                hold_s: text(hold_s),
                shutdown_s: text(shutdown_s),
            });
        }
        Some(Load::Ultimate(rows))
    }

    fn iterations(
        &mut self,
        group: &ThreadGroup,
        users: u32,
        iterations: u64,
        ramp: Duration,
        start: Duration,
    ) -> Option<Load> {
        let [ramp_s, delay_s] = self.all_whole(group, [ramp, start])?;
        if i32::try_from(iterations).is_err() {
            let what = format!("{iterations} iterations are more than JMeter counts");
            self.refuse(&group.location, what, "write a number below 2147483648");
        }
        Some(Load::Threads {
            users: users.to_string().into(),
            ramp_s: ramp_s.to_string().into(),
            loops: LoopCount::Times(iterations.to_string().into()),
            scheduled: (delay_s > 0).then(|| ScheduledThreads {
                duration_s: WITHOUT_END_S.into(),
                delay_s: delay_s.to_string().into(),
            }),
            delayed_start: starts_better_late(users, ramp),
        })
    }

    /// What is different when each arrival is a new user.
    fn arrivals(&mut self, group: &ThreadGroup, max_users: u32) {
        let what = format!(
            "JMeter starts a new user for each arrival of group `{}`, without the bound of \
             {max_users} users; each begins without cookies and connections",
            group.name
        );
        let help = "give the group a number of `users` if it must keep them";
        self.warn(&group.location, what, help);
        if let Some(once) = first_once(&group.children) {
            let what = format!(
                "`once` in group `{}`, whose users in JMeter have one iteration each, would be done in \
                 each of them",
                group.name
            );
            let help = "do it in a `setup` group, or give the group a number of `users`";
            let location = once.clone();
            self.refuse(&location, what, help);
        }
    }

    /// `times` in seconds; a finding and `None` if one is not whole.
    fn all_whole<const N: usize>(
        &mut self,
        group: &ThreadGroup,
        times: [Duration; N],
    ) -> Option<[u64; N]> {
        let mut seconds = [0; N];
        for (seconds, time) in seconds.iter_mut().zip(times) {
            *seconds = self.whole_seconds(group, time)?;
        }
        Some(seconds)
    }

    fn whole_seconds(&mut self, group: &ThreadGroup, time: Duration) -> Option<u64> {
        if time.subsec_nanos() == 0 {
            return Some(time.as_secs());
        }
        let what = format!(
            "the load of group `{}` has a time of {} s; JMeter's thread groups count whole seconds",
            group.name,
            time.as_secs_f64()
        );
        self.refuse(&group.location, what, SECONDS);
        None
    }
}

fn open_model(schedule: String) -> Load {
    Load::OpenModel {
        schedule: schedule.into(),
        random_seed: "0".into(),
    }
}

/// Each level with the ramp that leads to it.
fn stages_of_steps<T: Copy>(levels: &[T], ramp: Duration, hold: Duration) -> Vec<LoadStage<T>> {
    let stage = |target, duration| LoadStage { target, duration };
    levels
        .iter()
        .flat_map(|level| [stage(*level, ramp), stage(*level, hold)])
        .collect()
}

/// Users, ramp and hold of a load that is constant after a ramp from 0.
fn constant(from: u32, stages: &[LoadStage<u32>]) -> Option<(u32, Duration, Duration)> {
    match stages {
        [hold] if hold.target == from => Some((from, Duration::ZERO, hold.duration)),
        [ramp, hold] if from == 0 && ramp.target == hold.target => {
            Some((hold.target, ramp.duration, hold.duration))
        }
        _ => None,
    }
}

/// Whether users start nearer to their times with delayed thread creation. Without it, JMeter puts
/// the same whole milliseconds between all users of a ramp; with it, the last starts at the end of the
/// ramp rather than one gap before.
///
/// Source: `ThreadGroup.startNewThread` and `ThreadGroup.ThreadStarter` of JMeter 5.6.3.
fn starts_better_late(users: u32, ramp: Duration) -> bool {
    if users < 2 {
        return false;
    }
    let gap_ms = ramp.as_millis() as f64 / f64::from(users);
    let off_ms = ((gap_ms + 0.5).floor() - gap_ms).abs() * f64::from(users - 1);
    off_ms > gap_ms
}

/// Users that join and leave together, each over a time.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Block {
    users: u32,
    /// When the first joins.
    start: Duration,
    startup: Duration,
    /// When the first leaves.
    leave: Duration,
    shutdown: Duration,
}

/// The users of a staged load in blocks: those who came last leave first.
fn blocks(from: u32, stages: &[LoadStage<u32>], start: Duration) -> Vec<Block> {
    let block = |users, start, startup| Block {
        users,
        start,
        startup,
        leave: Duration::ZERO,
        shutdown: Duration::ZERO,
    };
    let mut running = vec![block(from, start, Duration::ZERO)];
    let mut gone = Vec::new();
    let (mut at, mut level) = (start, from);
    for stage in stages {
        if stage.target > level {
            running.push(block(stage.target - level, at, stage.duration));
        }
        let falling = level.saturating_sub(stage.target);
        let mut left = falling;
        while left > 0 {
            let Some(mut last) = running.pop() else { break };
            let leaving = last.users.min(left);
            let share = |whole: Duration, users: u32, of: u32| whole * users / of;
            let staying = last.users - leaving;
            let mut own = last;
            own.users = leaving;
            own.start = last.start + share(last.startup, staying, last.users);
            own.startup = share(last.startup, leaving, last.users);
            own.leave = at + share(stage.duration, falling - left, falling);
            own.shutdown = share(stage.duration, leaving, falling);
            gone.push(own);
            if staying > 0 {
                last.startup = share(last.startup, staying, last.users);
                last.users = staying;
                running.push(last);
            }
            left -= leaving;
        }
        at += stage.duration;
        level = stage.target;
    }
    gone.extend(
        running
            .into_iter()
            .map(|block| Block { leave: at, ..block }),
    );
    gone.retain(|block| block.users > 0);
    gone.sort_by_key(|block| (block.start, block.leave));
    gone
}

/// Where the first Once Only Controller among `elements` stands, however deep.
fn first_once(elements: &[Element]) -> Option<&Location> {
    elements.iter().find_map(|element| match &element.kind {
        ElementKind::Controller(Controller::OnceOnly) => Some(&element.location),
        _ => first_once(&element.children),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(target: u32, seconds: u64) -> LoadStage<u32> {
        LoadStage {
            target,
            duration: Duration::from_secs(seconds),
        }
    }

    #[track_caller]
    fn check(from: u32, stages: &[LoadStage<u32>], expected: &[[u64; 5]]) {
        let found: Vec<[u64; 5]> = blocks(from, stages, Duration::ZERO)
            .iter()
            .map(|block| {
                [
                    block.users.into(),
                    block.start.as_secs(),
                    block.startup.as_secs(),
                    block.leave.as_secs(),
                    block.shutdown.as_secs(),
                ]
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn steps_up_stay_to_the_end() {
        check(
            0,
            &stages_of_steps(&[10, 20], Duration::from_secs(2), Duration::from_secs(8)),
            &[[10, 0, 2, 20, 0], [10, 10, 2, 20, 0]],
        );
        check(
            0,
            &stages_of_steps(&[10, 20], Duration::ZERO, Duration::from_secs(8)),
            &[[10, 0, 0, 16, 0], [10, 8, 0, 16, 0]],
        );
    }

    #[test]
    fn who_came_last_leaves_first() {
        check(
            4,
            &[stage(10, 6), stage(2, 4), stage(0, 0), stage(0, 5)],
            &[[6, 0, 6, 6, 3], [2, 0, 0, 9, 1], [2, 0, 0, 10, 0]],
        );
        // The last four of eight leave, later the rest.
        check(
            0,
            &[stage(8, 8), stage(4, 4), stage(4, 10), stage(0, 4)],
            &[[4, 0, 4, 22, 4], [4, 4, 4, 8, 4]],
        );
    }

    #[test]
    fn delayed_creation_where_milliseconds_would_add_up() {
        // 2,000 users in 5 s would be 3 ms apart: a ramp of 6 s.
        assert!(starts_better_late(2000, Duration::from_secs(5)));
        assert!(!starts_better_late(1000, Duration::from_secs(5)));
        assert!(!starts_better_late(2, Duration::from_secs(3)));
        assert!(!starts_better_late(1, Duration::ZERO));
    }
}
