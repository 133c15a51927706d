//! Assertions on time, size and content, compiled: their settings with all texts parsed.

use super::processors::kept_for;
use super::{KeptParts, ScopeProgram, Template};
use crate::{
    CompareAssertion, DurationAssertion, JsonAssertion, JsonAssertionKind, Md5Assertion,
    ResponseField, SizeAssertion, SizeRule, SizedPart, Text, XPath2Assertion, XPathAssertion,
};

/// A compiled [`DurationAssertion`], with its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DurationAssertionProgram {
    /// Which results are judged.
    pub scope: ScopeProgram,
    /// Longest service time in whole milliseconds; 0 allows any.
    pub longest_ms: Template,
}

/// A compiled [`SizeAssertion`], with its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SizeAssertionProgram {
    /// Which results are judged.
    pub scope: ScopeProgram,
    /// What is measured.
    pub part: SizedPart,
    /// How the size must compare with `size`.
    pub rule: SizeRule,
    /// A number of bytes, of characters for code and message.
    pub size: Template,
}

/// A compiled [`JsonAssertion`], with its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonAssertionProgram {
    /// Whose assertion it is.
    pub kind: JsonAssertionKind,
    /// JSONPath expression.
    pub path: Template,
    /// Whether the value is compared.
    pub compared: bool,
    /// A regular expression for the whole value, or JSON that equals it.
    pub expected: Template,
    /// Whether `expected` is a regular expression.
    pub is_regex: bool,
    /// Whether the value is expected to be `null`.
    pub expect_null: bool,
    /// Whether the result is inverted.
    pub not: bool,
}

/// A compiled [`Md5Assertion`], with its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Md5AssertionProgram {
    /// MD5 of the body in hexadecimal digits.
    pub expected: Template,
}

impl DurationAssertionProgram {
    pub(super) fn compile(
        assertion: &DurationAssertion,
        parse: &mut dyn FnMut(&Text) -> Template,
    ) -> Self {
        Self {
            scope: ScopeProgram::compile(&assertion.scope, parse),
            longest_ms: parse(&assertion.longest_ms),
        }
    }
}

impl SizeAssertionProgram {
    pub(super) fn compile(
        assertion: &SizeAssertion,
        parse: &mut dyn FnMut(&Text) -> Template,
    ) -> Self {
        Self {
            scope: ScopeProgram::compile(&assertion.scope, parse),
            part: assertion.part,
            rule: assertion.rule,
            size: parse(&assertion.size),
        }
    }

    pub(super) fn keeps(&self) -> KeptParts {
        match self.part {
            SizedPart::Network => KeptParts::default(),
            // What is no header is body.
            SizedPart::Headers | SizedPart::Body => {
                kept_for(&self.scope, ResponseField::ResponseHeaders)
            }
            SizedPart::Code => kept_for(&self.scope, ResponseField::Code),
            SizedPart::Message => kept_for(&self.scope, ResponseField::Message),
        }
    }
}

impl JsonAssertionProgram {
    pub(super) fn compile(
        assertion: &JsonAssertion,
        parse: &mut dyn FnMut(&Text) -> Template,
    ) -> Self {
        Self {
            kind: assertion.kind,
            path: parse(&assertion.path),
            compared: assertion.compared,
            expected: parse(&assertion.expected),
            is_regex: assertion.is_regex,
            expect_null: assertion.expect_null,
            not: assertion.not,
        }
    }
}

impl Md5AssertionProgram {
    pub(super) fn compile(
        assertion: &Md5Assertion,
        parse: &mut dyn FnMut(&Text) -> Template,
    ) -> Self {
        Self {
            expected: parse(&assertion.expected),
        }
    }
}

/// A compiled [`XPathAssertion`], with its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XPathAssertionProgram {
    /// Which results are judged.
    pub scope: ScopeProgram,
    /// Whether bodies are HTML.
    pub tidy: bool,
    /// XPath 1.0 expression.
    pub query: Template,
    /// Whether the result is inverted.
    pub not: bool,
    /// Whether names have namespaces.
    pub namespaces: bool,
}

impl XPathAssertionProgram {
    pub(super) fn compile(
        assertion: &XPathAssertion,
        parse: &mut dyn FnMut(&Text) -> Template,
    ) -> Self {
        Self {
            scope: ScopeProgram::compile(&assertion.scope, parse),
            tidy: assertion.tidy,
            query: parse(&assertion.query),
            not: assertion.not,
            namespaces: assertion.namespaces,
        }
    }
}

/// A compiled [`XPath2Assertion`], with its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XPath2AssertionProgram {
    /// Which results are judged.
    pub scope: ScopeProgram,
    /// Expression.
    pub query: Template,
    /// Whether the result is inverted.
    pub not: bool,
    /// The namespaces of prefixes, one `prefix=namespace` a line.
    pub namespaces: Template,
}

impl XPath2AssertionProgram {
    pub(super) fn compile(
        assertion: &XPath2Assertion,
        parse: &mut dyn FnMut(&Text) -> Template,
    ) -> Self {
        Self {
            scope: ScopeProgram::compile(&assertion.scope, parse),
            query: parse(&assertion.query),
            not: assertion.not,
            namespaces: parse(&assertion.namespaces),
        }
    }
}

/// Index of a Compare Assertion in a program; users remember what it has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ComparisonId(pub u32);

/// A compiled [`CompareAssertion`], with its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompareAssertionProgram {
    /// Its index.
    pub id: ComparisonId,
    /// Whether bodies are compared.
    pub content: bool,
    /// By how many whole milliseconds times may differ; below 0 they are not compared.
    pub longest_difference_ms: Template,
    /// Regular expressions for what does not count, and what is taken in its place.
    pub replaced: Vec<(Template, Template)>,
}

impl CompareAssertionProgram {
    /// Compiles it as the first one; the compiler numbers them.
    pub(super) fn compile(
        assertion: &CompareAssertion,
        parse: &mut dyn FnMut(&Text) -> Template,
    ) -> Self {
        Self {
            id: ComparisonId(0),
            content: assertion.content,
            longest_difference_ms: parse(&assertion.longest_difference_ms),
            replaced: (assertion.replaced.iter())
                .map(|(regex, text)| (parse(regex), parse(text)))
                .collect(),
        }
    }
}
