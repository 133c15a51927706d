//! Reading properties and elements.

use std::sync::Arc;

use super::Interp;
use super::call::Arguments;
use crate::ast::*;
use crate::class::{Class, class_name};
use crate::fail::{Fail, Run};
use crate::library::throwable::throw;
use crate::name::Name;
use crate::value::{HostObject, Value, lock};

impl Interp<'_> {
    pub(super) fn property(&mut self, p: &Property, pos: Pos) -> Run {
        let object = match self.eval(&p.object) {
            Err(Fail::Throw(_)) if self.jexl() && p.safe => Value::Null,
            object => object?,
        };
        self.line = pos.line;
        let computed;
        let (name, getter, is_getter) = match &p.member {
            Member::Fixed(name) => (name, &p.getter, &p.is_getter),
            Member::Computed(value) => {
                let value = self.eval(value)?;
                let name = Name::new(&self.text(&value)?);
                computed = (name.getter("get"), name.getter("is"), name);
                (&computed.2, &computed.0, &computed.1)
            }
        };
        if p.safe && object.is_nothing() {
            return Ok(Value::Null);
        }
        if p.attribute && !p.spread {
            return crate::library::xml::attribute(self, &object, &name.text);
        }
        if p.spread {
            let mut out = Vec::new();
            for item in self.items(&object)? {
                out.push(if item.is_nothing() {
                    Value::Null
                } else if p.attribute {
                    crate::library::xml::attribute(self, &item, &name.text)?
                } else {
                    self.known_property(&item, name, getter, is_getter)?
                });
            }
            return Ok(Value::list(out));
        }
        self.known_property(&object, name, getter, is_getter)
    }

    pub(super) fn known_property(
        &mut self,
        object: &Value,
        name: &Name,
        getter: &Name,
        is_getter: &Name,
    ) -> Run {
        match self.get_property(object, name, getter, is_getter) {
            Err(Fail::NoMethod) => Err(self.no_property(object, name)),
            result => result,
        }
    }

    fn no_property(&mut self, object: &Value, name: &Name) -> Fail {
        let class = match object {
            Value::Class(class) => class.0.name(),
            _ => class_name(object),
        };
        if self.beanshell() {
            return throw(
                "bsh.EvalError",
                format!("Cannot access field: {}, on object: {}", name.text, class),
            );
        }
        throw(
            "groovy.lang.MissingPropertyException",
            format!("No such property: {} for class: {class}", name.text),
        )
    }

    /// `object.name`; [`Fail::NoMethod`] when there is no such property.
    pub(crate) fn get_property(
        &mut self,
        object: &Value,
        name: &Name,
        getter: &Name,
        is_getter: &Name,
    ) -> Run {
        match object {
            Value::Null | Value::Void => {
                return Err(if self.beanshell() {
                    if matches!(object, Value::Void) {
                        throw(
                            "bsh.EvalError",
                            format!(
                                "illegal use of undefined variable, class, or 'void' literal: {}",
                                name.text
                            ),
                        )
                    } else {
                        throw(
                            "java.lang.NullPointerException",
                            format!("Null Pointer while evaluating: a.{}", name.text),
                        )
                    }
                } else if self.jexl() {
                    throw(
                        "org.apache.commons.jexl3.JexlException$Property",
                        format!("unsolvable property '{}'", name.text),
                    )
                } else {
                    throw(
                        "java.lang.NullPointerException",
                        format!("Cannot get property '{}' on null object", name.text),
                    )
                });
            }
            Value::Map(map) if !self.beanshell() => {
                if map.default.is_some() {
                    return crate::library::map::get(self, map, &Value::Str(name.text.clone()));
                }
                return Ok(map
                    .get(&Value::Str(name.text.clone()))
                    .unwrap_or(Value::Null));
            }
            // In JEXL an array has no such property.
            Value::Array(_) if &*name.text == "length" && self.jexl() => {
                return Err(Fail::NoMethod);
            }
            Value::Array(array) if &*name.text == "length" => {
                return Ok(Value::from(array.len()));
            }
            Value::Host(HostObject::Vars) if self.groovy() || self.jexl() => {
                return Ok(match self.host.variable(&name.text, None) {
                    None => Value::Null,
                    Some(Value::Str(text)) => Value::Str(text),
                    Some(value) => Value::Str(self.java_text(&value)?),
                });
            }
            Value::Host(HostObject::Shell) if &*name.text == "args" => {
                return Ok(self.parameter_array());
            }
            Value::Host(HostObject::Script) => {
                if let Some(at) = self
                    .program
                    .globals
                    .iter()
                    .position(|g| g.hash == name.hash)
                    && !matches!(self.globals[at], Value::Void)
                {
                    return Ok(self.globals[at].clone());
                }
            }
            Value::Class(class) => {
                if let Some(value) = self.static_property(&class.0.clone(), name)? {
                    return Ok(value);
                }
            }
            Value::Int(_) | Value::Long(_) if self.has_time_category() => {
                let number = object.as_long().unwrap_or(0);
                if let Some(span) = crate::library::time::span_of_number(number, getter.hash) {
                    return Ok(span);
                }
            }
            Value::Closure(closure) => match &*name.text {
                "delegate" => {
                    return Ok(lock(&closure.delegate)
                        .clone()
                        .unwrap_or(Value::Host(HostObject::Script)));
                }
                "owner" | "thisObject" => return Ok(closure.this.clone()),
                _ => {}
            },
            // Outside of the class its getter comes before the field.
            Value::Object(_)
                if object
                    .native::<crate::library::instance::Instance>()
                    .is_some_and(|one| {
                        !self.this.same(object) && (one.has(getter, 0) || one.has(is_getter, 0))
                    }) => {}
            Value::Object(native) => {
                if let Some(value) = native.0.clone().property(self, &name.text)? {
                    return Ok(value);
                }
            }
            _ => {}
        }
        for getter in [getter, is_getter] {
            // What `methodMissing` makes of a getter is no property.
            if crate::library::instance::only_missing(object, getter) {
                continue;
            }
            match self.try_method(object, getter, &[]) {
                Err(Fail::NoMethod) => {}
                result => return result,
            }
        }
        if let Some(value) = crate::library::instance::missing_property(self, object, name)? {
            return Ok(value);
        }
        if let Some(value) = crate::class::find(&class_name(object))
            .and_then(|class| class.field)
            .and_then(|field| field(&name.text))
        {
            return Ok(value);
        }
        if !self.beanshell()
            && let Value::List(_) | Value::Set(_) | Value::Range(_) | Value::Array(_) = object
        {
            return self.spread_property(object, name, getter, is_getter);
        }
        Err(Fail::NoMethod)
    }

    /// `list.name`: the property of each element.
    fn spread_property(
        &mut self,
        object: &Value,
        name: &Name,
        getter: &Name,
        is_getter: &Name,
    ) -> Run {
        let mut out = Vec::new();
        for item in self.items(object)? {
            if item.is_nothing() {
                continue;
            }
            let value = match self.get_property(&item, name, getter, is_getter) {
                Err(Fail::NoMethod) => {
                    return Err(throw(
                        "groovy.lang.MissingPropertyException",
                        format!(
                            "Exception evaluating property '{}' for {}, Reason: groovy.lang.MissingPropertyException: No such property: {} for class: {}",
                            name.text,
                            class_name(object),
                            name.text,
                            class_name(&item)
                        ),
                    ));
                }
                value => value?,
            };
            out.push(value);
        }
        Ok(Value::list(out))
    }

    fn static_property(&mut self, class: &Class, name: &Name) -> Run<Option<Value>> {
        Ok(match class {
            Class::Known(info) => info.field.and_then(|field| field(&name.text)),
            Class::Script(class) => crate::library::instance::static_field(self, class, name)?,
            Class::Array(_) => None,
        })
    }

    pub(super) fn index_key(&mut self, items: &[Expr]) -> Run {
        if let [one] = items {
            return self.eval(one);
        }
        let mut keys = Arguments::new();
        for item in items {
            keys.push(self.eval(item)?);
        }
        Ok(Value::list(keys.into_vec()))
    }

    /// `object[key]`.
    pub(crate) fn index(&mut self, object: &Value, key: &Value) -> Run {
        match (object, key) {
            (Value::List(list), Value::Int(at)) => {
                let length = list.len();
                if self.groovy() {
                    let at = if *at < 0 {
                        i64::from(*at) + length as i64
                    } else {
                        i64::from(*at)
                    };
                    if at < 0 {
                        return Err(throw(
                            "java.lang.ArrayIndexOutOfBoundsException",
                            format!(
                                "Negative array index [{}] too large for array size {length}",
                                at - length as i64
                            ),
                        ));
                    }
                    return Ok(list.get(at as usize).unwrap_or(Value::Null));
                }
                list.get(usize::try_from(*at).unwrap_or(usize::MAX))
                    .ok_or_else(|| out_of_bounds(*at, length))
            }
            (Value::Array(array), key) if key.as_int().is_some() => {
                let (mut at, length) = (key.as_int().unwrap_or(0), array.len());
                if at < 0 && self.groovy() {
                    at += i32::try_from(length).unwrap_or(0);
                }
                match array.get(usize::try_from(at).unwrap_or(usize::MAX)) {
                    Some(value) => Ok(value),
                    None if self.beanshell() => Err(crate::library::throwable::throw_plain(
                        "java.lang.ArrayIndexOutOfBoundsException",
                    )),
                    None if at < 0 => Err(throw(
                        "java.lang.ArrayIndexOutOfBoundsException",
                        format!(
                            "Negative array index [{}] too large for array size {length}",
                            i64::from(at) - length as i64
                        ),
                    )),
                    None => Err(throw(
                        "java.lang.ArrayIndexOutOfBoundsException",
                        format!("Index {at} out of bounds for length {length}"),
                    )),
                }
            }
            (Value::Map(map), key) => {
                // A GString finds the entry of its text.
                let key = match key {
                    Value::GString(_) => Value::Str(self.text(key)?),
                    key => key.clone(),
                };
                let map = map.clone();
                crate::library::map::get(self, &map, &key)
            }
            (Value::Host(HostObject::Vars), key) if key.as_text().is_some() => {
                let name = Name::new(&self.text(key)?);
                self.get_property(object, &name, &name, &name)
            }
            (Value::Null | Value::Void, key) => {
                if self.jexl() {
                    return Err(throw(
                        "org.apache.commons.jexl3.JexlException$Property",
                        "unsolvable property",
                    ));
                }
                let _ = key;
                Err(throw(
                    "java.lang.NullPointerException",
                    "Cannot invoke method getAt() on null object",
                ))
            }
            _ => {
                if let Value::List(_) | Value::Array(_) | Value::Range(_) | Value::Set(_) = object
                    && let Some(out) = self.index_sequence(object, key)?
                {
                    return Ok(out);
                }
                let name = Name::new("getAt");
                match self.try_method(object, &name, std::slice::from_ref(key)) {
                    Err(Fail::NoMethod) => {
                        // `object['name']` is a property.
                        if let Some(text) = key.as_text() {
                            let property = Name::new(text);
                            return self.known_property(
                                object,
                                &property,
                                &property.getter("get"),
                                &property.getter("is"),
                            );
                        }
                        Err(self.missing_method(
                            &class_name(object),
                            &name,
                            std::slice::from_ref(key),
                        ))
                    }
                    out => out,
                }
            }
        }
    }

    /// Elements of a sequence by a range or a list of places.
    fn index_sequence(&mut self, object: &Value, key: &Value) -> Run<Option<Value>> {
        let items = self.items(object)?;
        let length = items.len() as i64;
        let place = |at: i64| if at < 0 { at + length } else { at };
        match key {
            Value::Range(range) if range.items.is_none() => {
                let Some((from, to)) = range_places(range, length) else {
                    return Ok(Some(Value::list(Vec::new())));
                };
                if from < 0 || to < 0 || from >= length || to >= length {
                    let bad = if from >= length || from < 0 { from } else { to };
                    if length == 0 && range.len() == 0 {
                        return Ok(Some(Value::list(Vec::new())));
                    }
                    let message = if bad < 0 {
                        format!("toIndex = {}", to + 1)
                    } else {
                        format!("toIndex = {}", from.max(to) + 1)
                    };
                    return Err(throw("java.lang.IndexOutOfBoundsException", message));
                }
                let out = if from <= to {
                    items[from as usize..=to as usize].to_vec()
                } else {
                    items[to as usize..=from as usize]
                        .iter()
                        .rev()
                        .cloned()
                        .collect()
                };
                Ok(Some(Value::list(out)))
            }
            Value::List(_) | Value::Range(_) => {
                let mut out = Vec::new();
                for at in self.items(key)? {
                    match &at {
                        Value::Range(_) => {
                            let part = self.index(object, &at)?;
                            out.extend(self.items(&part)?);
                        }
                        _ => out.push(
                            items
                                .get(place(at.as_long().unwrap_or(i64::MAX)) as usize)
                                .cloned()
                                .unwrap_or(Value::Null),
                        ),
                    }
                }
                Ok(Some(Value::list(out)))
            }
            _ => match key.as_int() {
                Some(at) if matches!(object, Value::Range(_) | Value::Set(_)) => Ok(Some(
                    items
                        .get(place(i64::from(at)) as usize)
                        .cloned()
                        .unwrap_or(Value::Null),
                )),
                _ => Ok(None),
            },
        }
    }

    /// The elements of anything that can be iterated.
    pub(crate) fn items(&mut self, value: &Value) -> Run<Vec<Value>> {
        let items = match value {
            Value::Null | Value::Void => Vec::new(),
            Value::List(list) => list.items(),
            Value::Set(set) => set.keys(),
            Value::Range(range) => {
                self.charge_items(range.len())?;
                range.iter().collect()
            }
            Value::Array(array) => array.items(),
            Value::Map(map) => crate::library::map::entries(map),
            Value::Str(_) | Value::GString(_) => {
                let text = self.text(value)?;
                text.chars().map(|c| Value::from(c.to_string())).collect()
            }
            Value::Object(native) => match native.0.clone().items(self)? {
                Some(items) => items,
                None => vec![value.clone()],
            },
            Value::Host(HostObject::Arguments) => {
                match self.call_method(value, &Name::new("getArguments"), &[])? {
                    Value::List(list) => list.items(),
                    _ => Vec::new(),
                }
            }
            _ => vec![value.clone()],
        };
        self.work(items.len() / 8)?;
        Ok(items)
    }

    /// `switch`, `in` and `grep`.
    pub(crate) fn is_case(&mut self, case: &Value, value: &Value) -> Run<bool> {
        Ok(match case {
            Value::Null | Value::Void => value.is_nothing(),
            Value::List(list) => self.groovy() && crate::equality::contains(&list.items(), value),
            Value::Array(array) => array
                .items()
                .iter()
                .any(|item| crate::equality::groovy_equals(item, value)),
            Value::Set(set) => set.contains(value),
            Value::Range(range) => match (range.bounds(), value.is_number()) {
                (Some((a, b)), true) => {
                    let v = crate::number::to_f64(value);
                    value
                        .as_long()
                        .is_some_and(|v| v >= a.min(b) && v <= a.max(b))
                        || v.fract() == 0.0 && v >= a.min(b) as f64 && v <= a.max(b) as f64
                }
                (None, true) => false,
                _ if range.counts() => false,
                _ => range
                    .iter()
                    .any(|item| crate::equality::groovy_equals(&item, value)),
            },
            Value::Map(map) => {
                let found = map.get(value);
                match found {
                    Some(found) => self.truth(&found)?,
                    None => false,
                }
            }
            Value::Class(class) => crate::class::is_instance(value, &class.0),
            Value::Closure(closure) => {
                let found = self.call_closure(closure, std::slice::from_ref(value))?;
                self.truth(&found)?
            }
            Value::Object(_) if case.native::<crate::library::regex::Pattern>().is_some() => {
                if value.is_nothing() {
                    return Ok(false);
                }
                let text = self.text(value)?;
                match case.native::<crate::library::regex::Pattern>() {
                    Some(pattern) => pattern.matches(&text)?,
                    None => false,
                }
            }
            _ => self.binary_equals(case, value)?,
        })
    }
}

pub(crate) fn out_of_bounds(at: i32, length: usize) -> Fail {
    throw(
        "java.lang.IndexOutOfBoundsException",
        format!("Index {at} out of bounds for length {length}"),
    )
}

/// The first and last place that a range of indices names in something of that length; `None` for no element.
pub(crate) fn range_places(range: &Arc<crate::value::Range>, length: i64) -> Option<(i64, i64)> {
    let (from, to) = (range.from.as_long()?, range.to.as_long()?);
    let place = |at: i64| if at < 0 { at + length } else { at };
    let (from, mut to) = (place(from), place(to));
    if !range.inclusive {
        if from == to {
            return None;
        }
        to += if from < to { -1 } else { 1 };
    }
    Some((from, to))
}
