//! `/openapi.json`: the OpenAPI 3.1 description, built from the table of collections.

use serde_json::{Map, Value, json};

use crate::collection::{Collection, EMAIL_MAX, Field, Kind};
use crate::http::validation::{DEFAULT_PAGE_SIZE, MAX_PAGE, MAX_PAGE_SIZE};

/// The whole document.
pub(crate) fn description() -> Value {
    let mut paths = Map::new();
    let mut schemas = Map::new();
    for collection in Collection::ALL {
        let name = schema_name(collection);
        paths.insert(collection.path().to_owned(), whole_path(collection, &name));
        paths.insert(
            collection.record_path().to_owned(),
            record_path(collection, &name),
        );
        schemas.insert(name.clone(), record_schema(collection));
        schemas.insert(format!("{name}Page"), page_schema(&name));
        schemas.insert(format!("{name}Input"), input_schema(collection, true));
        schemas.insert(format!("{name}Patch"), input_schema(collection, false));
    }
    schemas.insert("Problem".to_owned(), problem_schema());
    paths.insert(
        "/health".to_owned(),
        plain_path("health", "application/json", "It serves."),
    );
    paths.insert(
        "/metrics".to_owned(),
        plain_path("metrics", "text/plain", "Prometheus text."),
    );
    paths.insert(
        "/openapi.json".to_owned(),
        plain_path("openapi", "application/json", "This document."),
    );
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Loadline reference backend",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Posts, users and books: a backend with known capacity and faults.",
        },
        "paths": paths,
        "components": {"schemas": schemas},
    })
}

/// `Post` for posts.
fn schema_name(collection: Collection) -> String {
    let (head, tail) = collection.singular().split_at(1);
    head.to_uppercase() + tail
}

fn whole_path(collection: Collection, name: &str) -> Value {
    let page_parameter = |parameter: &str, default: i64, maximum: i64| {
        json!({
            "name": parameter, "in": "query", "required": false,
            "schema": {"type": "integer", "minimum": 1, "maximum": maximum, "default": default},
        })
    };
    let mut created = json_answer("Created.", name);
    created["headers"] = json!({
        "Location": {"description": "Path of the record.", "schema": {"type": "string"}},
    });
    json!({
        "get": {
            "operationId": format!("list_{}", collection.plural()),
            "parameters": [
                page_parameter("page", 1, MAX_PAGE),
                page_parameter("page_size", DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE),
            ],
            "responses": responses(
                [("200", json_answer("A page.", &format!("{name}Page")))],
                &["400", "422"],
            ),
        },
        "post": {
            "operationId": format!("create_{}", collection.singular()),
            "requestBody": request_body(&format!("{name}Input")),
            "responses": responses([("201", created)], body_problems(collection)),
        },
    })
}

fn record_path(collection: Collection, name: &str) -> Value {
    let singular = collection.singular();
    let operation = |verb: &str| format!("{verb}_{singular}");
    let changed = |verb: &str, input: String| {
        let mut problems = vec!["404"];
        problems.extend_from_slice(body_problems(collection));
        json!({
            "operationId": operation(verb),
            "requestBody": request_body(&input),
            "responses": responses([("200", json_answer("As it is now.", name))], &problems),
        })
    };
    json!({
        "parameters": [{
            "name": "id", "in": "path", "required": true,
            "schema": {"type": "integer", "minimum": 1},
        }],
        "get": {
            "operationId": operation("get"),
            "responses": responses([("200", json_answer("The record.", name))], &["404"]),
        },
        "put": changed("replace", format!("{name}Input")),
        "patch": changed("change", format!("{name}Patch")),
        "delete": {
            "operationId": operation("delete"),
            "responses": responses([("204", json!({"description": "Deleted."}))], &["404"]),
        },
    })
}

fn plain_path(operation: &str, content_type: &str, description: &str) -> Value {
    json!({
        "get": {
            "operationId": operation,
            "responses": {"200": {"description": description, "content": {content_type: {}}}},
        },
    })
}

/// What can be wrong with a request that has a body.
fn body_problems(collection: Collection) -> &'static [&'static str] {
    match collection {
        Collection::Users => &["400", "409", "413", "422"],
        Collection::Posts | Collection::Books => &["400", "413", "422"],
    }
}

fn responses<const N: usize>(answers: [(&str, Value); N], problems: &[&str]) -> Value {
    let mut responses = Map::new();
    for (status, answer) in answers {
        responses.insert(status.to_owned(), answer);
    }
    for status in problems {
        let description = match *status {
            "400" => "The request cannot be read.",
            "404" => "There is no such record.",
            "409" => "The e-mail address is taken.",
            "413" => "The body is too long.",
            _ => "A value is not allowed.",
        };
        responses.insert((*status).to_owned(), json_answer(description, "Problem"));
    }
    responses.insert(
        "default".to_owned(),
        json_answer("Any other problem.", "Problem"),
    );
    Value::Object(responses)
}

fn json_answer(description: &str, schema: &str) -> Value {
    json!({
        "description": description,
        "content": {"application/json": {"schema": reference(schema)}},
    })
}

fn request_body(schema: &str) -> Value {
    json!({"required": true, "content": {"application/json": {"schema": reference(schema)}}})
}

fn reference(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}

fn record_schema(collection: Collection) -> Value {
    let mut properties = Map::new();
    properties.insert("id".to_owned(), json!({"type": "integer", "minimum": 1}));
    for field in collection.fields() {
        properties.insert(field.name.to_owned(), answered_value(field));
    }
    let required: Vec<String> = properties.keys().cloned().collect();
    json!({"type": "object", "properties": properties, "required": required})
}

fn page_schema(name: &str) -> Value {
    json!({
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": reference(name)},
            "page": {"type": "integer", "minimum": 1},
            "page_size": {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE},
            "next": {"type": ["string", "null"]},
            "previous": {"type": ["string", "null"]},
        },
        "required": ["items", "page", "page_size", "next", "previous"],
    })
}

fn input_schema(collection: Collection, is_whole: bool) -> Value {
    let mut properties = Map::new();
    for field in collection.writable_fields() {
        properties.insert(field.name.to_owned(), accepted_value(field));
    }
    let mut schema = json!({"type": "object", "properties": properties});
    if is_whole {
        let required: Vec<&str> = collection
            .writable_fields()
            .map(|field| field.name)
            .collect();
        schema["required"] = json!(required);
    }
    schema
}

fn problem_schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "error": {"type": "string"},
            "message": {"type": "string"},
            "details": {"type": "array", "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
                "required": ["field", "message"],
            }},
        },
        "required": ["error", "message"],
    })
}

fn answered_value(field: &Field) -> Value {
    match field.kind {
        Kind::Text { min, max } => json!({"type": "string", "minLength": min, "maxLength": max}),
        Kind::Email => json!({"type": "string", "format": "email", "maxLength": EMAIL_MAX}),
        Kind::Integer { min, max } => json!({"type": "integer", "minimum": min, "maximum": max}),
        Kind::UserId => json!({"type": "integer", "minimum": 1}),
        Kind::CreatedAt => json!({"type": "string", "format": "date-time", "readOnly": true}),
        Kind::UserName => json!({"type": "string", "readOnly": true}),
    }
}

/// Numbers are also taken as text of digits.
fn accepted_value(field: &Field) -> Value {
    match field.kind {
        Kind::Integer { .. } | Kind::UserId => json!({
            "oneOf": [answered_value(field), {"type": "string", "pattern": "^[0-9]+$"}],
        }),
        _ => answered_value(field),
    }
}
