//! What people were told became of their commands, and whether the journal agrees.

use ptgbot_core::chrono::Utc;
use ptgbot_core::{Board, Handled, Journal, Outcome, Record, data_file};
use ptgbot_runtime::store::{Access, PostgresJournal};
use ptgbot_tests::Page;
use std::collections::HashMap;

/// What a person was told of their command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// Who said it; also the command's name.
    pub(crate) person: String,
    pub(crate) outcome: Outcome,
}

impl Told {
    pub(crate) fn of(handled: Handled) -> Self {
        Self { person: handled.id.expect("all commands have names"), outcome: handled.outcome }
    }

    pub(crate) fn has_changed(&self) -> bool {
        self.outcome == Outcome::Changed
    }
}

/// A board as the database has it.
pub(crate) struct Kept {
    pub(crate) board: Board,
    pub(crate) records: Vec<Record>,
}

impl Kept {
    pub(crate) async fn read(address: &str) -> Self {
        let journal = PostgresJournal::open(address, Access::ReadOnly).await;
        let mut journal = journal.unwrap_or_else(|error| panic!("{error}"));
        let board = journal.load().await.expect("it is read");
        let records = journal.read_after(0, usize::MAX).await.expect("it is read");
        let mut replayed = Board::default();
        records.iter().for_each(|record| replayed.apply(record));
        assert_eq!(replayed, board, "the board is what its changes make of it");
        Self { board, records }
    }

    /// Demands that the journal has one change for each command that was said to have made one, and none for any other.
    /// The first change is the board's beginning. Whoever asked to be forgotten has their changes without their name.
    pub(crate) fn agrees_with(&self, told: &[Told]) {
        let mut kept: HashMap<&str, usize> = HashMap::new();
        for by in self.records.iter().filter_map(|record| record.by.as_ref()) {
            *kept.entry(by.id.key()).or_default() += 1;
        }
        let mut said: HashMap<&str, Vec<bool>> = HashMap::new();
        for told in told {
            said.entry(&told.person).or_default().push(told.has_changed());
        }
        for (person, changed) in said {
            let kept = kept.get(person).copied().unwrap_or_default();
            let changes = changed.iter().filter(|changed| **changed).count();
            // Who speaks a second time does so to be forgotten.
            let is_forgotten = changed.len() > 1 && kept == 0;
            assert!(kept == changes || is_forgotten, "{person} was told of {changes} changes, and there are {kept}");
        }
        let changes = told.iter().filter(|told| told.has_changed()).count();
        assert_eq!(self.records.len(), changes + 1, "of {} commands", told.len());
    }

    /// Waits until a bot's page shows this board.
    pub(crate) async fn is_shown_by(&self, page: Page) {
        let data = page.shows("the last change", |data| data["revision"] == self.board.revision()).await;
        assert_eq!(data, data_file::public(&self.board, Utc::now()));
    }
}
