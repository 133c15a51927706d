//! Real public plans (their origin and licences: `tests/corpus/MANIFEST.tsv`): every element of
//! every plan is accounted for.
#![expect(
    clippy::disallowed_methods,
    reason = "the plans stand in files beside the test"
)]

use std::path::{Path, PathBuf};

use loadline_jmx::{JmxReading, read_jmx};
use loadline_plan::Standing;

/// The plans of the corpus: file name and text, sorted by name.
pub(crate) fn plans() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jmx"))
        .collect();
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            (name, text)
        })
        .collect()
}

/// The reading of one plan of the corpus.
pub(crate) fn read(name: &str) -> JmxReading {
    let (_, text) = plans()
        .into_iter()
        .find(|(file, _)| file == name)
        .unwrap_or_else(|| panic!("{name} is not in the corpus"));
    read_jmx(&text, name)
}

/// Lines of all elements, counted without the reader: children of a `hashTree` that are no trees.
fn lines_of_elements(text: &str) -> Vec<u32> {
    let document = roxmltree::Document::parse(text).unwrap();
    document
        .descendants()
        .filter(|node| {
            node.is_element()
                && !node.has_tag_name("hashTree")
                && node
                    .parent()
                    .is_some_and(|parent| parent.has_tag_name("hashTree"))
        })
        .map(|node| document.text_pos_at(node.range().start).row)
        .collect()
}

#[test]
fn every_element_of_every_plan_has_its_row() {
    let plans = plans();
    assert!(plans.len() >= 60, "the corpus has {} plans", plans.len());
    for (name, text) in plans {
        let reading = read_jmx(&text, &name);
        let rows: Vec<u32> = reading
            .elements
            .iter()
            .map(|row| row.location.line)
            .collect();
        assert_eq!(rows, lines_of_elements(&text), "{name}");
        assert!(reading.plan.is_some(), "{name}: {:?}", reading.diagnostics);
        for row in &reading.elements {
            assert_eq!(row.location.file, name);
            assert!(!row.location.path.is_empty(), "{name}: {row:?}");
            assert_eq!(
                row.reason.is_empty(),
                row.standing == Standing::Supported,
                "{name}: {row:?}"
            );
            assert!(
                !row.help.is_empty() || row.standing != Standing::Refused,
                "{name}: {row:?}"
            );
        }
    }
}

#[test]
fn no_plan_of_the_corpus_has_an_error_but_durations_that_jmeter_rejects() {
    for (name, text) in plans() {
        for diagnostic in read_jmx(&text, &name).diagnostics {
            assert!(
                !diagnostic.is_error() || diagnostic.code == "invalid-duration",
                "{diagnostic}"
            );
        }
    }
}
