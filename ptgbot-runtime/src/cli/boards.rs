//! `ptgbot boards`: what a store holds.

use super::Failure;
use crate::store::{self, StoreAddress};
use chrono::SecondsFormat;
use std::io::{self, Write};

/// Prints a line a board: name, changes, time of the last, bytes.
pub(super) async fn print(address: &StoreAddress) -> Result<(), Failure> {
    let boards = store::boards(address).await?;
    let width = boards.iter().map(|board| board.name.chars().count()).chain([5]).max().unwrap_or_default();
    let mut output = io::stdout().lock();
    writeln!(output, "{:width$}  {:>9}  {:20}  {:>12}", "board", "changes", "last change", "bytes")?;
    for board in boards {
        let at = board.last_change.map_or_else(|| "-".into(), |at| at.to_rfc3339_opts(SecondsFormat::Secs, true));
        writeln!(output, "{:width$}  {:>9}  {at:20}  {:>12}", board.name, board.revision, board.bytes)?;
    }
    Ok(())
}
