//! Running the script's own functions and closures: frames, parameters, delegates.
//!
//! Not here: which of several functions takes the arguments (see [`super::overload`]).

use std::sync::{Arc, Mutex};

use super::Interp;
use super::call::Arguments;
use super::overload::accepts;
use crate::ast::*;
use crate::class::Class;
use crate::fail::{Fail, Run};
use crate::library::throwable::throw_plain;
use crate::name::Name;
use crate::value::{Closure, Curried, Value};

impl Interp<'_> {
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
        let running = closure.filter(|_| function.is_closure).cloned();
        let old_closure = std::mem::replace(&mut self.closure, running);
        self.depth += 1;
        let result = self.run_function(function, &args, closure);
        self.depth -= 1;
        self.stack.truncate(base);
        self.base = old_base;
        self.this = old_this;
        self.closure = old_closure;
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

    /// Calls a closure as Groovy does, and those that were put behind it.
    pub(crate) fn call_closure(&mut self, closure: &Arc<Closure>, args: &[Value]) -> Run {
        let mut result = self.call_alone(closure, args)?;
        for next in &closure.then {
            result = self.call_closure(next, &[result])?;
        }
        Ok(result)
    }

    /// One list for several parameters is taken apart.
    fn call_alone(&mut self, closure: &Arc<Closure>, args: &[Value]) -> Run {
        self.step()?;
        if let Some(memory) = &closure.memory {
            let key = Value::list(args.to_vec());
            if let Some(known) = memory.get(&key) {
                return Ok(known);
            }
            let plain = crate::library::closure::without_memory(closure);
            let result = self.call_alone(&plain, args)?;
            self.charge_items(args.len() + 4)?;
            memory.put(key, result.clone());
            return Ok(result);
        }
        if let Some((object, name)) = &closure.pointer {
            return self.call_pointer(object, name, &with_curried(closure, args));
        }
        let whole: Arguments;
        let args = if closure.curried.is_empty() {
            args
        } else {
            whole = with_curried(closure, args);
            &whole
        };
        let function = &closure.function;
        let result = if function.implicit_it {
            if args.len() > 1 {
                Err(Fail::NoMethod)
            } else {
                self.enter(closure, args)
            }
        } else if accepts(function, args) {
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
        match result {
            Err(Fail::NoMethod) => {
                Err(self.missing_method(&closure.function.class_name, &Name::new("call"), args))
            }
            result => result,
        }
    }

    /// `object.&name` and `Class::name`, whose first argument is the object when the class has no such method.
    fn call_pointer(&mut self, object: &Value, name: &Name, args: &[Value]) -> Run {
        let Value::Class(class) = object else {
            return self.call_method(object, name, args);
        };
        if &*name.text == "new" {
            return self.construct(&class.0.clone(), args);
        }
        match (self.try_method(object, name, args), args) {
            (Err(Fail::NoMethod), [first, rest @ ..]) => self.call_method(first, name, rest),
            (Err(Fail::NoMethod), []) => self.call_method(object, name, args),
            (result, _) => result,
        }
    }

    fn enter(&mut self, closure: &Arc<Closure>, args: &[Value]) -> Run {
        self.within(&closure.program, |cx| {
            cx.call_function(&closure.function, args, closure.this.clone(), Some(closure))
        })
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
            memory: None,
            pointer: closure.pointer.clone(),
            then: Vec::new(),
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
}

/// The arguments of a call with those that were given before.
fn with_curried(closure: &Closure, args: &[Value]) -> Arguments {
    let mut all: Arguments = args.iter().cloned().collect();
    for Curried { at, values } in closure.curried.iter().rev() {
        let at = match usize::try_from(*at) {
            Ok(at) => at,
            Err(_) => (all.len() + values.len()).saturating_sub(at.unsigned_abs() as usize),
        };
        all.insert_many(at.min(all.len()), values.iter().cloned());
    }
    all
}
