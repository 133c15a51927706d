//! Elements that set variables: counters, random variables, user parameters.

use loadline_plan::{
    Config, Counter, ElementKind, PreProcessor, RandomVariable, Text, UserParameters,
};

use crate::judgement::{Judgement, LEFT_OUT};
use crate::properties::Properties;

/// Reads a Counter.
pub(crate) fn read_counter(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> Option<ElementKind> {
    let mut flag = |name| properties.flag(name, judgement).unwrap_or(false);
    let (per_user, reset_each_iteration) = (
        flag("CounterConfig.per_user"),
        flag("CounterConfig.reset_on_tg_iteration"),
    );
    let counter = Counter {
        variable: properties.text_or("CounterConfig.name", ""),
        start: properties.text_or("CounterConfig.start", "0"),
        end: properties.text_or("CounterConfig.end", ""),
        increment: properties.text_or("CounterConfig.incr", "0"),
        format: read_format("CounterConfig.format", properties, judgement)?,
        per_user,
        reset_each_iteration,
    };
    Some(ElementKind::Config(Config::Counter(counter)))
}

/// Reads a Random Variable.
pub(crate) fn read_random(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> Option<ElementKind> {
    let random = RandomVariable {
        variable: properties.text_or("variableName", ""),
        minimum: properties.text_or("minimumValue", ""),
        maximum: properties.text_or("maximumValue", ""),
        format: read_format("outputFormat", properties, judgement)?,
        seed: properties.text_or("randomSeed", ""),
        per_user: properties.flag("perThread", judgement).unwrap_or(false),
    };
    Some(ElementKind::Config(Config::Random(random)))
}

/// Reads the format of a number; `None` for a scientific one, which is refused.
fn read_format(
    setting: &str,
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> Option<Text> {
    let format = properties.text_or(setting, "");
    if format.as_str().contains("0E0") || format.as_str().contains("#E0") {
        let reason = format!("its scientific format `{}` is not written", format.as_str());
        judgement.refuse(reason, LEFT_OUT);
        return None;
    }
    Some(format)
}

/// Reads User Parameters.
pub(crate) fn read_user_parameters(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> ElementKind {
    let columns = properties
        .items("UserParameters.thread_values")
        .into_iter()
        .map(|column| {
            let values = column.children().into_iter();
            values.map(|value| Text(value.own_text())).collect()
        })
        .collect();
    ElementKind::PreProcessor(PreProcessor::UserParameters(UserParameters {
        names: properties.texts("UserParameters.names"),
        columns,
        per_iteration: properties
            .flag("UserParameters.per_iteration", judgement)
            .unwrap_or(false),
    }))
}
