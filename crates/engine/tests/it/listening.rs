//! What listeners hear: results of samples and transactions, as JMeter's listeners see them.

use std::time::Duration;

use loadline_engine::{ResultParts, RunControl};
use loadline_events::{SampleResult, StopReason};
use loadline_plan::{
    Assertion, DurationAssertion, Element, ElementKind, OutputFile, Plan, Scope, ShareMode,
};

use crate::plan::*;
use crate::world::{EPOCH_US, World, ok};

fn labels(results: &[SampleResult]) -> Vec<&str> {
    results.iter().map(|result| &*result.label).collect()
}

fn heard(plan: Plan) -> Vec<SampleResult> {
    World::new(plan).heard(ResultParts::default()).run().results
}

fn one_user(body: Vec<Element>) -> Plan {
    plan(vec![group(threads(1, 0, 1), body)])
}

#[test]
fn a_result_says_who_when_and_how_long() {
    let two = plan(vec![
        group(threads(1, 0, 1), vec![get("first")]),
        group(threads(2, 2, 1), vec![think(3000), get("second")]),
    ]);
    let results = heard(two);
    let epoch_ms = EPOCH_US / 1000;
    let first = &results[0];
    assert_eq!(
        (first.started_ms, first.ended_ms),
        (epoch_ms, epoch_ms + 100)
    );
    assert_eq!((first.elapsed_ms(), first.idle_ms), (100, 0));
    assert_eq!((first.code.as_str(), first.success), ("200", true));
    assert_eq!(first.thread_name, "group 1-1");
    // One of the second group's users is there already.
    assert_eq!((first.group_threads, first.all_threads), (1, 2));
    assert_eq!((first.sample_count, first.error_count), (1, 0));
    assert!(first.is_http && first.children.is_empty());
    assert_eq!(labels(&results), ["first", "second", "second"]);
    assert_eq!(results[2].thread_name, "group 2-2");
    assert_eq!((results[2].group_threads, results[2].all_threads), (1, 1));
}

#[test]
fn a_sum_comes_behind_its_samples() {
    let results = heard(one_user(vec![
        transaction("sum", false, true, vec![get("a"), pause(50), get("b")]),
        get("c"),
    ]));
    assert_eq!(labels(&results), ["a", "b", "sum", "c"]);
    let sum = &results[2];
    assert_eq!((sum.elapsed_ms(), sum.url.as_deref()), (250, None));
    assert_eq!(
        sum.message,
        "Number of samples in transaction : 3, number of failing samples : 0"
    );
    assert!(!sum.is_http && sum.is_transaction() && sum.children.is_empty());
}

#[test]
fn a_parent_comes_with_its_samples_inside() {
    let inner = transaction("inner", true, true, vec![get("b")]);
    let sum = transaction("sum", false, true, vec![get("c")]);
    let body = vec![transaction("outer", true, true, vec![get("a"), inner, sum])];
    let results = heard(one_user(body));
    // The sum of samples inside a parent is heard by itself.
    assert_eq!(labels(&results), ["sum", "outer"]);
    let outer = &results[1];
    assert_eq!(labels(&outer.children), ["a", "inner", "c"]);
    assert_eq!(labels(&outer.children[1].children), ["b"]);
    assert_eq!((outer.elapsed_ms(), outer.code.as_str()), (300, "200"));
    assert_eq!(outer.thread_name, "group 1-1");
}

/// A listener with a result file.
fn file() -> Element {
    let output = OutputFile {
        file: "results.jtl".into(),
        errors_only: false,
        successes_only: false,
        settings: None,
    };
    element("file", ElementKind::Output(output), Vec::new())
}

/// A request with a listener of its own.
fn get_to_file(name: &str) -> Element {
    Element {
        children: vec![file()],
        ..get(name)
    }
}

#[test]
fn listeners_hear_what_is_in_their_scope() {
    // The files are numbered as they are compiled: a level before those below it.
    let parent = vec![get_to_file("b"), file(), get("c")];
    let sum = vec![get("d"), get_to_file("e")];
    let body = vec![
        get_to_file("a"),
        transaction("parent", true, true, parent),
        transaction("sum", false, true, sum),
        get("f"),
    ];
    let ran = World::new(one_user(body))
        .heard(ResultParts::default())
        .run();
    let told: Vec<(&str, &[u32], bool)> = (ran.overheard.iter())
        .map(|(label, outputs, whole)| (&**label, &**outputs, *whole))
        .collect();
    assert_eq!(
        told,
        [
            ("a", &[0][..], true),
            // Who hears the parent does not hear its samples.
            ("b", &[2], false),
            ("parent", &[1], true),
            ("d", &[], true),
            ("e", &[3], true),
            // A sum is heard where the last sampler is.
            ("sum", &[3], true),
            ("f", &[], true),
        ]
    );
}

fn at_most(name: &str, millis: u64) -> Element {
    let assertion = Assertion::Duration(DurationAssertion {
        scope: Scope::Main,
        longest_ms: text(millis),
    });
    element(name, ElementKind::Assertion(assertion), Vec::new())
}

#[test]
fn assertions_say_their_part_in_order() {
    let body = vec![get("a"), at_most("${id} long", 1000), at_most("short", 10)];
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("data.csv"), "7\n").unwrap();
    let mut body_with_data = vec![data("id", true, false, ShareMode::All)];
    body_with_data.extend(body);
    let parts = ResultParts {
        variables: vec!["id".to_owned(), "none".to_owned()],
        ..ResultParts::default()
    };
    let world = World::new(one_user(body_with_data)).folder(folder.path());
    let results = world.heard(parts).run().results;
    let said: Vec<_> = (results[0].assertions.iter())
        .map(|said| (said.name.as_str(), said.failure, said.error))
        .collect();
    assert_eq!(said, [("7 long", false, false), ("short", true, false)]);
    assert!(
        results[0]
            .failure_message()
            .is_some_and(|why| why.contains("too long"))
    );
    assert_eq!((results[0].success, results[0].error_count), (false, 1));
    assert_eq!(results[0].variables, [Some("7".to_owned()), None]);
}

#[test]
fn a_sample_that_is_cut_off_is_heard() {
    let world = World::new(one_user(vec![get("slow")])).answer(|_| ok(60_000));
    let stop = |control: &RunControl| control.abort(StopReason::Signal);
    let world = world.after(Duration::from_secs(1), stop);
    let results = world.heard(ResultParts::default()).run().results;
    assert_eq!(labels(&results), ["slow"]);
    assert_eq!((results[0].elapsed_ms(), results[0].success), (1000, false));
    assert!(results[0].code.ends_with("java.net.SocketException"));
}
