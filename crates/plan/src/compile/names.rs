//! The variable names and function calls of a plan: slots, who sets what, who reads what.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::program::{
    Call, CallId, FunctionScript, KeptParts, NameResolver, Slot, Template, parse_template,
};
use crate::{Diagnostic, Location};

use super::definitions;
use super::similar::most_similar;

/// Names without a definition for which a similar one is looked for: each costs a look at all that are
/// defined, and further ones have some other cause than a slip of the pen.
const MOST_CORRECTED: usize = 100;

/// How the names of index variables begin, by JMeter's naming.
const INDEX_PREFIX: &str = "__jm__";

/// Names of a plan, as far as it was read.
#[derive(Debug, Default)]
pub(super) struct Names {
    slots: Vec<Box<str>>,
    index: BTreeMap<Box<str>, Slot>,
    call_count: u32,
    defined: BTreeSet<String>,
    /// Names that begin so are set, such as `id_` for `id_1`.
    defined_prefixes: BTreeSet<String>,
    /// Whether names are set that only the run will tell.
    open: bool,
    references: Vec<(Slot, Location)>,
    /// Whether a text may read the index variable of a loop, be it by a name that a script makes.
    reads_indices: bool,
    /// Whether a text reads the previous result.
    pub(super) reads_previous: bool,
    /// Whether a script may look at the current sampler.
    pub(super) names_sampler: bool,
    /// Whether a text calls a function that runs a script.
    pub(super) calls_scripts: bool,
    /// Scripts in calls of functions.
    pub(super) function_scripts: Vec<FunctionScript>,
    /// Functions and texts of these scripts.
    known_scripts: HashSet<(&'static str, Box<str>)>,
    /// What of it they read.
    pub(super) kept_of_previous: KeptParts,
}

impl Names {
    /// The slot of `name`, made if it has none.
    fn slot(&mut self, name: &str) -> Slot {
        if let Some(slot) = self.index.get(name) {
            return *slot;
        }
        let slot = Slot(u32::try_from(self.slots.len()).expect("a plan has fewer than 2^32 names"));
        self.slots.push(name.into());
        self.index.insert(name.into(), slot);
        slot
    }

    /// Notes a text that may read index variables.
    pub(super) fn note_indices(&mut self, text: &str) {
        self.reads_indices |= text.contains(INDEX_PREFIX);
    }

    /// The variable of the index of a loop or thread group named `controller`, if a text so far may
    /// read one.
    pub(super) fn index_variable(&mut self, controller: &str) -> Option<Slot> {
        let name = || format!("{INDEX_PREFIX}{controller}__idx");
        self.reads_indices.then(|| self.define(&name()))
    }

    /// Notes that something sets the variable `name`.
    pub(super) fn define(&mut self, name: &str) -> Slot {
        self.defined.insert(name.to_owned());
        self.slot(name)
    }

    /// Notes that something sets variables whose names begin with `prefix`.
    pub(super) fn define_prefix(&mut self, prefix: String) {
        self.defined_prefixes.insert(prefix);
    }

    /// Notes that something sets variables whose names only the run will tell.
    pub(super) fn define_unknown(&mut self) {
        self.open = true;
    }

    /// Notes that something reads `parts` of the previous result.
    pub(super) fn read_previous(&mut self, parts: KeptParts) {
        self.reads_previous = true;
        self.kept_of_previous = self.kept_of_previous.and(parts);
    }

    /// Takes `text` apart and notes what it reads and sets. A malformed text is reported and stays
    /// as it is, as in JMeter.
    pub(super) fn parse(
        &mut self,
        text: &str,
        location: &Location,
        lenient: bool,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Template {
        self.note_indices(text);
        let mut reader = Reader {
            names: self,
            location,
            lenient,
            diagnostics,
        };
        match parse_template(text, &mut reader) {
            Ok(template) => {
                for call in template.calls() {
                    definitions::note_call(call, self);
                    self.note_script(call, location);
                }
                template
            }
            Err(error) => {
                diagnostics.push(malformed(text, location, lenient, &error));
                Template::literal(text)
            }
        }
    }

    /// Notes the script of a call, if it has one that is known.
    fn note_script(&mut self, call: &Call, location: &Location) {
        let runs_script = matches!(
            call.function,
            "__groovy" | "__BeanShell" | "__javaScript" | "__jexl2" | "__jexl3"
        );
        let text = call.parameters.first().and_then(Template::as_literal);
        let Some(text) = text.filter(|text| runs_script && !text.trim().is_empty()) else {
            return;
        };
        if !self.known_scripts.insert((call.function, text.into())) {
            return;
        }
        self.function_scripts.push(FunctionScript {
            function: call.function,
            text: text.into(),
            location: location.clone(),
        });
    }

    /// Reports each name that is read and that nothing sets, once for each place.
    pub(super) fn report_undefined(&self, lenient: bool, diagnostics: &mut Vec<Diagnostic>) {
        if self.open {
            return;
        }
        let mut reported = BTreeSet::new();
        let mut corrections = BTreeMap::new();
        for (slot, location) in &self.references {
            let name = &*self.slots[slot.0 as usize];
            if self.is_defined(name) || !reported.insert((*slot, location.line, &location.path)) {
                continue;
            }
            let message = format!("variable `{name}` is read, but nothing sets it");
            let similar = match corrections.get(slot) {
                Some(known) => *known,
                None if corrections.len() >= MOST_CORRECTED => None,
                None => {
                    let similar = most_similar(name, self.defined.iter().map(String::as_str));
                    corrections.insert(*slot, similar);
                    similar
                }
            };
            let sent = format!("the text `${{{name}}}` itself is used");
            let help = match similar {
                Some(similar) => format!("did you mean `{similar}`? otherwise {sent}"),
                None if lenient => format!("{sent}, as in JMeter"),
                None => format!("define it under `variables:`, or give it with `-e {name}=...`"),
            };
            let finding = Diagnostic::error("undefined-variable", location.clone(), message);
            diagnostics.push(soften(finding, lenient).with_help(help));
        }
    }

    fn is_defined(&self, name: &str) -> bool {
        self.defined.contains(name)
            || definitions::is_predefined(name)
            // An unknown function, which is a variable of an odd name, has its own finding.
            || name.contains('(')
            || (name.char_indices())
                .any(|(end, _)| end > 0 && self.defined_prefixes.contains(&name[..end]))
            || self.defined_prefixes.contains(name)
    }

    /// The names of all slots, in order.
    pub(super) fn slots(&self) -> Vec<Box<str>> {
        self.slots.clone()
    }

    /// Number of function calls so far.
    pub(super) const fn call_count(&self) -> u32 {
        self.call_count
    }
}

/// An error, or a warning where JMeter would go on.
pub(super) fn soften(mut finding: Diagnostic, lenient: bool) -> Diagnostic {
    if lenient {
        finding.severity = crate::Severity::Warning;
    }
    finding
}

fn malformed(
    text: &str,
    location: &Location,
    lenient: bool,
    error: &crate::program::TemplateError,
) -> Diagnostic {
    let message = format!("{error}, in `{}`", shortened(text));
    let finding = Diagnostic::error("malformed-reference", location.clone(), message);
    finding.with_help(if lenient {
        "JMeter runs nothing of a plan with such a text"
    } else {
        "write `\\${` for a literal `${`"
    })
}

/// At most 60 characters of `text`, for a message.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// Resolves the names of one text.
struct Reader<'a> {
    names: &'a mut Names,
    location: &'a Location,
    /// Whether the plan is JMeter's.
    lenient: bool,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl NameResolver for Reader<'_> {
    fn variable(&mut self, name: &str) -> Option<Slot> {
        let slot = self.names.slot(name);
        self.names.references.push((slot, self.location.clone()));
        Some(slot)
    }

    fn call(&mut self, _function: &'static str) -> CallId {
        self.names.call_count += 1;
        CallId(self.names.call_count - 1)
    }

    fn unknown_function(&mut self, name: &str) {
        let known = crate::function_table::FUNCTIONS
            .iter()
            .map(|entry| entry.name);
        let sent = "the text itself is used, as in JMeter without a plugin that has it";
        let help = match (most_similar(name, known), self.lenient) {
            (Some(similar), false) => format!("did you mean `{similar}`?"),
            (Some(similar), true) => format!("did you mean `{similar}`? otherwise {sent}"),
            (None, false) => "see the list of functions in docs/jmeter.md".to_owned(),
            (None, true) => sent.to_owned(),
        };
        let message = format!("unknown function `{name}`");
        let finding = Diagnostic::error("unknown-function", self.location.clone(), message);
        self.diagnostics
            .push(soften(finding, self.lenient).with_help(help));
    }
}
