//! Extractors other than by regular expression and JSONPath.

use loadline_plan::{
    BoundaryExtractor, ElementKind, HtmlExtractor, HtmlReading, PostProcessor, XPathExtractor,
};

use crate::judgement::{Judgement, LEFT_OUT};
use crate::processor::{read_field, read_scope};
use crate::properties::Properties;

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

/// What jsoup and Jodd have beyond CSS, or mean otherwise.
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

/// Reads a CSS Selector Extractor; `None` when its selector is no CSS.
pub(crate) fn read_html(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> Option<ElementKind> {
    const READER: &str = "HtmlExtractor.extractor_impl";
    let text = |name| properties.text_or(name, "");
    let selector = text("HtmlExtractor.expr");
    let without_css = CSS.iter().fold(selector.as_str().to_owned(), |rest, css| {
        rest.replace(css, "")
    });
    if let Some(found) = NO_CSS.iter().find(|part| without_css.contains(**part)) {
        judgement.refuse(
            format!("selector `{}` is no CSS: `{found}`", selector.as_str()),
            LEFT_OUT,
        );
        return None;
    }
    let reading = match properties.text(READER).unwrap_or_default().as_str() {
        "" | "JSOUP" => HtmlReading::Jsoup,
        "JODD" => {
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

/// Why XPath on HTML is refused.
pub(crate) const TIDY: &str = "HTML is not made into XML as Tidy does";

/// Notes that an expression means something else here.
pub(crate) fn judge_xpath(query: &str, namespaces: bool, judgement: &mut Judgement) {
    if !namespaces && query.replace("local-name(", "").contains("name(") {
        judgement.approximate("`name()` leaves prefixes out");
    }
}

/// Reads an XPath Extractor; `None` when the body is to be tidied first.
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
        judgement.refuse(TIDY, LEFT_OUT);
        return None;
    }
    if fragment {
        judgement.approximate("attributes of fragments keep their order; JMeter sorts them");
    }
    let query = text("XPathExtractor.xpathQuery", "");
    judge_xpath(query.as_str(), namespaces, judgement);
    let extractor = XPathExtractor {
        scope: read_scope("Sample.scope", properties, judgement),
        variable: text("XPathExtractor.refname", ""),
        query,
        default: text("XPathExtractor.default", ""),
        match_number: text("XPathExtractor.matchNumber", "-1"),
        namespaces,
        fragment,
    };
    Some(ElementKind::PostProcessor(PostProcessor::XPath(extractor)))
}
