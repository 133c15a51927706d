//! Calls: of methods, of the script's own functions, of closures.

use std::sync::{Arc, Mutex};

use smallvec::SmallVec;

use super::Interp;
use crate::args::Args;
use crate::ast::*;
use crate::class::{Class, is_instance};
use crate::fail::{Fail, Run};
use crate::library::throwable::{throw, throw_plain};
use crate::name::Name;
use crate::program::Program;
use crate::value::{Closure, HostObject, Map, Value, lock};

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

    /// Calls a value: a closure, or anything with a method `call`.
    pub(crate) fn invoke(&mut self, callee: &Value, args: &[Value]) -> Run {
        match callee {
            Value::Closure(closure) => self.call_closure(closure, args),
            _ => self.call_method(callee, &Name::new("call"), args),
        }
    }

    /// Calls a function of the script with a new frame.
    pub(crate) fn call_function(
        &mut self,
        function: &Arc<Function>,
        args: &[Value],
        this: Value,
        closure: Option<&Arc<Closure>>,
    ) -> Run {
        if self.depth >= self.limits.depth {
            return Err(throw_plain("java.lang.StackOverflowError"));
        }
        self.check_stack()?;
        let args = self.fit_varargs(function, args);
        let base = self.stack.len();
        let empty = if self.beanshell() {
            Value::Void
        } else {
            Value::Null
        };
        self.stack.resize(base + function.slots as usize, empty);
        let (old_base, old_this) = (
            std::mem::replace(&mut self.base, base),
            std::mem::replace(&mut self.this, this),
        );
        let old_closure = if function.is_closure {
            Some(std::mem::replace(&mut self.closure, closure.cloned()))
        } else {
            Some(self.closure.take())
        };
        self.depth += 1;
        let result = self.run_function(function, &args, closure);
        self.depth -= 1;
        self.stack.truncate(base);
        self.base = old_base;
        self.this = old_this;
        self.closure = old_closure.flatten();
        result
    }

    fn run_function(
        &mut self,
        function: &Arc<Function>,
        args: &[Value],
        closure: Option<&Arc<Closure>>,
    ) -> Run {
        if let Some(closure) = closure {
            for ((_, slot), value) in function.captures.iter().zip(&closure.captured) {
                let at = self.base + *slot as usize;
                self.stack[at] = value.clone();
            }
        }
        if function.implicit_it {
            let it = args.first().cloned().unwrap_or(Value::Null);
            self.stack[self.base] = it;
        }
        let missing = function.params.len().saturating_sub(args.len());
        let mut args = args.iter();
        // Defaults are left out from the right.
        let optional = function
            .params
            .iter()
            .filter(|p| p.default.is_some())
            .count();
        let mut given = optional.saturating_sub(missing);
        for param in &function.params {
            let value = match &param.default {
                Some(default) if given == 0 => self.eval(default)?,
                Some(_) => {
                    given -= 1;
                    args.next().cloned().unwrap_or(Value::Null)
                }
                None => args.next().cloned().unwrap_or(Value::Null),
            };
            let value = self.coerce_to(value, param.variable.ty.as_ref())?;
            self.declare(&param.variable, value);
        }
        let value = self.run_body(&function.body)?;
        match &function.returns {
            Some(_) if function.is_void => Ok(self.void()),
            None if self.groovy() && matches!(value, Value::Void) => Ok(Value::Null),
            returns => {
                let value = if matches!(value, Value::Void) && self.groovy() {
                    Value::Null
                } else {
                    value
                };
                if value.is_nothing() {
                    Ok(value)
                } else {
                    self.coerce_to(value, returns.as_ref())
                }
            }
        }
    }

    fn fit_varargs(&mut self, function: &Function, args: &[Value]) -> Arguments {
        if !function.varargs {
            return args.iter().cloned().collect();
        }
        let fixed = function.params.len() - 1;
        let passed_whole =
            args.len() == function.params.len() && matches!(args.last(), Some(Value::Array(_)));
        if passed_whole || args.len() < fixed {
            return args.iter().cloned().collect();
        }
        let element = match function
            .params
            .last()
            .and_then(|p| p.variable.ty.as_ref())
            .map(|ty| &ty.ty)
        {
            Some(Ty::Class(Class::Array(element))) => element.clone(),
            _ => Arc::from("java.lang.Object"),
        };
        let mut out: Arguments = args[..fixed].iter().cloned().collect();
        out.push(Value::array(&element, args[fixed..].to_vec()));
        out
    }

    /// Calls a closure as Groovy does: one list for several parameters is taken apart.
    pub(crate) fn call_closure(&mut self, closure: &Arc<Closure>, args: &[Value]) -> Run {
        self.step()?;
        if let Some((object, name)) = &closure.pointer {
            let mut all: Arguments = closure.curried.iter().cloned().collect();
            all.extend(args.iter().cloned());
            return self.call_method(object, name, &all);
        }
        let mut whole: Arguments = Arguments::new();
        let args = if closure.curried.is_empty() {
            args
        } else {
            whole.extend(closure.curried.iter().cloned());
            whole.extend(args.iter().cloned());
            &whole
        };
        let function = &closure.function;
        let result = if function.implicit_it {
            if args.len() > 1 {
                Err(Fail::NoMethod)
            } else {
                self.enter(closure, args)
            }
        } else if let Some(function) = accepts(function, args).then_some(function) {
            let _ = function;
            self.enter(closure, args)
        } else if args.len() == 1 && function.params.len() > 1 {
            match &args[0] {
                Value::List(_) | Value::Array(_) => {
                    let items = self.items(&args[0])?;
                    if accepts(function, &items) {
                        self.enter(closure, &items)
                    } else {
                        Err(Fail::NoMethod)
                    }
                }
                _ => Err(Fail::NoMethod),
            }
        } else {
            Err(Fail::NoMethod)
        };
        let result = match result {
            Err(Fail::NoMethod) => {
                Err(self.missing_method(&closure.function.class_name, &Name::new("call"), args))
            }
            result => result,
        }?;
        match &closure.then {
            Some(then) => self.call_closure(then, &[result]),
            None => Ok(result),
        }
    }

    fn enter(&mut self, closure: &Arc<Closure>, args: &[Value]) -> Run {
        self.within(&closure.program, |cx| {
            cx.call_function(&closure.function, args, closure.this.clone(), Some(closure))
        })
    }

    /// Runs a part of `program`. What comes from another script, through a variable, a property or as a result, brings its own
    /// program and a fresh binding.
    pub(crate) fn within<R>(
        &mut self,
        program: &Arc<Program>,
        part: impl FnOnce(&mut Self) -> R,
    ) -> R {
        if Arc::ptr_eq(program, &self.program) {
            return part(self);
        }
        let names = program.globals.iter();
        let globals = names
            .map(|name| self.bound(&name.text).unwrap_or(Value::Void))
            .collect();
        let old_program = std::mem::replace(&mut self.program, program.clone());
        let old_globals = std::mem::replace(&mut self.globals, globals);
        let fresh = vec![None; program.variables.len()].into();
        let old_slots = std::mem::replace(&mut self.slots, fresh);
        let result = part(self);
        self.program = old_program;
        self.globals = old_globals;
        self.slots = old_slots;
        result
    }

    /// Calls a closure with a delegate that answers first.
    pub(crate) fn call_with(
        &mut self,
        closure: &Arc<Closure>,
        delegate: Value,
        args: &[Value],
    ) -> Run {
        let with = Closure {
            function: closure.function.clone(),
            program: closure.program.clone(),
            captured: closure.captured.clone(),
            this: closure.this.clone(),
            owner: closure.owner.clone(),
            delegate: Mutex::new(Some(delegate)),
            delegate_first: true,
            curried: closure.curried.clone(),
            pointer: closure.pointer.clone(),
            then: None,
        };
        self.call_closure(&Arc::new(with), args)
    }

    /// Calls back with an element: entries of maps may be taken as key and value.
    pub(crate) fn call_item(&mut self, closure: &Arc<Closure>, item: &Value) -> Run {
        if let Some(entry) = item.native::<crate::library::map::Entry>()
            && closure.function.params.len() == 2
        {
            let pair = [entry.key.clone(), entry.value()];
            return self.call_closure(closure, &pair);
        }
        self.call_closure(closure, std::slice::from_ref(item))
    }

    pub(crate) fn call_item_truth(&mut self, closure: &Arc<Closure>, item: &Value) -> Run<bool> {
        let value = self.call_item(closure, item)?;
        self.truth(&value)
    }

    pub(super) fn construct(&mut self, class: &Class, args: &[Value]) -> Run {
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
                                    "Error in constructor invocation: Constructor {}({}) not found",
                                    info.name,
                                    types.join(", ")
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

    pub(crate) fn construct_public(&mut self, class: &Class, args: &[Value]) -> Run {
        self.construct(class, args)
    }

    /// BeanShell's `eval("..")`: a script inside of the script, with a binding of its own.
    pub(crate) fn evaluate(&mut self, source: &str) -> Run {
        if self.depth >= self.limits.depth.min(32) {
            return Err(throw_plain("java.lang.StackOverflowError"));
        }
        let script = match crate::program::compile(self.program.language, source) {
            Ok(script) => script,
            Err(refusals) => {
                let first = refusals.first();
                let class = first
                    .and_then(|r| r.java_class.clone())
                    .unwrap_or_else(|| "bsh.EvalError".into());
                return Err(throw(
                    &class,
                    first.map(ToString::to_string).unwrap_or_default(),
                ));
            }
        };
        let crate::program::Body::Tree(program) = script.body else {
            return Ok(Value::Null);
        };
        let outer = std::mem::replace(&mut self.program, program.clone());
        let globals = program.globals.iter().map(|name| {
            outer
                .globals
                .iter()
                .position(|g| g.hash == name.hash)
                .map_or(Value::Void, |at| self.globals[at].clone())
        });
        let mut globals: Vec<Value> = globals.collect();
        for (at, name) in program.globals.iter().enumerate() {
            if matches!(globals[at], Value::Void) {
                globals[at] = self.bound(&name.text).unwrap_or(Value::Void);
            }
        }
        let outer_globals = std::mem::replace(&mut self.globals, globals);
        let outer_slots =
            std::mem::replace(&mut self.slots, vec![None; program.variables.len()].into());
        let result = self.call_function(&program.body, &[], Value::Host(HostObject::Script), None);
        let inner = std::mem::replace(&mut self.globals, outer_globals);
        for (at, name) in program.globals.iter().enumerate() {
            if let Some(to) = outer.globals.iter().position(|g| g.hash == name.hash) {
                self.globals[to] = inner[at].clone();
            }
        }
        self.program = outer;
        self.slots = outer_slots;
        result
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

/// The function that takes these arguments.
pub(crate) fn best(functions: &[Arc<Function>], args: &[Value]) -> Option<Arc<Function>> {
    let exact = |f: &Function| {
        f.params
            .iter()
            .zip(args)
            .all(|(p, a)| exactly(a, p.variable.ty.as_ref()))
    };
    let fitting: Vec<&Arc<Function>> = functions.iter().filter(|f| accepts(f, args)).collect();
    fitting
        .iter()
        .find(|f| f.params.len() == args.len() && exact(f))
        .or_else(|| {
            fitting.iter().find(|f| {
                f.params.len() == args.len() && f.params.iter().any(|p| p.variable.ty.is_some())
            })
        })
        .or_else(|| fitting.first())
        .map(|f| (*f).clone())
}

fn accepts(function: &Function, args: &[Value]) -> bool {
    let total = function.params.len();
    let required = function
        .params
        .iter()
        .filter(|p| p.default.is_none())
        .count();
    if function.varargs {
        return args.len() + 1 >= total
            && function.params[..total - 1]
                .iter()
                .zip(args)
                .all(|(p, a)| fits(a, p.variable.ty.as_ref()));
    }
    if total == 0 && function.is_closure {
        return args.is_empty();
    }
    if args.len() > total || args.len() < required {
        return false;
    }
    function
        .params
        .iter()
        .zip(args)
        .all(|(p, a)| fits(a, p.variable.ty.as_ref()))
}

fn exactly(value: &Value, ty: Option<&TypeName>) -> bool {
    match ty.map(|ty| &ty.ty) {
        None | Some(Ty::Any) => false,
        Some(Ty::Int) => matches!(value, Value::Int(_)),
        Some(Ty::Long) => matches!(value, Value::Long(_)),
        Some(Ty::Double) => matches!(value, Value::Double(_)),
        Some(Ty::Boolean) => matches!(value, Value::Bool(_)),
        Some(Ty::Class(class)) => *class.name() == *crate::class::class_name(value),
        Some(_) => false,
    }
}

/// Whether a parameter of the type takes the value.
fn fits(value: &Value, ty: Option<&TypeName>) -> bool {
    use crate::number::{Rank, rank};
    let Some(ty) = ty else { return true };
    match &ty.ty {
        Ty::Any | Ty::Void => true,
        Ty::Boolean => matches!(value, Value::Bool(_)),
        Ty::Char => matches!(value, Value::Char(_)),
        Ty::Byte => matches!(value, Value::Byte(_)),
        Ty::Short => matches!(value, Value::Short(_) | Value::Byte(_)),
        Ty::Int => rank(value) == Some(Rank::Int),
        Ty::Long => rank(value).is_some_and(|r| r <= Rank::Long),
        Ty::Float | Ty::Double => rank(value).is_some(),
        Ty::Class(class) => {
            value.is_nothing()
                || is_instance(value, class)
                || match &*class.name() {
                    "java.lang.String" | "java.lang.CharSequence" => value.as_text().is_some(),
                    "java.lang.Long" | "java.math.BigInteger" => {
                        rank(value).is_some_and(|r| r <= Rank::Long)
                    }
                    "java.lang.Double" | "java.math.BigDecimal" | "java.lang.Float" => {
                        rank(value).is_some()
                    }
                    _ => false,
                }
        }
    }
}
