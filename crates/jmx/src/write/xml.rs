//! XML as JMeter saves it: one property a line, indented by two spaces, texts escaped.
//!
//! Not here: which properties an element has.

/// XML that grows.
#[derive(Debug, Default)]
pub(super) struct Xml {
    text: String,
    depth: usize,
    /// The first character since [`Xml::take_forbidden`] that XML 1.0 has no way to write.
    forbidden: Option<char>,
}

impl Xml {
    /// Begins a document.
    pub(super) fn new() -> Self {
        Self {
            text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(),
            ..Self::default()
        }
    }

    /// The document.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// The first character that could not be written since the last call; it was left out.
    pub(super) fn take_forbidden(&mut self) -> Option<char> {
        self.forbidden.take()
    }

    /// A start tag.
    pub(super) fn open(&mut self, tag: &str, attributes: &[(&str, &str)]) {
        self.tag(tag, attributes);
        self.text.push_str(">\n");
        self.depth += 1;
    }

    /// The end tag of the innermost open element, `tag`.
    pub(super) fn close(&mut self, tag: &str) {
        self.depth -= 1;
        self.indent();
        self.text.push_str("</");
        self.text.push_str(tag);
        self.text.push_str(">\n");
    }

    /// An element without content.
    pub(super) fn empty(&mut self, tag: &str, attributes: &[(&str, &str)]) {
        self.tag(tag, attributes);
        self.text.push_str("/>\n");
    }

    /// A `stringProp`.
    pub(super) fn string(&mut self, name: &str, value: &str) {
        self.property("stringProp", name, value);
    }

    /// A `boolProp`.
    pub(super) fn flag(&mut self, name: &str, value: bool) {
        self.property("boolProp", name, if value { "true" } else { "false" });
    }

    /// An `intProp`.
    pub(super) fn number(&mut self, name: &str, value: u32) {
        self.property("intProp", name, &value.to_string());
    }

    /// A `longProp`.
    pub(super) fn long_number(&mut self, name: &str, value: u64) {
        self.property("longProp", name, &value.to_string());
    }

    /// A collection of texts; JMeter reads its items in order, whatever their names.
    pub(super) fn strings<'s>(&mut self, name: &str, values: impl IntoIterator<Item = &'s str>) {
        self.collection(name, |xml| {
            for (index, value) in values.into_iter().enumerate() {
                xml.string(&index.to_string(), value);
            }
        });
    }

    /// A collection with the items that `items` writes.
    pub(super) fn collection(&mut self, name: &str, items: impl FnOnce(&mut Self)) {
        self.open("collectionProp", &[("name", name)]);
        items(self);
        self.close("collectionProp");
    }

    /// A table: a collection of collections.
    pub(super) fn rows<'s, const N: usize>(
        &mut self,
        name: &str,
        rows: impl IntoIterator<Item = [&'s str; N]>,
    ) {
        self.collection(name, |xml| {
            for (index, row) in rows.into_iter().enumerate() {
                xml.strings(&index.to_string(), row);
            }
        });
    }

    /// A nested element of the class `class` with what `content` writes.
    pub(super) fn item(&mut self, name: &str, class: &str, content: impl FnOnce(&mut Self)) {
        self.open("elementProp", &[("name", name), ("elementType", class)]);
        content(self);
        self.close("elementProp");
    }

    fn property(&mut self, tag: &str, name: &str, value: &str) {
        self.tag(tag, &[("name", name)]);
        self.text.push('>');
        self.escaped(value, false);
        self.text.push_str("</");
        self.text.push_str(tag);
        self.text.push_str(">\n");
    }

    fn tag(&mut self, tag: &str, attributes: &[(&str, &str)]) {
        self.indent();
        self.text.push('<');
        self.text.push_str(tag);
        for (name, value) in attributes {
            self.text.push(' ');
            self.text.push_str(name);
            self.text.push_str("=\"");
            self.escaped(value, true);
            self.text.push('"');
        }
    }

    fn indent(&mut self) {
        for _ in 0..self.depth {
            self.text.push_str("  ");
        }
    }

    /// Line ends and tabs in attributes, and carriage returns everywhere, would not survive as they
    /// are.
    fn escaped(&mut self, text: &str, is_attribute: bool) {
        for character in text.chars() {
            match character {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '"' => self.text.push_str("&quot;"),
                '\r' => self.text.push_str("&#xd;"),
                '\n' if is_attribute => self.text.push_str("&#xa;"),
                '\t' if is_attribute => self.text.push_str("&#x9;"),
                character if is_sayable(character) => self.text.push(character),
                character => self.forbidden = self.forbidden.or(Some(character)),
            }
        }
    }
}

/// Whether XML 1.0 has the character (its production `Char`).
fn is_sayable(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_survive() {
        let text = " a<b>&\"c'\r\n\td\u{85}\u{10ffff} ";
        let mut xml = Xml::new();
        xml.open("x", &[("name", text)]);
        xml.string("p", text);
        xml.close("x");
        assert_eq!(xml.take_forbidden(), None);
        let xml = xml.into_text();
        let document = roxmltree::Document::parse(&xml).unwrap();
        let root = document.root_element();
        assert_eq!(root.attribute("name"), Some(text));
        assert_eq!(root.first_element_child().unwrap().text(), Some(text));
    }

    #[test]
    fn what_xml_does_not_have_is_told() {
        let mut xml = Xml::new();
        xml.string("p", "a\u{1}\u{ffff}b");
        assert_eq!(xml.take_forbidden(), Some('\u{1}'));
        assert_eq!(xml.take_forbidden(), None);
    }
}
