//! Numbers, characters and booleans as objects, and `Math`.

use num_traits::{Signed, ToPrimitive, Zero};

use crate::args::Args;
use crate::ast::BinaryOp;
use crate::class::ClassInfo;
use crate::decimal::{Decimal, Rounding};
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::throwable::{throw, throw_plain};
use crate::name::{methods, symbol};
use crate::number::{self, Rank, rank, to_big, to_decimal, to_f64, to_i32, to_i64};
use crate::value::{Native, Value};

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

fn is_integral(value: &Value) -> bool {
    rank(value).is_some_and(|r| r <= Rank::Big)
}

fn arith(cx: &mut Interp<'_>, op: BinaryOp, me: &Value, a: Args<'_>) -> Run {
    if number::rank(me).is_none() || number::rank(&a[0]).is_none() {
        return Err(Fail::NoMethod);
    }
    // `add` of the big numbers is Java's; the operators' methods are Groovy's.
    let _ = &cx;
    number::groovy(op, me, &a[0])
}

fn rounding(value: Option<&Value>) -> Run<Rounding> {
    Ok(match value {
        None => Rounding::Unnecessary,
        Some(Value::Int(mode)) => match mode {
            0 => Rounding::Up,
            1 => Rounding::Down,
            2 => Rounding::Ceiling,
            3 => Rounding::Floor,
            4 => Rounding::HalfUp,
            5 => Rounding::HalfDown,
            6 => Rounding::HalfEven,
            _ => Rounding::Unnecessary,
        },
        Some(value) => value.native::<Mode>().map(|m| m.0).ok_or(Fail::NoMethod)?,
    })
}

fn needed() -> Fail {
    throw("java.lang.ArithmeticException", "Rounding necessary")
}

fn repeat(cx: &mut Interp<'_>, from: i64, to: i64, step: i64, long: bool, f: &Value) -> Run {
    let Value::Closure(f) = f else {
        return Err(Fail::NoMethod);
    };
    let mut at = from;
    while if step > 0 { at <= to } else { at >= to } {
        let value = if long {
            Value::Long(at)
        } else {
            Value::Int(at as i32)
        };
        cx.call_closure(f, &[value])?;
        match at.checked_add(step) {
            Some(next) => at = next,
            None => break,
        }
    }
    Ok(Value::Null)
}

/// `and`, `or` and `xor`, which the operators call where they do not know the operands themselves.
/// Source: `NumberMath.and` and its like of Groovy 3.
fn bits(cx: &mut Interp<'_>, op: BinaryOp, me: &Value, other: &Value) -> Run {
    if let Value::Bool(_) = me {
        return cx.binary(op, me, other);
    }
    number::groovy(op, me, other)
}

methods! {
    fn call(cx, me: &Value, a, name) -> METHODS;
    intValue | toInteger : 0 .. 0 => Ok(if let Value::Char(c) = me { Value::Int(i32::from(*c)) } else { Value::Int(to_i32(me)) });
    longValue | toLong : 0 .. 0 => Ok(Value::Long(to_i64(me)));
    doubleValue | toDouble : 0 .. 0 => Ok(Value::Double(to_f64(me)));
    floatValue | toFloat : 0 .. 0 => Ok(Value::Float(to_f64(me) as f32));
    shortValue : 0 .. 0 => Ok(Value::Short(to_i32(me) as i16));
    byteValue : 0 .. 0 => Ok(Value::Byte(to_i32(me) as i8));
    charValue : 0 .. 0 => if let Value::Char(_) = me { Ok(me.clone()) } else { Err(Fail::NoMethod) };
    booleanValue : 0 .. 0 => if let Value::Bool(_) = me { Ok(me.clone()) } else { Err(Fail::NoMethod) };
    intValueExact : 0 .. 0 => to_big(me).to_i32().map(Value::Int).ok_or_else(|| throw("java.lang.ArithmeticException", "Overflow"));
    longValueExact : 0 .. 0 => to_big(me).to_i64().map(Value::Long).ok_or_else(|| throw("java.lang.ArithmeticException", "Overflow"));
    toBigDecimal : 0 .. 0 => to_decimal(me).map(Value::decimal).ok_or(Fail::NoMethod);
    toBigInteger : 0 .. 0 => Ok(Value::big(to_big(me)));
    equals : 1 .. 1 => Ok(Value::Bool(crate::equality::java_equals(me, &a[0])));
    compareTo : 1 .. 1 => number::compare(me, &a[0]).or_else(|| crate::equality::natural_order(me, &a[0])).map(|o| Value::Int(o as i32)).ok_or(Fail::NoMethod);
    abs : 0 .. 0 => Ok(match me {
        Value::Int(v) => Value::Int(v.wrapping_abs()),
        Value::Long(v) => Value::Long(v.wrapping_abs()),
        Value::Big(v) => Value::big(v.abs()),
        Value::Decimal(v) => Value::decimal(Decimal::new(v.0.unscaled.abs(), v.0.scale)),
        Value::Float(v) => Value::Float(v.abs()),
        Value::Double(v) => Value::Double(v.abs()),
        other => other.clone(),
    });
    round : 0 .. 1 => match (me, a.0) {
        (Value::Decimal(v), []) => number::round_decimal(&v.0, 0).map(Value::decimal).ok_or_else(needed),
        (Value::Decimal(v), [Value::Int(places)]) => number::round_decimal(&v.0, *places).map(Value::decimal).ok_or_else(needed),
        (Value::Double(v), []) => Ok(Value::Long(number::round(*v))),
        (Value::Float(v), []) => Ok(Value::Int(number::round(f64::from(*v)) as i32)),
        (Value::Double(_) | Value::Float(_), [Value::Int(places)]) => { let f = 10f64.powi(*places); let v = (to_f64(me) * f + 0.5).floor() / f; Ok(if matches!(me, Value::Float(_)) { Value::Float(v as f32) } else { Value::Double(v) }) }
        (_, []) => Ok(Value::Int(to_i32(me))),
        _ => Err(Fail::NoMethod),
    };
    trunc | truncate : 0 .. 1 => match (me, a.0) {
        (Value::Decimal(v), rest) => v.0.set_scale(rest.first().and_then(Value::as_int).unwrap_or(0), Rounding::Down).map(Value::decimal).ok_or_else(needed),
        (Value::Double(v), rest) => { let f = 10f64.powi(rest.first().and_then(Value::as_int).unwrap_or(0)); Ok(Value::Double((v * f).trunc() / f)) }
        _ => Ok(me.clone()),
    };
    intdiv : 1 .. 1 => if is_integral(me) && is_integral(&a[0]) {
        if to_big(&a[0]).is_zero() { return Err(throw("java.lang.ArithmeticException", "/ by zero")); }
        number::java(BinaryOp::Div, me, &a[0])
    } else { Err(throw("java.lang.UnsupportedOperationException", format!("Cannot use intdiv() on this number type: {} with value: {}", crate::class::class_name(me), cx.text(me)?))) };
    plus : 1 .. 1 => if a[0].as_text().is_some() && !matches!(me, Value::Bool(_)) { cx.concat(me, &a[0]) } else { arith(cx, BinaryOp::Add, me, a) };
    add : 1 .. 1 => arith(cx, BinaryOp::Add, me, a);
    minus | subtract : 1 .. 1 => arith(cx, BinaryOp::Sub, me, a);
    multiply : 1 .. 1 => arith(cx, BinaryOp::Mul, me, a);
    div : 1 .. 1 => arith(cx, BinaryOp::Div, me, a);
    divide : 1 .. 3 => match me {
        Value::Decimal(v) => {
            let by = to_decimal(&a[0]).ok_or(Fail::NoMethod)?;
            if by.is_zero() { return Err(throw("java.lang.ArithmeticException", "/ by zero")); }
            let out = match &a[1..] {
                [] => v.0.divide_exact(&by).ok_or_else(|| throw("java.lang.ArithmeticException", "Non-terminating decimal expansion; no exact representable decimal result."))?,
                [Value::Int(scale), mode] => v.0.divide(&by, *scale, rounding(Some(mode))?).ok_or_else(needed)?,
                [mode] => v.0.divide(&by, v.0.scale, rounding(Some(mode))?).ok_or_else(needed)?,
                _ => return Err(Fail::NoMethod),
            };
            Ok(Value::decimal(out))
        }
        _ => number::java(BinaryOp::Div, me, &a[0]),
    };
    r#mod | remainder : 1 .. 1 => arith(cx, BinaryOp::Rem, me, a);
    power | pow : 1 .. 1 => arith(cx, BinaryOp::Power, me, a);
    and : 1 .. 1 => bits(cx, BinaryOp::BitAnd, me, &a[0]);
    or : 1 .. 1 => bits(cx, BinaryOp::BitOr, me, &a[0]);
    xor : 1 .. 1 => bits(cx, BinaryOp::BitXor, me, &a[0]);
    negate | negative : 0 .. 0 => number::negate(me).ok_or(Fail::NoMethod);
    signum : 0 .. 0 => Ok(Value::Int(number::compare(me, &Value::Int(0)).map_or(0, |o| o as i32)));
    times : 1 .. 1 => { let to = to_i64(me) - 1; repeat(cx, 0, to, 1, false, &a[0]) };
    upto : 2 .. 2 => repeat(cx, to_i64(me), to_i64(&a[0]), 1, matches!(me, Value::Long(_)), &a[1]);
    downto : 2 .. 2 => repeat(cx, to_i64(me), to_i64(&a[0]), -1, matches!(me, Value::Long(_)), &a[1]);
    step : 3 .. 3 => { let by = to_i64(&a[1]); let to = to_i64(&a[0]); if by == 0 { return Err(Fail::NoMethod); } repeat(cx, to_i64(me), if by > 0 { to - 1 } else { to + 1 }, by, matches!(me, Value::Long(_)), &a[2]) };
    next : 0 .. 0 => number::step(me, true).ok_or(Fail::NoMethod);
    previous : 0 .. 0 => number::step(me, false).ok_or(Fail::NoMethod);
    isNaN : 0 .. 0 => Ok(Value::Bool(to_f64(me).is_nan()));
    isInfinite : 0 .. 0 => Ok(Value::Bool(to_f64(me).is_infinite()));
    max : 1 .. 1 => Ok(if number::compare(me, &a[0]).is_some_and(|o| o.is_ge()) { me.clone() } else { a.value(0) });
    min : 1 .. 1 => Ok(if number::compare(me, &a[0]).is_some_and(|o| o.is_le()) { me.clone() } else { a.value(0) });
    scale : 0 .. 0 => if let Value::Decimal(v) = me { Ok(Value::Int(v.0.scale)) } else { Err(Fail::NoMethod) };
    precision : 0 .. 0 => if let Value::Decimal(v) = me { Ok(Value::Int(v.0.precision() as i32)) } else { Err(Fail::NoMethod) };
    unscaledValue : 0 .. 0 => if let Value::Decimal(v) = me { Ok(Value::big(v.0.unscaled.clone())) } else { Err(Fail::NoMethod) };
    setScale : 1 .. 2 => if let Value::Decimal(v) = me { v.0.set_scale(a.int(0)?, rounding(a.0.get(1))?).map(Value::decimal).ok_or_else(needed) } else { Err(Fail::NoMethod) };
    toPlainString : 0 .. 0 => if let Value::Decimal(v) = me { Ok(Value::from(v.0.to_plain())) } else { Err(Fail::NoMethod) };
    stripTrailingZeros : 0 .. 0 => if let Value::Decimal(v) = me { Ok(Value::decimal(v.0.strip())) } else { Err(Fail::NoMethod) };
    toString : 0 .. 1 => match (me, a.0) {
        (_, []) => cx.text(me).map(Value::Str),
        (Value::Big(v), [Value::Int(radix)]) if (2..=36).contains(radix) => Ok(Value::from(v.to_str_radix(*radix as u32))),
        _ => Err(Fail::NoMethod),
    };
    bitLength : 0 .. 0 => Ok(Value::Int(to_big(me).bits() as i32));
    gcd : 1 .. 1 => { let (mut x, mut y) = (to_big(me).abs(), to_big(&a[0]).abs()); while !y.is_zero() { let r = &x % &y; x = y; y = r; } Ok(Value::big(x)) };
    modPow : 2 .. 2 => { let m = to_big(&a[1]); if !m.is_positive() || to_big(&a[0]).is_negative() { return Err(throw("java.lang.ArithmeticException", "BigInteger: modulus not positive")); } Ok(Value::big(to_big(me).modpow(&to_big(&a[0]), &m))) };
    toCharacter : 0 .. 0 => Ok(Value::Char(to_i32(me) as u16));
    toUpperCase : 0 .. 0 => if let Value::Char(_) = me { character(symbol("toUpperCase"), me) } else { Err(Fail::NoMethod) };
    toLowerCase : 0 .. 0 => if let Value::Char(_) = me { character(symbol("toLowerCase"), me) } else { Err(Fail::NoMethod) };
    isDigit | isLetter | isLetterOrDigit | isUpperCase | isLowerCase | isWhitespace : 0 .. 0 => if let Value::Char(_) = me { character(name, me) } else { Err(Fail::NoMethod) };
    implies : 1 .. 1 => { let (x, y) = (cx.truth(me)?, cx.truth(&a[0])?); Ok(Value::Bool(!x || y)) };
    unaryMinus : 0 .. 0 => number::negate(me).ok_or(Fail::NoMethod);
}

fn character(name: u64, value: &Value) -> Run {
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

fn bad_number(text: Option<&str>, radix: u32) -> Fail {
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

fn widest(a: Args<'_>, pick: impl Fn(std::cmp::Ordering) -> bool) -> Run {
    let order = number::compare(&a[0], &a[1]).ok_or(Fail::NoMethod)?;
    let chosen = if pick(order) { &a[0] } else { &a[1] };
    Ok(match rank(&a[0]).max(rank(&a[1])) {
        Some(Rank::Int) => Value::Int(to_i32(chosen)),
        Some(Rank::Long) => Value::Long(to_i64(chosen)),
        _ if matches!((&a[0], &a[1]), (Value::Float(_), Value::Float(_))) => chosen.clone(),
        _ => Value::Double(to_f64(chosen)),
    })
}

fn exact(op: BinaryOp, a: Args<'_>) -> Run {
    let (x, y) = (i128::from(a.long(0)?), i128::from(a.long(1)?));
    let out = match op {
        BinaryOp::Add => x + y,
        BinaryOp::Sub => x - y,
        _ => x * y,
    };
    let long = matches!(a[0], Value::Long(_)) || matches!(a[1], Value::Long(_));
    if long {
        i64::try_from(out)
            .map(Value::Long)
            .map_err(|_| throw("java.lang.ArithmeticException", "long overflow"))
    } else {
        i32::try_from(out)
            .map(Value::Int)
            .map_err(|_| throw("java.lang.ArithmeticException", "integer overflow"))
    }
}

methods! {
    fn math(cx, me: &'static ClassInfo, a, name) -> MATH;
    abs : 1 .. 1 => Ok(match &a[0] { Value::Int(v) => Value::Int(v.wrapping_abs()), Value::Long(v) => Value::Long(v.wrapping_abs()), Value::Float(v) => Value::Float(v.abs()), _ => Value::Double(a.double(0)?.abs()) });
    max : 2 .. 2 => widest(a, |o| o.is_ge());
    min : 2 .. 2 => widest(a, |o| o.is_le());
    round : 1 .. 1 => Ok(match &a[0] { Value::Float(v) => Value::Int(number::round(f64::from(*v)) as i32), Value::Int(v) => Value::Int(*v), _ => Value::Long(number::round(a.double(0)?)) });
    floor : 1 .. 1 => Ok(Value::Double(a.double(0)?.floor()));
    ceil : 1 .. 1 => Ok(Value::Double(a.double(0)?.ceil()));
    rint : 1 .. 1 => Ok(Value::Double(a.double(0)?.round_ties_even()));
    pow : 2 .. 2 => Ok(Value::Double(a.double(0)?.powf(a.double(1)?)));
    sqrt : 1 .. 1 => Ok(Value::Double(a.double(0)?.sqrt()));
    cbrt : 1 .. 1 => Ok(Value::Double(a.double(0)?.cbrt()));
    exp : 1 .. 1 => Ok(Value::Double(a.double(0)?.exp()));
    log : 1 .. 1 => Ok(Value::Double(a.double(0)?.ln()));
    log10 : 1 .. 1 => Ok(Value::Double(a.double(0)?.log10()));
    sin : 1 .. 1 => Ok(Value::Double(a.double(0)?.sin()));
    cos : 1 .. 1 => Ok(Value::Double(a.double(0)?.cos()));
    tan : 1 .. 1 => Ok(Value::Double(a.double(0)?.tan()));
    atan : 1 .. 1 => Ok(Value::Double(a.double(0)?.atan()));
    atan2 : 2 .. 2 => Ok(Value::Double(a.double(0)?.atan2(a.double(1)?)));
    hypot : 2 .. 2 => Ok(Value::Double(a.double(0)?.hypot(a.double(1)?)));
    toRadians : 1 .. 1 => Ok(Value::Double(a.double(0)?.to_radians()));
    toDegrees : 1 .. 1 => Ok(Value::Double(a.double(0)?.to_degrees()));
    signum : 1 .. 1 => Ok(Value::Double(if a.double(0)? == 0.0 { 0.0 } else { a.double(0)?.signum() }));
    random : 0 .. 0 => { let bits = cx.host.random() >> 11; Ok(Value::Double(bits as f64 / (1u64 << 53) as f64)) };
    floorMod : 2 .. 2 => { let (x, y) = (a.long(0)?, a.long(1)?); if y == 0 { return Err(throw("java.lang.ArithmeticException", "/ by zero")); } let v = x.wrapping_rem(y); let v = if v != 0 && (v < 0) != (y < 0) { v + y } else { v }; Ok(if matches!(a[1], Value::Long(_)) { Value::Long(v) } else { Value::Int(v as i32) }) };
    floorDiv : 2 .. 2 => { let (x, y) = (a.long(0)?, a.long(1)?); if y == 0 { return Err(throw("java.lang.ArithmeticException", "/ by zero")); } let q = x.wrapping_div(y); let v = if x.wrapping_rem(y) != 0 && (x < 0) != (y < 0) { q - 1 } else { q }; Ok(if matches!((&a[0], &a[1]), (Value::Int(_), Value::Int(_))) { Value::Int(v as i32) } else { Value::Long(v) }) };
    addExact : 2 .. 2 => exact(BinaryOp::Add, a);
    subtractExact : 2 .. 2 => exact(BinaryOp::Sub, a);
    multiplyExact : 2 .. 2 => exact(BinaryOp::Mul, a);
    toIntExact : 1 .. 1 => i32::try_from(a.long(0)?).map(Value::Int).map_err(|_| throw("java.lang.ArithmeticException", "integer overflow"));
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
fn math_fields(name: &str) -> Option<Value> {
    match name {
        "PI" => Some(Value::Double(std::f64::consts::PI)),
        "E" => Some(Value::Double(std::f64::consts::E)),
        _ => None,
    }
}
fn decimal_fields(name: &str) -> Option<Value> {
    Some(match name {
        "ZERO" => Value::decimal(Decimal::from_int(0)),
        "ONE" => Value::decimal(Decimal::from_int(1)),
        "TEN" => Value::decimal(Decimal::from_int(10)),
        "ROUND_UP" => Value::Int(0),
        "ROUND_DOWN" => Value::Int(1),
        "ROUND_CEILING" => Value::Int(2),
        "ROUND_FLOOR" => Value::Int(3),
        "ROUND_HALF_UP" => Value::Int(4),
        "ROUND_HALF_DOWN" => Value::Int(5),
        "ROUND_HALF_EVEN" => Value::Int(6),
        "ROUND_UNNECESSARY" => Value::Int(7),
        _ => return None,
    })
}
fn big_fields(name: &str) -> Option<Value> {
    Some(Value::big(num_bigint::BigInt::from(match name {
        "ZERO" => 0,
        "ONE" => 1,
        "TWO" => 2,
        "TEN" => 10,
        _ => return None,
    })))
}

/// A `java.math.RoundingMode`.
pub(crate) struct Mode(pub(crate) Rounding);

const MODES: &[(&str, Rounding)] = &[
    ("UP", Rounding::Up),
    ("DOWN", Rounding::Down),
    ("CEILING", Rounding::Ceiling),
    ("FLOOR", Rounding::Floor),
    ("HALF_UP", Rounding::HalfUp),
    ("HALF_DOWN", Rounding::HalfDown),
    ("HALF_EVEN", Rounding::HalfEven),
    ("UNNECESSARY", Rounding::Unnecessary),
];

impl Native for Mode {
    fn class_name(&self) -> std::sync::Arc<str> {
        std::sync::Arc::from("java.math.RoundingMode")
    }
    fn text(&self, _cx: &mut Interp<'_>) -> Run<Option<String>> {
        Ok(MODES
            .iter()
            .find(|(_, mode)| *mode == self.0)
            .map(|(name, _)| (*name).to_owned()))
    }
    fn equal(&self, other: &dyn std::any::Any) -> Option<bool> {
        Some(other.downcast_ref::<Mode>().is_some_and(|o| o.0 == self.0))
    }
}

fn mode_fields(name: &str) -> Option<Value> {
    MODES
        .iter()
        .find(|(n, _)| *n == name)
        .map(|(_, mode)| Value::object(Mode(*mode)))
}

fn new_decimal(cx: &mut Interp<'_>, _class: &'static ClassInfo, a: Args<'_>) -> Run {
    match &a[..] {
        [Value::Double(v)] => Decimal::exact(*v)
            .map(Value::decimal)
            .ok_or_else(|| throw("java.lang.NumberFormatException", "Infinite or NaN")),
        [Value::Float(v)] => Decimal::exact(f64::from(*v))
            .map(Value::decimal)
            .ok_or_else(|| throw("java.lang.NumberFormatException", "Infinite or NaN")),
        [Value::Big(v), Value::Int(scale)] => {
            Ok(Value::decimal(Decimal::new((**v).clone(), *scale)))
        }
        // There is no constructor for a BigDecimal: Java's double is taken.
        [Value::Decimal(v)] => Decimal::exact(v.0.to_f64())
            .map(Value::decimal)
            .ok_or(Fail::NoMethod),
        [v] if v.is_number() => to_decimal(v).map(Value::decimal).ok_or(Fail::NoMethod),
        [v] if v.as_text().is_some() => {
            let text = cx.text(v)?;
            Decimal::parse(&text).map(Value::decimal).ok_or_else(|| {
                throw(
                    "java.lang.NumberFormatException",
                    "Character array is missing \"exponent\" mark 'e' or 'E'.",
                )
            })
        }
        _ => Err(Fail::NoMethod),
    }
}

methods! {
    fn decimal_static(cx, me: &'static ClassInfo, a, name) -> DECIMAL_STATICS;
    valueOf : 1 .. 2 => match a.0 {
        [Value::Double(_) | Value::Float(_)] => to_decimal(&a[0]).map(Value::decimal).ok_or_else(|| throw("java.lang.NumberFormatException", "Infinite or NaN")),
        [v] if v.is_number() => to_decimal(v).map(Value::decimal).ok_or(Fail::NoMethod),
        [v, Value::Int(scale)] => Ok(Value::decimal(Decimal::new(to_big(v), *scale))),
        _ => Err(Fail::NoMethod),
    };
}

fn new_big(cx: &mut Interp<'_>, _class: &'static ClassInfo, a: Args<'_>) -> Run {
    match &a[..] {
        [Value::Int(sign), Value::Array(array)] => {
            let bytes = array.bytes().ok_or(Fail::NoMethod)?;
            let sign = match sign.signum() {
                -1 => num_bigint::Sign::Minus,
                0 => num_bigint::Sign::NoSign,
                _ => num_bigint::Sign::Plus,
            };
            Ok(Value::big(num_bigint::BigInt::from_bytes_be(sign, &bytes)))
        }
        [Value::Array(array)] => Ok(Value::big(num_bigint::BigInt::from_signed_bytes_be(
            &array.bytes().ok_or(Fail::NoMethod)?,
        ))),
        [v, rest @ ..] if v.as_text().is_some() => {
            let radix = rest.first().and_then(Value::as_int).unwrap_or(10) as u32;
            let text = cx.text(v)?;
            if !(2..=36).contains(&radix) || text.contains('_') || text.len() > 100_000 {
                return Err(bad_number(Some(&text), radix));
            }
            num_bigint::BigInt::parse_bytes(text.as_bytes(), radix)
                .map(Value::big)
                .ok_or_else(|| bad_number(Some(&text), 10))
        }
        _ => Err(Fail::NoMethod),
    }
}

methods! {
    fn big_static(cx, me: &'static ClassInfo, a, name) -> BIG_STATICS;
    valueOf : 1 .. 1 => Ok(Value::big(num_bigint::BigInt::from(a.long(0)?)));
}

fn new_boxed(cx: &mut Interp<'_>, class: &'static ClassInfo, a: Args<'_>) -> Run {
    if a.len() != 1 {
        return Err(Fail::NoMethod);
    }
    let call = class.call.ok_or(Fail::NoMethod)?;
    call(cx, class, symbol("valueOf"), a)
}

const NUMBER: &[&str] = &["java.lang.Number", "java.lang.Comparable"];

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("java.lang.Number").methods(&[METHODS]),
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
    ClassInfo::named("java.lang.Math")
        .statics(math, MATH)
        .fields(math_fields),
    ClassInfo::named("java.lang.StrictMath")
        .statics(math, MATH)
        .fields(math_fields),
    ClassInfo::named("java.math.BigDecimal")
        .parents(NUMBER)
        .constructor(new_decimal)
        .statics(decimal_static, DECIMAL_STATICS)
        .fields(decimal_fields)
        .methods(&[METHODS]),
    ClassInfo::named("java.math.BigInteger")
        .parents(NUMBER)
        .constructor(new_big)
        .statics(big_static, BIG_STATICS)
        .fields(big_fields)
        .methods(&[METHODS]),
    ClassInfo::named("java.math.RoundingMode").fields(mode_fields),
];
