//! What is found before any user starts.

use loadline_plan::{Controller, Element, IfCondition, PlanSource};

use crate::plan::*;
use crate::world::*;

fn javascript(condition: &str) -> Element {
    let kind = Controller::If {
        condition: IfCondition::JavaScript(condition.into()),
        evaluate_all: false,
    };
    controller("if", kind, vec![get("a")])
}

/// Codes and messages of all errors.
fn errors(test: loadline_plan::Plan) -> Vec<String> {
    let errors = World::new(test).try_prepared().unwrap_err();
    errors
        .iter()
        .map(|error| format!("{}: {}", error.code, error.message))
        .collect()
}

#[test]
fn conditions_beyond_comparisons_are_refused() {
    let body = vec![
        javascript("\"${__P(a)}\" == \"1\" && ${__threadNum} < 3"),
        javascript("while (true) {}"),
    ];
    let mut test = plan(vec![group(threads(1, 0, 1), body)]);
    test.source = PlanSource::Yaml;
    assert_eq!(
        errors(test),
        ["unsupported-condition: condition `while (true) {}`: `{` is not supported"]
    );
}

#[test]
fn conditions_of_jmeter_name_what_is_not_there() {
    let body = vec![
        javascript("while (true) {}"),
        javascript("new java.net.Socket('${__P(a)}', 1) != null"),
    ];
    assert_eq!(
        errors(plan(vec![group(threads(1, 0, 1), body)])),
        [
            "unsupported-script: condition `new java.net.Socket('1', 1) != null`, script line 1, \
          column 5: class java.net.Socket is not supported (network)"
        ]
    );
}

#[test]
fn a_plan_without_users_is_refused() {
    let mut nobody = plan(vec![group(threads(0, 0, 1), vec![get("a")])]);
    nobody.source = PlanSource::Yaml;
    assert_eq!(errors(nobody), ["no-users: no thread group has a user"]);
    let mut no_group = plan(Vec::new());
    no_group.source = PlanSource::Yaml;
    assert_eq!(errors(no_group), ["no-users: the plan has no thread group"]);
}

#[test]
fn a_plan_of_jmeter_without_users_is_run_with_a_warning() {
    let nobody = plan(vec![group(threads(0, 0, 1), vec![get("a")])]);
    let prepared = World::new(nobody).prepared();
    let said: Vec<_> = (prepared.warnings().iter())
        .map(|finding| finding.message.as_str())
        .collect();
    assert_eq!(said, ["no thread group has a user: nothing will be run"]);
    assert_eq!(prepared.max_users(), 0);
}

#[test]
fn loads_that_cannot_run_name_their_group() {
    let found = errors(plan(vec![group(users_for(0, 60), vec![get("a")])]));
    let expected = "empty-load: thread group `group`: the number of users is never greater than 0";
    assert_eq!(found, [expected]);
}
