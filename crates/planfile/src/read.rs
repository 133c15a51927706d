//! From the tree of a document to a plan: what every part of the reader needs.
//!
//! [`Reader`] collects findings and knows where it is; [`Fields`] are the entries of a mapping that
//! was checked against its table. The parts are read in their own files, from the plan down.

mod check;
pub(crate) mod extract;
pub(crate) mod group;
mod levels;
mod load;
mod plan;
pub(crate) mod request;
mod scalar;
mod script;
mod settings;
mod step;

use loadline_plan::{Diagnostic, Element, ElementKind, Location, Plan, Text};

use crate::grammar::{Field, Object};
use crate::node::{self, Node, Place, Value};
use crate::similar::similar;

/// What became of a plan file.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanReading {
    /// The plan, unless a finding is an error.
    pub plan: Option<Plan>,
    /// All findings, in file order.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a plan from its YAML `text`; `file_name` stands in locations and, without its extension,
/// is the name of a plan that has none.
///
/// A script in a file of its own is a finding; see [`read_plan_with`].
#[must_use]
pub fn read_plan(text: &str, file_name: &str) -> PlanReading {
    read_plan_with(text, file_name, &|_| {
        Err("no files are read here".to_owned())
    })
}

/// Gives the text of a file that a plan names, by its path as the plan has it, or why there is none.
pub type FileReader<'a> = &'a dyn Fn(&str) -> Result<String, String>;

/// As [`read_plan`]; `include` reads the files of scripts.
#[must_use]
pub fn read_plan_with(text: &str, file_name: &str, include: FileReader<'_>) -> PlanReading {
    let mut reader = Reader::new(file_name, include);
    let plan = match node::parse(text) {
        Ok(node) => reader.plan(&node),
        Err(error) => {
            let help = if text
                .lines()
                .any(|line| line.trim_start_matches(' ').starts_with('\t'))
            {
                "indent with spaces; YAML takes no tabs"
            } else if error.message.contains("merge") {
                "`<<` takes in the entries of another mapping; for a name that is so, write `\"<<\"`"
            } else {
                "correct the YAML at this place; further problems are found after that"
            };
            reader.error("yaml-syntax", error.place, error.message, help);
            None
        }
    };
    let mut diagnostics = reader.diagnostics;
    diagnostics.sort_by_key(|found| (found.location.line, found.location.column));
    let has_error = diagnostics.iter().any(Diagnostic::is_error);
    PlanReading {
        plan: plan.filter(|_| !has_error),
        diagnostics,
    }
}

/// Findings so far, and where in the plan reading is.
struct Reader<'f> {
    file: &'f str,
    include: FileReader<'f>,
    /// Names of the enclosing elements.
    path: Vec<String>,
    /// Whether the plan has JMeter's rules, which take what ours refuse.
    has_jmeters_rules: bool,
    diagnostics: Vec<Diagnostic>,
}

/// The entries of a mapping, checked against its table.
struct Fields<'n> {
    object: &'static Object,
    entries: Vec<(&'static Field, &'n Node)>,
    place: Place,
}

impl<'n> Fields<'n> {
    /// The value of the key `name`, if given. The key must be in the table.
    fn find(&self, name: &str) -> Option<&'n Node> {
        debug_assert!(
            self.object.field(name).is_some(),
            "`{name}` is not in the table of {}",
            self.object.name
        );
        self.entries
            .iter()
            .find(|(field, _)| field.name == name)
            .map(|(_, node)| *node)
    }
}

impl<'f> Reader<'f> {
    fn new(file: &'f str, include: FileReader<'f>) -> Self {
        Self {
            file,
            include,
            path: Vec::new(),
            has_jmeters_rules: false,
            diagnostics: Vec::new(),
        }
    }

    fn location(&self, place: Place) -> Location {
        Location {
            file: self.file.to_owned(),
            line: place.line,
            column: place.column,
            path: self.path.join(" > "),
        }
    }

    fn error(
        &mut self,
        code: &'static str,
        place: Place,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let diagnostic = Diagnostic::error(code, self.location(place), message).with_help(help);
        self.diagnostics.push(diagnostic);
    }

    /// Reads something below the element called `name`, which findings then name.
    fn within<T>(&mut self, name: impl Into<String>, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(name.into());
        let result = read(self);
        self.path.pop();
        result
    }

    /// An element whose location names the enclosing ones and itself.
    fn element(&self, name: impl Into<Text>, kind: ElementKind, place: Place) -> Element {
        let name = name.into();
        let mut location = self.location(place);
        if !location.path.is_empty() {
            location.path.push_str(" > ");
        }
        location.path.push_str(name.as_str());
        Element {
            name,
            kind,
            children: Vec::new(),
            location,
        }
    }

    /// The entries of a mapping with the keys of `object`; `None` when `node` is no mapping.
    ///
    /// Unknown and repeated keys, keys without a value and missing keys are findings; the rest is
    /// returned all the same.
    fn fields<'n>(&mut self, node: &'n Node, object: &'static Object) -> Option<Fields<'n>> {
        let known: Vec<&str> = object.fields.iter().map(|field| field.name).collect();
        let Value::Map(entries) = &node.value else {
            let message = format!(
                "expected a mapping with the keys of a {}, found {}",
                object.name.replace('_', " "),
                node.value.describe()
            );
            self.error("wrong-type", node.place, message, keys_are(&known));
            return None;
        };
        let mut fields = Fields {
            object,
            entries: Vec::new(),
            place: node.place,
        };
        for (key, value) in entries {
            let Some(field) = object.field(&key.text) else {
                let message = format!("unknown key `{}`", key.text);
                let help = match similar(&key.text, known.iter().copied()) {
                    Some(name) => format!("did you mean `{name}`?"),
                    None => keys_are(&known),
                };
                self.error("unknown-key", key.place, message, help);
                continue;
            };
            if fields
                .entries
                .iter()
                .any(|(other, _)| other.name == field.name)
            {
                self.duplicate_key(&key.text, key.place);
            } else if value.value == Value::Null && field.name != "json" {
                let message = format!("`{}` has no value", key.text);
                let help = "give it a value, \"\" for an empty text, or remove the key";
                self.error("missing-value", key.place, message, help);
            } else {
                fields.entries.push((field, value));
            }
        }
        let is_given = |name: &str| entries.iter().any(|(key, _)| key.text == name);
        let missing: Vec<&Field> = object
            .fields
            .iter()
            .filter(|field| field.is_required && !is_given(field.name))
            .collect();
        for field in missing {
            let message = format!("`{}` is missing", field.name);
            let help = format!("add `{}`: {}", field.name, first_sentence(field.about));
            self.error("missing-key", node.place, message, help);
        }
        Some(fields)
    }

    /// The entries of a mapping whose keys the author chooses; repeated keys are findings.
    fn entries<'n>(&mut self, node: &'n Node, what: &str) -> Vec<(&'n node::Key, &'n Node)> {
        let Value::Map(entries) = &node.value else {
            let message = format!(
                "expected a mapping of {what}, found {}",
                node.value.describe()
            );
            self.error(
                "wrong-type",
                node.place,
                message,
                "write `name: value` lines below it",
            );
            return Vec::new();
        };
        let mut found: Vec<(&node::Key, &Node)> = Vec::new();
        for (key, value) in entries {
            if found.iter().any(|(other, _)| other.text == key.text) {
                self.duplicate_key(&key.text, key.place);
            } else {
                found.push((key, value));
            }
        }
        found
    }

    fn duplicate_key(&mut self, key: &str, place: Place) {
        let message = format!("`{key}` is given a second time");
        self.error("duplicate-key", place, message, "keep one of the two");
    }

    fn list<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Node] {
        match &node.value {
            Value::List(items) => items,
            other => {
                let message = format!("expected a list of {what}, found {}", other.describe());
                self.error(
                    "wrong-type",
                    node.place,
                    message,
                    "begin each line with `- `",
                );
                &[]
            }
        }
    }

    /// A finding for each key of `names` that is given although `because` excludes it.
    fn exclude(&mut self, fields: &Fields<'_>, names: &[&str], because: &str) {
        for name in names {
            if let Some(node) = fields.find(name) {
                let message = format!("`{name}` does not go with {because}");
                self.error(
                    "conflicting-keys",
                    node.place,
                    message,
                    "remove one of them",
                );
            }
        }
    }
}

fn keys_are(known: &[&str]) -> String {
    format!("known keys: {}", known.join(", "))
}

/// The start of a description up to its first stop, as part of a sentence.
fn first_sentence(about: &str) -> String {
    let end = about.find([';', '.', ':']).unwrap_or(about.len());
    let mut characters = about[..end].chars();
    characters
        .next()
        .map(|first| first.to_lowercase().chain(characters).collect())
        .unwrap_or_default()
}
