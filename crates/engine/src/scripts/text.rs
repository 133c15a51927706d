//! Scripts in texts of the plan, as `${__groovy(..)}`, and those that are conditions.
//!
//! They keep no state, and no element stands behind them.

use std::sync::Arc;

use loadline_script::{Language, Limits, RefusalKind, State, Value, java_string};

use super::host::{Logger, Results, UserHost};
use super::problems::note;
use crate::Scope;
use crate::condition::plain_value;

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
pub(super) fn language_of(function: &str) -> Language {
    match function {
        "__BeanShell" => Language::BeanShell,
        "__jexl2" => Language::Jexl2,
        "__jexl3" => Language::Jexl3,
        "__javaScript" => Language::Rhino,
        _ => Language::Groovy,
    }
}
