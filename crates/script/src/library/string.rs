//! `java.lang.String`.

use std::sync::Arc;

use crate::args::Args;
use crate::class::ClassInfo;
use crate::equality::text_difference;
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::regex::Pattern;
use crate::library::throwable::throw;
use crate::name::methods;
use crate::value::{Value, lock};

/// Bytes from which on a text is remembered to be ASCII.
const LONG: usize = 1_024;

/// The length in UTF-16 units.
pub(crate) fn length(text: &str) -> usize {
    length_if(text.is_ascii(), text)
}

/// As [`length`], where it is known whether the text is ASCII.
fn length_if(ascii: bool, text: &str) -> usize {
    if ascii {
        text.len()
    } else {
        text.encode_utf16().count()
    }
}

/// The part between two places, in UTF-16 units.
pub(crate) fn slice(text: &str, from: i64, to: i64) -> Run<String> {
    slice_if(text.is_ascii(), text, from, to)
}

/// As [`slice`], where it is known whether the text is ASCII.
fn slice_if(ascii: bool, text: &str, from: i64, to: i64) -> Run<String> {
    let total = length_if(ascii, text) as i64;
    if from < 0 || to > total || from > to {
        return Err(throw(
            "java.lang.StringIndexOutOfBoundsException",
            format!("begin {from}, end {to}, length {total}"),
        ));
    }
    if ascii {
        return Ok(text[from as usize..to as usize].to_owned());
    }
    let units: Vec<u16> = text
        .encode_utf16()
        .skip(from as usize)
        .take((to - from) as usize)
        .collect();
    Ok(String::from_utf16_lossy(&units))
}

/// Where a byte offset is, in UTF-16 units.
pub(crate) fn units_before(text: &str, at: usize) -> i32 {
    let before = &text[..at];
    if before.is_ascii() {
        at as i32
    } else {
        before.encode_utf16().count() as i32
    }
}

/// The byte offset of a place in UTF-16 units.
pub(crate) fn byte_at(text: &str, units: usize) -> usize {
    if text.is_ascii() {
        return units.min(text.len());
    }
    let mut seen = 0;
    for (at, c) in text.char_indices() {
        if seen >= units {
            return at;
        }
        seen += c.len_utf16();
    }
    text.len()
}

/// A text argument that may also be a character.
fn needle(a: Args<'_>, index: usize) -> Run<Arc<str>> {
    match a.0.get(index) {
        Some(Value::Char(c)) => Ok(Arc::from(String::from_utf16_lossy(&[*c]))),
        Some(Value::Int(c)) => Ok(Arc::from(
            char::from_u32(*c as u32).unwrap_or('\u{fffd}').to_string(),
        )),
        _ => a.text(index),
    }
}

fn trim_java(text: &str) -> &str {
    text.trim_matches(|c: char| c <= ' ')
}

methods! {
    fn call(cx, me: &Arc<str>, a, name) -> METHODS;
    length : 0 .. 0 => Ok(Value::from(length_if(cx.is_ascii(me), me)));
    isEmpty : 0 .. 0 => Ok(Value::Bool(me.is_empty()));
    isBlank : 0 .. 0 => Ok(Value::Bool(me.trim().is_empty()));
    charAt : 1 .. 1 => {
        let at = a.int(0)?;
        let unit = if cx.is_ascii(me) { me.as_bytes().get(at as usize).map(|b| u16::from(*b)) } else { me.encode_utf16().nth(at as usize) };
        match unit {
            Some(unit) if at >= 0 => Ok(Value::Char(unit)),
            _ => Err(throw("java.lang.StringIndexOutOfBoundsException", format!("String index out of range: {at}"))),
        }
    };
    codePointAt : 1 .. 1 => match me.encode_utf16().nth(a.int(0)? as usize) {
        Some(unit) => Ok(Value::Int(i32::from(unit))),
        None => Err(throw("java.lang.StringIndexOutOfBoundsException", format!("String index out of range: {}", a.int(0)?))),
    };
    substring | subSequence : 1 .. 2 => {
        let ascii = cx.is_ascii(me);
        let to = if a.len() == 2 { i64::from(a.int(1)?) } else { length_if(ascii, me) as i64 };
        let text = slice_if(ascii, me, i64::from(a.int(0)?), to)?;
        cx.charge(text.len())?;
        Ok(Value::from(text))
    };
    indexOf : 1 .. 2 => {
        let needle = needle(a, 0)?;
        let ascii = cx.is_ascii(me);
        let from = match a.0.get(1) {
            None => 0,
            Some(_) if ascii => (a.int(1)?.max(0) as usize).min(me.len()),
            Some(_) => byte_at(me, a.int(1)?.max(0) as usize),
        };
        let place = |at: usize| if ascii { at as i32 } else { units_before(me, at) };
        Ok(Value::Int(me[from..].find(&*needle).map_or(-1, |at| place(from + at))))
    };
    lastIndexOf : 1 .. 2 => {
        let needle = needle(a, 0)?;
        let end = if a.len() == 2 { (byte_at(me, a.int(1)?.max(0) as usize) + needle.len()).min(me.len()) } else { me.len() };
        Ok(Value::Int(me.get(..end).unwrap_or(me).rfind(&*needle).map_or(-1, |at| units_before(me, at))))
    };
    contains : 1 .. 1 => { let needle = cx.text_arg(a, 0)?; Ok(Value::Bool(me.contains(&*needle))) };
    startsWith : 1 .. 2 => {
        let from = if a.len() == 2 { byte_at(me, a.int(1)?.max(0) as usize) } else { 0 };
        Ok(Value::Bool(me[from..].starts_with(&*a.text(0)?)))
    };
    endsWith : 1 .. 1 => Ok(Value::Bool(me.ends_with(&*a.text(0)?)));
    equals : 1 .. 1 => Ok(Value::Bool(matches!(&a[0], Value::Str(other) if other == me)));
    contentEquals : 1 .. 1 => { let other = cx.java_text(&a[0])?; Ok(Value::Bool(other == *me)) };
    equalsIgnoreCase : 1 .. 1 => Ok(Value::Bool(a.nullable_text(0)?.is_some_and(|o| o.to_lowercase() == me.to_lowercase())));
    compareTo : 1 .. 1 => Ok(Value::Int(text_difference(me, &a.text(0)?)));
    compareToIgnoreCase : 1 .. 1 => Ok(Value::Int(text_difference(&me.to_lowercase(), &a.text(0)?.to_lowercase())));
    hashCode : 0 .. 0 => Ok(Value::Int(crate::equality::text_hash(me)));
    toString | intern | strip_ : 0 .. 0 => Ok(Value::Str(me.clone()));
    concat : 1 .. 1 => { let out = format!("{me}{}", a.text(0)?); cx.charge(out.len())?; Ok(Value::from(out)) };
    replace : 2 .. 2 => {
        let (from, to) = (needle(a, 0)?, needle(a, 1)?);
        cx.charge(me.len() + me.matches(&*from).count().saturating_mul(to.len()))?;
        Ok(Value::from(me.replace(&*from, &to)))
    };
    replaceAll : 2 .. 2 => {
        if let Value::Closure(f) = &a[1] {
            let pattern = cx.pattern_of(&a[0])?;
            return crate::library::regex::replace_with(cx, &pattern, me, f, true);
        }
        let to = a.text(1)?;
        let pattern = cx.pattern_of(&a[0])?;
        let out = pattern.replace(me, &to, true)?;
        cx.charge(out.len())?;
        Ok(Value::from(out))
    };
    replaceFirst : 2 .. 2 => {
        if let Value::Closure(f) = &a[1] {
            let pattern = cx.pattern_of(&a[0])?;
            return crate::library::regex::replace_with(cx, &pattern, me, f, false);
        }
        let to = a.text(1)?;
        let pattern = cx.pattern_of(&a[0])?;
        Ok(Value::from(pattern.replace(me, &to, false)?))
    };
    split : 1 .. 2 => {
        if let Value::Closure(_) = &a[0] { return Err(Fail::NoMethod); }
        let limit = if a.len() == 2 { a.int(1)? } else { 0 };
        let parts = Pattern::compile(&a.text(0)?, 0)?.split(me, limit)?;
        cx.charge(me.len())?;
        cx.charge_items(parts.len())?;
        Ok(Value::strings(parts))
    };
    matches : 1 .. 1 => { let pattern = cx.pattern_of(&a[0])?; pattern.matches(me).map(Value::Bool) };
    trim : 0 .. 0 => Ok(Value::from(trim_java(me)));
    strip : 0 .. 0 => Ok(Value::from(me.trim()));
    stripLeading : 0 .. 0 => Ok(Value::from(me.trim_start()));
    stripTrailing : 0 .. 0 => Ok(Value::from(me.trim_end()));
    toUpperCase : 0 .. 1 => Ok(Value::from(me.to_uppercase()));
    toLowerCase : 0 .. 1 => Ok(Value::from(me.to_lowercase()));
    getBytes : 0 .. 1 => {
        let bytes = if a.is_empty() { me.as_bytes().to_vec() } else { let charset = cx.java_text(&a[0])?; encode(me, &charset)? };
        cx.charge(bytes.len())?;
        Ok(Value::bytes(bytes))
    };
    toCharArray | getChars : 0 .. 0 => { cx.charge_items(me.len())?; Ok(Value::array("char", me.encode_utf16().map(Value::Char).collect())) };
    chars : 0 .. 0 => Ok(crate::library::iterable::stream(me.encode_utf16().map(|c| Value::Int(i32::from(c))).collect()));
    repeat : 1 .. 1 => {
        let times = a.int(0)?;
        if times < 0 { return Err(throw("java.lang.IllegalArgumentException", format!("count is negative: {times}"))); }
        cx.charge(me.len().saturating_mul(times as usize))?;
        Ok(Value::from(me.repeat(times as usize)))
    };
    lines : 0 .. 0 => Ok(crate::library::iterable::stream(me.lines().map(Value::from).collect()));
    formatted : 0 .. 20 => crate::library::format::format(cx, me, &a).map(Value::from);
    regionMatches : 4 .. 5 => {
        let at = a.len() - 4;
        let fold = at == 1 && a.bool(0)?;
        let (to, other, from, len) = (a.int(at)?, a.text(at + 1)?, a.int(at + 2)?, i64::from(a.int(at + 3)?));
        let x = slice(me, i64::from(to), i64::from(to) + len).ok();
        let y = slice(&other, i64::from(from), i64::from(from) + len).ok();
        Ok(Value::Bool(match (x, y) { (Some(x), Some(y)) => x == y || fold && x.to_lowercase() == y.to_lowercase(), _ => false }))
    };
}

impl Interp<'_> {
    /// Whether a text is ASCII, whose places in Java's units are those of its bytes. A script that walks through a long text asks
    /// this of it for each place, so the last such text is remembered.
    fn is_ascii(&mut self, text: &Arc<str>) -> bool {
        if text.len() < LONG {
            return text.is_ascii();
        }
        let known = self.long_ascii.as_ref();
        if known.is_some_and(|known| Arc::ptr_eq(known, text)) {
            return true;
        }
        let ascii = text.is_ascii();
        if ascii {
            self.long_ascii = Some(text.clone());
        }
        ascii
    }

    /// A `CharSequence` argument.
    pub(crate) fn text_arg(&mut self, a: Args<'_>, index: usize) -> Run<Arc<str>> {
        match a.0.get(index) {
            Some(value) if value.as_text().is_some() => self.text(value),
            Some(value) if value.native::<crate::library::builder::Builder>().is_some() => {
                self.text(value)
            }
            _ => Err(Fail::NoMethod),
        }
    }

    /// A pattern, or the text of one.
    pub(crate) fn pattern_of(&mut self, value: &Value) -> Run<Pattern> {
        match value.native::<Pattern>() {
            Some(pattern) => Ok(pattern.clone()),
            None => match value.as_text() {
                Some(text) => Pattern::compile(text, 0),
                None => Err(Fail::NoMethod),
            },
        }
    }
}

fn bad_charset(charset: &str) -> Fail {
    throw("java.io.UnsupportedEncodingException", charset)
}

/// A text as bytes of a charset; characters it lacks become `?`.
pub(crate) fn encode(text: &str, charset: &str) -> Run<Vec<u8>> {
    match charset.to_ascii_uppercase().as_str() {
        "UTF-8" | "UTF8" => Ok(text.as_bytes().to_vec()),
        "US-ASCII" | "ASCII" => Ok(text
            .chars()
            .map(|c| if c.is_ascii() { c as u8 } else { b'?' })
            .collect()),
        "ISO-8859-1" | "ISO8859_1" | "LATIN1" => Ok(text
            .chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
            .collect()),
        "UTF-16" => Ok([0xfe, 0xff]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_be_bytes))
            .collect()),
        "UTF-16BE" => Ok(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        "UTF-16LE" => Ok(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        _ => match encoding_rs::Encoding::for_label(charset.as_bytes()) {
            Some(encoding) => Ok(encoding.encode(text).0.into_owned()),
            None => Err(bad_charset(charset)),
        },
    }
}

/// The text of bytes in a charset.
pub(crate) fn decode(bytes: &[u8], charset: &str) -> Run<String> {
    match charset.to_ascii_uppercase().as_str() {
        "" | "UTF-8" | "UTF8" => Ok(String::from_utf8_lossy(bytes).into_owned()),
        "ISO-8859-1" | "ISO8859_1" | "LATIN1" => Ok(bytes.iter().map(|b| char::from(*b)).collect()),
        "UTF-16" => {
            let (little, rest) = match bytes {
                [0xff, 0xfe, rest @ ..] => (true, rest),
                [0xfe, 0xff, rest @ ..] => (false, rest),
                rest => (false, rest),
            };
            let encoding = if little {
                encoding_rs::UTF_16LE
            } else {
                encoding_rs::UTF_16BE
            };
            Ok(encoding.decode_without_bom_handling(rest).0.into_owned())
        }
        _ => match encoding_rs::Encoding::for_label(charset.as_bytes()) {
            Some(encoding) => Ok(encoding.decode_without_bom_handling(bytes).0.into_owned()),
            None => Err(bad_charset(charset)),
        },
    }
}

fn new(cx: &mut Interp<'_>, _class: &'static ClassInfo, a: Args<'_>) -> Run {
    match &a[..] {
        [] => Ok(Value::from("")),
        [Value::Array(array)] | [Value::Array(array), _] if &*array.element == "byte" => {
            let charset = if a.len() == 2 {
                cx.java_text(&a[1])?
            } else {
                Arc::from("UTF-8")
            };
            let bytes = array.bytes().unwrap_or_default();
            cx.charge(bytes.len())?;
            Ok(Value::from(decode(&bytes, &charset)?))
        }
        [Value::Array(array)] if &*array.element == "char" => chars_text(array),
        // A new object each time: BeanShell tells them apart.
        [text]
            if text.as_text().is_some()
                || text.native::<crate::library::builder::Builder>().is_some() =>
        {
            let text = cx.text(text)?;
            Ok(Value::Str(Arc::from(&*text)))
        }
        [
            Value::Array(array),
            Value::Int(from),
            Value::Int(count),
            rest @ ..,
        ] if &*array.element == "byte" => {
            let bytes = array.bytes().unwrap_or_default();
            let (from, to) = (
                *from as usize,
                (*from as usize).saturating_add(*count as usize),
            );
            let charset = match rest.first() {
                Some(charset) => cx.java_text(charset)?,
                None => Arc::from("UTF-8"),
            };
            match bytes.get(from..to) {
                Some(part) => Ok(Value::from(decode(part, &charset)?)),
                None => Err(throw(
                    "java.lang.StringIndexOutOfBoundsException",
                    format!("offset {from}, count {count}, length {}", bytes.len()),
                )),
            }
        }
        _ => Err(Fail::NoMethod),
    }
}

fn chars_text(array: &crate::value::Array) -> Run {
    let units: Vec<u16> = array
        .items()
        .iter()
        .filter_map(Value::as_int)
        .map(|c| c as u16)
        .collect();
    Ok(Value::from(String::from_utf16_lossy(&units)))
}

methods! {
    fn call_static(cx, me: &'static ClassInfo, a, name) -> STATICS;
    valueOf | copyValueOf : 1 .. 1 => match &a[0] {
        Value::Array(array) if &*array.element == "char" => chars_text(array),
        value => cx.java_text(value).map(Value::Str),
    };
    format : 1 .. 40 => {
        let from = usize::from(a[0].native::<crate::library::format::Locale>().is_some());
        // BeanShell passes no list of arguments as an array of its own.
        if cx.beanshell() && a.len() > from + 1 && !(a.len() == from + 2 && matches!(a[from + 1], Value::Array(_))) { return Err(Fail::NoMethod); }
        let pattern = cx.text_arg(a, from)?;
        let rest = match &a[from + 1..] {
            [Value::Array(array)] if &*array.element != "byte" => array.items(),
            rest => rest.to_vec(),
        };
        crate::library::format::format(cx, &pattern, &rest).map(Value::from)
    };
    join : 2 .. 40 => {
        let separator = a.text(0)?;
        let items = if a.len() == 2 && a[1].as_text().is_none() { cx.items(&a[1])? } else { a[1..].to_vec() };
        let mut out = Vec::new();
        for item in &items { out.push(cx.java_text(item)?); }
        Ok(Value::from(out.join(&*separator)))
    };
}

fn fields(name: &str) -> Option<Value> {
    (name == "CASE_INSENSITIVE_ORDER").then_some(Value::Null)
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("java.lang.CharSequence"),
    ClassInfo::named("java.lang.String")
        .parents(&[
            "java.lang.CharSequence",
            "java.lang.Comparable",
            "java.io.Serializable",
        ])
        .constructor(new)
        .statics(call_static, STATICS)
        .fields(fields)
        .methods(&[METHODS, crate::library::string_gdk::METHODS]),
    ClassInfo::named("groovy.lang.GString")
        .parents(&["java.lang.CharSequence", "java.lang.Comparable"]),
    ClassInfo::named("org.codehaus.groovy.runtime.GStringImpl").parents(&["groovy.lang.GString"]),
];

/// The bytes that a value stands for as data: an array as it is, anything else as text.
pub(crate) fn data_bytes(cx: &mut Interp<'_>, value: &Value) -> Run<Vec<u8>> {
    match value {
        Value::Array(array) if array.bytes().is_some() => Ok(array.bytes().unwrap_or_default()),
        other => Ok(cx.java_text(other)?.as_bytes().to_vec()),
    }
}

impl Value {
    /// The bytes of a `byte[]`.
    #[must_use]
    pub fn as_bytes(&self) -> Option<Vec<u8>> {
        match self {
            Value::Array(array) => match &*lock(&array.data) {
                crate::value::ArrayData::Bytes(bytes) => Some(bytes.clone()),
                crate::value::ArrayData::Values(_) => None,
            },
            _ => None,
        }
    }

    /// A `byte[]`.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Value {
        Value::bytes(bytes)
    }
}
