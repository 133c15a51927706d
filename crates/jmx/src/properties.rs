//! The properties of a JMeter element, read as JMeter reads them.
//!
//! A property's XML tag (`stringProp`, `boolProp`, `intProp`...) says how it was written, not how it
//! is read: each may be asked for as text, flag or number.

use std::borrow::Cow;

use loadline_plan::Text;
use roxmltree::Node;

use crate::judgement::Judgement;

/// How a file writes names and values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// As they are (file versions 1.1 and later).
    Plain,
    /// URL-encoded in UTF-8 (file version 1.0).
    Url,
}

impl Encoding {
    /// How the file with the root element `root` writes names and values.
    pub(crate) fn of_file(root: Node<'_, '_>) -> Self {
        match root.attribute("version") {
            Some("1.0") => Encoding::Url,
            _ => Encoding::Plain,
        }
    }
}

/// The properties of one element.
#[derive(Clone, Copy)]
pub(crate) struct Properties<'a, 'text> {
    node: Node<'a, 'text>,
    encoding: Encoding,
}

impl<'a, 'text> Properties<'a, 'text> {
    /// The properties of `node`.
    pub(crate) fn of(node: Node<'a, 'text>, encoding: Encoding) -> Self {
        Self { node, encoding }
    }

    /// The element's name.
    pub(crate) fn name(self) -> String {
        self.text("TestElement.name")
            .or_else(|| self.attribute("testname"))
            .unwrap_or_default()
    }

    /// Whether the element is enabled: anything but `true` switches it off, absence does not.
    pub(crate) fn enabled(self) -> bool {
        self.text("TestElement.enabled")
            .or_else(|| self.attribute("enabled"))
            .is_none_or(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The GUI class without its package; empty when absent.
    pub(crate) fn gui_class(self) -> String {
        let full = self
            .text("TestElement.gui_class")
            .or_else(|| self.attribute("guiclass"))
            .unwrap_or_default();
        full.rsplit('.').next().unwrap_or_default().to_owned()
    }

    /// An attribute of the element's own tag.
    pub(crate) fn attribute(self, name: &str) -> Option<String> {
        self.node.attribute(name).map(|value| self.decode(value))
    }

    /// Text of the property `name`; absent when the file does not write it.
    pub(crate) fn text(self, name: &str) -> Option<String> {
        self.find(name).map(|property| self.value_of(property))
    }

    /// Text of the property `name`, or `default` when the file does not write it.
    pub(crate) fn text_or(self, name: &str, default: &str) -> Text {
        Text(self.text(name).unwrap_or_else(|| default.to_owned()))
    }

    /// The property `name` as template, absent when the file does not write it.
    pub(crate) fn template(self, name: &str) -> Option<Text> {
        self.text(name).map(Text)
    }

    /// The flag `name`; absent when the file does not write it. A flag that holds a reference is
    /// refused in `judgement` and counts as absent.
    pub(crate) fn flag(self, name: &str, judgement: &mut Judgement) -> Option<bool> {
        let value = self.text(name)?;
        if value.contains("${") {
            judgement.refuse_reference(name, &value);
            return None;
        }
        Some(value.eq_ignore_ascii_case("true"))
    }

    /// The fixed number `name`; absent when the file does not write it, 0 when it is no number. A
    /// number that holds a reference is refused in `judgement` and counts as absent.
    pub(crate) fn number(self, name: &str, judgement: &mut Judgement) -> Option<i32> {
        let value = self.text(name)?;
        if value.contains("${") {
            judgement.refuse_reference(name, &value);
            return None;
        }
        Some(value.parse().unwrap_or(0))
    }

    /// The nested element `name` (an `elementProp`).
    pub(crate) fn element(self, name: &str) -> Option<Properties<'a, 'text>> {
        self.find(name)
            .map(|property| Properties::of(property, self.encoding))
    }

    /// The items of the collection `name`, in order; empty when absent.
    pub(crate) fn items(self, name: &str) -> Vec<Properties<'a, 'text>> {
        self.find(name)
            .map(|property| Properties::of(property, self.encoding).children())
            .unwrap_or_default()
    }

    /// The elements below this one, in order: the items of a collection.
    pub(crate) fn children(self) -> Vec<Properties<'a, 'text>> {
        self.node
            .children()
            .filter(Node::is_element)
            .map(|item| Properties::of(item, self.encoding))
            .collect()
    }

    /// The texts of the collection `name`, in order.
    pub(crate) fn texts(self, name: &str) -> Vec<Text> {
        self.items(name)
            .into_iter()
            .map(|item| Text(item.own_text()))
            .collect()
    }

    /// The value of this property itself, for items of a collection.
    pub(crate) fn own_text(self) -> String {
        self.value_of(self.node)
    }

    /// The XML node of the property `name`.
    ///
    /// A property written twice has its last value, as in JMeter.
    pub(crate) fn find(self, name: &str) -> Option<Node<'a, 'text>> {
        self.node
            .children()
            .rfind(|child| child.is_element() && self.name_of(*child).as_deref() == Some(name))
    }

    /// The names of all properties that the file writes.
    pub(crate) fn names(self) -> Vec<String> {
        self.node
            .children()
            .filter(Node::is_element)
            .filter_map(|child| self.name_of(child).map(Cow::into_owned))
            .collect()
    }

    fn name_of(self, property: Node<'a, 'text>) -> Option<Cow<'a, str>> {
        // `doubleProp`, `floatProp` and `objProp` hold name and value as child elements.
        let name = property
            .attribute("name")
            .or_else(|| child(property, "name").and_then(|name| name.text()))?;
        Some(match self.encoding {
            Encoding::Plain => Cow::Borrowed(name),
            Encoding::Url => Cow::Owned(url_decoded(name)),
        })
    }

    fn value_of(self, property: Node<'a, 'text>) -> String {
        let holder = match property.attribute("name") {
            Some(_) => property,
            None => child(property, "value").unwrap_or(property),
        };
        let text: String = holder
            .children()
            .filter(Node::is_text)
            .filter_map(|part| part.text())
            .collect();
        self.decode(&text)
    }

    fn decode(self, text: &str) -> String {
        match self.encoding {
            Encoding::Plain => text.to_owned(),
            Encoding::Url => url_decoded(text),
        }
    }
}

fn child<'a, 'text>(node: Node<'a, 'text>, tag: &str) -> Option<Node<'a, 'text>> {
    node.children().find(|child| child.has_tag_name(tag))
}

/// `text` with `+` as space and `%XX` as bytes of UTF-8; a text that is not so encoded stays as it
/// is.
fn url_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
                let (Some(high), Some(low)) = (digit(rest.next()), digit(rest.next())) else {
                    return text.to_owned();
                };
                bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(xml: &str, read: impl Fn(Properties<'_, '_>)) {
        let document = roxmltree::Document::parse(xml).unwrap();
        read(Properties::of(document.root_element(), Encoding::Plain));
    }

    #[test]
    fn every_kind_of_property_reads_as_text() {
        check(
            "<X><intProp name='a'>5</intProp><doubleProp><name>b</name><value>6.0</value>\
             <savedValue>0.0</savedValue></doubleProp><stringProp name='c'>x<![CDATA[<y>]]></stringProp>\
             <FloatProperty><name>d</name><value>7.5</value></FloatProperty></X>",
            |properties| {
                assert_eq!(properties.text("a").as_deref(), Some("5"));
                assert_eq!(properties.text("b").as_deref(), Some("6.0"));
                assert_eq!(properties.text("c").as_deref(), Some("x<y>"));
                assert_eq!(properties.text("d").as_deref(), Some("7.5"));
                assert_eq!(properties.text("e"), None);
            },
        );
    }

    #[test]
    fn enabled_is_true_in_any_case_or_absent() {
        for (attribute, expected) in [
            ("", true),
            ("enabled='TRUE'", true),
            ("enabled='false'", false),
            ("enabled='yes'", false),
            ("enabled=''", false),
        ] {
            check(&format!("<X {attribute}/>"), |properties| {
                assert_eq!(properties.enabled(), expected, "{attribute}");
            });
        }
    }

    #[test]
    fn a_number_that_is_none_is_zero_and_a_reference_is_refused() {
        check(
            "<X><stringProp name='a'> 5</stringProp><stringProp name='b'>${n}</stringProp></X>",
            |properties| {
                let mut judgement = Judgement::supported();
                assert_eq!(properties.number("a", &mut judgement), Some(0));
                assert_eq!(judgement.standing(), loadline_plan::Standing::Supported);
                assert_eq!(properties.number("b", &mut judgement), None);
                assert_eq!(judgement.standing(), loadline_plan::Standing::Refused);
            },
        );
    }

    #[test]
    fn old_files_are_decoded_and_broken_codes_stay() {
        assert_eq!(url_decoded("a+b%C3%A9%2B"), "a bé+");
        assert_eq!(url_decoded("100%"), "100%");
        assert_eq!(url_decoded("%ff"), "%ff");
    }
}
