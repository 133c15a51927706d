//! Objects of classes that scripts define.

use std::any::Any;
use std::sync::{Arc, Mutex};

use crate::args::Args;
use crate::class::{Class, ScriptClass};
use crate::fail::{Fail, Run};
use crate::interp::{Interp, best_function};
use crate::library::throwable::throw;
use crate::name::{Name, symbol};
use crate::program::Program;
use crate::value::{Native, Value, lock};

pub(crate) struct Instance {
    pub(crate) class: Arc<ScriptClass>,
    /// What the methods belong to; the object keeps it alive.
    program: Arc<Program>,
    /// Values in the order of the fields.
    fields: Mutex<Vec<Value>>,
    /// For constants of an enum: the place.
    constant: Option<usize>,
}

impl Instance {
    fn field(&self, name: u64) -> Option<usize> {
        self.class
            .decl
            .fields
            .iter()
            .position(|f| f.name.hash == name && !f.is_static)
    }
}

impl Native for Instance {
    fn class_name(&self) -> Arc<str> {
        self.class.decl.name.clone()
    }
    fn call(&self, cx: &mut Interp<'_>, me: &Value, name: u64, a: Args<'_>) -> Run {
        let methods: Vec<_> = self
            .class
            .decl
            .methods
            .iter()
            .filter(|m| symbol(&m.name) == name)
            .cloned()
            .collect();
        if let Some(function) = best_function(&methods, &a) {
            return cx.within(&self.program, |cx| {
                cx.call_function(&function, &a, me.clone(), None)
            });
        }
        if let Some(at) = self.constant {
            match (name, &a[..]) {
                (n, []) if n == symbol("ordinal") => return Ok(Value::from(at)),
                (n, []) if n == symbol("name") || n == symbol("toString") => {
                    return Ok(Value::from(self.class.decl.constants[at].text.clone()));
                }
                _ => {}
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
        Err(Fail::NoMethod)
    }
    fn text(&self, cx: &mut Interp<'_>) -> Run<Option<String>> {
        if let Some(at) = self.constant {
            return Ok(Some(self.class.decl.constants[at].text.to_string()));
        }
        let methods: Vec<_> = self
            .class
            .decl
            .methods
            .iter()
            .filter(|m| &*m.name == "toString")
            .cloned()
            .collect();
        let Some(function) = best_function(&methods, &[]) else {
            return Ok(None);
        };
        let me = Value::object(Instance {
            class: self.class.clone(),
            program: self.program.clone(),
            fields: Mutex::new(lock(&self.fields).clone()),
            constant: None,
        });
        let text = cx.within(&self.program, |cx| {
            cx.call_function(&function, &[], me, None)
        })?;
        Ok(Some(cx.text(&text)?.to_string()))
    }
    fn equal(&self, other: &dyn Any) -> Option<bool> {
        let other = other.downcast_ref::<Instance>()?;
        Some(
            self.constant.is_some()
                && self.constant == other.constant
                && self.class.decl.name == other.class.decl.name,
        )
    }
    fn hash(&self) -> Option<i32> {
        self.constant.map(|at| at as i32)
    }
    fn property(&self, _cx: &mut Interp<'_>, name: &str) -> Run<Option<Value>> {
        Ok(self
            .field(symbol(name))
            .and_then(|at| lock(&self.fields).get(at).cloned()))
    }
    fn set_property(&self, cx: &mut Interp<'_>, name: &str, value: &Value) -> Run<bool> {
        let Some(at) = self.field(symbol(name)) else {
            return Ok(false);
        };
        let value = cx.coerce_field(value.clone(), self.class.decl.fields[at].ty.as_ref())?;
        lock(&self.fields)[at] = value;
        Ok(true)
    }
}

pub(crate) fn construct(cx: &mut Interp<'_>, class: &Arc<ScriptClass>, args: &[Value]) -> Run {
    let blank: Vec<Value> = class
        .decl
        .fields
        .iter()
        .map(|f| crate::interp::default_value(f.ty.as_ref()))
        .collect();
    let me = Value::object(Instance {
        class: class.clone(),
        program: cx.program.clone(),
        fields: Mutex::new(blank),
        constant: None,
    });
    for field in class.decl.fields.iter().filter(|f| !f.is_static) {
        if let Some(value) = &field.value {
            let value = cx.call_function(value, &[], me.clone(), None)?;
            cx.set_property(&me, &field.name, value)?;
        }
    }
    if let Some(constructor) = best_function(&class.decl.constructors, args) {
        cx.call_function(&constructor, args, me.clone(), None)?;
        return Ok(me);
    }
    match args {
        [] => Ok(me),
        [Value::Map(map)] if class.decl.constructors.is_empty() => {
            for (key, value) in map.entries() {
                let name = Name::new(&cx.text(&key)?);
                cx.set_property(&me, &name, value)?;
            }
            Ok(me)
        }
        _ => Err(throw(
            "groovy.lang.GroovyRuntimeException",
            format!(
                "Could not find matching constructor for: {}",
                class.decl.name
            ),
        )),
    }
}

/// The class as its program has it, and the program.
fn whole(class: &Arc<ScriptClass>) -> Run<(Arc<ScriptClass>, Arc<Program>)> {
    let Some(program) = class.program() else {
        let message = format!("the script of class {} is gone", class.decl.name);
        return Err(throw("java.lang.IllegalStateException", message));
    };
    let class = program
        .classes
        .iter()
        .find(|c| c.decl.name == class.decl.name)
        .cloned()
        .unwrap_or_else(|| class.clone());
    Ok((class, program))
}

fn constant(class: &Arc<ScriptClass>, program: &Arc<Program>, at: usize) -> Value {
    Value::object(Instance {
        class: class.clone(),
        program: program.clone(),
        fields: Mutex::default(),
        constant: Some(at),
    })
}

pub(crate) fn static_field(
    cx: &mut Interp<'_>,
    class: &Arc<ScriptClass>,
    name: &Name,
) -> Run<Option<Value>> {
    let (class, program) = whole(class)?;
    if let Some(at) = class
        .decl
        .constants
        .iter()
        .position(|c| c.hash == name.hash)
    {
        return Ok(Some(constant(&class, &program, at)));
    }
    if let Some(value) = lock(&class.statics).get(&name.hash) {
        return Ok(Some(value.clone()));
    }
    let Some(field) = class
        .decl
        .fields
        .iter()
        .find(|f| f.is_static && f.name.hash == name.hash)
    else {
        return Ok(None);
    };
    let value = match &field.value {
        Some(value) => {
            let this = Value::class(Class::Script(class.clone()));
            cx.within(&program, |cx| cx.call_function(value, &[], this, None))?
        }
        None => Value::Null,
    };
    lock(&class.statics).insert(name.hash, value.clone());
    Ok(Some(value))
}

pub(crate) fn set_static(class: &Arc<ScriptClass>, name: &Name, value: Value) -> Run<()> {
    let (class, _) = whole(class)?;
    lock(&class.statics).insert(name.hash, value);
    Ok(())
}

pub(crate) fn call_static(
    cx: &mut Interp<'_>,
    class: &Arc<ScriptClass>,
    name: &Name,
    a: Args<'_>,
) -> Run {
    let (class, program) = whole(class)?;
    let methods: Vec<_> = class
        .decl
        .methods
        .iter()
        .filter(|m| *m.name == *name.text)
        .cloned()
        .collect();
    if let Some(function) = best_function(&methods, &a) {
        let this = Value::class(Class::Script(class.clone()));
        return cx.within(&program, |cx| cx.call_function(&function, &a, this, None));
    }
    match (&*name.text, &a[..]) {
        ("values", []) if class.decl.is_enum => Ok(Value::array(
            &class.decl.name,
            (0..class.decl.constants.len())
                .map(|at| constant(&class, &program, at))
                .collect(),
        )),
        ("valueOf", [text]) if class.decl.is_enum => {
            let text = cx.text(text)?;
            match class.decl.constants.iter().position(|c| c.text == text) {
                Some(at) => Ok(constant(&class, &program, at)),
                None => Err(throw(
                    "java.lang.IllegalArgumentException",
                    format!("No enum constant {}.{text}", class.decl.name),
                )),
            }
        }
        _ => Err(Fail::NoMethod),
    }
}
