//! Reads elements by JMeter's names, and JMeter's loads: mappings of settings.

use loadline_plan::{Element, ElementKind, HttpRequest, Load, Text, Timer};

use super::Reader;
use crate::element::{self, Form, JmeterLoad, Settings};
use crate::node::{Key, Node, Place, Value};
use crate::similar::similar;
use crate::target::Target;

/// The entries of a mapping while settings are taken out of it.
struct Entries<'r, 'f, 'n> {
    reader: &'r mut Reader<'f>,
    entries: Vec<(&'n Key, &'n Node)>,
    /// The keys that were asked for.
    known: Vec<&'static str>,
}

impl<'f> Reader<'f> {
    /// An element by JMeter's name; `node` is the value of its key.
    pub(super) fn named_element(
        &mut self,
        form: &'static Form,
        node: &Node,
        place: Place,
        target: Option<&Target>,
    ) -> Option<Element> {
        let mut kind = (form.blank)();
        let mut entries = self.settings_of(node)?;
        let mut name = Text::default();
        entries.text("name", "", form.key, &mut name);
        let steps = entries.find("do");
        element::settings(&mut kind, &mut entries);
        entries.finish();
        if let ElementKind::Timer(Timer::Shaping(timer)) = &mut kind {
            // It tells its figures under its own name.
            timer.name = name.clone();
        }
        let children = match steps {
            Some(node) => self.within(name.as_str(), |reader| reader.steps(node, target)),
            None => Vec::new(),
        };
        let mut element = self.element(name, kind, place);
        element.children = children;
        Some(element)
    }

    /// Settings of an HTTP request that its short form does not have.
    pub(super) fn request_settings(&mut self, node: &Node) -> Option<HttpRequest> {
        let mut request = HttpRequest::default();
        let mut entries = self.settings_of(node)?;
        element::http(&mut request, &mut entries);
        entries.finish();
        Some(request)
    }

    /// A load of JMeter's.
    pub(super) fn jmeter_load(&mut self, kind: &JmeterLoad, node: &Node) -> Option<Load> {
        let mut load = (kind.blank)();
        let mut entries = self.settings_of(node)?;
        JmeterLoad::settings(&mut load, &mut entries);
        entries.finish();
        Some(load)
    }

    fn settings_of<'r, 'n>(&'r mut self, node: &'n Node) -> Option<Entries<'r, 'f, 'n>> {
        let is_map = matches!(node.value, Value::Map(_));
        let entries = self.entries(node, "settings");
        is_map.then_some(Entries {
            reader: self,
            entries,
            known: Vec::new(),
        })
    }
}

impl<'n> Entries<'_, '_, 'n> {
    /// The value of `key`, if given.
    fn find(&mut self, key: &'static str) -> Option<&'n Node> {
        self.known.push(key);
        let (given, node) = *self.entries.iter().find(|(given, _)| given.text == key)?;
        if node.value == Value::Null {
            let message = format!("`{key}` has no value");
            let help = "give it a value, \"\" for an empty text, or remove the key";
            self.reader
                .error("missing-value", given.place, message, help);
            return None;
        }
        Some(node)
    }

    /// A finding for each key that nothing asked for.
    fn finish(&mut self) {
        for (key, _) in std::mem::take(&mut self.entries) {
            if self.known.iter().any(|known| *known == key.text) {
                continue;
            }
            let message = format!("unknown key `{}`", key.text);
            let help = match similar(&key.text, self.known.iter().copied()) {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("known keys: {}", self.known.join(", ")),
            };
            self.reader.error("unknown-key", key.place, message, help);
        }
    }

    fn text_of(&mut self, key: &'static str) -> Option<Text> {
        let node = self.find(key)?;
        self.reader.text(node).map(Text)
    }
}

impl Settings for Entries<'_, '_, '_> {
    fn text(&mut self, key: &'static str, _: &'static str, default: &str, value: &mut Text) {
        *value = self.text_of(key).unwrap_or_else(|| default.into());
    }

    fn optional(&mut self, key: &'static str, _: &'static str, value: &mut Option<Text>) {
        *value = self.text_of(key);
    }

    fn flag(&mut self, key: &'static str, _: &'static str, default: bool, value: &mut bool) {
        let node = self.find(key);
        *value = node
            .and_then(|node| self.reader.flag(node))
            .unwrap_or(default);
    }

    fn optional_flag(&mut self, key: &'static str, _: &'static str, value: &mut Option<bool>) {
        let node = self.find(key);
        *value = node.and_then(|node| self.reader.flag(node));
    }

    fn count(&mut self, key: &'static str, _: &'static str, value: &mut Option<u32>) {
        let node = self.find(key);
        *value = node.and_then(|node| self.reader.users(node));
    }

    fn texts(&mut self, key: &'static str, _: &'static str, value: &mut Vec<Text>) {
        *value = match self.find(key) {
            Some(node) => self.reader.texts(node),
            None => Vec::new(),
        };
    }

    /// A mapping, or a list of mappings of one entry each.
    fn pairs(&mut self, key: &'static str, _: &'static str, value: &mut Vec<(Text, Text)>) {
        *value = match self.find(key) {
            None => Vec::new(),
            Some(node) => match &node.value {
                Value::List(items) => items
                    .iter()
                    .flat_map(|item| self.reader.named_texts(item, "names and texts"))
                    .collect(),
                _ => self.reader.named_texts(node, "names and texts"),
            },
        };
    }

    fn word<T: Copy + PartialEq>(
        &mut self,
        key: &'static str,
        _: &'static str,
        words: &[(&'static str, T)],
        value: &mut T,
    ) {
        let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
        let node = self.find(key);
        let found = node.and_then(|node| self.reader.word(node, &names));
        let found = words
            .iter()
            .find(|(name, _)| found == Some(*name))
            .or(words.first());
        if let Some((_, found)) = found {
            *value = *found;
        }
    }

    fn rows<T: Default>(
        &mut self,
        key: &'static str,
        _: &'static str,
        value: &mut Vec<T>,
        row: fn(&mut Self, &mut T),
    ) {
        value.clear();
        let Some(node) = self.find(key) else { return };
        for item in self.reader.list(node, "mappings") {
            let entries = self.reader.entries(item, "settings");
            let outer_entries = std::mem::replace(&mut self.entries, entries);
            let outer_known = std::mem::take(&mut self.known);
            let mut own = T::default();
            row(self, &mut own);
            self.finish();
            value.push(own);
            self.entries = outer_entries;
            self.known = outer_known;
        }
    }
}
