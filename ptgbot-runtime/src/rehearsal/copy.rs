//! The copy of an event that is rehearsed: all changes of a store, in memory.

use crate::run_error::RunError;
use crate::store::{self, Access, MemoryJournal, StoreAddress};
use ptgbot_core::{Board, Journal, JournalError, NameForm, Network, Record};
use std::collections::BTreeMap;

/// An event in memory, with its history.
#[derive(Default)]
pub(crate) struct EventCopy {
    /// All that has changed, oldest first.
    pub(crate) records: Vec<Record>,
    /// What it led to.
    pub(crate) board: Board,
}

impl EventCopy {
    /// Copies a store, which is only read.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub(crate) async fn of(address: &StoreAddress) -> Result<Self, RunError> {
        let mut journal = store::open(address, Access::ReadOnly, store::Blocking::Inline).await?;
        let mut copy = Self::default();
        loop {
            let page = journal.read_after(copy.board.revision(), PAGE).await?;
            if page.is_empty() {
                return Ok(copy);
            }
            page.iter().for_each(|record| copy.board.apply(record));
            copy.records.extend(page);
        }
    }

    /// It as a journal, to be changed.
    pub(crate) async fn journal(&self) -> Result<MemoryJournal, JournalError> {
        let mut journal = MemoryJournal::default();
        if !self.records.is_empty() {
            journal.append(0, &self.records, &self.board, None).await?;
        }
        Ok(journal)
    }

    /// Where most of it was said: a network, the form of its people's names, and a room.
    pub(crate) fn stage(&self) -> Option<(Network, NameForm, String)> {
        let mut said: BTreeMap<(&str, &str), (usize, NameForm)> = BTreeMap::new();
        for record in &self.records {
            let (Some(by), Some(room)) = (&record.by, &record.origin.room) else { continue };
            said.entry((&record.origin.network, room)).or_insert((0, by.id.form())).0 += 1;
        }
        let ((network, room), (_, form)) = said.into_iter().max_by_key(|(_, (count, _))| *count)?;
        Some((Network::parse(network).ok()?, form, room.to_owned()))
    }
}

const PAGE: usize = 1000;
