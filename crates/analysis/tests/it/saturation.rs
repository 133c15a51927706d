//! What saturates is named, what does not is not.

use loadline_analysis::{BreakingStatus, Cause, ResourceStanding, StepState, Verdict, analyse};
use loadline_events::Signal;
use loadline_metrics::StepLoad;

use crate::limits::limit;
use crate::simulator::Scenario;

#[test]
fn a_light_load_is_steady_and_nothing_is_blamed() {
    let run = Scenario::default().run();
    let analysis = analyse(&run, &[]);
    assert_eq!(analysis.verdict, Verdict::Measured);
    for step in &analysis.steps {
        assert_eq!(step.state, StepState::Steady, "{step:?}");
        assert!(step.invalid.is_empty(), "{:?}", step.invalid);
    }
    assert_eq!(
        analysis.bottleneck.cause,
        Cause::None,
        "{:?}",
        analysis.bottleneck
    );
    let throughput = analysis.steps[1].stats.throughput.clone().unwrap();
    assert!((throughput.value - 99.5).abs() < 5.0, "{throughput:?}");
    assert!(throughput.low.unwrap() < throughput.high.unwrap());
}

#[test]
fn percentiles_of_the_spread_are_those_of_the_steps() {
    let analysis = analyse(&Scenario::default().run(), &[]);
    assert_eq!(analysis.spread.len(), analysis.steps.len());
    for (curve, step) in analysis.spread.iter().zip(&analysis.steps) {
        let times = &step.stats.response;
        let named = [(0.5, &times.p50), (0.9, &times.p90), (0.95, &times.p95)];
        for (quantile, of_step) in named {
            let mut points = curve.points.iter();
            let point = points.find(|point| (point.0 - quantile).abs() < 1e-9);
            assert_eq!(point.unwrap().1, of_step.as_ref().unwrap().value);
        }
    }
}

#[test]
fn one_busy_thread_is_named_with_its_capacity() {
    let run = Scenario {
        loads: vec![40.0, 80.0, 160.0, 320.0, 400.0],
        service_s: 0.008,
        ..Scenario::default()
    }
    .run();
    let limits = [limit("errors <= 10%"), limit("p95 < 1s")];
    let analysis = analyse(&run, &limits);
    assert_eq!(
        analysis.bottleneck.cause,
        Cause::SingleThread,
        "{:#?}",
        analysis.bottleneck
    );
    assert!(!analysis.bottleneck.evidence.is_empty());
    let thread = analysis.servers[0]
        .resources
        .iter()
        .find(|resource| resource.signal == Signal::BusiestThread)
        .unwrap();
    assert!(
        matches!(thread.standing, ResourceStanding::Saturated { .. }),
        "{thread:?}"
    );
    let thread = (analysis.demand.iter())
        .find(|demand| demand.signal == Signal::BusiestThread)
        .unwrap();
    assert!(
        (thread.demand_us.value - 8_000.0).abs() < 800.0,
        "{thread:?}"
    );
    assert!(
        (thread.capacity_per_s.value - 124.0).abs() < 8.0,
        "{thread:?}"
    );
    assert_eq!(analysis.verdict, Verdict::Fail);
    let breaking = &analysis.breaking_point;
    assert_eq!(breaking.status, BreakingStatus::Found);
    assert_eq!(breaking.carried, Some(StepLoad::Users(160)));
    assert_eq!(breaking.broken, Some(StepLoad::Users(320)));
    assert!(
        breaking
            .knees
            .iter()
            .any(|knee| knee.what == "response time doubles"),
        "{:?}",
        breaking.knees
    );
}

#[test]
fn of_several_servers_the_first_sentence_names_the_one_at_its_limit() {
    let mut run = Scenario {
        loads: vec![400.0, 600.0, 800.0],
        service_s: 0.008,
        hold_s: 40,
        ..Scenario::default()
    }
    .run();
    let mut idle = run.servers[0].clone();
    idle.name = "idle".to_owned();
    for reading in &mut idle.readings {
        for (_, value) in &mut reading.values {
            *value = 0.0;
        }
    }
    run.servers.insert(0, idle);
    let finding = analyse(&run, &[]).bottleneck;
    assert_eq!(finding.cause, Cause::SingleThread, "{finding:#?}");
    assert!(
        finding.evidence[0].starts_with("Server backend: One thread of the server uses"),
        "{finding:#?}"
    );
}

#[test]
fn saturation_from_the_first_step_on_is_seen() {
    let run = Scenario {
        loads: vec![400.0, 600.0, 800.0],
        service_s: 0.008,
        hold_s: 40,
        ..Scenario::default()
    }
    .run();
    let analysis = analyse(&run, &[]);
    assert_eq!(
        analysis.bottleneck.cause,
        Cause::SingleThread,
        "{:#?}",
        analysis.bottleneck
    );
    assert_eq!(analysis.bottleneck.knee_step, Some(run.steps[0].step));
}

#[test]
fn a_growing_queue_of_an_open_load_is_rising() {
    let run = Scenario {
        loads: vec![50.0, 150.0],
        open: true,
        service_s: 0.008,
        ..Scenario::default()
    }
    .run();
    let analysis = analyse(&run, &[limit("p95 < 60s")]);
    assert_eq!(analysis.steps[0].state, StepState::Steady);
    assert!(
        matches!(analysis.steps[1].state, StepState::Rising { per_second } if per_second > 0.0),
        "{:?}",
        analysis.steps[1].state
    );
    let mean = analysis.steps[1].stats.response.mean.clone().unwrap();
    assert_eq!((mean.low, mean.high), (None, None));
    assert_ne!(
        analysis.limits[0].cells.last().unwrap().verdict,
        Verdict::Pass
    );
}

#[test]
fn a_server_that_dies_is_not_alive() {
    let run = Scenario {
        dies_s: Some(50),
        ..Scenario::default()
    }
    .run();
    let analysis = analyse(&run, &[limit("server backend alive")]);
    assert_eq!(analysis.verdict, Verdict::Fail, "{:?}", analysis.reasons);
    assert_eq!(analysis.servers[0].alive, Some(false));
    let died = analysis.servers[0].died_s.unwrap();
    assert!((50.0..=52.0).contains(&died), "{died}");
    assert_eq!(analysis.breaking_point.broken, Some(StepLoad::Users(100)));
}

#[test]
fn a_long_pause_that_ends_is_no_death() {
    let mut run = Scenario::default().run();
    // Nothing ends for five seconds, while samples wait.
    for cell in run.series.cells.values_mut() {
        cell.ended.retain(|second, _| !(10..15).contains(second));
    }
    for row in &mut run.workers {
        row.in_flight = row.in_flight.max(1);
    }
    let limits = [limit("server backend alive")];
    assert_eq!(analyse(&run, &limits).verdict, Verdict::Pass);
    // Without an end it is.
    for cell in run.series.cells.values_mut() {
        cell.ended.retain(|second, _| *second < 55);
    }
    let analysis = analyse(&run, &limits);
    assert_eq!(analysis.verdict, Verdict::Fail);
    assert_eq!(analysis.servers[0].died_s, Some(55.0));
}

#[test]
fn a_host_full_of_other_programs_is_the_cause_not_loadline_or_the_server() {
    let scenario = Scenario {
        loads: vec![40.0, 80.0, 160.0, 320.0],
        service_s: 0.008,
        others: 2.8,
        // Late enough to bend every figure, though it hardly uses the CPU.
        loop_lag_us: 400_000,
        ..Scenario::default()
    };
    let analysis = analyse(&scenario.run(), &[limit("p95 < 1s")]);
    let finding = &analysis.bottleneck;
    assert_eq!(finding.cause, Cause::SharedHost, "{finding:#?}");
    assert!(!finding.likely_only);
    assert!(
        finding.evidence[0].contains("programs other than the server and Loadline take"),
        "{finding:#?}"
    );
    assert!(finding.advice[0].starts_with("Stop other programs, or use a machine of its own"));
}
