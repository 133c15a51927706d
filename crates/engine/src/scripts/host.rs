//! What scripts reach of a virtual user: its variables and properties, its results, files and time.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use jiff::tz::TimeZone;
use loadline_events::{ErrorKind, ScriptLevel, ScriptLine};
use loadline_plan::program::Slot;
use loadline_plan::{ScriptFamily, ScriptRole};
use loadline_script::{
    AssertionField, FileFacts, Host, JsonPathProblem, LogLevel, Map, NameValue, NewResult, Request,
    ResultField, ResultRole, SamplerField, ScriptCookie, ThreadField, Value, java_string,
};
use rand::RngExt as _;

use super::memory::{UserScripts, Wishes};
use super::problems::thread_name;
use super::{result_fields, sampler_fields, sub_results};
use crate::assertion::AssertionOutcome;
use crate::csv::resolve;
use crate::extract::{JsonPath, compact, parse_json};
use crate::{Outcome, Scope};

/// Largest file that a script reads, in bytes.
const MAX_BYTES: u64 = 64 << 20;

/// The results that a script sees.
pub(crate) enum Results<'h> {
    /// The previous sampler's only.
    Previous,
    /// The one that it makes, and the previous sampler's.
    Made(&'h mut Outcome),
    /// The present one: it is the previous result and the script's own.
    Present(&'h mut Outcome),
}

/// Whose log the lines of a script are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Logger {
    /// An element's.
    Element(ScriptFamily, ScriptRole),
    /// A function's, such as `__groovy`.
    Function(&'static str),
    /// That of an If Controller, whose script sees none of JMeter's objects.
    Condition,
}

impl Logger {
    /// The name as JMeter's log shortens it, for the element `name`.
    pub(crate) fn name(self, name: &str) -> String {
        let package = match self {
            Self::Element(ScriptFamily::BeanShell, _) => {
                return "o.a.j.u.BeanShellTestElement".to_owned();
            }
            Self::Element(ScriptFamily::Own, _) => return format!("script.{name}"),
            Self::Element(ScriptFamily::Bsf, role) => {
                return format!("{}.BSF{}", short_package(role), role.word());
            }
            Self::Element(ScriptFamily::Jsr223, role) => short_package(role),
            Self::Condition => return "o.a.j.c.IfController".to_owned(),
            Self::Function(function) => {
                let class = match function {
                    "__BeanShell" => "BeanShell",
                    "__jexl2" => "Jexl2Function",
                    "__jexl3" => "Jexl3Function",
                    "__javaScript" => "JavaScript",
                    _ => "Groovy",
                };
                return format!("o.a.j.f.{class}");
            }
        };
        format!("{package}.J.{name}")
    }

    /// The name that the logger gives itself.
    fn whole_name(self, name: &str) -> String {
        match self {
            Self::Element(ScriptFamily::Jsr223, role) => {
                format!("{}.JSR223{}.{name}", package(role), role.word())
            }
            Self::Element(ScriptFamily::Bsf, role) => {
                format!("{}.BSF{}", package(role), role.word())
            }
            Self::Element(ScriptFamily::BeanShell, _) => {
                "org.apache.jmeter.util.BeanShellTestElement".to_owned()
            }
            _ => {
                let short = self.name(name);
                short
                    .replacen("o.a.j.f.", "org.apache.jmeter.functions.", 1)
                    .replacen("o.a.j.c.", "org.apache.jmeter.control.", 1)
            }
        }
    }
}

/// The package of a script element of this role, as JMeter's log shortens it.
const fn short_package(role: ScriptRole) -> &'static str {
    match role {
        ScriptRole::Sampler => "o.a.j.p.j.s",
        ScriptRole::PreProcessor => "o.a.j.m",
        ScriptRole::PostProcessor => "o.a.j.e",
        ScriptRole::Assertion => "o.a.j.a",
        ScriptRole::Timer => "o.a.j.t",
        ScriptRole::Listener => "o.a.j.v",
    }
}

/// The same in full.
const fn package(role: ScriptRole) -> &'static str {
    match role {
        ScriptRole::Sampler => "org.apache.jmeter.protocol.java.sampler",
        ScriptRole::PreProcessor => "org.apache.jmeter.modifiers",
        ScriptRole::PostProcessor => "org.apache.jmeter.extractor",
        ScriptRole::Assertion => "org.apache.jmeter.assertions",
        ScriptRole::Timer => "org.apache.jmeter.timers",
        ScriptRole::Listener => "org.apache.jmeter.visualizers",
    }
}

/// One user while a script of it runs.
pub(crate) struct UserHost<'h, 'a> {
    pub(crate) scope: &'h mut Scope<'a>,
    pub(crate) results: Results<'h>,
    /// Of an assertion: what it says so far.
    pub(crate) verdict: Option<AssertionOutcome>,
    /// Name of the element.
    pub(crate) name: &'h str,
    /// Whose log its lines are.
    pub(crate) logger: Logger,
    pub(crate) file: &'h str,
    pub(crate) parameters: Arc<str>,
    /// Names that the element binds beside those of all.
    pub(crate) bindings: Vec<(&'static str, Value)>,
}

impl UserHost<'_, '_> {
    fn memory(&mut self) -> &mut UserScripts {
        self.scope.per_user.scripts.get_or_insert_default()
    }

    pub(crate) fn wishes(&mut self) -> &mut Wishes {
        &mut self.memory().wishes
    }

    fn outcome(&self, role: ResultRole) -> Option<&Outcome> {
        match (&self.results, role) {
            (Results::Present(outcome), _) | (Results::Made(outcome), ResultRole::Current) => {
                Some(outcome)
            }
            _ => self.scope.previous,
        }
    }

    /// The result that a script may change.
    fn changed(&mut self, role: ResultRole) -> Option<(&mut Outcome, ErrorKind)> {
        match (&mut self.results, role) {
            (Results::Present(outcome), _) => Some((outcome, ErrorKind::Assertion)),
            (Results::Made(outcome), ResultRole::Current) => Some((outcome, ErrorKind::Status)),
            // The previous result is recorded already.
            _ => None,
        }
    }

    fn note_recorded(&self) {
        self.note("changes a result that is recorded already");
    }

    fn wall_start_ms(&self) -> i64 {
        self.scope.functions.run().wall_start_ms()
    }

    /// The label of a result.
    fn label(&mut self, role: ResultRole) -> Value {
        let is_present = match self.results {
            Results::Present(_) => true,
            Results::Made(_) => role == ResultRole::Current,
            Results::Previous => false,
        };
        let sampler_name = self.scope.sampler_name;
        let memory = self.memory();
        match (&memory.wishes.label, is_present) {
            (Some(label), true) => Value::from(label.as_str()),
            (None, true) => Value::from(sampler_name),
            (_, false) => Value::from(memory.previous_label.as_str()),
        }
    }

    fn thread_name(&self) -> String {
        thread_name(self.scope.identity)
    }

    /// Says something in the log of the run's scripts.
    fn say(&self, level: ScriptLevel, logger: String, text: &str) {
        self.scope.functions.script_lines.add(ScriptLine {
            at: self.scope.clock.now(),
            level,
            thread: self.thread_name(),
            logger,
            text: text.to_owned(),
        });
    }

    /// Where the file is that a script calls `path`.
    fn resolve(&self, path: &str) -> PathBuf {
        resolve(self.scope.functions.run().plan_folder(), path)
    }

    /// Where it is, if the plan may read it.
    fn readable(&self, path: &str) -> Option<PathBuf> {
        let path = self.resolve(path);
        self.scope.functions.run().files().check(&path).ok()?;
        Some(path)
    }

    /// Where it is, if the plan may write it.
    fn writable(&self, path: &str) -> Option<PathBuf> {
        let path = self.resolve(path);
        let files = self.scope.functions.run().files();
        files.check_to_write(&path).ok()?;
        Some(path)
    }

    fn note(&self, text: &str) {
        let notes = &self.scope.functions.script_notes;
        notes.note(format!("script `{}`: {text}", self.name));
    }

    /// Gives variables with objects that the script may have changed the texts that stand for them now.
    pub(crate) fn retell_objects(&mut self) {
        let Some(memory) = &mut self.scope.per_user.scripts else {
            return;
        };
        for (name, value, former) in memory.take_touched() {
            let text = java_string(&value, self);
            if text != former && self.scope.variables.get_by_name(&name) == Some(&former) {
                self.put_text(&name, None, &text);
                self.memory().retell(&name, &text);
            }
        }
    }

    fn put_text(&mut self, name: &str, slot: Option<u32>, text: &str) {
        match slot {
            Some(slot) => self.scope.variables.set(Slot(slot), text),
            None => self.scope.variables.set_by_name(name, text),
        }
    }
}

impl Host for UserHost<'_, '_> {
    fn variable(&mut self, name: &Arc<str>, slot: Option<u32>) -> Option<Value> {
        if let Some(memory) = &mut self.scope.per_user.scripts
            && let Some(object) = memory.object(name, self.scope.variables)
        {
            return Some(object);
        }
        let text = match slot {
            Some(slot) => self.scope.variables.get(Slot(slot)),
            None => self.scope.variables.get_by_name(name),
        };
        text.map(Value::from)
    }

    fn set_variable(&mut self, name: &Arc<str>, slot: Option<u32>, value: Value) {
        if let Some(text) = value.as_text() {
            let text = Arc::clone(text);
            if let Some(memory) = &mut self.scope.per_user.scripts {
                memory.forget(name);
            }
            self.put_text(name, slot, &text);
        } else {
            let text = java_string(&value, self);
            self.put_text(name, slot, &text);
            self.memory().put(name, value, text);
        }
    }

    fn remove_variable(&mut self, name: &str) -> Option<Value> {
        let former = self.variable(&Arc::from(name), None);
        if let Some(memory) = &mut self.scope.per_user.scripts {
            memory.forget(name);
        }
        self.scope.variables.remove_by_name(name);
        former
    }

    fn variables(&mut self) -> Vec<(Arc<str>, Value)> {
        let names: Vec<Arc<str>> = (self.scope.variables.iter())
            .map(|(name, _)| Arc::from(name))
            .collect();
        let values = names.into_iter().filter_map(|name| {
            let value = self.variable(&name, None)?;
            Some((name, value))
        });
        values.collect()
    }

    fn properties(&mut self) -> Arc<Map> {
        self.scope.functions.run().properties().map()
    }

    fn has_result(&mut self, role: ResultRole) -> bool {
        self.outcome(role).is_some()
    }

    fn result(&mut self, role: ResultRole, field: ResultField) -> Value {
        match field {
            ResultField::Label => return self.label(role),
            ResultField::ThreadName => return Value::from(self.thread_name()),
            ResultField::Ignore => return Value::from(self.wishes().ignored),
            ResultField::StopThread => return Value::from(self.wishes().stop_thread),
            ResultField::StopTest => return Value::from(self.wishes().stop_test),
            ResultField::StopTestNow => return Value::from(self.wishes().stop_test_now),
            ResultField::StartNextThreadLoop => return Value::from(self.wishes().next_iteration),
            _ => {}
        }
        let wall_start_ms = self.wall_start_ms();
        match self.outcome(role) {
            Some(outcome) => result_fields::read(outcome, field, wall_start_ms),
            None => Value::Null,
        }
    }

    fn set_result(&mut self, role: ResultRole, field: ResultField, value: Value) {
        let is_on = matches!(value, Value::Bool(true));
        match field {
            ResultField::Label => {
                let label = value.as_text().map(ToString::to_string);
                self.wishes().label = label;
                return;
            }
            ResultField::Ignore => return self.wishes().ignored = true,
            ResultField::StopThread => return self.wishes().stop_thread = is_on,
            ResultField::StopTest => return self.wishes().stop_test = is_on,
            ResultField::StopTestNow => return self.wishes().stop_test_now = is_on,
            ResultField::StartNextThreadLoop => return self.wishes().next_iteration = is_on,
            _ => {}
        }
        let wall_start_ms = self.wall_start_ms();
        let now = self.scope.clock.now() + self.wishes().sleep;
        let Some((outcome, kind)) = self.changed(role) else {
            return self.note_recorded();
        };
        if field == ResultField::Sampling {
            if is_on {
                outcome.started = now;
            }
            outcome.ended = now;
        } else if !result_fields::write(outcome, field, &value, kind, wall_start_ms) {
            self.note(&format!(
                "sets {field:?} of a result, which is not recorded"
            ));
        }
    }

    fn sub_result_count(&mut self, role: ResultRole, path: &[usize]) -> usize {
        let outcome = self.outcome(role);
        let outcome = outcome.and_then(|outcome| sub_results::at(outcome, path));
        outcome.map_or(0, |outcome| outcome.sub_samples.len())
    }

    fn sub_result(&mut self, role: ResultRole, path: &[usize], field: ResultField) -> Value {
        let wall_start_ms = self.wall_start_ms();
        match (field, self.outcome(role)) {
            (ResultField::ThreadName, _) => Value::from(self.thread_name()),
            (_, Some(outcome)) => sub_results::read(outcome, path, field, wall_start_ms),
            (_, None) => Value::Null,
        }
    }

    fn set_sub_result(
        &mut self,
        role: ResultRole,
        path: &[usize],
        field: ResultField,
        value: Value,
    ) {
        let wall_start_ms = self.wall_start_ms();
        let now = self.scope.clock.now() + self.wishes().sleep;
        let Some((outcome, kind)) = self.changed(role) else {
            return self.note_recorded();
        };
        let Some(sub) = sub_results::sample_at(outcome, path) else {
            return;
        };
        if !sub_results::write(sub, (field, &value), (kind, now, wall_start_ms)) {
            self.note(&format!(
                "sets {field:?} of a sub-result, which is not recorded"
            ));
        }
    }

    fn add_sub_result(&mut self, role: ResultRole, path: &[usize], sub: NewResult) {
        let wall_start_ms = self.wall_start_ms();
        let label = match path.is_empty() {
            true => self.result(role, ResultField::Label),
            false => self.sub_result(role, path, ResultField::Label),
        };
        let label = label
            .as_text()
            .map_or_else(String::new, ToString::to_string);
        let Some((outcome, _)) = self.changed(role) else {
            return self.note_recorded();
        };
        if let Some(outcome) = sub_results::at_mut(outcome, path) {
            sub_results::add(outcome, &label, sub, wall_start_ms);
        }
    }

    fn assertions(&mut self, role: ResultRole) -> Vec<(String, bool, bool, String)> {
        let outcome = self.outcome(role);
        let assertions = outcome.map(|outcome| outcome.assertions.as_slice());
        let assertions = assertions.unwrap_or_default().iter();
        let told = assertions.map(|said| {
            let message = said.message.clone().unwrap_or_default();
            (said.name.clone(), said.failure, said.error, message)
        });
        told.collect()
    }

    fn has_assertion(&mut self) -> bool {
        self.verdict.is_some()
    }

    fn has_event(&mut self) -> bool {
        matches!(self.logger, Logger::Element(_, ScriptRole::Listener))
    }

    fn assertion(&mut self, field: AssertionField) -> Value {
        let Some(verdict) = &self.verdict else {
            return Value::Null;
        };
        match field {
            AssertionField::Failure => Value::from(verdict.failed),
            AssertionField::Error => Value::from(verdict.error),
            AssertionField::Message => match &verdict.message {
                Some(message) => Value::from(message.as_str()),
                None => Value::Null,
            },
            AssertionField::Name => Value::from(self.name),
        }
    }

    fn set_assertion(&mut self, field: AssertionField, value: Value) {
        let Some(verdict) = &mut self.verdict else {
            return;
        };
        let is_on = matches!(value, Value::Bool(true));
        match field {
            AssertionField::Failure => verdict.failed = is_on,
            AssertionField::Error => verdict.error = is_on,
            AssertionField::Message => {
                verdict.message = value.as_text().map(ToString::to_string);
            }
            AssertionField::Name => {}
        }
    }

    fn has_sampler(&mut self) -> bool {
        self.scope.per_user.sampler.is_some()
    }

    fn sampler(&mut self, field: SamplerField) -> Value {
        sampler_fields::read(self.scope, field)
    }

    fn set_sampler(&mut self, field: SamplerField, value: Value) {
        if !sampler_fields::write(self.scope, field, &value) {
            self.note(&format!("sets {field:?} of a sampler that has none"));
        }
    }

    fn arguments(&mut self) -> Vec<NameValue> {
        sampler_fields::arguments(self.scope)
    }

    fn set_arguments(&mut self, arguments: Vec<NameValue>) {
        sampler_fields::set_arguments(self.scope, arguments);
    }

    fn headers(&mut self) -> Option<Vec<NameValue>> {
        sampler_fields::headers(self.scope)
    }

    fn set_headers(&mut self, headers: Vec<NameValue>) {
        sampler_fields::set_headers(self.scope, headers);
    }

    fn set_own_headers(&mut self, headers: Vec<NameValue>) {
        sampler_fields::set_own_headers(self.scope, &headers);
    }

    fn cookies(&mut self) -> Option<Vec<ScriptCookie>> {
        self.scope.per_user.sampler.as_ref()?.cookies.clone()
    }

    fn set_cookies(&mut self, cookies: Vec<ScriptCookie>) {
        if let Some(current) = &mut self.scope.per_user.sampler {
            current.cookies = Some(cookies);
            current.has_new_cookies = true;
        }
    }

    fn thread(&mut self, field: ThreadField) -> Value {
        let identity = self.scope.identity;
        let run = self.scope.functions.run();
        match field {
            ThreadField::Number => {
                let number = i32::try_from(identity.thread_number.saturating_sub(1));
                Value::from(number.unwrap_or(i32::MAX))
            }
            ThreadField::Name => Value::from(self.thread_name()),
            ThreadField::GroupName => Value::from(&*identity.group_name),
            ThreadField::GroupThreads => Value::from(run.users_of_group(&identity.group_name)),
            ThreadField::Iteration => {
                let iterations = i32::try_from(self.scope.per_user.iterations);
                Value::from(iterations.unwrap_or(i32::MAX))
            }
            ThreadField::BaseFolder => Value::from(self.absolute_path(".")),
            ThreadField::PlanName => Value::from(run.plan_name()),
        }
    }

    fn request(&mut self, request: Request) {
        let wishes = self.wishes();
        match request {
            Request::StopThread => wishes.stop_thread = true,
            Request::StopTest => wishes.stop_test = true,
            Request::StopTestNow => wishes.stop_test_now = true,
            Request::NextLoop => wishes.next_iteration = true,
        }
    }

    fn has_bindings(&mut self) -> bool {
        !matches!(self.logger, Logger::Condition)
    }

    fn binding(&mut self, name: &str) -> Option<Value> {
        match name {
            "Label" => Some(Value::from(self.name)),
            "FileName" => Some(Value::from(self.file)),
            _ => {
                let mut bindings = self.bindings.iter();
                bindings
                    .find(|(known, _)| *known == name)
                    .map(|(_, value)| value.clone())
            }
        }
    }

    fn parameters(&mut self) -> Arc<str> {
        Arc::clone(&self.parameters)
    }

    fn log(&mut self, level: LogLevel, text: &str) {
        if !self.logs(level) {
            return;
        }
        let level = match level {
            LogLevel::Trace => ScriptLevel::Trace,
            LogLevel::Debug => ScriptLevel::Debug,
            LogLevel::Info => ScriptLevel::Info,
            LogLevel::Warn => ScriptLevel::Warn,
            LogLevel::Error => ScriptLevel::Error,
        };
        if matches!(level, ScriptLevel::Warn | ScriptLevel::Error) {
            // Those are told at the end of the run, too.
            self.note(&format!("{}: {text}", level.word()));
        }
        self.say(level, self.logger.name(self.name), text);
    }

    /// JMeter's log begins at the level `INFO`.
    fn logs(&mut self, level: LogLevel) -> bool {
        matches!(level, LogLevel::Info | LogLevel::Warn | LogLevel::Error)
    }

    fn logger(&mut self) -> String {
        self.logger.whole_name(self.name)
    }

    fn out(&mut self, text: &str) {
        self.say(ScriptLevel::Output, String::new(), text);
    }

    fn now_ms(&mut self) -> i64 {
        let now = self.scope.clock.now() + self.wishes().sleep;
        let ms = i64::try_from(now.as_micros() / 1000).unwrap_or(i64::MAX);
        self.wall_start_ms().saturating_add(ms)
    }

    fn time_zone(&self) -> TimeZone {
        self.scope.functions.run().time_zone().clone()
    }

    fn nanos(&mut self) -> u64 {
        let now = self.scope.clock.now().as_micros();
        now.saturating_mul(1000)
    }

    fn sleep(&mut self, duration: Duration) {
        let wishes = self.wishes();
        wishes.sleep = wishes.sleep.saturating_add(duration);
    }

    fn random(&mut self) -> u64 {
        self.scope.chance.random()
    }

    fn system_property(&mut self, name: &str) -> Option<String> {
        self.scope.functions.run().system_property(name)
    }

    fn file(&mut self, path: &str) -> Option<FileFacts> {
        let facts = std::fs::metadata(self.readable(path)?).ok()?;
        let modified = facts.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(FileFacts {
            is_folder: facts.is_dir(),
            length: facts.len(),
            modified_ms: i64::try_from(modified.as_millis()).unwrap_or(i64::MAX),
        })
    }

    fn read_file(&mut self, path: &str) -> Result<Vec<u8>, String> {
        let Some(path) = self.readable(path) else {
            return Err("Permission denied".to_owned());
        };
        let facts = std::fs::metadata(&path).map_err(|error| java_reason(&error))?;
        if facts.len() > MAX_BYTES {
            return Err(format!("larger than {MAX_BYTES} bytes"));
        }
        std::fs::read(&path).map_err(|error| java_reason(&error))
    }

    fn write_file(&mut self, path: &str, bytes: &[u8], append: bool) -> Result<(), String> {
        let Some(path) = self.writable(path) else {
            return Err("Permission denied".to_owned());
        };
        // Users of several engine threads may write the same file.
        let _alone = self.scope.functions.run().writing();
        let file = std::fs::OpenOptions::new()
            .create(true)
            .write(true)
            .append(append)
            .truncate(!append)
            .open(path);
        file.and_then(|mut file| file.write_all(bytes))
            .map_err(|error| java_reason(&error))
    }

    fn delete_file(&mut self, path: &str) -> bool {
        let Some(path) = self.writable(path) else {
            return false;
        };
        match path.is_dir() {
            true => std::fs::remove_dir(path).is_ok(),
            false => std::fs::remove_file(path).is_ok(),
        }
    }

    fn make_folders(&mut self, path: &str) -> bool {
        let Some(path) = self.writable(path) else {
            return false;
        };
        !path.exists() && std::fs::create_dir_all(path).is_ok()
    }

    fn list_folder(&mut self, path: &str) -> Option<Vec<String>> {
        let entries = std::fs::read_dir(self.readable(path)?).ok()?;
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        Some(names.collect())
    }

    fn absolute_path(&mut self, path: &str) -> String {
        let path = self.resolve(path);
        let absolute = std::path::absolute(&path).unwrap_or(path);
        absolute.display().to_string()
    }

    fn json_path(&mut self, json: &str, path: &str) -> Result<String, JsonPathProblem> {
        let invalid = |problem: String| JsonPathProblem::Invalid(problem);
        let path = JsonPath::parse(path).map_err(|error| invalid(error.to_string()))?;
        let document = parse_json(json).map_err(|error| invalid(error.to_string()))?;
        let found = path.read(&document).map_err(JsonPathProblem::Missing)?;
        Ok(compact(&found))
    }
}

/// The reason of an error in Java's words.
fn java_reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "No such file or directory".to_owned(),
        std::io::ErrorKind::PermissionDenied => "Permission denied".to_owned(),
        std::io::ErrorKind::IsADirectory => "Is a directory".to_owned(),
        _ => error.to_string(),
    }
}
