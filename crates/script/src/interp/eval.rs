//! Expressions.

use std::sync::Arc;

use super::Interp;
use super::operators::jexl_number;
use crate::ast::*;
use crate::class::{Class, is_instance};
use crate::fail::{Fail, Run};
use crate::library::throwable::throw;
use crate::number;
use crate::value::{Closure, GString, HostObject, Map, Order, Range, Value, lock};

impl Interp<'_> {
    pub(super) fn eval(&mut self, expr: &Expr) -> Run {
        self.step()?;
        match &expr.kind {
            Kind::Literal(value) => Ok(value.clone()),
            Kind::Local(slot) => Ok(self.local(*slot)),
            Kind::Global(slot) => match &self.globals[*slot as usize] {
                Value::Void => self.unbound(*slot, expr.pos),
                value => Ok(value.clone()),
            },
            Kind::Loose(places, _) => {
                for place in places {
                    let value = self.at_place(*place);
                    if !matches!(value, Value::Void) {
                        return Ok(value);
                    }
                }
                Ok(Value::Void)
            }
            Kind::Name(name) => Err(self.missing_property(&name.text)),
            Kind::This => Ok(self.this.clone()),
            Kind::GString(values, texts) => self.gstring(values, texts),
            Kind::Call(call) => {
                self.check_stack()?;
                self.call(call, expr.pos)
            }
            Kind::Property(property) => self.property(property, expr.pos),
            Kind::Binary(op, a, b) => {
                self.check_stack()?;
                let a = self.eval(a)?;
                let b = self.eval(b)?;
                self.binary(*op, &a, &b)
            }
            Kind::And(a, b) => {
                if self.beanshell() {
                    return Ok(Value::Bool(self.condition(a)? && self.condition(b)?));
                }
                let a = self.eval(a)?;
                if !self.truth(&a)? {
                    return Ok(Value::Bool(false));
                }
                let b = self.eval(b)?;
                self.truth(&b).map(Value::Bool)
            }
            Kind::Or(a, b) => {
                if self.beanshell() {
                    return Ok(Value::Bool(self.condition(a)? || self.condition(b)?));
                }
                let a = self.eval(a)?;
                if self.truth(&a)? {
                    return Ok(Value::Bool(true));
                }
                let b = self.eval(b)?;
                self.truth(&b).map(Value::Bool)
            }
            Kind::Unary(op, operand) => {
                self.check_stack()?;
                let operand = self.eval(operand)?;
                self.unary(*op, &operand)
            }
            Kind::Ternary(test, then, other) => {
                self.check_stack()?;
                if self.condition(test)? {
                    self.eval(then)
                } else {
                    self.eval(other)
                }
            }
            Kind::Elvis(value, other) => {
                let value = match self.eval(value) {
                    Err(Fail::Throw(_)) if self.jexl() => Value::Null,
                    value => value?,
                };
                if self.truth(&value)? {
                    Ok(value)
                } else {
                    self.eval(other)
                }
            }
            Kind::Assign(op, target, value, ty) => {
                self.check_stack()?;
                self.assign(*op, target, value, ty)
            }
            Kind::ElvisAssign(target, value) => {
                let now = self.eval(target)?;
                if self.truth(&now)? {
                    return Ok(now);
                }
                self.assign(None, target, value, &Ty::Any)
            }
            Kind::AssignMany(targets, value) => {
                let list = self.eval(value)?;
                let items = self.items(&list)?;
                for (i, target) in targets.iter().enumerate() {
                    self.store(
                        target,
                        items.get(i).cloned().unwrap_or(Value::Null),
                        &Ty::Any,
                    )?;
                }
                Ok(list)
            }
            Kind::Step {
                target,
                up,
                prefix,
                ty,
            } => self.step_variable(target, *up, *prefix, ty),
            Kind::Index(object, items, safe) => {
                self.check_stack()?;
                let object = self.eval(object)?;
                if *safe && object.is_nothing() {
                    return Ok(Value::Null);
                }
                let key = self.index_key(items)?;
                self.line = expr.pos.line;
                self.index(&object, &key)
            }
            Kind::List(items) => {
                self.check_stack()?;
                let items = self.args(items)?;
                self.charge_items(items.len())?;
                Ok(Value::list(items.into_vec()))
            }
            Kind::ArrayLiteral(items) => {
                self.check_stack()?;
                let mut values = Vec::new();
                for item in items {
                    values.push(self.eval(item)?);
                }
                Ok(array_of_common_type(values))
            }
            Kind::Map(items) => {
                self.check_stack()?;
                self.map_literal(items)
            }
            Kind::Range(from, to, inclusive) => {
                let from = self.eval(from)?;
                let to = self.eval(to)?;
                self.range(from, to, *inclusive)
            }
            Kind::Closure(function) => Ok(self.make_closure(function)),
            Kind::ClassLiteral(ty) => Ok(class_value(&ty.ty)),
            Kind::Cast(ty, value) => {
                let value = self.eval(value)?;
                self.cast(value, &ty.ty)
            }
            Kind::As(ty, value) => {
                let value = self.eval(value)?;
                self.as_type(value, &ty.ty)
            }
            Kind::InstanceOf(value, ty, negated) => {
                let value = self.eval(value)?;
                let is = matches!(&ty.ty, Ty::Class(class) if is_instance(&value, class));
                Ok(Value::Bool(is != *negated))
            }
            Kind::In(value, items, negated) => {
                let value = self.eval(value)?;
                let items = self.eval(items)?;
                Ok(Value::Bool(self.is_case(&items, &value)? != *negated))
            }
            Kind::New(new) => {
                self.check_stack()?;
                self.new_object(new, expr.pos)
            }
            Kind::Invoke(callee, args) => {
                self.check_stack()?;
                let callee = self.eval(callee)?;
                let args = self.args(args)?;
                self.invoke(&callee, &args)
            }
            Kind::Super(_) => Ok(self.this.clone()),
            Kind::Construct(class, args) => {
                let args = self.args(args)?;
                let me = self.this.clone();
                crate::library::instance::run_constructor(self, &me, class, &args)?;
                Ok(Value::Null)
            }
            Kind::MethodPointer(object, name) => {
                let object = self.eval(object)?;
                Ok(Value::Closure(Arc::new(Closure {
                    function: Arc::default(),
                    program: self.program.clone(),
                    captured: Vec::new(),
                    this: self.this.clone(),
                    owner: None,
                    delegate: Default::default(),
                    delegate_first: false,
                    curried: Vec::new(),
                    memory: None,
                    pointer: Some((object, name.clone())),
                    then: Vec::new(),
                })))
            }
            Kind::Empty(value) => {
                let value = match self.eval(value) {
                    Err(Fail::Throw(_)) => Value::Null,
                    value => value?,
                };
                Ok(Value::Bool(match &value {
                    Value::Null | Value::Void => true,
                    Value::Str(text) => text.is_empty(),
                    Value::List(list) => list.len() == 0,
                    Value::Map(map) | Value::Set(map) => map.is_empty(),
                    Value::Array(array) => array.len() == 0,
                    _ => false,
                }))
            }
            Kind::Size(value) => {
                let value = self.eval(value)?;
                self.size_of(&value)
            }
        }
    }

    pub(super) fn size_of(&mut self, value: &Value) -> Run {
        Ok(Value::from(match value {
            Value::Null => 0,
            Value::Str(text) => crate::library::string::length(text),
            _ => self.items(value)?.len(),
        }))
    }

    #[inline]
    pub(super) fn local(&self, slot: u32) -> Value {
        match &self.stack[self.base + slot as usize] {
            Value::Cell(cell) => lock(cell).clone(),
            value => value.clone(),
        }
    }

    pub(super) fn at_place(&self, place: Place) -> Value {
        match place {
            Place::Local(slot) => self.local(slot),
            Place::Global(slot) => self.globals[slot as usize].clone(),
        }
    }

    /// A name of the binding that has no value: the delegate of a closure may know it.
    fn unbound(&mut self, slot: u32, pos: Pos) -> Run {
        let name = self.program.globals[slot as usize].clone();
        self.line = pos.line;
        if self.jexl() {
            return Err(throw(
                "org.apache.commons.jexl3.JexlException$Variable",
                format!("undefined variable {}", name.text),
            ));
        }
        if self.groovy() && &*name.text == "binding" {
            return Ok(Value::object(crate::library::functions::Binding));
        }
        let mut closure = self.closure.clone();
        while let Some(current) = closure {
            let delegate = lock(&current.delegate).clone();
            if let Some(delegate) = delegate {
                match self.get_property(&delegate, &name, &name.getter("get"), &name.getter("is")) {
                    Err(Fail::NoMethod) => {}
                    result => return result,
                }
            }
            closure = current.owner.clone();
        }
        Err(self.missing_property(&name.text))
    }

    pub(super) fn missing_property(&self, name: &str) -> Fail {
        let class = match &self.this {
            Value::Host(HostObject::Script) => Arc::from("Script1"),
            this => crate::class::class_name(this),
        };
        throw(
            "groovy.lang.MissingPropertyException",
            format!("No such property: {name} for class: {class}"),
        )
    }

    fn gstring(&mut self, values: &[Expr], texts: &[Arc<str>]) -> Run {
        self.check_stack()?;
        let mut out = String::with_capacity(texts.iter().map(|t| t.len() + 8).sum());
        let mut kept = Vec::new();
        let mut lazy = false;
        for (i, text) in texts.iter().enumerate() {
            out.push_str(text);
            let Some(value) = values.get(i) else { continue };
            let value = self.eval(value)?;
            lazy |= matches!(value, Value::Closure(_));
            if !lazy {
                match &value {
                    Value::Str(text) => out.push_str(text),
                    value => self.write_text(&mut out, value, true, 64)?,
                }
            }
            kept.push(value);
        }
        self.charge(out.len())?;
        let lazy = lazy.then(|| (texts.to_vec(), kept));
        Ok(Value::GString(Arc::new(GString {
            text: Arc::from(out),
            lazy,
        })))
    }

    fn map_literal(&mut self, items: &[Arg]) -> Run {
        let map = if self.jexl() {
            Map::new("java.util.HashMap", Order::Hash)
        } else {
            Map::linked()
        };
        for item in items {
            match item {
                Arg::Named(key, value) => {
                    let key = self.eval(key)?;
                    let value = self.eval(value)?;
                    map.put(key, value);
                }
                Arg::Spread(other) => {
                    let other = self.eval(other)?;
                    if let Value::Map(other) = &other {
                        for (key, value) in other.entries() {
                            map.put(key, value);
                        }
                    }
                }
                Arg::Plain(value) => {
                    self.eval(value)?;
                }
            }
        }
        self.charge_items(items.len() * 2)?;
        Ok(Value::Map(Arc::new(map)))
    }

    pub(crate) fn range(&mut self, from: Value, to: Value, inclusive: bool) -> Run {
        if self.jexl() {
            return jexl_range(&from, &to);
        }
        if let (Some(a), Some(b)) = (from.as_int(), to.as_int())
            && from.is_number()
            && to.is_number()
        {
            return Ok(Value::Range(Arc::new(Range::ints(a, b, inclusive))));
        }
        let class = if from.is_number() && to.is_number() {
            "groovy.lang.NumberRange"
        } else {
            "groovy.lang.ObjectRange"
        };
        if let (Some(_), Some(_)) = (from.as_long(), to.as_long())
            && class == "groovy.lang.NumberRange"
        {
            return Ok(Value::Range(Arc::new(Range {
                from,
                to,
                inclusive,
                items: None,
                class,
            })));
        }
        // Characters and other things with a next one.
        let mut items = Vec::new();
        let (first, last) = (self.text(&from)?, self.text(&to)?);
        let ends = |text: &str| {
            let mut units = text.chars();
            match (units.next(), units.next()) {
                (Some(c), None) => Some(u32::from(c)),
                _ => None,
            }
        };
        match (ends(&first), ends(&last)) {
            (Some(a), Some(b)) if !from.is_number() => {
                let wrap = |c: u32| {
                    let c = char::from_u32(c).unwrap_or('\u{fffd}');
                    if matches!(from, Value::Char(_)) {
                        Value::Char(c as u32 as u16)
                    } else {
                        Value::from(c.to_string())
                    }
                };
                if a <= b {
                    items.extend((a..=b).map(wrap))
                } else {
                    items.extend((b..=a).rev().map(wrap))
                }
                if !inclusive {
                    items.pop();
                }
            }
            _ => {
                let mut at = from.clone();
                let up = crate::equality::natural_order(&from, &to).is_none_or(|o| o.is_le());
                if from.is_number() {
                    // Bounds with a fraction: listed at once, so a range that is too long must fail before that.
                    let steps = (number::to_f64(&to) - number::to_f64(&from)).abs();
                    self.charge_items(steps as usize)?;
                }
                loop {
                    // A long text is read and made anew for each next one.
                    let length = at.as_text().map_or(0, |text| text.len());
                    self.work(1 + length / 16)?;
                    self.charge(length)?;
                    let order = crate::equality::natural_order(&at, &to);
                    let past = match order {
                        Some(order) if up => order.is_gt() || !inclusive && order.is_eq(),
                        Some(order) => order.is_lt() || !inclusive && order.is_eq(),
                        None => true,
                    };
                    if past {
                        break;
                    }
                    self.charge_items(1)?;
                    items.push(at.clone());
                    let name = crate::name::Name::new(if up { "next" } else { "previous" });
                    at = self.call_method(&at, &name, &[])?;
                }
            }
        }
        self.charge_items(items.len())?;
        Ok(Value::Range(Arc::new(Range {
            from,
            to,
            inclusive,
            items: Some(items),
            class,
        })))
    }

    fn make_closure(&mut self, function: &Arc<Function>) -> Value {
        let captured = function.captures.iter().map(|(outer, _)| {
            let at = self.base + *outer as usize;
            if !matches!(self.stack[at], Value::Cell(_)) {
                // Declared before the closure was known to share it, or not yet declared at all.
                let value = std::mem::replace(&mut self.stack[at], Value::Null);
                self.stack[at] = Value::Cell(Arc::new(std::sync::Mutex::new(value)));
            }
            self.stack[at].clone()
        });
        let captured = captured.collect();
        Value::Closure(Arc::new(Closure {
            function: function.clone(),
            program: self.program.clone(),
            captured,
            this: self.this.clone(),
            owner: self.closure.clone(),
            delegate: Default::default(),
            delegate_first: false,
            curried: Vec::new(),
            memory: None,
            pointer: None,
            then: Vec::new(),
        }))
    }

    fn new_object(&mut self, new: &New, pos: Pos) -> Run {
        self.line = pos.line;
        let Ty::Class(class) = &new.ty.ty else {
            return Err(throw("java.lang.InstantiationException", &new.ty.name));
        };
        match class {
            Class::Array(element) => {
                if let Some(elements) = &new.elements {
                    return self.array_of(element, elements);
                }
                let mut lengths = Vec::new();
                for length in &new.lengths {
                    let length = self.eval(length)?;
                    let Some(length) = length.as_int() else {
                        return Err(throw_cast(&length, "int"));
                    };
                    if length < 0 {
                        return Err(throw(
                            "java.lang.NegativeArraySizeException",
                            length.to_string(),
                        ));
                    }
                    lengths.push(length as usize);
                }
                self.new_array(element, &lengths)
            }
            class => {
                let args = self.args(&new.args)?;
                if let Some(body) = &new.body {
                    let methods = body
                        .iter()
                        .map(|(name, method)| (name.text.clone(), self.make_closure(method)));
                    let methods = methods.collect();
                    return crate::library::instance::anonymous(self, class, &args, methods);
                }
                let out = self.construct(class, &args);
                if out.is_err() && self.beanshell() && self.doing.is_none() {
                    self.doing = Some("Object constructor".into());
                }
                out
            }
        }
    }

    fn new_array(&mut self, element: &Arc<str>, lengths: &[usize]) -> Run {
        let Some((length, rest)) = lengths.split_first() else {
            return Ok(Value::Null);
        };
        self.work(*length)?;
        if &**element == "byte" {
            self.charge(*length)?;
            return Ok(Value::bytes(vec![0; *length]));
        }
        self.charge_items(*length)?;
        let mut items = Vec::with_capacity(*length);
        let inner = super::exec::inner_element(element);
        for _ in 0..*length {
            items.push(if rest.is_empty() {
                zero_of(element)
            } else {
                self.new_array(&inner, rest)?
            });
        }
        Ok(Value::array(element, items))
    }
}

pub(super) fn throw_cast(value: &Value, to: &str) -> Fail {
    throw(
        "java.lang.ClassCastException",
        format!(
            "class {} cannot be cast to class {to}",
            crate::class::class_name(value)
        ),
    )
}

fn zero_of(element: &str) -> Value {
    match element {
        "int" => Value::Int(0),
        "long" => Value::Long(0),
        "short" => Value::Short(0),
        "char" => Value::Char(0),
        "double" => Value::Double(0.0),
        "float" => Value::Float(0.0),
        "boolean" => Value::Bool(false),
        _ => Value::Null,
    }
}

fn class_value(ty: &Ty) -> Value {
    let name = match ty {
        Ty::Class(class) => return Value::class(class.clone()),
        Ty::Any => "java.lang.Object",
        Ty::Void => "void",
        Ty::Boolean => "boolean",
        Ty::Char => "char",
        Ty::Byte => "byte",
        Ty::Short => "short",
        Ty::Int => "int",
        Ty::Long => "long",
        Ty::Float => "float",
        Ty::Double => "double",
    };
    Value::class(Class::Known(
        crate::class::find(name).unwrap_or_else(|| crate::library::unlisted(name)),
    ))
}

/// JEXL's `[1, 2]`: an array of the narrowest common type.
fn array_of_common_type(values: Vec<Value>) -> Value {
    let element = if values.iter().all(|v| matches!(v, Value::Int(_))) && !values.is_empty() {
        "int"
    } else if values.iter().all(|v| matches!(v, Value::Double(_))) && !values.is_empty() {
        "double"
    } else if values.iter().all(|v| matches!(v, Value::Str(_))) && !values.is_empty() {
        "java.lang.String"
    } else {
        "java.lang.Object"
    };
    Value::array(element, values)
}

/// JEXL's ranges have integer bounds: of `int`, if both fit (`JexlArithmetic.createRange`).
fn jexl_range(from: &Value, to: &Value) -> Run {
    let (from, to) = (
        number::to_i64(&jexl_number(from)?),
        number::to_i64(&jexl_number(to)?),
    );
    let mut range = match (i32::try_from(from), i32::try_from(to)) {
        (Ok(from), Ok(to)) => Range::ints(from, to, true),
        _ => Range::longs(from, to),
    };
    range.class = match (&range.from, from <= to) {
        (Value::Int(_), true) => "org.apache.commons.jexl3.internal.IntegerRange$Ascending",
        (Value::Int(_), false) => "org.apache.commons.jexl3.internal.IntegerRange$Descending",
        (_, true) => "org.apache.commons.jexl3.internal.LongRange$Ascending",
        (_, false) => "org.apache.commons.jexl3.internal.LongRange$Descending",
    };
    Ok(Value::Range(Arc::new(range)))
}
