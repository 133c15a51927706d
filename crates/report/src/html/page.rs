//! The page around the sections: head with its content security policy, bar, footer, script.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::markup::{escape, prose};
use super::sheet::Sheet;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// What a page is made of. All parts but `title` and `version` are HTML.
pub(super) struct Page<'a> {
    /// Title of the window, as text.
    pub(super) title: &'a str,
    /// The verdict's word with its shape, at the start of the bar.
    pub(super) word: &'a str,
    /// Links of the bar: id of the section and its short name.
    pub(super) links: &'a [(&'a str, &'a str)],
    /// What stands above the sections: verdict and answers.
    pub(super) header: &'a str,
    /// The sections.
    pub(super) sections: &'a str,
    /// Computed styles.
    pub(super) sheet: &'a Sheet,
    /// Series for the reading line as JSON; empty without.
    pub(super) series: &'a str,
    /// Loadline's version.
    pub(super) version: &'a str,
    /// The run folder's name, for paper; empty without one.
    pub(super) folder: &'a str,
}

impl Page<'_> {
    /// The whole file.
    pub(super) fn finish(&self) -> String {
        let style = format!("{STYLE}{}", self.sheet.css());
        let mut links = String::new();
        for (id, name) in self.links {
            let _ = write!(links, "<a href=\"#{id}\">{}</a>", escape(name));
        }
        let series = if self.series.is_empty() {
            String::new()
        } else {
            format!(
                "<script type=\"application/json\" id=\"d\">{}</script>",
                in_script(self.series)
            )
        };
        let folder = if self.folder.is_empty() {
            String::new()
        } else {
            format!(" · {}", escape(self.folder))
        };
        format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
             style-src 'sha256-{style_hash}'; script-src 'sha256-{script_hash}'; base-uri 'none'; \
             form-action 'none'\">\
             <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
             <meta name=\"referrer\" content=\"no-referrer\">\
             <title>{title}</title><style>{style}</style></head><body id=\"p\">\n\
             <a class=\"skip\" href=\"#main\">Skip to the sections</a>\
             <nav aria-label=\"Sections\"><div class=\"in\"><span class=\"b\">{word}</span>{links}\
             <button id=\"th\" type=\"button\" hidden>Light / dark</button></div></nav>\n\
             <header><div class=\"in\">{header}</div></header>\n\
             <main id=\"main\">{sections}</main>\n\
             <footer class=\"in\">Loadline {version} · this file is complete: it loads nothing and \
             sends nothing{folder}.</footer>\n{series}<script>{SCRIPT}</script></body></html>\n",
            style_hash = hash(&style),
            script_hash = hash(SCRIPT),
            title = escape(self.title),
            word = self.word,
            header = self.header,
            sections = self.sections,
            version = escape(self.version),
        )
    }
}

/// JSON as it may stand in a script element: without anything that could end the element.
fn in_script(json: &str) -> String {
    json.replace('<', "\\u003c")
}

/// The SHA-256 of `text` in base64, as a content security policy names it.
fn hash(text: &str) -> String {
    base64(&Sha256::digest(text.as_bytes()))
}

/// RFC 4648, section 4, with padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk
            .iter()
            .chain([0, 0].iter())
            .take(3)
            .fold(0u32, |group, byte| group << 8 | u32::from(*byte));
        for place in 0..4 {
            if place <= chunk.len() {
                let digit = group >> (18 - 6 * place) & 63;
                text.push(char::from(DIGITS[digit as usize]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

/// A section with its heading.
pub(super) fn section(id: &str, heading: &str, body: &str) -> String {
    format!(
        "<section id=\"{id}\" aria-labelledby=\"{id}-h\"><h2 id=\"{id}-h\">{}</h2>{body}</section>\n",
        escape(heading)
    )
}

/// The sentence under a section's heading.
pub(super) fn lead(text: &str) -> String {
    format!("<p class=\"lead\">{}</p>", prose(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        let encode = |text: &str| base64(text.as_bytes());
        assert_eq!(encode(""), "");
        assert_eq!(encode("f"), "Zg==");
        assert_eq!(encode("fo"), "Zm8=");
        assert_eq!(encode("foo"), "Zm9v");
        assert_eq!(encode("foobar"), "Zm9vYmFy");
    }

    #[test]
    fn the_script_is_small() {
        assert!(SCRIPT.len() < 30_000);
        assert!(!SCRIPT.contains("</script"));
        assert!(!STYLE.contains("</style"));
    }

    #[test]
    fn series_cannot_end_their_element() {
        assert_eq!(in_script("[\"</script>\"]"), "[\"\\u003c/script>\"]");
    }
}
