//! A bot from its start to its end: the store, the loop that owns the board, what it hears, what it says, the site.

#[cfg_attr(not(feature = "web"), path = "run/no_site.rs")]
mod site_tasks;

use crate::bot_status::BotStatus;
use crate::clock::Clock;
use crate::document_text::read_document;
use crate::driver::{Driver, Ends, Net};
use crate::import::{ImportError, begin};
use crate::metrics::Metrics;
use crate::outbox::Outbox;
use crate::run_error::RunError;
use crate::setup::{InitialBoard, Setup};
use crate::shown_board;
use crate::standby::{Acting, Watched, until_it_acts};
use crate::store::{self, Access};
use crate::supervision::{Heartbeat, Work};
use ptgbot_core::{Board, Journal, Order, Reply, Transport, TransportError};
use serde_json::Value;
pub(crate) use site_tasks::SiteTasks;
use std::io;
use std::path::Path;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

/// Runs a bot until its network ends. Signals are the process's business: see [`run_until`].
///
/// Dropping the future ends the bot as it stands, without a goodbye: what was recorded is kept, what waits to be said is
/// not said, and notifications are left to the next start.
///
/// A bot over the pipes of another program, here with one line of input:
///
/// ```
/// use ptgbot_runtime::{Setup, StdioTransport, run, store::StoreAddress};
/// use tokio::io::AsyncReadExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let line = br##"{"id":"1","room":"#ptg","from":"jane","role":"op","text":"~add swift"}"##;
/// let (output, mut answers) = tokio::io::duplex(4096);
/// let chat = StdioTransport::new("ptgbot", &line[..], output);
/// run(Box::new(chat), Setup::new(StoreAddress::Memory)).await?;
///
/// let mut said = String::new();
/// answers.read_to_string(&mut said).await?;
/// assert!(said.contains(r#""outcome":"changed""#));
///
/// // A store that cannot be opened is told before anything is heard.
/// let chat = StdioTransport::new("ptgbot", tokio::io::empty(), tokio::io::sink());
/// let nowhere = "sqlite:/dev/null/board.sqlite".parse()?;
/// assert!(run(Box::new(chat), Setup::new(nowhere)).await.is_err());
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// When the store or the network cannot be used, or a part of either has panicked.
pub async fn run(transport: Box<dyn Transport>, setup: Setup) -> Result<(), RunError> {
    run_until(transport, setup, CancellationToken::new()).await
}

/// Runs a bot until its network ends or `stop` is cancelled: what waits has ten seconds to leave then. A program that is
/// nothing but a bot takes it from [`stop_on_signal`](crate::stop_on_signal).
///
/// ```
/// use ptgbot_runtime::{CancellationToken, Setup, StdioTransport, run_until, store::StoreAddress};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // Nobody will ever say anything, nor is the input at its end.
/// let (_others, input) = tokio::io::duplex(64);
/// let chat = StdioTransport::new("ptgbot", input, tokio::io::sink());
/// let stop = CancellationToken::new();
/// let bot = tokio::spawn(run_until(Box::new(chat), Setup::new(StoreAddress::Memory), stop.clone()));
/// stop.cancel();
/// bot.await??;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// As [`run`].
pub async fn run_until(transport: Box<dyn Transport>, setup: Setup, stop: CancellationToken) -> Result<(), RunError> {
    let journal = store::open(&setup.store, Access::ReadWrite, transport.options().blocking).await?;
    run_on(journal, transport, setup, stop).await
}

/// Runs a bot on a journal of yours until its network ends or `stop` is cancelled. Where another process acts for the
/// transport's account, it stands by until that one has ended. What the [`Setup`] says of a store
/// is not looked at.
///
/// ```
/// use ptgbot_runtime::ptgbot_core::{Journal, TrackName};
/// use ptgbot_runtime::{CancellationToken, Setup, StdioTransport, run_on, store::MemoryJournal};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let line = br##"{"room":"#ptg","from":"jane","role":"op","text":"~add swift"}"##;
/// let chat = StdioTransport::new("ptgbot", &line[..], tokio::io::sink());
/// let mut journal = MemoryJournal::default();
/// run_on(Box::new(journal.clone()), Box::new(chat), Setup::default(), CancellationToken::new()).await?;
///
/// let board = journal.load().await?;
/// assert!(board.contents().tracks.contains(&TrackName::parse("swift")?));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// As [`run`].
pub async fn run_on(
    mut journal: Box<dyn Journal>,
    mut transport: Box<dyn Transport>,
    setup: Setup,
    stop: CancellationToken,
) -> Result<(), RunError> {
    if transport.account().is_some() && transport.options().order == Order::AsHandled {
        return Err(RunError::OrderedAccount);
    }
    let mut board = journal.load().await?;
    if board.revision() == 0 {
        start_with(journal.as_mut(), &mut board, setup.initial_board, setup.clock.as_ref()).await?;
    }
    let metrics = Metrics::by(setup.clock.clone());
    let page = setup.publish.site.base_url.clone();
    let (owner, boards) = watch::channel(Board::default());
    let site_stop = CancellationToken::new();
    let site = site_stop.clone().drop_guard();
    let (publish, clock) = (setup.publish, setup.clock.clone());
    let pages =
        SiteTasks::start(board.clone(), boards, setup.listener, publish, metrics.clone(), clock, site_stop).await?;
    let status = BotStatus::of(transport.as_ref());
    metrics.is_of(status.clone());
    let mut heartbeat = Heartbeat::new(setup.supervision, Work::Bot, metrics.clone());
    let watched = Watched { pages: &owner, store: metrics.store(), heartbeat: &mut heartbeat };
    let acting = until_it_acts(board, journal.as_mut(), transport.as_mut(), watched, &stop).await?;
    let Some(Acting { board, tenure, permit }) = acting else {
        drop((owner, site));
        tokio::join!(pages.finish(), stand_down(transport.as_mut()));
        return Ok(());
    };
    metrics.is_of(status.acting(permit.clone()));
    let (network, options) = (transport.network().clone(), transport.options());
    let (words, shown) = watch::channel(Reply::default());
    if options.shows_board {
        let (boards, page) = (owner.subscribe(), page.clone());
        tokio::spawn(shown_board::follow(board.clone(), boards, words, page, setup.clock.clone()));
    }
    drop(owner.send(board.clone()));
    let (inbox, outlet) = transport.open();
    let (outbox, sending, progress) = Outbox::new(outlet, options, permit, metrics.waiting(&network));
    let net = Net { network, options, fetch: setup.fetch, bridge: setup.bridge, page, metrics, clock: setup.clock };
    let ends = Ends { inbox, outbox, progress, tenure, heartbeat };
    let driver = Driver::start(board, journal, ends, owner, net).await?;

    let stop_driving = CancellationToken::new();
    let sending = AbortOnDropHandle::new(tokio::spawn(sending.showing(shown).run(stop.clone())));
    let driving = AbortOnDropHandle::new(tokio::spawn(driver.run(stop_driving.clone())));
    let ended = until_the_end(stop, stop_driving, sending, driving).await;
    drop(site);
    pages.finish().await;
    ended
}

/// A bot that stood by and is stopped says goodbye.
async fn stand_down(transport: &mut dyn Transport) {
    if tokio::time::timeout(PATIENCE, transport.stand_down()).await.is_err() {
        tracing::debug!("the network did not take the goodbye in time");
    }
}

/// Waits for the loop and the outbox. The loop is asked to stop when everything is, and also when nothing can be said
/// any more; the outbox ends after it.
async fn until_the_end(
    stop: CancellationToken,
    stop_driving: CancellationToken,
    mut sending: AbortOnDropHandle<Result<(), TransportError>>,
    mut driving: AbortOnDropHandle<Result<(), RunError>>,
) -> Result<(), RunError> {
    let mut asked = false;
    let (driven, sent) = loop {
        tokio::select! {
            biased;
            () = stop.cancelled(), if !asked => {
                asked = true;
                stop_driving.cancel();
            }
            sent = &mut sending => {
                stop_driving.cancel();
                break (driving.await, sent);
            }
            driven = &mut driving => break (driven, sending.await),
        }
    };
    let sent = flat(sent);
    match driven {
        Ok(driven) => driven.and(sent),
        Err(error) => Err(RunError::panicked(error)),
    }
}

fn flat(sent: Result<Result<(), TransportError>, JoinError>) -> Result<(), RunError> {
    Ok(sent.map_err(RunError::panicked)??)
}

async fn start_with(
    journal: &mut dyn Journal,
    board: &mut Board,
    initial: InitialBoard,
    clock: &dyn Clock,
) -> Result<(), RunError> {
    let (document, source) = match initial {
        InitialBoard::Empty => return Ok(()),
        InitialBoard::Document { data, source } => (data, source),
        InitialBoard::File(path) => match read(&path).await? {
            Some(document) => (document, path.display().to_string()),
            None => return Ok(()),
        },
    };
    match begin(journal, board, document, &source, clock.now()).await {
        Ok(said) => tracing::info!(from = source, "{said}"),
        Err(ImportError::Refused(refusal)) => {
            return Err(RunError::Import { file: source, reason: refusal.to_string() });
        }
        Err(ImportError::Journal(error)) => return Err(error.into()),
    }
    Ok(())
}

/// The document in a file; `None` where no file is.
async fn read(path: &Path) -> Result<Option<Value>, RunError> {
    let failed = |reason: String| RunError::Import { file: path.display().to_string(), reason };
    match tokio::fs::read(path).await {
        Ok(text) => Ok(Some(read_document(&text).map_err(|error| failed(error.to_string()))?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error.to_string())),
    }
}

/// For a goodbye.
const PATIENCE: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests;
