//! Arithmetic of numbers: Groovy's, with its ranks and its division, and the Java arithmetic below it.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_traits::{FromPrimitive, Signed, ToPrimitive, Zero};

use crate::ast::BinaryOp;
use crate::decimal::{Decimal, Rounding};
use crate::fail::{Fail, Run};
use crate::library::throwable::throw;
use crate::value::Value;

/// How wide a number is: the wider operand decides the result.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    Int,
    Long,
    Big,
    Decimal,
    Double,
}

pub(crate) fn rank(value: &Value) -> Option<Rank> {
    Some(match value {
        Value::Int(_) | Value::Short(_) | Value::Byte(_) | Value::Char(_) => Rank::Int,
        Value::Long(_) => Rank::Long,
        Value::Big(_) => Rank::Big,
        Value::Decimal(_) => Rank::Decimal,
        Value::Float(_) | Value::Double(_) => Rank::Double,
        _ => return None,
    })
}

pub(crate) fn to_f64(value: &Value) -> f64 {
    match value {
        Value::Double(v) => *v,
        Value::Float(v) => f64::from(*v),
        Value::Big(v) => v.to_f64().unwrap_or(f64::NAN),
        Value::Decimal(v) => v.0.to_f64(),
        _ => value.as_long().map_or(f64::NAN, |v| v as f64),
    }
}

/// The integer part of any number.
pub(crate) fn to_big(value: &Value) -> BigInt {
    match value {
        Value::Big(v) => (**v).clone(),
        Value::Decimal(v) => v.0.to_int(),
        Value::Double(v) => BigInt::from_f64(v.trunc()).unwrap_or_default(),
        Value::Float(v) => BigInt::from_f64(f64::from(v.trunc())).unwrap_or_default(),
        _ => BigInt::from(value.as_long().unwrap_or(0)),
    }
}

/// The decimal number that a value converts to in Groovy's arithmetic.
pub(crate) fn to_decimal(value: &Value) -> Option<Decimal> {
    Some(match value {
        Value::Decimal(v) => v.0.clone(),
        Value::Big(v) => Decimal::new((**v).clone(), 0),
        Value::Double(v) => Decimal::parse(&crate::text::double_text(*v))?,
        Value::Float(v) => Decimal::parse(&crate::text::float_text(*v))?,
        _ => Decimal::from_int(value.as_long()?),
    })
}

/// Java's narrowing `(long)`: doubles saturate, big numbers keep their low bits.
pub(crate) fn to_i64(value: &Value) -> i64 {
    match value {
        Value::Double(v) => *v as i64,
        Value::Float(v) => *v as i64,
        Value::Big(_) | Value::Decimal(_) => {
            let big = to_big(value);
            big.to_i64().unwrap_or_else(|| {
                let low = big.magnitude().iter_u64_digits().next().unwrap_or(0) as i64;
                if big.is_negative() {
                    low.wrapping_neg()
                } else {
                    low
                }
            })
        }
        _ => value.as_long().unwrap_or(0),
    }
}

pub(crate) fn to_i32(value: &Value) -> i32 {
    match value {
        Value::Double(v) => *v as i32,
        Value::Float(v) => *v as i32,
        _ => to_i64(value) as i32,
    }
}

pub(crate) fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    let rank = rank(a)?.max(rank(b)?);
    Some(match rank {
        Rank::Int | Rank::Long => a.as_long()?.cmp(&b.as_long()?),
        Rank::Double => {
            let (x, y) = (to_f64(a), to_f64(b));
            x.partial_cmp(&y)
                .unwrap_or_else(|| x.is_nan().cmp(&y.is_nan()))
        }
        Rank::Big => to_big(a).cmp(&to_big(b)),
        Rank::Decimal => to_decimal(a)?.compare(&to_decimal(b)?),
    })
}

fn arithmetic(message: &str) -> Fail {
    throw("java.lang.ArithmeticException", message)
}

fn too_big() -> Fail {
    arithmetic("BigInteger would overflow supported range")
}

/// `a op b` of two numbers by Groovy's rules.
pub(crate) fn groovy(op: BinaryOp, a: &Value, b: &Value) -> Run {
    let (Some(ra), Some(rb)) = (rank(a), rank(b)) else {
        return Err(Fail::NoMethod);
    };
    let rank = ra.max(rb);
    match op {
        BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul => match rank {
            Rank::Int => {
                let (x, y) = (to_i32(a), to_i32(b));
                Ok(Value::Int(match op {
                    BinaryOp::Add => x.wrapping_add(y),
                    BinaryOp::Sub => x.wrapping_sub(y),
                    _ => x.wrapping_mul(y),
                }))
            }
            Rank::Long => {
                let (x, y) = (to_i64(a), to_i64(b));
                Ok(Value::Long(match op {
                    BinaryOp::Add => x.wrapping_add(y),
                    BinaryOp::Sub => x.wrapping_sub(y),
                    _ => x.wrapping_mul(y),
                }))
            }
            Rank::Big => {
                let (x, y) = (to_big(a), to_big(b));
                if x.bits() + y.bits() > 400_000 {
                    return Err(too_big());
                }
                Ok(Value::big(match op {
                    BinaryOp::Add => x + y,
                    BinaryOp::Sub => x - y,
                    _ => x * y,
                }))
            }
            Rank::Decimal => {
                let (Some(x), Some(y)) = (to_decimal(a), to_decimal(b)) else {
                    return Err(too_big());
                };
                let out = match op {
                    BinaryOp::Add => x.add(&y),
                    BinaryOp::Sub => x.sub(&y),
                    _ => x.mul(&y),
                };
                out.map(Value::decimal).ok_or_else(too_big)
            }
            Rank::Double => {
                let (x, y) = (to_f64(a), to_f64(b));
                Ok(Value::Double(match op {
                    BinaryOp::Add => x + y,
                    BinaryOp::Sub => x - y,
                    _ => x * y,
                }))
            }
        },
        BinaryOp::Div => {
            if rank == Rank::Double {
                return Ok(Value::Double(to_f64(a) / to_f64(b)));
            }
            let (Some(x), Some(y)) = (to_decimal(a), to_decimal(b)) else {
                return Err(too_big());
            };
            if y.is_zero() {
                return Err(arithmetic("Division by zero"));
            }
            x.divide_groovy(&y).map(Value::decimal).ok_or_else(too_big)
        }
        BinaryOp::Rem => match rank {
            Rank::Int | Rank::Long | Rank::Big => java(op, a, b),
            Rank::Double => Ok(Value::Double(to_f64(a) % to_f64(b))),
            Rank::Decimal => Err(unsupported("mod", a)),
        },
        BinaryOp::Power => power(a, b),
        BinaryOp::ShiftLeft | BinaryOp::ShiftRight | BinaryOp::ShiftRightUnsigned => {
            if rb > Rank::Big {
                let (shown, class) = (shown(b), crate::class::class_name(b));
                return Err(throw(
                    "java.lang.UnsupportedOperationException",
                    format!(
                        "Shift distance must be an integral type, but {shown} ({class}) was supplied"
                    ),
                ));
            }
            if ra > Rank::Big {
                return Err(unsupported(op.method(), a));
            }
            java(op, a, b)
        }
        _ if rank > Rank::Big => Err(unsupported(op.method(), a)),
        _ => java(op, a, b),
    }
}

/// What `NumberMath.createUnsupportedException` of Groovy 3 says.
fn unsupported(method: &str, value: &Value) -> Fail {
    let (class, shown) = (crate::class::class_name(value), shown(value));
    throw(
        "java.lang.UnsupportedOperationException",
        format!("Cannot use {method}() on this number type: {class} with value: {shown}"),
    )
}

fn shown(number: &Value) -> String {
    crate::text::number_text(number).unwrap_or_default()
}

/// Groovy's `**`: integers while they fit, big integers after, doubles for negative and broken exponents.
fn power(a: &Value, b: &Value) -> Run {
    let exponent = match b.as_long() {
        Some(e) if e >= 0 => e,
        _ => return Ok(narrow_double(to_f64(a).powf(to_f64(b)))),
    };
    match a {
        Value::Decimal(base) => {
            let mut out = Decimal::from_int(1);
            if exponent > 10_000 || base.0.unscaled.bits() * exponent as u64 > 400_000 {
                return Err(too_big());
            }
            for _ in 0..exponent {
                out = out.mul(&base.0).ok_or_else(too_big)?;
            }
            if exponent == 0 {
                return Ok(Value::decimal(out));
            }
            Ok(Value::decimal(out))
        }
        Value::Double(_) | Value::Float(_) => Ok(narrow_double(to_f64(a).powf(exponent as f64))),
        _ => {
            let base = to_big(a);
            if base.bits().saturating_mul(exponent as u64) > 400_000 && base.bits() > 1 {
                return Err(too_big());
            }
            let out = base.pow(u32::try_from(exponent).map_err(|_| too_big())?);
            Ok(match (a, out.to_i32(), out.to_i64()) {
                (Value::Long(_), _, Some(long)) => Value::Long(long),
                (Value::Big(_), ..) => Value::big(out),
                (_, Some(int), _) if !matches!(a, Value::Long(_)) => Value::Int(int),
                _ => Value::big(out),
            })
        }
    }
}

fn narrow_double(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() <= f64::from(i32::MAX) {
        Value::Int(value as i32)
    } else if value.fract() == 0.0 && value.abs() < 9.2e18 {
        Value::Long(value as i64)
    } else {
        Value::Double(value)
    }
}

/// `a op b` by Java's rules: remainder, shifts and bits for Groovy too, all operators for BeanShell.
pub(crate) fn java(op: BinaryOp, a: &Value, b: &Value) -> Run {
    let (Some(ra), Some(rb)) = (rank(a), rank(b)) else {
        return Err(Fail::NoMethod);
    };
    let shift = matches!(
        op,
        BinaryOp::ShiftLeft | BinaryOp::ShiftRight | BinaryOp::ShiftRightUnsigned
    );
    let rank = if shift { ra } else { ra.max(rb) };
    match rank {
        Rank::Int => {
            let (x, y) = (to_i32(a), to_i32(b));
            let by = (to_i64(b) & 31) as u32;
            Ok(Value::Int(match op {
                BinaryOp::Add => x.wrapping_add(y),
                BinaryOp::Sub => x.wrapping_sub(y),
                BinaryOp::Mul => x.wrapping_mul(y),
                BinaryOp::Div | BinaryOp::Rem if y == 0 => return Err(arithmetic("/ by zero")),
                BinaryOp::Div => x.wrapping_div(y),
                BinaryOp::Rem => x.wrapping_rem(y),
                BinaryOp::ShiftLeft => x.wrapping_shl(by),
                BinaryOp::ShiftRight => x.wrapping_shr(by),
                BinaryOp::ShiftRightUnsigned => (x as u32).wrapping_shr(by) as i32,
                BinaryOp::BitAnd => x & y,
                BinaryOp::BitOr => x | y,
                BinaryOp::BitXor => x ^ y,
                _ => return Err(Fail::NoMethod),
            }))
        }
        Rank::Long => {
            let (x, y) = (to_i64(a), to_i64(b));
            let by = (y & 63) as u32;
            Ok(Value::Long(match op {
                BinaryOp::Add => x.wrapping_add(y),
                BinaryOp::Sub => x.wrapping_sub(y),
                BinaryOp::Mul => x.wrapping_mul(y),
                BinaryOp::Div | BinaryOp::Rem if y == 0 => return Err(arithmetic("/ by zero")),
                BinaryOp::Div => x.wrapping_div(y),
                BinaryOp::Rem => x.wrapping_rem(y),
                BinaryOp::ShiftLeft => x.wrapping_shl(by),
                BinaryOp::ShiftRight => x.wrapping_shr(by),
                BinaryOp::ShiftRightUnsigned => (x as u64).wrapping_shr(by) as i64,
                BinaryOp::BitAnd => x & y,
                BinaryOp::BitOr => x | y,
                BinaryOp::BitXor => x ^ y,
                _ => return Err(Fail::NoMethod),
            }))
        }
        Rank::Big => {
            let (x, y) = (to_big(a), to_big(b));
            let by = usize::try_from(to_i64(b)).ok().filter(|by| *by < 400_000);
            Ok(Value::big(match op {
                BinaryOp::Add => x + y,
                BinaryOp::Sub => x - y,
                BinaryOp::Mul if x.bits() + y.bits() > 400_000 => return Err(too_big()),
                BinaryOp::Mul => x * y,
                BinaryOp::Div if y.is_zero() => {
                    return Err(arithmetic("BigInteger divide by zero"));
                }
                BinaryOp::Div => x / y,
                BinaryOp::Rem if !y.is_positive() => {
                    return Err(arithmetic("BigInteger: modulus not positive"));
                }
                BinaryOp::Rem => ((x % &y) + &y) % y,
                BinaryOp::ShiftLeft => x << by.ok_or_else(too_big)?,
                BinaryOp::ShiftRight => x >> by.ok_or_else(too_big)?,
                BinaryOp::BitAnd => x & y,
                BinaryOp::BitOr => x | y,
                BinaryOp::BitXor => x ^ y,
                _ => return Err(Fail::NoMethod),
            }))
        }
        Rank::Decimal => groovy(op, a, b),
        Rank::Double => {
            let single = !matches!(a, Value::Double(_)) && !matches!(b, Value::Double(_));
            let (x, y) = (to_f64(a), to_f64(b));
            let out = match op {
                BinaryOp::Add => x + y,
                BinaryOp::Sub => x - y,
                BinaryOp::Mul => x * y,
                BinaryOp::Div => x / y,
                BinaryOp::Rem => x % y,
                _ => return Err(Fail::NoMethod),
            };
            Ok(if single {
                Value::Float(out as f32)
            } else {
                Value::Double(out)
            })
        }
    }
}

pub(crate) fn negate(value: &Value) -> Option<Value> {
    Some(match value {
        Value::Int(v) => Value::Int(v.wrapping_neg()),
        Value::Short(_) | Value::Byte(_) | Value::Char(_) => {
            Value::Int(value.as_int()?.wrapping_neg())
        }
        Value::Long(v) => Value::Long(v.wrapping_neg()),
        Value::Double(v) => Value::Double(-v),
        Value::Float(v) => Value::Float(-v),
        Value::Big(v) => Value::big(-&**v),
        Value::Decimal(v) => Value::decimal(v.0.neg()),
        _ => return None,
    })
}

/// The value moved by one.
pub(crate) fn step(value: &Value, up: bool) -> Option<Value> {
    let by = if up { 1 } else { -1 };
    Some(match value {
        Value::Int(v) => Value::Int(v.wrapping_add(by)),
        Value::Long(v) => Value::Long(v.wrapping_add(i64::from(by))),
        Value::Short(v) => Value::Short(v.wrapping_add(by as i16)),
        Value::Byte(v) => Value::Byte(v.wrapping_add(by as i8)),
        Value::Char(v) => Value::Char(v.wrapping_add(by as u16)),
        Value::Double(v) => Value::Double(v + f64::from(by)),
        Value::Float(v) => Value::Float(v + by as f32),
        Value::Big(v) => Value::big(&**v + by),
        Value::Decimal(v) => Value::decimal(v.0.add(&Decimal::from_int(i64::from(by)))?),
        _ => return None,
    })
}

/// `Math.round`.
pub(crate) fn round(value: f64) -> i64 {
    (value + 0.5).floor() as i64
}

pub(crate) fn round_decimal(value: &Decimal, places: i32) -> Option<Decimal> {
    value.set_scale(places, Rounding::HalfUp)
}

/// `Integer.parseInt` and `Long.parseLong`.
pub(crate) fn parse_integer(text: &str, radix: u32, long: bool) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let value = i64::from_str_radix(text, radix).ok()?;
    (long || i32::try_from(value).is_ok()).then_some(value)
}

/// `Double.parseDouble`.
pub(crate) fn parse_double(text: &str) -> Option<f64> {
    let trimmed = text.trim_matches(|c: char| c <= ' ');
    let body = trimmed
        .strip_suffix(['d', 'D', 'f', 'F'])
        .unwrap_or(trimmed);
    let unsigned = body.strip_prefix(['+', '-']).unwrap_or(body);
    if unsigned == "NaN" || unsigned == "Infinity" {
        return body.replace("Infinity", "inf").parse().ok();
    }
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    body.parse().ok()
}
