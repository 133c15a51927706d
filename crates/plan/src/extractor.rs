//! Post-processors that read values out of a result with other means than a regular expression or a
//! JSONPath, with JMeter's settings.

use crate::{ResponseField, Scope, Text};

/// A Boundary Extractor: what stands between two texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundaryExtractor {
    /// Which results are searched.
    pub scope: Scope,
    /// The part that is searched.
    pub field: ResponseField,
    /// Name of the variable.
    pub variable: Text,
    /// What stands before the value; empty means that the value begins the text.
    pub left: Text,
    /// What stands behind the value; empty means that the value ends the text.
    pub right: Text,
    /// Value when nothing matches.
    pub default: Text,
    /// Whether a blank `default` is set too.
    pub default_empty: bool,
    /// n-th match; 0 or empty a random one; negative all.
    pub match_number: Text,
}

/// A CSS Selector Extractor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HtmlExtractor {
    /// Which results are searched: their bodies, as HTML.
    pub scope: Scope,
    /// How texts and attributes are read.
    pub reading: HtmlReading,
    /// Name of the variable.
    pub variable: Text,
    /// CSS selector.
    pub selector: Text,
    /// Attribute that has the value; blank means the text of the element.
    pub attribute: Text,
    /// Value when nothing matches.
    pub default: Text,
    /// Whether an empty `default` is set too.
    pub default_empty: bool,
    /// n-th match; 0 or empty a random one; negative all.
    pub match_number: Text,
}

/// Whose ways of reading a value a CSS Selector Extractor has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum HtmlReading {
    /// jsoup's: white space in texts is collapsed, an attribute that is missing is empty.
    #[default]
    Jsoup,
    /// Jodd's: texts are as they stand, an element without the attribute counts but has no value.
    Jodd,
}

/// An XPath Extractor, for XML and, with `tidy`, for HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XPathExtractor {
    /// Which results are searched: their bodies, as XML.
    pub scope: Scope,
    /// Whether bodies are HTML, of which a tree is made whatever they hold.
    pub tidy: bool,
    /// Name of the variable.
    pub variable: Text,
    /// XPath 1.0 expression.
    pub query: Text,
    /// Value when nothing is found.
    pub default: Text,
    /// n-th node; 0 or empty a random one; negative all.
    pub match_number: Text,
    /// Whether names have namespaces; otherwise `p:x` is a name like any other.
    pub namespaces: bool,
    /// Whether the value of an element is its XML; otherwise it is that of its first child.
    pub fragment: bool,
}

/// An XPath2 Extractor, for well-formed XML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XPath2Extractor {
    /// Which results are searched: their bodies, as XML.
    pub scope: Scope,
    /// Name of the variable.
    pub variable: Text,
    /// XPath expression, of what XPath 1.0 and 2.0 share and some functions of 2.0.
    pub query: Text,
    /// Value when nothing is found.
    pub default: Text,
    /// n-th node; 0 a random one; negative all.
    pub match_number: Text,
    /// The namespaces of prefixes, one `prefix=namespace` a line.
    pub namespaces: Text,
    /// Whether the value of an element is its XML; otherwise it is all text inside.
    pub fragment: bool,
}

/// A JMESPath Extractor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JmesPathExtractor {
    /// Which results are searched: their bodies, as JSON.
    pub scope: Scope,
    /// Name of the variable.
    pub variable: Text,
    /// JMESPath expression.
    pub path: Text,
    /// Value when nothing is found.
    pub default: Text,
    /// n-th value; 0 or empty a random one; negative all.
    pub match_number: Text,
}

/// The JSON Path Extractor of the `jmeter-plugins-json` plugin: one path, all values numbered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginJsonExtractor {
    /// The variable whose text is searched; without one it is the body.
    pub source: Option<Text>,
    /// Name of the variable.
    pub variable: Text,
    /// JSONPath expression, in Jayway's dialect.
    pub path: Text,
    /// Value when nothing is found.
    pub default: Text,
}
