//! Post-processors that read values out of results.

use loadline_plan::{Element, HtmlReading, PostProcessor};

use super::Writer;

const SCOPE: &str = "Sample.scope";

impl Writer {
    pub(super) fn extractor(&mut self, element: &Element, extractor: &PostProcessor) {
        match extractor {
            PostProcessor::Regex(own) => {
                self.of(element, "RegexExtractor", "RegexExtractorGui", |writer| {
                    writer.searched_field("RegexExtractor.useHeaders", own.field);
                    writer.texts(&[
                        ("RegexExtractor.refname", &own.variable),
                        ("RegexExtractor.regex", &own.regex),
                        ("RegexExtractor.template", &own.template),
                        ("RegexExtractor.default", &own.default),
                        ("RegexExtractor.match_number", &own.match_number),
                    ]);
                    let name = "RegexExtractor.default_empty_value";
                    writer.xml.flag(name, own.default_empty);
                    writer.scope(SCOPE, &own.scope);
                });
            }
            PostProcessor::Json(own) => {
                let gui = "JSONPostProcessorGui";
                self.of(element, "JSONPostProcessor", gui, |writer| {
                    writer.texts(&[
                        ("JSONPostProcessor.referenceNames", &own.variables),
                        ("JSONPostProcessor.jsonPathExprs", &own.paths),
                        ("JSONPostProcessor.match_numbers", &own.match_numbers),
                        ("JSONPostProcessor.defaultValues", &own.defaults),
                    ]);
                    let name = "JSONPostProcessor.compute_concat";
                    writer.xml.flag(name, own.concatenate);
                    writer.scope(SCOPE, &own.scope);
                });
            }
            PostProcessor::Boundary(own) => {
                let gui = "BoundaryExtractorGui";
                self.of(element, "BoundaryExtractor", gui, |writer| {
                    writer.searched_field("BoundaryExtractor.useHeaders", own.field);
                    writer.texts(&[
                        ("BoundaryExtractor.refname", &own.variable),
                        ("BoundaryExtractor.lboundary", &own.left),
                        ("BoundaryExtractor.rboundary", &own.right),
                        ("BoundaryExtractor.default", &own.default),
                        ("BoundaryExtractor.match_number", &own.match_number),
                    ]);
                    let name = "BoundaryExtractor.default_empty_value";
                    writer.xml.flag(name, own.default_empty);
                    writer.scope(SCOPE, &own.scope);
                });
            }
            PostProcessor::Html(own) => {
                self.of(element, "HtmlExtractor", "HtmlExtractorGui", |writer| {
                    writer.texts(&[
                        ("HtmlExtractor.refname", &own.variable),
                        ("HtmlExtractor.expr", &own.selector),
                        ("HtmlExtractor.attribute", &own.attribute),
                        ("HtmlExtractor.default", &own.default),
                        ("HtmlExtractor.match_number", &own.match_number),
                    ]);
                    let name = "HtmlExtractor.default_empty_value";
                    writer.xml.flag(name, own.default_empty);
                    let reading = match own.reading {
                        HtmlReading::Jsoup => "JSOUP",
                        HtmlReading::Jodd => "JODD",
                    };
                    writer.xml.string("HtmlExtractor.extractor_impl", reading);
                    writer.scope(SCOPE, &own.scope);
                });
            }
            PostProcessor::XPath(own) => {
                self.of(element, "XPathExtractor", "XPathExtractorGui", |writer| {
                    writer.texts(&[
                        ("XPathExtractor.default", &own.default),
                        ("XPathExtractor.refname", &own.variable),
                        ("XPathExtractor.matchNumber", &own.match_number),
                        ("XPathExtractor.xpathQuery", &own.query),
                    ]);
                    writer.flags(&[
                        ("XPathExtractor.validate", false),
                        ("XPathExtractor.tolerant", own.tidy),
                        ("XPathExtractor.namespace", own.namespaces),
                        ("XPathExtractor.fragment", own.fragment),
                    ]);
                    writer.scope(SCOPE, &own.scope);
                });
            }
            PostProcessor::XPath2(own) => {
                self.of(element, "XPath2Extractor", "XPath2ExtractorGui", |writer| {
                    writer.texts(&[
                        ("XPathExtractor2.default", &own.default),
                        ("XPathExtractor2.refname", &own.variable),
                        ("XPathExtractor2.matchNumber", &own.match_number),
                        ("XPathExtractor2.xpathQuery", &own.query),
                        ("XPathExtractor2.namespaces", &own.namespaces),
                    ]);
                    writer.xml.flag("XPathExtractor2.fragment", own.fragment);
                    writer.scope(SCOPE, &own.scope);
                });
            }
            PostProcessor::JmesPath(own) => {
                let gui = "JMESPathExtractorGui";
                self.of(element, "JMESPathExtractor", gui, |writer| {
                    writer.texts(&[
                        ("JMESExtractor.referenceName", &own.variable),
                        ("JMESExtractor.jmesPathExpr", &own.path),
                        ("JMESExtractor.matchNumber", &own.match_number),
                        ("JMESExtractor.defaultValue", &own.default),
                    ]);
                    writer.scope(SCOPE, &own.scope);
                });
            }
            PostProcessor::FifoPut(put) => {
                let class = "kg.apc.jmeter.modifiers.FifoPutPostProcessor";
                self.of(element, class, &format!("{class}Gui"), |writer| {
                    writer.texts(&[("FifoName", &put.queue), ("Value", &put.value)]);
                });
            }
            PostProcessor::Debug(lists) => {
                self.of(element, "DebugPostProcessor", "TestBeanGUI", |writer| {
                    writer.debug_lists(lists);
                    writer.xml.flag("displaySamplerProperties", false);
                });
            }
            PostProcessor::PluginJson(own) => {
                let package = "com.atlantbh.jmeter.plugins.jsonutils.jsonpathextractor";
                let class = format!("{package}.JSONPathExtractor");
                let gui = format!("{package}.gui.JSONPathExtractorGui");
                self.of(element, &class, &gui, |writer| {
                    writer.texts(&[
                        ("VAR", &own.variable),
                        ("JSONPATH", &own.path),
                        ("DEFAULT", &own.default),
                    ]);
                    let source = own.source.as_ref();
                    let variable = source.map_or("", |source| source.as_str());
                    writer.xml.string("VARIABLE", variable);
                    let subject = if source.is_some() { "VAR" } else { "BODY" };
                    writer.xml.string("SUBJECT", subject);
                    writer.xml.string("INPUT_FORMAT", "JSON");
                });
            }
        }
    }
}
