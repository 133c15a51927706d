//! JavaScript, in QuickJS, with Java's objects as Rhino and Nashorn show them.
//!
//! Scripts of a thread share an engine that keeps nothing of them (`engine`); those that change the language itself (`sharing`) have one
//! of their own, which ends with the execution. So no script sees what another has left, as in JMeter. `bridge` is Java's side,
//! `prelude.js` the side of JavaScript, `names` what is refused before the run.
//!
//! Source: JMeter's `JavaScript` and `IfController` (Rhino), `JSR223TestElement` with the engine of Java 8 to 14 (Nashorn).

mod bridge;
mod engine;
mod failure;
mod glue;
mod language;
mod names;
mod sharing;

use std::sync::atomic::{AtomicU64, Ordering};

use rquickjs::context::EvalOptions;
use rquickjs::function::Args;
use rquickjs::{Coerced, Ctx, Function, Value as JsValue};

use self::bridge::{Bridge, HOST};
use self::engine::{Form, Functions, Keep};
use self::failure::Failure;
use self::glue::Installed;
use crate::host::Host;
use crate::interp::{Outcome, ScriptError};
use crate::language::Language;
use crate::limits::Limits;
use crate::refusal::{Refusal, RefusalKind};
use crate::value::Value;

/// The name of the script in messages, as Nashorn has it.
const FILE: &str = "<eval>";
/// The name of the prelude in the stack of an error.
const PRELUDE_FILE: &str = "<java>";
/// Memory of a compilation, in bytes.
const CHECK_BYTES: usize = 64 << 20;
/// Stack of a compilation, in bytes.
const CHECK_STACK: usize = 512 << 10;

/// A script that compiles.
#[derive(Debug)]
pub(crate) struct JavaScript {
    /// Under which engines keep its function.
    id: u64,
    source: Box<str>,
    language: Language,
    /// How it stands in a function; `None` if it cannot share an engine.
    form: Option<Form>,
    /// The names that JMeter binds and that it may read, each with its bit.
    names: Box<[(u32, &'static str)]>,
}

/// The value of a script, or why it has none.
type Evaluated = Result<Value, ScriptError>;

impl JavaScript {
    /// Compiles `source` without running it.
    pub(crate) fn compile(language: Language, source: &str) -> Result<JavaScript, Vec<Refusal>> {
        static IDS: AtomicU64 = AtomicU64::new(0);
        let is_rhino = language == Language::Rhino;
        let words = names::words(source);
        let mut refusals = names::refused(&words);
        let checked = match check_syntax(is_rhino, source) {
            Ok(form) => Some(form),
            Err(refusal) => {
                // An old form of a statement is named rather than the sign that QuickJS stumbles over.
                let is_known = |one: &Refusal| one.kind == RefusalKind::UnsupportedSyntax;
                if !refusals.iter().any(is_known) {
                    return Err(vec![refusal]);
                }
                None
            }
        };
        if !refusals.is_empty() {
            refusals.sort_by_key(|one| (one.line, one.column));
            return Err(refusals);
        }
        let form = checked.filter(|_| sharing::can_share(&words));
        let source: Box<str> = match language {
            Language::JavaScript => names::with_calls_of_length(source),
            _ => source.into(),
        };
        Ok(JavaScript {
            id: IDS.fetch_add(1, Ordering::Relaxed),
            names: names::bound(&source).collect(),
            source,
            language,
            form,
        })
    }

    pub(crate) fn language(&self) -> Language {
        self.language
    }

    /// Runs the script once.
    pub(crate) fn run(&self, host: &mut dyn Host, limits: &Limits) -> Outcome {
        let is_rhino = self.language == Language::Rhino;
        let mut bridge = Bridge::new(host, is_rhino, limits);
        let result = HOST.set(&mut bridge, || match self.form {
            Some(form) => self.evaluate(form, limits),
            None => self.evaluate_alone(limits),
        });
        let result = match (bridge.limit.take(), result) {
            (Some(message), _) => Err(ScriptError {
                class: "loadline.ScriptLimit".into(),
                message: Some(message),
                target: None,
                line: 0,
                limit: true,
            }),
            (None, result) => result,
        };
        Outcome::of(result)
    }

    /// Evaluates it in the shared engine of this thread.
    fn evaluate(&self, form: Form, limits: &Limits) -> Evaluated {
        let is_rhino = self.language == Language::Rhino;
        let bytes = usize::try_from(limits.bytes).unwrap_or(usize::MAX);
        let evaluated = engine::shared(is_rhino, |engine| {
            engine.limit(bytes, limits.stack_bytes);
            let entered = engine.enter(|ctx, installed, functions| {
                let value = self.call(ctx, installed, functions, form);
                let result = value.and_then(|value| self.result(ctx, value, &installed.handle_of));
                let handle_of = &installed.handle_of;
                Ok(result.map_err(|error| Failure::new(ctx, error, Some(handle_of.clone()))))
            });
            let result = match entered {
                Ok(Ok(value)) => return (Ok(value), engine.clean()),
                Ok(Err(failure)) => self.failed(failure, engine.used(), bytes),
                Err(error) => failure::of_engine(error),
            };
            let keep = match result.limit || HOST.with(|java| java.look(0)) {
                true => Keep::No,
                false => engine.clean(),
            };
            (Err(result), keep)
        });
        evaluated.unwrap_or_else(|error| Err(failure::of_engine(error)))
    }

    /// Calls its function in a shared engine.
    fn call<'js>(
        &self,
        ctx: &Ctx<'js>,
        installed: &Installed<Function<'js>>,
        functions: &mut Functions<'_>,
        form: Form,
    ) -> rquickjs::Result<JsValue<'js>> {
        let is_bound = |name: &str| HOST.with(|java| java.is_bound(name));
        let bound = self.names.iter().filter(|(_, name)| is_bound(name));
        let (mut bits, mut names) = (0, Vec::with_capacity(self.names.len()));
        for (bit, name) in bound {
            bits |= bit;
            names.push(*name);
        }
        let script = (self.id, &*self.source, form);
        let function = functions.of(ctx, script, (bits, &names))?;
        let mut args = Args::new(ctx.clone(), names.len() + 1);
        for name in names {
            args.push_arg(installed.bound.call::<_, JsValue<'js>>((name,))?)?;
        }
        if form == Form::Statements {
            args.push_arg(&*self.source)?;
        }
        function.call_arg(args)
    }

    /// Evaluates it in an engine of its own.
    fn evaluate_alone(&self, limits: &Limits) -> Evaluated {
        let is_rhino = self.language == Language::Rhino;
        let bytes = usize::try_from(limits.bytes).unwrap_or(usize::MAX);
        let made = engine::alone(is_rhino, &self.names, (bytes, limits.stack_bytes));
        let (runtime, context, installed) = made.map_err(failure::of_engine)?;
        let result = context.with(|ctx| {
            let handle_of = match installed.handle_of.restore(&ctx) {
                Ok(handle_of) => handle_of,
                Err(error) => return Err(Failure::new(&ctx, error, None)),
            };
            let value = ctx.eval_with_options(self.source.as_bytes(), options(FILE));
            let result = value.and_then(|value| self.result(&ctx, value, &handle_of));
            result.map_err(|error| Failure::new(&ctx, error, Some(handle_of)))
        });
        result.map_err(|failure| self.failed(failure, engine::used(&runtime), bytes))
    }

    /// What a failure is that left `used` of `bytes` in use.
    fn failed(&self, failure: Failure, used: usize, bytes: usize) -> ScriptError {
        // Without memory for an error, QuickJS throws null.
        let may_throw = self.source.contains("throw") && used < bytes / 2;
        match failure.is_null() && !may_throw {
            true => failure::out_of_memory(),
            false => failure.into_script_error(),
        }
    }

    /// The value of the script as Java has it.
    fn result<'js>(
        &self,
        ctx: &Ctx<'js>,
        value: JsValue<'js>,
        handle_of: &Function<'js>,
    ) -> rquickjs::Result<Value> {
        // Rhino's `Context.toString`, which JMeter calls.
        if self.language == Language::Rhino {
            return Ok(Value::from(text_of(ctx, value)?));
        }
        if value.is_null() || value.is_undefined() {
            return Ok(Value::Null);
        }
        if let Some(value) = value.as_bool() {
            return Ok(Value::Bool(value));
        }
        if let Some(value) = value.as_int() {
            return Ok(Value::Int(value));
        }
        if let Some(value) = value.as_float() {
            return Ok(of_float(value));
        }
        if let Some(handle) = handle_of.call::<_, Option<u32>>((value.clone(),))? {
            return Ok(HOST.with(|java| java.object(handle)));
        }
        // Nashorn's text of an array from outside.
        if value.is_array() {
            return Ok(Value::from("[object Array]"));
        }
        Ok(Value::from(text_of(ctx, value)?))
    }
}

/// A number with a fraction is a `double`. A whole one that is no `int` comes of a `long` of Java, such as the time of day.
fn of_float(value: f64) -> Value {
    let is_long = value.fract() == 0.0 && value.abs() > f64::from(i32::MAX) && value.abs() < 9e15;
    match is_long {
        true => Value::Long(value as i64),
        false => Value::Double(value),
    }
}

fn text_of<'js>(ctx: &Ctx<'js>, value: JsValue<'js>) -> rquickjs::Result<String> {
    let _ = ctx;
    Ok(value.get::<Coerced<String>>()?.0)
}

fn options(file: &str) -> EvalOptions {
    let mut options = EvalOptions::default();
    options.strict = false;
    options.filename = Some(file.to_owned());
    options
}

/// Compiles `source` and runs none of it: what stands before it ends it first. Says how it can stand in a function.
fn check_syntax(is_rhino: bool, source: &str) -> Result<Form, Refusal> {
    const BEFORE: &str = "throw null;";
    let refused = |line, column, message: String| Refusal {
        kind: RefusalKind::Syntax,
        line,
        column,
        java_class: Some("javax.script.ScriptException".into()),
        java_message: Some(format!("{FILE}:{line}:{column} {message}")),
        message,
    };
    let checked = engine::shared(is_rhino, |engine| {
        engine.limit(CHECK_BYTES, CHECK_STACK);
        let entered = engine.enter(|ctx, _, _| {
            let function = engine::function_of(ctx, "", Form::Statements, &[])?;
            let text = format!("{BEFORE}{source}");
            let Err(error) = function.call::<_, ()>((text,)) else {
                return Ok(Ok(form_of(ctx, source)));
            };
            let failure = Failure::new(ctx, error, None);
            Ok(match failure.is_null() {
                true => Ok(form_of(ctx, source)),
                false => Err(failure),
            })
        });
        match entered {
            Ok(Ok(form)) => (Ok(form), engine.clean()),
            Ok(Err(failure)) if failure.is_of_syntax() => (Err(failure), engine.clean()),
            Ok(Err(failure)) => (Err(failure), Keep::No),
            Err(error) => (Err(Failure::of_engine(error)), Keep::No),
        }
    });
    let failure = match checked {
        Ok(Ok(form)) => return Ok(form),
        Ok(Err(failure)) => failure,
        Err(error) => Failure::of_engine(error),
    };
    let (line, column) = failure.place();
    let column = match line {
        1 => column.saturating_sub(BEFORE.len() as u32),
        _ => column,
    };
    Err(refused(line.max(1), column.max(1), failure.words()))
}

/// How a script that compiles can stand in a function.
fn form_of(ctx: &Ctx<'_>, source: &str) -> Form {
    // These begin statements, and expressions with another meaning.
    const OF_STATEMENTS: [&str; 5] = ["{", "async", "class", "function", "let"];
    let expression = expression(source);
    if OF_STATEMENTS
        .iter()
        .any(|begin| expression.trim_start().starts_with(begin))
    {
        return Form::Statements;
    }
    match engine::function_of(ctx, expression, Form::Expression, &[]) {
        Ok(_) => Form::Expression,
        Err(_) => {
            // It is of no interest what is wrong.
            let _ = ctx.catch();
            Form::Statements
        }
    }
}

/// A script without the signs that end its last statement.
fn expression(source: &str) -> &str {
    source.trim_end_matches(|sign: char| sign == ';' || sign.is_ascii_whitespace())
}
