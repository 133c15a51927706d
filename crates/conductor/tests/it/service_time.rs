//! Service times and times to first byte are the server's own, percentile by percentile.

use std::time::Duration;

use crate::expectation::assert_times;
use crate::measured::{alone, measure};
use crate::server::{Answer, Exchange, Server};

/// Users × iterations are samples; the users of a closed model without pauses keep to the server.
#[track_caller]
fn check(users: u64, iterations: u64, service: impl Fn(u64) -> Duration + Send + Sync + 'static) {
    let _alone = alone();
    let server =
        Server::start(move |request| Answer::ok(request.arrived + service(request.number)));
    let measured = measure(
        server.address(),
        &format!("{{users: {users}, iterations_each: {iterations}}}"),
        "[{get: /}]",
    );
    let truth: Vec<u64> = server
        .truth()
        .iter()
        .map(|truth| truth.service_us())
        .collect();

    let totals = &measured.analysis.totals;
    assert_eq!(totals.samples, users * iterations);
    assert_eq!(truth.len() as u64, users * iterations);
    assert_eq!(totals.errors, 0);
    assert_times("service time", &totals.service, &truth, &measured.noise);
    // Without a schedule nobody was kept waiting but by the server.
    assert_eq!(totals.response, totals.service);
}

#[test]
fn a_fixed_service_time_is_measured() {
    check(8, 150, |_| Duration::from_millis(20));
}

#[test]
fn spread_service_times_are_measured() {
    // 1 to 40 ms evenly, and one in 40 takes 150 ms.
    check(8, 120, |number| match number % 40 {
        0 => Duration::from_millis(150),
        step => Duration::from_millis(step + 1),
    });
}

#[test]
fn a_service_time_of_nothing_is_small() {
    check(2, 10_000, |_| Duration::ZERO);
}

#[test]
fn the_first_byte_is_told_from_the_last() {
    let _alone = alone();
    let server = Server::start(|request| Answer {
        due: request.arrived + Duration::from_millis(10),
        status: 200,
        body_bytes: 1000,
        body_after: Duration::from_millis(15),
    });
    let measured = measure(server.address(), "{users: 4, for: 3s}", "[{get: /}]");
    let truth = server.truth();
    let times = |of: fn(&Exchange) -> u64| -> Vec<u64> { truth.iter().map(of).collect() };

    let [step] = &measured.analysis.steps[..] else {
        panic!("{:?}", measured.analysis.steps);
    };
    assert_eq!(measured.samples.len(), truth.len());
    let first_byte = times(Exchange::first_byte_us);
    assert_times("first byte", &step.first_byte, &first_byte, &measured.noise);
    let service = times(Exchange::service_us);
    let totals = &measured.analysis.totals;
    assert_times("service time", &totals.service, &service, &measured.noise);
}
