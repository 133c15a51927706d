//! Commands in the documents are commands that work.

use std::path::Path;

use crate::program::Place;

/// Lines in code blocks of `document` that begin with `loadline `.
fn commands(document: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = std::fs::read_to_string(root.join(document)).unwrap();
    let blocks = text.split("```").skip(1).step_by(2);
    let lines = blocks.flat_map(str::lines).map(str::trim);
    lines
        .filter(|line| line.starts_with("loadline "))
        .map(str::to_owned)
        .collect()
}

/// The words of a command, with quotes taken off; a comment ends it.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for character in command.chars() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None, '\'' | '"') => quote = Some(character),
            (None, '#') if word.is_empty() => break,
            (None, ' ') => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            _ => word.push(character),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Every flag and command in the documents is one that the program knows: `--help` behind the words
/// makes it parse them and do nothing.
#[test]
fn every_command_in_the_documents_is_understood() {
    let place = Place::new();
    let mut seen = 0;
    for document in [
        "README.md",
        "docs/plans.md",
        "docs/jmeter.md",
        "docs/reading-results.md",
    ] {
        for command in commands(document) {
            let words = words(&command);
            let mut arguments: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
            arguments.push("--help");
            let ended = place.run(&arguments);
            assert_eq!(
                ended.code,
                Some(0),
                "{document}: {command}\n{}",
                ended.stderr
            );
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen} commands found");
}

#[test]
fn every_example_plan_passes_check() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let place = Place::new();
    for entry in std::fs::read_dir(&examples).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|ending| ending == "yaml" || ending == "jmx")
        {
            place.run(&["check", path.to_str().unwrap()]).expect(0);
        }
    }
}
