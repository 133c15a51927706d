//! `JsonSlurper`, `JsonOutput`, `JsonBuilder`.

use std::fmt::Write;
use std::sync::{Arc, Mutex};

use crate::args::Args;
use crate::class::{ClassInfo, class_name};
use crate::decimal::Decimal;
use crate::entries::Entries;
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::throwable::throw;
use crate::name::{methods, symbol};
use crate::value::{Key, Map, Native, Order, Value, lock};

const MOST_DEPTH: u32 = 200;

/// Keys of objects that are kept to be used again.
const MOST_KEYS: usize = 64;

struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// Keys so far, in the order in which they came: the objects of a list have the same ones, in the same order.
    keys: Vec<Arc<str>>,
    /// Where in `keys` the next one is likely to be.
    likely: usize,
    /// Keys and values of the objects, and values of the lists, that are not at their ends yet.
    open: Vec<(Value, Value)>,
}

impl Reader<'_> {
    fn fail<T>(&self, message: &str, at: usize) -> Run<T> {
        let at = at.min(self.text.len().saturating_sub(1));
        let c = self.text[at..].chars().next().unwrap_or(' ');
        let line_start = self.text[..at].rfind('\n').map_or(0, |i| i + 1);
        let line = self.text[line_start..].lines().next().unwrap_or_default();
        let number = self.text[..at].matches('\n').count() + 1;
        Err(throw(
            "groovy.json.JsonException",
            format!(
                "{message}\n\nThe current character read is '{c}' with an int value of {}\n{message}\nline number {number}\nindex number {at}\n{line}\n{}^",
                u32::from(c),
                ".".repeat(at - line_start)
            ),
        ))
    }

    fn blank(&mut self) {
        while self
            .text
            .as_bytes()
            .get(self.at)
            .is_some_and(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r'))
        {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: u32) -> Run {
        self.blank();
        if depth == 0 {
            return self.fail("nested too deep", self.at);
        }
        match self.text.as_bytes().get(self.at) {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Value::Str),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => {
                for (word, value) in [
                    ("true", Value::Bool(true)),
                    ("false", Value::Bool(false)),
                    ("null", Value::Null),
                ] {
                    if self.text[self.at..].starts_with(word) {
                        self.at += word.len();
                        return Ok(value);
                    }
                }
                self.fail("Unable to determine the current character, it is not a string, number, array, or object", self.at)
            }
            None => self.fail("Unexpected end of text", self.at),
        }
    }

    fn object(&mut self, depth: u32) -> Run {
        self.at += 1;
        let first = self.open.len();
        self.blank();
        if self.text.as_bytes().get(self.at) == Some(&b'}') {
            self.at += 1;
            return Ok(object_of(Entries::default()));
        }
        loop {
            self.blank();
            if self.text.as_bytes().get(self.at) != Some(&b'"') {
                return self.fail("expecting a key string or '}'", self.at);
            }
            let key = self.key()?;
            self.blank();
            if self.text.as_bytes().get(self.at) != Some(&b':') {
                return self.fail("expecting ':' after a key", self.at);
            }
            self.at += 1;
            let value = self.value(depth - 1)?;
            self.open.push((Value::Str(key), value));
            self.blank();
            match self.text.as_bytes().get(self.at) {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    let members = self.open.drain(first..);
                    return Ok(object_of(
                        members.map(|(key, value)| (Key(key), value)).collect(),
                    ));
                }
                _ => {
                    let at = self.at.min(self.text.len().saturating_sub(1));
                    let c = self.text[at..].chars().next().unwrap_or(' ');
                    let message = format!(
                        "expecting '}}' or ',' but got current char '{c}' with an int value of {}",
                        u32::from(c)
                    );
                    // The real reader counts one more at the end of the text.
                    return if self.at >= self.text.len() {
                        self.fail_past(&message)
                    } else {
                        self.fail(&message, self.at)
                    };
                }
            }
        }
    }

    /// A key, the same text for all objects that have it.
    fn key(&mut self) -> Run<Arc<str>> {
        let start = self.at + 1;
        let Some(end) = plain_end(self.text.as_bytes(), start) else {
            return self.string();
        };
        let key = &self.text[start..end];
        self.at = end + 1;
        if let Some(known) = self.keys.get(self.likely)
            && **known == *key
        {
            self.likely += 1;
            return Ok(known.clone());
        }
        if let Some(at) = self.keys.iter().position(|known| **known == *key) {
            self.likely = at + 1;
            return Ok(self.keys[at].clone());
        }
        let key: Arc<str> = Arc::from(key);
        if self.keys.len() < MOST_KEYS {
            self.keys.push(key.clone());
            self.likely = self.keys.len();
        }
        Ok(key)
    }

    /// As [`Reader::fail`], but with the last character of the value before: the real reader looks at it.
    fn fail_after<T>(&self, message: &str, at: usize) -> Run<T> {
        let before = self.text[..at].trim_end().trim_end_matches(',').trim_end();
        let c = before.chars().next_back().unwrap_or(' ');
        let start = self.text[..at].rfind('\n').map_or(0, |i| i + 1);
        let line = self.text[start..].lines().next().unwrap_or_default();
        Err(throw(
            "groovy.json.JsonException",
            format!(
                "{message}\n\nThe current character read is '{c}' with an int value of {}\n{message}\nline number {}\nindex number {at}\n{line}\n{}^",
                u32::from(c),
                self.text[..at].matches('\n').count() + 1,
                ".".repeat(at - start)
            ),
        ))
    }

    fn fail_past<T>(&self, message: &str) -> Run<T> {
        let c = self.text.chars().next_back().unwrap_or(' ');
        let start = self.text.rfind('\n').map_or(0, |i| i + 1);
        Err(throw(
            "groovy.json.JsonException",
            format!(
                "{message}\n\nThe current character read is '{c}' with an int value of {}\n{message}\nline number {}\nindex number {}\n{}\n{}^",
                u32::from(c),
                self.text.matches('\n').count() + 1,
                self.text.len(),
                &self.text[start..],
                ".".repeat(self.text.len() - start)
            ),
        ))
    }

    fn array(&mut self, depth: u32) -> Run {
        self.at += 1;
        let first = self.open.len();
        self.blank();
        if self.text.as_bytes().get(self.at) == Some(&b']') {
            self.at += 1;
            return Ok(Value::list(Vec::new()));
        }
        loop {
            self.blank();
            if self.text.as_bytes().get(self.at) == Some(&b']') {
                return self.fail_after("Did not find end of Json Array", self.at);
            }
            let item = self.value(depth - 1)?;
            self.open.push((Value::Null, item));
            self.blank();
            match self.text.as_bytes().get(self.at) {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    let items = self.open.drain(first..);
                    return Ok(Value::list(items.map(|(_, item)| item).collect()));
                }
                _ => return self.fail("Did not find end of Json Array", self.at),
            }
        }
    }

    fn string(&mut self) -> Run<Arc<str>> {
        let start = self.at + 1;
        let bytes = self.text.as_bytes();
        if let Some(end) = plain_end(bytes, start) {
            self.at = end + 1;
            return Ok(Arc::from(&self.text[start..end]));
        }
        let escape = bytes[start..].iter().position(|byte| *byte == b'\\');
        let at = escape.map_or(bytes.len(), |escape| start + escape);
        let mut out = self.text[start..at].to_owned();
        self.at = at;
        loop {
            let Some(c) = self.text[self.at..].chars().next() else {
                return self.fail("Unable to find closing quote of a string", self.at);
            };
            self.at += c.len_utf8();
            match c {
                '"' => return Ok(Arc::from(out)),
                '\\' => {
                    let Some(c) = self.text[self.at..].chars().next() else {
                        return self.fail("Unable to find closing quote of a string", self.at);
                    };
                    self.at += c.len_utf8();
                    match c {
                        'n' => out.push('\n'),
                        't' => out.push('\t'),
                        'r' => out.push('\r'),
                        'b' => out.push('\u{8}'),
                        'f' => out.push('\u{c}'),
                        'u' => {
                            let mut units = vec![self.unit()?];
                            while (0xd800..0xdc00).contains(&units[units.len() - 1])
                                && self.text[self.at..].starts_with("\\u")
                            {
                                self.at += 2;
                                let unit = self.unit()?;
                                units.push(unit);
                            }
                            out.push_str(&String::from_utf16_lossy(&units));
                        }
                        c => out.push(c),
                    }
                }
                c => out.push(c),
            }
        }
    }

    fn unit(&mut self) -> Run<u16> {
        match self
            .text
            .get(self.at..self.at + 4)
            .and_then(|hex| u16::from_str_radix(hex, 16).ok())
        {
            Some(unit) => {
                self.at += 4;
                Ok(unit)
            }
            None => self.fail("bad \\u escape", self.at),
        }
    }

    fn number(&mut self) -> Run {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut fractional = false;
        while let Some(b) = bytes.get(self.at) {
            match b {
                b'0'..=b'9' | b'-' | b'+' => {}
                b'.' | b'e' | b'E' => fractional = true,
                _ => break,
            }
            self.at += 1;
        }
        let text = &self.text[start..self.at];
        if !fractional {
            if let Ok(value) = text.parse::<i64>() {
                return Ok(i32::try_from(value).map_or(Value::Long(value), Value::Int));
            }
            // The real reader overflows in silence.
            let digits = text.trim_start_matches('-');
            if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
                let value = digits.bytes().fold(0i64, |n, b| {
                    n.wrapping_mul(10).wrapping_add(i64::from(b - b'0'))
                });
                return Ok(Value::Long(if text.starts_with('-') {
                    value.wrapping_neg()
                } else {
                    value
                }));
            }
        }
        match Decimal::parse(text) {
            Some(value) => Ok(Value::decimal(value)),
            None => self.fail("unexpected character in a number", start),
        }
    }
}

fn object_of(entries: Entries) -> Value {
    let map = Map::new("org.apache.groovy.json.internal.LazyMap", Order::Inserted);
    {
        let mut data = map.lock();
        data.entries = entries;
        data.table = 16;
    }
    Value::Map(Arc::new(map))
}

/// Where the string that begins at `start` ends, if it has no escapes.
fn plain_end(bytes: &[u8], start: usize) -> Option<usize> {
    let rest = bytes.get(start..)?;
    let length = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
    (rest[length] == b'"').then_some(start + length)
}

/// Reads a JSON text as `JsonSlurper` does.
pub(crate) fn parse(cx: &mut Interp<'_>, text: &str) -> Run {
    if text.is_empty() {
        return Err(throw(
            "java.lang.IllegalArgumentException",
            "Text must not be null or empty",
        ));
    }
    cx.charge(text.len() * 2)?;
    cx.work(text.len() / 16)?;
    let mut reader = Reader {
        text,
        at: 0,
        keys: Vec::new(),
        likely: 0,
        open: Vec::new(),
    };
    let value = reader.value(MOST_DEPTH)?;
    reader.blank();
    if reader.at < text.len() {
        return reader.fail("did not find end of the text", reader.at);
    }
    Ok(value)
}

fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}

fn write(cx: &mut Interp<'_>, out: &mut String, value: &Value, depth: u32) -> Run<()> {
    if depth == 0 {
        return Err(crate::library::throwable::throw_plain(
            "java.lang.StackOverflowError",
        ));
    }
    if out.len() > cx.limits.bytes as usize {
        return Err(cx.over_memory());
    }
    match value {
        Value::Null | Value::Void => out.push_str("null"),
        Value::Double(v) if !v.is_finite() => return Err(not_a_number(*v)),
        Value::Float(v) if !v.is_finite() => return Err(not_a_number(f64::from(*v))),
        Value::Bool(_)
        | Value::Int(_)
        | Value::Long(_)
        | Value::Double(_)
        | Value::Float(_)
        | Value::Short(_)
        | Value::Byte(_)
        | Value::Big(_)
        | Value::Decimal(_) => {
            out.push_str(&crate::text::number_text(value).unwrap_or_default());
        }
        Value::Str(text) => write_string(out, text),
        Value::Map(map) => {
            out.push('{');
            for (i, (key, value)) in map.entries().iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                if key.is_nothing() {
                    return Err(throw(
                        "java.lang.IllegalArgumentException",
                        "Maps with null keys can't be converted to JSON",
                    ));
                }
                let key = cx.text(key)?;
                write_string(out, &key);
                out.push(':');
                write(cx, out, value, depth - 1)?;
            }
            out.push('}');
        }
        Value::List(_) | Value::Set(_) | Value::Array(_) | Value::Range(_) => {
            out.push('[');
            for (i, item) in cx.items(value)?.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write(cx, out, item, depth - 1)?;
            }
            out.push(']');
        }
        Value::Closure(_) => {
            let map = tree(cx, value)?;
            write(cx, out, &map, depth - 1)?;
        }
        other => {
            if let Some(date) = other.native::<crate::library::date::Date>() {
                let text = date.json();
                write_string(out, &text);
            } else if let Some(builder) = other.native::<JsonBuilder>() {
                let content = lock(&builder.content).clone();
                write(cx, out, &content, depth - 1)?;
            } else if let Some(instance) = other.native::<crate::library::instance::Instance>() {
                let map = Map::linked();
                for field in instance.class.decl.fields.iter().filter(|f| !f.is_static) {
                    if let Some(value) = instance.property(cx, &field.name.text)? {
                        map.put(Value::Str(field.name.text.clone()), value);
                    }
                }
                write(cx, out, &Value::Map(Arc::new(map)), depth - 1)?;
            } else {
                let text = cx.java_text(other)?;
                write_string(out, &text);
            }
        }
    }
    Ok(())
}

fn not_a_number(value: f64) -> Fail {
    let name = if value.is_nan() { "NaN" } else { "infinite" };
    let text = crate::text::double_text(value);
    throw(
        "groovy.json.JsonException",
        format!("Number {text} can't be serialized as JSON: {name} are not allowed in JSON."),
    )
}

pub(crate) fn to_json(cx: &mut Interp<'_>, value: &Value) -> Run<String> {
    let mut out = String::new();
    write(cx, &mut out, value, MOST_DEPTH)?;
    cx.charge(out.len())?;
    Ok(out)
}

fn pretty(text: &str) -> String {
    let (mut out, mut depth, mut in_string, mut escaped) = (String::new(), 0usize, false, false);
    for c in text.chars() {
        if in_string {
            out.push(c);
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match c {
            '"' => {
                in_string = true;
                out.push(c);
            }
            '{' | '[' => {
                depth += 1;
                out.push(c);
                out.push('\n');
                out.push_str(&"    ".repeat(depth.min(200)));
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                out.push('\n');
                out.push_str(&"    ".repeat(depth.min(200)));
                out.push(c);
            }
            ',' => {
                out.push_str(",\n");
                out.push_str(&"    ".repeat(depth.min(200)));
            }
            ':' => out.push_str(": "),
            c if c.is_whitespace() => {}
            c => out.push(c),
        }
    }
    out
}

methods! {
    fn output(cx, me: &'static ClassInfo, a, name) -> OUTPUT;
    toJson : 1 .. 1 => to_json(cx, &a[0]).map(Value::from);
    prettyPrint : 1 .. 1 => { let text = pretty(&a.text(0)?); cx.charge(text.len())?; Ok(Value::from(text)) };
}

/// `JsonSlurper` and `JsonSlurperClassic`.
struct Slurper(&'static str);

impl Native for Slurper {
    fn class_name(&self) -> Arc<str> {
        Arc::from(self.0)
    }
    fn call(&self, cx: &mut Interp<'_>, me: &Value, name: u64, a: Args<'_>) -> Run {
        call_slurper(cx, me, name, a)
    }
}

methods! {
    fn call_slurper(cx, me: &Value, a, name) -> SLURPER;
    parseText : 1 .. 1 => match a.nullable_text(0)? { Some(text) => parse(cx, &text), None => parse(cx, "") };
    parse : 1 .. 2 => {
        let text = match &a[0] {
            Value::Array(array) if array.bytes().is_some() => String::from_utf8_lossy(&array.bytes().unwrap_or_default()).into_owned(),
            Value::Array(array) => cx.text(&Value::Array(array.clone()))?.to_string(),
            file => crate::library::files::read_text(cx, file)?,
        };
        parse(cx, &text)
    };
    setType : 1 .. 1 => Ok(me.clone());
}

fn new_slurper(_cx: &mut Interp<'_>, class: &'static ClassInfo, _a: Args<'_>) -> Run {
    Ok(Value::object(Slurper(class.name)))
}

struct JsonBuilder {
    content: Mutex<Value>,
}

/// Calls of names inside a builder's closure become entries.
struct Collecting(Arc<Map>);

impl Native for Collecting {
    fn class_name(&self) -> Arc<str> {
        Arc::from("groovy.json.JsonDelegate")
    }
}

/// The map that a builder's closure describes.
fn tree(cx: &mut Interp<'_>, value: &Value) -> Run {
    let Value::Closure(f) = value else {
        return Ok(value.clone());
    };
    let map = Arc::new(Map::linked());
    cx.call_with(f, Value::object(Delegate(Collecting(map.clone()))), &[])?;
    Ok(Value::Map(map))
}

struct Delegate(Collecting);

impl Native for Delegate {
    fn class_name(&self) -> Arc<str> {
        self.0.class_name()
    }
}

/// Called by the interpreter for a name that only a builder understands.
pub(crate) fn collect(
    cx: &mut Interp<'_>,
    delegate: &Value,
    name: &str,
    args: &[Value],
) -> Option<Run> {
    let delegate = delegate.native::<Delegate>()?;
    let mut go = || {
        let value = match args {
            [Value::Closure(_)] => tree(cx, &args[0])?,
            [one] => one.clone(),
            [items, Value::Closure(f)] => {
                let mut out = Vec::new();
                for item in cx.items(items)? {
                    let map = Arc::new(Map::linked());
                    cx.call_with(f, Value::object(Delegate(Collecting(map.clone()))), &[item])?;
                    out.push(Value::Map(map));
                }
                Value::list(out)
            }
            many => Value::list(many.to_vec()),
        };
        delegate.0.0.put(Value::from(name), value.clone());
        Ok(value)
    };
    Some(go())
}

impl Native for JsonBuilder {
    fn class_name(&self) -> Arc<str> {
        Arc::from("groovy.json.JsonBuilder")
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_builder(cx, self, name, a)
    }
    fn text(&self, cx: &mut Interp<'_>) -> Run<Option<String>> {
        let content = lock(&self.content).clone();
        Ok(Some(to_json(cx, &content)?))
    }
}

methods! {
    fn call_builder(cx, me: &JsonBuilder, a, name) -> BUILDER;
    toString : 0 .. 0 => { let content = lock(&me.content).clone(); to_json(cx, &content).map(Value::from) };
    toPrettyString : 0 .. 0 => { let content = lock(&me.content).clone(); let text = pretty(&to_json(cx, &content)?); Ok(Value::from(text)) };
    getContent : 0 .. 0 => Ok(lock(&me.content).clone());
    setContent : 1 .. 1 => { *lock(&me.content) = a.value(0); Ok(Value::Null) };
    call : 0 .. 20 => {
        let value = match a.0 {
            [Value::Closure(_)] => tree(cx, &a[0])?,
            [one] => one.clone(),
            [items, Value::Closure(f)] => { let mut out = Vec::new(); for item in cx.items(items)? { let map = Arc::new(Map::linked()); cx.call_with(f, Value::object(Delegate(Collecting(map.clone()))), &[item])?; out.push(Value::Map(map)); } Value::list(out) }
            many => Value::list(many.to_vec()),
        };
        *lock(&me.content) = value.clone();
        Ok(value)
    };
}

fn new_builder(_cx: &mut Interp<'_>, _class: &'static ClassInfo, a: Args<'_>) -> Run {
    let _ = (symbol("x"), class_name(&Value::Null));
    Ok(Value::object(JsonBuilder {
        content: Mutex::new(a.value(0)),
    }))
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("groovy.json.JsonSlurper")
        .constructor(new_slurper)
        .methods(&[SLURPER]),
    ClassInfo::named("groovy.json.JsonSlurperClassic")
        .constructor(new_slurper)
        .methods(&[SLURPER]),
    ClassInfo::named("groovy.json.JsonOutput").statics(output, OUTPUT),
    ClassInfo::named("groovy.json.JsonBuilder").constructor(new_builder),
];
