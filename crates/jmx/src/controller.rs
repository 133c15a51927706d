//! Logic controllers.

use loadline_plan::{Controller, IfCondition, LoopCount, Text};

use crate::condition::is_comparison;
use crate::judgement::{CHILDREN_ONLY, Judgement};
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
        _ => Controller::Simple,
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
    if !expression && !is_comparison(condition.as_str()) {
        judgement.refuse(
            "its condition is JavaScript beyond comparisons of values",
            CHILDREN_ONLY,
        );
        return Controller::Simple;
    }
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
