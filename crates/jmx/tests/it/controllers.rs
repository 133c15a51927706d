//! What controllers and actions become in the plan, and what a Module Controller runs.

use loadline_plan::{
    Controller, ElementKind, FlowAction, ForEach, Interleave, Sampler, Standing, ThroughputLimit,
};

use crate::plans::{element, flags, group, outline, read_in_group, read_one, read_plan, strings};

#[track_caller]
fn check(below: &str, expected: ElementKind) {
    let (kind, row) = read_one(below);
    assert_eq!(kind, Some(expected));
    assert_eq!(row.standing, Standing::Supported, "{row:?}");
}

#[test]
fn flow_control_actions_are_samplers_without_sample() {
    for (action, target, expected) in [
        ("0", "0", FlowAction::StopThread),
        ("2", "0", FlowAction::StopThread),
        ("0", "2", FlowAction::StopTest),
        ("2", "2", FlowAction::StopTestNow),
        ("3", "0", FlowAction::NextIteration),
        ("4", "0", FlowAction::NextPass),
        ("5", "0", FlowAction::BreakLoop),
    ] {
        let properties = strings(&[
            ("ActionProcessor.action", action),
            ("ActionProcessor.target", target),
        ]);
        check(
            &element("TestAction", "Action", &properties, ""),
            ElementKind::Sampler(Sampler::Flow(expected)),
        );
    }
}

#[test]
fn failed_samples_do_what_a_handler_says() {
    for (action, expected) in [
        ("1", FlowAction::StopThread),
        ("2", FlowAction::StopTest),
        ("3", FlowAction::StopTestNow),
        ("4", FlowAction::NextIteration),
        ("5", FlowAction::NextPass),
        ("6", FlowAction::BreakLoop),
    ] {
        let properties = strings(&[("OnError.action", action)]);
        check(
            &element("ResultAction", "Handler", &properties, ""),
            ElementKind::OnFailure(expected),
        );
    }
    let (kind, row) = read_one(&element("ResultAction", "Handler", "", ""));
    assert_eq!((kind, row.standing), (None, Standing::Supported));
}

#[track_caller]
fn check_controller(class: &str, properties: &str, expected: Controller) {
    check(
        &element(class, "Controller", properties, ""),
        ElementKind::Controller(expected),
    );
}

#[test]
fn loops_of_other_kinds_are_read() {
    check_controller(
        "WhileController",
        &strings(&[("WhileController.condition", " ${more} ")]),
        Controller::While {
            condition: " ${more} ".into(),
        },
    );
    let for_each = |separator, start: &str, end: Option<&str>| {
        Controller::ForEach(ForEach {
            prefix: "id".into(),
            variable: "one".into(),
            separator,
            start: start.into(),
            end: end.map(Into::into),
        })
    };
    let names = [
        ("ForeachController.inputVal", "id"),
        ("ForeachController.returnVal", "one"),
    ];
    check_controller(
        "ForeachController",
        &strings(&names),
        for_each(true, "0", None),
    );
    check_controller(
        "ForeachController",
        &(strings(&names)
            + &strings(&[
                ("ForeachController.startIndex", "1"),
                ("ForeachController.endIndex", ""),
            ])
            + &flags(&[("ForeachController.useSeparator", false)])),
        for_each(false, "1", Some("")),
    );
    check_controller(
        "RunTime",
        &strings(&[("RunTime.seconds", "${seconds}")]),
        Controller::Runtime {
            seconds: "${seconds}".into(),
        },
    );
}

#[test]
fn controllers_that_choose_are_read() {
    check_controller(
        "SwitchController",
        &strings(&[("SwitchController.value", "${case}")]),
        Controller::Switch {
            selection: "${case}".into(),
        },
    );
    check_controller("RandomOrderController", "", Controller::RandomOrder);
    for (class, random) in [("InterleaveControl", false), ("RandomController", true)] {
        for (style, whole_controllers) in [("0", false), ("1", true)] {
            check_controller(
                class,
                &(strings(&[("InterleaveControl.style", style)])
                    + &flags(&[("InterleaveControl.accrossThreads", !random)])),
                Controller::Interleave(Interleave {
                    random,
                    whole_controllers,
                    across_users: !random,
                }),
            );
        }
    }
}

#[test]
fn controllers_that_share_are_read() {
    check_controller(
        "ThroughputController",
        "",
        Controller::Throughput {
            limit: ThroughputLimit::Total("1".into()),
            per_user: true,
        },
    );
    let percent = "<FloatProperty><name>ThroughputController.percentThroughput</name>\
                   <value>12.5</value></FloatProperty>";
    check_controller(
        "ThroughputController",
        &(strings(&[("ThroughputController.style", "1")])
            + &flags(&[("ThroughputController.perThread", false)])
            + percent),
        Controller::Throughput {
            limit: ThroughputLimit::Percent("12.5".into()),
            per_user: false,
        },
    );
    check_controller(
        "CriticalSectionController",
        &strings(&[("CriticalSectionController.lockName", "global_lock")]),
        Controller::CriticalSection {
            lock: "global_lock".into(),
        },
    );
}

// Module Controllers.

fn module(names: &[&str]) -> String {
    let names = [&["Root", "Plan"], names].concat();
    let path: String = names
        .iter()
        .map(|name| format!("<stringProp name=\"1\">{name}</stringProp>"))
        .collect();
    let path =
        format!("<collectionProp name=\"ModuleController.node_path\">{path}</collectionProp>");
    element("ModuleController", "Module", &path, "")
}

fn sampler(name: &str) -> String {
    element("HTTPSamplerProxy", name, "", "")
}

#[test]
fn a_module_controller_runs_a_copy_of_its_target() {
    let fragment = element(
        "TestFragmentController",
        "Fragment",
        "",
        &(sampler("A") + &element("JDBCSampler", "Lost", "", "")),
    );
    let body = module(&["Fragment"]) + &module(&["Fragment"]) + &module(&["Group", "Own"]);
    let own = element("GenericController", "Own", "", &sampler("B")).replacen(
        "enabled=\"true\"",
        "enabled=\"false\"",
        1,
    );
    let (plan, reading) = read_plan("", &(group("Group", &(body + &own)) + &fragment));
    assert_eq!(
        outline(&plan.groups[0].children),
        "Module[Fragment[A]] Module[Fragment[A]] Module[Own[B]]"
    );
    let rows: Vec<_> = reading
        .elements
        .iter()
        .map(|row| format!("{} {}", row.element, row.standing.word()))
        .collect();
    insta::assert_snapshot!(rows[2..].join("\n"), @r"
    ModuleController supported
    ModuleController supported
    ModuleController supported
    GenericController supported
    HTTPSamplerProxy supported
    TestFragmentController supported
    HTTPSamplerProxy supported
    JDBCSampler refused
    ");
}

#[test]
fn a_module_controller_without_a_target_is_refused() {
    let inside = |below: &str| {
        let (group, reading) = read_in_group(below);
        let row = reading
            .elements
            .into_iter()
            .find(|row| row.element == "ModuleController");
        (outline(&group.children), row.unwrap())
    };
    let (kept, row) = inside(&module(&["Nowhere"]));
    assert_eq!((kept.as_str(), row.standing), ("", Standing::Refused));
    assert!(row.reason.contains("`Plan > Nowhere`"), "{row:?}");
    let (_, row) = inside(&(module(&["Group", "A"]) + &sampler("A")));
    assert_eq!(row.standing, Standing::Refused);
    assert!(row.reason.contains("no controller"), "{row:?}");
    let around = element(
        "GenericController",
        "Around",
        "",
        &module(&["Group", "Around"]),
    );
    let (_, row) = inside(&around);
    assert_eq!(row.standing, Standing::Refused);
    assert!(row.reason.contains("itself"), "{row:?}");
}
