//! The methods of numbers, characters and booleans: one table for all, since Groovy's coercions make them interchangeable.
//!
//! Not here: what their classes know by themselves (see [`super::boxed`], [`super::big_number`] and [`super::math`]).

use num_traits::{Signed, ToPrimitive, Zero};

use super::big_number::rounding;
use super::boxed::character;
use crate::args::Args;
use crate::ast::BinaryOp;
use crate::class::ClassInfo;
use crate::decimal::{Decimal, Rounding};
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::throwable::throw;
use crate::name::{methods, symbol};
use crate::number::{self, Rank, rank, to_big, to_decimal, to_f64, to_i32, to_i64};
use crate::value::Value;

fn is_integral(value: &Value) -> bool {
    rank(value).is_some_and(|r| r <= Rank::Big)
}

fn arith(op: BinaryOp, me: &Value, a: Args<'_>) -> Run {
    if number::rank(me).is_none() || number::rank(&a[0]).is_none() {
        return Err(Fail::NoMethod);
    }
    // `add` of the big numbers is Java's; the operators' methods are Groovy's.
    number::groovy(op, me, &a[0])
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
    plus : 1 .. 1 => if a[0].as_text().is_some() && !matches!(me, Value::Bool(_)) { cx.concat(me, &a[0]) } else { arith(BinaryOp::Add, me, a) };
    add : 1 .. 1 => arith(BinaryOp::Add, me, a);
    minus | subtract : 1 .. 1 => arith(BinaryOp::Sub, me, a);
    multiply : 1 .. 1 => arith(BinaryOp::Mul, me, a);
    div : 1 .. 1 => arith(BinaryOp::Div, me, a);
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
    r#mod | remainder : 1 .. 1 => arith(BinaryOp::Rem, me, a);
    power | pow : 1 .. 1 => arith(BinaryOp::Power, me, a);
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

pub(super) const NUMBER: &[&str] = &["java.lang.Number", "java.lang.Comparable"];

pub(crate) const CLASSES: &[ClassInfo] =
    &[ClassInfo::named("java.lang.Number").methods(&[METHODS])];
