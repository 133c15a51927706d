//! The bytes of a `.jmx` file as text.
//!
//! JMeter writes and reads plans in UTF-8, whatever their XML declaration says. A file that a byte
//! order mark or its declaration places in another charset is read in that one, with a warning.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use loadline_plan::{Diagnostic, Location};

/// Where an XML declaration ends at the latest, in bytes.
const LONGEST_DECLARATION: usize = 256;

/// The text of a plan, and what is to be said of its charset.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanText {
    /// The text, without a byte order mark.
    pub text: String,
    /// A warning about a charset that JMeter would not read so; an error, with an empty text, for
    /// bytes that are no text.
    pub finding: Option<Diagnostic>,
}

/// Reads `bytes`, the content of the file `file_name`, as text.
#[must_use]
pub fn plan_text(bytes: Vec<u8>, file_name: &str) -> PlanText {
    let place = |line| Location {
        file: file_name.to_owned(),
        line,
        column: 1,
        path: String::new(),
    };
    let Some(charset) = charset(&bytes) else {
        let bytes = match bytes.strip_prefix(b"\xef\xbb\xbf") {
            Some(rest) => rest.to_vec(),
            None => bytes,
        };
        return match String::from_utf8(bytes) {
            Ok(text) => PlanText {
                text,
                finding: None,
            },
            Err(error) => {
                let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
                let line = u32::try_from(line).unwrap_or(u32::MAX);
                let message = "the file is not UTF-8 text";
                let finding = Diagnostic::error("not-utf-8", place(line), message).with_help(
                    "save the plan from JMeter, or name its charset in the XML declaration",
                );
                PlanText {
                    text: String::new(),
                    finding: Some(finding),
                }
            }
        };
    };
    let (name, text) = match charset {
        Charset::Latin1 => ("ISO-8859-1", encoding_rs::mem::decode_latin1(&bytes)),
        Charset::Other(encoding) => (encoding.name(), encoding.decode_with_bom_removal(&bytes).0),
    };
    let message = format!("the file is read as {name}; JMeter reads every plan as UTF-8");
    PlanText {
        text: text.into_owned(),
        finding: Some(
            Diagnostic::warning("charset", place(1), message)
                .with_help("save the plan from JMeter, which writes UTF-8"),
        ),
    }
}

/// A charset other than UTF-8.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Charset {
    /// The real one, not windows-1252, which browsers take for it.
    Latin1,
    Other(&'static Encoding),
}

/// The charset that `bytes` begin to show, unless it is UTF-8 or not known.
fn charset(bytes: &[u8]) -> Option<Charset> {
    match bytes {
        [0xef, 0xbb, 0xbf, ..] => return None,
        [0xff, 0xfe, ..] | [b'<', 0, ..] => return Some(Charset::Other(UTF_16LE)),
        [0xfe, 0xff, ..] | [0, b'<', ..] => return Some(Charset::Other(UTF_16BE)),
        _ => {}
    }
    let head = &bytes[..bytes.len().min(LONGEST_DECLARATION)];
    // A declaration is ASCII in all charsets that are left.
    let head = String::from_utf8_lossy(head);
    let declaration = head.trim_start().strip_prefix("<?xml")?;
    let declaration = &declaration[..declaration.find("?>")?];
    let name = declaration.split_once("encoding")?.1;
    let name = name.trim_start().strip_prefix('=')?.trim_start();
    let quote = name
        .chars()
        .next()
        .filter(|quote| matches!(quote, '"' | '\''))?;
    let name = name[1..].split(quote).next()?;
    if ["iso-8859-1", "latin1", "iso_8859-1"]
        .iter()
        .any(|latin| name.eq_ignore_ascii_case(latin))
    {
        return Some(Charset::Latin1);
    }
    let encoding = Encoding::for_label(name.as_bytes())?;
    // Plain bytes that claim to be UTF-16 are not.
    let is_plain = [encoding_rs::UTF_8, UTF_16LE, UTF_16BE].contains(&encoding);
    // ASCII, too, is a part of UTF-8.
    let is_ascii = name.eq_ignore_ascii_case("us-ascii") || name.eq_ignore_ascii_case("ascii");
    (!is_plain && !is_ascii).then_some(Charset::Other(encoding))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], text: &str, code: Option<&str>) {
        let found = plan_text(bytes.to_vec(), "plan.jmx");
        assert_eq!(found.text, text);
        assert_eq!(found.finding.as_ref().map(|finding| finding.code), code);
    }

    #[test]
    fn utf_8_with_and_without_mark() {
        check("<a>é</a>".as_bytes(), "<a>é</a>", None);
        check("\u{feff}<a>é</a>".as_bytes(), "<a>é</a>", None);
        check(
            "<?xml version='1.0' encoding='utf-8'?><a>é</a>".as_bytes(),
            "<?xml version='1.0' encoding='utf-8'?><a>é</a>",
            None,
        );
        check(b"", "", None);
    }

    #[test]
    fn utf_16_with_and_without_mark() {
        let text = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><a>é😀</a>";
        for marked in [true, false] {
            let mark = if marked { "\u{feff}" } else { "" };
            let units: Vec<u16> = format!("{mark}{text}").encode_utf16().collect();
            let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
            check(&little, text, Some("charset"));
            check(&big, text, Some("charset"));
        }
    }

    #[test]
    fn declared_charsets() {
        let head = "<?xml version='1.0' encoding = \"ISO-8859-1\" ?>";
        let mut bytes = head.as_bytes().to_vec();
        bytes.extend_from_slice(b"<a>\xe9\x80</a>");
        check(&bytes, &format!("{head}<a>é\u{80}</a>"), Some("charset"));
        let head = "<?xml version='1.0' encoding='windows-1252'?>";
        let mut bytes = head.as_bytes().to_vec();
        bytes.extend_from_slice(b"<a>\x80</a>");
        check(&bytes, &format!("{head}<a>€</a>"), Some("charset"));
        let odd = "<?xml version='1.0' encoding='no-such'?><a>é</a>";
        check(odd.as_bytes(), odd, None);
        let false_claim = "<?xml version='1.0' encoding='UTF-16'?><a>é</a>";
        check(false_claim.as_bytes(), false_claim, None);
    }

    #[test]
    fn bytes_that_are_no_text_are_an_error_with_its_line() {
        let found = plan_text(b"<a>\n\n\xff</a>".to_vec(), "plan.jmx");
        let finding = found.finding.unwrap();
        assert!(finding.is_error());
        assert_eq!((finding.code, finding.location.line), ("not-utf-8", 3));
    }
}
