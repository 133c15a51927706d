//! The generator's figures about itself.

use std::time::Duration;

use loadline_analysis::HealthStanding;
use loadline_metrics::StepLoad;

use crate::expectation::quantile;
use crate::measured::{alone, measure};
use crate::server::{Answer, Server};

#[test]
fn users_connections_and_lateness_are_told() {
    const USERS: u32 = 20;
    let _alone = alone();
    let server = Server::start(|request| Answer::ok(request.arrived + Duration::from_millis(5)));
    let measured = measure(
        server.address(),
        "{users: 20, for: 4s}",
        "[{get: /, think: 100ms}]",
    );
    let data = &measured.run.data;
    let users = data.users_by_second();
    // The last second ends with the run, when users end too.
    for second in 0..3 {
        assert_eq!(
            users.get(&second),
            Some(&USERS),
            "second {second}: {users:?}"
        );
    }
    let open = |second| -> u32 {
        let rows = data.workers.iter().filter(|row| row.second == second);
        rows.map(|row| row.open_connections).sum()
    };
    assert_eq!((1..3).map(open).collect::<Vec<_>>(), [USERS, USERS]);
    let opened: u32 = data.workers.iter().map(|row| row.connections_opened).sum();
    assert_eq!(opened, USERS);
    let iterations: u64 = data.workers.iter().map(|row| row.iterations).sum();
    assert_eq!(iterations, measured.samples.len() as u64);
    let in_sample: u64 = data.workers.iter().map(|row| row.in_sample_us).sum();
    let service: u64 = measured
        .samples
        .iter()
        .map(|sample| u64::from(sample.service_us))
        .sum();
    assert_eq!(in_sample, service);

    let [step] = &measured.analysis.steps[..] else {
        panic!("{:?}", measured.analysis.steps);
    };
    assert_eq!(step.load, StepLoad::Users(USERS));

    // The lateness of the log is the lateness shown, within a histogram's bucket.
    let health = &measured.analysis.generator;
    for (q, shown) in [(0.5, health.lag_us_p50), (0.99, health.lag_us_p99)] {
        let lags = measured
            .samples
            .iter()
            .map(|sample| u64::from(sample.lag_us()));
        let raw = quantile(lags, q) as f64;
        assert!(
            raw <= shown && shown <= raw * (1.0 + 1.0 / 1024.0),
            "{raw}, {shown}"
        );
    }
    // All users begin in the same instant and queue for their thread; after that it is never busy.
    let warm = measured
        .samples
        .iter()
        .filter(|sample| sample.connect_us == 0);
    let warm_us = quantile(warm.map(|sample| u64::from(sample.lag_us())), 0.99);
    let bound = 1000 + measured.noise.of_two_wakings_us(0.99);
    assert!(warm_us <= bound, "lag p99 {warm_us} µs, at most {bound} µs");
    assert_eq!((health.missed_arrivals, health.dropped), (0, 0));
    assert_ne!(
        health.standing,
        HealthStanding::Invalid,
        "{:?}",
        health.signals
    );
    // What it has left is read beside it: its files hold its connections.
    let own = &health.resources;
    assert_eq!(own.connections, u64::from(USERS));
    let (files, files_limit) = own.open_files.unwrap();
    assert!((u64::from(USERS)..files_limit).contains(&files), "{own:?}");
    let (ports, ports_limit) = own.ports.unwrap();
    assert!(ports >= u64::from(USERS) && ports_limit > 0, "{own:?}");
    assert!(own.recorder_queue.is_some(), "{own:?}");
    assert!(
        own.steal.is_some_and(|share| (0.0..=1.0).contains(&share)),
        "{own:?}"
    );
    let threads = data.facts.generator.threads as usize;
    assert_eq!(health.threads.len(), threads);
    assert!(
        health.threads.iter().all(|cpu| *cpu > 0.0),
        "{:?}",
        health.threads
    );
    // Each thread looks each 10 ms.
    let looks: usize = data.workers.iter().map(|row| row.loop_lag_us.len()).sum();
    assert!(looks >= 2 * 4 * 90, "{looks}");
}
