//! Walks a document along a path, in the order and with the exceptions of Jayway's tokens.

use std::borrow::Cow;

use super::filter::Condition;
use super::{Function, JsonPath, JsonPathError, Token};
use crate::extract::json_print::{double_text, number_text};
use crate::extract::json_tree::JsonNode;

/// The values that `path` selects below `start`, in a document whose root is `root`.
///
/// With `required` a missing key is [`JsonPathError::NotFound`] everywhere, as in tests for
/// existence.
pub(super) fn select<'a>(
    path: &JsonPath,
    start: &'a JsonNode,
    root: &'a JsonNode,
    required: bool,
) -> Result<Vec<Cow<'a, JsonNode>>, JsonPathError> {
    let mut walk = Walk {
        path,
        root,
        required,
        hits: Vec::new(),
        array_index: vec![None; path.tokens.len()],
    };
    walk.deliver(0, start)?;
    Ok(walk.hits)
}

struct Walk<'a, 'p> {
    path: &'p JsonPath,
    root: &'a JsonNode,
    required: bool,
    hits: Vec<Cow<'a, JsonNode>>,
    /// For each token the index that a scan (`..`) last gave it.
    ///
    /// Jayway keeps it and lets a last name pass only right behind `[index]` with the same index,
    /// which is how `$..[0].title` works and why `$..*.title` finds next to nothing. It keeps the
    /// index from one document to the next, too; here each document starts afresh.
    array_index: Vec<Option<usize>>,
}

impl<'a> Walk<'a, '_> {
    fn is_last(&self, index: usize) -> bool {
        index + 1 == self.path.tokens.len()
    }

    /// Goes on with the token at `index`, or takes `node` as a hit behind the last one.
    fn deliver(&mut self, index: usize, node: &'a JsonNode) -> Result<(), JsonPathError> {
        if index == self.path.tokens.len() {
            self.hits.push(Cow::Borrowed(node));
            return Ok(());
        }
        self.step(index, node)
    }

    /// Applies the token at `index` to `node`.
    fn step(&mut self, index: usize, node: &'a JsonNode) -> Result<(), JsonPathError> {
        match &self.path.tokens[index] {
            Token::Property(names) => self.properties(index, names, node),
            Token::Wildcard => self.wildcard(index, node),
            Token::Index(indexes) => {
                if let Some(items) = self.array(index, node)? {
                    for &at in indexes {
                        self.item(index, items, at)?;
                    }
                }
                Ok(())
            }
            Token::Slice { from, to } => self.slice(index, *from, *to, node),
            Token::Scan => self.scan(index, node),
            Token::Filter(condition) => self.filter(index, condition, node),
            Token::Function(function) => {
                self.hits.push(Cow::Owned(apply(*function, node)?));
                Ok(())
            }
        }
    }

    fn properties(
        &mut self,
        index: usize,
        names: &[String],
        node: &'a JsonNode,
    ) -> Result<(), JsonPathError> {
        let JsonNode::Object(_) = node else {
            return self.missing_unless(!self.path.is_definite_before(index));
        };
        if let [name] = names {
            return self.property(index, name, node);
        }
        if !self.is_last(index) {
            return names
                .iter()
                .try_for_each(|name| self.property(index, name, node));
        }
        let mut picked: Vec<(Box<str>, JsonNode)> = Vec::new();
        for name in names {
            match node.get(name) {
                Some(value) if !picked.iter().any(|(known, _)| **known == **name) => {
                    picked.push((name.as_str().into(), value.clone()));
                }
                Some(_) => {}
                None if self.required => return Err(JsonPathError::NotFound),
                None => {}
            }
        }
        self.hits.push(Cow::Owned(JsonNode::Object(picked)));
        Ok(())
    }

    /// One key of an object.
    fn property(
        &mut self,
        index: usize,
        name: &str,
        object: &'a JsonNode,
    ) -> Result<(), JsonPathError> {
        let Some(value) = object.get(name) else {
            if self.is_last(index) {
                return self.missing_unless(!self.required);
            }
            let definite = self.path.is_definite_before(index) && self.path.is_definite_at(index);
            return self.missing_unless(!definite && !self.required);
        };
        self.member(index, value)
    }

    /// The value of a key, reached by the token at `index`.
    fn member(&mut self, index: usize, value: &'a JsonNode) -> Result<(), JsonPathError> {
        if !self.is_last(index) {
            return self.step(index + 1, value);
        }
        let passes = match self.array_index[index] {
            None => true,
            Some(at) => index.checked_sub(1).is_some_and(|before| {
                matches!(&self.path.tokens[before],
                    Token::Index(indexes) if matches!(indexes[..], [only] if only == at as i64))
            }),
        };
        if passes {
            self.hits.push(Cow::Borrowed(value));
        }
        Ok(())
    }

    fn wildcard(&mut self, index: usize, node: &'a JsonNode) -> Result<(), JsonPathError> {
        match node {
            JsonNode::Object(members) => {
                for (_, value) in members {
                    let result = self.member(index, value);
                    self.tolerate(result)?;
                }
            }
            JsonNode::Array(items) => {
                for item in items {
                    let result = self.deliver(index + 1, item);
                    self.tolerate(result)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Behind a wildcard a branch without the wanted keys is no failure.
    fn tolerate(&self, result: Result<(), JsonPathError>) -> Result<(), JsonPathError> {
        match result {
            Err(JsonPathError::NotFound) if !self.required => Ok(()),
            other => other,
        }
    }

    fn slice(
        &mut self,
        index: usize,
        from: Option<i64>,
        to: Option<i64>,
        node: &'a JsonNode,
    ) -> Result<(), JsonPathError> {
        let Some(items) = self.array(index, node)? else {
            return Ok(());
        };
        let length = items.len() as i64;
        let (start, end) = match (from, to) {
            // Of the four forms only `[from:]` and `[:to]` count a negative bound from the end.
            (Some(from), None) if from < 0 => ((length + from).max(0), length),
            (Some(from), None) => (from, length),
            (Some(from), Some(to)) => (from, to.min(length)),
            (None, Some(to)) if to < 0 => (0, length + to),
            (None, to) => (0, to.unwrap_or(length).min(length)),
        };
        if length == 0 {
            return Ok(());
        }
        // A start far before the array, as in `[-9999999:2]`, names no items until its begin.
        for at in start.max(-length)..end {
            self.item(index, items, at)?;
        }
        Ok(())
    }

    /// One item of an array, counted from its end when `at` is negative; none if it has not so
    /// many.
    fn item(&mut self, index: usize, items: &'a [JsonNode], at: i64) -> Result<(), JsonPathError> {
        let at = if at < 0 { items.len() as i64 + at } else { at };
        match usize::try_from(at).ok().and_then(|at| items.get(at)) {
            Some(item) => self.deliver(index + 1, item),
            None => Ok(()),
        }
    }

    /// The items of an array; `None` where something else may stand.
    fn array(
        &self,
        index: usize,
        node: &'a JsonNode,
    ) -> Result<Option<&'a [JsonNode]>, JsonPathError> {
        match node {
            JsonNode::Array(items) => Ok(Some(items)),
            _ => self
                .missing_unless(!self.path.is_definite_before(index))
                .map(|()| None),
        }
    }

    fn filter(
        &mut self,
        index: usize,
        condition: &Condition,
        node: &'a JsonNode,
    ) -> Result<(), JsonPathError> {
        match node {
            JsonNode::Object(_) => {
                if condition.holds(node, self.root)? {
                    self.deliver(index + 1, node)?;
                }
                Ok(())
            }
            JsonNode::Array(items) => {
                for item in items {
                    if condition.holds(item, self.root)? {
                        self.deliver(index + 1, item)?;
                    }
                }
                Ok(())
            }
            _ if self.path.is_definite_before(index) => Err(JsonPathError::invalid(
                "a filter cannot be applied to a text, number, boolean or null",
            )),
            _ => Ok(()),
        }
    }

    /// `..`: applies the next token to `node` and everything below it.
    fn scan(&mut self, index: usize, node: &'a JsonNode) -> Result<(), JsonPathError> {
        let next = index + 1;
        match node {
            JsonNode::Object(members) => {
                if self.scan_stops_at(next, node)? {
                    self.step(next, node)?;
                }
                for (_, value) in members {
                    self.scan(index, value)?;
                }
            }
            JsonNode::Array(items) => {
                if self.scan_stops_at(next, node)? {
                    if self.is_last(next) {
                        self.step(next, node)?;
                    } else {
                        for (at, item) in items.iter().enumerate() {
                            self.array_index[next + 1] = Some(at);
                            self.step(next + 1, item)?;
                        }
                    }
                }
                for item in items {
                    self.scan(index, item)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether the token behind a scan applies to `node`.
    fn scan_stops_at(&self, next: usize, node: &'a JsonNode) -> Result<bool, JsonPathError> {
        let Some(token) = self.path.tokens.get(next) else {
            return Ok(false);
        };
        Ok(match token {
            Token::Property(names) => {
                matches!(node, JsonNode::Object(_))
                    && (!self.path.is_definite_at(next)
                        || names.iter().all(|name| node.get(name).is_some()))
            }
            Token::Index(_) | Token::Slice { .. } => matches!(node, JsonNode::Array(_)),
            Token::Wildcard => true,
            Token::Filter(condition) => condition.holds(node, self.root)?,
            Token::Scan | Token::Function(_) => false,
        })
    }

    fn missing_unless(&self, tolerated: bool) -> Result<(), JsonPathError> {
        if tolerated {
            Ok(())
        } else {
            Err(JsonPathError::NotFound)
        }
    }
}

/// The result of a function on a value.
fn apply(function: Function, node: &JsonNode) -> Result<JsonNode, JsonPathError> {
    let count = |count: usize| JsonNode::Number(count.to_string().into());
    match (function, node) {
        (Function::Length, JsonNode::Array(items)) => return Ok(count(items.len())),
        (Function::Length, JsonNode::Object(members)) => return Ok(count(members.len())),
        (Function::Keys, JsonNode::Object(members)) => {
            let keys = members.iter().map(|(key, _)| JsonNode::Text(key.clone()));
            return Ok(JsonNode::Array(keys.collect()));
        }
        (Function::Length | Function::Keys, _) => return Ok(JsonNode::Null),
        _ => {}
    }
    let numbers: Vec<f64> = match node {
        JsonNode::Array(items) => items
            .iter()
            .filter_map(|item| match item {
                JsonNode::Number(number) => number_text(number).parse().ok(),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    if numbers.is_empty() {
        return Err(JsonPathError::invalid(
            "a function of numbers needs an array that has some",
        ));
    }
    let length = numbers.len() as f64;
    let sum: f64 = numbers.iter().sum();
    let value = match function {
        Function::Min => numbers.iter().copied().fold(f64::INFINITY, f64::min),
        Function::Max => numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        Function::Avg => sum / length,
        Function::StdDev => {
            let squares: f64 = numbers.iter().map(|number| number * number).sum();
            (squares / length - sum * sum / length / length).sqrt()
        }
        _ => sum,
    };
    Ok(JsonNode::Number(double_text(value).into()))
}
