//! Plans written as `.jmx` and as YAML, and read back.

mod chance;
mod elements;
mod files;
mod loads;
mod meaning;
mod plans;

use loadline_jmx::{in_jmeters_terms, read_jmx, write_jmx};
use loadline_plan::{Diagnostic, Plan};
use loadline_planfile::{in_our_terms, read_plan, write_plan};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, RngSeed};

use meaning::meaning;

/// The same plans each time.
pub(crate) fn config(cases: u32) -> Config {
    Config {
        cases,
        failure_persistence: None,
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(20_251_128),
        ..Config::default()
    }
}

/// Bytes that make a plan.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..400)
}

fn messages(findings: &[Diagnostic]) -> String {
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// The text of a plan's `.jmx` and the plan that comes back from it.
pub(crate) fn through_jmx(plan: &Plan) -> Result<(String, Plan), String> {
    let written = write_jmx(plan);
    let text = written.text.ok_or_else(|| messages(&written.diagnostics))?;
    let reading = read_jmx(&text, "plan.jmx");
    match reading.plan {
        Some(plan) => Ok((text, plan.without_places())),
        None => Err(format!("{}\n{text}", messages(&reading.diagnostics))),
    }
}

/// The same of its YAML.
pub(crate) fn through_yaml(plan: &Plan) -> Result<(String, Plan), String> {
    let written = write_plan(plan);
    let text = written.text.ok_or_else(|| messages(&written.diagnostics))?;
    let reading = read_plan(&text, "plan.yaml");
    match reading.plan {
        Some(plan) => Ok((text, plan.without_places())),
        None => Err(format!("{}\n{text}", messages(&reading.diagnostics))),
    }
}

proptest! {
    #![proptest_config(config(96))]

    #[test]
    fn a_plan_of_jmeter_comes_back_from_its_jmx(bytes in bytes()) {
        let plan = plans::of_jmeter(&bytes);
        let (text, found) = through_jmx(&plan).map_err(TestCaseError::fail)?;
        prop_assert_eq!(&found, &plan.without_places(), "{}", text);
    }

    #[test]
    fn a_plan_of_jmeter_comes_back_from_its_yaml_with_its_meaning(bytes in bytes()) {
        let plan = plans::of_jmeter(&bytes);
        let ours = in_our_terms(&plan);
        prop_assert_eq!(&in_our_terms(&ours), &ours);
        let (text, found) = through_yaml(&ours).map_err(TestCaseError::fail)?;
        prop_assert_eq!(&found, &ours.without_places(), "{}", text);
        prop_assert_eq!(meaning(&ours), meaning(&plan), "{}", text);
        // And on to a .jmx again.
        let back = in_jmeters_terms(&found);
        let back = back.plan.unwrap_or_else(|| panic!("{}", messages(&back.diagnostics)));
        let (text, found) = through_jmx(&back).map_err(TestCaseError::fail)?;
        prop_assert_eq!(meaning(&found), meaning(&plan), "{}", text);
    }

    #[test]
    fn a_plan_of_ours_comes_back_from_its_yaml(bytes in bytes()) {
        let plan = plans::of_ours(&bytes);
        let (text, found) = through_yaml(&plan).map_err(TestCaseError::fail)?;
        prop_assert_eq!(&found, &plan.without_places(), "{}", text);
    }

    #[test]
    fn a_plan_of_ours_comes_back_from_its_jmx_or_is_refused_with_its_place(bytes in bytes()) {
        let plan = plans::of_ours(&bytes);
        let terms = in_jmeters_terms(&plan);
        let Some(of_jmeter) = terms.plan else {
            prop_assert!(terms.diagnostics.iter().any(Diagnostic::is_error));
            return Ok(());
        };
        let again = in_jmeters_terms(&of_jmeter);
        prop_assert_eq!(again.plan.as_ref(), Some(&of_jmeter));
        let (text, found) = through_jmx(&of_jmeter).map_err(TestCaseError::fail)?;
        prop_assert_eq!(&found, &of_jmeter.without_places(), "{}", &text);
        // Back in our terms it says the same.
        let ours = in_our_terms(&found);
        let (yaml, back) = through_yaml(&ours).map_err(TestCaseError::fail)?;
        prop_assert_eq!(&back, &ours.without_places(), "{}", &yaml);
        prop_assert_eq!(meaning(&back), meaning(&of_jmeter), "{}", &yaml);
        // The elements are those of the plan, whose loads and order of groups JMeter has other words
        // for, and whose drawn pauses are timers of theirs.
        let drawn = format!("{plan:?}").contains("Pause(Uniform");
        if !drawn {
            prop_assert_eq!(body(&of_jmeter, &of_jmeter), body(&plan, &of_jmeter));
        }
    }
}

/// The meaning of `plan` with the loads, the order and the lists of variables of `other`.
fn body(plan: &Plan, other: &Plan) -> String {
    let mut plan = plan.clone();
    plan.serialize_groups = other.serialize_groups;
    for (group, other) in plan.groups.iter_mut().zip(&other.groups) {
        group.load = other.load.clone();
        group.after = None;
    }
    for (variable, other) in plan.variables.iter_mut().zip(&other.variables) {
        variable.set = other.set;
    }
    meaning(&plan)
}
