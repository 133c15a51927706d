//! The HTTP side: routes, handlers, and what happens around each request.
//!
//! Paths end in a slash; the same path without it is the same resource.

use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{ConnectInfo, DefaultBodyLimit, MatchedPath, Path, Query, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::collection::{Collection, Kind};
use crate::fault::injection::Injection;
use crate::http::connection::CutOff;
use crate::http::metrics::{self, Endpoint, Metrics};
use crate::http::openapi;
use crate::http::problem::Problem;
use crate::http::validation::{Completeness, PageQuery, validate_body};
use crate::record::{FieldValue, PageJson, Record, RecordJson};
use crate::store::{Command, Store};

/// Largest body that is read, in bytes: the largest valid post with every character escaped.
const BODY_MAX_BYTES: usize = 128 * 1024;

const HEALTH: &str = "/health";
const METRICS: &str = "/metrics";
const OPENAPI: &str = "/openapi.json";

/// What all requests share.
pub(crate) struct App {
    pub(crate) store: Box<dyn Store>,
    pub(crate) injection: Injection,
    pub(crate) metrics: Metrics,
}

/// All routes over `app`.
pub(crate) fn router(app: Arc<App>) -> Router {
    let mut router = Router::new();
    for collection in Collection::ALL {
        let whole = get(move |app, query| list(app, collection, query))
            .post(move |app, body| create(app, collection, body));
        let one = get(move |app, id| read(app, collection, id))
            .put(move |app, id, body| update(app, collection, id, body, Completeness::Whole))
            .patch(move |app, id, body| update(app, collection, id, body, Completeness::Partial))
            .delete(move |app, id| delete(app, collection, id));
        for (path, methods) in [(collection.path(), whole), (collection.record_path(), one)] {
            router = router
                .route(path, methods.clone())
                .route(path.trim_end_matches('/'), methods);
        }
    }
    router
        .route(HEALTH, get(health))
        .route(METRICS, get(render_metrics))
        .route(OPENAPI, get(describe))
        .fallback(no_such_path)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(BODY_MAX_BYTES))
        .layer(from_fn_with_state(Arc::clone(&app), around))
        .with_state(app)
}

/// Counts each request and lets the faults act on it.
async fn around(
    State(app): State<Arc<App>>,
    ConnectInfo(cut): ConnectInfo<CutOff>,
    matched: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let started_at = Instant::now();
    let _in_flight = app.metrics.begin();
    let route = route_label(matched.as_ref().map(MatchedPath::as_str));
    let endpoint = Endpoint {
        method: method_label(request.method()),
        route,
    };
    let is_spared = route == HEALTH || route == METRICS;
    let response = match app.injection.before(is_spared, &cut).await {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    app.injection.after().await;
    app.metrics
        .record(endpoint, response.status().as_u16(), started_at.elapsed());
    response
}

/// The template of a path, as a label with a bounded number of values.
fn route_label(matched: Option<&str>) -> &'static str {
    let Some(path) = matched else {
        return "unmatched";
    };
    let paths = Collection::ALL
        .into_iter()
        .flat_map(|it| [it.path(), it.record_path()]);
    paths
        .chain([HEALTH, METRICS, OPENAPI])
        .find(|known| known.trim_end_matches('/') == path.trim_end_matches('/'))
        .unwrap_or("unmatched")
}

fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

async fn list(
    State(app): State<Arc<App>>,
    collection: Collection,
    query: Result<Query<PageQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(query) = query.map_err(|rejection| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "bad_request",
            rejection.body_text(),
        )
    })?;
    let page = query.validate().map_err(Problem::violations)?;
    // One more than the page holds tells whether another follows.
    let command = Command::List {
        collection,
        offset: (page.number - 1) * page.size,
        limit: page.size + 1,
    };
    let records = app.store.execute(command).await?;
    let size = usize::try_from(page.size).unwrap_or(usize::MAX);
    let shown = &records[..records.len().min(size)];
    Ok(json_response(
        StatusCode::OK,
        &PageJson {
            collection,
            records: shown,
            page: page.number,
            page_size: page.size,
            has_next: records.len() > size,
        },
    ))
}

async fn create(
    State(app): State<Arc<App>>,
    collection: Collection,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let body = object(body)?;
    let mut written = validate_body(collection, &body, Completeness::Whole)
        .map_err(Problem::violations)?
        .into_iter();
    let values = collection
        .stored_fields()
        .map(|field| match field.kind {
            Kind::CreatedAt => FieldValue::Integer(seconds_since_1970()),
            _ => written
                .next()
                .expect("a whole body has a value for each writable field"),
        })
        .collect();
    let records = app
        .store
        .execute(Command::Create { collection, values })
        .await?;
    let record = records.first().ok_or_else(|| {
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "database",
            "nothing was created",
        )
    })?;
    let mut response = json_response(StatusCode::CREATED, &RecordJson { collection, record });
    let location = format!("{}{}/", collection.path(), record.id);
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

async fn read(
    State(app): State<Arc<App>>,
    collection: Collection,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let command = Command::Get {
        collection,
        id: record_id(collection, &id)?,
    };
    one_record(collection, &id, &app.store.execute(command).await?)
}

async fn update(
    State(app): State<Arc<App>>,
    collection: Collection,
    Path(id): Path<String>,
    body: Result<Bytes, BytesRejection>,
    completeness: Completeness,
) -> Result<Response, Problem> {
    let number = record_id(collection, &id)?;
    let body = object(body)?;
    let values = validate_body(collection, &body, completeness).map_err(Problem::violations)?;
    let command = Command::Update {
        collection,
        id: number,
        values,
    };
    one_record(collection, &id, &app.store.execute(command).await?)
}

async fn delete(
    State(app): State<Arc<App>>,
    collection: Collection,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let command = Command::Delete {
        collection,
        id: record_id(collection, &id)?,
    };
    if app.store.execute(command).await?.is_empty() {
        return Err(Problem::missing(collection, &id));
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn health() -> Response {
    json_response(StatusCode::OK, &json!({"status": "ok"}))
}

async fn render_metrics(State(app): State<Arc<App>>) -> Response {
    let mut pools = vec![("database", app.store.pool_usage())];
    pools.extend(app.injection.pool_usages());
    (
        [(header::CONTENT_TYPE, metrics::CONTENT_TYPE)],
        app.metrics.render(&pools),
    )
        .into_response()
}

async fn describe() -> Response {
    json_response(StatusCode::OK, &openapi::description())
}

async fn no_such_path() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "not_found",
        "there is nothing at this path",
    )
}

async fn method_not_allowed(method: Method) -> Problem {
    let message = format!("{method} is not possible here");
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        message,
    )
}

fn one_record(collection: Collection, id: &str, records: &[Record]) -> Result<Response, Problem> {
    match records.first() {
        Some(record) => Ok(json_response(
            StatusCode::OK,
            &RecordJson { collection, record },
        )),
        None => Err(Problem::missing(collection, id)),
    }
}

/// The id in a path. What is no id is the id of nothing.
fn record_id(collection: Collection, text: &str) -> Result<i64, Problem> {
    text.parse()
        .ok()
        .filter(|id| *id >= 1)
        .ok_or_else(|| Problem::missing(collection, text))
}

/// The JSON object in a body, whatever content type is stated.
fn object(body: Result<Bytes, BytesRejection>) -> Result<Map<String, Value>, Problem> {
    let body = body.map_err(|rejection| {
        Problem::new(rejection.status(), "unreadable_body", rejection.body_text())
    })?;
    let bad_request =
        |message: String| Problem::new(StatusCode::BAD_REQUEST, "bad_request", message);
    match serde_json::from_slice(&body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(bad_request("the body must be a JSON object".to_owned())),
        Err(error) => Err(bad_request(format!("the body is not JSON: {error}"))),
    }
}

fn json_response(status: StatusCode, value: &impl Serialize) -> Response {
    // A page of records takes some kilobytes; growing there in steps would cost copies.
    let mut bytes = Vec::with_capacity(1024);
    if let Err(error) = serde_json::to_writer(&mut bytes, value) {
        let message = error.to_string();
        return Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "json", message).into_response();
    }
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

/// A clock before 1970 counts as 1970.
fn seconds_since_1970() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
