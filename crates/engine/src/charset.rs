//! Bytes as text, and text as bytes, in a charset that is named at run time.

use std::borrow::Cow;

use encoding_rs::Encoding;

/// `bytes` as text in the charset `name`, UTF-8 when it is empty; `None` for an unknown charset.
/// What is not valid becomes U+FFFD.
pub(crate) fn decoded<'b>(bytes: &'b [u8], name: &str) -> Option<Cow<'b, str>> {
    if name.is_empty() {
        return Some(utf_8(bytes));
    }
    if is_latin_1(name) {
        return Some(encoding_rs::mem::decode_latin1(bytes));
    }
    let encoding = Encoding::for_label(name.as_bytes())?;
    // In Java's UTF-16 a mark decides the order of bytes, and without one it is big-endian.
    if name.eq_ignore_ascii_case("utf-16") {
        return Some(match bytes {
            [0xff, 0xfe, rest @ ..] => encoding_rs::UTF_16LE.decode_without_bom_handling(rest).0,
            [0xfe, 0xff, rest @ ..] => encoding_rs::UTF_16BE.decode_without_bom_handling(rest).0,
            _ => encoding_rs::UTF_16BE.decode_without_bom_handling(bytes).0,
        });
    }
    if encoding == encoding_rs::UTF_8 {
        return Some(utf_8(bytes));
    }
    Some(encoding.decode_without_bom_handling(bytes).0)
}

/// `bytes` as UTF-8. The plain check reads several bytes at once, the lossy one each for itself.
fn utf_8(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

/// `text` in the charset `name`, UTF-8 when it is empty; `None` for an unknown charset. What it
/// cannot hold becomes `?`, as in Java.
pub(crate) fn encoded<'t>(text: &'t str, name: &str) -> Option<Cow<'t, [u8]>> {
    if name.is_empty() {
        return Some(Cow::Borrowed(text.as_bytes()));
    }
    if name.trim() != name {
        return None;
    }
    if is_latin_1(name) {
        let byte = |character: char| u8::try_from(u32::from(character)).unwrap_or(b'?');
        return Some(text.chars().map(byte).collect());
    }
    let encoding = Encoding::for_label(name.as_bytes())?;
    let units = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes);
    if encoding == encoding_rs::UTF_16LE {
        // Java's UTF-16 writes a mark and is big-endian; browsers take it for little-endian.
        return Some(if name.eq_ignore_ascii_case("utf-16") {
            [0xfe, 0xff]
                .into_iter()
                .chain(units(u16::to_be_bytes))
                .collect()
        } else {
            units(u16::to_le_bytes).collect()
        });
    }
    if encoding == encoding_rs::UTF_16BE {
        return Some(units(u16::to_be_bytes).collect());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut buffer = [0; 4];
    for character in text.chars() {
        let (encoded, _, failed) = encoding.encode(character.encode_utf8(&mut buffer));
        bytes.extend_from_slice(if failed { b"?" } else { &encoded });
    }
    Some(Cow::Owned(bytes))
}

/// Java's ISO-8859-1 is that charset and not windows-1252, which browsers take for it.
fn is_latin_1(name: &str) -> bool {
    ["iso-8859-1", "iso8859-1", "latin1"]
        .iter()
        .any(|latin| name.eq_ignore_ascii_case(latin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charsets_by_name() {
        assert_eq!(decoded("é".as_bytes(), ""), Some("é".into()));
        assert_eq!(decoded(b"\xe9\x80", "ISO-8859-1"), Some("é\u{80}".into()));
        assert_eq!(decoded(b"\x80", "Windows-1252"), Some("€".into()));
        assert_eq!(decoded(b"a\xff", "utf-8"), Some("a\u{fffd}".into()));
        assert_eq!(decoded(b"a", "nope"), None);
    }

    #[test]
    fn texts_are_encoded_as_java_does() {
        assert_eq!(encoded("é€", "").unwrap(), "é€".as_bytes());
        assert_eq!(*encoded("é€", "ISO-8859-1").unwrap(), *b"\xe9?");
        assert_eq!(*encoded("é€", "windows-1252").unwrap(), *b"\xe9\x80");
        assert_eq!(*encoded("é", "UTF-16").unwrap(), *b"\xfe\xff\x00\xe9");
        assert_eq!(*encoded("é", "UTF-16LE").unwrap(), *b"\xe9\x00");
        assert_eq!(*encoded("€x", "US-ASCII").unwrap(), *b"\x80x");
        assert_eq!(encoded("a", "nope"), None);
    }
}
