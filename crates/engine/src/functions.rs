//! JMeter's functions: `${__name(parameters)}`.
//!
//! A call appends its value to the text that is being rendered. Parameters are evaluated when the
//! function asks for them, in JMeter's order, and are not trimmed unless JMeter's function does.
//!
//! Not here: which functions exist and how many parameters they take (the plan's function table).

mod csv_read;
mod date_fields;
mod date_parse;
mod date_pattern;
mod date_shift;
mod digest;
mod escape;
mod evaluation;
mod feedback;
mod fifo;
mod file;
mod iso_duration;
mod line_file;
mod machine;
mod plugin;
mod previous_result;
mod property;
mod random;
mod text;
mod time;
mod xpath_file;

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::mem::offset_of;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use jiff::tz::TimeZone;
use loadline_plan::program::{Call, CallId};

use self::csv_read::{OpenTable, Tables};
use self::evaluation::ParsedTexts;
use self::fifo::HeldTexts;
use self::line_file::LineFiles;
pub(crate) use self::text::form_encode;
use self::xpath_file::NodeLists;
use crate::assertion::SeenResults;
use crate::current_sampler::CurrentSampler;
use crate::extract::Patterns;
use crate::fifo::Fifos;
use crate::properties::Properties;
use crate::scripts::{self, Catalogue, ScriptCache, ScriptLines, ScriptNotes, UserScripts};
use crate::settings::Settings;
use crate::system_properties::SystemProperties;
use crate::{FileAccess, Scope};

/// What the functions of a whole run share, on all engine threads.
#[derive(Debug)]
pub struct RunFunctions {
    properties: Properties,
    /// Scripts of the plan's elements.
    scripts: Catalogue,
    /// Most users of each thread group, by its name.
    users_of_groups: OnceLock<BTreeMap<Box<str>, i32>>,
    /// The counters of `__counter(FALSE)`, by [`CallId`].
    counters: Box<[AtomicU64]>,
    /// Wall time at the start of the run, in milliseconds since 1970.
    wall_start_ms: i64,
    /// The zone of dates and times that name none.
    time_zone: TimeZone,
    system_properties: SystemProperties,
    /// The files that functions may read and write.
    files: FileAccess,
    /// Where relative names of some functions are looked for, beside the working directory.
    plan_folder: PathBuf,
    /// The plan's file name; empty for a plan that has none.
    plan_name: String,
    settings: Settings,
    tables: Tables,
    line_files: LineFiles,
    node_lists: NodeLists,
    fifos: Fifos,
    /// Held while a file is written.
    writing: Mutex<()>,
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
            settings: Settings::of(&properties),
            properties: Properties::new(properties),
            scripts: Catalogue::default(),
            users_of_groups: OnceLock::new(),
            counters: (0..call_count).map(|_| AtomicU64::new(0)).collect(),
            wall_start_ms,
            system_properties: SystemProperties::new(BTreeMap::new(), &time_zone),
            time_zone,
            files: FileAccess::anywhere(),
            plan_folder: PathBuf::new(),
            plan_name: String::new(),
            tables: Tables::default(),
            line_files: LineFiles::default(),
            node_lists: NodeLists::default(),
            fifos: Fifos::default(),
            writing: Mutex::new(()),
        }
    }

    /// The same for a plan whose file is `name` in `folder`; an empty name for a plan without file.
    #[must_use]
    pub fn of_plan(mut self, folder: PathBuf, name: String) -> Self {
        self.plan_folder = folder;
        self.plan_name = name;
        self
    }

    /// The same, using only the files of `access`.
    #[must_use]
    pub fn with_file_access(mut self, access: FileAccess) -> Self {
        self.files = access;
        self
    }

    pub(crate) const fn files(&self) -> &FileAccess {
        &self.files
    }

    /// The queues between users.
    pub(crate) const fn fifos(&self) -> &Fifos {
        &self.fifos
    }

    /// Lets one write at a time.
    pub(crate) fn writing(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same with these system properties of Java.
    pub(crate) fn with_system_properties(mut self, given: BTreeMap<String, String>) -> Self {
        self.system_properties = SystemProperties::new(given, &self.time_zone);
        self
    }

    /// The value of the property `name`, if set; else the system property of that name, which JMeter has for a default.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<String> {
        let set = self.properties.get(name);
        set.or_else(|| self.system_property(name))
    }

    /// The value of a system property of Java.
    pub(crate) fn system_property(&self, name: &str) -> Option<String> {
        self.system_properties.get(name)
    }

    /// Sets the property `name`; returns its former value.
    pub fn set_property(&self, name: &str, value: &str) -> Option<String> {
        self.properties.set(name, value)
    }

    pub(crate) const fn properties(&self) -> &Properties {
        &self.properties
    }

    /// The same with the scripts of a plan, which share the properties with the functions.
    pub(crate) fn with_scripts(mut self, scripts: Catalogue) -> Self {
        self.properties = self.properties.shared();
        self.scripts = scripts;
        self
    }

    pub(crate) const fn scripts(&self) -> &Catalogue {
        &self.scripts
    }

    /// Says once how many users the thread groups have.
    pub(crate) fn tell_users_of_groups(&self, users: BTreeMap<Box<str>, i32>) {
        let _ = self.users_of_groups.set(users);
    }

    pub(crate) fn users_of_group(&self, name: &str) -> i32 {
        let users = self.users_of_groups.get();
        users
            .and_then(|users| users.get(name))
            .copied()
            .unwrap_or(0)
    }

    /// The zone of dates and times that name none.
    pub(crate) fn time_zone(&self) -> &TimeZone {
        &self.time_zone
    }

    pub(crate) fn plan_folder(&self) -> &Path {
        &self.plan_folder
    }

    pub(crate) fn plan_name(&self) -> &str {
        &self.plan_name
    }

    /// Wall time at the start of the run, in milliseconds since 1970.
    pub(crate) const fn wall_start_ms(&self) -> i64 {
        self.wall_start_ms
    }
}

/// The functions as one engine thread sees them.
#[derive(Debug)]
pub struct Functions {
    run: Arc<RunFunctions>,
    parsed: RefCell<ParsedTexts>,
    patterns: Patterns,
    depth: Cell<u32>,
    fault: RefCell<Option<FunctionError>>,
    /// Scripts with references, as this engine thread has compiled them.
    pub(crate) script_cache: ScriptCache,
    /// What scripts had to say.
    pub(crate) script_notes: ScriptNotes,
    /// What they log and print.
    pub(crate) script_lines: ScriptLines,
}

impl Functions {
    /// The functions of one engine thread of `run`.
    #[must_use]
    pub fn new(run: Arc<RunFunctions>) -> Self {
        Self {
            run,
            parsed: RefCell::default(),
            patterns: Patterns::default(),
            depth: Cell::new(0),
            fault: RefCell::default(),
            script_cache: ScriptCache::default(),
            script_notes: ScriptNotes::default(),
            script_lines: ScriptLines::default(),
        }
    }

    /// Patterns that were compiled on this engine thread.
    pub(crate) fn patterns(&self) -> &Patterns {
        &self.patterns
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

    /// Whether there has been an error of a function since [`Self::take_fault`].
    #[must_use]
    pub fn has_fault(&self) -> bool {
        self.fault.borrow().is_some()
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
///
/// In this order in memory: what is asked for each request stands first and together.
#[derive(Clone, Debug, Default)]
#[repr(C)]
pub struct PerUserCalls {
    /// The sampler at work, where something looks at it or changes it.
    pub(crate) sampler: Option<Box<CurrentSampler>>,
    /// What scripts remember; absent until one has run.
    pub(crate) scripts: Option<Box<UserScripts>>,
    /// Iterations begun, for `__iterationNum`.
    pub(crate) iterations: u32,
    /// Whether a function said that the user ends.
    must_end: bool,
    /// The counters of `__counter(TRUE)`; a plan has few, so a list is enough.
    counters: Vec<(CallId, u64)>,
    /// The tables of `__CSVRead` with the user's rows.
    tables: Vec<OpenTable>,
    /// What was taken out of queues for the texts of the present sampler.
    pub(crate) held: HeldTexts,
    /// What Compare Assertions have seen.
    pub(crate) seen: SeenResults,
}

impl PerUserCalls {
    /// Bytes at its beginning that every request needs.
    pub(crate) const NEEDED_BYTES: usize = offset_of!(Self, counters);

    /// The user begins an iteration of its thread group.
    pub(crate) fn start_iteration(&mut self) {
        self.iterations = self.iterations.saturating_add(1);
    }

    /// Whether a function has ended the user: the files of `__StringFromFile` are all read.
    pub(crate) const fn must_end(&self) -> bool {
        self.must_end
    }

    /// The user ends: what it is to do next cannot be told.
    pub(crate) fn end(&mut self) {
        self.must_end = true;
    }

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
    /// What JMeter throws, where that is known.
    pub thrown: Option<Exception>,
}

impl FunctionError {
    /// The exception as Java prints it, or else what is wrong.
    pub(crate) fn in_java(&self) -> String {
        match &self.thrown {
            Some(Exception { class, message }) => format!("{class}: {message}"),
            None => self.to_string(),
        }
    }
}

/// An exception of Java.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// Its class with its package.
    pub class: &'static str,
    /// What it says.
    pub message: String,
}

/// Why a function has no value.
#[derive(Debug, Default)]
struct Problem {
    words: String,
    thrown: Option<Exception>,
    ends_user: bool,
}

impl Problem {
    /// What is wrong in our `words`, and the exception of Java's of this `class` and `message`.
    fn thrown(words: String, class: &'static str, message: String) -> Self {
        Self {
            words,
            thrown: Some(Exception { class, message }),
            ends_user: false,
        }
    }

    /// The `text` is none of the numbers that Java reads: `words` say which.
    fn no_number(text: &str, words: &str) -> Self {
        Self::thrown(
            format!("`{text}` is not {words}"),
            "java.lang.NumberFormatException",
            format!("For input string: \"{text}\""),
        )
    }

    /// Something is wrong, for which the user ends.
    fn ending_user(words: String) -> Self {
        Self {
            ends_user: true,
            ..Self::from(words)
        }
    }
}

impl From<String> for Problem {
    fn from(words: String) -> Self {
        Self {
            words,
            ..Self::default()
        }
    }
}

/// Appends the value of `call` to `out`; an error is noted for [`Functions::take_fault`] and
/// appends nothing.
pub(crate) fn call(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    let start = out.len();
    if let Err(problem) = evaluate(call, scope, out) {
        out.truncate(start);
        scope.per_user.must_end |= problem.ends_user;
        scope
            .functions
            .fault
            .borrow_mut()
            .get_or_insert(FunctionError {
                function: call.function,
                problem: problem.words,
                thrown: problem.thrown,
            });
    }
}

fn evaluate(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) -> Result<(), Problem> {
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
        "__groovy" | "__jexl3" | "__jexl2" | "__BeanShell" | "__javaScript" => {
            let script = argument(call, 0, scope);
            let start = out.len();
            if scripts::evaluate(call.function, &script, scope, out)? {
                store(call, 1, scope, &out[start..]);
            }
        }
        "__counter" => counter(call, scope, out),
        "__intSum" => text::int_sum(call, scope, out)?,
        "__longSum" => text::long_sum(call, scope, out)?,
        "__split" => text::split(call, scope, out),
        "__changeCase" => text::change_case(call, scope, out),
        "__urlencode" => text::url_encode(call, scope, out),
        "__urldecode" => text::url_decode(call, scope, out)?,
        "__FileToString" => file::content(call, scope, out)?,
        "__unescapeHtml" => escape::from_html(call, scope, out),
        "__char" => text::characters(call, scope, out),
        "__log" => out.extend_from_slice(argument(call, 0, scope).as_bytes()),
        "__logn" => {}
        "__CSVRead" => csv_read::read(call, scope, out)?,
        "__RandomDate" => date_shift::random(call, scope, out)?,
        "__StringFromFile" => line_file::next_line(call, scope, out)?,
        "__StringToFile" => file::write(call, scope, out)?,
        "__TestPlanName" => plan_name(scope, out),
        "__XPath" => xpath_file::next_node(call, scope, out)?,
        "__dateTimeConvert" => date_shift::convert(call, scope, out)?,
        "__digest" => digest::digest(call, scope, out),
        "__escapeHtml" => escape::html(call, scope, out),
        "__escapeOroRegexpChars" => escape::regex(call, scope, out),
        "__escapeXml" => escape::xml(call, scope, out),
        "__machineIP" => machine::address(call, scope, out)?,
        "__machineName" => machine::name(call, scope, out),
        "__regexFunction" => previous_result::search(call, scope, out)?,
        "__timeShift" => date_shift::shift(call, scope, out)?,
        "__unescape" => escape::java(call, scope, out)?,
        "__MD5" => digest::md5(call, scope, out),
        "__base64Decode" => plugin::base64_decode(call, scope, out),
        "__base64Encode" => plugin::base64_encode(call, scope, out),
        "__caseFormat" => plugin::case_format(call, scope, out),
        "__chooseRandom" => plugin::choose(call, scope, out),
        "__doubleSum" => plugin::sum(call, scope, out)?,
        "__env" => machine::environment(call, scope, out),
        "__if" => plugin::either(call, scope, out),
        "__isDefined" => plugin::is_defined(call, scope, out),
        "__iterationNum" => print(out, scope.per_user.iterations),
        "__lowercase" => plugin::lower(call, scope, out),
        "__strLen" => plugin::length(call, scope, out),
        "__strReplace" => plugin::replace(call, scope, out),
        "__strReplaceRegex" => plugin::replace_regex(call, scope, out)?,
        "__substring" => plugin::substring(call, scope, out)?,
        "__uppercase" => plugin::upper(call, scope, out),
        "__fifoGet" => fifo::get(call, scope, out),
        "__fifoPop" => fifo::pop(call, scope, out)?,
        "__fifoPut" => fifo::put(call, scope, out),
        "__fifoSize" => fifo::size(call, scope, out),
        "__tstFeedback" => feedback::users(call, scope, out)?,
        other => return Err(format!("{other} is not evaluated by this engine").into()),
    }
    Ok(())
}

/// `__TestPlanName`: JMeter's own words for a plan without a file.
fn plan_name(scope: &Scope<'_>, out: &mut Vec<u8>) {
    let name = match scope.functions.run.plan_name.as_str() {
        "" => "Save Test plan before calling __TestPlanName function",
        name => name,
    };
    out.extend_from_slice(name.as_bytes());
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
    store_as(java_trim(&name), scope, value);
}

/// Stores `value` in the variable `name`, unless the name is empty.
fn store_as(name: &str, scope: &mut Scope<'_>, value: &[u8]) {
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

/// `date` by a pattern of Java's `DateTimeFormatter`.
///
/// # Errors
///
/// The pattern's fault.
pub fn date_text(pattern: &str, date: &jiff::Zoned) -> Result<String, String> {
    let mut text = Vec::new();
    let moment = date_fields::Moment::of(date);
    date_pattern::format(pattern, &moment, &mut text)
        .map_err(date_pattern::DateFault::into_text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

#[cfg(test)]
mod answers;
#[cfg(test)]
mod tests;
