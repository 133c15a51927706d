//! Plans that stand in files: examples, documents, the public plans and the small plans of the oracle.

use std::path::{Path, PathBuf};

use loadline_jmx::{in_jmeters_terms, read_jmx, write_jmx};
use loadline_plan::{Diagnostic, Standing};
use loadline_planfile::{in_our_terms, read_plan, write_plan};

use super::meaning::meaning;
use super::{messages, through_jmx, through_yaml};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Whether a `.jmx` is imported; if so, its YAML means the same and becomes a `.jmx` that does. If not,
/// it is said why and where.
fn imports(text: &str, name: &str) -> bool {
    let reading = read_jmx(text, name);
    let refused = reading
        .elements
        .iter()
        .filter(|row| row.standing == Standing::Refused);
    let mut has_reason = false;
    for row in refused {
        assert!(row.location.line > 0 && !row.reason.is_empty(), "{name}");
        has_reason = true;
    }
    has_reason |= reading.diagnostics.iter().any(Diagnostic::is_error);
    let Some(plan) = reading.plan.filter(|_| !has_reason) else {
        assert!(has_reason, "{name}");
        return false;
    };
    let ours = in_our_terms(&plan);
    let written = write_plan(&ours);
    if written.text.is_none() {
        assert!(!written.diagnostics.is_empty(), "{name}");
        for finding in &written.diagnostics {
            assert!(finding.location.line > 0, "{name}: {finding}");
        }
        return false;
    }
    let (yaml, found) = through_yaml(&ours).unwrap();
    assert_eq!(found, ours.without_places(), "{name}\n{yaml}");
    assert_eq!(meaning(&found), meaning(&plan), "{name}\n{yaml}");
    let terms = in_jmeters_terms(&found);
    let of_jmeter = terms
        .plan
        .unwrap_or_else(|| panic!("{name}: {}", messages(&terms.diagnostics)));
    let (jmx, found) = through_jmx(&of_jmeter).unwrap();
    assert_eq!(meaning(&found), meaning(&plan), "{name}\n{jmx}");
    true
}

/// Whether a YAML plan is exported; if not, it is said why and where.
fn exports(text: &str, name: &str) -> bool {
    let reading = read_plan(text, name);
    let Some(plan) = reading.plan else {
        // A script in a file of its own: none are read here.
        let missing = |found: &Diagnostic| found.code == "script-file" && found.location.line > 0;
        assert!(
            reading.diagnostics.iter().all(missing),
            "{name}: {}",
            messages(&reading.diagnostics)
        );
        return false;
    };
    // As YAML, it comes back as it is.
    let (yaml, found) = through_yaml(&plan).unwrap();
    assert_eq!(found, plan.without_places(), "{name}\n{yaml}");
    let terms = in_jmeters_terms(&plan);
    let Some(of_jmeter) = terms.plan else {
        let errors: Vec<_> = terms
            .diagnostics
            .iter()
            .filter(|found| found.is_error())
            .collect();
        assert!(!errors.is_empty(), "{name}");
        assert!(errors.iter().all(|error| error.location.line > 0), "{name}");
        return false;
    };
    let (jmx, found) = through_jmx(&of_jmeter).unwrap();
    assert_eq!(found, of_jmeter.without_places(), "{name}\n{jmx}");
    let ours = in_our_terms(&found);
    let (yaml, found) = through_yaml(&ours).unwrap();
    assert_eq!(meaning(&found), meaning(&of_jmeter), "{name}\n{yaml}");
    true
}

#[test]
fn public_plans_are_imported_or_refused_with_a_reason() {
    let folder = root().join("crates/jmx/tests/corpus");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "jmx"))
        .collect();
    files.sort();
    let imported = files.iter().filter(|file| {
        let name = file.file_name().unwrap().to_string_lossy();
        imports(&std::fs::read_to_string(file).unwrap(), &name)
    });
    let (imported, all) = (imported.count(), files.len());
    assert!(imported >= 50 && all == 93, "{imported} of {all}");
}

#[test]
fn small_plans_of_the_oracle_are_imported_or_refused_with_a_reason() {
    let work = tempfile::tempdir().unwrap();
    let plans = loadline_conformance::small::read(&root().join("oracle/plans")).unwrap();
    let (mut imported, mut formless, mut refused) = (0, 0, Vec::new());
    for plan in &plans {
        let trial = loadline_conformance::small::lay_out(plan, work.path()).unwrap();
        let text = std::fs::read_to_string(trial.plan).unwrap();
        if imports(&text, &trial.name) {
            imported += 1;
        } else if ["JSR223", "BeanShell", "BSF", "IncludeController"]
            .iter()
            .any(|word| text.contains(word))
        {
            // Elements of scripts and included plans have no YAML form.
            formless += 1;
        } else {
            refused.push(trial.name);
        }
    }
    refused.sort_unstable();
    let never_run = [
        "flags_by_functions",
        "group_duration_zero_is_an_error",
        "implementations_of_odd_names",
    ];
    assert_eq!(refused, never_run, "beside {imported} and {formless}");
    assert!(imported > 700, "{imported} of {}", plans.len());
}

#[test]
fn the_example_is_exported_and_imported() {
    let example = |name: &str| std::fs::read_to_string(root().join("examples").join(name)).unwrap();
    assert!(exports(&example("stress.yaml"), "stress.yaml"));
    assert!(imports(&example("stress.jmx"), "stress.jmx"));
}

#[test]
fn plans_in_the_documents_are_exported_or_refused_with_a_reason() {
    let mut exported = 0;
    let plans = crate::docs::plans("docs/plans.md");
    for (index, plan) in plans.iter().enumerate() {
        exported += usize::from(exports(plan, &format!("plan {index}")));
    }
    assert_eq!((exported, plans.len()), (17, 20));
}

#[test]
fn what_cannot_be_said_is_refused_with_its_place() {
    let plan = read_plan(
        "loadline: 1\ntarget: http://h\ngroups:\n  - name: G\n    load: {users: 2, for: 1500ms}\n    do:\n      \
         - {post: /, body: \"a\\u0001\"}\n",
        "plan.yaml",
    );
    let plan = plan.plan.unwrap();
    let terms = in_jmeters_terms(&plan);
    assert!(terms.plan.is_none());
    assert_eq!(terms.diagnostics[0].location.line, 4);
    let mut plan = plan;
    plan.groups[0].load = loadline_plan::Load::OpenModel {
        schedule: "rate(1/s) even_arrivals(1 s)".into(),
        random_seed: "0".into(),
    };
    let written = write_jmx(&in_jmeters_terms(&plan).plan.unwrap());
    assert_eq!(written.text, None);
    assert_eq!(written.diagnostics[0].location.line, 7);
    assert!(written.diagnostics[0].message.contains("U+0001"));
}
