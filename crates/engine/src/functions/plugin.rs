//! The functions of the plugin set that plans use most ("Custom JMeter Functions"): `__if`,
//! `__isDefined`, `__doubleSum`, `__chooseRandom`, `__base64Encode`, `__strReplace` and others.
//!
//! Unlike JMeter's own functions some of these do not trim the name of the variable that keeps their
//! value, and some keep it under an empty name; both are as in the plugins.
//!
//! Not here: `__MD5` (see [`super::digest`]), `__env` (see [`super::machine`]), queues (`__fifoPut`
//! and its relatives), whose users wait for each other.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use loadline_plan::program::Call;
use rand::RngExt as _;

use super::{Problem, argument, java_trim, print};
use crate::Scope;
use crate::extract::java_double;

/// How a function keeps its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    /// The name is trimmed; even an empty one keeps a value.
    Trimmed,
    /// The name is taken as it is; an empty one keeps nothing.
    AsIs,
}

/// Appends `value` and keeps it in the variable that the parameter at `index` names, if it is given.
fn give(
    value: &str,
    call: &Call,
    index: usize,
    name: Name,
    scope: &mut Scope<'_>,
    out: &mut Vec<u8>,
) {
    out.extend_from_slice(value.as_bytes());
    if call.parameters.len() <= index {
        return;
    }
    let variable = argument(call, index, scope);
    match name {
        Name::Trimmed => scope.variables.set_by_name(java_trim(&variable), value),
        Name::AsIs if variable.is_empty() => {}
        Name::AsIs => scope.variables.set_by_name(&variable, value),
    }
}

/// `__if(text,expected,then,else[,variable])`.
pub(super) fn either(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    let is_equal = argument(call, 0, scope) == argument(call, 1, scope);
    let chosen = argument(call, if is_equal { 2 } else { 3 }, scope);
    give(&chosen, call, 4, Name::Trimmed, scope, out);
}

/// `__isDefined(name)`: `1` or `0`.
pub(super) fn is_defined(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    let name = argument(call, 0, scope);
    let is_set = scope.variables.get_by_name(java_trim(&name)).is_some();
    print(out, u8::from(is_set));
}

/// `__strLen(text[,variable])`: in units of UTF-16.
pub(super) fn length(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    let length = argument(call, 0, scope).encode_utf16().count().to_string();
    give(&length, call, 1, Name::Trimmed, scope, out);
}

/// `__uppercase(text[,variable])`.
pub(super) fn upper(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    let changed = argument(call, 0, scope).to_uppercase();
    give(&changed, call, 1, Name::Trimmed, scope, out);
}

/// `__lowercase(text[,variable])`.
pub(super) fn lower(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    let changed = argument(call, 0, scope).to_lowercase();
    give(&changed, call, 1, Name::Trimmed, scope, out);
}

/// `__substring(text,begin,end[,variable])`: units of UTF-16 from `begin`, from 0, to before `end`.
pub(super) fn substring(
    call: &Call,
    scope: &mut Scope<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Problem> {
    let units: Vec<u16> = argument(call, 0, scope).encode_utf16().collect();
    let mut index = |parameter| -> Result<i32, Problem> {
        let text = argument(call, parameter, scope);
        let text = java_trim(&text);
        let words = "a whole number of 32 bits";
        text.parse().map_err(|_| Problem::no_number(text, words))
    };
    let (begin, end) = (index(1)?, index(2)?);
    let bounds = usize::try_from(begin).ok().zip(usize::try_from(end).ok());
    let part = bounds.and_then(|(begin, end)| units.get(begin..end));
    let part = part.ok_or_else(|| {
        let length = units.len();
        Problem::thrown(
            format!("{begin} to {end} is no part of a text with {length} characters"),
            "java.lang.StringIndexOutOfBoundsException",
            format!("begin {begin}, end {end}, length {length}"),
        )
    })?;
    let part = String::from_utf16_lossy(part);
    give(&part, call, 3, Name::AsIs, scope, out);
    Ok(())
}

/// `__strReplace(text,part,replacement[,variable])`.
pub(super) fn replace(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    let text = argument(call, 0, scope);
    let part = argument(call, 1, scope);
    let replacement = argument(call, 2, scope);
    let replaced = text.replace(&*part, &replacement);
    give(&replaced, call, 3, Name::AsIs, scope, out);
}

/// `__strReplaceRegex(text,pattern,replacement[,variable])`: with Java's regular expressions and replacements.
///
/// In version 2.1 of the plugin this one is called `__strReplace` too; the names here are those of later ones.
pub(super) fn replace_regex(
    call: &Call,
    scope: &mut Scope<'_>,
    out: &mut Vec<u8>,
) -> Result<(), String> {
    let text = argument(call, 0, scope);
    let pattern = argument(call, 1, scope);
    let replacement = argument(call, 2, scope);
    let replaced = loadline_script::java_replace_all(&text, &pattern, &replacement)?;
    give(&replaced, call, 3, Name::AsIs, scope, out);
    Ok(())
}

/// `__chooseRandom(text,text,...,variable)`.
pub(super) fn choose(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    let last = call.parameters.len().saturating_sub(1);
    let index = scope.chance.random_range(0..last.max(1));
    let chosen = argument(call, index, scope);
    let variable = argument(call, last, scope);
    out.extend_from_slice(chosen.as_bytes());
    if !java_trim(&variable).is_empty() {
        scope.variables.set_by_name(java_trim(&variable), &chosen);
    }
}

/// `__doubleSum(a,b,...[,variable])`: the last one is the name of a variable unless it is a number.
pub(super) fn sum(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) -> Result<(), Problem> {
    let last = call.parameters.len().saturating_sub(1);
    let name = argument(call, last, scope);
    let name = java_trim(&name);
    let mut sum = 0.0;
    for index in 0..last {
        let text = argument(call, index, scope);
        sum += parse_double(&text).ok_or_else(|| Problem::no_number(&text, "a number"))?;
    }
    let added = parse_double(name);
    sum += added.unwrap_or(0.0);
    let sum = if sum.is_nan() {
        "NaN".to_owned()
    } else {
        java_double(sum)
    };
    out.extend_from_slice(sum.as_bytes());
    if added.is_none() && !name.is_empty() {
        scope.variables.set_by_name(name, &sum);
    }
    Ok(())
}

/// Java's `Double.parseDouble`, without hexadecimal numbers.
fn parse_double(text: &str) -> Option<f64> {
    let text = java_trim(text);
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !matches!(unsigned, "NaN" | "Infinity") && unsigned.starts_with(char::is_alphabetic) {
        return None;
    }
    let number = text.strip_suffix(['d', 'D', 'f', 'F']);
    let number =
        number.filter(|number| number.ends_with(|last: char| last.is_ascii_digit() || last == '.'));
    number.unwrap_or(text).parse().ok()
}

/// `__base64Encode(text[,variable])`.
pub(super) fn base64_encode(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    let text = argument(call, 0, scope);
    let encoded = base64::prelude::BASE64_STANDARD.encode(text.as_bytes());
    give(&encoded, call, 1, Name::AsIs, scope, out);
}

/// `__base64Decode(text[,variable])`: of either alphabet; other characters are passed over, and what
/// is behind the padding too, as Commons Codec does.
pub(super) fn base64_decode(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    let text = argument(call, 0, scope);
    let digits: String = text
        .chars()
        .take_while(|character| *character != '=')
        .filter(|character| character.is_ascii_alphanumeric() || "+/-_".contains(*character))
        .map(|character| match character {
            '-' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    // A single digit at the end is less than a byte.
    let whole = digits.len() - usize::from(digits.len() % 4 == 1);
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let decoded = GeneralPurpose::new(&STANDARD, config).decode(&digits[..whole]);
    let decoded = decoded.unwrap_or_default();
    let text = String::from_utf8_lossy(&decoded);
    give(&text, call, 1, Name::AsIs, scope, out);
}

/// `__caseFormat(text[,mode=LOWER_CAMEL_CASE][,variable])`: words between white space, `-` and `_`
/// put together in another way.
pub(super) fn case_format(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    let text = argument(call, 0, scope);
    let mode = argument(call, 1, scope);
    let words = words(&text);
    let changed: Cow<'_, str> = match mode.to_uppercase().as_str() {
        "" | "LOWER_CAMEL_CASE" => camel(&words, false).into(),
        "UPPER_CAMEL_CASE" => camel(&words, true).into(),
        "SNAKE_CASE" | "LOWER_UNDERSCORE" => words.join("_").to_lowercase().into(),
        "KEBAB_CASE" | "LISP_CASE" | "SPINAL_CASE" | "LOWER_HYPHEN" => {
            words.join("-").to_lowercase().into()
        }
        "TRAIN_CASE" => words.join("-").to_uppercase().into(),
        "UPPER_UNDERSCORE" => words.join("_").to_uppercase().into(),
        _ => Cow::Borrowed(&*text),
    };
    out.extend_from_slice(changed.as_bytes());
    if call.parameters.len() > 2 {
        let variable = argument(call, 2, scope);
        if !java_trim(&variable).is_empty() {
            scope.variables.set_by_name(java_trim(&variable), &changed);
        }
    }
}

/// The words of a text; what is empty at its end is left out, at its beginning it is not.
fn words(text: &str) -> Vec<&str> {
    let is_between = |character: char| matches!(character, ' ' | '\t'..='\r' | '-' | '_');
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(is_between) {
        words.push(&rest[..at]);
        rest = rest[at..].trim_start_matches(is_between);
    }
    words.push(rest);
    while words.len() > 1 && words.last().is_some_and(|word| word.is_empty()) {
        words.pop();
    }
    words
}

fn camel(words: &[&str], capital_first: bool) -> String {
    let mut out = String::new();
    for (index, word) in words.iter().enumerate() {
        let word = word.to_lowercase();
        let mut characters = word.chars();
        match characters.next() {
            Some(first) if index > 0 || capital_first => {
                out.extend(first.to_uppercase());
                out.push_str(characters.as_str());
            }
            _ => out.push_str(&word),
        }
    }
    out
}
