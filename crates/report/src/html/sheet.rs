//! Positions and colours that a page computes, as classes of its one style sheet.
//!
//! Inline style attributes would need a weaker content security policy; equal declarations share
//! one class.

use std::cell::RefCell;
use std::collections::HashMap;

/// The computed part of a page's style sheet.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    rules: RefCell<Rules>,
}

#[derive(Debug, Default)]
struct Rules {
    class_of: HashMap<String, usize>,
    in_order: Vec<String>,
    whole: Vec<String>,
}

impl Sheet {
    /// The class with these declarations, such as `left:3.25%`.
    pub(super) fn class(&self, declarations: &str) -> String {
        let mut rules = self.rules.borrow_mut();
        let next = rules.in_order.len();
        let index = *rules
            .class_of
            .entry(declarations.to_owned())
            .or_insert(next);
        if index == next {
            rules.in_order.push(declarations.to_owned());
        }
        format!("x{index:x}")
    }

    /// A rule of its own, selector and block.
    pub(super) fn rule(&self, rule: &str) {
        self.rules.borrow_mut().whole.push(rule.to_owned());
    }

    /// All rules. The id in front makes them win over the page's own, as a style attribute would.
    pub(super) fn css(&self) -> String {
        let rules = self.rules.borrow();
        let classes = rules
            .in_order
            .iter()
            .enumerate()
            .map(|(index, declarations)| format!("#p .x{index:x}{{{declarations}}}\n"));
        classes
            .chain(rules.whole.iter().map(|rule| format!("{rule}\n")))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_declarations_share_a_class() {
        let sheet = Sheet::default();
        let first = sheet.class("left:1%");
        let other = sheet.class("left:2%");
        assert_eq!(first, sheet.class("left:1%"));
        assert_ne!(first, other);
        assert_eq!(sheet.css(), "#p .x0{left:1%}\n#p .x1{left:2%}\n");
    }
}
