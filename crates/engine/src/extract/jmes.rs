//! The JMESPath Extractor.
//!
//! Which variables it sets and removes follows JMeter's `JMESPathExtractor`. An array that is found
//! counts as its items.

use loadline_plan::program::{JmesPathProgram, ScopeProgram};
use rand::RngExt as _;

use super::json_tree::JsonNode;
use super::patterns::Patterns;
use super::scoped::results_in_scope;
use super::strict_json::{parse_strict, strict_text};
use crate::{ResultView, Scope};

/// Runs the extractor on `view`. Calls `problem` when an expression or a body cannot be used; the
/// variable then has the default value.
///
/// # Errors
///
/// The match number is no whole number; JMeter then loses the sample.
pub(super) fn extract(
    program: &JmesPathProgram,
    view: &ResultView<'_>,
    scope: &mut Scope<'_>,
    patterns: &Patterns,
    problem: &mut dyn FnMut(String),
) -> Result<(), String> {
    let name = scope.text_of(&program.variable);
    let default = scope.text_of(&program.default);
    let match_number = scope.text_of(&program.match_number);
    let match_number: i32 = match match_number.trim() {
        "" => 0,
        _ => match_number
            .parse()
            .map_err(|_| format!("match number `{match_number}` is no whole number"))?,
    };
    let path = scope.text_of(&program.path);
    let bodies: Vec<String> = match &program.scope {
        ScopeProgram::Variable(variable) => {
            let variable = scope.text_of(variable);
            let text = scope.variables.get_by_name(&variable);
            vec![text.unwrap_or_default().to_owned()]
        }
        results => results_in_scope(results, view)
            .into_iter()
            .map(|result| result.body())
            .filter(|body| !body.chars().all(char::is_whitespace))
            .map(str::to_owned)
            .collect(),
    };
    let count_name = format!("{name}_matchNr");
    scope.variables.remove_by_name(&count_name);
    for index in 1.. {
        let leftover = format!("{name}_{index}");
        if scope.variables.get_by_name(&leftover).is_none() {
            break;
        }
        scope.variables.remove_by_name(&leftover);
    }
    if bodies.is_empty() {
        scope.variables.set_by_name(&name, &default);
        return Ok(());
    }
    let values = match select(path.trim(), &bodies, patterns) {
        Ok(values) => values,
        Err(error) => {
            problem(error);
            scope.variables.set_by_name(&name, &default);
            return Ok(());
        }
    };
    match usize::try_from(match_number) {
        _ if values.is_empty() => scope.variables.set_by_name(&name, &default),
        Err(_) => {
            for (index, value) in (1..).zip(&values) {
                scope
                    .variables
                    .set_by_name(&format!("{name}_{index}"), value);
            }
        }
        // The only value is taken whatever the number is.
        Ok(_) if values.len() == 1 => scope.variables.set_by_name(&name, &values[0]),
        Ok(number) => {
            let index = match number {
                0 => scope.chance.random_range(0..values.len()),
                number => number - 1,
            };
            let value = values.get(index).map_or(&*default, String::as_str);
            scope.variables.set_by_name(&name, value);
        }
    }
    let count = values.len().to_string();
    scope.variables.set_by_name(&count_name, &count);
    Ok(())
}

/// The texts that `path` finds in all bodies.
fn select(path: &str, bodies: &[String], patterns: &Patterns) -> Result<Vec<String>, String> {
    let path = patterns
        .jmes_path(path)
        .map_err(|error| error.to_string())?;
    let mut values = Vec::new();
    for body in bodies {
        let document = parse_strict(body)?;
        let found = path.search(&document).map_err(|error| error.to_string())?;
        match &*found {
            JsonNode::Null => {}
            JsonNode::Array(items) => values.extend(items.iter().map(strict_text)),
            other => values.push(strict_text(other)),
        }
    }
    Ok(values)
}
