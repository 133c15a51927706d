//! Controllers that repeat, choose and share, and actions that change a user's way.

use std::time::Duration;

use loadline_events::StopReason;
use loadline_plan::{
    Controller, Element, ElementKind, FlowAction, ForEach, PostProcessor, RegexExtractor,
    ResponseField, Sampler, Scope, ThroughputLimit,
};

use crate::plan::*;
use crate::world::*;

fn flow(action: FlowAction) -> Element {
    element(
        "action",
        ElementKind::Sampler(Sampler::Flow(action)),
        Vec::new(),
    )
}

fn on_failure(action: FlowAction) -> Element {
    element("handler", ElementKind::OnFailure(action), Vec::new())
}

fn repeat_while(condition: &str, children: Vec<Element>) -> Element {
    let condition = condition.into();
    controller("while", Controller::While { condition }, children)
}

fn for_each(start: &str, end: Option<&str>, children: Vec<Element>) -> Element {
    let kind = Controller::ForEach(ForEach {
        prefix: "id".into(),
        variable: "one".into(),
        separator: true,
        start: start.into(),
        end: end.map(Into::into),
    });
    controller("each", kind, children)
}

#[track_caller]
fn check(iterations: u32, body: Vec<Element>, expected: &str) {
    let mut test = plan(vec![group(threads(1, 0, iterations), body)]);
    test.variables = vec![
        variable("id_1", "x", 0),
        variable("id_2", "y", 0),
        variable("id_3", "z", 0),
        variable("stop", "false", 0),
    ];
    let ran = World::new(test).run();
    assert_eq!(ran.paths_of(0), expected);
    assert!(ran.report.faults.is_empty(), "{:?}", ran.report.faults);
}

#[test]
fn while_ends_at_the_text_false_only() {
    check(
        1,
        vec![repeat_while("${stop}", vec![get("a")]), get("b")],
        "b",
    );
    let counted = r#"${__jexl3(${__counter(FALSE)} < 6)}"#;
    // On entry, and twice between passes.
    check(
        1,
        vec![
            repeat_while(counted, vec![get("${__jm__while__idx}")]),
            get("b"),
        ],
        "0 1 2 b",
    );
}

#[test]
fn while_ends_after_a_failed_sample() {
    // With LAST, the failed sample behind it keeps it from being entered again.
    for (condition, expected) in [("", "a a b a b"), ("LAST", "a a b b")] {
        let body = vec![repeat_while(condition, vec![get("a")]), pause(1)];
        let body = [body, vec![get("b")]].concat();
        let world = World::new(plan(vec![group(threads(1, 0, 2), body)]));
        let ran = world
            .answer(|seen| match &*seen.path {
                "/a" if seen.at_ms >= 100 => failed(100),
                "/a" => ok(100),
                _ => failed(100),
            })
            .run();
        assert_eq!(ran.paths_of(0), expected, "{condition}");
    }
}

#[test]
fn for_each_takes_the_variables_of_a_family() {
    check(
        2,
        vec![
            for_each("0", None, vec![get("${__jm__each__idx}${one}")]),
            get("after-${one}"),
        ],
        "0x 1y 2z after-x 0x 1y 2z after-x",
    );
    check(
        1,
        vec![for_each("1", Some("2"), vec![get("${one}")]), get("b")],
        "y b",
    );
    check(
        1,
        vec![for_each("", Some(""), vec![get("${one}")]), get("b")],
        "b",
    );
    check(
        1,
        vec![for_each("3", None, vec![get("${one}")]), get("b")],
        "b",
    );
}

#[test]
fn for_each_reads_what_an_extractor_found() {
    let regex = RegexExtractor {
        scope: Scope::Main,
        field: ResponseField::Body,
        variable: "id".into(),
        regex: "[0-9]+".into(),
        template: "$0$".into(),
        default: "".into(),
        default_empty: false,
        match_number: "-1".into(),
    };
    let mut list = get("list");
    list.children.push(element(
        "regex",
        ElementKind::PostProcessor(PostProcessor::Regex(regex)),
        Vec::new(),
    ));
    let body = vec![list, for_each("0", None, vec![get("${one}")])];
    let world = World::new(plan(vec![group(threads(1, 0, 1), body)]));
    let ran = world.answer(|_| body_of_numbers()).run();
    assert_eq!(ran.paths_of(0), "list 7 8");
}

fn body_of_numbers() -> Answer {
    body("7, 8")
}

#[test]
fn runtime_repeats_for_some_seconds_and_stops_between_samplers() {
    let runtime = Controller::Runtime {
        seconds: "1".into(),
    };
    let body = vec![
        controller("time", runtime, vec![get("a"), get("b"), get("c")]),
        get("end"),
    ];
    let world = World::new(plan(vec![group(threads(1, 0, 1), body)]));
    let ran = world.answer(|_| ok(300)).run();
    assert_eq!(ran.paths_of(0), "a b c a end");
}

#[test]
fn shared_throughput_counts_over_all_users() {
    let run = |per_user| {
        let kind = Controller::Throughput {
            limit: ThroughputLimit::Total("3".into()),
            per_user,
        };
        let body = vec![controller("some", kind, vec![get("a")]), get("b")];
        let ran = World::new(plan(vec![group(threads(2, 0, 4), body)])).run();
        ran.seen.iter().filter(|seen| seen.path == "/a").count()
    };
    assert_eq!(run(false), 3);
    assert_eq!(run(true), 6);
}

#[test]
fn a_critical_section_holds_one_user_at_a_time() {
    let lock = |name: &str| Controller::CriticalSection { lock: name.into() };
    let run = |name: &str| {
        let body = vec![
            controller("section", lock(name), vec![get("a"), get("b")]),
            get("c"),
        ];
        World::new(plan(vec![group(threads(2, 0, 1), body)])).run()
    };
    let ran = run("lock");
    assert_eq!(ran.times_of(0), [0, 100, 200]);
    assert_eq!(ran.times_of(1), [200, 300, 400]);
    // Waiting for one another is no lateness of the generator.
    assert!(ran.plain().iter().all(|sample| sample.start_delay_us == 0));
    assert_eq!(run("").times_of(1), [0, 100, 200]);
    assert_eq!(run("${__threadNum}").times_of(1), [0, 100, 200]);
}

#[test]
fn who_waits_for_a_section_ends_with_the_test() {
    let lock = Controller::CriticalSection { lock: "l".into() };
    let body = vec![controller("section", lock, vec![get("a")])];
    let world = World::new(plan(vec![group(threads(2, 0, 9), body)]));
    let ran = world
        .answer(|_| ok(1000))
        .after(Duration::from_millis(500), |control| {
            control.stop(StopReason::Signal);
        })
        .run();
    assert_eq!(ran.seen.len(), 1);
    assert_eq!(ran.report.ended_at, at(1000));
}

#[test]
fn actions_change_the_way() {
    let body = |action| {
        vec![
            repeat(
                "2",
                vec![transaction(
                    "t",
                    false,
                    false,
                    vec![get("a"), flow(action), get("b")],
                )],
            ),
            get("c"),
        ]
    };
    check(2, body(FlowAction::NextPass), "a a c a a c");
    check(2, body(FlowAction::BreakLoop), "a c a c");
    check(2, body(FlowAction::NextIteration), "a a");
    check(2, body(FlowAction::StopThread), "a");
    check(2, body(FlowAction::StopTest), "a");
    check(
        1,
        vec![
            repeat("2", vec![get("a"), flow(FlowAction::NextPass)]),
            get("${__jm__loop__idx}"),
        ],
        "a a 2",
    );
    check(
        2,
        vec![
            for_each(
                "0",
                Some("2"),
                vec![get("${one}"), flow(FlowAction::NextPass)],
            ),
            get("n"),
        ],
        "x y n n",
    );
    check(
        1,
        vec![repeat_while(
            "${__jexl3(${__counter(FALSE)} < 5)}",
            vec![get("w"), flow(FlowAction::NextPass)],
        )],
        "w w w w",
    );
    // The thread group is the loop of what stands in no other.
    check(
        2,
        vec![get("a"), flow(FlowAction::NextPass), get("b")],
        "a a",
    );
    check(
        2,
        vec![get("a"), flow(FlowAction::BreakLoop), get("b")],
        "a",
    );
}

#[test]
fn a_transaction_left_by_an_action_is_reported() {
    let inner = vec![get("a"), flow(FlowAction::BreakLoop)];
    let body = vec![
        repeat("5", vec![transaction("t", false, false, inner)]),
        get("b"),
    ];
    let ran = World::new(plan(vec![group(threads(1, 0, 1), body)])).run();
    let transactions = ran.transactions();
    assert_eq!(transactions.len(), 1);
    assert_eq!(transactions[0].service_us, 100_000);
}

#[test]
fn a_failed_sample_does_what_the_handler_in_scope_says() {
    let run = |action| {
        let body = vec![
            repeat("2", vec![get("bad"), get("a"), on_failure(action)]),
            get("c"),
        ];
        let world = World::new(plan(vec![group(threads(1, 0, 2), body)]));
        let ran = world
            .answer(|seen| match &*seen.path {
                "/bad" => failed(10),
                _ => ok(10),
            })
            .run();
        (ran.paths_of(0), ran.report.reason)
    };
    let completed = |paths: &str| (paths.to_owned(), StopReason::Completed);
    assert_eq!(run(FlowAction::NextPass), completed("bad bad c bad bad c"));
    assert_eq!(run(FlowAction::BreakLoop), completed("bad c bad c"));
    assert_eq!(run(FlowAction::NextIteration), completed("bad bad"));
    assert_eq!(run(FlowAction::StopThread), completed("bad"));
    assert_eq!(
        run(FlowAction::StopTestNow),
        ("bad".to_owned(), StopReason::Plan)
    );
}

#[test]
fn a_handler_above_a_transaction_with_its_own_sample_sees_that_sample_only() {
    let inside = |parent_sample| {
        let body = vec![
            on_failure(FlowAction::StopThread),
            transaction("t", parent_sample, false, vec![get("bad"), get("a")]),
        ];
        let world = World::new(plan(vec![group(threads(1, 0, 1), body)]));
        world.answer(|_| failed(10)).run().paths_of(0)
    };
    assert_eq!(inside(true), "bad a");
    assert_eq!(inside(false), "bad");
}

#[test]
fn an_endless_loop_of_actions_holds_up_nobody() {
    let body = vec![controller(
        "loop",
        Controller::Loop {
            count: loadline_plan::LoopCount::Forever,
            restarts: true,
        },
        vec![flow(FlowAction::NextPass)],
    )];
    let ran = World::new(plan(vec![group(users_for(1, 1), body)])).run();
    assert_eq!(ran.report.ended_at, at(1000));
}
