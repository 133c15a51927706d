//! Requests changed by what came before, and cut off.

use loadline_events::ErrorKind;
use loadline_plan::{Element, ElementKind, PreProcessor, UrlRewriting};

use crate::plan::*;
use crate::world::*;

fn pre_processor(kind: PreProcessor) -> Element {
    element("modifier", ElementKind::PreProcessor(kind), Vec::new())
}

fn cut_off(timeout_ms: &str) -> Element {
    pre_processor(PreProcessor::SampleTimeout {
        timeout_ms: timeout_ms.into(),
    })
}

#[test]
fn a_session_of_one_answer_is_in_the_next_path() {
    let rewriting = UrlRewriting {
        argument: "sid".into(),
        in_path: true,
        without_equals: false,
        without_question_mark: false,
        keeps_value: true,
        encode: false,
    };
    let rewriting = pre_processor(PreProcessor::UrlRewriting(rewriting));
    let items = vec![rewriting, get("a"), get("b"), get("c")];
    let ran = World::new(plan(vec![group(threads(2, 0, 1), items)]))
        .answer(|seen| match (seen.user, seen.path.as_str()) {
            (0, "/a") => body("<a href='/b;sid=s0'>"),
            (_, "/a") => body("<a href='/b;sid=s1'>"),
            _ => body("nothing"),
        })
        .run();
    assert_eq!(ran.paths_of(0), "a b;sid=s0 c;sid=s0");
    assert_eq!(ran.paths_of(1), "a b;sid=s1 c;sid=s1");
}

#[test]
fn a_request_beyond_its_time_is_cut_off_and_fails() {
    let mut slow = get("slow");
    slow.children.push(cut_off("${most}"));
    let items = vec![cut_off("5000"), slow, get("quick")];
    let mut test = plan(vec![group(threads(1, 0, 1), items)]);
    test.variables = vec![variable("most", "300", 0)];
    let ran = World::new(test)
        .answer(|seen| match seen.path.as_str() {
            "/slow" => ok(2000),
            _ => ok(400),
        })
        .run();
    let told: Vec<_> = ran
        .samples
        .iter()
        .map(|sample| (sample.service_us, sample.error))
        .collect();
    assert_eq!(
        told,
        [(300_000, ErrorKind::Timeout), (400_000, ErrorKind::None)]
    );
    assert_eq!(&*ran.failures[0].message, "Socket closed");
}
