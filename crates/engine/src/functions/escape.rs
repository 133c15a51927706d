//! `__escapeHtml`, `__escapeXml`, `__unescape`, `__unescapeHtml`, `__escapeOroRegexpChars`: texts for other languages.

use loadline_plan::program::Call;
use loadline_script::{escape_html, escape_xml, unescape_html, unescape_java};

use super::{Problem, argument, print, store};
use crate::Scope;

/// `__escapeHtml(text)`: characters that have a name in HTML 4.
pub(super) fn html(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    print(out, escape_html(&argument(call, 0, scope)));
}

/// `__unescapeHtml(text)`: references to characters, by name or number.
pub(super) fn from_html(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    print(out, unescape_html(&argument(call, 0, scope)));
}

/// `__escapeXml(text)`: for XML 1.0; characters that it cannot hold are left out.
pub(super) fn xml(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    print(out, escape_xml(&argument(call, 0, scope)));
}

/// `__unescape(text)`: the escapes of Java's string literals.
pub(super) fn java(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) -> Result<(), Problem> {
    let text = argument(call, 0, scope);
    let meant = unescape_java(&text).map_err(|message| {
        Problem::thrown(
            format!("`\\u` in `{text}` is not followed by four hexadecimal digits"),
            "java.lang.IllegalArgumentException",
            message,
        )
    })?;
    print(out, meant);
    Ok(())
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
