//! Think times, pacing, pauses; and that a seed replays a run.

use std::time::Duration;

use loadline_events::SampleFlags;

use crate::plan::*;
use crate::world::*;

/// Mean and standard deviation of the pauses between the samples of one user, in milliseconds.
fn think_times(timer: loadline_plan::Element) -> (f64, f64) {
    let body = vec![get("a"), timer];
    let ran = World::new(plan(vec![group(threads(1, 0, 5000), body)])).run();
    let samples = ran.plain();
    let pauses: Vec<f64> = samples
        .windows(2)
        .map(|pair| (pair[1].intended - pair[0].ended()).as_secs_f64() * 1e3)
        .collect();
    let mean = pauses.iter().sum::<f64>() / pauses.len() as f64;
    let variance = pauses
        .iter()
        .map(|pause| (pause - mean).powi(2))
        .sum::<f64>();
    (mean, (variance / pauses.len() as f64).sqrt())
}

#[test]
fn uniform_think_times_have_their_mean_and_width() {
    let (mean, deviation) = think_times(think_between(500, 1000));
    assert!((985.0..1015.0).contains(&mean), "{mean}");
    // Width / √12.
    assert!((280.0..297.0).contains(&deviation), "{deviation}");
}

#[test]
fn normal_think_times_have_their_mean_and_deviation() {
    let (mean, deviation) = think_times(think_around(1000, 100));
    assert!((994.0..1006.0).contains(&mean), "{mean}");
    assert!((96.0..104.0).contains(&deviation), "{deviation}");
}

#[test]
fn poisson_think_times_have_their_mean_and_deviation() {
    let (mean, deviation) = think_times(think_poisson(100, 500));
    assert!((599.0..601.0).contains(&mean), "{mean}");
    assert!((21.5..23.3).contains(&deviation), "{deviation}");
    let (mean, deviation) = think_times(think_poisson(0, 10));
    assert!((9.8..10.2).contains(&mean), "{mean}");
    assert!((3.0..3.3).contains(&deviation), "{deviation}");
}

#[test]
fn timers_in_scope_add_up_before_each_sample() {
    let mut inner = get("b");
    inner.children = vec![think(50)];
    let mut test = plan(vec![group(
        threads(1, 0, 1),
        vec![think(20), get("a"), inner],
    )]);
    test.children = vec![think(100)];
    // a: 120; b: 120 + 100 + 120 + 50.
    assert_eq!(World::new(test).run().times_of(0), [120, 390]);
}

#[test]
fn a_pause_delays_the_next_sample_and_is_none() {
    let body = vec![get("a"), pause(250), get("b")];
    let ran = World::new(plan(vec![group(threads(1, 0, 1), body)])).run();
    assert_eq!(ran.times_of(0), [0, 350]);
    assert_eq!(intended_ms(&ran.plain()[1]), 350);
    assert_eq!(ran.report.samples, 2);
}

#[test]
fn paced_users_work_through_their_backlog() {
    // The second iteration takes 3.5 s instead of 0.1 s.
    let slow = |seen: &Seen| {
        if seen.at_ms == 1000 {
            ok(3500)
        } else {
            ok(100)
        }
    };
    let load = paced(1, 8, Duration::from_secs(1));
    let ran = World::new(plan(vec![group(load, vec![get("a")])]))
        .answer(slow)
        .run();
    assert_eq!(
        ran.times_of(0),
        [0, 1000, 4500, 4600, 4700, 5000, 6000, 7000]
    );
    let samples = ran.plain();
    let intended: Vec<u64> = samples.iter().map(intended_ms).collect();
    assert_eq!(intended, [0, 1000, 2000, 3000, 4000, 5000, 6000, 7000]);
    assert!(
        samples
            .iter()
            .all(|sample| sample.flags.contains(SampleFlags::SCHEDULED))
    );
    assert_eq!(samples[2].response_us(), 2_600_000);
}

#[test]
fn seconds_account_for_time_and_iterations() {
    let body = vec![get("a"), think(400)];
    let ran = World::new(plan(vec![group(users_for(2, 3), body)])).run();
    assert_eq!(ran.sum(|second| second.in_sample_us), 2 * 6 * 100_000);
    assert_eq!(ran.sum(|second| second.think_us), 2 * 6 * 400_000);
    assert_eq!(ran.sum(|second| second.iterations), 2 * 6);
    let rows: Vec<u32> = ran.seconds.iter().map(|second| second.second).collect();
    assert_eq!(rows, [0, 1, 2, 3]);
    assert!(
        ran.seconds[..3]
            .iter()
            .all(|second| second.loop_lag_us.len() >= 99)
    );
}

fn random_run(seed: u64) -> Ran {
    let body = vec![get("${__Random(1,1000)}"), think_between(100, 900)];
    let open = group(
        rate_for(20.0, 20, true, 50),
        vec![get("o"), think_around(50, 20)],
    );
    let world = World::new(plan(vec![group(users_for(10, 20), body), open])).seed(seed);
    world.answer(|seen| ok(20 + u64::from(seen.user) * 7)).run()
}

#[test]
fn the_same_seed_records_the_same_samples() {
    let (one, two) = (random_run(7), random_run(7));
    assert!(one.samples.len() > 500);
    assert_eq!(one.samples, two.samples);
    assert_eq!(one.seen, two.seen);
    assert_ne!(one.samples, random_run(8).samples);
}

#[test]
fn a_timer_whose_function_fails_costs_the_sample() {
    let timer = loadline_plan::Timer::Constant {
        delay_ms: "${__Random(a,b)}".into(),
    };
    let timer = element("t", loadline_plan::ElementKind::Timer(timer), Vec::new());
    let mut first = get("a");
    first.children = vec![timer];
    let ran = World::new(plan(vec![group(threads(1, 0, 2), vec![first, get("b")])])).run();
    assert_eq!(ran.paths_of(0), "b b");
    let (fault, count) = ran.report.faults.first_key_value().unwrap();
    assert!(fault.contains("__Random"), "{fault}");
    assert_eq!(*count, 2);
}
