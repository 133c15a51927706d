//! Writes elements by JMeter's names, and JMeter's loads: settings that are not the default.

use loadline_plan::{ElementKind, HttpRequest, Load, Text};

use super::yaml::Yaml;
use crate::element::{self, JmeterLoad, Settings};

/// The entries written so far.
#[derive(Default)]
struct Entries(Vec<(String, Yaml)>);

/// The settings of an element.
pub(super) fn of_element(kind: &ElementKind) -> Vec<(String, Yaml)> {
    let mut entries = Entries::default();
    element::settings(&mut kind.clone(), &mut entries);
    entries.0
}

/// JMeter's settings of a request.
pub(super) fn of_request(request: &HttpRequest) -> Vec<(String, Yaml)> {
    let mut entries = Entries::default();
    element::http(&mut request.clone(), &mut entries);
    entries.0
}

/// The settings of a load of JMeter's.
pub(super) fn of_load(load: &Load) -> Vec<(String, Yaml)> {
    let mut entries = Entries::default();
    JmeterLoad::settings(&mut load.clone(), &mut entries);
    entries.0
}

/// Names and texts: a mapping, or a list of mappings of one entry each if a name comes twice.
pub(super) fn pairs(pairs: &[(Text, Text)]) -> Yaml {
    let entry = |(name, text): &(Text, Text)| (name.0.clone(), Yaml::text(text.as_str()));
    if are_unique(pairs) {
        return Yaml::Map(pairs.iter().map(entry).collect());
    }
    Yaml::List(
        pairs
            .iter()
            .map(|pair| Yaml::Map(vec![entry(pair)]))
            .collect(),
    )
}

/// Whether no name comes twice.
pub(super) fn are_unique(pairs: &[(Text, Text)]) -> bool {
    let mut seen = std::collections::HashSet::new();
    pairs.iter().all(|(name, _)| seen.insert(name.as_str()))
}

impl Entries {
    fn push(&mut self, key: &'static str, value: Yaml) {
        self.0.push((key.to_owned(), value));
    }
}

impl Settings for Entries {
    fn text(&mut self, key: &'static str, _: &'static str, default: &str, value: &mut Text) {
        if value.as_str() != default {
            self.push(key, Yaml::text(value.as_str()));
        }
    }

    fn optional(&mut self, key: &'static str, _: &'static str, value: &mut Option<Text>) {
        if let Some(value) = value {
            self.push(key, Yaml::text(value.as_str()));
        }
    }

    fn flag(&mut self, key: &'static str, _: &'static str, default: bool, value: &mut bool) {
        if *value != default {
            self.push(key, Yaml::plain(*value));
        }
    }

    fn optional_flag(&mut self, key: &'static str, _: &'static str, value: &mut Option<bool>) {
        if let Some(value) = value {
            self.push(key, Yaml::plain(*value));
        }
    }

    fn count(&mut self, key: &'static str, _: &'static str, value: &mut Option<u32>) {
        if let Some(value) = value {
            self.push(key, Yaml::plain(*value));
        }
    }

    fn texts(&mut self, key: &'static str, _: &'static str, value: &mut Vec<Text>) {
        if !value.is_empty() {
            let texts = value.iter().map(|text| Yaml::text(text.as_str()));
            self.push(key, Yaml::List(texts.collect()));
        }
    }

    fn pairs(&mut self, key: &'static str, _: &'static str, value: &mut Vec<(Text, Text)>) {
        if !value.is_empty() {
            self.push(key, pairs(value));
        }
    }

    fn word<T: Copy + PartialEq>(
        &mut self,
        key: &'static str,
        _: &'static str,
        words: &[(&'static str, T)],
        value: &mut T,
    ) {
        let index = words.iter().position(|(_, word)| word == value);
        if let Some(index) = index.filter(|index| *index > 0) {
            self.push(key, Yaml::plain(words[index].0));
        }
    }

    fn rows<T: Default>(
        &mut self,
        key: &'static str,
        _: &'static str,
        value: &mut Vec<T>,
        row: fn(&mut Self, &mut T),
    ) {
        if value.is_empty() {
            return;
        }
        let rows = value.iter_mut().map(|own| {
            let mut entries = Entries::default();
            row(&mut entries, own);
            Yaml::Map(entries.0)
        });
        let rows = rows.collect();
        self.push(key, Yaml::List(rows));
    }
}
