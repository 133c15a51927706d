//! Compiled patterns and paths of one engine thread, by their texts.
//!
//! Most texts of a plan never change, so each is compiled once on each engine thread. Texts made of
//! variables may be without end: the collections are bounded, and one that is full starts afresh,
//! which costs compiling again and nothing else.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::json_path::{JsonPath, JsonPathError};
use super::oro::{OroRegex, RegexError};
use super::selector::{CssSelector, SelectorError};
use super::xpath::{XPath, XPathError};

/// Most texts of each kind that are kept.
const MOST: usize = 1000;

/// Compiled patterns and paths, and what is wrong with those that cannot be compiled.
#[derive(Debug, Default)]
pub struct Patterns {
    regexes: RefCell<Kept<OroRegex, RegexError>>,
    paths: RefCell<Kept<JsonPath, JsonPathError>>,
    selectors: RefCell<Kept<CssSelector, SelectorError>>,
    xpaths: RefCell<Kept<XPath, XPathError>>,
}

type Kept<T, E> = HashMap<Box<str>, Result<Rc<T>, E>>;

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
