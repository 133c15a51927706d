//! Pre-processors, and what failed samples do.

use loadline_plan::{
    ElementKind, FifoPop, FlowAction, PreProcessor, RegexUserParameters, Text, UrlRewriting,
    UserParameters,
};

use super::{Form, Settings, form};

pub(super) const FORMS: &[Form] = &[
    form("user_parameters", "Values for each user.", || {
        ElementKind::PreProcessor(PreProcessor::UserParameters(UserParameters {
            names: Vec::new(),
            columns: Vec::new(),
            per_iteration: false,
        }))
    }),
    form(
        "url_rewriting",
        "A session of the previous page goes into the URL.",
        || {
            ElementKind::PreProcessor(PreProcessor::UrlRewriting(UrlRewriting {
                argument: Text::default(),
                in_path: false,
                without_equals: false,
                without_question_mark: false,
                keeps_value: false,
                encode: false,
            }))
        },
    ),
    form(
        "regex_user_parameters",
        "Arguments take values that an extractor found.",
        || {
            ElementKind::PreProcessor(PreProcessor::RegexUserParameters(RegexUserParameters {
                reference: Text::default(),
                names_group: Text::default(),
                values_group: Text::default(),
            }))
        },
    ),
    form(
        "link_parser",
        "The request goes where a fitting link of the previous page leads.",
        || ElementKind::PreProcessor(PreProcessor::LinkParser),
    ),
    form(
        "fifo_pop",
        "Takes the first text out of a queue, and waits for one.",
        || {
            ElementKind::PreProcessor(PreProcessor::FifoPop(FifoPop {
                queue: Text::default(),
                variable: Text::default(),
                timeout_s: Text::default(),
            }))
        },
    ),
    form(
        "sample_timeout",
        "A request that takes longer is cut off.",
        || {
            ElementKind::PreProcessor(PreProcessor::SampleTimeout {
                timeout_ms: Text::default(),
            })
        },
    ),
    form(
        "on_failure",
        "What each failed sample in scope does to its user.",
        || ElementKind::OnFailure(FlowAction::StopThread),
    ),
];

pub(super) fn key_of(processor: &PreProcessor) -> &'static str {
    match processor {
        PreProcessor::UserParameters(_) => "user_parameters",
        PreProcessor::UrlRewriting(_) => "url_rewriting",
        PreProcessor::RegexUserParameters(_) => "regex_user_parameters",
        PreProcessor::LinkParser => "link_parser",
        PreProcessor::FifoPop(_) => "fifo_pop",
        PreProcessor::SampleTimeout { .. } => "sample_timeout",
    }
}

pub(super) fn settings<S: Settings>(processor: &mut PreProcessor, s: &mut S) {
    match processor {
        PreProcessor::UserParameters(own) => {
            s.texts("names", "Names of the variables.", &mut own.names);
            s.rows(
                "users",
                "The values of one user after the other.",
                &mut own.columns,
                |s, column| s.texts("values", "Values in the order of the names.", column),
            );
            s.flag(
                "per_iteration",
                "Whether they are set once in each pass of the steps around.",
                false,
                &mut own.per_iteration,
            );
        }
        PreProcessor::UrlRewriting(own) => {
            s.text(
                "argument",
                "Argument that holds the session.",
                "",
                &mut own.argument,
            );
            s.flag(
                "in_path",
                "Whether it stands in the path, behind a `;`.",
                false,
                &mut own.in_path,
            );
            s.flag(
                "without_equals",
                "Whether no `=` stands between name and value in the path.",
                false,
                &mut own.without_equals,
            );
            s.flag(
                "without_question_mark",
                "Whether the value ends before a `?` in the path.",
                false,
                &mut own.without_question_mark,
            );
            s.flag(
                "keeps_value",
                "Whether the last value counts where a result has none.",
                true,
                &mut own.keeps_value,
            );
            s.flag(
                "encode",
                "Whether the value is percent-encoded as it is.",
                false,
                &mut own.encode,
            );
        }
        PreProcessor::RegexUserParameters(own) => {
            s.text(
                "reference",
                "Name of the extractor's variable.",
                "",
                &mut own.reference,
            );
            s.text(
                "names_group",
                "Number of the group with the names.",
                "",
                &mut own.names_group,
            );
            s.text(
                "values_group",
                "Number of the group with the values.",
                "",
                &mut own.values_group,
            );
        }
        PreProcessor::LinkParser => {}
        PreProcessor::FifoPop(own) => {
            s.text("queue", "Name of the queue.", "", &mut own.queue);
            s.text(
                "variable",
                "Variable that takes the text.",
                "",
                &mut own.variable,
            );
            s.text(
                "timeout_s",
                "Seconds that the user waits, without end by default.",
                "",
                &mut own.timeout_s,
            );
        }
        PreProcessor::SampleTimeout { timeout_ms } => {
            s.text("timeout_ms", "Time in milliseconds.", "", timeout_ms);
        }
    }
}
