//! The values that a filter compares, and Jayway's rules for comparing them.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::JsonPathError;
use crate::extract::json_print::{Decimal, number_text};
use crate::extract::json_tree::JsonNode;

/// A value of a filter.
#[derive(Clone, Debug)]
pub(super) enum Value<'a> {
    /// A path that is not there; equal to nothing, itself included.
    Undefined,
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as Java prints it.
    Number(String),
    /// A text.
    Text(Cow<'a, str>),
    /// An array or object.
    Tree(Cow<'a, JsonNode>),
}

impl<'a> Value<'a> {
    /// The value of `node`.
    pub(super) fn of(node: Cow<'a, JsonNode>) -> Self {
        match node {
            Cow::Borrowed(JsonNode::Text(text)) => Value::Text(Cow::Borrowed(text)),
            Cow::Owned(JsonNode::Text(text)) => Value::Text(Cow::Owned(text.into())),
            node => match &*node {
                JsonNode::Null => Value::Null,
                JsonNode::Bool(value) => Value::Bool(*value),
                JsonNode::Number(number) => Value::Number(number_text(number)),
                _ => Value::Tree(node),
            },
        }
    }

    /// The items of an array; `None` for an object.
    ///
    /// # Errors
    ///
    /// [`JsonPathError::NotFound`] for a value that is neither, which makes the whole condition fail,
    /// and [`JsonPathError::Invalid`] for an array that holds others, for which Jayway gives up.
    pub(super) fn items(&self) -> Result<Option<Vec<Value<'_>>>, JsonPathError> {
        let Value::Tree(tree) = self else {
            return Err(JsonPathError::NotFound);
        };
        let JsonNode::Array(items) = &**tree else {
            return Ok(None);
        };
        items
            .iter()
            .map(|item| match item {
                JsonNode::Array(_) | JsonNode::Object(_) => Err(JsonPathError::invalid(
                    "a filter compares with a list that holds lists or objects",
                )),
                _ => Ok(Value::of(Cow::Borrowed(item))),
            })
            .collect::<Result<_, _>>()
            .map(Some)
    }

    /// Number of characters (UTF-16 units, as in Java) or items.
    pub(super) fn size(&self) -> Option<usize> {
        match self {
            Value::Text(text) => Some(text.encode_utf16().count()),
            Value::Tree(tree) => match &**tree {
                JsonNode::Array(items) => Some(items.len()),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether this is an object.
    pub(super) fn is_object(&self) -> bool {
        matches!(self, Value::Tree(tree) if matches!(**tree, JsonNode::Object(_)))
    }

    /// `==`: a number and a text are compared as what the left side is.
    pub(super) fn equals(&self, other: &Value<'_>) -> bool {
        match (self, other) {
            (Value::Number(a), Value::Number(b)) => same_number(a, b),
            (Value::Number(a), Value::Text(b)) => same_number(a, b),
            (Value::Text(a), Value::Text(b)) => a == b,
            (Value::Text(a), Value::Number(b)) => {
                Decimal::parse(b).is_some_and(|number| number.text() == **a)
            }
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Null, Value::Null) => true,
            (Value::Tree(a), Value::Tree(b)) => same_tree(a, b),
            _ => false,
        }
    }

    /// `===`: kinds must agree too.
    pub(super) fn equals_strictly(&self, other: &Value<'_>) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other) && self.equals(other)
    }

    /// The order of two numbers or two texts; other values have none.
    pub(super) fn order(&self, other: &Value<'_>) -> Option<Ordering> {
        match (self, other) {
            (Value::Number(a), Value::Number(b)) => {
                Some(Decimal::parse(a)?.compare(&Decimal::parse(b)?))
            }
            (Value::Text(a), Value::Text(b)) => Some(a.encode_utf16().cmp(b.encode_utf16())),
            _ => None,
        }
    }
}

fn same_number(a: &str, b: &str) -> bool {
    match (Decimal::parse(a), Decimal::parse(b)) {
        (Some(a), Some(b)) => a.compare(&b) == Ordering::Equal,
        _ => false,
    }
}

/// Equality of Java's lists and maps: the order of keys does not count, `1` and `1.0` differ.
fn same_tree(a: &JsonNode, b: &JsonNode) -> bool {
    match (a, b) {
        (JsonNode::Array(a), JsonNode::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_tree(a, b))
        }
        (JsonNode::Object(a), JsonNode::Object(other)) => {
            a.len() == other.len()
                && a.iter()
                    .all(|(key, value)| b.get(key).is_some_and(|found| same_tree(value, found)))
        }
        (JsonNode::Number(a), JsonNode::Number(b)) => number_text(a) == number_text(b),
        _ => a == b,
    }
}
