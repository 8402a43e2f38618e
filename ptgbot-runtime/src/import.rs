//! Taking over a data file without a chat: `ptgbot import`, and the older bot's file at the first start.
//!
//! Other [`formats`] become the document that a data file would be; from there on there is one way.

#[cfg(feature = "cli")]
pub(crate) mod difference;
#[cfg(feature = "cli")]
pub(crate) mod formats;

use chrono::{DateTime, Utc};
use ptgbot_core::{Answer, Ask, Board, Journal, JournalError, Network, Record, Refusal, Request, decide};
use serde_json::Value;

/// Loads a document into the journal as `~fetchdb` would and applies it to the board. Gives what there is to say.
///
/// # Errors
/// When the document is refused, or cannot be recorded; nothing changed then.
#[cfg_attr(not(feature = "cli"), expect(dead_code, reason = "a bot begins with a file, and loads none later"))]
pub(crate) async fn import(
    journal: &mut dyn Journal,
    board: &mut Board,
    document: Value,
    source: &str,
    at: DateTime<Utc>,
) -> Result<String, ImportError> {
    take_over(journal, board, Ask::Load { document, source: Some(source.to_owned()) }, at).await
}

/// Begins a board with a document. What can be read is taken, and its errors are told.
///
/// # Errors
/// When the document cannot be read, or not be recorded; nothing changed then.
pub(crate) async fn begin(
    journal: &mut dyn Journal,
    board: &mut Board,
    document: Value,
    source: &str,
    at: DateTime<Utc>,
) -> Result<String, ImportError> {
    take_over(journal, board, Ask::Begin { document, source: Some(source.to_owned()) }, at).await
}

async fn take_over(
    journal: &mut dyn Journal,
    board: &mut Board,
    ask: Ask,
    at: DateTime<Utc>,
) -> Result<String, ImportError> {
    let request = Request::new(&Network::nearest(NETWORK), at, ask);
    loop {
        let Loaded { said, record, after } = decide_load(board, &request).map_err(ImportError::Refused)?;
        let Some(record) = record else {
            return Ok(said);
        };
        match journal.append(board.revision(), &[record], &after, None).await {
            Ok(()) => {
                *board = after;
                return Ok(said);
            }
            // Another process was faster: decide again on what is true now.
            Err(JournalError::Conflict { .. }) => *board = journal.load().await?,
            Err(failed) => return Err(failed.into()),
        }
    }
}

/// What the board would be with a document, and what would be said of the document besides that it is loaded.
///
/// # Errors
/// When the document is refused.
#[cfg(feature = "cli")]
pub(crate) fn preview(
    board: &Board,
    document: Value,
    source: &str,
    at: DateTime<Utc>,
) -> Result<(Board, Vec<String>), ImportError> {
    let load = Ask::Load { document, source: Some(source.to_owned()) };
    let loaded =
        decide_load(board, &Request::new(&Network::nearest(NETWORK), at, load)).map_err(ImportError::Refused)?;
    let advice = loaded.said.lines().skip(1).map(str::to_owned).collect();
    Ok((loaded.after, advice))
}

/// What loading a document leads to.
struct Loaded {
    said: String,
    /// `None`: the board is so already.
    record: Option<Record>,
    after: Board,
}

fn decide_load(board: &Board, request: &Request) -> Result<Loaded, Refusal> {
    let decision = decide(board, request)?;
    let said = match decision.answer {
        Answer::Say(reply) => reply.to_string(),
        Answer::Ack | Answer::Silence => String::new(),
    };
    let event = decision.events.into_iter().next();
    let record = event.map(|event| Record::of(board.revision() + 1, request, event));
    let mut after = board.clone();
    if let Some(record) = &record {
        after.apply(record);
    }
    Ok(Loaded { said, record, after })
}

/// Why a data file was not taken over.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ImportError {
    /// Its content is refused.
    #[error("{0}")]
    Refused(Refusal),
    /// The store failed.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

const NETWORK: &str = "cli";
