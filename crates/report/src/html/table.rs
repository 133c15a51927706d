//! Tables: numbers at the right, intervals under their values, cards on narrow pages.

use std::fmt::Write;

use super::markup::escape;
use crate::number::Shown;

/// A column's heading.
pub(super) struct Heading<'a> {
    /// Its text; `\n` breaks the line.
    pub(super) text: &'a str,
    /// Whether it is text, at the left.
    pub(super) left: bool,
}

/// A heading over text.
pub(super) const fn left(text: &str) -> Heading<'_> {
    Heading { text, left: true }
}

/// A heading over numbers.
pub(super) const fn right(text: &str) -> Heading<'_> {
    Heading { text, left: false }
}

/// A row under construction.
#[derive(Debug, Default)]
pub(super) struct Row {
    class: String,
    cells: String,
}

impl Row {
    /// A row with these classes: `hot` for the one that decided, `struck` for one not to be trusted.
    pub(super) fn new(class: &str) -> Self {
        Row {
            class: class.to_owned(),
            cells: String::new(),
        }
    }

    /// HTML at the left. On narrow pages `name` stands above it, or it takes the whole line when
    /// `name` is empty.
    pub(super) fn markup(mut self, name: &str, html: &str) -> Self {
        let (full, label) = if name.is_empty() {
            (" full", String::new())
        } else {
            ("", format!(" data-l=\"{}\"", escape(name)))
        };
        let _ = write!(self.cells, "<td class=\"l w0{full}\"{label}>{html}</td>");
        self
    }

    /// Text at the left that may wrap.
    pub(super) fn text(mut self, name: &str, text: &str) -> Self {
        let _ = write!(
            self.cells,
            "<td class=\"l w\" data-l=\"{}\">{}</td>",
            escape(name),
            escape(text)
        );
        self
    }

    /// Secondary text over the whole line of narrow pages.
    pub(super) fn remark(mut self, name: &str, text: &str) -> Self {
        let _ = write!(
            self.cells,
            "<td class=\"l w full sub\" data-l=\"{}\">{}</td>",
            escape(name),
            escape(text)
        );
        self
    }

    /// A number without interval.
    pub(super) fn number(mut self, name: &str, number: &str) -> Self {
        let _ = write!(
            self.cells,
            "<td data-l=\"{}\">{}</td>",
            escape(name),
            escape(number)
        );
        self
    }

    /// HTML at the right.
    pub(super) fn markup_number(mut self, name: &str, html: &str) -> Self {
        let _ = write!(self.cells, "<td data-l=\"{}\">{html}</td>", escape(name));
        self
    }

    /// A figure with its interval below.
    pub(super) fn figure(self, name: &str, shown: &Shown) -> Self {
        self.explained_figure(name, shown, None)
    }

    /// A figure that opens the explanation with this id.
    pub(super) fn explained_figure(mut self, name: &str, shown: &Shown, id: Option<&str>) -> Self {
        let faint = if shown.value == "not enough" {
            " class=\"sub\""
        } else {
            ""
        };
        let value = match id {
            Some(id) => format!(
                "<button class=\"x\" type=\"button\" popovertarget=\"{id}\">{}</button>",
                escape(&shown.value)
            ),
            None => escape(&shown.value),
        };
        let _ = write!(self.cells, "<td{faint} data-l=\"{}\">{value}", escape(name));
        if !shown.interval.is_empty() {
            let _ = write!(
                self.cells,
                "<span class=\"ci\">{}</span>",
                escape(&shown.interval)
            );
        }
        self.cells.push_str("</td>");
        self
    }

    /// The row as HTML.
    pub(super) fn finish(self) -> String {
        if self.class.is_empty() {
            format!("<tr>{}</tr>", self.cells)
        } else {
            format!("<tr class=\"{}\">{}</tr>", self.class, self.cells)
        }
    }
}

/// The head of a table.
pub(super) fn head(headings: &[Heading<'_>]) -> String {
    let cells: String = headings
        .iter()
        .map(|heading| {
            let class = if heading.left { " class=\"l\"" } else { "" };
            let text = escape(heading.text).replace('\n', "<br>");
            format!("<th scope=\"col\"{class}>{text}</th>")
        })
        .collect();
    format!("<thead><tr>{cells}</tr></thead>")
}

/// A table of one body that becomes cards on narrow pages.
pub(super) fn table(headings: &[Heading<'_>], rows: &str) -> String {
    format!(
        "<div class=\"tw\"><table class=\"stack\">{}<tbody>{rows}</tbody></table></div>",
        head(headings)
    )
}
