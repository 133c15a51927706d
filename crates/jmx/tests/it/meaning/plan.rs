//! The plan itself, and where its elements stand.

use loadline_plan::{ElementKind, Load, PlanSource, Sampler};

use crate::plans::{
    arguments, element, flags, group, group_properties, outline, read_in_group, read_plan, strings,
};

#[test]
fn an_empty_plan_has_jmeters_defaults() {
    let (plan, reading) = read_plan("", "");
    assert_eq!(plan.name, "Plan");
    assert_eq!(plan.source, PlanSource::Jmx);
    assert!(!plan.serialize_groups);
    assert!(!plan.tear_down_on_shutdown);
    assert!(plan.variables.is_empty() && plan.children.is_empty() && plan.groups.is_empty());
    assert_eq!(reading.diagnostics[0].code, "no-thread-group");
}

#[test]
fn the_plan_keeps_its_flags_and_notes_what_changes_nothing() {
    let properties = flags(&[
        ("TestPlan.serialize_threadgroups", true),
        ("TestPlan.tearDown_on_shutdown", true),
        ("TestPlan.functional_mode", true),
    ]) + &strings(&[("TestPlan.user_define_classpath", "a.jar")]);
    let (plan, reading) = read_plan(&properties, &group("Group", ""));
    assert!(plan.serialize_groups && plan.tear_down_on_shutdown);
    let codes: Vec<_> = reading.diagnostics.iter().map(|found| found.code).collect();
    assert_eq!(codes, ["functional-mode", "java-classpath"]);
}

#[test]
fn elements_keep_their_place_and_name_their_ancestors() {
    let timer = element("ConstantTimer", "Timer", "", "");
    let sampler = element("HTTPSamplerProxy", "Request", "", &timer);
    let controller = element("GenericController", "", "", &sampler);
    let (plan, reading) = read_plan("", &(timer.clone() + &group("Group", &controller) + &timer));
    assert_eq!(outline(&plan.children), "Timer Timer");
    assert_eq!(outline(&plan.groups[0].children), "[Request[Timer]]");
    let rows: Vec<_> = reading
        .elements
        .iter()
        .map(|row| (row.element.as_str(), row.location.path.as_str()))
        .collect();
    assert_eq!(
        rows,
        [
            ("TestPlan", "Plan"),
            ("ConstantTimer", "Plan > Timer"),
            ("ThreadGroup", "Plan > Group"),
            ("GenericController", "Plan > Group > GenericController"),
            (
                "HTTPSamplerProxy",
                "Plan > Group > GenericController > Request"
            ),
            (
                "ConstantTimer",
                "Plan > Group > GenericController > Request > Timer"
            ),
            ("ConstantTimer", "Plan > Timer"),
        ]
    );
    let request = &plan.groups[0].children[0].children[0];
    assert_eq!(request.location, reading.elements[4].location);
    assert_eq!(request.location.file, "plan.jmx");
    assert_eq!((request.location.line, request.location.column), (9, 11));
}

#[test]
fn variables_are_collected_in_tree_order_from_wherever_they_stand() {
    let list =
        |name: &str, value: &str| element("Arguments", name, &arguments(&[(name, value)]), "");
    let properties = format!(
        "<elementProp name=\"TestPlan.user_defined_variables\" elementType=\"Arguments\">{}\
         </elementProp>",
        arguments(&[("a", "1"), ("b", "${a}"), ("a", "2"), ("", "3")])
    );
    let below_sampler = element("HTTPSamplerProxy", "Request", "", &list("c", "x"));
    let fragment = element("TestFragmentController", "Fragment", "", &list("d", "y"));
    let disabled = list("e", "z").replace("\"true\"", "\"false\"");
    let (plan, _) = read_plan(
        &properties,
        &(group("Group", &below_sampler) + &fragment + &disabled + &list("a", "last")),
    );
    let variables: Vec<_> = plan
        .variables
        .iter()
        .map(|variable| {
            (
                variable.set,
                variable.name.as_str(),
                variable.value.as_str(),
            )
        })
        .collect();
    assert_eq!(
        variables,
        [
            (0, "a", "1"),
            (0, "b", "${a}"),
            (1, "c", "x"),
            (2, "d", "y"),
            (3, "a", "last"),
        ]
    );
    assert!(plan.children.is_empty());
}

#[test]
fn names_and_values_of_the_oldest_files_are_decoded() {
    let text = crate::plans::plan(
        "",
        &element(
            "ThreadGroup",
            "My+Group",
            &group_properties("").replace("ThreadGroup.num", "ThreadGroup%2Enum"),
            &element(
                "HTTPSamplerProxy",
                "100%25",
                &strings(&[("HTTPSampler.path", "/a%3Fb%3D1+2")]),
                "",
            ),
        ),
    )
    .replace("version=\"1.2\"", "version=\"1.0\"");
    let plan = loadline_jmx::read_jmx(&text, "old.jmx").plan.unwrap();
    let sampler = &plan.groups[0].children[0];
    assert_eq!(plan.groups[0].name, "My Group");
    assert_eq!(sampler.name, "100%".into());
    let ElementKind::Sampler(Sampler::Http(request)) = &sampler.kind else {
        panic!("{sampler:?}");
    };
    assert_eq!(request.path, Some("/a?b=1 2".into()));
    assert!(matches!(&plan.groups[0].load, Load::Threads { users, .. } if users.as_str() == "1"));
}

#[test]
fn enabled_as_a_property_wins_over_the_attribute() {
    let timer = |name: &str, enabled: &str| {
        element(
            "ConstantTimer",
            name,
            &strings(&[("TestElement.enabled", enabled)]),
            "",
        )
    };
    let on = timer("On", "true").replace("enabled=\"true\"", "enabled=\"false\"");
    let (group, _) = read_in_group(&(timer("Off", "false") + &on));
    assert_eq!(outline(&group.children), "On");
}
