//! Limits judged on whole runs.

use loadline_analysis::{Verdict, analyse};
use loadline_events::StopReason;
use loadline_plan::{Limit, parse_limit};
use loadline_units::RunTime;

use crate::simulator::Scenario;

/// A limit from its text.
pub(crate) fn limit(text: &str) -> Limit {
    parse_limit(text).expect("a limit of these tests")
}

#[track_caller]
fn check(scenario: &Scenario, limit: Limit, expected: Verdict) {
    let analysis = analyse(&scenario.run(), &[limit]);
    assert_eq!(analysis.verdict, expected, "{:#?}", analysis.limits);
    assert!(!analysis.reasons.is_empty());
}

#[test]
fn limits_far_from_the_figures_are_decided() {
    let scenario = Scenario::default();
    for text in [
        "errors <= 10%",
        "errors <= 0%",
        "p95 < 1s",
        "throughput > 10/s",
        "max < 10s",
        "cpu < 90%",
        "apdex(100ms) > 0.9",
        "server backend alive",
    ] {
        check(&scenario, limit(text), Verdict::Pass);
    }
    check(&scenario, limit("p95 < 2ms"), Verdict::Fail);
}

#[test]
fn a_limit_near_the_figure_is_open() {
    check(
        &Scenario::default(),
        limit("p95 < 28ms"),
        Verdict::Inconclusive,
    );
}

#[test]
fn every_window_of_a_limit_with_over_counts() {
    check(
        &Scenario::default(),
        limit("p95 < 1s over 10s"),
        Verdict::Pass,
    );
    check(
        &Scenario::default(),
        limit("p95 < 2ms over 10s"),
        Verdict::Fail,
    );
    let failing = Scenario {
        errors: 0.3,
        ..Scenario::default()
    };
    check(&failing, limit("errors <= 10% over 10s"), Verdict::Fail);
}

#[test]
fn times_are_judged_label_by_label_and_errors_over_all() {
    let run = Scenario::default().run();
    let analysis = analyse(&run, &[limit("p95 < 1s"), limit("errors <= 10%")]);
    assert_eq!(analysis.limits[0].cells.len(), 4);
    assert!(
        analysis.limits[0]
            .cells
            .iter()
            .all(|cell| cell.label.is_some())
    );
    assert_eq!(analysis.limits[1].cells.len(), 2);
    assert!(
        analysis.limits[1]
            .cells
            .iter()
            .all(|cell| cell.label.is_none())
    );
}

#[test]
fn a_busy_generator_invalidates_times_but_not_errors() {
    let busy = Scenario {
        generator_cpu: 0.97,
        ..Scenario::default()
    };
    check(&busy, limit("p95 < 1s"), Verdict::Invalid);
    check(&busy, limit("errors <= 10%"), Verdict::Pass);
}

#[test]
fn lateness_only_adds_so_a_pass_in_spite_of_it_stands() {
    // p95 is 15 to 30 ms: 10 ms of lateness may have added a third.
    let late = Scenario {
        loop_lag_us: 10_000,
        ..Scenario::default()
    };
    check(&late, limit("p95 < 1s"), Verdict::Pass);
    check(&late, limit("p95 < 2ms"), Verdict::Fail);
    check(&Scenario::default(), limit("p95 < 23ms"), Verdict::Fail);
    check(&late, limit("p95 < 23ms"), Verdict::Invalid);
}

#[test]
fn short_steps_decide_only_what_is_gross() {
    let short = Scenario {
        hold_s: 10,
        ..Scenario::default()
    };
    check(&short, limit("p95 < 1s"), Verdict::Inconclusive);
    check(&short, limit("p95 < 2ms"), Verdict::Fail);
}

#[test]
fn a_run_stopped_early_leaves_later_steps_open() {
    let mut run = Scenario::default().run();
    run.facts.stop = StopReason::Signal;
    let stopped = RunTime::from_micros(33_000_000);
    run.steps[1].hold_start = stopped;
    run.steps[1].end = stopped;
    run.steps[1].complete = false;
    let analysis = analyse(&run, &[limit("p95 < 1s")]);
    assert_eq!(analysis.verdict, Verdict::Inconclusive);
    assert!(
        analysis.limits[0]
            .cells
            .iter()
            .any(|cell| cell.why == "not reached")
    );
}
