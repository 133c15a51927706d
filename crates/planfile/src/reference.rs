//! Finds the `${...}` references in a text, so that what is around them can be rewritten.
//!
//! Not here: what a reference means; the compiler takes it apart.

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part<'t> {
    /// Text that stands for itself.
    Literal(&'t str),
    /// A whole reference, from `${` to its `}`.
    Reference(&'t str),
}

/// The parts of `text` in order; literal parts are not empty. A `${` that is not closed is literal.
pub(crate) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut literal_start = 0;
    let mut at = 0;
    while let Some(found) = text[at..].find("${") {
        let start = at + found;
        let Some(length) = reference_length(&text[start..]) else {
            break;
        };
        if literal_start < start {
            parts.push(Part::Literal(&text[literal_start..start]));
        }
        parts.push(Part::Reference(&text[start..start + length]));
        at = start + length;
        literal_start = at;
    }
    if literal_start < text.len() {
        parts.push(Part::Literal(&text[literal_start..]));
    }
    parts
}

/// Whether the whole of `text` is one reference.
pub(crate) fn is_reference(text: &str) -> bool {
    matches!(parts(text).as_slice(), [Part::Reference(_)])
}

/// Whether `text` holds a reference.
pub(crate) fn has_reference(text: &str) -> bool {
    parts(text)
        .iter()
        .any(|part| matches!(part, Part::Reference(_)))
}

/// What stands between `${` and `}`.
pub(crate) fn inner(reference: &str) -> &str {
    reference
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'))
        .unwrap_or(reference)
}

/// Bytes from `${` at the start of `text` to the `}` that closes it, inner references included.
fn reference_length(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => {
                characters.next();
            }
            '$' if characters.next_if(|(_, next)| *next == '{').is_some() => depth += 1,
            '}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// `text` with percent-encoding for a query: literal characters other than unreserved ones are
/// encoded, and each reference is encoded when it is evaluated.
pub(crate) fn query_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for part in parts(text) {
        match part {
            Part::Reference(reference) => {
                encoded.push_str("${__urlencode(");
                encoded.push_str(reference);
                encoded.push_str(")}");
            }
            Part::Literal(literal) => {
                for byte in literal.bytes() {
                    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                        encoded.push(char::from(byte));
                    } else {
                        encoded.push_str(&format!("%{byte:02X}"));
                    }
                }
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_may_hold_references() {
        assert_eq!(
            parts("a${b}${__f(${c},1)}d${e"),
            [
                Part::Literal("a"),
                Part::Reference("${b}"),
                Part::Reference("${__f(${c},1)}"),
                Part::Literal("d${e"),
            ]
        );
        assert!(is_reference("${x}"));
        assert!(!is_reference("${x}1"));
        assert_eq!(parts(""), []);
    }

    #[test]
    fn queries_encode_references_when_they_are_known() {
        assert_eq!(query_encoded("a b&${q}"), "a%20b%26${__urlencode(${q})}");
    }
}
