//! `JsonSlurper`, `JsonOutput`, `JsonBuilder`. Not here: how a text is read (`json_reader`).

use std::fmt::Write;
use std::sync::{Arc, Mutex};

use crate::args::Args;
use crate::class::{ClassInfo, class_name};
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::json_reader;
use crate::library::throwable::throw;
use crate::name::{methods, symbol};
use crate::value::{Map, Native, Order, Value, lock};

/// Levels of lists and maps in each other.
const MOST_DEPTH: u32 = 200;

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
    parseText : 1 .. 1 => { let text = a.nullable_text(0)?; read_json(cx, me, text.as_deref().unwrap_or_default()) };
    parse : 1 .. 2 => {
        let text = match &a[0] {
            Value::Array(array) if array.bytes().is_some() => String::from_utf8_lossy(&array.bytes().unwrap_or_default()).into_owned(),
            Value::Array(array) => cx.text(&Value::Array(array.clone()))?.to_string(),
            file => crate::library::files::read_text(cx, file)?,
        };
        read_json(cx, me, &text)
    };
    setType : 1 .. 1 => Ok(me.clone());
}

/// What a slurper reads: the objects of the classic one are hash maps.
fn read_json(cx: &mut Interp<'_>, slurper: &Value, text: &str) -> Run {
    let value = json_reader::parse(cx, text)?;
    let is_classic = slurper
        .native::<Slurper>()
        .is_some_and(|one| one.0.ends_with("Classic"));
    if is_classic {
        hashed(cx, &value)
    } else {
        Ok(value)
    }
}

/// A value with hash maps for its objects; the reader bounds how deep they are.
fn hashed(cx: &mut Interp<'_>, value: &Value) -> Run {
    match value {
        Value::Map(map) => {
            cx.charge_items(map.len() * 2)?;
            let table = Map::new("java.util.HashMap", Order::Hash);
            for (key, item) in map.entries() {
                table.put(key, hashed(cx, &item)?);
            }
            Ok(Value::Map(Arc::new(table)))
        }
        Value::List(list) => {
            cx.charge_items(list.len())?;
            let items = list.items();
            let items = items.iter().map(|item| hashed(cx, item));
            Ok(Value::list(items.collect::<Run<Vec<Value>>>()?))
        }
        other => Ok(other.clone()),
    }
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

/// A map for each element, as a builder's closure describes it.
fn trees(cx: &mut Interp<'_>, items: &Value, each: &Arc<crate::value::Closure>) -> Run {
    let mut out = Vec::new();
    for item in cx.items(items)? {
        let map = Arc::new(Map::linked());
        cx.call_with(
            each,
            Value::object(Delegate(Collecting(map.clone()))),
            &[item],
        )?;
        out.push(Value::Map(map));
    }
    Ok(Value::list(out))
}

/// `builder.order { .. }`: a call of a name that is made up is the one entry of the content.
pub(crate) fn call_made_up(
    cx: &mut Interp<'_>,
    object: &Value,
    name: &str,
    args: &[Value],
) -> Option<Run> {
    let builder = object.native::<JsonBuilder>()?;
    let mut value = || match args {
        [] => Ok(Value::Map(Arc::new(Map::linked()))),
        [Value::Closure(_)] => tree(cx, &args[0]),
        [Value::Map(_)] => Ok(args[0].clone()),
        [Value::Map(given), Value::Closure(_)] => {
            let whole = Map::linked();
            let Value::Map(made) = tree(cx, &args[1])? else {
                return Err(Fail::NoMethod);
            };
            for (key, value) in given.entries().into_iter().chain(made.entries()) {
                whole.put(key, value);
            }
            Ok(Value::Map(Arc::new(whole)))
        }
        [
            items @ (Value::List(_) | Value::Set(_) | Value::Range(_) | Value::Array(_)),
            Value::Closure(f),
        ] => trees(cx, items, f),
        _ => Err(throw(
            "groovy.json.JsonException",
            "Expected no arguments, a single map, a single closure, or a map and closure as arguments.",
        )),
    };
    Some(value().map(|value| {
        let content = Map::linked();
        content.put(Value::from(name), value);
        let content = Value::Map(Arc::new(content));
        *lock(&builder.content) = content.clone();
        content
    }))
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
            [items, Value::Closure(f)] => trees(cx, items, f)?,
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
            [items, Value::Closure(f)] => trees(cx, items, f)?,
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
    ClassInfo::named("groovy.json.JsonBuilder")
        .constructor(new_builder)
        .methods(&[BUILDER]),
];
