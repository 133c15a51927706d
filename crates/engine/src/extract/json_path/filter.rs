//! Conditions of filters, `[?(@.price < 10 && @.isbn)]`, by Jayway's `FilterCompiler`.

use std::borrow::Cow;
use std::cmp::Ordering;

use pcre2::bytes::{Regex, RegexBuilder};

use super::cursor::Cursor;
use super::value::Value;
use super::{JsonPath, JsonPathError, evaluate, parser};
use crate::extract::json_tree::{JsonNode, parse_json};

/// Deepest nesting of parentheses and negations.
const MAX_DEPTH: u32 = 64;

/// A condition on an item.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    /// A path is there, or not.
    Exists {
        path: JsonPath,
        wanted: bool,
    },
    Compare {
        left: Operand,
        operator: Operator,
        right: Operand,
    },
}

/// One side of a comparison.
#[derive(Clone, Debug)]
pub(super) enum Operand {
    Path { path: JsonPath, negated: bool },
    Literal(Value<'static>),
    Pattern(Regex),
}

/// How two sides are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    StrictlyEqual,
    NotStrictlyEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Matches,
    In,
    NotIn,
    Contains,
    All,
    Size,
    Empty,
    SubsetOf,
    AnyOf,
    NoneOf,
}

/// Parses `text`, a condition in its parentheses, which stands in `depth` filters.
pub(super) fn parse(text: &str, depth: u32) -> Result<Condition, JsonPathError> {
    let mut parser = Parser {
        cursor: Cursor::new(text),
        depth,
        nesting: 0,
    };
    let condition = parser.any()?;
    match parser.cursor.skip_blanks() {
        None => Ok(condition),
        Some(_) => Err(parser.unexpected()),
    }
}

struct Parser {
    cursor: Cursor,
    depth: u32,
    nesting: u32,
}

impl Parser {
    fn unexpected(&self) -> JsonPathError {
        JsonPathError::invalid(format!(
            "unexpected text in a filter at character {}",
            self.cursor.position + 1
        ))
    }

    /// Steps over `text`, if it comes next.
    fn takes(&mut self, text: &str) -> bool {
        self.cursor.skip_blanks();
        let end = self.cursor.position + text.len();
        let found = end <= self.cursor.end() && self.cursor.text(self.cursor.position, end) == text;
        if found {
            self.cursor.position = end;
        }
        found
    }

    fn any(&mut self) -> Result<Condition, JsonPathError> {
        let mut parts = vec![self.all()?];
        while self.takes("||") {
            parts.push(self.all()?);
        }
        Ok(match parts.len() {
            1 => parts.remove(0),
            _ => Condition::Any(parts),
        })
    }

    fn all(&mut self) -> Result<Condition, JsonPathError> {
        let mut parts = vec![self.operand_of_and()?];
        while self.takes("&&") {
            parts.push(self.operand_of_and()?);
        }
        Ok(match parts.len() {
            1 => parts.remove(0),
            _ => Condition::All(parts),
        })
    }

    fn operand_of_and(&mut self) -> Result<Condition, JsonPathError> {
        self.nesting += 1;
        if self.nesting > MAX_DEPTH {
            return Err(JsonPathError::invalid("a filter is nested too deeply"));
        }
        let condition = self.operand_of_and_unbounded();
        self.nesting -= 1;
        condition
    }

    fn operand_of_and_unbounded(&mut self) -> Result<Condition, JsonPathError> {
        let begin = self.cursor.position;
        if self.takes("!") {
            match self.cursor.skip_blanks() {
                Some('$' | '@') => self.cursor.position = begin,
                _ => return Ok(Condition::Not(Box::new(self.operand_of_and()?))),
            }
        }
        if self.takes("(") {
            let condition = self.any()?;
            if !self.takes(")") {
                return Err(self.unexpected());
            }
            return Ok(condition);
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Condition, JsonPathError> {
        let left = self.operand()?;
        let behind_left = self.cursor.position;
        if let Ok(operator) = self.operator()
            && let Ok(right) = self.operand()
        {
            return Ok(Condition::Compare {
                left,
                operator,
                right,
            });
        }
        self.cursor.position = behind_left;
        match left {
            Operand::Path { path, negated } => Ok(Condition::Exists {
                path,
                wanted: !negated,
            }),
            _ => Err(self.unexpected()),
        }
    }

    fn operator(&mut self) -> Result<Operator, JsonPathError> {
        let is_sign = |character| matches!(character, '<' | '>' | '=' | '~' | '!');
        let starts_with_sign = self.cursor.skip_blanks().is_some_and(is_sign);
        let begin = self.cursor.position;
        while let Some(character) = self.cursor.current() {
            if (starts_with_sign && !is_sign(character)) || (!starts_with_sign && character == ' ')
            {
                break;
            }
            self.cursor.position += 1;
        }
        let text = self.cursor.text(begin, self.cursor.position);
        Ok(match text.to_uppercase().as_str() {
            "==" => Operator::Equal,
            "!=" => Operator::NotEqual,
            "===" => Operator::StrictlyEqual,
            "!==" => Operator::NotStrictlyEqual,
            "<" => Operator::Less,
            "<=" => Operator::LessOrEqual,
            ">" => Operator::Greater,
            ">=" => Operator::GreaterOrEqual,
            "=~" => Operator::Matches,
            "IN" => Operator::In,
            "NIN" => Operator::NotIn,
            "CONTAINS" => Operator::Contains,
            "ALL" => Operator::All,
            "SIZE" => Operator::Size,
            "EMPTY" => Operator::Empty,
            "SUBSETOF" => Operator::SubsetOf,
            "ANYOF" => Operator::AnyOf,
            "NONEOF" => Operator::NoneOf,
            _ => return Err(self.unexpected()),
        })
    }

    fn operand(&mut self) -> Result<Operand, JsonPathError> {
        match self.cursor.skip_blanks() {
            Some('$' | '@') => self.path(),
            Some('!') => {
                self.cursor.position += 1;
                match self.cursor.skip_blanks() {
                    Some('$' | '@') => self.path(),
                    _ => Err(self.unexpected()),
                }
            }
            Some(quote @ ('\'' | '"')) => self.text(quote),
            Some('/') => self.pattern(),
            Some('{') => self.tree('{', '}'),
            Some('[') => self.tree('[', ']'),
            Some('t') => self.word("true", Value::Bool(true)),
            Some('f') => self.word("false", Value::Bool(false)),
            Some('n') => self.word("null", Value::Null),
            Some(_) => self.number(),
            None => Err(self.unexpected()),
        }
    }

    fn path(&mut self) -> Result<Operand, JsonPathError> {
        let negated = matches!(self.cursor.previous_significant(), Some((_, '!')));
        let begin = self.cursor.position;
        self.cursor.position += 1;
        while let Some(mut character) = self.cursor.current() {
            if character == '[' {
                let position = self.cursor.position;
                let close = self.cursor.matching_close(position, '[', ']', false);
                self.cursor.position = close.ok_or_else(|| self.unexpected())? + 1;
                match self.cursor.current() {
                    Some(next) => character = next,
                    None => break,
                }
            }
            let ends = match character {
                '<' | '>' | '=' | '~' | '!' | ' ' => true,
                ')' => !self.closes_function(begin),
                _ => false,
            };
            if ends {
                break;
            }
            // A bracket right behind a bracket is looked at by itself.
            if character != '[' {
                self.cursor.position += 1;
            }
        }
        let text = self.cursor.text(begin, self.cursor.position);
        Ok(Operand::Path {
            path: parser::parse_nested(&text, self.depth)?,
            negated,
        })
    }

    /// Whether the parenthesis at the present position closes that of a function in the path that
    /// begins at `begin`.
    fn closes_function(&self, begin: usize) -> bool {
        match self.cursor.previous_significant() {
            Some((open, '(')) => (begin + 1..open).any(|index| self.cursor.at(index) == Some('.')),
            _ => false,
        }
    }

    fn text(&mut self, quote: char) -> Result<Operand, JsonPathError> {
        let begin = self.cursor.position;
        let close = self.cursor.next_unescaped(begin, quote);
        let close = close.ok_or_else(|| self.unexpected())?;
        let text = parser::unescape(&self.cursor.text(begin + 1, close));
        self.cursor.position = close + 1;
        Ok(Operand::Literal(Value::Text(Cow::Owned(text))))
    }

    fn word(&mut self, word: &str, value: Value<'static>) -> Result<Operand, JsonPathError> {
        if self.takes(word) {
            Ok(Operand::Literal(value))
        } else {
            Err(self.unexpected())
        }
    }

    fn number(&mut self) -> Result<Operand, JsonPathError> {
        let begin = self.cursor.position;
        while let Some('0'..='9' | '-' | '.' | 'E' | 'e') = self.cursor.current() {
            self.cursor.position += 1;
        }
        let text = self.cursor.text(begin, self.cursor.position);
        if crate::extract::json_print::Decimal::parse(&text).is_none() {
            return Err(self.unexpected());
        }
        Ok(Operand::Literal(Value::Number(text)))
    }

    fn tree(&mut self, open: char, close: char) -> Result<Operand, JsonPathError> {
        let begin = self.cursor.position;
        let end = self.cursor.matching_close(begin, open, close, false);
        let end = end.ok_or_else(|| self.unexpected())?;
        let node = parse_json(&self.cursor.text(begin, end + 1))
            .map_err(|error| JsonPathError::invalid(error.to_string()))?;
        self.cursor.position = end + 1;
        Ok(Operand::Literal(Value::of(Cow::Owned(node))))
    }

    /// `/pattern/flags`, in Java's dialect; the whole text has to match.
    fn pattern(&mut self) -> Result<Operand, JsonPathError> {
        let begin = self.cursor.position;
        let close = self.cursor.next_unescaped(begin, '/');
        let close = close.ok_or_else(|| self.unexpected())?;
        let pattern = self.cursor.text(begin + 1, close);
        self.cursor.position = close + 1;
        let mut builder = RegexBuilder::new();
        builder.utf(true).jit_if_available(true);
        while let Some(flag) = self.cursor.current().filter(char::is_ascii_alphabetic) {
            match flag {
                'i' => builder.caseless(true),
                'm' => builder.multi_line(true),
                's' => builder.dotall(true),
                'x' => builder.extended(true),
                'U' => builder.ucp(true),
                'd' | 'u' => &mut builder,
                _ => return Err(self.unexpected()),
            };
            self.cursor.position += 1;
        }
        let regex = builder
            .build(&format!("(*ANY)\\A(?:{pattern})\\z"))
            .map_err(|error| JsonPathError::invalid(error.to_string()))?;
        Ok(Operand::Pattern(regex))
    }
}

impl Condition {
    /// Whether the condition holds for `item` in the document `root`.
    pub(super) fn holds(&self, item: &JsonNode, root: &JsonNode) -> Result<bool, JsonPathError> {
        match self.test(item, root) {
            // Jayway takes a fault of a filter's own path for a condition that does not hold.
            Err(JsonPathError::NotFound) => Ok(false),
            other => other,
        }
    }

    fn test(&self, item: &JsonNode, root: &JsonNode) -> Result<bool, JsonPathError> {
        match self {
            Condition::All(parts) => {
                for part in parts {
                    if !part.test(item, root)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Condition::Any(parts) => {
                for part in parts {
                    if part.test(item, root)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Condition::Not(part) => Ok(!part.test(item, root)?),
            Condition::Exists { path, wanted } => {
                let exists = match evaluate::select(path, item, root, true) {
                    Ok(hits) => !hits.is_empty() || !path.is_definite(),
                    Err(JsonPathError::NotFound) => false,
                    Err(error) => return Err(error),
                };
                Ok(exists == *wanted)
            }
            Condition::Compare {
                left,
                operator,
                right,
            } => compare(left, *operator, right, item, root),
        }
    }
}

/// The value of an operand; a pattern has none.
fn value<'a>(
    operand: &'a Operand,
    item: &'a JsonNode,
    root: &'a JsonNode,
) -> Result<Value<'a>, JsonPathError> {
    match operand {
        Operand::Literal(value) => Ok(value.clone()),
        Operand::Pattern(_) => Ok(Value::Undefined),
        Operand::Path { path, .. } => {
            let start = if path.from_root { root } else { item };
            match evaluate::select(path, start, root, false) {
                Ok(mut hits) if path.is_definite() => match hits.pop() {
                    Some(hit) => Ok(Value::of(hit)),
                    None => Ok(Value::Undefined),
                },
                Ok(hits) => {
                    let items = hits.into_iter().map(Cow::into_owned).collect();
                    Ok(Value::Tree(Cow::Owned(JsonNode::Array(items))))
                }
                Err(JsonPathError::NotFound) => Ok(Value::Undefined),
                Err(error) => Err(error),
            }
        }
    }
}

fn compare(
    left: &Operand,
    operator: Operator,
    right: &Operand,
    item: &JsonNode,
    root: &JsonNode,
) -> Result<bool, JsonPathError> {
    if operator == Operator::Matches {
        return match (left, right) {
            (Operand::Pattern(_), Operand::Pattern(_)) => Ok(false),
            (Operand::Pattern(regex), text) | (text, Operand::Pattern(regex)) => {
                matches(regex, &value(text, item, root)?)
            }
            _ => Ok(false),
        };
    }
    let left = value(left, item, root)?;
    let right = value(right, item, root)?;
    let ordered = |wanted: &[Ordering]| left.order(&right).is_some_and(|o| wanted.contains(&o));
    Ok(match operator {
        Operator::Equal => left.equals(&right),
        Operator::NotEqual => !left.equals(&right),
        Operator::StrictlyEqual => left.equals_strictly(&right),
        Operator::NotStrictlyEqual => !left.equals_strictly(&right),
        Operator::Less => ordered(&[Ordering::Less]),
        Operator::LessOrEqual => ordered(&[Ordering::Less, Ordering::Equal]),
        Operator::Greater => ordered(&[Ordering::Greater]),
        Operator::GreaterOrEqual => ordered(&[Ordering::Greater, Ordering::Equal]),
        Operator::Matches => false,
        Operator::In => right.items()?.is_some_and(|items| holds(&items, &left)),
        Operator::NotIn => !right.items()?.is_some_and(|items| holds(&items, &left)),
        Operator::Contains => match (&left, &right) {
            (Value::Text(text), Value::Text(part)) => text.contains(&**part),
            (Value::Tree(_), _) => left.items()?.is_some_and(|items| holds(&items, &right)),
            _ => false,
        },
        // Jayway cannot read its list from a path's text, so the condition as a whole fails.
        Operator::All => return Err(JsonPathError::NotFound),
        Operator::Size => match &right {
            Value::Number(wanted) => {
                let wanted = wanted.parse::<f64>().unwrap_or(f64::NAN).trunc();
                match left.size() {
                    Some(size) => wanted == size as f64,
                    // Java's answer for the length of what is no list.
                    None => left.is_object() && wanted == -1.0,
                }
            }
            _ => false,
        },
        Operator::Empty if left.is_object() => {
            return Err(JsonPathError::invalid(
                "`empty` cannot be applied to an object",
            ));
        }
        Operator::Empty => match (left.size(), &right) {
            (None, _) => false,
            (Some(size), Value::Bool(wanted)) => (size == 0) == *wanted,
            (Some(_), _) => return Err(JsonPathError::NotFound),
        },
        Operator::SubsetOf | Operator::AnyOf | Operator::NoneOf => {
            let Some(others) = right.items()? else {
                return Ok(false);
            };
            let Some(items) = left.items()? else {
                return Ok(false);
            };
            match operator {
                Operator::SubsetOf => items.iter().all(|item| holds(&others, item)),
                Operator::AnyOf => items.iter().any(|item| holds(&others, item)),
                _ => !items.iter().any(|item| holds(&others, item)),
            }
        }
    })
}

/// Whether `wanted` is among `items`.
fn holds(items: &[Value<'_>], wanted: &Value<'_>) -> bool {
    items.iter().any(|found| wanted.equals(found))
}

/// Whether `regex` matches the text of `value`, or any of its items.
fn matches(regex: &Regex, value: &Value<'_>) -> Result<bool, JsonPathError> {
    let is_match = |value: &Value<'_>| {
        let text = match value {
            Value::Text(text) => text,
            Value::Number(number) => number.as_str(),
            Value::Bool(true) => "true",
            Value::Bool(false) => "false",
            Value::Tree(_) | Value::Null | Value::Undefined => "",
        };
        regex.is_match(text.as_bytes()).unwrap_or(false)
    };
    match value {
        Value::Tree(_) => Ok(value
            .items()?
            .is_some_and(|items| items.iter().any(is_match))),
        _ => Ok(is_match(value)),
    }
}
