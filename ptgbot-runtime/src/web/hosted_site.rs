//! One site with its routes, wherever on the server it stands.

use super::routes;
use super::site_handle::SiteHandle;
use axum::Router;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http_body_util::Full;
use hyper::{HeaderMap, Request};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tower::ServiceExt;

/// A site and what answers for it. Clones are the same.
#[derive(Clone)]
pub(super) struct HostedSite {
    site: SiteHandle,
    routes: Router,
}

impl HostedSite {
    /// Every event stream takes one of the places for listeners.
    pub(super) fn new(site: SiteHandle, listeners: Arc<Semaphore>) -> Self {
        Self { routes: routes::router(site.clone(), listeners), site }
    }

    pub(super) fn site(&self) -> &SiteHandle {
        &self.site
    }

    /// The answer to GET and HEAD, where the file is ready; never waits.
    pub(super) fn ready(&self, path: &str, query: Option<&str>, headers: &HeaderMap) -> Option<Response<Full<Bytes>>> {
        let path = routes::site_path(path.strip_prefix('/')?)?;
        Some(self.site.ready(path, query)?.answer_at(query, headers))
    }

    /// The answer to any other request.
    pub(super) async fn routed(self, request: Request<Body>) -> Response {
        let Ok(response) = self.routes.oneshot(request).await;
        response
    }
}
