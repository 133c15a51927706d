//! `Integer`, `Double`, `Boolean`, `Character` and the other classes of primitive values: reading, writing, constants.
//!
//! Not here: the methods of their objects (see [`super::number`]).

use super::number::{METHODS, NUMBER};
use crate::args::Args;
use crate::ast::BinaryOp;
use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::throwable::{throw, throw_plain};
use crate::name::{methods, symbol};
use crate::number::{self, to_f64};
use crate::value::Value;

pub(crate) fn boxed_name(primitive: &str) -> &'static str {
    match primitive {
        "int" => "java.lang.Integer",
        "long" => "java.lang.Long",
        "double" => "java.lang.Double",
        "float" => "java.lang.Float",
        "char" => "java.lang.Character",
        "byte" => "java.lang.Byte",
        "short" => "java.lang.Short",
        _ => "java.lang.Boolean",
    }
}

pub(super) fn character(name: u64, value: &Value) -> Run {
    let unit = value.as_int().ok_or(Fail::NoMethod)?;
    let c = char::from_u32(unit as u32).unwrap_or('\u{fffd}');
    let wrap = |c: Option<char>| {
        if matches!(value, Value::Char(_)) {
            Value::Char(c.map_or(0, |c| c as u32 as u16))
        } else {
            Value::Int(c.map_or(0, |c| c as i32))
        }
    };
    Ok(match name {
        n if n == symbol("isDigit") => Value::Bool(c.is_numeric()),
        n if n == symbol("isLetter") || n == symbol("isAlphabetic") => {
            Value::Bool(c.is_alphabetic())
        }
        n if n == symbol("isLetterOrDigit") => Value::Bool(c.is_alphanumeric()),
        n if n == symbol("isUpperCase") => Value::Bool(c.is_uppercase()),
        n if n == symbol("isLowerCase") => Value::Bool(c.is_lowercase()),
        n if n == symbol("isWhitespace") || n == symbol("isSpaceChar") => {
            Value::Bool(c.is_whitespace())
        }
        n if n == symbol("toUpperCase") => wrap(c.to_uppercase().next()),
        n if n == symbol("toLowerCase") => wrap(c.to_lowercase().next()),
        _ => return Err(Fail::NoMethod),
    })
}

pub(super) fn bad_number(text: Option<&str>, radix: u32) -> Fail {
    match text {
        None => throw(
            "java.lang.NumberFormatException",
            "Cannot parse null string",
        ),
        Some(text) if radix != 10 => throw(
            "java.lang.NumberFormatException",
            format!("For input string: \"{text}\" under radix {radix}"),
        ),
        Some(text) => throw(
            "java.lang.NumberFormatException",
            format!("For input string: \"{text}\""),
        ),
    }
}

fn radix_text(value: i64, radix: i32) -> String {
    num_bigint::BigInt::from(value).to_str_radix(if (2..=36).contains(&radix) {
        radix as u32
    } else {
        10
    })
}

methods! {
    fn integer_static(cx, me: &'static ClassInfo, a, name) -> INTEGER_STATICS;
    parseInt | parseLong | parseShort | parseByte | valueOf | decode | parseUnsignedInt : 1 .. 2 => {
        let kind = me.name;
        let wrap = |v: i64| match kind { "java.lang.Long" => Value::Long(v), "java.lang.Short" => Value::Short(v as i16), "java.lang.Byte" => Value::Byte(v as i8), _ => Value::Int(v as i32) };
        if a[0].as_long().is_some() && name == symbol("valueOf") { return Ok(wrap(a.long(0)?)); }
        let radix = if a.len() == 2 { a.int(1)? as u32 } else { 10 };
        let Some(text) = a.nullable_text(0)? else { return Err(bad_number(None, radix)) };
        if name == symbol("decode") {
            let sign = if text.starts_with('-') { "-" } else { "" };
            let digits = text.trim_start_matches(['-', '+']);
            let hex = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")).or_else(|| digits.strip_prefix('#'));
            let (digits, radix) = match hex { Some(hex) => (hex, 16), None if digits.len() > 1 && digits.starts_with('0') => (&digits[1..], 8), None => (digits, 10) };
            let value = number::parse_integer(&format!("{sign}{digits}"), radix, kind == "java.lang.Long");
            return value.map(wrap).ok_or_else(|| bad_number(Some(&text), radix));
        }
        if !(2..=36).contains(&radix) { return Err(bad_number(Some(&text), radix)); }
        match number::parse_integer(&text, radix, kind == "java.lang.Long") {
            Some(v) => Ok(wrap(v)),
            None => Err(bad_number(Some(&text), radix)),
        }
    };
    toString : 1 .. 2 => { let radix = if a.len() == 2 { a.int(1)? } else { 10 }; Ok(Value::from(radix_text(a.long(0)?, radix))) };
    toHexString : 1 .. 1 => Ok(Value::from(if me.name == "java.lang.Long" { format!("{:x}", a.long(0)?) } else { format!("{:x}", a.int(0)?) }));
    toBinaryString : 1 .. 1 => Ok(Value::from(if me.name == "java.lang.Long" { format!("{:b}", a.long(0)?) } else { format!("{:b}", a.int(0)?) }));
    toOctalString : 1 .. 1 => Ok(Value::from(if me.name == "java.lang.Long" { format!("{:o}", a.long(0)?) } else { format!("{:o}", a.int(0)?) }));
    compare : 2 .. 2 => Ok(Value::Int(a.long(0)?.cmp(&a.long(1)?) as i32));
    max : 2 .. 2 => Ok(if a.long(0)? >= a.long(1)? { a.value(0) } else { a.value(1) });
    min : 2 .. 2 => Ok(if a.long(0)? <= a.long(1)? { a.value(0) } else { a.value(1) });
    sum : 2 .. 2 => number::groovy(BinaryOp::Add, &a[0], &a[1]);
    signum : 1 .. 1 => Ok(Value::Int(a.long(0)?.signum() as i32));
    hashCode : 1 .. 1 => Ok(Value::Int(crate::equality::java_hash(&a[0])));
    bitCount : 1 .. 1 => Ok(Value::Int(if let Value::Long(v) = a[0] { v.count_ones() } else { a.int(0)?.count_ones() } as i32));
    toUnsignedInt : 1 .. 1 => Ok(Value::Int(if let Value::Byte(b) = a[0] { i32::from(b as u8) } else { a.int(0)? & 0xffff }));
    reverse : 1 .. 1 => Ok(match a[0] { Value::Long(v) => Value::Long(v.reverse_bits()), _ => Value::Int(a.int(0)?.reverse_bits()) });
}

methods! {
    fn float_static(cx, me: &'static ClassInfo, a, name) -> FLOAT_STATICS;
    parseDouble | parseFloat | valueOf : 1 .. 1 => {
        let single = me.name == "java.lang.Float";
        let value = if a[0].is_number() { to_f64(&a[0]) } else {
            let Some(text) = a.nullable_text(0)? else { return Err(throw_plain("java.lang.NullPointerException")) };
            match number::parse_double(&text) {
                Some(v) => v,
                None if text.trim().is_empty() => return Err(throw("java.lang.NumberFormatException", "empty String")),
                None => return Err(bad_number(Some(&text), 10)),
            }
        };
        Ok(if single { Value::Float(value as f32) } else { Value::Double(value) })
    };
    toString : 1 .. 1 => Ok(Value::from(if me.name == "java.lang.Float" { crate::text::float_text(a.double(0)? as f32) } else { crate::text::double_text(a.double(0)?) }));
    compare : 2 .. 2 => Ok(Value::Int(number::compare(&Value::Double(a.double(0)?), &Value::Double(a.double(1)?)).map_or(0, |o| o as i32)));
    isNaN : 1 .. 1 => Ok(Value::Bool(a.double(0)?.is_nan()));
    isInfinite : 1 .. 1 => Ok(Value::Bool(a.double(0)?.is_infinite()));
    isFinite : 1 .. 1 => Ok(Value::Bool(a.double(0)?.is_finite()));
    max : 2 .. 2 => Ok(Value::Double(a.double(0)?.max(a.double(1)?)));
    min : 2 .. 2 => Ok(Value::Double(a.double(0)?.min(a.double(1)?)));
    sum : 2 .. 2 => Ok(Value::Double(a.double(0)? + a.double(1)?));
    doubleToLongBits : 1 .. 1 => Ok(Value::Long(a.double(0)?.to_bits() as i64));
}

methods! {
    fn boolean_static(cx, me: &'static ClassInfo, a, name) -> BOOLEAN_STATICS;
    parseBoolean | valueOf : 1 .. 1 => Ok(match &a[0] { Value::Bool(v) => Value::Bool(*v), _ => Value::Bool(a.nullable_text(0)?.is_some_and(|t| t.eq_ignore_ascii_case("true"))) });
    toString : 1 .. 1 => Ok(Value::from(a.bool(0)?.to_string()));
    compare : 2 .. 2 => Ok(Value::Int(a.bool(0)?.cmp(&a.bool(1)?) as i32));
    logicalAnd : 2 .. 2 => Ok(Value::Bool(a.bool(0)? && a.bool(1)?));
    logicalOr : 2 .. 2 => Ok(Value::Bool(a.bool(0)? || a.bool(1)?));
}

methods! {
    fn character_static(cx, me: &'static ClassInfo, a, name) -> CHARACTER_STATICS;
    isDigit | isLetter | isAlphabetic | isLetterOrDigit | isUpperCase | isLowerCase | isWhitespace | isSpaceChar | toUpperCase | toLowerCase : 1 .. 1 => {
        let unit = match &a[0] { Value::Str(text) if text.chars().count() == 1 => Value::Char(text.encode_utf16().next().unwrap_or(0)), other => other.clone() };
        character(name, &unit)
    };
    getNumericValue : 1 .. 1 => Ok(Value::Int(char::from_u32(a.int(0)? as u32).and_then(|c| c.to_digit(36)).map_or(-1, |d| d as i32)));
    digit : 2 .. 2 => Ok(Value::Int(char::from_u32(a.int(0)? as u32).and_then(|c| c.to_digit((a.int(1).unwrap_or(10) as u32).clamp(2, 36))).map_or(-1, |d| d as i32)));
    forDigit : 2 .. 2 => Ok(Value::Char(char::from_digit(a.int(0)? as u32, (a.int(1)? as u32).clamp(2, 36)).map_or(0, |c| c as u32 as u16)));
    valueOf : 1 .. 1 => Ok(Value::Char(a.int(0)? as u16));
    toString : 1 .. 1 => Ok(Value::from(char::from_u32(a.int(0)? as u32).unwrap_or('\u{fffd}').to_string()));
    toChars : 1 .. 1 => Ok(Value::array("char", char::from_u32(a.int(0)? as u32).unwrap_or('\u{fffd}').to_string().encode_utf16().map(Value::Char).collect()));
    compare : 2 .. 2 => Ok(Value::Int(a.int(0)? - a.int(1)?));
}

fn integer_fields(name: &str) -> Option<Value> {
    match name {
        "MAX_VALUE" => Some(Value::Int(i32::MAX)),
        "MIN_VALUE" => Some(Value::Int(i32::MIN)),
        _ => None,
    }
}

fn long_fields(name: &str) -> Option<Value> {
    match name {
        "MAX_VALUE" => Some(Value::Long(i64::MAX)),
        "MIN_VALUE" => Some(Value::Long(i64::MIN)),
        _ => None,
    }
}

fn double_fields(name: &str) -> Option<Value> {
    Some(Value::Double(match name {
        "MAX_VALUE" => f64::MAX,
        "MIN_VALUE" => f64::from_bits(1),
        "NaN" => f64::NAN,
        "POSITIVE_INFINITY" => f64::INFINITY,
        "NEGATIVE_INFINITY" => f64::NEG_INFINITY,
        _ => return None,
    }))
}

fn float_fields(name: &str) -> Option<Value> {
    Some(Value::Float(match name {
        "MAX_VALUE" => f32::MAX,
        "MIN_VALUE" => f32::from_bits(1),
        "NaN" => f32::NAN,
        _ => return None,
    }))
}

fn boolean_fields(name: &str) -> Option<Value> {
    match name {
        "TRUE" => Some(Value::Bool(true)),
        "FALSE" => Some(Value::Bool(false)),
        _ => None,
    }
}

fn new_boxed(cx: &mut Interp<'_>, class: &'static ClassInfo, a: Args<'_>) -> Run {
    if a.len() != 1 {
        return Err(Fail::NoMethod);
    }
    let call = class.call.ok_or(Fail::NoMethod)?;
    call(cx, class, symbol("valueOf"), a)
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("java.lang.Integer")
        .parents(NUMBER)
        .constructor(new_boxed)
        .statics(integer_static, INTEGER_STATICS)
        .fields(integer_fields)
        .methods(&[METHODS]),
    ClassInfo::named("java.lang.Long")
        .parents(NUMBER)
        .constructor(new_boxed)
        .statics(integer_static, INTEGER_STATICS)
        .fields(long_fields)
        .methods(&[METHODS]),
    ClassInfo::named("java.lang.Short")
        .parents(NUMBER)
        .constructor(new_boxed)
        .statics(integer_static, INTEGER_STATICS)
        .methods(&[METHODS]),
    ClassInfo::named("java.lang.Byte")
        .parents(NUMBER)
        .constructor(new_boxed)
        .statics(integer_static, INTEGER_STATICS)
        .methods(&[METHODS]),
    ClassInfo::named("java.lang.Double")
        .parents(NUMBER)
        .constructor(new_boxed)
        .statics(float_static, FLOAT_STATICS)
        .fields(double_fields)
        .methods(&[METHODS]),
    ClassInfo::named("java.lang.Float")
        .parents(NUMBER)
        .constructor(new_boxed)
        .statics(float_static, FLOAT_STATICS)
        .fields(float_fields)
        .methods(&[METHODS]),
    ClassInfo::named("java.lang.Boolean")
        .parents(&["java.lang.Comparable"])
        .constructor(new_boxed)
        .statics(boolean_static, BOOLEAN_STATICS)
        .fields(boolean_fields)
        .methods(&[METHODS]),
    ClassInfo::named("java.lang.Character")
        .parents(&["java.lang.Comparable"])
        .constructor(new_boxed)
        .statics(character_static, CHARACTER_STATICS)
        .methods(&[METHODS]),
];
