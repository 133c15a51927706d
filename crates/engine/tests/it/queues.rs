//! Users that hand texts to each other through queues.

use loadline_plan::{
    Element, ElementKind, FifoPop, FifoPut, PlanSource, PostProcessor, PreProcessor, ThreadGroup,
};

use crate::plan::*;
use crate::world::*;

fn pop(queue: &str, variable: &str, timeout_s: &str) -> Element {
    let pop = FifoPop {
        queue: queue.into(),
        variable: variable.into(),
        timeout_s: timeout_s.into(),
    };
    let kind = ElementKind::PreProcessor(PreProcessor::FifoPop(pop));
    element("pop", kind, Vec::new())
}

fn put(queue: &str, value: &str) -> Element {
    let put = FifoPut {
        queue: queue.into(),
        value: value.into(),
    };
    let kind = ElementKind::PostProcessor(PostProcessor::FifoPut(put));
    element("put", kind, Vec::new())
}

fn with(name: &str, child: Element) -> Element {
    Element {
        children: vec![child],
        ..get(name)
    }
}

fn run(groups: Vec<ThreadGroup>) -> Ran {
    let mut test = plan(groups);
    test.source = PlanSource::Jmx;
    World::new(test).run()
}

/// A giver that answers after a second, twice.
fn giver() -> ThreadGroup {
    let body = vec![pause(1000), with("give", put("q", "${__threadNum}${n}"))];
    let mut group = group(threads(1, 0, 2), body);
    group.name = "giver".to_owned();
    group
}

#[test]
fn a_user_waits_for_the_text_of_another_as_think_time() {
    let taker = group(threads(1, 0, 2), vec![with("take ${x}", pop("q", "x", ""))]);
    let ran = run(vec![taker, giver()]);
    assert_eq!(ran.paths_of(0), "take 1${n} take 1${n}");
    let times = ran.times_of(0);
    assert!(times[0] >= 1000 && times[1] >= times[0] + 1000, "{times:?}");
    assert!(ran.plain().iter().all(|sample| sample.start_delay_us == 0));
}

#[test]
fn a_text_that_does_not_come_in_time_leaves_no_variable() {
    let body = vec![with("take ${x}", pop("q", "x", "2")), get("on")];
    let mut test = plan(vec![group(threads(1, 0, 1), body)]);
    test.variables = vec![variable("x", "old", 0)];
    let ran = World::new(test).run();
    assert_eq!(ran.paths_of(0), "take ${x} on");
    assert_eq!(ran.times_of(0)[0], 2000);
}

#[test]
fn a_user_that_waits_ends_with_its_load() {
    let ran = run(vec![group(
        users_for(1, 3),
        vec![with("take", pop("q", "x", ""))],
    )]);
    assert_eq!(ran.paths_of(0), "");
    assert_eq!(ran.report.ended_at, at(3000));
}

#[test]
fn texts_of_a_sampler_take_what_they_wait_for() {
    let body = vec![get("a${__fifoPop(q)} ${__fifoPop(q,y)}"), get("b${y}")];
    let mut taker = group(threads(1, 0, 1), body);
    // The name of a sampler is no place to wait in.
    taker.children[0].name = "take".into();
    let ran = run(vec![taker, giver()]);
    let first = ran.paths_of(0);
    assert!(first.starts_with("a1${n} 1${n} "), "{first}");
    assert_eq!(ran.times_of(0)[0] / 1000, 2);
}

#[test]
fn a_place_where_nobody_can_wait_is_an_error() {
    let body = vec![when("${__fifoPop(q)}", vec![get("a")])];
    let plan = plan(vec![group(threads(1, 0, 1), body)]);
    let (program, findings) = loadline_plan::compile(&plan, &Default::default());
    assert!(program.is_none());
    assert_eq!(findings[0].code, "fifo-place");
}
