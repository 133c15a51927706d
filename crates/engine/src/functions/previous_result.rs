//! `__regexFunction(regex,template[,match=1][,between][,default][,variable][,input variable])`: the
//! body of the user's previous result, searched.
//!
//! Not here: the extractor of that kind (see [`crate::extract`]), which sets other variables.

use loadline_plan::program::Call;
use rand::RngExt as _;
use smallvec::SmallVec;

use super::{Problem, argument};
use crate::extract::{MOST_MATCHES, OroMatch, TemplatePart, parse_template};
use crate::{ResultView, Scope};

/// The function. A pattern that is malformed gives an empty text, as in JMeter.
pub(super) fn search(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) -> Result<(), Problem> {
    let template = argument(call, 1, scope);
    let template = parse_template(&template);
    let wanted = argument(call, 2, scope);
    let between = argument(call, 3, scope);
    let default = argument(call, 4, scope);
    let name = argument(call, 5, scope);
    let input = argument(call, 6, scope);
    if !name.is_empty() {
        scope.variables.set_by_name(&name, &default);
    }
    let text = if !input.is_empty() {
        scope.variables.get_by_name(&input).map(str::to_owned)
    } else {
        let previous = scope.previous.map(ResultView::new);
        previous.map(|previous| previous.body().to_owned())
    };
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        out.extend_from_slice(default.as_bytes());
        return Ok(());
    };
    let pattern = argument(call, 0, scope);
    let regex = scope.functions.patterns.regex(&pattern);
    let found = match &regex {
        Ok(regex) => regex
            .find_all(&text, MOST_MATCHES)
            .map_err(|error| error.to_string())?,
        Err(_) => SmallVec::new(),
    };
    if !name.is_empty() {
        let count = found.len().to_string();
        scope
            .variables
            .set_by_name(&format!("{name}_matchNr"), &count);
    }
    if regex.is_err() {
        return Ok(());
    }
    if found.is_empty() {
        out.extend_from_slice(default.as_bytes());
        return Ok(());
    }
    let out_of_range = || format!("there is no match `{wanted}`, only {}", found.len());
    let chosen: &[OroMatch] = match &*wanted {
        "ALL" => &found,
        "RAND" => {
            let index = scope.chance.random_range(0..found.len());
            &found[index..=index]
        }
        wanted => {
            let number = match wanted {
                "" => 1,
                wanted => match wanted.parse::<i32>() {
                    Ok(number) => i64::from(number),
                    Err(_) => fraction(wanted, found.len())
                        .ok_or_else(|| format!("`{wanted}` is no number of a match"))?,
                },
            };
            if number > found.len() as i64 {
                out.extend_from_slice(default.as_bytes());
                return Ok(());
            }
            let index = usize::try_from(number - 1).map_err(|_| out_of_range())?;
            &found[index..=index]
        }
    };
    for (index, one) in chosen.iter().enumerate() {
        if index > 0 {
            out.extend_from_slice(between.as_bytes());
        }
        save(&name, &template, one, &text, scope, out);
    }
    Ok(())
}

/// The number of the match at a share of all, rounded.
fn fraction(text: &str, count: usize) -> Option<i64> {
    let share: f32 = text.trim().parse().ok()?;
    // JMeter computes with 32 bits here.
    Some((count as f32 * share + 0.5) as i64)
}

/// Appends the template's text and sets the variables of one match.
fn save(
    name: &str,
    template: &[TemplatePart<'_>],
    found: &OroMatch,
    text: &str,
    scope: &mut Scope<'_>,
    out: &mut Vec<u8>,
) {
    for group in 0..found.groups.len() {
        let group_name = format!("{name}_g{group}");
        match found.group(group, text) {
            Some(value) => scope.variables.set_by_name(&group_name, value),
            None => scope.variables.remove_by_name(&group_name),
        }
    }
    let value: String = template
        .iter()
        .map(|part| match part {
            TemplatePart::Literal(literal) => literal,
            // Java prints a group that took no part as `null`.
            TemplatePart::Group(group) => found.group(*group, text).unwrap_or("null"),
        })
        .collect();
    if !name.is_empty() {
        scope.variables.set_by_name(name, &value);
    }
    out.extend_from_slice(value.as_bytes());
}
