//! `StringBuilder`, `StringBuffer`, and writers into memory.

use std::sync::{Arc, Mutex};

use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::string::{byte_at, length, slice};
use crate::library::throwable::throw;
use crate::name::methods;
use crate::value::{Native, Value, lock};

pub(crate) struct Builder {
    class: &'static str,
    pub(crate) text: Mutex<String>,
}

/// A `StringBuffer`.
pub(crate) fn buffer(text: String) -> Value {
    Value::object(Builder {
        class: "java.lang.StringBuffer",
        text: Mutex::new(text),
    })
}

impl Native for Builder {
    fn class_name(&self) -> Arc<str> {
        Arc::from(self.class)
    }
    fn bytes(&self) -> usize {
        lock(&self.text).len()
    }
    fn call(&self, cx: &mut Interp<'_>, me: &Value, name: u64, a: Args<'_>) -> Run {
        match call(cx, (self, me), name, a) {
            Err(Fail::NoMethod) => {
                let text: Arc<str> = Arc::from(lock(&self.text).as_str());
                match crate::library::string::call(cx, &text, name, a) {
                    Err(Fail::NoMethod) if cx.groovy() => {
                        crate::library::string_gdk::call(cx, &text, name, a)
                    }
                    out => out,
                }
            }
            out => out,
        }
    }
    fn text(&self, _cx: &mut Interp<'_>) -> Run<Option<String>> {
        Ok(Some(lock(&self.text).clone()))
    }
    fn truth(&self) -> Option<bool> {
        Some(!lock(&self.text).is_empty())
    }
}

fn bounds(at: i32, text: &str) -> crate::fail::Fail {
    throw(
        "java.lang.StringIndexOutOfBoundsException",
        format!("index {at},length {}", length(text)),
    )
}

methods! {
    fn call(cx, me: (&Builder, &Value), a, name) -> METHODS;
    append | leftShift | write : 0 .. 3 => {
        let text = match a.0 {
            [Value::Array(array)] if &*array.element == "char" => cx.text(&a[0])?,
            [one] => cx.java_text(one)?,
            [text, Value::Int(from), Value::Int(to)] => { let text = cx.java_text(text)?; Arc::from(slice(&text, i64::from(*from), i64::from(*to))?) }
            _ => return Err(Fail::NoMethod),
        };
        cx.charge(text.len())?;
        lock(&me.0.text).push_str(&text);
        Ok(me.1.clone())
    };
    insert : 2 .. 2 => {
        let more = cx.java_text(&a[1])?;
        cx.charge(more.len())?;
        let at = a.int(0)?;
        let mut text = lock(&me.0.text);
        if at < 0 || at as usize > length(&text) { return Err(throw("java.lang.StringIndexOutOfBoundsException", format!("offset {at}, length {}", length(&text)))); }
        let byte = byte_at(&text, at as usize);
        text.insert_str(byte, &more);
        Ok(me.1.clone())
    };
    length : 0 .. 0 => Ok(Value::from(length(&lock(&me.0.text))));
    isEmpty : 0 .. 0 => Ok(Value::Bool(lock(&me.0.text).is_empty()));
    reverse : 0 .. 0 => { let mut text = lock(&me.0.text); *text = text.chars().rev().collect(); Ok(me.1.clone()) };
    deleteCharAt : 1 .. 1 => {
        let at = a.int(0)?;
        let mut text = lock(&me.0.text);
        if at < 0 || at as usize >= length(&text) { return Err(bounds(at, &text)); }
        let byte = byte_at(&text, at as usize);
        text.remove(byte);
        Ok(me.1.clone())
    };
    delete | replace : 2 .. 3 => {
        let (from, to) = (a.int(0)?, a.int(1)?);
        let more = if a.len() == 3 { a.text(2)? } else { Arc::from("") };
        cx.charge(more.len())?;
        let mut text = lock(&me.0.text);
        let total = length(&text) as i32;
        let to = to.min(total);
        if from < 0 || from > to { return Err(throw("java.lang.StringIndexOutOfBoundsException", format!("start {from}, end {to}, length {total}"))); }
        let (x, y) = (byte_at(&text, from as usize), byte_at(&text, to as usize));
        text.replace_range(x..y, &more);
        Ok(me.1.clone())
    };
    setLength : 1 .. 1 => {
        let wanted = a.int(0)?.max(0) as usize;
        cx.charge(wanted)?;
        let mut text = lock(&me.0.text);
        let now = length(&text);
        if wanted < now { let byte = byte_at(&text, wanted); text.truncate(byte); } else { text.extend(std::iter::repeat_n('\u{0}', wanted - now)); }
        Ok(cx.void())
    };
    setCharAt : 2 .. 2 => {
        let at = a.int(0)?;
        let c = match &a[1] { Value::Char(c) => String::from_utf16_lossy(&[*c]), other => cx.java_text(other)?.to_string() };
        let mut text = lock(&me.0.text);
        if at < 0 || at as usize >= length(&text) { return Err(bounds(at, &text)); }
        let (x, y) = (byte_at(&text, at as usize), byte_at(&text, at as usize + 1));
        text.replace_range(x..y, &c);
        Ok(cx.void())
    };
    capacity | ensureCapacity | trimToSize : 0 .. 1 => Ok(Value::from(lock(&me.0.text).len()));
    toString : 0 .. 0 => { let text = lock(&me.0.text).clone(); cx.charge(text.len())?; Ok(Value::from(text)) };
    getBuffer : 0 .. 0 => Ok(me.1.clone());
    flush | close : 0 .. 0 => Ok(cx.void());
    println | newLine : 0 .. 1 => {
        let text = if a.is_empty() { Arc::from("") } else { cx.java_text(&a[0])? };
        cx.charge(text.len() + 1)?;
        let mut all = lock(&me.0.text);
        all.push_str(&text);
        all.push('\n');
        Ok(cx.void())
    };
    printf : 1 .. 10 => {
        let pattern = a.text(0)?;
        let text = crate::library::format::format(cx, &pattern, &a[1..])?;
        cx.charge(text.len())?;
        lock(&me.0.text).push_str(&text);
        Ok(me.1.clone())
    };
    print : 1 .. 1 => { let text = cx.java_text(&a[0])?; cx.charge(text.len())?; lock(&me.0.text).push_str(&text); Ok(cx.void()) };
    equals : 1 .. 1 => Ok(Value::Bool(me.1.same(&a[0])));
}

fn new(cx: &mut Interp<'_>, class: &'static ClassInfo, a: Args<'_>) -> Run {
    let text = match &a[..] {
        [] | [Value::Int(_)] => String::new(),
        [text] => cx.java_text(text)?.to_string(),
        _ => return Err(Fail::NoMethod),
    };
    Ok(Value::object(Builder {
        class: class.name,
        text: Mutex::new(text),
    }))
}

const ALL: &[&[&str]] = &[
    METHODS,
    crate::library::string::METHODS,
    crate::library::string_gdk::METHODS,
];

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("java.lang.StringBuilder")
        .parents(&["java.lang.CharSequence"])
        .constructor(new)
        .methods(ALL),
    ClassInfo::named("java.lang.StringBuffer")
        .parents(&["java.lang.CharSequence"])
        .constructor(new)
        .methods(ALL),
    ClassInfo::named("java.io.StringWriter")
        .parents(&["java.io.Writer"])
        .constructor(new)
        .methods(ALL),
    ClassInfo::named("java.lang.Appendable"),
];
