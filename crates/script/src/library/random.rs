//! `java.util.Random` with Java's own sequence, `ThreadLocalRandom`, `UUID`, `RandomStringUtils`.

use std::sync::{Arc, Mutex};

use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::throwable::throw;
use crate::name::methods;
use crate::value::{Native, Value, lock};

/// A linear congruential generator of 48 bits, and the second value of `nextGaussian`.
pub(crate) struct Random {
    class: &'static str,
    state: Mutex<(i64, Option<f64>)>,
}

const MULTIPLIER: i64 = 0x5_DEEC_E66D;
const MASK: i64 = (1 << 48) - 1;

impl Random {
    fn seeded(class: &'static str, seed: i64) -> Random {
        Random {
            class,
            state: Mutex::new(((seed ^ MULTIPLIER) & MASK, None)),
        }
    }

    fn next(&self, bits: u32) -> i32 {
        let mut state = lock(&self.state);
        state.0 = state.0.wrapping_mul(MULTIPLIER).wrapping_add(0xB) & MASK;
        (state.0 >> (48 - bits)) as i32
    }

    pub(crate) fn next_bounded(&self, bound: i32) -> i32 {
        let mut r = self.next(31);
        let m = bound - 1;
        if bound & m == 0 {
            return ((i64::from(bound) * i64::from(r)) >> 31) as i32;
        }
        let mut u = r;
        loop {
            r = u % bound;
            if u.wrapping_sub(r).wrapping_add(m) >= 0 {
                return r;
            }
            u = self.next(31);
        }
    }

    fn next_long(&self) -> i64 {
        (i64::from(self.next(32)) << 32).wrapping_add(i64::from(self.next(32)))
    }

    fn next_double(&self) -> f64 {
        ((i64::from(self.next(26)) << 27) + i64::from(self.next(27))) as f64 / (1u64 << 53) as f64
    }

    fn next_gaussian(&self) -> f64 {
        if let Some(value) = lock(&self.state).1.take() {
            return value;
        }
        loop {
            let (x, y) = (
                2.0 * self.next_double() - 1.0,
                2.0 * self.next_double() - 1.0,
            );
            let s = x * x + y * y;
            if s < 1.0 && s != 0.0 {
                let f = (-2.0 * s.ln() / s).sqrt();
                lock(&self.state).1 = Some(y * f);
                return x * f;
            }
        }
    }
}

impl Native for Random {
    fn class_name(&self) -> Arc<str> {
        Arc::from(self.class)
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call(cx, self, name, a)
    }
}

fn range(low: i64, high: i64, bits: u64) -> Run<i64> {
    if low >= high {
        return Err(throw(
            "java.lang.IllegalArgumentException",
            "bound must be greater than origin",
        ));
    }
    let span = (i128::from(high) - i128::from(low)) as u128;
    Ok((i128::from(low) + (u128::from(bits) % span) as i128) as i64)
}

methods! {
    fn call(cx, me: &Random, a, name) -> METHODS;
    nextInt : 0 .. 2 => Ok(Value::Int(match a.0 {
        [] => me.next(32),
        [_] => { let bound = a.int(0)?; if bound <= 0 { return Err(throw("java.lang.IllegalArgumentException", "bound must be positive")); } me.next_bounded(bound) }
        _ => range(i64::from(a.int(0)?), i64::from(a.int(1)?), me.next_long() as u64)? as i32,
    }));
    nextLong : 0 .. 2 => Ok(Value::Long(match a.0 { [] => me.next_long(), [_] => { if a.long(0)? <= 0 { return Err(throw("java.lang.IllegalArgumentException", "bound must be positive")); } range(0, a.long(0)?, me.next_long() as u64)? } _ => range(a.long(0)?, a.long(1)?, me.next_long() as u64)? }));
    nextDouble : 0 .. 2 => { let v = me.next_double(); Ok(Value::Double(match a.0 { [] => v, [_] => v * a.double(0)?, _ => a.double(0)? + v * (a.double(1)? - a.double(0)?) })) };
    nextFloat : 0 .. 0 => Ok(Value::Float(me.next(24) as f32 / (1u32 << 24) as f32));
    nextBoolean : 0 .. 0 => Ok(Value::Bool(me.next(1) != 0));
    nextGaussian : 0 .. 0 => Ok(Value::Double(me.next_gaussian()));
    nextBytes : 1 .. 1 => {
        let Value::Array(array) = &a[0] else { return Err(Fail::NoMethod) };
        let (mut i, n) = (0, array.len());
        while i < n { let mut word = me.next(32); for _ in 0..4 { if i < n { array.set(i, Value::Byte(word as i8)); word >>= 8; i += 1; } } }
        Ok(cx.void())
    };
    setSeed : 1 .. 1 => { *lock(&me.state) = ((a.long(0)? ^ MULTIPLIER) & MASK, None); Ok(cx.void()) };
    ints : 1 .. 3 => { let n = a.long(0)?.clamp(0, 1_000_000) as usize; cx.charge_items(n)?; let mut out = Vec::new(); for _ in 0..n { out.push(Value::Int(if a.len() == 3 { range(i64::from(a.int(1)?), i64::from(a.int(2)?), me.next_long() as u64)? as i32 } else { me.next(32) })); } Ok(crate::library::iterable::stream(out)) };
}

fn new(cx: &mut Interp<'_>, class: &'static ClassInfo, a: Args<'_>) -> Run {
    let seed = match &a[..] {
        [] => cx.host.random() as i64,
        _ => a.long(0)?,
    };
    Ok(Value::object(Random::seeded(class.name, seed)))
}

methods! {
    fn thread_local(cx, me: &'static ClassInfo, a, name) -> THREAD_LOCAL;
    current : 0 .. 0 => { let seed = cx.host.random() as i64; Ok(Value::object(Random::seeded("java.util.concurrent.ThreadLocalRandom", seed))) };
}

/// A `java.util.UUID`.
pub(crate) struct Uuid(u128);

impl Uuid {
    fn show(&self) -> String {
        let h = format!("{:032x}", self.0);
        format!(
            "{}-{}-{}-{}-{}",
            &h[..8],
            &h[8..12],
            &h[12..16],
            &h[16..20],
            &h[20..]
        )
    }
}

impl Native for Uuid {
    fn class_name(&self) -> Arc<str> {
        Arc::from("java.util.UUID")
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_uuid(cx, self, name, a)
    }
    fn text(&self, _cx: &mut Interp<'_>) -> Run<Option<String>> {
        Ok(Some(self.show()))
    }
    fn equal(&self, other: &dyn std::any::Any) -> Option<bool> {
        Some(other.downcast_ref::<Uuid>().is_some_and(|o| o.0 == self.0))
    }
    fn hash(&self) -> Option<i32> {
        let h = (self.0 >> 64) as u64 ^ self.0 as u64;
        Some((h >> 32) as i32 ^ h as i32)
    }
}

methods! {
    fn call_uuid(cx, me: &Uuid, a, name) -> UUID;
    toString : 0 .. 0 => Ok(Value::from(me.show()));
    version : 0 .. 0 => Ok(Value::Int((me.0 >> 76) as i32 & 0xf));
    getMostSignificantBits : 0 .. 0 => Ok(Value::Long((me.0 >> 64) as i64));
    getLeastSignificantBits : 0 .. 0 => Ok(Value::Long(me.0 as i64));
}

fn with_version(bits: u128, version: u128) -> Value {
    Value::object(Uuid(
        bits & !(0xf << 76) & !(0x3 << 62) | version << 76 | 0x2 << 62,
    ))
}

methods! {
    fn uuid_static(cx, me: &'static ClassInfo, a, name) -> UUID_STATICS;
    randomUUID : 0 .. 0 => { let bits = u128::from(cx.host.random()) << 64 | u128::from(cx.host.random()); Ok(with_version(bits, 4)) };
    fromString : 1 .. 1 => {
        let text = a.text(0)?;
        let parts: Vec<&str> = text.split('-').collect();
        let hex: Option<Vec<u128>> = parts.iter().map(|p| u128::from_str_radix(p, 16).ok()).collect();
        match hex.as_deref() {
            Some([p, q, r, s, t]) => Ok(Value::object(Uuid((p & 0xffff_ffff) << 96 | (q & 0xffff) << 80 | (r & 0xffff) << 64 | (s & 0xffff) << 48 | t & 0xffff_ffff_ffff))),
            _ => Err(throw("java.lang.IllegalArgumentException", format!("Invalid UUID string: {text}"))),
        }
    };
    nameUUIDFromBytes : 1 .. 1 => { let digest = crate::library::digest::digest("MD5", &a.bytes(0)?)?; let bits = digest.iter().fold(0u128, |n, b| n << 8 | u128::from(*b)); Ok(with_version(bits, 3)) };
}

fn letters(cx: &mut Interp<'_>, count: i32, from: &[char]) -> Run {
    if count < 0 {
        return Err(throw(
            "java.lang.IllegalArgumentException",
            format!("Requested random string length {count} is less than 0."),
        ));
    }
    cx.charge(count as usize)?;
    if from.is_empty() {
        return Err(throw(
            "java.lang.IllegalArgumentException",
            "The chars array must not be empty",
        ));
    }
    Ok(Value::from(
        (0..count)
            .map(|_| from[(cx.host.random() % from.len() as u64) as usize])
            .collect::<String>(),
    ))
}

methods! {
    fn random_utils(cx, me: &'static ClassInfo, a, name) -> RANDOM_UTILS;
    nextInt : 0 .. 2 => { let (from, to) = if a.len() == 2 { (i64::from(a.int(0)?), i64::from(a.int(1)?)) } else { (0, i64::from(i32::MAX)) }; between(cx, from, to).map(|v| Value::Int(v as i32)) };
    nextLong : 0 .. 2 => { let (from, to) = if a.len() == 2 { (a.long(0)?, a.long(1)?) } else { (0, i64::MAX) }; between(cx, from, to).map(Value::Long) };
    nextDouble : 0 .. 2 => { let (from, to) = if a.len() == 2 { (a.double(0)?, a.double(1)?) } else { (0.0, f64::MAX) }; let part = (cx.host.random() >> 11) as f64 / (1u64 << 53) as f64; Ok(Value::Double(from + part * (to - from))) };
    nextBoolean : 0 .. 0 => Ok(Value::Bool(cx.host.random() & 1 == 1));
}

/// A number of `RandomUtils`: `from` and below `to`, or `from` where they are the same.
fn between(cx: &mut Interp<'_>, from: i64, to: i64) -> Run<i64> {
    if to < from {
        return Err(throw(
            "java.lang.IllegalArgumentException",
            "Start value must be smaller or equal to end value.",
        ));
    }
    if from < 0 {
        return Err(throw(
            "java.lang.IllegalArgumentException",
            "Both range values must be non-negative.",
        ));
    }
    let width = to - from;
    Ok(if width == 0 {
        from
    } else {
        from + (cx.host.random() % width as u64) as i64
    })
}

/// As many letters as the one argument says, or a number from the first to below the second.
fn some_letters(cx: &mut Interp<'_>, a: Args<'_>, from: &[char]) -> Run {
    let mut count = a.int(0)?;
    if a.len() == 2 {
        let (least, end) = (i64::from(count), i64::from(a.int(1)?));
        if least < 0 || end < least {
            return Err(throw(
                "java.lang.IllegalArgumentException",
                "Start value must be smaller or equal to end value.",
            ));
        }
        let span = (end - least).max(1).unsigned_abs();
        count += i32::try_from(cx.host.random() % span).unwrap_or(0);
    }
    letters(cx, count, from)
}

methods! {
    fn strings(cx, me: &'static ClassInfo, a, name) -> STRINGS;
    randomAlphabetic : 1 .. 2 => { let all: Vec<char> = ('A'..='Z').chain('a'..='z').collect(); some_letters(cx, a, &all) };
    randomNumeric : 1 .. 2 => { let all: Vec<char> = ('0'..='9').collect(); some_letters(cx, a, &all) };
    randomAlphanumeric : 1 .. 2 => { let all: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').collect(); some_letters(cx, a, &all) };
    randomAscii : 1 .. 2 => { let all: Vec<char> = (' '..='~').collect(); some_letters(cx, a, &all) };
    random : 1 .. 3 => {
        let all: Vec<char> = match a.0 {
            [_, Value::Bool(letter), Value::Bool(digit)] => ('A'..='Z').chain('a'..='z').filter(|_| *letter).chain(('0'..='9').filter(|_| *digit)).collect(),
            [_, Value::Array(array)] => cx.text(&Value::Array(array.clone()))?.chars().collect(),
            [_, _] => a.text(1)?.chars().collect(),
            _ => (' '..='~').collect(),
        };
        letters(cx, a.int(0)?, &all)
    };
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("org.apache.commons.lang3.RandomUtils").statics(random_utils, RANDOM_UTILS),
    ClassInfo::named("java.util.Random")
        .constructor(new)
        .methods(&[METHODS]),
    ClassInfo::named("java.security.SecureRandom")
        .parents(&["java.util.Random"])
        .constructor(new)
        .methods(&[METHODS]),
    ClassInfo::named("java.util.concurrent.ThreadLocalRandom")
        .parents(&["java.util.Random"])
        .statics(thread_local, THREAD_LOCAL)
        .methods(&[METHODS]),
    ClassInfo::named("java.util.UUID")
        .parents(&["java.lang.Comparable"])
        .statics(uuid_static, UUID_STATICS)
        .methods(&[UUID]),
    ClassInfo::named("org.apache.commons.lang3.RandomStringUtils").statics(strings, STRINGS),
    ClassInfo::named("org.apache.commons.lang.RandomStringUtils").statics(strings, STRINGS),
];
