//! What is said of a script that fails: JMeter's words for it, its log and the notes of the run.

use loadline_events::{ScriptLevel, ScriptLine};
use loadline_plan::ScriptFamily;
use loadline_plan::program::ScriptProgram;
use loadline_script::{Refusal, ScriptError};

use super::execution::Ran;
use crate::{Scope, UserIdentity};

pub(super) fn refused_in_words_of_jmeter(refusal: &Refusal, program: &ScriptProgram) -> String {
    let message = match (&refusal.java_class, &refusal.java_message) {
        (Some(class), Some(message)) => format!("{class}: {message}"),
        _ => refusal.to_string(),
    };
    wrapped(&message, program.family)
}

/// What an element of JMeter says of an exception that left its script.
pub(super) fn in_words_of_jmeter(error: &ScriptError, family: ScriptFamily) -> String {
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

pub(super) fn wrapped(message: &str, family: ScriptFamily) -> String {
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

/// Notes an exception that left a script.
pub(super) fn tell(ran: &Ran, scope: &Scope<'_>) {
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
pub(super) fn thread_name(identity: &UserIdentity) -> String {
    format!(
        "{} {}-{}",
        identity.group_name, identity.group_number, identity.thread_number
    )
}

pub(super) fn note(name: &str, problem: &str, scope: &Scope<'_>) {
    let notes = &scope.functions.script_notes;
    notes.note(format!("script `{name}`: {problem}"));
}
