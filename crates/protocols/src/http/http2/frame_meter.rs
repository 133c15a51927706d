//! Whose the bytes of a connection are: frames of HTTP/2 are counted by stream as they pass.
//!
//! Only the nine bytes at the beginning of a frame are looked at (RFC 9113, section 4.1). Bytes of no
//! stream, such as settings, belong to the connection; the request that ends next is told of them,
//! so that the requests of a connection add up to all of its bytes.

use std::collections::HashMap;

use tokio::time::Instant;

/// Length of a frame's head, in bytes.
const HEAD_BYTES: usize = 9;

/// Length of what a client sends before its first frame (RFC 9113, section 3.4), in bytes.
const PREFACE_BYTES: usize = 24;

/// Type of a frame with a part of a body.
const DATA: u8 = 0;

/// Type of a frame that begins the head of a message.
const HEADERS: u8 = 1;

/// Type of a frame that only gives leave to send more.
const WINDOW_UPDATE: u8 = 8;

/// The figures of one stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct StreamFigures {
    pub(crate) sent: u64,
    pub(crate) received: u64,
    /// What of the body was received, in bytes.
    pub(crate) body: u64,
    /// When the first head came, which may be an interim one.
    pub(crate) first_byte_at: Option<Instant>,
    /// When bytes of an answer came last.
    pub(crate) last_byte_at: Option<Instant>,
    /// When bytes moved last, in either direction.
    pub(crate) moved_at: Option<Instant>,
}

/// Counts the frames of a connection.
#[derive(Debug)]
pub(crate) struct FrameMeter {
    outward: Direction,
    inward: Direction,
    /// The streams that are counted apart.
    streams: HashMap<u32, StreamFigures>,
    /// Bytes of the connection that nobody was told of yet.
    own_sent: u64,
    own_received: u64,
}

/// The frames of one direction.
#[derive(Debug, Default)]
struct Direction {
    /// Bytes before the first frame that are still to come.
    preface: usize,
    head: [u8; HEAD_BYTES],
    head_length: usize,
    /// Of the frame whose head came last.
    kind: u8,
    stream: u32,
    payload: usize,
    /// The first head that came.
    first: Option<[u8; HEAD_BYTES]>,
}

impl Direction {
    /// Tells `count` of each piece of a frame in `bytes`: stream, type, whether it is the frame's head,
    /// and length.
    fn feed(&mut self, mut bytes: &[u8], mut count: impl FnMut(u32, u8, bool, u64)) {
        let skipped = self.preface.min(bytes.len());
        if skipped > 0 {
            self.preface -= skipped;
            bytes = &bytes[skipped..];
            count(0, 0, false, skipped as u64);
        }
        while !bytes.is_empty() {
            if self.payload > 0 {
                let length = self.payload.min(bytes.len());
                self.payload -= length;
                bytes = &bytes[length..];
                count(self.stream, self.kind, false, length as u64);
                continue;
            }
            let length = (HEAD_BYTES - self.head_length).min(bytes.len());
            let (taken, rest) = bytes.split_at(length);
            self.head[self.head_length..][..length].copy_from_slice(taken);
            self.head_length += length;
            bytes = rest;
            if self.head_length == HEAD_BYTES {
                self.head_length = 0;
                self.first.get_or_insert(self.head);
                let [l0, l1, l2, kind, _, s0, s1, s2, s3] = self.head;
                self.payload = u32::from_be_bytes([0, l0, l1, l2]) as usize;
                self.kind = kind;
                self.stream = u32::from_be_bytes([s0 & 0x7f, s1, s2, s3]);
                count(self.stream, kind, true, HEAD_BYTES as u64);
            }
        }
    }
}

impl FrameMeter {
    /// The meter of a client's connection that has not begun.
    pub(crate) fn new() -> Self {
        Self {
            outward: Direction {
                preface: PREFACE_BYTES,
                ..Direction::default()
            },
            inward: Direction::default(),
            streams: HashMap::new(),
            own_sent: 0,
            own_received: 0,
        }
    }

    /// Counts `stream` apart from now on.
    pub(crate) fn begin(&mut self, stream: u32) {
        self.streams.insert(stream, StreamFigures::default());
    }

    /// The figures of `stream` so far.
    pub(crate) fn figures(&self, stream: u32) -> StreamFigures {
        self.streams.get(&stream).copied().unwrap_or_default()
    }

    /// The figures of `stream`, which has ended, with the bytes of the connection since another ended.
    pub(crate) fn end(&mut self, stream: u32) -> StreamFigures {
        let mut figures = self.streams.remove(&stream).unwrap_or_default();
        figures.sent += std::mem::take(&mut self.own_sent);
        figures.received += std::mem::take(&mut self.own_received);
        figures
    }

    /// Forgets `stream`, of whose figures nobody will be told.
    pub(crate) fn forget(&mut self, stream: u32) {
        self.streams.remove(&stream);
    }

    /// Bytes went out.
    pub(crate) fn sent(&mut self, bytes: &[u8], now: Instant) {
        let (streams, own) = (&mut self.streams, &mut self.own_sent);
        self.outward.feed(bytes, |stream, _, _, length| {
            match streams.get_mut(&stream) {
                Some(figures) => {
                    figures.sent += length;
                    figures.moved_at = Some(now);
                }
                None => *own += length,
            }
        });
    }

    /// Bytes came in.
    pub(crate) fn received(&mut self, bytes: &[u8], now: Instant) {
        let (streams, own) = (&mut self.streams, &mut self.own_received);
        self.inward.feed(bytes, |stream, kind, is_head, length| {
            let Some(figures) = streams.get_mut(&stream) else {
                *own += length;
                return;
            };
            figures.received += length;
            figures.moved_at = Some(now);
            if kind == DATA && !is_head {
                figures.body += length;
            }
            if kind != WINDOW_UPDATE {
                figures.last_byte_at = Some(now);
            }
            if kind == HEADERS {
                figures.first_byte_at.get_or_insert(now);
            }
        });
    }

    /// Whether the other side speaks HTTP/1.
    pub(crate) fn hears_http1(&self) -> bool {
        let first = self.inward.first.as_ref();
        first.is_some_and(|first| first.starts_with(b"HTTP/1."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let mut bytes = length[1..].to_vec();
        bytes.extend_from_slice(&[kind, 0]);
        bytes.extend_from_slice(&stream.to_be_bytes());
        bytes.extend_from_slice(payload);
        bytes
    }

    #[test]
    fn bytes_belong_to_the_stream_of_their_frame_however_they_are_cut() {
        let mut sent = vec![b'P'; PREFACE_BYTES];
        sent.extend(frame(4, 0, &[0; 6]));
        sent.extend(frame(HEADERS, 1, &[0; 20]));
        sent.extend(frame(0, 3, &[0; 5]));
        sent.extend(frame(0, 1, &[]));
        let mut received = frame(4, 0, &[]);
        received.extend(frame(WINDOW_UPDATE, 1, &[0; 4]));
        received.extend(frame(HEADERS, 1, &[0; 30]));
        received.extend(frame(0, 1, &[0; 100]));
        for size in [1, 2, 7, 9, 10, 1000] {
            let mut meter = FrameMeter::new();
            meter.begin(1);
            let now = Instant::now();
            for piece in sent.chunks(size) {
                meter.sent(piece, now);
            }
            for piece in received.chunks(size) {
                meter.received(piece, now);
            }
            let figures = meter.figures(1);
            assert_eq!((figures.sent, figures.received), (38, 13 + 39 + 109));
            assert_eq!(figures.body, 100);
            let whole = meter.end(1);
            assert_eq!(whole.sent as usize, sent.len());
            assert_eq!(whole.received as usize, received.len());
            assert_eq!(meter.end(3), StreamFigures::default());
            assert!(!meter.hears_http1());
        }
    }

    #[test]
    fn instants_are_those_of_the_answer() {
        let mut meter = FrameMeter::new();
        meter.begin(1);
        let start = Instant::now();
        let at = |seconds| start + std::time::Duration::from_secs(seconds);
        meter.received(&frame(WINDOW_UPDATE, 1, &[0; 4]), at(1));
        assert_eq!(meter.figures(1).first_byte_at, None);
        assert_eq!(meter.figures(1).moved_at, Some(at(1)));
        meter.received(&frame(HEADERS, 1, b"x"), at(2));
        meter.received(&frame(0, 1, b"y"), at(3));
        meter.received(&frame(0, 3, b"z"), at(4));
        let figures = meter.end(1);
        assert_eq!(figures.first_byte_at, Some(at(2)));
        assert_eq!(figures.last_byte_at, Some(at(3)));
    }

    #[test]
    fn an_answer_in_http1_is_known() {
        let mut meter = FrameMeter::new();
        meter.received(b"HTTP/1.1 400 Bad Request\r\n", Instant::now());
        assert!(meter.hears_http1());
    }
}
