//! Extractors other than by regular expression and JSONPath, compiled: their settings with all
//! texts parsed.

use super::processors::kept_for;
use super::{KeptParts, ScopeProgram, Template};
use crate::{
    BoundaryExtractor, HtmlExtractor, HtmlReading, JmesPathExtractor, PluginJsonExtractor,
    ResponseField, Text, XPath2Extractor, XPathExtractor,
};

/// A compiled [`BoundaryExtractor`], with its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundaryProgram {
    /// Which results are searched.
    pub scope: ScopeProgram,
    /// The part that is searched.
    pub field: ResponseField,
    /// Name of the variable.
    pub variable: Template,
    /// What stands before the value.
    pub left: Template,
    /// What stands behind the value.
    pub right: Template,
    /// Value when nothing matches.
    pub default: Template,
    /// Whether a blank `default` is set too.
    pub default_empty: bool,
    /// n-th match; 0 or empty a random one; negative all.
    pub match_number: Template,
}

impl BoundaryProgram {
    pub(super) fn compile(
        boundary: &BoundaryExtractor,
        parse: &mut dyn FnMut(&Text) -> Template,
    ) -> Self {
        Self {
            scope: ScopeProgram::compile(&boundary.scope, parse),
            field: boundary.field,
            variable: parse(&boundary.variable),
            left: parse(&boundary.left),
            right: parse(&boundary.right),
            default: parse(&boundary.default),
            default_empty: boundary.default_empty,
            match_number: parse(&boundary.match_number),
        }
    }

    pub(super) fn keeps(&self) -> KeptParts {
        kept_for(&self.scope, self.field)
    }
}

/// A compiled [`HtmlExtractor`], with its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HtmlProgram {
    /// Which results are searched.
    pub scope: ScopeProgram,
    /// How texts and attributes are read.
    pub reading: HtmlReading,
    /// Name of the variable.
    pub variable: Template,
    /// CSS selector.
    pub selector: Template,
    /// Attribute that has the value; blank means the text of the element.
    pub attribute: Template,
    /// Value when nothing matches.
    pub default: Template,
    /// Whether an empty `default` is set too.
    pub default_empty: bool,
    /// n-th match; 0 or empty a random one; negative all.
    pub match_number: Template,
}

impl HtmlProgram {
    pub(super) fn compile(html: &HtmlExtractor, parse: &mut dyn FnMut(&Text) -> Template) -> Self {
        Self {
            scope: ScopeProgram::compile(&html.scope, parse),
            reading: html.reading,
            variable: parse(&html.variable),
            selector: parse(&html.selector),
            attribute: parse(&html.attribute),
            default: parse(&html.default),
            default_empty: html.default_empty,
            match_number: parse(&html.match_number),
        }
    }

    pub(super) fn keeps(&self) -> KeptParts {
        kept_for(&self.scope, ResponseField::Body)
    }
}

/// A compiled [`XPathExtractor`], with its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XPathProgram {
    /// Name of the element, under which it complains of a result that is no document.
    pub name: Template,
    /// Which results are searched.
    pub scope: ScopeProgram,
    /// Whether bodies are HTML.
    pub tidy: bool,
    /// Name of the variable.
    pub variable: Template,
    /// XPath 1.0 expression.
    pub query: Template,
    /// Value when nothing is found.
    pub default: Template,
    /// n-th node; 0 or empty a random one; negative all.
    pub match_number: Template,
    /// Whether names have namespaces.
    pub namespaces: bool,
    /// Whether the value of an element is its XML.
    pub fragment: bool,
}

impl XPathProgram {
    pub(super) fn compile(
        xpath: &XPathExtractor,
        parse: &mut dyn FnMut(&Text) -> Template,
    ) -> Self {
        Self {
            name: Template::default(),
            scope: ScopeProgram::compile(&xpath.scope, parse),
            tidy: xpath.tidy,
            variable: parse(&xpath.variable),
            query: parse(&xpath.query),
            default: parse(&xpath.default),
            match_number: parse(&xpath.match_number),
            namespaces: xpath.namespaces,
            fragment: xpath.fragment,
        }
    }

    pub(super) fn keeps(&self) -> KeptParts {
        kept_for(&self.scope, ResponseField::Body)
    }
}

/// A compiled [`XPath2Extractor`], with its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XPath2Program {
    /// Which results are searched.
    pub scope: ScopeProgram,
    /// Name of the variable.
    pub variable: Template,
    /// Expression.
    pub query: Template,
    /// Value when nothing is found.
    pub default: Template,
    /// n-th node; 0 a random one; negative all.
    pub match_number: Template,
    /// The namespaces of prefixes, one `prefix=namespace` a line.
    pub namespaces: Template,
    /// Whether the value of an element is its XML.
    pub fragment: bool,
}

impl XPath2Program {
    pub(super) fn compile(
        xpath: &XPath2Extractor,
        parse: &mut dyn FnMut(&Text) -> Template,
    ) -> Self {
        Self {
            scope: ScopeProgram::compile(&xpath.scope, parse),
            variable: parse(&xpath.variable),
            query: parse(&xpath.query),
            default: parse(&xpath.default),
            match_number: parse(&xpath.match_number),
            namespaces: parse(&xpath.namespaces),
            fragment: xpath.fragment,
        }
    }

    pub(super) fn keeps(&self) -> KeptParts {
        kept_for(&self.scope, ResponseField::Body)
    }
}

/// A compiled [`JmesPathExtractor`], with its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JmesPathProgram {
    /// Which results are searched.
    pub scope: ScopeProgram,
    /// Name of the variable.
    pub variable: Template,
    /// Expression.
    pub path: Template,
    /// Value when nothing is found.
    pub default: Template,
    /// n-th value; 0 or empty a random one; negative all.
    pub match_number: Template,
}

impl JmesPathProgram {
    pub(super) fn compile(
        extractor: &JmesPathExtractor,
        parse: &mut dyn FnMut(&Text) -> Template,
    ) -> Self {
        Self {
            scope: ScopeProgram::compile(&extractor.scope, parse),
            variable: parse(&extractor.variable),
            path: parse(&extractor.path),
            default: parse(&extractor.default),
            match_number: parse(&extractor.match_number),
        }
    }

    pub(super) fn keeps(&self) -> KeptParts {
        kept_for(&self.scope, ResponseField::Body)
    }
}

/// A compiled [`PluginJsonExtractor`], with its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginJsonProgram {
    /// The variable whose text is searched; without one it is the body.
    pub source: Option<Template>,
    /// Name of the variable.
    pub variable: Template,
    /// JSONPath expression.
    pub path: Template,
    /// Value when nothing is found.
    pub default: Template,
}

impl PluginJsonProgram {
    pub(super) fn compile(
        extractor: &PluginJsonExtractor,
        parse: &mut dyn FnMut(&Text) -> Template,
    ) -> Self {
        Self {
            source: extractor.source.as_ref().map(&mut *parse),
            variable: parse(&extractor.variable),
            path: parse(&extractor.path),
            default: parse(&extractor.default),
        }
    }

    pub(super) fn keeps(&self) -> KeptParts {
        match self.source {
            Some(_) => KeptParts::default(),
            None => kept_for(&ScopeProgram::Main, ResponseField::Body),
        }
    }
}
