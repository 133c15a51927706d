//! One result of an XML result file: its element taken apart.
//!
//! Nearly all elements are of one plain kind, as JMeter prints them, and are taken apart by hand; of
//! what is not certain to be that, and of what is not well-formed, the XML library is asked.

use loadline_events::{AssertionResult, SampleResult};
use roxmltree::Node;

use crate::read::{number, set_times, small};

/// Reads the element `text` into `result`, whose room for texts is used again. Whether it is a result:
/// other elements are passed over.
///
/// # Errors
///
/// What is wrong with it.
pub(crate) fn read_result(
    text: &str,
    is_start: bool,
    result: &mut SampleResult,
) -> Result<bool, String> {
    if let Some(plain) = PlainElement::of(text) {
        plain.attributes.write(plain.is_http, is_start, result)?;
        set_url(result, plain.url);
        return Ok(true);
    }
    let document = roxmltree::Document::parse(text)
        .map_err(|error| format!("the result that ends here: {error}"))?;
    let node = document.root_element();
    if is_sample(&node) {
        *result = of_node(&node, is_start)?;
    }
    Ok(is_sample(&node))
}

fn is_sample(node: &Node<'_, '_>) -> bool {
    node.has_tag_name(HTTP_SAMPLE) || node.has_tag_name(SAMPLE)
}

const HTTP_SAMPLE: &str = "httpSample";
const SAMPLE: &str = "sample";
const URL: &str = "java.net.URL";

fn of_node(node: &Node<'_, '_>, is_start: bool) -> Result<SampleResult, String> {
    let mut attributes = Attributes::default();
    for attribute in node.attributes() {
        if attribute.namespace().is_none()
            && let Some(place) = attributes.place(attribute.name())
        {
            *place = Some(attribute.value());
        }
    }
    let mut result = SampleResult::default();
    attributes.write(node.has_tag_name(HTTP_SAMPLE), is_start, &mut result)?;
    for child in node.children().filter(Node::is_element) {
        if is_sample(&child) {
            result.children.push(of_node(&child, is_start)?);
        } else if child.has_tag_name("assertionResult") {
            let part = |name: &str| {
                let part = child.children().find(|part| part.has_tag_name(name))?;
                Some(part.text().unwrap_or_default().to_owned())
            };
            result.assertions.push(AssertionResult {
                name: part("name").unwrap_or_default(),
                failure: part("failure").is_some_and(|text| text == "true"),
                error: part("error").is_some_and(|text| text == "true"),
                message: part("failureMessage"),
            });
        } else if child.has_tag_name(URL) {
            set_url(&mut result, child.text());
        }
    }
    Ok(result)
}

fn set_url(result: &mut SampleResult, url: Option<&str>) {
    match url {
        Some(url) => {
            let own = result.url.get_or_insert_default();
            own.clear();
            own.push_str(url);
        }
        None => result.url = None,
    }
}

/// The attributes of a result by their names; those that are not there are `None`.
#[derive(Debug, Default, PartialEq)]
struct Attributes<'t> {
    t: Option<&'t str>,
    it: Option<&'t str>,
    lt: Option<&'t str>,
    ct: Option<&'t str>,
    ts: Option<&'t str>,
    s: Option<&'t str>,
    lb: Option<&'t str>,
    rc: Option<&'t str>,
    rm: Option<&'t str>,
    tn: Option<&'t str>,
    dt: Option<&'t str>,
    de: Option<&'t str>,
    by: Option<&'t str>,
    sby: Option<&'t str>,
    sc: Option<&'t str>,
    ec: Option<&'t str>,
    ng: Option<&'t str>,
    na: Option<&'t str>,
    hn: Option<&'t str>,
}

impl<'t> Attributes<'t> {
    /// The place of the attribute `name`; `None` for those that JMeter does not write itself.
    fn place(&mut self, name: &str) -> Option<&mut Option<&'t str>> {
        Some(match name {
            "t" => &mut self.t,
            "it" => &mut self.it,
            "lt" => &mut self.lt,
            "ct" => &mut self.ct,
            "ts" => &mut self.ts,
            "s" => &mut self.s,
            "lb" => &mut self.lb,
            "rc" => &mut self.rc,
            "rm" => &mut self.rm,
            "tn" => &mut self.tn,
            "dt" => &mut self.dt,
            "de" => &mut self.de,
            "by" => &mut self.by,
            "sby" => &mut self.sby,
            "sc" => &mut self.sc,
            "ec" => &mut self.ec,
            "ng" => &mut self.ng,
            "na" => &mut self.na,
            "hn" => &mut self.hn,
            _ => return None,
        })
    }

    /// Writes over `result` what the attributes say; it has no URL, assertions and children then.
    fn write(
        &self,
        is_http: bool,
        is_start: bool,
        result: &mut SampleResult,
    ) -> Result<(), String> {
        let set = |own: &mut String, text: Option<&str>| {
            own.clear();
            own.push_str(text.unwrap_or_default());
        };
        result.is_http = is_http;
        set(&mut result.label, self.lb);
        set(&mut result.code, self.rc);
        set(&mut result.message, self.rm);
        set(&mut result.thread_name, self.tn);
        set(&mut result.data_type, self.dt);
        result.success = self.s.is_none_or(|success| success == "true");
        result.received_bytes = number("by", self.by)?.unsigned_abs();
        result.sent_bytes = number("sby", self.sby)?.unsigned_abs();
        result.latency_ms = number("lt", self.lt)?;
        result.idle_ms = number("it", self.it)?;
        result.connect_ms = number("ct", self.ct)?;
        result.group_threads = small(number("ng", self.ng)?);
        result.all_threads = small(number("na", self.na)?);
        set_times(
            result,
            number("ts", self.ts)?,
            number("t", self.t)?,
            is_start,
        );
        result.assertions.clear();
        result.children.clear();
        Ok(())
    }
}

/// An element without anything that needs an XML parser: attributes of the known names, each once,
/// in double quotation marks and of plain letters; no content, or a URL.
#[derive(Debug, PartialEq)]
struct PlainElement<'t> {
    is_http: bool,
    attributes: Attributes<'t>,
    url: Option<&'t str>,
}

impl<'t> PlainElement<'t> {
    /// `None` as soon as `text` has anything else: it may be well-formed nevertheless.
    fn of(text: &'t str) -> Option<Self> {
        let rest = text.strip_prefix('<')?;
        let (name, mut rest) = if let Some(rest) = rest.strip_prefix(HTTP_SAMPLE) {
            (HTTP_SAMPLE, rest)
        } else {
            (SAMPLE, rest.strip_prefix(SAMPLE)?)
        };
        let mut element = Self {
            is_http: name == HTTP_SAMPLE,
            attributes: Attributes::default(),
            url: None,
        };
        while let Some(attribute) = rest.strip_prefix(' ') {
            let (name, behind) = attribute.split_at(attribute.bytes().position(|b| b == b'=')?);
            let (value, behind) = plain(behind.strip_prefix("=\"")?)?;
            let place = element.attributes.place(name)?;
            if place.replace(value).is_some() {
                return None;
            }
            rest = behind.strip_prefix('"')?;
        }
        if rest == "/>" {
            return Some(element);
        }
        let content = rest.strip_prefix('>')?.trim_ascii_start();
        let mut end = content;
        if let Some(url) = content
            .strip_prefix('<')
            .and_then(|url| url.strip_prefix(URL))
        {
            let (url, behind) = plain(url.strip_prefix('>')?)?;
            element.url = Some(url).filter(|url| !url.is_empty());
            let behind = behind.strip_prefix("</")?.strip_prefix(URL)?;
            end = behind.strip_prefix('>')?.trim_ascii_start();
        }
        (end.strip_prefix("</")?.strip_prefix(name)? == ">").then_some(element)
    }
}

/// The letters of `text` that stand for themselves in attributes and content, and what follows.
fn plain(text: &str) -> Option<(&str, &str)> {
    let is_plain =
        |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'&' | b'<' | b'>');
    let end = text.bytes().position(|byte| !is_plain(byte))?;
    Some(text.split_at(end))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What the XML library makes of `text`.
    fn by_library(text: &str) -> Result<SampleResult, String> {
        let document = roxmltree::Document::parse(text).map_err(|error| error.to_string())?;
        of_node(&document.root_element(), true)
    }

    /// Elements as JMeter prints them, and nearly so.
    fn element() -> impl Strategy<Value = String> {
        let name = prop_oneof![Just("httpSample"), Just("sample"), Just("sampler")];
        let attribute = prop_oneof![
            4 => ("(t|it|lt|ct|ts|by|sby|ng|na|sc|ec)", "[0-9]{1,4}"),
            4 => ("(s|lb|rc|rm|tn|dt|de|hn|x)", "[a-z A-Z<>&;'/=é\\t]{0,5}"),
        ];
        let attributes = proptest::collection::vec(attribute, 0..6);
        let content = prop_oneof![
            Just(String::new()),
            "[ \\n]{0,2}",
            "\\n  <java.net.URL>[a-z:/&;é]{0,6}</java.net.URL>\\n",
            "<java.net.URL/>",
            "<b>x</b>",
            "<!-- a -->",
        ];
        (name, attributes, content, any::<bool>()).prop_map(|(name, attributes, content, short)| {
            let attributes: String = attributes
                .iter()
                .map(|(name, value)| format!(" {name}=\"{value}\""))
                .collect();
            match (short, content.is_empty()) {
                (true, true) => format!("<{name}{attributes}/>"),
                _ => format!("<{name}{attributes}>{content}</{name}>"),
            }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn what_is_taken_apart_by_hand_is_what_the_library_finds(text in element()) {
            let mut result = SampleResult {
                url: Some("of before".to_owned()),
                assertions: vec![AssertionResult::default()],
                ..SampleResult::default()
            };
            if PlainElement::of(&text).is_some() {
                prop_assert_eq!(read_result(&text, true, &mut result), Ok(true));
                prop_assert_eq!(Ok(result), by_library(&text));
            } else if let Ok(is_result) = read_result(&text, true, &mut result) {
                prop_assert_eq!(is_result, !text.starts_with("<sampler"));
            }
        }
    }

    #[test]
    fn elements_as_jmeter_prints_them_are_plain() {
        let element = "<httpSample t=\"44\" it=\"0\" lt=\"44\" ct=\"0\" ts=\"1700000000000\" s=\"true\" \
                       lb=\"GET /\" rc=\"200\" rm=\"OK\" tn=\"Buyers 1-1\" dt=\"text\" by=\"1400\" sby=\"180\" \
                       ng=\"100\" na=\"100\"";
        let empty = format!("{element}/>");
        let with_url =
            format!("{element}>\n  <java.net.URL>http://h/?a=1</java.net.URL>\n</httpSample>");
        assert_eq!(PlainElement::of(&empty).unwrap().url, None);
        let url = PlainElement::of(&with_url).unwrap().url;
        assert_eq!(url, Some("http://h/?a=1"));
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_library() {
        for text in [
            "<sample lb=\"&lt;\"/>",
            "<sample lb='a'/>",
            "<sample lb=\"a\" lb=\"b\"/>",
            "<sample  lb=\"a\"/>",
            "<sample lb=\"a\"><sample/></sample>",
            "<sample lb=\"ä\"/>",
            "<sample own=\"a\"/>",
            "<sample></httpSample>",
        ] {
            assert_eq!(PlainElement::of(text), None, "{text}");
        }
    }
}
