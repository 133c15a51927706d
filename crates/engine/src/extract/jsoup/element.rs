//! What selectors ask of an element: its neighbours and its texts.

use scraper::ElementRef;
use scraper::node::Node;

use super::super::html_text::{collapsed, own_text, text_of};
use super::{Combinator, TextPart};

/// The element above, if that is an element.
pub(super) fn parent(element: ElementRef<'_>) -> Option<ElementRef<'_>> {
    element.parent().and_then(ElementRef::wrap)
}

/// The elements with the same parent, in order, `element` among them.
pub(super) fn siblings(element: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    let siblings = element.parent().map(|parent| parent.children());
    siblings.into_iter().flatten().filter_map(ElementRef::wrap)
}

/// How many elements with the same parent stand before `element`; 0 for the root.
pub(super) fn place(element: ElementRef<'_>) -> usize {
    match parent(element) {
        Some(_) => element.prev_siblings().filter_map(ElementRef::wrap).count(),
        None => 0,
    }
}

/// The elements to which `element` stands as `combinator` says.
pub(super) fn candidates<'p>(
    element: ElementRef<'p>,
    combinator: Combinator,
) -> Box<dyn Iterator<Item = ElementRef<'p>> + 'p> {
    match combinator {
        Combinator::Descendant => Box::new(element.ancestors().filter_map(ElementRef::wrap)),
        Combinator::Child => Box::new(parent(element).into_iter()),
        Combinator::Next => {
            let mut before = element.prev_siblings().filter_map(ElementRef::wrap);
            Box::new(before.next().into_iter())
        }
        Combinator::Later => Box::new(element.prev_siblings().filter_map(ElementRef::wrap)),
    }
}

/// The text that a test looks at.
pub(super) fn text(element: ElementRef<'_>, part: TextPart) -> String {
    let is_data = |name: &str| matches!(name, "script" | "style");
    match part {
        TextPart::All => text_of(element),
        TextPart::Own => collapsed(&own_text(element)),
        TextPart::WholeOwn => own_text(element),
        TextPart::Whole | TextPart::Data => element
            .descendants()
            .filter_map(|node| {
                let above = node.parent().and_then(ElementRef::wrap)?;
                let wanted = is_data(above.value().name()) == (part == TextPart::Data);
                match node.value() {
                    Node::Text(text) if wanted => Some(&**text),
                    _ => None,
                }
            })
            .collect(),
    }
}
