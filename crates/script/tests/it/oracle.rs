//! The scripts of `oracle/scripts` and of the public plans against what the real engines answered.
//!
//! `oracle/scripts.sh` records the answers anew and writes `docs/conformance-scripts.md`; without Java the
//! kept answers are compared.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use loadline_script::{
    Language, Limits, MemoryHost, MemorySampler, NameValue, RefusalKind, ResultField, SamplerField,
    State, Value, compile, describe,
};
use serde_json::{Value as Json, json};

/// The answer of the previous sampler.
const BODY: &str = r#"{"id":7,"items":[{"n":"x","v":1.5},{"n":"y","v":2}],"ok":true,"none":null}"#;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn text<'a>(case: &'a Json, key: &str) -> &'a str {
    case.get(key).and_then(Json::as_str).unwrap_or_default()
}

/// The world that `oracle/scripts.groovy` gives each script.
fn world() -> MemoryHost {
    let mut host = MemoryHost::default();
    host.parameters = Arc::from("p1 p2");
    for (name, value) in [("a", "1"), ("b", "text"), ("n", "42"), ("json", BODY)] {
        host.variables.insert(Arc::from(name), Value::from(value));
    }
    host.bindings.insert("Label".into(), Value::from("label"));
    host.bindings.insert("FileName".into(), Value::from(""));
    let headers = "HTTP/1.1 200 OK\nContent-Type: application/json\nX-Id: 5\n";
    let result = HashMap::from([
        (ResultField::Label, Value::from("GET /")),
        (ResultField::Data, Value::from_bytes(BODY.into())),
        (ResultField::DataEncoding, Value::from("UTF-8")),
        (ResultField::Code, Value::from("200")),
        (ResultField::Message, Value::from("OK")),
        (ResultField::Successful, Value::from(true)),
        (ResultField::ResponseHeaders, Value::from(headers)),
    ]);
    host.previous = Some(result.clone());
    host.current = Some(result);
    let pair = |name: &str, value: &str, encode| NameValue {
        name: name.to_owned(),
        value: value.to_owned(),
        encode,
    };
    host.sampler = Some(MemorySampler {
        fields: HashMap::from([
            (SamplerField::Name, Value::from("GET /p")),
            (SamplerField::Domain, Value::from("example.org")),
            (SamplerField::Protocol, Value::from("http")),
            (SamplerField::Method, Value::from("GET")),
            (SamplerField::Path, Value::from("/p")),
        ]),
        arguments: vec![pair("q", "1", true)],
        headers: Some(vec![pair("X-A", "1", false)]),
        cookies: None,
    });
    host
}

fn language(name: &str) -> Language {
    match name {
        "bsh" => Language::BeanShell,
        "jexl3" => Language::Jexl3,
        "rhino" => Language::Rhino,
        "nashorn" => Language::JavaScript,
        _ => Language::Groovy,
    }
}

fn is_javascript(case: &Json) -> bool {
    matches!(text(case, "lang"), "rhino" | "nashorn")
}

/// The name of an error of JavaScript, whose words are the engine's own; the text of anything else that a script throws.
fn javascript_error(message: &str) -> Json {
    let message = message
        .split(" in <eval> at line number")
        .next()
        .unwrap_or(message);
    match message.split_once("Error: ") {
        Some((name, _)) if name.chars().all(char::is_alphabetic) && !name.is_empty() => {
            json!({ "exception": format!("{name}Error") })
        }
        _ => json!({ "exception": "thrown", "message": message }),
    }
}

/// A message without what differs from one run of the real engines to the next, and without the hints of
/// Groovy, which name what Java has and nobody called.
fn stable(message: &str) -> String {
    let message = message
        .split("\nPossible solutions")
        .next()
        .unwrap_or(message);
    let message = message.replace("not found in class '", "not found in class'");
    let mut out = String::new();
    let mut letters = message.chars().peekable();
    while let Some(letter) = letters.next() {
        out.push(letter);
        let is_name = out.ends_with("Script");
        if is_name || letter == '@' {
            let hash = |c: &char| c.is_ascii_hexdigit() && (!is_name || c.is_ascii_digit());
            while letters.next_if(hash).is_some() {}
        }
    }
    out.trim_end().to_owned()
}

/// What comes of a script here, in the words of the recorded answers; `refused` says why it is not run.
fn answer(case: &Json) -> Json {
    let script = match compile(language(text(case, "lang")), text(case, "script")) {
        Ok(script) => script,
        Err(refusals) => {
            let first = &refusals[0];
            if is_javascript(case) && first.kind == RefusalKind::Syntax {
                return json!({ "exception": "SyntaxError" });
            }
            return match (&first.java_class, &first.java_message) {
                (Some(class), message) => json!({
                    "exception": class,
                    "message": message,
                }),
                (None, _) => json!({ "refused": first.to_string() }),
            };
        }
    };
    let mut host = world();
    if let Some(zone) = case.get("zone").and_then(Json::as_str) {
        host.time_zone = jiff::tz::TimeZone::get(zone).unwrap();
    }
    let before = host.variables.clone();
    // Frames of a build without optimisation are large.
    let limits = Limits {
        stack_bytes: 48 << 20,
        time: Duration::from_secs(3600),
        ..Limits::default()
    };
    let outcome = script.run(&mut host, &mut State::default(), &limits);
    let mut told = match &outcome.result {
        Ok(value) => {
            let (result, class) = describe(value, &mut host);
            json!({ "result": result, "class": class })
        }
        Err(error) if is_javascript(case) && error.class == "javax.script.ScriptException" => {
            javascript_error(error.message.as_deref().unwrap_or_default())
        }
        Err(error) => json!({
            "exception": error.class,
            "message": error.message,
            "target": error.target,
        }),
    };
    let mut changed = BTreeMap::new();
    for (name, value) in &host.variables.clone() {
        let former = before.get(name).and_then(Value::as_text);
        let shown = match value {
            Value::Str(text) if former == Some(text) => continue,
            Value::Str(text) => text.to_string(),
            other => {
                let (shown, class) = describe(other, &mut host);
                format!("{shown} <{class}>")
            }
        };
        changed.insert(name.to_string(), shown);
    }
    for name in before
        .keys()
        .filter(|name| !host.variables.contains_key(*name))
    {
        changed.insert(name.to_string(), "<removed>".to_owned());
    }
    told["vars"] = json!(changed);
    let lines = host.log.iter();
    let lines = lines.map(|(level, text)| format!("{} {text}", level.name()));
    told["log"] = json!(lines.collect::<Vec<_>>());
    told["out"] = json!(host.out);
    told
}

/// How our answer differs from the real engine's; `None` when it does not.
fn difference(case: &Json, ours: &Json) -> Option<String> {
    let shown = |answer: &Json| match answer.get("exception").and_then(Json::as_str) {
        Some(class) => format!("{class}: {}", stable(text(answer, "message"))),
        None => format!(
            "{} ({})",
            stable(text(answer, "result")),
            text(answer, "class")
        ),
    };
    if let Some(refused) = ours.get("refused").and_then(Json::as_str) {
        return Some(format!("{} | refused: {refused}", shown(case)));
    }
    let is_syntax = |answer: &Json| {
        let class = text(answer, "exception");
        class.ends_with("MultipleCompilationErrorsException")
            || class == "bsh.ParseException"
            || class == "org.apache.commons.jexl3.JexlException$Parsing"
    };
    // The words of a compiler about a bad text are its own.
    if is_syntax(case) && is_syntax(ours) {
        return None;
    }
    if shown(case) != shown(ours) {
        return Some(format!("{} | {}", shown(case), shown(ours)));
    }
    for part in ["target", "vars", "log", "out"] {
        // What JEXL complains of goes to a logger of its own, which is the script's here.
        if part == "log" && text(case, "lang") == "jexl3" {
            continue;
        }
        let of = |answer: &Json| match answer.get(part) {
            None | Some(Json::Null) => String::new(),
            Some(Json::String(text)) => stable(text),
            Some(Json::Object(map)) if map.is_empty() => String::new(),
            Some(Json::Array(list)) if list.is_empty() => String::new(),
            Some(other) => stable(&other.to_string()),
        };
        if of(case) != of(ours) {
            return Some(format!("{part}: {} | {}", of(case), of(ours)));
        }
    }
    None
}

/// Reasons of the known differences, by the id of the script.
fn known_differences() -> BTreeMap<String, String> {
    let path = root().join("oracle/script-differences.tsv");
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (id, reason) = line.split_once('\t').unwrap();
            (id.to_owned(), reason.to_owned())
        })
        .collect()
}

#[test]
fn recorded_scripts_give_the_same_here() {
    // Deep recursion is part of the cases.
    let checked = std::thread::Builder::new()
        .stack_size(64 << 20)
        .spawn(compare_all)
        .unwrap()
        .join();
    if let Err(panic) = checked {
        std::panic::resume_unwind(panic);
    }
}

fn compare_all() {
    let recorded = root().join("oracle/recorded/scripts.jsonl");
    let recorded = std::fs::read_to_string(recorded).unwrap();
    let known = known_differences();
    let mut counts: BTreeMap<(&str, &str), [usize; 3]> = BTreeMap::new();
    let (mut wrong, mut meant) = (Vec::new(), Vec::new());
    for line in recorded.lines() {
        let case: Json = serde_json::from_str(line).unwrap();
        let id = text(&case, "id").to_owned();
        let source = if id.starts_with("corpus/") {
            "public plans"
        } else {
            "own"
        };
        let lang = match text(&case, "lang") {
            "bsh" => "BeanShell 2.0b6",
            "jexl3" => "JEXL 3",
            "nashorn" => "JavaScript, Nashorn 15.4",
            "rhino" => "JavaScript, Rhino 1.7.14",
            _ => "Groovy 3.0.20",
        };
        let count = counts.entry((lang, source)).or_default();
        count[0] += 1;
        match (difference(&case, &answer(&case)), known.get(&id)) {
            (None, None) => count[1] += 1,
            (Some(found), Some(reason)) => {
                count[2] += 1;
                meant.push((id, found, reason.clone()));
            }
            (Some(found), None) => wrong.push(format!("{id}\n    {found}")),
            (None, Some(_)) => wrong.push(format!("{id} agrees now: take it off the list")),
        }
    }
    assert!(
        wrong.is_empty(),
        "{} answers are not explained:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    let page = page(&counts, &meant);
    let path = root().join("docs/conformance-scripts.md");
    if std::env::var_os("LOADLINE_WRITE").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == page,
        "docs/conformance-scripts.md is old: run oracle/scripts.sh"
    );
}

fn page(counts: &BTreeMap<(&str, &str), [usize; 3]>, meant: &[(String, String, String)]) -> String {
    let mut page = String::from(
        "# Scripts: Loadline beside the real engines\n\n\
         `oracle/scripts.sh` runs small scripts in the Groovy, BeanShell, JEXL and Rhino of JMeter 5.6.3 and in Nashorn,\n\
         with JMeter's own objects around them, and in Loadline, and compares value, class, exception with its message, variables, log\n\
         and output. The scripts are those of `oracle/scripts` and the inline scripts of the public plans in\n\
         `crates/jmx/tests/corpus` that Loadline accepts. This page is its result.\n\n\
         | language | scripts | run | equal | different, with a reason |\n| --- | --- | ---: | ---: | ---: |\n",
    );
    for ((lang, source), [run, equal, different]) in counts {
        let _ = writeln!(
            page,
            "| {lang} | {source} | {run} | {equal} | {different} |"
        );
    }
    page.push_str("\n## Differences\n\n");
    if meant.is_empty() {
        page.push_str("None.\n");
        return page;
    }
    let cell = |text: &str| {
        let mut text = text.replace('\n', " ").replace('|', "\\|");
        if let Some((end, _)) = text.char_indices().nth(160) {
            text.truncate(end);
            text.push('…');
        }
        text
    };
    page.push_str("| script | real engine | Loadline | why |\n| --- | --- | --- | --- |\n");
    for (id, found, reason) in meant {
        let (theirs, ours) = found.split_once(" | ").unwrap_or((found, ""));
        let _ = writeln!(
            page,
            "| `{id}` | {} | {} | {reason} |",
            cell(theirs),
            cell(ours)
        );
    }
    page
}

/// Prints how the answers in the file that `oracle/scripts.sh` names differ from ours, if it asks.
#[test]
#[allow(clippy::print_stdout, reason = "the answer of the command")]
fn print_differences() {
    let Some(answers) = std::env::var_os("LOADLINE_ANSWERS") else {
        return;
    };
    let answers = std::fs::read_to_string(answers).unwrap();
    let printing = std::thread::Builder::new().stack_size(64 << 20);
    let printing = printing.spawn(move || {
        for line in answers.lines() {
            let case: Json = serde_json::from_str(line).unwrap();
            if let Some(found) = difference(&case, &answer(&case)) {
                println!("{}\n    {found}", text(&case, "id"));
            }
        }
    });
    printing.unwrap().join().unwrap();
}

/// Writes the inline scripts of the public plans that can be run here for `oracle/scripts.sh`, if it asks.
#[test]
fn list_corpus_scripts() {
    let Some(target) = std::env::var_os("LOADLINE_CORPUS_SCRIPTS") else {
        return;
    };
    let folder = root().join("crates/jmx/tests/corpus");
    let mut plans: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "jmx"))
        .collect();
    plans.sort();
    let mut lines = String::new();
    let mut known = std::collections::BTreeSet::new();
    for plan in plans {
        let Ok(xml) = std::fs::read_to_string(&plan) else {
            continue;
        };
        let Ok(document) = roxmltree::Document::parse(&xml) else {
            continue;
        };
        let mut number = 0;
        for element in document.descendants().filter(|node| node.is_element()) {
            let tag = element.tag_name().name();
            let is_bean_shell = tag.starts_with("BeanShell");
            if !is_bean_shell && !tag.starts_with("JSR223") {
                continue;
            }
            let property = |name: &str| {
                let mut children = element.children();
                let found = children.find(|child| {
                    (child.attribute("name")).is_some_and(|known| known.ends_with(name))
                });
                found.and_then(|child| child.text()).unwrap_or_default()
            };
            let script = match property("script") {
                "" => property("query"),
                script => script,
            };
            let lang = match (is_bean_shell, property("scriptLanguage")) {
                (true, _) | (_, "beanshell" | "bsh" | "java") => "bsh",
                (_, "groovy" | "") => "groovy",
                _ => continue,
            };
            number += 1;
            let is_new = known.insert((lang, script.to_owned()));
            if script.trim().is_empty() || !is_new || compile(language(lang), script).is_err() {
                continue;
            }
            let name = plan.file_stem().unwrap().to_string_lossy().into_owned();
            let id = format!("corpus/{name}/{number}");
            let line = json!({ "id": id, "lang": lang, "script": script });
            lines.push_str(&line.to_string());
            lines.push('\n');
        }
    }
    std::fs::write(target, lines).unwrap();
}
