//! Two runs compared.

use loadline_analysis::{
    CellAnswer, ComparabilityStanding, CompareOptions, ComparedMetric, Comparison, RunAnswer,
    analyse, compare,
};

use crate::limits::limit;
use crate::simulator::Scenario;

fn compared(baseline: &Scenario, candidate: &Scenario) -> Comparison {
    let limits = [limit("p95 < 1s")];
    let (a, b) = (baseline.run(), candidate.run());
    let (x, y) = (analyse(&a, &limits), analyse(&b, &limits));
    compare((&a, &x), (&b, &y), &CompareOptions::default())
}

fn base() -> Scenario {
    Scenario {
        loads: vec![100.0, 200.0],
        servers: 8,
        service_s: 0.020,
        hold_s: 40,
        ..Scenario::default()
    }
}

#[test]
fn a_faster_server_is_improved() {
    let faster = Scenario {
        seed: 3,
        service_s: 0.010,
        ..base()
    };
    let comparison = compared(&base(), &faster);
    assert_eq!(
        comparison.answer,
        RunAnswer::Improved,
        "{:#?}",
        comparison.reasons
    );
    let step = &comparison.steps[comparison.headline.unwrap()];
    let p95 = step.rows[0]
        .cells
        .iter()
        .find(|cell| cell.metric == ComparedMetric::P95)
        .unwrap();
    assert_eq!(p95.answer, CellAnswer::Improved);
    let effect = p95.effect.unwrap();
    assert!((effect.value - 0.5).abs() < 0.05, "{effect:?}");
    assert!(effect.low.unwrap() < effect.value && effect.value < effect.high.unwrap());
    assert!(comparison.notes[0].contains("was not measured"));
    assert_eq!(comparison.limits.len(), 1);
    assert!(comparison.spread.is_some());
}

#[test]
fn a_slower_server_is_regressed() {
    let slower = Scenario {
        seed: 3,
        service_s: 0.030,
        ..base()
    };
    assert_eq!(compared(&base(), &slower).answer, RunAnswer::Regressed);
}

#[test]
fn the_same_server_is_not_said_to_differ() {
    let again = Scenario { seed: 3, ..base() };
    let comparison = compared(&base(), &again);
    assert!(
        matches!(
            comparison.answer,
            RunAnswer::NoSignificantChange | RunAnswer::CannotTell
        ),
        "{:?}",
        comparison.reasons
    );
}

#[test]
fn other_loads_are_not_compared() {
    let other = Scenario {
        loads: vec![100.0, 300.0],
        ..base()
    };
    let comparison = compared(&base(), &other);
    assert_eq!(comparison.answer, RunAnswer::NotComparable);
    assert!(
        comparison
            .comparability
            .iter()
            .any(|row| row.what == "steps" && row.standing == ComparabilityStanding::Refused)
    );
    assert!(comparison.reasons[0].starts_with("Not comparable"));
}

#[test]
fn a_server_that_stops_rejecting_is_not_called_slower() {
    // The baseline answers most requests at once with 503, so its median is short.
    let rejecting = Scenario {
        loads: vec![200.0, 400.0],
        service_s: 0.020,
        queue: 20,
        hold_s: 30,
        ..Scenario::default()
    };
    let serving = Scenario {
        seed: 3,
        servers: 16,
        ..rejecting.clone()
    };
    let comparison = compared(&rejecting, &serving);
    assert_eq!(
        comparison.answer,
        RunAnswer::Improved,
        "{:#?}",
        comparison.reasons
    );
    let step = &comparison.steps[comparison.headline.unwrap()];
    let median = step.rows[0]
        .cells
        .iter()
        .find(|cell| cell.metric == ComparedMetric::P50)
        .unwrap();
    assert_eq!(median.answer, CellAnswer::Regressed);
    assert!(!median.stands_after_correction);
    assert!(
        comparison
            .reasons
            .iter()
            .any(|reason| reason.contains("failures mix"))
    );
}
