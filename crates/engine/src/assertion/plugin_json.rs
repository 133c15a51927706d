//! The JSON Path Assertion of the `jmeter-plugins-json` plugin, by its `JSONPathAssertion` of
//! version 2.
//!
//! Values compare as texts, and a path that leads to an empty array leads to something.

use loadline_plan::program::JsonAssertionProgram;

use super::AssertionOutcome;
use crate::extract::{JsonNode, Patterns, compact, java_text, plugin_text};
use crate::{ResultView, Scope};

/// Judges the body of one result.
pub(super) fn judge(
    program: &JsonAssertionProgram,
    view: &ResultView<'_>,
    scope: &mut Scope<'_>,
    patterns: &Patterns,
) -> AssertionOutcome {
    let path = scope.text_of(&program.path);
    let expected = scope.text_of(&program.expected);
    if view.body().is_empty() {
        return AssertionOutcome::failed("Response was null");
    }
    match (
        check(program, &path, &expected, view, patterns),
        program.not,
    ) {
        (Ok(()), false) | (Err(_), true) => AssertionOutcome::good_with_empty_message(),
        (Err(problem), false) => AssertionOutcome::failed(problem),
        (Ok(()), true) if !program.compared => {
            AssertionOutcome::failed(format!("Failed that JSONPath not exists: {path}"))
        }
        (Ok(()), true) => {
            let expected = if program.expect_null {
                "null"
            } else {
                &expected
            };
            AssertionOutcome::failed(format!(
                "Failed that JSONPath {path} not matches {expected}"
            ))
        }
    }
}

/// Says why the value is not there or not as expected.
fn check(
    program: &JsonAssertionProgram,
    path: &str,
    expected: &str,
    view: &ResultView<'_>,
    patterns: &Patterns,
) -> Result<(), String> {
    let document = view.json().map_err(|error| error.to_string())?;
    let path = patterns.path(path).map_err(|error| error.to_string())?;
    let value = path.read(document)?;
    if !program.compared {
        return Ok(());
    }
    let text = |value: &JsonNode| match value {
        JsonNode::Array(_) => compact(value),
        other => plugin_text(other),
    };
    let equals = |value: &JsonNode| -> Result<bool, String> {
        if program.expect_null && *value == JsonNode::Null {
            return Ok(true);
        }
        let text = text(value);
        if !program.is_regex {
            return Ok(text == expected);
        }
        let regex = patterns
            .regex(expected)
            .map_err(|error| error.to_string())?;
        regex.matches(&text).map_err(|error| error.to_string())
    };
    let mut holds = false;
    if let JsonNode::Array(items) = &*value {
        holds = items.is_empty() && expected == "[]";
        for item in items {
            holds = holds || equals(item)?;
        }
    }
    if holds || equals(&value)? {
        return Ok(());
    }
    Err(if program.expect_null {
        format!(
            "Value expected to be null, but found '{}'",
            java_text(&value)
        )
    } else if program.is_regex {
        format!(
            "Value expected to match regexp '{expected}', but it did not match: '{}'",
            text(&value)
        )
    } else {
        format!(
            "Value expected to be '{expected}', but found '{}'",
            text(&value)
        )
    })
}

#[cfg(test)]
mod tests {
    use loadline_plan::JsonAssertionKind;
    use loadline_plan::program::Template;

    use super::*;
    use crate::test_user::User;
    use crate::{Outcome, Response};

    #[test]
    fn values_compare_as_texts() {
        let judged = |path: &str, expected: &str, is_regex| {
            let outcome = Outcome {
                status: 200,
                response: Response {
                    body: br#"{"a":[1,"x"],"b":1e3,"c":null}"#.to_vec(),
                    ..Response::default()
                }
                .into(),
                ..Outcome::default()
            };
            let program = JsonAssertionProgram {
                kind: JsonAssertionKind::Plugin,
                path: Template::literal(path),
                compared: true,
                expected: Template::literal(expected),
                is_regex,
                expect_null: false,
                not: false,
            };
            let view = ResultView::new(&outcome);
            let mut user = User::new();
            judge(&program, &view, &mut user.scope(), &Patterns::default()).message
        };
        assert_eq!(judged("$.a", "x", false).as_deref(), Some(""));
        assert_eq!(judged("$.a", r#"[1,"x"]"#, false).as_deref(), Some(""));
        assert_eq!(judged("$.b", "1000.0", false).as_deref(), Some(""));
        assert_eq!(judged("$.c", "nu.*", true).as_deref(), Some(""));
        assert_eq!(
            judged("$.b", "1", true).as_deref(),
            Some("Value expected to match regexp '1', but it did not match: '1000.0'")
        );
    }
}
