//! Calls as they stand in a script: arguments, who is called, constructors, and what is said when there is nobody.
//!
//! Not here: running a function or a closure (see [`super::function`]), and the methods of an object (see [`super::dispatch`]).

use std::sync::Arc;

use smallvec::SmallVec;

use super::Interp;
use super::overload::best;
use crate::args::Args;
use crate::ast::*;
use crate::class::Class;
use crate::fail::{Fail, Run};
use crate::library::throwable::throw;
use crate::name::Name;
use crate::value::{HostObject, Map, Value, lock};

pub(super) type Arguments = SmallVec<[Value; 4]>;

impl Interp<'_> {
    pub(super) fn args(&mut self, args: &[Arg]) -> Run<Arguments> {
        let mut out = Arguments::new();
        let mut named: Option<Map> = None;
        for arg in args {
            match arg {
                Arg::Plain(value) => {
                    let value = self.eval(value)?;
                    if matches!(value, Value::Void) && self.beanshell() {
                        return Err(throw(
                            "bsh.EvalError",
                            "illegal use of undefined variable, class, or 'void' literal",
                        ));
                    }
                    out.push(value);
                }
                Arg::Spread(value) => {
                    let value = self.eval(value)?;
                    if !value.is_nothing() {
                        out.extend(self.items(&value)?);
                    }
                }
                Arg::Named(key, value) => {
                    let key = self.eval(key)?;
                    let value = self.eval(value)?;
                    named.get_or_insert_with(Map::linked).put(key, value);
                }
            }
        }
        if let Some(named) = named {
            out.insert(0, Value::Map(Arc::new(named)));
        }
        Ok(out)
    }

    pub(super) fn call(&mut self, call: &Call, pos: Pos) -> Run {
        let name = match &call.member {
            Member::Fixed(name) => std::borrow::Cow::Borrowed(name),
            Member::Computed(value) => {
                let value = self.eval(value)?;
                std::borrow::Cow::Owned(Name::new(&self.text(&value)?))
            }
        };
        let Some(object) = &call.object else {
            let args = self.args(&call.args)?;
            self.line = pos.line;
            return self.call_bare(call, &name, &args);
        };
        if let Kind::Super(above) = &object.kind {
            let args = self.args(&call.args)?;
            self.line = pos.line;
            let me = self.this.clone();
            return crate::library::instance::call_above(self, &me, above.as_deref(), &name, &args);
        }
        let object = self.eval(object)?;
        if call.spread {
            let args = self.args(&call.args)?;
            let mut out = Vec::new();
            for item in self.items(&object)? {
                out.push(if item.is_nothing() {
                    Value::Null
                } else {
                    self.call_method(&item, &name, &args)?
                });
            }
            return Ok(Value::list(out));
        }
        if call.safe && object.is_nothing() {
            return Ok(Value::Null);
        }
        // The commonest calls of all: a variable by its literal name.
        if let (Some(number), Value::Host(HostObject::Vars)) = (call.variable, &object) {
            return self.variable_call(number, &name, call, pos);
        }
        let args = self.args(&call.args)?;
        self.line = pos.line;
        if let Value::Void = object {
            let object = match call.object.as_ref().map(|object| &object.kind) {
                Some(Kind::Loose(_, object)) => format!(": {}", object.text),
                _ => String::new(),
            };
            return Err(throw(
                "bsh.EvalError",
                format!(
                    "Attempt to resolve method: {}() on undefined variable or class name{object}",
                    name.text
                ),
            ));
        }
        let is_name = || {
            matches!(
                call.object.as_ref().map(|o| &o.kind),
                Some(Kind::Loose(..) | Kind::Local(_) | Kind::Global(_))
            )
        };
        let out = if self.beanshell() && object.is_nothing() && is_name() {
            let message = "Null Pointer in Method Invocation";
            Err(throw("java.lang.NullPointerException", message))
        } else {
            self.call_method(&object, &name, &args)
        };
        if self.beanshell() && self.doing.is_none() && matches!(out, Err(Fail::Throw(_))) {
            self.doing = match call.object.as_ref().map(|o| &o.kind) {
                Some(Kind::ClassLiteral(ty)) => Some(format!(
                    "Method Invocation {}.{}",
                    crate::class::simple(&ty.name),
                    name.text
                )),
                Some(Kind::Loose(_, object)) if !value_is_null(&object_of(&out)) => {
                    Some(format!("Method Invocation {}.{}", object.text, name.text))
                }
                Some(Kind::Global(slot)) if !object.is_nothing() => {
                    let object = &self.program.globals[*slot as usize].text;
                    Some(format!("Method Invocation {object}.{}", name.text))
                }
                _ => None,
            };
        }
        out
    }

    fn variable_call(&mut self, number: u32, name: &Name, call: &Call, pos: Pos) -> Run {
        let slot = self.slot_of_variable(number);
        let program = self.program.clone();
        let text = &program.variables[number as usize - 1];
        let rest = self.args(&call.args[1..])?;
        self.line = pos.line;
        match (&*name.text, rest.as_slice()) {
            ("get", []) => match self.host.variable(text, slot) {
                None => Ok(Value::Null),
                Some(Value::Str(text)) => Ok(Value::Str(text)),
                Some(value) => self.java_text(&value).map(Value::Str),
            },
            ("getObject", []) => Ok(self.host.variable(text, slot).unwrap_or(Value::Null)),
            ("put", [value]) if value.as_text().is_some() => {
                let value = self.text(value)?;
                self.host.set_variable(text, slot, Value::Str(value));
                Ok(self.void())
            }
            ("putObject", [value]) if !value.is_nothing() => {
                self.host.set_variable(text, slot, value.clone());
                Ok(self.void())
            }
            _ => {
                let mut all = Arguments::new();
                all.push(Value::Str(text.clone()));
                all.extend(rest);
                self.call_method(&Value::Host(HostObject::Vars), name, &all)
            }
        }
    }

    /// What a method without a result gives.
    pub(crate) fn void(&self) -> Value {
        if self.beanshell() || self.program.language.is_javascript() {
            Value::Void
        } else {
            Value::Null
        }
    }

    fn call_bare(&mut self, call: &Call, name: &Name, args: &[Value]) -> Run {
        if let Some(slot) = call.local {
            let callee = self.local(slot);
            return self.invoke(&callee, args);
        }
        if let Some(function) = self.method_of_script(name, args) {
            let this = Value::Host(HostObject::Script);
            return self.call_function(&function, args, this, None);
        }
        // Inside of a closure `call` is the closure itself.
        if matches!(&*name.text, "call" | "doCall")
            && let Some(closure) = self.closure.clone()
        {
            return self.call_closure(&closure, args);
        }
        // A closure's delegate comes before the functions that every script has, except for `it`-less owners.
        let mut closure = self.closure.clone();
        while let Some(current) = closure {
            let delegate = lock(&current.delegate).clone();
            if let Some(delegate) = delegate {
                if let Some(result) =
                    crate::library::json::collect(self, &delegate, &name.text, args)
                {
                    return result;
                }
                match self.try_method(&delegate, name, args) {
                    Err(Fail::NoMethod) => {}
                    result => return result,
                }
            }
            closure = current.owner.clone();
        }
        if let Some(slot) = call.global {
            let value = self.globals[slot as usize].clone();
            if matches!(value, Value::Closure(_)) {
                return self.invoke(&value, args);
            }
        }
        match crate::library::functions::call(self, name, Args(args)) {
            Err(Fail::NoMethod) => {}
            result => return result,
        }
        if self.jexl() {
            return Err(throw(
                "org.apache.commons.jexl3.JexlException$Method",
                format!("unsolvable function/method '{}'", name.text),
            ));
        }
        if self.beanshell() {
            let types: Vec<String> = args.iter().map(|arg| self.bsh_type(arg)).collect();
            let list = if types.is_empty() {
                String::new()
            } else {
                format!(" {} ", types.join(", "))
            };
            return Err(throw(
                "bsh.EvalError",
                format!("Command not found: {}({list})", name.text),
            ));
        }
        Err(self.missing_method("Script1", name, args))
    }

    fn method_of_script(&self, name: &Name, args: &[Value]) -> Option<Arc<Function>> {
        let functions = self.program.methods.get(&name.hash)?;
        best(functions, args)
    }

    pub(crate) fn construct(&mut self, class: &Class, args: &[Value]) -> Run {
        match class {
            Class::Known(info) => {
                let Some(new) = info.new else {
                    return Err(throw("java.lang.InstantiationException", info.name));
                };
                match new(self, info, Args(args)) {
                    Err(Fail::NoMethod) => {
                        if self.beanshell() {
                            let types: Vec<String> =
                                args.iter().map(|arg| self.bsh_type(arg)).collect();
                            return Err(throw(
                                "bsh.EvalError",
                                format!(
                                    "Constructor error: Can't find constructor: {}({}) in class: {}",
                                    info.name,
                                    if types.is_empty() {
                                        String::new()
                                    } else {
                                        format!(" {} ", types.join(", "))
                                    },
                                    info.name
                                ),
                            ));
                        }
                        let types: Vec<String> = args.iter().map(type_name).collect();
                        Err(throw(
                            "groovy.lang.GroovyRuntimeException",
                            format!(
                                "Could not find matching constructor for: {}({})",
                                info.name,
                                types.join(", ")
                            ),
                        ))
                    }
                    result => result,
                }
            }
            Class::Script(class) => {
                let name = class.decl.name.clone();
                let Some(class) = self
                    .program
                    .classes
                    .iter()
                    .find(|c| c.decl.name == name)
                    .cloned()
                else {
                    return Err(throw("java.lang.InstantiationException", &name));
                };
                crate::library::instance::construct(self, &class, args)
            }
            Class::Array(_) => Err(Fail::NoMethod),
        }
    }

    pub(crate) fn missing_method(&mut self, class: &str, name: &Name, args: &[Value]) -> Fail {
        let types: Vec<String> = args
            .iter()
            .map(|arg| {
                if arg.is_nothing() {
                    "null".into()
                } else {
                    type_name(arg)
                }
            })
            .collect();
        let mut values = Vec::new();
        for arg in args {
            let text = self
                .text(arg)
                .map_or_else(|_| String::new(), |t| t.to_string());
            values.push(if text.chars().count() > 60 {
                format!("{}...", text.chars().take(60).collect::<String>())
            } else {
                text
            });
        }
        throw(
            "groovy.lang.MissingMethodException",
            format!(
                "No signature of method: {class}.{}() is applicable for argument types: ({}) values: [{}]",
                name.text,
                types.join(", "),
                values.join(", ")
            ),
        )
    }

    /// BeanShell's name for the type of an argument: primitives are themselves.
    pub(super) fn bsh_type(&self, value: &Value) -> String {
        match value {
            Value::Int(_) => "int".into(),
            Value::Long(_) => "long".into(),
            Value::Bool(_) => "boolean".into(),
            Value::Char(_) => "char".into(),
            Value::Double(_) => "double".into(),
            Value::Float(_) => "float".into(),
            Value::Byte(_) => "byte".into(),
            Value::Short(_) => "short".into(),
            value => crate::class::class_name(value).to_string(),
        }
    }
}

fn object_of(result: &Run) -> Value {
    match result {
        Err(Fail::Throw(value)) => value.clone(),
        _ => Value::Null,
    }
}

/// A call on null has no method invocation to name.
fn value_is_null(thrown: &Value) -> bool {
    thrown
        .native::<crate::library::throwable::Throwable>()
        .is_some_and(|t| {
            &*t.class == "java.lang.NullPointerException" || t.class.starts_with("bsh.")
        })
}

fn type_name(value: &Value) -> String {
    match crate::class::class_of(value) {
        Some(class) => {
            let name = class.name();
            if name.contains("$_run_closure") {
                name.to_string()
            } else {
                class.simple_name()
            }
        }
        None => "Object".into(),
    }
}
