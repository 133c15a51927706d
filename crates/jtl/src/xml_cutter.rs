//! Markup of XML, found without a parser: where tags, comments and the like begin and end.

use memchr::{memchr, memchr3, memmem};

/// A piece of markup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Markup {
    /// Its first byte, `<`.
    pub(crate) at: usize,
    /// The byte behind its last one, `>`.
    pub(crate) end: usize,
    pub(crate) kind: Kind,
}

/// What a piece of markup is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A tag that opens an element.
    Start,
    /// A tag that closes one.
    End,
    /// An element without content.
    Empty,
    /// A comment, CDATA section or instruction.
    Other,
    /// A document type or what belongs into one; its end is not looked for.
    Declaration,
}

/// Markup whose content is not to be looked at, by its beginning and end.
const OPAQUE: [(&[u8], &[u8]); 3] = [(b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>")];

/// The first markup in `bytes` that begins at `from` or later; `None` when it does not end, or none
/// begins.
pub(crate) fn next_markup(bytes: &[u8], from: usize) -> Option<Markup> {
    let at = from + memchr(b'<', bytes.get(from..)?)?;
    let text = &bytes[at..];
    if let Some((open, close)) = OPAQUE.iter().find(|(open, _)| text.starts_with(open)) {
        let length = memmem::find(&text[open.len()..], close)?;
        return Some(Markup {
            at,
            end: at + open.len() + length + close.len(),
            kind: Kind::Other,
        });
    }
    // What may yet turn out to be a comment or CDATA section is no declaration.
    if OPAQUE.iter().any(|(open, _)| open.starts_with(text)) {
        return None;
    }
    if text.starts_with(b"<!") {
        return Some(Markup {
            at,
            end: at + 2,
            kind: Kind::Declaration,
        });
    }
    let end = tag_end(bytes, at + 1)?;
    let kind = match &bytes[at..end] {
        [_, b'/', ..] => Kind::End,
        [.., b'/', _] => Kind::Empty,
        _ => Kind::Start,
    };
    Some(Markup { at, end, kind })
}

/// The end of the tag in which `from` lies. Marks of comparison may stand in the values of attributes.
fn tag_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let found = at + memchr3(b'>', b'"', b'\'', &bytes[at..])?;
        let behind = found + 1;
        match bytes[found] {
            b'>' => return Some(behind),
            quote => at = behind + memchr(quote, &bytes[behind..])? + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, Kind)>) {
        let found = next_markup(text.as_bytes(), 0);
        let found = found.map(|markup| (&text[markup.at..markup.end], markup.kind));
        assert_eq!(found, expected, "{text}");
        // As long as it is cut off, nothing is said of it.
        let Some((markup, kind)) = expected else {
            return;
        };
        let begins = text.find(markup).unwrap();
        let least = begins
            + if kind == Kind::Declaration {
                3
            } else {
                markup.len()
            };
        for end in begins..least {
            assert_eq!(
                next_markup(&text.as_bytes()[..end], 0),
                None,
                "{text}, {end}"
            );
        }
    }

    #[test]
    fn markup_is_found_to_its_end() {
        check("", None);
        check("text > text", None);
        check(" > <a>b", Some(("<a>", Kind::Start)));
        check("</a >b", Some(("</a >", Kind::End)));
        check(
            "<a b='/>' c=\"'>\"/> ",
            Some(("<a b='/>' c=\"'>\"/>", Kind::Empty)),
        );
        check(
            "<!-- <a> -- > -->>",
            Some(("<!-- <a> -- > -->", Kind::Other)),
        );
        check(
            "<![CDATA[</a>]] >]]>",
            Some(("<![CDATA[</a>]] >]]>", Kind::Other)),
        );
        check("<?xml a='?>", Some(("<?xml a='?>", Kind::Other)));
        check("<!DOCTYPE a>", Some(("<!", Kind::Declaration)));
        check("<a b='>", None);
    }
}
