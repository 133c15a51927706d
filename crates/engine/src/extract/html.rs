//! The CSS Selector Extractor: texts and attributes of HTML elements.
//!
//! Which variables it sets and removes follows JMeter's `HtmlExtractor`. Not here: how an element's
//! text is made (see [`super::html_text`]).

use std::rc::Rc;

use loadline_plan::HtmlReading;
use loadline_plan::program::{HtmlProgram, ScopeProgram};
use scraper::{ElementRef, Html};

use super::html_text::{plain_text, text_of};
use super::jsoup::JsoupSelector;
use super::matches::{MOST_MATCHES, chosen, remove_numbered, save_all, take_count};
use super::patterns::Patterns;
use super::scoped::results_in_scope;
use super::selector::{CssSelector, SelectorError};
use crate::{ResultView, Scope};

/// Runs the extractor on `view`.
///
/// # Errors
///
/// [`SelectorError`]: then only the default is set, as in JMeter.
pub(super) fn extract(
    program: &HtmlProgram,
    view: &ResultView<'_>,
    scope: &mut Scope<'_>,
    patterns: &Patterns,
) -> Result<(), SelectorError> {
    let name = scope.text_of(&program.variable);
    let default = scope.text_of(&program.default);
    if !default.is_empty() || program.default_empty {
        scope.variables.set_by_name(&name, &default);
    }
    let match_number: i32 = scope.text_of(&program.match_number).parse().unwrap_or(0);
    let selector = scope.text_of(&program.selector);
    let selector = match program.reading {
        HtmlReading::Jsoup => Selected::Jsoup(patterns.jsoup_selector(&selector)?),
        HtmlReading::Jodd => Selected::Jodd(patterns.selector(&selector)?),
    };
    let attribute = scope.text_of(&program.attribute);
    let search = Search {
        selector,
        attribute: match attribute.trim() {
            "" => "",
            _ => &attribute,
        },
    };
    let mut matches = Vec::new();
    match &program.scope {
        ScopeProgram::Variable(variable) => {
            let variable = scope.text_of(variable);
            if let Some(text) = scope.variables.get_by_name(&variable) {
                search.add(&Html::parse_document(text), &mut matches);
            }
        }
        results => {
            for result in results_in_scope(results, view) {
                search.add(result.html(), &mut matches);
            }
        }
    }
    let former_count = take_count(&name, scope.variables);
    if match_number < 0 {
        save_all(&name, &matches, former_count, scope.variables);
        return Ok(());
    }
    if let Some(found) = chosen(&matches, match_number, scope) {
        scope.variables.set_by_name(&name, found);
    }
    remove_numbered(&name, 1..=former_count, scope.variables);
    Ok(())
}

/// A selector in the language of the library that JMeter would use.
enum Selected {
    Jsoup(Rc<JsoupSelector>),
    Jodd(Rc<CssSelector>),
}

struct Search<'p> {
    selector: Selected,
    attribute: &'p str,
}

impl Search<'_> {
    /// Adds the values in `document`, in its order.
    fn add(&self, document: &Html, matches: &mut Vec<Option<String>>) {
        let room = MOST_MATCHES - matches.len();
        match &self.selector {
            Selected::Jsoup(selector) => {
                let elements = selector.select(document).take(room);
                matches.extend(elements.map(|element| self.value(element)));
            }
            Selected::Jodd(selector) => {
                let elements = document.select(selector.as_selector()).take(room);
                matches.extend(elements.map(|element| self.value(element)));
            }
        }
    }

    fn value(&self, element: ElementRef<'_>) -> Option<String> {
        let is_jsoup = matches!(self.selector, Selected::Jsoup(_));
        if self.attribute.is_empty() {
            return Some(match is_jsoup {
                true => text_of(element),
                false => plain_text(element),
            });
        }
        let attribute = self.attribute.to_ascii_lowercase();
        match element.attr(&attribute) {
            Some(value) => Some(value.to_owned()),
            None => is_jsoup.then(String::new),
        }
    }
}
