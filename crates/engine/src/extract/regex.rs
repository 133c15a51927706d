//! The Regular Expression Extractor.
//!
//! Which variables it sets and removes follows JMeter's `RegexExtractor` to the letter, since plans
//! rely on leftovers: a value stays when nothing matches and the default is empty.

use std::borrow::Cow;

use loadline_plan::program::{RegexProgram, ScopeProgram};
use rand::RngExt as _;
use smallvec::SmallVec;

use super::matches::MOST_MATCHES;
use super::oro::{OroMatch, OroRegex, RegexError};
use super::patterns::Patterns;
use super::scoped::results_in_scope;
use crate::{ResultView, Scope, Variables};

/// Runs the extractor on `view`. `problem` is told when there are more matches than are kept.
///
/// # Errors
///
/// [`RegexError`]: then only the default is set, as in JMeter.
pub(super) fn extract(
    program: &RegexProgram,
    view: &ResultView<'_>,
    scope: &mut Scope<'_>,
    patterns: &Patterns,
    problem: &mut dyn FnMut(String),
) -> Result<(), RegexError> {
    let name = scope.text_of(&program.variable);
    let default = scope.text_of(&program.default);
    if !default.is_empty() || program.default_empty {
        scope.variables.set_by_name(&name, &default);
    }
    let match_number: i32 = scope.text_of(&program.match_number).parse().unwrap_or(0);
    let regex = scope.text_of(&program.regex);
    let regex = patterns.regex(&regex)?;
    let template = scope.text_of(&program.template);
    let texts: SmallVec<[Cow<'_, str>; 1]> = match &program.scope {
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
    let matches = find(&regex, &texts, match_number)?;
    if matches.len() == MOST_MATCHES {
        problem(format!(
            "the extractor of `{name}` takes the first {MOST_MATCHES} matches only"
        ));
    }
    let template = parse_template(&template);

    let variables = &mut *scope.variables;
    let mut names = DerivedNames::new(&name);
    let former_count = match variables.get_by_name(names.match_count()) {
        Some(count) => {
            let count = count.parse().unwrap_or(0);
            variables.remove_by_name(names.match_count());
            count
        }
        None => 0_usize,
    };
    let mut kept = 0;
    if match_number >= 0 {
        let chosen = match usize::try_from(match_number).unwrap_or(0) {
            0 if matches.is_empty() => None,
            0 => Some(scope.chance.random_range(0..matches.len())),
            number => Some(number - 1),
        };
        match chosen.and_then(|index| matches.get(index)) {
            Some((text, found)) => save(&mut names, &template, found, text, variables),
            None => remove_groups(&mut names, variables),
        }
    } else {
        remove_groups(&mut names, variables);
        kept = matches.len();
        variables.set_by_name(
            names.match_count(),
            itoa::Buffer::new().format(matches.len()),
        );
        for (index, (text, found)) in (1..).zip(&matches) {
            let mut names = DerivedNames::new(&format!("{name}_{index}"));
            save(&mut names, &template, found, text, variables);
        }
    }
    for index in kept + 1..=former_count.min(MOST_MATCHES) {
        let mut leftover = DerivedNames::new(&format!("{name}_{index}"));
        variables.remove_by_name(leftover.name());
        remove_groups(&mut leftover, variables);
    }
    Ok(())
}

/// The matches in `texts`, each with the text it is in; not more than `match_number` needs.
fn find<'t>(
    regex: &OroRegex,
    texts: &'t [Cow<'_, str>],
    match_number: i32,
) -> Result<SmallVec<[(&'t str, OroMatch); 1]>, RegexError> {
    let most = match usize::try_from(match_number) {
        Ok(number @ 1..) => number.min(MOST_MATCHES),
        _ => MOST_MATCHES,
    };
    let mut matches = SmallVec::new();
    for text in texts {
        let found = regex.find_all(text, most - matches.len())?;
        matches.extend(found.into_iter().map(|found| (&**text, found)));
        if matches.len() == most {
            break;
        }
    }
    Ok(matches)
}

/// A part of a template such as `$1$-$2$`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TemplatePart<'t> {
    Literal(&'t str),
    Group(usize),
}

/// Takes `template` apart: `$digits$` is a group, anything else is text.
pub(crate) fn parse_template(template: &str) -> SmallVec<[TemplatePart<'_>; 2]> {
    let mut parts = SmallVec::new();
    let mut literal_start = 0;
    let mut search = 0;
    while let Some(dollar) = template[search..].find('$') {
        let begin = search + dollar;
        let rest = &template[begin + 1..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        match rest[..digits].parse() {
            Ok(group) if rest[digits..].starts_with('$') => {
                if literal_start < begin {
                    parts.push(TemplatePart::Literal(&template[literal_start..begin]));
                }
                parts.push(TemplatePart::Group(group));
                search = begin + digits + 2;
                literal_start = search;
            }
            _ => search = begin + 1,
        }
    }
    if literal_start < template.len() {
        parts.push(TemplatePart::Literal(&template[literal_start..]));
    }
    parts
}

/// Sets a variable to the text of the template and `name_g`, `name_g0`... to the groups.
fn save(
    names: &mut DerivedNames,
    template: &[TemplatePart<'_>],
    found: &OroMatch,
    text: &str,
    variables: &mut Variables,
) {
    // Java prints a group that took no part as `null`.
    let group = |group| found.group(group, text).unwrap_or("null");
    if let [TemplatePart::Group(only)] = template {
        variables.set_by_name(names.name(), group(*only));
    } else {
        let parts = template.iter().map(|part| match part {
            TemplatePart::Literal(literal) => literal,
            TemplatePart::Group(number) => group(*number),
        });
        variables.set_by_name(names.name(), &parts.collect::<String>());
    }
    let former_count = group_count(names.group_count(), variables);
    for group in 0..found.groups.len() {
        match found.group(group, text) {
            Some(value) => variables.set_by_name(names.group(group), value),
            None => variables.remove_by_name(names.group(group)),
        }
    }
    let mut count = itoa::Buffer::new();
    variables.set_by_name(names.group_count(), count.format(found.groups.len() - 1));
    for group in found.groups.len()..=former_count {
        variables.remove_by_name(names.group(group));
    }
}

/// Removes `name_g`, `name_g0`....
fn remove_groups(names: &mut DerivedNames, variables: &mut Variables) {
    let count = group_count(names.group_count(), variables);
    variables.remove_by_name(names.group_count());
    for group in 0..=count {
        variables.remove_by_name(names.group(group));
    }
}

/// A variable's name and those derived of it, made one after the other in one text: an extractor needs
/// several for every sample.
struct DerivedNames {
    text: String,
    /// Length of the name itself.
    stem: usize,
}

impl DerivedNames {
    fn new(name: &str) -> Self {
        let mut text = String::with_capacity(name.len() + "_matchNr".len());
        text.push_str(name);
        Self {
            stem: text.len(),
            text,
        }
    }

    fn name(&self) -> &str {
        &self.text[..self.stem]
    }

    /// The name of the number of matches, `name_matchNr`.
    fn match_count(&mut self) -> &str {
        self.with("_matchNr")
    }

    /// The name of the number of groups, `name_g`.
    fn group_count(&mut self) -> &str {
        self.with("_g")
    }

    /// The name of a group, `name_g0`.
    fn group(&mut self, group: usize) -> &str {
        self.with("_g");
        self.text.push_str(itoa::Buffer::new().format(group));
        &self.text
    }

    fn with(&mut self, ending: &str) -> &str {
        self.text.truncate(self.stem);
        self.text.push_str(ending);
        &self.text
    }
}

/// The number of groups that an earlier run left behind.
fn group_count(count_name: &str, variables: &Variables) -> usize {
    let count = variables.get_by_name(count_name);
    let count: usize = count.and_then(|count| count.parse().ok()).unwrap_or(0);
    // A pattern has at most 65,535 groups; a larger number is the plan's own.
    count.min(65_535)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_taken_apart() {
        use TemplatePart::{Group, Literal};
        assert_eq!(*parse_template("$1$$22$"), [Group(1), Group(22)]);
        assert_eq!(
            *parse_template("$a$ $1$2$"),
            [Literal("$a$ "), Group(1), Literal("2$")]
        );
        assert_eq!(
            *parse_template("$$1$$"),
            [Literal("$"), Group(1), Literal("$")]
        );
        assert_eq!(*parse_template("$1"), [Literal("$1")]);
        assert_eq!(*parse_template(""), []);
    }
}
