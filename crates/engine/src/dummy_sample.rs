//! The sample of a Dummy Sampler, a plugin: its times, code and body are those of the plan.
//!
//! Source: `DummyElement` of jpgc-dummy 0.4.

use std::time::Duration;

use loadline_events::ErrorKind;
use loadline_plan::program::{DummyProgram, Template};
use loadline_units::{Clock as _, RunTime};

use crate::{Outcome, Response, RunClock, SampleError, Scope, clock};

/// Makes up the sample, begun at `started`. If it does not wait, its end may be yet to come.
pub(crate) async fn run(
    program: &DummyProgram,
    started: RunTime,
    clock: RunClock,
    scope: &mut Scope<'_>,
) -> Outcome {
    let (mut outcome, time) = take(program, started, scope);
    outcome.ended = started + time;
    if program.waits {
        clock::sleep_until(clock, outcome.ended).await;
        outcome.ended = clock.now();
    }
    outcome
}

/// The sample without its time, and how long it takes.
fn take(program: &DummyProgram, started: RunTime, scope: &mut Scope<'_>) -> (Outcome, Duration) {
    let millis = |template: &Template, scope: &mut Scope<'_>| {
        let text = scope.text_of(template);
        // Java's `Integer.valueOf`; a negative time is none.
        u32::try_from(text.parse::<i32>().unwrap_or(0)).unwrap_or(0)
    };
    let time = Duration::from_millis(millis(&program.response_time_ms, scope).into());
    let code = scope.text(&program.code);
    let message: Box<str> = scope.text(&program.message).into();
    let is_good = scope.text_of(&program.success).eq_ignore_ascii_case("true");
    let body = scope.text(&program.body);
    let outcome = Outcome {
        started,
        ended: started,
        connect_us: millis(&program.connect_ms, scope).saturating_mul(1000),
        first_byte_us: millis(&program.latency_ms, scope).saturating_mul(1000),
        status: code.parse().unwrap_or(0),
        error: (!is_good).then(|| {
            Box::new(SampleError {
                kind: ErrorKind::Status,
                code: code.into(),
                message: message.clone(),
            })
        }),
        received_bytes: u32::try_from(body.len()).unwrap_or(u32::MAX),
        response: Response {
            message,
            content_type: "text/plain".into(),
            body: if program.keep.body {
                body.into_bytes()
            } else {
                Vec::new()
            },
            url: scope.text(&program.url).into(),
            request_body: if program.keep.request {
                scope.text(&program.request).into_bytes()
            } else {
                Vec::new()
            },
            ..Response::default()
        }
        .into(),
        ..Outcome::default()
    };
    (outcome, time)
}
