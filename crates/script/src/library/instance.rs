//! Objects of classes that scripts define.

use std::any::Any;
use std::cmp::Ordering;
use std::sync::{Arc, Mutex};

use crate::args::Args;
use crate::ast::{ClassKind, FieldDecl, Function};
use crate::class::{Class, ScriptClass};
use crate::equality::{groovy_equals, java_hash};
use crate::fail::{Fail, Run};
use crate::interp::{Interp, best_function};
use crate::library::throwable::{Throwable, throw};
use crate::name::{Name, symbol};
use crate::program::Program;
use crate::value::{Map, Native, Value, lock};

mod making;
mod statics;

pub(crate) use making::{anonymous, construct, implemented, run_constructor};
use statics::constant;
pub(crate) use statics::{call_static, set_static, static_field};

pub(crate) struct Instance {
    pub(crate) class: Arc<ScriptClass>,
    /// What the methods belong to; the object keeps it alive.
    program: Arc<Program>,
    /// Values in the order of the fields.
    fields: Arc<Mutex<Vec<Value>>>,
    /// For constants of an enum: the place.
    constant: Option<usize>,
    /// For classes that extend an exception: what it is as one.
    exception: Arc<Mutex<Option<Throwable>>>,
    /// What stands in for methods: a closure for those without a body, or closures by the names of methods.
    behind: Value,
}

impl Instance {
    fn field(&self, name: u64) -> Option<usize> {
        let mut fields = self.class.decl.fields.iter();
        fields.position(|f| f.name.hash == name && !f.is_static)
    }

    fn methods(&self, name: u64) -> Vec<Arc<Function>> {
        let methods = self.class.decl.methods.iter();
        methods
            .filter(|method| symbol(&method.name) == name)
            .cloned()
            .collect()
    }

    /// Whether the class has a method of that name for so many arguments.
    pub(crate) fn has(&self, name: &Name, arguments: usize) -> bool {
        let mut methods = self.class.decl.methods.iter();
        methods.any(|method| *method.name == *name.text && method.params.len() == arguments)
    }

    /// Whether the class has a method of that name, or a field that it is the getter or setter of.
    pub(crate) fn responds_to(&self, name: &str) -> bool {
        let decl = &self.class.decl;
        let of_field = |field: &FieldDecl| {
            ["get", "set"]
                .iter()
                .any(|prefix| *field.name.getter(prefix).text == *name)
        };
        decl.methods.iter().any(|method| *method.name == *name) || decl.fields.iter().any(of_field)
    }

    /// Whether the object is of that class or interface.
    pub(crate) fn is(&self, class: &str) -> bool {
        let mut names = self.class.decl.ancestors.iter();
        names.any(|name| **name == *class)
    }

    /// The exception that it is, if its class extends one.
    pub(crate) fn exception(&self) -> Option<Throwable> {
        lock(&self.exception).clone()
    }

    /// The same object behind another value.
    fn again(&self) -> Value {
        Value::object(Instance {
            class: self.class.clone(),
            program: self.program.clone(),
            fields: self.fields.clone(),
            constant: self.constant,
            exception: self.exception.clone(),
            behind: self.behind.clone(),
        })
    }

    /// What stands in for the method of that name.
    fn stand_in(&self, name: u64) -> Option<Value> {
        match &self.behind {
            Value::Closure(_) => {
                let mut names = self.class.decl.abstracts.iter();
                names
                    .any(|abstract_one| abstract_one.hash == name)
                    .then(|| self.behind.clone())
            }
            Value::Map(methods) => {
                let methods = methods.entries().into_iter();
                let mut methods = methods.filter(|(known, _)| {
                    known.as_text().is_some_and(|known| symbol(known) == name)
                });
                methods.next().map(|(_, method)| method)
            }
            _ => None,
        }
    }

    /// `ordinal()` and the like.
    fn call_constant(&self, cx: &mut Interp<'_>, at: usize, name: u64, a: Args<'_>) -> Run {
        let constants = &self.class.decl.constants;
        let is = |known: &str| name == symbol(known);
        let mut beside = |by: usize| {
            let at = (at + by) % constants.len();
            constant(cx, &self.class, &self.program, at)
        };
        match a.0 {
            [] if is("ordinal") => Ok(Value::from(at)),
            [] if is("name") || is("toString") => Ok(Value::from(constants[at].text.clone())),
            [] if is("next") => beside(1),
            [] if is("previous") => beside(constants.len() - 1),
            [] if is("getDeclaringClass") => Ok(Value::class(Class::Script(self.class.clone()))),
            [other] if is("compareTo") => {
                let other = other.native::<Instance>().and_then(|other| other.constant);
                let other = other.ok_or(Fail::NoMethod)?;
                let (at, other) = (Value::from(at), Value::from(other));
                cx.binary(crate::ast::BinaryOp::Sub, &at, &other)
            }
            _ => Err(Fail::NoMethod),
        }
    }

    /// The fields that are not static, with their values.
    fn own_fields(&self) -> Vec<(FieldDecl, Value)> {
        let values = lock(&self.fields).clone();
        let fields = self.class.decl.fields.iter().cloned().zip(values);
        fields.filter(|(field, _)| !field.is_static).collect()
    }

    /// The text that `@ToString` gives.
    fn shown(&self, cx: &mut Interp<'_>) -> Run<String> {
        let mut parts = Vec::new();
        for (field, value) in self.own_fields() {
            let text = cx.text(&value)?;
            parts.push(if self.class.decl.marks.shows_names {
                format!("{}:{text}", field.name.text)
            } else {
                text.to_string()
            });
        }
        Ok(format!("{}({})", self.class.decl.name, parts.join(", ")))
    }

    /// Gives a field its value, past the setter.
    fn set_field(&self, cx: &mut Interp<'_>, name: u64, value: &Value) -> Run<bool> {
        let Some(at) = self.field(name) else {
            return Ok(false);
        };
        let value = cx.coerce_field(value.clone(), self.class.decl.fields[at].ty.as_ref())?;
        let former = std::mem::replace(&mut lock(&self.fields)[at], value);
        drop(former);
        Ok(true)
    }
}

impl Native for Instance {
    fn class_name(&self) -> Arc<str> {
        self.class.decl.name.clone()
    }
    fn call(&self, cx: &mut Interp<'_>, me: &Value, name: u64, a: Args<'_>) -> Run {
        if let Some(method) = self.stand_in(name) {
            return cx.invoke(&method, &a);
        }
        if let Some(function) = best_function(&self.methods(name), &a) {
            return cx.within(&self.program, |cx| {
                cx.call_function(&function, &a, me.clone(), None)
            });
        }
        if let Some(at) = self.constant {
            match self.call_constant(cx, at, name, a) {
                Err(Fail::NoMethod) => {}
                result => return result,
            }
        }
        for field in &self.class.decl.fields {
            if field.is_static {
                continue;
            }
            if a.is_empty()
                && (field.name.getter("get").hash == name || field.name.getter("is").hash == name)
            {
                return Ok(self
                    .field(field.name.hash)
                    .and_then(|at| lock(&self.fields).get(at).cloned())
                    .unwrap_or(Value::Null));
            }
            if a.len() == 1 && field.name.getter("set").hash == name {
                self.set_property(cx, &field.name.text, &a[0])?;
                return Ok(Value::Null);
            }
        }
        if let Some(exception) = self.exception() {
            return crate::library::throwable::call(cx, (&exception, me), name, a);
        }
        Err(Fail::NoMethod)
    }
    fn text(&self, cx: &mut Interp<'_>) -> Run<Option<String>> {
        if let Some(method) = self.stand_in(symbol("toString")) {
            let text = cx.invoke(&method, &[])?;
            return Ok(Some(cx.text(&text)?.to_string()));
        }
        if let Some(function) = best_function(&self.methods(symbol("toString")), &[]) {
            let me = self.again();
            let text = cx.within(&self.program, |cx| {
                cx.call_function(&function, &[], me, None)
            })?;
            return Ok(Some(cx.text(&text)?.to_string()));
        }
        if let Some(at) = self.constant {
            return Ok(Some(self.class.decl.constants[at].text.to_string()));
        }
        if self.class.decl.marks.shows_fields {
            return self.shown(cx).map(Some);
        }
        Ok(self.exception().map(|exception| exception.line()))
    }
    fn equal(&self, other: &dyn Any) -> Option<bool> {
        let other = other.downcast_ref::<Instance>()?;
        let is_same_class = self.class.decl.name == other.class.decl.name;
        if self.constant.is_some() || other.constant.is_some() {
            return Some(is_same_class && self.constant == other.constant);
        }
        if Arc::ptr_eq(&self.fields, &other.fields) {
            return Some(true);
        }
        if !self.class.decl.marks.by_value || !is_same_class {
            return Some(false);
        }
        let (mine, others) = (lock(&self.fields).clone(), lock(&other.fields).clone());
        Some(
            mine.iter()
                .zip(&others)
                .all(|(mine, other)| groovy_equals(mine, other)),
        )
    }
    fn hash(&self) -> Option<i32> {
        if self.class.decl.marks.by_value {
            let values = lock(&self.fields).clone();
            return Some(values.iter().fold(7i32, |sum, value| {
                sum.wrapping_mul(31).wrapping_add(java_hash(value))
            }));
        }
        self.constant.map(|at| at as i32)
    }
    fn compare(&self, other: &dyn Any) -> Option<Ordering> {
        let other = other.downcast_ref::<Instance>()?;
        self.constant?.partial_cmp(&other.constant?)
    }
    fn items(&self, cx: &mut Interp<'_>) -> Run<Option<Vec<Value>>> {
        if self.methods(symbol("iterator")).is_empty() {
            return Ok(None);
        }
        let iterator = cx.call_method(&self.again(), &Name::new("iterator"), &[])?;
        let has_next = Name::new("hasNext");
        if iterator.native::<Instance>().is_none() {
            return cx.items(&iterator).map(Some);
        }
        let mut items = Vec::new();
        loop {
            let more = cx.call_method(&iterator, &has_next, &[])?;
            if !cx.truth(&more)? {
                return Ok(Some(items));
            }
            cx.charge_items(1)?;
            items.push(cx.call_method(&iterator, &Name::new("next"), &[])?);
        }
    }
    fn property(&self, cx: &mut Interp<'_>, name: &str) -> Run<Option<Value>> {
        if let Some(at) = self.field(symbol(name)) {
            return Ok(lock(&self.fields).get(at).cloned());
        }
        if name == "properties" && !self.methods(symbol("getProperties")).is_empty() {
            return Ok(None);
        }
        if name == "properties" {
            let map = Map::linked();
            map.put(
                Value::from("class"),
                Value::class(Class::Script(self.class.clone())),
            );
            for (field, value) in self.own_fields() {
                map.put(Value::from(field.name.text), value);
            }
            return Ok(Some(Value::Map(Arc::new(map))));
        }
        static_field(cx, &self.class, &Name::new(name))
    }
    fn set_property(&self, cx: &mut Interp<'_>, name: &str, value: &Value) -> Run<bool> {
        if self.class.decl.marks.is_immutable && self.field(symbol(name)).is_some() {
            return Err(throw(
                "groovy.lang.ReadOnlyPropertyException",
                format!(
                    "Cannot set readonly property: {name} for class: {}",
                    self.class.decl.name
                ),
            ));
        }
        if self.set_field(cx, symbol(name), value)? {
            return Ok(true);
        }
        let name = Name::new(name);
        let mut fields = self.class.decl.fields.iter();
        if fields.any(|field| field.is_static && field.name.hash == name.hash) {
            set_static(&self.class, &name, value.clone())?;
            return Ok(true);
        }
        Ok(false)
    }
}

/// Whether the class wants something that stands in for methods without a body.
pub(crate) fn is_abstract(class: &Class) -> bool {
    matches!(class, Class::Script(class)
        if class.decl.kind == ClassKind::Interface || !class.decl.abstracts.is_empty())
}

pub(crate) fn is_enum(class: &Class) -> bool {
    matches!(class, Class::Script(class) if class.decl.kind == ClassKind::Enum)
}

/// `super.name(args)` in a method of an object.
pub(crate) fn call_above(
    cx: &mut Interp<'_>,
    me: &Value,
    above: Option<&str>,
    name: &Name,
    args: &[Value],
) -> Run {
    let mut classes = cx.program.classes.iter();
    let class = classes.find(|known| Some(&*known.decl.name) == above);
    let methods = class.map(|class| {
        let methods = class.decl.methods.iter();
        let methods = methods.filter(|method| *method.name == *name.text);
        methods.cloned().collect::<Vec<_>>()
    });
    if let Some(function) = best_function(&methods.unwrap_or_default(), args) {
        return cx.call_function(&function, args, me.clone(), None);
    }
    if &*name.text == "toString" && args.is_empty() {
        let class = crate::class::class_name(me);
        return Ok(Value::from(format!(
            "{class}@{:x}",
            crate::equality::identity(me)
        )));
    }
    match crate::library::object::call(cx, me, name.hash, Args(args)) {
        Err(Fail::NoMethod) => Err(cx.missing_method(&crate::class::class_name(me), name, args)),
        result => result,
    }
}

/// `methodMissing` of the object's class, if it has one.
pub(crate) fn missing_method(
    cx: &mut Interp<'_>,
    object: &Value,
    name: &Name,
    args: &[Value],
) -> Run {
    let Some(instance) = object.native::<Instance>() else {
        return Err(Fail::NoMethod);
    };
    let handler = Name::new("methodMissing");
    if !instance.has(&handler, 2) || name.hash == handler.hash {
        return Err(Fail::NoMethod);
    }
    let given = Value::array("java.lang.Object", args.to_vec());
    cx.call_method(object, &handler, &[Value::from(name.text.clone()), given])
}

/// Whether only `methodMissing` would answer to the getter.
pub(crate) fn only_missing(object: &Value, getter: &Name) -> bool {
    object
        .native::<Instance>()
        .is_some_and(|one| one.has(&Name::new("methodMissing"), 2) && !one.has(getter, 0))
}

/// What `propertyMissing` of the object's class gives, if it has one.
pub(crate) fn missing_property(
    cx: &mut Interp<'_>,
    object: &Value,
    name: &Name,
) -> Run<Option<Value>> {
    let handler = Name::new("propertyMissing");
    match object.native::<Instance>() {
        Some(instance) if instance.has(&handler, 1) => cx
            .call_method(object, &handler, &[Value::from(name.text.clone())])
            .map(Some),
        _ => Ok(None),
    }
}

/// Gives `propertyMissing` of the object's class what was assigned, if it has one.
pub(crate) fn set_missing_property(
    cx: &mut Interp<'_>,
    object: &Value,
    name: &Name,
    value: &Value,
) -> Run<bool> {
    let handler = Name::new("propertyMissing");
    match object.native::<Instance>() {
        Some(instance) if instance.has(&handler, 2) => {
            let args = [Value::from(name.text.clone()), value.clone()];
            cx.call_method(object, &handler, &args)?;
            Ok(true)
        }
        _ => Ok(false),
    }
}
