//! The XML of a plan: parsing within bounds, and where its parts stand in the text.

use std::cell::Cell;

use loadline_plan::{Diagnostic, Location};
use roxmltree::{Document, Node, ParsingOptions};

/// Greatest number of XML nodes read. A plan of this size has some hundred thousand samplers; the
/// bound keeps a hostile file from filling the memory.
const NODES_LIMIT: u32 = 4_000_000;

/// Parses `text` as XML. A file that is not well-formed gives one error.
pub(crate) fn parse<'text>(
    text: &'text str,
    file: &str,
) -> Result<Document<'text>, Box<Diagnostic>> {
    let options = ParsingOptions {
        nodes_limit: NODES_LIMIT,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options).map_err(|error| {
        // The parser places some errors at 1:1 for want of a better place.
        let place = match error {
            roxmltree::Error::UnclosedRootNode => Positions::of(text).end(),
            _ => (error.pos().row, error.pos().col),
        };
        let location = Location {
            file: file.to_owned(),
            line: place.0,
            column: place.1,
            path: String::new(),
        };
        let (message, help) = explain(&error);
        Box::new(Diagnostic::error("broken-xml", location, message).with_help(help))
    })
}

fn explain(error: &roxmltree::Error) -> (String, &'static str) {
    match error {
        roxmltree::Error::DtdDetected => (
            "the file has a document type declaration".to_owned(),
            "remove the <!DOCTYPE ...> part: JMeter plans have none, and it may read other files",
        ),
        roxmltree::Error::NodesLimitReached => (
            format!("the file has more than {NODES_LIMIT} XML nodes"),
            "split the plan into several files",
        ),
        roxmltree::Error::NoRootNode => (
            "the file holds no XML element".to_owned(),
            "give a test plan saved by JMeter",
        ),
        roxmltree::Error::UnclosedRootNode => (
            "the file ends before its elements are closed".to_owned(),
            "the file is cut short: save it again from JMeter",
        ),
        other => (
            format!("the file is not well-formed XML: {}", without_place(other)),
            "open the file in JMeter and save it again, or correct the XML at this place",
        ),
    }
}

/// The parser's message without its closing `at LINE:COLUMN`, which the location says already.
fn without_place(error: &roxmltree::Error) -> String {
    let text = error.to_string();
    let place = format!(" at {}", error.pos());
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}

/// Where the lines of a text begin.
pub(crate) struct Positions<'text> {
    text: &'text str,
    line_starts: Vec<usize>,
    /// The last place asked for, in bytes, and its column, from 0. Elements are asked for in file
    /// order as a rule, so a file that is one long line is not counted from its start each time.
    last: Cell<(usize, usize)>,
}

impl<'text> Positions<'text> {
    /// Finds the lines of `text`.
    pub(crate) fn of(text: &'text str) -> Self {
        let after_breaks = text
            .bytes()
            .enumerate()
            .filter(|(_, byte)| *byte == b'\n')
            .map(|(at, _)| at + 1);
        Self {
            text,
            line_starts: std::iter::once(0).chain(after_breaks).collect(),
            last: Cell::new((0, 0)),
        }
    }

    /// Line and column (in characters) of the start of `node`, both counted from 1.
    pub(crate) fn start_of(&self, node: Node<'_, '_>) -> (u32, u32) {
        self.at(node.range().start)
    }

    fn end(&self) -> (u32, u32) {
        self.at(self.text.len())
    }

    fn at(&self, offset: usize) -> (u32, u32) {
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let start = self.line_starts[line - 1];
        let (from, counted) = match self.last.get() {
            (at, column) if (start..=offset).contains(&at) => (at, column),
            _ => (start, 0),
        };
        let column = self
            .text
            .get(from..offset)
            .map_or(0, |before| counted + before.chars().count());
        self.last.set((offset, column));
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        (number(line), number(column + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_the_same_in_any_order() {
        let text = "ab\né<c>\n\nx";
        let at = |positions: &Positions<'_>, offset| positions.at(offset);
        let offsets = [0, 1, 3, 5, 6, 8, 9, 10];
        let alone = offsets.map(|offset| at(&Positions::of(text), offset));
        let positions = Positions::of(text);
        assert_eq!(offsets.map(|offset| at(&positions, offset)), alone);
        let mut backwards = offsets;
        backwards.reverse();
        let mut found = backwards.map(|offset| at(&positions, offset));
        found.reverse();
        assert_eq!(found, alone);
        assert_eq!(alone[3], (2, 2));
    }
}
