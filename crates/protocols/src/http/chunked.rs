//! Decodes the chunked transfer coding (RFC 9112, section 7.1) as bytes come in.
//!
//! Lines may end in LF alone. Chunk extensions and trailers are skipped, up to a bound.

use super::response::ProtocolError;

/// Greatest length of all chunk extensions of one chunk, and of all trailers, in bytes.
const SKIPPED_BYTES: u32 = 64 << 10;

/// Where in the coding the next byte is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// In the size; whether a digit was seen.
    Size { digits: bool },
    /// Behind the size, up to the line's end.
    Extension,
    /// In a chunk's data.
    Data,
    /// Behind a chunk's data: CR LF.
    DataEnd,
    /// At the beginning of a trailer line or of the last line.
    TrailerStart,
    /// Within a trailer line.
    Trailer,
    /// Behind the last line.
    Done,
}

/// A decoder for one body.
#[derive(Clone, Debug)]
pub(crate) struct Chunked {
    state: State,
    /// Bytes of the present chunk still to come, or its size as far as it is read.
    remaining: u64,
    /// Size of the present chunk, once it is read.
    size: u64,
    skipped: u32,
}

impl Chunked {
    pub(crate) fn new() -> Self {
        Self {
            state: State::Size { digits: false },
            remaining: 0,
            size: 0,
            skipped: 0,
        }
    }

    /// Whether the body is complete.
    pub(crate) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Size of the chunk that has begun and how much of it has come; `None` between chunks.
    pub(crate) fn open_chunk(&self) -> Option<(u64, u64)> {
        (self.state == State::Data).then(|| (self.size, self.size - self.remaining))
    }

    /// Decodes `bytes`, gives data to `data`, and returns how many bytes belong to the body.
    ///
    /// # Errors
    ///
    /// [`ProtocolError::Chunk`] for bytes that are not in chunked coding.
    pub(crate) fn feed(
        &mut self,
        bytes: &[u8],
        mut data: impl FnMut(&[u8]),
    ) -> Result<usize, ProtocolError> {
        let mut position = 0;
        while let Some(&byte) = bytes.get(position) {
            match self.state {
                State::Size { digits } => {
                    position += 1;
                    match (char::from(byte).to_digit(16), byte) {
                        (Some(digit), _) => {
                            if self.remaining >> 58 != 0 {
                                return Err(ProtocolError::Chunk);
                            }
                            self.remaining = self.remaining * 16 + u64::from(digit);
                            self.state = State::Size { digits: true };
                        }
                        (None, b'\n') if digits => self.end_size(),
                        (None, b';' | b' ' | b'\t' | b'\r') if digits => {
                            self.state = State::Extension;
                        }
                        _ => return Err(ProtocolError::Chunk),
                    }
                }
                State::Extension => {
                    position += 1;
                    if byte == b'\n' {
                        self.end_size();
                    } else {
                        self.skip()?;
                    }
                }
                State::Data => {
                    let rest = &bytes[position..];
                    let length =
                        usize::try_from(self.remaining).map_or(rest.len(), |n| n.min(rest.len()));
                    data(&rest[..length]);
                    position += length;
                    self.remaining -= length as u64;
                    if self.remaining == 0 {
                        self.state = State::DataEnd;
                    }
                }
                State::DataEnd => {
                    position += 1;
                    match byte {
                        b'\r' => {}
                        b'\n' => {
                            self.state = State::Size { digits: false };
                            self.skipped = 0;
                        }
                        _ => return Err(ProtocolError::Chunk),
                    }
                }
                State::TrailerStart => {
                    position += 1;
                    match byte {
                        b'\r' => self.skip()?,
                        b'\n' => self.state = State::Done,
                        _ => {
                            self.skip()?;
                            self.state = State::Trailer;
                        }
                    }
                }
                State::Trailer => {
                    position += 1;
                    self.skip()?;
                    if byte == b'\n' {
                        self.state = State::TrailerStart;
                    }
                }
                State::Done => break,
            }
        }
        Ok(position)
    }

    fn end_size(&mut self) {
        self.skipped = 0;
        self.size = self.remaining;
        self.state = if self.remaining == 0 {
            State::TrailerStart
        } else {
            State::Data
        };
    }

    fn skip(&mut self) -> Result<(), ProtocolError> {
        self.skipped += 1;
        if self.skipped > SKIPPED_BYTES {
            return Err(ProtocolError::Chunk);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(parts: &[&[u8]], body: &[u8], surplus: usize) {
        let mut decoder = Chunked::new();
        let mut out = Vec::new();
        let mut left = 0;
        for part in parts {
            let used = decoder
                .feed(part, |data| out.extend_from_slice(data))
                .unwrap();
            left += part.len() - used;
        }
        assert!(decoder.is_done());
        assert_eq!(out, body);
        assert_eq!(left, surplus);
    }

    #[test]
    fn chunks_are_put_together_wherever_they_are_cut() {
        let wire = b"5\r\nhello\r\nA;name=\"x\"\r\n, world 12\r\n0\r\nTrailer: t\r\n\r\n";
        check(&[wire], b"hello, world 12", 0);
        for cut in 0..wire.len() {
            check(&[&wire[..cut], &wire[cut..]], b"hello, world 12", 0);
        }
        let bytes: Vec<&[u8]> = wire.chunks(1).collect();
        check(&bytes, b"hello, world 12", 0);
    }

    #[test]
    fn bare_line_feeds_and_an_empty_body_are_read_and_a_surplus_is_left() {
        check(&[b"1\na\n0\n\n"], b"a", 0);
        check(&[b"0\r\n\r\nHTTP"], b"", 4);
    }

    #[test]
    fn what_is_not_chunked_is_refused() {
        for wire in [
            b"x\r\n".as_slice(),
            b"\r\n",
            b"-1\r\n",
            b"1\r\nab",
            b"fffffffffffffffff\r\n",
        ] {
            assert!(Chunked::new().feed(wire, |_| {}).is_err(), "{wire:?}");
        }
        let endless = vec![b'e'; 70_000];
        let mut decoder = Chunked::new();
        decoder.feed(b"1;", |_| {}).unwrap();
        assert!(decoder.feed(&endless, |_| {}).is_err());
    }
}
