//! Throughput is what capacity and users allow.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::expectation::{assert_close, assert_times, quantile};
use crate::measured::{alone, measure};
use crate::noise::BURSTS;
use crate::server::{Answer, Exchange, Server};

/// Serves as many at once as it has slots, first come, first served, each for `hold`.
fn slots<const COUNT: usize>(hold: Duration) -> Server {
    let free_at = Mutex::new([Instant::now(); COUNT]);
    Server::start(move |request| {
        let mut free_at = free_at.lock().unwrap();
        let slot = free_at.iter_mut().min().unwrap();
        *slot = request.arrived.max(*slot) + hold;
        Answer::ok(*slot)
    })
}

#[test]
fn a_capacity_is_found_and_not_exceeded() {
    const CAPACITY: f64 = 200.0;
    const SECONDS: u64 = 6;
    let _alone = alone();
    let server = slots::<4>(Duration::from_millis(20));
    let measured = measure(
        server.address(),
        &format!("{{users: 50, for: {SECONDS}s}}"),
        "[{get: /}]",
    );
    let truth = server.truth();
    let step = &measured.analysis.steps[0];
    let (from, to) = step.window.unwrap();
    assert_eq!(u64::from(to - from), SECONDS);
    assert_eq!(measured.analysis.totals.errors, 0);

    // The window begins with the first request.
    let first = truth.iter().map(|exchange| exchange.arrived).min().unwrap();
    let end = first + Duration::from_secs(SECONDS);
    let answered = truth
        .iter()
        .filter(|exchange| exchange.finished < end)
        .count();
    let own = answered as f64 / SECONDS as f64;
    let throughput = step.stats.throughput.as_ref().unwrap().value;
    assert_close("throughput", throughput, own, 0.02);
    // Users who are woken late leave a slot without work for as long.
    let busy = 1.0 - BURSTS * measured.noise.late_share();
    assert!(
        CAPACITY * (busy - 0.02) <= throughput && throughput <= CAPACITY * 1.02,
        "{throughput} per second, busy for {busy}"
    );

    let waits: Vec<u64> = truth.iter().map(Exchange::service_us).collect();
    assert_times(
        "response time",
        &measured.analysis.totals.response,
        &waits,
        &measured.noise,
    );
}

#[test]
fn users_who_think_make_the_throughput_of_the_response_time_law() {
    const USERS: f64 = 50.0;
    const THINK_US: u64 = 100_000;
    let _alone = alone();
    let server = Server::start(|request| Answer::ok(request.arrived + Duration::from_millis(20)));
    // The ramp spreads the users over their cycle, so that a window may begin and end anywhere.
    let measured = measure(
        server.address(),
        "{users: 50, for: 5s, ramp: 1s}",
        "[{get: /, think: 100ms}]",
    );
    let mut truth = server.truth();
    // The users are all there after the ramp.
    let held_from = truth[0].arrived + Duration::from_secs(1);
    truth.retain(|exchange| exchange.arrived >= held_from);
    let service_us: Vec<u64> = truth.iter().map(Exchange::service_us).collect();
    let pauses_us = pauses_us(&truth);
    let cycle_s = (mean(&service_us) + mean(&pauses_us)) / 1e6;
    let step = &measured.analysis.steps[0].stats;
    let throughput = step.throughput.as_ref().unwrap().value;
    // X = N / (R + Z), the interactive response time law, with R and Z as the server saw them.
    assert_close("throughput", throughput, USERS / cycle_s, 0.02);

    // Users think as long as planned: never less, and more only by the way to the server and back.
    assert!(pauses_us.iter().all(|pause| *pause >= THINK_US));
    let median = quantile(pauses_us.iter().copied(), 0.5);
    let most = THINK_US + THINK_US / 50 + measured.noise.of_two_wakings_us(0.5);
    assert!(
        median <= most,
        "think time p50 {median} µs, at most {most} µs"
    );
}

/// Time between an answer and the next request of the same connection, in microseconds.
fn pauses_us(exchanges: &[Exchange]) -> Vec<u64> {
    let mut last: BTreeMap<u64, Instant> = BTreeMap::new();
    let mut pauses = Vec::new();
    for exchange in exchanges {
        if let Some(before) = last.insert(exchange.connection, exchange.finished) {
            pauses.push(u64::try_from((exchange.arrived - before).as_micros()).unwrap());
        }
    }
    pauses
}

fn mean(values: &[u64]) -> f64 {
    values.iter().sum::<u64>() as f64 / values.len() as f64
}
