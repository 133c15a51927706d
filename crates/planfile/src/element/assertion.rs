//! Assertions.

use loadline_plan::{
    Assertion, CompareAssertion, DurationAssertion, ElementKind, JsonAssertion, JsonAssertionKind,
    MatchRule, Md5Assertion, ResponseAssertion, ResponseField, Scope, SizeAssertion, SizeRule,
    SizedPart, Text, XPath2Assertion, XPathAssertion,
};

use super::extractor::{FIELDS, scope};
use super::{Form, Settings, form};

pub(super) const FORMS: &[Form] = &[
    form(
        "response_assertion",
        "What a part of the result must be like.",
        || {
            ElementKind::Assertion(Assertion::Response(ResponseAssertion {
                scope: Scope::Main,
                field: ResponseField::Body,
                rule: MatchRule::Contains,
                not: false,
                any: false,
                patterns: Vec::new(),
                assume_success: false,
                custom_message: Text::default(),
            }))
        },
    ),
    form("duration_assertion", "Longest service time.", || {
        ElementKind::Assertion(Assertion::Duration(DurationAssertion {
            scope: Scope::Main,
            longest_ms: Text::default(),
        }))
    }),
    form("size_assertion", "Size of a part of the result.", || {
        ElementKind::Assertion(Assertion::Size(SizeAssertion {
            scope: Scope::Main,
            part: SizedPart::Network,
            rule: SizeRule::Equal,
            size: Text::default(),
        }))
    }),
    form(
        "json_assertion",
        "Whether a path leads to a value, and to which.",
        || {
            ElementKind::Assertion(Assertion::Json(JsonAssertion {
                kind: JsonAssertionKind::JsonPath,
                path: Text::default(),
                compared: false,
                expected: Text::default(),
                is_regex: false,
                expect_null: false,
                not: false,
            }))
        },
    ),
    form("md5_assertion", "MD5 sum of the body.", || {
        ElementKind::Assertion(Assertion::Md5(Md5Assertion {
            expected: Text::default(),
        }))
    }),
    form("xpath_assertion", "An XPath 1.0 expression holds.", || {
        ElementKind::Assertion(Assertion::XPath(XPathAssertion {
            scope: Scope::Main,
            tidy: false,
            query: Text::default(),
            not: false,
            namespaces: false,
        }))
    }),
    form("xpath2_assertion", "An XPath 2 expression holds.", || {
        ElementKind::Assertion(Assertion::XPath2(XPath2Assertion {
            scope: Scope::Main,
            query: Text::default(),
            not: false,
            namespaces: Text::default(),
        }))
    }),
    form("xml_assertion", "The body is well-formed XML.", || {
        ElementKind::Assertion(Assertion::Xml)
    }),
    form(
        "compare_assertion",
        "Results of one pass of the steps around are alike.",
        || {
            ElementKind::Assertion(Assertion::Compare(CompareAssertion {
                content: true,
                longest_difference_ms: Text::default(),
                replaced: Vec::new(),
            }))
        },
    ),
];

pub(super) fn key_of(assertion: &Assertion) -> &'static str {
    match assertion {
        Assertion::Response(_) => "response_assertion",
        Assertion::Duration(_) => "duration_assertion",
        Assertion::Size(_) => "size_assertion",
        Assertion::Json(_) => "json_assertion",
        Assertion::Md5(_) => "md5_assertion",
        Assertion::XPath(_) => "xpath_assertion",
        Assertion::XPath2(_) => "xpath2_assertion",
        Assertion::Xml => "xml_assertion",
        Assertion::Compare(_) => "compare_assertion",
    }
}

pub(super) fn settings<S: Settings>(assertion: &mut Assertion, s: &mut S) {
    match assertion {
        Assertion::Response(own) => response(own, s),
        Assertion::Duration(own) => {
            s.text(
                "longest_ms",
                "Longest time in milliseconds.",
                "",
                &mut own.longest_ms,
            );
            scope(&mut own.scope, s);
        }
        Assertion::Size(own) => size(own, s),
        Assertion::Json(own) => json(own, s),
        Assertion::Md5(own) => s.text(
            "expected",
            "MD5 in hexadecimal digits.",
            "",
            &mut own.expected,
        ),
        Assertion::XPath(own) => {
            s.text("query", "Expression.", "/", &mut own.query);
            not(&mut own.not, s);
            s.flag("tidy", "Whether bodies are HTML.", false, &mut own.tidy);
            s.flag(
                "namespaces",
                "Whether names have namespaces.",
                false,
                &mut own.namespaces,
            );
            scope(&mut own.scope, s);
        }
        Assertion::XPath2(own) => {
            s.text("query", "Expression.", "/", &mut own.query);
            not(&mut own.not, s);
            s.text(
                "namespaces",
                "Namespaces of prefixes, one `prefix=namespace` a line.",
                "",
                &mut own.namespaces,
            );
            scope(&mut own.scope, s);
        }
        Assertion::Xml => {}
        Assertion::Compare(own) => {
            s.flag(
                "content",
                "Whether bodies are compared.",
                true,
                &mut own.content,
            );
            s.text(
                "longest_difference_ms",
                "By how many milliseconds times may differ; below 0 they are not compared.",
                "-1",
                &mut own.longest_difference_ms,
            );
            s.pairs(
                "replaced",
                "Regular expressions for what does not count, and what is taken in its place.",
                &mut own.replaced,
            );
        }
    }
}

fn not<S: Settings>(value: &mut bool, s: &mut S) {
    s.flag("not", "Whether the result is inverted.", false, value);
}

fn response<S: Settings>(own: &mut ResponseAssertion, s: &mut S) {
    s.word("field", "The part that is judged.", FIELDS, &mut own.field);
    s.word(
        "rule",
        "How patterns are compared.",
        &[
            ("contains", MatchRule::Contains),
            ("matches", MatchRule::Matches),
            ("equals", MatchRule::Equals),
            ("substring", MatchRule::Substring),
        ],
        &mut own.rule,
    );
    not(&mut own.not, s);
    s.flag("any", "Whether one pattern suffices.", false, &mut own.any);
    s.texts("patterns", "The patterns.", &mut own.patterns);
    s.flag(
        "assume_success",
        "Whether the sample is set successful before the check.",
        false,
        &mut own.assume_success,
    );
    s.text(
        "message",
        "Failure message; a built-in one by default.",
        "",
        &mut own.custom_message,
    );
    scope(&mut own.scope, s);
}

fn size<S: Settings>(own: &mut SizeAssertion, s: &mut S) {
    s.word(
        "part",
        "What is measured.",
        &[
            ("network", SizedPart::Network),
            ("headers", SizedPart::Headers),
            ("body", SizedPart::Body),
            ("code", SizedPart::Code),
            ("message", SizedPart::Message),
        ],
        &mut own.part,
    );
    s.word(
        "rule",
        "How it must compare with `size`.",
        &[
            ("equal", SizeRule::Equal),
            ("not_equal", SizeRule::NotEqual),
            ("greater", SizeRule::Greater),
            ("less", SizeRule::Less),
            ("greater_or_equal", SizeRule::GreaterOrEqual),
            ("less_or_equal", SizeRule::LessOrEqual),
            ("unknown", SizeRule::Unknown),
        ],
        &mut own.rule,
    );
    s.text("size", "Bytes, or characters.", "", &mut own.size);
    scope(&mut own.scope, s);
}

fn json<S: Settings>(own: &mut JsonAssertion, s: &mut S) {
    s.word(
        "language",
        "Whose assertion it is.",
        &[
            ("json_path", JsonAssertionKind::JsonPath),
            ("plugin", JsonAssertionKind::Plugin),
            ("jmespath", JsonAssertionKind::JmesPath),
        ],
        &mut own.kind,
    );
    s.text("path", "Expression.", "", &mut own.path);
    s.flag(
        "compared",
        "Whether the value is compared.",
        false,
        &mut own.compared,
    );
    s.text("expected", "Value expected.", "", &mut own.expected);
    s.flag(
        "regex",
        "Whether `expected` is a regular expression.",
        true,
        &mut own.is_regex,
    );
    s.flag(
        "expect_null",
        "Whether the value is expected to be null.",
        false,
        &mut own.expect_null,
    );
    not(&mut own.not, s);
}
