//! Functions that scripts call without an object: `println`, `sprintf`, BeanShell's commands.

use std::sync::Arc;

use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::throwable::throw;
use crate::name::{Name, methods};
use crate::value::{Map, Native, Value};

fn line(cx: &mut Interp<'_>, a: Args<'_>, end: &str) -> Run {
    let mut text = match a.first() {
        None => String::new(),
        Some(value) if cx.beanshell() => cx.java_text(value)?.to_string(),
        Some(value) => cx.string_text(value)?.to_string(),
    };
    text.push_str(end);
    cx.write_out(&text)?;
    Ok(cx.void())
}

methods! {
    fn call_named(cx, me: &Name, a, name) -> FUNCTIONS;
    println : 0 .. 1 => line(cx, a, "\n");
    print : 1 .. 1 => { let end = if cx.beanshell() { "\n" } else { "" }; line(cx, a, end) };
    printf : 1 .. 20 => { let pattern = cx.text(&a[0])?; let text = crate::library::format::format(cx, &pattern, &a[1..])?; cx.write_out(&text)?; Ok(Value::Null) };
    sprintf : 1 .. 20 => {
        let pattern = cx.text(&a[0])?;
        let rest = if let [_, Value::List(list)] = a.0 { list.items() } else { a[1..].to_vec() };
        crate::library::format::format(cx, &pattern, &rest).map(Value::from)
    };
    sleep : 1 .. 2 => { crate::library::system::sleep(cx, a.long(0)?)?; Ok(Value::Null) };
    r#use : 2 .. 2 => {
        let is_time = matches!(&a[0], Value::Class(class) if &*class.0.name() == "groovy.time.TimeCategory");
        let before = cx.set_time_category(is_time || cx.has_time_category());
        let result = cx.call_closure(a.closure(1)?, &[]);
        cx.set_time_category(before);
        result
    };
    size : 1 .. 1 => cx.items(&a[0]).map(|items| Value::from(items.len()));
    empty : 1 .. 1 => cx.truth(&a[0]).map(|v| Value::Bool(!v));
    eval : 1 .. 1 => { let source = a.text(0)?; cx.evaluate(&source) };
    evaluate : 1 .. 1 => {
        let source = match a.text(0) {
            Ok(source) => source,
            Err(_) => { let text = cx.call_method(&a[0], &Name::new("getText"), &[])?; Args(&[text]).text(0)? }
        };
        cx.evaluate(&source)
    };
    getBinding : 0 .. 0 => Ok(Value::object(Binding));
}

/// `binding` of a Groovy script: its variables and what JMeter binds.
pub(crate) struct Binding;

impl Native for Binding {
    fn class_name(&self) -> Arc<str> {
        Arc::from("groovy.lang.Binding")
    }
    fn call(&self, cx: &mut Interp<'_>, me: &Value, name: u64, a: Args<'_>) -> Run {
        call_binding(cx, me, name, a)
    }
    fn property(&self, cx: &mut Interp<'_>, name: &str) -> Run<Option<Value>> {
        Ok(match name {
            "variables" => None,
            _ => variable(cx, name),
        })
    }
    fn set_property(&self, cx: &mut Interp<'_>, name: &str, value: &Value) -> Run<bool> {
        Ok(set_variable(cx, name, value))
    }
}

fn variable(cx: &mut Interp<'_>, name: &str) -> Option<Value> {
    let names = &cx.program.globals;
    let at = names.iter().position(|global| *global.text == *name);
    let own = at.map(|at| cx.globals[at].clone());
    own.filter(|value| !matches!(value, Value::Void))
        .or_else(|| cx.bound(name))
}

/// False where the script has no such name, so that nobody reads it.
fn set_variable(cx: &mut Interp<'_>, name: &str, value: &Value) -> bool {
    let names = &cx.program.globals;
    match names.iter().position(|global| *global.text == *name) {
        Some(at) => {
            cx.globals[at] = value.clone();
            true
        }
        None => false,
    }
}

methods! {
    fn call_binding(cx, me: &Value, a, name) -> BINDING;
    hasVariable : 1 .. 1 => { let name = a.text(0)?; Ok(Value::Bool(variable(cx, &name).is_some())) };
    getVariable : 1 .. 1 => { let name = a.text(0)?; variable(cx, &name).ok_or_else(|| throw("groovy.lang.MissingPropertyException", format!("No such property: {name} for class: groovy.lang.Binding"))) };
    setVariable : 2 .. 2 => { let name = a.text(0)?; set_variable(cx, &name, &a[1]); Ok(Value::Null) };
    getVariables : 0 .. 0 => {
        let map = Map::linked();
        for at in 0..cx.program.globals.len() {
            let (name, value) = (cx.program.globals[at].text.clone(), cx.globals[at].clone());
            if !matches!(value, Value::Void) { map.put(Value::from(name), value); }
        }
        Ok(Value::Map(Arc::new(map)))
    };
}

methods! {
    fn eval_static(cx, me: &'static ClassInfo, a, name) -> EVAL;
    me : 1 .. 3 => match a.len() {
        1 => cx.evaluate_alone(&a.text(0)?, &[]),
        3 => { let (name, source) = (a.text(0)?, a.text(2)?); cx.evaluate_alone(&source, &[(&name, &a[1])]) }
        _ => Err(Fail::NoMethod),
    };
    x : 2 .. 2 => cx.evaluate_alone(&a.text(1)?, &[("x", &a[0])]);
    xy : 3 .. 3 => cx.evaluate_alone(&a.text(2)?, &[("x", &a[0]), ("y", &a[1])]);
    xyz : 4 .. 4 => cx.evaluate_alone(&a.text(3)?, &[("x", &a[0]), ("y", &a[1]), ("z", &a[2])]);
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("groovy.lang.Binding").methods(&[BINDING]),
    ClassInfo::named("groovy.util.Eval").statics(eval_static, EVAL),
];

pub(crate) fn call(cx: &mut Interp<'_>, name: &Name, a: Args<'_>) -> Run {
    if cx.jexl()
        && &*name.text == "size"
        && let Some(text) = a.first().and_then(Value::as_text)
    {
        return Ok(Value::from(text.encode_utf16().count()));
    }
    let beanshell_only = matches!(&*name.text, "eval");
    let groovy_only = matches!(
        &*name.text,
        "println" | "printf" | "sprintf" | "sleep" | "use" | "getBinding" | "evaluate"
    );
    if beanshell_only && !cx.beanshell() || groovy_only && !cx.groovy() {
        return Err(Fail::NoMethod);
    }
    call_named(cx, name, name.hash, a)
}
