//! `__escapeHtml`, `__escapeXml`, `__unescape`, `__escapeOroRegexpChars`: texts for other languages.
//!
//! The first three follow Commons Text, which JMeter calls.

use loadline_plan::program::Call;

use super::{argument, print, store};
use crate::Scope;
use crate::html_entities::entity_name;

/// `__escapeHtml(text)`: characters that have a name in HTML 4.
pub(super) fn html(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    for character in argument(call, 0, scope).chars() {
        match entity_name(character) {
            Some(name) => print(out, format_args!("&{name};")),
            None => print(out, character),
        }
    }
}

/// `__escapeXml(text)`: for XML 1.0; characters that it cannot hold are left out.
pub(super) fn xml(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    for character in argument(call, 0, scope).chars() {
        match character {
            '&' => out.extend_from_slice(b"&amp;"),
            '<' => out.extend_from_slice(b"&lt;"),
            '>' => out.extend_from_slice(b"&gt;"),
            '"' => out.extend_from_slice(b"&quot;"),
            '\'' => out.extend_from_slice(b"&apos;"),
            '\t' | '\n' | '\r' => print(out, character),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' => {
                print(out, format_args!("&#{};", u32::from(character)));
            }
            _ => print(out, character),
        }
    }
}

/// `__unescape(text)`: the escapes of Java's string literals.
pub(super) fn java(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) -> Result<(), String> {
    let text = argument(call, 0, scope);
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut buffer = [0; 2];
    let mut rest = &*text;
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        if character != '\\' {
            units.extend_from_slice(character.encode_utf16(&mut buffer));
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
            let code = digits.get(..4).filter(|code| !code.starts_with(['+', '-']));
            let unit = code.and_then(|code| u16::from_str_radix(code, 16).ok());
            units.push(unit.ok_or_else(|| {
                format!("`\\u` in `{text}` is not followed by four hexadecimal digits")
            })?);
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
        units.extend_from_slice(meant.encode_utf16(&mut buffer));
    }
    out.extend_from_slice(String::from_utf16_lossy(&units).as_bytes());
    Ok(())
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

/// `__escapeOroRegexpChars(text[,variable])`: a backslash before all that is no letter, digit or
/// `_`, as in Perl.
pub(super) fn regex(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    let start = out.len();
    for character in argument(call, 0, scope).chars() {
        if !character.is_alphanumeric() && character != '_' {
            out.push(b'\\');
        }
        print(out, character);
    }
    store(call, 1, scope, &out[start..]);
}
