//! Everything that is no file in memory: events, operators' addresses, calendars on demand, and what to say
//! where there is nothing.

use super::cached_file::CachedFile;
use super::render_cache::Demand;
use super::site_handle::SiteHandle;
use super::{caching, events, security};
use crate::metrics::Metrics;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName,
    LOCATION, RETRY_AFTER,
};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use ptgbot_render::{InvalidQuery, SitePath};
use std::sync::Arc;
use tokio::sync::Semaphore;

#[derive(Clone)]
struct RouteContext {
    site: SiteHandle,
    listeners: Arc<Semaphore>,
}

/// The routes behind the fast path; every event stream takes one of the places for listeners.
pub(super) fn router(site: SiteHandle, listeners: Arc<Semaphore>) -> Router {
    Router::new()
        .route("/events", get(listen))
        .route("/healthz", get(health))
        .route("/readyz", get(readiness))
        .route("/metrics", get(numbers))
        .fallback(file)
        .with_state(RouteContext { site, listeners })
}

async fn listen(State(context): State<RouteContext>, headers: HeaderMap) -> Response {
    let Ok(place) = context.listeners.try_acquire_owned() else { return busy("30", "too many listeners\n") };
    let last_event = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    events::listen(context.site, place, last_event)
}

async fn health() -> impl IntoResponse {
    (NO_STORE, "ok\n")
}

async fn readiness(State(context): State<RouteContext>) -> Response {
    ready(context.site.metrics())
}

async fn numbers(State(context): State<RouteContext>) -> Response {
    told(context.site.metrics())
}

/// What is for operators, of a process whose numbers these are.
pub(super) fn for_operators(name: &str, metrics: &Metrics) -> Option<Response> {
    match name {
        "healthz" => Some((NO_STORE, "ok\n").into_response()),
        "readyz" => Some(ready(metrics)),
        "metrics" => Some(told(metrics)),
        _ => None,
    }
}

/// Whether the process has all that it needs: the pages are known to show the newest board, and a bot can do its work.
fn ready(metrics: &Metrics) -> Response {
    match &metrics.lacks()[..] {
        [] => (NO_STORE, "ok\n").into_response(),
        lacks => (StatusCode::SERVICE_UNAVAILABLE, NO_STORE, format!("{}\n", lacks.join("; "))).into_response(),
    }
}

fn told(metrics: &Metrics) -> Response {
    let kind = [(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")];
    (kind, NO_STORE, metrics.text()).into_response()
}

async fn file(State(context): State<RouteContext>, request: Request) -> Response {
    let Some(path) = decode(request.uri().path()) else { return missing(request.uri().path(), NO_TRACK) };
    if RECORD.strip_suffix('/') == Some(&path) {
        return elsewhere(RECORD);
    }
    let file = match find(&context.site, &path, request.uri().query()).await {
        Ok(Demand::Rendered(file)) => file,
        Ok(Demand::Nothing) => {
            // A name is never empty and holds no slash: nobody is sent to another host.
            let name = path.strip_suffix('/').filter(|name| !name.is_empty() && !name.contains('/'));
            return match name {
                Some(name) if matches!(find(&context.site, name, None).await, Ok(Demand::Rendered(_))) => {
                    elsewhere(&format!("../{name}"))
                }
                Some(_) | None if path.starts_with(RECORD) => missing(request.uri().path(), NO_RECORD),
                Some(_) | None => missing(request.uri().path(), NO_TRACK),
            };
        }
        Ok(Demand::Busy) => return busy("1", "too many ask for what is rendered on demand\n"),
        Err(invalid) => return unread(invalid),
    };
    answer(&file, request.method(), request.headers())
}

/// The answer that a file gives to any method.
pub(super) fn answer(file: &CachedFile, method: &Method, headers: &HeaderMap) -> Response {
    match *method {
        Method::GET | Method::HEAD => file.answer(headers).map(Body::new),
        Method::OPTIONS => options(file),
        _ => (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, METHODS)], "only GET and HEAD\n").into_response(),
    }
}

/// A file by its path without the leading slash; calendars are found in any case.
async fn find(site: &SiteHandle, path: &str, query: Option<&str>) -> Result<Demand, InvalidQuery> {
    let lower = path.to_lowercase();
    let other = site_path(&lower).filter(|other| lower != path && other.is_calendar());
    for spelled in site_path(path).into_iter().chain(other) {
        match site.demand(spelled, query).await? {
            Demand::Nothing => {}
            found => return Ok(found),
        }
    }
    Ok(Demand::Nothing)
}

/// What a path without its leading slash means.
pub(super) fn site_path(path: &str) -> Option<SitePath> {
    match path {
        "" => Some(SitePath::Board),
        RECORD => Some(SitePath::Record),
        path => SitePath::parse(path),
    }
}

fn unread(invalid: InvalidQuery) -> Response {
    let status = match invalid {
        InvalidQuery::TooLong => StatusCode::URI_TOO_LONG,
        InvalidQuery::TooMany => StatusCode::BAD_REQUEST,
    };
    (status, NO_STORE, format!("{invalid}\n")).into_response()
}

pub(super) fn busy(seconds: &'static str, words: &'static str) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, seconds)], NO_STORE, words).into_response()
}

/// The path without its leading slash and percent signs; `None` for what is no text.
fn decode(path: &str) -> Option<String> {
    let path = path.strip_prefix('/')?;
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

fn options(file: &CachedFile) -> Response {
    let mut response = (StatusCode::NO_CONTENT, [(ALLOW, METHODS)]).into_response();
    if file.path().is_shared() {
        let headers = response.headers_mut();
        security::share(headers);
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS.parse().expect("three words"));
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, "If-None-Match, If-Modified-Since".parse().expect("two words"));
    }
    response
}

/// Relative, so that it holds behind a proxy, too. The address is that of a known file: nothing to be escaped.
fn elsewhere(address: &str) -> Response {
    (StatusCode::PERMANENT_REDIRECT, [(LOCATION, address)]).into_response()
}

/// Relative, too: from wherever this is asked for, up to the site's root.
pub(super) fn missing(path: &str, reason: &str) -> Response {
    let headers = [(CONTENT_TYPE, "text/html; charset=utf-8"), (CACHE_CONTROL, caching::MISSING)];
    let root = match path.matches('/').count() {
        0 | 1 => "./".to_owned(),
        deep => "../".repeat(deep - 1),
    };
    (StatusCode::NOT_FOUND, headers, MISSING.replace("ROOT", &root).replace("REASON", reason)).into_response()
}

/// The page of the record's days, as people type it.
const RECORD: &str = "record/";
const NO_TRACK: &str = "No track has this name, or it was removed.";
const NO_RECORD: &str = "Nothing was discussed on this day.";
const NO_STORE: [(HeaderName, &str); 1] = [(CACHE_CONTROL, caching::NEVER)];
const METHODS: &str = "GET, HEAD, OPTIONS";
const MISSING: &str = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
<meta name=\"viewport\" content=\"width=device-width\"><title>Not found</title>\
<link rel=\"stylesheet\" href=\"ROOTstyle.css\"></head>\n<body><main><h1>There is no such page</h1>\
<p>REASON <a href=\"ROOT\">See what is on now</a>.</p></main></body></html>\n";
