//! The JSON Schema of plan files, made of the reader's own tables.

use serde_json::{Map, Value, json};

use crate::grammar::{METHODS, Object, PLAN, REQUEST, STEP_FORMS, Shape};

const DURATION: &str = "^\\s*(0|(\\d+(\\.\\d+)?\\s*(us|µs|ms|s|sec|m|min|h|d)\\s*)+)$";
const THINK_RANGE: &str = "^\\s*\\S.*\\.\\.\\s*\\S.*$";
const RATE: &str = "^\\s*\\d+(\\.\\d+)?\\s*(/|per )\\s*(s|sec|second|m|min|minute|h|hour)\\s*$";

/// The JSON Schema (draft 2020-12) of plan files, for editors.
///
/// It accepts every plan that [`read_plan`](crate::read_plan) accepts; the reader checks more: names,
/// units of limits, keys that exclude each other.
#[must_use]
pub fn json_schema() -> Value {
    let mut definitions = Map::new();
    let root = reference(&PLAN, &mut definitions);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Loadline plan",
        "$ref": root,
        "$defs": definitions,
    })
}

/// The place of `object` in the schema, where it is put at its first use.
fn reference(object: &'static Object, definitions: &mut Map<String, Value>) -> String {
    let place = format!("#/$defs/{}", object.name);
    if definitions.contains_key(object.name) {
        return place;
    }
    // Taken before the fields are visited, since steps hold steps.
    definitions.insert(object.name.to_owned(), Value::Null);
    let mut properties = Map::new();
    for field in object.fields {
        let mut schema = shape(&field.shape, definitions);
        if let Value::Object(members) = &mut schema {
            members.insert("description".to_owned(), field.about.into());
        }
        properties.insert(field.name.to_owned(), schema);
    }
    let required: Vec<&str> = object
        .fields
        .iter()
        .filter(|field| field.is_required)
        .map(|field| field.name)
        .collect();
    let mut schema = json!({
        "type": "object",
        "description": object.about,
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    if std::ptr::eq(object, &REQUEST) {
        let methods = METHODS.iter().map(|(key, _)| json!({"required": [key]}));
        schema["oneOf"] = Value::Array(methods.collect());
    }
    definitions.insert(object.name.to_owned(), schema);
    place
}

fn shape(shape: &Shape, definitions: &mut Map<String, Value>) -> Value {
    match shape {
        Shape::Text => json!({"type": ["string", "number", "boolean"]}),
        Shape::Flag => json!({"type": "boolean"}),
        Shape::Count => json!({"type": "integer", "minimum": 0}),
        Shape::Duration => json!({"anyOf": [
            {"type": "string", "pattern": DURATION},
            {"const": 0},
        ]}),
        Shape::Think => json!({"anyOf": [
            {"type": "string", "pattern": DURATION},
            {"type": "string", "pattern": THINK_RANGE},
            {"type": "string", "pattern": "\\$\\{"},
            {"const": 0},
        ]}),
        Shape::Rate => json!({"type": "string", "pattern": RATE}),
        Shape::Word(words) => json!({"enum": words}),
        Shape::Version(version) => json!({"const": version}),
        Shape::Any => json!({}),
        Shape::List(item) => json!({"type": "array", "items": self::shape(item, definitions)}),
        Shape::Map(value) => json!({
            "type": "object",
            "additionalProperties": self::shape(value, definitions),
        }),
        Shape::Steps => json!({"type": "array", "items": {"$ref": steps(definitions)}}),
        Shape::Object(object) => json!({"$ref": reference(object, definitions)}),
        Shape::AnyOf(shapes) => {
            let forms: Vec<Value> = shapes
                .iter()
                .map(|form| self::shape(form, definitions))
                .collect();
            json!({"anyOf": forms})
        }
    }
}

/// The place of a step's forms in the schema, where they are put at their first use.
fn steps(definitions: &mut Map<String, Value>) -> &'static str {
    if !definitions.contains_key("step") {
        // Taken first, since the forms hold steps.
        definitions.insert("step".to_owned(), Value::Null);
        let forms = shape(&Shape::AnyOf(&STEP_FORMS), definitions);
        definitions.insert("step".to_owned(), forms);
    }
    "#/$defs/step"
}
