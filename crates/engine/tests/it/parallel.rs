//! Parallel Controllers: what is below them runs at the same time.

use std::time::Duration;

use loadline_engine::{ResultParts, RunControl};
use loadline_events::{ErrorKind, SampleFlags, StopReason};
use loadline_plan::{Controller, Element, ElementKind, FlowAction, OnSampleError, Sampler};

use crate::plan::*;
use crate::world::*;

fn flow(action: FlowAction) -> Element {
    let kind = ElementKind::Sampler(Sampler::Flow(action));
    element("action", kind, Vec::new())
}

fn set(list: &[(&str, &str)]) -> Element {
    let pairs = list
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()));
    let kind = ElementKind::Sampler(Sampler::SetVariables(pairs.collect()));
    element("set", kind, Vec::new())
}

fn parallel(parent_sample: bool, most: Option<u32>, children: Vec<Element>) -> Element {
    let kind = Controller::Parallel {
        parent_sample,
        most,
    };
    controller("parallel", kind, children)
}

/// Two controllers with two requests and a request, side by side.
pub(crate) fn side_by_side(parent_sample: bool, most: Option<u32>) -> Vec<Element> {
    let pair =
        |name, first, second| controller(name, Controller::Simple, vec![get(first), get(second)]);
    let children = vec![pair("one", "a", "b"), pair("two", "c", "d"), get("e")];
    vec![parallel(parent_sample, most, children), get("f")]
}

#[test]
fn branches_of_a_parallel_controller_run_at_the_same_time() {
    let run = |most| {
        let body = side_by_side(false, most);
        World::new(plan(vec![group(threads(1, 0, 2), body)])).run()
    };
    let ran = run(None);
    let paths = "a c e b d f";
    assert_eq!(ran.paths_of(0), format!("{paths} {paths}"));
    assert_eq!(ran.times_of(0)[..6], [0, 0, 0, 100, 100, 200]);
    assert!(ran.transactions().is_empty());
    assert_eq!(ran.report.samples, 12);
    let two = run(Some(2));
    assert_eq!(two.paths_of(0)[..11], *"a c b d e f");
    assert_eq!(two.times_of(0)[..6], [0, 0, 100, 100, 200, 300]);
    assert_eq!(run(Some(1)).times_of(0)[..6], [0, 100, 200, 300, 400, 500]);
}

#[test]
fn a_parallel_controller_may_have_a_sample_with_its_branches_inside() {
    let body = side_by_side(true, None);
    let world = World::new(plan(vec![group(threads(1, 0, 1), body)])).answer(|seen| {
        if seen.path == "/d" {
            failed(150)
        } else {
            ok(100)
        }
    });
    let ran = world.heard(ResultParts::default()).run();
    let [whole] = ran.transactions()[..] else {
        panic!("one sample of the controller")
    };
    assert_eq!((whole.service_us, whole.status), (250_000, 200));
    assert_eq!(whole.error, ErrorKind::Status);
    assert_eq!((whole.received_bytes, whole.sent_bytes), (500, 50));
    let parts = ran.plain().into_iter();
    let parts: Vec<bool> = parts
        .map(|part| part.flags.contains(SampleFlags::PART))
        .collect();
    assert_eq!(parts, [true, true, true, true, true, false]);
    let heard: Vec<&str> = ran.results.iter().map(|result| &*result.label).collect();
    assert_eq!(heard, ["parallel", "f"]);
    let result = &ran.results[0];
    let inside: Vec<&str> = result.children.iter().map(|part| &*part.label).collect();
    assert_eq!(inside, ["a", "c", "e", "b", "d"]);
    assert_eq!((result.code.as_str(), result.success), ("200", false));
    assert_eq!((result.elapsed_ms(), result.received_bytes), (250, 500));
}

#[test]
fn variables_of_branches_count_behind_them() {
    let taken = |name, value| {
        let children = vec![set(&[(name, value)]), get(&format!("{name}=${{{name}}}"))];
        controller(name, Controller::Simple, children)
    };
    let body = vec![
        set(&[("x", "0"), ("y", "0")]),
        parallel(false, None, vec![taken("x", "1"), taken("y", "2")]),
        get("${x}${y}"),
    ];
    let ran = World::new(plan(vec![group(threads(1, 0, 1), body)])).run();
    assert_eq!(ran.paths_of(0), "x=1 y=2 12");
    // One after another, they see each other's.
    let pair = vec![taken("x", "1"), get("${x}${y}")];
    let body = vec![set(&[("y", "0")]), parallel(false, Some(1), pair)];
    let ran = World::new(plan(vec![group(threads(1, 0, 1), body)])).run();
    assert_eq!(ran.paths_of(0), "x=1 10");
}

#[test]
fn the_group_s_word_on_errors_counts_for_the_controller_s_own_sample_only() {
    let run = |parent_sample, on_sample_error| {
        let body = vec![
            parallel(parent_sample, None, vec![get("a"), get("b")]),
            get("c"),
        ];
        let mut group = group(threads(1, 0, 2), body);
        group.on_sample_error = on_sample_error;
        let world = World::new(plan(vec![group]));
        let world = world.answer(|seen| {
            if seen.path == "/a" {
                failed(10)
            } else {
                ok(10)
            }
        });
        world.run().paths_of(0)
    };
    assert_eq!(run(false, OnSampleError::StopThread), "a b c a b c");
    assert_eq!(run(true, OnSampleError::StopThread), "a b");
    assert_eq!(run(true, OnSampleError::StartNextLoop), "a b a b");
}

#[test]
fn branches_go_where_their_actions_say() {
    let run = |action| {
        let stopping = vec![get("a"), flow(action), get("never")];
        let stopping = controller("stopping", Controller::Simple, stopping);
        let body = vec![parallel(false, None, vec![stopping, get("b")]), get("c")];
        World::new(plan(vec![group(threads(1, 0, 2), body)]))
            .run()
            .paths_of(0)
    };
    assert_eq!(run(FlowAction::StopThread), "a b");
    assert_eq!(run(FlowAction::NextIteration), "a b a b");
    // The branch is the loop that it leaves.
    assert_eq!(run(FlowAction::BreakLoop), "a b c a b c");
    assert_eq!(run(FlowAction::NextPass), "a b c a b c");
}

#[test]
fn a_parallel_controller_without_children_holds_up_nobody() {
    let body = vec![
        repeat("1000", vec![parallel(false, None, vec![])]),
        get("a"),
    ];
    let ran = World::new(plan(vec![group(threads(1, 0, 1), body)])).run();
    assert_eq!(ran.paths_of(0), "a");
}

#[test]
fn samples_of_branches_that_are_cut_off_are_recorded() {
    let children = vec![get("slow"), get("slow")];
    let body = vec![parallel(true, None, children)];
    let world = World::new(plan(vec![group(threads(1, 0, 1), body)])).answer(|_| ok(60_000));
    let stop = |control: &RunControl| control.abort(StopReason::Signal);
    let ran = world.after(Duration::from_secs(1), stop).run();
    assert_eq!((ran.report.samples, ran.report.censored), (2, 2));
}
