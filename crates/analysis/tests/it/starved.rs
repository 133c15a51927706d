//! What is said of a generator that its machine gives too little.

use loadline_analysis::{Analysis, HealthStanding, Verdict, analyse};
use loadline_events::{ErrorKind, LabelId, Reading, Signal, StepId};
use loadline_metrics::{ErrorKey, RunData};
use loadline_units::RunTime;

use crate::limits::limit;
use crate::simulator::Scenario;

/// A quiet run with a reading of the generator each second, in which `signal` has `value`.
fn with(signal: Signal, value: f64) -> RunData {
    let mut run = Scenario {
        loads: vec![40.0],
        service_s: 0.008,
        hold_s: 40,
        ..Scenario::default()
    }
    .run();
    run.facts.generator.open_files_limit = 1_000;
    for row in &mut run.workers {
        // Closed again in the same second.
        row.connections_opened = 1_000;
    }
    run.generator = (1..=40u64)
        .map(|second| Reading {
            server: Reading::GENERATOR,
            at: RunTime::from_micros(second * 1_000_000),
            alive: None,
            values: vec![(signal, value), (Signal::PortsLimit, 28_000.0)],
        })
        .collect();
    run
}

fn judge(run: &RunData) -> Analysis {
    analyse(run, &[limit("p95 < 60s")])
}

/// How the health signal `name` stands when `signal` is read as `value`.
fn standing(signal: Signal, value: f64, name: &str) -> HealthStanding {
    let analysis = judge(&with(signal, value));
    let signals = &analysis.generator.signals;
    let found = signals.iter().find(|found| found.name == name);
    found.unwrap_or_else(|| panic!("{signals:?}")).standing
}

#[test]
fn cpu_that_is_taken_away_makes_the_run_invalid_for_that_cause_without_any_server_watched() {
    for (signal, name, cause) in [
        (
            Signal::HostSteal,
            "CPU time stolen",
            "the hypervisor took 11 % of the CPU away",
        ),
        (
            Signal::CgroupThrottled,
            "CPU quota",
            "the CPU quota of its control group held it back in 11 % of the time",
        ),
    ] {
        assert_eq!(standing(signal, 0.01, name), HealthStanding::Healthy);
        assert_eq!(standing(signal, 0.05, name), HealthStanding::Warning);
        assert_eq!(standing(signal, 0.11, name), HealthStanding::Invalid);
        let analysis = judge(&with(signal, 0.11));
        let told = &analysis.steps[0].invalid;
        assert!(told.iter().any(|reason| reason == cause), "{told:?}");

        // Where nothing of the run can be trusted, the cause comes first.
        let mut lost = with(signal, 0.11);
        let middle = lost.workers.len() / 2;
        lost.workers[middle].samples_dropped = 7;
        let told = judge(&lost).reasons.join(" ");
        assert!(told.contains(cause), "{told}");
    }
}

#[test]
fn files_and_ports_that_run_short_are_a_warning() {
    assert_eq!(
        standing(Signal::OpenFiles, 799.0, "open files"),
        HealthStanding::Healthy
    );
    assert_eq!(
        standing(Signal::OpenFiles, 801.0, "open files"),
        HealthStanding::Warning
    );
    assert_eq!(
        standing(Signal::TimeWait, 20_000.0, "ports"),
        HealthStanding::Healthy
    );
    assert_eq!(
        standing(Signal::TimeWait, 23_000.0, "ports"),
        HealthStanding::Warning
    );
    assert_ne!(
        judge(&with(Signal::TimeWait, 23_000.0)).verdict,
        Verdict::Invalid
    );
}

#[test]
fn ports_of_other_programs_connections_are_not_its_own() {
    let mut run = with(Signal::TimeWait, 23_000.0);
    for row in &mut run.workers {
        row.connections_opened = 0;
    }
    assert_eq!(judge(&run).generator.resources.ports, Some((0, 28_000)));
}

#[test]
fn samples_that_fail_for_lack_of_something_make_the_run_invalid_for_it() {
    for (number, cause) in [
        (99, "for lack of ports on"),
        (24, "for lack of open files on"),
    ] {
        let mut run = with(Signal::OpenFiles, 10.0);
        let key = ErrorKey {
            kind: ErrorKind::Generator,
            status: 0,
            label: LabelId(0),
        };
        let errors = run.series.errors.entry(key).or_default();
        errors.first_message = format!("this machine's limit: x (os error {number})");
        errors.counts.insert((StepId(0), 30), 7);
        let analysis = judge(&run);
        assert_eq!(analysis.verdict, Verdict::Invalid);
        let told = analysis.reasons.join(" ");
        assert!(told.contains(cause), "{told}");
    }
}
