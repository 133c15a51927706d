//! YAML text of a tree of values: blocks, with short mappings and lists on one line.
//!
//! Not here: what the values are.

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Yaml {
    /// A text, quoted where it would be taken for something else.
    Text(String),
    /// A number, flag, time or word, which needs no quotes.
    Plain(String),
    /// A list.
    List(Vec<Yaml>),
    /// A list whose items begin on lines of their own.
    Lines(Vec<Yaml>),
    /// A mapping.
    Map(Vec<(String, Yaml)>),
}

impl Yaml {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Yaml::Text(text.into())
    }

    pub(super) fn plain(text: impl ToString) -> Self {
        Yaml::Plain(text.to_string())
    }
}

/// Greatest number of characters on a line that holds a whole mapping or list.
const WIDTH: usize = 110;

/// The document with the entries of its mapping.
pub(super) fn document(entries: &[(String, Yaml)]) -> String {
    let mut out = String::new();
    for (key, value) in entries {
        entry(key, value, 0, &mut out);
    }
    out
}

/// A line that begins with `indent` and the key, and those of the value behind it.
fn entry(key: &str, value: &Yaml, indent: usize, out: &mut String) {
    spaces(indent, out);
    key_and_value(key, value, indent, out);
}

fn key_and_value(key: &str, value: &Yaml, indent: usize, out: &mut String) {
    let start = out.len();
    scalar(key, true, out);
    out.push(':');
    let used = indent + (out.len() - start) + 1;
    match value {
        Yaml::Text(text) if is_block(text) => {
            out.push(' ');
            block(text, indent + 2, out);
        }
        Yaml::Text(_) | Yaml::Plain(_) => {
            out.push(' ');
            inline(value, false, out);
            out.push('\n');
        }
        Yaml::Map(_) | Yaml::List(_) | Yaml::Lines(_) => match on_one_line(value, used) {
            Some(line) => {
                out.push(' ');
                out.push_str(&line);
                out.push('\n');
            }
            None => {
                out.push('\n');
                lines(value, indent + 2, out);
            }
        },
    }
}

/// The entries or items of `value`, each beginning on a line of its own.
fn lines(value: &Yaml, indent: usize, out: &mut String) {
    match value {
        Yaml::Map(entries) => {
            for (key, value) in entries {
                entry(key, value, indent, out);
            }
        }
        Yaml::List(items) | Yaml::Lines(items) => {
            for item in items {
                spaces(indent, out);
                out.push_str("- ");
                list_item(item, indent, out);
            }
        }
        Yaml::Text(_) | Yaml::Plain(_) => {}
    }
}

fn list_item(item: &Yaml, indent: usize, out: &mut String) {
    match item {
        Yaml::Text(text) if is_block(text) => block(text, indent + 2, out),
        Yaml::Text(_) | Yaml::Plain(_) => {
            inline(item, false, out);
            out.push('\n');
        }
        Yaml::Map(entries) if !entries.is_empty() => {
            for (index, (key, value)) in entries.iter().enumerate() {
                if index > 0 {
                    spaces(indent + 2, out);
                }
                key_and_value(key, value, indent + 2, out);
            }
        }
        other => match on_one_line(other, indent + 2) {
            Some(line) => {
                out.push_str(&line);
                out.push('\n');
            }
            // A list in a list.
            None => {
                out.push('\n');
                lines(other, indent + 2, out);
            }
        },
    }
}

fn spaces(count: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', count));
}

/// `value` on one line, if it fits behind `used` characters.
fn on_one_line(value: &Yaml, used: usize) -> Option<String> {
    if !may_be_on_one_line(value) {
        return None;
    }
    let mut line = String::new();
    inline(value, true, &mut line);
    let is_empty = matches!(value, Yaml::Map(entries) if entries.is_empty())
        || matches!(value, Yaml::List(items) | Yaml::Lines(items) if items.is_empty());
    (is_empty || used + line.chars().count() <= WIDTH).then_some(line)
}

fn may_be_on_one_line(value: &Yaml) -> bool {
    match value {
        Yaml::Text(text) => !is_block(text),
        Yaml::Plain(_) => true,
        Yaml::List(items) => items.iter().all(may_be_on_one_line),
        Yaml::Lines(items) => items.is_empty(),
        Yaml::Map(entries) => entries.iter().all(|(_, value)| may_be_on_one_line(value)),
    }
}

fn inline(value: &Yaml, in_flow: bool, out: &mut String) {
    match value {
        Yaml::Text(text) => scalar(text, in_flow, out),
        Yaml::Plain(text) => out.push_str(text),
        Yaml::List(items) | Yaml::Lines(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                inline(item, true, out);
            }
            out.push(']');
        }
        Yaml::Map(entries) => {
            out.push('{');
            for (index, (key, value)) in entries.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                scalar(key, true, out);
                out.push_str(": ");
                inline(value, true, out);
            }
            out.push('}');
        }
    }
}

/// Whether a text of several lines can stand as a literal block, which shows it as it is.
fn is_block(text: &str) -> bool {
    let is_quiet = |c: char| c == '\n' || c == '\t' || !(c.is_control() || is_unprintable(c));
    text.contains('\n')
        && text.chars().all(is_quiet)
        && !text.starts_with([' ', '\t', '\n'])
        && !text.ends_with("\n\n")
        && text.lines().all(|line| !line.ends_with([' ', '\t']))
}

fn block(text: &str, indent: usize, out: &mut String) {
    out.push_str(if text.ends_with('\n') { "|\n" } else { "|-\n" });
    for line in text.lines() {
        if !line.is_empty() {
            spaces(indent, out);
            out.push_str(line);
        }
        out.push('\n');
    }
}

fn scalar(text: &str, in_flow: bool, out: &mut String) {
    if is_plain(text, in_flow) {
        out.push_str(text);
    } else {
        quoted(text, out);
    }
}

/// Whether a text reads as itself without quotes, everywhere.
fn is_plain(text: &str, in_flow: bool) -> bool {
    let begins = |c: char| c.is_alphanumeric() || matches!(c, '/' | '_' | '$');
    let holds = |c: char| {
        c.is_alphanumeric()
            || matches!(
                c,
                '/' | '_'
                    | '$'
                    | '.'
                    | '-'
                    | '+'
                    | '='
                    | '('
                    | ')'
                    | ';'
                    | '?'
                    | '<'
                    | '>'
                    | '~'
                    | '^'
                    | ' '
                    | '*'
                    | '%'
                    | '@'
                    | '!'
                    | '&'
                    | '|'
            )
            || (!in_flow && matches!(c, '{' | '}' | ',' | '"' | '\''))
            || c == ':'
    };
    let is_word = |word: &str| text.eq_ignore_ascii_case(word);
    text.starts_with(begins)
        && !is_odd_number(text)
        && text.chars().all(holds)
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !(in_flow && text.contains(':') && !is_url(text))
        && !["null", "true", "false", "yes", "no", "on", "off", "y", "n"]
            .iter()
            .any(|word| is_word(word))
}

/// Whether a text may be a number that YAML writes otherwise than people do.
fn is_odd_number(text: &str) -> bool {
    let is_simple = text.chars().all(|c| c.is_ascii_digit() || c == '.');
    let is_number = text.replace('_', "").parse::<f64>().is_ok();
    let is_coded = text.starts_with('0') && text.chars().nth(1).is_some_and(char::is_alphabetic);
    !is_simple && (is_number || is_coded)
}

/// In a flow mapping only the colon of a URL is sure to stand in a plain text.
fn is_url(text: &str) -> bool {
    text.matches(':').count() == 1 && text.contains("://")
}

fn quoted(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || is_unprintable(c) => {
                let code = u32::from(c);
                if code <= 0xffff {
                    out.push_str(&format!("\\u{code:04X}"));
                } else {
                    out.push_str(&format!("\\U{code:08X}"));
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Characters that YAML takes for line ends or a byte order mark, or does not allow as they are.
fn is_unprintable(character: char) -> bool {
    matches!(
        character,
        '\u{85}' | '\u{a0}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: Yaml, expected: &str) {
        assert_eq!(document(&[("a".to_owned(), value)]), expected);
    }

    #[test]
    fn texts_are_quoted_where_they_must_be() {
        check(Yaml::text("/users/${id}/"), "a: /users/${id}/\n");
        check(Yaml::text("no"), "a: \"no\"\n");
        check(Yaml::text(""), "a: \"\"\n");
        check(Yaml::text("a: b"), "a: \"a: b\"\n");
        check(Yaml::text("\u{1}\r\""), "a: \"\\u0001\\r\\\"\"\n");
        check(Yaml::text("x\ny\n"), "a: |\n  x\n  y\n");
        check(Yaml::text("x\n\n  y"), "a: |-\n  x\n\n    y\n");
        check(Yaml::text(" x\ny"), "a: \" x\\ny\"\n");
    }

    #[test]
    fn short_values_stand_on_one_line() {
        let map = Yaml::Map(vec![
            ("users".to_owned(), Yaml::plain(5)),
            ("x".to_owned(), Yaml::List(vec![Yaml::text("{b}")])),
        ]);
        check(map.clone(), "a: {users: 5, x: [\"{b}\"]}\n");
        check(
            Yaml::Lines(vec![map]),
            "a:\n  - users: 5\n    x: [\"{b}\"]\n",
        );
        check(Yaml::Map(Vec::new()), "a: {}\n");
    }
}
