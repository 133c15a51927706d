//! Stopping: users finish their samples, late samples are aborted and censored.

use std::time::Duration;

use loadline_engine::RunControl;
use loadline_events::{ErrorKind, Phase, SampleFlags, StopReason};

use crate::plan::*;
use crate::world::*;

fn stop(control: &RunControl) {
    control.stop(StopReason::Signal);
}

fn abort(control: &RunControl) {
    control.abort(StopReason::Signal);
}

#[test]
fn a_stop_lets_samples_finish_and_wakes_those_who_think() {
    let busy = group(users_for(1, 60), vec![get("busy")]);
    let thinking = group(users_for(1, 60), vec![get("think"), think(50_000)]);
    let world = World::new(plan(vec![busy, thinking])).answer(|_| ok(700));
    let ran = world.after(Duration::from_secs(1), stop).run();
    assert_eq!(ran.report.ended_at, at(1400));
    assert_eq!((ran.report.samples, ran.report.censored), (2, 0));
    assert_eq!(ran.report.reason, StopReason::Signal);
    assert_eq!(ran.sum(|second| second.think_us), 1_000_000);
    assert_eq!(
        ran.phases[1..],
        [
            Phase::Stopping {
                at: at(1000),
                reason: StopReason::Signal
            },
            Phase::MainEnded { at: at(1000) },
        ]
    );
}

#[test]
fn samples_that_take_too_long_after_a_stop_are_censored() {
    let body = vec![transaction("t", false, false, vec![get("slow")])];
    let world = World::new(plan(vec![group(users_for(2, 600), body)])).answer(|_| ok(100_000));
    let bound = Duration::from_secs(5);
    let ran = world
        .graceful_stop(bound)
        .after(Duration::from_secs(1), stop)
        .run();
    assert_eq!(ran.report.ended_at, at(6000));
    assert_eq!((ran.report.samples, ran.report.censored), (2, 2));
    for sample in ran.plain() {
        assert_eq!(
            (sample.error, sample.service_us),
            (ErrorKind::Aborted, 6_000_000)
        );
        assert!(!sample.is_error() && sample.is_censored());
    }
    let transactions = ran.transactions();
    assert_eq!(transactions.len(), 2);
    assert!(
        transactions
            .iter()
            .all(|sample| sample.flags.contains(SampleFlags::CENSORED))
    );
}

#[test]
fn samples_that_take_too_long_after_the_end_of_the_load_are_censored() {
    let world = World::new(plan(vec![group(users_for(3, 10), vec![get("hangs")])]));
    let ran = world
        .answer(|_| ok(1_000_000))
        .graceful_stop(Duration::from_secs(20))
        .run();
    assert_eq!(ran.report.ended_at, at(30_000));
    assert_eq!(ran.report.censored, 3);
    assert_eq!(ran.report.reason, StopReason::Completed);
}

#[test]
fn an_abort_ends_everything_at_once() {
    let world = World::new(plan(vec![group(users_for(3, 10), vec![get("a")])]));
    let ran = world
        .answer(|_| ok(4000))
        .after(Duration::from_millis(1500), abort)
        .run();
    assert_eq!(ran.report.ended_at, at(1500));
    assert_eq!(ran.report.censored, 3);
    assert_eq!(ran.seconds.last().unwrap().users_running, 0);
}

#[test]
fn a_stopped_open_load_counts_what_it_gave_up() {
    let world = World::new(plan(vec![group(
        rate_for(10.0, 60, false, 1),
        vec![get("a")],
    )]));
    let ran = world
        .answer(|_| ok(1000))
        .after(Duration::from_millis(2500), stop)
        .run();
    let offered = ran.sum(|second| second.arrivals_offered);
    let started = ran.sum(|second| second.arrivals_started);
    assert_eq!(started, 3);
    assert_eq!(offered, started + ran.report.arrivals_missed);
}

#[test]
fn a_user_that_panics_is_told_and_others_go_on() {
    let world = World::new(plan(vec![group(threads(2, 0, 3), vec![get("a")])]));
    let ran = world
        .answer(|seen| {
            if seen.user == 0 {
                panic!("on purpose")
            } else {
                ok(10)
            }
        })
        .run();
    assert_eq!(ran.paths_of(1), "a a a");
    assert_eq!(ran.report.faults["a virtual user panicked"], 1);
    assert_eq!((ran.report.samples, ran.report.censored), (4, 1));
}
