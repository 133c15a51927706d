//! Samplers that have no short form.

use loadline_plan::{DebugSampler, DummySampler, ElementKind, FlowAction, Sampler, Text, Timer};

use super::{Form, Settings, form};

const FLOW_ACTIONS: &[(&str, FlowAction)] = &[
    ("stop_thread", FlowAction::StopThread),
    ("stop_test", FlowAction::StopTest),
    ("stop_test_now", FlowAction::StopTestNow),
    ("next_iteration", FlowAction::NextIteration),
    ("next_pass", FlowAction::NextPass),
    ("break_loop", FlowAction::BreakLoop),
];

pub(super) const FORMS: &[Form] = &[
    form(
        "request",
        "An HTTP request by JMeter's settings; what is absent is left to defaults in scope.",
        || ElementKind::Sampler(Sampler::Http(Box::default())),
    ),
    form(
        "pause",
        "A pause without a sample (Flow Control Action).",
        || {
            ElementKind::Sampler(Sampler::Pause(Timer::Constant {
                delay_ms: Text::default(),
            }))
        },
    ),
    form(
        "flow",
        "Something done to the user's way (Flow Control Action).",
        || ElementKind::Sampler(Sampler::Flow(FlowAction::StopThread)),
    ),
    form("dummy", "A sample that is made up (Dummy Sampler).", || {
        ElementKind::Sampler(Sampler::Dummy(Box::default()))
    }),
    form(
        "set_variables",
        "Variables set, without a sample (Set Variables Action).",
        || ElementKind::Sampler(Sampler::SetVariables(Vec::new())),
    ),
    form(
        "debug",
        "A sample whose body lists what the user knows (Debug Sampler).",
        || ElementKind::Sampler(Sampler::Debug(DebugSampler::default())),
    ),
];

pub(super) fn key_of(sampler: &Sampler) -> Option<&'static str> {
    Some(match sampler {
        Sampler::Http(_) => "request",
        Sampler::Pause(Timer::Constant { .. }) => "pause",
        Sampler::Flow(_) => "flow",
        Sampler::Dummy(_) => "dummy",
        Sampler::SetVariables(_) => "set_variables",
        Sampler::Debug(_) => "debug",
        Sampler::Pause(_) | Sampler::Script(_) => return None,
    })
}

pub(super) fn settings<S: Settings>(sampler: &mut Sampler, s: &mut S) {
    match sampler {
        Sampler::Pause(Timer::Constant { delay_ms }) => {
            s.text("delay_ms", "How long, in milliseconds.", "0", delay_ms);
        }
        Sampler::Flow(action) => flow_action(action, s),
        Sampler::Dummy(own) => dummy(own, s),
        Sampler::SetVariables(variables) => s.pairs("variables", "Names and values.", variables),
        Sampler::Debug(own) => debug_lists(own, s),
        Sampler::Http(_) | Sampler::Pause(_) | Sampler::Script(_) => {}
    }
}

/// What is listed.
pub(super) fn debug_lists<S: Settings>(own: &mut DebugSampler, s: &mut S) {
    s.flag(
        "variables",
        "Whether the user's variables are listed.",
        false,
        &mut own.variables,
    );
    s.flag(
        "properties",
        "Whether the properties of the run are listed.",
        false,
        &mut own.properties,
    );
}

/// The action of a step or of a failed sample.
pub(super) fn flow_action<S: Settings>(action: &mut FlowAction, s: &mut S) {
    s.word("action", "What is done.", FLOW_ACTIONS, action);
}

fn dummy<S: Settings>(own: &mut DummySampler, s: &mut S) {
    s.flag(
        "waits",
        "Whether the user waits for the response time.",
        false,
        &mut own.waits,
    );
    let texts: [(&'static str, &'static str, &mut Text); 9] = [
        ("success", "`true` for a good sample.", &mut own.success),
        ("code", "Response code.", &mut own.code),
        ("message", "Response message.", &mut own.message),
        (
            "request",
            "What is said to have been sent.",
            &mut own.request,
        ),
        ("body", "Response body.", &mut own.body),
        (
            "response_time_ms",
            "Response time in milliseconds.",
            &mut own.response_time_ms,
        ),
        (
            "latency_ms",
            "Time to the first byte in milliseconds.",
            &mut own.latency_ms,
        ),
        (
            "connect_ms",
            "Time to connect in milliseconds.",
            &mut own.connect_ms,
        ),
        ("url", "URL.", &mut own.url),
    ];
    for (key, about, text) in texts {
        s.text(key, about, "", text);
    }
}
