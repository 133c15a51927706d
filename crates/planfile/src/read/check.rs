//! What a response must be like.

use loadline_plan::{
    Assertion, DurationAssertion, Element, ElementKind, MatchRule, ResponseAssertion,
    ResponseField, Scope, Text,
};

use super::Reader;
use crate::grammar;
use crate::node::{Node, Value};

impl Reader<'_> {
    /// One assertion a key; that of the status first, since it may declare a failure a success.
    pub(super) fn check(&mut self, node: &Node) -> Vec<Element> {
        let Some(fields) = self.fields(node, &grammar::CHECK) else {
            return Vec::new();
        };
        let mut elements = Vec::new();
        if let Some(node) = fields.find("status") {
            let statuses = self.statuses(node);
            if !statuses.is_empty() {
                let assertion = ResponseAssertion {
                    any: statuses.len() > 1,
                    // Codes that are failures by themselves are what the plan expects here.
                    assume_success: statuses.iter().any(|code| !(200..400).contains(code)),
                    field: ResponseField::Code,
                    ..body_assertion(
                        MatchRule::Equals,
                        statuses.iter().map(|code| Text(code.to_string())).collect(),
                    )
                };
                elements.push(self.assertion("status", node, assertion));
            }
        }
        for (key, rule, not) in [
            ("contains", MatchRule::Substring, false),
            ("not_contains", MatchRule::Substring, true),
            ("matches", MatchRule::Contains, false),
        ] {
            let Some(node) = fields.find(key) else {
                continue;
            };
            let patterns = self.texts(node);
            if patterns.iter().any(Text::is_empty) {
                let message = format!("`{key}` holds an empty text, which is everywhere");
                self.error(
                    "empty-pattern",
                    node.place,
                    message,
                    "write what to look for",
                );
            } else if !patterns.is_empty() {
                let assertion = ResponseAssertion {
                    not,
                    ..body_assertion(rule, patterns)
                };
                elements.push(self.assertion(key, node, assertion));
            }
        }
        if let Some(node) = fields.find("max_time")
            && let Some(longest) = self.duration(node)
        {
            let longest_ms = longest.as_millis();
            if longest_ms == 0 || longest.subsec_nanos() % 1_000_000 != 0 {
                let message = "`max_time` must be whole milliseconds, one or more";
                let help = "write a time such as `2s`";
                self.error("invalid-duration", node.place, message, help);
            } else {
                let assertion = DurationAssertion {
                    scope: Scope::Main,
                    longest_ms: Text(longest_ms.to_string()),
                };
                let kind = ElementKind::Assertion(Assertion::Duration(assertion));
                elements.push(self.element("check max_time", kind, node.place));
            }
        }
        elements
    }

    fn assertion(&self, key: &str, node: &Node, assertion: ResponseAssertion) -> Element {
        let kind = ElementKind::Assertion(Assertion::Response(assertion));
        self.element(format!("check {key}"), kind, node.place)
    }

    fn statuses(&mut self, node: &Node) -> Vec<u64> {
        let single = std::slice::from_ref(node);
        let items = match &node.value {
            Value::List(items) => items.as_slice(),
            _ => single,
        };
        let mut statuses = Vec::new();
        for item in items {
            let Some(status) = self.count(item) else {
                continue;
            };
            if !(100..600).contains(&status) {
                let message = format!("{status} is no HTTP status code");
                self.error(
                    "invalid-number",
                    item.place,
                    message,
                    "codes are 100 to 599",
                );
                continue;
            }
            statuses.push(status);
        }
        statuses
    }
}

/// An assertion about the body that all `patterns` must hold.
fn body_assertion(rule: MatchRule, patterns: Vec<Text>) -> ResponseAssertion {
    ResponseAssertion {
        scope: Scope::Main,
        field: ResponseField::Body,
        rule,
        not: false,
        any: false,
        patterns,
        assume_success: false,
        custom_message: Text::default(),
    }
}
