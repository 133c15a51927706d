//! Dummy Samplers, Set Variables Actions, Parameterized and Weighted Switch Controllers.

use loadline_events::ErrorKind;
use loadline_plan::{Controller, DummySampler, Element, ElementKind, Sampler, Text};

use crate::plan::*;
use crate::world::*;

fn dummy(waits: bool, success: &str, code: &str, time_ms: &str) -> Element {
    let dummy = DummySampler {
        waits,
        success: success.into(),
        code: code.into(),
        message: "made up".into(),
        body: "hello".into(),
        response_time_ms: time_ms.into(),
        latency_ms: "7".into(),
        connect_ms: "3".into(),
        ..DummySampler::default()
    };
    let kind = ElementKind::Sampler(Sampler::Dummy(Box::new(dummy)));
    element("dummy", kind, Vec::new())
}

fn pairs(list: &[(&str, &str)]) -> Vec<(Text, Text)> {
    list.iter()
        .map(|(name, value)| ((*name).into(), (*value).into()))
        .collect()
}

fn set(list: &[(&str, &str)]) -> Element {
    let kind = ElementKind::Sampler(Sampler::SetVariables(pairs(list)));
    element("set", kind, Vec::new())
}

#[test]
fn a_dummy_waits_as_long_as_it_says() {
    let body = vec![dummy(true, "true", "201", "${__intSum(40,10)}"), get("a")];
    let ran = World::new(plan(vec![group(threads(1, 0, 1), body)])).run();
    let sample = ran.plain()[0];
    assert_eq!((sample.service_us, sample.status), (50_000, 201));
    assert_eq!((sample.connect_us, sample.first_byte_us), (3_000, 7_000));
    assert_eq!((sample.received_bytes, sample.error), (5, ErrorKind::None));
    assert_eq!(ran.times_of(0), [50]);
}

#[test]
fn a_dummy_that_does_not_wait_has_its_time_behind_it() {
    let body = vec![pause(200), dummy(false, "true", "200", "150"), get("a")];
    let ran = World::new(plan(vec![group(threads(1, 0, 1), body)])).run();
    let sample = ran.plain()[0];
    assert_eq!((intended_ms(&sample), sample.service_us), (50, 150_000));
    assert_eq!(sample.start_delay_us, 0);
    assert_eq!(ran.times_of(0), [200]);
    // A time that is no number is none, and a time before the run is counted all the same.
    let body = vec![
        dummy(false, "true", "200", "150"),
        dummy(true, "TRUE", "x", "1.5"),
    ];
    let ran = World::new(plan(vec![group(threads(1, 0, 1), body)])).run();
    let times: Vec<u32> = ran.plain().iter().map(|sample| sample.service_us).collect();
    assert_eq!(times, [150_000, 0]);
}

#[test]
fn a_dummy_may_fail() {
    let mut failing = group(
        threads(1, 0, 1),
        vec![dummy(true, "${good}", "oops", "1"), get("never")],
    );
    failing.on_sample_error = loadline_plan::OnSampleError::StopThread;
    let ran = World::new(plan(vec![failing])).run();
    assert_eq!(ran.report.errors, 1);
    assert_eq!(ran.seen.len(), 0);
    assert_eq!(
        (&*ran.failures[0].code, &*ran.failures[0].message),
        ("oops", "made up")
    );
}

#[test]
fn variables_are_set_by_an_action() {
    let body = vec![
        set(&[("a", "1"), ("b", "${a}"), ("a", "2")]),
        get("${a}${b}"),
        set(&[("b", "${a}")]),
        get("${a}${b}"),
    ];
    let ran = World::new(plan(vec![group(threads(1, 0, 1), body)])).run();
    // Of one name the first counts, and values are taken before any is set.
    assert_eq!(ran.paths_of(0), "1${a} 11");
    assert_eq!(ran.report.samples, 2);
}

#[test]
fn a_parameterized_controller_sets_its_variables_before_each_sampler() {
    let variables = pairs(&[("n", "${__counter(TRUE)}"), ("x", "in")]);
    let body = vec![
        get("${n}${x}"),
        controller(
            "parameters",
            Controller::Parameterized { variables },
            vec![
                get("${n}${x}"),
                set(&[("x", "changed")]),
                controller("inner", Controller::Simple, vec![get("${n}${x}")]),
            ],
        ),
        get("${n}${x}"),
    ];
    let ran = World::new(plan(vec![group(threads(1, 0, 2), body)])).run();
    // It sets them once more when it has no sampler left.
    assert_eq!(ran.paths_of(0), "${n}${x} 1in 3in 4in 4in 5in 7in 8in");
}

#[test]
fn a_weighted_switch_runs_the_child_that_lacks_most() {
    let weighted = |weights: &[&str]| {
        let kind = Controller::Weighted {
            weights: weights.iter().map(|weight| (*weight).into()).collect(),
        };
        let pair = controller("pair", Controller::Simple, vec![get("b"), get("B")]);
        controller("weights", kind, vec![get("a"), pair, get("c")])
    };
    let run = |weights: &[&str], loops| {
        let body = vec![weighted(weights)];
        let ran = World::new(plan(vec![group(threads(1, 0, loops), body)])).run();
        ran.paths_of(0)
    };
    assert_eq!(run(&["1", "2", "0"], 6), "b B a b B b B a b B");
    assert_eq!(run(&["0", "0", "5"], 2), "c c");
    assert_eq!(run(&["0", "x"], 2), "");
    let long = run(&["60", "30", "10"], 100);
    let count = |path: &str| long.split(' ').filter(|other| *other == path).count();
    assert_eq!((count("a"), count("b"), count("c")), (60, 30, 10));
}
