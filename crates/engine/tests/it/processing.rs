//! Extractors and assertions in a run.

use loadline_events::{ErrorKind, SampleFlags};
use loadline_plan::{
    Assertion, Element, ElementKind, JsonAssertion, JsonAssertionKind, JsonExtractor, MatchRule,
    OnSampleError, PostProcessor, ResponseAssertion, ResponseField, Scope,
};

use crate::plan::*;
use crate::world::*;

fn json(variable: &str, path: &str) -> Element {
    let extractor = JsonExtractor {
        scope: Scope::Main,
        variables: variable.into(),
        paths: path.into(),
        defaults: "none".into(),
        match_numbers: "1".into(),
        concatenate: false,
    };
    let kind = ElementKind::PostProcessor(PostProcessor::Json(extractor));
    element("extractor", kind, Vec::new())
}

fn contains(text: &str) -> Element {
    let assertion = ResponseAssertion {
        scope: Scope::Main,
        field: ResponseField::Body,
        rule: MatchRule::Substring,
        not: false,
        any: false,
        patterns: vec![text.into()],
        assume_success: false,
        custom_message: "".into(),
    };
    let kind = ElementKind::Assertion(Assertion::Response(assertion));
    element("assertion", kind, Vec::new())
}

fn with(mut sampler: Element, children: Vec<Element>) -> Element {
    sampler.children = children;
    sampler
}

#[test]
fn an_extracted_value_is_used_by_the_next_request() {
    let create = with(get("posts"), vec![json("id", "$.post.id")]);
    let test = plan(vec![group(
        threads(1, 0, 1),
        vec![create, get("posts-${id}")],
    )]);
    let ran = World::new(test)
        .answer(|_| body(r#"{"post": {"id": 42}}"#))
        .run();
    assert_eq!(ran.paths_of(0), "posts posts-42");
}

#[test]
fn a_failed_assertion_makes_the_sample_an_error() {
    let checked = with(get("a"), vec![contains("hello")]);
    let mut test = plan(vec![group(threads(1, 0, 2), vec![checked, get("b")])]);
    test.groups[0].on_sample_error = OnSampleError::StartNextLoop;
    let ran = World::new(test).answer(|_| body("goodbye")).run();
    assert_eq!(ran.paths_of(0), "a a");
    assert!(
        ran.plain()
            .iter()
            .all(|sample| sample.error == ErrorKind::Assertion)
    );
    assert_eq!(ran.report.errors, 2);
    assert!(
        ran.failures[0].message.contains("hello"),
        "{:?}",
        ran.failures[0]
    );
}

#[test]
fn the_last_sample_decides_a_condition() {
    let checked = with(get("a"), vec![contains("hello")]);
    let guarded = when("${JMeterThread.last_sample_ok}", vec![get("only-if-good")]);
    let test = || {
        plan(vec![group(
            threads(1, 0, 1),
            vec![checked.clone(), guarded.clone()],
        )])
    };
    let ran = World::new(test()).answer(|_| body("goodbye")).run();
    assert_eq!(ran.paths_of(0), "a");
    let ran = World::new(test()).answer(|_| body("hello")).run();
    assert_eq!(ran.paths_of(0), "a only-if-good");
}

#[test]
fn assertions_judge_a_parent_sample_too() {
    // It has no body, so that an assertion on bodies fails it, as in JMeter.
    let inner = vec![contains("hello"), get("a")];
    let run = |parent| {
        let inner = vec![transaction("t", parent, false, inner.clone())];
        let test = plan(vec![group(threads(1, 0, 1), inner)]);
        World::new(test).answer(|_| body("hello")).run()
    };
    let (parent, extra) = (run(true), run(false));
    assert_eq!(parent.transactions()[0].error, ErrorKind::Assertion);
    assert!(parent.plain()[0].flags.contains(SampleFlags::PART));
    assert_eq!(parent.plain()[0].error, ErrorKind::None);
    assert_eq!(extra.transactions()[0].error, ErrorKind::None);
}

#[test]
fn the_message_of_the_first_assertion_that_has_one_counts() {
    let exists = |path: &str| {
        let assertion = JsonAssertion {
            kind: JsonAssertionKind::JsonPath,
            path: path.into(),
            compared: false,
            expected: "".into(),
            is_regex: true,
            expect_null: false,
            not: false,
        };
        let kind = ElementKind::Assertion(Assertion::Json(assertion));
        element("assertion", kind, Vec::new())
    };
    let message = |assertions: Vec<Element>| {
        let test = plan(vec![group(
            threads(1, 0, 1),
            vec![with(get("a"), assertions)],
        )]);
        let ran = World::new(test).answer(|_| body(r#"{"a": 1}"#)).run();
        assert_eq!(ran.report.errors, 1);
        ran.failures[0].message.clone()
    };
    let failing = || exists("$.b");
    assert_eq!(&*message(vec![failing()]), "No results for path: $['b']");
    // One that holds has no message, a JSON Assertion that holds an empty one.
    assert!(message(vec![contains("a"), failing()]).starts_with("No results"));
    assert_eq!(&*message(vec![exists("$.a"), failing()]), "");
}
