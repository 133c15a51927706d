//! Steps: the stretches of constant load that an analysis judges, and the ramps before them.
//!
//! Each maximal interval of constant load other than 0 is the hold of a step; the changes of load
//! since the step before are its ramp. A change that nothing holds afterwards (a ramp that turns
//! into another, or at the end of a load) is a step of its own with an empty hold, named after the
//! load it reaches; a way down to 0 belongs to no step.

use std::time::Duration;

use crate::LoadProfile;
use crate::curve::{Curve, sum};

/// A stretch of constant load, and the change of load before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Number of the step, counted from 0.
    pub index: u16,
    /// The load that is held, or that the ramp reaches.
    pub load: StepLoad,
    /// When the load begins to change.
    pub ramp_start: Duration,
    /// When the load is reached.
    pub hold_start: Duration,
    /// When the load changes again; `None` when only iterations end it.
    pub end: Option<Duration>,
}

/// The load of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StepLoad {
    /// Concurrent users (closed model).
    Users(u32),
    /// Arrivals per second (open model).
    Rate(f64),
}

impl LoadProfile {
    /// The steps of this load alone, in time order; times from the start of the thread group.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        // The rows of an Ultimate Thread Group are loads side by side: their ramps cut each other
        // anywhere, and a turn of the sum is nobody's target.
        let turns_are_steps = !matches!(self, LoadProfile::Ultimate(_));
        steps_of(&self.curve(), self.is_open(), turns_are_steps)
    }
}

/// The steps of several loads that run side by side, each with the time from the start of the
/// first to its own, in time order; times from the start of the first.
///
/// The load of a step is the sum over the groups. If users and rates are mixed, the closed loads
/// alone make the steps: users and arrivals do not add up.
#[must_use]
pub fn combine_steps(groups: &[(LoadProfile, Duration)]) -> Vec<Step> {
    if let [(profile, offset)] = groups
        && offset.is_zero()
    {
        return profile.steps();
    }
    let is_open = groups.iter().all(|(profile, _)| profile.is_open());
    let curves: Vec<Curve> = groups
        .iter()
        .filter(|(profile, _)| profile.is_open() == is_open)
        .map(|(profile, offset)| profile.curve().delayed(*offset))
        .collect();
    steps_of(&sum(&curves), is_open, false)
}

/// The steps of a curve; with `turns_are_steps`, a ramp that turns into another without a hold is
/// a step.
fn steps_of(curve: &Curve, is_open: bool, turns_are_steps: bool) -> Vec<Step> {
    let load = |value: f64| {
        if is_open {
            StepLoad::Rate(value)
        } else {
            // Saturates; a plan's users are fewer.
            StepLoad::Users(value.round() as u32)
        }
    };
    let mut steps: Vec<Step> = Vec::new();
    let mut ramp_start = None;
    let mut push = |value: f64, ramp_start, hold_start, end| {
        if let Ok(index) = u16::try_from(steps.len()) {
            steps.push(Step {
                index,
                load: load(value),
                ramp_start,
                hold_start,
                end,
            });
        }
    };
    let mut stretches = curve.stretches.iter().peekable();
    while let Some(stretch) = stretches.next() {
        let is_last = stretches.peek().is_none();
        if stretch.is_steady {
            let mut end = stretch.end;
            while let Some(next) = stretches.next_if(|next| next.is_steady) {
                end = next.end;
            }
            let goes_on = stretches.peek().is_none() && curve.is_open_ended;
            if stretch.to > 0.0 {
                let start = ramp_start.unwrap_or(stretch.start);
                push(stretch.to, start, stretch.start, (!goes_on).then_some(end));
            }
            ramp_start = None;
            continue;
        }
        let start = *ramp_start.get_or_insert(stretch.start);
        if is_last && curve.is_open_ended {
            push(stretch.to, start, stretch.end, None);
            continue;
        }
        let is_held = stretches.peek().is_some_and(|next| next.is_steady);
        let is_way = stretch.to > 0.0 && !stretch.length().is_zero();
        if !is_held && is_way && (is_last || turns_are_steps) {
            push(stretch.to, start, stretch.end, Some(stretch.end));
            ramp_start = None;
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use loadline_plan::{LoadStage, NativeLoad};
    use loadline_units::Rate;
    use proptest::prelude::*;

    use super::*;
    use crate::UltimateNumbers;

    fn seconds(s: u64) -> Duration {
        Duration::from_secs(s)
    }

    /// Users, start of ramp, start of hold, end; in seconds.
    #[track_caller]
    fn check(steps: &[Step], expected: &[(u32, u64, u64, Option<u64>)]) {
        let found: Vec<_> = steps
            .iter()
            .map(|step| {
                let StepLoad::Users(users) = step.load else {
                    panic!("not users: {step:?}")
                };
                let end = step.end.map(|end| end.as_secs());
                (
                    users,
                    step.ramp_start.as_secs(),
                    step.hold_start.as_secs(),
                    end,
                )
            })
            .collect();
        assert_eq!(found, expected);
        assert!(
            steps
                .iter()
                .zip(0u16..)
                .all(|(step, index)| step.index == index)
        );
    }

    fn threads(users: u32, ramp_s: u64, delay_s: u64, duration_s: Option<u64>) -> LoadProfile {
        LoadProfile::Threads {
            users,
            ramp: seconds(ramp_s),
            iterations: None,
            duration: duration_s.map(seconds),
            delay: seconds(delay_s),
            delayed_start: false,
        }
    }

    #[test]
    fn three_thread_groups_stacked_on_each_other_are_three_steps() {
        let groups = [
            (threads(1000, 5, 0, Some(75)), Duration::ZERO),
            (threads(500, 5, 25, Some(50)), Duration::ZERO),
            (threads(500, 5, 50, Some(25)), Duration::ZERO),
        ];
        check(
            &combine_steps(&groups),
            &[
                (1000, 0, 5, Some(25)),
                (1500, 25, 30, Some(50)),
                (2000, 50, 55, Some(75)),
            ],
        );
    }

    #[test]
    fn own_steps_are_the_same_as_the_stacked_groups() {
        let profile = LoadProfile::Native(NativeLoad::UserSteps {
            levels: vec![1000, 1500, 2000],
            ramp: seconds(5),
            hold: seconds(20),
            start: Duration::ZERO,
            pacing: None,
        });
        check(
            &profile.steps(),
            &[
                (1000, 0, 5, Some(25)),
                (1500, 25, 30, Some(50)),
                (2000, 50, 55, Some(75)),
            ],
        );
    }

    #[test]
    fn a_load_that_only_iterations_end_has_one_step_without_end() {
        check(&threads(10, 5, 2, None).steps(), &[(10, 2, 7, None)]);
        check(&threads(10, 0, 0, None).steps(), &[(10, 0, 0, None)]);
        check(
            &combine_steps(&[
                (threads(10, 5, 0, None), seconds(0)),
                (threads(5, 0, 0, Some(30)), seconds(10)),
            ]),
            &[
                (10, 0, 5, Some(10)),
                (15, 10, 10, Some(40)),
                (10, 40, 40, None),
            ],
        );
    }

    #[test]
    fn a_ramp_that_nothing_holds_is_a_step_with_an_empty_hold() {
        let profile = LoadProfile::Native(NativeLoad::UserStages {
            from: 0,
            stages: [(100, 10), (200, 10), (200, 30), (0, 5)]
                .map(|(target, length_s)| LoadStage {
                    target,
                    duration: seconds(length_s),
                })
                .to_vec(),
            start: seconds(1),
            pacing: None,
        });
        check(
            &profile.steps(),
            &[(100, 1, 11, Some(11)), (200, 11, 21, Some(51))],
        );
    }

    #[test]
    fn a_jump_has_no_ramp() {
        let profile = LoadProfile::Native(NativeLoad::UserSteps {
            levels: vec![10, 20],
            ramp: Duration::ZERO,
            hold: seconds(5),
            start: Duration::ZERO,
            pacing: None,
        });
        check(
            &profile.steps(),
            &[(10, 0, 0, Some(5)), (20, 5, 5, Some(10))],
        );
    }

    #[test]
    fn rows_of_an_ultimate_group_add_up() {
        let row = |initial_delay_s, hold_s| UltimateNumbers {
            users: 50,
            initial_delay: seconds(initial_delay_s),
            startup: seconds(10),
            hold: seconds(hold_s),
            shutdown: seconds(10),
        };
        let profile = LoadProfile::Ultimate(vec![row(0, 60), row(5, 20)]);
        check(
            &profile.steps(),
            &[(100, 0, 15, Some(35)), (50, 35, 45, Some(70))],
        );
    }

    #[test]
    fn stairs_of_a_stepping_group() {
        let stepping = |stop_period_s| LoadProfile::Stepping {
            users: 30,
            initial_delay: Duration::ZERO,
            start_count: 10,
            start_burst: 10,
            start_period: seconds(20),
            ramp_up: seconds(5),
            flight_time: seconds(60),
            stop_count: 10,
            stop_period: seconds(stop_period_s),
        };
        let up = [
            (10, 0, 5, Some(25)),
            (20, 25, 30, Some(50)),
            (30, 50, 55, Some(115)),
        ];
        check(&stepping(1).steps(), &up);
        let down = [(20, 115, 115, Some(125)), (10, 125, 125, Some(135))];
        check(&stepping(10).steps(), &[&up[..], &down[..]].concat());
    }

    #[test]
    fn stairs_of_a_concurrency_group() {
        let profile = LoadProfile::Concurrency {
            target: 30,
            ramp_up: seconds(30),
            steps: 3,
            hold: seconds(60),
            iterations: None,
            steered: None,
        };
        check(
            &profile.steps(),
            &[
                (10, 0, 0, Some(10)),
                (20, 10, 10, Some(20)),
                (30, 20, 20, Some(90)),
            ],
        );
    }

    #[test]
    fn rates_have_steps_of_rates_and_users_win_over_them() {
        let rates = LoadProfile::Native(NativeLoad::RateSteps {
            levels: [50.0, 100.0]
                .into_iter()
                .filter_map(Rate::per_second)
                .collect(),
            ramp: seconds(1),
            hold: seconds(9),
            poisson: true,
            max_users: 10,
            start: Duration::ZERO,
        });
        let loads: Vec<StepLoad> = rates.steps().iter().map(|step| step.load).collect();
        assert_eq!(loads, [StepLoad::Rate(50.0), StepLoad::Rate(100.0)]);
        let mixed = [
            (rates, Duration::ZERO),
            (threads(10, 0, 0, Some(30)), Duration::ZERO),
        ];
        check(&combine_steps(&mixed), &[(10, 0, 0, Some(30))]);
    }

    #[test]
    fn loads_that_change_against_each_other_are_not_held() {
        let changing = |from, to| {
            LoadProfile::Native(NativeLoad::UserStages {
                from,
                stages: [(to, 10), (to, 10)]
                    .map(|(target, length_s)| LoadStage {
                        target,
                        duration: seconds(length_s),
                    })
                    .to_vec(),
                start: Duration::ZERO,
                pacing: None,
            })
        };
        check(
            &combine_steps(&[
                (changing(0, 5), Duration::ZERO),
                (changing(5, 0), Duration::ZERO),
            ]),
            &[(5, 0, 10, Some(20))],
        );
    }

    #[test]
    fn no_groups_have_no_steps() {
        assert_eq!(combine_steps(&[]), []);
    }

    fn any_closed() -> impl Strategy<Value = LoadProfile> {
        let staged =
            (0u32..5, prop::collection::vec((0u32..5, 0u64..4), 1..6)).prop_map(|(from, list)| {
                LoadProfile::Native(NativeLoad::UserStages {
                    from,
                    stages: list
                        .into_iter()
                        .map(|(target, length_s)| LoadStage {
                            target,
                            duration: seconds(length_s),
                        })
                        .collect(),
                    start: seconds(1),
                    pacing: None,
                })
            });
        let threads = (1u32..5, 0u64..4, 0u64..6, prop::option::of(1u64..6))
            .prop_map(|(users, ramp, delay, duration)| threads(users, ramp, delay, duration));
        prop_oneof![staged, threads]
    }

    proptest! {
        #[test]
        fn the_planned_load_is_constant_in_each_hold(
            groups in prop::collection::vec((any_closed(), 0u64..4), 1..4),
            share in 0.0f64..1.0,
        ) {
            let groups: Vec<_> =
                groups.into_iter().map(|(profile, offset)| (profile, seconds(offset))).collect();
            for step in combine_steps(&groups) {
                let end = step.end.unwrap_or(step.hold_start + seconds(100));
                prop_assert!(step.ramp_start <= step.hold_start && step.hold_start <= end);
                if step.hold_start == end {
                    continue;
                }
                let time = step.hold_start + (end - step.hold_start).mul_f64(share);
                let planned: u32 = groups
                    .iter()
                    .filter_map(|(profile, offset)| {
                        Some(profile.planned_users(time.checked_sub(*offset)?))
                    })
                    .sum();
                prop_assert_eq!(step.load, StepLoad::Users(planned));
            }
        }

        #[test]
        fn steps_follow_each_other(
            groups in prop::collection::vec((any_closed(), 0u64..4), 1..4),
        ) {
            let groups: Vec<_> =
                groups.into_iter().map(|(profile, offset)| (profile, seconds(offset))).collect();
            for pair in combine_steps(&groups).windows(2) {
                prop_assert!(pair[0].end.is_some_and(|end| end <= pair[1].ramp_start));
                prop_assert_eq!(pair[0].index + 1, pair[1].index);
            }
        }
    }
}
