//! The XPath2 Extractor: XPath 1.0 expressions with XPath 2's meaning, and some functions of 2.0.
//!
//! JMeter asks Saxon (XPath 3.1). Here expressions have XPath 1.0's grammar, and beyond it `*:name`,
//! the functions `exists`, `empty`, `ends-with`, `lower-case`, `upper-case`, `data`, `string-join`,
//! `distinct-values`, `max`, `min`, `avg`, and a function as the last step of a path
//! (`//a/string()`). Values are the whole text of an element, comments are not there, and the
//! default namespace is that of an empty prefix.
//!
//! Known differences: fragments are not indented, and large numbers have no exponent.

use std::cell::RefCell;

use loadline_plan::program::{ScopeProgram, XPath2Program};
use rand::RngExt as _;
use xpath_eval::{
    EvaluationContext, Expr, FilterExpr, FunctionCall, Node as _, PathExpr, PrimaryExpr, Value,
    evaluate,
};

use super::matches::{MOST_MATCHES, take_count};
use super::patterns::Patterns;
use super::scoped::results_in_scope;
use super::xml::{XmlDocument, XmlNode, XmlReading};
use super::xml_fragment::fragment;
use super::xpath::{self, XPathError};
use super::xpath2_rewrite::{DEFAULT_PREFIX, rewritten, without_wildcard_prefixes};
use crate::{ResultView, Scope};

/// An expression, parsed, with its namespaces.
#[derive(Clone, Debug)]
pub struct XPath2 {
    query: Box<str>,
    expression: Expr,
    /// What is done with each item that `expression` finds: the last step `string()`.
    last_step: Option<Expr>,
    namespaces: Vec<(String, String)>,
}

/// What an expression finds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Items {
    /// Values, or nodes by their values.
    Values(Vec<String>),
    /// A condition.
    Boolean(bool),
}

type NodeValue<'a, 't> = Value<XmlNode<'a, 't>>;

impl XPath2 {
    /// Parses `query`; `namespaces` has one `prefix=namespace` a line.
    ///
    /// # Errors
    ///
    /// [`XPathError::Expression`].
    pub fn new(query: &str, namespaces: &str) -> Result<Self, XPathError> {
        let problem = |problem: String| XPathError::Expression {
            query: query.to_owned(),
            problem,
        };
        let namespaces = declared(namespaces);
        let has_default = namespaces.iter().any(|(prefix, _)| prefix.is_empty());
        let plain = without_wildcard_prefixes(query);
        let parse = |text: &str| {
            let parsed = xpath::parse(text).map_err(problem)?;
            rewritten(parsed, has_default).map_err(problem)
        };
        let (path, last_step) = match split_last_step(&plain) {
            // Of one node, its data is its text.
            Some((path, step)) => (path, Some(parse(&step.replacen("data(", "string(", 1))?)),
            None => (&*plain, None),
        };
        Ok(Self {
            query: query.into(),
            expression: parse(path)?,
            last_step,
            namespaces,
        })
    }

    /// The values that the expression finds in `text`, in the order of the document.
    ///
    /// # Errors
    ///
    /// [`XPathError`].
    pub fn texts(&self, text: &str) -> Result<Vec<String>, XPathError> {
        Ok(match self.find(text, false)? {
            Items::Values(values) => values,
            Items::Boolean(value) => vec![value.to_string()],
        })
    }

    /// What the expression finds in `text`; with `as_xml` an element's value is its XML.
    ///
    /// # Errors
    ///
    /// [`XPathError`].
    pub(crate) fn find(&self, text: &str, as_xml: bool) -> Result<Items, XPathError> {
        let reading = XmlReading {
            namespaces: true,
            comments: false,
        };
        let document = XmlDocument::parse(text, reading)
            .map_err(|error| XPathError::Document(error.to_string()))?;
        let root = document.root();
        let value = self.function_of_all(root)?;
        let value = match value {
            Some(items) => return Ok(Items::Values(items)),
            None => self.evaluate(&self.expression, root)?,
        };
        Ok(match value {
            Value::NodeSet(mut nodes) => {
                nodes.sort_by(|one, other| one.document_order(*other));
                nodes.dedup();
                nodes.truncate(MOST_MATCHES);
                let mut values = Vec::with_capacity(nodes.len());
                for node in nodes {
                    values.push(match &self.last_step {
                        Some(step) => self.evaluate(step, node)?.to_xpath_string(),
                        None => item_text(node, as_xml),
                    });
                }
                Items::Values(values)
            }
            Value::Boolean(value) => Items::Boolean(value),
            other => Items::Values(vec![other.to_xpath_string()]),
        })
    }

    fn evaluate<'a, 't>(
        &self,
        expression: &Expr,
        node: XmlNode<'a, 't>,
    ) -> Result<NodeValue<'a, 't>, XPathError> {
        let unknown_prefix = RefCell::new(None);
        let lookup = |prefix: &str| {
            let name = if prefix == DEFAULT_PREFIX { "" } else { prefix };
            // The last declaration of a prefix counts.
            let mut known = self.namespaces.iter().rev();
            let namespace = known.find(|(declared, _)| declared == name);
            if namespace.is_none() {
                *unknown_prefix.borrow_mut() = Some(prefix.to_owned());
            }
            namespace.map(|(_, namespace)| namespace.clone())
        };
        let mut context = EvaluationContext::new(node);
        context.namespaces = Some(&lookup);
        let value =
            evaluate(expression, &context).map_err(|error| self.problem(error.to_string()))?;
        match unknown_prefix.take() {
            Some(prefix) => Err(self.problem(format!("prefix `{prefix}` is not declared"))),
            None => Ok(value),
        }
    }

    fn problem(&self, problem: String) -> XPathError {
        XPathError::Expression {
            query: self.query.to_string(),
            problem,
        }
    }

    /// The values of an expression that is one function of XPath 2 on a sequence; `None` of any
    /// other.
    ///
    /// Functions of one text are checked here too: XPath 1.0 takes the first of many nodes.
    fn function_of_all(&self, root: XmlNode<'_, '_>) -> Result<Option<Vec<String>>, XPathError> {
        let Some(call) = whole_call(&self.expression) else {
            return Ok(None);
        };
        let mut arguments = Vec::with_capacity(call.args.len());
        for argument in &call.args {
            arguments.push(match self.evaluate(argument, root)? {
                Value::NodeSet(mut nodes) => {
                    nodes.sort_by(|one, other| one.document_order(*other));
                    nodes.dedup();
                    nodes.into_iter().map(XmlNode::string_value).collect()
                }
                other => vec![other.to_xpath_string()],
            });
        }
        let values = arguments.first().cloned().unwrap_or_default();
        let separator = arguments.get(1).and_then(|texts| texts.first());
        let numbers = || -> Result<Vec<f64>, XPathError> {
            let number = |text: &String| text.trim().parse().ok();
            let numbers: Option<Vec<f64>> = values.iter().map(number).collect();
            numbers.ok_or_else(|| self.problem("a value is no number".to_owned()))
        };
        let best = |better: fn(f64, f64) -> f64| -> Result<Vec<String>, XPathError> {
            let best = numbers()?.into_iter().reduce(better);
            Ok(best.map(|best| best.to_string()).into_iter().collect())
        };
        match (&*call.name.local, call.args.len()) {
            ("data", 1) => Ok(Some(values)),
            ("string-join", 1 | 2) => {
                let separator = separator.map_or("", String::as_str);
                Ok(Some(vec![values.join(separator)]))
            }
            ("distinct-values", 1) => {
                let mut distinct: Vec<String> = Vec::new();
                for value in values {
                    if !distinct.contains(&value) {
                        distinct.push(value);
                    }
                }
                Ok(Some(distinct))
            }
            ("max", 1) => best(f64::max).map(Some),
            ("min", 1) => best(f64::min).map(Some),
            ("avg", 1) => {
                let numbers = numbers()?;
                let count = numbers.len() as f64;
                let average = (count > 0.0).then(|| numbers.iter().sum::<f64>() / count);
                Ok(Some(
                    average.map(|value| value.to_string()).into_iter().collect(),
                ))
            }
            // These take any number of nodes.
            ("count" | "sum" | "boolean" | "not", _) => Ok(None),
            _ => match arguments.iter().any(|argument| argument.len() > 1) {
                true => Err(self.problem("a function of one value is given several".to_owned())),
                false => Ok(None),
            },
        }
    }
}

/// The call, if the expression is one.
fn whole_call(expression: &Expr) -> Option<&FunctionCall> {
    match expression {
        Expr::Path(PathExpr::Filter(FilterExpr {
            primary: PrimaryExpr::Function(call),
            predicates,
        })) if predicates.is_empty() && call.name.prefix.is_none() => Some(call),
        _ => None,
    }
}

fn item_text(node: XmlNode<'_, '_>, as_xml: bool) -> String {
    if !as_xml {
        return node.string_value();
    }
    match node.as_element() {
        Some(element) => fragment(element),
        None => node.attribute_text().unwrap_or_else(|| node.string_value()),
    }
}

/// Path and last step of `path/function(...)`.
fn split_last_step(query: &str) -> Option<(&str, &str)> {
    const FUNCTIONS: [&str; 9] = [
        "string(",
        "data(",
        "name(",
        "local-name(",
        "number(",
        "normalize-space(",
        "string-length(",
        "lower-case(",
        "upper-case(",
    ];
    let query = query.trim();
    let mut depth = 0_usize;
    let mut quote = None;
    let mut last_slash = None;
    for (at, character) in query.char_indices() {
        match (character, quote) {
            (character, Some(open)) if character == open => quote = None,
            (_, Some(_)) => {}
            ('"' | '\'', None) => quote = Some(character),
            ('(' | '[', None) => depth += 1,
            (')' | ']', None) => depth = depth.saturating_sub(1),
            ('/', None) if depth == 0 => last_slash = Some(at),
            _ => {}
        }
    }
    let (path, step) = (&query[..last_slash?], query[last_slash? + 1..].trim());
    let is_function = FUNCTIONS.iter().any(|name| step.starts_with(name));
    let is_whole = step.ends_with(')') && step.matches(')').count() == step.matches('(').count();
    (is_function && is_whole && !path.is_empty() && !path.ends_with('/')).then_some((path, step))
}

/// The prefixes and namespaces of `prefix=namespace` lines.
fn declared(lines: &str) -> Vec<(String, String)> {
    let pairs = lines.split('\n').filter_map(|line| line.split_once('='));
    pairs
        .map(|(prefix, namespace)| (prefix.to_owned(), namespace.to_owned()))
        .collect()
}

/// Runs the extractor on `view`.
///
/// # Errors
///
/// [`XPathError`]: then the variable has its default and `name_matchNr` is 0.
pub(super) fn extract(
    program: &XPath2Program,
    view: &ResultView<'_>,
    scope: &mut Scope<'_>,
    patterns: &Patterns,
) -> Result<(), XPathError> {
    let name = scope.text_of(&program.variable);
    let default = scope.text_of(&program.default);
    let match_number: i32 = scope.text_of(&program.match_number).parse().unwrap_or(0);
    let query = scope.text_of(&program.query);
    let namespaces = scope.text_of(&program.namespaces);
    scope.variables.set_by_name(&name, &default);
    let count_name = format!("{name}_matchNr");
    let former_count = take_count(&name, scope.variables);
    scope.variables.set_by_name(&count_name, "0");
    scope.variables.remove_by_name(&format!("{name}_1"));
    let (text, times) = match &program.scope {
        ScopeProgram::Variable(variable) => {
            let variable = scope.text_of(variable);
            let text = scope
                .variables
                .get_by_name(&variable)
                .unwrap_or("")
                .to_owned();
            let times = usize::from(!text.is_empty());
            (text, times)
        }
        // JMeter searches the main sample once for each sample in scope.
        results => (
            view.body().to_owned(),
            results_in_scope(results, view).len(),
        ),
    };
    let mut matches: Vec<String> = Vec::new();
    if !query.is_empty() {
        for _ in 0..times {
            let found = patterns
                .xpath2(&query, &namespaces)?
                .find(&text, program.fragment)?;
            let values = match found {
                Items::Values(values) => values,
                Items::Boolean(value) => vec![value.to_string()],
            };
            let index = match usize::try_from(match_number) {
                Err(_) => {
                    matches.extend(values);
                    continue;
                }
                // JMeter fails here, so what an earlier run left stays.
                Ok(0) if values.is_empty() => return Ok(()),
                Ok(0) => scope.chance.random_range(0..values.len()),
                Ok(number) => number - 1,
            };
            matches.extend(values.into_iter().nth(index));
        }
    }
    let variables = &mut *scope.variables;
    variables.set_by_name(&count_name, &matches.len().to_string());
    if let Some(first) = matches.first() {
        variables.set_by_name(&name, first);
    }
    for (index, found) in (1..).zip(&matches) {
        variables.set_by_name(&format!("{name}_{index}"), found);
    }
    for index in matches.len() + 1..=former_count.max(matches.len() + 1) {
        variables.remove_by_name(&format!("{name}_{index}"));
    }
    Ok(())
}
