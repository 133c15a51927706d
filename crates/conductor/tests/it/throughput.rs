//! Throughput is what capacity and users allow.

use std::net::SocketAddr;
use std::time::Duration;

use loadline_backend::{Backend, BackendOptions, Database, Profile};

use crate::expectation::assert_close;
use crate::measured::{alone, measure};
use crate::server::{Answer, Server};

#[test]
fn a_capacity_is_found_and_not_exceeded() {
    let _alone = alone();
    let work = tempfile::tempdir().unwrap();
    let backend = Backend::start(BackendOptions {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        database: Database::Sqlite(work.path().join("backend.sqlite")),
        profile: Profile::Tuned,
        faults: vec!["workers=4:20ms".parse().unwrap()],
    })
    .unwrap();
    let measured = measure(
        backend.address(),
        "{users: 50, for: 6s}",
        "[{get: /posts/1/}]",
    );
    let step = &measured.analysis.steps[0].stats;
    assert_eq!(measured.analysis.totals.errors, 0);
    let throughput = step.throughput.as_ref().unwrap().value;
    // Four at a time, 20 ms each.
    assert_close("throughput", throughput, 200.0, 0.02);
    // Little's law: 50 users wait 250 ms each at that throughput, all but those who came first.
    let start = measured.run.data.facts.main_started.as_micros();
    let waits: Vec<u64> = measured
        .requests()
        .filter(|sample| sample.intended.as_micros() >= start + 1_000_000)
        .map(|sample| sample.response_us())
        .collect();
    let mean = waits.iter().sum::<u64>() as f64 / waits.len() as f64;
    assert_close("response time", mean, 250_000.0, 0.02);
}

#[test]
fn users_who_think_make_the_throughput_of_the_response_time_law() {
    const USERS: f64 = 50.0;
    const THINK_S: f64 = 0.1;
    let _alone = alone();
    let server = Server::start(|request| Answer::ok(request.arrived + Duration::from_millis(20)));
    // The ramp spreads the users over their cycle, so that a window may begin and end anywhere.
    let measured = measure(
        server.address(),
        "{users: 50, for: 5s, ramp: 1s}",
        "[{get: /, think: 100ms}]",
    );
    let truth: Vec<u64> = server
        .truth()
        .iter()
        .map(|truth| truth.service_us())
        .collect();
    let service_s = truth.iter().sum::<u64>() as f64 / truth.len() as f64 / 1e6;
    let step = &measured.analysis.steps[0].stats;
    let throughput = step.throughput.as_ref().unwrap().value;
    // X = N / (R + Z), the interactive response time law.
    assert_close(
        "throughput",
        throughput,
        USERS / (service_s + THINK_S),
        0.02,
    );
}
