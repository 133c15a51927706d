//! `BigDecimal`, `BigInteger` and `RoundingMode`: making them, and their constants.
//!
//! Not here: the methods of their objects (see [`super::number`]), and the arithmetic (see [`crate::decimal`]).

use super::boxed::bad_number;
use super::number::{METHODS, NUMBER};
use crate::args::Args;
use crate::class::ClassInfo;
use crate::decimal::{Decimal, Rounding};
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::throwable::throw;
use crate::name::methods;
use crate::number::{to_big, to_decimal};
use crate::value::{Native, Value};

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

pub(crate) fn rounding(value: Option<&Value>) -> Run<Rounding> {
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

fn big_fields(name: &str) -> Option<Value> {
    Some(Value::big(num_bigint::BigInt::from(match name {
        "ZERO" => 0,
        "ONE" => 1,
        "TWO" => 2,
        "TEN" => 10,
        _ => return None,
    })))
}

pub(crate) const CLASSES: &[ClassInfo] = &[
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
