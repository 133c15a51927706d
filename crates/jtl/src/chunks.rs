//! A result file cut into chunks of whole results, each of which can be read by itself: on another
//! thread, while the next one is cut.

use std::io::Read;

use loadline_events::SampleResult;

use crate::csv_chunks::{CsvChunk, CsvChunks};
use crate::read::ReadError;
use crate::xml_chunks::{XmlChunk, XmlChunks};

/// The chunks of a result file, CSV or XML, in their order. Memory does not grow with the file.
pub struct ResultChunks<'f> {
    chunks: Chunks<'f>,
    timestamp_is_start: bool,
}

enum Chunks<'f> {
    Csv(CsvChunks<'f>),
    Xml(XmlChunks<'f>),
}

/// Some results of a file, one after the other, not taken apart yet.
#[derive(Debug)]
pub struct ResultChunk {
    content: Content,
    timestamp_is_start: bool,
}

#[derive(Debug)]
enum Content {
    Csv(CsvChunk),
    Xml(XmlChunk),
}

impl<'f> ResultChunks<'f> {
    /// The chunks of `file`, which is XML or CSV by its first character.
    ///
    /// `chunk_bytes`, at least 1, is what is read at a time: a chunk is about as long, or as long
    /// as a result that is longer. `timestamp_is_start` says what instant the file's times are.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn of(
        file: &'f mut dyn Read,
        chunk_bytes: usize,
        timestamp_is_start: bool,
    ) -> Result<Self, ReadError> {
        let chunk_bytes = chunk_bytes.max(1);
        let mut begins = Vec::new();
        (&mut *file).take(4).read_to_end(&mut begins)?;
        let is_xml = begins.starts_with(b"<") || begins.starts_with(b"\xef\xbb\xbf<");
        let chunks = if is_xml {
            Chunks::Xml(XmlChunks::of(begins, file, chunk_bytes))
        } else {
            Chunks::Csv(CsvChunks::of(begins, file, chunk_bytes))
        };
        Ok(Self {
            chunks,
            timestamp_is_start,
        })
    }

    /// The next chunk; `None` behind the last one.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or what follows is no result: all results before it have been in
    /// chunks.
    pub fn next_chunk(&mut self) -> Result<Option<ResultChunk>, ReadError> {
        let content = match &mut self.chunks {
            Chunks::Csv(chunks) => chunks.next()?.map(Content::Csv),
            Chunks::Xml(chunks) => chunks.next()?.map(Content::Xml),
        };
        Ok(content.map(|content| ResultChunk {
            content,
            timestamp_is_start: self.timestamp_is_start,
        }))
    }
}

impl ResultChunk {
    /// Reads the results, and hands each to `each`, in order.
    ///
    /// # Errors
    ///
    /// [`ReadError`] at the first one that cannot be understood, with its line in the file.
    pub fn read(&self, each: &mut dyn FnMut(&SampleResult)) -> Result<(), ReadError> {
        match &self.content {
            Content::Csv(chunk) => chunk.read(self.timestamp_is_start, each),
            Content::Xml(chunk) => chunk.read(self.timestamp_is_start, each),
        }
    }
}
