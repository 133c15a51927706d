//! The JSON Assertion, by JMeter's `JSONPathAssertion`.
//!
//! A definite path reads its value; any other an array of values, of which one suffices. A holding
//! assertion has an empty message, not none: in JMeter it hides those of assertions behind it.

use loadline_plan::program::JsonAssertionProgram;

use super::AssertionOutcome;
use crate::extract::{
    JsonNode, JsonPath, Patterns, RegexError, compact, is_same_value, java_text, parse_json,
    printed_value,
};
use crate::{ResultView, Scope};

/// The settings, with their texts evaluated.
struct Settings<'p> {
    path: &'p str,
    expected: &'p str,
    program: &'p JsonAssertionProgram,
}

/// Judges the body of one result.
pub(super) fn judge_json(
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
    let settings = Settings {
        path: &path,
        expected: &expected,
        program,
    };
    match (settings.check(view, patterns), program.not) {
        (Ok(()), false) | (Err(_), true) => AssertionOutcome::good_with_empty_message(),
        (Err(problem), false) => AssertionOutcome::failed(problem),
        (Ok(()), true) => AssertionOutcome::failed(settings.unwanted()),
    }
}

impl Settings<'_> {
    /// Says why the value is not there or not as expected.
    fn check(&self, view: &ResultView<'_>, patterns: &Patterns) -> Result<(), String> {
        // To JMeter's library, blanks alone are an empty text.
        let blank = JsonNode::Text("".into());
        let document = match view.body().trim().is_empty() {
            true => &blank,
            false => view.json().map_err(|error| error.to_string())?,
        };
        let path = patterns
            .path(self.path)
            .map_err(|error| error.to_string())?;
        let value = path.read(document)?;
        if !self.program.compared {
            return match &*value {
                JsonNode::Array(items) if items.is_empty() && !path.is_definite() => {
                    Err(self.nothing_found())
                }
                _ => Ok(()),
            };
        }
        let holds = match &*value {
            JsonNode::Array(items) => {
                (items.is_empty() && self.expected == "[]")
                    || self.any_equals(items, patterns)?
                    || self.equals(&value, patterns)?
            }
            other => self.is_expected_null(other) || self.equals(other, patterns)?,
        };
        if holds {
            return Ok(());
        }
        let Self { path, expected, .. } = self;
        Err(if self.program.expect_null {
            let found = java_text(&value);
            format!("Value in json path '{path}' expected to be null, but found '{found}'")
        } else if self.program.is_regex {
            format!(
                "Value in json path '{path}' expected to match regexp '{expected}', but it did \
                 not match: '{}'",
                compared_text(&value)
            )
        } else {
            format!(
                "Value in json path '{path}' expected to be '{expected}', but found '{}'",
                compared_text(&value)
            )
        })
    }

    fn any_equals(&self, items: &[JsonNode], patterns: &Patterns) -> Result<bool, String> {
        for item in items {
            if self.is_expected_null(item) || self.equals(item, patterns)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn is_expected_null(&self, value: &JsonNode) -> bool {
        self.program.expect_null && *value == JsonNode::Null
    }

    fn equals(&self, value: &JsonNode, patterns: &Patterns) -> Result<bool, String> {
        if self.program.is_regex {
            let matches = |text: &str| patterns.regex(self.expected)?.matches(text);
            return matches(&compared_text(value)).map_err(|error: RegexError| error.to_string());
        }
        // JMeter takes a text that cannot be read for null, but a blank one for a text.
        let expected = match self.expected.trim() {
            "" => JsonNode::Text("".into()),
            text => parse_json(text).unwrap_or(JsonNode::Null),
        };
        Ok(is_same_value(&expected, value))
    }

    fn nothing_found(&self) -> String {
        format!(
            "JSONPath '{}' is indefinite and the extracted Value is an empty Array. Please use an \
             assertion value, to be sure to get a correct result. Expected value was '{}'",
            self.path, self.expected
        )
    }

    /// The failure of an inverted assertion whose condition holds.
    fn unwanted(&self) -> String {
        let Self { path, expected, .. } = self;
        if !self.program.compared {
            format!("Failed that JSONPath not exists: {path}")
        } else if self.program.expect_null {
            format!("Failed that JSONPath {path} not matches null")
        } else {
            format!("Failed that JSONPath {path} not matches {expected}")
        }
    }
}

/// A value as the text that is compared with a regular expression.
fn compared_text(value: &JsonNode) -> String {
    match value {
        JsonNode::Array(_) => compact(value),
        _ => printed_value(value),
    }
}

/// Whether `path` can be used in an assertion at all; the problem if not.
pub(crate) fn path_problem(path: &str) -> Option<String> {
    JsonPath::parse(path).err().map(|error| error.to_string())
}
