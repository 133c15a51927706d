//! `java.lang.Math`.

use crate::args::Args;
use crate::ast::BinaryOp;
use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::library::throwable::throw;
use crate::name::methods;
use crate::number::{self, Rank, rank, to_f64, to_i32, to_i64};
use crate::value::Value;

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

fn math_fields(name: &str) -> Option<Value> {
    match name {
        "PI" => Some(Value::Double(std::f64::consts::PI)),
        "E" => Some(Value::Double(std::f64::consts::E)),
        _ => None,
    }
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("java.lang.Math")
        .statics(math, MATH)
        .fields(math_fields),
    ClassInfo::named("java.lang.StrictMath")
        .statics(math, MATH)
        .fields(math_fields),
];
