//! Bytes as text in a charset that is named at run time.

use std::borrow::Cow;

use encoding_rs::Encoding;

/// `bytes` as text in the charset `name`, UTF-8 when it is empty; `None` for an unknown charset.
/// What is not valid becomes U+FFFD.
pub(crate) fn decoded<'b>(bytes: &'b [u8], name: &str) -> Option<Cow<'b, str>> {
    if name.is_empty() {
        return Some(String::from_utf8_lossy(bytes));
    }
    // Java's ISO-8859-1 is that charset and not windows-1252, which browsers take for it.
    if ["iso-8859-1", "iso8859-1", "latin1"]
        .iter()
        .any(|latin| name.eq_ignore_ascii_case(latin))
    {
        return Some(encoding_rs::mem::decode_latin1(bytes));
    }
    let encoding = Encoding::for_label(name.as_bytes())?;
    if encoding == encoding_rs::UTF_8 {
        return Some(String::from_utf8_lossy(bytes));
    }
    Some(encoding.decode_without_bom_handling(bytes).0)
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
}
