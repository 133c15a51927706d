//! Closed loads: users, iterations, their schedule.

use std::time::Duration;

use loadline_events::StepId;
use loadline_plan::{Load, LoopCount, NativeLoad, ScheduledThreads};

use crate::plan::*;
use crate::world::*;

#[test]
fn throughput_follows_the_response_time_law() {
    // N / (R + Z) = 20 / (100 ms + 900 ms) = 20/s.
    let body = vec![get("a"), think(900)];
    let ran = World::new(plan(vec![group(users_for(20, 60), body)])).run();
    let samples = ran.plain();
    assert_eq!(samples.len(), 20 * 60);
    assert!(samples.iter().all(|sample| sample.service_us == 100_000));
    assert!(samples.iter().all(|sample| sample.start_delay_us == 0));
}

#[test]
fn a_sampler_without_a_sample_leaves_none() {
    let world = World::new(plan(vec![group(
        threads(1, 0, 2),
        vec![get("a"), get("b")],
    )]));
    let ran = world.answer(|seen| Answer {
        status: if seen.path.ends_with('a') {
            NO_SAMPLE
        } else {
            200
        },
        ..ok(100)
    });
    let ran = ran.run();
    // The second one still waits for the first.
    let intended: Vec<u64> = ran.plain().iter().map(intended_ms).collect();
    assert_eq!(intended, [100, 300]);
    assert_eq!(ran.report.censored, 0);
}

#[test]
fn users_of_a_thread_group_start_on_its_ramp() {
    let ran = World::new(plan(vec![group(threads(4, 10, 1), vec![get("a")])])).run();
    assert_eq!(ran.starts(), [0, 2500, 5000, 7500]);
}

#[test]
fn a_duration_ends_a_thread_group_without_cutting_a_sample() {
    let load = Load::Threads {
        users: text(1),
        ramp_s: text(0),
        loops: LoopCount::Forever,
        scheduled: Some(ScheduledThreads {
            duration_s: text(1),
            delay_s: text(2),
        }),
        delayed_start: false,
    };
    let world = World::new(plan(vec![group(load, vec![get("a")])])).answer(|_| ok(400));
    let ran = world.run();
    assert_eq!(ran.times_of(0), [2000, 2400, 2800]);
    assert_eq!(ran.plain()[2].ended(), at(3200));
    assert_eq!(ran.report.censored, 0);
}

#[test]
fn a_timer_that_would_end_after_the_end_is_not_slept() {
    let body = vec![get("a"), think(700)];
    let ran = World::new(plan(vec![group(users_for(1, 2), body)])).run();
    // 700, then 800 + 700 = 1500; 1600 + 700 is too late, and the run ends at once.
    assert_eq!(ran.times_of(0), [700, 1500]);
    assert_eq!(ran.report.ended_at, at(1600));
}

#[test]
fn iterations_are_counted_for_each_user_or_shared() {
    let load = |each| {
        Load::Native(NativeLoad::UserIterations {
            users: 3,
            iterations: 7,
            each,
            ramp: Duration::ZERO,
            start: Duration::ZERO,
            pacing: None,
        })
    };
    let count = |each| {
        let ran = World::new(plan(vec![group(load(each), vec![get("a")])])).run();
        ran.seen.len()
    };
    assert_eq!(count(true), 21);
    assert_eq!(count(false), 7);
}

#[test]
fn loads_take_their_numbers_from_properties() {
    let load = Load::Threads {
        users: text("${__P(users,1)}"),
        ramp_s: text(0),
        loops: LoopCount::Times(text("${__P(loops,1)}")),
        scheduled: None,
        delayed_start: false,
    };
    let world = World::new(plan(vec![group(load, vec![get("a")])]));
    let ran = world.property("users", "3").property("loops", "2").run();
    assert_eq!(ran.seen.len(), 6);
}

#[test]
fn steps_count_their_users_and_samples_know_their_step() {
    let load = Load::Native(NativeLoad::UserSteps {
        levels: vec![2, 4],
        ramp: Duration::ZERO,
        hold: Duration::from_secs(10),
        start: Duration::ZERO,
        pacing: None,
    });
    let world = World::new(plan(vec![group(load, vec![get("a")])])).answer(|_| ok(1000));
    let ran = world.run();
    let of_step = |step| {
        ran.plain()
            .iter()
            .filter(|sample| sample.step == StepId(step))
            .count()
    };
    assert_eq!((of_step(0), of_step(1)), (20, 40));
    let users: Vec<u32> = ran
        .seconds
        .iter()
        .map(|second| second.users_running)
        .collect();
    assert_eq!((users[5], users[15]), (2, 4));
}

#[test]
fn user_stages_add_and_remove_users() {
    let stage = |target, seconds| loadline_plan::LoadStage {
        target,
        duration: Duration::from_secs(seconds),
    };
    let load = Load::Native(NativeLoad::UserStages {
        from: 0,
        stages: vec![stage(4, 4), stage(4, 4), stage(0, 4)],
        start: Duration::ZERO,
        pacing: None,
    });
    let ran = World::new(plan(vec![group(load, vec![get("a")])])).run();
    let users: Vec<u32> = ran
        .seconds
        .iter()
        .map(|second| second.users_running)
        .collect();
    assert_eq!(users[6], 4);
    assert!(users[1] < 4 && users[10] < 4, "{users:?}");
    assert_eq!(ran.starts(), [0, 1000, 2000, 3000]);
}

#[test]
fn a_group_without_samplers_ends_at_once() {
    let ran = World::new(plan(vec![group(users_for(5, 60), Vec::new())])).run();
    assert_eq!(ran.report.ended_at, at(0));
}

#[test]
fn a_user_behind_its_pace_is_no_lag_of_the_generator() {
    let load = Load::Native(NativeLoad::UserSteps {
        levels: vec![1],
        hold: Duration::from_secs(3),
        ramp: Duration::ZERO,
        start: Duration::ZERO,
        pacing: Some(Duration::from_millis(100)),
    });
    let stalled = |seen: &Seen| if seen.at_ms == 1000 { ok(1000) } else { ok(10) };
    let ran = World::new(plan(vec![group(load, vec![get("a")])]))
        .answer(stalled)
        .run();
    let after_stall = ran.plain()[11];
    assert_eq!(after_stall.start_delay_us, 900_000);
    assert_eq!(after_stall.response_us(), 910_000);
    assert!(ran.plain().iter().all(|sample| sample.lag_us() == 0));
}

#[test]
fn users_of_a_concurrency_group_finish_their_iteration() {
    let load = Load::Concurrency {
        target: text(1),
        ramp_up: "".into(),
        steps: "".into(),
        hold: text(1),
        iterations: "".into(),
        minutes: false,
    };
    let body = vec![get("a"), get("b"), get("c")];
    let ran = World::new(plan(vec![group(load, body)]))
        .answer(|_| ok(300))
        .run();
    assert_eq!(ran.paths_of(0), "a b c a b c");
}
