//! Samples without a request.

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
