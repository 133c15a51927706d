//! Service times are the server's own, percentile by percentile.

use std::time::Duration;

use crate::expectation::assert_times;
use crate::measured::{alone, measure};
use crate::server::{Answer, Server};

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
    check(2, 500, |_| Duration::ZERO);
}
