//! Timers that keep a schedule: Precise Throughput Timer and Throughput Shaping Timer.

use loadline_events::SampleFlags;
use loadline_plan::{
    Element, ElementKind, Load, PreciseThroughputTimer, ShapingTimer, ShapingTimerRow, Stage, Timer,
};

use crate::plan::*;
use crate::world::*;

fn timer(timer: Timer) -> Element {
    element("timer", ElementKind::Timer(timer), Vec::new())
}

/// So many samples a second, with the exact number in each `duration_s` seconds.
fn precise(throughput: &str, duration_s: &str, batch_size: &str, seed: &str) -> Element {
    timer(Timer::Precise(PreciseThroughputTimer {
        throughput: throughput.into(),
        period_s: "1".into(),
        duration_s: duration_s.into(),
        batch_size: batch_size.into(),
        random_seed: seed.into(),
    }))
}

fn shaping(rows: &[(&str, &str, &str)]) -> Element {
    let rows = rows.iter().map(|(start, end, duration_s)| ShapingTimerRow {
        start: (*start).into(),
        end: (*end).into(),
        duration_s: (*duration_s).into(),
    });
    timer(Timer::Shaping(ShapingTimer {
        name: "shape".into(),
        rows: rows.collect(),
    }))
}

fn intended(ran: &Ran) -> Vec<u64> {
    let mut times: Vec<u64> = ran.plain().iter().map(intended_ms).collect();
    times.sort_unstable();
    times
}

#[test]
fn users_take_the_times_of_a_precise_timer_in_turn() {
    let body = vec![precise("2.5", "2", "1", "42"), get("a")];
    let ran = World::new(plan(vec![group(threads(3, 0, 3), body)])).run();
    // The numbers of `new java.util.Random(42).nextDouble()`, five in each two seconds.
    let expected = [554, 617, 1331, 1366, 1455, 2551, 2737, 2927, 3565];
    assert_eq!(intended(&ran), expected);
    let is_good = |sample: &loadline_events::Sample| {
        // Virtual time goes on by whole milliseconds.
        sample.start_delay_us < 1000 && sample.flags.contains(SampleFlags::SCHEDULED)
    };
    assert!(ran.plain().iter().all(is_good));
}

#[test]
fn a_time_that_no_user_was_free_for_is_caught_up_with() {
    let body = vec![precise("2.5", "2", "1", "42"), get("a")];
    let ran = World::new(plan(vec![group(threads(1, 0, 5), body)]))
        .answer(|_| ok(500))
        .run();
    assert_eq!(intended(&ran), [554, 617, 1331, 1366, 1455]);
    assert_eq!(ran.times_of(0), [555, 1055, 1555, 2055, 2555]);
    let last = ran.plain()[4];
    assert_eq!((last.user_wait_us / 1000, last.lag_us()), (1099, 0));
    assert_eq!(last.service_us, 500_000);
}

#[test]
fn a_precise_timer_keeps_its_throughput_and_ends_users_with_their_group() {
    let body = vec![precise("${rate}", "10", "1", "0"), get("a")];
    let run = |seed| {
        let mut test = plan(vec![group(users_for(20, 30), body.clone())]);
        test.variables = vec![variable("rate", "10", 0)];
        World::new(test).seed(seed).run()
    };
    let ran = run(1);
    let times = intended(&ran);
    for period in 0..3 {
        let of_period = times.iter().filter(|ms| **ms / 10_000 == period).count();
        assert_eq!(of_period, 100, "period {period}");
    }
    // The last sample is finished.
    assert!((at(30_000)..at(30_100)).contains(&ran.report.ended_at));
    assert_eq!(intended(&run(1)), times);
    assert_ne!(intended(&run(2)), times);
}

#[test]
fn a_precise_timer_without_a_rate_gives_no_sample() {
    let body = vec![precise("0", "10", "1", "0"), get("a")];
    let ran = World::new(plan(vec![group(users_for(1, 1), body)])).run();
    assert_eq!(ran.report.samples, 0);
    let fault = ran.report.faults.keys().next().unwrap();
    assert!(fault.contains("rate of 0"), "{fault}");
}

#[test]
fn a_shape_spaces_samples_of_all_users_and_ends_the_group() {
    let shaped = || shaping(&[("2", "4", "2"), ("1", "1", "1")]);
    let tear_down = {
        let mut group = group(threads(1, 0, 1), vec![get("after")]);
        group.stage = Stage::TearDown;
        group
    };
    let test = plan(vec![
        group(threads(5, 0, 100), vec![shaped(), get("a")]),
        tear_down,
    ]);
    let ran = World::new(test).run();
    // The rate of a second is that at its beginning; the profile lasts a second longer than it says.
    assert_eq!(
        intended(&ran),
        [0, 500, 1000, 1333, 1666, 2000, 2250, 2500, 2750, 3000, 4000]
    );
    assert_eq!(ran.report.main_ended_at, Some(at(4000)));
    // The test was not stopped: tear-down groups run.
    assert_eq!(ran.paths_of(5), "after");
    assert!(ran.plain().iter().all(|sample| sample.lag_us() < 1000));
}

#[test]
fn a_shape_at_plan_level_counts_the_samples_of_all_groups() {
    let mut test = plan(vec![
        group(threads(2, 0, 100), vec![get("a")]),
        group(threads(2, 0, 100), vec![get("b")]),
    ]);
    test.children = vec![shaping(&[("4", "4", "1")])];
    let ran = World::new(test).run();
    assert_eq!(intended(&ran), [0, 250, 500, 750, 1000, 1250, 1500, 1750]);
}

#[test]
fn starts_that_nobody_takes_are_lost() {
    let body = vec![shaping(&[("10", "10", "3")]), get("a")];
    let ran = World::new(plan(vec![group(threads(1, 0, 100), body)]))
        .answer(|_| ok(400))
        .run();
    // One user makes no more than 2.5 samples a second.
    assert_eq!(
        ran.times_of(0),
        [0, 400, 800, 1200, 1600, 2000, 2400, 2800, 3200, 3600]
    );
}

#[test]
fn a_property_takes_the_place_of_the_rows_and_figures_are_told() {
    let body = vec![
        shaping(&[("100", "100", "100")]),
        get("${__P(shape_rps)}-${__P(shape_cntSent)}-${__P(shape_totalDuration)}"),
    ];
    let ran = World::new(plan(vec![group(threads(1, 0, 100), body)]))
        .property("load_profile", "const(2,1s)")
        .run();
    assert_eq!(ran.paths_of(0), "2.0-0-1 2.0-0-1 2.0-2-1 2.0-2-1");
}

#[test]
fn users_follow_what_a_shape_needs() {
    let load = |most: &str| Load::Concurrency {
        target: format!("${{__tstFeedback(shape,1,{most},2)}}").into(),
        ramp_up: "".into(),
        steps: "".into(),
        hold: "30".into(),
        iterations: "".into(),
        minutes: false,
    };
    let run = |most| {
        let body = vec![shaping(&[("10", "10", "20")]), get("a")];
        World::new(plan(vec![group(load(most), body)]))
            .answer(|_| ok(950))
            .run()
    };
    // Each user makes one sample a second, so ten are needed.
    let ran = run("50");
    let in_second = |second: u64| {
        let times = intended(&ran);
        times.iter().filter(|ms| **ms / 1000 == second).count()
    };
    assert_eq!(in_second(0), 2);
    assert!((9..=10).contains(&in_second(18)), "{}", in_second(18));
    let users = ran.plain().iter().map(|sample| sample.user).max().unwrap() + 1;
    // It adds users by what is lacking, and takes the idle ones away again.
    assert!((10..=20).contains(&users), "{users}");
    // The shape ends the group before its hold does.
    assert!(ran.report.ended_at <= at(23_000));
    let few = run("4");
    let users = few.plain().iter().map(|sample| sample.user).max().unwrap() + 1;
    assert_eq!(users, 4);
    assert!(few.report.faults.is_empty(), "{:?}", few.report.faults);
}

#[test]
fn users_end_when_a_shape_needs_fewer() {
    let load = Load::Concurrency {
        target: "${__tstFeedback(shape,10,50,1)}".into(),
        ramp_up: "".into(),
        steps: "".into(),
        hold: "30".into(),
        iterations: "".into(),
        minutes: false,
    };
    let body = vec![shaping(&[("2", "2", "20")]), get("a")];
    let ran = World::new(plan(vec![group(load, body)])).run();
    let late = |sample: &&loadline_events::Sample| intended_ms(sample) > 12_000;
    let users: std::collections::BTreeSet<u32> = (ran.plain().iter())
        .filter(late)
        .map(|sample| sample.user)
        .collect();
    assert!(users.len() <= 3, "{users:?}");
    assert_eq!(ran.report.samples, 42);
}
