//! Frames: compressed, checksummed pieces of an append-only file.
//!
//! Layout, little endian: `LLF1` · kind (1 byte) · length of the packed content (4) · length of the
//! content (4) · CRC-32 of kind, content length and packed content (4) · packed content (zstd).

use std::io::Write;

const MAGIC: &[u8; 4] = b"LLF1";
const HEADER_BYTES: usize = 17;
/// A frame holds a second of a run or a block of samples; more is damage.
const MAX_CONTENT_BYTES: u32 = 256 << 20;
/// The fastest level: the log must not cost the run more than it tells.
const ZSTD_LEVEL: i32 = 1;

/// What a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    Samples = 1,
    Series = 2,
    Workers = 3,
    Readings = 4,
    Labels = 5,
}

impl Kind {
    fn from_code(code: u8) -> Option<Self> {
        [
            Kind::Samples,
            Kind::Series,
            Kind::Workers,
            Kind::Readings,
            Kind::Labels,
        ]
        .into_iter()
        .find(|kind| *kind as u8 == code)
    }
}

/// Makes frames. Its working memory is used again for each: asked for anew, it would be the largest piece
/// that a run takes and frees each second.
pub(crate) struct Packer {
    compressor: zstd::bulk::Compressor<'static>,
    bytes: Vec<u8>,
}

impl std::fmt::Debug for Packer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Packer").finish_non_exhaustive()
    }
}

impl Packer {
    /// # Errors
    ///
    /// When there is no memory for it.
    pub(crate) fn new() -> std::io::Result<Self> {
        Ok(Self {
            compressor: zstd::bulk::Compressor::new(ZSTD_LEVEL)?,
            bytes: Vec::new(),
        })
    }

    /// Appends one frame to `file` in a single write.
    pub(crate) fn write_frame(
        &mut self,
        file: &mut impl Write,
        kind: Kind,
        content: &[u8],
    ) -> std::io::Result<()> {
        let content_length = length(content.len())?;
        let bytes = &mut self.bytes;
        bytes.resize(
            HEADER_BYTES + zstd::zstd_safe::compress_bound(content.len()),
            0,
        );
        let (header, packed) = bytes.split_at_mut(HEADER_BYTES);
        let packed_length = self.compressor.compress_to_buffer(content, packed)?;
        let sum = checksum(kind as u8, content_length, &packed[..packed_length]);
        header[..4].copy_from_slice(MAGIC);
        header[4] = kind as u8;
        header[5..9].copy_from_slice(&length(packed_length)?.to_le_bytes());
        header[9..13].copy_from_slice(&content_length.to_le_bytes());
        header[13..].copy_from_slice(&sum.to_le_bytes());
        file.write_all(&bytes[..HEADER_BYTES + packed_length])
    }
}

fn length(bytes: usize) -> std::io::Result<u32> {
    u32::try_from(bytes)
        .ok()
        .filter(|length| *length <= MAX_CONTENT_BYTES)
        .ok_or_else(|| std::io::Error::other("a frame would be too long"))
}

fn checksum(kind: u8, content_length: u32, packed: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&[kind]);
    hasher.update(&content_length.to_le_bytes());
    hasher.update(packed);
    hasher.finalize()
}

/// Reads the frames of a file one after another.
#[derive(Debug)]
pub(crate) struct Frames<'a> {
    bytes: &'a [u8],
}

impl<'a> Frames<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// Bytes that were not part of a whole frame: the torn end of a file, or damage.
    pub(crate) fn remaining(&self) -> usize {
        self.bytes.len()
    }
}

impl Iterator for Frames<'_> {
    type Item = (Kind, Vec<u8>);

    fn next(&mut self) -> Option<Self::Item> {
        let header = self.bytes.get(..HEADER_BYTES)?;
        let word = |at: usize| {
            u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
        };
        let (packed_length, content_length) = (word(5), word(9));
        let kind = Kind::from_code(header[4])?;
        if &header[..4] != MAGIC || content_length > MAX_CONTENT_BYTES {
            return None;
        }
        let end = HEADER_BYTES.checked_add(packed_length as usize)?;
        let packed = self.bytes.get(HEADER_BYTES..end)?;
        if checksum(header[4], content_length, packed) != word(13) {
            return None;
        }
        let content = zstd::bulk::decompress(packed, content_length as usize).ok()?;
        self.bytes = &self.bytes[end..];
        Some((kind, content))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_frames() -> Vec<u8> {
        let mut file = Vec::new();
        let mut packer = Packer::new().unwrap();
        packer
            .write_frame(&mut file, Kind::Series, b"first")
            .unwrap();
        packer
            .write_frame(&mut file, Kind::Labels, b"second")
            .unwrap();
        file
    }

    #[test]
    fn frames_read_back_in_order() {
        let file = two_frames();
        let mut frames = Frames::new(&file);
        assert_eq!(frames.next(), Some((Kind::Series, b"first".to_vec())));
        assert_eq!(frames.next(), Some((Kind::Labels, b"second".to_vec())));
        assert_eq!((frames.next(), frames.remaining()), (None, 0));
    }

    #[test]
    fn a_torn_end_costs_only_its_own_frame() {
        let file = two_frames();
        for end in 0..file.len() {
            let count = Frames::new(&file[..end]).count();
            assert!(count <= 1, "{end}");
        }
        assert_eq!(Frames::new(&file[..file.len() - 1]).count(), 1);
    }

    #[test]
    fn a_flipped_bit_is_noticed() {
        let good = two_frames();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert!(Frames::new(&bad).count() < 2, "{at}");
        }
    }
}
