//! JMeter's thread groups with arrivals: Open Model, Arrivals and Free-Form Arrivals.

use loadline_plan::{ArrivalRow, ArrivalUsers, Controller, Load};

use crate::plan::*;
use crate::world::*;

fn open_model(schedule: &str, random_seed: &str) -> Load {
    Load::OpenModel {
        schedule: schedule.into(),
        random_seed: random_seed.into(),
    }
}

/// So many arrivals a second for `hold` seconds.
fn arrivals(target: &str, hold: &str, limit: &str, iterations: &str) -> Load {
    Load::Arrivals {
        target: target.into(),
        ramp_up: "".into(),
        steps: "".into(),
        hold: hold.into(),
        users: ArrivalUsers {
            limit: limit.into(),
            iterations: iterations.into(),
        },
        minutes: false,
    }
}

fn intended(ran: &Ran) -> Vec<u64> {
    let mut times: Vec<u64> = ran.plain().iter().map(intended_ms).collect();
    times.sort_unstable();
    times
}

#[test]
fn a_schedule_may_hold_variables_and_pauses() {
    let load = open_model(
        "rate(${rate}/s) even_arrivals(1 s) pause(1 s) even_arrivals(500 ms)",
        "0",
    );
    let mut test = plan(vec![group(load, vec![get("a")])]);
    test.variables = vec![variable("rate", "4", 0)];
    let ran = World::new(test).run();
    assert_eq!(intended(&ran), [0, 250, 500, 750, 2000, 2250]);
}

#[test]
fn random_arrivals_with_a_seed_are_those_of_jmeter() {
    let load = || open_model("rate(5/s) random_arrivals(2 s)", "42");
    let ran = World::new(plan(vec![group(load(), vec![get("a")])])).run();
    // Twice the first ten numbers of `new java.util.Random(42).nextDouble()`, in order.
    let expected = [551, 554, 617, 737, 927, 1331, 1366, 1455, 1565, 1806];
    assert_eq!(intended(&ran), expected);
    let mut parts: Vec<u64> = (0..3)
        .flat_map(|index| {
            let world = World::new(plan(vec![group(load(), vec![get("a")])]));
            intended(&world.segment(index, 3).run())
        })
        .collect();
    parts.sort_unstable();
    assert_eq!(parts, expected);
}

#[test]
fn random_arrivals_without_a_seed_follow_the_runs() {
    let run = |seed, index, count| {
        let load = open_model("rate(0) random_arrivals(10 s) rate(20/s)", "0");
        let world = World::new(plan(vec![group(load, vec![get("a")])])).seed(seed);
        intended(&world.segment(index, count).run())
    };
    let whole = run(1, 0, 1);
    assert_eq!(whole.len(), 100);
    assert_eq!(run(1, 0, 1), whole);
    assert_ne!(run(2, 0, 1), whole);
    let mut parts = [run(1, 0, 2), run(1, 1, 2)].concat();
    parts.sort_unstable();
    assert_eq!(parts, whole);
}

#[test]
fn each_arrival_of_an_open_model_is_a_new_user() {
    let once = controller("once", Controller::OnceOnly, vec![get("login")]);
    let body = vec![once, get("${__threadNum}")];
    let load = open_model("rate(1/s) even_arrivals(3 s)", "0");
    let ran = World::new(plan(vec![group(load, body)])).run();
    assert_eq!(ran.paths_of(0), "login 1 login 2 login 3");
}

#[test]
fn samples_are_cut_off_at_the_end_of_the_schedule() {
    let load = |schedule| open_model(schedule, "0");
    let run = |schedule| {
        World::new(plan(vec![group(load(schedule), vec![get("a"), get("b")])]))
            .answer(|_| ok(700))
            .run()
    };
    // The second arrival comes at 500 ms; nothing is left of the schedule at 1 s.
    let ran = run("rate(2/s) even_arrivals(1 s)");
    assert_eq!((ran.report.samples, ran.report.censored), (3, 2));
    assert_eq!(ran.report.ended_at, at(1000));
    let ran = run("rate(2/s) even_arrivals(1 s) pause(1 min)");
    assert_eq!((ran.report.samples, ran.report.censored), (4, 0));
}

#[test]
fn a_schedule_that_cannot_be_read_is_an_error() {
    let load = open_model("rate(5)", "0");
    let errors = World::new(plan(vec![group(load, vec![get("a")])]))
        .try_prepared()
        .unwrap_err();
    assert_eq!(errors[0].code, "invalid-schedule");
}

#[test]
fn users_of_arrivals_are_used_again_up_to_their_iterations() {
    let once = || controller("once", Controller::OnceOnly, vec![get("login")]);
    let run = |iterations| {
        let load = arrivals("1", "4", "", iterations);
        let ran = World::new(plan(vec![group(load, vec![once(), get("a")])])).run();
        ran.paths_of(0)
    };
    assert_eq!(run(""), "login a a a a");
    assert_eq!(run("3"), "login a a a login a");
}

#[test]
fn an_arrival_that_finds_all_users_at_work_is_dropped() {
    let load = arrivals("10", "1", "2", "");
    let ran = World::new(plan(vec![group(load, vec![get("a")])]))
        .answer(|_| ok(250))
        .run();
    assert_eq!(intended(&ran), [0, 100, 300, 400, 600, 700, 900]);
    assert_eq!(ran.report.arrivals_missed, 3);
}

#[test]
fn iterations_under_way_end_behind_the_load() {
    let load = arrivals("1", "1", "", "");
    let ran = World::new(plan(vec![group(load, vec![get("a"), get("b")])]))
        .answer(|_| ok(900))
        .run();
    assert_eq!(ran.paths_of(0), "a b");
    assert_eq!(ran.report.censored, 0);
}

#[test]
fn a_free_form_follows_its_rows() {
    let row = |start: &str, end: &str, duration: &str| ArrivalRow {
        start: start.into(),
        end: end.into(),
        duration: duration.into(),
    };
    let load = Load::FreeFormArrivals {
        rows: vec![row("120", "120", "0.05"), row("60", "240", "0.05")],
        users: ArrivalUsers {
            limit: "".into(),
            iterations: "".into(),
        },
        minutes: true,
    };
    let ran = World::new(plan(vec![group(load, vec![get("a")])])).run();
    // 2/s for 3 s, then from 1/s to 4/s: the gap is that of the rate at the arrival before it.
    assert_eq!(
        intended(&ran),
        [
            0, 500, 1000, 1500, 2000, 2500, 3000, 3500, 4166, 4628, 5008, 5341, 5640, 5915
        ]
    );
}
