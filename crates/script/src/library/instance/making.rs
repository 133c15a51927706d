//! Objects of classes that scripts define, made: by constructors, of closures, and without a name.

use std::sync::{Arc, Mutex};

use super::Instance;
use super::statics::initialised;
use crate::ast::{FieldDecl, Function};
use crate::class::{Class, ScriptClass};
use crate::fail::{Fail, Run};
use crate::interp::{Interp, best_function};
use crate::library::throwable::{Throwable, throw};
use crate::name::Name;
use crate::value::{Map, Value, lock};

/// `{ .. } as Interface` and `[name: { .. }] as Interface`.
pub(crate) fn implemented(cx: &mut Interp<'_>, class: &Class, behind: Value) -> Run {
    let Class::Script(class) = class else {
        return Err(Fail::NoMethod);
    };
    let class = of_program(cx, class)?;
    made(cx, &class, behind)
}

/// `new T(args) { methods }`.
pub(crate) fn anonymous(
    cx: &mut Interp<'_>,
    class: &Class,
    args: &[Value],
    methods: Vec<(Arc<str>, Value)>,
) -> Run {
    let Class::Script(class) = class else {
        // A library calls the one method of an interface as it calls a closure.
        if let [(_, only)] = methods.as_slice() {
            return Ok(only.clone());
        }
        let map = Map::linked();
        for (name, method) in methods {
            map.put(Value::from(name), method);
        }
        return Ok(Value::Map(Arc::new(map)));
    };
    let map = Map::linked();
    for (name, method) in methods {
        map.put(Value::from(name), method);
    }
    let class = of_program(cx, class)?;
    let me = made(cx, &class, Value::Map(Arc::new(map)))?;
    run_constructor(cx, &me, &class.decl.name, args)?;
    Ok(me)
}

/// The class as the program that runs has it.
fn of_program(cx: &Interp<'_>, class: &Arc<ScriptClass>) -> Run<Arc<ScriptClass>> {
    let mut classes = cx.program.classes.iter();
    let found = classes.find(|known| known.decl.name == class.decl.name);
    found
        .cloned()
        .ok_or_else(|| throw("java.lang.InstantiationException", &class.decl.name))
}

/// An object whose fields have their first values and whose constructor has not run.
pub(super) fn made(cx: &mut Interp<'_>, class: &Arc<ScriptClass>, behind: Value) -> Run {
    let fields = class.decl.fields.iter();
    let blank = fields.map(|field| crate::interp::default_value(field.ty.as_ref()));
    let is_exception = class
        .decl
        .ancestors
        .iter()
        .any(|name| &**name == "java.lang.Throwable");
    let exception = is_exception.then(|| Throwable {
        class: class.decl.name.clone(),
        message: None,
        cause: Value::Null,
    });
    let instance = Instance {
        class: class.clone(),
        program: cx.program.clone(),
        fields: Arc::new(Mutex::new(blank.collect())),
        constant: None,
        exception: Arc::new(Mutex::new(exception)),
        behind,
    };
    cx.charge_items(class.decl.fields.len() + 4)?;
    let me = Value::object(instance);
    for field in class.decl.fields.iter().filter(|field| !field.is_static) {
        if let Some(value) = &field.value {
            let value = cx.call_function(value, &[], me.clone(), None)?;
            if let Some(instance) = me.native::<Instance>() {
                instance.set_field(cx, field.name.hash, &value)?;
            }
        }
    }
    for initialiser in &class.decl.initialisers {
        cx.call_function(initialiser, &[], me.clone(), None)?;
    }
    Ok(me)
}

pub(crate) fn construct(cx: &mut Interp<'_>, class: &Arc<ScriptClass>, args: &[Value]) -> Run {
    initialised(cx, class)?;
    let me = made(cx, class, Value::Null)?;
    let decl = &class.decl;
    if decl.constructors.is_empty() {
        let Some(instance) = me.native::<Instance>() else {
            return Ok(me);
        };
        match args {
            [Value::Map(map)] => {
                for (key, value) in map.entries() {
                    let name = Name::new(&cx.text(&key)?);
                    if decl.marks.is_immutable {
                        instance.set_field(cx, name.hash, &value)?;
                    } else {
                        cx.set_property(&me, &name, value)?;
                    }
                }
                return Ok(me);
            }
            args if decl.marks.takes_fields && !args.is_empty() => {
                let fields = decl.fields.iter().filter(|field| !field.is_static);
                let fields: Vec<&FieldDecl> = fields.collect();
                if args.len() <= fields.len() {
                    for (field, value) in fields.iter().zip(args) {
                        instance.set_field(cx, field.name.hash, value)?;
                    }
                    return Ok(me);
                }
            }
            _ => {}
        }
    }
    run_constructor(cx, &me, &decl.name, args)?;
    Ok(me)
}

/// Runs the constructor of one of the classes that an object is of.
pub(crate) fn run_constructor(
    cx: &mut Interp<'_>,
    me: &Value,
    class: &str,
    args: &[Value],
) -> Run<()> {
    let mut classes = cx.program.classes.iter();
    let Some(class) = classes.find(|known| *known.decl.name == *class).cloned() else {
        return library_constructor(cx, me, class, args);
    };
    let decl = &class.decl;
    let above = decl.superclass.as_ref().map(|above| match &above.ty {
        crate::ast::Ty::Class(class) => class.name(),
        _ => above.name.clone(),
    });
    if let Some(constructor) = best_function(&decl.constructors, args) {
        if let Some(above) = &above
            && !calls_another(&constructor)
        {
            run_constructor(cx, me, above, &[])?;
        }
        cx.call_function(&constructor, args, me.clone(), None)?;
        return Ok(());
    }
    if decl.constructors.is_empty() && (args.is_empty() || decl.marks.inherits_constructors) {
        return match above {
            Some(above) => run_constructor(cx, me, &above, args),
            None => Ok(()),
        };
    }
    let types = args.iter().map(|arg| match crate::class::class_of(arg) {
        Some(class) => class.simple_name(),
        None => "null".to_owned(),
    });
    Err(throw(
        "groovy.lang.GroovyRuntimeException",
        format!(
            "Could not find matching constructor for: {}({})",
            decl.name,
            types.collect::<Vec<_>>().join(", ")
        ),
    ))
}

/// Runs the constructor of a library's exception that a script's class extends.
fn library_constructor(cx: &mut Interp<'_>, me: &Value, class: &str, args: &[Value]) -> Run<()> {
    let Some(instance) = me.native::<Instance>() else {
        return Ok(());
    };
    let (Some(exception), Some(known)) = (instance.exception(), crate::class::find(class)) else {
        return Ok(());
    };
    let made = cx.construct(&Class::Known(known), args)?;
    if let Some(made) = made.native::<Throwable>() {
        *lock(&instance.exception) = Some(Throwable {
            class: exception.class,
            message: made.message.clone(),
            cause: made.cause.clone(),
        });
    }
    Ok(())
}

/// Whether a constructor begins with `this(..)` or `super(..)`.
fn calls_another(constructor: &Function) -> bool {
    use crate::ast::{Kind, StmtKind};
    let first = constructor.body.statements.first();
    first.is_some_and(|first| {
        matches!(&first.kind, StmtKind::Expr(value) if matches!(value.kind, Kind::Construct(..)))
    })
}
