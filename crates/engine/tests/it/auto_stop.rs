//! AutoStops: who they hear, and how they end the test.

use loadline_events::StopReason;
use loadline_plan::{AutoStop, Element, ElementKind, PlanSource};

use crate::plan::*;
use crate::world::*;

/// Ends the test when more than half of a second's results have failed.
fn auto_stop() -> Element {
    let stop = AutoStop {
        error_percent: "50".into(),
        error_s: "2".into(),
        ..AutoStop::default()
    };
    element("stop", ElementKind::AutoStop(stop), Vec::new())
}

fn run(bad: &'static str, body: Vec<Element>) -> Ran {
    let mut test = plan(vec![group(users_for(1, 60), body)]);
    test.source = PlanSource::Jmx;
    World::new(test)
        .answer(move |seen| {
            if seen.path == bad {
                failed(400)
            } else {
                ok(400)
            }
        })
        .run()
}

#[test]
fn failed_results_end_the_test_at_once() {
    let body = vec![auto_stop(), get("a")];
    let ran = run("/a", body);
    assert_eq!(ran.report.reason, StopReason::Plan);
    let ended = ran.report.ended_at;
    assert!(ended > at(1000) && ended < at(4000), "{ended:?}");
    let told = format!("{:?}", ran.report.faults);
    assert!(told.contains("Error rate more than 50 for 2s"), "{told}");
}

#[test]
fn results_out_of_its_scope_are_not_heard() {
    let with_stop = Element {
        children: vec![auto_stop()],
        ..get("heard")
    };
    let ran = run("/other", vec![with_stop, get("other")]);
    assert_eq!(ran.report.reason, StopReason::Completed);
    assert!(ran.report.faults.is_empty(), "{:?}", ran.report.faults);
}
