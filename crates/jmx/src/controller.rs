//! Logic controllers.

use loadline_plan::{
    Controller, ForEach, IfCondition, Interleave, LoopCount, Text, ThroughputLimit,
};

use crate::judgement::{Judgement, WITHOUT_SETTING};
use crate::properties::Properties;
use crate::support::Meaning;

/// Reads a controller; `meaning` is one of the kinds of controllers.
pub(crate) fn read(
    meaning: Meaning,
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> Controller {
    match meaning {
        Meaning::Loop => Controller::Loop {
            count: loop_count(properties),
            restarts: properties
                .flag("LoopController.continue_forever", judgement)
                .unwrap_or(true),
        },
        Meaning::OnceOnly => Controller::OnceOnly,
        Meaning::Transaction => Controller::Transaction {
            parent_sample: properties
                .flag("TransactionController.parent", judgement)
                .unwrap_or(false),
            include_timers: properties
                .flag("TransactionController.includeTimers", judgement)
                .unwrap_or(true),
        },
        Meaning::If => read_if(properties, judgement),
        Meaning::While => Controller::While {
            condition: properties.text_or("WhileController.condition", ""),
        },
        Meaning::ForEach => Controller::ForEach(ForEach {
            prefix: properties.text_or("ForeachController.inputVal", ""),
            variable: properties.text_or("ForeachController.returnVal", ""),
            separator: properties
                .flag("ForeachController.useSeparator", judgement)
                .unwrap_or(true),
            start: properties.text_or("ForeachController.startIndex", "0"),
            end: properties.template("ForeachController.endIndex"),
        }),
        Meaning::Switch => Controller::Switch {
            selection: properties.text_or("SwitchController.value", ""),
        },
        Meaning::Interleave => Controller::Interleave(Interleave {
            random: false,
            whole_controllers: whole_controllers(properties, judgement),
            across_users: properties
                .flag("InterleaveControl.accrossThreads", judgement)
                .unwrap_or(false),
        }),
        Meaning::Random => Controller::Interleave(Interleave {
            random: true,
            whole_controllers: whole_controllers(properties, judgement),
            across_users: false,
        }),
        Meaning::RandomOrder => Controller::RandomOrder,
        Meaning::Throughput => read_throughput(properties, judgement),
        Meaning::Runtime => Controller::Runtime {
            seconds: properties.text_or("RunTime.seconds", "0"),
        },
        Meaning::Parallel => read_parallel(properties, judgement),
        Meaning::CriticalSection => Controller::CriticalSection {
            lock: properties.text_or("CriticalSectionController.lockName", ""),
        },
        _ => Controller::Simple,
    }
}

/// Children of a Parallel Controller that run at the same time if it does not say how many.
const DEFAULT_PARALLEL: i32 = 6;

/// Reads a Parallel Controller. Without threads the plugin fails, so that is refused.
fn read_parallel(properties: Properties<'_, '_>, judgement: &mut Judgement) -> Controller {
    let is_limited = properties
        .flag("LIMIT_MAX_THREAD_NUMBER", judgement)
        .unwrap_or(false);
    let most = properties.number("MAX_THREAD_NUMBER", judgement);
    let most = u32::try_from(most.unwrap_or(DEFAULT_PARALLEL)).unwrap_or(0);
    if is_limited && most == 0 {
        judgement.refuse(
            "nothing runs with a greatest number of threads below 1",
            WITHOUT_SETTING,
        );
    }
    Controller::Parallel {
        parent_sample: properties.flag("PARENT_SAMPLE", judgement).unwrap_or(false),
        most: (is_limited && most > 0).then_some(most),
    }
}

/// Reads a Weighted Switch Controller. A row holds a child's name, its weight and, in files of newer
/// versions, whether it is enabled.
pub(crate) fn read_weighted(properties: Properties<'_, '_>) -> Controller {
    let rows = properties.items("Weights").into_iter();
    let weights = rows.filter_map(|row| {
        let mut values = row.children().into_iter().skip(1).map(Properties::own_text);
        let weight = values.next().unwrap_or_default();
        let is_enabled = values
            .next()
            .is_none_or(|enabled| enabled.eq_ignore_ascii_case("true"));
        is_enabled.then(|| weight.into())
    });
    Controller::Weighted {
        weights: weights.collect(),
    }
}

/// Whether an Interleave or Random Controller runs a controller below it as a whole.
fn whole_controllers(properties: Properties<'_, '_>, judgement: &mut Judgement) -> bool {
    let style = properties.number("InterleaveControl.style", judgement);
    style.unwrap_or(0) != 0
}

fn read_throughput(properties: Properties<'_, '_>, judgement: &mut Judgement) -> Controller {
    let style = properties.number("ThroughputController.style", judgement);
    let limit = match style.unwrap_or(0) {
        0 => {
            let most = properties.text_or("ThroughputController.maxThroughput", "1");
            ThroughputLimit::Total(most)
        }
        _ => {
            let percent = properties.text_or("ThroughputController.percentThroughput", "100");
            ThroughputLimit::Percent(percent)
        }
    };
    Controller::Throughput {
        limit,
        per_user: properties
            .flag("ThroughputController.perThread", judgement)
            .unwrap_or(true),
    }
}

/// The count of a Loop Controller, also of the one inside a thread group.
pub(crate) fn loop_count(properties: Properties<'_, '_>) -> LoopCount {
    let loops = properties.text_or("LoopController.loops", "0");
    match loops.as_str() {
        "-1" => LoopCount::Forever,
        _ => LoopCount::Times(loops),
    }
}

fn read_if(properties: Properties<'_, '_>, judgement: &mut Judgement) -> Controller {
    let text = properties.text_or("IfController.condition", "");
    let condition = Text(text.as_str().trim().to_owned());
    let expression = properties
        .flag("IfController.useExpression", judgement)
        .unwrap_or(false);
    Controller::If {
        condition: if expression {
            IfCondition::Expression(condition)
        } else {
            IfCondition::JavaScript(condition)
        },
        evaluate_all: properties
            .flag("IfController.evaluateAll", judgement)
            .unwrap_or(false),
    }
}
