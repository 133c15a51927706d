//! HTML as well-formed XML, for XPath elements that are tolerant.
//!
//! JMeter has JTidy make the tree; here it is the one that browsers make, with what plans can see
//! of Tidy's ways: its mark in the head, white space collapsed and trimmed at the edges of blocks,
//! empty elements left out, `tbody` only where it is written. How broken markup is mended differs.

use std::ops::Deref;

use scraper::node::{Element, Node};
use scraper::{ElementRef, Html};

/// Elements that part lines: white space at their edges is none.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
    "caption",
    "center",
    "col",
    "colgroup",
    "dd",
    "dir",
    "div",
    "dl",
    "dt",
    "fieldset",
    "footer",
    "form",
    "frameset",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "legend",
    "li",
    "link",
    "main",
    "menu",
    "meta",
    "nav",
    "noscript",
    "ol",
    "optgroup",
    "option",
    "p",
    "pre",
    "script",
    "section",
    "select",
    "style",
    "table",
    "tbody",
    "td",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "ul",
];

/// Elements that stay though they are empty.
const KEPT_EMPTY: &[&str] = &[
    "a", "applet", "area", "base", "body", "br", "button", "canvas", "col", "embed", "frame",
    "head", "hr", "html", "iframe", "img", "input", "link", "meta", "object", "option", "param",
    "script", "select", "style", "td", "textarea", "th", "title", "wbr",
];

/// Elements whose text stands as it is.
const VERBATIM: &[&str] = &["pre", "script", "style", "textarea"];

/// What Tidy says of itself in each page.
const GENERATOR: &str = "HTML Tidy for Java (vers. 2009-12-01), see jtidy.sourceforge.net";

/// A node of a page.
type TreeNode<'p> = <ElementRef<'p> as Deref>::Target;

/// Elements in a line that are something to see although they are empty.
const IN_LINE: &[&str] = &["button", "img", "input"];

/// The page `html` as XML.
pub(super) fn tidied(html: &str) -> String {
    let page = Html::parse_document(html);
    let mut writer = Writer {
        out: String::with_capacity(html.len() + 200),
        pending_space: false,
        at_edge: true,
        writes_table_bodies: has_table_body(html),
    };
    writer.tree(page.root_element());
    writer.out
}

/// Whether a table's body is written out; the tree has one in every table.
fn has_table_body(html: &str) -> bool {
    let bytes = html.as_bytes();
    memchr::memchr_iter(b'<', bytes).any(|at| {
        let name = bytes.get(at + 1..at + 6);
        name.is_some_and(|name| name.eq_ignore_ascii_case(b"tbody"))
    })
}

struct Writer {
    out: String,
    /// White space that is written when more text of the same line follows.
    pending_space: bool,
    /// Whether nothing of the present line is written yet.
    at_edge: bool,
    writes_table_bodies: bool,
}

impl Writer {
    /// Walks without recursion, since pages may nest deeper than a stack holds.
    fn tree(&mut self, root: ElementRef<'_>) {
        let top = *root;
        let mut node = top;
        loop {
            let enters = self.open(node);
            if enters && let Some(child) = node.first_child() {
                node = child;
                continue;
            }
            if enters {
                self.close(node);
            }
            // Back up to the next node that is not yet visited.
            loop {
                if node == top {
                    return;
                }
                if let Some(next) = node.next_sibling() {
                    node = next;
                    break;
                }
                match node.parent() {
                    Some(parent) => {
                        node = parent;
                        self.close(node);
                    }
                    None => return,
                }
            }
        }
    }

    /// Writes the beginning of `node`; returns whether what is inside is written too.
    fn open(&mut self, node: TreeNode<'_>) -> bool {
        match node.value() {
            Node::Text(text) => {
                let above = node.parent().and_then(ElementRef::wrap);
                let name = above.map_or("", |above| above.value().name());
                match VERBATIM.contains(&name) {
                    true => escape(text.trim_matches(['\n', '\r', ' ', '\t']), &mut self.out),
                    false => self.text(text),
                }
                false
            }
            Node::Element(element) => {
                if is_pruned(node, element) {
                    return false;
                }
                if self.is_left_open(element) {
                    return true;
                }
                if BLOCKS.contains(&element.name()) {
                    self.edge();
                } else {
                    self.flush_space();
                }
                self.start_tag(element);
                self.at_edge &= !IN_LINE.contains(&element.name());
                true
            }
            _ => false,
        }
    }

    fn close(&mut self, node: TreeNode<'_>) {
        let Node::Element(element) = node.value() else {
            return;
        };
        if self.is_left_open(element) {
            return;
        }
        if BLOCKS.contains(&element.name()) {
            self.edge();
        }
        self.out
            .push_str(&format!("</{}>", xml_name(element.name())));
    }

    /// Whether the element's tags are left out.
    fn is_left_open(&self, element: &Element) -> bool {
        element.name() == "tbody" && !self.writes_table_bodies
    }

    fn start_tag(&mut self, element: &Element) {
        self.out.push('<');
        self.out.push_str(&xml_name(element.name()));
        for (name, value) in element.attrs() {
            let is_name = name.starts_with(|first: char| first.is_alphabetic() || first == '_')
                && name
                    .chars()
                    .all(|part| part.is_alphanumeric() || "-_.".contains(part));
            // Names that XML cannot have, and prefixes that nothing declares.
            if !is_name || name == "xmlns" {
                continue;
            }
            // Tidy writes the value of `disabled` and its like out.
            let value = if value.is_empty() && IS_FLAG.contains(&name) {
                name
            } else {
                value
            };
            self.out.push_str(&format!(" {name}=\""));
            escape(value, &mut self.out);
            self.out.push('"');
        }
        self.out.push('>');
        if element.name() == "head" {
            self.out.push_str(&format!(
                "<meta name=\"generator\" content=\"{GENERATOR}\"></meta>"
            ));
        }
    }

    fn text(&mut self, text: &str) {
        for character in text.chars() {
            if matches!(character, ' ' | '\n' | '\r' | '\t' | '\u{c}') {
                self.pending_space = !self.at_edge;
                continue;
            }
            self.flush_space();
            self.at_edge = false;
            escape_character(character, &mut self.out);
        }
    }

    fn flush_space(&mut self) {
        if self.pending_space {
            self.out.push(' ');
            self.pending_space = false;
        }
    }

    /// The edge of a block: white space here is none.
    fn edge(&mut self) {
        self.pending_space = false;
        self.at_edge = true;
    }
}

/// Attributes without a value of their own.
const IS_FLAG: &[&str] = &[
    "checked", "compact", "declare", "defer", "disabled", "ismap", "multiple", "nohref",
    "noresize", "noshade", "nowrap", "readonly", "selected",
];

/// Whether Tidy leaves an element out because nothing is in it.
fn is_pruned(node: TreeNode<'_>, element: &Element) -> bool {
    if KEPT_EMPTY.contains(&element.name()) || element.attr("id").is_some() {
        return false;
    }
    element.attr("name").is_none()
        && node.children().all(|child| match child.value() {
            Node::Text(text) => text.trim().is_empty(),
            Node::Comment(_) => true,
            _ => false,
        })
}

/// A name that XML takes.
fn xml_name(name: &str) -> String {
    let allowed = |part: char| part.is_alphanumeric() || "-_.".contains(part);
    let name: String = name
        .chars()
        .map(|part| if allowed(part) { part } else { '_' })
        .collect();
    match name.starts_with(|first: char| first.is_alphabetic() || first == '_') {
        true => name,
        false => format!("_{name}"),
    }
}

fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        escape_character(character, out);
    }
}

fn escape_character(character: char, out: &mut String) {
    match character {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        '\n' => out.push_str("&#10;"),
        '\r' => out.push_str("&#13;"),
        '\t' => out.push_str("&#9;"),
        // No characters of XML.
        control if control < ' ' => {}
        '\u{fffe}' | '\u{ffff}' => {}
        other => out.push(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_given_becomes_xml() {
        for html in [
            "",
            "x",
            "<b><i>x</b>y</i>",
            "<p a=1 a=2 @x='3' x:y=4 xmlns=q>&nbsp;<\u{1}",
            "<svg viewBox='0 0 1 1'><path d='M0'/></svg>",
            "<!-- -- --><script>if (a<b && c) {}</script>",
            "<a:b>x</a:b><1>",
        ] {
            let xml = tidied(html);
            assert!(roxmltree::Document::parse(&xml).is_ok(), "{html}: {xml}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_text_becomes_xml(html in r#"(<[a-d]|</|<!--|>|[a-z="' &;/-]|<table|<tr|<td|<svg|\n|\u{1}|&#){0,30}"#) {
            let xml = tidied(&html);
            let read = roxmltree::Document::parse(&xml);
            proptest::prop_assert!(read.is_ok(), "{html}: {xml}");
        }
    }
}
