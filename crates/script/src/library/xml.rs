//! `XmlSlurper`: elements by name, attributes, text.

use std::sync::Arc;

use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::throwable::throw;
use crate::name::methods;
use crate::value::{Native, Value};

/// An element that was read.
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    /// Elements and texts in their order.
    children: Vec<Child>,
}

enum Child {
    Element(Arc<Element>),
    Text(String),
}

/// A `GPathResult`: some elements, or texts of attributes.
#[derive(Clone)]
struct Path {
    elements: Vec<Arc<Element>>,
    texts: Vec<String>,
    name: String,
}

/// The name of an element, with its prefix where namespaces are not looked at.
fn name_of(node: roxmltree::Node<'_, '_>, is_aware: bool) -> String {
    let local = node.tag_name().name();
    let written = &node.document().input_text()[node.range()];
    let written = written.trim_start_matches('<');
    let end = written.find(|c: char| c.is_whitespace() || matches!(c, '/' | '>'));
    let whole = &written[..end.unwrap_or(written.len())];
    let is_prefixed = whole.rsplit(':').next() == Some(local);
    if is_aware || !is_prefixed {
        local
    } else {
        whole
    }
    .to_owned()
}

fn read(node: roxmltree::Node<'_, '_>, is_aware: bool) -> Arc<Element> {
    let children = node.children().filter_map(|child| {
        if child.is_element() {
            Some(Child::Element(read(child, is_aware)))
        } else {
            child
                .text()
                .filter(|t| child.is_text() && !t.trim().is_empty())
                .map(|t| Child::Text(t.to_owned()))
        }
    });
    Arc::new(Element {
        name: name_of(node, is_aware),
        attributes: node
            .attributes()
            .map(|a| (a.name().to_owned(), a.value().to_owned()))
            .collect(),
        children: children.collect(),
    })
}

impl Element {
    fn text(&self, out: &mut String) {
        for child in &self.children {
            match child {
                Child::Element(element) => element.text(out),
                Child::Text(text) => out.push_str(text),
            }
        }
    }
    fn elements(&self) -> impl Iterator<Item = &Arc<Element>> {
        self.children.iter().filter_map(|c| {
            if let Child::Element(e) = c {
                Some(e)
            } else {
                None
            }
        })
    }
    fn below(element: &Arc<Element>, out: &mut Vec<Arc<Element>>) {
        out.push(element.clone());
        for child in element.elements() {
            Element::below(child, out);
        }
    }
}

fn path(elements: Vec<Arc<Element>>, name: &str) -> Value {
    Value::object(Path {
        elements,
        texts: Vec::new(),
        name: name.to_owned(),
    })
}

impl Path {
    fn whole(&self) -> String {
        let mut out = self.texts.concat();
        self.elements.iter().for_each(|e| e.text(&mut out));
        out
    }
    /// Each element or text of an attribute by itself.
    fn parts(&self) -> Vec<Path> {
        let elements = self.elements.iter().map(|element| Path {
            elements: vec![element.clone()],
            texts: Vec::new(),
            name: element.name.clone(),
        });
        let texts = self.texts.iter().map(|text| Path {
            elements: Vec::new(),
            texts: vec![text.clone()],
            name: self.name.clone(),
        });
        elements.chain(texts).collect()
    }
    fn count(&self) -> usize {
        self.elements.len() + self.texts.len()
    }
    fn child(&self, name: &str) -> Value {
        if let Some(attribute) = name.strip_prefix('@') {
            let texts = self
                .elements
                .iter()
                .filter_map(|e| {
                    e.attributes
                        .iter()
                        .find(|(n, _)| n == attribute)
                        .map(|(_, v)| v.clone())
                })
                .collect();
            return Value::object(Path {
                elements: Vec::new(),
                texts,
                name: attribute.to_owned(),
            });
        }
        let wanted = |e: &&Arc<Element>| {
            name == "*" || e.name == name || e.name == name.rsplit(':').next().unwrap_or(name)
        };
        path(
            self.elements
                .iter()
                .flat_map(|e| e.elements())
                .filter(wanted)
                .cloned()
                .collect(),
            name,
        )
    }
}

impl Native for Path {
    fn class_name(&self) -> Arc<str> {
        Arc::from(if self.texts.is_empty() {
            "groovy.xml.slurpersupport.NodeChildren"
        } else {
            "groovy.xml.slurpersupport.Attributes"
        })
    }
    fn call(&self, cx: &mut Interp<'_>, me: &Value, name: u64, a: Args<'_>) -> Run {
        call(cx, (self, me), name, a)
    }
    fn text(&self, _cx: &mut Interp<'_>) -> Run<Option<String>> {
        Ok(Some(self.whole()))
    }
    fn truth(&self) -> Option<bool> {
        Some(self.count() > 0)
    }
    fn items(&self, _cx: &mut Interp<'_>) -> Run<Option<Vec<Value>>> {
        Ok(Some(self.parts().into_iter().map(Value::object).collect()))
    }
    fn property(&self, _cx: &mut Interp<'_>, name: &str) -> Run<Option<Value>> {
        if name == "**" {
            let mut all = Vec::new();
            for element in &self.elements {
                Element::below(element, &mut all);
            }
            let all = all.into_iter().map(|e| path(vec![e.clone()], &e.name));
            return Ok(Some(Value::list(all.collect())));
        }
        Ok(Some(self.child(name)))
    }
    fn equal_text(&self) -> Option<String> {
        Some(self.whole())
    }
    fn equal(&self, other: &dyn std::any::Any) -> Option<bool> {
        Some(
            other
                .downcast_ref::<Path>()
                .is_some_and(|o| o.whole() == self.whole()),
        )
    }
}

methods! {
    fn call(cx, me: (&Path, &Value), a, name) -> METHODS;
    text | toString | localText : 0 .. 0 => Ok(Value::from(me.0.whole()));
    name : 0 .. 0 => Ok(Value::from(me.0.elements.first().map_or(me.0.name.clone(), |e| e.name.clone())));
    size : 0 .. 0 => Ok(Value::from(me.0.count()));
    isEmpty : 0 .. 0 => Ok(Value::Bool(me.0.count() == 0));
    list : 0 .. 0 => Ok(Value::list(me.0.parts().into_iter().map(Value::object).collect()));
    toLong : 0 .. 0 => { let text = me.0.whole(); crate::number::parse_integer(text.trim(), 10, true).map(Value::Long).ok_or_else(|| throw("java.lang.NumberFormatException", format!("For input string: \"{text}\""))) };
    toDouble | toFloat : 0 .. 0 => { let text = me.0.whole(); crate::number::parse_double(&text).map(Value::Double).ok_or_else(|| throw("java.lang.NumberFormatException", format!("For input string: \"{text}\""))) };
    toBigDecimal : 0 .. 0 => { let text = me.0.whole(); crate::decimal::Decimal::parse(text.trim()).map(Value::decimal).ok_or_else(|| crate::library::throwable::throw_plain("java.lang.NumberFormatException")) };
    toBoolean : 0 .. 0 => Ok(Value::Bool(matches!(me.0.whole().trim().to_lowercase().as_str(), "true" | "y" | "1")));
    children : 0 .. 0 => Ok(path(me.0.elements.iter().flat_map(|e| e.elements()).cloned().collect(), "children"));
    attributes : 0 .. 0 => { let map = crate::value::Map::new("java.util.HashMap", crate::value::Order::Hash); if let Some(e) = me.0.elements.first() { for (n, v) in e.attributes.iter().rev() { map.put(Value::from(n.as_str()), Value::from(v.as_str())); } } Ok(Value::Map(Arc::new(map))) };
    depthFirst | breadthFirst : 0 .. 0 => { let mut out = Vec::new(); me.0.elements.iter().for_each(|e| Element::below(e, &mut out)); Ok(Value::list(out.into_iter().map(|e| { let name = e.name.clone(); path(vec![e], &name) }).collect())) };
    getAt : 1 .. 1 => match a[0].as_int() {
        Some(at) => {
            let mut parts = me.0.parts();
            let at = if at < 0 { at + parts.len() as i32 } else { at };
            let at = usize::try_from(at).ok().filter(|at| *at < parts.len());
            Ok(at.map_or_else(|| path(Vec::new(), &me.0.name), |at| Value::object(parts.swap_remove(at))))
        }
        None => Ok(me.0.child(&a.text(0)?)),
    };
    toInteger : 0 .. 0 => { let text = me.0.whole(); crate::number::parse_integer(text.trim(), 10, false).map(|v| Value::Int(v as i32)).ok_or_else(|| throw("java.lang.NumberFormatException", format!("For input string: \"{}\"", text.trim()))) };
    find : 1 .. 1 => {
        for part in me.0.parts() {
            let one = Value::object(part);
            if cx.call_item_truth(a.closure(0)?, &one)? { return Ok(one); }
        }
        Ok(path(Vec::new(), ""))
    };
    findAll : 1 .. 1 => {
        let mut out = Path { elements: Vec::new(), texts: Vec::new(), name: me.0.name.clone() };
        for part in me.0.parts() {
            if cx.call_item_truth(a.closure(0)?, &Value::object(part.clone()))? {
                out.elements.extend(part.elements);
                out.texts.extend(part.texts);
            }
        }
        Ok(Value::object(out))
    };
}

/// `x.@name`.
pub(crate) fn attribute(cx: &mut Interp<'_>, object: &Value, name: &str) -> Run {
    match object.native::<Path>() {
        Some(path) => Ok(path.child(&format!("@{name}"))),
        // A field of an object, past its getter.
        None => {
            let name = crate::name::Name::new(name);
            cx.get_property(object, &name, &name.getter("get"), &name.getter("is"))
        }
    }
}

struct Slurper {
    /// Whether names are without the prefixes of their namespaces.
    is_aware: bool,
}

impl Native for Slurper {
    fn class_name(&self) -> Arc<str> {
        Arc::from("groovy.xml.XmlSlurper")
    }
    fn call(&self, cx: &mut Interp<'_>, me: &Value, name: u64, a: Args<'_>) -> Run {
        call_slurper(cx, (self, me), name, a)
    }
}

methods! {
    fn call_slurper(cx, me: (&Slurper, &Value), a, name) -> SLURPER;
    parse : 1 .. 1 => {
        // A text is an address there.
        if a[0].as_text().is_some() { return Err(Fail::NoMethod); }
        let text = cx.call_method(&a[0], &crate::name::Name::new("getText"), &[])?;
        call_slurper(cx, me, crate::name::symbol("parseText"), Args(&[text]))
    };
    parseText : 1 .. 1 => {
        let text = a.text(0)?;
        cx.charge(text.len() * 4)?;
        cx.work(text.len() / 8)?;
        let options = roxmltree::ParsingOptions { nodes_limit: 1 << 20, ..roxmltree::ParsingOptions::default() };
        // Elements are read by recursion, so their depth is bounded first.
        if deepest(&text) > 200 { return Err(throw("org.xml.sax.SAXParseException", "elements are nested too deep")); }
        match roxmltree::Document::parse_with_options(&text, options) {
            Ok(document) => { let root = read(document.root_element(), me.0.is_aware); let name = root.name.clone(); Ok(path(vec![root], &name)) }
            Err(roxmltree::Error::UnclosedRootNode | roxmltree::Error::UnexpectedEndOfStream) => Err(throw("org.xml.sax.SAXParseException", "XML document structures must start and end within the same entity.")),
            Err(error) => Err(throw("org.xml.sax.SAXParseException", error.to_string())),
        }
    };
}

/// An upper bound of the depth of elements.
fn deepest(text: &str) -> usize {
    let (mut depth, mut most) = (0usize, 0usize);
    let bytes = text.as_bytes();
    for (i, b) in bytes.iter().enumerate() {
        match (b, bytes.get(i + 1)) {
            (b'<', Some(b'/')) => depth = depth.saturating_sub(1),
            (b'<', Some(b'!' | b'?')) => {}
            (b'<', Some(_)) => {
                depth += 1;
                most = most.max(depth);
            }
            (b'/', Some(b'>')) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    most
}

fn new(_cx: &mut Interp<'_>, _class: &'static ClassInfo, a: Args<'_>) -> Run {
    match a.len() {
        0 => Ok(Value::object(Slurper { is_aware: true })),
        2 | 3 => Ok(Value::object(Slurper {
            is_aware: a.bool(1)?,
        })),
        _ => Err(Fail::NoMethod),
    }
}

methods! {
    fn xml_util(cx, me: &'static ClassInfo, a, name) -> XML_UTIL;
    escapeXml : 1 .. 1 => Ok(Value::from(a.text(0)?.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&apos;")));
    escapeControlCharacters : 1 .. 1 => Ok(Value::from(a.text(0)?.chars().map(|c| if c < ' ' { format!("&#{};", c as u32) } else { c.to_string() }).collect::<String>()));
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("groovy.xml.XmlUtil").statics(xml_util, XML_UTIL),
    ClassInfo::named("groovy.util.XmlSlurper")
        .constructor(new)
        .methods(&[SLURPER]),
    ClassInfo::named("groovy.xml.XmlSlurper")
        .constructor(new)
        .methods(&[SLURPER]),
    ClassInfo::named("groovy.xml.slurpersupport.NodeChildren").methods(&[METHODS]),
];
