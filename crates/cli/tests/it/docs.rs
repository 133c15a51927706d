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

/// The YAML blocks of `document` as plans; a part of a plan is put where it belongs.
pub(crate) fn plans(document: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = std::fs::read_to_string(root.join(document)).unwrap();
    let blocks = text.split("```").skip(1).step_by(2);
    let yaml = blocks.filter_map(|block| block.strip_prefix("yaml\n"));
    yaml.filter(|block| !block.starts_with('#'))
        .map(whole_plan)
        .collect()
}

fn whole_plan(block: &str) -> String {
    let indented = |spaces: usize| {
        let lines = block.lines().map(|line| format!("{:spaces$}{line}\n", ""));
        lines.collect::<String>()
    };
    let head = "loadline: 1\ntarget: http://127.0.0.1:8000\nservers: {backend: local}\n";
    let group = "groups:\n  - name: Users\n";
    let load = "    load: {users: 1, iterations: 1}\n";
    let data = "    data: {users.csv: {variables: [user_id]}}\n";
    let steps = "    do:\n      - get: /posts/\n      - post: /posts/\n        body: x\n";
    let part = block.split(':').next().unwrap();
    match part {
        "loadline" => block.to_owned(),
        "load" => format!("{head}{group}{}{steps}", indented(4)),
        "data" => format!("{head}{group}{load}{}{steps}", indented(4)),
        "limits" => format!("{head}{group}{load}{steps}{block}"),
        "http" => format!("{head}{block}{group}{load}{steps}"),
        _ if part.starts_with("- ") => {
            format!("{head}{group}{load}{data}    do:\n{}", indented(6))
        }
        other => panic!("a block that begins with `{other}` has no place in a plan"),
    }
}

#[test]
fn every_plan_in_the_documents_passes_check() {
    let users = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/users.csv");
    let mut seen = 0;
    for plan in plans("docs/plans.md") {
        let place = Place::new();
        std::fs::copy(users, place.path("users.csv")).unwrap();
        place.write("sign.groovy", "vars.put('signature', 'none')\n");
        place.write("plan.yaml", &plan);
        let ended = place.run(&["check", "plan.yaml"]);
        assert_eq!(
            ended.code,
            Some(0),
            "{plan}\n{}{}",
            ended.stdout,
            ended.stderr
        );
        seen += 1;
    }
    assert!(seen > 10, "{seen} plans found");
}

/// What only reads is run as it stands, from the root of the project.
#[test]
fn checks_in_the_documents_succeed() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let place = Place::new();
    let mut seen = 0;
    for command in commands("README.md") {
        let words = words(&command);
        if !matches!(words[1].as_str(), "check" | "doctor") {
            continue;
        }
        let arguments: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
        let output = place
            .command(&arguments)
            .current_dir(root)
            .output()
            .unwrap();
        assert!(output.status.success(), "{command}");
        seen += 1;
    }
    assert!(seen >= 3, "{seen} commands found");
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
        "docs/finding-the-limit.md",
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
