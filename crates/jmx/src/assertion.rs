//! Assertions other than the Response Assertion.

use loadline_plan::{
    Assertion, DurationAssertion, ElementKind, JsonAssertion, Md5Assertion, SizeAssertion,
    SizeRule, SizedPart, XPathAssertion,
};

use crate::extractor::{TIDY, judge_xpath};
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
        _ => Assertion::Json(read_json(properties, judgement)),
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

fn read_json(properties: Properties<'_, '_>, judgement: &mut Judgement) -> JsonAssertion {
    let mut flag = |name, default| properties.flag(name, judgement).unwrap_or(default);
    JsonAssertion {
        compared: flag("JSONVALIDATION", false),
        // Files from before JMeter 5.0 do not write it.
        is_regex: flag("ISREGEX", true),
        expect_null: flag("EXPECT_NULL", false),
        not: flag("INVERT", false),
        path: properties.text_or("JSON_PATH", ""),
        expected: properties.text_or("EXPECTED_VALUE", ""),
    }
}

/// Reads an XPath Assertion; `None` when the body is to be tidied first or validated.
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
        judgement.refuse(TIDY, LEFT_OUT);
        return None;
    }
    if validated {
        judgement.refuse("documents are not validated", LEFT_OUT);
        return None;
    }
    let query = properties.text_or("XPath.xpath", "/");
    judge_xpath(query.as_str(), namespaces, judgement);
    let assertion = XPathAssertion {
        scope: read_scope("Assertion.scope", properties, judgement),
        query,
        not,
        namespaces,
    };
    Some(ElementKind::Assertion(Assertion::XPath(assertion)))
}
