//! The JSON Path Extractor of the `jmeter-plugins-json` plugin.
//!
//! Which variables it sets and removes follows the plugin's `JSONPathExtractor`: an array sets the
//! variable to its JSON and numbers its items, whether the path is definite or not. As of the
//! plugin's version 2.

use std::borrow::Cow;

use loadline_plan::program::PluginJsonProgram;

use super::json_print::{compact, double_text, extracted_text, number_text};
use super::json_tree::{JsonNode, parse_json};
use super::patterns::Patterns;
use crate::{ResultView, Scope};

/// Runs the extractor on `view`.
///
/// # Errors
///
/// Why there is no value; the variable then has its default, and `name_matchNr` is 0.
pub(super) fn extract(
    program: &PluginJsonProgram,
    view: &ResultView<'_>,
    scope: &mut Scope<'_>,
    patterns: &Patterns,
) -> Result<(), String> {
    let name = scope.text_of(&program.variable);
    let default = scope.text_of(&program.default);
    let path = scope.text_of(&program.path);
    let found = match &program.source {
        None => read(
            &path,
            view.json().map(Cow::Borrowed).map_err(Clone::clone),
            patterns,
        ),
        Some(source) => {
            let source = scope.text_of(source);
            let text = scope.variables.get_by_name(&source).unwrap_or("");
            read(&path, parse_json(text).map(Cow::Owned), patterns)
        }
    };
    let count_name = format!("{name}_matchNr");
    match found {
        Ok(JsonNode::Array(items)) => {
            clear(&name, scope);
            let variables = &mut *scope.variables;
            variables.set_by_name(&count_name, &items.len().to_string());
            for (index, item) in (1..).zip(&items) {
                variables.set_by_name(&format!("{name}_{index}"), &plugin_text(item));
            }
            variables.set_by_name(&name, &compact(&JsonNode::Array(items)));
            Ok(())
        }
        Ok(value) => {
            scope.variables.set_by_name(&name, &plugin_text(&value));
            Ok(())
        }
        Err(problem) => {
            clear(&name, scope);
            scope.variables.set_by_name(&name, &default);
            scope.variables.set_by_name(&count_name, "0");
            Err(problem)
        }
    }
}

/// Removes `name_1`, `name_2`... up to a gap.
fn clear(name: &str, scope: &mut Scope<'_>) {
    for index in 1.. {
        let leftover = format!("{name}_{index}");
        if scope.variables.get_by_name(&leftover).is_none() {
            return;
        }
        scope.variables.remove_by_name(&leftover);
    }
}

fn read(
    path: &str,
    document: Result<Cow<'_, JsonNode>, super::JsonError>,
    patterns: &Patterns,
) -> Result<JsonNode, String> {
    let document = document.map_err(|error| error.to_string())?;
    let path = patterns.path(path).map_err(|error| error.to_string())?;
    match path.read(&document)?.into_owned() {
        JsonNode::Array(items) if items.is_empty() => Err("extracted array is empty".to_owned()),
        value => Ok(value),
    }
}

/// A value as the plugin writes it: numbers without exponent, `null` as a word.
pub(crate) fn plugin_text(value: &JsonNode) -> String {
    match value {
        JsonNode::Number(number) if number.contains(['.', 'e', 'E']) => {
            let text = number_text(number);
            match text.parse::<f64>() {
                Ok(double) if double.is_finite() && double_text(double) == text => {
                    let plain = double.to_string();
                    match plain.contains('.') {
                        true => plain,
                        false => plain + ".0",
                    }
                }
                _ => text,
            }
        }
        other => extracted_text(other).unwrap_or_else(|| "null".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use loadline_plan::program::Template;

    use super::*;
    use crate::test_user::User;
    use crate::{Outcome, Response};

    fn after(path: &str, body: &str) -> Vec<(String, String)> {
        let outcome = Outcome {
            response: Response {
                body: body.into(),
                ..Response::default()
            }
            .into(),
            status: 200,
            ..Outcome::default()
        };
        let program = PluginJsonProgram {
            source: None,
            variable: Template::literal("v"),
            path: Template::literal(path),
            default: Template::literal("none"),
        };
        let mut user = User::new();
        user.variables.set_by_name("v_1", "old");
        let view = ResultView::new(&outcome);
        let _ = extract(&program, &view, &mut user.scope(), &Patterns::default());
        let mut after: Vec<_> = user
            .variables
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        after.sort();
        after
    }

    #[track_caller]
    fn check(path: &str, body: &str, expected: &[(&str, &str)]) {
        let expected: Vec<_> = expected
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        assert_eq!(after(path, body), expected, "{path}");
    }

    #[test]
    fn arrays_are_numbered_and_other_values_are_not() {
        let body = r#"{"a":[1,2.5e9,null],"b":"x","c":[]}"#;
        let all = [
            ("v", "[1,2.5E9,null]"),
            ("v_1", "1"),
            ("v_2", "2500000000.0"),
            ("v_3", "null"),
            ("v_matchNr", "3"),
        ];
        check("$.a", body, &all);
        check("$.a[*]", body, &all);
        check("$.b", body, &[("v", "x"), ("v_1", "old")]);
        for nothing in ["$.c", "$.d", "$..z", "$["] {
            check(nothing, body, &[("v", "none"), ("v_matchNr", "0")]);
        }
    }
}
