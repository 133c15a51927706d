//! XPath 1.0 on well-formed XML, and the XPath Extractor.
//!
//! Which variables the extractor sets and removes follows JMeter's `XPathExtractor`: the default is
//! always set, and the first match has the variable's own name. HTML is made XML first where the
//! element is tolerant (see [`super::tidy`]).

use std::cell::RefCell;

use loadline_events::AssertionResult;
use loadline_plan::program::{ScopeProgram, XPathProgram};
use rand::RngExt as _;
use xpath_eval::{EvaluationContext, Expr, Node as _, Value, evaluate};

use super::matches::{MOST_MATCHES, take_count};
use super::patterns::Patterns;
use super::scoped::results_in_scope;
use super::tidy::tidied;
use super::xml::{XmlDocument, XmlNode, XmlReading, own_value, problem_of};
use super::xml_fragment::fragment;
use super::xpath2_rewrite::first_unknown_function;
use crate::{ResultView, Scope};

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum XPathError {
    /// The text is not well-formed XML.
    #[error("body is not well-formed XML: {0}")]
    Document(String),
    /// The expression is malformed, or has a prefix or function that is not known.
    #[error("XPath expression `{query}` cannot be used: {problem}")]
    Expression {
        /// The expression.
        query: String,
        /// What is wrong.
        problem: String,
    },
}

/// An expression, parsed.
#[derive(Clone, Debug)]
pub struct XPath {
    query: Box<str>,
    expression: Expr,
}

/// What a text is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Markup {
    /// Well-formed XML.
    Xml {
        /// Whether names have namespaces.
        namespaces: bool,
    },
    /// HTML, whatever it holds.
    Html,
}

impl Markup {
    /// By the settings of an element that has both.
    pub(crate) fn of(tidy: bool, namespaces: bool) -> Self {
        match tidy {
            true => Markup::Html,
            false => Markup::Xml { namespaces },
        }
    }
}

/// What an expression finds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum XPathValue {
    /// Nodes in the order of the document, by their values; an element may have none.
    Nodes(Vec<Option<String>>),
    /// A condition.
    Boolean(bool),
    /// A number or text.
    Text(String),
}

/// Deepest nesting of an expression: its parser calls itself for each level, and a thread's stack ends.
const MOST_LEVELS: usize = 100;

/// The expression in `query`, or what is wrong with it.
pub(super) fn parse(query: &str) -> Result<Expr, String> {
    if levels(query) > MOST_LEVELS {
        return Err(format!("it is nested more than {MOST_LEVELS} levels deep"));
    }
    xpath_eval::parse(query).map_err(|error| error.to_string())
}

/// How deep brackets and signs are nested, outside of texts.
fn levels(query: &str) -> usize {
    let (mut open, mut signs, mut deepest) = (0_usize, 0_usize, 0);
    let mut quote = None;
    for character in query.chars() {
        match (quote, character) {
            (Some(end), _) => {
                if character == end {
                    quote = None;
                }
            }
            (None, '"' | '\'') => quote = Some(character),
            (None, '(' | '[') => open += 1,
            (None, ')' | ']') => open = open.saturating_sub(1),
            (None, '-') => signs += 1,
            (None, _) => {
                if !character.is_whitespace() {
                    signs = 0;
                }
            }
        }
        deepest = deepest.max(open + signs);
    }
    deepest
}

impl XPath {
    /// Parses `query`.
    ///
    /// # Errors
    ///
    /// [`XPathError::Expression`].
    pub fn new(query: &str) -> Result<Self, XPathError> {
        let expression = parse(query).map_err(|problem| XPathError::Expression {
            query: query.to_owned(),
            problem,
        })?;
        Ok(Self {
            query: query.into(),
            expression,
        })
    }

    /// How many nodes the expression finds in `text`, well-formed XML or HTML; 1 for any other value.
    ///
    /// # Errors
    ///
    /// [`XPathError`].
    pub fn count(&self, text: &str, is_html: bool) -> Result<usize, XPathError> {
        Ok(match self.find(text, Markup::of(is_html, false), false)? {
            XPathValue::Nodes(nodes) => nodes.len(),
            XPathValue::Boolean(_) | XPathValue::Text(_) => 1,
        })
    }

    /// What the expression finds in `text`, read as `markup` says; with `as_xml` an element's value
    /// is its XML.
    ///
    /// # Errors
    ///
    /// [`XPathError`].
    pub(crate) fn find(
        &self,
        text: &str,
        markup: Markup,
        as_xml: bool,
    ) -> Result<XPathValue, XPathError> {
        let page;
        let text = match markup {
            Markup::Html => {
                page = tidied(text);
                &page
            }
            Markup::Xml { .. } => text,
        };
        let reading = XmlReading {
            namespaces: markup == Markup::Xml { namespaces: true },
            comments: true,
        };
        let document = XmlDocument::parse(text, reading)
            .map_err(|error| XPathError::Document(problem_of(text, &error)))?;
        let unknown_prefix = RefCell::new(None);
        let lookup = |prefix: &str| {
            let namespace = document.namespace(prefix);
            if namespace.is_none() {
                *unknown_prefix.borrow_mut() = Some(prefix.to_owned());
            }
            namespace
        };
        let mut context = EvaluationContext::new(document.root());
        context.namespaces = Some(&lookup);
        let value = evaluate(&self.expression, &context)
            .map_err(|error| self.problem(error.to_string()))?;
        if let Some(prefix) = unknown_prefix.take() {
            return Err(self.problem(format!("Prefix must resolve to a namespace: {prefix}")));
        }
        Ok(match value {
            Value::NodeSet(mut nodes) => {
                nodes.sort_by(|one, other| one.document_order(*other));
                nodes.dedup();
                let nodes = nodes.into_iter().take(MOST_MATCHES);
                let value = |node| match node_value(node, as_xml) {
                    // In Tidy's tree an element's own value is empty, not missing.
                    None if markup == Markup::Html => Some(String::new()),
                    value => value,
                };
                XPathValue::Nodes(nodes.map(value).collect())
            }
            Value::Boolean(value) => XPathValue::Boolean(value),
            other => XPathValue::Text(other.to_xpath_string()),
        })
    }

    /// Whether all functions are those of XPath 1.0.
    ///
    /// # Errors
    ///
    /// [`XPathError::Expression`] with one that is not.
    pub(crate) fn check_functions(&self) -> Result<(), XPathError> {
        match first_unknown_function(&self.expression) {
            Some(name) => Err(self.problem(format!("could not find function: {name}"))),
            None => Ok(()),
        }
    }

    fn problem(&self, problem: String) -> XPathError {
        XPathError::Expression {
            query: self.query.to_string(),
            problem,
        }
    }
}

/// The value of a node: of an element its XML or its first child's own value.
fn node_value(node: XmlNode<'_, '_>, as_xml: bool) -> Option<String> {
    match node.as_element() {
        Some(element) if as_xml => Some(fragment(element)),
        Some(element) => own_value(element.first_child()?).map(str::to_owned),
        None => node.own_value().map(str::to_owned),
    }
}

/// Runs the extractor on `view`.
///
/// # Errors
///
/// [`XPathError`]: then the variable has its default and `name_matchNr` is 0.
pub(super) fn extract(
    program: &XPathProgram,
    view: &ResultView<'_>,
    scope: &mut Scope<'_>,
    patterns: &Patterns,
) -> Result<(), XPathError> {
    let name = scope.text_of(&program.variable);
    let default = scope.text_of(&program.default);
    let match_number: i32 = scope.text_of(&program.match_number).parse().unwrap_or(0);
    let query = scope.text_of(&program.query);
    scope.variables.set_by_name(&name, &default);
    let count_name = format!("{name}_matchNr");
    let former_count = take_count(&name, scope.variables);
    scope.variables.set_by_name(&count_name, "0");
    scope.variables.remove_by_name(&format!("{name}_1"));
    let mut matches = Vec::new();
    let texts: Vec<String> = match &program.scope {
        ScopeProgram::Variable(variable) => {
            let variable = scope.text_of(variable);
            let text = scope.variables.get_by_name(&variable).unwrap_or("");
            match text {
                "" => Vec::new(),
                text => vec![text.to_owned()],
            }
        }
        results => results_in_scope(results, view)
            .into_iter()
            .map(|result| result.body().to_owned())
            .collect(),
    };
    for text in &texts {
        let xpath = patterns.xpath(&query)?;
        let markup = Markup::of(program.tidy, program.namespaces);
        match xpath.find(text, markup, program.fragment)? {
            XPathValue::Nodes(nodes) => matches.extend(picked(nodes, match_number, scope)),
            XPathValue::Boolean(value) => matches.push(Some(value.to_string())),
            XPathValue::Text(text) => matches.push(Some(text)),
        }
    }
    let variables = &mut *scope.variables;
    variables.set_by_name(&count_name, &matches.len().to_string());
    if let Some(Some(first)) = matches.first() {
        variables.set_by_name(&name, first);
    }
    for (index, found) in (1..).zip(&matches) {
        if let Some(found) = found {
            variables.set_by_name(&format!("{name}_{index}"), found);
        }
    }
    for index in matches.len() + 1..=former_count.max(matches.len() + 1) {
        variables.remove_by_name(&format!("{name}_{index}"));
    }
    Ok(())
}

/// What the extractor says of a result that it cannot read.
pub(super) fn complaint(
    program: &XPathProgram,
    error: &XPathError,
    scope: &mut Scope<'_>,
) -> AssertionResult {
    let problem = match error {
        XPathError::Document(problem) | XPathError::Expression { problem, .. } => problem,
    };
    AssertionResult {
        name: scope.text(&program.name),
        failure: true,
        error: false,
        message: Some(format!("{problem}\nSee log file for further details.")),
    }
}

/// Of `nodes` the one that `match_number` names, or all.
fn picked(
    nodes: Vec<Option<String>>,
    match_number: i32,
    scope: &mut Scope<'_>,
) -> Vec<Option<String>> {
    let index = match usize::try_from(match_number) {
        Err(_) => return nodes,
        Ok(0) if nodes.is_empty() => return nodes,
        Ok(0) => scope.chance.random_range(0..nodes.len()),
        Ok(number) => number - 1,
    };
    nodes.into_iter().skip(index).take(1).collect()
}
