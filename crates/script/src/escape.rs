//! Texts escaped for HTML, XML, JSON, Java and JavaScript, and back.
//!
//! Source: `StringEscapeUtils` of commons-text, which scripts and JMeter's functions call. The functions have its names, without
//! the versions of HTML and XML.

mod html;

use std::borrow::Cow;

pub use html::{escape_html, unescape_html};

/// `text` for XML 1.0, without the characters that it cannot hold: `escapeXml10`.
pub fn escape_xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\t' | '\n' | '\r' => out.push(character),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' => number(&mut out, character),
            _ => markup(&mut out, character),
        }
    }
    out
}

/// `text` for XML 1.1, where control characters are numbers: `escapeXml11`.
pub(crate) fn escape_xml_1_1(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\t' | '\n' | '\r' => out.push(character),
            '\0' | '\u{fffe}' | '\u{ffff}' => {}
            '\u{1}'..='\u{1f}' | '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' => {
                number(&mut out, character);
            }
            _ => markup(&mut out, character),
        }
    }
    out
}

/// `text` with the five characters of XML's own escaped: `escapeXml` of commons-lang.
pub(crate) fn escape_markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    text.chars()
        .for_each(|character| markup(&mut out, character));
    out
}

fn number(out: &mut String, character: char) {
    out.push_str(&format!("&#{};", u32::from(character)));
}

fn markup(out: &mut String, character: char) {
    match character {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        '\'' => out.push_str("&apos;"),
        _ => out.push(character),
    }
}

/// `text` with XML's five names and numbered references decoded: `unescapeXml`.
pub(crate) fn unescape_xml(text: &str) -> Cow<'_, str> {
    html::decode(text, |name| match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => html::numbered(name.strip_prefix('#')?),
    })
}

/// `text` within the quotes of a string literal of Java: `escapeJava`.
pub(crate) fn escape_java(text: &str) -> String {
    in_literal(text, &['"', '\\'], '\u{7f}')
}

/// `text` within the quotes of a string of JSON: `escapeJson`.
pub(crate) fn escape_json(text: &str) -> String {
    in_literal(text, &['"', '\\', '/'], '~')
}

/// `text` within the quotes of a string literal of JavaScript: `escapeEcmaScript`.
pub(crate) fn escape_ecma_script(text: &str) -> String {
    in_literal(text, &['"', '\'', '\\', '/'], '\u{7f}')
}

/// Characters that are `marked` get a backslash, those beyond `last` and control characters a letter or the numbers of their
/// UTF-16 units.
fn in_literal(text: &str, marked: &[char], last: char) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        let letter = match character {
            '\u{8}' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\u{c}' => 'f',
            '\r' => 'r',
            _ if marked.contains(&character) => character,
            _ if (' '..=last).contains(&character) => {
                out.push(character);
                continue;
            }
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04X}"));
                }
                continue;
            }
        };
        out.push('\\');
        out.push(letter);
    }
    out
}

/// `text` with the escapes of Java's string literals resolved: `unescapeJava` and its like for JSON and JavaScript.
///
/// # Errors
///
/// The message of Java's `IllegalArgumentException` about a `\u` without four hexadecimal digits.
pub fn unescape_java(text: &str) -> Result<String, String> {
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let from_here = rest;
        rest = &rest[character.len_utf8()..];
        if character != '\\' {
            units.extend_from_slice(character.encode_utf16(&mut [0; 2]));
            continue;
        }
        let octal = octal_digits(rest);
        if octal > 0 {
            // At most \377, so it fits.
            units.push(u16::from_str_radix(&rest[..octal], 8).unwrap_or(0));
            rest = &rest[octal..];
            continue;
        }
        // A backslash at the very end is left out.
        let Some(escaped) = rest.chars().next() else {
            break;
        };
        if escaped == 'u' {
            let digits = rest.trim_start_matches('u');
            let digits = digits.strip_prefix('+').unwrap_or(digits);
            let Some(code) = digits.get(..4) else {
                return Err(format!(
                    "Less than 4 hex digits in unicode value: '{from_here}' due to end of CharSequence"
                ));
            };
            let unit = if code.starts_with('+') {
                None
            } else {
                u16::from_str_radix(code, 16).ok()
            };
            units.push(unit.ok_or_else(|| format!("Unable to parse unicode value: {code}"))?);
            rest = &digits[4..];
            continue;
        }
        rest = &rest[escaped.len_utf8()..];
        let meant = match escaped {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'b' => '\u{8}',
            'f' => '\u{c}',
            other => other,
        };
        units.extend_from_slice(meant.encode_utf16(&mut [0; 2]));
    }
    Ok(String::from_utf16_lossy(&units))
}

/// How many octal digits `text` begins with: three from `000` to `377`, else at most two.
fn octal_digits(text: &str) -> usize {
    let run = text
        .bytes()
        .take(3)
        .take_while(|byte| (b'0'..=b'7').contains(byte))
        .count();
    match run {
        3 if text.starts_with(['0', '1', '2', '3']) => 3,
        run => run.min(2),
    }
}
