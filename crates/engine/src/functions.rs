//! JMeter's functions: `${__name(parameters)}`.
//!
//! A call appends its value to the text that is being rendered. Parameters are evaluated when the
//! function asks for them, in JMeter's order, and are not trimmed unless JMeter's function does.
//!
//! Not here: which functions exist and how many parameters they take (the plan's function table).

mod date_pattern;
mod evaluation;
mod file;
mod property;
mod random;
mod text;
mod time;

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use jiff::tz::TimeZone;
use loadline_plan::program::{Call, CallId};

use self::evaluation::ParsedTexts;
use crate::html_entities::decode_entities;
use crate::{FileAccess, Scope};

/// What the functions of a whole run share, on all engine threads.
#[derive(Debug)]
pub struct RunFunctions {
    /// JMeter properties. Read by `__P` and its relatives only; a lock is enough, since writes
    /// (`__setProperty`) are rare and readers do not block each other.
    properties: RwLock<BTreeMap<String, String>>,
    /// The counters of `__counter(FALSE)`, by [`CallId`].
    counters: Box<[AtomicU64]>,
    /// Wall time at the start of the run, in milliseconds since 1970.
    wall_start_ms: i64,
    /// The zone in which `__time` prints.
    time_zone: TimeZone,
    /// The files that functions may read.
    files: FileAccess,
}

impl RunFunctions {
    /// The state at the start of a run: `properties` as given with `-J` and `--property`,
    /// `call_count` the number of calls in the program, `wall_start_ms` the wall time at the start
    /// of the run in milliseconds since 1970.
    #[must_use]
    pub fn new(
        properties: BTreeMap<String, String>,
        call_count: usize,
        wall_start_ms: i64,
        time_zone: TimeZone,
    ) -> Self {
        Self {
            properties: RwLock::new(properties),
            counters: (0..call_count).map(|_| AtomicU64::new(0)).collect(),
            wall_start_ms,
            time_zone,
            files: FileAccess::anywhere(),
        }
    }

    /// The same, reading only the files of `access`.
    #[must_use]
    pub fn with_file_access(mut self, access: FileAccess) -> Self {
        self.files = access;
        self
    }

    pub(crate) const fn files(&self) -> &FileAccess {
        &self.files
    }

    /// The value of the property `name`, if set.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<String> {
        self.read(|properties| properties.get(name).cloned())
    }

    /// Sets the property `name`; returns its former value.
    pub fn set_property(&self, name: &str, value: &str) -> Option<String> {
        self.properties
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name.to_owned(), value.to_owned())
    }

    pub(crate) fn read<R>(&self, read: impl FnOnce(&BTreeMap<String, String>) -> R) -> R {
        read(
            &self
                .properties
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}

/// The functions as one engine thread sees them.
#[derive(Debug)]
pub struct Functions {
    run: Arc<RunFunctions>,
    parsed: RefCell<ParsedTexts>,
    depth: Cell<u32>,
    fault: RefCell<Option<FunctionError>>,
}

impl Functions {
    /// The functions of one engine thread of `run`.
    #[must_use]
    pub fn new(run: Arc<RunFunctions>) -> Self {
        Self {
            run,
            parsed: RefCell::default(),
            depth: Cell::new(0),
            fault: RefCell::default(),
        }
    }

    /// What the whole run shares.
    #[must_use]
    pub fn run(&self) -> &RunFunctions {
        &self.run
    }

    /// The first error of a function since this was last asked. JMeter throws an exception then,
    /// which ends the sample without a result.
    pub fn take_fault(&self) -> Option<FunctionError> {
        self.fault.borrow_mut().take()
    }
}

impl Default for Functions {
    /// No properties, no counters, a run that starts in 1970, UTC.
    fn default() -> Self {
        Self::new(Arc::new(RunFunctions::new(
            BTreeMap::new(),
            0,
            0,
            TimeZone::UTC,
        )))
    }
}

/// The state of function calls that each virtual user has for itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PerUserCalls {
    /// The counters of `__counter(TRUE)`; a plan has few, so a list is enough.
    counters: Vec<(CallId, u64)>,
}

impl PerUserCalls {
    /// Steps the counter of `call`; the first value is 1.
    fn step(&mut self, call: CallId) -> u64 {
        if let Some((_, count)) = self.counters.iter_mut().find(|(known, _)| *known == call) {
            *count += 1;
            return *count;
        }
        if call != CallId::DYNAMIC {
            self.counters.push((call, 1));
        }
        1
    }
}

/// Why a function has no value; JMeter throws an exception.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{function}: {problem}")]
pub struct FunctionError {
    /// Name of the function.
    pub function: &'static str,
    /// What is wrong, with the value.
    pub problem: String,
}

/// Appends the value of `call` to `out`; an error is noted for [`Functions::take_fault`] and
/// appends nothing.
pub(crate) fn call(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    let start = out.len();
    if let Err(problem) = evaluate(call, scope, out) {
        out.truncate(start);
        scope
            .functions
            .fault
            .borrow_mut()
            .get_or_insert(FunctionError {
                function: call.function,
                problem,
            });
    }
}

fn evaluate(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) -> Result<(), String> {
    match call.function {
        "__P" => property::read_short(call, scope, out),
        "__property" => property::read(call, scope, out),
        "__setProperty" => property::write(call, scope, out),
        "__isPropDefined" => property::is_defined(call, scope, out),
        "__isVarDefined" => evaluation::is_defined(call, scope, out),
        "__V" => evaluation::variable(call, scope, out),
        "__eval" => evaluation::text(call, scope, out)?,
        "__evalVar" => evaluation::variable_text(call, scope, out)?,
        "__time" => time::now(call, scope, out)?,
        "__Random" => random::number(call, scope, out)?,
        "__RandomString" => random::string(call, scope, out)?,
        "__RandomFromMultipleVars" => random::from_variables(call, scope, out)?,
        "__UUID" => random::uuid(scope, out),
        "__threadNum" => print(out, scope.identity.thread_number),
        "__threadGroupName" => out.extend_from_slice(scope.identity.group_name.as_bytes()),
        "__samplerName" => {
            let start = out.len();
            out.extend_from_slice(scope.sampler_name.as_bytes());
            store(call, 0, scope, &out[start..]);
        }
        "__counter" => counter(call, scope, out),
        "__intSum" => text::int_sum(call, scope, out)?,
        "__longSum" => text::long_sum(call, scope, out)?,
        "__split" => text::split(call, scope, out),
        "__changeCase" => text::change_case(call, scope, out),
        "__urlencode" => text::url_encode(call, scope, out),
        "__urldecode" => text::url_decode(call, scope, out)?,
        "__FileToString" => file::content(call, scope, out)?,
        "__unescapeHtml" => {
            out.extend_from_slice(decode_entities(&argument(call, 0, scope)).as_bytes());
        }
        "__char" => text::characters(call, scope, out),
        "__log" => out.extend_from_slice(argument(call, 0, scope).as_bytes()),
        "__logn" => {}
        other => return Err(format!("{other} is not evaluated by this engine")),
    }
    Ok(())
}

fn counter(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    let start = out.len();
    let per_user = argument(call, 0, scope).eq_ignore_ascii_case("true");
    let value = if per_user {
        scope.per_user.step(call.id)
    } else {
        match scope.functions.run.counters.get(call.id.0 as usize) {
            Some(counter) => counter.fetch_add(1, Ordering::Relaxed) + 1,
            None => 1,
        }
    };
    print(out, value);
    store(call, 1, scope, &out[start..]);
}

/// The parameter at `index`, evaluated; empty when it is not given.
fn argument<'c>(call: &'c Call, index: usize, scope: &mut Scope<'_>) -> Cow<'c, str> {
    match call.parameters.get(index) {
        None => Cow::Borrowed(""),
        Some(template) => scope.text_of(template),
    }
}

/// Stores `value` in the variable that the parameter at `index` names, if it names one.
fn store(call: &Call, index: usize, scope: &mut Scope<'_>, value: &[u8]) {
    if call.parameters.len() <= index {
        return;
    }
    let name = argument(call, index, scope);
    let name = java_trim(&name);
    if !name.is_empty() {
        let value = String::from_utf8_lossy(value);
        scope.variables.set_by_name(name, &value);
    }
}

/// Java's `String.trim`: everything up to U+0020 goes.
fn java_trim(text: &str) -> &str {
    text.trim_matches(|character| character <= ' ')
}

/// Appends a value as it prints.
fn print(out: &mut Vec<u8>, value: impl std::fmt::Display) {
    write!(out, "{value}").expect("a vector takes all that is written");
}

#[cfg(test)]
mod tests;
