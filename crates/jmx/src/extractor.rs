//! Extractors other than by regular expression and JSONPath.

use loadline_plan::{BoundaryExtractor, ElementKind, PostProcessor};

use crate::judgement::Judgement;
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
