//! A server that stalls under a schedule of arrivals: what callers feel is measured, not what a user
//! who waits politely sees (coordinated omission).

use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use loadline_events::{Sample, SampleFlags};

use crate::expectation::quantile;
use crate::measured::{Measured, alone, measure};
use crate::server::{Answer, Exchange, Server, stalled_until};

const RATE: u64 = 200;
const SECONDS: u64 = 5;
/// Between two starts of a pace of 100 ms, so that it is clear which ones find the server stalled.
const STALL_START: Duration = Duration::from_millis(2050);
const STALL: Duration = Duration::from_secs(1);

/// A run with `load` against a server that stalls once, `STALL_START` after the first request.
fn stalled(load: &str) -> (Measured, Vec<Exchange>) {
    let first = OnceLock::new();
    let server = Server::start(move |request| {
        let first: Instant = *first.get_or_init(|| request.arrived);
        let until = stalled_until(first, STALL_START, STALL, request.arrived);
        Answer::ok(until.unwrap_or(request.arrived))
    });
    let measured = measure(server.address(), load, "[{get: /}]");
    (measured, server.truth())
}

/// An open load that at most `max_users` serve.
fn open(max_users: u32) -> String {
    format!("{{rate: {RATE}/s, for: {SECONDS}s, max_users: {max_users}}}")
}

/// The end of the stall on the run's clock, in microseconds: it counts from when the server had read
/// the first request, which was answered at once.
fn stall_end_us(measured: &Measured) -> u64 {
    let first = measured.samples.iter().map(Sample::ended).min().unwrap();
    first.as_micros() + u64::try_from((STALL_START + STALL).as_micros()).unwrap()
}

/// Arrivals are those of the schedule, stall or not: all of them, at their times.
#[track_caller]
fn assert_schedule_was_kept(measured: &Measured) {
    let arrivals = RATE * SECONDS;
    let workers = &measured.run.data.workers;
    let offered: u64 = workers.iter().map(|row| row.arrivals_offered).sum();
    let started: u64 = workers.iter().map(|row| row.arrivals_started).sum();
    let missed: u64 = workers.iter().map(|row| row.arrivals_missed).sum();
    assert_eq!((offered, started, missed), (arrivals, arrivals, 0));
    assert_eq!(measured.analysis.totals.samples, arrivals);

    let intended: BTreeSet<u64> = measured
        .samples
        .iter()
        .map(|sample| sample.intended.as_micros())
        .collect();
    let start = measured.run.data.facts.main_started.as_micros();
    let gap = 1_000_000 / RATE;
    let offsets: Vec<u64> = intended.iter().map(|at| at - start).collect();
    let first = offsets[0];
    assert!(first <= gap, "{first}");
    let expected: Vec<u64> = (0..arrivals).map(|index| first + index * gap).collect();
    assert_eq!(offsets, expected);
}

/// The response-time p99 that the schedule and the stall make: who arrives during the stall waits
/// until its end, all others get their answers at once.
#[track_caller]
fn assert_stall_is_felt(measured: &Measured) {
    let end = stall_end_us(measured);
    let stall = u64::try_from(STALL.as_micros()).unwrap();
    let waits = measured.samples.iter().map(|sample| {
        let intended = sample.intended.as_micros();
        let wait = end.saturating_sub(intended);
        if wait <= stall { wait } else { 0 }
    });
    let expected = quantile(waits, 0.99) as f64;
    let noise_us = measured.noise.of_two_wakings_us(0.99) as f64;
    let p99 = measured
        .analysis
        .totals
        .response
        .p99
        .as_ref()
        .unwrap()
        .value;
    assert!(expected > 500_000.0);
    // Arrivals are 5 ms apart: one more or one less of them may find the server stalled.
    let tolerance = 0.01 * expected + 5000.0 + noise_us;
    assert!(
        (p99 - expected).abs() <= tolerance,
        "response p99 {p99} µs, expected {expected} ± {tolerance} µs"
    );
    for sample in &measured.samples {
        assert!(sample.flags.contains(SampleFlags::SCHEDULED));
        assert!(sample.response_us() >= u64::from(sample.service_us));
        assert!(sample.user_wait_us <= sample.start_delay_us);
    }
}

/// What was sent after the stall was answered at once, and so measured.
#[track_caller]
fn assert_calm_after_stall(measured: &Measured, truth: &[Exchange]) {
    let settled = Duration::from_millis(200);
    let settled_us = u64::try_from(settled.as_micros()).unwrap();
    let from = stall_end_us(measured) + settled_us;
    let service = measured
        .samples
        .iter()
        .filter(|sample| sample.intended.as_micros() + u64::from(sample.start_delay_us) >= from);
    let service: Vec<u64> = service.map(|sample| u64::from(sample.service_us)).collect();
    let first = truth.iter().map(|exchange| exchange.arrived).min().unwrap();
    let after = truth
        .iter()
        .filter(|exchange| exchange.arrived >= first + STALL_START + STALL + settled);
    let truth_us: Vec<u64> = after.map(Exchange::service_us).collect();
    // The schedule goes on to the end of the run.
    let rest = Duration::from_secs(SECONDS) - STALL_START - STALL - 2 * settled;
    assert!(
        service.len() as f64 >= RATE as f64 * rest.as_secs_f64(),
        "{}",
        service.len()
    );
    // The median: in so short a time a single hiccup of the machine delays one in twenty.
    let measured_us = quantile(service, 0.5);
    let bound = quantile(truth_us, 0.5) + 1000 + measured.noise.of_two_wakings_us(0.5);
    assert!(
        measured_us <= bound,
        "service p50 {measured_us} µs after the stall, at most {bound} µs"
    );
}

#[test]
fn arrivals_during_a_stall_wait_until_its_end() {
    let _alone = alone();
    let (measured, truth) = stalled(&open(1000));
    assert_schedule_was_kept(&measured);
    assert_stall_is_felt(&measured);
    assert_calm_after_stall(&measured, &truth);
}

#[test]
fn a_stall_is_felt_though_few_users_ever_send_into_it() {
    let _alone = alone();
    let (measured, truth) = stalled(&open(4));
    assert_schedule_was_kept(&measured);
    assert_stall_is_felt(&measured);
    assert_calm_after_stall(&measured, &truth);

    // Only the four requests under way were answered late: in the service times, less than 1 % of
    // all, the stall is not to be seen. It was in the waits of the arrivals that found no user.
    let totals = &measured.analysis.totals;
    let service = totals.service.p99.as_ref().unwrap().value;
    let response = totals.response.p99.as_ref().unwrap().value;
    assert!(2.0 * service < response, "{service} µs, {response} µs");
    let waited = measured
        .samples
        .iter()
        .filter(|sample| sample.user_wait_us > 0);
    let waited = waited.count() as u64;
    assert!(waited >= RATE * 9 / 10, "{waited}");
}

#[test]
fn users_with_a_pace_catch_up_and_feel_the_stall() {
    const USERS: u64 = 20;
    const PACE_US: u64 = 100_000;
    let _alone = alone();
    let load = format!("{{users: {USERS}, for: {SECONDS}s, pacing: 100ms}}");
    let (measured, truth) = stalled(&load);

    // Late answers move no start: every user has all of its own, a pace apart.
    for user in 0..USERS {
        let own = measured
            .samples
            .iter()
            .filter(|sample| u64::from(sample.user) == user);
        let starts: Vec<u64> = own.map(|sample| sample.intended.as_micros()).collect();
        assert_eq!(
            starts.len() as u64,
            SECONDS * 1_000_000 / PACE_US,
            "user {user}"
        );
        let gaps = starts.windows(2).map(|pair| pair[1] - pair[0]);
        assert_eq!(gaps.max(), Some(PACE_US), "user {user}");
        assert_eq!(
            starts[starts.len() - 1] - starts[0],
            (starts.len() as u64 - 1) * PACE_US
        );
    }
    assert_stall_is_felt(&measured);
    assert_calm_after_stall(&measured, &truth);
}
