//! Assertions against the verdicts of JMeter 5.6.3.

use loadline_plan::program::{
    DurationAssertionProgram, JsonAssertionProgram, Md5AssertionProgram, SizeAssertionProgram,
    Template, XPath2AssertionProgram, XPathAssertionProgram,
};
use loadline_plan::{JsonAssertionKind, SizeRule, SizedPart};
use loadline_units::RunTime;
use serde_json::Value;

use super::*;
use crate::test_user::User;
use crate::{Outcome, Response};

fn text<'c>(case: &'c Value, key: &str, default: &'c str) -> &'c str {
    case[key].as_str().unwrap_or(default)
}

fn program(case: &Value) -> AssertionProgram {
    let bits = case["type"].as_u64().expect("a number");
    let patterns = case["patterns"].as_array().expect("a list");
    let field = match text(case, "field", "") {
        "Assertion.response_code" => ResponseField::Code,
        "Assertion.response_message" => ResponseField::Message,
        "Assertion.response_headers" => ResponseField::ResponseHeaders,
        "Assertion.request_headers" => ResponseField::RequestHeaders,
        "Assertion.request_data" => ResponseField::RequestData,
        "Assertion.sample_label" => ResponseField::Url,
        _ => ResponseField::Body,
    };
    AssertionProgram::Response(ResponseAssertionProgram {
        scope: match case["scope_variable"].as_str() {
            Some(name) => ScopeProgram::Variable(Template::literal(name)),
            None => ScopeProgram::Main,
        },
        field,
        rule: match bits & 27 {
            2 => MatchRule::Contains,
            8 => MatchRule::Equals,
            16 => MatchRule::Substring,
            _ => MatchRule::Matches,
        },
        not: bits & 4 != 0,
        any: bits & 32 != 0,
        patterns: patterns
            .iter()
            .map(|pattern| Template::literal(pattern.as_str().expect("a text")))
            .collect(),
        assume_success: false,
        custom_message: Template::literal(text(case, "custom", "")),
    })
}

/// Answers of JMeter 5.6.3, one JSON object a line: the settings and `failed`, `error`,
/// `message`.
#[test]
fn verdicts_are_those_of_jmeter() {
    let patterns = Patterns::default();
    for line in include_str!("../../tests/golden/assertions.jsonl").lines() {
        let case: Value = serde_json::from_str(line).expect("JSON");
        let mut user = User::new();
        if let Some(variables) = case["vars"].as_object() {
            for (name, value) in variables {
                user.variables
                    .set_by_name(name, value.as_str().expect("a text"));
            }
        }
        let outcome = Outcome {
            status: text(&case, "code", "200").parse().expect("a status"),
            response: Response {
                message: text(&case, "message_in", "OK").into(),
                headers: text(&case, "headers", "").into(),
                body: text(&case, "body", "").into(),
                ..Response::default()
            }
            .into(),
            ..Outcome::default()
        };
        let view = ResultView::new(&outcome);
        let judged = judge(&program(&case), &view, &mut user.scope(), &patterns);
        assert_eq!(case["failed"], judged.failed, "{line}");
        assert_eq!(case["error"], judged.error, "{line}");
        // Behind the pattern come the words of the engine that rejects it.
        let message = judged.message.as_deref().unwrap_or_default();
        let comparable = |message: &str| match message.starts_with("Bad test") {
            true => message.lines().next().unwrap_or("").to_owned(),
            false => message.to_owned(),
        };
        let expected = comparable(text(&case, "message", ""));
        assert_eq!(comparable(message), expected, "{line}");
    }
}

/// The setting `name` of a case, as the file of a plan has it.
fn setting<'c>(case: &'c Value, name: &str) -> &'c str {
    case["props"][name].as_str().unwrap_or_default()
}

fn flag(case: &Value, name: &str, default: bool) -> bool {
    case["props"][name].as_bool().unwrap_or(default)
}

fn scope_of(case: &Value) -> ScopeProgram {
    match case["props"]["Scope.variable"].as_str() {
        Some(name) => ScopeProgram::Variable(Template::literal(name)),
        None => ScopeProgram::Main,
    }
}

fn program_of_settings(case: &Value) -> AssertionProgram {
    let template = |name| Template::literal(setting(case, name));
    match text(case, "kind", "") {
        "duration" => AssertionProgram::Duration(DurationAssertionProgram {
            scope: scope_of(case),
            longest_ms: template("DurationAssertion.duration"),
        }),
        "size" => AssertionProgram::Size(SizeAssertionProgram {
            scope: scope_of(case),
            part: match setting(case, "Assertion.test_field") {
                "SizeAssertion.response_headers" => SizedPart::Headers,
                "SizeAssertion.response_data" => SizedPart::Body,
                "SizeAssertion.response_code" => SizedPart::Code,
                "SizeAssertion.response_message" => SizedPart::Message,
                _ => SizedPart::Network,
            },
            rule: match case["props"]["SizeAssertion.operator"].as_u64() {
                Some(1) => SizeRule::Equal,
                Some(2) => SizeRule::NotEqual,
                Some(3) => SizeRule::Greater,
                Some(4) => SizeRule::Less,
                Some(5) => SizeRule::GreaterOrEqual,
                Some(6) => SizeRule::LessOrEqual,
                _ => SizeRule::Unknown,
            },
            size: template("SizeAssertion.size"),
        }),
        kind @ ("json" | "jmes") => AssertionProgram::Json(JsonAssertionProgram {
            kind: match kind {
                "jmes" => JsonAssertionKind::JmesPath,
                _ => JsonAssertionKind::JsonPath,
            },
            path: match kind {
                "jmes" => template("JMES_PATH"),
                _ => template("JSON_PATH"),
            },
            compared: flag(case, "JSONVALIDATION", false),
            expected: template("EXPECTED_VALUE"),
            is_regex: flag(case, "ISREGEX", true),
            expect_null: flag(case, "EXPECT_NULL", false),
            not: flag(case, "INVERT", false),
        }),
        "md5" => AssertionProgram::Md5(Md5AssertionProgram {
            expected: template("MD5HexAssertion.size"),
        }),
        "xpath_assertion" => AssertionProgram::XPath(XPathAssertionProgram {
            scope: scope_of(case),
            tidy: flag(case, "XPath.tolerant", false),
            query: Template::literal(case["props"]["XPath.xpath"].as_str().unwrap_or("/")),
            not: flag(case, "XPath.negate", false),
            namespaces: flag(case, "XPath.namespace", false),
        }),
        "xpath2_assertion" => AssertionProgram::XPath2(XPath2AssertionProgram {
            scope: scope_of(case),
            query: Template::literal(case["props"]["XPath.xpath"].as_str().unwrap_or("/")),
            not: flag(case, "XPath.negate", false),
            namespaces: template("XPath.namespaces"),
        }),
        "xml" => AssertionProgram::Xml,
        other => panic!("{other}"),
    }
}

/// Headers that take `size` bytes on the wire.
fn headers_of_size(size: usize) -> Vec<u8> {
    let mut headers = b"HTTP/1.1 200 OK\nA: ".to_vec();
    headers.resize(size - 5, b'a');
    headers.push(b'\n');
    headers
}

/// What is wrong with a path or pattern is said in this engine's words.
fn has_own_words(message: &str) -> bool {
    [
        "java.lang",
        "net.minidev",
        "Path must",
        "path can not",
        "Invalid expression",
        "SAXException: ",
        "TransformerException: ",
    ]
    .iter()
    .any(|beginning| message.starts_with(beginning))
}

/// One JSON object a line: JMeter's own settings (`props`), the result and `failed`, `error`,
/// `message`; without a message it is null.
#[test]
fn other_verdicts_are_those_of_jmeter() {
    let patterns = Patterns::default();
    let mut different = Vec::new();
    for line in include_str!("../../tests/golden/judgements.jsonl").lines() {
        let case: Value = serde_json::from_str(line).expect("JSON");
        let mut user = User::new();
        for (name, value) in case["vars"].as_object().into_iter().flatten() {
            let value = value.as_str().expect("a text");
            user.variables.set_by_name(name, value);
        }
        let number = |key: &str| case[key].as_u64().unwrap_or(0);
        let headers_size = usize::try_from(number("headers_size")).expect("small");
        let outcome = Outcome {
            ended: RunTime::from_micros(number("elapsed") * 1000),
            status: text(&case, "code", "200").parse().expect("a status"),
            received_bytes: u32::try_from(number("headers_size") + number("body_size"))
                .expect("small"),
            response: Response {
                message: text(&case, "message_in", "OK").into(),
                headers: match headers_size {
                    0 => Vec::new(),
                    size => headers_of_size(size),
                },
                body: text(&case, "body", "").into(),
                ..Response::default()
            }
            .into(),
            ..Outcome::default()
        };
        let view = ResultView::new(&outcome);
        let program = program_of_settings(&case);
        let judged = judge(&program, &view, &mut user.scope(), &patterns);
        let expected = case["message"].as_str();
        let same_message = judged.message.as_deref() == expected
            || (judged.message.is_some() && (judged.error || expected.is_some_and(has_own_words)));
        // The table holds the state of an assertion that threw before its thread reported it as an error alone.
        let same_failure = case["failed"] == judged.failed || case["thrown"].is_string();
        let agrees = same_failure && case["error"] == judged.error && same_message;
        if agrees == case["known"].is_string() {
            different.push(format!("{line}\n     {judged:?}"));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}
