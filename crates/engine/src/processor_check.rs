//! Finds, before a run, processors that cannot do their work: malformed patterns and paths, lists
//! that do not fit together.
//!
//! JMeter finds these one sample after the other. Here they are warnings, since the plan still runs
//! and JMeter's own result of it would be the same.
//!
//! Not here: texts with references, which are known only while the plan runs.

use std::collections::BTreeSet;
use std::sync::Arc;

use loadline_plan::Diagnostic;
use loadline_plan::program::{
    AssertionProgram, JsonAssertionProgram, PostProcessorProgram, Program, Template,
};
use loadline_plan::{HtmlReading, JsonAssertionKind, Location, MatchRule};

use crate::assertion::path_problem;
use crate::extract::{
    CssSelector, JmesPath, JsonPath, JsoupSelector, OroRegex, XPath, XPath2, split_list,
};

/// A warning for each processor of `program` that cannot do its work: once, at the first sampler in
/// its scope. Codes are `malformed-regex`, `malformed-json-path`,
/// `malformed-css-selector`, `malformed-xpath`, `malformed-jmespath`, `extractor-lists`
/// and `extractor-variable`.
#[must_use]
pub fn check_processors(program: &Program) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let mut known = BTreeSet::new();
    let mut report = |findings: Vec<Finding>, address: usize, location: &Location| {
        if known.insert(address) {
            diagnostics.extend(findings.into_iter().map(|finding| {
                Diagnostic::warning(finding.code, location.clone(), finding.message)
                    .with_help(finding.help)
            }));
        }
    };
    for sampler in program.groups.iter().flat_map(|group| &group.samplers) {
        for processor in &sampler.post_processors {
            let address = Arc::as_ptr(processor).addr();
            report(of_post_processor(processor), address, &sampler.location);
        }
        for assertion in &sampler.assertions {
            let address = Arc::as_ptr(assertion).addr();
            report(of_assertion(&assertion.program), address, &sampler.location);
        }
    }
    diagnostics
}

/// Something that cannot work.
struct Finding {
    code: &'static str,
    message: String,
    help: &'static str,
}

fn of_post_processor(processor: &PostProcessorProgram) -> Vec<Finding> {
    match processor {
        PostProcessorProgram::Regex(regex) => {
            let help = "the variable only gets its default value until the pattern is corrected";
            of_regex(&regex.regex, help).into_iter().collect()
        }
        PostProcessorProgram::Boundary(boundary) => of_variable(&boundary.variable),
        // Scripts are compiled when the run is prepared.
        PostProcessorProgram::Debug(_)
        | PostProcessorProgram::FifoPut(_)
        | PostProcessorProgram::Script { .. } => Vec::new(),
        PostProcessorProgram::XPath(xpath) => {
            let help = "the variable only gets its default value until it is corrected";
            of_xpath(&xpath.query, help)
        }
        PostProcessorProgram::XPath2(xpath) => {
            let help = "the variable only gets its default value until it is corrected";
            of_xpath2(&xpath.query, &xpath.namespaces, help)
        }
        PostProcessorProgram::JmesPath(jmes) => {
            let help = "the variable only gets its default value until it is corrected";
            of_jmes_path(&jmes.path, help)
        }
        PostProcessorProgram::PluginJson(json) => {
            let path = json.path.as_literal();
            let problem = path.and_then(|path| Some((path, path_problem(path)?)));
            let finding = problem.map(|(path, problem)| Finding {
                code: "malformed-json-path",
                message: format!("json path `{path}` cannot be used: {problem}"),
                help: "the variable only gets its default value until the path is corrected",
            });
            finding.into_iter().collect()
        }
        PostProcessorProgram::Html(html) => {
            let selector = html.selector.as_literal();
            let error = selector.and_then(|selector| match html.reading {
                HtmlReading::Jsoup => JsoupSelector::new(selector).err(),
                HtmlReading::Jodd => CssSelector::new(selector).err(),
            });
            let finding = error.map(|error| Finding {
                code: "malformed-css-selector",
                message: error.to_string(),
                help: "the variable only gets its default value until the selector is corrected",
            });
            finding.into_iter().collect()
        }
        PostProcessorProgram::Json(json) => {
            let mut findings = Vec::new();
            let lists = [&json.variables, &json.paths, &json.defaults].map(Template::as_literal);
            if let [Some(names), Some(paths), Some(defaults)] = lists {
                let [names, paths, defaults] =
                    [names, paths, defaults].map(|list| split_list(list).len());
                if names != paths || names != defaults {
                    findings.push(Finding {
                        code: "extractor-lists",
                        message: format!(
                            "json extractor has {names} names, {paths} paths and {defaults} \
                             default values"
                        ),
                        help: "give as many of each, separated by `;`; empty ones at the end do \
                               not count",
                    });
                }
            }
            let paths = json.paths.as_literal().map(split_list).unwrap_or_default();
            findings.extend(paths.iter().filter_map(|path| {
                let problem = JsonPath::check(path.trim()).err()?;
                Some(Finding {
                    code: "malformed-json-path",
                    message: format!("json path `{path}` cannot be used: {problem}"),
                    help: "the variable only gets its default value until the path is corrected",
                })
            }));
            findings
        }
    }
}

/// An extractor without a name for its variable.
fn of_variable(variable: &Template) -> Vec<Finding> {
    if variable.as_literal() != Some("") {
        return Vec::new();
    }
    vec![Finding {
        code: "extractor-variable",
        message: "boundary extractor has no variable".to_owned(),
        help: "name the variable that takes the value; without one no sample is judged",
    }]
}

fn of_assertion(assertion: &AssertionProgram) -> Vec<Finding> {
    let response = match assertion {
        AssertionProgram::Response(response) => response,
        AssertionProgram::Json(json) => return of_json_assertion(json),
        AssertionProgram::XPath(xpath) => {
            return of_xpath(&xpath.query, "every sample fails until it is corrected");
        }
        AssertionProgram::XPath2(xpath) => {
            let help = "every sample fails until it is corrected";
            return of_xpath2(&xpath.query, &xpath.namespaces, help);
        }
        AssertionProgram::Compare(compare) => {
            let help = "every sample but the first fails until the pattern is corrected";
            let patterns = compare.replaced.iter();
            return patterns
                .filter_map(|(pattern, _)| of_regex(pattern, help))
                .collect();
        }
        AssertionProgram::Duration(_)
        | AssertionProgram::Size(_)
        | AssertionProgram::Md5(_)
        | AssertionProgram::Script { .. }
        | AssertionProgram::Xml => return Vec::new(),
    };
    if !matches!(response.rule, MatchRule::Contains | MatchRule::Matches) {
        return Vec::new();
    }
    let help = "every sample fails until the pattern is corrected";
    let patterns = response.patterns.iter();
    patterns
        .filter_map(|pattern| of_regex(pattern, help))
        .collect()
}

fn of_json_assertion(json: &JsonAssertionProgram) -> Vec<Finding> {
    let help = match json.not {
        false => "every sample fails until it is corrected",
        true => "every sample with a body passes until it is corrected",
    };
    let mut findings = match json.kind {
        JsonAssertionKind::JmesPath => of_jmes_path(&json.path, help),
        JsonAssertionKind::JsonPath | JsonAssertionKind::Plugin => Vec::new(),
    };
    let path = json.path.as_literal();
    let path = path.filter(|_| json.kind != JsonAssertionKind::JmesPath);
    let problem = path.and_then(|path| Some((path, path_problem(path)?)));
    if let Some((path, problem)) = problem {
        findings.push(Finding {
            code: "malformed-json-path",
            message: format!("json path `{path}` cannot be used: {problem}"),
            help,
        });
    }
    if json.compared && json.is_regex {
        findings.extend(of_regex(&json.expected, help));
    }
    findings
}

fn of_jmes_path(path: &Template, help: &'static str) -> Vec<Finding> {
    let error = path
        .as_literal()
        .and_then(|path| JmesPath::new(path.trim()).err());
    let finding = error.map(|error| Finding {
        code: "malformed-jmespath",
        message: error.to_string(),
        help,
    });
    finding.into_iter().collect()
}

fn of_xpath2(query: &Template, namespaces: &Template, help: &'static str) -> Vec<Finding> {
    let (Some(query), Some(namespaces)) = (query.as_literal(), namespaces.as_literal()) else {
        return Vec::new();
    };
    let finding = XPath2::new(query, namespaces).err().map(|error| Finding {
        code: "malformed-xpath",
        message: error.to_string(),
        help,
    });
    finding.into_iter().collect()
}

fn of_xpath(query: &Template, help: &'static str) -> Vec<Finding> {
    let error = query.as_literal().and_then(|query| XPath::new(query).err());
    let finding = error.map(|error| Finding {
        code: "malformed-xpath",
        message: error.to_string(),
        help,
    });
    finding.into_iter().collect()
}

fn of_regex(pattern: &Template, help: &'static str) -> Option<Finding> {
    let error = OroRegex::new(pattern.as_literal()?).err()?;
    Some(Finding {
        code: "malformed-regex",
        message: error.to_string(),
        help,
    })
}

#[cfg(test)]
mod tests {
    use loadline_plan::ResponseField;
    use loadline_plan::program::{
        JsonProgram, RegexProgram, ResponseAssertionProgram, ScopeProgram,
    };

    use super::*;

    fn shown(findings: &[Finding]) -> Vec<String> {
        let shown = |finding: &Finding| format!("{}: {}", finding.code, finding.message);
        findings.iter().map(shown).collect()
    }

    fn json(names: &str, paths: &str) -> PostProcessorProgram {
        PostProcessorProgram::Json(JsonProgram {
            scope: ScopeProgram::Main,
            variables: Template::literal(names),
            paths: Template::literal(paths),
            defaults: Template::literal("d;d"),
            match_numbers: Template::default(),
            concatenate: false,
        })
    }

    #[test]
    fn lists_and_paths_of_json_extractors_are_checked() {
        let findings = |names, paths| shown(&of_post_processor(&json(names, paths)));
        assert_eq!(findings("a;b", "$.a;$.b[?(@.c == 1)]"), [] as [&str; 0]);
        assert_eq!(
            findings("a;b;", "$.a;$.b."),
            ["malformed-json-path: json path `$.b.` cannot be used: \
              Path must not end with a '.' or '..'"]
        );
        assert_eq!(
            findings("a", "$.a.length()"),
            [
                "extractor-lists: json extractor has 1 names, 1 paths and 2 default values",
                "malformed-json-path: json path `$.a.length()` cannot be used: \
                 a function at the end of a path is not allowed"
            ]
        );
    }

    #[test]
    fn patterns_are_checked() {
        let regex = PostProcessorProgram::Regex(RegexProgram {
            scope: ScopeProgram::Main,
            field: ResponseField::Body,
            variable: Template::literal("v"),
            regex: Template::literal("a(?<=b)"),
            template: Template::literal("$1$"),
            default: Template::default(),
            default_empty: false,
            match_number: Template::default(),
        });
        assert_eq!(
            shown(&of_post_processor(&regex)),
            [
                "malformed-regex: malformed regular expression `a(?<=b)`: sequence `(?<` is not known"
            ]
        );
        let assertion = |rule| {
            AssertionProgram::Response(ResponseAssertionProgram {
                scope: ScopeProgram::Main,
                field: ResponseField::Body,
                rule,
                not: false,
                any: false,
                patterns: vec![Template::literal("ok"), Template::literal("(")],
                assume_success: false,
                custom_message: Template::default(),
            })
        };
        assert_eq!(of_assertion(&assertion(MatchRule::Matches)).len(), 1);
        assert_eq!(of_assertion(&assertion(MatchRule::Substring)).len(), 0);
    }
}
