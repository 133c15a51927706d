//! The JSON JMESPath Assertion, by JMeter's `JMESPathAssertion`.
//!
//! As with the JSON Assertion, one that holds has an empty message.

use loadline_plan::program::JsonAssertionProgram;

use super::AssertionOutcome;
use crate::extract::{JsonNode, Patterns, is_same_value, parse_strict, strict_text};
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
    match holds(program, &path, &expected, view.body(), patterns) {
        Ok(holds) if holds != program.not => AssertionOutcome::good_with_empty_message(),
        Ok(_) => AssertionOutcome::failed(failure(program, &path, &expected)),
        // What cannot be asked holds when it is not to hold.
        Err(_) if program.not => AssertionOutcome::good_with_empty_message(),
        Err(problem) => AssertionOutcome {
            name: None,
            failed: false,
            error: true,
            message: Some(problem),
        },
    }
}

fn holds(
    program: &JsonAssertionProgram,
    path: &str,
    expected: &str,
    body: &str,
    patterns: &Patterns,
) -> Result<bool, String> {
    let document = parse_strict(body)?;
    let path = patterns
        .jmes_path(path)
        .map_err(|error| error.to_string())?;
    let found = path.search(&document).map_err(|error| error.to_string())?;
    let is_null = *found == JsonNode::Null;
    if !program.compared {
        return Ok(!is_null);
    }
    if program.expect_null {
        return Ok(is_null);
    }
    let text = strict_text(&found);
    if program.is_regex {
        let regex = patterns
            .regex(expected)
            .map_err(|error| error.to_string())?;
        return regex.matches(&text).map_err(|error| error.to_string());
    }
    Ok(text == expected || is_same_value(&parse_strict(expected)?, &found))
}

fn failure(program: &JsonAssertionProgram, path: &str, expected: &str) -> String {
    let not = if program.not { " not" } else { "" };
    if !program.compared {
        format!("JMESPATH {path} expected{not} to exist")
    } else if program.expect_null {
        format!("Value expected{not} to be null")
    } else if program.is_regex {
        format!("Value expected{not} to match {expected}")
    } else {
        format!("Value expected{not} to be equal to {expected}")
    }
}
