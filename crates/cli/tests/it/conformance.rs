//! Plans do what they did in JMeter: compared with its answers in `oracle/recorded`, without Java.

use std::path::{Path, PathBuf};

use loadline_conformance::loadline::Loadline;
use loadline_conformance::series::{Series, known_differences};
use loadline_conformance::verdict::Verdict;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Runs all plans of a series; fails with those that differ for no known reason.
fn check(lay_out: impl Fn(&Path, &Path) -> Series) {
    let work = tempfile::tempdir().unwrap();
    let series = lay_out(&root(), work.path());
    let loadline = Loadline {
        program: env!("CARGO_BIN_EXE_loadline").into(),
        directory: work.path().to_owned(),
    };
    let answers = series.from_kept(&root().join("oracle")).unwrap();
    let known = known_differences(&root()).unwrap();
    let rows = series.compare(&loadline, &answers, &known).unwrap();
    assert!(
        rows.iter().any(|row| row.verdict == Verdict::Same),
        "no plan is the same"
    );
    let differing: Vec<String> = rows
        .iter()
        .filter_map(|row| match &row.verdict {
            Verdict::Differs(difference) => Some(format!(
                "{}: {}\n--- JMeter\n{}\n--- Loadline\n{}",
                row.name, difference.place, difference.expected, difference.found
            )),
            _ => None,
        })
        .collect();
    assert!(differing.is_empty(), "{}", differing.join("\n\n"));
}

#[test]
fn small_plans_do_what_they_do_in_jmeter() {
    check(|root, work| Series::small(root, work, |_| true).unwrap());
}

#[test]
fn public_plans_do_what_they_do_in_jmeter() {
    check(|root, work| Series::public(root, work, |_| true).unwrap());
}
