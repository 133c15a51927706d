//! An XML result file cut into its results, one after the other, so that memory does not grow with it.
//!
//! Not here: what a result holds; see `read`.

use std::io::{BufRead, Read as _};

use crate::ReadError;

/// Longest result that is read, in bytes: with its response, it is held in memory.
const LONGEST: usize = 256 << 20;

/// The elements directly below the root of a result file.
pub(crate) struct XmlPieces<'f> {
    file: &'f mut dyn BufRead,
    /// Elements that are open: 1 between results.
    depth: u32,
    /// What was read and not handed out.
    text: Vec<u8>,
    line: u64,
    is_over: bool,
}

/// What a piece of markup is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Markup {
    Start,
    End,
    Empty,
    /// A comment, CDATA section or instruction.
    Other,
}

impl<'f> XmlPieces<'f> {
    pub(crate) fn of(file: &'f mut dyn BufRead) -> Self {
        Self {
            file,
            depth: 0,
            text: Vec::new(),
            line: 1,
            is_over: false,
        }
    }

    /// The next result as text; `None` behind the last one.
    ///
    /// # Errors
    ///
    /// When the file is not well-formed as far as elements go, is no result file, or ends early.
    pub(crate) fn next(&mut self) -> Result<Option<String>, ReadError> {
        let mut begins = None;
        loop {
            let Some((at, markup)) = self.markup()? else {
                if self.is_over {
                    return Ok(None);
                }
                return Err(self.wrong("the file ends before </testResults>"));
            };
            if self.is_over && markup != Markup::Other {
                return Err(self.wrong("something follows </testResults>"));
            }
            match markup {
                Markup::Start | Markup::Empty if self.depth == 0 => {
                    self.check_root(at)?;
                    self.depth = u32::from(markup == Markup::Start);
                    self.is_over = markup == Markup::Empty;
                }
                Markup::Start => {
                    begins = begins.or((self.depth == 1).then_some(at));
                    self.depth += 1;
                }
                Markup::Empty => begins = begins.or((self.depth == 1).then_some(at)),
                Markup::End if self.depth == 0 => {
                    return Err(self.wrong("an element is closed that was not opened"));
                }
                Markup::End => {
                    self.depth -= 1;
                    self.is_over = self.depth == 0;
                }
                Markup::Other => {}
            }
            match begins {
                Some(at) if self.depth == 1 => {
                    let piece = self.text.split_off(at);
                    self.text.clear();
                    let piece = String::from_utf8(piece);
                    return piece
                        .map(Some)
                        .map_err(|_| self.wrong("a result is not UTF-8"));
                }
                Some(_) => {}
                None => self.text.clear(),
            }
        }
    }

    /// Reads up to the end of the next piece of markup. Where it begins, and what it is.
    fn markup(&mut self) -> Result<Option<(usize, Markup)>, ReadError> {
        let mut at = None;
        let mut seen = self.text.len();
        let mut quote = None;
        loop {
            let room = (LONGEST + 1).saturating_sub(self.text.len()) as u64;
            let from = self.text.len();
            let read = (&mut *self.file)
                .take(room)
                .read_until(b'>', &mut self.text)?;
            self.line += self.text[from..]
                .iter()
                .filter(|byte| **byte == b'\n')
                .count() as u64;
            if self.text.len() > LONGEST {
                return Err(self.wrong("a result of more than 256 MiB is not read"));
            }
            let is_cut = self.text.last() != Some(&b'>');
            if read == 0 || is_cut {
                let rest = &self.text[seen.min(from)..];
                let is_blank = at.is_none() && rest.iter().all(u8::is_ascii_whitespace);
                return if is_blank {
                    Ok(None)
                } else {
                    Err(self.wrong("the file ends within an element"))
                };
            }
            if at.is_none() {
                at = self.text[seen..]
                    .iter()
                    .position(|byte| *byte == b'<')
                    .map(|found| seen + found);
                seen = at.unwrap_or(self.text.len());
            }
            let Some(start) = at else { continue };
            let markup = &self.text[start..];
            let special = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")];
            let special = special
                .iter()
                .find(|(open, _)| markup.starts_with(open.as_bytes()));
            if let Some((open, close)) = special {
                let is_whole =
                    markup.len() >= open.len() + close.len() && markup.ends_with(close.as_bytes());
                if is_whole {
                    return Ok(Some((start, Markup::Other)));
                }
                continue;
            }
            if markup.starts_with(b"<!") {
                return Err(self.wrong("a document type declaration is not read"));
            }
            // Marks of comparison may stand in the values of attributes.
            for byte in &self.text[seen..] {
                quote = match (quote, byte) {
                    (None, b'"' | b'\'') => Some(*byte),
                    (Some(open), close) if open == *close => None,
                    (state, _) => state,
                };
            }
            seen = self.text.len();
            if quote.is_none() {
                let kind = if markup.starts_with(b"</") {
                    Markup::End
                } else if markup.ends_with(b"/>") {
                    Markup::Empty
                } else {
                    Markup::Start
                };
                return Ok(Some((start, kind)));
            }
        }
    }

    fn check_root(&self, at: usize) -> Result<(), ReadError> {
        let name = &self.text[at + 1..];
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.:".contains(byte);
        let end = name
            .iter()
            .position(|byte| !is_part(byte))
            .unwrap_or(name.len());
        if &name[..end] == b"testResults" {
            return Ok(());
        }
        let name = String::from_utf8_lossy(&name[..end]).into_owned();
        Err(self.wrong(&format!(
            "the file holds <{name}>, not JMeter's <testResults>"
        )))
    }

    /// An error at the present line.
    pub(crate) fn wrong(&self, problem: &str) -> ReadError {
        ReadError::Line {
            line: self.line,
            problem: problem.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Result<Vec<String>, String> {
        let mut bytes = text.as_bytes();
        let mut pieces = XmlPieces::of(&mut bytes);
        let mut found = Vec::new();
        while let Some(piece) = pieces.next().map_err(|error| error.to_string())? {
            found.push(piece);
        }
        Ok(found)
    }

    #[test]
    fn each_result_is_a_piece() {
        let one = "<sample lb='a > b' x=\"'>\"><!-- </sample> --><sample/><d><![CDATA[</d>]]></d></sample>";
        let two = "<httpSample lb=\"b\"/>";
        let text = format!(
            "\u{feff}<?xml version=\"1.0\"?>\n<!-- > --><testResults version=\"1.2\">\n{one}\n > {two}<!--x-->{two}\n\
             </testResults>\n<!-- end -->\n"
        );
        assert_eq!(pieces(&text).unwrap(), [one, two, two]);
        assert_eq!(pieces("<testResults/>").unwrap(), [""; 0]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, expected) in [
            (
                "<html></html>",
                "line 1: the file holds <html>, not JMeter's <testResults>",
            ),
            (
                "<testResults>\n<sample/>\n",
                "line 3: the file ends before </testResults>",
            ),
            (
                "<testResults>\n<sample lb='>",
                "line 2: the file ends within an element",
            ),
            (
                "<testResults>\n<sample lb='a",
                "line 2: the file ends within an element",
            ),
            (
                "<testResults/><sample/>",
                "line 1: something follows </testResults>",
            ),
            (
                "<!DOCTYPE a><a/>",
                "line 1: a document type declaration is not read",
            ),
            ("</a>", "line 1: an element is closed that was not opened"),
            ("<!-- ", "line 1: the file ends within an element"),
            ("", "line 1: the file ends before </testResults>"),
        ] {
            assert_eq!(pieces(text).unwrap_err(), expected, "{text}");
        }
    }
}
