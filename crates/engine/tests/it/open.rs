//! Open loads: arrivals come when the schedule says, whatever the server does.

use loadline_events::SampleFlags;

use crate::plan::*;
use crate::world::*;

#[test]
fn arrivals_are_evenly_spaced() {
    let ran = World::new(plan(vec![group(
        rate_for(10.0, 2, false, 100),
        vec![get("a")],
    )]))
    .run();
    let times: Vec<u64> = ran.plain().iter().map(intended_ms).collect();
    assert_eq!(times, (0..20).map(|k| k * 100).collect::<Vec<_>>());
    assert_eq!(ran.sum(|second| second.arrivals_offered), 20);
    assert_eq!(ran.sum(|second| second.arrivals_started), 20);
    assert!(
        ran.plain()
            .iter()
            .all(|sample| sample.flags.contains(SampleFlags::SCHEDULED))
    );
}

#[test]
fn a_stall_moves_no_arrival_and_shows_in_response_times() {
    // One user at most; the server stalls for a second from 1 s on.
    let stalled = |seen: &Seen| if seen.at_ms == 1000 { ok(1000) } else { ok(10) };
    let load = rate_for(10.0, 4, false, 1);
    let ran = World::new(plan(vec![group(load, vec![get("a")])]))
        .answer(stalled)
        .run();
    let samples = ran.plain();
    assert_eq!(samples.len(), 40);
    let intended: Vec<u64> = samples.iter().map(intended_ms).collect();
    assert_eq!(intended, (0..40).map(|k| k * 100).collect::<Vec<_>>());
    let after_stall = samples[11];
    assert_eq!(after_stall.user_wait_us, 900_000);
    assert_eq!(after_stall.lag_us(), 0);
    assert_eq!(after_stall.response_us(), 910_000);
    assert_eq!(after_stall.service_us, 10_000);
    assert_eq!(
        samples[39].response_us(),
        10_000,
        "the backlog is worked off"
    );
}

#[test]
fn users_are_added_as_needed_and_reused() {
    let world = World::new(plan(vec![group(
        rate_for(10.0, 10, false, 100),
        vec![get("a")],
    )]));
    let ran = world.answer(|_| ok(450)).run();
    let users = ran.plain().iter().map(|sample| sample.user).max().unwrap() + 1;
    assert_eq!(users, 5, "Little's law: 10/s × 0.45 s, rounded up");
    assert!(ran.plain().iter().all(|sample| sample.start_delay_us == 0));
}

#[test]
fn only_the_first_sample_of_an_iteration_is_scheduled() {
    let body = vec![get("a"), get("b"), think(20)];
    let ran = World::new(plan(vec![group(rate_for(1.0, 1, false, 10), body)])).run();
    let [first, second] = ran.plain()[..] else {
        panic!("two samples")
    };
    assert!(first.flags.contains(SampleFlags::SCHEDULED));
    assert!(!second.flags.contains(SampleFlags::SCHEDULED));
    assert_eq!((intended_ms(&first), intended_ms(&second)), (20, 140));
}

#[test]
fn random_arrivals_have_the_planned_rate_and_exponential_gaps() {
    let load = rate_for(50.0, 200, true, 1000);
    let ran = World::new(plan(vec![group(load, vec![get("a")])]))
        .answer(|_| ok(1))
        .run();
    let times: Vec<f64> = ran
        .plain()
        .iter()
        .map(|s| s.intended.as_secs_f64())
        .collect();
    // Expected 10,000, standard deviation 100.
    assert!((9_600..10_400).contains(&times.len()), "{}", times.len());
    let gaps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
    let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64;
    let variation = variance.sqrt() / mean;
    assert!((0.95..1.05).contains(&variation), "{variation}");
}

#[test]
fn what_ends_a_user_ends_only_its_arrival() {
    let mut stopping = group(rate_for(10.0, 1, false, 1), vec![get("bad"), get("never")]);
    stopping.on_sample_error = loadline_plan::OnSampleError::StopThread;
    let ran = World::new(plan(vec![stopping]))
        .answer(|_| failed(10))
        .run();
    assert_eq!(ran.seen.len(), 10);
    assert!(ran.seen.iter().all(|seen| seen.path == "/bad"));
}

#[test]
fn each_arrival_of_a_jmeter_plan_is_a_new_user() {
    let once = controller(
        "once",
        loadline_plan::Controller::OnceOnly,
        vec![get("login")],
    );
    let mut test = plan(vec![group(
        rate_for(1.0, 2, false, 1),
        vec![once, get("a")],
    )]);
    assert_eq!(
        World::new(test.clone()).run().paths_of(0),
        "login a login a"
    );
    test.source = loadline_plan::PlanSource::Yaml;
    assert_eq!(World::new(test).run().paths_of(0), "login a a");
}

#[test]
fn arrivals_do_not_depend_on_the_server() {
    let intended = |millis| {
        let load = rate_for(30.0, 20, true, 5);
        let world = World::new(plan(vec![group(load, vec![get("a")])])).answer(move |_| ok(millis));
        let ran = world
            .graceful_stop(std::time::Duration::from_secs(3600))
            .run();
        let mut times: Vec<_> = ran.plain().iter().map(|sample| sample.intended).collect();
        times.sort();
        times
    };
    assert_eq!(intended(1), intended(900));
}

#[test]
fn the_parts_of_a_split_load_are_the_whole() {
    let test = || {
        plan(vec![
            group(rate_for(20.0, 3, false, 50), vec![get("open")]),
            group(threads(5, 3, 2), vec![get("closed")]),
        ])
    };
    let sent = |world: World| {
        let key = |seen: &Seen| (seen.path.clone(), seen.at_ms);
        world.run().seen.iter().map(key).collect::<Vec<_>>()
    };
    let mut whole = sent(World::new(test()));
    let mut parts: Vec<_> = (0..3)
        .flat_map(|index| sent(World::new(test()).segment(index, 3)))
        .collect();
    whole.sort();
    parts.sort();
    assert_eq!(parts, whole);
}
