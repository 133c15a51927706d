//! JavaScript, in QuickJS, with Java's objects as Rhino and Nashorn show them.
//!
//! Each execution has an engine of its own, which ends with it: no script sees what another has left, as in JMeter, and users keep
//! nothing. `bridge` is Java's side, `prelude.js` the side of JavaScript, `names` what is refused before the run.
//!
//! Source: JMeter's `JavaScript` and `IfController` (Rhino), `JSR223TestElement` with the engine of Java 8 to 14 (Nashorn).

mod bridge;
mod failure;
mod glue;
mod names;

use rquickjs::context::{EvalOptions, intrinsic};
use rquickjs::{Coerced, Context, Ctx, Runtime, Value as JsValue};

use self::bridge::{Bridge, HOST};
use self::failure::Failure;
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
/// Back edges and calls between two looks at the limits; QuickJS's own number.
const STEPS_PER_LOOK: u64 = 10_000;
/// Looks while a script is compiled without being run.
const MOST_LOOKS_OF_A_CHECK: u64 = 1_000;
/// Memory of a compilation, in bytes.
const CHECK_BYTES: usize = 64 << 20;
/// Largest stack that QuickJS's binding takes for a limit; more is none at all to it.
const MOST_STACK: usize = 16 << 20;
/// Stack of a compilation, in bytes.
const CHECK_STACK: usize = 512 << 10;

/// A script that compiles.
#[derive(Debug)]
pub(crate) struct JavaScript {
    source: Box<str>,
    language: Language,
    /// Whether it may reach Java's objects, time or chance; an expression of literals does not.
    needs_java: bool,
}

impl JavaScript {
    /// Compiles `source` without running it.
    pub(crate) fn compile(language: Language, source: &str) -> Result<JavaScript, Vec<Refusal>> {
        let mut refusals = names::refused(source);
        if let Err(refusal) = check_syntax(source) {
            // An old form of a statement is named rather than the sign that QuickJS stumbles over.
            let is_known = |one: &Refusal| one.kind == RefusalKind::UnsupportedSyntax;
            if !refusals.iter().any(is_known) {
                return Err(vec![refusal]);
            }
        }
        if !refusals.is_empty() {
            refusals.sort_by_key(|one| (one.line, one.column));
            return Err(refusals);
        }
        let text = match language {
            Language::JavaScript => names::with_calls_of_length(source),
            _ => source.into(),
        };
        Ok(JavaScript {
            source: text,
            language,
            needs_java: names::needs_java(source),
        })
    }

    pub(crate) fn language(&self) -> Language {
        self.language
    }

    /// Runs the script once.
    pub(crate) fn run(&self, host: &mut dyn Host, limits: &Limits) -> Outcome {
        let is_rhino = self.language == Language::Rhino;
        let mut bridge = Bridge::new(host, is_rhino, limits);
        let result = HOST.set(&mut bridge, || self.evaluate(limits));
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

    fn evaluate(&self, limits: &Limits) -> Result<Value, ScriptError> {
        let bytes = usize::try_from(limits.bytes).unwrap_or(usize::MAX);
        let (runtime, context) = engine(bytes, limits.stack_bytes).map_err(failure::of_engine)?;
        runtime.set_interrupt_handler(Some(Box::new(|| {
            HOST.with(|java| java.look(STEPS_PER_LOOK))
        })));
        let result = context.with(|ctx| {
            let installed = self.needs_java.then(|| {
                let is_rhino = self.language == Language::Rhino;
                glue::install(&ctx, is_rhino, &self.source)
            });
            let handle_of = match installed.transpose() {
                Ok(handle_of) => handle_of,
                Err(error) => return Err(Failure::new(&ctx, error, None)),
            };
            let value = ctx.eval_with_options(self.source.as_bytes(), options(FILE));
            let result = value.and_then(|value| self.result(&ctx, value, handle_of.as_ref()));
            result.map_err(|error| Failure::new(&ctx, error, handle_of))
        });
        result.map_err(|failure| {
            // Without memory for an error, QuickJS throws null.
            let used = usize::try_from(runtime.memory_usage().malloc_size).unwrap_or(0);
            let may_throw = self.source.contains("throw") && used < bytes / 2;
            match failure.is_null() && !may_throw {
                true => failure::out_of_memory(),
                false => failure.into_script_error(),
            }
        })
    }

    /// The value of the script as Java has it.
    fn result<'js>(
        &self,
        ctx: &Ctx<'js>,
        value: JsValue<'js>,
        handle_of: Option<&rquickjs::Function<'js>>,
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
        if let Some(handle_of) = handle_of
            && let Some(handle) = handle_of.call::<_, Option<u32>>((value.clone(),))?
        {
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

/// An engine with what Rhino and Nashorn have of the language.
fn engine(bytes: usize, stack_bytes: usize) -> rquickjs::Result<(Runtime, Context)> {
    let runtime = Runtime::new()?;
    runtime.set_memory_limit(bytes);
    runtime.set_max_stack_size(stack_bytes.min(MOST_STACK));
    let context = Context::builder()
        .with::<intrinsic::Date>()
        .with::<intrinsic::Eval>()
        .with::<intrinsic::RegExpCompiler>()
        .with::<intrinsic::RegExp>()
        .with::<intrinsic::Json>()
        .with::<intrinsic::Proxy>()
        .with::<intrinsic::MapSet>()
        .build(&runtime)?;
    Ok((runtime, context))
}

/// Compiles `source` and runs none of it: what stands before it ends it first.
fn check_syntax(source: &str) -> Result<(), Refusal> {
    const BEFORE: &str = "throw null;";
    let refused = |line, column, message: String| Refusal {
        kind: RefusalKind::Syntax,
        line,
        column,
        java_class: Some("javax.script.ScriptException".into()),
        java_message: Some(format!("{FILE}:{line}:{column} {message}")),
        message,
    };
    let (runtime, context) = engine(CHECK_BYTES, CHECK_STACK)
        .map_err(|error| refused(1, 1, failure::of_engine(error).to_string()))?;
    let mut looks = 0;
    runtime.set_interrupt_handler(Some(Box::new(move || {
        looks += 1;
        looks > MOST_LOOKS_OF_A_CHECK
    })));
    context.with(|ctx| {
        let text = format!("{BEFORE}{source}");
        let Err(error) = ctx.eval_with_options::<(), _>(text, options(FILE)) else {
            return Ok(());
        };
        let failure = Failure::new(&ctx, error, None);
        if failure.is_null() {
            return Ok(());
        }
        let (line, column) = failure.place();
        let column = match line {
            1 => column.saturating_sub(BEFORE.len() as u32),
            _ => column,
        };
        Err(refused(line.max(1), column.max(1), failure.words()))
    })
}
