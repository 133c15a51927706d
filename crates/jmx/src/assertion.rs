//! Assertions other than the Response Assertion.

use loadline_plan::{
    Assertion, CompareAssertion, DurationAssertion, ElementKind, JsonAssertion, JsonAssertionKind,
    Md5Assertion, SizeAssertion, SizeRule, SizedPart, XPath2Assertion, XPathAssertion,
};

use crate::extractor::{TIDY, has_yaml_input, judge_xpath};
use crate::judgement::{Judgement, LEFT_OUT};
use crate::processor::read_scope;
use crate::properties::Properties;
use crate::support::Meaning;

/// Reads the assertion that `meaning` names.
pub(crate) fn read(
    meaning: Meaning,
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> Assertion {
    match meaning {
        Meaning::DurationAssertion => Assertion::Duration(DurationAssertion {
            scope: read_scope("Assertion.scope", properties, judgement),
            longest_ms: properties.text_or("DurationAssertion.duration", ""),
        }),
        Meaning::SizeAssertion => Assertion::Size(read_size(properties, judgement)),
        Meaning::Md5Assertion => Assertion::Md5(Md5Assertion {
            expected: properties.text_or("MD5HexAssertion.size", ""),
        }),
        Meaning::XmlAssertion => Assertion::Xml,
        Meaning::CompareAssertion => Assertion::Compare(CompareAssertion {
            content: properties
                .flag("compareContent", judgement)
                .unwrap_or(false),
            longest_difference_ms: properties.text_or("compareTime", "0"),
            replaced: (properties.items("stringsToSkip").into_iter())
                .map(|item| (item.text_or("regex", ""), item.text_or("substitute", "")))
                .collect(),
        }),
        Meaning::XPath2Assertion => Assertion::XPath2(XPath2Assertion {
            scope: read_scope("Assertion.scope", properties, judgement),
            query: properties.text_or("XPath.xpath", "/"),
            not: properties.flag("XPath.negate", judgement).unwrap_or(false),
            namespaces: properties.text_or("XPath.namespaces", ""),
        }),
        Meaning::JmesPathAssertion => {
            let assertion = read_json(
                JsonAssertionKind::JmesPath,
                "JMES_PATH",
                properties,
                judgement,
            );
            Assertion::Json(assertion)
        }
        _ => {
            let assertion = read_json(
                JsonAssertionKind::JsonPath,
                "JSON_PATH",
                properties,
                judgement,
            );
            Assertion::Json(assertion)
        }
    }
}

fn read_size(properties: Properties<'_, '_>, judgement: &mut Judgement) -> SizeAssertion {
    let field = properties.text("Assertion.test_field").unwrap_or_default();
    let rule = properties.number("SizeAssertion.operator", judgement);
    SizeAssertion {
        scope: read_scope("Assertion.scope", properties, judgement),
        part: match field.as_str() {
            "SizeAssertion.response_headers" => SizedPart::Headers,
            "SizeAssertion.response_data" => SizedPart::Body,
            "SizeAssertion.response_code" => SizedPart::Code,
            "SizeAssertion.response_message" => SizedPart::Message,
            _ => SizedPart::Network,
        },
        rule: match rule.unwrap_or(0) {
            1 => SizeRule::Equal,
            2 => SizeRule::NotEqual,
            3 => SizeRule::Greater,
            4 => SizeRule::Less,
            5 => SizeRule::GreaterOrEqual,
            6 => SizeRule::LessOrEqual,
            _ => SizeRule::Unknown,
        },
        size: properties.text_or("SizeAssertion.size", ""),
    }
}

/// Reads the plugin's JSON Path Assertion; `None` when it reads YAML.
pub(crate) fn read_plugin_json(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> Option<ElementKind> {
    if has_yaml_input(properties, judgement) {
        return None;
    }
    let assertion = read_json(
        JsonAssertionKind::Plugin,
        "JSON_PATH",
        properties,
        judgement,
    );
    Some(ElementKind::Assertion(Assertion::Json(assertion)))
}

fn read_json(
    kind: JsonAssertionKind,
    path: &str,
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> JsonAssertion {
    let mut flag = |name, default| properties.flag(name, judgement).unwrap_or(default);
    JsonAssertion {
        kind,
        compared: flag("JSONVALIDATION", false),
        // Files from before JMeter 5.0 do not write it.
        is_regex: flag("ISREGEX", true),
        expect_null: flag("EXPECT_NULL", false),
        not: flag("INVERT", false),
        path: properties.text_or(path, ""),
        expected: properties.text_or("EXPECTED_VALUE", ""),
    }
}

/// Reads an XPath Assertion; `None` when XML is to be validated.
pub(crate) fn read_xpath(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> Option<ElementKind> {
    let mut flag = |name| properties.flag(name, judgement).unwrap_or(false);
    let tolerant = flag("XPath.tolerant");
    let validated = flag("XPath.validate");
    let not = flag("XPath.negate");
    let namespaces = flag("XPath.namespace");
    if tolerant {
        judgement.approximate(TIDY);
    }
    // Of what Tidy has made, nothing is validated.
    if validated && !tolerant {
        judgement.refuse("documents are not validated", LEFT_OUT);
        return None;
    }
    let query = properties.text_or("XPath.xpath", "/");
    judge_xpath(query.as_str(), namespaces, judgement);
    let assertion = XPathAssertion {
        scope: read_scope("Assertion.scope", properties, judgement),
        tidy: tolerant,
        query,
        not,
        namespaces,
    };
    Some(ElementKind::Assertion(Assertion::XPath(assertion)))
}
