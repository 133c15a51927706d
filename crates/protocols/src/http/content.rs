//! Content encodings of response bodies, undone within a bound.

use std::io::Read;

/// How a body is encoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ContentEncoding {
    /// Not, or in a way that is not known: left as it is.
    #[default]
    Identity,
    Gzip,
    Deflate,
    Brotli,
}

/// A body that is not in the encoding that it claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("response body is not in its content encoding")]
pub(crate) struct NotDecoded;

impl ContentEncoding {
    /// The encoding that a `Content-Encoding` header names.
    pub(crate) fn named(value: &[u8]) -> Self {
        let value = value.trim_ascii();
        if value.eq_ignore_ascii_case(b"gzip") || value.eq_ignore_ascii_case(b"x-gzip") {
            ContentEncoding::Gzip
        } else if value.eq_ignore_ascii_case(b"deflate") {
            ContentEncoding::Deflate
        } else if value.eq_ignore_ascii_case(b"br") {
            ContentEncoding::Brotli
        } else {
            ContentEncoding::Identity
        }
    }

    /// `body` decoded, at most its first `limit` bytes. The work and the memory are bounded by
    /// `limit`, whatever `body` claims.
    ///
    /// # Errors
    ///
    /// [`NotDecoded`] for a body that ends early or breaks the encoding before `limit`.
    pub(crate) fn decode(self, body: &[u8], limit: usize) -> Result<Vec<u8>, NotDecoded> {
        match self {
            _ if body.is_empty() => Ok(Vec::new()),
            ContentEncoding::Identity => Ok(body[..body.len().min(limit)].to_vec()),
            ContentEncoding::Gzip => read(flate2::read::MultiGzDecoder::new(body), limit),
            ContentEncoding::Brotli => read(brotli::Decompressor::new(body, 4096), limit),
            // Servers disagree on whether "deflate" has the zlib wrapper (RFC 9110, 8.4.1.2).
            ContentEncoding::Deflate => read(flate2::read::ZlibDecoder::new(body), limit)
                .or_else(|NotDecoded| read(flate2::read::DeflateDecoder::new(body), limit)),
        }
    }

    /// As much of the beginning of `body` as can be decoded, at most `limit` bytes.
    pub(crate) fn decode_beginning(self, body: &[u8], limit: usize) -> Vec<u8> {
        match self {
            ContentEncoding::Gzip => beginning(flate2::read::MultiGzDecoder::new(body), limit),
            ContentEncoding::Brotli => beginning(brotli::Decompressor::new(body, 4096), limit),
            ContentEncoding::Deflate => beginning(flate2::read::ZlibDecoder::new(body), limit),
            ContentEncoding::Identity => body[..body.len().min(limit)].to_vec(),
        }
    }
}

/// What `source` gives, up to `limit` bytes.
fn read(source: impl Read, limit: usize) -> Result<Vec<u8>, NotDecoded> {
    let mut out = Vec::new();
    match source.take(limit as u64).read_to_end(&mut out) {
        Ok(_) => Ok(out),
        Err(_) => Err(NotDecoded),
    }
}

/// What `source` gives up to its first error and up to `limit` bytes.
fn beginning(source: impl Read, limit: usize) -> Vec<u8> {
    let mut out = Vec::new();
    // The error says only that there is no more.
    let _ = source.take(limit as u64).read_to_end(&mut out);
    out
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    fn gzip(body: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn each_encoding_is_undone() {
        let body = b"hello hello hello";
        let check = |name: &str, encoded: &[u8]| {
            let encoding = ContentEncoding::named(name.as_bytes());
            assert_eq!(encoding.decode(encoded, 1000).unwrap(), body, "{name}");
            assert_eq!(encoding.decode(encoded, 5).unwrap(), b"hello", "{name}");
        };
        check("GZIP", &gzip(body));
        check("identity", body);
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(body).unwrap();
        check("deflate", &zlib.finish().unwrap());
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::fast());
        raw.write_all(body).unwrap();
        check("deflate", &raw.finish().unwrap());
        let mut compressed = Vec::new();
        brotli::BrotliCompress(&mut body.as_slice(), &mut compressed, &Default::default()).unwrap();
        check("br", &compressed);
    }

    #[test]
    fn a_bomb_is_cut_at_the_limit() {
        let bomb = gzip(&vec![0u8; 10 << 20]);
        assert!(bomb.len() < 100_000);
        assert_eq!(
            ContentEncoding::Gzip.decode(&bomb, 4096).unwrap().len(),
            4096
        );
    }

    #[test]
    fn a_broken_body_is_an_error_and_its_beginning_is_read() {
        let mut body = gzip(b"hello hello hello");
        body.truncate(body.len() - 4);
        assert_eq!(ContentEncoding::Gzip.decode(&body, 1000), Err(NotDecoded));
        assert_eq!(
            ContentEncoding::Gzip.decode_beginning(&body, 1000),
            b"hello hello hello"
        );
        assert_eq!(
            ContentEncoding::Gzip.decode_beginning(&gzip(b"hello"), 3),
            b"hel"
        );
        assert_eq!(
            ContentEncoding::Brotli.decode(b"\xff\xff", 10),
            Err(NotDecoded)
        );
    }
}
