//! JSON as Jackson reads and prints it, the library behind JMeter's JMESPath elements.
//!
//! Unlike the grammar of JSON Extractors (see [`super::json_tree`]) it is strict; only what stands
//! behind the value is not looked at. Numbers with a fraction or an exponent are doubles.

use serde::de::IgnoredAny;

use super::json_print::{double_text, number_text as java_number_text};
use super::json_tree::{JsonNode, parse_json};

/// Reads the value at the beginning of `text`.
///
/// # Errors
///
/// What is wrong and where, or that there is no value.
pub(crate) fn parse_strict(text: &str) -> Result<JsonNode, String> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    match values.next() {
        None => return Err("no content to map due to end-of-input".to_owned()),
        Some(Err(error)) => return Err(error.to_string()),
        Some(Ok(_)) => {}
    }
    // What is strictly right means the same to the permissive reader.
    parse_json(&text[..values.byte_offset()]).map_err(|error| error.to_string())
}

/// A text as it is, anything else as compact JSON.
pub(crate) fn strict_text(node: &JsonNode) -> String {
    match node {
        JsonNode::Text(text) => text.to_string(),
        _ => printed(node),
    }
}

/// Compact JSON.
pub(super) fn printed(node: &JsonNode) -> String {
    let mut out = String::new();
    print(node, &mut out);
    out
}

fn print(node: &JsonNode, out: &mut String) {
    match node {
        JsonNode::Null => out.push_str("null"),
        JsonNode::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        JsonNode::Number(number) => out.push_str(&number_text(number)),
        JsonNode::Text(text) => print_text(text, out),
        JsonNode::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                print(item, out);
            }
            out.push(']');
        }
        JsonNode::Object(members) => {
            out.push('{');
            for (index, (key, value)) in members.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                print_text(key, out);
                out.push(':');
                print(value, out);
            }
            out.push('}');
        }
    }
}

fn number_text(number: &str) -> String {
    match number.contains(['.', 'e', 'E']) {
        true => double_text(number.parse().unwrap_or(f64::NAN)),
        false => java_number_text(number),
    }
}

fn print_text(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            control if control < ' ' => out.push_str(&format!("\\u{:04X}", u32::from(control))),
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_json_is_an_error() {
        for text in ["", " ", "{a:1}", "{'a':1}", "[1,]", "<html>", "01", "nul"] {
            assert!(parse_strict(text).is_err(), "{text}");
        }
        assert_eq!(
            parse_strict("[1] x").map(|node| printed(&node)),
            Ok("[1]".to_owned())
        );
    }

    #[test]
    fn values_print_as_jackson_prints_them() {
        let text = r#"{"b":[1,-0,1.50,1e10,12345678901234567890123],"a":"/é\u0001\"\n"}"#;
        assert_eq!(
            parse_strict(text).map(|node| printed(&node)).as_deref(),
            Ok(r#"{"b":[1,0,1.5,1.0E10,12345678901234567890123],"a":"/é\u0001\"\n"}"#)
        );
    }
}
