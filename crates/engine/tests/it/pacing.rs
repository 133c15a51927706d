//! Timers that look at other samples: paces, and users that wait for each other.

use std::time::Duration;

use loadline_plan::{
    Element, ElementKind, SynchronizingTimer, ThroughputBasis, ThroughputTimer, Timer,
};

use crate::plan::*;
use crate::world::*;

fn timer(timer: Timer) -> Element {
    element("timer", ElementKind::Timer(timer), Vec::new())
}

fn pace(per_minute: &str, basis: ThroughputBasis) -> Element {
    timer(Timer::Throughput(ThroughputTimer {
        per_minute: per_minute.into(),
        basis,
    }))
}

fn together(group_size: &str, timeout_ms: &str) -> Element {
    timer(Timer::Synchronizing(SynchronizingTimer {
        group_size: group_size.into(),
        timeout_ms: timeout_ms.into(),
    }))
}

#[test]
fn a_pace_holds_a_user_back_from_its_second_sample_on() {
    let body = vec![pace("60", ThroughputBasis::User), get("a"), get("b")];
    let ran = World::new(plan(vec![group(threads(2, 0, 2), body)])).run();
    assert_eq!(ran.times_of(0), [0, 1000, 2000, 3000]);
    assert_eq!(ran.times_of(1), [0, 1000, 2000, 3000]);
}

#[test]
fn a_pace_is_not_caught_up_with() {
    let slow = |seen: &Seen| ok(if seen.at_ms == 1000 { 2500 } else { 100 });
    let body = vec![pace("60", ThroughputBasis::User), get("a")];
    let ran = World::new(plan(vec![group(threads(1, 0, 4), body)]))
        .answer(slow)
        .run();
    assert_eq!(ran.times_of(0), [0, 1000, 3500, 4500]);
}

#[test]
fn running_users_each_keep_their_part_of_a_pace() {
    let times = |basis| {
        let body = vec![pace("60", basis), get("a")];
        let others = group(threads(2, 0, 1), vec![pause(60_000), get("b")]);
        let ran = World::new(plan(vec![group(threads(2, 0, 3), body), others])).run();
        assert_eq!(ran.times_of(0), ran.times_of(1));
        ran.times_of(0)
    };
    assert_eq!(times(ThroughputBasis::Group), [0, 2000, 4000]);
    assert_eq!(times(ThroughputBasis::AllUsers), [0, 4000, 8000]);
}

#[test]
fn users_take_turns_in_a_shared_schedule() {
    let run = |basis| {
        let group = || group(threads(1, 0, 3), vec![pace("60", basis), get("a")]);
        let ran = World::new(plan(vec![group(), group()])).run();
        [ran.times_of(0), ran.times_of(1)]
    };
    // First samples take their turn without waiting for it, as in JMeter.
    let expected = [[0, 1900, 3900], [0, 2900, 4900]];
    assert_eq!(run(ThroughputBasis::AllUsersShared), expected);
    let alone = [0, 900, 1900];
    assert_eq!(run(ThroughputBasis::GroupShared), [alone, alone]);
}

#[test]
fn many_users_keep_a_shared_pace_together() {
    let body = vec![pace("600", ThroughputBasis::AllUsersShared), get("a")];
    let ran = World::new(plan(vec![group(users_for(20, 60), body)])).run();
    // 10 each second, and the 20 first ones.
    let count = ran.plain().len();
    assert!((590..=620).contains(&count), "{count}");
}

#[test]
fn a_pace_may_be_a_variable_and_a_pace_of_none_lets_nobody_through_twice() {
    let body = vec![pace("${pace}", ThroughputBasis::User), get("a")];
    let run = |value| {
        let mut test = plan(vec![group(users_for(1, 5), body.clone())]);
        test.variables = vec![variable("pace", value, 0)];
        World::new(test).run().times_of(0)
    };
    assert_eq!(run("30"), [0, 2000, 4000]);
    assert_eq!(run("0"), [0]);
}

#[test]
fn users_go_on_together_when_enough_wait() {
    let run = |size, users, ramp| {
        let body = vec![together(size, "0"), get("a")];
        let ran = World::new(plan(vec![group(threads(users, ramp, 2), body)])).run();
        for sample in ran.plain() {
            assert_eq!(sample.start_delay_us, 0);
        }
        (0..users)
            .map(|user| ran.times_of(user))
            .collect::<Vec<_>>()
    };
    assert_eq!(run("3", 3, 3), [[2000, 2100]; 3]);
    assert_eq!(run("0", 3, 3), [[2000, 2100]; 3]);
    assert_eq!(
        run("2", 4, 4),
        [[1000, 1100], [1000, 1100], [3000, 3100], [3000, 3100]]
    );
    assert_eq!(run("-1", 2, 2), [[0, 100], [1000, 1100]]);
}

#[test]
fn all_who_wait_go_on_when_one_has_waited_for_too_long() {
    let body = vec![together("3", "700"), get("a")];
    let ran = World::new(plan(vec![group(threads(2, 1, 1), body)])).run();
    assert_eq!(ran.starts(), [700, 700]);
}

#[test]
fn other_timers_wait_behind_the_meeting() {
    let body = vec![think(50), together("2", "0"), get("a")];
    let ran = World::new(plan(vec![group(threads(2, 2, 1), body)])).run();
    assert_eq!(ran.starts(), [1050, 1050]);
}

#[test]
fn users_who_wait_end_with_the_load_and_with_a_stop() {
    let world = || {
        let body = vec![together("3", "0"), get("a")];
        World::new(plan(vec![group(users_for(2, 5), body)]))
    };
    let ran = world().run();
    assert_eq!((ran.report.samples, ran.report.ended_at), (0, at(5000)));
    let ran = world()
        .after(Duration::from_secs(1), |control| {
            control.stop(loadline_events::StopReason::Limit);
        })
        .run();
    assert_eq!((ran.report.samples, ran.report.ended_at), (0, at(1000)));
}

#[test]
fn a_factor_stretches_drawn_delays_only() {
    let body = vec![
        think(100),
        pace("60", ThroughputBasis::User),
        get("a"),
        pause(10),
        get("b"),
    ];
    let ran = World::new(plan(vec![group(threads(1, 0, 1), body)]))
        .property("timer.factor", "2.5")
        .run();
    // a: 250; the pause at 350: 250 + 900 + 10; b: its own 250, as its turn comes at 2000.
    assert_eq!(ran.times_of(0), [250, 2250]);
}
