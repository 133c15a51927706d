//! An XML result file cut between its results, so that its chunks can be read independently of each
//! other.
//!
//! Only elements are counted here: whether a result is well-formed is seen when it is read. Not
//! here: what a result holds; see [`crate::xml_result`].

use std::io::Read;
use std::ops::Range;

use loadline_events::SampleResult;
use memchr::memchr_iter;

use crate::read::ReadError;
use crate::xml_cutter::{Kind, Markup, next_markup};
use crate::xml_result::read_result;

/// Longest result that is read, in bytes: with its response, it is held in memory.
const LONGEST: usize = 256 << 20;

/// The chunks of a file, in order.
pub(crate) struct XmlChunks<'f> {
    file: &'f mut dyn Read,
    /// How much is read at a time, at least.
    chunk_bytes: usize,
    /// What was read and not handed out.
    bytes: Vec<u8>,
    /// How far `bytes` were looked through, and the line that is.
    at: usize,
    line: u64,
    /// Elements that are open: 1 between results.
    depth: u32,
    /// Where the result begins in which `at` lies, if it does.
    begins: Option<usize>,
    /// Results found in `bytes`.
    results: Vec<Place>,
    is_over: bool,
    /// What is wrong behind the results that were handed out.
    failed: Option<ReadError>,
}

/// Whole results of a file.
#[derive(Debug)]
pub(crate) struct XmlChunk {
    bytes: Vec<u8>,
    results: Vec<Place>,
}

/// Where a result is in the bytes of its chunk, and its last line in the file.
#[derive(Debug)]
struct Place {
    bytes: Range<usize>,
    line: u64,
}

impl<'f> XmlChunks<'f> {
    /// The chunks of a file that begins with `begins`, which was read of it.
    pub(crate) fn of(begins: Vec<u8>, file: &'f mut dyn Read, chunk_bytes: usize) -> Self {
        Self {
            file,
            chunk_bytes,
            bytes: begins,
            at: 0,
            line: 1,
            depth: 0,
            begins: None,
            results: Vec::new(),
            is_over: false,
            failed: None,
        }
    }

    /// The next chunk; `None` behind the last one.
    ///
    /// # Errors
    ///
    /// When the file is not well-formed as far as elements go, is no result file, or ends early.
    pub(crate) fn next(&mut self) -> Result<Option<XmlChunk>, ReadError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let cut = self.cut();
        if cut.is_err() && !self.results.is_empty() {
            // What is right before it is read first.
            self.failed = cut.err();
            return Ok(Some(self.hand_out()));
        }
        cut
    }

    fn cut(&mut self) -> Result<Option<XmlChunk>, ReadError> {
        loop {
            if let Some(markup) = next_markup(&self.bytes, self.at) {
                self.pass(markup)?;
                let is_between = self.begins.is_none();
                if is_between && self.at >= self.chunk_bytes && !self.results.is_empty() {
                    return Ok(Some(self.hand_out()));
                }
            } else if !self.results.is_empty() {
                return Ok(Some(self.hand_out()));
            } else if !self.read_on()? {
                return self.end();
            }
        }
    }

    /// Goes on behind `markup`.
    fn pass(&mut self, markup: Markup) -> Result<(), ReadError> {
        self.line += line_ends(&self.bytes[self.at..markup.end]);
        self.at = markup.end;
        if self.is_over && markup.kind != Kind::Other {
            return Err(self.wrong("something follows </testResults>"));
        }
        let is_result = self.depth == 1 && matches!(markup.kind, Kind::Start | Kind::Empty);
        match markup.kind {
            Kind::Declaration => {
                return Err(self.wrong("a document type declaration is not read"));
            }
            Kind::Start | Kind::Empty if self.depth == 0 => {
                self.check_root(markup.at)?;
                self.depth = u32::from(markup.kind == Kind::Start);
                self.is_over = markup.kind == Kind::Empty;
            }
            Kind::Start => self.depth += 1,
            Kind::End if self.depth == 0 => {
                return Err(self.wrong("an element is closed that was not opened"));
            }
            Kind::End => {
                self.depth -= 1;
                self.is_over = self.depth == 0;
            }
            Kind::Empty | Kind::Other => {}
        }
        if is_result {
            self.begins = Some(markup.at);
        }
        if self.depth == 1
            && let Some(begins) = self.begins.take()
        {
            self.results.push(Place {
                bytes: begins..markup.end,
                line: self.line,
            });
        }
        Ok(())
    }

    /// The chunk of all results found.
    fn hand_out(&mut self) -> XmlChunk {
        let rest = self.bytes.split_off(self.not_needed());
        let bytes = std::mem::replace(&mut self.bytes, rest);
        self.at -= bytes.len();
        self.begins = self.begins.map(|at| at - bytes.len());
        XmlChunk {
            bytes,
            results: std::mem::take(&mut self.results),
        }
    }

    /// Where what is still looked at begins: a result, or the next markup.
    fn not_needed(&self) -> usize {
        self.begins.unwrap_or(self.at)
    }

    /// Reads more; false at the end of the file. No results are waiting.
    fn read_on(&mut self) -> Result<bool, ReadError> {
        let passed = self.not_needed();
        self.bytes.drain(..passed);
        self.at -= passed;
        self.begins = self.begins.map(|_| 0);
        if self.bytes.len() > LONGEST {
            return Err(self.wrong("a result of more than 256 MiB is not read"));
        }
        // Twice as much each time: markup that does not end is looked at again from its beginning.
        let room = self.chunk_bytes.max(self.bytes.len());
        self.bytes.reserve(room);
        let read = (&mut *self.file)
            .take(room as u64)
            .read_to_end(&mut self.bytes)?;
        Ok(read > 0)
    }

    /// Nothing more can be read.
    fn end(&mut self) -> Result<Option<XmlChunk>, ReadError> {
        let rest = &self.bytes[self.at..];
        self.line += line_ends(rest);
        if !rest.iter().all(u8::is_ascii_whitespace) {
            return Err(self.wrong("the file ends within an element"));
        }
        if !self.is_over {
            return Err(self.wrong("the file ends before </testResults>"));
        }
        self.at = self.bytes.len();
        Ok(None)
    }

    fn check_root(&self, at: usize) -> Result<(), ReadError> {
        let name = &self.bytes[at + 1..];
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
    fn wrong(&self, problem: &str) -> ReadError {
        ReadError::Line {
            line: self.line,
            problem: problem.to_owned(),
        }
    }
}

impl XmlChunk {
    /// Reads all results, and hands each to `each`, in order.
    ///
    /// # Errors
    ///
    /// At the first one that cannot be understood.
    pub(crate) fn read(
        &self,
        timestamp_is_start: bool,
        each: &mut dyn FnMut(&SampleResult),
    ) -> Result<(), ReadError> {
        let mut result = SampleResult::default();
        for place in &self.results {
            let wrong = |problem| ReadError::Line {
                line: place.line,
                problem,
            };
            let text = std::str::from_utf8(&self.bytes[place.bytes.clone()])
                .map_err(|_| wrong("a result is not UTF-8".to_owned()))?;
            if read_result(text, timestamp_is_start, &mut result).map_err(wrong)? {
                each(&result);
            }
        }
        Ok(())
    }
}

fn line_ends(bytes: &[u8]) -> u64 {
    memchr_iter(b'\n', bytes).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The results in `text`, cut into chunks of about `chunk_bytes`.
    fn pieces(text: &str, chunk_bytes: usize) -> Result<Vec<String>, String> {
        let mut bytes = text.as_bytes();
        let mut chunks = XmlChunks::of(Vec::new(), &mut bytes, chunk_bytes);
        let mut found = Vec::new();
        while let Some(chunk) = chunks.next().map_err(|error| error.to_string())? {
            let results = chunk.results.iter();
            let texts = results.map(|place| chunk.bytes[place.bytes.clone()].to_vec());
            found.extend(texts.map(|text| String::from_utf8(text).unwrap()));
        }
        Ok(found)
    }

    #[test]
    fn each_result_is_a_piece_wherever_chunks_end() {
        let one = "<sample lb='a > b' x=\"'>\"><!-- </sample> --><sample/><d><![CDATA[</d>]]></d></sample>";
        let two = "<httpSample lb=\"b\"/>";
        let text = format!(
            "\u{feff}<?xml version=\"1.0\"?>\n<!-- > --><testResults version=\"1.2\">\n{one}\n > {two}<!--x-->{two}\n\
             </testResults>\n<!-- end -->\n"
        );
        for chunk_bytes in 1..text.len() + 2 {
            assert_eq!(pieces(&text, chunk_bytes).unwrap(), [one, two, two]);
        }
        assert_eq!(pieces("<testResults/>", 10).unwrap(), [""; 0]);
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
            for chunk_bytes in [1, 7, 100] {
                assert_eq!(pieces(text, chunk_bytes).unwrap_err(), expected, "{text}");
            }
        }
    }

    #[test]
    fn results_before_what_is_wrong_are_handed_out() {
        let mut bytes = &b"<testResults><sample/>\n</testResults><x/>"[..];
        let mut chunks = XmlChunks::of(Vec::new(), &mut bytes, 1000);
        assert_eq!(chunks.next().unwrap().unwrap().results.len(), 1);
        assert!(chunks.next().is_err());
    }
}
