//! All boards of a database on one server: an index at `/`, and each board's site under `/NAME/`.
//!
//! A board is loaded when somebody first asks for it and let go when nobody has for some minutes: a thousand boards of
//! which ten are read take the memory of ten. A loaded board takes one connection of the database.

mod directory;
mod loaded;

use super::connections::Places;
use super::hosted_site::HostedSite;
use super::routes;
use super::server::{Hosting, serve_hosted};
use crate::metrics::Metrics;
use crate::run_error::RunError;
use crate::store::{StoreAddress, StoreError};
use crate::supervision::{Heartbeat, Supervision, Work};
use axum::body::Body;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use directory::Directory;
use http_body_util::Full;
use hyper::{HeaderMap, Method, Request, StatusCode, Uri};
use loaded::{LoadedBoards, NotLoaded};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use ptgbot_render::SiteOptions;
use std::borrow::Cow;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

/// Serves all boards of the database that an address names, until a stop is asked for. At most `most` of them are in
/// memory or being read at once, each with a connection of the database; whoever asks for another one while all of these
/// are being read is told to come back.
///
/// ```no_run
/// use ptgbot_runtime::ptgbot_render::SiteOptions;
/// use ptgbot_runtime::{CancellationToken, Supervision, serve_boards};
/// use tokio::net::TcpListener;
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = "postgres://reader@db.example.org/events".parse()?;
/// let listener = TcpListener::bind("127.0.0.1:8000").await?;
/// let stop = CancellationToken::new();
/// serve_boards(listener, &store, SiteOptions::default(), 50, Supervision::default(), stop).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// When the store cannot be read or holds one board only, or when there can be no web server.
pub async fn serve_boards(
    listener: TcpListener,
    store: &StoreAddress,
    site: SiteOptions,
    most: usize,
    supervision: Supervision,
    stop: CancellationToken,
) -> Result<(), RunError> {
    let (places, metrics) = (Places::beside(most), Metrics::default());
    let directory = Directory::open(store, metrics.store().clone()).await?;
    let loaded = LoadedBoards::new(store.clone(), site, most, places.listeners.clone(), metrics.clone());
    let boards = Arc::new(BoardSites { directory, loaded, metrics: metrics.clone() });
    tracing::info!("the boards are at http://{}", listener.local_addr().map_err(super::ServeError::from)?);
    let kept = boards.clone();
    let keeping = AbortOnDropHandle::new(tokio::spawn(async move { kept.keep().await }));
    let heartbeat = Heartbeat::new(supervision, Work::Pages, metrics.clone());
    tokio::select! {
        served = serve_hosted(listener, Hosting::Boards(boards), places, metrics, stop.clone()) => Ok(served?),
        kept = keeping => kept.map_err(RunError::panicked),
        () = heartbeat.beside(&stop) => Ok(()),
    }
}

/// The boards, and what there is beside them.
pub(super) struct BoardSites {
    directory: Directory,
    loaded: LoadedBoards,
    metrics: Metrics,
}

/// What a path asks for.
#[derive(Debug, PartialEq, Eq)]
enum Asked<'a> {
    /// Something beside the boards.
    Root(&'a str),
    /// A file of a board, by its path from the board's root, which begins with a slash.
    Board(Cow<'a, str>, &'a str),
}

impl BoardSites {
    /// The answer to GET and HEAD, where it is ready; never waits.
    pub(super) fn ready(&self, path: &str, query: Option<&str>, headers: &HeaderMap) -> Option<Response<Full<Bytes>>> {
        match Asked::of(path)? {
            Asked::Root(name) => self.directory.ready(name, query, headers),
            Asked::Board(name, path) => self.loaded.ready(&name)?.ready(path, query, headers),
        }
    }

    /// The answer to any other request.
    pub(super) async fn routed(self: Arc<Self>, request: Request<Body>) -> Response {
        let path = request.uri().path().to_owned();
        match Asked::of(&path) {
            Some(Asked::Root(name)) => {
                let (head, _) = request.into_parts();
                self.beside_boards(name, &head.method, &head.headers)
            }
            Some(Asked::Board(name, below)) => match self.open(&name, &path).await {
                Ok(site) => site.routed(asked_below(request, below)).await,
                Err(answer) => answer,
            },
            None => routes::missing(&path, NO_BOARD),
        }
    }

    /// A new board is found by the address that ends in a slash; all else would have anybody look for what others ask of
    /// every server, such as a picture or rules for robots.
    fn beside_boards(&self, name: &str, method: &Method, headers: &HeaderMap) -> Response {
        self.metrics.listeners().set(self.loaded.listeners());
        if let Some(answer) = routes::for_operators(name, &self.metrics) {
            return answer;
        }
        if let Some(answer) = self.directory.answer(name, method, headers) {
            return answer;
        }
        // Without its slash a board's relative links would lead beside it.
        match decoded(name) {
            Some(board) if self.directory.has(&board) => {
                let location = format!("{}/", utf8_percent_encode(&board, IN_PATH));
                (StatusCode::PERMANENT_REDIRECT, [(LOCATION, location)]).into_response()
            }
            Some(_) | None => routes::missing("/", NO_BOARD),
        }
    }

    /// The site of a board, loaded now if need be; or what to answer.
    async fn open(&self, name: &str, path: &str) -> Result<HostedSite, Response> {
        let missing = || routes::missing(path, NO_BOARD);
        if let Some(site) = self.loaded.ready(name) {
            return Ok(site);
        }
        if !self.is_there(name).await {
            return Err(missing());
        }
        self.loaded.load(name).await.map_err(|error| match error {
            NotLoaded::Store(StoreError::MissingBoard { .. }) => missing(),
            NotLoaded::NoRoom => routes::busy("1", "too many boards are being read\n"),
            NotLoaded::Store(_) | NotLoaded::Journal(_) => {
                tracing::error!(%error, board = name, "a board cannot be shown");
                routes::busy("5", "the store cannot be read\n")
            }
        })
    }

    /// True when the database has a board of this name, which may be new.
    async fn is_there(&self, name: &str) -> bool {
        if !self.directory.has(name) && may_be_board(name) {
            self.directory.look_again().await;
        }
        self.directory.has(name)
    }

    /// Follows the database's list of boards, and lets go of those that nobody asks for.
    async fn keep(&self) {
        tokio::join!(self.directory.follow(), self.loaded.let_go(|name| self.directory.has(name)));
    }

    /// Ends all event streams.
    pub(super) fn end_events(&self) {
        self.loaded.end_events();
    }
}

impl<'a> Asked<'a> {
    fn of(path: &'a str) -> Option<Self> {
        let path = path.strip_prefix('/')?;
        match path.find('/') {
            None => Some(Self::Root(path)),
            Some(end) => Some(Self::Board(decoded(&path[..end])?, &path[end..])),
        }
    }
}

/// A board's name as it stands in a path; `None` where no board can be called so.
fn decoded(name: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(name).decode_utf8().ok().filter(|name| !name.is_empty())
}

/// True where a board may be called so.
fn may_be_board(name: &str) -> bool {
    name.len() <= LONGEST_NAME && !name.chars().any(char::is_control)
}

/// A request as the board itself is asked.
fn asked_below(mut request: Request<Body>, path: &str) -> Request<Body> {
    let query = request.uri().query().map_or_else(String::new, |query| format!("?{query}"));
    // A part of an address that was read can be read.
    *request.uri_mut() = format!("{path}{query}").parse().unwrap_or_else(|_| Uri::from_static("/"));
    request
}

/// In bytes, as a store has them.
const LONGEST_NAME: usize = 63;
const NO_BOARD: &str = "No board has this name.";
/// What stands in a path as it is.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_a_board_up_to_its_first_slash() {
        let board = |name: &'static str, path| Some(Asked::Board(name.into(), path));
        assert_eq!(Asked::of("/"), Some(Asked::Root("")));
        assert_eq!(Asked::of("/metrics"), Some(Asked::Root("metrics")));
        assert_eq!(Asked::of("/metrics/"), board("metrics", "/"));
        assert_eq!(Asked::of("/spring%202026/swift.ics"), board("spring 2026", "/swift.ics"));
        assert_eq!(Asked::of("/a%2Fb/room/x.ics"), board("a/b", "/room/x.ics"));
        for none in ["//x", "/%ff/", "*", ""] {
            assert_eq!(Asked::of(none), None, "{none}");
        }
    }
}
