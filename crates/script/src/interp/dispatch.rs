//! Which method runs for which object.

use super::Interp;
use crate::args::Args;
use crate::class::{Class, class_name};
use crate::fail::{Fail, Run};
use crate::library;
use crate::library::throwable::throw;
use crate::name::Name;
use crate::value::{HostObject, Value};

impl Interp<'_> {
    /// `object.name(args)`, with the language's own exception when there is no such method.
    pub(crate) fn call_method(&mut self, object: &Value, name: &Name, args: &[Value]) -> Run {
        match self.try_method(object, name, args) {
            Err(Fail::NoMethod) => Err(self.no_method(object, name, args)),
            result => result,
        }
    }

    #[cold]
    fn no_method(&mut self, object: &Value, name: &Name, args: &[Value]) -> Fail {
        let class = match object {
            Value::Class(class) => class.0.name(),
            _ => class_name(object),
        };
        if self.beanshell() {
            let types: Vec<String> = args.iter().map(|arg| self.bsh_type(arg)).collect();
            let list = if types.is_empty() {
                String::new()
            } else {
                format!(" {} ", types.join(", "))
            };
            let kind = if matches!(object, Value::Class(_)) {
                "Static method"
            } else {
                "Method"
            };
            return throw(
                "bsh.EvalError",
                format!(
                    "Error in method invocation: {kind} {}({list}) not found in class'{class}'",
                    name.text
                ),
            );
        }
        if self.jexl() {
            return throw(
                "org.apache.commons.jexl3.JexlException$Method",
                format!("unsolvable function/method '{}'", name.text),
            );
        }
        if matches!(object, Value::Class(_)) {
            let fail = self.missing_method(&class, name, args);
            return prefix_static(fail);
        }
        self.missing_method(&class, name, args)
    }

    /// As [`Interp::call_method`], but says when there is no such method.
    pub(crate) fn try_method(&mut self, object: &Value, name: &Name, args: &[Value]) -> Run {
        // Operators are methods and methods use operators: whatever the circle, it ends here.
        self.check_stack()?;
        self.look_if_long(object)?;
        let a = Args(args);
        let hash = name.hash;
        let gdk = self.groovy();
        let first = match object {
            Value::Null | Value::Void => return self.call_on_null(name, args),
            Value::Str(text) => {
                let out = library::string::call(self, text, hash, a);
                if gdk && matches!(out, Err(Fail::NoMethod)) {
                    library::string_gdk::call(self, text, hash, a)
                } else {
                    out
                }
            }
            // A GString is never equal to a String in Java's eyes.
            Value::GString(_) if &*name.text == "equals" => Err(Fail::NoMethod),
            Value::GString(text) => {
                let whole = match &text.lazy {
                    None => text.text.clone(),
                    Some(_) => self.text(object)?,
                };
                match library::string::call(self, &whole, hash, a) {
                    Err(Fail::NoMethod) => library::string_gdk::call(self, &whole, hash, a),
                    out => out,
                }
            }
            Value::List(list) => library::list::call_all(self, list, hash, a),
            Value::Map(map) => library::map::call(self, map, hash, a),
            Value::Set(set) => library::set::call(self, set, hash, a),
            Value::Range(range) => library::range::call(self, range, hash, a),
            Value::Array(array) => library::array::call(self, array, hash, a),
            Value::Closure(closure) => library::closure::call(self, closure, hash, a),
            Value::Class(class) => self.call_class(&class.0.clone(), name, a),
            Value::Object(native) => native.0.clone().call(self, object, hash, a),
            Value::Host(host) => self.call_host(*host, name, a),
            Value::Cell(_) => Err(Fail::NoMethod),
            _ => library::number::call(self, object, hash, a),
        };
        let second = match first {
            Err(Fail::NoMethod) if gdk || self.jexl() => match object {
                // A map is no collection: its entries are neither added to nor taken from so.
                Value::Map(_) if matches!(&*name.text, "plus" | "minus" | "multiply") => {
                    Err(Fail::NoMethod)
                }
                Value::List(_)
                | Value::Set(_)
                | Value::Range(_)
                | Value::Array(_)
                | Value::Map(_)
                | Value::Host(HostObject::Arguments)
                | Value::Object(_) => library::iterable::call(self, object, hash, a),
                _ => Err(Fail::NoMethod),
            },
            // The objects of BeanShell are Java's, which have no more than this in common.
            Err(Fail::NoMethod) if library::object::is_of_java(&name.text) => Err(Fail::NoMethod),
            out => return out,
        };
        let third = match second {
            Err(Fail::NoMethod) => library::object::call(self, object, hash, a),
            out => return out,
        };
        match third {
            Err(Fail::NoMethod) => self.call_member(object, name, args),
            out => out,
        }
    }

    /// A closure in a map or in a property of that name.
    fn call_member(&mut self, object: &Value, name: &Name, args: &[Value]) -> Run {
        if let Some(result) = library::json::call_made_up(self, object, &name.text, args) {
            return result;
        }
        let member = match object {
            Value::Map(map) => map.get(&Value::Str(name.text.clone())),
            Value::Object(native) => native.0.clone().property(self, &name.text)?,
            _ => None,
        };
        match member {
            Some(Value::Closure(closure)) if is_expando(object) => {
                self.call_with(&closure, object.clone(), args)
            }
            Some(member @ Value::Closure(_)) => self.invoke(&member, args),
            _ => library::instance::missing_method(self, object, name, args),
        }
    }

    fn call_on_null(&mut self, name: &Name, args: &[Value]) -> Run {
        if self.beanshell() {
            return Err(throw(
                "java.lang.NullPointerException",
                format!("Attempt to invoke method {} on null value", name.text),
            ));
        }
        if self.jexl() {
            return Err(throw(
                "org.apache.commons.jexl3.JexlException$Method",
                format!("unsolvable function/method '{}'", name.text),
            ));
        }
        match (&*name.text, args) {
            ("toString" | "inspect", []) => Ok(Value::from("null")),
            ("equals" | "is", [other]) => Ok(Value::Bool(other.is_nothing())),
            ("plus", [other]) => self.binary(crate::ast::BinaryOp::Add, &Value::Null, other),
            ("iterator" | "toList", []) => Ok(Value::list(Vec::new())),
            ("with", [Value::Closure(closure)]) => {
                self.call_with(closure, Value::Null, &[Value::Null])
            }
            ("each" | "collect" | "find" | "findAll", [_])
                if matches!(&*name.text, "each" | "find") =>
            {
                Ok(Value::Null)
            }
            ("collect" | "findAll", [_]) => Ok(Value::list(Vec::new())),
            ("asBoolean", []) => Ok(Value::Bool(false)),
            _ => Err(throw(
                "java.lang.NullPointerException",
                format!("Cannot invoke method {}() on null object", name.text),
            )),
        }
    }

    fn call_class(&mut self, class: &Class, name: &Name, a: Args<'_>) -> Run {
        let out = match class {
            Class::Known(info) => match info.call {
                Some(call) => call(self, info, name.hash, a),
                None => Err(Fail::NoMethod),
            },
            Class::Script(class) => library::instance::call_static(self, class, name, a),
            Class::Array(_) => Err(Fail::NoMethod),
        };
        match out {
            Err(Fail::NoMethod) => library::object::class_call(self, class, name.hash, a),
            out => out,
        }
    }

    fn call_host(&mut self, host: HostObject, name: &Name, a: Args<'_>) -> Run {
        if host == HostObject::Script {
            if let Some(functions) = self.program.methods.get(&name.hash)
                && let Some(function) = super::overload::best(functions, &a)
            {
                return self.call_function(&function, &a, Value::Host(HostObject::Script), None);
            }
            return library::functions::call(self, name, a);
        }
        library::jmeter::call(self, host, name, a)
    }
}

fn prefix_static(fail: Fail) -> Fail {
    match &fail {
        Fail::Throw(value) => match value
            .native::<library::throwable::Throwable>()
            .and_then(|t| t.message.clone())
        {
            Some(message) => throw(
                "groovy.lang.MissingMethodException",
                message.replacen(
                    "No signature of method: ",
                    "No signature of method: static ",
                    1,
                ),
            ),
            None => fail,
        },
        _ => fail,
    }
}

/// Closures of an `Expando` see its properties.
fn is_expando(object: &Value) -> bool {
    matches!(object, Value::Map(map) if map.class == "groovy.util.Expando")
}
