//! Post-processors that read values out of results.

use loadline_plan::{
    BoundaryExtractor, DebugSampler, ElementKind, FifoPut, HtmlExtractor, HtmlReading,
    JmesPathExtractor, JsonExtractor, PluginJsonExtractor, PostProcessor, RegexExtractor,
    ResponseField, Scope, Text, XPath2Extractor, XPathExtractor,
};

use super::{Form, Settings, form};

/// The words for parts of a result.
pub(super) const FIELDS: &[(&str, ResponseField)] = &[
    ("body", ResponseField::Body),
    ("unescaped_body", ResponseField::UnescapedBody),
    ("response_headers", ResponseField::ResponseHeaders),
    ("request_headers", ResponseField::RequestHeaders),
    ("request_data", ResponseField::RequestData),
    ("url", ResponseField::Url),
    ("code", ResponseField::Code),
    ("message", ResponseField::Message),
];

pub(super) const FORMS: &[Form] = &[
    form(
        "regex_extractor",
        "A variable by a regular expression.",
        || {
            ElementKind::PostProcessor(PostProcessor::Regex(RegexExtractor {
                scope: Scope::Main,
                field: ResponseField::Body,
                variable: Text::default(),
                regex: Text::default(),
                template: Text::default(),
                default: Text::default(),
                default_empty: false,
                match_number: Text::default(),
            }))
        },
    ),
    form("json_extractor", "Variables by JSONPath.", || {
        ElementKind::PostProcessor(PostProcessor::Json(JsonExtractor {
            scope: Scope::Main,
            variables: Text::default(),
            paths: Text::default(),
            defaults: Text::default(),
            match_numbers: Text::default(),
            concatenate: false,
        }))
    }),
    form(
        "boundary_extractor",
        "A variable by what stands around it.",
        || {
            ElementKind::PostProcessor(PostProcessor::Boundary(BoundaryExtractor {
                scope: Scope::Main,
                field: ResponseField::Body,
                variable: Text::default(),
                left: Text::default(),
                right: Text::default(),
                default: Text::default(),
                default_empty: false,
                match_number: Text::default(),
            }))
        },
    ),
    form("css_extractor", "A variable by a CSS selector.", || {
        ElementKind::PostProcessor(PostProcessor::Html(HtmlExtractor {
            scope: Scope::Main,
            reading: HtmlReading::Jsoup,
            variable: Text::default(),
            selector: Text::default(),
            attribute: Text::default(),
            default: Text::default(),
            default_empty: false,
            match_number: Text::default(),
        }))
    }),
    form("xpath_extractor", "A variable by XPath 1.0.", || {
        ElementKind::PostProcessor(PostProcessor::XPath(XPathExtractor {
            scope: Scope::Main,
            tidy: false,
            variable: Text::default(),
            query: Text::default(),
            default: Text::default(),
            match_number: Text::default(),
            namespaces: false,
            fragment: false,
        }))
    }),
    form("xpath2_extractor", "A variable by XPath 2.", || {
        ElementKind::PostProcessor(PostProcessor::XPath2(XPath2Extractor {
            scope: Scope::Main,
            variable: Text::default(),
            query: Text::default(),
            default: Text::default(),
            match_number: Text::default(),
            namespaces: Text::default(),
            fragment: false,
        }))
    }),
    form("jmespath_extractor", "A variable by JMESPath.", || {
        ElementKind::PostProcessor(PostProcessor::JmesPath(JmesPathExtractor {
            scope: Scope::Main,
            variable: Text::default(),
            path: Text::default(),
            default: Text::default(),
            match_number: Text::default(),
        }))
    }),
    form(
        "json_path_extractor",
        "All values of a JSONPath, numbered (plugin jmeter-plugins-json).",
        || {
            ElementKind::PostProcessor(PostProcessor::PluginJson(PluginJsonExtractor {
                source: None,
                variable: Text::default(),
                path: Text::default(),
                default: Text::default(),
            }))
        },
    ),
    form(
        "debug_list",
        "A sub-sample that lists what the user knows (Debug PostProcessor).",
        || ElementKind::PostProcessor(PostProcessor::Debug(DebugSampler::default())),
    ),
    form("fifo_put", "Puts a text at the end of a queue.", || {
        ElementKind::PostProcessor(PostProcessor::FifoPut(FifoPut {
            queue: Text::default(),
            value: Text::default(),
        }))
    }),
];

pub(super) fn key_of(extractor: &PostProcessor) -> &'static str {
    match extractor {
        PostProcessor::Regex(_) => "regex_extractor",
        PostProcessor::Json(_) => "json_extractor",
        PostProcessor::Boundary(_) => "boundary_extractor",
        PostProcessor::Html(_) => "css_extractor",
        PostProcessor::XPath(_) => "xpath_extractor",
        PostProcessor::XPath2(_) => "xpath2_extractor",
        PostProcessor::JmesPath(_) => "jmespath_extractor",
        PostProcessor::PluginJson(_) => "json_path_extractor",
        PostProcessor::Debug(_) => "debug_list",
        PostProcessor::FifoPut(_) => "fifo_put",
    }
}

pub(super) fn settings<S: Settings>(extractor: &mut PostProcessor, s: &mut S) {
    match extractor {
        PostProcessor::Regex(own) => {
            variable(&mut own.variable, s);
            s.text("regex", "Regular expression.", "", &mut own.regex);
            s.text(
                "template",
                "The value, made of groups: `$1$`.",
                "$1$",
                &mut own.template,
            );
            match_number(&mut own.match_number, "1", s);
            default(&mut own.default, s);
            default_empty(&mut own.default_empty, s);
            field(&mut own.field, s);
            scope(&mut own.scope, s);
        }
        PostProcessor::Json(own) => {
            s.text(
                "variables",
                "Names, separated by semicolons.",
                "",
                &mut own.variables,
            );
            s.text(
                "paths",
                "JSONPaths, separated by semicolons.",
                "",
                &mut own.paths,
            );
            s.text(
                "matches",
                "Which match each takes, separated by semicolons.",
                "1",
                &mut own.match_numbers,
            );
            s.text(
                "defaults",
                "Values when nothing is found, separated by semicolons.",
                "",
                &mut own.defaults,
            );
            s.flag(
                "concatenate",
                "Whether `name_ALL` holds all matches.",
                false,
                &mut own.concatenate,
            );
            scope(&mut own.scope, s);
        }
        PostProcessor::Boundary(own) => {
            variable(&mut own.variable, s);
            s.text("left", "What stands before it.", "", &mut own.left);
            s.text("right", "What stands behind it.", "", &mut own.right);
            match_number(&mut own.match_number, "1", s);
            default(&mut own.default, s);
            default_empty(&mut own.default_empty, s);
            field(&mut own.field, s);
            scope(&mut own.scope, s);
        }
        PostProcessor::Html(own) => {
            variable(&mut own.variable, s);
            s.text("selector", "CSS selector.", "", &mut own.selector);
            s.text(
                "attribute",
                "Attribute that has the value; the text by default.",
                "",
                &mut own.attribute,
            );
            match_number(&mut own.match_number, "1", s);
            default(&mut own.default, s);
            default_empty(&mut own.default_empty, s);
            s.word(
                "reading",
                "Whose ways of reading a value it has.",
                &[("jsoup", HtmlReading::Jsoup), ("jodd", HtmlReading::Jodd)],
                &mut own.reading,
            );
            scope(&mut own.scope, s);
        }
        PostProcessor::XPath(own) => {
            variable(&mut own.variable, s);
            s.text("query", "Expression.", "", &mut own.query);
            match_number(&mut own.match_number, "-1", s);
            default(&mut own.default, s);
            s.flag("tidy", "Whether bodies are HTML.", false, &mut own.tidy);
            s.flag(
                "namespaces",
                "Whether names have namespaces.",
                false,
                &mut own.namespaces,
            );
            fragment(&mut own.fragment, s);
            scope(&mut own.scope, s);
        }
        PostProcessor::XPath2(own) => {
            variable(&mut own.variable, s);
            s.text("query", "Expression.", "", &mut own.query);
            match_number(&mut own.match_number, "0", s);
            default(&mut own.default, s);
            s.text(
                "namespaces",
                "Namespaces of prefixes, one `prefix=namespace` a line.",
                "",
                &mut own.namespaces,
            );
            fragment(&mut own.fragment, s);
            scope(&mut own.scope, s);
        }
        PostProcessor::JmesPath(own) => {
            variable(&mut own.variable, s);
            s.text("path", "Expression.", "", &mut own.path);
            match_number(&mut own.match_number, "", s);
            default(&mut own.default, s);
            scope(&mut own.scope, s);
        }
        PostProcessor::PluginJson(own) => {
            variable(&mut own.variable, s);
            s.text("path", "JSONPath.", "", &mut own.path);
            default(&mut own.default, s);
            s.optional(
                "source",
                "Variable that is searched; the body by default.",
                &mut own.source,
            );
        }
        PostProcessor::Debug(own) => super::sampler::debug_lists(own, s),
        PostProcessor::FifoPut(own) => {
            s.text("queue", "Name of the queue.", "", &mut own.queue);
            s.text("value", "The text.", "", &mut own.value);
        }
    }
}

fn variable<S: Settings>(value: &mut Text, s: &mut S) {
    s.text("variable", "Name of the variable.", "", value);
}

fn match_number<S: Settings>(value: &mut Text, default: &str, s: &mut S) {
    s.text(
        "match",
        "n-th match; 0 a random one; negative all.",
        default,
        value,
    );
}

fn default<S: Settings>(value: &mut Text, s: &mut S) {
    s.text("default", "Value when nothing is found.", "", value);
}

fn default_empty<S: Settings>(value: &mut bool, s: &mut S) {
    s.flag(
        "default_empty",
        "Whether an empty default is set too.",
        false,
        value,
    );
}

fn fragment<S: Settings>(value: &mut bool, s: &mut S) {
    s.flag(
        "fragment",
        "Whether the value of an element is its XML.",
        false,
        value,
    );
}

fn field<S: Settings>(value: &mut ResponseField, s: &mut S) {
    s.word("field", "The part that is searched.", FIELDS, value);
}

/// Which results are looked at.
pub(super) fn scope<S: Settings>(scope: &mut Scope, s: &mut S) {
    let (mut word, mut variable) = match &*scope {
        Scope::Main => ("main", None),
        Scope::MainAndSub => ("all", None),
        Scope::Sub => ("children", None),
        Scope::Variable(variable) => ("main", Some(Text(variable.clone()))),
    };
    s.word(
        "scope",
        "Which results are looked at.",
        &[("main", "main"), ("all", "all"), ("children", "children")],
        &mut word,
    );
    s.optional(
        "scope_variable",
        "Variable whose text is looked at instead.",
        &mut variable,
    );
    *scope = match (variable, word) {
        (Some(variable), _) => Scope::Variable(variable.0),
        (None, "all") => Scope::MainAndSub,
        (None, "children") => Scope::Sub,
        (None, _) => Scope::Main,
    };
}
