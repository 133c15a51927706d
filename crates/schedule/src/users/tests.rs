use loadline_plan::{LoadStage, NativeLoad};
use proptest::prelude::*;

use super::*;

fn seconds(s: f64) -> Duration {
    Duration::from_secs_f64(s)
}

fn threads(users: u32, ramp_s: u64, delayed_start: bool) -> LoadProfile {
    LoadProfile::Threads {
        users,
        ramp: Duration::from_secs(ramp_s),
        iterations: Some(3),
        duration: Some(Duration::from_secs(60)),
        delay: Duration::from_secs(10),
        delayed_start,
    }
}

fn stages(from: u32, stages: &[(u32, f64)]) -> LoadProfile {
    LoadProfile::Native(NativeLoad::UserStages {
        from,
        stages: stages
            .iter()
            .map(|(target, length_s)| LoadStage {
                target: *target,
                duration: seconds(*length_s),
            })
            .collect(),
        start: Duration::ZERO,
        pacing: None,
    })
}

#[track_caller]
fn windows(profile: &LoadProfile) -> Vec<(f64, f64)> {
    profile
        .segment_windows(Segment::WHOLE)
        .map(|window| {
            let end = window.end.map_or(f64::INFINITY, |end| end.as_secs_f64());
            (window.start.as_secs_f64(), end)
        })
        .collect()
}

#[test]
fn threads_start_one_rounded_gap_apart_and_end_together() {
    assert_eq!(
        windows(&threads(3, 10, false)),
        [(10.0, 70.0), (13.333, 70.0), (16.666, 70.0)]
    );
}

#[test]
fn threads_created_when_due_reach_the_end_of_the_ramp() {
    assert_eq!(
        windows(&threads(3, 10, true)),
        [(10.0, 70.0), (15.0, 70.0), (20.0, 70.0)]
    );
}

#[test]
fn users_join_along_the_line_and_the_last_leaves_first() {
    let profile = stages(0, &[(2, 10.0), (2, 5.0), (0, 10.0)]);
    assert_eq!(windows(&profile), [(0.0, 25.0), (5.0, 20.0)]);
    assert_eq!(profile.duration(), Some(seconds(25.0)));
}

#[test]
fn users_that_left_do_not_come_back() {
    let profile = stages(1, &[(0, 10.0), (1, 0.0), (1, 5.0)]);
    assert_eq!(profile.user_count(), 2);
    assert_eq!(windows(&profile), [(0.0, 10.0), (10.0, 15.0)]);
}

#[test]
fn iterations_are_shared_by_the_group_and_split_with_it() {
    let profile = LoadProfile::Native(NativeLoad::UserIterations {
        users: 4,
        iterations: 10,
        each: false,
        ramp: seconds(4.0),
        start: seconds(1.0),
        pacing: None,
    });
    let starts: Vec<f64> = windows(&profile).iter().map(|(start, _)| *start).collect();
    assert_eq!(starts, [1.0, 2.0, 3.0, 4.0]);
    let parts: Vec<IterationBound> = (0..3)
        .filter_map(|index| Segment::new(index, 3))
        .filter_map(|part| profile.segment_windows(part).next())
        .map(|window| window.iterations)
        .collect();
    assert_eq!(
        parts,
        [
            IterationBound::Shared(4),
            IterationBound::Shared(3),
            IterationBound::Shared(3)
        ]
    );
}

/// Values computed by hand from the plugin's formulas.
#[test]
fn stepping_follows_the_plugin() {
    let profile = LoadProfile::Stepping {
        users: 5,
        initial_delay: seconds(1.0),
        start_count: 2,
        start_burst: 2,
        start_period: seconds(10.0),
        ramp_up: seconds(4.0),
        flight_time: seconds(20.0),
        stop_count: 3,
        stop_period: seconds(6.0),
    };
    // Two buckets follow the burst; the last holds one user.
    let descent = 1.0 + 2.0 * 14.0 + 2.0 + 20.0;
    assert_eq!(
        windows(&profile),
        [
            (1.0, descent),
            (3.0, descent),
            (15.0, descent),
            (17.0, descent + 6.0),
            (29.0, descent + 6.0),
        ]
    );
    assert_eq!(profile.duration(), Some(seconds(descent + 6.0)));
}

#[test]
fn the_first_user_of_an_ultimate_row_starts_last() {
    let row = UltimateNumbers {
        users: 2,
        initial_delay: seconds(5.0),
        startup: seconds(10.0),
        hold: seconds(30.0),
        shutdown: seconds(4.0),
    };
    assert_eq!(
        windows(&LoadProfile::Ultimate(vec![
            row,
            UltimateNumbers { users: 1, ..row }
        ])),
        [(15.0, 49.0), (10.0, 47.0), (15.0, 49.0)]
    );
}

#[test]
fn concurrency_rounds_to_the_nearest_user_or_climbs_stairs() {
    let concurrency = |steps| LoadProfile::Concurrency {
        target: 4,
        ramp_up: seconds(8.0),
        steps,
        hold: seconds(10.0),
        iterations: Some(2),
        steered: None,
    };
    let starts = |steps| -> Vec<f64> {
        windows(&concurrency(steps))
            .iter()
            .map(|(start, _)| *start)
            .collect()
    };
    assert_eq!(starts(0), [1.0, 3.0, 5.0, 7.0]);
    assert_eq!(starts(2), [0.0, 0.0, 4.0, 4.0]);
    let window = concurrency(0).user_window(0).unwrap();
    assert!(window.is_replaced);
    assert_eq!(window.end, Some(seconds(18.0)));
}

fn any_profile() -> impl Strategy<Value = LoadProfile> {
    let staged =
        (0u32..8, prop::collection::vec((0u32..8, 0u64..5_000), 1..6)).prop_map(|(from, list)| {
            LoadProfile::Native(NativeLoad::UserStages {
                from,
                stages: list
                    .into_iter()
                    .map(|(target, ms)| LoadStage {
                        target,
                        duration: Duration::from_millis(ms),
                    })
                    .collect(),
                start: Duration::from_millis(300),
                pacing: None,
            })
        });
    let steps = (
        prop::collection::vec(0u32..8, 1..5),
        0u64..3_000,
        1u64..3_000,
    )
        .prop_map(|(levels, ramp_ms, hold_ms)| {
            LoadProfile::Native(NativeLoad::UserSteps {
                levels,
                ramp: Duration::from_millis(ramp_ms),
                hold: Duration::from_millis(hold_ms),
                start: Duration::ZERO,
                pacing: None,
            })
        });
    let concurrency = (0u32..9, 0u64..3_000, 0u32..12, 0u64..3_000).prop_map(
        |(target, ramp_ms, steps, hold_ms)| LoadProfile::Concurrency {
            target,
            ramp_up: Duration::from_millis(ramp_ms),
            steps,
            hold: Duration::from_millis(hold_ms),
            iterations: None,
            steered: None,
        },
    );
    prop_oneof![staged, steps, concurrency]
}

proptest! {
    #[test]
    fn planned_users_are_the_windows_that_hold_the_instant(
        profile in any_profile(),
        time_us in 0u64..20_000_000,
    ) {
        let time = Duration::from_micros(time_us);
        let counted = profile
            .segment_windows(Segment::WHOLE)
            .filter(|window| window.start <= time && window.end.is_none_or(|end| time < end))
            .count();
        prop_assert_eq!(profile.planned_users(time) as usize, counted);
    }

    #[test]
    fn windows_begin_before_they_end_and_end_with_the_load(profile in any_profile()) {
        for window in profile.segment_windows(Segment::WHOLE) {
            prop_assert!(window.end.is_some_and(|end| window.start <= end));
            prop_assert!(window.end <= profile.duration());
        }
    }

    #[test]
    fn parts_of_a_split_run_the_users_of_the_whole(profile in any_profile(), count in 1u32..5) {
        let key = |window: &UserWindow| (window.start, window.end);
        let mut parts: Vec<_> = (0..count)
            .filter_map(|index| Segment::new(index, count))
            .flat_map(|part| profile.segment_windows(part).map(|w| key(&w)).collect::<Vec<_>>())
            .collect();
        let mut whole: Vec<_> =
            profile.segment_windows(Segment::WHOLE).map(|w| key(&w)).collect();
        parts.sort_unstable();
        whole.sort_unstable();
        prop_assert_eq!(parts, whole);
    }
}
