//! Matches of an extractor as variables: one chosen by its number, or all of them numbered.

use std::ops::RangeInclusive;

use rand::RngExt as _;

use crate::{Scope, Variables};

/// Most matches that are kept of one sample; every one may set several variables.
pub(crate) const MOST_MATCHES: usize = 100_000;

/// The match of `number`: the n-th, 0 a random one; `None` when there are not so many.
pub(super) fn chosen<'m, T>(
    matches: &'m [Option<T>],
    number: i32,
    scope: &mut Scope<'_>,
) -> Option<&'m T> {
    let index = match usize::try_from(number).unwrap_or(0) {
        0 if matches.is_empty() => return None,
        0 => scope.chance.random_range(0..matches.len()),
        number => number - 1,
    };
    matches.get(index)?.as_ref()
}

/// Removes `name_matchNr` and returns the number that it held; 0 without one.
pub(super) fn take_count(name: &str, variables: &mut Variables) -> usize {
    let count_name = format!("{name}_matchNr");
    let count = variables.get_by_name(&count_name);
    let count = count.and_then(|count| count.parse().ok()).unwrap_or(0);
    variables.remove_by_name(&count_name);
    // A larger number is the plan's own.
    MOST_MATCHES.min(count)
}

/// Sets `name_matchNr`, `name_1`, `name_2`... (a match without a value only counts) and removes what an earlier run with `former_count`
/// matches left behind them.
pub(super) fn save_all<T: AsRef<str>>(
    name: &str,
    matches: &[Option<T>],
    former_count: usize,
    variables: &mut Variables,
) {
    variables.set_by_name(&format!("{name}_matchNr"), &matches.len().to_string());
    for (index, found) in (1..).zip(matches) {
        if let Some(found) = found {
            variables.set_by_name(&format!("{name}_{index}"), found.as_ref());
        }
    }
    remove_numbered(name, matches.len() + 1..=former_count, variables);
}

/// Removes `name_n` for each n of `numbers`.
pub(super) fn remove_numbered(
    name: &str,
    numbers: RangeInclusive<usize>,
    variables: &mut Variables,
) {
    for index in numbers {
        variables.remove_by_name(&format!("{name}_{index}"));
    }
}
