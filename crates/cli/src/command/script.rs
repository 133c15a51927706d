//! `loadline script`: one script of a JMeter plan, alone. Nothing is sent and no file of the machine is touched.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use loadline_script::{Language, Limits, MemoryHost, ResultField, State, Value, compile, describe};
use serde_json::{Map, Value as Json, json};

use crate::args::ScriptArgs;
use crate::exit::Exit;
use crate::terminal::{print, say};

pub(crate) fn run(args: &ScriptArgs) -> anyhow::Result<Exit> {
    let Some(language) = Language::from_name(&args.language) else {
        say(&format!(
            "error: unknown script language {:?}",
            args.language
        ));
        say("help: use groovy, beanshell, java, jexl3, jexl2, javascript or rhino");
        return Ok(Exit::Usage);
    };
    let source = read(&args.file)?;
    let script = match compile(language, &source) {
        Ok(script) => script,
        Err(refusals) => {
            for refusal in refusals {
                say(&format!("error: {} script, {refusal}", language.name()));
            }
            return Ok(Exit::Usage);
        }
    };
    let mut host = host(args)?;
    let outcome = script.run(&mut host, &mut State::default(), &Limits::default());
    let text = if args.json {
        as_json(&outcome.result, &mut host)
    } else {
        as_text(&outcome.result, &mut host)
    };
    print(&text)?;
    Ok(Exit::Ok)
}

fn read(file: &Path) -> anyhow::Result<String> {
    if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .context("read the script from standard input")?;
        return Ok(text);
    }
    std::fs::read_to_string(file).with_context(|| format!("read the script {}", file.display()))
}

fn host(args: &ScriptArgs) -> anyhow::Result<MemoryHost> {
    let mut host = MemoryHost::default();
    host.parameters = Arc::from(args.parameters.as_str());
    for (name, value) in &args.variables {
        host.variables
            .insert(Arc::from(name.as_str()), Value::from(value.as_str()));
    }
    for (name, value) in &args.properties {
        host.properties
            .put(Value::from(name.as_str()), Value::from(value.as_str()));
    }
    if let Some(file) = &args.response {
        let data =
            std::fs::read(file).with_context(|| format!("read the response {}", file.display()))?;
        host.previous = Some(HashMap::from([
            (ResultField::Data, Value::from_bytes(data)),
            (ResultField::Code, Value::from("200")),
            (ResultField::Message, Value::from("OK")),
            (ResultField::Successful, Value::from(true)),
        ]));
    }
    host.time_zone = loadline_conductor::machine_time_zone();
    let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    host.now_ms = elapsed.map_or(0, |t| i64::try_from(t.as_millis()).unwrap_or(i64::MAX));
    host.started = Some(Instant::now());
    host.seed = elapsed_seed(host.now_ms);
    Ok(host)
}

/// The seed changes from call to call, as Java's does.
fn elapsed_seed(now_ms: i64) -> u64 {
    now_ms.unsigned_abs() ^ u64::from(std::process::id()) << 32
}

type Ended = Result<Value, loadline_script::ScriptError>;

fn as_text(result: &Ended, host: &mut MemoryHost) -> String {
    let mut out = std::mem::take(&mut host.out);
    for (level, line) in &host.log {
        let _ = writeln!(out, "{} {line}", level.name());
    }
    match result {
        Ok(value) => {
            let (text, class) = describe(value, host);
            let _ = writeln!(out, "{text} ({class})");
        }
        Err(error) => {
            let _ = writeln!(out, "{error}");
            if let Some(target) = &error.target {
                let _ = writeln!(out, "Target exception: {target}");
            }
        }
    }
    out
}

/// A value as `text`, or `text <class>` when it is not a string.
fn shown(value: &Value, host: &mut MemoryHost) -> String {
    let (text, class) = describe(value, host);
    if class == "java.lang.String" {
        text
    } else {
        format!("{text} <{class}>")
    }
}

fn as_json(result: &Ended, host: &mut MemoryHost) -> String {
    let (mut text, mut class, mut exception, mut message, mut target) =
        (Json::Null, Json::Null, Json::Null, Json::Null, Json::Null);
    match result {
        Ok(value) => {
            let (t, c) = describe(value, host);
            (text, class) = (json!(t), json!(c));
        }
        Err(error) => {
            exception = json!(error.class);
            message = json!(error.message);
            target = json!(error.target);
        }
    }
    let mut vars = Map::new();
    for (name, value) in host.variables.clone() {
        vars.insert(name.to_string(), json!(shown(&value, host)));
    }
    let mut props = Map::new();
    for (key, value) in host.properties.entries() {
        let name = describe(&key, host).0;
        props.insert(name, json!(shown(&value, host)));
    }
    let log: Vec<String> = host
        .log
        .iter()
        .map(|(level, line)| format!("{} {line}", level.name()))
        .collect();
    let all = json!({
        "result": text, "result_class": class, "exception": exception, "message": message, "target": target,
        "vars": vars, "props": props, "log": log, "out": host.out,
    });
    format!("{all}\n")
}
