//! Which JavaScript conditions of If Controllers can be run: comparisons of literals and references.
//!
//! Only the kinds of words are looked at, not how they are put together: references are replaced
//! before the condition is evaluated, so its form is known only then.

/// Whether `condition` consists of literals, `${references}`, comparisons, logic, arithmetic and
/// parentheses only.
pub(crate) fn is_comparison(condition: &str) -> bool {
    let mut rest = condition.trim_start();
    while !rest.is_empty() {
        match after_word(rest) {
            Some(next) => rest = next.trim_start(),
            None => return false,
        }
    }
    true
}

/// What follows the first word of `text`; `None` when the word is not one of those run.
fn after_word(text: &str) -> Option<&str> {
    const OPERATORS: &[&str] = &[
        "===", "!==", "==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "+", "-", "*", "/", "%",
        "(", ")",
    ];
    if let Some(inner) = text.strip_prefix("${") {
        return after_reference(inner);
    }
    let first = text.chars().next()?;
    if first == '"' || first == '\'' {
        return after_string(&text[1..], first);
    }
    if text.starts_with("//") || text.starts_with("/*") {
        return None;
    }
    if let Some(rest) = OPERATORS
        .iter()
        .find_map(|operator| text.strip_prefix(operator))
    {
        return Some(rest);
    }
    if first.is_ascii_digit() || first == '.' {
        let end = text
            .find(|character: char| !character.is_ascii_digit() && character != '.')
            .unwrap_or(text.len());
        return Some(&text[end..]);
    }
    let end = text
        .find(|character: char| !character.is_alphanumeric() && !"_$".contains(character))
        .unwrap_or(text.len());
    matches!(&text[..end], "true" | "false" | "null" | "undefined").then(|| &text[end..])
}

/// What follows the brace that closes a reference whose `${` stands before `text`.
fn after_reference(text: &str) -> Option<&str> {
    let mut depth = 1;
    for (at, character) in text.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(&text[at + 1..]);
        }
    }
    None
}

/// What follows the closing `quote` of a string.
fn after_string(text: &str, quote: char) -> Option<&str> {
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return Some(&text[at + 1..]),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(condition: &str, expected: bool) {
        assert_eq!(is_comparison(condition), expected, "{condition}");
    }

    #[test]
    fn comparisons_are_run() {
        check("", true);
        check("\"${x}\" == \"a b\"", true);
        check("${n} > 5 && !('${a}' !== 'b' || false)", true);
        check("${JMeterThread.last_sample_ok}", true);
        check("${__groovy(vars.get(\"a\") == \"{}\")}", true);
        check("'it\\'s' == '' ", true);
        check("${n}%2 == 0", true);
        check("(1.5 + 2) * 3 >= -1", true);
    }

    #[test]
    fn other_javascript_is_not() {
        check("vars.get('x') == 'a'", false);
        check("'${x}'.indexOf('a') > 0", false);
        check("${x} = 5", false);
        check("${x} ? true : false", false);
        check("\"${x}", false);
        check("${x", false);
        check("/a/.test('a')", false);
        check("true // always", false);
        check("function(){}", false);
        check("é == 1", false);
    }
}
