//! The accept loop: one task a connection, with limits on how long and how many.

use super::handle::SiteHandle;
use super::{connection, events, header, routes};
use crate::signal::Stop;
use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use hyper::header::{CONNECTION, HeaderValue};
use hyper::server::conn::http1;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioTimer;
use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt;

/// Serves the site until a stop is asked for; then ends the event streams, lets the answers under way finish,
/// and returns.
///
/// # Errors
/// When the listener cannot be used at all. A single connection that fails ends alone.
pub async fn serve(listener: TcpListener, site: SiteHandle, stop: Stop) -> Result<(), ServeError> {
    listener.local_addr()?;
    let most = connections();
    let places = Arc::new(Semaphore::new(most));
    let server = Arc::new(Server::new(site, stop.clone(), most - most / 4));
    let stopped = stop.asked();
    tokio::pin!(stopped);
    loop {
        let accepted = async {
            let place = places.clone().acquire_owned().await;
            (listener.accept().await, place)
        };
        let (accepted, place) = tokio::select! {
            () = &mut stopped => break,
            accepted = accepted => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of descriptors, or a client that left at once: the next one may fare better.
                tracing::warn!(%error, "cannot take a web connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        prepare(&stream);
        if let Ok(place) = place {
            tokio::spawn(connection::serve(stream, server.clone(), place));
        }
    }
    drop(listener);
    server.site.end_events();
    let all = u32::try_from(most).unwrap_or(u32::MAX);
    if tokio::time::timeout(FINISH_TIME, places.acquire_many(all)).await.is_err() {
        tracing::info!("some web connections did not end in time");
    }
    Ok(())
}

/// Why there is no web server.
#[derive(Debug, thiserror::Error)]
#[error("cannot serve the site: {0}")]
pub struct ServeError(#[from] io::Error);

/// What all connections share.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) site: SiteHandle,
    pub(super) stop: Stop,
    /// Places for listeners.
    pub(super) listeners: Arc<Semaphore>,
    /// The head of the answer to a listener.
    pub(super) listening: Bytes,
    pub(super) http: http1::Builder,
    routes: Router,
}

type Answer = Response<Either<Full<Bytes>, Body>>;

impl Server {
    fn new(site: SiteHandle, stop: Stop, listeners: usize) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).max_buf_size(HEAD_SIZE).pipeline_flush(true);
        let listeners = Arc::new(Semaphore::new(listeners));
        let routes = routes::router(site.clone(), listeners.clone());
        let mut listening = events::headers();
        listening.insert(CONNECTION, HeaderValue::from_static("close"));
        let listening = [header::head("200 OK", listening.iter()), Bytes::from_static(b"\r\n")].concat().into();
        Self { site, stop, listeners, listening, http, routes }
    }

    /// The answer to a request of any kind.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> Result<Answer, Infallible> {
        let path = request.uri().path().strip_prefix('/').and_then(routes::site_path);
        let page = match *request.method() {
            Method::GET | Method::HEAD => path.and_then(|path| self.site.ready(&path, request.uri().query())),
            _ => None,
        };
        let response = match page {
            Some(page) => page.answer(request.headers()).map(Either::Left),
            None => {
                let mut response = match self.routes.clone().oneshot(request.map(Body::new)).await {
                    Ok(response) => response,
                    Err(never) => match never {},
                };
                header::secure(response.headers_mut());
                response.map(Either::Right)
            }
        };
        self.site.metrics().request(response.status());
        Ok(response)
    }
}

fn prepare(stream: &TcpStream) {
    // Both only make it quicker or safer; a connection without them still works.
    stream.set_nodelay(true).ok();
    // Ends also the connection of somebody who asks for much and takes nothing.
    rustix::net::sockopt::set_tcp_user_timeout(stream, STALLED_MS).ok();
}

/// As many as this process may have files open, less some for everything else.
fn connections() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.unwrap_or(u64::MAX).min(OPEN_FILES);
    let raised = current.is_some_and(|current| current < wanted)
        && setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }).is_ok();
    let open = if raised { wanted } else { current.unwrap_or(OPEN_FILES).min(OPEN_FILES) };
    usize::try_from(open).unwrap_or(0).saturating_sub(RESERVED).max(RESERVED)
}

/// For a request's head, also between two requests on one connection.
pub(super) const HEAD_TIME: Duration = Duration::from_secs(15);
pub(super) const HEAD_SIZE: usize = 32 * 1024;
const FINISH_TIME: Duration = Duration::from_secs(5);
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
const STALLED_MS: u32 = 60_000;
const OPEN_FILES: u64 = 32 << 10;
const RESERVED: usize = 64;

#[cfg(test)]
mod tests;
