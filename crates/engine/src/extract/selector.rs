//! CSS selectors as JMeter's libraries take them, which are laxer than CSS.
//!
//! In jsoup an attribute's value needs no quotes whatever it is, and an id may begin with a digit.
//! Both are rewritten. Not here: jsoup's own pseudo-classes (`:contains(...)`, `:eq(n)`), which are
//! no CSS; the reader of JMeter plans refuses them.

use scraper::Selector;

/// A selector is not well formed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("css selector `{selector}` cannot be used: {problem}")]
pub struct SelectorError {
    /// The selector.
    pub selector: String,
    /// What is wrong.
    pub problem: String,
}

/// A selector, parsed.
#[derive(Clone, Debug)]
pub struct CssSelector(Selector);

impl CssSelector {
    /// Parses `text`.
    ///
    /// # Errors
    ///
    /// [`SelectorError`].
    pub fn new(text: &str) -> Result<Self, SelectorError> {
        Selector::parse(&as_css(text))
            .map(Self)
            .map_err(|error| SelectorError {
                selector: text.to_owned(),
                problem: error.to_string(),
            })
    }

    pub(super) fn as_selector(&self) -> &Selector {
        &self.0
    }
}

/// `text` with quotes around the values of attributes, and ids that begin with a digit as
/// attributes.
fn as_css(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(at) = rest.find(['[', '#', '"', '\'']) {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        let taken = match tail.as_bytes()[0] {
            b'[' => attribute(tail, &mut out),
            b'#' => id(tail, &mut out),
            _ => quoted_length(tail),
        };
        if matches!(tail.as_bytes()[0], b'"' | b'\'') {
            out.push_str(&tail[..taken]);
        }
        rest = &tail[taken..];
    }
    out + rest
}

/// Appends the attribute test at the beginning of `text`; returns its length.
fn attribute(text: &str, out: &mut String) -> usize {
    let end = text.find([']', '"', '\'']).unwrap_or(text.len());
    let test = &text[..end];
    let (name, value) = match test.find('=') {
        Some(equals) if text[end..].starts_with(']') => test.split_at(equals + 1),
        // Nothing to quote, or quoted already.
        _ => {
            out.push_str(test);
            return end;
        }
    };
    let value = value.trim().replace('\\', "\\\\");
    out.push_str(&format!("{name}\"{value}\""));
    end
}

/// Appends the id at the beginning of `text`; returns its length.
fn id(text: &str, out: &mut String) -> usize {
    let name = &text[1..];
    let length = name
        .find(|character: char| !(character.is_alphanumeric() || matches!(character, '-' | '_')))
        .unwrap_or(name.len());
    let name = &name[..length];
    match name.starts_with(|first: char| first.is_ascii_digit()) {
        true => out.push_str(&format!("[id=\"{name}\"]")),
        false => out.push_str(&text[..=length]),
    }
    1 + length
}

/// The length of the quoted text at the beginning of `text`.
fn quoted_length(text: &str) -> usize {
    let quote = text.as_bytes()[0] as char;
    text[1..].find(quote).map_or(text.len(), |end| end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_attributes_need_no_quotes() {
        assert_eq!(as_css("a[href^=/x] b"), "a[href^=\"/x\"] b");
        assert_eq!(as_css("a[href='/x#1']"), "a[href='/x#1']");
        assert_eq!(as_css("a[b][c=1]"), "a[b][c=\"1\"]");
        assert_eq!(as_css("div#1a.b #ok"), "div[id=\"1a\"].b #ok");
        assert_eq!(as_css("a:not([b=x y])"), "a:not([b=\"x y\"])");
    }

    #[test]
    fn what_is_no_selector_is_an_error() {
        for text in ["", "div[", "a:foo", "div >", "..x", "#", "['"] {
            assert!(CssSelector::new(text).is_err(), "{text}");
        }
    }
}
