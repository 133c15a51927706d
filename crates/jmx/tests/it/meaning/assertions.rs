//! Assertions.

use loadline_plan::{
    Assertion, CompareAssertion, DurationAssertion, ElementKind, JsonAssertion, JsonAssertionKind,
    MatchRule, Md5Assertion, ResponseAssertion, ResponseField, Scope, SizeAssertion, SizeRule,
    SizedPart,
};

use super::check;
use crate::plans::{element, flags, strings};

#[track_caller]
fn check_assertion(field: &str, test_type: Option<&str>, expected: ResponseAssertion) {
    let kind = test_type.map_or(String::new(), |bits| {
        format!("<intProp name=\"Assertion.test_type\">{bits}</intProp>")
    });
    let properties = format!(
        "<collectionProp name=\"Asserion.test_strings\">{}</collectionProp>{}{kind}",
        strings(&[("1", "200"), ("2", "OK")]),
        strings(&[("Assertion.test_field", field)])
    );
    for class in ["ResponseAssertion", "Assertion"] {
        check(
            &element(class, "Check", &properties, ""),
            ElementKind::Assertion(Assertion::Response(expected.clone())),
        );
    }
}

fn assertion(field: ResponseField, rule: MatchRule) -> ResponseAssertion {
    ResponseAssertion {
        scope: Scope::Main,
        field,
        rule,
        not: false,
        any: false,
        patterns: vec!["200".into(), "OK".into()],
        assume_success: false,
        custom_message: "".into(),
    }
}

#[test]
fn an_assertion_looks_at_each_field() {
    for (name, field) in [
        ("Assertion.response_data", ResponseField::Body),
        ("Assertion.response_code", ResponseField::Code),
        ("Assertion.response_message", ResponseField::Message),
        ("Assertion.response_headers", ResponseField::ResponseHeaders),
        ("Assertion.request_headers", ResponseField::RequestHeaders),
        ("Assertion.request_data", ResponseField::RequestData),
        ("Assertion.sample_label", ResponseField::Url),
        ("unknown", ResponseField::Url),
    ] {
        check_assertion(name, None, assertion(field, MatchRule::Contains));
    }
}

#[test]
fn an_assertion_has_its_rule_in_bits() {
    for (bits, rule, not, any) in [
        ("1", MatchRule::Matches, false, false),
        ("2", MatchRule::Contains, false, false),
        ("6", MatchRule::Contains, true, false),
        ("8", MatchRule::Equals, false, false),
        ("16", MatchRule::Substring, false, false),
        ("52", MatchRule::Substring, true, true),
        ("x", MatchRule::Matches, false, false),
    ] {
        check_assertion(
            "Assertion.response_code",
            Some(bits),
            ResponseAssertion {
                not,
                any,
                ..assertion(ResponseField::Code, rule)
            },
        );
    }
}

#[test]
fn assertions_on_time_and_size_are_read() {
    let properties = strings(&[
        ("DurationAssertion.duration", "${limit}"),
        ("Assertion.scope", "all"),
    ]);
    check(
        &element("DurationAssertion", "Time", &properties, ""),
        ElementKind::Assertion(Assertion::Duration(DurationAssertion {
            scope: Scope::MainAndSub,
            longest_ms: "${limit}".into(),
        })),
    );
    for (field, part, operator, rule) in [
        (
            "response_network_size",
            SizedPart::Network,
            "1",
            SizeRule::Equal,
        ),
        (
            "response_headers",
            SizedPart::Headers,
            "2",
            SizeRule::NotEqual,
        ),
        ("response_data", SizedPart::Body, "3", SizeRule::Greater),
        ("response_code", SizedPart::Code, "4", SizeRule::Less),
        (
            "response_message",
            SizedPart::Message,
            "5",
            SizeRule::GreaterOrEqual,
        ),
        ("unknown", SizedPart::Network, "6", SizeRule::LessOrEqual),
        ("", SizedPart::Network, "7", SizeRule::Unknown),
    ] {
        let properties = format!(
            "{}<intProp name=\"SizeAssertion.operator\">{operator}</intProp>",
            strings(&[
                ("Assertion.test_field", &format!("SizeAssertion.{field}")),
                ("SizeAssertion.size", "1000"),
            ])
        );
        check(
            &element("SizeAssertion", "Size", &properties, ""),
            ElementKind::Assertion(Assertion::Size(SizeAssertion {
                scope: Scope::Main,
                part,
                rule,
                size: "1000".into(),
            })),
        );
    }
}

#[test]
fn assertions_on_content_are_read() {
    let properties = strings(&[("JSON_PATH", "$.a"), ("EXPECTED_VALUE", "1")])
        + &flags(&[("JSONVALIDATION", true), ("INVERT", true)]);
    let expected = JsonAssertion {
        kind: JsonAssertionKind::JsonPath,
        path: "$.a".into(),
        compared: true,
        expected: "1".into(),
        is_regex: true,
        expect_null: false,
        not: true,
    };
    check(
        &element("JSONPathAssertion", "Json", &properties, ""),
        ElementKind::Assertion(Assertion::Json(expected.clone())),
    );
    let properties = properties + &flags(&[("ISREGEX", false), ("EXPECT_NULL", true)]);
    check(
        &element("JSONPathAssertion", "Json", &properties, ""),
        ElementKind::Assertion(Assertion::Json(JsonAssertion {
            is_regex: false,
            expect_null: true,
            ..expected
        })),
    );
    let properties = strings(&[("MD5HexAssertion.size", "5d41402abc4b2a76b9719d911017c592")]);
    check(
        &element("MD5HexAssertion", "Digest", &properties, ""),
        ElementKind::Assertion(Assertion::Md5(Md5Assertion {
            expected: "5d41402abc4b2a76b9719d911017c592".into(),
        })),
    );
}

#[test]
fn a_compare_assertion_has_what_does_not_count() {
    let row = strings(&[("regex", r"id=\d+"), ("substitute", "id=N")]);
    let properties = flags(&[("compareContent", true)])
        + &strings(&[("compareTime", "100")])
        + &format!(
            "<collectionProp name=\"stringsToSkip\"><elementProp name=\"\" \
             elementType=\"SubstitutionElement\">{row}</elementProp></collectionProp>"
        );
    check(
        &element("CompareAssertion", "Alike", &properties, ""),
        ElementKind::Assertion(Assertion::Compare(CompareAssertion {
            content: true,
            longest_difference_ms: "100".into(),
            replaced: vec![(r"id=\d+".into(), "id=N".into())],
        })),
    );
    // As JMeter takes settings of beans that are not there.
    check(
        &element("CompareAssertion", "Alike", "", ""),
        ElementKind::Assertion(Assertion::Compare(CompareAssertion {
            content: false,
            longest_difference_ms: "0".into(),
            replaced: Vec::new(),
        })),
    );
}
