//! A YAML document as a tree whose nodes know where they stand and how they were written.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, Spanned};

/// A line and column of the document, both counted from 1, columns in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// A value and where it stands. Behind an alias that is the place of the alias.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) place: Place,
}

/// What a [`Node`] holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Scalar(Scalar),
    List(Vec<Node>),
    /// Entries in file order; a key may occur more than once.
    Map(Vec<(Key, Node)>),
}

/// A text, number or truth value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scalar {
    /// As written, without quotes and with escapes resolved.
    pub(crate) text: String,
    pub(crate) kind: ScalarKind,
    /// Whether it stands without quotes.
    pub(crate) is_plain: bool,
}

/// What a scalar is by the rules of YAML 1.2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum ScalarKind {
    Text,
    Flag(bool),
    Integer,
    Decimal(f64),
}

/// The key of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) text: String,
    pub(crate) place: Place,
}

/// Why a text is not YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    pub(crate) message: String,
    pub(crate) place: Place,
}

impl Value {
    /// What it is, for messages: "a list".
    pub(crate) fn describe(&self) -> &'static str {
        match self {
            Value::Null => "nothing",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
            Value::Scalar(scalar) => match scalar.kind {
                ScalarKind::Text => "a text",
                ScalarKind::Flag(_) => "a truth value",
                ScalarKind::Integer | ScalarKind::Decimal(_) => "a number",
            },
        }
    }
}

/// The tree of `text`; a text without any value is [`Value::Null`].
///
/// # Errors
///
/// When `text` is not YAML, holds several documents or mappings as keys, or exceeds the parser's
/// bounds on depth, size and aliases.
pub(crate) fn parse(text: &str) -> Result<Node, SyntaxError> {
    let options = serde_saphyr::options! {
        strict_booleans: true,
        with_snippet: false,
        // All duplicates are reported by the reader, with the other findings.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
    };
    match serde_saphyr::from_str_with_options::<Spanned<Raw>>(text, options) {
        Ok(raw) => raw_node(raw, text),
        Err(error) => {
            let message = match &error {
                serde_saphyr::Error::MultipleDocuments { .. } => {
                    "the file holds several YAML documents".to_owned()
                }
                _ => error.render_with_options(serde_saphyr::render_options! {
                    snippets: serde_saphyr::SnippetMode::Off,
                }),
            };
            Err(SyntaxError {
                message: without_place(&message).to_owned(),
                place: error.location().map(place).unwrap_or_default(),
            })
        }
    }
}

/// The parser ends its messages with the place, which diagnostics state in their own way.
fn without_place(message: &str) -> &str {
    let end = message.find(" at line ").unwrap_or(message.len());
    message[..end].trim_end_matches(['.', ':', ' '])
}

fn place(location: serde_saphyr::Location) -> Place {
    let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    Place {
        line: number(location.line()),
        column: number(location.column()),
    }
}

/// A value as the parser hands it over, before the source is looked at again.
enum Raw {
    Null,
    Scalar(String, ScalarKind),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<Raw>, Spanned<Raw>)>),
}

fn raw_node(raw: Spanned<Raw>, source: &str) -> Result<Node, SyntaxError> {
    let place = place(raw.referenced);
    let value = match raw.value {
        Raw::Null => Value::Null,
        Raw::Scalar(text, kind) => {
            let written = written(&raw.defined, source);
            let is_plain = match written {
                Some(written) => !written.starts_with(['"', '\'']),
                None => kind != ScalarKind::Text,
            };
            // A number keeps its spelling: `1.0` must not become `1`.
            let text = match written {
                Some(written) if kind != ScalarKind::Text => written.trim().to_owned(),
                _ => text,
            };
            Value::Scalar(Scalar {
                text,
                kind,
                is_plain,
            })
        }
        Raw::List(items) => {
            let items = items.into_iter().map(|item| raw_node(item, source));
            Value::List(items.collect::<Result<_, _>>()?)
        }
        Raw::Map(entries) => {
            let entries = entries
                .into_iter()
                .map(|(key, value)| Ok((raw_key(key, source)?, raw_node(value, source)?)));
            Value::Map(entries.collect::<Result<_, _>>()?)
        }
    };
    Ok(Node { value, place })
}

fn raw_key(raw: Spanned<Raw>, source: &str) -> Result<Key, SyntaxError> {
    let node = raw_node(raw, source)?;
    match node.value {
        Value::Scalar(scalar) => Ok(Key {
            text: scalar.text,
            place: node.place,
        }),
        other => Err(SyntaxError {
            message: format!("a key must be a text, not {}", other.describe()),
            place: node.place,
        }),
    }
}

/// The text of the source at `location`, if the parser knows it.
fn written<'s>(location: &serde_saphyr::Location, source: &'s str) -> Option<&'s str> {
    let span = location.span();
    let start = usize::try_from(span.byte_offset()?).ok()?;
    let length = usize::try_from(span.byte_len()?).ok()?;
    source.get(start..start.checked_add(length)?)
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a YAML value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Scalar(value.to_string(), ScalarKind::Flag(value)))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Scalar(value.to_string(), ScalarKind::Integer))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Scalar(value.to_string(), ScalarKind::Integer))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Scalar(value.to_string(), ScalarKind::Decimal(value)))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Scalar(value.to_owned(), ScalarKind::Text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Raw::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar(text: &str) -> Scalar {
        let node = parse(text).unwrap();
        let Value::Map(entries) = node.value else {
            panic!("no mapping")
        };
        match &entries[0].1.value {
            Value::Scalar(scalar) => scalar.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn scalars_keep_their_spelling_and_kind() {
        for (text, expected, kind, is_plain) in [
            ("a: 1.0", "1.0", ScalarKind::Decimal(1.0), true),
            ("a: 1_000", "1_000", ScalarKind::Integer, true),
            ("a: 007", "007", ScalarKind::Decimal(7.0), true),
            ("a: no", "no", ScalarKind::Text, true),
            ("a: true # said", "true", ScalarKind::Flag(true), true),
            ("a: \"1\"", "1", ScalarKind::Text, false),
            ("a: 'x'", "x", ScalarKind::Text, false),
            ("a: |\n  x\n", "x\n", ScalarKind::Text, true),
            ("a: ${user_id}", "${user_id}", ScalarKind::Text, true),
        ] {
            let expected = Scalar {
                text: expected.to_owned(),
                kind,
                is_plain,
            };
            assert_eq!(scalar(text), expected, "{text}");
        }
    }

    #[test]
    fn places_count_from_one() {
        let node = parse("a:\n  - b: ü\n    c: 1\n").unwrap();
        let Value::Map(entries) = &node.value else {
            panic!("no mapping")
        };
        let Value::List(items) = &entries[0].1.value else {
            panic!("no list")
        };
        let Value::Map(inner) = &items[0].value else {
            panic!("no mapping")
        };
        assert_eq!(inner[1].0.place, Place { line: 3, column: 5 });
        assert_eq!(inner[1].1.place, Place { line: 3, column: 8 });
    }

    #[test]
    fn duplicate_keys_are_kept() {
        let node = parse("a: 1\na: 2\n").unwrap();
        assert!(matches!(node.value, Value::Map(entries) if entries.len() == 2));
    }

    #[test]
    fn a_tab_is_a_syntax_error_with_its_place() {
        let error = parse("a:\n\tb: 1\n").unwrap_err();
        assert_eq!(error.place.line, 2);
        assert!(!error.message.is_empty());
    }

    #[test]
    fn an_empty_document_is_null() {
        assert_eq!(parse("# nothing\n").unwrap().value, Value::Null);
    }
}
