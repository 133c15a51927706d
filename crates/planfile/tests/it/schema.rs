//! The JSON Schema, held against the plans that the reader accepts and refuses.

use loadline_planfile::json_schema;
use serde_json::Value;

use crate::golden::PLANS;

/// The part of JSON Schema that ours uses, except patterns; `None` when `value` is accepted, else
/// where it is not.
fn refusal(schema: &Value, root: &Value, value: &Value, at: &str) -> Option<String> {
    if let Some(place) = schema["$ref"].as_str() {
        let target = root
            .pointer(place.trim_start_matches('#'))
            .expect("a place in the schema");
        if let Some(refusal) = refusal(target, root, value, at) {
            return Some(refusal);
        }
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        other => panic!("type {other}"),
    };
    if !types.is_empty() && !types.iter().any(|name| is(name)) {
        return Some(format!("{at}: {value} is not {types:?}"));
    }
    if schema
        .get("const")
        .is_some_and(|expected| expected != value)
    {
        return Some(format!("{at}: {value} is not {}", schema["const"]));
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        return Some(format!("{at}: {value} is not in {words:?}"));
    }
    let fits = |forms: &Vec<Value>| {
        forms
            .iter()
            .filter(|form| refusal(form, root, value, at).is_none())
            .count()
    };
    if let Some(forms) = schema["anyOf"].as_array()
        && fits(forms) == 0
    {
        return Some(format!("{at}: {value} has none of the forms"));
    }
    if let Some(forms) = schema["oneOf"].as_array()
        && fits(forms) != 1
    {
        return Some(format!("{at}: {value} has not one of the forms"));
    }
    if let (Some(item), Some(items)) = (schema.get("items"), value.as_array()) {
        let refused = items.iter().enumerate();
        let mut refused =
            refused.map(|(n, value)| refusal(item, root, value, &format!("{at}/{n}")));
        if let Some(refusal) = refused.find_map(|refusal| refusal) {
            return Some(refusal);
        }
    }
    let members = value.as_object()?;
    for name in schema["required"].as_array().into_iter().flatten() {
        if !members.contains_key(name.as_str().expect("a name")) {
            return Some(format!("{at}: {name} is missing"));
        }
    }
    for (name, value) in members {
        let at = format!("{at}/{name}");
        let refused = match schema["properties"].get(name) {
            Some(property) => refusal(property, root, value, &at),
            None => match schema.get("additionalProperties") {
                Some(Value::Bool(false)) => Some(format!("{at}: unknown")),
                Some(additional) => refusal(additional, root, value, &at),
                None => None,
            },
        };
        if refused.is_some() {
            return refused;
        }
    }
    None
}

fn refused(text: &str) -> Option<String> {
    let schema = json_schema();
    let value: Value = serde_saphyr::from_str(text).unwrap();
    refusal(&schema, &schema, &value, "")
}

#[test]
fn the_schema_accepts_the_plans_that_the_reader_accepts() {
    for (name, text) in PLANS {
        assert_eq!(refused(text), None, "{name}");
    }
}

#[test]
fn the_schema_refuses_unknown_keys_steps_and_types() {
    for step in [
        "{gett: /}",
        "{get: /, hedaers: {}}",
        "{get: /, post: /}",
        "{repeat: {times: 1}}",
        "{get: /, headers: [a]}",
    ] {
        let text = format!(
            "loadline: 1\ngroups: [{{name: G, load: {{users: 1, for: 1s}}, do: [{step}]}}]"
        );
        assert!(refused(&text).is_some(), "{text}");
    }
    assert!(refused("loadline: 2\ngroups: []").is_some());
    assert!(refused("loadline: 1").is_some());
}

#[test]
fn the_top_of_the_schema() {
    let schema = json_schema();
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    let plan = &schema["$defs"]["plan"];
    assert_eq!(plan["required"], serde_json::json!(["loadline", "groups"]));
    let keys: Vec<&String> = plan["properties"].as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "loadline",
            "name",
            "target",
            "servers",
            "variables",
            "rules",
            "consecutive",
            "teardown_when_stopped",
            "with",
            "http",
            "headers",
            "cookies",
            "timeout",
            "setup",
            "groups",
            "teardown",
            "limits",
        ]
    );
    let nothing_left = schema["$defs"]
        .as_object()
        .unwrap()
        .values()
        .all(Value::is_object);
    assert!(nothing_left, "a definition was announced and not given");
}

/// The file that editors read, beside the examples.
#[test]
fn the_schema_beside_the_examples_is_current() {
    let shipped = include_str!("../../../../examples/loadline.schema.json");
    let current = format!("{:#}\n", json_schema());
    assert_eq!(
        shipped, current,
        "write what `json_schema` returns into the file"
    );
}
