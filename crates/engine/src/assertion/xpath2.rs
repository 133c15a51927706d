//! The XPath2 Assertion and the XML Assertion, by JMeter's classes of these names.
//!
//! JMeter lets its XPath 1.0 library read the expression of an XPath2 Assertion too, to learn whether
//! it is a condition; what only XPath 2 knows is therefore an error there.

use std::borrow::Cow;

use loadline_plan::program::{ScopeProgram, XPath2AssertionProgram};

use super::AssertionOutcome;
use crate::extract::{Items, Patterns, XPathError, is_well_formed};
use crate::{ResultView, Scope};

/// Whether the expression finds something in the body, or is true.
pub(super) fn judge_xpath2(
    program: &XPath2AssertionProgram,
    view: &ResultView<'_>,
    scope: &mut Scope<'_>,
    patterns: &Patterns,
) -> AssertionOutcome {
    let text = match &program.scope {
        ScopeProgram::Variable(name) => {
            let name = scope.text_of(name);
            match scope.variables.get_by_name(&name) {
                None | Some("") => return AssertionOutcome::failed("Response was null"),
                Some(text) => Cow::Owned(text.to_owned()),
            }
        }
        _ => Cow::Borrowed(view.body()),
    };
    let query = scope.text_of(&program.query);
    let namespaces = scope.text_of(&program.namespaces);
    if query.is_empty() {
        return AssertionOutcome::good_with_empty_message();
    }
    // What XPath 1.0 cannot read is an error whatever it means in XPath 2.
    let found = patterns.xpath(&query).and_then(|xpath| {
        xpath.check_functions()?;
        patterns.xpath2(&query, &namespaces)?.find(&text, false)
    });
    let holds = match found {
        Ok(Items::Boolean(value)) => value,
        Ok(Items::Values(values)) => !values.is_empty(),
        Err(error) => {
            let problem = match &error {
                XPathError::Document(problem) | XPathError::Expression { problem, .. } => problem,
            };
            return AssertionOutcome {
                name: None,
                failed: false,
                error: true,
                message: Some(format!(
                    "Exception occurred computing assertion with XPath:{query}, error:{problem}"
                )),
            };
        }
    };
    let beginning = if program.not { "" } else { "No " };
    AssertionOutcome {
        name: None,
        failed: holds == program.not,
        error: false,
        message: Some(format!("{beginning}Nodes Matched for {query}")),
    }
}

/// Whether the body is well-formed XML.
pub(super) fn judge_xml(view: &ResultView<'_>) -> AssertionOutcome {
    if view.body().is_empty() {
        return AssertionOutcome::failed("Response was null");
    }
    match is_well_formed(view.body()) {
        Ok(()) => AssertionOutcome::default(),
        Err(problem) => AssertionOutcome::error(problem),
    }
}
