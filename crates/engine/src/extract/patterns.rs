//! Compiled patterns and paths of one engine thread, by their texts.
//!
//! Most texts of a plan never change, so each is compiled once on each engine thread. Texts made of
//! variables may be without end: the collections are bounded, and one that is full starts afresh,
//! which costs compiling again and nothing else.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::jmes_path::{JmesPath, JmesPathError};
use super::json_path::{JsonPath, JsonPathError};
use super::jsoup::JsoupSelector;
use super::oro::{OroRegex, RegexError};
use super::selector::{CssSelector, SelectorError};
use super::xpath::{XPath, XPathError};
use super::xpath2::XPath2;

/// Most texts of each kind that are kept.
const MOST: usize = 1000;

/// Compiled patterns and paths, and what is wrong with those that cannot be compiled.
#[derive(Debug, Default)]
pub struct Patterns {
    regexes: RefCell<Kept<OroRegex, RegexError>>,
    paths: RefCell<Kept<JsonPath, JsonPathError>>,
    selectors: RefCell<Kept<CssSelector, SelectorError>>,
    jsoup_selectors: RefCell<Kept<JsoupSelector, SelectorError>>,
    xpaths: RefCell<Kept<XPath, XPathError>>,
    xpaths2: RefCell<Kept<XPath2, XPathError>>,
    jmes_paths: RefCell<Kept<JmesPath, JmesPathError>>,
}

type Kept<T, E> = FxHashMap<Box<str>, Result<Rc<T>, E>>;

impl Patterns {
    /// The regular expression `pattern`.
    ///
    /// # Errors
    ///
    /// [`RegexError::Malformed`].
    pub fn regex(&self, pattern: &str) -> Result<Rc<OroRegex>, RegexError> {
        kept(&self.regexes, pattern, OroRegex::new)
    }

    /// The path `path`.
    ///
    /// # Errors
    ///
    /// [`JsonPathError::Invalid`].
    pub fn path(&self, path: &str) -> Result<Rc<JsonPath>, JsonPathError> {
        kept(&self.paths, path, JsonPath::parse)
    }

    /// The CSS selector `selector`.
    ///
    /// # Errors
    ///
    /// [`SelectorError`].
    pub fn selector(&self, selector: &str) -> Result<Rc<CssSelector>, SelectorError> {
        kept(&self.selectors, selector, CssSelector::new)
    }

    /// The selector `selector` in jsoup's dialect.
    ///
    /// # Errors
    ///
    /// [`SelectorError`].
    pub fn jsoup_selector(&self, selector: &str) -> Result<Rc<JsoupSelector>, SelectorError> {
        kept(&self.jsoup_selectors, selector, JsoupSelector::new)
    }

    /// The JMESPath expression `path`.
    ///
    /// # Errors
    ///
    /// [`JmesPathError::Malformed`].
    pub fn jmes_path(&self, path: &str) -> Result<Rc<JmesPath>, JmesPathError> {
        kept(&self.jmes_paths, path, JmesPath::new)
    }

    /// The expression `query` of an XPath2 element with its `namespaces`, one a line.
    ///
    /// # Errors
    ///
    /// [`XPathError::Expression`].
    pub fn xpath2(&self, query: &str, namespaces: &str) -> Result<Rc<XPath2>, XPathError> {
        // No expression has a zero character.
        let both = format!("{query}\0{namespaces}");
        kept(&self.xpaths2, &both, |_| XPath2::new(query, namespaces))
    }

    /// The XPath expression `query`.
    ///
    /// # Errors
    ///
    /// [`XPathError::Expression`].
    pub fn xpath(&self, query: &str) -> Result<Rc<XPath>, XPathError> {
        kept(&self.xpaths, query, XPath::new)
    }
}

fn kept<T, E: Clone>(
    known: &RefCell<Kept<T, E>>,
    text: &str,
    compile: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Rc<T>, E> {
    if let Some(found) = known.borrow().get(text) {
        return found.clone();
    }
    let compiled = compile(text).map(Rc::new);
    let mut known = known.borrow_mut();
    if known.len() >= MOST {
        known.clear();
    }
    known.insert(text.into(), compiled.clone());
    compiled
}
