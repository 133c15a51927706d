//! A CSV result file cut between records, so that its chunks can be read independently of each other.
//!
//! A record ends with a line, unless the line end stands within a quoted field. Every record holds an
//! even number of quotation marks (those within a field are doubled), so a line end is the end of
//! a record when the number of marks before it is even: where to cut is found by counting, without
//! taking fields apart.
//!
//! Not here: what a record says; see [`crate::csv_columns`].

use std::io::Read;
use std::sync::Arc;

use loadline_events::SampleResult;
use memchr::{memchr, memchr_iter, memrchr};

use crate::csv_columns::{Columns, Fields};
use crate::read::ReadError;

/// Longest record, in bytes: a quotation mark that is never closed must not take the memory.
const LONGEST_RECORD: usize = 16 << 20;

/// The chunks of a file, in order.
pub(crate) struct CsvChunks<'f> {
    file: &'f mut dyn Read,
    /// How much is read at a time.
    chunk_bytes: usize,
    /// What was read and not handed out: the beginning of a record.
    rest: Vec<u8>,
    /// The line at which `rest` begins.
    line: u64,
    /// Known from the first record on.
    columns: Option<Arc<Columns>>,
}

/// Whole records of a file.
#[derive(Debug)]
pub(crate) struct CsvChunk {
    bytes: Vec<u8>,
    /// The line at which it begins.
    line: u64,
    columns: Arc<Columns>,
}

impl<'f> CsvChunks<'f> {
    /// The chunks of a file that begins with `begins`, which was read of it.
    pub(crate) fn of(begins: Vec<u8>, file: &'f mut dyn Read, chunk_bytes: usize) -> Self {
        Self {
            file,
            chunk_bytes,
            rest: begins,
            line: 1,
            columns: None,
        }
    }

    /// The next chunk; `None` behind the last one.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or a record is too long.
    pub(crate) fn next(&mut self) -> Result<Option<CsvChunk>, ReadError> {
        loop {
            let mut bytes = self.whole_records()?;
            if bytes.is_empty() {
                return Ok(None);
            }
            let mut line = self.line;
            self.line += memchr_iter(b'\n', &bytes).count() as u64;
            if self.columns.is_none() {
                line += self.take_header(&mut bytes, line)?;
            }
            if let Some(columns) = &self.columns {
                return Ok(Some(CsvChunk {
                    bytes,
                    line,
                    columns: Arc::clone(columns),
                }));
            }
            // Nothing but empty lines so far.
        }
    }

    /// Reads on to the end of a record. All that was read up to the last such end; of a file that
    /// ends, all of it.
    fn whole_records(&mut self) -> Result<Vec<u8>, ReadError> {
        let mut bytes = std::mem::take(&mut self.rest);
        loop {
            bytes.reserve(self.chunk_bytes);
            let read = (&mut *self.file)
                .take(self.chunk_bytes as u64)
                .read_to_end(&mut bytes)?;
            if read == 0 {
                return Ok(bytes);
            }
            if let Some(end) = end_of_records(&bytes) {
                self.rest = bytes.split_off(end);
                return Ok(bytes);
            }
            if bytes.len() > LONGEST_RECORD {
                return Err(too_long(self.line));
            }
        }
    }

    /// Finds the columns by the first record of `bytes`, which begin at `line`; cuts it off if it
    /// names them. How many lines were cut off.
    fn take_header(&mut self, bytes: &mut Vec<u8>, line: u64) -> Result<u64, ReadError> {
        let mut records = Records::of(bytes, line);
        while let Some((_, record)) = records.next()? {
            if record.is_empty() {
                continue;
            }
            let named = Columns::of_header(record);
            let (cut, lines) = match &named {
                Some(_) => (records.at, records.line - line),
                None => (0, 0),
            };
            self.columns = Some(Arc::new(named.unwrap_or_else(Columns::standard)));
            bytes.drain(..cut);
            return Ok(lines);
        }
        Ok(0)
    }
}

impl CsvChunk {
    /// Reads all results, and hands each to `each`, in order.
    ///
    /// # Errors
    ///
    /// At the first record that cannot be understood.
    pub(crate) fn read(
        &self,
        timestamp_is_start: bool,
        each: &mut dyn FnMut(&SampleResult),
    ) -> Result<(), ReadError> {
        let mut records = Records::of(&self.bytes, self.line);
        let mut fields = Fields::new();
        let mut result = SampleResult::default();
        while let Some((line, record)) = records.next()? {
            if record.is_empty() {
                continue;
            }
            (self.columns)
                .read(record, timestamp_is_start, &mut fields, &mut result)
                .map_err(|problem| ReadError::Line { line, problem })?;
            each(&result);
        }
        Ok(())
    }
}

/// The end of the last record in `bytes`, which begin with one; `None` if none ends there.
fn end_of_records(bytes: &[u8]) -> Option<usize> {
    let mut marks = memchr_iter(b'"', bytes).count();
    let mut end = bytes.len();
    while let Some(line_end) = memrchr(b'\n', &bytes[..end]) {
        marks -= memchr_iter(b'"', &bytes[line_end..end]).count();
        if marks.is_multiple_of(2) {
            return Some(line_end + 1);
        }
        end = line_end;
    }
    None
}

/// The records of a chunk, one after the other.
struct Records<'t> {
    /// As much of the chunk as is UTF-8, in whole lines.
    text: &'t str,
    /// Whether there is more, which is not.
    is_cut: bool,
    /// Where the next record begins, in bytes.
    at: usize,
    /// The line at which it begins.
    line: u64,
}

impl<'t> Records<'t> {
    fn of(bytes: &'t [u8], line: u64) -> Self {
        let whole = std::str::from_utf8(bytes);
        let text = whole.unwrap_or_else(|error| {
            let good = &bytes[..error.valid_up_to()];
            let lines = memrchr(b'\n', good).map_or(0, |line_end| line_end + 1);
            std::str::from_utf8(&good[..lines]).unwrap_or_default()
        });
        Self {
            text,
            is_cut: whole.is_err(),
            at: 0,
            line,
        }
    }

    /// The next record without its line end, and its first line; `None` behind the last one.
    fn next(&mut self) -> Result<Option<(u64, &'t str)>, ReadError> {
        let begins = self.line;
        let bytes = &self.text.as_bytes()[self.at..];
        let mut length = 0;
        let mut marks = 0;
        while length < bytes.len() {
            let rest = &bytes[length..];
            let line = memchr(b'\n', rest).map_or(rest, |end| &rest[..=end]);
            length += line.len();
            self.line += 1;
            // Counting takes longer than seeing that there are none.
            if memchr(b'"', line).is_some() {
                marks += memchr_iter(b'"', line).count();
            }
            if marks.is_multiple_of(2) {
                break;
            }
        }
        if length > LONGEST_RECORD {
            return Err(too_long(begins));
        }
        let is_whole = length > 0 && marks.is_multiple_of(2);
        if self.is_cut && !is_whole {
            return Err(ReadError::Line {
                line: self.line,
                problem: "it is not UTF-8".to_owned(),
            });
        }
        if length == 0 {
            return Ok(None);
        }
        let record = &self.text[self.at..self.at + length];
        self.at += length;
        let record = record.trim_start_matches('\u{feff}');
        Ok(Some((begins, record.trim_end_matches(['\n', '\r']))))
    }
}

fn too_long(line: u64) -> ReadError {
    ReadError::Line {
        line,
        problem: "a result of more than 16 MiB is not read; is a quotation mark not closed?"
            .to_owned(),
    }
}
