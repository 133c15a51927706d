//! Running code of another program: closures that come from another script, and BeanShell's `eval`.
//!
//! Each program numbers its names for itself, so that the binding changes with it.

use std::sync::Arc;

use super::Interp;
use crate::fail::{Fail, Run};
use crate::library::throwable::{throw, throw_plain};
use crate::program::Program;
use crate::value::{HostObject, Value};

/// What the tree of a script takes for each byte of its text.
const BYTES_OF_TREE: usize = 64;

impl Interp<'_> {
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

    /// A script inside of the script. What is refused in it is an exception, as nobody could see it before the run.
    fn compiled(&mut self, source: &str) -> Run<Arc<Program>> {
        if self.depth >= self.limits.depth.min(32) {
            return Err(throw_plain("java.lang.StackOverflowError"));
        }
        self.charge(source.len() * BYTES_OF_TREE)?;
        match crate::program::compile(self.program.language, source) {
            Ok(script) => match script.body {
                crate::program::Body::Tree(program) => Ok(program),
                crate::program::Body::JavaScript(_) => Err(Fail::NoMethod),
            },
            Err(refusals) => {
                let first = refusals.first();
                let class = first.and_then(|refusal| refusal.java_class.clone());
                let class = class.unwrap_or_else(|| match self.groovy() {
                    true => "java.lang.UnsupportedOperationException".into(),
                    false => "bsh.EvalError".into(),
                });
                let words = first.and_then(|refusal| refusal.java_message.clone());
                let message = words.or_else(|| first.map(ToString::to_string));
                Err(throw(&class, message.unwrap_or_default()))
            }
        }
    }

    /// Groovy's `Eval`: a script that knows nothing but the names it is given.
    pub(crate) fn evaluate_alone(&mut self, source: &str, given: &[(&str, &Value)]) -> Run {
        let program = self.compiled(source)?;
        self.within(&program, |cx| {
            for (at, name) in program.globals.iter().enumerate() {
                let value = given.iter().find(|(known, _)| *known == &*name.text);
                cx.globals[at] = value.map_or(Value::Void, |(_, value)| (*value).clone());
            }
            cx.call_function(&program.body, &[], Value::Host(HostObject::Script), None)
        })
    }

    /// BeanShell's `eval("..")` and Groovy's `evaluate("..")`: a script inside of the script, with its binding.
    pub(crate) fn evaluate(&mut self, source: &str) -> Run {
        let program = self.compiled(source)?;
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
}
