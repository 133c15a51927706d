//! Plans that are right, and what becomes of them.

use loadline_plan::program::{Part, SamplerKind};
use loadline_plan::{CompileInputs, Element, ElementKind, Plan, Sampler, compile};
use loadline_planfile::read_plan;

use crate::outline::outline;

#[track_caller]
pub(crate) fn read(text: &str) -> Plan {
    let reading = read_plan(text, "plan.yaml");
    let findings: Vec<String> = reading
        .diagnostics
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(findings.is_empty(), "{}", findings.join("\n"));
    reading.plan.expect("a plan without findings")
}

/// Every plan that must be accepted, by name.
pub(crate) const PLANS: [(&str, &str); 3] = [
    ("stress", include_str!("../../../../examples/stress.yaml")),
    ("everything", include_str!("../plans/everything.yaml")),
    ("loads", include_str!("../plans/loads.yaml")),
];

#[test]
fn plans_become_what_they_say() {
    for (name, text) in PLANS {
        insta::assert_snapshot!(name, outline(&read(text)));
    }
}

#[test]
fn the_stress_test_has_the_labels_of_its_twin_for_jmeter() {
    let plan = read(PLANS[0].1);
    let labels: Vec<&str> = plan.groups[0]
        .children
        .iter()
        .filter(|element| matches!(element.kind, ElementKind::Sampler(_)))
        .map(|element| element.name.as_str())
        .collect();
    assert_eq!(
        labels,
        ["GET /posts/", "POST /posts/", "GET /users/{user_id}/"]
    );
    let body = r#"{"title": "Post ${__UUID()}", "body": "Load", "user_id": "${user_id}"}"#;
    assert_eq!(
        http(&plan.groups[0].children, "POST /posts/").arguments[0]
            .value
            .as_str(),
        body
    );
}

fn http<'e>(elements: &'e [Element], label: &str) -> &'e loadline_plan::HttpRequest {
    elements
        .iter()
        .find_map(|element| match &element.kind {
            ElementKind::Sampler(Sampler::Http(request)) if element.name.as_str() == label => {
                Some(request.as_ref())
            }
            _ => None,
        })
        .expect("a request with this label")
}

fn one_request(target: &str, request: &str) -> Plan {
    read(&format!(
        "loadline: 1\ntarget: {target}\ngroups:\n  - name: G\n    load: {{users: 1, for: 1s}}\n    \
         do:\n      - {request}\n"
    ))
}

#[track_caller]
fn path(target: &str, request: &str, label: &str, expected: &str) {
    let plan = one_request(target, request);
    let request = http(&plan.groups[0].children, label);
    assert_eq!(request.path.as_ref().unwrap().as_str(), expected);
}

#[test]
fn paths_stand_below_the_targets_own() {
    path("http://h/api/", "get: /x", "GET /x", "/api/x");
    path("http://h", "get: x", "GET x", "/x");
    path(
        "http://h/api",
        "get: http://other/x",
        "GET http://other/x",
        "http://other/x",
    );
    path("${base}", "get: /x", "GET /x", "${base}/x");
}

#[test]
fn queries_are_encoded_into_the_path() {
    path(
        "http://h",
        "{get: /s?a=1, query: {q: \"a b\", page: \"${n}\"}}",
        "GET /s?a=1",
        "/s?a=1&q=a%20b&page=${__urlencode(${n})}",
    );
}

#[test]
fn the_file_names_a_plan_without_name() {
    let text = "loadline: 1\ntarget: http://h\ngroups:\n- name: G\n  load: {users: 1, for: 1s}\n  do: [{get: /}]\n";
    assert_eq!(read(text).name, "plan");
}

#[test]
fn json_is_yaml() {
    let text = r#"{"loadline": 1, "target": "http://h", "groups": [
        {"name": "G", "load": {"rate": "5/s", "for": "1s"}, "do": [{"get": "/"}]}]}"#;
    assert_eq!(read(text).groups.len(), 1);
}

#[test]
fn anchors_spare_repetition() {
    let text = "loadline: 1\ntarget: http://h\ngroups:\n- &g\n  name: A\n  load: {users: 1, for: 1s}\n  do: [{get: /}]\n- {<<: *g, name: B}\n";
    let plan = read(text);
    assert_eq!(plan.groups[1].name, "B");
    assert_eq!(plan.groups[1].load, plan.groups[0].load);
}

#[test]
fn a_name_of_a_merge_is_a_name_in_quotes() {
    let text = "loadline: 1\ntarget: http://h\nvariables: {\"<<\": a}\ngroups:\n- name: G\n  load: {users: 1, for: 1s}\n  do: [{get: \"/${<<}\"}]\n";
    let plan = read(text);
    assert_eq!(plan.variables[0].name, "<<");
}

#[test]
fn plans_compile() {
    for (name, text) in PLANS {
        let (program, findings) = compile(&read(text), &CompileInputs::default());
        assert_eq!(findings, [], "{name}");
        assert!(program.is_some(), "{name}");
    }
}

/// A text with references has JMeter's rule for backslashes, which JSON must survive.
#[test]
fn backslashes_of_json_reach_the_server() {
    let plan = one_request(
        "http://h",
        r#"{post: /, json: {a: "x\"y\\z\\,\\$ ${__UUID()}", b: "\n"}}"#,
    );
    let (program, findings) = compile(&plan, &CompileInputs::default());
    assert_eq!(findings, []);
    let SamplerKind::Http(request) = &program.unwrap().groups[0].samplers[0].kind else {
        panic!("no request")
    };
    let parts = &request.arguments[0].value.parts;
    let body: String = parts
        .iter()
        .map(|part| match part {
            Part::Literal(literal) => literal.as_ref(),
            _ => "VALUE",
        })
        .collect();
    assert_eq!(body, r#"{"a": "x\"y\\z\\,\\$ VALUE", "b": "\n"}"#);
}
