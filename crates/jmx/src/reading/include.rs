//! Include Controllers: each runs the elements of a Test Fragment in another file.
//!
//! Source: `IncludeController` of JMeter 5.6.3. Not here: finding and reading the file, which the
//! caller does.

use loadline_plan::{Controller, Diagnostic, Element, ElementKind};
use roxmltree::Node;

use super::{Found, Reader, Surroundings};
use crate::document::{self, Positions};
use crate::hash_tree::{self, Entry};
use crate::judgement::{Judgement, LEFT_OUT};
use crate::properties::Encoding;
use crate::support::{Meaning, support_of};

/// A file that a plan includes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncludedFile {
    /// Its name in locations; two names are one file when they are equal.
    pub name: String,
    /// What it holds.
    pub text: String,
}

/// Finds and reads the file that an Include Controller names, by the path as the plan writes it;
/// the error says in one line why there is none.
pub type IncludeReader<'a> = &'a dyn Fn(&str) -> Result<IncludedFile, String>;

/// Deepest nesting of files, and most files that a plan includes in all, each as often as it is
/// named: a few files that name each other may come to any number.
const MAX_NESTED: usize = 20;
const MAX_INCLUDED: usize = 1_000;

impl<'text> Reader<'text> {
    /// Reads an Include Controller: its own children are replaced by those of the file's fragment.
    pub(super) fn read_include(&mut self, found: &Found<'_, 'text>) -> Option<Element> {
        let path = found
            .properties
            .text("IncludeController.includepath")
            .unwrap_or_default();
        let file = match self.open_include(&path) {
            Ok(file) => file,
            Err(reason) => {
                self.record(found, Judgement::refused(reason, LEFT_OUT));
                return self.pass_over(found, Surroundings::REPLACED);
            }
        };
        self.record(found, Judgement::supported());
        self.pass_over(found, Surroundings::REPLACED);
        let children = self.read_fragment_of(&file, found);
        Some(Element {
            name: found.properties.name().into(),
            kind: ElementKind::Controller(Controller::Simple),
            children,
            location: found.location.clone(),
        })
    }

    /// The included file, or why it is not read.
    fn open_include(&mut self, path: &str) -> Result<IncludedFile, String> {
        if path.is_empty() {
            return Err("it names no file".to_owned());
        }
        if self.files.len() > MAX_NESTED {
            return Err(format!(
                "files are included deeper than {MAX_NESTED} levels"
            ));
        }
        if self.included_count >= MAX_INCLUDED {
            return Err(format!("the plan includes more than {MAX_INCLUDED} files"));
        }
        let file = (self.include)(path)
            .map_err(|reason| format!("its file `{path}` is not read: {reason}"))?;
        if self.files.contains(&file.name) {
            return Err(format!(
                "its file includes itself: {} > {}",
                self.files.join(" > "),
                file.name
            ));
        }
        self.included_count += 1;
        Ok(file)
    }

    /// The elements of the fragment in `file`, in the place of what stands below `found`.
    fn read_fragment_of(&mut self, file: &IncludedFile, found: &Found<'_, '_>) -> Vec<Element> {
        let document = match document::parse(&file.text, &file.name) {
            Ok(document) => document,
            Err(broken) => {
                self.diagnostics.push(*broken);
                return Vec::new();
            }
        };
        let root = document.root_element();
        let mut files = self.files.clone();
        files.push(file.name.clone());
        let mut inner = Reader {
            file: &file.name,
            positions: Positions::of(&file.text),
            encoding: Encoding::of_file(root),
            diagnostics: std::mem::take(&mut self.diagnostics),
            elements: std::mem::take(&mut self.elements),
            variables: std::mem::take(&mut self.variables),
            variable_sets: self.variable_sets,
            groups: Vec::new(),
            loose: super::Loose::default(),
            plan: None,
            targets: Vec::new(),
            rows_of_modules: Vec::new(),
            include: self.include,
            files,
            included_count: self.included_count,
        };
        let mut trees = root.children().filter(|child| hash_tree::is_tree(*child));
        let children = match trees.next().and_then(fragment_below) {
            Some(tree) => inner.walk(
                tree,
                &found.location.path,
                Surroundings::Group,
                found.depth + 1,
            ),
            None => {
                let location = found.location.clone();
                let message = format!("`{}` has no Test Fragment: nothing is included", file.name);
                inner.diagnostics.push(
                    Diagnostic::warning("no-test-fragment", location, message).with_help(
                        "put what is to be included below a Test Fragment, directly below the \
                         file's Test Plan",
                    ),
                );
                Vec::new()
            }
        };
        self.diagnostics = inner.diagnostics;
        self.elements = inner.elements;
        self.variables = inner.variables;
        self.variable_sets = inner.variable_sets;
        self.included_count = inner.included_count;
        children
    }

    /// Whether the reader is in a file that another one includes.
    pub(super) fn is_included(&self) -> bool {
        self.files.len() > 1
    }
}

/// What stands below the first Test Fragment among the elements of `tree` or, if a Test Plan comes
/// first, of that plan; whether it is disabled does not matter.
fn fragment_below<'a, 'text>(tree: Node<'a, 'text>) -> Option<Option<Node<'a, 'text>>> {
    for entry in hash_tree::entries(tree) {
        let Entry::Element { node, subtree, .. } = entry else {
            continue;
        };
        match support_of(node.tag_name().name()).map(|row| row.meaning) {
            Some(Meaning::TestPlan) => return fragment_below(subtree?),
            Some(Meaning::Fragment) => return Some(subtree),
            _ => {}
        }
    }
    None
}
