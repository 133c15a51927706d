//! Writes a plan as YAML, in the short forms where they say the same.
//!
//! What is written is read back and compared: a plan of which anything would be lost is refused, with
//! the place of what cannot be said.
//!
//! Not here: comments about what a plan from elsewhere held besides ([`in_our_terms`] puts it into our
//! terms, its reader tells the rest).

mod load;
mod plan;
mod quantity;
mod request;
mod scope;
mod settings;
mod step;
mod terms;
mod yaml;

use loadline_plan::{Diagnostic, Element, Location, Plan};

pub use terms::in_our_terms;
use yaml::Yaml;

/// Entries of a mapping.
type Entries = Vec<(String, Yaml)>;

/// What became of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanWriting {
    /// The text of the file, unless a finding is an error.
    pub text: Option<String>,
    /// Everything that a YAML plan cannot say, in the order of the plan.
    pub diagnostics: Vec<Diagnostic>,
}

/// Writes `plan`, which is in our terms.
#[must_use]
pub fn write_plan(plan: &Plan) -> PlanWriting {
    let mut writer = Writer {
        has_target: false,
        diagnostics: Vec::new(),
    };
    let entries = writer.plan(plan);
    let text = yaml::document(&entries);
    let mut diagnostics = writer.diagnostics;
    if diagnostics.is_empty() {
        diagnostics.extend(lost(plan, &text));
    }
    PlanWriting {
        text: diagnostics.is_empty().then_some(text),
        diagnostics,
    }
}

struct Writer {
    /// Whether the plan names a server, so that paths without one can stand.
    has_target: bool,
    diagnostics: Vec<Diagnostic>,
}

const HELP: &str = "change or remove it";

impl Writer {
    fn refuse(&mut self, location: &Location, what: impl Into<String>) {
        let finding = Diagnostic::error("not-in-yaml", location.clone(), what);
        self.diagnostics.push(finding.with_help(HELP));
    }
}

/// What is not in the plan that `text` is read as, or reads as something else.
fn lost(plan: &Plan, text: &str) -> Option<Diagnostic> {
    let at = |location: &Location, what: String| {
        Some(Diagnostic::error("not-in-yaml", location.clone(), what).with_help(HELP))
    };
    let whole = Location::default();
    let reading = crate::read_plan(text, "");
    let expected = plan.without_places();
    let Some(found) = reading.plan.map(|plan| plan.without_places()) else {
        let errors = reading.diagnostics.iter().filter(|found| found.is_error());
        let what: Vec<&str> = errors.map(|error| error.message.as_str()).collect();
        return at(&whole, what.join("; "));
    };
    if expected == found {
        return None;
    }
    if let Some(element) = first_lost(&plan.children, &expected.children, &found.children) {
        return at(&element.location, not_read_as_written(element));
    }
    for (index, (group, expected)) in plan.groups.iter().zip(&expected.groups).enumerate() {
        let Some(found) = found.groups.get(index) else {
            continue;
        };
        if let Some(element) = first_lost(&group.children, &expected.children, &found.children) {
            return at(&element.location, not_read_as_written(element));
        }
        if expected != found {
            let what = format!("a setting of group `{}` has no YAML form", group.name);
            return at(&group.location, what);
        }
    }
    at(&whole, "a setting of the plan has no YAML form".to_owned())
}

fn not_read_as_written(element: &Element) -> String {
    format!("a setting of `{}` has no YAML form", element.name.as_str())
}

/// The innermost of `elements` whose twin in `expected` is not the one in `found`.
fn first_lost<'e>(
    elements: &'e [Element],
    expected: &[Element],
    found: &[Element],
) -> Option<&'e Element> {
    for (index, (element, expected)) in elements.iter().zip(expected).enumerate() {
        let Some(found) = found.get(index) else {
            return Some(element);
        };
        if expected == found {
            continue;
        }
        let inner = first_lost(&element.children, &expected.children, &found.children);
        return Some(inner.unwrap_or(element));
    }
    None
}
