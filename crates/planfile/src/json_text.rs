//! The JSON text of a `json:` body, with its references in place.
//!
//! A reference inside a text stays inside the quotes: `"Post ${n}"`. A value that is a reference and
//! nothing else, written without quotes, is put in as it is: `user_id: ${user_id}` sends a number
//! if the variable holds one.

use crate::node::{Node, Scalar, ScalarKind, Value};
use crate::reference::{self, Part};

/// JSON on one line, `{"a": 1, "b": [2]}`, ready to be a plan's text.
pub(crate) fn json_text(node: &Node) -> String {
    let mut json = String::new();
    write(node, &mut json);
    json
}

fn write(node: &Node, json: &mut String) {
    match &node.value {
        Value::Null => json.push_str("null"),
        Value::Scalar(scalar) => write_scalar(scalar, json),
        Value::List(items) => {
            json.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    json.push_str(", ");
                }
                write(item, json);
            }
            json.push(']');
        }
        Value::Map(entries) => {
            json.push('{');
            for (index, (key, value)) in entries.iter().enumerate() {
                if index > 0 {
                    json.push_str(", ");
                }
                write_text(&key.text, json);
                json.push_str(": ");
                write(value, json);
            }
            json.push('}');
        }
    }
}

fn write_scalar(scalar: &Scalar, json: &mut String) {
    match scalar.kind {
        ScalarKind::Text if scalar.is_plain && reference::is_reference(&scalar.text) => {
            json.push_str(&scalar.text);
        }
        ScalarKind::Text => write_text(&scalar.text, json),
        ScalarKind::Flag(flag) => json.push_str(if flag { "true" } else { "false" }),
        ScalarKind::Integer | ScalarKind::Decimal(_) => {
            // YAML knows spellings that JSON does not: those are sent as the text they are.
            if serde_json::from_str::<serde_json::Number>(&scalar.text).is_ok() {
                json.push_str(&scalar.text);
            } else {
                write_text(&scalar.text, json);
            }
        }
    }
}

fn write_text(text: &str, json: &mut String) {
    json.push('"');
    for part in reference::parts(text) {
        match part {
            Part::Reference(reference) => json.push_str(reference),
            Part::Literal(literal) => {
                let quoted = serde_json::Value::from(literal).to_string();
                json.push_str(&quoted[1..quoted.len() - 1]);
            }
        }
    }
    json.push('"');
}

/// `json` as a plan's text: in a text with references a plan takes `\\` for one backslash, so the
/// backslashes of JSON are doubled.
pub(crate) fn as_plan_text(json: String) -> String {
    if !json.contains('\\') || !reference::has_reference(&json) {
        return json;
    }
    reference::parts(&json)
        .into_iter()
        .map(|part| match part {
            Part::Reference(reference) => reference.to_owned(),
            Part::Literal(literal) => literal.replace('\\', "\\\\"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::parse;

    #[track_caller]
    fn check(yaml: &str, expected: &str) {
        assert_eq!(as_plan_text(json_text(&parse(yaml).unwrap())), expected);
    }

    #[test]
    fn values_have_their_json_kind() {
        check(
            "{a: 1, b: 1.50, c: true, d: null, e: [x, \"1\"], f: {}}",
            r#"{"a": 1, "b": 1.50, "c": true, "d": null, "e": ["x", "1"], "f": {}}"#,
        );
        check("0x10", "\"0x10\"");
    }

    #[test]
    fn references_stay_and_only_bare_ones_lose_their_quotes() {
        check(
            "a: \"Post ${__UUID()}\"\nb: \"${id}\"\nc: ${id}\n",
            r#"{"a": "Post ${__UUID()}", "b": "${id}", "c": ${id}}"#,
        );
    }

    #[test]
    fn backslashes_survive_the_templates_own_rule() {
        check(r#"a: "x\"y\\z""#, r#"{"a": "x\"y\\z"}"#);
        check(r#"a: "x\"y\\z ${v}""#, r#"{"a": "x\\"y\\\\z ${v}"}"#);
    }
}
