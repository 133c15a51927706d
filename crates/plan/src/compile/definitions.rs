//! What sets variables: function parameters, extractors, data sets, and the run itself.

use crate::program::{
    Call, CsvProgram, KeptParts, Part, PostProcessorProgram, Template, names_sampler,
    parts_read_by, reads_result,
};

use super::names::Names;

/// Variables that the run sets for every user.
const PREDEFINED: &[&str] = &[
    "START.MS",
    "START.YMD",
    "START.HMS",
    "TESTSTART.MS",
    "JMeterThread.last_sample_ok",
];

/// A body alone.
pub(super) const BODY: KeptParts = KeptParts {
    body: true,
    response_headers: false,
    request: false,
};

/// Whether the run itself sets the variable `name`.
pub(super) fn is_predefined(name: &str) -> bool {
    PREDEFINED.contains(&name) || (name.starts_with("__jm__") && name.ends_with("__idx"))
}

/// Notes the variables that a function call sets: most functions can store their result in one.
pub(super) fn note_call(call: &Call, names: &mut Names) {
    let parameter = match call.function {
        "__samplerName" | "__machineIP" | "__machineName" => call.parameters.first(),
        "__property"
        | "__time"
        | "__RandomFromMultipleVars"
        | "__counter"
        | "__env"
        | "__MD5"
        | "__escapeOroRegexpChars"
        | "__base64Decode"
        | "__base64Encode"
        | "__lowercase"
        | "__uppercase"
        | "__strLen"
        | "__fifoGet"
        | "__fifoPop"
        | "__fifoSize" => call.parameters.get(1),
        "__Random" | "__RandomString" | "__changeCase" | "__FileToString" | "__caseFormat" => {
            call.parameters.get(2)
        }
        "__dateTimeConvert" | "__strReplace" | "__strReplaceRegex" | "__substring" => {
            call.parameters.get(3)
        }
        "__RandomDate" | "__digest" | "__if" => call.parameters.get(4),
        // The locale before the name may be left out.
        "__timeShift" => call.parameters.last(),
        "__chooseRandom" => call.parameters.last(),
        "__StringFromFile" if call.parameters.len() == 1 => {
            names.define("StringFromFile_");
            return;
        }
        "__StringFromFile" => call.parameters.get(1),
        // It sets groups even without a name.
        "__regexFunction" => {
            names.read_previous(BODY);
            let unnamed = Template::default();
            define_family(call.parameters.get(5).unwrap_or(&unnamed), names);
            return;
        }
        // The last one is a name unless it is a number.
        "__intSum" | "__longSum" | "__doubleSum" => call.parameters.last().filter(|last| {
            last.as_literal()
                .is_none_or(|text| text.trim().parse::<f64>().is_err())
        }),
        "__split" => {
            if let Some(prefix) = call.parameters.get(1) {
                define_family(prefix, names);
            }
            return;
        }
        // The text, or the variable's content, may hold any call.
        "__eval" | "__evalVar" => {
            names.define_unknown();
            names.calls_scripts = true;
            names.names_sampler = true;
            let mut parts = call
                .parameters
                .iter()
                .flat_map(|parameter| &parameter.parts);
            if parts
                .any(|part| matches!(part, Part::Literal(text) if text.contains("__regexFunction")))
            {
                names.read_previous(BODY);
            }
            return;
        }
        // The script may set any variable.
        "__BeanShell" | "__groovy" | "__javaScript" | "__jexl2" | "__jexl3" => {
            names.define_unknown();
            names.calls_scripts = true;
            if let Some(script) = call.parameters.first()
                && reads_result(script)
            {
                names.read_previous(parts_read_by(script));
            }
            names.names_sampler |= call.parameters.first().is_some_and(names_sampler);
            return;
        }
        _ => None,
    };
    if let Some(parameter) = parameter {
        define(parameter, names);
    }
}

/// Notes the variables that a post-processor sets.
pub(super) fn note_post_processor(program: &PostProcessorProgram, names: &mut Names) {
    match program {
        PostProcessorProgram::Regex(regex) => define_family(&regex.variable, names),
        PostProcessorProgram::Boundary(boundary) => define_family(&boundary.variable, names),
        PostProcessorProgram::XPath(xpath) => define_family(&xpath.variable, names),
        PostProcessorProgram::XPath2(xpath) => define_family(&xpath.variable, names),
        PostProcessorProgram::JmesPath(jmes) => define_family(&jmes.variable, names),
        PostProcessorProgram::PluginJson(json) => define_family(&json.variable, names),
        PostProcessorProgram::Html(html) => define_family(&html.variable, names),
        PostProcessorProgram::Debug(_) | PostProcessorProgram::FifoPut(_) => {}
        PostProcessorProgram::Script { .. } => names.define_unknown(),
        PostProcessorProgram::Json(json) => match json.variables.as_literal() {
            Some(list) => {
                for name in list
                    .split(';')
                    .map(str::trim)
                    .filter(|name| !name.is_empty())
                {
                    names.define(name);
                    names.define_prefix(format!("{name}_"));
                }
            }
            None => names.define_unknown(),
        },
    }
}

/// Notes the variables that a data set sets.
pub(super) fn note_csv(program: &CsvProgram, names: &mut Names) {
    match program.variables.as_literal() {
        Some(list) if !list.trim().is_empty() => {
            for name in list.split(',') {
                names.define(name.trim().trim_matches('"'));
            }
        }
        // The first line of the file, or a variable, gives the names.
        _ => names.define_unknown(),
    }
}

/// Notes a variable whose name is `name`.
pub(super) fn define(name: &Template, names: &mut Names) {
    match name.as_literal().map(str::trim) {
        Some("") => {}
        Some(name) => {
            names.define(name);
        }
        None => names.define_unknown(),
    }
}

/// A variable whose name is `name`, and those that begin with it and `_`.
fn define_family(name: &Template, names: &mut Names) {
    define(name, names);
    if let Some(name) = name.as_literal() {
        names.define_prefix(format!("{}_", name.trim()));
    }
}
