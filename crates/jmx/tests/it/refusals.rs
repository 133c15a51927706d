//! What is refused in some plans of the corpus, as a user reads it.

use loadline_plan::Standing;

use crate::corpus;

/// All that is not supported in a plan, without what is disabled or shows results only.
fn findings(name: &str) -> String {
    let reading = corpus::read(name);
    let rows = reading
        .elements
        .iter()
        .filter(|row| matches!(row.standing, Standing::Refused | Standing::Approximated))
        .map(|row| {
            let (line, path) = (row.location.line, &row.location.path);
            format!("{line}: {} `{path}`: {}", row.standing.word(), row.reason)
        });
    let diagnostics = reading.diagnostics.iter().map(ToString::to_string);
    rows.chain(diagnostics).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_plan_of_supported_elements_has_none() {
    insta::assert_snapshot!(findings("cslisenka__webflux-performance__jmeter.jmx"), @"");
    insta::assert_snapshot!(findings("Sunbird-Ed__sunbird-perf-tests__login.jmx"), @"");
    insta::assert_snapshot!(findings("grafana__jmeter-to-k6__IfController.jmx"), @"");
    insta::assert_snapshot!(findings("undera__jmeter-plugins__demo.jmx"), @"");
}

#[test]
fn controllers_variables_and_plugins() {
    insta::assert_snapshot!(findings("blueperf__acmeair-driver__AcmeAir-microservices.jmx"), @r"
    277: refused `acmeair > Thread Group > Query Loop > QueryFlight > Flights PostProcessor`: unknown element `com.acmeair.jmeter.functions.FlightsPostProcessor`; is it from a plugin?
    ");
}

#[test]
fn an_approximated_plan_and_a_tree_that_belongs_to_no_element() {
    insta::assert_snapshot!(findings("OpenLiberty__sample.daytrader8__daytrader_primitive.jmx"), @"30: approximated `DayTrader > Thread Group > HTTP Cookie Manager`: cookie policy `rfc2109` runs as `standard`");
    insta::assert_snapshot!(findings("grafana__jmeter-to-k6__ResultsOutput.jmx"), @r"
    warning: grafana__jmeter-to-k6__ResultsOutput.jmx:15:7 (Test Plan): a hashTree belongs to no element; JMeter does not load this file
      help: each element of a plan is followed by exactly one hashTree
    ");
}

#[test]
fn the_stress_test_of_the_examples_runs_as_it_is() {
    let text = include_str!("../../../../examples/stress.jmx");
    let reading = loadline_jmx::read_jmx(text, "stress.jmx");
    assert_eq!(reading.diagnostics, []);
    assert!(
        reading
            .elements
            .iter()
            .all(|row| row.standing == Standing::Supported)
    );
    let plan = reading.plan.unwrap();
    let groups: Vec<_> = plan
        .groups
        .iter()
        .map(|group| group.name.as_str())
        .collect();
    assert_eq!(groups, ["Step 1", "Step 2", "Step 3"]);
}
