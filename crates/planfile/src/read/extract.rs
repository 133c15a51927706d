//! Variables from responses.

use loadline_plan::{
    Element, ElementKind, JsonExtractor, PostProcessor, RegexExtractor, ResponseField, Scope, Text,
};

use super::Reader;
use crate::grammar;
use crate::node::{Key, Node, Value};

impl Reader<'_> {
    /// One extractor a variable, in file order.
    pub(super) fn extract(&mut self, node: &Node) -> Vec<Element> {
        let mut elements = Vec::new();
        for (variable, node) in self.entries(node, "variables") {
            let extractor = self.within(&variable.text, |reader| reader.extractor(variable, node));
            if let Some(extractor) = extractor {
                let kind = ElementKind::PostProcessor(extractor);
                elements.push(self.element(variable.text.as_str(), kind, variable.place));
            }
        }
        elements
    }

    fn extractor(&mut self, variable: &Key, node: &Node) -> Option<PostProcessor> {
        let Value::Map(_) = &node.value else {
            let path = self.text(node)?;
            if !path.starts_with('$') {
                let message = format!("`{path}` is no JSONPath");
                let help = "write a path such as `$.id`, or `{regex: ...}`";
                self.error("invalid-path", node.place, message, help);
                return None;
            }
            return self.json_extractor(variable, path, node, String::new());
        };
        let fields = self.fields(node, &grammar::EXTRACT)?;
        let default = self.text_of(&fields, "default").unwrap_or_default();
        match (fields.find("json"), fields.find("regex")) {
            (Some(json), None) => {
                self.exclude(&fields, &["group"], "`json`, but with `regex`");
                let path = self.text(json)?;
                self.json_extractor(variable, path, json, default)
            }
            (None, Some(node)) => {
                let regex = self.text(node)?;
                let group = match fields.find("group") {
                    Some(node) => self.count(node)?,
                    None => u64::from(has_group(&regex)),
                };
                Some(PostProcessor::Regex(RegexExtractor {
                    scope: Scope::Main,
                    field: ResponseField::Body,
                    variable: variable.text.as_str().into(),
                    regex: regex.into(),
                    template: Text(format!("${group}$")),
                    default: default.into(),
                    // Otherwise a value of an earlier iteration would stay.
                    default_empty: true,
                    match_number: "1".into(),
                }))
            }
            (Some(_), Some(regex)) => {
                let message = "a variable comes from either `json` or `regex`";
                self.error(
                    "conflicting-keys",
                    regex.place,
                    message,
                    "remove one of them",
                );
                None
            }
            (None, None) => {
                let message = "nothing says where the variable comes from";
                self.error(
                    "missing-key",
                    fields.place,
                    message,
                    "add `json` or `regex`",
                );
                None
            }
        }
    }

    fn json_extractor(
        &mut self,
        variable: &Key,
        path: String,
        node: &Node,
        default: String,
    ) -> Option<PostProcessor> {
        // JMeter's extractor, which reads it, takes lists with this separator.
        if let Some(text) = [&path, &default]
            .into_iter()
            .find(|text| text.contains(';'))
        {
            let message = format!("`{text}` holds a `;`, which separates paths");
            self.error("invalid-path", node.place, message, "use `regex` instead");
            return None;
        }
        Some(PostProcessor::Json(JsonExtractor {
            scope: Scope::Main,
            variables: variable.text.as_str().into(),
            paths: path.into(),
            defaults: default.into(),
            match_numbers: "1".into(),
            concatenate: false,
        }))
    }
}

/// Whether a regular expression has a group that captures.
pub(crate) fn has_group(regex: &str) -> bool {
    let mut characters = regex.chars().peekable();
    let mut in_class = false;
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                characters.next();
            }
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class && characters.peek() != Some(&'?') => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::has_group;

    #[test]
    fn only_capturing_groups_count() {
        assert!(has_group("id=(\\d+)"));
        assert!(!has_group("id=(?:\\d+)\\([(]"));
    }
}
