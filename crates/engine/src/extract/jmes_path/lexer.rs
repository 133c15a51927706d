//! The words of a JMESPath expression.

use super::super::json_tree::JsonNode;
use super::super::strict_json::parse_strict;
use super::Comparator;

/// A word.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Name(String),
    Quoted(String),
    Number(i64),
    /// `` `json` `` or `'text'`.
    Literal(JsonNode),
    Compare(Comparator),
    /// `[?`
    Filter,
    Or,
    And,
    /// One of `. * [ ] { } , : | ! @ & ( )`.
    Sign(char),
    End,
}

/// A word, what is wrong with it, and where it stands.
type Placed = (Token, usize);

/// Takes `text` apart; the last word is [`Token::End`].
///
/// # Errors
///
/// What is wrong and where.
pub(super) fn words(text: &str) -> Result<Vec<Placed>, (String, usize)> {
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let (token, length) = match first {
            ' ' | '\t' | '\n' | '\r' => {
                at += 1;
                continue;
            }
            'a'..='z' | 'A'..='Z' | '_' => name(rest),
            '0'..='9' | '-' => number(rest, at)?,
            '"' => {
                let length = quoted_length(rest, '"').ok_or_else(|| unclosed(at))?;
                let name = identifier(&rest[1..length - 1]).ok_or_else(|| escape(at))?;
                (Token::Quoted(name), length)
            }
            '\'' => {
                let length = quoted_length(rest, '\'').ok_or_else(|| unclosed(at))?;
                let text = unescaped(&rest[1..length - 1], &['\'', '\\']);
                (Token::Literal(JsonNode::Text(text.into())), length)
            }
            '`' => {
                let length = quoted_length(rest, '`').ok_or_else(|| unclosed(at))?;
                let json = unescaped(&rest[1..length - 1], &['`']);
                let whole = parse_strict(&json).ok().filter(|_| is_one_value(&json));
                let value = whole.ok_or_else(|| (format!("literal `{json}` is no JSON"), at))?;
                (Token::Literal(value), length)
            }
            _ => sign(rest, first).ok_or_else(|| (format!("unexpected `{first}`"), at))?,
        };
        words.push((token, at));
        at += length;
    }
    words.push((Token::End, text.len()));
    Ok(words)
}

fn unclosed(at: usize) -> (String, usize) {
    ("quote is not closed".to_owned(), at)
}

fn escape(at: usize) -> (String, usize) {
    ("escape is incomplete".to_owned(), at)
}

fn name(text: &str) -> (Token, usize) {
    let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let length = text
        .find(|character| !is_part(character))
        .unwrap_or(text.len());
    (Token::Name(text[..length].to_owned()), length)
}

fn number(text: &str, at: usize) -> Result<Placed, (String, usize)> {
    let digits = text.bytes().skip(1).take_while(u8::is_ascii_digit).count();
    let number = text[..=digits].parse::<i32>();
    let number = number.map_err(|_| (format!("`{}` is no number", &text[..=digits]), at))?;
    Ok((Token::Number(number.into()), digits + 1))
}

fn sign(text: &str, first: char) -> Option<Placed> {
    let two = |second: char| text[1..].starts_with(second);
    Some(match first {
        '[' if two('?') => (Token::Filter, 2),
        '|' if two('|') => (Token::Or, 2),
        '&' if two('&') => (Token::And, 2),
        '=' if two('=') => (Token::Compare(Comparator::Equal), 2),
        '!' if two('=') => (Token::Compare(Comparator::NotEqual), 2),
        '<' if two('=') => (Token::Compare(Comparator::LessOrEqual), 2),
        '>' if two('=') => (Token::Compare(Comparator::GreaterOrEqual), 2),
        '<' => (Token::Compare(Comparator::Less), 1),
        '>' => (Token::Compare(Comparator::Greater), 1),
        '.' | '*' | '[' | ']' | '{' | '}' | ',' | ':' | '|' | '!' | '@' | '&' | '(' | ')' => {
            (Token::Sign(first), 1)
        }
        _ => return None,
    })
}

/// The length of the text in quotes at the beginning of `text`; a backslash keeps what follows.
fn quoted_length(text: &str, quote: char) -> Option<usize> {
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        if character == quote {
            return Some(at + 1);
        }
        if character == '\\' {
            characters.next();
        }
    }
    None
}

/// `text` without the backslashes in front of `escaped` characters.
fn unescaped(text: &str, escaped: &[char]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        match characters.next() {
            Some(next) if escaped.contains(&next) => out.push(next),
            Some(next) => out.extend(['\\', next]),
            None => out.push('\\'),
        }
    }
    out
}

/// The name in a quoted identifier; `None` when an escape is cut off.
fn identifier(text: &str) -> Option<String> {
    if text.contains("\\u") {
        return match parse_strict(&format!("\"{text}\"")).ok()? {
            JsonNode::Text(name) => Some(name.into()),
            _ => None,
        };
    }
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        match characters.next()? {
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            other @ ('"' | '/' | '\\') => out.push(other),
            other => out.extend(['\\', other]),
        }
    }
    Some(out)
}

fn is_one_value(json: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(json).is_ok()
}
