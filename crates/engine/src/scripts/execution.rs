//! One execution of an element's script: its text, its state, and what comes of it.
//!
//! Not here: what the element makes of that (see [`super`]).

use std::sync::Arc;

use loadline_plan::program::ScriptId;
use loadline_plan::{ScriptFamily, ScriptRole};
use loadline_script::{
    Host as _, Language, Limits, Script, ScriptError, State, Value, java_string,
};

use super::catalogue::Entry;
use super::host::{Logger, Results, UserHost};
use super::problems::{in_words_of_jmeter, refused_in_words_of_jmeter};
use crate::Scope;
use crate::assertion::AssertionOutcome;

/// What came of one execution of an element's script.
pub(super) struct Ran {
    /// Name of the element.
    pub(super) name: String,
    /// Its logger, for an exception.
    pub(super) logger: String,
    /// The script's value as text, or its exception in JMeter's words.
    pub(super) result: Result<Option<String>, String>,
    pub(super) verdict: Option<AssertionOutcome>,
    /// What a BeanShell script left in the names that its element reads.
    pub(super) bindings: Vec<(&'static str, String)>,
    /// What left the script and is no exception, but an error of Java's: it ends the user, or fails an assertion.
    pub(super) error: Option<JavaError>,
}

/// A `java.lang.Error` that Groovy's engine lets through.
pub(super) struct JavaError {
    pub(super) is_assertion: bool,
    /// Its `toString`.
    pub(super) text: String,
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

pub(super) fn run(
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

/// Java's `Boolean.parseBoolean`.
pub(super) fn is_true(text: &str) -> bool {
    text.eq_ignore_ascii_case("true")
}
