//! Jayway's `JsonPath`, as scripts call it. Not here: paths themselves, which are the host's.

use std::sync::Arc;

use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::Run;
use crate::host::JsonPathProblem;
use crate::interp::Interp;
use crate::library::throwable::throw;
use crate::library::{json, json_reader};
use crate::name::methods;
use crate::value::{List, Map, Native, Value};

/// `JsonPath.compile(path)`.
struct Path(Arc<str>);

/// `JsonPath.parse(json)`.
struct Document(Arc<str>);

impl Native for Path {
    fn class_name(&self) -> Arc<str> {
        Arc::from("com.jayway.jsonpath.JsonPath")
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        path_call(cx, self, name, a)
    }
}

impl Native for Document {
    fn class_name(&self) -> Arc<str> {
        Arc::from("com.jayway.jsonpath.internal.JsonContext")
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        document_call(cx, self, name, a)
    }
}

/// A text of JSON: as it is given, or of the value that it was read into.
fn json_text(cx: &mut Interp<'_>, value: &Value) -> Run<Arc<str>> {
    match value {
        Value::Null => Err(throw(
            "java.lang.IllegalArgumentException",
            "json string can not be null or empty",
        )),
        value if value.as_text().is_some() => {
            let text = cx.text(value)?;
            match text.is_empty() {
                true => Err(throw(
                    "java.lang.IllegalArgumentException",
                    "json string can not be null or empty",
                )),
                false => Ok(text),
            }
        }
        value => json::to_json(cx, value).map(Arc::from),
    }
}

fn read(cx: &mut Interp<'_>, text: &str, path: &str) -> Run {
    cx.work(text.len() / 16)?;
    let found = cx
        .host
        .json_path(text, path)
        .map_err(|problem| match problem {
            JsonPathProblem::Missing(message) => {
                throw("com.jayway.jsonpath.PathNotFoundException", message)
            }
            JsonPathProblem::Invalid(message) => {
                throw("com.jayway.jsonpath.InvalidPathException", message)
            }
        })?;
    let value = json_reader::parse(cx, &found)?;
    Ok(as_jayway(value))
}

/// A value of `JsonSlurper` as Jayway has it: doubles, and the classes of its own collections.
fn as_jayway(value: Value) -> Value {
    match value {
        Value::Decimal(_) => Value::Double(crate::number::to_f64(&value)),
        Value::List(list) => {
            let items = list.items().into_iter().map(as_jayway).collect();
            Value::List(Arc::new(List::of("net.minidev.json.JSONArray", items)))
        }
        Value::Map(map) => {
            let out = Map::linked();
            for (key, value) in map.entries() {
                out.put(key, as_jayway(value));
            }
            Value::Map(Arc::new(out))
        }
        other => other,
    }
}

methods! {
    fn statics(cx, me: &'static ClassInfo, a, name) -> STATICS;
    read : 2 .. 2 => { let text = json_text(cx, &a[0])?; let path = a.text(1)?; read(cx, &text, &path) };
    parse : 1 .. 1 => json_text(cx, &a[0]).map(|text| Value::object(Document(text)));
    compile : 1 .. 1 => Ok(Value::object(Path(a.text(0)?)));
}

methods! {
    fn path_call(cx, me: &Path, a, name) -> PATH;
    read : 1 .. 1 => { let text = json_text(cx, &a[0])?; read(cx, &text, &me.0) };
    getPath : 0 .. 0 => Ok(Value::Str(me.0.clone()));
}

methods! {
    fn document_call(cx, me: &Document, a, name) -> DOCUMENT;
    read : 1 .. 1 => {
        let path = match a[0].native::<Path>() { Some(path) => path.0.clone(), None => a.text(0)? };
        read(cx, &me.0, &path)
    };
    json : 0 .. 0 => { let value = json_reader::parse(cx, &me.0)?; Ok(as_jayway(value)) };
    jsonString : 0 .. 0 => { let value = json_reader::parse(cx, &me.0)?; json::to_json(cx, &value).map(Value::from) };
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("com.jayway.jsonpath.JsonPath")
        .statics(statics, STATICS)
        .methods(&[PATH]),
    ClassInfo::named("com.jayway.jsonpath.DocumentContext").methods(&[DOCUMENT]),
    ClassInfo::named("com.jayway.jsonpath.internal.JsonContext")
        .parents(&["com.jayway.jsonpath.DocumentContext"])
        .methods(&[DOCUMENT]),
    ClassInfo::named("net.minidev.json.JSONArray").parents(&["java.util.ArrayList"]),
];
