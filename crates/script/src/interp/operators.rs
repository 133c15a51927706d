//! Operators of the languages, over values of any kind.

use std::cmp::Ordering;
use std::sync::Arc;

use super::Interp;
use crate::ast::{BinaryOp, UnaryOp};
use crate::class::class_name;
use crate::equality::{groovy_equals, java_equals, natural_order};
use crate::fail::{Fail, Run};
use crate::library::regex::{Matcher, Pattern};
use crate::library::throwable::{throw, throw_plain};
use crate::name::Name;
use crate::number;
use crate::value::{List, Map, Value};

impl Interp<'_> {
    /// Groovy truth; JEXL's is close to it.
    pub(crate) fn truth(&mut self, value: &Value) -> Run<bool> {
        Ok(match value {
            Value::Null | Value::Void => false,
            Value::Bool(value) => *value,
            Value::Str(text) if self.jexl() => &**text == "true",
            Value::Str(text) => !text.is_empty(),
            Value::GString(_) => !self.text(value)?.is_empty(),
            Value::Int(v) => *v != 0,
            Value::Char(v) => *v != 0,
            Value::List(list) => list.len() > 0,
            Value::Map(map) | Value::Set(map) => !map.is_empty(),
            Value::Array(array) => array.len() > 0,
            Value::Range(range) => range.len() > 0,
            Value::Object(native) => native.0.truth().unwrap_or(true),
            _ if value.is_number() => number::to_f64(value) != 0.0,
            _ => true,
        })
    }

    pub(super) fn unary(&mut self, op: UnaryOp, value: &Value) -> Run {
        match op {
            UnaryOp::Not => {
                if self.beanshell() {
                    return match value {
                        Value::Bool(v) => Ok(Value::Bool(!v)),
                        _ => Err(throw(
                            "bsh.EvalError",
                            "Unary operation \"!\" inappropriate for object",
                        )),
                    };
                }
                if self.jexl() && value.as_text().is_some() {
                    return Ok(Value::Bool(
                        value
                            .as_text()
                            .is_some_and(|t| t.is_empty() || &**t == "false"),
                    ));
                }
                Ok(Value::Bool(!self.truth(value)?))
            }
            UnaryOp::Negative => match number::negate(value) {
                Some(value) => Ok(value),
                None => self.call_method(value, &Name::new("negative"), &[]),
            },
            UnaryOp::Positive if value.is_number() => Ok(value.clone()),
            UnaryOp::Positive => self.call_method(value, &Name::new("positive"), &[]),
            UnaryOp::BitNot => match value {
                Value::Str(_) | Value::GString(_) => {
                    let text = self.text(value)?;
                    Ok(Value::object(Pattern::compile(&text, 0)?))
                }
                Value::Long(v) => Ok(Value::Long(!v)),
                Value::Big(v) => Ok(Value::big(!&**v)),
                _ => match value.as_int() {
                    Some(v) => Ok(Value::Int(!v)),
                    None => self.call_method(value, &Name::new("bitwiseNegate"), &[]),
                },
            },
        }
    }

    pub(crate) fn binary(&mut self, op: BinaryOp, a: &Value, b: &Value) -> Run {
        // Integers first: loops are made of them.
        if let (Value::Int(x), Value::Int(y)) = (a, b) {
            match op {
                BinaryOp::Less => return Ok(Value::Bool(x < y)),
                BinaryOp::LessEqual => return Ok(Value::Bool(x <= y)),
                BinaryOp::Greater => return Ok(Value::Bool(x > y)),
                BinaryOp::GreaterEqual => return Ok(Value::Bool(x >= y)),
                BinaryOp::Equal => return Ok(Value::Bool(x == y)),
                BinaryOp::NotEqual => return Ok(Value::Bool(x != y)),
                BinaryOp::Add if !self.jexl() => return Ok(Value::Int(x.wrapping_add(*y))),
                BinaryOp::Sub if !self.jexl() => return Ok(Value::Int(x.wrapping_sub(*y))),
                BinaryOp::Mul if !self.jexl() => return Ok(Value::Int(x.wrapping_mul(*y))),
                _ => {}
            }
        }
        if self.beanshell() {
            return self.bsh_binary(op, a, b);
        }
        if self.jexl() {
            return self.jexl_binary(op, a, b);
        }
        self.groovy_binary(op, a, b)
    }

    pub(crate) fn binary_equals(&mut self, a: &Value, b: &Value) -> Run<bool> {
        // A script class may have an `equals` of its own.
        if a.native::<crate::library::instance::Instance>().is_some() && !b.is_nothing() {
            let own = self.call_method(a, &Name::new("equals"), std::slice::from_ref(b))?;
            return self.truth(&own);
        }
        if let (Value::GString(x), _) | (_, Value::GString(x)) = (a, b)
            && x.lazy.is_some()
        {
            let (x, y) = (self.text(a)?, self.text(b)?);
            return Ok(x == y);
        }
        Ok(groovy_equals(a, b))
    }

    fn groovy_binary(&mut self, op: BinaryOp, a: &Value, b: &Value) -> Run {
        match op {
            BinaryOp::Equal => return Ok(Value::Bool(self.binary_equals(a, b)?)),
            BinaryOp::NotEqual => return Ok(Value::Bool(!self.binary_equals(a, b)?)),
            BinaryOp::Identical => return Ok(Value::Bool(a.same(b))),
            BinaryOp::NotIdentical => return Ok(Value::Bool(!a.same(b))),
            BinaryOp::Less
            | BinaryOp::LessEqual
            | BinaryOp::Greater
            | BinaryOp::GreaterEqual
            | BinaryOp::Compare => {
                let order = self.order(a, b)?;
                return Ok(ordered(op, order));
            }
            BinaryOp::Find | BinaryOp::Match => return self.regex_operator(op, a, b),
            _ => {}
        }
        if a.is_nothing() {
            if op == BinaryOp::Add && b.as_text().is_some() {
                return self.concat(a, b);
            }
            let b = self.text(b)?;
            return Err(throw(
                "java.lang.NullPointerException",
                format!("Cannot execute null{}{b}", op.text()),
            ));
        }
        if number::rank(a).is_some() && number::rank(b).is_some() && !matches!(a, Value::Char(_)) {
            return number::groovy(op, a, b);
        }
        match (op, a) {
            (BinaryOp::Add, _) if a.as_text().is_some() => return self.concat(a, b),
            (BinaryOp::Add, _)
                if b.as_text().is_some() && (a.is_number() || matches!(a, Value::Char(_))) =>
            {
                return self.concat(a, b);
            }
            (BinaryOp::Add, Value::Char(_)) if number::rank(b).is_some() => {
                return number::groovy(op, a, b);
            }
            (_, Value::Char(_)) if number::rank(b).is_some() => return number::groovy(op, a, b),
            (BinaryOp::Add, Value::List(_) | Value::Set(_) | Value::Range(_)) => {
                let mut items = self.items(a)?;
                match b {
                    Value::List(_) | Value::Set(_) | Value::Range(_) | Value::Array(_) => {
                        items.extend(self.items(b)?)
                    }
                    other => items.push(other.clone()),
                }
                self.charge_items(items.len())?;
                return Ok(like(a, items));
            }
            (BinaryOp::Sub, Value::List(_) | Value::Set(_) | Value::Range(_)) => {
                let items = self.items(a)?;
                let gone = match b {
                    Value::List(_) | Value::Set(_) | Value::Range(_) => self.items(b)?,
                    other => vec![other.clone()],
                };
                self.work(items.len() * gone.len().max(1))?;
                let kept = items
                    .into_iter()
                    .filter(|item| !gone.iter().any(|g| groovy_equals(g, item)))
                    .collect();
                return Ok(like(a, kept));
            }
            (BinaryOp::Mul, Value::List(_) | Value::Range(_)) if b.is_number() => {
                let items = self.items(a)?;
                let times = number::to_i64(b).max(0) as usize;
                self.charge_items(items.len().saturating_mul(times))?;
                return Ok(Value::list(
                    std::iter::repeat_n(items, times).flatten().collect(),
                ));
            }
            (BinaryOp::Add, Value::Map(left)) => {
                if let Value::Map(right) = b {
                    let map = Map::new(left.class, left.order);
                    for (key, value) in left.entries().into_iter().chain(right.entries()) {
                        map.put(key, value);
                    }
                    self.charge_items(map.len() * 2)?;
                    return Ok(Value::Map(Arc::new(map)));
                }
            }
            (BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor, Value::Bool(x)) => {
                let y = self.truth(b)?;
                return Ok(Value::Bool(match op {
                    BinaryOp::BitAnd => *x && y,
                    BinaryOp::BitOr => *x || y,
                    _ => *x != y,
                }));
            }
            (BinaryOp::ShiftLeft, Value::List(_) | Value::Set(_)) => {
                let name = Name::new("add");
                self.call_method(a, &name, std::slice::from_ref(b))?;
                return Ok(a.clone());
            }
            (BinaryOp::ShiftRight, Value::Closure(first))
            | (BinaryOp::ShiftLeft, Value::Closure(first)) => {
                if let Value::Closure(second) = b {
                    let (first, second) = if op == BinaryOp::ShiftRight {
                        (first, second)
                    } else {
                        (second, first)
                    };
                    return crate::library::closure::compose(self, first, second);
                }
            }
            _ => {}
        }
        self.call_method(a, &Name::new(op.method()), std::slice::from_ref(b))
    }

    pub(crate) fn concat(&mut self, a: &Value, b: &Value) -> Run {
        if let (Value::GString(x), Value::GString(y)) = (a, b)
            && x.lazy.is_none()
            && y.lazy.is_none()
        {
            let text: Arc<str> = Arc::from([&*x.text, &*y.text].concat());
            self.charge(text.len())?;
            return Ok(Value::GString(Arc::new(crate::value::GString {
                text,
                lazy: None,
            })));
        }
        let gstring = matches!(a, Value::GString(_)) && self.groovy();
        let (x, y) = if self.groovy() {
            (self.string_text(a)?, self.string_text(b)?)
        } else {
            (self.java_text(a)?, self.java_text(b)?)
        };
        self.charge(x.len() + y.len())?;
        let text: Arc<str> = Arc::from([&*x, &*y].concat());
        Ok(if gstring {
            Value::GString(Arc::new(crate::value::GString { text, lazy: None }))
        } else {
            Value::Str(text)
        })
    }

    /// `a <=> b`.
    pub(crate) fn order(&mut self, a: &Value, b: &Value) -> Run<Ordering> {
        if let Some(order) = natural_order(a, b) {
            return Ok(order);
        }
        if a.native::<crate::library::instance::Instance>().is_some()
            && let Ok(Value::Int(order)) =
                self.try_method(a, &Name::new("compareTo"), std::slice::from_ref(b))
        {
            return Ok(order.cmp(&0));
        }
        // A one-letter text is compared with a number by its character.
        if let (Some(text), true) = (a.as_text(), b.is_number())
            && let (Some(c), None) = ({
                let mut u = text.encode_utf16();
                (u.next(), u.next())
            })
        {
            return Ok(number::compare(&Value::Char(c), b).unwrap_or(Ordering::Equal));
        }
        if groovy_equals(a, b) && !matches!(a, Value::List(_) | Value::Map(_)) {
            return Ok(Ordering::Equal);
        }
        let (x, y) = (self.text(a)?, self.text(b)?);
        if let (Some(_), true) = (a.as_text(), !matches!(b, Value::Str(_) | Value::GString(_))) {
            return Err(throw(
                "java.lang.ClassCastException",
                cannot_cast(b, "java.lang.String"),
            ));
        }
        Err(throw(
            "java.lang.IllegalArgumentException",
            format!(
                "Cannot compare {} with value '{x}' and {} with value '{y}'",
                class_name(a),
                class_name(b)
            ),
        ))
    }

    fn regex_operator(&mut self, op: BinaryOp, a: &Value, b: &Value) -> Run {
        if a.is_nothing() || b.is_nothing() {
            return if op == BinaryOp::Match {
                Ok(Value::Bool(false))
            } else {
                Err(throw_plain("java.lang.NullPointerException"))
            };
        }
        let text = self.text(a)?;
        let pattern = match b.native::<Pattern>() {
            Some(pattern) => pattern.clone(),
            None => {
                let source = self.text(b)?;
                Pattern::compile(&source, 0)?
            }
        };
        if op == BinaryOp::Match {
            return pattern.matches(&text).map(Value::Bool);
        }
        Ok(Value::object(Matcher::new(pattern, text)))
    }

    fn bsh_binary(&mut self, op: BinaryOp, a: &Value, b: &Value) -> Run {
        let equality = matches!(op, BinaryOp::Equal | BinaryOp::NotEqual);
        // A text takes the word for a name that is not defined.
        if op == BinaryOp::Add
            && let (Value::Void, Value::Str(_)) | (Value::Str(_), Value::Void) = (a, b)
        {
            let word = |value: &Value| match value {
                Value::Void => Value::from("void"),
                value => value.clone(),
            };
            return self.concat(&word(a), &word(b));
        }
        if !equality && (matches!(a, Value::Void) || matches!(b, Value::Void)) {
            return Err(throw(
                "bsh.EvalError",
                "illegal use of undefined variable, class, or 'void' literal",
            ));
        }
        if equality {
            let equal = match (a, b) {
                (Value::Void, other) | (other, Value::Void) => matches!(other, Value::Void),
                _ if number::rank(a).is_some() && number::rank(b).is_some() => {
                    number::compare(a, b) == Some(Ordering::Equal)
                }
                (Value::Bool(x), Value::Bool(y)) => x == y,
                _ => a.same(b),
            };
            return Ok(Value::Bool(equal == (op == BinaryOp::Equal)));
        }
        if op == BinaryOp::Add && (a.as_text().is_some() || b.as_text().is_some()) {
            return self.concat(a, b);
        }
        if let (Value::Bool(x), Value::Bool(y)) = (a, b) {
            match op {
                BinaryOp::BitAnd => return Ok(Value::Bool(x & y)),
                BinaryOp::BitOr => return Ok(Value::Bool(x | y)),
                BinaryOp::BitXor => return Ok(Value::Bool(x ^ y)),
                _ => {}
            }
        }
        if number::rank(a).is_some() && number::rank(b).is_some() {
            if matches!(
                op,
                BinaryOp::Less | BinaryOp::LessEqual | BinaryOp::Greater | BinaryOp::GreaterEqual
            ) {
                let order = number::compare(a, b).unwrap_or(Ordering::Equal);
                return Ok(ordered(op, order));
            }
            let out = number::java(op, a, b);
            if out.is_err() {
                self.doing = Some("Arithemetic Exception in binary op".into());
            }
            return out;
        }
        let is_primitive =
            |value: &Value| matches!(value, Value::Bool(_)) || number::rank(value).is_some();
        if is_primitive(a) && is_primitive(b) && class_name(a) != class_name(b) {
            return Err(throw(
                "bsh.EvalError",
                format!(
                    "Type mismatch in operator.  class {} cannot be used with class {}",
                    class_name(a),
                    class_name(b)
                ),
            ));
        }
        Err(throw(
            "bsh.EvalError",
            format!("Operator: '\"{}\"' inappropriate for objects", op.text()),
        ))
    }

    fn jexl_binary(&mut self, op: BinaryOp, a: &Value, b: &Value) -> Run {
        match op {
            BinaryOp::Equal | BinaryOp::NotEqual => {
                let equal = self.jexl_equals(a, b)?;
                return Ok(Value::Bool(equal == (op == BinaryOp::Equal)));
            }
            BinaryOp::Less | BinaryOp::LessEqual | BinaryOp::Greater | BinaryOp::GreaterEqual => {
                if a.is_nothing() || b.is_nothing() {
                    return Ok(Value::Bool(false));
                }
                let order = if a.is_number() || b.is_number() {
                    let (x, y) = (jexl_number(a)?, jexl_number(b)?);
                    number::compare(&x, &y).unwrap_or(Ordering::Equal)
                } else if a.as_text().is_some() || b.as_text().is_some() {
                    let (x, y) = (self.java_text(a)?, self.java_text(b)?);
                    crate::equality::compare_text(&x, &y)
                } else {
                    natural_order(a, b)
                        .ok_or_else(|| throw_plain("java.lang.ArithmeticException"))?
                };
                return Ok(ordered(op, order));
            }
            BinaryOp::Contains | BinaryOp::NotContains => {
                let found = match b {
                    Value::Null | Value::Void => a.is_nothing(),
                    Value::Str(pattern) => {
                        let text = self.java_text(a)?;
                        Pattern::compile(pattern, 0)?.matches(&text)?
                    }
                    Value::Map(map) => map.contains(a),
                    _ => {
                        let items = self.items(b)?;
                        crate::equality::contains(&items, a)
                    }
                };
                return Ok(Value::Bool(found == (op == BinaryOp::Contains)));
            }
            BinaryOp::StartsWith
            | BinaryOp::NotStartsWith
            | BinaryOp::EndsWith
            | BinaryOp::NotEndsWith => {
                let (x, y) = (self.java_text(a)?, self.java_text(b)?);
                let found = match op {
                    BinaryOp::StartsWith | BinaryOp::NotStartsWith => x.starts_with(&*y),
                    _ => x.ends_with(&*y),
                };
                return Ok(Value::Bool(
                    found == matches!(op, BinaryOp::StartsWith | BinaryOp::EndsWith),
                ));
            }
            _ => {}
        }
        let is_strict = self.program.language == crate::language::Language::Jexl3;
        let lacks_one = a.is_nothing() || b.is_nothing();
        if lacks_one && is_strict || a.is_nothing() && b.is_nothing() {
            return Err(throw("java.lang.ArithmeticException", "jexl.null"));
        }
        if op == BinaryOp::Add {
            // JEXL 2 adds texts that are numbers; JEXL 3 joins them.
            let joins = a.as_text().is_some() || b.as_text().is_some();
            let numeric = self.program.language == crate::language::Language::Jexl2
                && (joins && jexl_number(a).is_ok() && jexl_number(b).is_ok());
            if joins && !numeric {
                return self.concat(
                    if a.is_nothing() { &EMPTY } else { a },
                    if b.is_nothing() { &EMPTY } else { b },
                );
            }
        }
        let (x, y) = (jexl_number(a)?, jexl_number(b)?);
        if matches!(op, BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor) {
            return number::java(
                op,
                &Value::Long(number::to_i64(&x)),
                &Value::Long(number::to_i64(&y)),
            );
        }
        let wide = |v: &Value| {
            if v.as_long().is_some() {
                Value::big(number::to_big(v))
            } else {
                v.clone()
            }
        };
        if x.as_long().is_some() && y.as_long().is_some() && op == BinaryOp::Rem {
            return number::java(op, &x, &y);
        }
        let out = number::java(op, &wide(&x), &wide(&y)).map_err(|fail| {
            if let Fail::NoMethod = fail {
                throw_plain("java.lang.ArithmeticException")
            } else {
                fail
            }
        })?;
        Ok(narrow(out, &x, &y))
    }

    fn jexl_equals(&mut self, a: &Value, b: &Value) -> Run<bool> {
        if a.is_nothing() || b.is_nothing() {
            return Ok(a.is_nothing() && b.is_nothing());
        }
        if let Value::Bool(_) = a {
            return Ok(a_bool(a) == a_bool(b));
        }
        if let Value::Bool(_) = b {
            return Ok(a_bool(a) == a_bool(b));
        }
        if a.is_number() || b.is_number() {
            return Ok(match (jexl_number(a), jexl_number(b)) {
                (Ok(x), Ok(y)) => number::compare(&x, &y) == Some(Ordering::Equal),
                _ => false,
            });
        }
        if a.as_text().is_some() || b.as_text().is_some() {
            return Ok(self.java_text(a)? == self.java_text(b)?);
        }
        Ok(java_equals(a, b))
    }
}

const EMPTY: Value = Value::Null;

fn a_bool(value: &Value) -> bool {
    match value {
        Value::Bool(v) => *v,
        Value::Str(text) => text.eq_ignore_ascii_case("true"),
        _ => value.is_number() && number::to_f64(value) != 0.0,
    }
}

pub(super) fn jexl_number(value: &Value) -> Run {
    match value {
        Value::Null | Value::Void => Ok(Value::Int(0)),
        Value::Bool(v) => Ok(Value::Int(i32::from(*v))),
        Value::Str(text) if text.is_empty() => Ok(Value::Int(0)),
        Value::Str(text) => {
            if let Some(value) = number::parse_integer(text.trim(), 10, true) {
                return Ok(i32::try_from(value).map_or(Value::Long(value), Value::Int));
            }
            number::parse_double(text)
                .map(Value::Double)
                .ok_or_else(|| {
                    throw(
                        "java.lang.NumberFormatException",
                        format!("For input string: \"{text}\""),
                    )
                })
        }
        _ if value.is_number() => Ok(value.clone()),
        Value::Char(c) => Ok(Value::Int(i32::from(*c))),
        _ => Err(throw(
            "java.lang.ArithmeticException",
            "Object coercion exception",
        )),
    }
}

/// The narrowest type that holds a result of integers, no narrower than the operands.
fn narrow(value: Value, a: &Value, b: &Value) -> Value {
    let Value::Big(big) = &value else {
        return value;
    };
    let long = matches!(a, Value::Long(_)) || matches!(b, Value::Long(_));
    if a.as_long().is_none() || b.as_long().is_none() {
        return value;
    }
    if let (Ok(int), false) = (i32::try_from(&**big), long) {
        return Value::Int(int);
    }
    i64::try_from(&**big).map_or_else(|_| value.clone(), Value::Long)
}

fn ordered(op: BinaryOp, order: Ordering) -> Value {
    match op {
        BinaryOp::Less => Value::Bool(order.is_lt()),
        BinaryOp::LessEqual => Value::Bool(order.is_le()),
        BinaryOp::Greater => Value::Bool(order.is_gt()),
        BinaryOp::GreaterEqual => Value::Bool(order.is_ge()),
        _ => Value::Int(order as i32),
    }
}

/// A collection of the kind of `model`.
pub(crate) fn like(model: &Value, items: Vec<Value>) -> Value {
    match model {
        Value::Set(set) => {
            let out = Map::new(set.class, set.order);
            for item in items {
                out.put(item, Value::Null);
            }
            Value::Set(Arc::new(out))
        }
        Value::List(list) if list.mutability == crate::value::Mutability::Free => {
            Value::List(Arc::new(List::of(list.class, items)))
        }
        _ => Value::list(items),
    }
}

pub(super) fn cannot_cast(value: &Value, to: &str) -> String {
    format!(
        "class {} cannot be cast to class {to} ({} and {to} are in module java.base of loader 'bootstrap')",
        class_name(value),
        class_name(value)
    )
}
