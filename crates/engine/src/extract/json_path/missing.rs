//! Why a definite path leads nowhere, in the words of Jayway's exceptions.

use super::{JsonPath, Token};
use crate::extract::json_print::{java_text, number_text};
use crate::extract::json_tree::JsonNode;

impl JsonPath {
    /// The message for `document`, in which the path finds nothing.
    pub(super) fn why_missing(&self, document: &JsonNode) -> String {
        let mut shown = String::from("$");
        let mut node = document;
        for (index, token) in self.tokens.iter().enumerate() {
            let next = match token {
                Token::Property(names) if names.len() == 1 => {
                    let name = &names[0];
                    let JsonNode::Object(_) = node else {
                        return format!(
                            "Expected to find an object with property ['{name}'] in path {shown} \
                             but found '{}'. This is not a json object according to the \
                             JsonProvider: 'com.jayway.jsonpath.spi.json.JsonSmartJsonProvider'.",
                            java_class(node)
                        );
                    };
                    shown.push_str(&format!("['{name}']"));
                    if node.get(name).is_none() && index + 1 < self.tokens.len() {
                        return format!("Missing property in path {shown}");
                    }
                    node.get(name)
                }
                Token::Index(indexes) if indexes.len() == 1 => {
                    let at = indexes[0];
                    let JsonNode::Array(items) = node else {
                        let context = java_text(node);
                        return format!(
                            "Filter: [{at}] can only be applied to arrays. Current context is: \
                             {context}"
                        );
                    };
                    shown.push_str(&format!("[{at}]"));
                    let at = match at {
                        ..0 => at + items.len() as i64,
                        _ => at,
                    };
                    usize::try_from(at).ok().and_then(|at| items.get(at))
                }
                _ => None,
            };
            match next {
                Some(found) => node = found,
                None => break,
            }
        }
        format!("No results for path: {shown}")
    }
}

/// The class that Jayway has for a value.
fn java_class(node: &JsonNode) -> &'static str {
    match node {
        JsonNode::Null => "null",
        JsonNode::Bool(_) => "java.lang.Boolean",
        JsonNode::Text(_) => "java.lang.String",
        JsonNode::Array(_) => "net.minidev.json.JSONArray",
        JsonNode::Object(_) => "java.util.LinkedHashMap",
        JsonNode::Number(number) => {
            let text = number_text(number);
            match (text.parse::<i32>(), text.parse::<i64>()) {
                (Ok(_), _) => "java.lang.Integer",
                (_, Ok(_)) => "java.lang.Long",
                _ if !number.contains(['.', 'e', 'E']) => "java.math.BigInteger",
                _ => "java.lang.Double",
            }
        }
    }
}
