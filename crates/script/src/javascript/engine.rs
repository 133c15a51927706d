//! Engines of JavaScript: one for each thread and dialect that its scripts share, and new ones for scripts that cannot share it.
//!
//! A shared engine has nothing of a script when the next one runs: the language's own objects cannot be changed (`harden.js`), variables
//! are those of a function, and names that a script adds to the global object are removed. After a limit the engine is thrown away.
//! Not here: Java's objects (`glue`), what the value of a script is (`mod`).

use std::cell::RefCell;
use std::collections::HashMap;

use rquickjs::context::intrinsic;
use rquickjs::object::Filter;
use rquickjs::{Context, Ctx, Function, Persistent, Runtime, Value as JsValue};

use super::bridge::HOST;
use super::glue::{self, Installed};
use super::{FILE, PRELUDE_FILE, options};

const HARDEN: &str = include_str!("harden.js");
/// Packages of Java as variables of a script.
const PACKAGES: [&str; 7] = ["java", "javax", "org", "com", "edu", "net", "Packages"];
/// Back edges and calls between two looks at the limits; QuickJS's own number.
const STEPS_PER_LOOK: u64 = 10_000;
/// Largest stack that QuickJS's binding takes for a limit; more is none at all to it.
const MOST_STACK: usize = 16 << 20;
/// Functions that an engine keeps.
const MOST_FUNCTIONS: usize = 1000;

/// How the text of a script stands in a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As the expression that the function returns; compiled once.
    Expression,
    /// As a text that the function evaluates, since the value of statements is that of the last one.
    Statements,
}

/// An engine of one thread.
pub(super) struct Engine {
    // Fields are dropped in this order, and what they hold must not outlive its runtime.
    functions: HashMap<(u64, u32), Persistent<Function<'static>>>,
    installed: Installed<Persistent<Function<'static>>>,
    context: Context,
    runtime: Runtime,
    /// Memory of the engine itself, in bytes.
    own_bytes: usize,
    /// Names of the global object without those of scripts, which come behind them.
    global_names: usize,
}

thread_local! {
    /// The shared engines of this thread: Nashorn's, Rhino's.
    static SHARED: RefCell<[Option<Box<Engine>>; 2]> = const { RefCell::new([None, None]) };
}

/// Lets `work` use the shared engine of this thread. It is thrown away if the work says so.
///
/// # Errors
///
/// The engine cannot be made: there is too little memory.
pub(super) fn shared<T>(
    is_rhino: bool,
    work: impl FnOnce(&mut Engine) -> (T, Keep),
) -> rquickjs::Result<T> {
    let place = usize::from(is_rhino);
    // It is taken out, so that a script that runs within another has one of its own.
    let known = SHARED.with_borrow_mut(|engines| engines[place].take());
    let mut engine = match known {
        Some(engine) => engine,
        None => Box::new(Engine::new(is_rhino)?),
    };
    let (result, keep) = work(&mut engine);
    if keep == Keep::Yes {
        SHARED.with_borrow_mut(|engines| engines[place] = Some(engine));
    }
    Ok(result)
}

/// Whether an engine is used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    Yes,
    No,
}

impl Engine {
    /// An engine that scripts can share.
    fn new(is_rhino: bool) -> rquickjs::Result<Engine> {
        let (runtime, context) = bare(usize::MAX, MOST_STACK)?;
        let (installed, global_names) = context.with(|ctx| {
            let installed = glue::install(&ctx, is_rhino)?;
            let harden: Function<'_> = ctx.eval_with_options(HARDEN, options(PRELUDE_FILE))?;
            harden.call::<_, ()>((PACKAGES.to_vec(),))?;
            let names = count_of_globals(&ctx);
            Ok::<_, rquickjs::Error>((
                installed.map(|function| Persistent::save(&ctx, function)),
                names,
            ))
        })?;
        let own_bytes = usize::try_from(runtime.memory_usage().malloc_size).unwrap_or(0);
        Ok(Engine {
            functions: HashMap::new(),
            installed,
            context,
            runtime,
            own_bytes,
            global_names,
        })
    }

    /// Bounds what the next script uses beside the engine itself.
    pub(super) fn limit(&self, bytes: usize, stack_bytes: usize) {
        self.runtime
            .set_memory_limit(self.own_bytes.saturating_add(bytes));
        self.runtime.set_max_stack_size(stack_bytes.min(MOST_STACK));
    }

    /// Memory in use beside the engine's own, in bytes.
    pub(super) fn used(&self) -> usize {
        used(&self.runtime).saturating_sub(self.own_bytes)
    }

    /// Enters the engine with what Java's side has there.
    pub(super) fn enter<T>(
        &mut self,
        work: impl for<'js> FnOnce(
            &Ctx<'js>,
            &Installed<Function<'js>>,
            &mut Functions<'_>,
        ) -> rquickjs::Result<T>,
    ) -> rquickjs::Result<T> {
        let mut functions = Functions(&mut self.functions);
        let installed = self.installed.clone();
        self.context.with(|ctx| {
            let installed = Installed {
                handle_of: installed.handle_of.restore(&ctx)?,
                bound: installed.bound.restore(&ctx)?,
            };
            work(&ctx, &installed, &mut functions)
        })
    }

    /// Removes the names that a script has added to the global object.
    pub(super) fn clean(&self) -> Keep {
        // What a script put off is not done after its end.
        if self.runtime.is_job_pending() {
            return Keep::No;
        }
        let is_clean = self.context.with(|ctx| {
            if count_of_globals(&ctx) == self.global_names {
                return true;
            }
            let globals = ctx.globals();
            let added = all_of_globals(&globals).skip(self.global_names);
            let added: Vec<_> = added.flatten().collect();
            for name in added {
                // One that cannot be removed is still there to be counted.
                let _ = globals.remove(name);
            }
            count_of_globals(&ctx) == self.global_names
        });
        if is_clean { Keep::Yes } else { Keep::No }
    }
}

/// The functions that an engine has made of scripts.
pub(super) struct Functions<'e>(&'e mut HashMap<(u64, u32), Persistent<Function<'static>>>);

impl Functions<'_> {
    /// The function of the script `id` with the text `source`, whose parameters are the names that JMeter binds of `bound`.
    pub(super) fn of<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        (id, source, form): (u64, &str, Form),
        (bound, names): (u32, &[&str]),
    ) -> rquickjs::Result<Function<'js>> {
        if let Some(known) = self.0.get(&(id, bound)) {
            return known.clone().restore(ctx);
        }
        let function = function_of(ctx, source, form, names)?;
        if self.0.len() >= MOST_FUNCTIONS {
            self.0.clear();
        }
        let kept = Persistent::save(ctx, function.clone());
        self.0.insert((id, bound), kept);
        Ok(function)
    }
}

/// A function with the parameters `names` that runs `source`. One of statements is given their text behind its parameters.
pub(super) fn function_of<'js>(
    ctx: &Ctx<'js>,
    source: &str,
    form: Form,
    names: &[&str],
) -> rquickjs::Result<Function<'js>> {
    let parameters = names.join(", ");
    let source = match form {
        Form::Expression => super::expression(source),
        Form::Statements => source,
    };
    let text = match form {
        Form::Expression => format!("(function ({parameters}) {{ return ({source}\n); }})"),
        Form::Statements => {
            let text = names.len();
            format!("(function ({parameters}) {{ return eval(arguments[{text}]); }})")
        }
    };
    ctx.eval_with_options(text, options(FILE))
}

fn all_of_globals<'js>(
    globals: &rquickjs::Object<'js>,
) -> impl Iterator<Item = rquickjs::Result<rquickjs::Atom<'js>>> {
    globals.own_keys(Filter::new().string())
}

fn count_of_globals(ctx: &Ctx<'_>) -> usize {
    let globals = ctx.globals();
    all_of_globals(&globals).size_hint().0
}

/// An engine for one execution of a script that cannot share one, with Java's objects and the names that JMeter binds of `names`.
///
/// # Errors
///
/// Memory for it is beyond `bytes`.
pub(super) fn alone(
    is_rhino: bool,
    names: &[(u32, &'static str)],
    (bytes, stack_bytes): (usize, usize),
) -> rquickjs::Result<(Runtime, Context, Installed<Persistent<Function<'static>>>)> {
    let (runtime, context) = bare(bytes, stack_bytes)?;
    let installed = context.with(|ctx| {
        let installed = glue::install(&ctx, is_rhino)?;
        for (_, name) in names {
            if HOST.with(|java| java.is_bound(name)) {
                let value: JsValue<'_> = installed.bound.call((*name,))?;
                ctx.globals().set(*name, value)?;
            }
        }
        Ok::<_, rquickjs::Error>(installed.map(|function| Persistent::save(&ctx, function)))
    })?;
    Ok((runtime, context, installed))
}

/// Memory in use in an engine, in bytes.
pub(super) fn used(runtime: &Runtime) -> usize {
    usize::try_from(runtime.memory_usage().malloc_size).unwrap_or(0)
}

/// An engine with what Rhino and Nashorn have of the language.
pub(super) fn bare(bytes: usize, stack_bytes: usize) -> rquickjs::Result<(Runtime, Context)> {
    let runtime = Runtime::new()?;
    runtime.set_memory_limit(bytes);
    runtime.set_max_stack_size(stack_bytes.min(MOST_STACK));
    // While a script is only compiled, nothing runs, and nobody counts.
    runtime.set_interrupt_handler(Some(Box::new(|| {
        HOST.is_set() && HOST.with(|java| java.look(STEPS_PER_LOOK))
    })));
    let context = Context::builder()
        .with::<intrinsic::Date>()
        .with::<intrinsic::Eval>()
        .with::<intrinsic::RegExpCompiler>()
        .with::<intrinsic::RegExp>()
        .with::<intrinsic::Json>()
        .with::<intrinsic::Proxy>()
        .with::<intrinsic::MapSet>()
        // Without it, a script's `async` functions could not be freed.
        .with::<intrinsic::Promise>()
        .build(&runtime)?;
    Ok((runtime, context))
}
