//! Extractors and assertions.

use loadline_plan::{
    Assertion, ElementKind, FifoPut, JsonExtractor, MatchRule, PostProcessor, RegexExtractor,
    ResponseAssertion, ResponseField, Scope,
};

use crate::judgement::{Judgement, LEFT_OUT};
use crate::properties::Properties;

const AS_DOCUMENT: &str = "text is not extracted from documents such as PDF or Word files";

/// Reads a Regular Expression Extractor; `None` when it searches a document.
pub(crate) fn read_regex(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> Option<ElementKind> {
    let field = read_field("RegexExtractor.useHeaders", properties, judgement)?;
    let text = |name| properties.text_or(name, "");
    Some(ElementKind::PostProcessor(PostProcessor::Regex(
        RegexExtractor {
            scope: read_scope("Sample.scope", properties, judgement),
            field,
            variable: text("RegexExtractor.refname"),
            regex: text("RegexExtractor.regex"),
            template: text("RegexExtractor.template"),
            default: text("RegexExtractor.default"),
            default_empty: properties
                .flag("RegexExtractor.default_empty_value", judgement)
                .unwrap_or(false),
            match_number: text("RegexExtractor.match_number"),
        },
    )))
}

/// Reads a JSON Extractor.
pub(crate) fn read_json(properties: Properties<'_, '_>, judgement: &mut Judgement) -> ElementKind {
    let text = |name| properties.text_or(name, "");
    ElementKind::PostProcessor(PostProcessor::Json(JsonExtractor {
        scope: read_scope("Sample.scope", properties, judgement),
        variables: text("JSONPostProcessor.referenceNames"),
        paths: text("JSONPostProcessor.jsonPathExprs"),
        defaults: text("JSONPostProcessor.defaultValues"),
        match_numbers: text("JSONPostProcessor.match_numbers"),
        concatenate: properties
            .flag("JSONPostProcessor.compute_concat", judgement)
            .unwrap_or(false),
    }))
}

/// Reads a Response Assertion; `None` when it judges a document.
pub(crate) fn read_response_assertion(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> Option<ElementKind> {
    const CONTAINS: i32 = 2;
    const NOT: i32 = 4;
    const EQUALS: i32 = 8;
    const SUBSTRING: i32 = 16;
    const OR: i32 = 32;

    let field_name = properties.text("Assertion.test_field").unwrap_or_default();
    let field = match field_name.as_str() {
        "Assertion.response_data" => ResponseField::Body,
        "Assertion.response_code" => ResponseField::Code,
        "Assertion.response_message" => ResponseField::Message,
        "Assertion.response_headers" => ResponseField::ResponseHeaders,
        "Assertion.request_headers" => ResponseField::RequestHeaders,
        "Assertion.request_data" => ResponseField::RequestData,
        "Assertion.response_data_as_document" => {
            judgement.refuse(AS_DOCUMENT, LEFT_OUT);
            return None;
        }
        // `Assertion.sample_label` and whatever JMeter does not know mean the URL.
        _ => ResponseField::Url,
    };
    let bits = properties
        .number("Assertion.test_type", judgement)
        .unwrap_or(CONTAINS);
    let has = |bit: i32| bits & bit != 0;
    let rule = if has(CONTAINS) {
        MatchRule::Contains
    } else if has(EQUALS) {
        MatchRule::Equals
    } else if has(SUBSTRING) {
        MatchRule::Substring
    } else {
        MatchRule::Matches
    };
    Some(ElementKind::Assertion(Assertion::Response(
        ResponseAssertion {
            scope: read_scope("Assertion.scope", properties, judgement),
            field,
            rule,
            not: has(NOT),
            any: has(OR),
            // The misspelling is JMeter's.
            patterns: properties.texts("Asserion.test_strings"),
            assume_success: properties
                .flag("Assertion.assume_success", judgement)
                .unwrap_or(false),
            custom_message: properties.text_or("Assertion.custom_message", ""),
        },
    )))
}

/// The part of the result that the extractor's `setting` names; `None` when it is a document.
pub(crate) fn read_field(
    setting: &str,
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> Option<ResponseField> {
    Some(
        match properties.text(setting).unwrap_or_default().as_str() {
            text if text.eq_ignore_ascii_case("true") => ResponseField::ResponseHeaders,
            text if text.eq_ignore_ascii_case("request_headers") => ResponseField::RequestHeaders,
            text if text.eq_ignore_ascii_case("URL") => ResponseField::Url,
            text if text.eq_ignore_ascii_case("code") => ResponseField::Code,
            text if text.eq_ignore_ascii_case("message") => ResponseField::Message,
            text if text.eq_ignore_ascii_case("unescaped") => ResponseField::UnescapedBody,
            text if text.eq_ignore_ascii_case("as_document") => {
                judgement.refuse(AS_DOCUMENT, LEFT_OUT);
                return None;
            }
            reference if reference.contains("${") => {
                judgement.refuse_reference(setting, reference);
                ResponseField::Body
            }
            _ => ResponseField::Body,
        },
    )
}

pub(crate) fn read_scope(
    setting: &str,
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> Scope {
    match properties.text(setting).unwrap_or_default().as_str() {
        "all" => Scope::MainAndSub,
        "children" => Scope::Sub,
        "variable" => {
            let variable = properties.text("Scope.variable").unwrap_or_default();
            if variable.contains("${") {
                judgement.refuse_reference("Scope.variable", &variable);
            }
            Scope::Variable(variable)
        }
        _ => Scope::Main,
    }
}

/// Reads an Inter-Thread Communication PostProcessor.
pub(crate) fn read_fifo_put(properties: Properties<'_, '_>) -> ElementKind {
    ElementKind::PostProcessor(PostProcessor::FifoPut(FifoPut {
        queue: properties.text_or("FifoName", ""),
        value: properties.text_or("Value", ""),
    }))
}
