//! Checks what clients send before it reaches the store.
//!
//! All findings of one request come in one answer. Members that no field takes are ignored, so a
//! record that was read can be sent back as it is. Not here: whether the user exists and whether
//! the e-mail address is free, which only the store knows.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::collection::{Collection, EMAIL_MAX, Field, Kind};
use crate::record::FieldValue;

/// Page size when the request does not say.
pub(crate) const DEFAULT_PAGE_SIZE: i64 = 20;
/// Largest page a client may ask for.
pub(crate) const MAX_PAGE_SIZE: i64 = 100;
/// Last page a client may ask for; bounds the rows that a database skips.
pub(crate) const MAX_PAGE: i64 = 1_000_000;

/// What is wrong with one field or parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Violation {
    pub(crate) field: &'static str,
    pub(crate) message: String,
}

/// The query string of a list, as sent.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct PageQuery {
    page: Option<String>,
    page_size: Option<String>,
}

/// Which part of a collection to answer; both at least 1 and bounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) number: i64,
    pub(crate) size: i64,
}

/// How much of a record a body has to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Completeness {
    /// POST and PUT: every writable field.
    Whole,
    /// PATCH: any of them; the others stay unchanged.
    Partial,
}

impl PageQuery {
    pub(crate) fn validate(&self) -> Result<Page, Vec<Violation>> {
        let mut violations = Vec::new();
        let mut number = |field: &'static str, text: &Option<String>, default: i64, max: i64| {
            let Some(text) = text else { return default };
            match text.parse() {
                Ok(number) if (1..=max).contains(&number) => number,
                _ => {
                    let message = format!("must be a whole number from 1 to {max}");
                    violations.push(Violation { field, message });
                    default
                }
            }
        };
        let page = Page {
            number: number("page", &self.page, 1, MAX_PAGE),
            size: number(
                "page_size",
                &self.page_size,
                DEFAULT_PAGE_SIZE,
                MAX_PAGE_SIZE,
            ),
        };
        if violations.is_empty() {
            Ok(page)
        } else {
            Err(violations)
        }
    }
}

/// Values for the writable fields of `collection`, in order, from a JSON object.
pub(crate) fn validate_body(
    collection: Collection,
    body: &Map<String, Value>,
    completeness: Completeness,
) -> Result<Vec<FieldValue>, Vec<Violation>> {
    let mut violations = Vec::new();
    let mut values = Vec::new();
    for field in collection.writable_fields() {
        let checked = match body.get(field.name) {
            Some(value) => validate_value(field, value),
            None if completeness == Completeness::Partial => Ok(FieldValue::Unchanged),
            None => Err("is required".to_owned()),
        };
        match checked {
            Ok(value) => values.push(value),
            Err(message) => violations.push(Violation {
                field: field.name,
                message,
            }),
        }
    }
    if violations.is_empty() {
        Ok(values)
    } else {
        Err(violations)
    }
}

fn validate_value(field: &Field, value: &Value) -> Result<FieldValue, String> {
    match field.kind {
        Kind::Text { min, max } => text(value, min, max),
        Kind::Email => {
            let value = text(value, 3, EMAIL_MAX)?;
            match &value {
                FieldValue::Text(address) if is_email(address) => Ok(value),
                _ => Err("must be an e-mail address".to_owned()),
            }
        }
        Kind::Integer { min, max } => integer(value)
            .filter(|number| (min..=max).contains(number))
            .map(FieldValue::Integer)
            .ok_or_else(|| format!("must be a whole number from {min} to {max}")),
        Kind::UserId => integer(value)
            .filter(|number| *number >= 1)
            .map(FieldValue::Integer)
            .ok_or_else(|| "must be the id of a user".to_owned()),
        Kind::CreatedAt | Kind::UserName => Err("is set by the server".to_owned()),
    }
}

fn text(value: &Value, min: usize, max: usize) -> Result<FieldValue, String> {
    let text = value.as_str().ok_or("must be text")?;
    if !(min..=max).contains(&text.chars().count()) {
        return Err(format!("must have {min} to {max} characters"));
    }
    // PostgreSQL cannot store it in text; both databases refuse it alike.
    if text.contains('\0') {
        return Err("must not contain the character U+0000".to_owned());
    }
    Ok(FieldValue::Text(text.to_owned()))
}

/// A whole number, also as text of digits, as template engines of load tests often send it.
fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
        _ => None,
    }
}

fn is_email(address: &str) -> bool {
    match address.split_once('@') {
        Some((local, domain)) => {
            !local.is_empty()
                && !domain.is_empty()
                && !domain.contains('@')
                && !address.contains(char::is_whitespace)
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(collection: Collection, body: Value, expected: Result<Vec<FieldValue>, Vec<&str>>) {
        let body = body.as_object().unwrap();
        let actual = validate_body(collection, body, Completeness::Whole);
        let actual = actual.map_err(|violations| {
            violations
                .iter()
                .map(|violation| format!("{} {}", violation.field, violation.message))
                .collect::<Vec<_>>()
        });
        assert_eq!(
            actual,
            expected.map_err(|it| it.into_iter().map(str::to_owned).collect())
        );
    }

    fn string(value: &str) -> FieldValue {
        FieldValue::Text(value.to_owned())
    }

    #[test]
    fn user_ids_are_numbers_or_digits() {
        let expected = || Ok(vec![string("t"), string("b"), FieldValue::Integer(17)]);
        check(
            Collection::Posts,
            json!({"title": "t", "body": "b", "user_id": 17}),
            expected(),
        );
        check(
            Collection::Posts,
            json!({"title": "t", "body": "b", "user_id": "17"}),
            expected(),
        );
        for wrong in [
            json!(0),
            json!(-1),
            json!(1.5),
            json!("x"),
            json!("-1"),
            json!(null),
        ] {
            check(
                Collection::Posts,
                json!({"title": "t", "body": "b", "user_id": wrong}),
                Err(vec!["user_id must be the id of a user"]),
            );
        }
    }

    #[test]
    fn all_violations_come_at_once() {
        check(
            Collection::Posts,
            json!({"title": "", "user_id": true}),
            Err(vec![
                "title must have 1 to 200 characters",
                "body is required",
                "user_id must be the id of a user",
            ]),
        );
    }

    #[test]
    fn addresses_have_one_at_sign_between_two_parts() {
        let body = |email: &str| json!({"name": "n", "email": email});
        check(
            Collection::Users,
            body("a@b"),
            Ok(vec![string("n"), string("a@b")]),
        );
        for wrong in ["abc", "@bc", "ab@", "a@b@c", "a b@c"] {
            check(
                Collection::Users,
                body(wrong),
                Err(vec!["email must be an e-mail address"]),
            );
        }
    }

    #[test]
    fn fields_of_the_server_and_unknown_ones_are_ignored() {
        check(
            Collection::Books,
            json!({"id": 9, "title": "t", "author": "a", "year": 2000, "shelf": 3}),
            Ok(vec![string("t"), string("a"), FieldValue::Integer(2000)]),
        );
    }

    #[test]
    fn a_partial_body_leaves_the_rest_unchanged() {
        let body = json!({"year": 1984});
        let values = validate_body(
            Collection::Books,
            body.as_object().unwrap(),
            Completeness::Partial,
        );
        let unchanged = FieldValue::Unchanged;
        assert_eq!(
            values,
            Ok(vec![
                unchanged.clone(),
                unchanged,
                FieldValue::Integer(1984)
            ])
        );
    }

    #[test]
    fn pages_are_bounded() {
        let page = |page: Option<&str>, size: Option<&str>| {
            PageQuery {
                page: page.map(str::to_owned),
                page_size: size.map(str::to_owned),
            }
            .validate()
        };
        assert_eq!(
            page(None, None),
            Ok(Page {
                number: 1,
                size: DEFAULT_PAGE_SIZE
            })
        );
        assert_eq!(
            page(Some("3"), Some("100")),
            Ok(Page {
                number: 3,
                size: 100
            })
        );
        assert_eq!(page(Some("0"), Some("101")).unwrap_err().len(), 2);
        assert_eq!(page(Some("x"), None).unwrap_err()[0].field, "page");
    }
}
