//! What a plan file may hold: for every mapping its keys, with their shape and meaning.
//!
//! The reader refuses what is not in these tables, and the JSON Schema is made of them. This file is
//! one long table.

/// A mapping with fixed keys.
#[derive(Debug)]
pub(crate) struct Object {
    /// Name in the JSON Schema and in messages.
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) fields: &'static [Field],
}

/// One key of an [`Object`].
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) shape: Shape,
    pub(crate) is_required: bool,
}

/// What a value may look like.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// Any single value; numbers count as their text.
    Text,
    /// `true` or `false`.
    Flag,
    /// A whole number, 0 or more.
    Count,
    /// A time such as `30s`.
    Duration,
    /// A time or a range such as `500ms..1500ms`.
    Think,
    /// A rate such as `100/s`.
    Rate,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Exactly this number.
    Version(u32),
    /// Anything.
    Any,
    /// A list.
    List(&'static Shape),
    /// A mapping with keys that the author chooses.
    Map(&'static Shape),
    /// A mapping with the keys of the table.
    Object(&'static Object),
    /// A list of steps, each of one of [`STEP_FORMS`]. A shape of its own, because steps hold steps.
    Steps,
    /// JMeter's settings of HTTP requests.
    HttpSettings,
    /// A load of JMeter's, by its key.
    JmeterLoad(&'static str),
    /// One of several.
    AnyOf(&'static [Shape]),
}

impl Object {
    pub(crate) fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

const fn optional(name: &'static str, shape: Shape, about: &'static str) -> Field {
    Field {
        name,
        about,
        shape,
        is_required: false,
    }
}

const fn required(name: &'static str, shape: Shape, about: &'static str) -> Field {
    Field {
        name,
        about,
        shape,
        is_required: true,
    }
}

const fn jmeter_load(key: &'static str) -> Field {
    optional(
        key,
        Shape::JmeterLoad(key),
        "The load of one of JMeter's thread groups, by its own settings.",
    )
}

/// The one version of the format that this program reads.
pub(crate) const VERSION: u32 = 1;

const TEXTS: Shape = Shape::Map(&Shape::Text);
const DATA_FILES: Shape = Shape::Map(&Shape::Object(&DATA));
const EXTRACTORS: Shape = Shape::Map(&Shape::AnyOf(&EXTRACTOR_FORMS));
const GROUPS: Shape = Shape::List(&Shape::Object(&GROUP));
const SETTING_GROUPS: Shape = Shape::List(&Shape::Object(&STAGE_GROUP));
const TEXT_OR_LIST: Shape = Shape::AnyOf(&[Shape::Text, Shape::List(&Shape::Text)]);
const START: Field = optional("start", Shape::Duration, "Time before the load begins.");
const RAMP: &str = "Time over which the load is reached; held times begin after it.";
const PACING: Field = optional(
    "pacing",
    Shape::Duration,
    "Time between the starts of two iterations of a user; a longer iteration is followed at once.",
);

pub(crate) static PLAN: Object = Object {
    name: "plan",
    about: "A Loadline test plan.",
    fields: &[
        required(
            "loadline",
            Shape::Version(VERSION),
            "Version of this format.",
        ),
        optional(
            "name",
            Shape::Text,
            "Name in reports; the file's name by default.",
        ),
        optional(
            "target",
            Shape::Text,
            "Base URL of the server under test, such as `http://127.0.0.1:8000`. Paths of requests \
             are appended.",
        ),
        optional(
            "servers",
            TEXTS,
            "Servers to watch: a name, and where readings come from: `local` (the process that \
             listens on the target's port), `pid:N`, or `postgres://…` (a database, by its own statistics).",
        ),
        optional(
            "variables",
            Shape::AnyOf(&[TEXTS, Shape::List(&TEXTS)]),
            "Variables, evaluated once before the users start; later ones may refer to earlier ones. \
             Those of one mapping of a list do not see each other.",
        ),
        optional(
            "rules",
            Shape::Word(&["loadline", "jmeter"]),
            "Whose rules count where they differ: `jmeter` for plans that were JMeter's.",
        ),
        optional(
            "consecutive",
            Shape::Flag,
            "Whether groups run one after the other; false by default.",
        ),
        optional(
            "teardown_when_stopped",
            Shape::Flag,
            "Whether `teardown` also runs when the test was stopped; true by default.",
        ),
        optional(
            "with",
            Shape::Steps,
            "Elements by JMeter's names that are in scope of all groups.",
        ),
        GROUP_HTTP,
        optional("headers", TEXTS, "Headers of every request of the plan."),
        optional(
            "cookies",
            Shape::Flag,
            "Whether each user keeps and sends cookies.",
        ),
        optional(
            "timeout",
            Shape::Duration,
            "Time to connect, and greatest gap between two reads of a response; 60 s by default.",
        ),
        optional("setup", SETTING_GROUPS, "Groups that run before the load."),
        required(
            "groups",
            GROUPS,
            "Groups of users that make the load, side by side.",
        ),
        optional(
            "teardown",
            SETTING_GROUPS,
            "Groups that run after the load.",
        ),
        optional(
            "limits",
            Shape::List(&Shape::Text),
            "Expected results, such as `p95 < 500ms for \"GET /posts/\"` or `errors <= 1%`.",
        ),
    ],
};

const GROUP_NAME: Field = required("name", Shape::Text, "Name in reports; unique in the plan.");
const GROUP_DATA: Field = optional(
    "data",
    DATA_FILES,
    "Variables from CSV files, one line for each iteration.",
);
const GROUP_HEADERS: Field = optional("headers", TEXTS, "Headers of every request of the group.");
const GROUP_HTTP: Field = optional(
    "http",
    Shape::Object(&HTTP),
    "How servers are spoken to: version of HTTP, streams, Unix socket.",
);
const GROUP_COOKIES: Field = optional(
    "cookies",
    Shape::Flag,
    "Whether each user keeps and sends cookies.",
);
const GROUP_THINK: Field = optional(
    "think",
    Shape::Think,
    "Think time before each request of the group.",
);
const GROUP_AFTER: Field = optional(
    "after",
    Shape::Text,
    "Name of the group behind which this one runs.",
);
const GROUP_ON_ERROR: Field = optional(
    "on_error",
    Shape::Word(&[
        "continue",
        "start_next_loop",
        "stop_thread",
        "stop_test",
        "stop_test_now",
    ]),
    "What a failed sample does to its user; it goes on by default.",
);
const GROUP_SAME_USER: Field = optional(
    "same_user",
    Shape::Flag,
    "Whether a user keeps its connections over iterations; true by default.",
);
const CONTROLLER_NAME: Field = optional("name", Shape::Text, "Its name.");
const DO: Field = required(
    "do",
    Shape::Steps,
    "What each user does in an iteration, in order.",
);

pub(crate) static HTTP: Object = Object {
    name: "http",
    about: "How servers are spoken to.",
    fields: &[
        optional(
            "version",
            Shape::Word(&["1.1", "2"]),
            "Version of HTTP; 1.1 by default. HTTP/2 is agreed on with a server of https, and begun at \
             once with others.",
        ),
        optional(
            "streams",
            Shape::Word(&["one", "many"]),
            "Who shares a connection of HTTP/2: nobody (`one`, the default: each user has its own), or \
             all users of an engine thread (`many`).",
        ),
        optional(
            "unix_socket",
            Shape::Text,
            "File of a Unix socket that connections go to; the URL's host is then only sent.",
        ),
    ],
};

pub(crate) static GROUP: Object = Object {
    name: "group",
    about: "A group of users that do the same.",
    fields: &[
        GROUP_NAME,
        required(
            "load",
            Shape::Object(&LOAD),
            "How many users or arrivals, and how long.",
        ),
        GROUP_AFTER,
        GROUP_ON_ERROR,
        GROUP_SAME_USER,
        GROUP_DATA,
        GROUP_HTTP,
        GROUP_HEADERS,
        GROUP_COOKIES,
        GROUP_THINK,
        DO,
    ],
};

pub(crate) static STAGE_GROUP: Object = Object {
    name: "stage_group",
    about: "A group that runs before or after the load; one user and one iteration by default.",
    fields: &[
        GROUP_NAME,
        optional(
            "load",
            Shape::Object(&LOAD),
            "How many users or arrivals, and how long.",
        ),
        GROUP_AFTER,
        GROUP_ON_ERROR,
        GROUP_SAME_USER,
        GROUP_DATA,
        GROUP_HTTP,
        GROUP_HEADERS,
        GROUP_COOKIES,
        GROUP_THINK,
        DO,
    ],
};

pub(crate) static LOAD: Object = Object {
    name: "load",
    about: "A closed load (`users`) or an open load (`rate`).",
    fields: &[
        optional(
            "users",
            Shape::AnyOf(&[
                Shape::Count,
                Shape::Object(&USER_STEPS),
                Shape::Object(&USER_STAGES),
            ]),
            "Concurrent users: a number, steps or stages.",
        ),
        optional(
            "rate",
            Shape::AnyOf(&[
                Shape::Rate,
                Shape::Object(&RATE_STEPS),
                Shape::Object(&RATE_STAGES),
            ]),
            "Iterations started in a time: a rate, steps or stages.",
        ),
        optional(
            "for",
            Shape::Duration,
            "Time a constant load is held, after its ramp.",
        ),
        optional(
            "iterations",
            Shape::Count,
            "Iterations of the whole group, then it ends.",
        ),
        optional(
            "iterations_each",
            Shape::Count,
            "Iterations of each user, then it ends.",
        ),
        optional("ramp", Shape::Duration, RAMP),
        START,
        PACING,
        optional(
            "arrivals",
            Shape::Word(&["even", "poisson"]),
            "Whether arrivals are evenly spaced (the default) or random.",
        ),
        optional(
            "max_users",
            Shape::Count,
            "Greatest number of users that serve arrivals; 10000 by default.",
        ),
        jmeter_load("threads"),
        jmeter_load("open_model"),
        jmeter_load("ultimate"),
        jmeter_load("stepping"),
        jmeter_load("concurrency"),
        jmeter_load("arrivals_group"),
        jmeter_load("free_form_arrivals"),
    ],
};

pub(crate) static USER_STEPS: Object = Object {
    name: "user_steps",
    about: "Users in steps, each held.",
    fields: &[
        required("from", Shape::Count, "Users of the first step."),
        required("to", Shape::Count, "Users of the last step."),
        optional("by", Shape::Count, "Difference between two steps."),
        required(
            "hold",
            Shape::Duration,
            "Time each step is held, after its ramp.",
        ),
        optional(
            "ramp",
            Shape::Duration,
            "Time of the change before each hold.",
        ),
    ],
};

pub(crate) static USER_STAGES: Object = Object {
    name: "user_stages",
    about: "Users that change linearly from stage to stage.",
    fields: &[
        optional("from", Shape::Count, "Users at the start; 0 by default."),
        required(
            "stages",
            Shape::List(&Shape::Object(&USER_STAGE)),
            "The stages, in order.",
        ),
    ],
};

pub(crate) static USER_STAGE: Object = Object {
    name: "user_stage",
    about: "A linear change of the number of users.",
    fields: &[
        required("to", Shape::Count, "Users at the end of the stage."),
        required("in", Shape::Duration, "Length of the stage; 0 jumps."),
    ],
};

pub(crate) static RATE_STEPS: Object = Object {
    name: "rate_steps",
    about: "Arrival rates in steps, each held.",
    fields: &[
        required("from", Shape::Rate, "Rate of the first step."),
        required("to", Shape::Rate, "Rate of the last step."),
        optional("by", Shape::Rate, "Difference between two steps."),
        required(
            "hold",
            Shape::Duration,
            "Time each step is held, after its ramp.",
        ),
        optional(
            "ramp",
            Shape::Duration,
            "Time of the change before each hold.",
        ),
    ],
};

pub(crate) static RATE_STAGES: Object = Object {
    name: "rate_stages",
    about: "An arrival rate that changes linearly from stage to stage.",
    fields: &[
        optional("from", Shape::Rate, "Rate at the start; 0 by default."),
        required(
            "stages",
            Shape::List(&Shape::Object(&RATE_STAGE)),
            "The stages, in order.",
        ),
    ],
};

pub(crate) static RATE_STAGE: Object = Object {
    name: "rate_stage",
    about: "A linear change of the arrival rate.",
    fields: &[
        required("to", Shape::Rate, "Rate at the end of the stage."),
        required("in", Shape::Duration, "Length of the stage; 0 jumps."),
    ],
};

pub(crate) static DATA: Object = Object {
    name: "data",
    about: "How a CSV file is read.",
    fields: &[
        optional(
            "variables",
            Shape::List(&Shape::Text),
            "Names of the columns; by default the first line gives them.",
        ),
        optional(
            "share",
            Shape::Word(&["all", "group", "user"]),
            "Who shares the position in the file: all users (the default), the group's, or none.",
        ),
        optional(
            "recycle",
            Shape::Flag,
            "Whether reading starts again at the end of the file; true by default.",
        ),
        optional(
            "stop",
            Shape::Flag,
            "Whether a user ends at the end of the file; by default if it is not recycled.",
        ),
        optional(
            "delimiter",
            Shape::Text,
            "What separates columns; a comma by default.",
        ),
        optional(
            "quoted",
            Shape::Flag,
            "Whether values may stand in double quotes; true by default.",
        ),
        optional(
            "header",
            Shape::Flag,
            "Whether the first line holds names; by default if `variables` is not given.",
        ),
    ],
};

/// Keys of a step that make it a request, and their methods.
pub(crate) const METHODS: [(&str, &str); 7] = [
    ("get", "GET"),
    ("post", "POST"),
    ("put", "PUT"),
    ("patch", "PATCH"),
    ("delete", "DELETE"),
    ("head", "HEAD"),
    ("options", "OPTIONS"),
];

/// The forms a step can have.
pub(crate) static STEP_FORMS: [Shape; 7] = [
    Shape::Object(&REQUEST),
    Shape::Object(&PAUSE),
    Shape::Object(&REPEAT_STEP),
    Shape::Object(&ONCE_STEP),
    Shape::Object(&TRANSACTION_STEP),
    Shape::Object(&IF_STEP),
    Shape::Object(&SCRIPT_STEP),
];

pub(crate) static REQUEST: Object = Object {
    name: "request",
    about: "An HTTP request: one of the methods with a path, and what goes with it.",
    fields: &[
        optional("get", Shape::Text, "Path of a GET request, or a whole URL."),
        optional(
            "post",
            Shape::Text,
            "Path of a POST request, or a whole URL.",
        ),
        optional("put", Shape::Text, "Path of a PUT request, or a whole URL."),
        optional(
            "patch",
            Shape::Text,
            "Path of a PATCH request, or a whole URL.",
        ),
        optional(
            "delete",
            Shape::Text,
            "Path of a DELETE request, or a whole URL.",
        ),
        optional(
            "head",
            Shape::Text,
            "Path of a HEAD request, or a whole URL.",
        ),
        optional(
            "options",
            Shape::Text,
            "Path of an OPTIONS request, or a whole URL.",
        ),
        optional(
            "name",
            Shape::Text,
            "Label of its samples; by default method and path, with `{id}` for `${id}`.",
        ),
        optional("headers", TEXTS, "Headers of this request."),
        optional(
            "query",
            TEXTS,
            "Query parameters; they are percent-encoded.",
        ),
        optional(
            "json",
            Shape::Any,
            "Body as JSON, of any YAML value; sets the content type unless a header does.",
        ),
        optional("body", Shape::Text, "Body as it is."),
        optional("form", TEXTS, "Body as an HTML form."),
        optional(
            "timeout",
            Shape::Duration,
            "Time to connect, and greatest gap between two reads of the response.",
        ),
        optional(
            "follow_redirects",
            Shape::Flag,
            "Whether redirects are followed; true by default.",
        ),
        optional(
            "check",
            Shape::Object(&CHECK),
            "What the response must be like.",
        ),
        optional(
            "extract",
            EXTRACTORS,
            "Variables from the response: a JSONPath such as `$.id`, or a mapping.",
        ),
        optional("think", Shape::Think, "Think time before this request."),
        optional(
            "settings",
            Shape::HttpSettings,
            "Further settings, by JMeter's names.",
        ),
        optional(
            "with",
            Shape::Steps,
            "Elements by JMeter's names that are in scope of this request alone.",
        ),
        optional(
            "before",
            SCRIPT_SHAPE,
            "Script that runs before this request.",
        ),
        optional(
            "after",
            SCRIPT_SHAPE,
            "Script that runs after this request.",
        ),
    ],
};

pub(crate) static CHECK: Object = Object {
    name: "check",
    about: "What a response must be like; otherwise its sample fails.",
    fields: &[
        optional(
            "status",
            Shape::AnyOf(&[Shape::Count, Shape::List(&Shape::Count)]),
            "Status code, or a list of which one suffices. Without it 200 to 399 are a success.",
        ),
        optional("contains", TEXT_OR_LIST, "Texts that the body must hold."),
        optional(
            "not_contains",
            TEXT_OR_LIST,
            "Texts that the body must not hold.",
        ),
        optional(
            "matches",
            TEXT_OR_LIST,
            "Regular expressions that must be found in the body.",
        ),
        optional(
            "max_time",
            Shape::Duration,
            "Longest service time, in whole milliseconds.",
        ),
    ],
};

static EXTRACTOR_FORMS: [Shape; 2] = [Shape::Text, Shape::Object(&EXTRACT)];

pub(crate) static EXTRACT: Object = Object {
    name: "extract",
    about: "A variable from the body of a response.",
    fields: &[
        optional("json", Shape::Text, "JSONPath of the value."),
        optional(
            "regex",
            Shape::Text,
            "Regular expression; its first match counts.",
        ),
        optional(
            "group",
            Shape::Count,
            "Group of the regular expression; 1 by default, or 0, the whole, if it has none.",
        ),
        optional(
            "default",
            Shape::Text,
            "Value when nothing is found; empty by default.",
        ),
    ],
};

pub(crate) static PAUSE: Object = Object {
    name: "pause",
    about: "A think time.",
    fields: &[required(
        "think",
        Shape::Think,
        "Time, or a range of times.",
    )],
};

pub(crate) static REPEAT_STEP: Object = Object {
    name: "repeat_step",
    about: "Steps done several times in an iteration.",
    fields: &[required(
        "repeat",
        Shape::Object(&REPEAT),
        "How often, and what.",
    )],
};

pub(crate) static REPEAT: Object = Object {
    name: "repeat",
    about: "Steps and how often they are done.",
    fields: &[
        required(
            "times",
            Shape::Text,
            "How often; a number, a text that becomes one, or `forever`.",
        ),
        CONTROLLER_NAME,
        optional(
            "restarts",
            Shape::Flag,
            "Whether it starts again in the next iteration; true by default.",
        ),
        DO,
    ],
};

pub(crate) static ONCE_STEP: Object = Object {
    name: "once_step",
    about: "Steps done in a user's first iteration only.",
    fields: &[required("once", Shape::Object(&ONCE), "What.")],
};

pub(crate) static ONCE: Object = Object {
    name: "once",
    about: "Steps done once.",
    fields: &[CONTROLLER_NAME, DO],
};

pub(crate) static TRANSACTION_STEP: Object = Object {
    name: "transaction_step",
    about: "Steps timed together as one more sample.",
    fields: &[required(
        "transaction",
        Shape::Object(&TRANSACTION),
        "Name, and what.",
    )],
};

pub(crate) static TRANSACTION: Object = Object {
    name: "transaction",
    about: "Steps timed together; think times do not count by default.",
    fields: &[
        required("name", Shape::Text, "Label of its samples."),
        optional(
            "parent_sample",
            Shape::Flag,
            "Whether the samples become parts of its own; false by default.",
        ),
        optional(
            "timers",
            Shape::Flag,
            "Whether think times and processors count; false by default.",
        ),
        DO,
    ],
};

pub(crate) static IF_STEP: Object = Object {
    name: "if_step",
    about: "Steps done when a condition holds.",
    fields: &[required("if", Shape::Object(&IF), "Condition, and what.")],
};

pub(crate) static IF: Object = Object {
    name: "if",
    about: "Steps and their condition.",
    fields: &[
        required(
            "condition",
            Shape::Text,
            "A comparison such as `\"${status}\" == \"open\"`, or a reference that becomes `true`.",
        ),
        CONTROLLER_NAME,
        optional(
            "expression",
            Shape::Flag,
            "Whether the condition holds when it becomes `true`; by default if it is one reference.",
        ),
        optional(
            "each_step",
            Shape::Flag,
            "Whether it is evaluated before each step; false by default.",
        ),
        DO,
    ],
};

pub(crate) static SCRIPT_STEP: Object = Object {
    name: "script_step",
    about: "A script. It is no sample, unless it fails.",
    fields: &[required("script", SCRIPT_SHAPE, "The script.")],
};

const SCRIPT_SHAPE: Shape = Shape::AnyOf(&[Shape::Text, Shape::Object(&SCRIPT)]);

pub(crate) static SCRIPT: Object = Object {
    name: "script",
    about: "A script, here or in a file. References are not replaced in it: `vars.get(\"name\")`.",
    fields: &[
        optional("text", Shape::Text, "The script."),
        optional(
            "file",
            Shape::Text,
            "File of the script, from the plan's folder.",
        ),
        optional(
            "language",
            Shape::Word(SCRIPT_LANGUAGES),
            "Its language; groovy by default.",
        ),
        optional(
            "name",
            Shape::Text,
            "Name in messages; `script` by default.",
        ),
        optional(
            "parameters",
            Shape::Text,
            "What the script has as `Parameters` and, by words, as `args`.",
        ),
    ],
};

/// Languages of scripts.
pub(crate) const SCRIPT_LANGUAGES: &[&str] = &["groovy", "javascript", "beanshell"];

/// The keys that decide what a step is, besides the methods.
pub(crate) static STEP_KINDS: [(&str, &Object); 6] = [
    ("think", &PAUSE),
    ("repeat", &REPEAT_STEP),
    ("once", &ONCE_STEP),
    ("transaction", &TRANSACTION_STEP),
    ("if", &IF_STEP),
    ("script", &SCRIPT_STEP),
];
