//! The JSON Schema of plan files, made of the reader's own tables.

use loadline_plan::Text;
use serde_json::{Map, Number, Value, json};

use crate::element::{self, JmeterLoad, LOAD_KEYS, Settings, forms};
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
        Shape::Word(words) => one_of(words),
        Shape::Version(version) => json!({"const": version}),
        Shape::Any => json!({}),
        Shape::List(item) => json!({"type": "array", "items": self::shape(item, definitions)}),
        Shape::Map(value) => json!({
            "type": "object",
            "additionalProperties": self::shape(value, definitions),
        }),
        Shape::Steps => json!({"type": "array", "items": {"$ref": steps(definitions)}}),
        Shape::HttpSettings => json!({"$ref": http_settings(definitions)}),
        Shape::JmeterLoad(key) => jmeter_load(key),
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
        let mut forms = shape(&Shape::AnyOf(&STEP_FORMS), definitions);
        if let Some(Value::Array(forms)) = forms.get_mut("anyOf") {
            forms.push(json!({"$ref": named_elements(definitions)}));
        }
        definitions.insert("step".to_owned(), forms);
    }
    "#/$defs/step"
}

/// The place of JMeter's settings of requests, where they are put at their first use.
fn http_settings(definitions: &mut Map<String, Value>) -> &'static str {
    if !definitions.contains_key("http_settings") {
        let mut settings = Properties::default();
        element::http(&mut loadline_plan::HttpRequest::default(), &mut settings);
        let schema = settings.object("Settings of HTTP requests, by JMeter's names.");
        definitions.insert("http_settings".to_owned(), schema);
    }
    "#/$defs/http_settings"
}

fn jmeter_load(key: &str) -> Value {
    let Some(kind) = LOAD_KEYS.iter().find(|kind| kind.key == key) else {
        return json!({});
    };
    let mut settings = Properties::default();
    JmeterLoad::settings(&mut (kind.blank)(), &mut settings);
    settings.object(kind.about)
}

/// The place of elements by JMeter's names: mappings of one key, which is that of a kind.
fn named_elements(definitions: &mut Map<String, Value>) -> &'static str {
    let mut kinds = Map::new();
    for form in forms() {
        let mut settings = Properties::default();
        element::settings(&mut (form.blank)(), &mut settings);
        settings.add("name", "Its name.", text());
        let steps = json!({"type": "array", "items": {"$ref": "#/$defs/step"}});
        settings.add("do", "What is below it.", steps);
        kinds.insert(form.key.to_owned(), settings.object(form.about));
    }
    let schema = json!({
        "type": "object",
        "description": "An element by JMeter's name.",
        "properties": kinds,
        "additionalProperties": false,
        "minProperties": 1,
        "maxProperties": 1,
    });
    definitions.insert("element".to_owned(), schema);
    "#/$defs/element"
}

/// One of `words`; a word that is a number may stand without quotes.
fn one_of(words: &[&str]) -> Value {
    let numbers = words.iter().filter_map(|word| word.parse::<Number>().ok());
    let words = words.iter().copied().map(Value::from);
    json!({"enum": words.chain(numbers.map(Value::Number)).collect::<Vec<_>>()})
}

fn text() -> Value {
    json!({"type": ["string", "number", "boolean"]})
}

/// Describes the settings that go through it.
#[derive(Default)]
struct Properties(Map<String, Value>);

impl Properties {
    fn add(&mut self, key: &str, about: &str, mut schema: Value) {
        if let Value::Object(members) = &mut schema {
            members.insert("description".to_owned(), about.into());
        }
        self.0.insert(key.to_owned(), schema);
    }

    fn object(self, about: &str) -> Value {
        json!({
            "type": "object",
            "description": about,
            "properties": self.0,
            "additionalProperties": false,
        })
    }
}

impl Settings for Properties {
    fn text(&mut self, key: &'static str, about: &'static str, _: &str, _: &mut Text) {
        self.add(key, about, text());
    }

    fn optional(&mut self, key: &'static str, about: &'static str, _: &mut Option<Text>) {
        self.add(key, about, text());
    }

    fn flag(&mut self, key: &'static str, about: &'static str, _: bool, _: &mut bool) {
        self.add(key, about, json!({"type": "boolean"}));
    }

    fn optional_flag(&mut self, key: &'static str, about: &'static str, _: &mut Option<bool>) {
        self.add(key, about, json!({"type": "boolean"}));
    }

    fn count(&mut self, key: &'static str, about: &'static str, _: &mut Option<u32>) {
        self.add(key, about, json!({"type": "integer", "minimum": 0}));
    }

    fn texts(&mut self, key: &'static str, about: &'static str, _: &mut Vec<Text>) {
        let list = json!({"type": "array", "items": text()});
        self.add(key, about, json!({"anyOf": [text(), list]}));
    }

    fn pairs(&mut self, key: &'static str, about: &'static str, _: &mut Vec<(Text, Text)>) {
        let map = json!({"type": "object", "additionalProperties": text()});
        let list = json!({"type": "array", "items": map});
        self.add(key, about, json!({"anyOf": [map, list]}));
    }

    fn word<T: Copy + PartialEq>(
        &mut self,
        key: &'static str,
        about: &'static str,
        words: &[(&'static str, T)],
        _: &mut T,
    ) {
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        self.add(key, about, one_of(&words));
    }

    fn rows<T: Default>(
        &mut self,
        key: &'static str,
        about: &'static str,
        _: &mut Vec<T>,
        row: fn(&mut Self, &mut T),
    ) {
        let mut own = Properties::default();
        row(&mut own, &mut T::default());
        let item = own.object("One of them.");
        self.add(key, about, json!({"type": "array", "items": item}));
    }
}
