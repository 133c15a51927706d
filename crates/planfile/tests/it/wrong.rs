//! Plans that are wrong, and what the reader says about them.

use loadline_planfile::read_plan;

/// A right plan in which a test makes something wrong.
const PLAN: &str = "\
loadline: 1
target: http://127.0.0.1:8000
groups:
  - name: Visitors
    load: {users: 10, for: 30s}
    do:
      - get: /posts/
";

#[track_caller]
fn findings(text: &str) -> String {
    let reading = read_plan(text, "plan.yaml");
    assert_eq!(reading.plan, None, "a plan came out of: {text}");
    let lines: Vec<String> = reading
        .diagnostics
        .iter()
        .map(|found| {
            assert!(!found.help.is_empty(), "no help: {found}");
            format!("{found} [{}]", found.code)
        })
        .collect();
    lines.join("\n")
}

/// What the reader says about [`PLAN`] with `right` replaced.
#[track_caller]
fn check(right: &str, wrong: &str, expected: &str) {
    assert!(PLAN.contains(right), "not in the plan: {right}");
    assert_eq!(findings(&PLAN.replacen(right, wrong, 1)), expected);
}

#[test]
fn the_plan_itself_is_right() {
    assert_eq!(read_plan(PLAN, "plan.yaml").diagnostics, []);
}
