//! Assertions on time, size and content, beside the Response Assertion, with JMeter's settings.

use crate::{Scope, Text};

/// A Duration Assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DurationAssertion {
    /// Which results are judged.
    pub scope: Scope,
    /// Longest service time in whole milliseconds; 0, or a text that is no number, allows any.
    pub longest_ms: Text,
}

/// A Size Assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SizeAssertion {
    /// Which results are judged. With a variable, its text is the size.
    pub scope: Scope,
    /// What is measured.
    pub part: SizedPart,
    /// How the size must compare with `size`.
    pub rule: SizeRule,
    /// A number of bytes, of characters for code and message.
    pub size: Text,
}

/// The part of a result whose size is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SizedPart {
    /// Headers and body, as on the wire.
    Network,
    /// The status line and headers of the response, as on the wire.
    Headers,
    /// The body, as on the wire.
    Body,
    /// The response code.
    Code,
    /// The response message.
    Message,
}

/// How a size must compare with the one of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SizeRule {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `>`
    Greater,
    /// `<`
    Less,
    /// `>=`
    GreaterOrEqual,
    /// `<=`
    LessOrEqual,
    /// A rule that JMeter does not know: no size is right.
    Unknown,
}

/// A JSON Assertion of any kind: whether a path leads to a value, and to which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonAssertion {
    /// Whose assertion it is, which decides about the language of `path` and how values compare.
    pub kind: JsonAssertionKind,
    /// Expression.
    pub path: Text,
    /// Whether the value is compared; otherwise it suffices that there is one.
    pub compared: bool,
    /// A regular expression for the whole value, or JSON that equals it.
    pub expected: Text,
    /// Whether `expected` is a regular expression.
    pub is_regex: bool,
    /// Whether the value is expected to be `null`.
    pub expect_null: bool,
    /// Whether the result is inverted.
    pub not: bool,
}

/// The kinds of JSON Assertions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum JsonAssertionKind {
    /// JMeter's JSON Assertion, with JSONPath in Jayway's dialect.
    #[default]
    JsonPath,
    /// The JSON Path Assertion of the `jmeter-plugins-json` plugin, with the same paths.
    Plugin,
    /// JMeter's JSON JMESPath Assertion.
    JmesPath,
}

/// An MD5Hex Assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Md5Assertion {
    /// MD5 of the body in hexadecimal digits, in either case.
    pub expected: Text,
}

/// An XPath Assertion, for XML and, with `tidy`, for HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XPathAssertion {
    /// Which results are judged: their bodies, as XML.
    pub scope: Scope,
    /// Whether bodies are HTML, of which a tree is made whatever they hold.
    pub tidy: bool,
    /// XPath 1.0 expression that finds nodes or is true.
    pub query: Text,
    /// Whether the result is inverted.
    pub not: bool,
    /// Whether names have namespaces; otherwise `p:x` is a name like any other.
    pub namespaces: bool,
}

/// An XPath2 Assertion, for well-formed XML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XPath2Assertion {
    /// Which results are judged: their bodies, as XML.
    pub scope: Scope,
    /// Expression that finds something or is true. JMeter takes what XPath 1.0 and 2.0 share.
    pub query: Text,
    /// Whether the result is inverted.
    pub not: bool,
    /// The namespaces of prefixes, one `prefix=namespace` a line.
    pub namespaces: Text,
}

/// A Compare Assertion: whether a result is like those before it in a pass of the controller that it
/// stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompareAssertion {
    /// Whether bodies are compared.
    pub content: bool,
    /// By how much times of two results that follow each other may differ, in whole milliseconds;
    /// below 0 they are not compared. Text that is no number is 0.
    pub longest_difference_ms: Text,
    /// Regular expressions for what does not count, and what is taken in its place, in order.
    pub replaced: Vec<(Text, Text)>,
}
