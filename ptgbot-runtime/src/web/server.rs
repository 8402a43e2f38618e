//! The accept loop: one task a connection, with limits on how long and how many.

use super::boards::BoardSites;
use super::connections::{self, Places};
use super::hosted_site::HostedSite;
use super::request_line::RequestLine;
use super::security::secure;
use super::site_handle::SiteHandle;
use crate::metrics::Metrics;
use axum::body::Body;
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{self, BoxFuture};
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use hyper::header::{CONNECTION, HOST, HeaderValue};
use hyper::http::uri::Authority;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, Version};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Serves the site until a stop is asked for; then ends the event streams, lets the answers under way finish,
/// and returns.
///
/// ```
/// use ptgbot_runtime::ptgbot_core::Board;
/// use ptgbot_runtime::{CancellationToken, Metrics, PublishOptions, Publisher, SystemClock, serve};
/// use std::sync::Arc;
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
/// use tokio::net::{TcpListener, TcpStream};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let clock = Arc::new(SystemClock);
/// let metrics = Metrics::by(clock.clone());
/// let (publisher, site) = Publisher::start(Board::default(), PublishOptions::default(), metrics, clock).await;
/// let listener = TcpListener::bind("127.0.0.1:0").await?;
/// let address = listener.local_addr()?;
/// let stop = CancellationToken::new();
/// let server = tokio::spawn(serve(listener, site, stop.clone()));
///
/// let mut reader = TcpStream::connect(address).await?;
/// reader.write_all(b"GET /ptg.json HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await?;
/// let mut answer = String::new();
/// reader.read_to_string(&mut answer).await?;
/// assert!(answer.starts_with("HTTP/1.1 200 OK"));
///
/// stop.cancel();
/// server.await??;
/// publisher.finish().await;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// When the listener cannot be used at all. A single connection that fails ends alone.
pub async fn serve(listener: TcpListener, site: SiteHandle, stop: CancellationToken) -> Result<(), ServeError> {
    let (places, metrics) = (Places::new(), site.metrics().clone());
    let hosting = Hosting::Site(HostedSite::new(site, places.listeners.clone()));
    serve_hosted(listener, hosting, places, metrics, stop).await
}

/// Serves one site or many.
pub(super) async fn serve_hosted(
    listener: TcpListener,
    hosting: Hosting,
    places: Places,
    metrics: Metrics,
    stop: CancellationToken,
) -> Result<(), ServeError> {
    listener.local_addr()?;
    let Places { limit, connections: places, .. } = places;
    let server = Arc::new(Server::new(hosting, metrics, stop.clone()));
    let mut stopped = pin!(stop.cancelled());
    loop {
        let accepted = async {
            let place = places.clone().acquire_owned().await;
            (listener.accept().await, place)
        };
        let (accepted, place) = tokio::select! {
            () = &mut stopped => break,
            accepted = accepted => accepted,
        };
        match (accepted, place) {
            (Ok((stream, _)), Ok(place)) => {
                connections::prepare(&stream);
                tokio::spawn(serve_connection(stream, server.clone(), place));
            }
            // Out of descriptors, or a client that left at once: the next one may fare better.
            (Err(error), _) => {
                tracing::warn!(%error, "cannot take a web connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
            (Ok(_), Err(_)) => break,
        }
    }
    drop(listener);
    server.hosting.end_events();
    if timeout(FINISH_TIME, places.acquire_many(limit)).await.is_err() {
        tracing::info!("some web connections did not end in time");
    }
    Ok(())
}

/// Why there is no web server.
#[derive(Debug, thiserror::Error)]
#[error("cannot serve the site: {0}")]
pub struct ServeError(#[from] io::Error);

/// What all connections share.
struct Server {
    hosting: Hosting,
    metrics: Metrics,
    stop: CancellationToken,
    http: http1::Builder,
}

/// What a server answers for.
#[derive(Clone)]
pub(super) enum Hosting {
    /// One site at its root.
    Site(HostedSite),
    /// Many, each in a folder.
    Boards(Arc<BoardSites>),
}

impl Hosting {
    fn ready(&self, request: &Request<Incoming>) -> Option<Response<Full<Bytes>>> {
        let (path, query, headers) = (request.uri().path(), request.uri().query(), request.headers());
        match self {
            Self::Site(site) => site.ready(path, query, headers),
            Self::Boards(boards) => boards.ready(path, query, headers),
        }
    }

    async fn routed(self, request: Request<Body>) -> Response<Body> {
        match self {
            Self::Site(site) => site.routed(request).await,
            Self::Boards(boards) => boards.routed(request).await,
        }
    }

    /// Ends all event streams.
    fn end_events(&self) {
        match self {
            Self::Site(site) => site.site().end_events(),
            Self::Boards(boards) => boards.end_events(),
        }
    }
}

type HttpResponse = Response<Either<Full<Bytes>, Body>>;

impl Server {
    fn new(hosting: Hosting, metrics: Metrics, stop: CancellationToken) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).max_buf_size(HEAD_SIZE);
        Self { hosting, metrics, stop, http }
    }

    /// The answer to a request: at once where the file is ready, by the routes for everything else.
    fn answer(
        &self,
        request: Request<Incoming>,
    ) -> future::Either<future::Ready<HttpResponse>, BoxFuture<'static, HttpResponse>> {
        match self.ready(&request) {
            Some(answer) => {
                self.metrics.request(answer.status());
                future::ready(answer).left_future()
            }
            None => {
                let (hosting, metrics) = (self.hosting.clone(), self.metrics.clone());
                let routed = async move {
                    let mut response = hosting.routed(request.map(Body::new)).await;
                    secure(response.headers_mut());
                    metrics.request(response.status());
                    response.map(Either::Right)
                };
                routed.boxed().right_future()
            }
        }
    }

    fn ready(&self, request: &Request<Incoming>) -> Option<HttpResponse> {
        if !names_one_host(request) {
            return Some(bad_request());
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return None;
        }
        Some(self.hosting.ready(request)?.map(Either::Left))
    }
}

/// Serves one connection until its end. It holds its place as long.
async fn serve_connection(stream: TcpStream, server: Arc<Server>, _place: OwnedSemaphorePermit) {
    let service = service_fn(|request| server.answer(request).map(Ok::<_, Infallible>));
    let stream = TokioIo::new(RequestLine::new(stream));
    let mut connection = server.http.serve_connection(stream, service);
    let ended = tokio::select! {
        ended = &mut connection => Some(ended),
        () = server.stop.cancelled() => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            Pin::new(&mut connection).graceful_shutdown();
            (&mut connection).await
        }
    };
    if let Err(error) = &ended {
        tracing::debug!(%error, "a web connection ended early");
    }
    let stream = connection.into_parts().io.into_inner();
    let refused = stream.refused();
    if refused.is_some() || ended.is_err_and(|error| error.is_parse()) {
        Box::pin(timeout(FINISH_TIME, refuse(stream.into_stream(), refused))).await.ok();
    }
}

/// Ends the connection of a client that speaks no HTTP of ours, so that it can read why: hyper has told it, or there is
/// a status to tell. A connection that is closed before everything was read would take the answer along.
async fn refuse(mut stream: TcpStream, status: Option<StatusCode>) -> io::Result<()> {
    if let Some(status) = status {
        let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
        stream.write_all(head.as_bytes()).await?;
    }
    stream.shutdown().await?;
    tokio::io::copy(&mut stream.take(MOST_UNREAD), &mut tokio::io::sink()).await?;
    Ok(())
}

/// As HTTP/1.1 demands (RFC 9112 section 3.2).
fn names_one_host(request: &Request<Incoming>) -> bool {
    let mut hosts = request.headers().get_all(HOST).iter();
    let is_host = |host: &HeaderValue| host.is_empty() || Authority::try_from(host.as_bytes()).is_ok();
    match (hosts.next(), hosts.next()) {
        (None, _) => request.version() == Version::HTTP_10,
        (Some(host), None) => is_host(host),
        (Some(_), Some(_)) => false,
    }
}

fn bad_request() -> HttpResponse {
    let mut answer = Response::new(Either::Left(Full::from("exactly one Host header is needed\n")));
    *answer.status_mut() = StatusCode::BAD_REQUEST;
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    secure(answer.headers_mut());
    answer
}

/// For a request's head, also between two requests on one connection.
const HEAD_TIME: Duration = Duration::from_secs(15);
const HEAD_SIZE: usize = 32 << 10;
const FINISH_TIME: Duration = Duration::from_secs(5);
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// How much is still read from a client that was refused, in bytes.
const MOST_UNREAD: u64 = 1 << 20;

#[cfg(test)]
mod tests;
