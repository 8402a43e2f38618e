//! `ptgbot verify`: reads all of a store and says what is wrong.

use super::Failure;
use crate::store::{self, Access, Blocking, SqliteJournal, StoreAddress};
use ptgbot_core::{Board, Journal};
use std::io::{self, Write};

/// Reads every change, applies them in their order, and compares with the board that a bot would start with.
pub(super) async fn verify(address: &StoreAddress) -> Result<(), Failure> {
    if let StoreAddress::Sqlite(path) = address {
        SqliteJournal::check_file(path).await?;
    }
    let mut journal = store::open(address, Access::ReadOnly, Blocking::Inline).await?;
    let mut replayed = Board::default();
    follow(journal.as_mut(), &mut replayed).await?;
    let mut loaded = journal.load().await?;
    // A bot may be at work.
    while loaded.revision() != replayed.revision() {
        follow(journal.as_mut(), &mut replayed).await?;
        follow(journal.as_mut(), &mut loaded).await?;
    }
    if loaded != replayed {
        return Err(format!("the snapshot in {address} is not what its {} changes lead to", replayed.revision()).into());
    }
    writeln!(
        io::stdout(),
        "All {} changes are there and lead to the board that a bot starts with.",
        replayed.revision()
    )?;
    Ok(())
}

async fn follow(journal: &mut dyn Journal, board: &mut Board) -> Result<(), Failure> {
    loop {
        let records = journal.read_after(board.revision(), PAGE).await?;
        if records.is_empty() {
            return Ok(());
        }
        records.iter().for_each(|record| board.apply(record));
    }
}

const PAGE: usize = 1000;
