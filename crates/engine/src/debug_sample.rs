//! The sample of a Debug Sampler, or the sub-sample of a Debug PostProcessor: no request, and a body that
//! lists what the user knows.
//!
//! Source: JMeter's `DebugSampler`, `DebugPostProcessor`. Not here: properties of the Java process.

use loadline_plan::DebugSampler;
use loadline_plan::program::KeptParts;

use crate::{Outcome, Response, Scope, SubSample};

/// Takes the sample; its parts that nobody reads stay empty.
pub(crate) fn take(lists: DebugSampler, keep: KeptParts, scope: &mut Scope<'_>) -> Outcome {
    let started = scope.clock.now();
    let (mut body, mut request) = (String::new(), String::new());
    if lists.variables {
        request.push_str("JMeterVariables\n");
        if keep.body {
            list("JMeterVariables", scope.variables.iter(), &mut body);
        }
    }
    if lists.properties {
        request.push_str("JMeterProperties\n");
        if keep.body {
            let properties = scope.functions.run().properties().all();
            let pairs = properties
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()));
            list("JMeterProperties", pairs, &mut body);
        }
    }
    Outcome {
        started,
        ended: scope.clock.now(),
        status: 200,
        response: Response {
            message: "OK".into(),
            body: body.into_bytes(),
            content_type: "text/plain".into(),
            request_body: if keep.request {
                request.into_bytes()
            } else {
                Vec::new()
            },
            ..Response::default()
        }
        .into(),
        ..Outcome::default()
    }
}

/// Adds the sub-sample of a Debug PostProcessor to `outcome`.
pub(crate) fn add(lists: DebugSampler, outcome: &mut Outcome, scope: &mut Scope<'_>) {
    let keep = KeptParts {
        body: true,
        request: true,
        ..KeptParts::default()
    };
    let label = format!("{}-{}", scope.sampler_name, outcome.sub_samples.len());
    outcome.sub_samples.push(SubSample {
        label: label.into(),
        outcome: take(lists, keep, scope),
    });
}

/// Appends `pairs` under `heading`, in their order.
fn list<'a>(heading: &str, pairs: impl Iterator<Item = (&'a str, &'a str)>, body: &mut String) {
    for text in [heading, ":\n"] {
        body.push_str(text);
    }
    for (name, value) in pairs {
        for text in [name, "=", value, "\n"] {
            body.push_str(text);
        }
    }
    body.push('\n');
}
