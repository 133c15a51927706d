//! JSON as JMeter's library reads it: a tree that keeps the order of keys and numbers as written.
//!
//! The grammar is json-smart's permissive one, since extractors meet bodies that are not quite
//! JSON: quotes may be single or missing, commas may be too many, text behind the value is ignored,
//! and a body that is no JSON at all, such as HTML, is one string.
//!
//! Not here: printing (see [`super::json_print`]).

use std::collections::HashMap;

use super::json_print::number_text;

/// Deepest nesting that is read; deeper is refused, since trees are walked by recursion.
const MAX_DEPTH: u32 = 400;

/// Objects with more keys than this are searched with an index while they are read.
const FEW_KEYS: usize = 16;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum JsonNode {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as written.
    Number(Box<str>),
    /// A string.
    Text(Box<str>),
    /// An array.
    Array(Vec<JsonNode>),
    /// An object; keys are unique and in the order of their first appearance.
    Object(Vec<(Box<str>, JsonNode)>),
}

impl JsonNode {
    /// The value of `key`, if this is an object that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&JsonNode> {
        match self {
            JsonNode::Object(members) => members
                .iter()
                .find(|(name, _)| **name == *key)
                .map(|(_, value)| value),
            _ => None,
        }
    }
}

/// Whether two values are equal in Java: keys in any order, `1` and `1.0` differ, `1.5` and `1.50`
/// do not.
pub(crate) fn is_same_value(one: &JsonNode, other: &JsonNode) -> bool {
    match (one, other) {
        (JsonNode::Number(one), JsonNode::Number(other)) => number_text(one) == number_text(other),
        (JsonNode::Array(one), JsonNode::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(a, b)| is_same_value(a, b))
        }
        (JsonNode::Object(members), JsonNode::Object(others)) => {
            members.len() == others.len()
                && members.iter().all(|(key, value)| {
                    other
                        .get(key)
                        .is_some_and(|found| is_same_value(value, found))
                })
        }
        _ => one == other,
    }
}

/// A text is no JSON, at a byte position.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no valid JSON at byte {position}")]
pub struct JsonError {
    /// Where reading stopped.
    pub position: usize,
}

/// Reads `text`.
///
/// # Errors
///
/// [`JsonError`] when even the permissive grammar does not fit.
pub fn parse_json(text: &str) -> Result<JsonNode, JsonError> {
    Reader {
        text,
        bytes: text.as_bytes(),
        position: 0,
    }
    .value(Stop::End, 0)
}

/// Where an unquoted text ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    /// At the end of the text.
    End,
    /// At `,` or `]`.
    Array,
    /// At `:`.
    Key,
    /// At `,` or `}`.
    Member,
}

impl Stop {
    fn holds(self, byte: u8) -> bool {
        match self {
            Stop::End => false,
            Stop::Array => matches!(byte, b',' | b']'),
            Stop::Key => byte == b':',
            Stop::Member => matches!(byte, b',' | b'}'),
        }
    }
}

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    position: usize,
}

impl<'t> Reader<'t> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.position).copied()
    }

    fn error<T>(&self) -> Result<T, JsonError> {
        Err(JsonError {
            position: self.position,
        })
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.position += 1;
        }
    }

    fn value(&mut self, stop: Stop, depth: u32) -> Result<JsonNode, JsonError> {
        if depth > MAX_DEPTH {
            return self.error();
        }
        self.skip_space();
        match self.peek() {
            None | Some(b':' | b'}' | b']') => self.error(),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(quote @ (b'"' | b'\'')) => Ok(JsonNode::Text(self.string(quote)?)),
            Some(b'-' | b'0'..=b'9') => Ok(self.number(stop)),
            Some(_) => Ok(match self.unquoted(self.position, stop) {
                "null" => JsonNode::Null,
                "true" => JsonNode::Bool(true),
                "false" => JsonNode::Bool(false),
                "NaN" => JsonNode::Number("NaN".into()),
                text => JsonNode::Text(text.into()),
            }),
        }
    }

    fn array(&mut self, depth: u32) -> Result<JsonNode, JsonError> {
        self.position += 1;
        let mut items = Vec::new();
        loop {
            self.skip_space();
            match self.peek() {
                None | Some(b':' | b'}') => return self.error(),
                Some(b',') => self.position += 1,
                Some(b']') => {
                    self.position += 1;
                    return Ok(JsonNode::Array(items));
                }
                Some(_) => items.push(self.value(Stop::Array, depth + 1)?),
            }
        }
    }

    fn object(&mut self, depth: u32) -> Result<JsonNode, JsonError> {
        self.position += 1;
        let mut members = Members::default();
        loop {
            self.skip_space();
            let key: Box<str> = match self.peek() {
                None | Some(b':' | b']' | b'[' | b'{') => return self.error(),
                Some(b',') => {
                    self.position += 1;
                    continue;
                }
                Some(b'}') => {
                    self.position += 1;
                    return Ok(JsonNode::Object(members.list));
                }
                Some(quote @ (b'"' | b'\'')) => self.string(quote)?,
                Some(_) => self.unquoted(self.position, Stop::Key).into(),
            };
            self.skip_space();
            if self.peek() != Some(b':') {
                return self.error();
            }
            self.position += 1;
            let value = self.value(Stop::Member, depth + 1)?;
            members.set(key, value);
            self.skip_space();
            if !matches!(self.peek(), Some(b',' | b'}')) {
                return self.error();
            }
        }
    }

    /// An unquoted text from `start`, trimmed, up to its stop.
    fn unquoted(&mut self, start: usize, stop: Stop) -> &'t str {
        while self.peek().is_some_and(|byte| !stop.holds(byte)) {
            self.position += 1;
        }
        self.text[start..self.position].trim_matches(|character| character <= ' ')
    }

    /// A number; what begins like one and is none is an unquoted text.
    fn number(&mut self, stop: Stop) -> JsonNode {
        let start = self.position;
        self.position += 1;
        self.skip_digits();
        if self.peek() == Some(b'.') {
            self.position += 1;
            self.skip_digits();
        }
        let mut complete = true;
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.position += 1;
            complete = matches!(self.peek(), Some(b'+' | b'-' | b'0'..=b'9'));
            if complete {
                self.position += 1;
                self.skip_digits();
            }
        }
        let number = &self.text[start..self.position];
        self.skip_space();
        match self.peek() {
            None if complete => JsonNode::Number(number.into()),
            Some(byte) if complete && stop.holds(byte) => JsonNode::Number(number.into()),
            _ => JsonNode::Text(self.unquoted(start, stop).into()),
        }
    }

    fn skip_digits(&mut self) {
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.position += 1;
        }
    }

    fn string(&mut self, quote: u8) -> Result<Box<str>, JsonError> {
        self.position += 1;
        let start = self.position;
        let mut out = String::new();
        loop {
            let rest = &self.bytes[self.position..];
            let Some(length) = memchr::memchr2(quote, b'\\', rest) else {
                self.position = self.bytes.len();
                return self.error();
            };
            let piece = &self.text[self.position..self.position + length];
            let is_whole = self.position == start;
            self.position += length + 1;
            if rest[length] == quote {
                // Most strings have no escapes and are copied once.
                if is_whole {
                    return Ok(piece.into());
                }
                out.push_str(piece);
                return Ok(out.into());
            }
            out.push_str(piece);
            let escape = self.peek();
            self.position += 1;
            match escape {
                Some(b'n') => out.push('\n'),
                Some(b't') => out.push('\t'),
                Some(b'r') => out.push('\r'),
                Some(b'b') => out.push('\u{8}'),
                Some(b'f') => out.push('\u{c}'),
                Some(byte @ (b'"' | b'\'' | b'\\' | b'/')) => out.push(char::from(byte)),
                Some(b'u') => out.push(self.unicode()?),
                Some(b'x') => {
                    let code = self.hex(2)?;
                    out.push(char::from_u32(code).unwrap_or('\u{fffd}'));
                }
                // An unknown escape is nothing; its character may have several bytes.
                Some(_) => {
                    while !self.text.is_char_boundary(self.position) {
                        self.position += 1;
                    }
                }
                None => return self.error(),
            }
        }
    }

    /// The character of `\uXXXX`, whose `\u` is read; a pair of surrogates is one.
    fn unicode(&mut self) -> Result<char, JsonError> {
        let first = self.hex(4)?;
        if let 0xd800..0xdc00 = first
            && self.bytes[self.position..].starts_with(b"\\u")
        {
            let back = self.position;
            self.position += 2;
            let second = self.hex(4)?;
            if let 0xdc00..0xe000 = second {
                let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or('\u{fffd}'));
            }
            self.position = back;
        }
        // A lone surrogate is no character.
        Ok(char::from_u32(first).unwrap_or('\u{fffd}'))
    }

    fn hex(&mut self, digits: usize) -> Result<u32, JsonError> {
        let mut code = 0;
        for _ in 0..digits {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else {
                return self.error();
            };
            code = code * 16 + digit;
            self.position += 1;
        }
        Ok(code)
    }
}

/// The members of an object while it is read: a repeated key keeps its place and takes the later
/// value.
#[derive(Default)]
struct Members {
    list: Vec<(Box<str>, JsonNode)>,
    index: HashMap<Box<str>, usize>,
}

impl Members {
    fn set(&mut self, key: Box<str>, value: JsonNode) {
        let known = if self.list.len() <= FEW_KEYS {
            self.list.iter().position(|(name, _)| *name == key)
        } else {
            if self.index.is_empty() {
                let names = self.list.iter().map(|(name, _)| name.clone());
                self.index = names.zip(0..).collect();
            }
            self.index.get(&key).copied()
        };
        match known {
            Some(place) => self.list[place].1 = value,
            None => {
                if self.list.len() > FEW_KEYS {
                    self.index.insert(key.clone(), self.list.len());
                }
                self.list.push((key, value));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::json_print::compact;
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let shown = match parse_json(text) {
            Ok(node) => compact(&node),
            Err(_) => "error".to_owned(),
        };
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn strict_json_is_kept_as_written() {
        check(
            r#" {"b": [1, -2.50, true, null], "a": {"x": "A😀"}} "#,
            r#"{"b":[1,-2.5,true,null],"a":{"x":"A😀"}}"#,
        );
        check(r#"{"a":1,"b":2,"a":3}"#, r#"{"a":3,"b":2}"#);
    }

    #[test]
    fn permissive_grammar() {
        check("{a:1,}", r#"{"a":1}"#);
        check("{'a':'x'} rest", r#"{"a":"x"}"#);
        check("[1 2,,]", r#"["1 2"]"#);
        check("[tru,+1,1e,1.]", r#"["tru","+1","1e",1.0]"#);
        check("<html>", r#""<html>""#);
        for text in [
            "",
            " ",
            r#"{"a":1"#,
            r#"{"a":}"#,
            "{:1}",
            r#"["x\u00"]"#,
            "]",
        ] {
            check(text, "error");
        }
    }

    #[test]
    fn many_keys_stay_unique() {
        let members: String = (0..100).map(|i| format!("\"k{}\":{i},", i % 50)).collect();
        let JsonNode::Object(members) = parse_json(&format!("{{{members}}}")).unwrap() else {
            panic!("an object");
        };
        assert_eq!(members.len(), 50);
        assert_eq!(members[3].1, JsonNode::Number("53".into()));
    }

    #[test]
    fn endless_nesting_is_refused() {
        check(&"[".repeat(100_000), "error");
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in r#"([\[\]{}:,"'\\ a1.e+-]|\\u00e9|é|null){0,40}"#) {
            let _ = parse_json(&text);
        }
    }
}
