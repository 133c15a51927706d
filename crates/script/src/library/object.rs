//! Methods of every object, and of classes.

use std::sync::Arc;

use crate::class::{Class, ClassInfo, class_of};
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::name::{Name, methods};
use crate::value::Value;

/// The text of a value with quotes around texts, as Groovy's `inspect` gives it.
pub(crate) fn inspected(cx: &mut Interp<'_>, value: &Value, depth: u32) -> Run<String> {
    if depth > 64 {
        return Err(crate::library::throwable::throw_plain(
            "java.lang.StackOverflowError",
        ));
    }
    let join = |parts: Run<Vec<String>>| Ok(format!("[{}]", parts?.join(", ")));
    match value {
        Value::Str(_) | Value::GString(_) => {
            let text = cx.text(value)?.replace('\\', "\\\\").replace('\'', "\\'");
            Ok(format!(
                "'{}'",
                text.replace('\n', "\\n")
                    .replace('\t', "\\t")
                    .replace('\r', "\\r")
            ))
        }
        Value::Range(_) => Ok(cx.string_text(value)?.to_string()),
        Value::List(list) => {
            let items = list.items();
            join(
                items
                    .iter()
                    .map(|item| inspected(cx, item, depth + 1))
                    .collect(),
            )
        }
        Value::Map(map) if !map.is_empty() => {
            let entries = map.entries();
            let parts = entries.iter().map(|(key, item)| {
                let key = inspected(cx, key, depth + 1)?;
                Ok(format!("{key}:{}", inspected(cx, item, depth + 1)?))
            });
            join(parts.collect())
        }
        _ => Ok(cx.text(value)?.to_string()),
    }
}

/// Whether every object of Java's has the method, and not only those of Groovy.
pub(crate) fn is_of_java(method: &str) -> bool {
    let own = [
        "toString",
        "equals",
        "hashCode",
        "getClass",
        "notify",
        "notifyAll",
        "wait",
        "clone",
    ];
    own.contains(&method)
}

methods! {
    fn call(cx, me: &Value, a, name) -> METHODS;
    toString : 0 .. 0 => cx.string_of(me);
    equals : 1 .. 1 => Ok(Value::Bool(crate::equality::java_equals(me, &a[0])));
    hashCode : 0 .. 0 => Ok(Value::Int(crate::equality::java_hash(me)));
    getClass : 0 .. 0 => match me {
        Value::Host(crate::value::HostObject::Script) if cx.beanshell() => Ok(Value::class(Class::Known(crate::library::unlisted("bsh.XThis")))),
        _ => Ok(class_of(me).map_or(Value::Null, Value::class)),
    };
    is : 1 .. 1 => Ok(Value::Bool(me.same(&a[0])));
    inspect | dump : 0 .. 0 => inspected(cx, me, 0).map(Value::from);
    asBoolean : 0 .. 0 => cx.truth(me).map(Value::Bool);
    with : 1 .. 2 => { let f = a.closure(a.len() - 1)?; cx.call_with(f, me.clone(), std::slice::from_ref(me)) };
    tap : 1 .. 1 => { cx.call_with(a.closure(0)?, me.clone(), std::slice::from_ref(me))?; Ok(me.clone()) };
    identity : 1 .. 1 => cx.call_with(a.closure(0)?, me.clone(), std::slice::from_ref(me));
    asType : 1 .. 1 => match &a[0] {
        Value::Class(class) => cx.as_class(me.clone(), &class.0.clone()),
        _ => Err(Fail::NoMethod),
    };
    getAt : 1 .. 1 => match a[0].as_text() {
        Some(text) => { let n = Name::new(text); cx.get_property(me, &n, &n.getter("get"), &n.getter("is")) }
        None => Err(Fail::NoMethod),
    };
    putAt | setProperty : 2 .. 2 => {
        if name == crate::name::symbol("setProperty") && matches!(me, Value::Map(_)) { return Err(Fail::NoMethod); }
        let name = Name::new(&a.text(0)?);
        cx.set_property(me, &name, a.value(1))?;
        Ok(Value::Null)
    };
    getProperty : 1 .. 1 => { let n = Name::new(&a.text(0)?); cx.get_property(me, &n, &n.getter("get"), &n.getter("is")) };
    invokeMethod : 2 .. 2 => {
        let args = cx.items(&a[1])?;
        let name = Name::new(&a.text(0)?);
        cx.call_method(me, &name, &args)
    };
    respondsTo : 1 .. 2 => Ok(Value::Bool(me.native::<crate::library::instance::Instance>().is_some_and(|one| a.text(0).is_ok_and(|name| one.responds_to(&name)))));
    hasProperty : 1 .. 1 => { let n = Name::new(&a.text(0)?); match cx.get_property(me, &n, &n.getter("get"), &n.getter("is")) { Ok(_) => Ok(Value::Bool(true)), Err(Fail::NoMethod) => Ok(Value::Null), Err(fail) => Err(fail) } };
    compareTo : 1 .. 1 => match crate::equality::natural_order(me, &a[0]) {
        Some(order) => Ok(Value::Int(order as i32)),
        None => Err(Fail::NoMethod),
    };
    print : 1 .. 1 => { let text = cx.text(&a[0])?; cx.write_out(&text)?; Ok(Value::Null) };
    println : 0 .. 1 => {
        let mut text = if a.is_empty() { String::new() } else { cx.text(&a[0])?.to_string() };
        text.push('\n');
        cx.write_out(&text)?;
        Ok(Value::Null)
    };
    sleep : 1 .. 1 => { crate::library::system::sleep(cx, a.long(0)?)?; Ok(Value::Null) };
    notify | notifyAll | wait : 0 .. 1 => Ok(cx.void());
    isCase : 1 .. 1 => cx.is_case(me, &a[0]).map(Value::Bool);
    clone : 0 .. 0 => match me {
        Value::List(list) => Ok(Value::List(Arc::new(crate::value::List::of(list.class, list.items())))),
        Value::Map(_) | Value::Set(_) => { let items = cx.items(me)?; Ok(crate::library::map::copy(me, items)) }
        Value::Array(array) => Ok(Value::array(&array.element, array.items())),
        _ => Ok(me.clone()),
    };
}

impl crate::interp::Interp<'_> {
    /// `toString()`: Groovy's for its own collections, Java's else.
    fn string_of(&mut self, me: &Value) -> Run {
        match me {
            Value::Map(map)
                if map.class.ends_with("LazyMap")
                    || matches!(
                        map.class,
                        "java.util.Properties" | "java.util.concurrent.ConcurrentHashMap"
                    ) =>
            {
                self.java_text(me).map(Value::Str)
            }
            Value::Range(_) => self.string_text(me).map(Value::Str),
            Value::Array(_) => if self.groovy() {
                self.text(me)
            } else {
                self.java_text(me)
            }
            .map(Value::Str),
            _ if self.groovy() => self.text(me).map(Value::Str),
            _ => self.java_text(me).map(Value::Str),
        }
    }

    pub(crate) fn as_class(&mut self, value: Value, class: &Class) -> Run {
        self.as_type_public(value, class)
    }
}

methods! {
    fn class_call_known(cx, me: &Class, a, name) -> CLASS_METHODS;
    getName | getTypeName | getCanonicalName : 0 .. 0 => Ok(Value::Str(me.name()));
    getSimpleName : 0 .. 0 => Ok(Value::from(me.simple_name()));
    toString : 0 .. 0 => Ok(Value::from(format!("class {}", me.name())));
    getSuperclass : 0 .. 0 => {
        let name = me.name();
        if let Class::Script(class) = me && let Some(crate::ast::Ty::Class(above)) = class.decl.superclass.as_ref().map(|above| &above.ty) { return Ok(Value::class(above.clone())); }
        let parent = if &*name == "Script1" { "groovy.lang.Script" } else { crate::class::find(&name).and_then(|c| c.parents.first().copied()).unwrap_or("java.lang.Object") };
        Ok(Value::class(Class::Known(crate::class::find(parent).unwrap_or_else(|| crate::library::unlisted(parent)))))
    };
    isInstance : 1 .. 1 => Ok(Value::Bool(crate::class::is_instance(&a[0], me)));
    isCase : 1 .. 1 => Ok(Value::Bool(crate::class::is_instance(&a[0], me)));
    isArray : 0 .. 0 => Ok(Value::Bool(matches!(me, Class::Array(_))));
    isInterface : 0 .. 0 => Ok(Value::Bool(matches!(me, Class::Script(class) if class.decl.kind == crate::ast::ClassKind::Interface)));
    isEnum : 0 .. 0 => Ok(Value::Bool(matches!(me, Class::Script(class) if class.decl.kind == crate::ast::ClassKind::Enum)));
    isAssignableFrom : 1 .. 1 => match &a[0] { Value::Class(class) => Ok(Value::Bool(match &class.0 { Class::Script(class) => me.name() == class.decl.name || class.decl.ancestors.contains(&me.name()), other => crate::class::descends(&other.name(), &me.name()) })), _ => Err(Fail::NoMethod) };
    getPackageName : 0 .. 0 => Ok(Value::from(me.name().rsplit_once('.').map_or("", |(p, _)| p)));
    getSimpleTypeName : 0 .. 0 => Ok(Value::from(me.simple_name()));
    getClass : 0 .. 0 => Ok(Value::class(Class::Known(crate::library::unlisted("java.lang.Class"))));
}

pub(crate) fn class_call(
    cx: &mut crate::interp::Interp<'_>,
    class: &Class,
    name: u64,
    a: crate::args::Args<'_>,
) -> Run {
    class_call_known(cx, class, name, a)
}

fn new_object(
    _cx: &mut crate::interp::Interp<'_>,
    _class: &'static ClassInfo,
    _a: crate::args::Args<'_>,
) -> Run {
    Ok(Value::object(Plain))
}

/// `new Object()`.
struct Plain;

impl crate::value::Native for Plain {
    fn class_name(&self) -> Arc<str> {
        Arc::from("java.lang.Object")
    }
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("java.lang.Object").constructor(new_object),
    ClassInfo::named("java.lang.Class").methods(&[CLASS_METHODS]),
    ClassInfo::named("java.io.Serializable"),
    ClassInfo::named("java.lang.Comparable"),
    ClassInfo::named("java.lang.Iterable"),
    ClassInfo::named("java.lang.Runnable").parents(&["@functional"]),
    ClassInfo::named("java.util.concurrent.Callable").parents(&["@functional"]),
    ClassInfo::named("java.util.Comparator").parents(&["@functional"]),
    ClassInfo::named("java.util.function.Function").parents(&["@functional"]),
    ClassInfo::named("java.util.function.Predicate").parents(&["@functional"]),
    ClassInfo::named("java.util.function.Supplier").parents(&["@functional"]),
    ClassInfo::named("java.util.function.Consumer").parents(&["@functional"]),
    ClassInfo::named("java.util.function.BiFunction").parents(&["@functional"]),
    ClassInfo::named("groovy.lang.Script"),
    ClassInfo::named("groovy.lang.GroovyObject"),
    ClassInfo::named("groovy.transform.Field"),
    ClassInfo::named("groovy.transform.CompileStatic"),
    ClassInfo::named("java.lang.Runtime").forbidden("starts processes"),
    ClassInfo::named("java.lang.Process").forbidden("a process"),
    ClassInfo::named("java.lang.ProcessBuilder").forbidden("starts processes"),
    ClassInfo::named("java.lang.ClassLoader").forbidden("loads classes"),
    ClassInfo::named("java.lang.reflect.Method").forbidden("reflection"),
    ClassInfo::named("java.lang.reflect.Field").forbidden("reflection"),
    ClassInfo::named("java.net.Socket").forbidden("network"),
    ClassInfo::named("java.net.ServerSocket").forbidden("network"),
    ClassInfo::named("java.net.DatagramSocket").forbidden("network"),
    ClassInfo::named("java.net.HttpURLConnection").forbidden("network client"),
    ClassInfo::named("java.net.URLConnection").forbidden("network client"),
    ClassInfo::named("java.net.http.HttpClient").forbidden("network client"),
    ClassInfo::named("javax.net.ssl.HttpsURLConnection").forbidden("network client"),
    ClassInfo::named("groovy.lang.GroovyShell").forbidden("runs other scripts"),
    ClassInfo::named("groovy.lang.GroovyClassLoader").forbidden("loads classes"),
    ClassInfo::named("groovy.lang.Grab").forbidden("loads libraries"),
    ClassInfo::named("groovy.lang.Grapes").forbidden("loads libraries"),
    ClassInfo::named("groovy.sql.Sql").forbidden("database client"),
];
