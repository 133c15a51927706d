//! The text of an HTML element as jsoup makes it, which JMeter uses: white space is collapsed, a
//! block or a line break parts words, and some elements keep their text as it stands.

use scraper::ElementRef;
use scraper::node::Node;

/// Elements that part words, by jsoup's table of tags.
const BLOCKS: &[&str] = &[
    "address",
    "applet",
    "article",
    "aside",
    "audio",
    "blockquote",
    "body",
    "canvas",
    "caption",
    "center",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dir",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "frame",
    "frameset",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hgroup",
    "hr",
    "html",
    "ins",
    "li",
    "link",
    "listing",
    "main",
    "marquee",
    "math",
    "menu",
    "meta",
    "nav",
    "noframes",
    "noscript",
    "ol",
    "p",
    "plaintext",
    "pre",
    "script",
    "section",
    "style",
    "svg",
    "table",
    "tbody",
    "td",
    "template",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "ul",
    "video",
];

/// Elements in front of which a block needs no white space, by the same table.
const IN_LINE: &[&str] = &[
    "a", "address", "button", "del", "h1", "h2", "h3", "h4", "h5", "h6", "ins", "li", "p", "pre",
    "s", "script", "style", "td", "th", "title",
];

/// Elements whose text keeps its white space.
const PRESERVED: &[&str] = &["plaintext", "pre", "textarea", "title"];

/// How many elements up one with preserved white space is looked for.
const PRESERVED_LEVELS: usize = 6;

/// The element's text without white space around it.
pub(super) fn text_of(element: ElementRef<'_>) -> String {
    let mut out = String::new();
    append(element, &mut out);
    java_trim(&out).to_owned()
}

/// The element's text as it stands, without white space around it.
pub(super) fn plain_text(element: ElementRef<'_>) -> String {
    let text: String = element.text().collect();
    java_trim(&text).to_owned()
}

/// The texts of the element itself, not of those inside, as they stand; a line break is a space.
pub(super) fn own_text(element: ElementRef<'_>) -> String {
    let mut out = String::new();
    if matches!(element.value().name(), "script" | "style") {
        return out;
    }
    for child in element.children() {
        match child.value() {
            Node::Text(text) => out.push_str(text),
            Node::Element(inner) if inner.name() == "br" => out.push(' '),
            _ => {}
        }
    }
    out
}

/// `text` with white space collapsed, and none around it.
pub(super) fn collapsed(text: &str) -> String {
    let mut out = String::new();
    collapse(text, &mut out);
    java_trim(&out).to_owned()
}

/// Walks without recursion, since pages may nest deeper than a stack holds.
fn append(root: ElementRef<'_>, out: &mut String) {
    let top = *root;
    let mut node = top;
    loop {
        match node.value() {
            Node::Text(text) => match node.parent().and_then(ElementRef::wrap) {
                // The contents of these are no text in jsoup.
                Some(parent) if matches!(parent.value().name(), "script" | "style") => {}
                Some(parent) if keeps_white_space(parent) => out.push_str(text),
                _ => collapse(text, out),
            },
            Node::Element(element) => {
                let parts_words = is_block(element.name()) || element.name() == "br";
                if parts_words && !out.is_empty() {
                    part_words(out);
                }
            }
            _ => {}
        }
        if let Some(child) = node.first_child() {
            node = child;
            continue;
        }
        // Back up to the next node that is not yet visited.
        loop {
            let next = node.next_sibling();
            if let Node::Element(element) = node.value() {
                let goes_on = next.is_some_and(|next| match next.value() {
                    Node::Text(_) => true,
                    Node::Element(next) => IN_LINE.binary_search(&next.name()).is_ok(),
                    _ => false,
                });
                if is_block(element.name()) && goes_on {
                    part_words(out);
                }
            }
            if node == top {
                return;
            }
            match (next, node.parent()) {
                (Some(next), _) => {
                    node = next;
                    break;
                }
                (None, Some(parent)) => node = parent,
                (None, None) => return,
            }
        }
    }
}

fn is_block(name: &str) -> bool {
    BLOCKS.binary_search(&name).is_ok()
}

fn part_words(out: &mut String) {
    if !out.ends_with(' ') {
        out.push(' ');
    }
}

fn keeps_white_space(element: ElementRef<'_>) -> bool {
    let above = element.ancestors().filter_map(ElementRef::wrap);
    std::iter::once(element)
        .chain(above)
        .take(PRESERVED_LEVELS)
        .any(|element| PRESERVED.contains(&element.value().name()))
}

/// Appends `text` with each run of white space as one space, none behind a space.
fn collapse(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            ' ' | '\t' | '\n' | '\u{c}' | '\r' | '\u{a0}' => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            // Zero-width space and soft hyphen.
            '\u{200b}' | '\u{ad}' => {}
            other => out.push(other),
        }
    }
}

/// Java's `trim`: everything up to the space goes.
fn java_trim(text: &str) -> &str {
    text.trim_matches(|character| character <= ' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        assert!(BLOCKS.is_sorted());
        assert!(IN_LINE.is_sorted());
    }
}
