//! Extractors other than by regular expression and JSONPath.

use loadline_plan::{
    BoundaryExtractor, ElementKind, HtmlExtractor, HtmlReading, JmesPathExtractor,
    PluginJsonExtractor, PostProcessor, XPath2Extractor, XPathExtractor,
};

use crate::judgement::{Judgement, LEFT_OUT};
use crate::processor::{read_field, read_scope};
use crate::properties::Properties;
use crate::xpath2::unsupported;

/// Reads a Boundary Extractor; `None` when it searches a document.
pub(crate) fn read_boundary(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> Option<ElementKind> {
    let text = |name| properties.text_or(name, "");
    let extractor = BoundaryExtractor {
        field: read_field("BoundaryExtractor.useHeaders", properties, judgement)?,
        scope: read_scope("Sample.scope", properties, judgement),
        variable: text("BoundaryExtractor.refname"),
        left: text("BoundaryExtractor.lboundary"),
        right: text("BoundaryExtractor.rboundary"),
        default: text("BoundaryExtractor.default"),
        default_empty: properties
            .flag("BoundaryExtractor.default_empty_value", judgement)
            .unwrap_or(false),
        match_number: text("BoundaryExtractor.match_number"),
    };
    Some(ElementKind::PostProcessor(PostProcessor::Boundary(
        extractor,
    )))
}

/// What Jodd has beyond CSS, or means otherwise.
const NO_CSS: &[&str] = &[
    ":contains",
    ":containsOwn",
    ":containsData",
    ":containsWholeText",
    ":matches",
    ":matchText",
    ":eq(",
    ":lt(",
    ":gt(",
    ":first",
    ":last",
    ":even",
    ":odd",
    "[^",
    "~=",
    "!=",
];

/// CSS that begins like one of those.
const CSS: &[&str] = &[
    ":first-child",
    ":first-of-type",
    ":last-child",
    ":last-of-type",
];

/// Reads a CSS Selector Extractor; `None` when its selector has a test that is not known here.
pub(crate) fn read_html(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> Option<ElementKind> {
    const READER: &str = "HtmlExtractor.extractor_impl";
    let text = |name| properties.text_or(name, "");
    let selector = text("HtmlExtractor.expr");
    let reading = match properties.text(READER).unwrap_or_default().as_str() {
        "" | "JSOUP" => {
            if selector.as_str().contains(":matchText") {
                judgement.refuse("`:matchText` makes elements of texts", LEFT_OUT);
                return None;
            }
            HtmlReading::Jsoup
        }
        "JODD" => {
            let without_css = CSS.iter().fold(selector.as_str().to_owned(), |rest, css| {
                rest.replace(css, "")
            });
            if let Some(found) = NO_CSS.iter().find(|part| without_css.contains(**part)) {
                let selector = selector.as_str();
                judgement.refuse(
                    format!("selector `{selector}` is no CSS: `{found}`"),
                    LEFT_OUT,
                );
                return None;
            }
            judgement.approximate("the body is read as browsers do, not as Jodd does");
            HtmlReading::Jodd
        }
        other => {
            judgement.refuse(format!("implementation `{other}` is not known"), LEFT_OUT);
            return None;
        }
    };
    let extractor = HtmlExtractor {
        scope: read_scope("Sample.scope", properties, judgement),
        reading,
        variable: text("HtmlExtractor.refname"),
        selector,
        attribute: text("HtmlExtractor.attribute"),
        default: text("HtmlExtractor.default"),
        default_empty: properties
            .flag("HtmlExtractor.default_empty_value", judgement)
            .unwrap_or(false),
        match_number: text("HtmlExtractor.match_number"),
    };
    Some(ElementKind::PostProcessor(PostProcessor::Html(extractor)))
}

/// How XPath on HTML differs.
pub(crate) const TIDY: &str = "the body is read as browsers do, not as Tidy does";

/// Notes that an expression means something else here.
pub(crate) fn judge_xpath(query: &str, namespaces: bool, judgement: &mut Judgement) {
    if !namespaces && query.replace("local-name(", "").contains("name(") {
        judgement.approximate("`name()` leaves prefixes out");
    }
}

/// Reads an XPath Extractor.
pub(crate) fn read_xpath(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> Option<ElementKind> {
    let text = |name, default| properties.text_or(name, default);
    let mut flag = |name| properties.flag(name, judgement).unwrap_or(false);
    let tolerant = flag("XPathExtractor.tolerant");
    let namespaces = flag("XPathExtractor.namespace");
    let fragment = flag("XPathExtractor.fragment");
    if tolerant {
        judgement.approximate(TIDY);
    }
    if fragment {
        judgement.approximate("attributes of fragments keep their order; JMeter sorts them");
    }
    let query = text("XPathExtractor.xpathQuery", "");
    judge_xpath(query.as_str(), namespaces, judgement);
    let extractor = XPathExtractor {
        scope: read_scope("Sample.scope", properties, judgement),
        tidy: tolerant,
        variable: text("XPathExtractor.refname", ""),
        query,
        default: text("XPathExtractor.default", ""),
        match_number: text("XPathExtractor.matchNumber", "-1"),
        namespaces,
        fragment,
    };
    Some(ElementKind::PostProcessor(PostProcessor::XPath(extractor)))
}

/// Reads an XPath2 Extractor; `None` when its expression asks for more than is evaluated.
pub(crate) fn read_xpath2(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> Option<ElementKind> {
    let text = |name, default| properties.text_or(name, default);
    let query = text("XPathExtractor2.xpathQuery", "");
    if let Some(found) = unsupported(query.as_str()) {
        let query = query.as_str();
        judgement.refuse(format!("expression `{query}` has {found}"), LEFT_OUT);
        return None;
    }
    let fragment = properties.flag("XPathExtractor2.fragment", judgement);
    let fragment = fragment.unwrap_or(false);
    if fragment {
        judgement.approximate("fragments are not indented");
    }
    let extractor = XPath2Extractor {
        scope: read_scope("Sample.scope", properties, judgement),
        variable: text("XPathExtractor2.refname", ""),
        query,
        default: text("XPathExtractor2.default", ""),
        match_number: text("XPathExtractor2.matchNumber", "0"),
        namespaces: text("XPathExtractor2.namespaces", ""),
        fragment,
    };
    Some(ElementKind::PostProcessor(PostProcessor::XPath2(extractor)))
}

/// Reads a JMESPath Extractor.
pub(crate) fn read_jmes_path(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> ElementKind {
    let text = |name| properties.text_or(name, "");
    ElementKind::PostProcessor(PostProcessor::JmesPath(JmesPathExtractor {
        scope: read_scope("Sample.scope", properties, judgement),
        variable: text("JMESExtractor.referenceName"),
        path: text("JMESExtractor.jmesPathExpr"),
        default: text("JMESExtractor.defaultValue"),
        match_number: text("JMESExtractor.matchNumber"),
    }))
}

/// Reads the plugin's JSON Path Extractor; `None` when it reads YAML.
pub(crate) fn read_plugin_json(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> Option<ElementKind> {
    if has_yaml_input(properties, judgement) {
        return None;
    }
    let text = |name| properties.text_or(name, "");
    let extractor = PluginJsonExtractor {
        source: (text("SUBJECT").as_str() == "VAR").then(|| text("VARIABLE")),
        variable: text("VAR"),
        path: text("JSONPATH"),
        default: text("DEFAULT"),
    };
    Some(ElementKind::PostProcessor(PostProcessor::PluginJson(
        extractor,
    )))
}

/// Whether the plugin's element reads YAML, which is refused.
pub(crate) fn has_yaml_input(properties: Properties<'_, '_>, judgement: &mut Judgement) -> bool {
    let format = properties.text("INPUT_FORMAT").unwrap_or_default();
    let is_yaml = format == "YAML";
    if is_yaml {
        judgement.refuse("bodies are not read as YAML", LEFT_OUT);
    }
    is_yaml
}
