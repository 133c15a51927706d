//! What is said of a recorder that did not keep up.

use loadline_analysis::{HealthStanding, Verdict, analyse};
use loadline_events::Phase;
use loadline_metrics::RunData;
use loadline_units::RunTime;

use crate::limits::limit;
use crate::simulator::Scenario;

/// A quiet run whose recorder was three seconds behind.
fn recorded_late() -> RunData {
    let mut run = Scenario {
        loads: vec![40.0],
        service_s: 0.008,
        hold_s: 40,
        ..Scenario::default()
    }
    .run();
    run.phases.push(Phase::RecordedLate {
        at: RunTime::from_micros(20_000_000),
        by_us: 3_000_000,
    });
    run
}

#[test]
fn a_late_recorder_is_told_and_bends_nothing() {
    let mut run = recorded_late();
    let signal = |run: &RunData| {
        let health = analyse(run, &[limit("p95 < 60s")]).generator;
        let mut signals = health.signals.into_iter();
        signals.find(|signal| signal.name == "recorder")
    };
    let told = signal(&run).unwrap();
    assert_eq!(told.standing, HealthStanding::Warning);
    assert_eq!(told.value, "3 s behind");
    run.phases.pop();
    assert_eq!(signal(&run), None);
}

#[test]
fn samples_lost_to_a_late_recorder_make_the_run_invalid_for_that_cause() {
    let mut run = recorded_late();
    let middle = run.workers.len() / 2;
    run.workers[middle].samples_dropped = 7;
    let analysis = analyse(&run, &[limit("p95 < 60s")]);
    assert_eq!(analysis.verdict, Verdict::Invalid);
    let told = analysis.reasons.join(" ");
    assert!(told.contains("the recorder was behind"), "{told}");
}
