//! JMeter's functions: `${__name(parameters)}`.

use std::collections::BTreeMap;

use loadline_plan::program::Call;

use crate::Scope;

/// What functions share: the properties, and the state of calls.
#[derive(Debug, Default)]
pub struct Functions {
    /// JMeter properties, as given with `-J` and `--property`.
    pub properties: BTreeMap<String, String>,
}

/// The value of `call`; its parameters are evaluated first, in order.
pub(crate) fn call(call: &Call, scope: &mut Scope<'_>) -> String {
    let parameters: Vec<String> = call
        .parameters
        .iter()
        .map(|parameter| scope.text(parameter))
        .collect();
    match call.function {
        "__threadNum" => scope.identity.thread_number.to_string(),
        "__P" => {
            let name = parameters.first().map_or("", String::as_str);
            let default = parameters.get(1).map_or("1", String::as_str);
            scope
                .functions
                .properties
                .get(name)
                .map_or(default, String::as_str)
                .to_owned()
        }
        unknown => format!("${{{unknown}({})}}", parameters.join(",")),
    }
}
