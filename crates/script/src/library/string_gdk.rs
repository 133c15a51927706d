//! What Groovy adds to strings.

use std::sync::Arc;

use crate::fail::{Fail, Run};
use crate::library::string::{byte_at, length, slice};
use crate::library::throwable::throw;
use crate::name::methods;
use crate::number;
use crate::value::Value;

fn number_format(text: &str) -> Fail {
    throw(
        "java.lang.NumberFormatException",
        format!("For input string: \"{text}\""),
    )
}

fn integer(text: &str, long: bool) -> Run<i64> {
    let text = text.trim();
    number::parse_integer(text, 10, long).ok_or_else(|| number_format(text))
}

fn pad(
    cx: &mut crate::interp::Interp<'_>,
    me: &str,
    a: crate::args::Args<'_>,
    left: bool,
    right: bool,
) -> Run {
    let width = a.int(0)?.max(0) as usize;
    let with = if a.len() == 2 {
        a.text(1)?
    } else {
        Arc::from(" ")
    };
    let missing = width.saturating_sub(length(me));
    cx.charge(width)?;
    let (before, after) = match (left, right) {
        (true, true) => (missing / 2, missing - missing / 2),
        (true, false) => (missing, 0),
        _ => (0, missing),
    };
    let fill = |n: usize| -> String {
        with.chars()
            .cycle()
            .take(if with.is_empty() { 0 } else { n })
            .collect()
    };
    Ok(Value::from(format!("{}{me}{}", fill(before), fill(after))))
}

fn letters(me: &str) -> Vec<Value> {
    me.chars().map(|c| Value::from(c.to_string())).collect()
}

fn list_of(items: impl IntoIterator<Item = String>) -> Value {
    Value::list(items.into_iter().map(Value::from).collect())
}

/// A text with spaces up to the next multiple of `stop` in place of each tab.
fn expanded(text: &str, stop: usize) -> String {
    let mut out = String::new();
    let mut column = 0;
    for letter in text.chars() {
        let width = if letter == '\t' {
            stop - column % stop
        } else {
            1
        };
        match letter {
            '\t' => out.extend(std::iter::repeat_n(' ', width)),
            _ => out.push(letter),
        }
        column = if letter == '\n' { 0 } else { column + width };
    }
    out
}

methods! {
    fn call(cx, me: &Arc<str>, a, name) -> METHODS;
    size : 0 .. 0 => Ok(Value::from(length(me)));
    toInteger : 0 .. 0 => integer(me, false).map(|v| Value::Int(v as i32));
    toLong : 0 .. 0 => integer(me, true).map(Value::Long);
    toShort : 0 .. 0 => integer(me, false).map(|v| Value::Short(v as i16));
    toDouble : 0 .. 0 => number::parse_double(me).map(Value::Double).ok_or_else(|| number_format(me));
    toFloat : 0 .. 0 => number::parse_double(me).map(|v| Value::Float(v as f32)).ok_or_else(|| number_format(me));
    toBigDecimal : 0 .. 0 => crate::decimal::Decimal::parse(me.trim()).map(Value::decimal).ok_or_else(|| crate::library::throwable::throw_plain("java.lang.NumberFormatException"));
    toBigInteger : 0 .. 0 => num_bigint::BigInt::parse_bytes(me.trim().as_bytes(), 10).map(Value::big).ok_or_else(|| number_format(me));
    toBoolean : 0 .. 0 => Ok(Value::Bool(matches!(me.trim().to_lowercase().as_str(), "true" | "y" | "1")));
    isNumber | isBigDecimal : 0 .. 0 => Ok(Value::Bool(crate::decimal::Decimal::parse(me.trim()).is_some()));
    isDouble | isFloat : 0 .. 0 => Ok(Value::Bool(number::parse_double(me).is_some()));
    isInteger : 0 .. 0 => Ok(Value::Bool(number::parse_integer(me.trim(), 10, false).is_some()));
    isLong : 0 .. 0 => Ok(Value::Bool(number::parse_integer(me.trim(), 10, true).is_some()));
    isBigInteger : 0 .. 0 => Ok(Value::Bool(num_bigint::BigInt::parse_bytes(me.trim().as_bytes(), 10).is_some()));
    isAllWhitespace : 0 .. 0 => Ok(Value::Bool(me.trim().is_empty()));
    padLeft : 1 .. 2 => pad(cx, me, a, true, false);
    padRight : 1 .. 2 => pad(cx, me, a, false, true);
    center : 1 .. 2 => pad(cx, me, a, true, true);
    reverse : 0 .. 0 => Ok(Value::from(me.chars().rev().collect::<String>()));
    capitalize : 0 .. 0 => { let mut c = me.chars(); Ok(Value::from(c.next().map_or_else(String::new, |f| f.to_uppercase().collect::<String>() + c.as_str()))) };
    uncapitalize : 0 .. 0 => { let mut c = me.chars(); Ok(Value::from(c.next().map_or_else(String::new, |f| f.to_lowercase().collect::<String>() + c.as_str()))) };
    take : 1 .. 1 => Ok(Value::from(&me[..byte_at(me, a.int(0)?.max(0) as usize)]));
    drop : 1 .. 1 => Ok(Value::from(&me[byte_at(me, a.int(0)?.max(0) as usize)..]));
    takeRight : 1 .. 1 => Ok(Value::from(&me[byte_at(me, length(me).saturating_sub(a.int(0)?.max(0) as usize))..]));
    dropRight : 1 .. 1 => Ok(Value::from(&me[..byte_at(me, length(me).saturating_sub(a.int(0)?.max(0) as usize))]));
    takeBefore : 1 .. 1 => { let n = a.text(0)?; Ok(Value::from(me.split_once(&*n).map_or("", |(b, _)| b))) };
    takeAfter : 1 .. 1 => { let n = a.text(0)?; Ok(Value::from(me.split_once(&*n).map_or("", |(_, b)| b))) };
    takeBetween : 1 .. 2 => {
        let (from, to) = (a.text(0)?, a.text(a.len() - 1)?);
        Ok(Value::from(me.split_once(&*from).and_then(|(_, rest)| rest.split_once(&*to)).map_or("", |(b, _)| b)))
    };
    takeWhile | dropWhile : 1 .. 1 => {
        let f = a.closure(0)?;
        let mut at = me.len();
        for (i, c) in me.char_indices() {
            if !cx.call_item_truth(f, &Value::from(c.to_string()))? { at = i; break; }
        }
        Ok(Value::from(if name == crate::name::symbol("takeWhile") { &me[..at] } else { &me[at..] }))
    };
    tokenize : 0 .. 1 => {
        let separators = if a.is_empty() { Arc::from(" \t\n\r\u{c}") } else { match &a[0] { Value::Char(c) => Arc::from(String::from_utf16_lossy(&[*c])), _ => a.text(0)? } };
        cx.charge(me.len())?;
        Ok(list_of(me.split(|c| separators.contains(c)).filter(|part| !part.is_empty()).map(str::to_owned)))
    };
    split : 0 .. 1 => {
        if let Some(Value::Closure(_)) = a.0.first() {
            let items = letters(me);
            return crate::library::iterable::call(cx, &Value::list(items), name, a);
        }
        if !a.is_empty() { return Err(Fail::NoMethod); }
        Ok(Value::strings(me.split_whitespace().map(str::to_owned)))
    };
    find : 1 .. 2 => {
        if let Value::Closure(_) = &a[0] { return crate::library::iterable::call(cx, &Value::list(letters(me)), name, a); }
        let pattern = cx.pattern_of(&a[0])?;
        crate::library::regex::find_first(cx, &pattern, me, a.0.get(1))
    };
    findAll : 1 .. 2 => {
        if let Value::Closure(_) = &a[0] { return crate::library::iterable::call(cx, &Value::list(letters(me)), name, a); }
        let pattern = cx.pattern_of(&a[0])?;
        crate::library::regex::find_all(cx, &pattern, me, a.0.get(1))
    };
    eachMatch : 2 .. 2 => {
        let pattern = cx.pattern_of(&a[0])?;
        crate::library::regex::find_all(cx, &pattern, me, a.0.get(1))?;
        Ok(Value::Str(me.clone()))
    };
    eachLine : 1 .. 2 => {
        let f = a.closure(a.len() - 1)?;
        let mut last = Value::Null;
        for (i, line) in me.lines().enumerate() {
            let first = if a.len() == 2 { a.int(0)? } else { 0 };
            let args = [Value::from(line), Value::Int(first + i as i32)];
            last = cx.call_closure(f, if f.function.params.len() == 2 { &args } else { &args[..1] })?;
        }
        Ok(last)
    };
    readLines : 0 .. 0 => Ok(list_of(me.lines().map(str::to_owned)));
    each | collect | any | every | eachWithIndex | collectMany | inject | groupBy | countBy | findIndexOf | withIndex | collectEntries | sum | toSet | sort | unique | permutations : 0 .. 3 => {
        let out = crate::library::iterable::call(cx, &Value::list(letters(me)), name, a)?;
        let returns_itself = name == crate::name::symbol("each") || name == crate::name::symbol("eachWithIndex");
        Ok(if returns_itself { Value::Str(me.clone()) } else { out })
    };
    toList | getChars_ : 0 .. 0 => { cx.charge_items(me.len())?; Ok(Value::list(letters(me))) };
    getChars : 0 .. 0 => Ok(Value::array("char", me.encode_utf16().map(Value::Char).collect()));
    toCharacter : 0 .. 0 => Ok(me.encode_utf16().next().map_or(Value::Null, Value::Char));
    asBoolean : 0 .. 0 => Ok(Value::Bool(!me.is_empty()));
    count : 1 .. 1 => {
        if let Value::Closure(_) = &a[0] { return crate::library::iterable::call(cx, &Value::list(letters(me)), name, a); }
        let needle = a.text(0)?;
        Ok(Value::from(if needle.is_empty() { 0 } else { me.matches(&*needle).count() }))
    };
    minus : 1 .. 1 => {
        if a[0].native::<crate::library::regex::Pattern>().is_some() {
            let pattern = cx.pattern_of(&a[0])?;
            return Ok(Value::from(pattern.replace(me, "", false)?));
        }
        let gone = cx.text(&a[0])?;
        Ok(Value::from(me.replacen(&*gone, "", 1)))
    };
    plus : 1 .. 1 => cx.concat(&Value::Str(me.clone()), &a[0]);
    multiply : 1 .. 1 => {
        let times = number::to_i64(&a[0]);
        if times < 0 { return Err(throw("java.lang.IllegalArgumentException", format!("multiply() should be called with a number of 0 or greater not: {times}"))); }
        cx.charge(me.len().saturating_mul(times as usize))?;
        Ok(Value::from(me.repeat(times as usize)))
    };
    next | previous : 0 .. 0 => {
        let up = name == crate::name::symbol("next");
        let mut chars: Vec<char> = me.chars().collect();
        match chars.pop() {
            None => Ok(Value::from("\u{0}")),
            Some(c) => {
                let code = if up { u32::from(c) + 1 } else { u32::from(c).saturating_sub(1) };
                chars.push(char::from_u32(code).unwrap_or(c));
                Ok(Value::from(chars.into_iter().collect::<String>()))
            }
        }
    };
    tr : 2 .. 2 => {
        let (from, to) = (expand(&a.text(0)?), expand(&a.text(1)?));
        let Some(last) = to.last().copied() else { return Ok(Value::Str(me.clone())) };
        Ok(Value::from(me.chars().map(|c| from.iter().position(|f| *f == c).map_or(c, |i| to.get(i).copied().unwrap_or(last))).collect::<String>()))
    };
    md5 : 0 .. 0 => Ok(Value::from(crate::library::encoding::hex(&crate::library::digest::digest("MD5", me.as_bytes())?)));
    sha256 : 0 .. 0 => Ok(Value::from(crate::library::encoding::hex(&crate::library::digest::digest("SHA-256", me.as_bytes())?)));
    digest : 1 .. 1 => Ok(Value::from(crate::library::encoding::hex(&crate::library::digest::digest(&a.text(0)?, me.as_bytes())?)));
    decodeBase64 | decodeBase64Url : 0 .. 0 => crate::library::encoding::lenient_base64(me).map(Value::bytes);
    expand : 0 .. 1 => { let stop = if a.is_empty() { 8 } else { a.int(0)?.max(1) as usize }; let text = expanded(me, stop); cx.charge(text.len())?; Ok(Value::from(text)) };
    decodeHex : 0 .. 0 => crate::library::encoding::unhex(me).map(Value::bytes);
    encodeAsBase64 : 0 .. 0 => Ok(Value::from(crate::library::encoding::base64_text(me.as_bytes())));
    toURI | toURL : 0 .. 0 => crate::library::uri::uri(me);
    stripIndent : 0 .. 0 => {
        let indent = me.lines().filter(|l| !l.trim().is_empty()).map(|l| l.len() - l.trim_start().len()).min().unwrap_or(0);
        Ok(Value::from(me.split('\n').map(|l| l.get(indent..).unwrap_or("")).collect::<Vec<_>>().join("\n")))
    };
    stripMargin : 0 .. 1 => {
        let mark = if a.is_empty() { Arc::from("|") } else { cx.text(&a[0])? };
        Ok(Value::from(me.split('\n').map(|l| l.trim_start().strip_prefix(&*mark).unwrap_or(l)).collect::<Vec<_>>().join("\n")))
    };
    denormalize | normalize : 0 .. 0 => Ok(Value::from(me.replace("\r\n", "\n").replace('\r', "\n")));
    leftShift : 1 .. 1 => { let more = cx.text(&a[0])?; Ok(crate::library::builder::buffer(format!("{me}{more}"))) };
    containsIgnoreCase : 1 .. 1 => Ok(Value::Bool(me.to_lowercase().contains(&a.text(0)?.to_lowercase())));
    startsWithIgnoreCase : 1 .. 1 => Ok(Value::Bool(me.to_lowercase().starts_with(&a.text(0)?.to_lowercase())));
    endsWithIgnoreCase : 1 .. 1 => Ok(Value::Bool(me.to_lowercase().ends_with(&a.text(0)?.to_lowercase())));
    getAt : 1 .. 1 => text_at(cx, me, &a[0]);
    isCase : 1 .. 1 => { let other = cx.text(&a[0])?; Ok(Value::Bool(other == *me)) };
    first | head : 0 .. 0 => Ok(Value::from(me.chars().next().map_or_else(String::new, |c| c.to_string())));
    last : 0 .. 0 => Ok(Value::from(me.chars().last().map_or_else(String::new, |c| c.to_string())));
    join : 1 .. 1 => { let separator = a.text(0)?; Ok(Value::from(me.chars().map(|c| c.to_string()).collect::<Vec<_>>().join(&separator))) };
}

fn expand(text: &str) -> Vec<char> {
    let chars: Vec<char> = text.chars().collect();
    let mut out = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        if i + 2 < chars.len() && chars[i + 1] == '-' && chars[i] <= chars[i + 2] {
            out.extend(chars[i]..=chars[i + 2]);
            i += 3;
        } else {
            out.push(chars[i]);
            i += 1;
        }
    }
    out
}

fn text_at(cx: &mut crate::interp::Interp<'_>, me: &str, key: &Value) -> Run {
    let total = length(me) as i64;
    match key {
        Value::Range(range) => {
            let Some((from, to)) = crate::interp::range_places(range, total) else {
                return Ok(Value::from(""));
            };
            let text = slice(me, from.min(to), from.max(to) + 1)?;
            Ok(Value::from(if from > to {
                text.chars().rev().collect()
            } else {
                text
            }))
        }
        Value::List(_) => {
            let mut out = String::new();
            for at in cx.items(key)? {
                out.push_str(&cx.text_of_at(me, &at)?);
            }
            Ok(Value::from(out))
        }
        _ => {
            let at = key.as_int().ok_or(Fail::NoMethod)?;
            let at = if at < 0 {
                i64::from(at) + total
            } else {
                i64::from(at)
            };
            slice(me, at, at + 1).map(Value::from)
        }
    }
}

impl crate::interp::Interp<'_> {
    fn text_of_at(&mut self, me: &str, at: &Value) -> Run<Arc<str>> {
        let part = text_at(self, me, at)?;
        self.text(&part)
    }
}
