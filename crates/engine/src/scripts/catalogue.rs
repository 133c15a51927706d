//! The scripts of a plan, compiled before the run as far as their texts are known then.
//!
//! A script with references is compiled in its substituted form when it runs, once for each text.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};

use loadline_plan::program::{Part, Program, ScriptId, ScriptProgram, Slot, Template};
use loadline_plan::{Diagnostic, Location, ScriptFamily, ScriptRole, Severity};
use loadline_script::{Language, Refusal, RefusalKind, Script, compile};

use crate::SlotNames;

/// Compiled texts that one engine thread keeps.
const MOST_TEXTS: usize = 1000;

/// Different things that scripts say and that are kept for the report of the run.
const MOST_NOTES: usize = 64;

/// The scripts of a plan's elements.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    entries: Vec<Entry>,
    names_cookies: bool,
}

/// One script element.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) program: ScriptProgram,
    /// Ready, unless its text is known only when it runs.
    pub(crate) script: Option<Script>,
    /// Why it is left out, if it is.
    pub(crate) left_out: Option<String>,
}

impl Catalogue {
    /// Compiles the scripts of `program`, and reports all that none of them can be run without.
    pub(crate) fn compile(
        program: &Program,
        names: &SlotNames,
        skips_refused: bool,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        check_functions(program, diagnostics);
        let entries = program.scripts.iter().map(|program| {
            let mut found = Vec::new();
            let script = compiled(program, names, &mut found);
            let refused = found.iter().find(|finding| finding.is_error());
            let left_out = refused
                .filter(|_| skips_refused)
                .map(|refused| refused.message.clone());
            if left_out.is_some() {
                for finding in &mut found {
                    finding.severity = Severity::Warning;
                    finding.help = "the element is left out".to_owned();
                }
            }
            diagnostics.extend(found);
            Entry {
                script,
                left_out,
                program: program.clone(),
            }
        });
        Self {
            entries: entries.collect(),
            names_cookies: program.scripts.iter().any(ScriptProgram::names_cookies),
        }
    }

    /// Whether one may look at the cookies of its user.
    pub(crate) const fn names_cookies(&self) -> bool {
        self.names_cookies
    }

    pub(crate) fn get(&self, id: ScriptId) -> Option<&Entry> {
        self.entries.get(id.0 as usize)
    }
}

/// The script of an element, if its text is known.
fn compiled(
    program: &ScriptProgram,
    names: &SlotNames,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Script> {
    // A language that is a reference is known when the script runs.
    let language = program.language.as_literal()?;
    let Some(language) = Language::from_name(language) else {
        let message = format!("the language `{language}` is not known");
        diagnostics.push(finding(program, language, None, &message));
        return None;
    };
    let Some(text) = program.text.as_literal() else {
        diagnostics.push(with_references(program));
        // What is refused whatever the references stand for is refused now.
        let refusals = compile(language, &unset(&program.text, names)).err();
        let refusals = refusals.unwrap_or_default().into_iter();
        let refusals = refusals.filter(|refusal| refusal.kind != RefusalKind::Syntax);
        diagnostics
            .extend(refusals.map(|refusal| {
                finding(program, language.name(), Some(&refusal), &refusal.message)
            }));
        return None;
    };
    if text.trim().is_empty() {
        return None;
    }
    match compile(language, text) {
        Ok(script) => {
            let slots: Vec<Option<u32>> = (script.variable_names().iter())
                .map(|name| names.slot(name).map(|Slot(slot)| slot))
                .collect();
            Some(script.with_slots(&slots))
        }
        Err(refusals) => {
            diagnostics.extend(
                refusals.iter().map(|refusal| {
                    finding(program, language.name(), Some(refusal), &refusal.message)
                }),
            );
            None
        }
    }
}

/// Compiles the scripts of functions that are known now. What the language itself refuses fails in
/// JMeter, too, where the call is; it is no reason not to run.
fn check_functions(program: &Program, diagnostics: &mut Vec<Diagnostic>) {
    for script in &program.function_scripts {
        let language = super::text::language_of(script.function);
        let refusals = compile(language, &script.text).err().unwrap_or_default();
        diagnostics.extend(refusals.into_iter().map(|refusal| {
            let message = format!("{}, {refusal}", script.function);
            let location = script.location.clone();
            let found = match refusal.kind {
                RefusalKind::Syntax => Diagnostic::warning("script-syntax", location, message),
                _ => Diagnostic::error("unsupported-script", location, message),
            };
            found.with_help("change the script of the call")
        }));
    }
}

/// What keeps the condition `text` of an If Controller from being run, with something in the place of its references.
pub(crate) fn check_condition(text: &str, location: &Location) -> Vec<Diagnostic> {
    let refusals = compile(Language::Rhino, text).err().unwrap_or_default();
    let findings = refusals.into_iter().map(|refusal| {
        let message = format!("condition `{text}`, {refusal}");
        match refusal.kind {
            // It fails in JMeter, too, and does not hold.
            RefusalKind::Syntax => Diagnostic::warning("script-syntax", location.clone(), message),
            _ => Diagnostic::error("unsupported-script", location.clone(), message),
        }
        .with_help("change the condition")
    });
    findings.collect()
}

/// The price of references in a script.
fn with_references(program: &ScriptProgram) -> Diagnostic {
    let message = match program.keeps_text {
        true => format!(
            "{} {}: references in its script are replaced once, when a user comes to it first, and stay: JMeter keeps the compiled script",
            program.family.word(),
            program.role.word()
        ),
        false => format!(
            "{} {}: references in its script are replaced before it is compiled, anew for each different text",
            program.family.word(),
            program.role.word()
        ),
    };
    Diagnostic::warning("script-with-references", program.location.clone(), message)
        .with_help("read variables with `vars.get(\"name\")`, so that it is compiled once")
}

/// The text as it is while no variable is set.
fn unset(text: &Template, names: &SlotNames) -> String {
    let parts = text.parts.iter().map(|part| match part {
        Part::Literal(text) => text.to_string(),
        Part::Variable(slot) => format!("${{{}}}", names.name(*slot)),
        Part::Named(name) => format!("${{{name}}}"),
        Part::Call(_) => "1".to_owned(),
    });
    parts.collect()
}

fn finding(
    program: &ScriptProgram,
    language: &str,
    refusal: Option<&Refusal>,
    message: &str,
) -> Diagnostic {
    let what = match (program.family, program.role) {
        (ScriptFamily::Own, ScriptRole::Sampler) => "script step".to_owned(),
        (ScriptFamily::Own, ScriptRole::PreProcessor) => "script before a request".to_owned(),
        (ScriptFamily::Own, _) => "script after a request".to_owned(),
        (family, role) => format!("{} {}", family.word(), role.word()),
    };
    let language = match program.family {
        ScriptFamily::BeanShell => String::new(),
        ScriptFamily::Jsr223 | ScriptFamily::Bsf | ScriptFamily::Own => format!(" ({language})"),
    };
    let mut location = program.location.clone();
    let place = match (refusal, &program.file) {
        (Some(refusal), None) => {
            if program.line > 0 {
                location.line = program.line + refusal.line.saturating_sub(1);
                location.column = 0;
            }
            format!(", script line {}", refusal.line)
        }
        (Some(refusal), Some(file)) => format!(", {file} line {}", refusal.line),
        (None, _) => String::new(),
    };
    let message = format!("{what}{language}{place}: {message}");
    Diagnostic::error("unsupported-script", location, message)
        .with_help("change the script, or disable the element")
}

/// Scripts whose texts are known only when they run, compiled by one engine thread.
#[derive(Debug, Default)]
pub(crate) struct ScriptCache {
    by_text: RefCell<HashMap<(Language, Box<str>), Compiled>>,
}

/// A script, or the first reason why it cannot be run.
type Compiled = Result<Script, Box<Refusal>>;

impl ScriptCache {
    /// The script `text`, or the first reason why it cannot be run.
    pub(crate) fn script(&self, language: Language, text: &str) -> Result<Script, Box<Refusal>> {
        let mut by_text = self.by_text.borrow_mut();
        let key = (language, text.into());
        if let Some(known) = by_text.get(&key) {
            return known.clone();
        }
        let script = compile(language, text).map_err(|refusals| {
            let first = refusals.into_iter().next();
            Box::new(first.unwrap_or(Refusal {
                kind: RefusalKind::UnsupportedSyntax,
                line: 1,
                column: 1,
                message: "it cannot be compiled".to_owned(),
                java_class: None,
                java_message: None,
            }))
        });
        if by_text.len() >= MOST_TEXTS {
            by_text.clear();
        }
        by_text.insert(key, script.clone());
        script
    }
}

/// Exceptions and lines of the log from scripts of one engine thread, each text once with its count.
#[derive(Debug, Default)]
pub(crate) struct ScriptNotes {
    counts: RefCell<BTreeMap<String, u64>>,
    others: Cell<u64>,
}

impl ScriptNotes {
    pub(crate) fn note(&self, text: String) {
        let mut counts = self.counts.borrow_mut();
        if counts.len() >= MOST_NOTES && !counts.contains_key(&text) {
            self.others.set(self.others.get() + 1);
            return;
        }
        *counts.entry(text).or_default() += 1;
    }

    /// The texts with their counts.
    pub(crate) fn take(&self) -> BTreeMap<String, u64> {
        let mut counts = self.counts.take();
        if self.others.get() > 0 {
            counts.insert("(other lines of scripts)".to_owned(), self.others.take());
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_compiled_once_and_a_bad_one_says_why() {
        let cache = ScriptCache::default();
        assert!(cache.script(Language::Groovy, "1 + 1").is_ok());
        let refusal = cache.script(Language::Groovy, "def x =").unwrap_err();
        assert_eq!(refusal.kind, RefusalKind::Syntax);
        assert_eq!(cache.by_text.borrow().len(), 2);
    }
}
