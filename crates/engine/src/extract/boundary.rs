//! The Boundary Extractor: what stands between two texts, both taken literally.
//!
//! Which variables it sets and removes follows JMeter's `BoundaryExtractor`: unlike the other
//! extractors it does not set a blank default unless told to.

use std::borrow::Cow;

use loadline_plan::program::{BoundaryProgram, ScopeProgram};

use super::matches::{MOST_MATCHES, chosen, remove_numbered, save_all, take_count};
use super::scoped::results_in_scope;
use crate::{ResultView, Scope};

/// JMeter loses the sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("boundary extractor has no variable")]
pub(super) struct NoVariable;

/// Runs the extractor on `view`.
///
/// # Errors
///
/// [`NoVariable`]; nothing is changed.
pub(super) fn extract(
    program: &BoundaryProgram,
    view: &ResultView<'_>,
    scope: &mut Scope<'_>,
) -> Result<(), NoVariable> {
    let name = scope.text_of(&program.variable);
    if name.is_empty() {
        return Err(NoVariable);
    }
    let default = scope.text_of(&program.default);
    if !default.trim().is_empty() || program.default_empty {
        scope.variables.set_by_name(&name, &default);
    }
    let match_number: i32 = scope.text_of(&program.match_number).parse().unwrap_or(0);
    let left = scope.text_of(&program.left);
    let right = scope.text_of(&program.right);
    // The variable that counts the matches of an earlier run goes before the search.
    let former_count = take_count(&name, scope.variables);
    let texts: Vec<Cow<'_, str>> = match &program.scope {
        ScopeProgram::Variable(variable) => {
            let variable = scope.text_of(variable);
            let text = scope.variables.get_by_name(&variable);
            text.map(|text| Cow::Owned(text.to_owned()))
                .into_iter()
                .collect()
        }
        results => results_in_scope(results, view)
            .into_iter()
            .map(|result| result.field(program.field))
            .collect(),
    };
    let mut matches = Vec::new();
    for text in &texts {
        find(text, &left, &right, &mut matches);
    }
    if match_number < 0 {
        save_all(&name, &matches, former_count, scope.variables);
        return Ok(());
    }
    if let Some(found) = chosen(&matches, match_number, scope) {
        scope.variables.set_by_name(&name, found);
    }
    remove_numbered(&name, 1..=former_count, scope.variables);
    Ok(())
}

/// Adds what stands between `left` and `right` in `text`. The search goes on right behind the left
/// boundary, so that several values may end at one right boundary.
fn find<'t>(text: &'t str, left: &str, right: &str, matches: &mut Vec<Option<&'t str>>) {
    if text.trim().is_empty() {
        return;
    }
    match (left.is_empty(), right.is_empty()) {
        (true, true) => matches.push(Some(text)),
        (true, false) => matches.extend(text.find(right).map(|end| Some(&text[..end]))),
        (false, true) => {
            matches.extend(
                text.find(left)
                    .map(|start| Some(&text[start + left.len()..])),
            );
        }
        (false, false) => {
            let mut start = 0;
            while let Some(found) = text[start..].find(left) {
                start += found + left.len();
                let Some(length) = text[start..].find(right) else {
                    break;
                };
                if matches.len() == MOST_MATCHES {
                    break;
                }
                matches.push(Some(&text[start..start + length]));
            }
        }
    }
}
