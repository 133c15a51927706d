//! When values are equal, how they are ordered, and their Java hash codes.

use std::cell::Cell;
use std::cmp::Ordering;

use crate::number;
use crate::value::{Key, Value};

/// Containers inside containers beyond this are never equal: a list may hold itself.
const MOST_DEPTH: u32 = 100;

thread_local! {
    /// Containers around the values that are being compared or hashed.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// Values that the running script may still have compared or hashed within containers.
    static LEFT: Cell<u64> = const { Cell::new(u64::MAX) };
}

/// While it lives, a script runs in this thread that may have only so many values compared or hashed within containers: a few lists
/// that hold one another have more than can ever be looked at. Once they are used up, answers come at once and mean nothing.
pub(crate) struct Allowance {
    before: u64,
}

impl Allowance {
    pub(crate) fn of(values: u64) -> Allowance {
        Allowance {
            before: LEFT.replace(values),
        }
    }

    /// Whether all are used up, so that answers mean nothing.
    pub(crate) fn is_used_up() -> bool {
        LEFT.get() == 0
    }
}

impl Drop for Allowance {
    fn drop(&mut self) {
        LEFT.set(self.before);
    }
}

fn spend(values: usize) -> bool {
    let left = LEFT.get().saturating_sub(values as u64);
    LEFT.set(left);
    left > 0
}

/// Looks at so many values within a container, unless they lie too deep or too many have been looked at: then it is `otherwise`.
fn within<T>(values: usize, otherwise: T, look: impl FnOnce() -> T) -> T {
    let depth = DEPTH.get();
    if depth == MOST_DEPTH || !spend(values + 1) {
        return otherwise;
    }
    DEPTH.set(depth + 1);
    let answer = look();
    DEPTH.set(depth);
    answer
}

/// `a.equals(b)`.
pub(crate) fn java_equals(a: &Value, b: &Value) -> bool {
    equals(a, b, false)
}

/// Groovy's `a == b`.
pub(crate) fn groovy_equals(a: &Value, b: &Value) -> bool {
    equals(a, b, true)
}

fn equals(a: &Value, b: &Value, groovy: bool) -> bool {
    let all = |x: &[Value], y: &[Value]| {
        x.len() == y.len()
            && within(x.len(), false, || {
                x.iter().zip(y).all(|(x, y)| equals(x, y, groovy))
            })
    };
    let same = |x: Option<Value>, y: Option<Value>| match (x, y) {
        (Some(x), Some(y)) => equals(&x, &y, groovy),
        (x, y) => x.is_none() && y.is_none(),
    };
    match (a, b) {
        (Value::Null | Value::Void, Value::Null | Value::Void) => true,
        (Value::Null | Value::Void, _) | (_, Value::Null | Value::Void) => false,
        (Value::Str(x), Value::Str(y)) => x == y,
        (Value::GString(x), Value::GString(y)) => x.text == y.text,
        (Value::Str(x), Value::GString(y)) | (Value::GString(y), Value::Str(x)) => {
            groovy && *x == y.text
        }
        (Value::Bool(x), Value::Bool(y)) => x == y,
        (Value::Int(x), Value::Int(y)) => x == y,
        (Value::Char(x), Value::Char(y)) => x == y,
        (Value::Char(c), Value::Str(s)) | (Value::Str(s), Value::Char(c)) => {
            groovy && {
                let mut units = s.encode_utf16();
                units.next() == Some(*c) && units.next().is_none()
            }
        }
        _ if number::rank(a).is_some() && number::rank(b).is_some() => {
            if groovy {
                return number::compare(a, b) == Some(Ordering::Equal);
            }
            match (a, b) {
                (Value::Long(x), Value::Long(y)) => x == y,
                (Value::Short(x), Value::Short(y)) => x == y,
                (Value::Byte(x), Value::Byte(y)) => x == y,
                (Value::Double(x), Value::Double(y)) => {
                    x.to_bits() == y.to_bits() || x.is_nan() && y.is_nan()
                }
                (Value::Float(x), Value::Float(y)) => {
                    x.to_bits() == y.to_bits() || x.is_nan() && y.is_nan()
                }
                (Value::Big(x), Value::Big(y)) => x == y,
                (Value::Decimal(x), Value::Decimal(y)) => {
                    x.0.scale == y.0.scale && x.0.unscaled == y.0.unscaled
                }
                _ => false,
            }
        }
        (Value::List(_) | Value::Range(_), Value::List(_) | Value::Range(_)) => {
            a.same_pointer(b)
                || match (a, b) {
                    (Value::Range(x), Value::Range(y)) if x.counts() && y.counts() => {
                        // Elements of both are one apart: those between the ends need no look.
                        let last = x.len().wrapping_sub(1);
                        x.len() == y.len()
                            && same(x.get(0), y.get(0))
                            && same(x.get(last), y.get(last))
                    }
                    _ => size(a) == size(b) && all(&sequence(a), &sequence(b)),
                }
        }
        (Value::List(_) | Value::Range(_), Value::Array(y)) if groovy => {
            size(a) == y.len() && all(&sequence(a), &y.items())
        }
        (Value::Array(x), Value::List(_) | Value::Range(_)) if groovy => {
            size(b) == x.len() && all(&x.items(), &sequence(b))
        }
        (Value::Array(x), Value::Array(y)) => {
            if groovy {
                all(&x.items(), &y.items())
            } else {
                std::sync::Arc::ptr_eq(x, y)
            }
        }
        (Value::Map(x), Value::Map(y)) => {
            if std::sync::Arc::ptr_eq(x, y) {
                return true;
            }
            if x.len() != y.len() {
                return false;
            }
            within(x.len(), false, || {
                x.entries().iter().all(|(key, value)| {
                    y.get(key)
                        .is_some_and(|other| equals(value, &other, groovy))
                })
            })
        }
        (Value::Set(x), Value::Set(y)) => {
            std::sync::Arc::ptr_eq(x, y)
                || x.len() == y.len()
                    && within(x.len(), false, || {
                        x.keys().iter().all(|key| y.contains(key))
                    })
        }
        (Value::Object(x), Value::Object(y)) => {
            if std::sync::Arc::ptr_eq(&x.0, &y.0) {
                return true;
            }
            within(1, false, || {
                x.0.equal(&*y.0 as &dyn std::any::Any).unwrap_or(false)
            })
        }
        (Value::Object(x), Value::Str(text)) => x.0.equal_text().is_some_and(|own| *own == **text),
        (Value::Closure(x), Value::Closure(y)) => std::sync::Arc::ptr_eq(x, y),
        (Value::Class(x), Value::Class(y)) => x.0.name() == y.0.name(),
        (Value::Host(x), Value::Host(y)) => x == y,
        _ => false,
    }
}

impl Value {
    fn same_pointer(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::List(a), Value::List(b)) => std::sync::Arc::ptr_eq(a, b),
            (Value::Range(a), Value::Range(b)) => std::sync::Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

fn sequence(value: &Value) -> Vec<Value> {
    match value {
        Value::List(list) => list.items(),
        Value::Range(range) => range.iter().collect(),
        _ => Vec::new(),
    }
}

fn size(value: &Value) -> usize {
    match value {
        Value::List(list) => list.len(),
        Value::Range(range) => range.len(),
        _ => 0,
    }
}

/// `compareTo`; `None` when the two cannot be compared.
pub(crate) fn natural_order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Null | Value::Void, Value::Null | Value::Void) => Some(Ordering::Equal),
        (Value::Null | Value::Void, _) => Some(Ordering::Less),
        (_, Value::Null | Value::Void) => Some(Ordering::Greater),
        (Value::Bool(x), Value::Bool(y)) => Some(x.cmp(y)),
        (Value::Char(c), _) if b.as_text().is_some() => {
            Some(compare_text(&String::from_utf16_lossy(&[*c]), b.as_text()?))
        }
        (_, Value::Char(c)) if a.as_text().is_some() => {
            Some(compare_text(a.as_text()?, &String::from_utf16_lossy(&[*c])))
        }
        _ if number::rank(a).is_some() && number::rank(b).is_some() => number::compare(a, b),
        (Value::Object(x), Value::Object(y)) => x.0.compare(&*y.0 as &dyn std::any::Any),
        _ => Some(compare_text(a.as_text()?, b.as_text()?)),
    }
}

/// `String.compareTo`: by UTF-16 units.
pub(crate) fn compare_text(a: &str, b: &str) -> Ordering {
    a.encode_utf16().cmp(b.encode_utf16())
}

/// What `String.compareTo` gives: the difference of the first different units, or of the lengths.
pub(crate) fn text_difference(a: &str, b: &str) -> i32 {
    for (x, y) in a.encode_utf16().zip(b.encode_utf16()) {
        if x != y {
            return i32::from(x) - i32::from(y);
        }
    }
    a.encode_utf16().count() as i32 - b.encode_utf16().count() as i32
}

pub(crate) fn text_hash(text: &str) -> i32 {
    if text.is_ascii() {
        return text.bytes().fold(0i32, |hash, b| {
            hash.wrapping_mul(31).wrapping_add(i32::from(b))
        });
    }
    text.encode_utf16().fold(0i32, |hash, unit| {
        hash.wrapping_mul(31).wrapping_add(i32::from(unit))
    })
}

fn double_hash(value: f64) -> i32 {
    let bits = if value.is_nan() {
        0x7ff8_0000_0000_0000
    } else {
        value.to_bits()
    };
    (bits ^ (bits >> 32)) as i32
}

/// `hashCode`. Objects without one of their own hash by their class: their order in a Java hash table is chance there, too.
pub(crate) fn java_hash(value: &Value) -> i32 {
    let of_list = |h: i32, v: &Value| 31i32.wrapping_mul(h).wrapping_add(java_hash(v));
    match value {
        Value::Null | Value::Void => 0,
        Value::Bool(v) => {
            if *v {
                1231
            } else {
                1237
            }
        }
        Value::Int(v) => *v,
        Value::Char(v) => i32::from(*v),
        Value::Byte(v) => i32::from(*v),
        Value::Short(v) => i32::from(*v),
        Value::Long(v) => (*v ^ ((*v as u64) >> 32) as i64) as i32,
        Value::Float(v) => v.to_bits() as i32,
        Value::Double(v) => double_hash(*v),
        Value::Str(text) => text_hash(text),
        Value::GString(text) => 37i32.wrapping_add(text_hash(&text.text)),
        Value::Big(v) => crate::decimal::big_hash(v),
        Value::Decimal(v) => v.0.hash(),
        Value::List(list) => {
            let items = list.items();
            within(items.len(), 0, || items.iter().fold(1, of_list))
        }
        Value::Range(range) if range.class == "groovy.lang.IntRange" && range.len() > 0 => {
            // `IntRange.hashCode` of Groovy 3.
            let (a, b) = range.bounds().unwrap_or_default();
            let (from, to) = (a.min(b) as i32, a.max(b) as i32);
            let sum = from.wrapping_add(to);
            (sum.wrapping_add(1).wrapping_mul(sum) / 2).wrapping_add(to)
        }
        Value::Range(range) => within(range.len(), 0, || {
            range.iter().fold(1, |h, v| of_list(h, &v))
        }),
        Value::Map(map) => within(map.len(), 0, || {
            map.entries()
                .iter()
                .fold(0, |h, (k, v)| h.wrapping_add(java_hash(k) ^ java_hash(v)))
        }),
        Value::Set(set) => within(set.len(), 0, || {
            let keys = set.keys();
            keys.iter().fold(0, |h, k| h.wrapping_add(java_hash(k)))
        }),
        Value::Object(object) => {
            within(1, 0, || object.0.hash().unwrap_or_else(|| identity(value)))
        }
        _ => identity(value),
    }
}

/// A stand-in for `System.identityHashCode`: the address.
pub(crate) fn identity(value: &Value) -> i32 {
    let address = match value {
        Value::List(v) => std::sync::Arc::as_ptr(v) as usize,
        Value::Map(v) | Value::Set(v) => std::sync::Arc::as_ptr(v) as usize,
        Value::Array(v) => std::sync::Arc::as_ptr(v) as usize,
        Value::Closure(v) => std::sync::Arc::as_ptr(v) as usize,
        Value::Object(v) => std::sync::Arc::as_ptr(&v.0).cast::<()>() as usize,
        _ => return text_hash(&crate::class::class_name(value)) & i32::MAX,
    };
    (address >> 4) as i32 & i32::MAX
}

/// Whether values hold one, by `equals`.
pub(crate) fn contains(items: &[Value], wanted: &Value) -> bool {
    position(items, wanted).is_some()
}

/// Where values hold one first, by `equals`.
pub(crate) fn position(items: &[Value], wanted: &Value) -> Option<usize> {
    within(items.len(), None, || {
        items.iter().position(|item| java_equals(item, wanted))
    })
}

/// Where values hold one last, by `equals`.
pub(crate) fn last_position(items: &[Value], wanted: &Value) -> Option<usize> {
    within(items.len(), None, || {
        items.iter().rposition(|item| java_equals(item, wanted))
    })
}

/// An ordered set of values by `equals`.
pub(crate) fn distinct(items: Vec<Value>) -> Vec<Value> {
    let mut seen = indexmap::IndexSet::new();
    seen.extend(items.into_iter().map(Key));
    seen.into_iter().map(|key| key.0).collect()
}
