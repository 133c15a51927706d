//! JSONPath in Jayway's dialect, the one JMeter speaks.
//!
//! It differs from RFC 9535 in many ways that plans rely on: `$` may be missing, `['a','b']` picks
//! a smaller object, a filter on an object tests the object itself, `==` compares numbers and texts
//! loosely, a missing key of a definite path means that nothing is found.
//!
//! Not here: functions with parameters, and functions at the end of a path, which JMeter's own
//! settings refuse.

mod cursor;
mod evaluate;
mod filter;
mod missing;
mod parser;
mod value;

use std::borrow::Cow;

use self::filter::Condition;
use super::json_tree::JsonNode;

/// A path, parsed.
#[derive(Clone, Debug)]
pub struct JsonPath {
    tokens: Vec<Token>,
    /// Whether it begins at the document (`$`) rather than at the present item (`@`).
    from_root: bool,
}

/// One step of a path.
#[derive(Clone, Debug)]
enum Token {
    /// `.name` or `['name','name']`.
    Property(Vec<String>),
    /// `*`.
    Wildcard,
    /// `[0]` or `[0,2]`.
    Index(Vec<i64>),
    /// `[from:to]`; one of both is given.
    Slice { from: Option<i64>, to: Option<i64> },
    /// `..`.
    Scan,
    /// `[?(condition)]`.
    Filter(Condition),
    /// `name()`.
    Function(Function),
}

/// A function without parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Function {
    Length,
    Keys,
    Min,
    Max,
    Avg,
    Sum,
    StdDev,
}

/// Why a path has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonPathError {
    /// The path is not well formed, or cannot be applied to this document.
    #[error("{0}")]
    Invalid(String),
    /// A part of the path is not there.
    #[error("path is not in the document")]
    NotFound,
}

impl JsonPathError {
    fn invalid(problem: impl Into<String>) -> Self {
        JsonPathError::Invalid(problem.into())
    }
}

impl JsonPath {
    /// Parses `path`; without `$` or `@` in front it begins with `$.`.
    ///
    /// # Errors
    ///
    /// [`JsonPathError::Invalid`] for a path that Jayway rejects.
    pub fn parse(path: &str) -> Result<Self, JsonPathError> {
        parser::parse(path)
    }

    /// Whether `path` can be used in an extractor at all.
    ///
    /// # Errors
    ///
    /// [`JsonPathError::Invalid`] for a path that is malformed or ends in a function.
    pub fn check(path: &str) -> Result<(), JsonPathError> {
        Self::parse(path)?.check_end()
    }

    fn check_end(&self) -> Result<(), JsonPathError> {
        match self.tokens.last() {
            Some(Token::Function(_)) => Err(JsonPathError::invalid(
                "a function at the end of a path is not allowed",
            )),
            _ => Ok(()),
        }
    }

    /// The values that the path selects, in Jayway's order; nothing found is an empty list.
    ///
    /// # Errors
    ///
    /// [`JsonPathError::Invalid`] when the path cannot be applied: it ends in a function, or a
    /// filter stands on a text or number.
    pub fn select<'a>(
        &self,
        document: &'a JsonNode,
    ) -> Result<Vec<Cow<'a, JsonNode>>, JsonPathError> {
        self.check_end()?;
        if *document == JsonNode::Null {
            return Err(JsonPathError::invalid("the document is null"));
        }
        match evaluate::select(self, document, document, false) {
            Ok(mut hits) => {
                if self.is_definite() {
                    hits.drain(..hits.len().saturating_sub(1));
                }
                Ok(hits)
            }
            Err(JsonPathError::NotFound) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// The value of a definite path, the array of all values of any other. Unlike
    /// [`select`](Self::select) it takes a path that ends in a function.
    ///
    /// # Errors
    ///
    /// Why there is no value, in Jayway's words as far as they speak of the document.
    pub(crate) fn read<'a>(&self, document: &'a JsonNode) -> Result<Cow<'a, JsonNode>, String> {
        if *document == JsonNode::Null {
            return Err("json can not be null".to_owned());
        }
        let hits = match evaluate::select(self, document, document, false) {
            Ok(hits) => hits,
            Err(JsonPathError::NotFound) => return Err(self.why_missing(document)),
            Err(error) => return Err(error.to_string()),
        };
        if self.is_definite() {
            return hits
                .into_iter()
                .next_back()
                .ok_or_else(|| self.why_missing(document));
        }
        let items = hits.into_iter().map(Cow::into_owned).collect();
        Ok(Cow::Owned(JsonNode::Array(items)))
    }

    /// Whether the path selects one value at most.
    pub(crate) fn is_definite(&self) -> bool {
        (0..self.tokens.len()).all(|index| self.is_definite_at(index))
    }

    /// Whether the step at `index` leads to one value at most.
    fn is_definite_at(&self, index: usize) -> bool {
        match &self.tokens[index] {
            Token::Property(names) => names.len() == 1 || index + 1 == self.tokens.len(),
            Token::Index(indexes) => indexes.len() == 1,
            Token::Function(_) => true,
            Token::Wildcard | Token::Slice { .. } | Token::Scan | Token::Filter(_) => false,
        }
    }

    /// Whether all steps before `index` are definite.
    fn is_definite_before(&self, index: usize) -> bool {
        (0..index).all(|index| self.is_definite_at(index))
    }
}

#[cfg(test)]
mod tests;
