//! The resources that a page or a style sheet names, as JMeter's parsers find them.
//!
//! Pages are read tag by tag, without a tree: JMeter's Lagarto does the same, and what a browser's
//! tree builder would move or drop counts here as there. The tags come from html5ever's tokenizer,
//! which is the standard's and is maintained for a browser. Of style sheets only `@import` counts:
//! a browser fetches other URLs only where their rule applies, and JMeter leaves them out.
//!
//! Source: JMeter 5.6.3, `LagartoBasedHtmlParser` and `CssParserCacheLoader`. Not here: conditional
//! comments, which JMeter reads for a `User-Agent` of Internet Explorer below 10.

use std::cell::RefCell;

use cssparser::{Parser, Token as CssToken};
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, StartTag, Tag, TagToken, Token, TokenSink, TokenSinkResult, Tokenizer,
    TokenizerOpts,
};

use super::url_text;

/// Most resources of one page; beyond them a page is no page.
const MOST_LINKS: usize = 10_000;

/// How a text names resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkSyntax {
    Html,
    Css,
}

impl LinkSyntax {
    /// The syntax of a content type; `None` for one that names no resources.
    pub(crate) fn of(content_type: &str) -> Option<Self> {
        let media_type = content_type.split([' ', ';']).next().unwrap_or_default();
        match media_type.to_ascii_lowercase().as_str() {
            "text/html"
            | "application/xhtml+xml"
            | "application/xml"
            | "text/xml"
            | "text/vnd.wap.wml" => Some(LinkSyntax::Html),
            "text/css" => Some(LinkSyntax::Css),
            _ => None,
        }
    }
}

/// The absolute URLs of the resources that `text` names, which came from `url`: each once, in order.
/// What is no URL of a known protocol is left out.
pub(crate) fn links(syntax: LinkSyntax, text: &str, url: &str) -> Vec<String> {
    match syntax {
        LinkSyntax::Css => {
            let mut found = Found::new(url);
            style_sheet_imports(text, &mut found);
            found.urls
        }
        LinkSyntax::Html => {
            let sink = Page(RefCell::new(Found::new(url)));
            let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
            let input = BufferQueue::default();
            input.push_back(text.into());
            // The sink runs no scripts, so nothing interrupts.
            let _ = tokenizer.feed(&input);
            tokenizer.end();
            tokenizer.sink.0.into_inner().urls
        }
    }
}

/// URLs found so far.
struct Found {
    base: String,
    urls: Vec<String>,
    known: std::collections::HashSet<String>,
}

impl Found {
    fn new(base: &str) -> Self {
        Self {
            base: base.to_owned(),
            urls: Vec::new(),
            known: std::collections::HashSet::new(),
        }
    }

    fn add(&mut self, link: &str) {
        let link = unescaped(link);
        if link.is_empty() || self.urls.len() >= MOST_LINKS {
            return;
        }
        let Ok(url) = url_text::resolve_as_java(&self.base, &link) else {
            return;
        };
        if !(url.starts_with("http://") || url.starts_with("https://")) {
            return;
        }
        if self.known.insert(url.clone()) {
            self.urls.push(url);
        }
    }

    /// Adds the value of an attribute, without the line breaks and white space around it.
    fn add_attribute(&mut self, tag: &Tag, name: &str) {
        if let Some(value) = attribute(tag, name) {
            let value = value.trim();
            if value.contains(['\n', '\r', '\u{8}', '\u{c}']) {
                self.add(&value.replace(['\n', '\r', '\u{8}', '\u{c}'], ""));
            } else {
                self.add(value);
            }
        }
    }

    fn add_tag(&mut self, tag: &Tag) {
        match &*tag.name {
            "base" => {
                let href = attribute(tag, "href").unwrap_or_default();
                if let (false, Ok(base)) =
                    (href.is_empty(), url_text::resolve_as_java(&self.base, href))
                {
                    self.base = base;
                }
            }
            "img" | "script" | "frame" | "iframe" | "embed" | "bgsound" => {
                self.add_attribute(tag, "src");
            }
            "applet" => {
                let part = |name| attribute(tag, name).filter(|value| !value.trim().is_empty());
                match part("codebase") {
                    Some(codebase) => {
                        let file = part("archive").or(attribute(tag, "code"));
                        self.add(&format!("{codebase}/{}", file.unwrap_or_default()));
                    }
                    None => self.add_attribute(tag, "code"),
                }
            }
            "object" => {
                self.add_attribute(tag, "codebase");
                self.add_attribute(tag, "data");
            }
            "input" => {
                if attribute(tag, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("image")) {
                    self.add_attribute(tag, "src");
                }
            }
            "link" => {
                const FETCHED: [&str; 4] = ["stylesheet", "icon", "shortcut icon", "preload"];
                let rel = attribute(tag, "rel").unwrap_or_default();
                if FETCHED.iter().any(|kind| rel.eq_ignore_ascii_case(kind)) {
                    self.add_attribute(tag, "href");
                }
            }
            _ => self.add_attribute(tag, "background"),
        }
        if let Some(style) = attribute(tag, "style") {
            self.add_style(style);
        }
    }

    /// Adds what `url("...")` names in a style attribute, in quotes only: from the first quote to
    /// the last one before a `)`, as JMeter's greedy pattern has it.
    fn add_style(&mut self, style: &str) {
        let lower = style.to_ascii_lowercase();
        let mut from = 0;
        while let Some(start) = lower[from..].find("url(") {
            let inside = from + start + 4;
            from = inside;
            let quoted = style[inside..].trim_start();
            if !quoted.starts_with(['\'', '"']) {
                continue;
            }
            let begin = style.len() - quoted.len() + 1;
            // The pattern's dot ends at the line.
            let line_end = style[begin..]
                .find('\n')
                .map_or(style.len(), |end| begin + end);
            let ends = style[begin..]
                .match_indices(['\'', '"'])
                .map(|(offset, _)| begin + offset)
                .take_while(|&end| end <= line_end)
                .filter(|&end| style[end + 1..].trim_start().starts_with(')'));
            if let Some(end) = ends.last() {
                let link = style[begin..end].to_owned();
                self.add(&link);
                from = end;
            }
        }
    }
}

fn attribute<'t>(tag: &'t Tag, name: &str) -> Option<&'t str> {
    let mut attributes = tag.attrs.iter();
    let found = attributes.find(|attribute| &*attribute.name.local == name)?;
    Some(&found.value)
}

/// Takes the tags of a page.
struct Page(RefCell<Found>);

impl TokenSink for Page {
    type Handle = ();

    fn process_token(&self, token: Token, _line_number: u64) -> TokenSinkResult<()> {
        let TagToken(tag) = token else {
            return TokenSinkResult::Continue;
        };
        if tag.kind != StartTag {
            return TokenSinkResult::Continue;
        }
        self.0.borrow_mut().add_tag(&tag);
        // What stands in these is text, not tags.
        match &*tag.name {
            "script" if !tag.self_closing => TokenSinkResult::RawData(RawKind::ScriptData),
            "style" | "xmp" | "iframe" | "noembed" | "noframes" if !tag.self_closing => {
                TokenSinkResult::RawData(RawKind::Rawtext)
            }
            "textarea" | "title" if !tag.self_closing => TokenSinkResult::RawData(RawKind::Rcdata),
            _ => TokenSinkResult::Continue,
        }
    }
}

/// Adds what the `@import` rules at the beginning of a style sheet name; elsewhere they are none.
fn style_sheet_imports(text: &str, found: &mut Found) {
    let mut parser = Parser::new(text);
    loop {
        let rule = match parser.next() {
            Ok(CssToken::AtKeyword(rule)) => rule.to_ascii_lowercase(),
            Ok(CssToken::CDO | CssToken::CDC) => continue,
            _ => return,
        };
        match rule.as_str() {
            "import" => {
                if let Ok(location) = parser.expect_url_or_string() {
                    found.add(location.trim());
                }
            }
            "charset" => {}
            _ => return,
        }
        // To the end of the rule.
        loop {
            match parser.next() {
                Ok(CssToken::Semicolon) => break,
                Ok(CssToken::CurlyBracketBlock) | Err(_) => return,
                Ok(_) => {}
            }
        }
    }
}

/// `text` with the references of XML replaced: attribute values have lost theirs already, and JMeter
/// does it once more.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let reference = rest[1..].split_once(';').map(|(name, _)| name);
        match reference.and_then(referenced) {
            Some(character) => {
                out.push(character);
                rest = &rest[reference.map_or(0, str::len) + 2..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn referenced(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => digits.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, expected: &[&str]) {
        let found = links(LinkSyntax::Html, html, "http://h/a/b");
        assert_eq!(found, expected, "{html}");
    }

    #[test]
    fn each_element_names_its_resources() {
        check(
            "<img src=x.png><IMG SRC='/y'/>",
            &["http://h/a/x.png", "http://h/y"],
        );
        check("<link rel=StyleSheet href=s.css>", &["http://h/a/s.css"]);
        check("<link rel='shortcut icon' href=i>", &["http://h/a/i"]);
        check("<link rel='alternate stylesheet' href=s><link href=s>", &[]);
        check(
            "<script src=a.js>'<img src=b>'</script>",
            &["http://h/a/a.js"],
        );
        check(
            "<body background=b><td background=c>",
            &["http://h/a/b", "http://h/a/c"],
        );
        check(
            "<frame src=f><iframe src=i></iframe><embed src=e><bgsound src=g>",
            &[
                "http://h/a/f",
                "http://h/a/i",
                "http://h/a/e",
                "http://h/a/g",
            ],
        );
        check("<input type=IMAGE src=i><input src=j>", &["http://h/a/i"]);
        check("<applet code=C.class>", &["http://h/a/C.class"]);
        check(
            "<applet codebase=k code=C archive=r.jar>",
            &["http://h/a/k/r.jar"],
        );
        check(
            "<object codebase=c data=d>",
            &["http://h/a/c", "http://h/a/d"],
        );
        check("<a href=x><video src=v><img alt=''>", &[]);
    }

    #[test]
    fn urls_are_absolute_each_once_and_of_known_protocols() {
        check("<img src=x><img src=' x\n'>", &["http://h/a/x"]);
        check(
            "<img src=x><base href='//o/p/'><img src=x>",
            &["http://h/a/x", "http://o/p/x"],
        );
        check(
            "<img src='data:,x'><script src='javascript:y'></script>",
            &[],
        );
        check("<img src='?a=1&amp;b=2'>", &["http://h/a/?a=1&b=2"]);
        check("<img src='a b|c'>", &["http://h/a/a%20b%7Cc"]);
        check("<img src=''><img src='http://'>", &[]);
    }

    #[test]
    fn style_attributes_name_resources_in_quotes() {
        check(
            "<p style=\"background:URL( 'a.png' )\">",
            &["http://h/a/a.png"],
        );
        check("<p style='background:url(a.png)'>", &[]);
        check(
            "<p style='a:url(\"x\");b:url(\"y\")'>",
            &["http://h/a/x%22);b:url(%22y"],
        );
        check("<p style='a:url(\"x'>", &[]);
    }

    #[test]
    fn text_and_comments_name_nothing() {
        check(
            "<!-- <img src=a> --><textarea><img src=b></textarea><title><img src=c></title>",
            &[],
        );
        check(
            "<style>@import 'x';</style><noscript><img src=d></noscript>",
            &["http://h/a/d"],
        );
        check("<img src", &[]);
        check("\u{0}<\u{fffd}<<img src=e>", &["http://h/a/e"]);
    }

    #[test]
    fn style_sheets_import_at_their_beginning() {
        let check = |css: &str, expected: &[&str]| {
            assert_eq!(
                links(LinkSyntax::Css, css, "http://h/c/s.css"),
                expected,
                "{css}"
            );
        };
        check(
            "@charset \"utf-8\"; /* x */ @import 'a.css'; @IMPORT url(b.css) screen;",
            &["http://h/c/a.css", "http://h/c/b.css"],
        );
        check("@import url(\"../c.css\")", &["http://h/c.css"]);
        check("p { color: red } @import 'a.css';", &[]);
        check("p { background: url(a.png) }", &[]);
        check("@import", &[]);
    }

    #[test]
    fn the_content_type_tells_the_syntax() {
        let of = LinkSyntax::of;
        assert_eq!(of("Text/HTML; charset=x"), Some(LinkSyntax::Html));
        assert_eq!(of("text/css"), Some(LinkSyntax::Css));
        assert_eq!(of("application/json"), None);
        assert_eq!(of(""), None);
    }

    #[test]
    fn references_are_replaced_once() {
        assert_eq!(unescaped("a&amp;amp;&lt;&#65;&#x42;&x;&"), "a&amp;<AB&x;&");
    }
}
