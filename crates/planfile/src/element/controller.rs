//! Logic controllers that have no short form.

use loadline_plan::{Controller, ElementKind, ForEach, Interleave, Text, ThroughputLimit};

use super::{Form, Settings, form};

pub(super) const FORMS: &[Form] = &[
    form("simple", "Steps in order (Simple Controller).", || {
        ElementKind::Controller(Controller::Simple)
    }),
    form(
        "while",
        "Steps until a condition is `false` (While Controller).",
        || {
            ElementKind::Controller(Controller::While {
                condition: Text::default(),
            })
        },
    ),
    form(
        "for_each",
        "Steps once for each variable of a family (ForEach Controller).",
        || {
            ElementKind::Controller(Controller::ForEach(ForEach {
                prefix: Text::default(),
                variable: Text::default(),
                separator: true,
                start: Text::default(),
                end: None,
            }))
        },
    ),
    form(
        "switch",
        "The step of a position or name (Switch Controller).",
        || {
            ElementKind::Controller(Controller::Switch {
                selection: Text::default(),
            })
        },
    ),
    form(
        "interleave",
        "One step in each pass (Interleave and Random Controller).",
        || {
            ElementKind::Controller(Controller::Interleave(Interleave {
                random: false,
                whole_controllers: false,
                across_users: false,
            }))
        },
    ),
    form(
        "random_order",
        "Steps in an order drawn anew in each pass (Random Order Controller).",
        || ElementKind::Controller(Controller::RandomOrder),
    ),
    form(
        "throughput",
        "Steps in some passes only (Throughput Controller).",
        || {
            ElementKind::Controller(Controller::Throughput {
                limit: ThroughputLimit::Total(Text::default()),
                per_user: false,
            })
        },
    ),
    form(
        "runtime",
        "Steps again and again for some time (Runtime Controller).",
        || {
            ElementKind::Controller(Controller::Runtime {
                seconds: Text::default(),
            })
        },
    ),
    form(
        "weighted",
        "One step in each pass, by weights (Weighted Switch Controller).",
        || {
            ElementKind::Controller(Controller::Weighted {
                weights: Vec::new(),
            })
        },
    ),
    form(
        "parameterized",
        "Steps with variables set before each (Parameterized Controller).",
        || {
            ElementKind::Controller(Controller::Parameterized {
                variables: Vec::new(),
            })
        },
    ),
    form(
        "parallel",
        "Steps at the same time (Parallel Controller).",
        || {
            ElementKind::Controller(Controller::Parallel {
                parent_sample: false,
                most: None,
            })
        },
    ),
    form(
        "critical_section",
        "Steps of one user at a time (Critical Section Controller).",
        || {
            ElementKind::Controller(Controller::CriticalSection {
                lock: Text::default(),
            })
        },
    ),
];

pub(super) fn key_of(controller: &Controller) -> Option<&'static str> {
    Some(match controller {
        Controller::Simple => "simple",
        Controller::While { .. } => "while",
        Controller::ForEach(_) => "for_each",
        Controller::Switch { .. } => "switch",
        Controller::Interleave(_) => "interleave",
        Controller::RandomOrder => "random_order",
        Controller::Throughput { .. } => "throughput",
        Controller::Runtime { .. } => "runtime",
        Controller::Weighted { .. } => "weighted",
        Controller::Parameterized { .. } => "parameterized",
        Controller::Parallel { .. } => "parallel",
        Controller::CriticalSection { .. } => "critical_section",
        Controller::Loop { .. }
        | Controller::OnceOnly
        | Controller::Transaction { .. }
        | Controller::If { .. } => return None,
    })
}

pub(super) fn settings<S: Settings>(controller: &mut Controller, s: &mut S) {
    match controller {
        Controller::While { condition } => s.text(
            "condition",
            "Condition; blank or `LAST` is false when the last sample failed.",
            "",
            condition,
        ),
        Controller::ForEach(own) => {
            s.text(
                "prefix",
                "Name of the variables read, without their numbers.",
                "",
                &mut own.prefix,
            );
            s.text(
                "variable",
                "Name of the variable set.",
                "",
                &mut own.variable,
            );
            s.flag(
                "separator",
                "Whether `_` stands before the number.",
                true,
                &mut own.separator,
            );
            s.text("start", "The number before the first.", "0", &mut own.start);
            s.optional("end", "The last number.", &mut own.end);
        }
        Controller::Switch { selection } => s.text(
            "selection",
            "Position, counted from 0, or name of the step.",
            "",
            selection,
        ),
        Controller::Interleave(own) => {
            s.flag(
                "random",
                "Whether the step is drawn; else steps take turns.",
                false,
                &mut own.random,
            );
            s.flag(
                "whole",
                "Whether a controller among the steps runs as a whole in its turn.",
                false,
                &mut own.whole_controllers,
            );
            s.flag(
                "across_users",
                "Whether each user begins with another step.",
                false,
                &mut own.across_users,
            );
        }
        Controller::Throughput { limit, per_user } => {
            let (mut total, mut percent) = match &*limit {
                ThroughputLimit::Total(total) => (Some(total.clone()), None),
                ThroughputLimit::Percent(percent) => (None, Some(percent.clone())),
            };
            s.optional("total", "Number of passes in all.", &mut total);
            s.optional("percent", "Passes of a hundred.", &mut percent);
            *limit = match (total, percent) {
                (_, Some(percent)) => ThroughputLimit::Percent(percent),
                (total, None) => ThroughputLimit::Total(total.unwrap_or_else(|| "1".into())),
            };
            s.flag(
                "per_user",
                "Whether each user counts for itself.",
                true,
                per_user,
            );
        }
        Controller::Runtime { seconds } => {
            s.text("seconds", "How long, in whole seconds.", "0", seconds);
        }
        Controller::Weighted { weights } => {
            s.texts("weights", "The weights of the steps, in order.", weights);
        }
        Controller::Parameterized { variables } => {
            s.pairs("variables", "Names and values.", variables);
        }
        Controller::Parallel {
            parent_sample,
            most,
        } => {
            s.flag(
                "parent_sample",
                "Whether the samples are parts of a sample of its own.",
                false,
                parent_sample,
            );
            s.count("most", "How many at the same time; all by default.", most);
        }
        Controller::CriticalSection { lock } => {
            s.text("lock", "Name of the section.", "", lock);
        }
        Controller::Simple
        | Controller::RandomOrder
        | Controller::Loop { .. }
        | Controller::OnceOnly
        | Controller::Transaction { .. }
        | Controller::If { .. } => {}
    }
}
