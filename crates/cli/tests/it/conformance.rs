//! Loadline beside what JMeter did with the same plans, recorded in `oracle/recorded`.
//!
//! `oracle/conformance` makes the record, where Java and Maven are.

use std::path::{Path, PathBuf};

use loadline_conformance::asking::Answer;
use loadline_conformance::known::Known;
use loadline_conformance::loadline::Loadline;
use loadline_conformance::trial::Trial;
use loadline_conformance::trials::judge;
use loadline_conformance::verdict::Verdict;
use loadline_conformance::{corpus, known, recorded, small};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn known_differences() -> Known {
    known::read(&root().join("oracle/known-differences.tsv")).unwrap()
}

/// Runs plans and fails with every difference that is not known.
fn compare(record: &str, trials: &[Trial], directory: &Path) {
    let mut kept = recorded::load(&root().join("oracle/recorded").join(record)).unwrap();
    let answers: Vec<Answer> = trials
        .iter()
        .map(|trial| match kept.remove(&trial.name) {
            Some(outcome) => Answer::Outcome(outcome),
            None => Answer::None("not recorded".to_owned()),
        })
        .collect();
    assert!(kept.is_empty(), "recorded, but no plan: {:?}", kept.keys());
    let loadline = Loadline {
        program: env!("CARGO_BIN_EXE_loadline").into(),
        directory: directory.to_owned(),
    };
    let verdicts = judge(&loadline, trials, &answers, &known_differences()).unwrap();
    let mut compared = 0;
    let mut differences = String::new();
    for (trial, verdict) in trials.iter().zip(verdicts) {
        match verdict {
            Verdict::Differs(difference) => differences.push_str(&format!(
                "{}: {}\n--- JMeter\n{}\n--- Loadline\n{}\n\n",
                trial.name, difference.place, difference.expected, difference.found
            )),
            Verdict::Same | Verdict::Known(_) => compared += 1,
            Verdict::Refused(_) | Verdict::NotComparable(_) => {}
        }
    }
    assert!(differences.is_empty(), "{differences}");
    assert!(compared * 2 > trials.len(), "only {compared} of {} plans could be compared", trials.len());
}

#[test]
fn small_plans_do_what_they_do_in_jmeter() {
    let folder = tempfile::tempdir().unwrap();
    let plans = small::read(&root().join("oracle/plans")).unwrap();
    let trials: Vec<Trial> = plans
        .iter()
        .map(|plan| small::lay_out(plan, folder.path()).unwrap())
        .collect();
    compare("small.txt", &trials, folder.path());
}

#[test]
fn public_plans_do_what_they_do_in_jmeter() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = root().join("crates/jmx/tests/corpus");
    let plans = corpus::read(&corpus).unwrap();
    let trials: Vec<Trial> = plans
        .iter()
        .filter(|plan| plan.left_out.is_none())
        .map(|plan| corpus::lay_out(plan, &corpus, folder.path()).unwrap())
        .collect();
    compare("corpus.txt", &trials, folder.path());
}

#[test]
fn a_known_difference_is_one_of_a_plan() {
    let mut names: Vec<String> = small::read(&root().join("oracle/plans"))
        .unwrap()
        .into_iter()
        .map(|plan| plan.name)
        .collect();
    names.extend(corpus::read(&root().join("crates/jmx/tests/corpus")).unwrap().into_iter().map(|plan| plan.name));
    for name in known_differences().keys() {
        assert!(names.contains(name), "there is no plan {name}");
    }
}
