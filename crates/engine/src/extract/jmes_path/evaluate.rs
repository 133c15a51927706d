//! The value of a JMESPath expression in a document.
//!
//! Values are borrowed from the document as long as nothing new is made of them.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::super::json_tree::JsonNode;
use super::function::Given;
use super::{Argument, Comparator, Expr, JmesPathError};

type Found<'j> = Result<Cow<'j, JsonNode>, JmesPathError>;

impl Expr {
    pub(super) fn search<'j>(&self, input: Cow<'j, JsonNode>) -> Found<'j> {
        match self {
            Expr::Current => Ok(input),
            Expr::Property(name) => Ok(property(input, name)),
            Expr::Index(index) => Ok(match item_position(&input, *index) {
                Some(position) => items(input).nth(position).unwrap_or(NULL),
                None => NULL,
            }),
            Expr::Slice { from, to, step } => Ok(slice(input, *from, *to, *step)),
            Expr::FlattenArray => Ok(flattened(input)),
            Expr::FlattenObject => Ok(match &*input {
                JsonNode::Object(_) => array(items(input)),
                _ => NULL,
            }),
            Expr::Selection(condition) => {
                if !is_array(&input) {
                    return Ok(NULL);
                }
                let mut selected = Vec::new();
                for item in items(input) {
                    let found = condition.search_in(&item)?;
                    if is_true(&found) {
                        selected.push(item.into_owned());
                    }
                }
                Ok(Cow::Owned(JsonNode::Array(selected)))
            }
            Expr::Projection(of_item) => {
                if !is_array(&input) {
                    return Ok(NULL);
                }
                let mut results = Vec::new();
                for item in items(input) {
                    let result = of_item.search(item)?;
                    if *result != JsonNode::Null {
                        results.push(result.into_owned());
                    }
                }
                Ok(Cow::Owned(JsonNode::Array(results)))
            }
            Expr::Sequence(steps) => {
                let mut value = input;
                for step in steps {
                    value = step.search(value)?;
                }
                Ok(value)
            }
            Expr::Or(one, other) => {
                let found = one.search_in(&input)?;
                if is_true(&found) {
                    return Ok(found);
                }
                other.search(input)
            }
            Expr::And(one, other) => {
                let found = one.search_in(&input)?;
                if !is_true(&found) {
                    return Ok(found);
                }
                other.search(input)
            }
            Expr::Not(negated) => {
                let found = negated.search(input)?;
                Ok(boolean(!is_true(&found)))
            }
            Expr::Compare(comparator, one, other) => {
                let one = one.search_in(&input)?;
                let other = other.search(input)?;
                Ok(compared(*comparator, &one, &other))
            }
            Expr::List(entries) => {
                if *input == JsonNode::Null {
                    return Ok(input);
                }
                let mut values = Vec::with_capacity(entries.len());
                for entry in entries {
                    values.push(entry.search_in(&input)?.into_owned());
                }
                Ok(Cow::Owned(JsonNode::Array(values)))
            }
            Expr::Hash(entries) => {
                if *input == JsonNode::Null {
                    return Ok(input);
                }
                let mut members = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    let value = value.search_in(&input)?.into_owned();
                    set_member(&mut members, key, value);
                }
                Ok(Cow::Owned(JsonNode::Object(members)))
            }
            Expr::Literal(value) => Ok(Cow::Owned(value.clone())),
            Expr::Call(function, arguments) => {
                let mut given = Vec::with_capacity(arguments.len());
                for argument in arguments {
                    given.push(match argument {
                        Argument::Value(value) => Given::Value(value.search_in(&input)?),
                        Argument::Reference(expression) => Given::Reference(expression),
                    });
                }
                function.call(given)
            }
        }
    }

    /// As [`search`](Self::search), for an input that is needed again.
    fn search_in<'j>(&self, input: &Cow<'j, JsonNode>) -> Found<'j> {
        match input {
            Cow::Borrowed(node) => self.search(Cow::Borrowed(node)),
            Cow::Owned(node) => {
                let found = self.search(Cow::Borrowed(node))?;
                Ok(Cow::Owned(found.into_owned()))
            }
        }
    }
}

const NULL: Cow<'static, JsonNode> = Cow::Owned(JsonNode::Null);

pub(super) fn boolean<'j>(value: bool) -> Cow<'j, JsonNode> {
    Cow::Owned(JsonNode::Bool(value))
}

fn is_array(node: &JsonNode) -> bool {
    matches!(node, JsonNode::Array(_))
}

fn array<'j>(items: impl Iterator<Item = Cow<'j, JsonNode>>) -> Cow<'j, JsonNode> {
    Cow::Owned(JsonNode::Array(items.map(Cow::into_owned).collect()))
}

/// Sets `key`, which keeps the place of its first value.
pub(super) fn set_member(members: &mut Vec<(Box<str>, JsonNode)>, key: &str, value: JsonNode) {
    match members.iter_mut().find(|(name, _)| **name == *key) {
        Some((_, known)) => *known = value,
        None => members.push((key.into(), value)),
    }
}

/// The items of an array, the values of an object; none of anything else.
pub(super) fn items<'j>(
    value: Cow<'j, JsonNode>,
) -> Box<dyn Iterator<Item = Cow<'j, JsonNode>> + 'j> {
    match value {
        Cow::Borrowed(JsonNode::Array(items)) => Box::new(items.iter().map(Cow::Borrowed)),
        Cow::Borrowed(JsonNode::Object(members)) => {
            Box::new(members.iter().map(|(_, value)| Cow::Borrowed(value)))
        }
        Cow::Owned(JsonNode::Array(items)) => Box::new(items.into_iter().map(Cow::Owned)),
        Cow::Owned(JsonNode::Object(members)) => {
            Box::new(members.into_iter().map(|(_, value)| Cow::Owned(value)))
        }
        _ => Box::new(std::iter::empty()),
    }
}

fn count(value: &JsonNode) -> usize {
    match value {
        JsonNode::Array(items) => items.len(),
        JsonNode::Object(members) => members.len(),
        _ => 0,
    }
}

fn property<'j>(input: Cow<'j, JsonNode>, name: &str) -> Cow<'j, JsonNode> {
    match input {
        Cow::Borrowed(node) => node.get(name).map_or(NULL, Cow::Borrowed),
        Cow::Owned(JsonNode::Object(members)) => {
            let found = members.into_iter().find(|(key, _)| **key == *name);
            found.map_or(NULL, |(_, value)| Cow::Owned(value))
        }
        Cow::Owned(_) => NULL,
    }
}

fn item_position(input: &JsonNode, index: i64) -> Option<usize> {
    if !is_array(input) {
        return None;
    }
    let count = i64::try_from(count(input)).unwrap_or(i64::MAX);
    let position = if index < 0 { count + index } else { index };
    usize::try_from(position).ok().filter(|_| position < count)
}

/// The items from `from` to before `to`; of what is no array, an empty array.
fn slice(
    input: Cow<'_, JsonNode>,
    from: Option<i64>,
    to: Option<i64>,
    step: i64,
) -> Cow<'_, JsonNode> {
    let count = i64::try_from(count(&input)).unwrap_or(i64::MAX);
    let forward = step > 0;
    let limit = if forward { 0 } else { -1 };
    let begin = match from {
        Some(from) if from < 0 => (count + from).max(0),
        Some(from) => from.min(count + limit),
        None => {
            if forward {
                0
            } else {
                count + limit
            }
        }
    };
    let end = match to {
        Some(to) if to < 0 => (count + to).max(limit),
        Some(to) => to.min(count),
        None => {
            if forward {
                count
            } else {
                limit
            }
        }
    };
    let rounding = if forward { step - 1 } else { step + 1 };
    let taken = ((end - begin + rounding) / step).max(0);
    let all: Vec<_> = items(input).collect();
    let chosen = (0..taken).filter_map(|turn| {
        let position = usize::try_from(begin + turn * step).ok()?;
        all.get(position).cloned()
    });
    array(chosen)
}

fn flattened(input: Cow<'_, JsonNode>) -> Cow<'_, JsonNode> {
    if !is_array(&input) {
        return NULL;
    }
    let mut flat = Vec::new();
    for item in items(input) {
        match is_array(&item) {
            true => flat.extend(items(item).map(Cow::into_owned)),
            false => flat.push(item.into_owned()),
        }
    }
    Cow::Owned(JsonNode::Array(flat))
}

/// Everything but `null`, `false` and what is empty.
fn is_true(value: &JsonNode) -> bool {
    match value {
        JsonNode::Null => false,
        JsonNode::Bool(value) => *value,
        JsonNode::Number(_) => true,
        JsonNode::Text(text) => !text.is_empty(),
        JsonNode::Array(_) | JsonNode::Object(_) => count(value) > 0,
    }
}

fn compared<'j>(comparator: Comparator, one: &JsonNode, other: &JsonNode) -> Cow<'j, JsonNode> {
    let order = order(one, other);
    let both_numbers = matches!((one, other), (JsonNode::Number(_), JsonNode::Number(_)));
    boolean(match comparator {
        Comparator::Equal => order == Some(Ordering::Equal),
        Comparator::NotEqual => order != Some(Ordering::Equal),
        _ if !both_numbers => return NULL,
        Comparator::Less => order.is_some_and(Ordering::is_lt),
        Comparator::LessOrEqual => order.is_some_and(Ordering::is_le),
        Comparator::Greater => order.is_some_and(Ordering::is_gt),
        Comparator::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
    })
}

/// How two values compare; those that have no order are either equal or `None`.
pub(super) fn order(one: &JsonNode, other: &JsonNode) -> Option<Ordering> {
    let equal = |is_equal: bool| is_equal.then_some(Ordering::Equal);
    match (one, other) {
        (JsonNode::Null, JsonNode::Null) => equal(true),
        (JsonNode::Bool(one), JsonNode::Bool(other)) => equal(one == other),
        (JsonNode::Number(one), JsonNode::Number(other)) => {
            Some(double(one).total_cmp(&double(other)))
        }
        (JsonNode::Text(one), JsonNode::Text(other)) => {
            // Java compares UTF-16 units.
            Some(one.encode_utf16().cmp(other.encode_utf16()))
        }
        (JsonNode::Array(one), JsonNode::Array(other)) => {
            let mut pairs = one.iter().zip(other);
            let same = one.len() == other.len() && pairs.all(|(one, other)| is_equal(one, other));
            equal(same)
        }
        (JsonNode::Object(members), JsonNode::Object(others)) => {
            let same = members.len() == others.len()
                && members.iter().all(|(key, value)| {
                    let other = other.get(key);
                    other.is_some_and(|other| is_equal(value, other))
                });
            equal(same)
        }
        _ => None,
    }
}

fn is_equal(one: &JsonNode, other: &JsonNode) -> bool {
    order(one, other) == Some(Ordering::Equal)
}

/// A number as a double.
pub(super) fn double(number: &str) -> f64 {
    number.parse().unwrap_or(f64::NAN)
}
