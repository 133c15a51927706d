//! What belongs to a class that a script defines: static fields and methods, and the constants of an enum.

use std::sync::{Arc, Mutex};

use super::Instance;
use super::making::{made, run_constructor};
use crate::args::Args;
use crate::ast::{ClassKind, FieldDecl};
use crate::class::{Class, ScriptClass};
use crate::fail::{Fail, Run};
use crate::interp::{Interp, best_function};
use crate::library::throwable::throw;
use crate::name::{Name, symbol};
use crate::program::Program;
use crate::value::{Native, Value, lock};

/// The class as its program has it, and the program.
pub(super) fn whole(class: &Arc<ScriptClass>) -> Run<(Arc<ScriptClass>, Arc<Program>)> {
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

/// Runs the static initialisers once.
pub(super) fn initialised(cx: &mut Interp<'_>, class: &Arc<ScriptClass>) -> Run<()> {
    if class.decl.static_initialisers.is_empty() {
        return Ok(());
    }
    let (class, program) = whole(class)?;
    // No field has such a name.
    let mark = symbol("<static>");
    let is_new = lock(&class.statics).insert(mark, Value::Null).is_none();
    if is_new {
        for initialiser in &class.decl.static_initialisers {
            let this = Value::class(Class::Script(class.clone()));
            cx.within(&program, |cx| {
                cx.call_function(initialiser, &[], this, None)
            })?;
        }
    }
    Ok(())
}

/// What a constant of an enum has in its fields. The constant itself would keep its program alive, which keeps the statics.
struct ConstantFields(Arc<Mutex<Vec<Value>>>);

impl Native for ConstantFields {
    fn class_name(&self) -> Arc<str> {
        Arc::from("java.lang.Enum")
    }
}

/// A constant of an enum, made at its first use.
pub(super) fn constant(
    cx: &mut Interp<'_>,
    class: &Arc<ScriptClass>,
    program: &Arc<Program>,
    at: usize,
) -> Run {
    let name = &class.decl.constants[at];
    let of_fields = |fields: Arc<Mutex<Vec<Value>>>| {
        Value::object(Instance {
            class: class.clone(),
            program: program.clone(),
            fields,
            constant: Some(at),
            exception: Arc::default(),
            behind: Value::Null,
        })
    };
    let known = lock(&class.statics).get(&name.hash).cloned();
    if let Some(fields) = known.as_ref().and_then(Value::native::<ConstantFields>) {
        return Ok(of_fields(fields.0.clone()));
    }
    let fields = cx.within(program, |cx| {
        let made = made(cx, class, Value::Null)?;
        let Some(instance) = made.native::<Instance>() else {
            return Err(Fail::NoMethod);
        };
        let args = match class.decl.constant_args.get(at) {
            Some(Some(args)) => {
                let this = Value::class(Class::Script(class.clone()));
                let args = cx.call_function(args, &[], this, None)?;
                cx.items(&args)?
            }
            _ => Vec::new(),
        };
        if !args.is_empty() || !class.decl.constructors.is_empty() {
            let constant = of_fields(instance.fields.clone());
            run_constructor(cx, &constant, &class.decl.name, &args)?;
        }
        Ok(instance.fields.clone())
    })?;
    let kept = Value::object(ConstantFields(fields.clone()));
    lock(&class.statics).insert(name.hash, kept);
    Ok(of_fields(fields))
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
        return constant(cx, &class, &program, at).map(Some);
    }
    let mut fields = class.decl.fields.iter();
    let Some(field) = fields.find(|f| f.is_static && f.name.hash == name.hash) else {
        return Ok(None);
    };
    let class = owner(&class, &program, field);
    initialised(cx, &class)?;
    if let Some(value) = lock(&class.statics).get(&name.hash) {
        return Ok(Some(value.clone()));
    }
    let value = match &field.value {
        Some(value) => {
            let this = Value::class(Class::Script(class.clone()));
            cx.within(&program, |cx| cx.call_function(value, &[], this, None))?
        }
        None => crate::interp::default_value(field.ty.as_ref()),
    };
    lock(&class.statics).insert(name.hash, value.clone());
    Ok(Some(value))
}

/// The class that has a static field for all that inherit it.
fn owner(class: &Arc<ScriptClass>, program: &Program, field: &FieldDecl) -> Arc<ScriptClass> {
    let mut classes = program.classes.iter();
    let owner = classes.find(|known| known.decl.name == field.owner);
    owner.unwrap_or(class).clone()
}

pub(crate) fn set_static(class: &Arc<ScriptClass>, name: &Name, value: Value) -> Run<()> {
    let (class, program) = whole(class)?;
    let mut fields = class.decl.fields.iter();
    let field = fields.find(|field| field.is_static && field.name.hash == name.hash);
    let class = match field {
        Some(field) => owner(&class, &program, field),
        None => class.clone(),
    };
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
        initialised(cx, &class)?;
        let this = Value::class(Class::Script(class.clone()));
        return cx.within(&program, |cx| cx.call_function(&function, &a, this, None));
    }
    let is_enum = class.decl.kind == ClassKind::Enum;
    match (&*name.text, &a[..]) {
        ("values", []) if is_enum => {
            let mut all = Vec::new();
            for at in 0..class.decl.constants.len() {
                all.push(constant(cx, &class, &program, at)?);
            }
            Ok(Value::array(&class.decl.name, all))
        }
        ("valueOf", [text]) if is_enum => {
            let text = cx.text(text)?;
            match class.decl.constants.iter().position(|c| c.text == text) {
                Some(at) => constant(cx, &class, &program, at),
                None => Err(throw(
                    "java.lang.IllegalArgumentException",
                    format!("No enum constant {}.{text}", class.decl.name),
                )),
            }
        }
        _ => Err(Fail::NoMethod),
    }
}
