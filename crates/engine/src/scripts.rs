//! Scripts of the plan at work for a virtual user, by the rules of JMeter's elements.
//!
//! What a script wants of the engine (a pause, the end of the user) is left in its user's memory; see
//! [`Wishes`].
//!
//! Source: `JSR223TestElement`, `BeanShellTestElement` and the elements made of them. Not here: the
//! languages (the crate `script`).

mod catalogue;
mod host;
mod lines;
mod memory;
mod result_fields;
mod sampler_fields;
mod sub_results;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use loadline_events::{ErrorKind, ScriptLevel, ScriptLine};
use loadline_plan::program::{ScriptId, ScriptProgram};
use loadline_plan::{ScriptFamily, ScriptRole};
use loadline_script::{
    Host as _, Language, Limits, Refusal, RefusalKind, ResultField, Script, ScriptError, State,
    Value, java_string,
};
use loadline_units::RunTime;

use self::catalogue::Entry;
use self::host::{Logger, Results, UserHost};
use crate::assertion::AssertionOutcome;
use crate::condition::plain_value;
use crate::{Outcome, Response, SampleError, Scope, UserIdentity};

pub(crate) use self::catalogue::{Catalogue, ScriptCache, ScriptNotes, check_condition};
pub(crate) use self::lines::ScriptLines;
pub(crate) use self::memory::{UserScripts, Wishes};

/// Longest delay that a script gives, a year.
const LONGEST_MS: i64 = 365 * 86_400_000;

/// Runs the pre-processor `id`.
pub(crate) fn pre_process(id: ScriptId, scope: &mut Scope<'_>) {
    let ran = run(id, Results::Previous, None, Vec::new(), scope);
    tell(&ran, scope);
}

/// Lets the post-processor or listener `id` see and change `outcome`.
pub(crate) fn process(id: ScriptId, outcome: &mut Outcome, scope: &mut Scope<'_>) {
    let mut bindings = Vec::new();
    let is_bean_shell = family(id, scope) == Some(ScriptFamily::BeanShell);
    if is_bean_shell && !outcome.response.body.is_empty() {
        let data = Value::from_bytes(outcome.response.body.clone());
        bindings.push(("data", data));
    }
    let ran = run(id, Results::Present(outcome), None, bindings, scope);
    tell(&ran, scope);
    if ran.error.is_some() {
        // The user ends before JMeter has told anybody of the result.
        scope
            .per_user
            .scripts
            .get_or_insert_default()
            .wishes
            .ignored = true;
    }
}

/// What the assertion `id` says of `outcome`, which it may change.
pub(crate) fn judge(
    id: ScriptId,
    outcome: &mut Outcome,
    scope: &mut Scope<'_>,
) -> AssertionOutcome {
    let is_bean_shell = family(id, scope) == Some(ScriptFamily::BeanShell);
    let bindings = match is_bean_shell {
        true => bindings_of_assertion(outcome, scope),
        false => Vec::new(),
    };
    let verdict = Some(AssertionOutcome::default());
    let ran = run(id, Results::Present(outcome), verdict, bindings, scope);
    tell(&ran, scope);
    let mut verdict = ran.verdict.unwrap_or_default();
    if let Some(error) = ran.error {
        verdict = AssertionOutcome {
            failed: true,
            error: false,
            message: Some(error.text),
            name: Some("Assertion failed! See log file (debug level, only)."),
        };
        if !error.is_assertion {
            let memory = scope.per_user.scripts.get_or_insert_default();
            (memory.wishes.ignored, memory.wishes.stop_thread) = (true, true);
        }
    } else if let Err(failure) = &ran.result {
        verdict.failed |= family(id, scope) == Some(ScriptFamily::Bsf);
        verdict.error = true;
        verdict.message = Some(failure.clone());
    } else if is_bean_shell {
        let of = |name| ran.bindings.iter().find(|(known, _)| *known == name);
        verdict.failed = of("Failure").is_some_and(|(_, text)| is_true(text));
        verdict.message = of("FailureMessage").map(|(_, text)| text.clone());
        verdict.error = false;
    } else {
        verdict.error = false;
    }
    verdict
}

/// The delay that the timer `id` asks for, and what its script sleeps.
pub(crate) fn delay(id: ScriptId, scope: &mut Scope<'_>) -> Duration {
    let ran = run(id, Results::Previous, None, Vec::new(), scope);
    tell(&ran, scope);
    let slept = take_sleep(scope);
    let Ok(Some(text)) = &ran.result else {
        return slept;
    };
    let millis = text.parse::<i64>().unwrap_or_else(|_| {
        let problem = format!("`{text}` is not a number of milliseconds");
        note(&ran.name, &problem, scope);
        0
    });
    slept + Duration::from_millis(millis.clamp(0, LONGEST_MS).unsigned_abs())
}

/// The sample that the sampler `id` makes from `started` on, and until when the script sleeps.
pub(crate) fn sample(id: ScriptId, started: RunTime, scope: &mut Scope<'_>) -> (Outcome, RunTime) {
    let mut outcome = Outcome {
        started,
        ended: started,
        status: 200,
        response: Response {
            message: "OK".into(),
            content_type: "text/plain".into(),
            ..Response::default()
        },
        ..Outcome::default()
    };
    if let Some(entry) = scope.functions.run().scripts().get(id) {
        let text = match &entry.program.file {
            Some(file) if entry.program.family == ScriptFamily::Jsr223 => {
                Cow::Owned(format!("File: {file}"))
            }
            Some(file) => Cow::Borrowed(&**file),
            None => entry.program.text.as_literal().map_or_else(
                || Cow::Owned(scope.text(&entry.program.text)),
                Cow::Borrowed,
            ),
        };
        outcome.response.request_body = text.as_bytes().to_vec();
    }
    let is_bean_shell = family(id, scope) == Some(ScriptFamily::BeanShell);
    let bindings = match is_bean_shell {
        true => vec![
            ("ResponseCode", Value::from("200")),
            ("ResponseMessage", Value::from("OK")),
            ("IsSuccess", Value::from(true)),
        ],
        false => Vec::new(),
    };
    let results = Results::Made(&mut outcome);
    let ran = run(id, results, None, bindings, scope);
    tell(&ran, scope);
    if ran.error.is_some() {
        scope
            .per_user
            .scripts
            .get_or_insert_default()
            .wishes
            .ignored = true;
    }
    let has_ended = outcome.ended > started;
    match &ran.result {
        Ok(value) => {
            if let Some(text) = value
                && (is_bean_shell || outcome.response.body.is_empty())
            {
                outcome.response.body = text.as_bytes().to_vec();
            }
            if is_bean_shell {
                take_bean_shell(&ran, &mut outcome);
            }
        }
        Err(failure) => {
            outcome.status = 500;
            outcome.response.message = failure.as_str().into();
            outcome.error = Some(SampleError {
                kind: ErrorKind::Status,
                code: "500".into(),
                message: failure.as_str().into(),
            });
        }
    }
    if outcome.received_bytes == 0 {
        outcome.received_bytes = u32::try_from(outcome.response.body.len()).unwrap_or(u32::MAX);
    }
    let until = scope.clock.now() + take_sleep(scope);
    if !has_ended {
        outcome.ended = until.max(outcome.started);
    }
    (outcome, until)
}

/// How long scripts have slept; nobody else makes up for it.
fn take_sleep(scope: &mut Scope<'_>) -> Duration {
    let memory = scope.per_user.scripts.as_mut();
    memory.map_or(Duration::ZERO, |memory| {
        std::mem::take(&mut memory.wishes.sleep)
    })
}

/// Appends the value of a script in a text of the plan. False for one that fails or is none of its language: as in JMeter it gives
/// nothing, and no variable is set.
///
/// # Errors
///
/// The script needs what is not supported.
pub(crate) fn evaluate(
    function: &'static str,
    text: &str,
    scope: &mut Scope<'_>,
    out: &mut Vec<u8>,
) -> Result<bool, String> {
    let language = language_of(function);
    if language == Language::Rhino
        && let Some(value) = plain_value(text)
    {
        out.extend_from_slice(value.as_bytes());
        return Ok(true);
    }
    let script = scope.functions.script_cache.script(language, text);
    let script = match script {
        Ok(script) => script,
        Err(refusal) if refusal.kind == RefusalKind::Syntax => {
            note(function, &refusal.to_string(), scope);
            return Ok(false);
        }
        Err(refusal) => return Err(refusal.to_string()),
    };
    let mut host = UserHost {
        scope,
        results: Results::Previous,
        verdict: None,
        name: function,
        logger: Logger::Function(function),
        file: "",
        parameters: Arc::from(""),
        bindings: Vec::new(),
    };
    let outcome = script.run(&mut host, &mut State::default(), &Limits::default());
    match outcome.result {
        Ok(Value::Null) => {}
        Ok(value) => {
            out.extend_from_slice(java_string(&value, &mut host).as_bytes());
            host.retell_objects();
        }
        Err(error) => {
            host.retell_objects();
            note(function, &error.to_string(), scope);
            return Ok(false);
        }
    }
    Ok(true)
}

/// What the condition `text` of an If Controller says, in JavaScript without JMeter's objects.
///
/// # Errors
///
/// The script cannot be compiled, fails, or gives something else than `true` or `false`.
///
/// Source: JMeter's `IfController`.
pub(crate) fn holds(text: &str, scope: &mut Scope<'_>) -> Result<bool, String> {
    let value = match plain_value(text) {
        Some(value) => value,
        None => {
            let script = scope.functions.script_cache.script(Language::Rhino, text);
            let script = script.map_err(|refusal| refusal.to_string())?;
            let mut host = UserHost {
                scope,
                results: Results::Previous,
                verdict: None,
                name: "condition",
                logger: Logger::Condition,
                file: "",
                parameters: Arc::from(""),
                bindings: Vec::new(),
            };
            let outcome = script.run(&mut host, &mut State::default(), &Limits::default());
            let value = outcome.result.map_err(|error| error.to_string())?;
            java_string(&value, &mut host)
        }
    };
    match &*value {
        "true" => Ok(true),
        "false" => Ok(false),
        other => Err(format!("`{other}` is neither true nor false")),
    }
}

/// The language of the script function `function`.
fn language_of(function: &str) -> Language {
    match function {
        "__BeanShell" => Language::BeanShell,
        "__jexl2" => Language::Jexl2,
        "__jexl3" => Language::Jexl3,
        "__javaScript" => Language::Rhino,
        _ => Language::Groovy,
    }
}

/// What came of one execution of an element's script.
struct Ran {
    /// Name of the element.
    name: String,
    /// Its logger, for an exception.
    logger: String,
    /// The script's value as text, or its exception in JMeter's words.
    result: Result<Option<String>, String>,
    verdict: Option<AssertionOutcome>,
    /// What a BeanShell script left in the names that its element reads.
    bindings: Vec<(&'static str, String)>,
    /// What left the script and is no exception, but an error of Java's: it ends the user, or fails an assertion.
    error: Option<JavaError>,
}

/// A `java.lang.Error` that Groovy's engine lets through.
struct JavaError {
    is_assertion: bool,
    /// Its `toString`.
    text: String,
}

impl JavaError {
    fn of(error: &ScriptError, language: Language) -> Option<Self> {
        // Limits of an execution are Java's errors, too, and fail the sample alone.
        let is_limit = error.limit
            || error.class.ends_with(".StackOverflowError")
            || error.class.ends_with(".OutOfMemoryError");
        if language != Language::Groovy || is_limit || !error.class.ends_with("Error") {
            return None;
        }
        let message = error.message.as_deref().unwrap_or_default();
        let is_power = error.class.ends_with(".PowerAssertionError");
        Some(Self {
            is_assertion: is_power || error.class == "java.lang.AssertionError",
            text: match is_power {
                true => format!("Assertion failed: \n\n{message}\n"),
                false => format!("{}: {message}", error.class),
            },
        })
    }
}

/// Names that BeanShell elements read behind their scripts.
const READ_BACK: &[&str] = &[
    "Failure",
    "FailureMessage",
    "IsSuccess",
    "ResponseCode",
    "ResponseMessage",
];

fn run(
    id: ScriptId,
    results: Results<'_>,
    verdict: Option<AssertionOutcome>,
    bindings: Vec<(&'static str, Value)>,
    scope: &mut Scope<'_>,
) -> Ran {
    // The functions live as long as the scope's surroundings, not as the scope itself.
    let functions = scope.functions;
    let Some(entry) = functions.run().scripts().get(id) else {
        return Ran {
            name: String::new(),
            logger: String::new(),
            result: Ok(None),
            verdict,
            bindings: Vec::new(),
            error: None,
        };
    };
    let program = &entry.program;
    let name = scope.text_of(&program.name).into_owned();
    if let Some(reason) = &entry.left_out {
        let result = match program.role {
            ScriptRole::Sampler => Err(reason.clone()),
            _ => Ok(None),
        };
        return Ran {
            name,
            logger: String::new(),
            result,
            verdict,
            bindings: Vec::new(),
            error: None,
        };
    }
    let script = match script_of(id, entry, &name, scope) {
        Ok(script) => script,
        Err(problem) => {
            return Ran {
                logger: Logger::Element(program.family, program.role).name(&name),
                name,
                result: Err(problem),
                verdict,
                bindings: Vec::new(),
                error: None,
            };
        }
    };
    let parameters = Arc::from(scope.text(&program.parameters));
    let keeps_state = program.family == ScriptFamily::BeanShell;
    let mut state = match keeps_state && !is_true(&scope.text_of(&program.resets)) {
        true => (scope.per_user.scripts.get_or_insert_default()).take_state(id),
        false => State::default(),
    };
    let mut host = UserHost {
        scope,
        results,
        verdict,
        name: &name,
        logger: Logger::Element(program.family, program.role),
        file: program.file.as_deref().unwrap_or_default(),
        parameters,
        bindings,
    };
    let outcome = script.run(&mut host, &mut state, &Limits::default());
    let read_back = READ_BACK.iter().filter_map(|name| {
        // What the script does not name is as it was given.
        let value = match outcome.binding(name) {
            Some(value) => value.clone(),
            None => host.binding(name)?,
        };
        Some((*name, java_string(&value, &mut host)))
    });
    let read_back = if keeps_state {
        read_back.collect()
    } else {
        Vec::new()
    };
    let error = (outcome.result.as_ref().err())
        .filter(|_| program.family == ScriptFamily::Jsr223)
        .and_then(|error| JavaError::of(error, script.language()));
    let result = match &outcome.result {
        Ok(Value::Null | Value::Void) => Ok(None),
        Ok(value) => Ok(Some(java_string(value, &mut host))),
        Err(error) => {
            let words = in_words_of_jmeter(error, program.family);
            // What is evaluated without being compiled before is wrapped once more.
            let is_evaluated = program.family == ScriptFamily::Jsr223
                && !program.keeps_text
                && program.file.is_none()
                && script.language() == Language::Groovy;
            Err(match is_evaluated {
                true => format!("javax.script.ScriptException: {words}"),
                false => words,
            })
        }
    };
    host.retell_objects();
    let verdict = host.verdict.take();
    if error.is_some() && program.role != ScriptRole::Assertion {
        host.wishes().stop_thread = true;
    }
    let logger = match &result {
        Ok(_) => String::new(),
        Err(_) => Logger::Element(program.family, program.role).name(&name),
    };
    if keeps_state {
        let memory = scope.per_user.scripts.get_or_insert_default();
        memory.keep_state(id, state);
    }
    Ran {
        name,
        logger,
        result,
        verdict,
        bindings: read_back,
        error,
    }
}

/// The script of `entry`, the element `id`, compiled now if it has references.
fn script_of(
    id: ScriptId,
    entry: &Entry,
    name: &str,
    scope: &mut Scope<'_>,
) -> Result<Script, String> {
    if let Some(script) = &entry.script {
        return Ok(script.clone());
    }
    let program = &entry.program;
    let memory = scope.per_user.scripts.as_ref();
    if program.keeps_text
        && let Some(script) = memory.and_then(|memory| memory.kept(id))
    {
        return Ok(script);
    }
    let text = scope.text_of(&program.text);
    if text.is_empty() && program.family == ScriptFamily::Jsr223 {
        return Err(format!(
            "javax.script.ScriptException: Both script file and script text are empty for \
             element:{name}"
        ));
    }
    let language = scope.text_of(&program.language);
    let Some(language) = Language::from_name(&language) else {
        return Err(format!(
            "javax.script.ScriptException: Cannot find engine named: '{language}', ensure you set \
             language field in JSR223 Test Element: {name}"
        ));
    };
    let script = scope.functions.script_cache.script(language, &text);
    if program.keeps_text
        && program.text.as_literal().is_none()
        && language != Language::BeanShell
        && let Ok(script) = &script
    {
        // JMeter compiles the first text that the user comes by and knows no other; BeanShell's engine compiles none.
        let memory = scope.per_user.scripts.get_or_insert_default();
        memory.keep(id, script.clone());
    }
    script.map_err(|refusal| refused_in_words_of_jmeter(&refusal, program))
}

fn refused_in_words_of_jmeter(refusal: &Refusal, program: &ScriptProgram) -> String {
    let message = match (&refusal.java_class, &refusal.java_message) {
        (Some(class), Some(message)) => format!("{class}: {message}"),
        _ => refusal.to_string(),
    };
    wrapped(&message, program.family)
}

/// What an element of JMeter says of an exception that left its script.
fn in_words_of_jmeter(error: &ScriptError, family: ScriptFamily) -> String {
    match family {
        ScriptFamily::Jsr223 | ScriptFamily::Bsf | ScriptFamily::Own => {
            let message = match &error.message {
                Some(message) => format!("{}: {message}", error.class),
                None => error.class.clone(),
            };
            wrapped(&message, family)
        }
        ScriptFamily::BeanShell => {
            // JMeter leaves out what the exception inside says.
            wrapped(error.message.as_deref().unwrap_or_default(), family)
        }
    }
}

fn wrapped(message: &str, family: ScriptFamily) -> String {
    match family {
        ScriptFamily::Own => message.to_owned(),
        ScriptFamily::Bsf => {
            let message = message.trim_start_matches("javax.script.ScriptException: ");
            format!("org.apache.bsf.BSFException: JavaScript Error: {message}")
        }
        // The engine of JavaScript says so itself.
        ScriptFamily::Jsr223 if message.starts_with("javax.script.ScriptException: ") => {
            message.to_owned()
        }
        ScriptFamily::Jsr223 => format!("javax.script.ScriptException: {message}"),
        ScriptFamily::BeanShell => format!(
            "org.apache.jorphan.util.JMeterException: Error invoking bsh method: eval\t{message}"
        ),
    }
}

fn family(id: ScriptId, scope: &Scope<'_>) -> Option<ScriptFamily> {
    let entry = scope.functions.run().scripts().get(id)?;
    Some(entry.program.family)
}

/// Java's `Boolean.parseBoolean`.
fn is_true(text: &str) -> bool {
    text.eq_ignore_ascii_case("true")
}

/// Notes an exception that left a script.
fn tell(ran: &Ran, scope: &Scope<'_>) {
    if let Err(problem) = &ran.result {
        note(&ran.name, problem, scope);
        scope.functions.script_lines.add(ScriptLine {
            at: scope.clock.now(),
            level: ScriptLevel::Error,
            thread: thread_name(scope.identity),
            logger: ran.logger.clone(),
            text: format!("Problem in script, {}: {problem}", ran.name),
        });
    }
}

/// JMeter's name of the thread that is a user here.
fn thread_name(identity: &UserIdentity) -> String {
    format!(
        "{} {}-{}",
        identity.group_name, identity.group_number, identity.thread_number
    )
}

fn note(name: &str, problem: &str, scope: &Scope<'_>) {
    let notes = &scope.functions.script_notes;
    notes.note(format!("script `{name}`: {problem}"));
}

/// What a BeanShell sampler's script said with its names.
fn take_bean_shell(ran: &Ran, outcome: &mut Outcome) {
    let of = |name| ran.bindings.iter().find(|(known, _)| *known == name);
    let set = |outcome: &mut Outcome, field, value: Value| {
        result_fields::write(outcome, field, &value, ErrorKind::Status, 0);
    };
    if let Some((_, message)) = of("ResponseMessage") {
        set(outcome, ResultField::Message, message.as_str().into());
    }
    let is_good = of("IsSuccess").is_some_and(|(_, text)| is_true(text));
    set(outcome, ResultField::Successful, is_good.into());
    if let Some((_, code)) = of("ResponseCode") {
        set(outcome, ResultField::Code, code.as_str().into());
    }
}

/// What a BeanShell assertion binds.
fn bindings_of_assertion(outcome: &Outcome, scope: &Scope<'_>) -> Vec<(&'static str, Value)> {
    let field = |field| result_fields::read(outcome, field, 0);
    vec![
        ("ResponseData", field(ResultField::Data)),
        ("ResponseCode", field(ResultField::Code)),
        ("ResponseMessage", field(ResultField::Message)),
        ("ResponseHeaders", field(ResultField::ResponseHeaders)),
        ("RequestHeaders", field(ResultField::RequestHeaders)),
        ("SampleLabel", Value::from(scope.sampler_name)),
        ("SamplerData", field(ResultField::SamplerData)),
        ("Successful", field(ResultField::Successful)),
        ("FailureMessage", Value::from("")),
        ("Failure", Value::from(false)),
    ]
}
