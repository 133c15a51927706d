//! What an interpreter needs from the world: JMeter's objects, files, time and chance.
//!
//! The crate owns the language; whoever runs scripts implements [`Host`]. [`crate::memory::MemoryHost`] is one without an engine.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::value::{Map, Value};

/// Severity of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// `log.trace`.
    Trace,
    /// `log.debug`.
    Debug,
    /// `log.info`.
    Info,
    /// `log.warn`.
    Warn,
    /// `log.error`.
    Error,
}

impl LogLevel {
    /// The name as JMeter's log has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            LogLevel::Trace => "TRACE",
            LogLevel::Debug => "DEBUG",
            LogLevel::Info => "INFO",
            LogLevel::Warn => "WARN",
            LogLevel::Error => "ERROR",
        }
    }
}

/// Which result a script looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultRole {
    /// `prev`: the sampler before.
    Previous,
    /// `SampleResult` of a sampler script: the one being made. In other elements it is the same as [`ResultRole::Previous`].
    Current,
}

/// A field of a sample result. The comment is the type of value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResultField {
    /// Text.
    Label,
    /// Text.
    Code,
    /// Text.
    Message,
    /// A byte array (see [`Value::from_bytes`]) or text.
    Data,
    /// Boolean.
    Successful,
    /// Text, `text` or `bin`.
    DataType,
    /// Text: a charset.
    DataEncoding,
    /// Text: the media type.
    ContentType,
    /// Text.
    RequestHeaders,
    /// Text.
    ResponseHeaders,
    /// Text.
    SamplerData,
    /// Text; read only.
    RequestBody,
    /// Text, null where the result names none; read only.
    OwnEncoding,
    /// Text.
    Url,
    /// Text.
    ThreadName,
    /// Long, milliseconds.
    Time,
    /// Long, milliseconds to the first byte.
    Latency,
    /// Long, milliseconds.
    ConnectTime,
    /// Long.
    Bytes,
    /// Long.
    SentBytes,
    /// Long.
    HeadersSize,
    /// Long.
    BodySize,
    /// Long, milliseconds since 1970.
    StartTime,
    /// Long, milliseconds since 1970.
    EndTime,
    /// Int.
    SampleCount,
    /// Int.
    ErrorCount,
    /// Int.
    GroupThreads,
    /// Int.
    AllThreads,
    /// Boolean; written by `setIgnore`.
    Ignore,
    /// Boolean; written by `setStopThread`.
    StopThread,
    /// Boolean; written by `setStopTest`.
    StopTest,
    /// Boolean; written by `setStopTestNow`.
    StopTestNow,
    /// Boolean; written by `setStartNextThreadLoop`.
    StartNextThreadLoop,
    /// Boolean, written once by `sampleStart` and `sampleEnd`: true at the start, false at the end.
    Sampling,
}

/// A result that a script has made.
#[derive(Clone, Debug, Default)]
pub struct NewResult {
    /// What the script has said of it, each field once.
    pub fields: Vec<(ResultField, Value)>,
    /// Its own sub-results; they have their labels.
    pub sub_results: Vec<NewResult>,
    /// Whether its label becomes that of the result with its number.
    pub is_renamed: bool,
    /// Whether size and end of the result become those of both.
    pub adds_up: bool,
}

/// A field of an assertion's result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AssertionField {
    /// Boolean.
    Failure,
    /// Boolean.
    Error,
    /// Text.
    Message,
    /// Text.
    Name,
}

/// A field of the current sampler or its surroundings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SamplerField {
    /// Text.
    Name,
    /// Text.
    Method,
    /// Text.
    Path,
    /// Text.
    Domain,
    /// Int.
    Port,
    /// Text.
    Protocol,
    /// Text.
    ContentEncoding,
    /// Text: the whole address.
    Url,
    /// Boolean.
    FollowRedirects,
    /// Boolean.
    AutoRedirects,
    /// Boolean.
    KeepAlive,
    /// Boolean.
    PostBodyRaw,
    /// Boolean.
    Multipart,
    /// Int, milliseconds.
    ConnectTimeout,
    /// Int, milliseconds.
    ResponseTimeout,
    /// Text: the arguments as in a query. Read only.
    QueryString,
}

/// A field of the thread a script runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ThreadField {
    /// Int, from 0.
    Number,
    /// Text.
    Name,
    /// Text: the thread group's name.
    GroupName,
    /// Int: threads of the group.
    GroupThreads,
    /// Int: the iteration, from 1.
    Iteration,
    /// Text: the folder of the plan.
    BaseFolder,
    /// Text: the file name of the plan.
    PlanName,
}

/// What a script asks the test to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// `ctx.getThread().stop()`.
    StopThread,
    /// `ctx.getEngine().askThreadsToStop()`.
    StopTest,
    /// `ctx.getEngine().stopTest(true)`.
    StopTestNow,
    /// `ctx.setRestartNextLoop(true)` and `setStartNextThreadLoop`.
    NextLoop,
}

/// A line of a sampler's arguments or headers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameValue {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
    /// For arguments: whether the value is to be encoded.
    pub encode: bool,
}

/// A cookie of the user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScriptCookie {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
    /// The domain.
    pub domain: String,
    /// The path.
    pub path: String,
    /// Only for TLS.
    pub secure: bool,
    /// Seconds since 1970; 0 for the session.
    pub expires: i64,
}

/// Why a JSONPath reads nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonPathProblem {
    /// The path or the text is malformed.
    Invalid(String),
    /// The text has no such place.
    Missing(String),
}

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileFacts {
    /// A folder.
    pub is_folder: bool,
    /// Bytes.
    pub length: u64,
    /// Milliseconds since 1970.
    pub modified_ms: i64,
}

/// Everything that scripts reach outside of themselves.
///
/// Methods with a body have the answer of a host without that object. `slot` is the host's own number for a variable's name, if the
/// script was given one (see [`crate::Script::with_slots`]).
pub trait Host {
    /// The value of a JMeter variable; `None` when it is not set.
    fn variable(&mut self, name: &Arc<str>, slot: Option<u32>) -> Option<Value>;
    /// Sets a JMeter variable. `vars.put` gives text, `vars.putObject` any value.
    fn set_variable(&mut self, name: &Arc<str>, slot: Option<u32>, value: Value);
    /// Removes a JMeter variable and gives its value.
    fn remove_variable(&mut self, name: &str) -> Option<Value>;
    /// All JMeter variables of the user.
    fn variables(&mut self) -> Vec<(Arc<str>, Value)>;
    /// The properties, shared by all users.
    fn properties(&mut self) -> Arc<Map>;

    /// Whether there is such a result.
    fn has_result(&mut self, _role: ResultRole) -> bool {
        false
    }
    /// A field of a result; null when it has none.
    fn result(&mut self, _role: ResultRole, _field: ResultField) -> Value {
        Value::Null
    }
    /// Writes a field of a result.
    fn set_result(&mut self, _role: ResultRole, _field: ResultField, _value: Value) {}
    /// How many sub-results a result has, or its sub-result at the place that `path` leads to.
    fn sub_result_count(&mut self, _role: ResultRole, _path: &[usize]) -> usize {
        0
    }
    /// A field of a sub-result; null when it has none.
    fn sub_result(&mut self, _role: ResultRole, _path: &[usize], _field: ResultField) -> Value {
        Value::Null
    }
    /// Writes a field of a sub-result.
    fn set_sub_result(
        &mut self,
        _role: ResultRole,
        _path: &[usize],
        _field: ResultField,
        _value: Value,
    ) {
    }
    /// Adds a sub-result behind the others of a result, or of its sub-result at the place that `path` leads to.
    fn add_sub_result(&mut self, _role: ResultRole, _path: &[usize], _sub: NewResult) {}
    /// Assertions of a result: name, failure, error and message.
    fn assertions(&mut self, _role: ResultRole) -> Vec<(String, bool, bool, String)> {
        Vec::new()
    }
    /// Whether the script is an assertion's.
    fn has_assertion(&mut self) -> bool {
        false
    }
    /// Whether the script is a listener's.
    fn has_event(&mut self) -> bool {
        false
    }
    /// A field of the assertion's result.
    fn assertion(&mut self, _field: AssertionField) -> Value {
        Value::Null
    }
    /// Writes a field of the assertion's result.
    fn set_assertion(&mut self, _field: AssertionField, _value: Value) {}

    /// Whether there is a current sampler.
    fn has_sampler(&mut self) -> bool {
        false
    }
    /// A field of the sampler.
    fn sampler(&mut self, _field: SamplerField) -> Value {
        Value::Null
    }
    /// Writes a field of the sampler.
    fn set_sampler(&mut self, _field: SamplerField, _value: Value) {}
    /// The sampler's arguments.
    fn arguments(&mut self) -> Vec<NameValue> {
        Vec::new()
    }
    /// Replaces the sampler's arguments.
    fn set_arguments(&mut self, _arguments: Vec<NameValue>) {}
    /// Headers of the sampler's header manager; `None` when it has none.
    fn headers(&mut self) -> Option<Vec<NameValue>> {
        None
    }
    /// Replaces the headers of the header manager.
    fn set_headers(&mut self, _headers: Vec<NameValue>) {}
    /// Gives the sampler a header manager with these headers for this sample, merged into the one that it has.
    fn set_own_headers(&mut self, _headers: Vec<NameValue>) {}
    /// The user's cookies; `None` without a cookie manager.
    fn cookies(&mut self) -> Option<Vec<ScriptCookie>> {
        None
    }
    /// Replaces the cookies.
    fn set_cookies(&mut self, _cookies: Vec<ScriptCookie>) {}

    /// A field of the thread.
    fn thread(&mut self, field: ThreadField) -> Value;
    /// Passes a wish of the script on.
    fn request(&mut self, _request: Request) {}

    /// Whether the script sees JMeter's objects. The condition of an If Controller sees none.
    fn has_bindings(&mut self) -> bool {
        true
    }
    /// `Label`, `FileName` and the element's own bindings, such as `data`; `None` for names that the element does not bind.
    fn binding(&mut self, _name: &str) -> Option<Value> {
        None
    }
    /// The element's parameters: `Parameters` and `args`.
    fn parameters(&mut self) -> Arc<str> {
        Arc::from("")
    }

    /// The name of the script's logger.
    fn logger(&mut self) -> String {
        "org.apache.jmeter".to_owned()
    }

    /// A line of the log.
    fn log(&mut self, level: LogLevel, text: &str);
    /// Whether lines of a level are kept.
    fn logs(&mut self, _level: LogLevel) -> bool {
        true
    }
    /// Text for standard output.
    fn out(&mut self, text: &str);

    /// Milliseconds since 1970.
    fn now_ms(&mut self) -> i64;
    /// The zone of dates and times that name none.
    fn time_zone(&self) -> TimeZone;
    /// A monotonic clock in nanoseconds, for `System.nanoTime` and the limit of time.
    fn nanos(&mut self) -> u64;
    /// Waits, or remembers to wait after the script: `Thread.sleep` and `sleep`.
    fn sleep(&mut self, duration: Duration);
    /// Chance: 64 bits.
    fn random(&mut self) -> u64;

    /// A system property such as `user.dir`.
    fn system_property(&mut self, _name: &str) -> Option<String> {
        None
    }
    /// An environment variable that scripts may see.
    fn environment(&mut self, _name: &str) -> Option<String> {
        None
    }

    /// What is at a path; `None` for nothing. Relative paths start at the host's working folder.
    fn file(&mut self, _path: &str) -> Option<FileFacts> {
        None
    }
    /// A file's bytes.
    ///
    /// # Errors
    ///
    /// The reason in Java's words, such as `No such file or directory` or `Permission denied`.
    fn read_file(&mut self, _path: &str) -> Result<Vec<u8>, String> {
        Err("No such file or directory".into())
    }
    /// Writes a file, at its end or anew.
    ///
    /// # Errors
    ///
    /// As [`Host::read_file`].
    fn write_file(&mut self, _path: &str, _bytes: &[u8], _append: bool) -> Result<(), String> {
        Err("Permission denied".into())
    }
    /// Removes a file or an empty folder; true when it did.
    fn delete_file(&mut self, _path: &str) -> bool {
        false
    }
    /// Makes folders; true when it made one.
    fn make_folders(&mut self, _path: &str) -> bool {
        false
    }
    /// Names in a folder, in any order.
    fn list_folder(&mut self, _path: &str) -> Option<Vec<String>> {
        None
    }
    /// The absolute path of a path.
    fn absolute_path(&mut self, path: &str) -> String {
        path.to_owned()
    }
    /// What the JSONPath `path` reads of the text `json`, as JSON: the value of a path that leads to one at most, else the array of all.
    ///
    /// # Errors
    ///
    /// Why there is none.
    fn json_path(&mut self, _json: &str, _path: &str) -> Result<String, JsonPathProblem> {
        Err(JsonPathProblem::Invalid("JSONPath is not here".into()))
    }
}
