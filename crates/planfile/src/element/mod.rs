//! Elements by JMeter's names: steps such as `regex_extractor: {variable: id, regex: ...}`.
//!
//! Every kind of element is described once, by a function that goes through its settings one by one.
//! The same description reads a plan, writes one and makes the JSON Schema ([`Settings`]).
//!
//! Not here: the short forms that plans are written in by hand (`get`, `check`, `think`...).

mod assertion;
mod config;
mod controller;
mod extractor;
mod http;
mod listener;
mod load;
mod processor;
mod sampler;
mod settings;
mod timer;

use loadline_plan::{ElementKind, Sampler};

pub(crate) use http::http;
pub(crate) use load::{JmeterLoad, LOAD_KEYS};
pub(crate) use settings::Settings;

/// A kind of element: its key in a plan and what it is.
#[derive(Debug)]
pub(crate) struct Form {
    /// The key.
    pub(crate) key: &'static str,
    /// One sentence for editors.
    pub(crate) about: &'static str,
    /// An element of this kind, its settings yet to be read.
    pub(crate) blank: fn() -> ElementKind,
}

const fn form(key: &'static str, about: &'static str, blank: fn() -> ElementKind) -> Form {
    Form { key, about, blank }
}

/// All kinds, in the order of JMeter's menus.
pub(crate) fn forms() -> impl Iterator<Item = &'static Form> {
    controller::FORMS
        .iter()
        .chain(sampler::FORMS)
        .chain(config::FORMS)
        .chain(timer::FORMS)
        .chain(processor::FORMS)
        .chain(extractor::FORMS)
        .chain(assertion::FORMS)
        .chain(listener::FORMS)
}

/// The kind with the key `key`.
pub(crate) fn form_of(key: &str) -> Option<&'static Form> {
    forms().find(|form| form.key == key)
}

/// The key of an element; `None` for one that has no such form.
pub(crate) fn key_of(kind: &ElementKind) -> Option<&'static str> {
    match kind {
        ElementKind::Controller(controller) => controller::key_of(controller),
        ElementKind::Sampler(sampler) => sampler::key_of(sampler),
        ElementKind::Config(config) => Some(config::key_of(config)),
        ElementKind::Timer(timer) => Some(timer::key_of(timer)),
        ElementKind::PreProcessor(processor) => Some(processor::key_of(processor)),
        ElementKind::PostProcessor(extractor) => Some(extractor::key_of(extractor)),
        ElementKind::Assertion(assertion) => Some(assertion::key_of(assertion)),
        ElementKind::OnFailure(_) => Some("on_failure"),
        ElementKind::AutoStop(_) => Some("auto_stop"),
        ElementKind::Script(_) | ElementKind::Output(_) => None,
    }
}

/// Goes through the settings of an element.
pub(crate) fn settings<S: Settings>(kind: &mut ElementKind, settings: &mut S) {
    match kind {
        ElementKind::Controller(controller) => controller::settings(controller, settings),
        ElementKind::Sampler(Sampler::Http(request)) => http(request, settings),
        ElementKind::Sampler(sampler) => sampler::settings(sampler, settings),
        ElementKind::Config(config) => config::settings(config, settings),
        ElementKind::Timer(timer) => timer::settings(timer, settings),
        ElementKind::PreProcessor(processor) => processor::settings(processor, settings),
        ElementKind::PostProcessor(extractor) => extractor::settings(extractor, settings),
        ElementKind::Assertion(assertion) => assertion::settings(assertion, settings),
        ElementKind::AutoStop(stop) => listener::auto_stop(stop, settings),
        ElementKind::OnFailure(action) => sampler::flow_action(action, settings),
        ElementKind::Script(_) | ElementKind::Output(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_element_has_the_key_of_its_form() {
        let mut seen = std::collections::HashSet::new();
        for form in forms() {
            assert!(seen.insert(form.key), "{}", form.key);
            assert_eq!(key_of(&(form.blank)()), Some(form.key));
        }
    }
}
