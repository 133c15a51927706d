//! An answer of HTTP/2, whose head and body come taken apart, read as one of HTTP/1 is.

use http::HeaderMap;
use httparse::Header;

use super::{CutShort, Framing, Head, HeadFacts, Phase, ProtocolError, ResponseReader, keep_body};

impl ResponseReader {
    /// The head has come: status line and fields, whose names are in lower case.
    ///
    /// # Errors
    ///
    /// [`ProtocolError::ContentLength`].
    pub(crate) fn head_of_http2(
        &mut self,
        status: u16,
        fields: &HeaderMap,
    ) -> Result<(), ProtocolError> {
        let headers: Vec<Header<'_>> = fields
            .iter()
            .map(|(name, value)| Header {
                name: name.as_str(),
                value: value.as_bytes(),
            })
            .collect();
        let facts = HeadFacts::read(&headers)?;
        // HTTP/2 has no reason phrases.
        let kept = self.keep_head(status, "", &headers, &facts, || lines(status, &headers));
        self.go_behind(Head {
            status,
            idle_seconds: 0,
            // Its connection is not this reader's affair.
            reusable: false,
            framing: match facts.content_length {
                _ if self.wanted.answers_head || matches!(status, 204 | 304) => Framing::Nothing,
                Some(length) => Framing::Length(length),
                None => Framing::UntilClose,
            },
            kept,
        });
        Ok(())
    }

    /// A part of the body has come.
    pub(crate) fn data_of_http2(&mut self, data: &[u8]) {
        if let Phase::Length { remaining, .. } = &mut self.phase {
            *remaining = remaining.saturating_sub(data.len() as u64);
            if *remaining == 0 {
                self.phase = Phase::Done;
            }
        }
        keep_body(&mut self.kept, data);
    }

    /// How a body of stated length was cut short of which `received` bytes came; `None` if it was not.
    pub(crate) fn missing(&self, received: u64) -> Option<CutShort> {
        match self.phase {
            Phase::Length { expected, .. } if received < expected => {
                Some(CutShort::Length { expected, received })
            }
            _ => None,
        }
    }

    /// Bytes of the answer that were received, framing included.
    pub(crate) fn set_received(&mut self, bytes: u64) {
        self.received = bytes;
    }
}

/// The head as results have it.
fn lines(status: u16, headers: &[Header<'_>]) -> Vec<u8> {
    let mut lines = format!("HTTP/2.0 {status} \n").into_bytes();
    for header in headers {
        lines.extend_from_slice(header.name.as_bytes());
        lines.extend_from_slice(b": ");
        lines.extend_from_slice(header.value);
        lines.push(b'\n');
    }
    lines
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::super::Wanted;
    use super::*;

    fn fields(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut fields = HeaderMap::new();
        for (name, value) in pairs {
            fields.append(*name, HeaderValue::from_static(value));
        }
        fields
    }

    #[test]
    fn heads_are_told_with_an_empty_reason() {
        let mut reader = ResponseReader::new(Wanted {
            headers: true,
            body: true,
            cookies: true,
            ..Wanted::default()
        });
        let head = fields(&[
            ("content-type", "text/x"),
            ("set-cookie", "a=1"),
            ("set-cookie", "b=2"),
        ]);
        reader.head_of_http2(200, &head).unwrap();
        reader.data_of_http2(b"hel");
        reader.data_of_http2(b"lo");
        assert_eq!(reader.end(), Ok(()));
        let kept = reader.take_kept().unwrap();
        assert_eq!(
            kept.headers,
            b"HTTP/2.0 200 \ncontent-type: text/x\nset-cookie: a=1\nset-cookie: b=2\n"
        );
        assert_eq!((&*kept.reason, &*kept.content_type), ("", "text/x"));
        assert_eq!(kept.body, b"hello");
        assert_eq!(kept.set_cookies, ["a=1".into(), "b=2".into()]);
    }

    #[test]
    fn a_body_is_as_long_as_its_length_unless_there_is_none() {
        let read = |answers_head: bool, status: u16, body: &[u8]| {
            let mut reader = ResponseReader::new(Wanted {
                answers_head,
                ..Wanted::default()
            });
            let head = fields(&[("content-length", "5")]);
            reader.head_of_http2(status, &head).unwrap();
            reader.data_of_http2(body);
            (reader.missing(body.len() as u64), reader.end().is_ok())
        };
        assert_eq!(read(false, 200, b"12345"), (None, true));
        let cut = CutShort::Length {
            expected: 5,
            received: 3,
        };
        assert_eq!(read(false, 200, b"123"), (Some(cut), false));
        assert_eq!(read(true, 200, b""), (None, true));
        assert_eq!(read(false, 304, b""), (None, true));
        let mut reader = ResponseReader::new(Wanted::default());
        let wrong = fields(&[("content-length", "x")]);
        assert_eq!(
            reader.head_of_http2(200, &wrong),
            Err(ProtocolError::ContentLength)
        );
    }
}
