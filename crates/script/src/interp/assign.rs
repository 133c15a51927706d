//! Writing variables, properties and elements.

use super::Interp;
use crate::ast::*;
use crate::class::{Class, class_name};
use crate::fail::{Fail, Run};
use crate::library::throwable::{throw, throw_plain};
use crate::name::Name;
use crate::value::{HostObject, Mutability, Value, lock};

impl Interp<'_> {
    pub(super) fn assign(
        &mut self,
        op: Option<BinaryOp>,
        target: &Expr,
        value: &Expr,
        ty: &Ty,
    ) -> Run {
        let value = match op {
            None => {
                let value = match &value.kind {
                    Kind::ArrayLiteral(items) if self.beanshell() => {
                        self.array_of(&std::sync::Arc::from("java.lang.Object"), items)?
                    }
                    _ => self.eval(value)?,
                };
                if self.beanshell() && matches!(value, Value::Void) {
                    return Err(throw(
                        "bsh.EvalError",
                        "illegal use of undefined variable, class, or 'void' literal",
                    ));
                }
                value
            }
            Some(op) => {
                let now = self.eval(target)?;
                let by = self.eval(value)?;
                self.binary(op, &now, &by)?
            }
        };
        self.store(target, value, ty)
    }

    /// Writes a value and gives what was written.
    pub(super) fn store(&mut self, target: &Expr, value: Value, ty: &Ty) -> Run {
        self.line = target.pos.line;
        match &target.kind {
            Kind::Local(slot) => {
                let value = self.coerce(value, ty)?;
                self.set_local(*slot, value.clone());
                Ok(value)
            }
            Kind::Global(slot) if self.set_of_delegate(*slot, &value)? => Ok(value),
            Kind::Global(slot) => {
                self.globals[*slot as usize] = value.clone();
                Ok(value)
            }
            Kind::Loose(places, _) => {
                let place = places
                    .iter()
                    .find(|place| !matches!(self.at_place(**place), Value::Void))
                    .or_else(|| places.first());
                let value = self.coerce(value, ty)?;
                match place {
                    Some(Place::Local(slot)) => self.set_local(*slot, value.clone()),
                    Some(Place::Global(slot)) => self.globals[*slot as usize] = value.clone(),
                    None => {}
                }
                Ok(value)
            }
            Kind::Property(p) => {
                let object = self.eval(&p.object)?;
                if p.safe && object.is_nothing() {
                    return Ok(value);
                }
                let name = match &p.member {
                    Member::Fixed(name) => name.clone(),
                    Member::Computed(member) => {
                        let member = self.eval(member)?;
                        Name::new(&self.text(&member)?)
                    }
                };
                self.set_property(&object, &name, value.clone())?;
                Ok(value)
            }
            Kind::Index(object, items, _) => {
                let object = self.eval(object)?;
                let key = self.index_key(items)?;
                self.set_index(&object, &key, value.clone())?;
                Ok(value)
            }
            _ => Err(throw("bsh.EvalError", "Can't assign to prefix.")),
        }
    }

    /// Gives a property of the delegate that comes first, as that of `with`, its value; false when there is none.
    fn set_of_delegate(&mut self, slot: u32, value: &Value) -> Run<bool> {
        let Some(closure) = self.closure.clone().filter(|one| one.delegate_first) else {
            return Ok(false);
        };
        let Some(delegate) = lock(&closure.delegate).clone() else {
            return Ok(false);
        };
        let name = self.program.globals[slot as usize].clone();
        let known = match &delegate {
            Value::Map(_) => Ok(Value::Null),
            Value::Object(_) | Value::Host(_) => {
                self.get_property(&delegate, &name, &name.getter("get"), &name.getter("is"))
            }
            _ => Err(Fail::NoMethod),
        };
        match known {
            Err(Fail::NoMethod) => Ok(false),
            Err(fail) => Err(fail),
            Ok(_) => self
                .set_property(&delegate, &name, value.clone())
                .map(|()| true),
        }
    }

    fn set_local(&mut self, slot: u32, value: Value) {
        let at = self.base + slot as usize;
        match &self.stack[at] {
            Value::Cell(cell) => *lock(cell) = value,
            _ => self.stack[at] = value,
        }
    }

    pub(crate) fn set_property(&mut self, object: &Value, name: &Name, value: Value) -> Run<()> {
        match object {
            Value::Null | Value::Void => {
                return Err(if self.beanshell() {
                    throw(
                        "java.lang.NullPointerException",
                        format!("Null Pointer while evaluating: {}", name.text),
                    )
                } else {
                    throw(
                        "java.lang.NullPointerException",
                        format!("Cannot set property '{}' on null object", name.text),
                    )
                });
            }
            Value::Map(map) if !self.beanshell() => {
                if map.fixed {
                    return Err(throw_plain("java.lang.UnsupportedOperationException"));
                }
                self.charge_items(2)?;
                map.put(Value::Str(name.text.clone()), value);
                return Ok(());
            }
            Value::Closure(closure) if &*name.text == "delegate" => {
                *lock(&closure.delegate) = Some(value);
                return Ok(());
            }
            Value::Closure(_) if &*name.text == "resolveStrategy" => return Ok(()),
            Value::Host(HostObject::Script) => {
                if let Some(at) = self
                    .program
                    .globals
                    .iter()
                    .position(|g| g.hash == name.hash)
                {
                    self.globals[at] = value;
                    return Ok(());
                }
            }
            Value::Host(HostObject::Vars) if self.groovy() => {
                return Err(throw(
                    "groovy.lang.MissingPropertyException",
                    format!(
                        "No such property: {} for class: org.apache.jmeter.threads.JMeterVariables",
                        name.text
                    ),
                ));
            }
            Value::Class(class) => {
                if let Class::Script(class) = &class.0 {
                    return crate::library::instance::set_static(class, name, value);
                }
            }
            Value::Object(_)
                if object
                    .native::<crate::library::instance::Instance>()
                    .is_some_and(|one| {
                        !self.this.same(object) && one.has(&name.getter("set"), 1)
                    }) => {}
            Value::Object(native) if native.0.clone().set_property(self, &name.text, &value)? => {
                return Ok(());
            }
            _ => {}
        }
        let setter = name.getter("set");
        let mut done = self.try_method(object, &setter, std::slice::from_ref(&value));
        let is_other = self.groovy() && !value.is_nothing() && value.as_text().is_none();
        if matches!(done, Err(Fail::NoMethod)) && is_other {
            // A property that is a text takes the text of any value.
            let text = self.text(&value)?;
            done = self.try_method(object, &setter, &[Value::Str(text)]);
        }
        match done {
            Ok(_) => Ok(()),
            Err(Fail::NoMethod) => {
                if self.beanshell() {
                    return Err(throw(
                        "bsh.EvalError",
                        format!(
                            "Field access: bsh.ReflectError: No such field: {}",
                            name.text
                        ),
                    ));
                }
                if crate::library::instance::set_missing_property(self, object, name, &value)? {
                    return Ok(());
                }
                let class = class_name(object);
                Err(throw(
                    "groovy.lang.MissingPropertyException",
                    format!("No such property: {} for class: {class}", name.text),
                ))
            }
            Err(fail) => Err(fail),
        }
    }

    pub(crate) fn set_index(&mut self, object: &Value, key: &Value, value: Value) -> Run<()> {
        match object {
            Value::Map(_) if matches!(key, Value::GString(_)) => {
                let key = Value::Str(self.text(key)?);
                self.set_index(object, &key, value)
            }
            Value::List(list) => {
                let Some(at) = key.as_int() else {
                    return Err(self.missing_method(
                        list.class,
                        &Name::new("putAt"),
                        &[key.clone(), value],
                    ));
                };
                if list.mutability == Mutability::None {
                    return Err(throw_plain("java.lang.UnsupportedOperationException"));
                }
                let mut items = list.lock();
                let at = if at < 0 {
                    i64::from(at) + items.len() as i64
                } else {
                    i64::from(at)
                };
                if at < 0 {
                    return Err(throw(
                        "java.lang.ArrayIndexOutOfBoundsException",
                        format!(
                            "Negative array index [{at}] too large for array size {}",
                            items.len()
                        ),
                    ));
                }
                let at = at as usize;
                if at < items.len() {
                    items[at] = value;
                    return Ok(());
                }
                if list.mutability == Mutability::FixedSize {
                    return Err(throw_plain("java.lang.UnsupportedOperationException"));
                }
                let more = at + 1 - items.len();
                drop(items);
                self.charge_items(more)?;
                let mut items = list.lock();
                while items.len() < at {
                    items.push(Value::Null);
                }
                items.push(value);
                Ok(())
            }
            Value::Array(array) => {
                let length = array.len();
                let at = key
                    .as_int()
                    .map_or(-1, |at| if at < 0 { at + length as i32 } else { at });
                let value = self.coerce_element(value, &array.element)?;
                if array.set(usize::try_from(at).unwrap_or(usize::MAX), value) {
                    return Ok(());
                }
                if self.beanshell() {
                    // An error of the interpreter, which no script catches.
                    return Err(throw(
                        "bsh.EvalError",
                        "Assignment: Array access:java.lang.ArrayIndexOutOfBoundsException",
                    ));
                }
                Err(throw(
                    "java.lang.ArrayIndexOutOfBoundsException",
                    format!("Index {at} out of bounds for length {length}"),
                ))
            }
            Value::Map(map) => {
                if map.fixed {
                    return Err(throw_plain("java.lang.UnsupportedOperationException"));
                }
                self.charge_items(2)?;
                map.put(key.clone(), value);
                Ok(())
            }
            _ => {
                let name = Name::new("putAt");
                match self.try_method(object, &name, &[key.clone(), value.clone()]) {
                    Ok(_) => Ok(()),
                    Err(Fail::NoMethod) if key.as_text().is_some() => {
                        let text = self.text(key)?;
                        self.set_property(object, &Name::new(&text), value)
                    }
                    Err(Fail::NoMethod) => {
                        Err(self.missing_method(&class_name(object), &name, &[key.clone(), value]))
                    }
                    Err(fail) => Err(fail),
                }
            }
        }
    }

    pub(super) fn step_variable(&mut self, target: &Expr, up: bool, prefix: bool, ty: &Ty) -> Run {
        let now = self.eval(target)?;
        let next = match crate::number::step(&now, up) {
            Some(next) => next,
            None => {
                if self.beanshell() {
                    return Err(throw(
                        "bsh.EvalError",
                        "illegal use of undefined object or 'void' literal",
                    ));
                }
                self.call_method(&now, &Name::new(if up { "next" } else { "previous" }), &[])?
            }
        };
        self.store(target, next.clone(), ty)?;
        Ok(if prefix { next } else { now })
    }
}
