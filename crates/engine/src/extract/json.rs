//! The JSON Extractor.
//!
//! Which variables it sets and removes follows JMeter's `JSONPostProcessor` to the letter. Its lists
//! are split as Java splits: empty pieces at the end vanish.

use std::borrow::Cow;

use loadline_plan::program::{JsonProgram, ScopeProgram};
use rand::RngExt as _;

use super::json_path::JsonPathError;
use super::json_print::extracted_text;
use super::json_tree::{JsonNode, parse_json};
use super::patterns::Patterns;
use super::scoped::results_in_scope;
use crate::{ResultView, Scope, Variables};

/// Why the extractor's lists do not fit together; JMeter then loses the sample.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum JsonExtractorError {
    /// The numbers of names, paths and defaults differ, or there are more match numbers.
    #[error(
        "{names} names, {paths} paths, {defaults} default values and {match_numbers} match numbers \
         do not fit together"
    )]
    Lists {
        /// Number of names.
        names: usize,
        /// Number of paths.
        paths: usize,
        /// Number of default values.
        defaults: usize,
        /// Number of match numbers.
        match_numbers: usize,
    },
    /// A match number is none.
    #[error("match number `{0}` is no whole number")]
    MatchNumber(String),
}

/// Runs the extractor on `view`. Calls `problem` for each path that cannot be applied; its variable
/// then has the default value.
///
/// # Errors
///
/// [`JsonExtractorError`]; nothing is changed.
pub(super) fn extract(
    program: &JsonProgram,
    view: &ResultView<'_>,
    scope: &mut Scope<'_>,
    patterns: &Patterns,
    problem: &mut dyn FnMut(&JsonPathError),
) -> Result<(), JsonExtractorError> {
    let names = scope.text_of(&program.variables);
    let paths = scope.text_of(&program.paths);
    let defaults = scope.text_of(&program.defaults);
    let match_numbers = scope.text_of(&program.match_numbers);
    let (names, paths, defaults) = (
        split_list(&names),
        split_list(&paths),
        split_list(&defaults),
    );
    let match_numbers = match java_is_blank(&match_numbers) {
        true => Vec::new(),
        false => split_list(&match_numbers),
    };
    if names.len() != paths.len()
        || names.len() != defaults.len()
        || match_numbers.len() > names.len()
    {
        return Err(JsonExtractorError::Lists {
            names: names.len(),
            paths: paths.len(),
            defaults: defaults.len(),
            match_numbers: match_numbers.len(),
        });
    }
    let match_numbers = match_numbers
        .into_iter()
        .map(|number| {
            let number = number.trim();
            number
                .parse::<i32>()
                .map_err(|_| JsonExtractorError::MatchNumber(number.to_owned()))
        })
        .collect::<Result<Vec<i32>, _>>()?;

    let variable_text;
    let documents: Vec<Document<'_>> = match &program.scope {
        ScopeProgram::Variable(variable) => {
            let variable = scope.text_of(variable);
            variable_text = scope
                .variables
                .get_by_name(&variable)
                .unwrap_or_default()
                .to_owned();
            Document::of(&variable_text, || {
                parse_json(&variable_text).map(Cow::Owned)
            })
            .into_iter()
            .collect()
        }
        results => results_in_scope(results, view)
            .into_iter()
            .filter_map(|result| {
                Document::of(result.body(), || {
                    result.json().map(Cow::Borrowed).map_err(Clone::clone)
                })
            })
            .collect(),
    };
    for (index, ((name, path), default)) in names.into_iter().zip(paths).zip(defaults).enumerate() {
        let target = Target {
            name: name.trim(),
            default,
            match_number: match_numbers.get(index).copied().unwrap_or(0),
            concatenate: program.concatenate,
        };
        target.clear(scope.variables);
        if documents.is_empty() {
            scope.variables.set_by_name(target.name, default);
            continue;
        }
        match select(path.trim(), &documents, patterns) {
            Ok(values) => target.save(&values, scope),
            Err(error) => {
                problem(&error);
                scope.variables.set_by_name(target.name, default);
            }
        }
    }
    Ok(())
}

/// A text that is searched, read as JSON.
struct Document<'v>(Result<Cow<'v, JsonNode>, JsonPathError>);

impl<'v> Document<'v> {
    /// The document in `text`; none if the text is blank.
    fn of(
        text: &str,
        parse: impl FnOnce() -> Result<Cow<'v, JsonNode>, super::JsonError>,
    ) -> Option<Self> {
        if java_is_blank(text) {
            return None;
        }
        Some(Self(
            parse().map_err(|error| JsonPathError::Invalid(error.to_string())),
        ))
    }
}

/// The texts that `path` selects in all documents, `None` for `null`.
fn select(
    path: &str,
    documents: &[Document<'_>],
    patterns: &Patterns,
) -> Result<Vec<Option<String>>, JsonPathError> {
    let path = patterns.path(path)?;
    let mut values = Vec::new();
    for Document(document) in documents {
        let document = document.as_ref().map_err(Clone::clone)?;
        let hits = path.select(document)?;
        values.extend(hits.iter().map(|hit| extracted_text(hit)));
    }
    Ok(values)
}

/// One variable of the extractor.
struct Target<'p> {
    name: &'p str,
    default: &'p str,
    match_number: i32,
    concatenate: bool,
}

impl Target<'_> {
    /// Removes what an earlier run left: `name_matchNr`, `name_1`... up to a gap.
    fn clear(&self, variables: &mut Variables) {
        variables.remove_by_name(&format!("{}_matchNr", self.name));
        for index in 1.. {
            let leftover = format!("{}_{index}", self.name);
            if variables.get_by_name(&leftover).is_none() {
                break;
            }
            variables.remove_by_name(&leftover);
        }
    }

    fn save(&self, values: &[Option<String>], scope: &mut Scope<'_>) {
        let Self { name, default, .. } = *self;
        let all = self.match_number < 0;
        let count_name = format!("{name}_matchNr");
        if values.is_empty() {
            scope.variables.set_by_name(name, default);
            scope.variables.set_by_name(&count_name, "0");
            if all && self.concatenate {
                scope.variables.set_by_name(&format!("{name}_ALL"), "");
            }
            return;
        }
        let text = |value: &'_ Option<String>| value.as_deref().unwrap_or(default).to_owned();
        if all {
            for (index, value) in (1..).zip(values) {
                let variable = format!("{name}_{index}");
                scope.variables.set_by_name(&variable, &text(value));
            }
            if self.concatenate {
                let texts: Vec<String> = values.iter().map(text).collect();
                let all_name = format!("{name}_ALL");
                scope.variables.set_by_name(&all_name, &texts.join(","));
            }
        } else {
            let index = match usize::try_from(self.match_number).unwrap_or(0) {
                // The only value is taken whatever the number is.
                _ if values.len() == 1 => 0,
                0 => scope.chance.random_range(0..values.len()),
                number => number - 1,
            };
            let value = values.get(index).map_or_else(|| default.to_owned(), text);
            scope.variables.set_by_name(name, &value);
        }
        if self.match_number != 0 {
            let count = values.len().to_string();
            scope.variables.set_by_name(&count_name, &count);
        }
    }
}

/// Java's `split(";")`: empty pieces at the end vanish, but the empty text is one empty piece.
pub(crate) fn split_list(list: &str) -> Vec<&str> {
    if list.is_empty() {
        return vec![list];
    }
    let mut pieces: Vec<&str> = list.split(';').collect();
    while pieces.last().is_some_and(|last| last.is_empty()) {
        pieces.pop();
    }
    pieces
}

/// Whether a text has nothing but white space.
fn java_is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_split_as_in_java() {
        assert_eq!(split_list("a;b"), ["a", "b"]);
        assert_eq!(split_list(";b"), ["", "b"]);
        assert_eq!(split_list("a;;"), ["a"]);
        assert_eq!(split_list(";").len(), 0);
        assert_eq!(split_list(""), [""]);
    }
}
