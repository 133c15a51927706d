//! Form encoding and charsets, as Java's `URLEncoder`, `URLDecoder` and `Charset` do them.

use std::borrow::Cow;

use encoding_rs::Encoding;

const UPPER_HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Appends `%XX` for `byte`.
pub(crate) fn push_percent(byte: u8, out: &mut Vec<u8>) {
    out.push(b'%');
    out.push(UPPER_HEX[usize::from(byte >> 4)]);
    out.push(UPPER_HEX[usize::from(byte & 15)]);
}

/// Appends `bytes` in form encoding: letters, digits and `*-._` as they are, a space as `+`, all
/// else as `%XX`.
pub(crate) fn form_encode(bytes: &[u8], out: &mut Vec<u8>) {
    for &byte in bytes {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => out.push(byte),
            b' ' => out.push(b'+'),
            _ => push_percent(byte, out),
        }
    }
}

/// Undoes form encoding: `+` is a space, `%XX` a byte.
///
/// # Errors
///
/// Java's message for a `%` that no two hexadecimal digits follow.
pub(crate) fn form_decode(text: &[u8]) -> Result<Cow<'_, [u8]>, String> {
    if !text.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        return Ok(Cow::Borrowed(text));
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'+' => out.push(b' '),
            b'%' => {
                let [high, low, after @ ..] = rest else {
                    return Err("URLDecoder: Incomplete trailing escape (%) pattern".to_owned());
                };
                match (hex_value(*high), hex_value(*low)) {
                    (Some(high), Some(low)) => out.push(high * 16 + low),
                    (high_value, _) => {
                        return Err(format!(
                            "URLDecoder: Illegal hex characters in escape (%) pattern - Error at \
                             index {} in: \"{}\"",
                            usize::from(high_value.is_some()),
                            String::from_utf8_lossy(&[*high, *low])
                        ));
                    }
                }
                rest = after;
            }
            other => out.push(other),
        }
    }
    Ok(Cow::Owned(out))
}

fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// The charset of a request's query and body.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Charset {
    /// The text is sent as it is.
    Utf8,
    /// Two bytes a unit, the high one first or last, behind a mark if it has one.
    Utf16 { high_first: bool, has_mark: bool },
    /// A byte for each of the letters up to the last one. Browsers take such charsets for Windows-1252.
    Bytes { last: u8 },
    /// One of the library's other encodings.
    Other(&'static Encoding),
}

impl Charset {
    /// The charset named `label`; empty means UTF-8. `None` for an unknown one.
    pub(crate) fn named(label: &[u8]) -> Option<Self> {
        if label.is_empty() || label.eq_ignore_ascii_case(b"utf-8") {
            return Some(Self::Utf8);
        }
        match Self::canonical_name(label) {
            b"ISO-8859-1" => return Some(Self::Bytes { last: 0xff }),
            b"US-ASCII" => return Some(Self::Bytes { last: 0x7f }),
            _ => {}
        }
        let encoding = Encoding::for_label(label)?;
        // Java's UTF-16 writes a mark and the high byte first; browsers take it for UTF-16LE.
        let is_marked = label.eq_ignore_ascii_case(b"utf-16");
        Some(if encoding == encoding_rs::UTF_8 {
            Self::Utf8
        } else if encoding == encoding_rs::UTF_16BE || encoding == encoding_rs::UTF_16LE {
            Self::Utf16 {
                high_first: is_marked || encoding == encoding_rs::UTF_16BE,
                has_mark: is_marked,
            }
        } else {
            Self::Other(encoding)
        })
    }

    /// The name that Java gives the charset `label`; `label` itself for one that is unknown.
    pub(crate) fn canonical_name(label: &[u8]) -> &[u8] {
        const OWN: [(&[u8], &[u8]); 9] = [
            (b"", b"UTF-8"),
            (b"iso-8859-1", b"ISO-8859-1"),
            (b"iso8859-1", b"ISO-8859-1"),
            (b"latin1", b"ISO-8859-1"),
            (b"us-ascii", b"US-ASCII"),
            (b"ascii", b"US-ASCII"),
            (b"utf-16", b"UTF-16"),
            (b"gb2312", b"GB2312"),
            (b"tis-620", b"TIS-620"),
        ];
        let own = OWN
            .iter()
            .find(|(name, _)| label.eq_ignore_ascii_case(name));
        match (own, Encoding::for_label_no_replacement(label)) {
            (Some((_, name)), _) => name,
            (None, Some(encoding)) => encoding.name().as_bytes(),
            (None, None) => label,
        }
    }

    /// `text`, which is UTF-8, in this charset; what it lacks becomes `?`.
    pub(crate) fn encode(self, text: &[u8]) -> Cow<'_, [u8]> {
        let encoding = match self {
            Self::Utf8 => return Cow::Borrowed(text),
            Self::Utf16 { .. } if text.is_empty() => return Cow::Borrowed(text),
            Self::Utf16 {
                high_first,
                has_mark,
            } => {
                let text = String::from_utf8_lossy(text);
                let units = has_mark.then_some(0xfeff_u16);
                let units = units.into_iter().chain(text.encode_utf16());
                return units
                    .flat_map(|unit| match high_first {
                        true => unit.to_be_bytes(),
                        false => unit.to_le_bytes(),
                    })
                    .collect();
            }
            Self::Bytes { last } => {
                let text = String::from_utf8_lossy(text);
                let bytes = text.chars().map(|letter| {
                    let byte = u8::try_from(u32::from(letter)).ok();
                    byte.filter(|byte| *byte <= last).unwrap_or(b'?')
                });
                return bytes.collect();
            }
            Self::Other(encoding) => encoding,
        };
        let mut out = Vec::with_capacity(text.len());
        let mut buffer = [0u8; 8];
        for character in String::from_utf8_lossy(text).chars() {
            match encoding.encode(character.encode_utf8(&mut buffer)) {
                (_, _, true) => out.push(b'?'),
                (bytes, _, false) => out.extend_from_slice(&bytes),
            }
        }
        Cow::Owned(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_encode(text: &str, expected: &str) {
        let mut out = Vec::new();
        form_encode(text.as_bytes(), &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn letters_that_a_charset_of_bytes_lacks_become_question_marks() {
        let encode = |label: &[u8]| {
            Charset::named(label)
                .unwrap()
                .encode("é€".as_bytes())
                .into_owned()
        };
        assert_eq!(encode(b"iso-8859-1"), b"\xe9?");
        assert_eq!(encode(b"US-ASCII"), b"??");
        assert_eq!(encode(b"windows-1252"), b"\xe9\x80");
    }

    #[test]
    fn form_encoding_is_javas() {
        check_encode("aZ09*-._", "aZ09*-._");
        check_encode("a b&c=d", "a+b%26c%3Dd");
        check_encode("~'()!", "%7E%27%28%29%21");
        check_encode("é", "%C3%A9");
    }

    #[test]
    fn form_decoding_undoes_it_and_refuses_a_bare_percent() {
        assert_eq!(&*form_decode(b"a+b%26%c3%A9").unwrap(), "a b&é".as_bytes());
        assert!(form_decode(b"100%").unwrap_err().contains("Incomplete"));
        assert_eq!(
            form_decode(b"%1z").unwrap_err(),
            "URLDecoder: Illegal hex characters in escape (%) pattern - Error at index 1 in: \"1z\""
        );
    }

    #[test]
    fn charsets_encode_what_they_have() {
        let latin = Charset::named(b"ISO-8859-1").unwrap();
        assert_eq!(&*latin.encode("é\u{4e00}".as_bytes()), b"\xe9?");
        assert_eq!(
            &*Charset::named(b"").unwrap().encode("é".as_bytes()),
            "é".as_bytes()
        );
        assert!(Charset::named(b"klingon").is_none());
        for (name, bytes) in [
            ("UTF-16", &b"\xfe\xff\x00\xe9"[..]),
            ("UTF-16BE", b"\x00\xe9"),
            ("utf-16le", b"\xe9\x00"),
        ] {
            let charset = Charset::named(name.as_bytes()).unwrap();
            assert_eq!(&*charset.encode("é".as_bytes()), bytes, "{name}");
        }
    }

    #[test]
    fn charsets_go_by_the_names_that_java_gives_them() {
        for (label, name) in [
            ("", "UTF-8"),
            ("utf8", "UTF-8"),
            ("utf-8", "UTF-8"),
            ("Latin1", "ISO-8859-1"),
            ("Windows-1252", "windows-1252"),
            ("iso-8859-15", "ISO-8859-15"),
            ("klingon", "klingon"),
        ] {
            let found = Charset::canonical_name(label.as_bytes());
            assert_eq!(found, name.as_bytes(), "{label}");
        }
    }
}
