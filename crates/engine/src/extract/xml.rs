//! XML as the tree that XPath walks: nodes, attributes and namespaces.
//!
//! JMeter reads XML without namespaces unless told otherwise. A prefix is then a part of the name:
//! `name()` has it, `local-name()` still leaves it out. Two things differ from JMeter: without namespaces
//! `namespace-uri()` of such an element is its prefix, from which `name()` is made here, and a CDATA section
//! is part of the text around it, which `text()` then finds.

use std::cmp::Ordering;

use roxmltree::{Node, NodeType, ParsingOptions};
use xpath_eval::{ExpandedName, NodeKind};

/// Most nodes of a document that is read.
const MOST_NODES: u32 = 10_000_000;

/// What of a document there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct XmlReading {
    /// Whether names have namespaces; otherwise a prefix is a part of the name.
    pub(super) namespaces: bool,
    /// Whether comments are nodes.
    pub(super) comments: bool,
}

/// A document.
#[derive(Debug)]
pub(super) struct XmlDocument<'t> {
    tree: roxmltree::Document<'t>,
    reading: XmlReading,
}

impl<'t> XmlDocument<'t> {
    /// Reads `text`.
    ///
    /// # Errors
    ///
    /// `text` is not well formed.
    pub(super) fn parse(text: &'t str, reading: XmlReading) -> Result<Self, roxmltree::Error> {
        let options = ParsingOptions {
            allow_dtd: true,
            nodes_limit: MOST_NODES,
            ..ParsingOptions::default()
        };
        // White space may stand before the root, though not before an XML declaration.
        let tree = roxmltree::Document::parse_with_options(text, options)?;
        Ok(Self { tree, reading })
    }

    /// The node above the root element.
    pub(super) fn root(&self) -> XmlNode<'_, 't> {
        XmlNode {
            node: self.tree.root(),
            part: Part::Itself,
            reading: self.reading,
        }
    }

    /// The namespace that `prefix` has at the root element. Where names have none, the prefix of that
    /// element itself has none either.
    pub(super) fn namespace(&self, prefix: &str) -> Option<String> {
        let root = self.tree.root_element();
        let own = element_name(root).split_once(':').map(|(own, _)| own);
        if !self.reading.namespaces && own == Some(prefix) {
            return None;
        }
        root.lookup_namespace_uri(Some(prefix)).map(str::to_owned)
    }
}

/// Whether `text` is well-formed XML without a document type, as JMeter's XML Assertion asks.
///
/// # Errors
///
/// What is wrong and where.
pub(crate) fn is_well_formed(text: &str) -> Result<(), String> {
    let options = ParsingOptions {
        nodes_limit: MOST_NODES,
        ..ParsingOptions::default()
    };
    match roxmltree::Document::parse_with_options(text, options) {
        Ok(_) => Ok(()),
        Err(error) => Err(problem_of(text, &error)),
    }
}

/// Why `text` cannot be read: in the words of Java's parser, if it is no XML at all.
pub(super) fn problem_of(text: &str, error: &roxmltree::Error) -> String {
    match text.trim_start().chars().next() {
        None => "Premature end of file.".to_owned(),
        Some('<') => error.to_string(),
        Some(_) => "Content is not allowed in prolog.".to_owned(),
    }
}

/// What of an element a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Itself,
    Namespace(usize),
    Attribute(usize),
}

/// A node as XPath sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct XmlNode<'a, 't> {
    node: Node<'a, 't>,
    part: Part,
    reading: XmlReading,
}

impl<'a, 't> XmlNode<'a, 't> {
    /// The element, if this is one.
    pub(super) fn as_element(self) -> Option<Node<'a, 't>> {
        let is_element = self.part == Part::Itself && self.node.is_element();
        is_element.then_some(self.node)
    }

    /// The value that the node itself has: none for elements and the document.
    pub(super) fn own_value(self) -> Option<&'a str> {
        match self.part {
            Part::Attribute(index) => {
                let attribute = self.node.attributes().nth(index);
                attribute.map(|attribute| attribute.value())
            }
            Part::Namespace(_) => None,
            Part::Itself => own_value(self.node),
        }
    }

    /// An attribute as XML: `name="value"`.
    pub(super) fn attribute_text(self) -> Option<String> {
        match self.part {
            Part::Attribute(_) => {
                let value = self
                    .own_value()?
                    .replace('&', "&amp;")
                    .replace('"', "&quot;");
                Some(format!("{}=\"{value}\"", self.written_name()))
            }
            _ => None,
        }
    }

    fn with(self, part: Part) -> Self {
        Self { part, ..self }
    }

    /// The prefix of the element, as it is written.
    fn prefix(self) -> Option<&'t str> {
        let element = self.node.is_element().then(|| element_name(self.node))?;
        Some(element.split_once(':')?.0)
    }

    /// The name as it is written, prefix and all.
    fn written_name(self) -> &'t str {
        let text = self.node.document().input_text();
        match self.part {
            Part::Itself => element_name(self.node),
            Part::Attribute(index) => {
                let attribute = self.node.attributes().nth(index);
                attribute.map_or("", |attribute| &text[attribute.range_qname()])
            }
            Part::Namespace(_) => "",
        }
    }
}

/// The value of a node that is no element.
pub(super) fn own_value<'a>(node: Node<'a, '_>) -> Option<&'a str> {
    match node.node_type() {
        NodeType::Text | NodeType::Comment => node.text(),
        NodeType::PI => node.pi().map(|pi| pi.value.unwrap_or("")),
        NodeType::Root | NodeType::Element => None,
    }
}

/// The name of an element as it is written.
pub(super) fn element_name<'t>(node: Node<'_, 't>) -> &'t str {
    let text = node.document().input_text();
    let start = (node.range().start + 1).min(text.len());
    let name = &text[start..];
    let end = name
        .find(|character: char| character.is_ascii_whitespace() || matches!(character, '/' | '>'));
    &name[..end.unwrap_or(name.len())]
}

impl<'a, 't: 'a> xpath_eval::Node<'a> for XmlNode<'a, 't> {
    fn kind(self) -> NodeKind {
        match self.part {
            Part::Attribute(_) => NodeKind::Attribute,
            Part::Namespace(_) => NodeKind::Namespace,
            Part::Itself => match self.node.node_type() {
                NodeType::Root => NodeKind::Root,
                NodeType::Element => NodeKind::Element,
                NodeType::PI => NodeKind::ProcessingInstruction,
                NodeType::Comment => NodeKind::Comment,
                NodeType::Text => NodeKind::Text,
            },
        }
    }

    fn parent(self) -> Option<Self> {
        if self.part != Part::Itself {
            return Some(self.with(Part::Itself));
        }
        let node = self.node.parent()?;
        Some(Self { node, ..self })
    }

    fn children(self) -> impl Iterator<Item = Self> + 'a {
        let has_children = self.part == Part::Itself;
        let children = has_children.then(|| self.node.children());
        let with_comments = self.reading.comments;
        children
            .into_iter()
            .flatten()
            .filter(move |node| with_comments || !node.is_comment())
            .map(move |node| Self { node, ..self })
    }

    fn attributes(self) -> impl Iterator<Item = Self> + 'a {
        let count = match self.part {
            Part::Itself => self.node.attributes().len(),
            _ => 0,
        };
        (0..count).map(move |index| self.with(Part::Attribute(index)))
    }

    fn namespaces(self) -> impl Iterator<Item = Self> + 'a {
        let count = match self.part {
            Part::Itself if self.reading.namespaces => self.node.namespaces().count(),
            Part::Itself => usize::from(self.prefix().is_some()),
            _ => 0,
        };
        (0..count).map(move |index| self.with(Part::Namespace(index)))
    }

    fn expanded_name(self) -> Option<ExpandedName> {
        let (namespace, local_name) = match self.part {
            Part::Attribute(index) => {
                let attribute = self.node.attributes().nth(index)?;
                (attribute.namespace(), attribute.name())
            }
            Part::Namespace(_) if !self.reading.namespaces => (None, self.prefix()?),
            Part::Namespace(index) => {
                let namespace = self.node.namespaces().nth(index)?;
                (None, namespace.name().unwrap_or(""))
            }
            Part::Itself => match self.node.node_type() {
                NodeType::Element if !self.reading.namespaces => {
                    return Some(ExpandedName {
                        namespace_uri: self.prefix().map(str::to_owned),
                        local_name: self.node.tag_name().name().to_owned(),
                    });
                }
                NodeType::Element => {
                    let name = self.node.tag_name();
                    (name.namespace(), name.name())
                }
                NodeType::PI => (None, self.node.pi()?.target),
                _ => return None,
            },
        };
        Some(ExpandedName {
            namespace_uri: namespace
                .filter(|_| self.reading.namespaces)
                .map(str::to_owned),
            local_name: local_name.to_owned(),
        })
    }

    fn string_value(self) -> String {
        match self.part {
            Part::Namespace(_) if !self.reading.namespaces => {
                self.prefix().unwrap_or_default().to_owned()
            }
            Part::Namespace(index) => {
                let namespace = self.node.namespaces().nth(index);
                namespace.map_or(String::new(), |namespace| namespace.uri().to_owned())
            }
            _ => match self.own_value() {
                Some(value) => value.to_owned(),
                None => {
                    let texts = self.node.descendants().filter(Node::is_text);
                    texts.filter_map(|text| text.text()).collect()
                }
            },
        }
    }

    fn document_order(self, other: Self) -> Ordering {
        let key = |node: Self| (node.node.id().get(), node.part);
        key(self).cmp(&key(other))
    }

    fn has_expanded_name(self, namespace_uri: Option<&str>, local_name: &str) -> bool {
        if self.reading.namespaces {
            return self.expanded_name().is_some_and(|name| {
                name.local_name == local_name && name.namespace_uri.as_deref() == namespace_uri
            });
        }
        namespace_uri.is_none() && self.written_name() == local_name
    }
}
