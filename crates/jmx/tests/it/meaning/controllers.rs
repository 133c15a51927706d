//! Controllers.

use loadline_plan::{Controller, ElementKind, IfCondition, LoopCount};

use super::check;
use crate::plans::{element, flags, strings};

#[test]
fn simple_controllers_are_read() {
    for class in [
        "GenericController",
        "RecordingController",
        "TestFragmentController",
    ] {
        check(
            &element(class, "Controller", "", ""),
            ElementKind::Controller(Controller::Simple),
        );
    }
}

#[test]
fn a_loop_restarts_unless_it_says_otherwise() {
    let (loops, forever) = ("LoopController.loops", "LoopController.continue_forever");
    for (properties, count, restarts) in [
        (strings(&[(loops, "3")]), LoopCount::Times("3".into()), true),
        (
            strings(&[(loops, "-1")]) + &flags(&[(forever, true)]),
            LoopCount::Forever,
            true,
        ),
        (
            strings(&[(loops, "${n}")]) + &flags(&[(forever, false)]),
            LoopCount::Times("${n}".into()),
            false,
        ),
        (String::new(), LoopCount::Times("0".into()), true),
    ] {
        check(
            &element("LoopController", "Loop", &properties, ""),
            ElementKind::Controller(Controller::Loop { count, restarts }),
        );
    }
}

#[test]
fn a_once_only_controller_is_read() {
    check(
        &element("OnceOnlyController", "Once", "", ""),
        ElementKind::Controller(Controller::OnceOnly),
    );
}

#[test]
fn a_transaction_counts_timers_unless_it_says_otherwise() {
    for (properties, parent_sample, include_timers) in [
        (String::new(), false, true),
        (
            flags(&[
                ("TransactionController.parent", true),
                ("TransactionController.includeTimers", false),
            ]),
            true,
            false,
        ),
    ] {
        check(
            &element("TransactionController", "Transaction", &properties, ""),
            ElementKind::Controller(Controller::Transaction {
                parent_sample,
                include_timers,
            }),
        );
    }
}

#[test]
fn a_condition_is_javascript_unless_it_says_otherwise() {
    let condition = strings(&[("IfController.condition", " ${n} &lt; 5\n")]);
    check(
        &element("IfController", "If", &condition, ""),
        ElementKind::Controller(Controller::If {
            condition: IfCondition::JavaScript("${n} < 5".into()),
            evaluate_all: false,
        }),
    );
    let more = flags(&[
        ("IfController.useExpression", true),
        ("IfController.evaluateAll", true),
    ]);
    check(
        &element("IfController", "If", &(condition + &more), ""),
        ElementKind::Controller(Controller::If {
            condition: IfCondition::Expression("${n} < 5".into()),
            evaluate_all: true,
        }),
    );
}
