//! An element as XML text, with the namespaces that it needs to stand alone.

use roxmltree::Node;

use super::xml::{element_name, own_value};

/// The XML of `element`.
pub(super) fn fragment(element: Node<'_, '_>) -> String {
    let mut out = String::new();
    open(element, true, &mut out);
    let mut node = element;
    loop {
        if let Some(child) = node.first_child() {
            node = child;
            open(node, false, &mut out);
            continue;
        }
        loop {
            close(node, &mut out);
            if node == element {
                return out;
            }
            if let Some(next) = node.next_sibling() {
                node = next;
                open(node, false, &mut out);
                break;
            }
            match node.parent() {
                Some(parent) => node = parent,
                None => return out,
            }
        }
    }
}

/// Appends the beginning of `node`; one that is `outermost` declares all namespaces in scope.
fn open(node: Node<'_, '_>, outermost: bool, out: &mut String) {
    if !node.is_element() {
        let value = own_value(node).unwrap_or("");
        match node.pi() {
            Some(pi) => out.push_str(&format!("<?{} {value}?>", pi.target)),
            None if node.is_comment() => out.push_str(&format!("<!--{value}-->")),
            None => escape(value, false, out),
        }
        return;
    }
    out.push('<');
    out.push_str(element_name(node));
    for namespace in node.namespaces() {
        let known = node.parent_element().is_some_and(|parent| {
            let uri = parent.lookup_namespace_uri(namespace.name());
            uri == Some(namespace.uri())
        });
        if namespace.name() == Some("xml") || (known && !outermost) {
            continue;
        }
        match namespace.name() {
            Some(prefix) => out.push_str(&format!(" xmlns:{prefix}=\"")),
            None => out.push_str(" xmlns=\""),
        }
        escape(namespace.uri(), true, out);
        out.push('"');
    }
    let text = node.document().input_text();
    for attribute in node.attributes() {
        out.push(' ');
        out.push_str(&text[attribute.range_qname()]);
        out.push_str("=\"");
        escape(attribute.value(), true, out);
        out.push('"');
    }
    out.push_str(if node.has_children() { ">" } else { "/>" });
}

fn close(node: Node<'_, '_>, out: &mut String) {
    if node.is_element() && node.has_children() {
        out.push_str(&format!("</{}>", element_name(node)));
    }
}

fn escape(text: &str, in_attribute: bool, out: &mut String) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if in_attribute => out.push_str("&quot;"),
            '\n' if in_attribute => out.push_str("&#10;"),
            '\t' if in_attribute => out.push_str("&#9;"),
            '\r' => out.push_str("&#13;"),
            other => out.push(other),
        }
    }
}
