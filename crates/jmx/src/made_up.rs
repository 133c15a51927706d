//! Samplers and controllers of plugins that make things up: Dummy Samplers, and variables that are set.

use loadline_plan::{DummySampler, Sampler, Text};

use crate::judgement::Judgement;
use crate::properties::Properties;

/// Reads a Dummy Sampler.
pub(crate) fn read_dummy(properties: Properties<'_, '_>, judgement: &mut Judgement) -> Sampler {
    let text = |name| properties.text_or(name, "");
    Sampler::Dummy(Box::new(DummySampler {
        waits: properties.flag("WAITING", judgement).unwrap_or(false),
        // The plugin's own spelling.
        success: text("SUCCESFULL"),
        code: text("RESPONSE_CODE"),
        message: text("RESPONSE_MESSAGE"),
        request: text("REQUEST_DATA"),
        body: text("RESPONSE_DATA"),
        response_time_ms: text("RESPONSE_TIME"),
        latency_ms: text("LATENCY"),
        connect_ms: text("CONNECT"),
        url: text("URL"),
    }))
}

/// Reads the variables in the list `name` of a Parameterized Controller or Set Variables Action.
pub(crate) fn read_variables(properties: Properties<'_, '_>, name: &str) -> Vec<(Text, Text)> {
    let Some(list) = properties.element(name) else {
        return Vec::new();
    };
    list.items("Arguments.arguments")
        .into_iter()
        .map(|argument| {
            (
                argument.text_or("Argument.name", ""),
                argument.text_or("Argument.value", ""),
            )
        })
        .filter(|(name, _)| !name.is_empty())
        .collect()
}
