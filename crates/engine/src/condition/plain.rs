//! JavaScript that consists of literals and signs only: `"ok" == "ok" && 3 < 5`.
//!
//! Most conditions of plans are so once references are replaced, and are evaluated at every step of a
//! user: an engine for each would cost more than the request behind it.

use super::{ConditionNames, evaluate, lexer};

/// Nothing has a name here.
struct NoNames;

impl ConditionNames for NoNames {
    fn variable(&self, _name: &str) -> Option<String> {
        None
    }

    fn property(&self, _name: &str) -> Option<String> {
        None
    }
}

/// The text of the value of `script`, as JavaScript prints it, if it is so simple.
pub(crate) fn plain_value(script: &str) -> Option<String> {
    if !is_plain(script) {
        return None;
    }
    let tokens = lexer::tokens(script).ok()?;
    let value = evaluate::evaluate(&tokens, &NoNames).ok()?;
    Some(value.to_text())
}

/// Whether `script` has no words but those of values, and no signs but operators.
fn is_plain(script: &str) -> bool {
    let mut rest = script.trim_start();
    while !rest.is_empty() {
        match after_word(rest) {
            Some(next) => rest = next.trim_start(),
            None => return false,
        }
    }
    true
}

/// What follows the first word of `text`; `None` when the word is another one.
fn after_word(text: &str) -> Option<&str> {
    const OPERATORS: &[&str] = &[
        "===", "!==", "==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "+", "-", "*", "/", "%",
        "(", ")",
    ];
    const OTHERS: &[&str] = &["//", "/*", "++", "--", "**", "<<", ">>"];
    let first = text.chars().next()?;
    if first == '"' || first == '\'' {
        return after_string(&text[1..], first);
    }
    let begins = |sign: &&&str| text.starts_with(**sign);
    if OTHERS.iter().any(|sign| begins(&sign)) {
        return None;
    }
    if let Some(sign) = OPERATORS.iter().find(begins) {
        return Some(&text[sign.len()..]);
    }
    if first.is_ascii_digit() {
        let is_number = |letter: char| letter.is_ascii_digit() || letter == '.';
        let end = text.find(|letter: char| !is_number(letter));
        let (number, rest) = text.split_at(end.unwrap_or(text.len()));
        // A fraction has one point with digits on both sides; old octal numbers are left to the engine.
        let is_decimal = number == "0" || !number.starts_with('0') || number.starts_with("0.");
        let is_number = number.matches('.').count() <= 1 && !number.ends_with('.');
        let ends = !rest.starts_with(|next: char| next.is_alphanumeric() || "_$".contains(next));
        return (is_decimal && is_number && ends).then_some(rest);
    }
    let end = text
        .find(|letter: char| !letter.is_alphanumeric() && !"_$".contains(letter))
        .unwrap_or(text.len());
    matches!(&text[..end], "true" | "false" | "null").then(|| &text[end..])
}

/// What follows the closing `quote` of a string without escapes.
fn after_string(text: &str, quote: char) -> Option<&str> {
    let end = text.find([quote, '\\', '\n', '\r'])?;
    text[end..].strip_prefix(quote)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(script: &str, expected: Option<&str>) {
        assert_eq!(plain_value(script).as_deref(), expected, "{script}");
    }

    #[test]
    fn literals_and_operators_are_evaluated_as_javascript_does() {
        check("\"ok\" == 'ok'", Some("true"));
        check("5 > 3 && !('a' !== 'b' || false)", Some("false"));
        check("(1.5 + 2) * 3", Some("10.5"));
        check("1+2", Some("3"));
        check("6 / 2", Some("3"));
        check("'a' + 1", Some("a1"));
        check("1 / 0", Some("Infinity"));
        check("0.1 + 0.2", Some("0.30000000000000004"));
        check("1 / 4000000", Some("2.5e-7"));
        check("1000000000000 * 1000000000000", Some("1e+24"));
        check("-0", Some("0"));
        check("null == false", Some("false"));
        check("'${x}' == ''", Some("false"));
    }

    #[test]
    fn anything_else_is_left_to_the_engine() {
        for script in [
            "",
            "1 == ",
            "vars.get('x') == 'a'",
            "'abc'.indexOf('a') > 0",
            "${x} == 5",
            "x = 5",
            "true ? 1 : 2",
            "\"a",
            "'it\\'s'",
            "/a/.test('a')",
            "true // always",
            "1 and 2",
            "010 == 8",
            "1..2",
            "1.",
            "5px",
            "1--1",
            "1;",
        ] {
            check(script, None);
        }
    }
}
