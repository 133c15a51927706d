//! Java's side of JavaScript: objects behind handles, and what a script may do with them.
//!
//! The methods are those of the class library, as in the other languages. What differs is how arguments become Java's: where no method
//! takes the values as they are, numbers and truth values become texts, as both engines do for a parameter of type `String`.

use std::sync::Arc;

use scoped_tls_hkt::scoped_thread_local;

use crate::args::Args;
use crate::class::{Class, class_name, find, is_instance, simple};
use crate::fail::{Fail, Run};
use crate::host::Host;
use crate::interp::Interp;
use crate::language::Language;
use crate::library::throwable::{Throwable, throw};
use crate::library::{self};
use crate::limits::Limits;
use crate::name::Name;
use crate::program::Program;
use crate::value::{Map, Value};
use crate::zone_names::zone_abbreviation;

scoped_thread_local!(
    /// The bridge of the execution that this thread is in.
    pub(crate) static mut HOST: for<'a> &'a mut (dyn Java + 'a)
);

/// Methods that every object of Java has.
const OF_ALL: &[&str] = &["equals", "getClass", "hashCode", "toString"];

/// An argument from a script.
#[derive(Clone)]
pub(super) enum Given {
    /// A value, and its text where it is a number or a truth value.
    Plain(Value, Option<Arc<str>>),
    Handle(u32),
    List(Vec<Given>),
    /// Names and values in turn.
    Map(Vec<Given>),
}

/// What a script is told.
pub(super) enum Answer {
    Undefined,
    Null,
    Bool(bool),
    Int(i32),
    Number(f64),
    Text(Arc<str>),
    /// An object and what kind of one it is.
    Object(u32, &'static str),
    /// The member is a method.
    Method,
    List(Vec<Answer>),
    /// An exception and its text.
    Thrown(u32, String),
    /// A limit is passed.
    Limit,
}

/// What the functions of JavaScript ask of the bridge.
pub(crate) trait Java {
    fn call(&mut self, handle: u32, name: &str, given: &[Given]) -> Answer;
    fn get(&mut self, handle: u32, name: &str) -> Answer;
    fn set(&mut self, handle: u32, name: &str, given: &Given) -> Answer;
    fn construct(&mut self, handle: u32, given: &[Given]) -> Answer;
    fn of_text(&mut self, text: &str, name: &str, given: &[Given]) -> Answer;
    fn array(&mut self, given: &Given) -> Answer;
    fn find(&mut self, class: &str) -> Option<u32>;
    fn is(&mut self, handle: u32, class: u32) -> bool;
    fn items(&mut self, handle: u32) -> Answer;
    fn keys(&mut self, handle: u32) -> Answer;
    fn length(&mut self, handle: u32) -> u32;
    fn primitive(&mut self, handle: u32, as_text: bool) -> Answer;
    fn is_bound(&mut self, name: &str) -> bool;
    fn bound(&mut self, name: &str) -> Answer;
    fn simple(&mut self, class: u32) -> String;
    fn print(&mut self, text: &str) -> Answer;
    fn now(&mut self) -> f64;
    /// The short name of the time zone at a moment in milliseconds since 1970.
    fn zone(&mut self, ms: f64) -> String;
    fn random(&mut self) -> f64;
    fn object(&mut self, handle: u32) -> Value;
    /// Class and message of an exception.
    fn thrown(&mut self, handle: u32) -> Option<(String, Option<String>)>;
    /// Counts steps; true when the script has to end.
    fn look(&mut self, steps: u64) -> bool;
}

/// One execution's objects.
pub(super) struct Bridge<'h> {
    interp: Interp<'h>,
    objects: Vec<Value>,
    is_rhino: bool,
    /// The limit that was passed.
    pub(super) limit: Option<String>,
}

impl<'h> Bridge<'h> {
    pub(super) fn new(host: &'h mut dyn Host, is_rhino: bool, limits: &Limits) -> Bridge<'h> {
        let program = Arc::new(Program::empty(Language::JavaScript));
        Bridge {
            interp: Interp::new(host, program, Arc::from([]), limits.clone()),
            objects: Vec::new(),
            is_rhino,
            limit: None,
        }
    }

    /// The handle of a value. It is kept until the end of the execution, so it counts.
    fn keep(&mut self, value: Value) -> u32 {
        if let Err(Fail::Limit(message)) = self.interp.charge_items(2) {
            self.limit = Some(message);
        }
        self.objects.push(value);
        u32::try_from(self.objects.len() - 1).unwrap_or(u32::MAX)
    }

    fn value(&self, given: &Given) -> Value {
        match given {
            Given::Plain(value, _) => value.clone(),
            Given::Handle(handle) => self.at(*handle),
            Given::List(items) => Value::list(items.iter().map(|item| self.value(item)).collect()),
            Given::Map(entries) => {
                let map = Map::linked();
                for pair in entries.chunks_exact(2) {
                    map.put(self.value(&pair[0]), self.value(&pair[1]));
                }
                Value::Map(Arc::new(map))
            }
        }
    }

    fn at(&self, handle: u32) -> Value {
        let value = self.objects.get(handle as usize);
        value.cloned().unwrap_or(Value::Null)
    }

    /// Runs `call` with the arguments as they are, then with texts for numbers and truth values.
    fn with_arguments(
        &mut self,
        given: &[Given],
        mut call: impl FnMut(&mut Interp<'h>, &[Value]) -> Run,
    ) -> Run {
        let values: Vec<Value> = given.iter().map(|one| self.value(one)).collect();
        let texts = given.iter().map(|one| match one {
            Given::Plain(Value::Str(text), _) => text.len(),
            _ => size_of::<Value>(),
        });
        self.interp.charge(texts.sum())?;
        let result = call(&mut self.interp, &values);
        let has_texts = given
            .iter()
            .any(|one| matches!(one, Given::Plain(_, Some(_))));
        if !has_texts || !matches!(result, Err(Fail::NoMethod)) {
            return result;
        }
        let texts = given.iter().zip(values).map(|(one, value)| match one {
            Given::Plain(_, Some(text)) => Value::Str(text.clone()),
            _ => value,
        });
        let texts: Vec<Value> = texts.collect();
        call(&mut self.interp, &texts)
    }

    fn call_value(&mut self, object: &Value, name: &str, given: &[Given]) -> Run {
        let symbol = Name::new(name);
        let result = self.with_arguments(given, |interp, args| {
            match interp.try_method(object, &symbol, args) {
                Err(Fail::NoMethod) if OF_ALL.contains(&name) => {
                    library::object::call(interp, object, symbol.hash, Args(args))
                }
                result => result,
            }
        });
        match result {
            Err(Fail::NoMethod) => {
                let class = match object {
                    Value::Class(class) => class.0.name(),
                    _ => class_name(object),
                };
                Err(throw(
                    "java.lang.NoSuchMethodException",
                    format!("Can't find method {class}.{name}({}).", self.types(given)),
                ))
            }
            result => result,
        }
    }

    /// The types of arguments as Rhino names them.
    fn types(&self, given: &[Given]) -> String {
        let types = given.iter().map(|one| match self.value(one) {
            Value::Null | Value::Void => "null".to_owned(),
            Value::Bool(_) => "boolean".to_owned(),
            Value::Str(_) => "string".to_owned(),
            value if value.is_number() => "number".to_owned(),
            value => class_name(&value).to_string(),
        });
        types.collect::<Vec<_>>().join(",")
    }

    fn told(&mut self, result: Run) -> Answer {
        match result {
            Ok(value) => self.wrapped(value),
            Err(fail) => self.failed(fail),
        }
    }

    fn failed(&mut self, fail: Fail) -> Answer {
        let thrown = match fail {
            Fail::Throw(thrown) => thrown,
            Fail::Limit(message) => {
                self.limit = Some(message);
                return Answer::Limit;
            }
            Fail::NoMethod => match throw("java.lang.NoSuchMethodException", "no such method") {
                Fail::Throw(thrown) => thrown,
                _ => Value::Null,
            },
        };
        let text = thrown.native::<Throwable>().map(Throwable::line);
        let handle = self.keep(thrown);
        Answer::Thrown(handle, text.unwrap_or_default())
    }

    fn wrapped(&mut self, value: Value) -> Answer {
        let kind = match &value {
            Value::Void => return Answer::Undefined,
            Value::Null => return Answer::Null,
            Value::Bool(value) => return Answer::Bool(*value),
            Value::Byte(value) => return Answer::Int(i32::from(*value)),
            Value::Short(value) => return Answer::Int(i32::from(*value)),
            Value::Int(value) => return Answer::Int(*value),
            Value::Long(value) => return Answer::Number(*value as f64),
            Value::Float(value) => return Answer::Number(f64::from(*value)),
            Value::Double(value) => return Answer::Number(*value),
            Value::Char(value) if self.is_rhino => return Answer::Int(i32::from(*value)),
            Value::Char(value) => {
                let text = String::from_utf16_lossy(&[*value]);
                return Answer::Text(text.into());
            }
            Value::Str(text) if !self.is_rhino => return Answer::Text(text.clone()),
            Value::Str(_) => "string",
            Value::Big(_) | Value::Decimal(_) => "number",
            Value::Array(_) => "array",
            Value::List(_) => "list",
            Value::Map(_) => "map",
            Value::Class(_) => "class",
            _ => "object",
        };
        Answer::Object(self.keep(value), kind)
    }

    /// Whether the class of `object` has a method `name`; `None` for a class that no table has.
    fn has_method(&self, object: &Value, name: &str) -> Option<bool> {
        let is_it = |known: &&str| known.strip_prefix("r#").unwrap_or(known) == name;
        let has = |names: &[&str]| names.iter().any(is_it);
        if let Value::Class(class) = object {
            let Class::Known(info) = &class.0 else {
                return None;
            };
            let of_class = library::CLASS_METHODS.iter().any(|names| has(names));
            return Some(has(info.statics) || of_class);
        }
        // Those that Groovy adds are not seen.
        if matches!(object, Value::Str(_)) {
            return Some(has(library::string::METHODS) || has(OF_ALL));
        }
        let name = class_name(object);
        find(&name)?;
        Some(has(OF_ALL) || inherits(&name, &has))
    }

    /// An element, a field, a property by its getter, or an entry.
    fn property(&mut self, object: &Value, name: &str) -> Run<Option<Value>> {
        match object {
            Value::Array(array) if name == "length" => return Ok(Some(Value::from(array.len()))),
            Value::List(list) if name == "length" && !self.is_rhino => {
                return Ok(Some(Value::from(list.len())));
            }
            Value::Array(array) if is_index(name) => {
                return Ok(name.parse().ok().and_then(|at| array.get(at)));
            }
            Value::List(list) if is_index(name) => {
                return Ok(name.parse().ok().and_then(|at| list.get(at)));
            }
            Value::Class(class) => {
                let Class::Known(info) = &class.0 else {
                    return Ok(None);
                };
                return Ok(info.field.and_then(|field| field(name)));
            }
            _ => {}
        }
        let property = Name::new(name);
        for getter in [property.getter("get"), property.getter("is")] {
            if self.has_method(object, &getter.text) == Some(true) {
                match self.interp.try_method(object, &getter, &[]) {
                    Err(Fail::NoMethod) => {}
                    result => return result.map(Some),
                }
            }
        }
        match object {
            Value::Map(map) if !self.is_rhino => Ok(map.get(&Value::from(name))),
            Value::Object(native) => native.0.clone().property(&mut self.interp, name),
            _ => Ok(None),
        }
    }
}

/// Whether `class` or a parent has a method that `has` looks for.
fn inherits(class: &str, has: &impl Fn(&[&str]) -> bool) -> bool {
    let Some(info) = find(class) else {
        return false;
    };
    info.methods.iter().any(|names| has(names))
        || info.parents.iter().any(|parent| inherits(parent, has))
}

fn is_index(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit())
}

impl Java for Bridge<'_> {
    fn call(&mut self, handle: u32, name: &str, given: &[Given]) -> Answer {
        let object = self.at(handle);
        // The last list of a static call is an array, as for `String.format(text, Object...)`.
        let result = match (&object, given) {
            (Value::Class(_), [first @ .., Given::List(items)]) => {
                let items = items.iter().map(|item| self.value(item)).collect();
                let array = self.keep(Value::array("java.lang.Object", items));
                let first = first.iter().cloned();
                let given: Vec<Given> = first.chain([Given::Handle(array)]).collect();
                self.call_value(&object, name, &given)
            }
            _ => self.call_value(&object, name, given),
        };
        self.told(result)
    }

    fn get(&mut self, handle: u32, name: &str) -> Answer {
        let object = self.at(handle);
        let has_method = self.has_method(&object, name);
        if has_method == Some(true) {
            return Answer::Method;
        }
        match self.property(&object, name) {
            Ok(Some(value)) => self.wrapped(value),
            Ok(None) if has_method.is_none() => Answer::Method,
            Ok(None) => Answer::Undefined,
            Err(fail) => self.failed(fail),
        }
    }

    fn set(&mut self, handle: u32, name: &str, given: &Given) -> Answer {
        let object = self.at(handle);
        let value = self.value(given);
        let index = name.parse::<i32>().ok().filter(|_| is_index(name));
        let result = match (&object, index) {
            (Value::Array(_) | Value::List(_), Some(at)) => {
                (self.interp).set_index(&object, &Value::Int(at), value)
            }
            (Value::Map(_), _) if !self.is_rhino => {
                (self.interp).set_index(&object, &Value::from(name), value)
            }
            _ => {
                let setter = Name::new(name).getter("set");
                let given = std::slice::from_ref(given);
                self.call_value(&object, &setter.text, given).map(|_| ())
            }
        };
        match result {
            Ok(()) => Answer::Undefined,
            Err(fail) => self.failed(fail),
        }
    }

    fn construct(&mut self, handle: u32, given: &[Given]) -> Answer {
        let Value::Class(class) = self.at(handle) else {
            return Answer::Undefined;
        };
        let name = class.0.name();
        let result = match &class.0 {
            Class::Known(info) => match info.new {
                Some(new) => {
                    self.with_arguments(given, |interp, args| new(interp, info, Args(args)))
                }
                None => Err(throw("java.lang.InstantiationException", &name)),
            },
            Class::Script(_) | Class::Array(_) => Err(Fail::NoMethod),
        };
        let result = match result {
            Err(Fail::NoMethod) => Err(throw(
                "java.lang.NoSuchMethodException",
                format!(
                    "Java constructor for \"{name}\" with arguments \"{}\" not found.",
                    self.types(given)
                ),
            )),
            result => result,
        };
        self.told(result)
    }

    fn of_text(&mut self, text: &str, name: &str, given: &[Given]) -> Answer {
        let result = self.call_value(&Value::from(text), name, given);
        self.told(result)
    }

    fn array(&mut self, given: &Given) -> Answer {
        let items = match self.value(given) {
            Value::List(list) => list.items(),
            value => vec![value],
        };
        self.wrapped(Value::array("java.lang.Object", items))
    }

    fn find(&mut self, class: &str) -> Option<u32> {
        let info = find(class).filter(|info| info.forbidden.is_none())?;
        Some(self.keep(Value::class(Class::Known(info))))
    }

    fn is(&mut self, handle: u32, class: u32) -> bool {
        let (object, class) = (self.at(handle), self.at(class));
        match &class {
            Value::Class(class) => is_instance(&object, &class.0),
            _ => false,
        }
    }

    fn items(&mut self, handle: u32) -> Answer {
        let object = self.at(handle);
        match self.interp.items(&object) {
            Ok(items) => Answer::List(items.into_iter().map(|item| self.wrapped(item)).collect()),
            Err(fail) => self.failed(fail),
        }
    }

    fn keys(&mut self, handle: u32) -> Answer {
        let Value::Map(map) = self.at(handle) else {
            return Answer::List(Vec::new());
        };
        let mut keys = Vec::new();
        for key in map.keys() {
            match self.interp.java_text(&key) {
                Ok(text) => keys.push(Answer::Text(text)),
                Err(fail) => return self.failed(fail),
            }
        }
        Answer::List(keys)
    }

    fn length(&mut self, handle: u32) -> u32 {
        let length = match self.at(handle) {
            Value::Array(array) => array.len(),
            Value::List(list) => list.len(),
            _ => 0,
        };
        u32::try_from(length).unwrap_or(u32::MAX)
    }

    fn primitive(&mut self, handle: u32, as_text: bool) -> Answer {
        let value = self.at(handle);
        if !as_text && value.is_number() {
            return Answer::Number(crate::number::to_f64(&value));
        }
        match self.interp.java_text(&value) {
            Ok(text) => Answer::Text(text),
            Err(fail) => self.failed(fail),
        }
    }

    fn is_bound(&mut self, name: &str) -> bool {
        self.interp.host.has_bindings() && self.interp.bound(name).is_some()
    }

    fn bound(&mut self, name: &str) -> Answer {
        match self.interp.bound(name) {
            // A text of the scope is JavaScript's own in both engines.
            Some(Value::Str(text)) => Answer::Text(text),
            Some(value) => self.wrapped(value),
            None => Answer::Undefined,
        }
    }

    fn simple(&mut self, class: u32) -> String {
        match self.at(class) {
            Value::Class(class) => simple(&class.0.name()).to_owned(),
            _ => String::new(),
        }
    }

    fn print(&mut self, text: &str) -> Answer {
        match self.interp.write_out(&format!("{text}\n")) {
            Ok(()) => Answer::Undefined,
            Err(fail) => self.failed(fail),
        }
    }

    fn now(&mut self) -> f64 {
        self.interp.host.now_ms() as f64
    }

    fn zone(&mut self, ms: f64) -> String {
        let zone = self.interp.host.time_zone();
        let moment = jiff::Timestamp::from_millisecond(ms as i64).unwrap_or_default();
        zone_abbreviation(&moment.to_zoned(zone))
    }

    fn random(&mut self) -> f64 {
        // The upper 53 bits, as many as a number between 0 and 1 has.
        (self.interp.host.random() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn object(&mut self, handle: u32) -> Value {
        self.at(handle)
    }

    fn thrown(&mut self, handle: u32) -> Option<(String, Option<String>)> {
        let value = self.at(handle);
        let thrown = value.native::<Throwable>()?;
        let message = thrown.message.as_ref().map(ToString::to_string);
        Some((thrown.class.to_string(), message))
    }

    fn look(&mut self, steps: u64) -> bool {
        if self.limit.is_some() {
            return true;
        }
        let steps = usize::try_from(steps).unwrap_or(usize::MAX);
        if let Err(Fail::Limit(message)) = self.interp.work(steps) {
            self.limit = Some(message);
        }
        self.limit.is_some()
    }
}
