//! JMESPath as JMeter's library (`io.burt:jmespath-jackson`) has it.
//!
//! It follows the specification, with the library's own ways where they differ: functions of
//! numbers give doubles (`sum` of 1 and 2 is `3.0`), a slice of what is no array is an empty array,
//! `!a.b` negates `a.b`, literals are strict JSON, and objects keep the order of their keys.

mod evaluate;
mod function;
mod lexer;
mod parser;

use std::borrow::Cow;

use self::function::Function;
use super::json_tree::JsonNode;

/// An expression, parsed.
#[derive(Clone, Debug)]
pub struct JmesPath(Expr);

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JmesPathError {
    /// The expression is not well formed or calls a function that does not exist.
    #[error("Unable to compile expression \"{expression}\": {problem} at position {position}")]
    Malformed {
        /// The expression.
        expression: String,
        /// What is wrong.
        problem: String,
        /// Where, in bytes.
        position: usize,
    },
    /// A function was called with an argument of a type that it does not take.
    #[error("Invalid argument type calling \"{function}\": expected {expected} but was {found}")]
    ArgumentType {
        /// The function.
        function: &'static str,
        /// The types that it takes.
        expected: &'static str,
        /// The type that it was given.
        found: &'static str,
    },
}

impl JmesPath {
    /// Parses `expression`.
    ///
    /// # Errors
    ///
    /// [`JmesPathError::Malformed`].
    pub fn new(expression: &str) -> Result<Self, JmesPathError> {
        parser::parse(expression).map(Self)
    }

    /// The value in `document`; `null` when there is none.
    ///
    /// # Errors
    ///
    /// [`JmesPathError::ArgumentType`].
    pub fn search<'j>(&self, document: &'j JsonNode) -> Result<Cow<'j, JsonNode>, JmesPathError> {
        self.0.search(Cow::Borrowed(document))
    }
}

/// One step or operation of an expression.
#[derive(Clone, Debug)]
enum Expr {
    /// `@`, and what stands behind a projection that goes no further.
    Current,
    /// `name`.
    Property(Box<str>),
    /// `[n]`; negative from the end.
    Index(i64),
    /// `[from:to:step]`.
    Slice {
        from: Option<i64>,
        to: Option<i64>,
        step: i64,
    },
    /// `[]`, without the projection behind it.
    FlattenArray,
    /// `*`, without the projection behind it.
    FlattenObject,
    /// `[?condition]`, without the projection behind it.
    Selection(Box<Expr>),
    /// What is done with each item of an array.
    Projection(Box<Expr>),
    /// One after the other.
    Sequence(Vec<Expr>),
    /// `a || b`.
    Or(Box<Expr>, Box<Expr>),
    /// `a && b`.
    And(Box<Expr>, Box<Expr>),
    /// `!a`.
    Not(Box<Expr>),
    /// `a == b` and the like.
    Compare(Comparator, Box<Expr>, Box<Expr>),
    /// `[a, b]`.
    List(Vec<Expr>),
    /// `{key: a}`.
    Hash(Vec<(Box<str>, Expr)>),
    /// A value of its own.
    Literal(JsonNode),
    /// `name(a, &b)`.
    Call(Function, Vec<Argument>),
}

/// An argument of a function.
#[derive(Clone, Debug)]
enum Argument {
    Value(Expr),
    /// `&expression`.
    Reference(Expr),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[cfg(test)]
mod tests {
    use super::super::strict_json::{parse_strict, printed};
    use super::*;

    #[track_caller]
    fn check(document: &str, expression: &str, expected: &str) {
        let document = parse_strict(document).expect("JSON");
        let found = JmesPath::new(expression).and_then(|path| {
            let value = path.search(&document)?;
            Ok(printed(&value))
        });
        let found = found.unwrap_or_else(|error| error.to_string());
        assert_eq!(found, expected, "{expression}");
    }

    #[test]
    fn projections_go_on_until_a_pipe() {
        let document = r#"{"a":[{"b":[1,2]},{"b":[3]},{"c":4}]}"#;
        check(document, "a[*].b", "[[1,2],[3]]");
        check(document, "a[*].b[0]", "[1,3]");
        check(document, "a[*].b | [0]", "[1,2]");
        check(document, "(a[*].b)[0]", "[1,2]");
        check(document, "a[].b[]", "[1,2,3]");
        check(document, "a[?b].b[] | [-1]", "3");
        check(document, "*[0].b", "[[1,2]]");
    }

    #[test]
    fn expressions_that_cannot_be_used_say_why() {
        check(
            "{}",
            "a.",
            "Unable to compile expression \"a.\": unexpected end at position 2",
        );
        check(
            "{}",
            "nope(a)",
            "Unable to compile expression \"nope(a)\": unknown function \"nope\" at position 0",
        );
        check(
            "{}",
            "length(a)",
            "Invalid argument type calling \"length\": expected string, array or object but was \
             null",
        );
    }

    #[test]
    fn endless_nesting_is_refused() {
        for piece in ["(", "[", "!", "a[?", "{a:", "a||(", "&"] {
            assert!(JmesPath::new(&piece.repeat(10_000)).is_err(), "{piece}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_expression_panics(text in r#"([a-c.*\[\]{}:,&|!<=>()?'"`\\0-9@ -]|length|sort_by){0,24}"#) {
            if let Ok(path) = JmesPath::new(&text) {
                let document = parse_strict(r#"{"a":[{"b":1},{"b":"x"}],"c":{}}"#).unwrap();
                let _ = path.search(&document);
            }
        }
    }
}
