//! Scripts of the plan at work for a virtual user, by the rules of JMeter's elements.
//!
//! What a script wants of the engine (a pause, the end of the user) is left in its user's memory; see
//! [`Wishes`].
//!
//! Source: `JSR223TestElement`, `BeanShellTestElement` and the elements made of them. Not here: the
//! languages (the crate `script`).

mod catalogue;
mod execution;
mod host;
mod lines;
mod memory;
mod problems;
mod result_fields;
mod sampler_fields;
mod sub_results;
mod text;

use std::borrow::Cow;
use std::time::Duration;

use loadline_events::ErrorKind;
use loadline_plan::ScriptFamily;
use loadline_plan::program::ScriptId;
use loadline_script::{ResultField, Value};
use loadline_units::RunTime;

use self::execution::{Ran, is_true, run};
use self::host::Results;
use self::problems::{note, tell};
use crate::assertion::AssertionOutcome;
use crate::{Outcome, Response, SampleError, Scope};

pub(crate) use self::catalogue::{Catalogue, ScriptCache, ScriptNotes, check_condition};
pub(crate) use self::lines::ScriptLines;
pub(crate) use self::memory::{UserScripts, Wishes};
pub(crate) use self::text::{evaluate, holds};

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
        ignore_result(scope);
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
        }
        .into(),
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
        ignore_result(scope);
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
            outcome.error = Some(
                SampleError {
                    kind: ErrorKind::Status,
                    code: "500".into(),
                    message: failure.as_str().into(),
                }
                .into(),
            );
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

/// Leaves the result at hand out: an error of Java's ends the user before JMeter has told anybody of it.
fn ignore_result(scope: &mut Scope<'_>) {
    let memory = scope.per_user.scripts.get_or_insert_default();
    memory.wishes.ignored = true;
}

/// How long scripts have slept; nobody else makes up for it.
fn take_sleep(scope: &mut Scope<'_>) -> Duration {
    let memory = scope.per_user.scripts.as_mut();
    memory.map_or(Duration::ZERO, |memory| {
        std::mem::take(&mut memory.wishes.sleep)
    })
}

fn family(id: ScriptId, scope: &Scope<'_>) -> Option<ScriptFamily> {
    let entry = scope.functions.run().scripts().get(id)?;
    Some(entry.program.family)
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
