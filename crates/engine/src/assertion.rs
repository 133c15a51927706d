//! Assertions: whether a result is what the plan expects, with JMeter's words when it is not.

mod bounds;
mod compare;
mod difference;
mod digest;
mod jmes;
mod json;
mod plugin_json;
mod xpath;
mod xpath2;

pub(crate) use compare::SeenResults;
pub(crate) use json::path_problem;

use std::borrow::Cow;

use loadline_plan::program::{AssertionProgram, ResponseAssertionProgram, ScopeProgram};
use loadline_plan::{JsonAssertionKind, MatchRule, ResponseField};

use self::difference::difference;
use crate::extract::{Patterns, RegexError};
use crate::{ResultView, Scope};

/// What an assertion says about one result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssertionOutcome {
    /// The result is not as expected.
    pub failed: bool,
    /// The assertion itself cannot be carried out; the sample counts as failed too.
    pub error: bool,
    /// Why, in JMeter's words; may have several lines. Some assertions have an empty message when
    /// they hold, which matters: the first message of a sample's assertions is the one that counts.
    pub message: Option<String>,
    /// The name of its result, where it is not that of the element.
    pub name: Option<&'static str>,
}

impl AssertionOutcome {
    /// Whether the sample is good as far as this assertion goes.
    #[must_use]
    pub fn is_good(&self) -> bool {
        !self.failed && !self.error
    }

    fn failed(message: impl Into<String>) -> Self {
        Self {
            name: None,
            failed: true,
            error: false,
            message: Some(message.into()),
        }
    }

    fn error(message: impl Into<String>) -> Self {
        Self {
            name: None,
            failed: true,
            error: true,
            message: Some(message.into()),
        }
    }

    /// The assertion threw `exception`, which JMeter reports under a name of its own.
    pub(crate) fn threw(exception: impl Into<String>) -> Self {
        Self {
            name: Some("Assertion failed! See log file."),
            failed: false,
            error: true,
            message: Some(exception.into()),
        }
    }

    fn good_with_empty_message() -> Self {
        Self {
            message: Some(String::new()),
            ..Self::default()
        }
    }
}

/// Judges one result. Scopes that name sub-samples are the caller's business; that of a variable is
/// not, its text stands for the result's.
pub fn judge(
    program: &AssertionProgram,
    view: &ResultView<'_>,
    scope: &mut Scope<'_>,
    patterns: &Patterns,
) -> AssertionOutcome {
    match program {
        AssertionProgram::Response(response) => judge_response(response, view, scope, patterns),
        AssertionProgram::Duration(duration) => bounds::judge_duration(duration, view, scope),
        AssertionProgram::Size(size) => bounds::judge_size(size, view, scope),
        AssertionProgram::Json(json) => match json.kind {
            JsonAssertionKind::JsonPath => json::judge_json(json, view, scope, patterns),
            JsonAssertionKind::Plugin => plugin_json::judge(json, view, scope, patterns),
            JsonAssertionKind::JmesPath => jmes::judge(json, view, scope, patterns),
        },
        AssertionProgram::XPath2(program) => xpath2::judge_xpath2(program, view, scope, patterns),
        AssertionProgram::Xml => xpath2::judge_xml(view),
        AssertionProgram::XPath(program) => xpath::judge_xpath(program, view, scope, patterns),
        // It may change the result: whoever has that runs it.
        AssertionProgram::Script { .. } => AssertionOutcome::default(),
        AssertionProgram::Compare(compare) => compare::judge(compare, view, scope, patterns),
        AssertionProgram::Md5(md5) => digest::judge_md5(md5, view, scope),
    }
}

/// The Response Assertion, by JMeter's `ResponseAssertion.evaluateResponse`.
fn judge_response(
    program: &ResponseAssertionProgram,
    view: &ResultView<'_>,
    scope: &mut Scope<'_>,
    patterns: &Patterns,
) -> AssertionOutcome {
    let subject = match &program.scope {
        ScopeProgram::Variable(name) => {
            let name = scope.text_of(name);
            let text = scope.variables.get_by_name(&name).unwrap_or("").to_owned();
            Subject {
                name: Cow::Owned(format!("variable({name})")),
                text: Cow::Owned(text),
            }
        }
        _ => Subject {
            name: Cow::Borrowed(field_name(program.field)),
            text: view.field(program.field),
        },
    };
    if subject.text.is_empty() {
        return if program.not {
            AssertionOutcome::default()
        } else {
            AssertionOutcome::failed("Response was null")
        };
    }
    match check_patterns(program, &subject, scope, patterns) {
        Ok(None) => AssertionOutcome::default(),
        Ok(Some(built_in)) => {
            let custom = scope.text_of(&program.custom_message);
            AssertionOutcome::failed(if custom.is_empty() {
                built_in
            } else {
                custom.into_owned()
            })
        }
        Err(error) => AssertionOutcome {
            name: None,
            failed: false,
            error: true,
            message: Some(bad_configuration(&error)),
        },
    }
}

/// The text that is judged and its name in messages.
struct Subject<'v> {
    name: Cow<'v, str>,
    text: Cow<'v, str>,
}

/// The message of the failure, if the patterns do not hold.
fn check_patterns(
    program: &ResponseAssertionProgram,
    subject: &Subject<'_>,
    scope: &mut Scope<'_>,
    patterns: &Patterns,
) -> Result<Option<String>, RegexError> {
    let text = &*subject.text;
    let mut failures = Vec::new();
    for pattern in &program.patterns {
        let pattern = scope.text_of(pattern);
        let found = match program.rule {
            MatchRule::Contains => patterns.regex(&pattern)?.contains(text)?,
            MatchRule::Matches => patterns.regex(&pattern)?.matches(text)?,
            MatchRule::Equals => text == pattern,
            MatchRule::Substring => text.contains(&*pattern),
        };
        match (found != program.not, program.any) {
            (true, true) => return Ok(None),
            (true, false) => {}
            (false, true) => failures.push(failure(program, subject, &pattern)),
            (false, false) => return Ok(Some(failure(program, subject, &pattern))),
        }
    }
    if program.any {
        // JMeter ends the list of messages, even an empty one, with a tab.
        return Ok(Some(failures.join("\t") + "\t"));
    }
    Ok(None)
}

/// JMeter's message for one pattern that does not hold.
fn failure(program: &ResponseAssertionProgram, subject: &Subject<'_>, pattern: &str) -> String {
    let expected = if program.any {
        "something using"
    } else {
        match (program.not, program.rule) {
            (false, MatchRule::Contains | MatchRule::Substring) => "to contain",
            (true, MatchRule::Contains | MatchRule::Substring) => "not to contain",
            (false, MatchRule::Matches) => "to match",
            (true, MatchRule::Matches) => "not to match",
            (false, MatchRule::Equals) => "to equal",
            (true, MatchRule::Equals) => "not to equal",
        }
    };
    let pattern = match program.rule {
        MatchRule::Equals => Cow::Owned(difference(&subject.text, pattern)),
        _ => Cow::Borrowed(pattern),
    };
    format!(
        "Test failed: {} expected {expected} /{pattern}/",
        subject.name
    )
}

/// JMeter's message for a pattern that is none.
fn bad_configuration(error: &RegexError) -> String {
    format!("Bad test configuration {}", malformed_pattern(error))
}

/// What ORO throws for a pattern that is none; the words behind the pattern are this engine's.
fn malformed_pattern(error: &RegexError) -> String {
    match error {
        RegexError::Malformed { pattern, problem } => format!(
            "org.apache.oro.text.MalformedCachePatternException: \
             Invalid expression: {pattern}\n{problem}"
        ),
        RegexError::TooManySteps { .. } => error.to_string(),
    }
}

const fn field_name(field: ResponseField) -> &'static str {
    match field {
        ResponseField::Body | ResponseField::UnescapedBody => "text",
        ResponseField::ResponseHeaders => "headers",
        ResponseField::RequestHeaders => "request headers",
        ResponseField::RequestData => "request data",
        ResponseField::Url => "URL",
        ResponseField::Code => "code",
        ResponseField::Message => "message",
    }
}

#[cfg(test)]
mod tests;
