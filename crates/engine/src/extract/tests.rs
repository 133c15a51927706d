//! Extractors against the variables that JMeter 5.6.3 leaves behind.

use loadline_plan::program::{
    BoundaryProgram, HtmlProgram, JmesPathProgram, JsonProgram, RegexProgram, ScopeProgram,
    Template, XPath2Program, XPathProgram,
};
use loadline_plan::{HtmlReading, ResponseField};
use serde_json::Value;

use super::*;
use crate::test_user::User;
use crate::{Outcome, Response, SubSample};

fn text<'c>(case: &'c Value, key: &str, default: &'c str) -> &'c str {
    case[key].as_str().unwrap_or(default)
}

fn field(case: &Value) -> ResponseField {
    field_named(text(case, "field", "false"))
}

fn field_named(name: &str) -> ResponseField {
    match name {
        "true" => ResponseField::ResponseHeaders,
        "request_headers" => ResponseField::RequestHeaders,
        "URL" => ResponseField::Url,
        "code" => ResponseField::Code,
        "message" => ResponseField::Message,
        "unescaped" => ResponseField::UnescapedBody,
        _ => ResponseField::Body,
    }
}

/// The setting `name` of a case with JMeter's own settings.
fn setting<'c>(case: &'c Value, name: &str) -> &'c str {
    case["props"][name].as_str().unwrap_or_default()
}

fn boundary(case: &Value) -> PostProcessorProgram {
    let template =
        |name: &str| Template::literal(setting(case, &format!("BoundaryExtractor.{name}")));
    PostProcessorProgram::Boundary(BoundaryProgram {
        scope: scope_of_settings(case),
        field: field_named(setting(case, "BoundaryExtractor.useHeaders")),
        variable: template("refname"),
        left: template("lboundary"),
        right: template("rboundary"),
        default: template("default"),
        default_empty: setting(case, "BoundaryExtractor.default_empty_value") == "true",
        match_number: template("match_number"),
    })
}

fn html(case: &Value) -> PostProcessorProgram {
    let template = |name: &str| Template::literal(setting(case, &format!("HtmlExtractor.{name}")));
    PostProcessorProgram::Html(HtmlProgram {
        scope: scope_of_settings(case),
        reading: match setting(case, "HtmlExtractor.extractor_impl") {
            "JODD" => HtmlReading::Jodd,
            _ => HtmlReading::Jsoup,
        },
        variable: template("refname"),
        selector: template("expr"),
        attribute: template("attribute"),
        default: template("default"),
        default_empty: setting(case, "HtmlExtractor.default_empty_value") == "true",
        match_number: template("match_number"),
    })
}

fn xpath(case: &Value) -> PostProcessorProgram {
    let template = |name: &str, default: &str| {
        let text = case["props"][format!("XPathExtractor.{name}")].as_str();
        Template::literal(text.unwrap_or(default))
    };
    let flag = |name: &str| case["props"][format!("XPathExtractor.{name}")] == true;
    PostProcessorProgram::XPath(XPathProgram {
        name: Template::literal("element"),
        scope: scope_of_settings(case),
        tidy: flag("tolerant"),
        variable: template("refname", ""),
        query: template("xpathQuery", ""),
        default: template("default", ""),
        match_number: template("matchNumber", "-1"),
        namespaces: flag("namespace"),
        fragment: flag("fragment"),
    })
}

fn xpath2(case: &Value) -> PostProcessorProgram {
    let template = |name: &str, default: &str| {
        let text = case["props"][format!("XPathExtractor2.{name}")].as_str();
        Template::literal(text.unwrap_or(default))
    };
    PostProcessorProgram::XPath2(XPath2Program {
        scope: scope_of_settings(case),
        variable: template("refname", ""),
        query: template("xpathQuery", ""),
        default: template("default", ""),
        match_number: template("matchNumber", "0"),
        namespaces: template("namespaces", ""),
        fragment: case["props"]["XPathExtractor2.fragment"] == true,
    })
}

fn jmes(case: &Value) -> PostProcessorProgram {
    let template = |name: &str| Template::literal(setting(case, &format!("JMESExtractor.{name}")));
    PostProcessorProgram::JmesPath(JmesPathProgram {
        scope: scope_of_settings(case),
        variable: template("referenceName"),
        path: template("jmesPathExpr"),
        default: template("defaultValue"),
        match_number: template("matchNumber"),
    })
}

fn scope_of_settings(case: &Value) -> ScopeProgram {
    match setting(case, "Scope.variable") {
        "" => ScopeProgram::Main,
        name => ScopeProgram::Variable(Template::literal(name)),
    }
}

fn program_of_settings(case: &Value) -> PostProcessorProgram {
    match text(case, "kind", "") {
        "boundary" => boundary(case),
        "html" => html(case),
        "xpath" => xpath(case),
        "xpath2" => xpath2(case),
        "jmes" => jmes(case),
        other => panic!("{other}"),
    }
}

fn program(case: &Value) -> PostProcessorProgram {
    let template = |key, default| Template::literal(text(case, key, default));
    let scope = match case["scope_variable"].as_str() {
        Some(name) => ScopeProgram::Variable(Template::literal(name)),
        None => ScopeProgram::Main,
    };
    if case["kind"] == "regex" {
        return PostProcessorProgram::Regex(RegexProgram {
            scope,
            field: field(case),
            variable: template("ref", "v"),
            regex: template("regex", ""),
            template: template("template", ""),
            default: template("default", ""),
            default_empty: text(case, "default_empty", "false") == "true",
            match_number: template("match", "1"),
        });
    }
    PostProcessorProgram::Json(JsonProgram {
        scope,
        variables: template("ref", "v"),
        paths: template("path", ""),
        defaults: template("default", "NONE"),
        match_numbers: template("match", "1"),
        concatenate: text(case, "concat", "false") == "true",
    })
}

fn outcome(case: &Value) -> Outcome {
    let body = match text(case, "body", "") {
        "STORE" => include_str!("../../tests/golden/store.json"),
        "PAGE" => include_str!("../../tests/golden/page.html"),
        body => body,
    };
    Outcome {
        status: text(case, "code", "200").parse().expect("a status"),
        response: Response {
            message: text(case, "message_in", text(case, "message", "OK")).into(),
            headers: text(case, "headers", "").into(),
            body: body.into(),
            ..Response::default()
        }
        .into(),
        ..Outcome::default()
    }
}

fn variables(case: &Value, key: &str) -> Vec<(String, String)> {
    let map = case[key].as_object().expect("variables");
    let mut list: Vec<_> = map
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().expect("a text").to_owned()))
        .collect();
    list.sort();
    list
}

/// One JSON object a line: the settings, the variables before (`vars`) and after (`after`), and
/// `lost` when JMeter loses the sample. `known` says why Loadline differs, and then it must. The
/// answers are made by `oracle/record-answers.sh`.
#[test]
fn variables_are_those_of_jmeter() {
    check_variables(include_str!("../../tests/golden/extractors.jsonl"), program);
}

/// The same, with JMeter's own settings (`props`).
#[test]
fn variables_of_other_extractors_are_those_of_jmeter() {
    let cases = include_str!("../../tests/golden/captures.jsonl");
    check_variables(cases, program_of_settings);
}

#[track_caller]
fn check_variables(cases: &str, program: impl Fn(&Value) -> PostProcessorProgram) {
    let patterns = Patterns::default();
    let mut different = Vec::new();
    for line in cases.lines() {
        let case: Value = serde_json::from_str(line).expect("JSON");
        let mut user = User::new();
        for (name, value) in variables(&case, "vars") {
            user.variables.set_by_name(&name, &value);
        }
        let outcome = outcome(&case);
        let view = ResultView::new(&outcome);
        let mut problems = Vec::new();
        let done = extract(
            &program(&case),
            &view,
            &mut user.scope(),
            &patterns,
            &mut |problem| problems.push(problem.text),
        );
        let mut after: Vec<(String, String)> = user
            .variables
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        after.sort();
        let agrees = after == variables(&case, "after") && done != (case["lost"] == true);
        if agrees == case["known"].is_string() {
            different.push(format!("{line}\n     {after:?} {problems:?}"));
        }
    }
    let shown: Vec<String> = different
        .iter()
        .map(|text| text.chars().take(1500).collect())
        .collect();
    assert!(different.is_empty(), "{}", shown.join("\n"));
}

#[test]
fn sub_samples_are_searched_behind_the_main_one() {
    let sub = |body: &str, subs| SubSample {
        label: body.into(),
        outcome: Outcome {
            response: Response {
                body: body.into(),
                ..Response::default()
            }
            .into(),
            sub_samples: Vec::into(subs),
            ..Outcome::default()
        },
    };
    let outcome = sub(
        "m",
        vec![sub("a", vec![sub("b", Vec::new())]), sub("c", Vec::new())],
    )
    .outcome;
    let values = |scope| {
        let mut user = User::new();
        let program = PostProcessorProgram::Regex(RegexProgram {
            scope,
            field: ResponseField::Body,
            variable: Template::literal("v"),
            regex: Template::literal("."),
            template: Template::literal("$0$"),
            default: Template::default(),
            default_empty: false,
            match_number: Template::literal("-1"),
        });
        let view = ResultView::new(&outcome);
        let patterns = Patterns::default();
        extract(&program, &view, &mut user.scope(), &patterns, &mut |_| {});
        let count = user
            .variables
            .get_by_name("v_matchNr")
            .unwrap()
            .parse::<u32>();
        (1..=count.unwrap())
            .filter_map(|index| user.variables.get_by_name(&format!("v_{index}")))
            .collect::<String>()
    };
    assert_eq!(values(ScopeProgram::Main), "m");
    assert_eq!(values(ScopeProgram::MainAndSub), "mabc");
    assert_eq!(values(ScopeProgram::Sub), "abc");
}

#[test]
fn xpath_is_nested_only_so_deep() {
    let nested = |levels: usize| format!("{}1{}", "(".repeat(levels), ")".repeat(levels));
    assert!(XPath::new(&nested(100)).is_ok());
    assert!(XPath2::new(&nested(99), "").is_ok());
    for query in [
        nested(101),
        format!("count({}", "(".repeat(100_000)),
        format!("{}a", "a[".repeat(100_000)),
        format!("{}1", "-".repeat(100_000)),
    ] {
        let error = XPath::new(&query).unwrap_err().to_string();
        assert!(error.contains("more than 100 levels"), "{error}");
        assert!(XPath2::new(&query, "").is_err());
    }
    // Brackets in a text are no levels.
    assert!(XPath::new(&format!("'{}'", "(".repeat(1000))).is_ok());
}
