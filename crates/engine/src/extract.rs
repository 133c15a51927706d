//! Extractors: values out of a sample's result into variables.
//!
//! Each reads a [`ResultView`] and sets and removes variables as JMeter's element of that name does.
//! Patterns and paths are compiled once for each engine thread ([`Patterns`]).

mod boundary;
mod html;
mod html_text;
mod jmes;
mod jmes_path;
mod json;
mod json_path;
mod json_print;
mod json_tree;
mod jsoup;
mod matches;
mod oro;
mod patterns;
mod plugin_json;
mod regex;
mod scoped;
mod selector;
mod strict_json;
mod tidy;
mod xml;
mod xml_fragment;
mod xpath;
mod xpath2;
mod xpath2_rewrite;

pub use jmes_path::{JmesPath, JmesPathError};
pub use json_path::{JsonPath, JsonPathError};
pub use json_tree::{JsonError, JsonNode, parse_json};
pub use jsoup::JsoupSelector;
pub use oro::{OroMatch, OroRegex, RegexError};
pub use patterns::Patterns;
pub use selector::{CssSelector, SelectorError};
pub use xpath::{XPath, XPathError};
pub use xpath2::XPath2;

pub(crate) use json::split_list;
pub(crate) use json_print::{compact, double_text as java_double, java_text, printed_value};
pub(crate) use json_tree::is_same_value;
pub(crate) use matches::MOST_MATCHES;
pub(crate) use plugin_json::plugin_text;
pub(crate) use regex::{TemplatePart, parse_template};
pub(crate) use strict_json::{parse_strict, strict_text};
pub(crate) use xml::is_well_formed;
pub(crate) use xpath::{Markup, XPathValue};
pub(crate) use xpath2::Items;

use loadline_events::AssertionResult;
use loadline_plan::program::PostProcessorProgram;

use crate::{ResultView, Scope};

/// What a post-processor met with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtractProblem {
    /// What it is, for the report of the run.
    pub text: String,
    /// What the element says of the result, as a failed assertion that fails nothing.
    pub complaint: Option<AssertionResult>,
}

/// Runs a post-processor on `view`. `report` is told what could not be done: a malformed pattern or
/// path, a body that is no JSON.
///
/// Returns false when JMeter loses the sample: the lists of a JSON Extractor do not fit together, or a
/// Boundary Extractor names no variable.
pub fn extract(
    program: &PostProcessorProgram,
    view: &ResultView<'_>,
    scope: &mut Scope<'_>,
    patterns: &Patterns,
    report: &mut dyn FnMut(ExtractProblem),
) -> bool {
    let mut problem = |text| {
        report(ExtractProblem {
            text,
            complaint: None,
        });
    };
    let problem: &mut dyn FnMut(String) = &mut problem;
    match program {
        // They change the result: whoever has that runs them.
        PostProcessorProgram::Debug(_) | PostProcessorProgram::Script { .. } => true,
        PostProcessorProgram::FifoPut(program) => {
            let queue = scope.text(&program.queue);
            let value = scope.text(&program.value);
            scope.functions.run().fifos().named(&queue).put(value);
            true
        }
        PostProcessorProgram::Regex(program) => {
            if let Err(error) = regex::extract(program, view, scope, patterns, problem) {
                problem(error.to_string());
            }
            true
        }
        PostProcessorProgram::Html(program) => {
            if let Err(error) = html::extract(program, view, scope, patterns) {
                problem(error.to_string());
            }
            true
        }
        PostProcessorProgram::XPath(program) => {
            if let Err(error) = xpath::extract(program, view, scope, patterns) {
                let complaint = Some(xpath::complaint(program, &error, scope));
                let text = error.to_string();
                report(ExtractProblem { text, complaint });
            }
            true
        }
        PostProcessorProgram::XPath2(program) => {
            if let Err(error) = xpath2::extract(program, view, scope, patterns) {
                problem(error.to_string());
            }
            true
        }
        PostProcessorProgram::JmesPath(program) => {
            let result = jmes::extract(program, view, scope, patterns, problem);
            if let Err(error) = &result {
                problem(error.clone());
            }
            result.is_ok()
        }
        PostProcessorProgram::PluginJson(program) => {
            if let Err(error) = plugin_json::extract(program, view, scope, patterns) {
                problem(error);
            }
            true
        }
        PostProcessorProgram::Boundary(program) => {
            let result = boundary::extract(program, view, scope);
            if let Err(error) = &result {
                problem(error.to_string());
            }
            result.is_ok()
        }
        PostProcessorProgram::Json(program) => {
            let result = json::extract(program, view, scope, patterns, &mut |error| {
                problem(error.to_string());
            });
            if let Err(error) = &result {
                problem(error.to_string());
            }
            result.is_ok()
        }
    }
}

#[cfg(test)]
mod tests;
