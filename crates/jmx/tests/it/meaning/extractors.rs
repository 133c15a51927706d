//! Extractors; with those of XPath and JMESPath the assertions of the same language.

use loadline_plan::{
    Assertion, BoundaryExtractor, ElementKind, HtmlExtractor, HtmlReading, JmesPathExtractor,
    JsonAssertion, JsonAssertionKind, JsonExtractor, PluginJsonExtractor, PostProcessor,
    RegexExtractor, ResponseField, Scope, Standing, XPath2Assertion, XPath2Extractor,
    XPathAssertion, XPathExtractor,
};

use super::check;
use crate::plans::{element, flags, read_one, strings};

#[test]
fn a_regex_extractor_is_read_from_each_field() {
    for (word, field) in [
        ("false", ResponseField::Body),
        ("", ResponseField::Body),
        ("true", ResponseField::ResponseHeaders),
        ("request_headers", ResponseField::RequestHeaders),
        ("URL", ResponseField::Url),
        ("code", ResponseField::Code),
        ("message", ResponseField::Message),
        ("unescaped", ResponseField::UnescapedBody),
    ] {
        let properties = strings(&[
            ("RegexExtractor.useHeaders", word),
            ("RegexExtractor.refname", "id"),
            ("RegexExtractor.regex", "id=(\\d+)"),
            ("RegexExtractor.template", "$1$"),
            ("RegexExtractor.default", "none"),
            ("RegexExtractor.match_number", "1"),
            ("Sample.scope", "all"),
        ]) + &flags(&[("RegexExtractor.default_empty_value", true)]);
        check(
            &element("RegexExtractor", "Id", &properties, ""),
            ElementKind::PostProcessor(PostProcessor::Regex(RegexExtractor {
                scope: Scope::MainAndSub,
                field,
                variable: "id".into(),
                regex: "id=(\\d+)".into(),
                template: "$1$".into(),
                default: "none".into(),
                default_empty: true,
                match_number: "1".into(),
            })),
        );
    }
}

#[test]
fn a_json_extractor_is_read() {
    let properties = strings(&[
        ("JSONPostProcessor.referenceNames", "a;b"),
        ("JSONPostProcessor.jsonPathExprs", "$.a;$.b"),
        ("JSONPostProcessor.match_numbers", "1;-1"),
        ("JSONPostProcessor.defaultValues", "x;y"),
        ("Sample.scope", "variable"),
        ("Scope.variable", "text"),
    ]) + &flags(&[("JSONPostProcessor.compute_concat", true)]);
    check(
        &element("JSONPostProcessor", "Ids", &properties, ""),
        ElementKind::PostProcessor(PostProcessor::Json(JsonExtractor {
            scope: Scope::Variable("text".to_owned()),
            variables: "a;b".into(),
            paths: "$.a;$.b".into(),
            defaults: "x;y".into(),
            match_numbers: "1;-1".into(),
            concatenate: true,
        })),
    );
}

#[test]
fn a_boundary_extractor_is_read() {
    let properties = strings(&[
        ("BoundaryExtractor.useHeaders", "true"),
        ("BoundaryExtractor.refname", "id"),
        ("BoundaryExtractor.lboundary", "id="),
        ("BoundaryExtractor.rboundary", ";"),
        ("BoundaryExtractor.default", "none"),
        ("BoundaryExtractor.match_number", "-1"),
    ]) + &flags(&[("BoundaryExtractor.default_empty_value", true)]);
    check(
        &element("BoundaryExtractor", "Id", &properties, ""),
        ElementKind::PostProcessor(PostProcessor::Boundary(BoundaryExtractor {
            scope: Scope::Main,
            field: ResponseField::ResponseHeaders,
            variable: "id".into(),
            left: "id=".into(),
            right: ";".into(),
            default: "none".into(),
            default_empty: true,
            match_number: "-1".into(),
        })),
    );
}

#[test]
fn a_css_selector_extractor_is_read() {
    let properties = strings(&[
        ("HtmlExtractor.refname", "token"),
        ("HtmlExtractor.expr", "form input:first-child[name=t]"),
        ("HtmlExtractor.attribute", "value"),
        ("HtmlExtractor.default", "none"),
        ("HtmlExtractor.match_number", "1"),
        ("HtmlExtractor.extractor_impl", ""),
    ]);
    let expected = HtmlExtractor {
        scope: Scope::Main,
        reading: HtmlReading::Jsoup,
        variable: "token".into(),
        selector: "form input:first-child[name=t]".into(),
        attribute: "value".into(),
        default: "none".into(),
        default_empty: false,
        match_number: "1".into(),
    };
    check(
        &element("HtmlExtractor", "Token", &properties, ""),
        ElementKind::PostProcessor(PostProcessor::Html(expected.clone())),
    );
    let jodd = properties.replace("extractor_impl\"></", "extractor_impl\">JODD</");
    let (kind, row) = read_one(&element("HtmlExtractor", "Token", &jodd, ""));
    let expected = HtmlExtractor {
        reading: HtmlReading::Jodd,
        ..expected
    };
    let expected = ElementKind::PostProcessor(PostProcessor::Html(expected));
    assert_eq!(kind, Some(expected));
    assert_eq!(row.standing, Standing::Approximated);
    for (selector, library) in [
        ("a:contains(x)", "JODD"),
        ("li:eq(2)", "JODD"),
        ("li:first", "JODD"),
        ("a[b~=c.*]", "JODD"),
        ("[^data]", "JODD"),
        ("p:matchText", ""),
    ] {
        let properties = strings(&[
            ("HtmlExtractor.expr", selector),
            ("HtmlExtractor.extractor_impl", library),
        ]);
        let (kind, row) = read_one(&element("HtmlExtractor", "Token", &properties, ""));
        assert_eq!(
            (kind, row.standing),
            (None, Standing::Refused),
            "{selector}"
        );
    }
}

#[test]
fn xpath_is_read() {
    let properties = strings(&[
        ("XPathExtractor.refname", "id"),
        ("XPathExtractor.xpathQuery", "//item/@id"),
        ("XPathExtractor.default", "none"),
    ]) + &flags(&[("XPathExtractor.namespace", true)]);
    check(
        &element("XPathExtractor", "Id", &properties, ""),
        ElementKind::PostProcessor(PostProcessor::XPath(XPathExtractor {
            scope: Scope::Main,
            tidy: false,
            variable: "id".into(),
            query: "//item/@id".into(),
            default: "none".into(),
            match_number: "-1".into(),
            namespaces: true,
            fragment: false,
        })),
    );
    check(
        &element(
            "XPathAssertion",
            "Found",
            &flags(&[("XPath.negate", true)]),
            "",
        ),
        ElementKind::Assertion(Assertion::XPath(XPathAssertion {
            scope: Scope::Main,
            tidy: false,
            query: "/".into(),
            not: true,
            namespaces: false,
        })),
    );
    let validated = flags(&[("XPath.validate", true)]);
    let (kind, row) = read_one(&element("XPathAssertion", "Valid", &validated, ""));
    assert_eq!((kind, row.standing), (None, Standing::Refused));
    for (class, properties) in [
        (
            "XPathExtractor",
            flags(&[("XPathExtractor.fragment", true)]),
        ),
        (
            "XPathExtractor",
            flags(&[("XPathExtractor.tolerant", true)]),
        ),
        ("XPathAssertion", flags(&[("XPath.tolerant", true)])),
        (
            "XPathAssertion",
            strings(&[("XPath.xpath", "//*[name()='p:x']")]),
        ),
    ] {
        let (_, row) = read_one(&element(class, "Near", &properties, ""));
        assert_eq!(row.standing, Standing::Approximated, "{class}");
    }
}

#[test]
fn xpath2_is_read_unless_its_expression_asks_for_more() {
    let read = |query: &str| {
        let properties = strings(&[
            ("XPathExtractor2.refname", "id"),
            ("XPathExtractor2.xpathQuery", query),
            ("XPathExtractor2.namespaces", "p=urn:p"),
            ("XPathExtractor2.matchNumber", "1"),
        ]);
        read_one(&element("XPath2Extractor", "Id", &properties, ""))
    };
    let (kind, row) = read("//p:item/@id");
    assert_eq!(
        kind,
        Some(ElementKind::PostProcessor(PostProcessor::XPath2(
            XPath2Extractor {
                scope: Scope::Main,
                variable: "id".into(),
                query: "//p:item/@id".into(),
                default: "".into(),
                match_number: "1".into(),
                namespaces: "p=urn:p".into(),
                fragment: false,
            }
        )))
    );
    assert_eq!(row.standing, Standing::Supported);
    let (kind, row) = read("matches(//a, 'x')");
    assert_eq!((kind, row.standing), (None, Standing::Refused));
    assert!(
        row.reason.contains("function `matches()`"),
        "{}",
        row.reason
    );
    let properties = strings(&[("XPath.xpath", "//a"), ("XPath.namespaces", "p=urn:p")]);
    check(
        &element("XPath2Assertion", "Found", &properties, ""),
        ElementKind::Assertion(Assertion::XPath2(XPath2Assertion {
            scope: Scope::Main,
            query: "//a".into(),
            not: false,
            namespaces: "p=urn:p".into(),
        })),
    );
    check(
        &element("XMLAssertion", "Xml", "", ""),
        ElementKind::Assertion(Assertion::Xml),
    );
}

#[test]
fn jmespath_is_read() {
    let properties = strings(&[
        ("JMESExtractor.referenceName", "id"),
        ("JMESExtractor.jmesPathExpr", "a[*].id"),
        ("JMESExtractor.matchNumber", "-1"),
        ("JMESExtractor.defaultValue", "none"),
    ]);
    check(
        &element("JMESPathExtractor", "Id", &properties, ""),
        ElementKind::PostProcessor(PostProcessor::JmesPath(JmesPathExtractor {
            scope: Scope::Main,
            variable: "id".into(),
            path: "a[*].id".into(),
            default: "none".into(),
            match_number: "-1".into(),
        })),
    );
    let properties = strings(&[("JMES_PATH", "a"), ("EXPECTED_VALUE", "1")])
        + &flags(&[("JSONVALIDATION", true), ("ISREGEX", false)]);
    check(
        &element("JMESPathAssertion", "Json", &properties, ""),
        ElementKind::Assertion(Assertion::Json(JsonAssertion {
            kind: JsonAssertionKind::JmesPath,
            path: "a".into(),
            compared: true,
            expected: "1".into(),
            is_regex: false,
            expect_null: false,
            not: false,
        })),
    );
}

#[test]
fn json_paths_of_the_plugin_are_read() {
    const EXTRACTOR: &str =
        "com.atlantbh.jmeter.plugins.jsonutils.jsonpathextractor.JSONPathExtractor";
    const ASSERTION: &str =
        "com.atlantbh.jmeter.plugins.jsonutils.jsonpathassertion.JSONPathAssertion";
    let properties = strings(&[
        ("VAR", "id"),
        ("JSONPATH", "$.id"),
        ("DEFAULT", "none"),
        ("SUBJECT", "VAR"),
        ("VARIABLE", "source"),
        ("INPUT_FORMAT", "JSON"),
    ]);
    check(
        &element(EXTRACTOR, "Id", &properties, ""),
        ElementKind::PostProcessor(PostProcessor::PluginJson(PluginJsonExtractor {
            source: Some("source".into()),
            variable: "id".into(),
            path: "$.id".into(),
            default: "none".into(),
        })),
    );
    let properties = strings(&[("JSON_PATH", "$.a")]);
    let (kind, _) = read_one(&element(ASSERTION, "Json", &properties, ""));
    let Some(ElementKind::Assertion(Assertion::Json(assertion))) = kind else {
        panic!("{kind:?}");
    };
    assert_eq!(assertion.kind, JsonAssertionKind::Plugin);
    let yaml = strings(&[("INPUT_FORMAT", "YAML")]);
    for class in [EXTRACTOR, ASSERTION] {
        let (kind, row) = read_one(&element(class, "Yaml", &yaml, ""));
        assert_eq!((kind, row.standing), (None, Standing::Refused));
    }
}
