//! The XPath Assertion, by JMeter's `XPathAssertion`.
//!
//! It has a message also when it holds, which hides those of assertions behind it, as in JMeter.

use std::borrow::Cow;

use loadline_plan::program::{ScopeProgram, XPathAssertionProgram};

use super::AssertionOutcome;
use crate::extract::{Markup, Patterns, XPathError, XPathValue};
use crate::{ResultView, Scope};

/// Whether the expression finds nodes in the body, or is true.
pub(super) fn judge_xpath(
    program: &XPathAssertionProgram,
    view: &ResultView<'_>,
    scope: &mut Scope<'_>,
    patterns: &Patterns,
) -> AssertionOutcome {
    let text = match &program.scope {
        ScopeProgram::Variable(name) => {
            let name = scope.text_of(name);
            let text = scope.variables.get_by_name(&name).unwrap_or("");
            Cow::Owned(text.to_owned())
        }
        _ => Cow::Borrowed(view.body()),
    };
    if text.is_empty() {
        return AssertionOutcome::failed("Response was null");
    }
    let query = scope.text_of(&program.query);
    let xpath = patterns.xpath(&query);
    let markup = Markup::of(program.tidy, program.namespaces);
    let found = xpath.and_then(|xpath| xpath.find(&text, markup, false));
    let not = program.not;
    let (failed, message) = match found {
        Ok(XPathValue::Nodes(nodes)) => match (nodes.is_empty(), not) {
            (true, _) => (!not, format!("No Nodes Matched {query}")),
            (false, false) => (false, String::new()),
            (false, true) => {
                let message = "Specified XPath was found... Turn off negate if this is not desired";
                (true, message.to_owned())
            }
        },
        Ok(XPathValue::Boolean(value)) => {
            let beginning = if not { "" } else { "No " };
            let message = format!("{beginning}Nodes Matched for {query}");
            (value == not, message)
        }
        Ok(XPathValue::Text(_)) => (true, format!("Cannot understand: {query}")),
        Err(error) => {
            let message = match error {
                XPathError::Document(problem) => format!("SAXException: {problem}"),
                XPathError::Expression { query, problem } => {
                    format!("TransformerException: {problem} for: {query}")
                }
            };
            return AssertionOutcome {
                name: None,
                failed: false,
                error: true,
                message: Some(message),
            };
        }
    };
    AssertionOutcome {
        name: None,
        failed,
        error: false,
        message: Some(message),
    }
}
