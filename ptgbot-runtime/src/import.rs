//! Taking over a data file without a chat: `ptgbot import`, and the older bot's file at the first start.

use chrono::{DateTime, Utc};
use ptgbot_core::{Answer, Ask, Board, Journal, JournalError, Network, Record, Refusal, Request, decide};
use serde_json::Value;

/// Loads a document into the journal as `~fetchdb` would and applies it to the board. Gives what there is to say.
///
/// # Errors
/// When the document is refused, or cannot be recorded; nothing changed then.
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
        let decision = decide(board, &request).map_err(ImportError::Refused)?;
        let said = match decision.answer {
            Answer::Say(reply) => reply.to_string(),
            Answer::Ack | Answer::Silence => String::new(),
        };
        let Some(event) = decision.events.into_iter().next() else {
            return Ok(said);
        };
        let origin = request.origin();
        let record = Record { revision: board.revision() + 1, at, by: None, origin, event };
        let mut after = board.clone();
        after.apply(&record);
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
