//! What Include Controllers put in their places.

use std::collections::BTreeMap;

use loadline_jmx::{IncludedFile, JmxReading, read_jmx_with};
use loadline_plan::Standing;

use crate::plans::{arguments, element, group, outline, plan, strings};

fn include(path: &str) -> String {
    let properties = strings(&[("IncludeController.includepath", path)]);
    let child = element("GenericController", "Replaced", "", "");
    element("IncludeController", "Include", &properties, &child)
}

fn fragment(name: &str, below: &str) -> String {
    element("TestFragmentController", name, "", below)
}

fn controller(name: &str) -> String {
    element("GenericController", name, "", "")
}

/// Reads `main`, whose files are named `files`.
fn read(main: &str, files: &[(&str, String)]) -> JmxReading {
    let files: BTreeMap<&str, &String> = files.iter().map(|(name, text)| (*name, text)).collect();
    read_jmx_with(main, "main.jmx", &|path| match files.get(path) {
        Some(text) => Ok(IncludedFile {
            name: path.to_owned(),
            text: (*text).clone(),
        }),
        None => Err("there is no such file".to_owned()),
    })
}

/// The children of the only group, which holds `below`.
#[track_caller]
fn check(below: &str, files: &[(&str, String)], expected: &str) -> JmxReading {
    let reading = read(&plan("", &group("Group", below)), files);
    let groups = &reading.plan.as_ref().unwrap().groups;
    assert_eq!(outline(&groups[0].children), expected);
    reading
}

/// Place and reason of what is refused.
fn refused(reading: &JmxReading) -> Vec<String> {
    let rows = reading.elements.iter();
    rows.filter(|row| row.standing == Standing::Refused)
        .map(|row| {
            let place = &row.location;
            format!("{}:{}: {}", place.file, place.line, row.reason)
        })
        .collect()
}

#[test]
fn the_first_fragment_below_the_included_test_plan_is_run() {
    let disabled = controller("Off").replace("enabled=\"true\"", "enabled=\"false\"");
    let below = group("Not this", &controller("A"))
        + &fragment("First", &(controller("B") + &disabled + &controller("C")))
        + &fragment("Second", &controller("D"));
    let reading = check(
        &include("part.jmx"),
        &[("part.jmx", plan("", &below))],
        "Include[B C]",
    );
    let rows: Vec<_> = reading
        .elements
        .iter()
        .map(|row| (&*row.location.path, &*row.location.file, row.standing))
        .collect();
    assert_eq!(
        rows[2..],
        [
            ("Plan > Group > Include", "main.jmx", Standing::Supported),
            (
                "Plan > Group > Include > Replaced",
                "main.jmx",
                Standing::Ignored
            ),
            (
                "Plan > Group > Include > B",
                "part.jmx",
                Standing::Supported
            ),
            (
                "Plan > Group > Include > Off",
                "part.jmx",
                Standing::Ignored
            ),
            (
                "Plan > Group > Include > C",
                "part.jmx",
                Standing::Supported
            ),
        ]
    );
}

#[test]
fn a_disabled_fragment_is_run_all_the_same() {
    let off = fragment("Fragment", &controller("A")).replacen("\"true\"", "\"false\"", 1);
    check(
        &include("part.jmx"),
        &[("part.jmx", plan("", &off))],
        "Include[A]",
    );
}

#[test]
fn a_fragment_deeper_than_the_test_plan_is_not_looked_for() {
    let deep = group("Group", &fragment("Fragment", &controller("A")));
    let reading = check(
        &include("part.jmx"),
        &[("part.jmx", plan("", &deep))],
        "Include",
    );
    assert_eq!(reading.diagnostics[0].code, "no-test-fragment");
}

#[test]
fn variables_of_an_included_fragment_count_for_the_whole_run() {
    let variables = element("Arguments", "Variables", &arguments(&[("user", "ann")]), "");
    let reading = check(
        &include("part.jmx"),
        &[("part.jmx", plan("", &fragment("Fragment", &variables)))],
        "Include",
    );
    let plan = reading.plan.unwrap();
    assert_eq!(plan.variables[0].name, "user");
    assert_eq!(plan.variables[0].location.file, "part.jmx");
}

#[test]
fn an_included_file_may_include_others_but_not_itself() {
    let of = |below: &str| plan("", &fragment("Fragment", below));
    let reading = check(
        &include("a.jmx"),
        &[
            ("a.jmx", of(&include("b.jmx"))),
            ("b.jmx", of(&controller("B"))),
        ],
        "Include[Include[B]]",
    );
    assert_eq!(refused(&reading), Vec::<String>::new());

    let reading = check(
        &include("a.jmx"),
        &[
            ("a.jmx", of(&include("b.jmx"))),
            ("b.jmx", of(&include("a.jmx"))),
        ],
        "Include[Include]",
    );
    assert_eq!(
        refused(&reading),
        ["b.jmx:6: its file includes itself: main.jmx > a.jmx > b.jmx > a.jmx"]
    );
    let reading = check(&include("main.jmx"), &[("main.jmx", of(""))], "");
    assert_eq!(
        refused(&reading),
        ["main.jmx:6: its file includes itself: main.jmx > main.jmx"]
    );
}

#[test]
fn nesting_and_number_of_included_files_are_bounded() {
    let of = |below: &str| plan("", &fragment("Fragment", below));
    // Each of the files includes the next one three times.
    let names: Vec<String> = (0..30).map(|number| format!("{number}.jmx")).collect();
    let files: Vec<(&str, String)> = (0..29)
        .map(|at| (&*names[at], of(&include(&names[at + 1]).repeat(3))))
        .collect();
    let reading = read(&plan("", &group("Group", &include("0.jmx"))), &files);
    let refused = refused(&reading);
    assert!(refused[0].ends_with("files are included deeper than 20 levels"));
    let is_many = |reason: &String| reason.ends_with("the plan includes more than 1000 files");
    assert!(refused.iter().any(is_many));
    assert!(reading.elements.len() < 10_000);
}

#[test]
fn a_file_that_cannot_be_read_is_refused_with_its_place() {
    let reading = check(&include("gone.jmx"), &[], "");
    assert_eq!(
        refused(&reading),
        ["main.jmx:6: its file `gone.jmx` is not read: there is no such file"]
    );
    let reading = check(&include(""), &[], "");
    assert_eq!(refused(&reading), ["main.jmx:6: it names no file"]);
    let reading = check(
        &include("half.jmx"),
        &[("half.jmx", "<jmeterTestPlan>".to_owned())],
        "Include",
    );
    assert_eq!(reading.diagnostics[0].code, "broken-xml");
    assert_eq!(reading.diagnostics[0].location.file, "half.jmx");
}

#[test]
fn what_a_module_reaches_by_an_include_only_has_its_rows() {
    let path = ["root", "Plan", "Group", "Off"]
        .iter()
        .map(|name| format!("<stringProp name=\"{name}\">{name}</stringProp>"))
        .collect::<String>();
    let path =
        format!("<collectionProp name=\"ModuleController.node_path\">{path}</collectionProp>");
    let off = element("GenericController", "Off", "", &include("part.jmx")).replacen(
        "\"true\"",
        "\"false\"",
        1,
    );
    let below = off + &element("ModuleController", "Module", &path, "");
    let unknown = element("com.example.Unknown", "Unknown", "", "")
        + &element("ModuleController", "Inner", &path, "");
    let reading = check(
        &below,
        &[("part.jmx", plan("", &fragment("Fragment", &unknown)))],
        "Module[Off[Include]]",
    );
    assert_eq!(
        refused(&reading),
        ["part.jmx:6: unknown element `com.example.Unknown`; is it from a plugin?"]
    );
    let last = reading.elements.last().unwrap();
    assert_eq!(last.standing, Standing::Ignored);
    assert!(last.reason.contains("in an included file"), "{last:?}");
}
