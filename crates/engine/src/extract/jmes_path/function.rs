//! The functions of JMESPath.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::super::json_print::double_text;
use super::super::json_tree::{JsonNode, is_same_value};
use super::super::strict_json::strict_text;
use super::evaluate::{boolean, double, items, order, set_member};
use super::{Expr, JmesPathError};

/// A function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Abs,
    Avg,
    Ceil,
    Contains,
    EndsWith,
    Floor,
    Join,
    Keys,
    Length,
    Map,
    Max,
    MaxBy,
    Merge,
    Min,
    MinBy,
    NotNull,
    Reverse,
    Sort,
    SortBy,
    StartsWith,
    Sum,
    ToArray,
    ToNumber,
    ToString,
    Type,
    Values,
}

/// Name, least and most arguments.
const TABLE: &[(&str, Function, usize, usize)] = &[
    ("abs", Function::Abs, 1, 1),
    ("avg", Function::Avg, 1, 1),
    ("ceil", Function::Ceil, 1, 1),
    ("contains", Function::Contains, 2, 2),
    ("ends_with", Function::EndsWith, 2, 2),
    ("floor", Function::Floor, 1, 1),
    ("join", Function::Join, 2, 2),
    ("keys", Function::Keys, 1, 1),
    ("length", Function::Length, 1, 1),
    ("map", Function::Map, 2, 2),
    ("max", Function::Max, 1, 1),
    ("max_by", Function::MaxBy, 2, 2),
    ("merge", Function::Merge, 1, usize::MAX),
    ("min", Function::Min, 1, 1),
    ("min_by", Function::MinBy, 2, 2),
    ("not_null", Function::NotNull, 1, usize::MAX),
    ("reverse", Function::Reverse, 1, 1),
    ("sort", Function::Sort, 1, 1),
    ("sort_by", Function::SortBy, 2, 2),
    ("starts_with", Function::StartsWith, 2, 2),
    ("sum", Function::Sum, 1, 1),
    ("to_array", Function::ToArray, 1, 1),
    ("to_number", Function::ToNumber, 1, 1),
    ("to_string", Function::ToString, 1, 1),
    ("type", Function::Type, 1, 1),
    ("values", Function::Values, 1, 1),
];

/// An argument as it is given.
#[derive(Debug)]
pub(super) enum Given<'e, 'j> {
    Value(Cow<'j, JsonNode>),
    Reference(&'e Expr),
}

type Found<'j> = Result<Cow<'j, JsonNode>, JmesPathError>;

impl Function {
    pub(super) fn named(name: &str) -> Option<Self> {
        let row = TABLE.iter().find(|(known, ..)| *known == name)?;
        Some(row.1)
    }

    fn row(self) -> (&'static str, usize, usize) {
        let row = TABLE.iter().find(|(_, function, ..)| *function == self);
        row.map_or(("", 0, 0), |(name, _, least, most)| (name, *least, *most))
    }

    /// The least and the most number of arguments.
    pub(super) fn arity(self) -> (usize, usize) {
        let (_, least, most) = self.row();
        (least, most)
    }

    /// The result with as many arguments as the function takes.
    pub(super) fn call<'j>(self, arguments: Vec<Given<'_, 'j>>) -> Found<'j> {
        let mut arguments = Arguments {
            function: self,
            given: arguments.into_iter(),
        };
        let number = |value: f64| Ok(owned_number(value));
        match self {
            Function::Abs => number(arguments.double()?.abs()),
            Function::Ceil => number(arguments.double()?.ceil()),
            Function::Floor => number(arguments.double()?.floor()),
            Function::Avg => {
                let numbers = arguments.doubles()?;
                match numbers.len() {
                    0 => Ok(Cow::Owned(JsonNode::Null)),
                    count => number(numbers.iter().sum::<f64>() / count as f64),
                }
            }
            // Java begins with a zero that has no sign.
            Function::Sum => number(
                arguments
                    .doubles()?
                    .iter()
                    .fold(0.0, |sum, next| sum + next),
            ),
            Function::Contains => {
                let place = arguments.of("string or array", |node| {
                    matches!(node, JsonNode::Array(_) | JsonNode::Text(_))
                })?;
                let wanted = arguments.any()?;
                Ok(boolean(match &*place {
                    JsonNode::Array(items) => items.iter().any(|item| is_same_value(item, &wanted)),
                    other => strict_text(other).contains(&strict_text(&wanted)),
                }))
            }
            Function::StartsWith => {
                let (text, part) = (arguments.text()?, arguments.text()?);
                Ok(boolean(text.starts_with(&*part)))
            }
            Function::EndsWith => {
                let (text, part) = (arguments.text()?, arguments.text()?);
                Ok(boolean(text.ends_with(&*part)))
            }
            Function::Join => {
                let glue = arguments.text()?;
                let parts = arguments.items("array of string", |node| kind(node) == "string")?;
                let parts: Vec<String> = parts.iter().map(|part| strict_text(part)).collect();
                Ok(Cow::Owned(JsonNode::Text(parts.join(&glue).into())))
            }
            Function::Keys => match &*arguments.object()? {
                JsonNode::Object(members) => {
                    let keys = members.iter().map(|(key, _)| JsonNode::Text(key.clone()));
                    Ok(Cow::Owned(JsonNode::Array(keys.collect())))
                }
                _ => Ok(Cow::Owned(JsonNode::Null)),
            },
            Function::Values => Ok(owned_array(items(arguments.object()?))),
            Function::Length => {
                let value = arguments.of("string, array or object", |node| {
                    matches!(
                        node,
                        JsonNode::Text(_) | JsonNode::Array(_) | JsonNode::Object(_)
                    )
                })?;
                let length = match &*value {
                    JsonNode::Text(text) => text.encode_utf16().count(),
                    JsonNode::Array(items) => items.len(),
                    JsonNode::Object(members) => members.len(),
                    _ => 0,
                };
                Ok(Cow::Owned(JsonNode::Number(length.to_string().into())))
            }
            Function::Map => {
                let of_item = arguments.reference()?;
                let mut results = Vec::new();
                for item in arguments.items("array of any value", |_| true)? {
                    results.push(of_item.search(item)?.into_owned());
                }
                Ok(Cow::Owned(JsonNode::Array(results)))
            }
            Function::Max => Ok(extreme(arguments.comparable()?, Ordering::Greater)),
            Function::Min => Ok(extreme(arguments.comparable()?, Ordering::Less)),
            Function::MaxBy => {
                let keyed = arguments.keyed()?;
                Ok(extreme_by(keyed, Ordering::Greater))
            }
            Function::MinBy => {
                let keyed = arguments.keyed()?;
                Ok(extreme_by(keyed, Ordering::Less))
            }
            Function::Sort => {
                let mut items = arguments.comparable()?;
                items.sort_by(|one, other| order(one, other).unwrap_or(Ordering::Equal));
                Ok(owned_array(items.into_iter()))
            }
            Function::SortBy => {
                let mut keyed = arguments.keyed()?;
                keyed.sort_by(|(_, one), (_, other)| order(one, other).unwrap_or(Ordering::Equal));
                Ok(owned_array(keyed.into_iter().map(|(item, _)| item)))
            }
            Function::Merge => {
                let mut merged = Vec::new();
                while arguments.given.len() > 0 {
                    if let JsonNode::Object(members) = arguments.object()?.into_owned() {
                        for (key, value) in members {
                            set_member(&mut merged, &key, value);
                        }
                    }
                }
                Ok(Cow::Owned(JsonNode::Object(merged)))
            }
            Function::NotNull => {
                let mut found = Cow::Owned(JsonNode::Null);
                while arguments.given.len() > 0 {
                    let value = arguments.any()?;
                    if *found == JsonNode::Null {
                        found = value;
                    }
                }
                Ok(found)
            }
            Function::Reverse => {
                let value = arguments.of("array or string", |node| {
                    matches!(node, JsonNode::Array(_) | JsonNode::Text(_))
                })?;
                Ok(Cow::Owned(match value.into_owned() {
                    JsonNode::Array(mut items) => {
                        items.reverse();
                        JsonNode::Array(items)
                    }
                    JsonNode::Text(text) => {
                        JsonNode::Text(text.chars().rev().collect::<String>().into())
                    }
                    other => other,
                }))
            }
            Function::ToArray => {
                let value = arguments.any()?;
                Ok(match *value {
                    JsonNode::Array(_) => value,
                    _ => Cow::Owned(JsonNode::Array(vec![value.into_owned()])),
                })
            }
            Function::ToNumber => {
                let value = arguments.any()?;
                Ok(match &*value {
                    JsonNode::Number(_) => value,
                    JsonNode::Text(text) => match java_double(text) {
                        Some(whole) if whole == whole.round_ties_even() => {
                            // As in Java, what is too large becomes the largest.
                            let whole = whole as i64;
                            Cow::Owned(JsonNode::Number(whole.to_string().into()))
                        }
                        Some(number) => owned_number(number),
                        None => Cow::Owned(JsonNode::Null),
                    },
                    _ => Cow::Owned(JsonNode::Null),
                })
            }
            Function::ToString => {
                let value = arguments.any()?;
                Ok(Cow::Owned(JsonNode::Text(strict_text(&value).into())))
            }
            Function::Type => {
                let value = arguments.any()?;
                Ok(Cow::Owned(JsonNode::Text(kind(&value).into())))
            }
        }
    }
}

/// The arguments of a call, one after the other.
struct Arguments<'e, 'j> {
    function: Function,
    given: std::vec::IntoIter<Given<'e, 'j>>,
}

impl<'e, 'j> Arguments<'e, 'j> {
    fn wrong(&self, expected: &'static str, found: &'static str) -> JmesPathError {
        JmesPathError::ArgumentType {
            function: self.function.row().0,
            expected,
            found,
        }
    }

    fn any(&mut self) -> Found<'j> {
        self.of("any value", |_| true)
    }

    fn of(&mut self, expected: &'static str, fits: impl Fn(&JsonNode) -> bool) -> Found<'j> {
        match self.given.next() {
            Some(Given::Value(value)) if fits(&value) => Ok(value),
            Some(Given::Value(value)) => Err(self.wrong(expected, kind(&value))),
            _ => Err(self.wrong(expected, "expression")),
        }
    }

    fn object(&mut self) -> Found<'j> {
        self.of("object", |node| matches!(node, JsonNode::Object(_)))
    }

    fn text(&mut self) -> Result<String, JmesPathError> {
        let value = self.of("string", |node| matches!(node, JsonNode::Text(_)))?;
        Ok(strict_text(&value))
    }

    fn double(&mut self) -> Result<f64, JmesPathError> {
        match &*self.of("number", |node| matches!(node, JsonNode::Number(_)))? {
            JsonNode::Number(number) => Ok(double(number)),
            _ => Ok(f64::NAN),
        }
    }

    /// The items of an array, all of which fit.
    fn items(
        &mut self,
        expected: &'static str,
        fits: impl Fn(&JsonNode) -> bool,
    ) -> Result<Vec<Cow<'j, JsonNode>>, JmesPathError> {
        let value = self.of(expected, |node| matches!(node, JsonNode::Array(_)))?;
        let items: Vec<_> = items(value).collect();
        match items.iter().find(|item| !fits(item)) {
            Some(item) => Err(self.wrong(expected, kind(item))),
            None => Ok(items),
        }
    }

    fn doubles(&mut self) -> Result<Vec<f64>, JmesPathError> {
        let numbers = self.items("array of number", |node| kind(node) == "number")?;
        Ok(numbers
            .iter()
            .map(|number| match &**number {
                JsonNode::Number(number) => double(number),
                _ => f64::NAN,
            })
            .collect())
    }

    /// The items of an array of numbers or of texts.
    fn comparable(&mut self) -> Result<Vec<Cow<'j, JsonNode>>, JmesPathError> {
        const EXPECTED: &str = "array of number or string";
        let items = self.items(EXPECTED, |node| matches!(kind(node), "number" | "string"))?;
        let first = items.first().map(|item| kind(item));
        match items.iter().find(|item| Some(kind(item)) != first) {
            Some(_) => Err(self.wrong(EXPECTED, "array containing number and string")),
            None => Ok(items),
        }
    }

    fn reference(&mut self) -> Result<&'e Expr, JmesPathError> {
        match self.given.next() {
            Some(Given::Reference(expression)) => Ok(expression),
            Some(Given::Value(value)) => Err(self.wrong("expression", kind(&value))),
            None => Err(self.wrong("expression", "null")),
        }
    }

    /// The objects of an array, each with the number or text that an expression finds in it.
    fn keyed(&mut self) -> Result<Vec<Keyed<'j>>, JmesPathError> {
        let objects = self.items("array of object", |node| kind(node) == "object")?;
        let key_of = self.reference()?;
        let mut keyed: Vec<Keyed<'j>> = Vec::with_capacity(objects.len());
        for object in objects {
            let key = key_of.search(Cow::Borrowed(&*object))?.into_owned();
            let expected = match keyed.first() {
                None => "number or string",
                Some((_, JsonNode::Number(_))) => "number",
                Some(_) => "string",
            };
            let found = kind(&key);
            if !expected.contains(found) {
                return Err(self.wrong(expected, found));
            }
            keyed.push((object, key));
        }
        Ok(keyed)
    }
}

/// An item and what it is sorted by.
type Keyed<'j> = (Cow<'j, JsonNode>, JsonNode);

/// The first of the greatest or least items.
fn extreme(items: Vec<Cow<'_, JsonNode>>, wanted: Ordering) -> Cow<'_, JsonNode> {
    let best = items
        .into_iter()
        .reduce(|best, next| match order(&next, &best) == Some(wanted) {
            true => next,
            false => best,
        });
    best.unwrap_or(Cow::Owned(JsonNode::Null))
}

/// As [`extreme`], by keys.
fn extreme_by(items: Vec<Keyed<'_>>, wanted: Ordering) -> Cow<'_, JsonNode> {
    let best =
        items
            .into_iter()
            .reduce(|best, next| match order(&next.1, &best.1) == Some(wanted) {
                true => next,
                false => best,
            });
    best.map_or(Cow::Owned(JsonNode::Null), |(item, _)| item)
}

fn owned_number<'j>(value: f64) -> Cow<'j, JsonNode> {
    Cow::Owned(JsonNode::Number(double_text(value).into()))
}

fn owned_array<'j>(items: impl Iterator<Item = Cow<'j, JsonNode>>) -> Cow<'j, JsonNode> {
    Cow::Owned(JsonNode::Array(items.map(Cow::into_owned).collect()))
}

/// The type of a value, by its name in JMESPath.
fn kind(node: &JsonNode) -> &'static str {
    match node {
        JsonNode::Null => "null",
        JsonNode::Bool(_) => "boolean",
        JsonNode::Number(_) => "number",
        JsonNode::Text(_) => "string",
        JsonNode::Array(_) => "array",
        JsonNode::Object(_) => "object",
    }
}

/// Java's `Double.parseDouble`, without its hexadecimal notation.
fn java_double(text: &str) -> Option<f64> {
    let text = text.trim_matches(|character| character <= ' ');
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, "NaN" | "Infinity") {
        return text.parse().ok();
    }
    let digits = text.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(text);
    let allowed =
        |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-');
    digits.bytes().all(allowed).then(|| digits.parse().ok())?
}
