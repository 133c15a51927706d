//! What supported elements become in the plan, by kind of element.

use loadline_plan::{ElementKind, Load, Standing};

use crate::plans::{element, read_one, read_plan};

mod assertions;
mod config;
mod controllers;
mod extractors;
mod groups;
mod plan;
mod requests;

#[track_caller]
fn check(below: &str, expected: ElementKind) {
    let (kind, row) = read_one(below);
    assert_eq!(kind, Some(expected));
    assert_eq!(row.standing, Standing::Supported, "{row:?}");
}

#[track_caller]
fn check_load(class: &str, properties: &str, expected: &Load) {
    let (plan, reading) = read_plan("", &element(class, "Group", properties, ""));
    assert_eq!(plan.groups[0].load, *expected);
    assert_eq!(reading.elements[1].standing, Standing::Supported);
}
