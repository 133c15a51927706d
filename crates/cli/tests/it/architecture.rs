//! The map in ARCHITECTURE.md is the truth about who knows whom.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Workspace crates and what they may know, from the table of the map.
fn map() -> BTreeMap<String, BTreeSet<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = std::fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let section = text.split("## The map").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let names = |cell: &str| -> BTreeSet<String> {
        cell.split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect()
    };
    section
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| {
            let cells: Vec<&str> = line.split('|').collect();
            (names(cells[1]).pop_first().unwrap(), names(cells[3]))
        })
        .collect()
}

fn short(name: &str) -> &str {
    name.strip_prefix("loadline-").unwrap_or(name)
}

#[test]
fn every_arrow_between_crates_is_on_the_map() {
    let map = map();
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    let members: BTreeSet<&str> = metadata
        .packages
        .iter()
        .map(|package| short(&package.name))
        .collect();
    let mapped: BTreeSet<&str> = map.keys().map(String::as_str).collect();
    assert_eq!(
        members, mapped,
        "crates of the workspace and rows of the map"
    );
    for package in &metadata.packages {
        let may_know = &map[short(&package.name)];
        for dependency in &package.dependencies {
            let name = short(&dependency.name);
            if dependency.kind == DependencyKind::Normal && members.contains(name) {
                assert!(may_know.contains(name), "{} knows {name}", package.name);
            }
        }
    }
}

#[test]
fn versions_stand_in_the_workspace_table_only() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for entry in std::fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path().join("Cargo.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let dependencies = text.split("dependencies]").skip(1).flat_map(str::lines);
        for line in dependencies.filter(|line| line.contains('=') && !line.starts_with('#')) {
            assert!(
                line.contains("workspace = true"),
                "{}: {line}",
                path.display()
            );
        }
    }
}
