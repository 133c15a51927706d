//! Writes a plan as a `.jmx` file that JMeter 5.6.3 runs and its window opens.
//!
//! What is written is read back and compared: a plan of which anything would be lost is refused, with
//! the place of what cannot be said. Plans are written as they stand, so one of ours is put into
//! JMeter's terms first ([`crate::in_jmeters_terms`]).
//!
//! Not here: what JMeter has no element for, and what becomes of it.

mod assertion;
mod config;
mod controller;
mod extractor;
mod group;
mod http;
mod plan;
mod processor;
mod sampler;
mod scope;
mod timer;
mod xml;

use std::collections::BTreeMap;

use loadline_plan::{Diagnostic, Element, ElementKind, Location, Plan, Sampler, Standing, Text};

use crate::reading::IncludedFile;

use xml::Xml;

/// What became of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct JmxWriting {
    /// The text of the file, unless a finding is an error.
    pub text: Option<String>,
    /// Everything that a `.jmx` file cannot say, in the order of the plan.
    pub diagnostics: Vec<Diagnostic>,
}

/// Writes `plan`, which is in JMeter's terms.
#[must_use]
pub fn write_jmx(plan: &Plan) -> JmxWriting {
    let mut writer = Writer {
        xml: Xml::new(),
        diagnostics: Vec::new(),
    };
    writer.plan(plan);
    let Writer { xml, diagnostics } = writer;
    let text = xml.into_text();
    if !diagnostics.is_empty() {
        return JmxWriting {
            text: None,
            diagnostics,
        };
    }
    let lost = lost(plan, &text);
    JmxWriting {
        text: lost.is_none().then_some(text),
        diagnostics: lost.into_iter().collect(),
    }
}

struct Writer {
    xml: Xml,
    diagnostics: Vec<Diagnostic>,
}

impl Writer {
    /// Something of the element at `location` that a `.jmx` file has no place for.
    fn refuse(&mut self, location: &Location, what: impl Into<String>) {
        self.diagnostics.push(
            Diagnostic::error("not-in-jmx", location.clone(), what)
                .with_help("change or remove it, then export again"),
        );
    }

    /// The element of the class `class`, its properties written by `content`, without its tree.
    fn element(
        &mut self,
        class: &str,
        gui: &str,
        name: &str,
        location: &Location,
        content: impl FnOnce(&mut Self),
    ) {
        let attributes = [
            ("guiclass", gui),
            ("testclass", class),
            ("testname", name),
            ("enabled", "true"),
        ];
        self.xml.open(class, &attributes);
        content(self);
        self.xml.close(class);
        if let Some(character) = self.xml.take_forbidden() {
            let code = u32::from(character);
            let what =
                format!("`{name}` holds the character U+{code:04X}, which XML does not have");
            self.refuse(location, what);
        }
    }

    /// The elements of a tree, each with its own.
    fn tree(&mut self, children: &[Element]) {
        if children.is_empty() {
            self.xml.empty("hashTree", &[]);
            return;
        }
        self.xml.open("hashTree", &[]);
        self.elements(children);
        self.xml.close("hashTree");
    }

    fn elements(&mut self, elements: &[Element]) {
        for element in elements {
            self.one(element);
            self.tree(&element.children);
        }
    }

    fn one(&mut self, element: &Element) {
        match &element.kind {
            ElementKind::Controller(controller) => self.controller(element, controller),
            ElementKind::Sampler(sampler) => self.sampler(element, sampler),
            ElementKind::Config(config) => self.config(element, config),
            ElementKind::Timer(timer) => self.timer(element, timer),
            ElementKind::PreProcessor(processor) => self.pre_processor(element, processor),
            ElementKind::PostProcessor(extractor) => self.extractor(element, extractor),
            ElementKind::Assertion(assertion) => self.assertion(element, assertion),
            ElementKind::OnFailure(action) => self.on_failure(element, *action),
            ElementKind::Script(script) => self.script(element, script),
            ElementKind::AutoStop(stop) => {
                let class = "kg.apc.jmeter.reporters.AutoStop";
                self.of(element, class, &format!("{class}Gui"), |writer| {
                    writer.texts(&[
                        ("avg_response_time", &stop.response_time_ms),
                        ("avg_response_time_length", &stop.response_time_s),
                        ("avg_response_latency", &stop.latency_ms),
                        ("avg_response_latency_length", &stop.latency_s),
                        ("error_rate", &stop.error_percent),
                        ("error_rate_length", &stop.error_s),
                    ]);
                });
            }
            ElementKind::Output(output) => {
                let what = format!("the result file `{}` is not written", output.file.as_str());
                self.refuse(&element.location, what);
            }
        }
    }

    /// As [`Self::element`], with the name and place of `element`.
    fn of(&mut self, element: &Element, class: &str, gui: &str, content: impl FnOnce(&mut Self)) {
        self.element(
            class,
            gui,
            element.name.as_str(),
            &element.location,
            content,
        );
    }

    /// Properties that are texts.
    fn texts(&mut self, properties: &[(&str, &Text)]) {
        for (name, text) in properties {
            self.xml.string(name, text.as_str());
        }
    }

    /// Properties that are flags.
    fn flags(&mut self, properties: &[(&str, bool)]) {
        for (name, flag) in properties {
            self.xml.flag(name, *flag);
        }
    }
}

/// What is not in the plan that `text` is read as, or reads as something else.
fn lost(plan: &Plan, text: &str) -> Option<Diagnostic> {
    let scripts = script_files(plan);
    let reading = crate::read_jmx_with(text, "", &|name| match scripts.get(name) {
        Some(text) => Ok(IncludedFile {
            name: name.to_owned(),
            text: (*text).to_owned(),
        }),
        None => Err("it is no file of a script".to_owned()),
    });
    let at = |location: &Location, what: String| {
        let help = "change or remove it, then export again";
        Some(Diagnostic::error("not-in-jmx", location.clone(), what).with_help(help))
    };
    let whole = Location::default();
    if let Some(error) = reading.diagnostics.iter().find(|found| found.is_error()) {
        return at(&whole, error.message.clone());
    }
    if let Some(row) = (reading.elements.iter())
        .find(|row| matches!(row.standing, Standing::Refused | Standing::Ignored))
    {
        let what = format!("`{}`: {}", row.location.path, row.reason);
        return at(&whole, what);
    }
    let Some(found) = reading.plan else {
        return at(&whole, "what was written is no plan".to_owned());
    };
    let (expected, found) = (plan.without_places(), found.without_places());
    if expected == found {
        return None;
    }
    if let Some(element) = first_lost(&plan.children, &expected.children, &found.children) {
        return at(&element.location, not_read_as_written(element));
    }
    let groups = plan.groups.iter().zip(&expected.groups);
    for (index, (group, expected)) in groups.enumerate() {
        let Some(found) = found.groups.get(index) else {
            continue;
        };
        if let Some(element) = first_lost(&group.children, &expected.children, &found.children) {
            return at(&element.location, not_read_as_written(element));
        }
        if expected != found {
            let what = format!("a setting of group `{}` has no place in a .jmx", group.name);
            return at(&group.location, what);
        }
    }
    at(
        &whole,
        "a setting of the plan has no place in a .jmx".to_owned(),
    )
}

fn not_read_as_written(element: &Element) -> String {
    format!(
        "a setting of `{}` has no place in a .jmx",
        element.name.as_str()
    )
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

/// The texts of the scripts that stand in files of their own, by the names of these.
fn script_files(plan: &Plan) -> BTreeMap<&str, &str> {
    fn collect<'p>(elements: &'p [Element], files: &mut BTreeMap<&'p str, &'p str>) {
        for element in elements {
            if let ElementKind::Script(script) | ElementKind::Sampler(Sampler::Script(script)) =
                &element.kind
                && let Some(file) = &script.file
            {
                files.insert(file, script.text.as_str());
            }
            collect(&element.children, files);
        }
    }
    let mut files = BTreeMap::new();
    collect(&plan.children, &mut files);
    for group in &plan.groups {
        collect(&group.children, &mut files);
    }
    files
}
