//! Walks a program's tree: one [`Interp`] is one execution.

mod access;
mod assertion;
mod assign;
mod call;
mod convert;
mod dispatch;
mod eval;
mod exec;
mod function;
mod operators;
mod other_program;
mod overload;

pub(crate) use access::{out_of_bounds, range_places};
pub(crate) use exec::default_of as default_value;
pub(crate) use operators::like;
pub(crate) use overload::best as best_function;

use std::sync::Arc;

use crate::ast::Block;
use crate::class::class_name;
use crate::equality::Allowance;
use crate::fail::{Fail, Run};
use crate::host::{Host, ResultRole};
use crate::language::Language;
use crate::library::throwable::{throw, thrown};
use crate::limits::Limits;
use crate::name::Name;
use crate::program::{Body, Program, Script};
use crate::value::{Closure, HostObject, Value};

/// Steps between two looks at the clock.
const STEPS_PER_LOOK: u64 = 4096;

/// Bytes of a text, and values in a container, beyond which each call of a method looks at the limits.
const LONG_TEXT: usize = 16_384;
const LONG_LIST: usize = 1_024;

/// One execution of a script.
pub(crate) struct Interp<'h> {
    pub(crate) host: &'h mut dyn Host,
    pub(crate) program: Arc<Program>,
    slots: Arc<[Option<u32>]>,
    /// The binding; [`Value::Void`] is undefined.
    pub(crate) globals: Vec<Value>,
    stack: Vec<Value>,
    base: usize,
    this: Value,
    /// The closure that runs, for its delegate.
    closure: Option<Arc<Closure>>,
    pub(crate) limits: Limits,
    steps: u64,
    bytes: u64,
    written: u64,
    depth: u32,
    /// The host's clock at the first look at the limits; short scripts never look.
    started: Option<u64>,
    stack_start: usize,
    /// What BeanShell was doing when an exception came up.
    doing: Option<String>,
    line: u32,
    /// Whether `use (TimeCategory)` is around.
    time_category: bool,
    /// A long text that is known to be ASCII.
    pub(crate) long_ascii: Option<Arc<str>>,
}

/// Variables that a BeanShell interpreter keeps between executions of its element.
#[derive(Clone, Debug, Default)]
pub struct State {
    values: Vec<(Name, Value)>,
}

/// What came of an execution.
#[derive(Debug)]
pub struct Outcome {
    /// The script's value, or its exception.
    pub result: Result<Value, ScriptError>,
    /// The program, whose names the values below have, in their order.
    program: Option<Arc<Program>>,
    globals: Vec<Value>,
}

impl Outcome {
    /// Without bindings.
    pub(crate) fn of(result: Result<Value, ScriptError>) -> Outcome {
        Outcome {
            result,
            program: None,
            globals: Vec::new(),
        }
    }

    /// The value that the script gave to a name of its binding, such as `Failure` or `ResponseCode`; `None` when it set none.
    #[must_use]
    pub fn binding(&self, name: &str) -> Option<&Value> {
        let names = &self.program.as_ref()?.globals;
        let place = names.iter().position(|global| *global.text == *name)?;
        let value = self.globals.get(place)?;
        (!matches!(value, Value::Void)).then_some(value)
    }
}

/// An exception that left a script, or a limit that it passed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{class}: {}", .message.as_deref().unwrap_or("null"))]
pub struct ScriptError {
    /// The Java class of the exception.
    pub class: String,
    /// Its message; `None` is Java's null.
    pub message: Option<String>,
    /// For BeanShell's `TargetError`: the exception inside, as `class: message`.
    pub target: Option<String>,
    /// The line of the script, from 1; 0 when unknown.
    pub line: u32,
    /// Whether a limit of the interpreter ended the script.
    pub limit: bool,
}

impl Script {
    /// Runs the script once.
    ///
    /// `state` is the memory of a BeanShell element; other languages leave it alone. Exceptions of the script are values of the outcome.
    pub fn run(&self, host: &mut dyn Host, state: &mut State, limits: &Limits) -> Outcome {
        let program = match &self.body {
            Body::Tree(program) => program.clone(),
            Body::JavaScript(script) => return script.run(host, limits),
        };
        let mut interp = Interp::new(host, program, self.slots.clone(), limits.clone());
        let keeps = interp.program.language == Language::BeanShell;
        if keeps {
            for (name, value) in &state.values {
                if let Some(at) = interp
                    .program
                    .globals
                    .iter()
                    .position(|global| global.hash == name.hash)
                    // What JMeter binds, it binds anew.
                    && matches!(interp.globals[at], Value::Void)
                {
                    interp.globals[at] = value.clone();
                }
            }
        }
        let result = interp.top();
        if keeps {
            for at in 0..interp.globals.len() {
                let name = interp.program.globals[at].clone();
                let value = interp.globals[at].clone();
                if matches!(value, Value::Void | Value::Host(_)) {
                    continue;
                }
                match state
                    .values
                    .iter_mut()
                    .find(|(kept, _)| kept.hash == name.hash)
                {
                    Some((_, kept)) => *kept = value,
                    None => state.values.push((name, value)),
                }
            }
        }
        Outcome {
            result,
            globals: std::mem::take(&mut interp.globals),
            program: Some(interp.program),
        }
    }
}

impl<'h> Interp<'h> {
    pub(crate) fn new(
        host: &'h mut dyn Host,
        program: Arc<Program>,
        slots: Arc<[Option<u32>]>,
        limits: Limits,
    ) -> Interp<'h> {
        let here = 0u8;
        let mut interp = Interp {
            host,
            program,
            slots,
            globals: Vec::new(),
            stack: Vec::new(),
            base: 0,
            this: Value::Host(HostObject::Script),
            closure: None,
            limits,
            steps: 0,
            bytes: 0,
            written: 0,
            depth: 0,
            started: None,
            stack_start: std::ptr::from_ref(&here) as usize,
            doing: None,
            line: 0,
            time_category: false,
            long_ascii: None,
        };
        let program = interp.program.clone();
        let names = program.globals.iter();
        let globals = names.map(|name| interp.bound(&name.text).unwrap_or(Value::Void));
        interp.globals = globals.collect();
        interp
    }

    /// What the host binds to a name.
    pub(crate) fn bound(&mut self, name: &str) -> Option<Value> {
        Some(match name {
            "vars" => Value::Host(HostObject::Vars),
            "props" => Value::Map(self.host.properties()),
            "log" => Value::Host(HostObject::Log),
            "ctx" => Value::Host(HostObject::Context),
            "OUT" => Value::Host(HostObject::Out),
            "prev" => self.host_or_null(HostObject::Previous),
            "SampleResult" | "sampleResult" => self.host_or_null(HostObject::Result),
            "AssertionResult" if self.host.has_assertion() => Value::Host(HostObject::Assertion),
            "sampleEvent" if self.host.has_event() => Value::Host(HostObject::Event),
            "sampler" => self.host_or_null(HostObject::Sampler),
            "bsh" => Value::Host(HostObject::Shell),
            "Parameters" => Value::Str(self.host.parameters()),
            "args" => self.parameter_array(),
            "threadName" => self.host.thread(crate::host::ThreadField::Name),
            _ => return self.host.binding(name),
        })
    }

    pub(crate) fn parameter_array(&mut self) -> Value {
        let text = self.host.parameters();
        Value::strings(text.split_whitespace().map(str::to_owned))
    }

    pub(crate) fn host_or_null(&mut self, object: HostObject) -> Value {
        let there = match object {
            HostObject::Previous => self.host.has_result(ResultRole::Previous),
            HostObject::Result => self.host.has_result(ResultRole::Current),
            HostObject::Sampler => self.host.has_sampler(),
            _ => true,
        };
        if there {
            Value::Host(object)
        } else {
            Value::Null
        }
    }

    fn top(&mut self) -> Result<Value, ScriptError> {
        let here = 0u8;
        self.stack_start = std::ptr::from_ref(&here) as usize;
        let body = self.program.body.clone();
        let empty = if self.groovy() {
            Value::Null
        } else {
            Value::Void
        };
        self.stack.resize(body.slots as usize, empty);
        let allowance = Allowance::of(self.limits.steps);
        let mut result = self.run_body(&body.body);
        if Allowance::is_used_up() {
            result = result.and_then(|value| self.look_at_limits().map(|()| value));
        }
        drop(allowance);
        match result {
            Ok(Value::Void) => Ok(Value::Null),
            Ok(value) => Ok(value),
            Err(fail) if self.program.language.is_jexl() && !matches!(fail, Fail::Limit(_)) => {
                // JMeter's engine is silent: an error is a line of the log, and null.
                let error = self.error(fail);
                self.host
                    .log(crate::host::LogLevel::Warn, &error.to_string());
                Ok(Value::Null)
            }
            Err(fail) => Err(self.error(fail)),
        }
    }

    fn run_body(&mut self, body: &Block) -> Run {
        match self.block(body)? {
            exec::Flow::Next(value) | exec::Flow::Return(value) => Ok(value),
            exec::Flow::Break(_) | exec::Flow::Continue(_) => Ok(Value::Null),
        }
    }

    fn error(&mut self, fail: Fail) -> ScriptError {
        let line = self.line;
        let failed = match fail {
            Fail::Limit(message) => {
                return ScriptError {
                    class: "loadline.ScriptLimit".into(),
                    message: Some(message),
                    target: None,
                    line,
                    limit: true,
                };
            }
            Fail::NoMethod => throw("java.lang.IllegalStateException", "no such method"),
            other => other,
        };
        let Fail::Throw(value) = failed else {
            return ScriptError {
                class: String::new(),
                message: None,
                target: None,
                line,
                limit: false,
            };
        };
        let class = class_name(&value).to_string();
        let message = thrown(&value).and_then(|t| t.message.map(|message| message.to_string()));
        if self.program.language != Language::BeanShell {
            return ScriptError {
                class,
                message,
                target: None,
                line,
                limit: false,
            };
        }
        let place = crate::parser::evaluated(&self.program.source);
        if class.starts_with("bsh.") {
            let message = format!("Sourced file: {place} : {}", message.unwrap_or_default());
            return ScriptError {
                class,
                message: Some(message),
                target: None,
                line,
                limit: false,
            };
        }
        let doing = self
            .doing
            .take()
            .map(|doing| format!(" : {doing}"))
            .unwrap_or_default();
        ScriptError {
            class: "bsh.TargetError".into(),
            message: Some(format!("Sourced file: {place}{doing}")),
            target: Some(format!("{class}: {}", message.as_deref().unwrap_or("null"))),
            line,
            limit: false,
        }
    }

    pub(crate) fn has_time_category(&self) -> bool {
        self.time_category
    }

    /// Enters or leaves `use (TimeCategory)`; gives what was before.
    pub(crate) fn set_time_category(&mut self, inside: bool) -> bool {
        std::mem::replace(&mut self.time_category, inside)
    }

    pub(crate) fn groovy(&self) -> bool {
        self.program.language == Language::Groovy
    }

    pub(crate) fn beanshell(&self) -> bool {
        self.program.language == Language::BeanShell
    }

    pub(crate) fn jexl(&self) -> bool {
        self.program.language.is_jexl()
    }

    /// Counts one evaluated node and looks at the limits from time to time.
    #[inline]
    fn step(&mut self) -> Run<()> {
        self.steps += 1;
        if self.steps.is_multiple_of(STEPS_PER_LOOK) {
            self.look_at_limits()
        } else {
            Ok(())
        }
    }

    #[cold]
    fn look_at_limits(&mut self) -> Run<()> {
        if self.steps > self.limits.steps || Allowance::is_used_up() {
            return Err(Fail::Limit(format!(
                "script step limit: more than {} steps",
                self.limits.steps
            )));
        }
        let now = self.host.nanos();
        let spent = now.saturating_sub(*self.started.get_or_insert(now));
        if u128::from(spent) > self.limits.time.as_nanos() {
            return Err(Fail::Limit(format!(
                "script time limit: more than {} s",
                self.limits.time.as_secs_f64()
            )));
        }
        Ok(())
    }

    /// Looks at the limits if a method of the object may take as long as many steps do: it may read all of a long text or list.
    fn look_if_long(&mut self, object: &Value) -> Run<()> {
        let long = match object {
            Value::Str(text) => text.len() > LONG_TEXT,
            Value::GString(text) => text.text.len() > LONG_TEXT,
            Value::List(list) => list.len() > LONG_LIST,
            Value::Map(map) | Value::Set(map) => map.len() > LONG_LIST,
            Value::Array(array) => array.len() > LONG_LIST,
            Value::Object(native) => native.0.bytes() > LONG_TEXT,
            _ => false,
        };
        if long { self.look_at_limits() } else { Ok(()) }
    }

    /// Work of a library function that stands for `steps` nodes.
    pub(crate) fn work(&mut self, steps: usize) -> Run<()> {
        let before = self.steps;
        self.steps += steps as u64;
        if before / STEPS_PER_LOOK != self.steps / STEPS_PER_LOOK {
            self.look_at_limits()
        } else {
            Ok(())
        }
    }

    /// Counts bytes that come into being.
    pub(crate) fn charge(&mut self, bytes: usize) -> Run<()> {
        self.bytes = self.bytes.saturating_add(bytes as u64);
        if self.bytes > self.limits.bytes {
            Err(self.over_memory())
        } else {
            Ok(())
        }
    }

    /// Counts values that come into being.
    pub(crate) fn charge_items(&mut self, items: usize) -> Run<()> {
        self.charge(items.saturating_mul(std::mem::size_of::<Value>()))
    }

    pub(crate) fn over_memory(&self) -> Fail {
        Fail::Limit(format!(
            "script memory limit: more than {} bytes",
            self.limits.bytes
        ))
    }

    /// Counts bytes of output.
    pub(crate) fn write_out(&mut self, text: &str) -> Run<()> {
        self.charge_output(text.len())?;
        self.host.out(text);
        Ok(())
    }

    pub(crate) fn charge_output(&mut self, bytes: usize) -> Run<()> {
        self.written += bytes as u64;
        if self.written > self.limits.output_bytes {
            return Err(Fail::Limit(format!(
                "script output limit: more than {} bytes",
                self.limits.output_bytes
            )));
        }
        Ok(())
    }

    /// The thread's stack must never run out: that would end the whole program.
    #[inline]
    pub(crate) fn check_stack(&self) -> Run<()> {
        let here = 0u8;
        let used = self
            .stack_start
            .abs_diff(std::ptr::from_ref(&here) as usize);
        if used > self.limits.stack_bytes && self.stack_start != 0 {
            return Err(crate::library::throwable::throw_plain(
                "java.lang.StackOverflowError",
            ));
        }
        Ok(())
    }

    pub(crate) fn slot_of_variable(&self, number: u32) -> Option<u32> {
        self.slots.get(number as usize - 1).copied().flatten()
    }
}

/// `String.valueOf` of a value, as JMeter takes what a script gives: `{a=1}` for a map.
pub fn java_string(value: &Value, host: &mut dyn Host) -> String {
    let program = Arc::new(Program::empty(Language::Groovy));
    let mut interp = Interp::new(host, program, Arc::from([]), Limits::default());
    let text = interp.java_text(value);
    text.map_or_else(|_| String::new(), |text| text.to_string())
}

/// The text and the Java class name of a value, as a script would print them.
pub fn describe(value: &Value, host: &mut dyn Host) -> (String, String) {
    let program = Arc::new(Program::empty(Language::Groovy));
    let mut interp = Interp::new(host, program, Arc::from([]), Limits::default());
    let text = match value {
        Value::Range(range) if range.class.starts_with("groovy") => interp.java_text(value),
        _ => interp.text(value),
    };
    let text = text.map_or_else(|_| String::new(), |text| text.to_string());
    (text, class_name(value).to_string())
}
