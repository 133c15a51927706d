//! Single values: texts, numbers, times, rates.

use std::time::Duration;

use loadline_plan::{Text, Timer};
use loadline_units::{Rate, parse_duration, parse_rate};

use super::{Fields, Reader};
use crate::node::{Node, Scalar, ScalarKind, Value};
use crate::reference;
use crate::similar::similar;

impl Reader<'_> {
    fn scalar<'n>(&mut self, node: &'n Node, expected: &str, help: &str) -> Option<&'n Scalar> {
        if let Value::Scalar(scalar) = &node.value {
            return Some(scalar);
        }
        let message = format!("expected {expected}, found {}", node.value.describe());
        self.error("wrong-type", node.place, message, help);
        None
    }

    /// Any single value as it is written: `1.0` stays `1.0`.
    pub(super) fn text(&mut self, node: &Node) -> Option<String> {
        let scalar = self.scalar(node, "a text", "write one value, in quotes if it has signs")?;
        Some(scalar.text.clone())
    }

    pub(super) fn text_of(&mut self, fields: &Fields<'_>, name: &str) -> Option<String> {
        fields.find(name).and_then(|node| self.text(node))
    }

    /// A name: a text that is not empty.
    pub(super) fn name_of(&mut self, fields: &Fields<'_>, name: &str) -> Option<String> {
        let node = fields.find(name)?;
        let text = self.text(node)?;
        if text.trim().is_empty() && !self.has_jmeters_rules {
            let message = format!("`{name}` is empty");
            self.error("empty-name", node.place, message, "give it a text");
            return None;
        }
        Some(text)
    }

    pub(super) fn flag(&mut self, node: &Node) -> Option<bool> {
        const HELP: &str = "write `true` or `false`, without quotes";
        let scalar = self.scalar(node, "true or false", HELP)?;
        if let ScalarKind::Flag(flag) = scalar.kind {
            return Some(flag);
        }
        let message = format!("`{}` is neither true nor false", scalar.text);
        self.error("wrong-type", node.place, message, HELP);
        None
    }

    pub(super) fn flag_of(&mut self, fields: &Fields<'_>, name: &str) -> Option<bool> {
        fields.find(name).and_then(|node| self.flag(node))
    }

    /// A whole number that is not negative.
    pub(super) fn count(&mut self, node: &Node) -> Option<u64> {
        let scalar = self.scalar(node, "a whole number", "write a number such as `100`")?;
        let number = match scalar.kind {
            ScalarKind::Integer => scalar.text.replace('_', "").parse().ok(),
            _ => None,
        };
        if number.is_none() {
            let message = format!("`{}` is not a whole number of 0 or more", scalar.text);
            let help = if reference::has_reference(&scalar.text) {
                "write the number itself; loads are set before variables exist"
            } else {
                "write a number such as `100`, without quotes and unit"
            };
            self.error("invalid-number", node.place, message, help);
        }
        number
    }

    pub(super) fn count_of(&mut self, fields: &Fields<'_>, name: &str) -> Option<u64> {
        fields.find(name).and_then(|node| self.count(node))
    }

    /// A number of users.
    pub(super) fn users(&mut self, node: &Node) -> Option<u32> {
        let number = self.count(node)?;
        let users = u32::try_from(number).ok();
        if users.is_none() {
            let message = format!("{number} users are more than can be counted");
            self.error(
                "invalid-number",
                node.place,
                message,
                "write a smaller number",
            );
        }
        users
    }

    pub(super) fn duration(&mut self, node: &Node) -> Option<Duration> {
        let scalar = self.scalar(node, "a time", "write a time such as `30s`")?;
        match parse_duration(&scalar.text) {
            Ok(duration) => Some(duration),
            Err(error) => {
                let help = duration_help(&scalar.text);
                self.error("invalid-duration", node.place, error.to_string(), help);
                None
            }
        }
    }

    pub(super) fn duration_of(&mut self, fields: &Fields<'_>, name: &str) -> Option<Duration> {
        fields.find(name).and_then(|node| self.duration(node))
    }

    pub(super) fn rate(&mut self, node: &Node) -> Option<Rate> {
        let scalar = self.scalar(node, "a rate", "write a rate such as `100/s`")?;
        match parse_rate(&scalar.text) {
            Ok(rate) => Some(rate),
            Err(error) => {
                let help = match scalar.kind {
                    ScalarKind::Integer | ScalarKind::Decimal(_) => {
                        format!("a rate needs its time: write `{}/s`", scalar.text)
                    }
                    _ => "write a rate such as `100/s`".to_owned(),
                };
                self.error("invalid-rate", node.place, error.to_string(), help);
                None
            }
        }
    }

    /// One of `words`.
    pub(super) fn word<'w>(&mut self, node: &Node, words: &[&'w str]) -> Option<&'w str> {
        let list = words.join("`, `");
        let scalar = self.scalar(node, "a word", &format!("write one of `{list}`"))?;
        if let Some(word) = words.iter().find(|word| **word == scalar.text) {
            return Some(word);
        }
        let message = format!("`{}` is none of `{list}`", scalar.text);
        let help = match similar(&scalar.text, words.iter().copied()) {
            Some(word) => format!("did you mean `{word}`?"),
            None => format!("write one of `{list}`"),
        };
        self.error("unknown-word", node.place, message, help);
        None
    }

    /// One text, or a list of texts.
    pub(super) fn texts(&mut self, node: &Node) -> Vec<Text> {
        match &node.value {
            Value::List(items) => items
                .iter()
                .filter_map(|item| self.text(item))
                .map(Text)
                .collect(),
            _ => self.text(node).map(Text).into_iter().collect(),
        }
    }

    /// Names and texts in file order.
    pub(super) fn named_texts(&mut self, node: &Node, what: &str) -> Vec<(Text, Text)> {
        let mut texts = Vec::new();
        for (key, value) in self.entries(node, what) {
            if value.value == Value::Null {
                let message = format!("`{}` has no value", key.text);
                self.error(
                    "missing-value",
                    key.place,
                    message,
                    "write \"\" for an empty text",
                );
            } else if let Some(text) = self.text(value) {
                texts.push((Text(key.text.clone()), Text(text)));
            }
        }
        texts
    }

    /// A think time: `1s`, `500ms..1500ms`, or a reference that becomes milliseconds.
    pub(super) fn think(&mut self, node: &Node) -> Option<Timer> {
        const HELP: &str = "write a time such as `1s`, or a range such as `500ms..1500ms`";
        let scalar = self.scalar(node, "a think time", HELP)?;
        if reference::is_reference(&scalar.text) {
            return Some(Timer::Constant {
                delay_ms: Text(scalar.text.clone()),
            });
        }
        let (least, most) = scalar
            .text
            .split_once("..")
            .unwrap_or((&scalar.text, &scalar.text));
        let range = parse_duration(least).and_then(|least| Ok((least, parse_duration(most)?)));
        let (least, most) = match range {
            Ok(range) => range,
            Err(error) => {
                let help = duration_help(&error.text);
                self.error("invalid-duration", node.place, error.to_string(), help);
                return None;
            }
        };
        let is_whole = |time: Duration| time.subsec_nanos().is_multiple_of(1_000_000);
        if !(is_whole(least) && is_whole(most)) {
            let message = format!("`{}` is finer than a millisecond", scalar.text);
            let help = "think times are whole milliseconds";
            self.error("invalid-duration", node.place, message, help);
            return None;
        }
        let Some(range) = most.checked_sub(least) else {
            let message = format!("the range `{}` runs backwards", scalar.text);
            let help = "put the shorter time first";
            self.error("invalid-duration", node.place, message, help);
            return None;
        };
        if range.is_zero() {
            return Some(Timer::constant(least));
        }
        Some(Timer::Uniform {
            offset_ms: Text(least.as_millis().to_string()),
            range_ms: Text(range.as_millis().to_string()),
        })
    }
}

/// What to write instead of a time that is none.
fn duration_help(text: &str) -> String {
    let text = text.trim();
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let is_number = !digits.is_empty() && digits.parse::<f64>().is_ok();
    match (
        is_number,
        text[digits.len()..].trim().to_ascii_lowercase().as_str(),
    ) {
        (true, unit) if unit.is_empty() || unit.starts_with("se") => format!("write `{digits}s`"),
        (true, unit) if unit.starts_with("mi") && unit.contains("ute") => {
            format!("write `{digits}m`")
        }
        (true, unit) if unit.starts_with("mil") || unit.starts_with("mse") => {
            format!("write `{digits}ms`")
        }
        (true, unit) if unit.starts_with("ho") => format!("write `{digits}h`"),
        _ => "units are ms, s, m, h and d".to_owned(),
    }
}
