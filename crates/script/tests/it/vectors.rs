//! Every recorded case of Groovy, BeanShell and JEXL: value, class, exception, variables, properties, log and output.

use std::collections::HashMap;
use std::sync::Arc;

use loadline_script::{Language, Limits, MemoryHost, ResultField, State, Value, compile, describe};
use serde_json::Value as Json;

/// Cases whose answer is another one here, and why. Anything else that differs fails the test.
const DIFFERENCES: &[(&str, &str)] = include!("../differences.in");

fn text<'a>(case: &'a Json, key: &str) -> Option<&'a str> {
    case.get(key).and_then(Json::as_str)
}

fn host_of(case: &Json) -> MemoryHost {
    let mut host = MemoryHost::default();
    host.parameters = Arc::from("p1 p2");
    host.bindings.insert("Label".into(), Value::from("label"));
    for (name, value) in case["vars"].as_object().into_iter().flatten() {
        host.variables.insert(
            Arc::from(name.as_str()),
            Value::from(value.as_str().unwrap_or_default()),
        );
    }
    for (name, value) in case["props"].as_object().into_iter().flatten() {
        host.properties.put(
            Value::from(name.as_str()),
            Value::from(value.as_str().unwrap_or_default()),
        );
    }
    if let Some(prev) = case["prev"].as_object() {
        let mut fields = HashMap::new();
        for (name, value) in prev {
            let (field, value) = match (name.as_str(), value) {
                ("responseCode", Json::String(v)) => (ResultField::Code, Value::from(v.as_str())),
                ("responseData", Json::String(v)) => (ResultField::Data, Value::from(v.as_str())),
                ("label", Json::String(v)) => (ResultField::Label, Value::from(v.as_str())),
                ("time", v) => (ResultField::Time, Value::from(v.as_i64().unwrap_or(0))),
                _ => continue,
            };
            fields.insert(field, value);
        }
        host.previous = Some(fields);
    }
    host
}

/// The part of a message that all versions of the engines agree on.
fn stable(message: &str) -> String {
    let cut = message
        .split("\nPossible solutions")
        .next()
        .unwrap_or(message);
    cut.replace("not found in class'", "not found in class '")
        .replace("not found in class '", "not found in class'")
        .trim_end()
        .to_owned()
}

fn without_hashes(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        out.push_str(&rest[..=at]);
        rest = &rest[at + 1..];
        let end = rest
            .find(|c: char| !c.is_ascii_hexdigit())
            .unwrap_or(rest.len());
        if rest.starts_with("HASH") {
            rest = &rest[4..];
            out.push_str("HASH");
        } else if end > 0 {
            out.push_str("HASH");
            rest = &rest[end..];
        }
    }
    out.push_str(rest);
    out
}

/// What differs between the recorded answer and ours; empty when they agree.
fn differences(case: &Json) -> Vec<String> {
    let script = text(case, "script").unwrap_or_default();
    let language = match text(case, "lang") {
        Some("bsh") => Language::BeanShell,
        Some("jexl3") => Language::Jexl3,
        _ => Language::Groovy,
    };
    let mut wrong = Vec::new();
    let mut expect = |what: &str, wanted: &str, got: &str| {
        if without_hashes(&stable(wanted)) != without_hashes(&stable(got)) {
            wrong.push(format!("{what}: wanted {wanted:?}, got {got:?}"));
        }
    };
    let compiled = match compile(language, script) {
        Ok(compiled) => compiled,
        Err(refusals) => {
            let class = text(case, "exception").unwrap_or("no exception");
            let first = &refusals[0];
            if first.java_class.as_deref() != Some(class) {
                expect(
                    "refused",
                    class,
                    &format!("{:?}: {first}", first.java_class),
                );
            }
            return wrong;
        }
    };
    let mut host = host_of(case);
    let before = host.variables.clone();
    // Frames of a build without optimisation are large.
    let limits = Limits {
        stack_bytes: 48 << 20,
        ..Limits::default()
    };
    let outcome = compiled.run(&mut host, &mut State::default(), &limits);
    match (&outcome.result, text(case, "exception")) {
        (Ok(value), None) => {
            let (shown, class) = describe(value, &mut host);
            expect("result", text(case, "result").unwrap_or_default(), &shown);
            expect(
                "class",
                text(case, "result_class").unwrap_or_default(),
                &class,
            );
        }
        (Err(error), Some(class)) => {
            expect("exception", class, &error.class);
            expect(
                "message",
                text(case, "message").unwrap_or("null"),
                error.message.as_deref().unwrap_or("null"),
            );
            if let Some(target) = text(case, "target") {
                expect(
                    "target",
                    target,
                    error.target.as_deref().unwrap_or_default(),
                );
            }
        }
        (Ok(value), Some(class)) => expect("exception", class, &format!("{value:?}")),
        (Err(error), None) => expect(
            "result",
            text(case, "result").unwrap_or_default(),
            &error.to_string(),
        ),
    }
    for (name, wanted) in case["vars_after"].as_object().into_iter().flatten() {
        let got = match host.variables.get(name.as_str()).cloned() {
            None => "<removed>".to_owned(),
            Some(Value::Str(text)) => text.to_string(),
            Some(value) => {
                let (shown, class) = describe(&value, &mut host);
                format!("{shown} <{class}>")
            }
        };
        expect(name, wanted.as_str().unwrap_or_default(), &got);
    }
    if case.get("vars_after").is_none() && outcome.result.is_ok() {
        for (name, value) in &host.variables.clone() {
            if !before.contains_key(name) {
                expect("unexpected variable", "", &format!("{name}={value:?}"));
            }
        }
    }
    for (name, wanted) in case["props_after"].as_object().into_iter().flatten() {
        let found = host
            .properties
            .entries()
            .into_iter()
            .find(|(key, _)| describe(key, &mut host).0 == *name)
            .map(|(_, v)| v);
        let got = match found {
            None => "<removed>".to_owned(),
            Some(Value::Str(text)) => text.to_string(),
            Some(value) => {
                let (shown, class) = describe(&value, &mut host);
                format!("{shown} <{class}>")
            }
        };
        expect(name, wanted.as_str().unwrap_or_default(), &got);
    }
    if let Some(lines) = case["log"].as_array() {
        let wanted: Vec<&str> = lines.iter().filter_map(Json::as_str).collect();
        let got: Vec<String> = host
            .log
            .iter()
            .map(|(level, text)| format!("{} {text}", level.name()))
            .collect();
        expect("log", &wanted.join("\n"), &got.join("\n"));
    }
    if let Some(out) = text(case, "out") {
        expect("out", out, &host.out);
    }
    wrong
}

#[test]
fn every_recorded_answer_is_ours() {
    let checked = std::thread::Builder::new()
        .stack_size(64 << 20)
        .spawn(check_all)
        .unwrap()
        .join();
    if let Err(panic) = checked {
        std::panic::resume_unwind(panic);
    }
}

fn check_all() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let (mut cases, mut wrong) = (0, Vec::new());
    for file in files {
        let json: Json = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        for case in json["cases"].as_array().unwrap() {
            cases += 1;
            let id = text(case, "id").unwrap();
            let found = differences(case);
            let known = DIFFERENCES.iter().find(|(known, _)| *known == id);
            match (found.is_empty(), known) {
                (false, None) => wrong.push(format!(
                    "{id} {:?}\n    {}",
                    text(case, "script").unwrap_or_default(),
                    found.join("\n    ")
                )),
                (true, Some(_)) => wrong.push(format!(
                    "{id} agrees now: take it off the list of differences"
                )),
                _ => {}
            }
        }
    }
    assert!(cases > 900, "only {cases} cases were found");
    assert!(
        wrong.is_empty(),
        "{} of {cases} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
