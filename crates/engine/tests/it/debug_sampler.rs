//! Samples without a request.

use loadline_engine::ResultParts;
use loadline_plan::{
    DebugSampler, Element, ElementKind, PostProcessor, RegexExtractor, ResponseField, Sampler,
    Scope,
};

use crate::plan::*;
use crate::world::*;

fn debug(regex: &str) -> Element {
    let extractor = RegexExtractor {
        scope: Scope::Main,
        field: ResponseField::Body,
        variable: "found".into(),
        regex: regex.into(),
        template: "$1$".into(),
        default: "none".into(),
        default_empty: false,
        match_number: "1".into(),
    };
    let kind = ElementKind::PostProcessor(PostProcessor::Regex(extractor));
    let lists = DebugSampler {
        variables: true,
        properties: true,
    };
    let sampler = ElementKind::Sampler(Sampler::Debug(lists));
    element("debug", sampler, vec![element("regex", kind, Vec::new())])
}

#[test]
fn a_debug_sampler_has_a_good_sample_that_lists_what_the_user_knows() {
    let found = |regex: &str| {
        let mut test = plan(vec![group(
            threads(1, 0, 1),
            vec![debug(regex), get("${found}")],
        )]);
        test.variables = vec![variable("a", "1", 0), variable("b", "2", 0)];
        let ran = World::new(test).property("host", "here").run();
        let sample = ran.plain()[0];
        assert_eq!((sample.status, sample.service_us), (200, 0));
        assert_eq!(ran.report.labels[0..1], ["debug".into()]);
        ran.paths_of(0)
    };
    assert_eq!(found("JMeterVariables:\\na=(.*)\\nb=2"), "1");
    assert_eq!(found("JMeterProperties:[\\s\\S]*host=(.*)"), "here");
}

#[test]
fn a_debug_post_processor_adds_a_sub_sample_with_its_list() {
    let mut sampler = get("a");
    let lists = DebugSampler {
        variables: true,
        properties: false,
    };
    let kind = ElementKind::PostProcessor(PostProcessor::Debug(lists));
    sampler.children.push(element("list", kind, Vec::new()));
    let mut test = plan(vec![group(threads(1, 0, 1), vec![sampler])]);
    test.variables = vec![variable("x", "1", 0)];
    let parts = ResultParts {
        texts: true,
        bodies: true,
        ..ResultParts::default()
    };
    let ran = World::new(test).heard(parts).run();
    let whole = &ran.results[0];
    let [list] = &whole.children[..] else {
        panic!("one sub-sample")
    };
    assert_eq!(
        (&*list.label, &*list.code, list.is_http),
        ("a-0", "200", false)
    );
    assert_eq!(list.sampler_data, "JMeterVariables\n");
    let body = String::from_utf8_lossy(&list.response_data);
    assert!(
        body.starts_with("JMeterVariables:\n") && body.contains("\nx=1\n"),
        "{body}"
    );
    assert_eq!(whole.received_bytes, 100 + list.response_data.len() as u64);
    assert_eq!(
        ran.plain()[0].received_bytes,
        100,
        "the run counts what came from the server"
    );
}
