//! Assertions.

use loadline_plan::{
    Assertion, Element, JsonAssertion, JsonAssertionKind, MatchRule, ResponseAssertion,
    ResponseField, SizeAssertion, SizeRule, SizedPart, Text,
};

use super::Writer;

const SCOPE: &str = "Assertion.scope";

impl Writer {
    pub(super) fn assertion(&mut self, element: &Element, assertion: &Assertion) {
        match assertion {
            Assertion::Response(own) => {
                self.of(element, "ResponseAssertion", "AssertionGui", |writer| {
                    writer.response_assertion(own);
                });
            }
            Assertion::Duration(own) => {
                let gui = "DurationAssertionGui";
                self.of(element, "DurationAssertion", gui, |writer| {
                    writer.texts(&[("DurationAssertion.duration", &own.longest_ms)]);
                    writer.scope(SCOPE, &own.scope);
                });
            }
            Assertion::Size(own) => {
                self.of(element, "SizeAssertion", "SizeAssertionGui", |writer| {
                    writer.size_assertion(own);
                });
            }
            Assertion::Json(own) => self.json_assertion(element, own),
            Assertion::Md5(own) => {
                let gui = "MD5HexAssertionGUI";
                self.of(element, "MD5HexAssertion", gui, |writer| {
                    writer.texts(&[("MD5HexAssertion.size", &own.expected)]);
                });
            }
            Assertion::XPath(own) => {
                self.of(element, "XPathAssertion", "XPathAssertionGui", |writer| {
                    writer.flags(&[
                        ("XPath.negate", own.not),
                        ("XPath.validate", false),
                        ("XPath.tolerant", own.tidy),
                        ("XPath.namespace", own.namespaces),
                    ]);
                    writer.texts(&[("XPath.xpath", &own.query)]);
                    writer.scope(SCOPE, &own.scope);
                });
            }
            Assertion::XPath2(own) => {
                self.of(element, "XPath2Assertion", "XPath2AssertionGui", |writer| {
                    writer.xml.flag("XPath.negate", own.not);
                    writer.texts(&[
                        ("XPath.xpath", &own.query),
                        ("XPath.namespaces", &own.namespaces),
                    ]);
                    writer.scope(SCOPE, &own.scope);
                });
            }
            Assertion::Compare(own) => {
                self.of(element, "CompareAssertion", "TestBeanGUI", |writer| {
                    writer.xml.flag("compareContent", own.content);
                    writer.texts(&[("compareTime", &own.longest_difference_ms)]);
                    writer.xml.collection("stringsToSkip", |xml| {
                        for (regex, text) in &own.replaced {
                            xml.item("", "SubstitutionElement", |xml| {
                                xml.string("regex", regex.as_str());
                                xml.string("substitute", text.as_str());
                            });
                        }
                    });
                });
            }
            Assertion::Xml => self.of(element, "XMLAssertion", "XMLAssertionGui", |_| {}),
        }
    }

    fn response_assertion(&mut self, own: &ResponseAssertion) {
        // The misspelling is JMeter's.
        let patterns = own.patterns.iter().map(Text::as_str);
        self.xml.strings("Asserion.test_strings", patterns);
        let message = own.custom_message.as_str();
        self.xml.string("Assertion.custom_message", message);
        let field = match own.field {
            ResponseField::Body => "Assertion.response_data",
            ResponseField::Code => "Assertion.response_code",
            ResponseField::Message => "Assertion.response_message",
            ResponseField::ResponseHeaders => "Assertion.response_headers",
            ResponseField::RequestHeaders => "Assertion.request_headers",
            ResponseField::RequestData => "Assertion.request_data",
            // No assertion looks at unescaped bodies; the plan that is read back tells.
            ResponseField::Url | ResponseField::UnescapedBody => "Assertion.sample_label",
        };
        self.xml.string("Assertion.test_field", field);
        let assume_success = own.assume_success;
        self.xml.flag("Assertion.assume_success", assume_success);
        let rule = match own.rule {
            MatchRule::Matches => 1,
            MatchRule::Contains => 2,
            MatchRule::Equals => 8,
            MatchRule::Substring => 16,
        };
        let kind = rule + 4 * u32::from(own.not) + 32 * u32::from(own.any);
        self.xml.number("Assertion.test_type", kind);
        self.scope(SCOPE, &own.scope);
    }

    fn size_assertion(&mut self, own: &SizeAssertion) {
        let part = match own.part {
            SizedPart::Network => "SizeAssertion.response_network_size",
            SizedPart::Headers => "SizeAssertion.response_headers",
            SizedPart::Body => "SizeAssertion.response_data",
            SizedPart::Code => "SizeAssertion.response_code",
            SizedPart::Message => "SizeAssertion.response_message",
        };
        self.xml.string("Assertion.test_field", part);
        self.texts(&[("SizeAssertion.size", &own.size)]);
        let rule = match own.rule {
            SizeRule::Equal => 1,
            SizeRule::NotEqual => 2,
            SizeRule::Greater => 3,
            SizeRule::Less => 4,
            SizeRule::GreaterOrEqual => 5,
            SizeRule::LessOrEqual => 6,
            SizeRule::Unknown => 0,
        };
        self.xml.number("SizeAssertion.operator", rule);
        self.scope(SCOPE, &own.scope);
    }

    fn json_assertion(&mut self, element: &Element, own: &JsonAssertion) {
        const PACKAGE: &str = "com.atlantbh.jmeter.plugins.jsonutils.jsonpathassertion";
        let (class, gui, path) = match own.kind {
            JsonAssertionKind::JsonPath => (
                "JSONPathAssertion".to_owned(),
                "JSONPathAssertionGui".to_owned(),
                "JSON_PATH",
            ),
            JsonAssertionKind::JmesPath => (
                "JMESPathAssertion".to_owned(),
                "JMESPathAssertionGui".to_owned(),
                "JMES_PATH",
            ),
            JsonAssertionKind::Plugin => (
                format!("{PACKAGE}.JSONPathAssertion"),
                format!("{PACKAGE}.gui.JSONPathAssertionGui"),
                "JSON_PATH",
            ),
        };
        self.of(element, &class, &gui, |writer| {
            writer.texts(&[(path, &own.path), ("EXPECTED_VALUE", &own.expected)]);
            writer.flags(&[
                ("JSONVALIDATION", own.compared),
                ("EXPECT_NULL", own.expect_null),
                ("INVERT", own.not),
                ("ISREGEX", own.is_regex),
            ]);
        });
    }
}
