//! Builders of small plans.

use loadline_jmx::{JmxReading, read_jmx};
use loadline_plan::{Compatibility, Element, ElementKind, Plan, ThreadGroup};

/// The XML of an element `class` with `properties` and the elements `below` it.
pub(crate) fn element(class: &str, name: &str, properties: &str, below: &str) -> String {
    with_gui(class, &format!("{class}Gui"), name, properties, below)
}

/// As [`element`], with a GUI class of its own.
pub(crate) fn with_gui(
    class: &str,
    gui_class: &str,
    name: &str,
    properties: &str,
    below: &str,
) -> String {
    format!(
        "<{class} guiclass=\"{gui_class}\" testclass=\"{class}\" testname=\"{name}\" \
         enabled=\"true\">{properties}</{class}>\n<hashTree>{below}</hashTree>\n"
    )
}

/// The XML of string properties.
pub(crate) fn strings(properties: &[(&str, &str)]) -> String {
    properties
        .iter()
        .map(|(name, value)| format!("<stringProp name=\"{name}\">{value}</stringProp>"))
        .collect()
}

/// The XML of flags.
pub(crate) fn flags(properties: &[(&str, bool)]) -> String {
    properties
        .iter()
        .map(|(name, value)| format!("<boolProp name=\"{name}\">{value}</boolProp>"))
        .collect()
}

/// The XML of a list of variables or arguments.
pub(crate) fn arguments(list: &[(&str, &str)]) -> String {
    let items: String = list
        .iter()
        .map(|(name, value)| {
            format!(
                "<elementProp name=\"{name}\" elementType=\"Argument\">{}</elementProp>",
                strings(&[
                    ("Argument.name", name),
                    ("Argument.value", value),
                    ("Argument.metadata", "="),
                ])
            )
        })
        .collect();
    format!("<collectionProp name=\"Arguments.arguments\">{items}</collectionProp>")
}

/// The XML of a thread group of one user and one iteration.
pub(crate) fn group(name: &str, below: &str) -> String {
    element("ThreadGroup", name, &group_properties(""), below)
}

/// The properties of a thread group of one user and one iteration, with `more` of them.
pub(crate) fn group_properties(more: &str) -> String {
    format!(
        "<elementProp name=\"ThreadGroup.main_controller\" elementType=\"LoopController\">\
         <boolProp name=\"LoopController.continue_forever\">false</boolProp>\
         <stringProp name=\"LoopController.loops\">1</stringProp></elementProp>\
         <stringProp name=\"ThreadGroup.num_threads\">1</stringProp>{more}"
    )
}

/// The text of a plan named `Plan`.
pub(crate) fn plan(properties: &str, below: &str) -> String {
    let test_plan = element("TestPlan", "Plan", properties, below);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <jmeterTestPlan version=\"1.2\" properties=\"5.0\" jmeter=\"5.6.3\">\n<hashTree>\n\
         {test_plan}</hashTree>\n</jmeterTestPlan>\n"
    )
}

/// Reads a plan that must be readable.
#[track_caller]
pub(crate) fn read_plan(properties: &str, below: &str) -> (Plan, JmxReading) {
    let reading = read_jmx(&plan(properties, below), "plan.jmx");
    let plan = reading.plan.clone().expect("the plan is readable");
    (plan, reading)
}

/// The only group of a plan that holds `below` in one thread group.
#[track_caller]
pub(crate) fn read_in_group(below: &str) -> (ThreadGroup, JmxReading) {
    let (mut plan, reading) = read_plan("", &group("Group", below));
    assert_eq!(plan.groups.len(), 1);
    (plan.groups.remove(0), reading)
}

/// What the only element `below` a thread group becomes, and its row.
#[track_caller]
pub(crate) fn read_one(below: &str) -> (Option<ElementKind>, Compatibility) {
    let (group, reading) = read_in_group(below);
    assert!(group.children.len() <= 1, "{:?}", group.children);
    let kind = group.children.into_iter().next().map(|child| child.kind);
    (kind, reading.elements[2].clone())
}

/// The names of `elements` with those below them in brackets: `A B[C]`.
pub(crate) fn outline(elements: &[Element]) -> String {
    elements
        .iter()
        .map(|element| {
            let name = element.name.as_str();
            if element.children.is_empty() {
                name.to_owned()
            } else {
                format!("{name}[{}]", outline(&element.children))
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}
