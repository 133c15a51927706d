//! Answers that are not what the client hoped for, as JSON.
//!
//! `{"error": "<code>", "message": "...", "details": [{"field", "message"}]}`; `details` only for
//! violations.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::collection::Collection;
use crate::http::validation::Violation;
use crate::store::StoreError;

/// A refusal or a failure.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    message: String,
    details: Vec<Violation>,
    retry_after_seconds: Option<u64>,
}

#[derive(Serialize)]
struct ProblemJson<'a> {
    error: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    details: &'a [Violation],
}

impl Problem {
    pub(crate) fn new(
        status: StatusCode,
        code: &'static str,
        message: impl Into<String>,
    ) -> Problem {
        Problem {
            status,
            code,
            message: message.into(),
            details: Vec::new(),
            retry_after_seconds: None,
        }
    }

    pub(crate) fn violations(details: Vec<Violation>) -> Problem {
        let message = "the request does not meet the description of its fields";
        Problem {
            details,
            ..Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "validation", message)
        }
    }

    pub(crate) fn missing(collection: Collection, id: &str) -> Problem {
        let message = format!("{} {id} does not exist", collection.singular());
        Problem::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    pub(crate) fn too_many_requests(retry_after_seconds: u64) -> Problem {
        Problem {
            retry_after_seconds: Some(retry_after_seconds),
            ..Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_requests",
                "the rate limit is exceeded",
            )
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Problem {
        let message = error.to_string();
        match error {
            StoreError::UnknownUser => Problem::violations(vec![Violation {
                field: "user_id",
                message,
            }]),
            StoreError::DuplicateEmail => Problem {
                details: vec![Violation {
                    field: "email",
                    message: message.clone(),
                }],
                ..Problem::new(StatusCode::CONFLICT, "conflict", message)
            },
            StoreError::QueueFull => {
                Problem::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", message)
            }
            StoreError::Database(_) => {
                Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "database", message)
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = ProblemJson {
            error: self.code,
            message: &self.message,
            details: &self.details,
        };
        let mut response = (self.status, axum::Json(body)).into_response();
        if let Some(seconds) = self.retry_after_seconds {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
