//! Classes: their names, parents, and where their methods are.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock, Weak};

use crate::args::Args;
use crate::ast::ClassDecl;
use crate::fail::Run;
use crate::interp::Interp;
use crate::library;
use crate::name::symbol;
use crate::program::Program;
use crate::value::{HostObject, Value};

pub(crate) type Construct = fn(&mut Interp<'_>, &'static ClassInfo, Args<'_>) -> Run;
pub(crate) type StaticCall = fn(&mut Interp<'_>, &'static ClassInfo, u64, Args<'_>) -> Run;

/// A class of the library: one row of its module's table.
#[derive(Debug)]
pub(crate) struct ClassInfo {
    pub(crate) name: &'static str,
    pub(crate) parents: &'static [&'static str],
    pub(crate) new: Option<Construct>,
    pub(crate) call: Option<StaticCall>,
    pub(crate) statics: &'static [&'static str],
    pub(crate) field: Option<fn(&str) -> Option<Value>>,
    pub(crate) methods: &'static [&'static [&'static str]],
    /// Why scripts may not use it, if they may not.
    pub(crate) forbidden: Option<&'static str>,
}

impl ClassInfo {
    pub(crate) const fn named(name: &'static str) -> ClassInfo {
        ClassInfo {
            name,
            parents: &[],
            new: None,
            call: None,
            statics: &[],
            field: None,
            methods: &[],
            forbidden: None,
        }
    }
    pub(crate) const fn parents(mut self, parents: &'static [&'static str]) -> ClassInfo {
        self.parents = parents;
        self
    }
    pub(crate) const fn constructor(mut self, new: Construct) -> ClassInfo {
        self.new = Some(new);
        self
    }
    pub(crate) const fn statics(
        mut self,
        call: StaticCall,
        names: &'static [&'static str],
    ) -> ClassInfo {
        self.call = Some(call);
        self.statics = names;
        self
    }
    pub(crate) const fn fields(mut self, field: fn(&str) -> Option<Value>) -> ClassInfo {
        self.field = Some(field);
        self
    }
    pub(crate) const fn methods(
        mut self,
        methods: &'static [&'static [&'static str]],
    ) -> ClassInfo {
        self.methods = methods;
        self
    }
    pub(crate) const fn forbidden(mut self, why: &'static str) -> ClassInfo {
        self.forbidden = Some(why);
        self
    }
}

/// The program that classes and their methods belong to; set once the program is whole.
pub(crate) type Home = Arc<OnceLock<Weak<Program>>>;

/// A class of a script, with its static fields.
#[derive(Debug)]
pub(crate) struct ScriptClass {
    pub(crate) decl: Arc<ClassDecl>,
    pub(crate) statics: Mutex<HashMap<u64, Value>>,
    pub(crate) home: Home,
}

impl ScriptClass {
    /// The program that the class is of; `None` when it is gone.
    pub(crate) fn program(&self) -> Option<Arc<Program>> {
        self.home.get()?.upgrade()
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Class {
    Known(&'static ClassInfo),
    Script(Arc<ScriptClass>),
    /// An array of the named element type.
    Array(Arc<str>),
}

impl Class {
    pub(crate) fn name(&self) -> Arc<str> {
        match self {
            Class::Known(info) => Arc::from(info.name),
            Class::Script(class) => class.decl.name.clone(),
            Class::Array(element) => Arc::from(crate::value::array_class_name(element)),
        }
    }

    pub(crate) fn simple_name(&self) -> String {
        match self {
            Class::Array(element) => format!("{}[]", simple(element)),
            _ => simple(&self.name()).to_owned(),
        }
    }
}

/// The last part of a class name.
pub(crate) fn simple(name: &str) -> &str {
    name.rsplit(['.', '$']).next().unwrap_or(name)
}

/// Packages that need no import.
const GROOVY_PACKAGES: &[&str] = &[
    "java.lang",
    "java.util",
    "java.io",
    "java.net",
    "groovy.lang",
    "groovy.util",
];
const BEANSHELL_PACKAGES: &[&str] = &["java.lang", "java.io", "java.util", "java.net"];

pub(crate) fn default_packages(groovy: bool) -> &'static [&'static str] {
    if groovy {
        GROOVY_PACKAGES
    } else {
        BEANSHELL_PACKAGES
    }
}

/// The class of that full name.
pub(crate) fn find(name: &str) -> Option<&'static ClassInfo> {
    static TABLE: OnceLock<HashMap<&'static str, &'static ClassInfo>> = OnceLock::new();
    TABLE
        .get_or_init(|| {
            library::classes()
                .map(|class| (class.name, class))
                .collect()
        })
        .get(name)
        .copied()
}

/// The simple names of the classes in `package` that scripts may use.
pub(crate) fn classes_of(package: &str) -> Vec<&'static str> {
    let names = library::classes().filter(|class| class.forbidden.is_none());
    let names = names.filter_map(|class| class.name.rsplit_once('.'));
    let names = names.filter(|(of, _)| *of == package);
    names.map(|(_, name)| name).collect()
}

/// Whether any class has a method of that name.
pub(crate) fn any_has_method(name: u64) -> bool {
    static TABLE: OnceLock<HashSet<u64>> = OnceLock::new();
    TABLE
        .get_or_init(|| {
            let classes = library::classes().flat_map(|c| {
                c.methods
                    .iter()
                    .flat_map(|m| m.iter())
                    .chain(c.statics.iter())
            });
            classes
                .chain(library::COMMON_METHODS.iter().flat_map(|m| m.iter()))
                .chain(library::array::METHODS)
                .map(|name| symbol(name))
                .collect()
        })
        .contains(&name)
}

/// Whether `name` is `ancestor` or has it above itself.
pub(crate) fn descends(name: &str, ancestor: &str) -> bool {
    if name == ancestor || ancestor == "java.lang.Object" {
        return true;
    }
    find(name).is_some_and(|class| {
        class
            .parents
            .iter()
            .any(|parent| descends(parent, ancestor))
    })
}

/// The Java class name of a value, `null` for null.
pub(crate) fn class_name(value: &Value) -> Arc<str> {
    let fixed = match value {
        Value::Null => "null",
        Value::Void => "void",
        Value::Bool(_) => "java.lang.Boolean",
        Value::Char(_) => "java.lang.Character",
        Value::Byte(_) => "java.lang.Byte",
        Value::Short(_) => "java.lang.Short",
        Value::Int(_) => "java.lang.Integer",
        Value::Long(_) => "java.lang.Long",
        Value::Float(_) => "java.lang.Float",
        Value::Double(_) => "java.lang.Double",
        Value::Str(_) => "java.lang.String",
        Value::Big(_) => "java.math.BigInteger",
        Value::Decimal(_) => "java.math.BigDecimal",
        Value::GString(_) => "org.codehaus.groovy.runtime.GStringImpl",
        Value::List(list) => list.class,
        Value::Map(map) | Value::Set(map) => map.class,
        Value::Range(range) => range.class,
        Value::Class(_) => "java.lang.Class",
        Value::Array(array) => return Arc::from(array.class_name()),
        Value::Closure(closure) => {
            return if closure.pointer.is_some() {
                Arc::from("org.codehaus.groovy.runtime.MethodClosure")
            } else {
                closure.function.class_name.clone()
            };
        }
        Value::Object(object) => return object.0.class_name(),
        Value::Host(host) => host_class(*host),
        Value::Cell(_) => "java.lang.Object",
    };
    Arc::from(fixed)
}

pub(crate) fn host_class(host: HostObject) -> &'static str {
    match host {
        HostObject::Vars => "org.apache.jmeter.threads.JMeterVariables",
        HostObject::Context => "org.apache.jmeter.threads.JMeterContext",
        HostObject::Log => "org.slf4j.Logger",
        HostObject::Out => "java.io.PrintStream",
        HostObject::Previous | HostObject::Result => "org.apache.jmeter.samplers.SampleResult",
        HostObject::Assertion => "org.apache.jmeter.assertions.AssertionResult",
        HostObject::Event => "org.apache.jmeter.samplers.SampleEvent",
        HostObject::Sampler => "org.apache.jmeter.protocol.http.sampler.HTTPSamplerProxy",
        HostObject::Thread => "org.apache.jmeter.threads.JMeterThread",
        HostObject::ThreadGroup => "org.apache.jmeter.threads.ThreadGroup",
        HostObject::Engine => "org.apache.jmeter.engine.StandardJMeterEngine",
        HostObject::Headers => "org.apache.jmeter.protocol.http.control.HeaderManager",
        HostObject::Cookies => "org.apache.jmeter.protocol.http.control.CookieManager",
        HostObject::Arguments => "org.apache.jmeter.config.Arguments",
        HostObject::FileServer => "org.apache.jmeter.services.FileServer",
        HostObject::CurrentThread => "java.lang.Thread",
        HostObject::Shell => "bsh.This",
        HostObject::Script => "Script1",
    }
}

/// `value instanceof class`.
pub(crate) fn is_instance(value: &Value, class: &Class) -> bool {
    if value.is_nothing() {
        return false;
    }
    match class {
        Class::Known(info) => match value {
            Value::Range(_) if info.name == "java.util.List" => true,
            Value::Closure(_) => matches!(
                info.name,
                "groovy.lang.Closure"
                    | "java.lang.Object"
                    | "java.lang.Runnable"
                    | "java.util.concurrent.Callable"
            ),
            Value::Array(array) => {
                info.name == "java.lang.Object" || &*array.class_name() == info.name
            }
            _ => match value.native::<crate::library::instance::Instance>() {
                Some(instance) => info.name == "java.lang.Object" || instance.is(info.name),
                None => descends(&class_name(value), info.name),
            },
        },
        Class::Script(class) => match value.native::<crate::library::instance::Instance>() {
            Some(instance) => instance.is(&class.decl.name),
            None => *class.decl.name == *class_name(value),
        },
        Class::Array(element) => matches!(value, Value::Array(array) if array.element == *element),
    }
}

/// The class object of a value.
pub(crate) fn class_of(value: &Value) -> Option<Class> {
    match value {
        Value::Array(array) => Some(Class::Array(array.element.clone())),
        _ => {
            if let Some(instance) = value.native::<crate::library::instance::Instance>() {
                return Some(Class::Script(instance.class.clone()));
            }
            let name = class_name(value);
            Some(Class::Known(
                find(&name).unwrap_or_else(|| library::unlisted(&name)),
            ))
        }
    }
}
