//! The other networks of an event: nobody speaks there in a rehearsal, but what their bots would tell is printed.

use crate::clock::Clock;
use crate::run::run_on;
use crate::run_error::RunError;
use crate::setup::Setup;
use crate::store::{MemoryJournal, StoreAddress};
use crate::terminal::Screen;
use chrono::{DateTime, Utc};
use futures_util::stream;
use ptgbot_core::{
    Ask, Board, Inbox, Journal, JournalError, NameForm, Network, Options, Outlet, Record, Request, Transport, decide,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Makes those people `here`'s whom a data file names without a network, before any other network takes them over.
///
/// # Errors
/// When the journal fails.
pub(crate) async fn adopt_names(
    board: &mut Board,
    (here, names): (&Network, NameForm),
    journal: &mut MemoryJournal,
    at: DateTime<Utc>,
) -> Result<(), JournalError> {
    let request = Request::new(here, at, Ask::AdoptNames(names));
    let events = decide(board, &request).map(|decision| decision.events).unwrap_or_default();
    for event in events {
        let record = Record::of(board.revision() + 1, &request, event);
        board.apply(&record);
        journal.append(record.revision - 1, &[record], board, None).await?;
    }
    Ok(())
}

/// Starts a bot for each network but `here` of which people or rooms of the board are told something. They end with `stop`.
pub(crate) fn others_told(
    board: &Board,
    here: (&Network, NameForm),
    journal: &MemoryJournal,
    clock: &Arc<dyn Clock>,
    screen: &Screen,
    stop: &CancellationToken,
) -> JoinSet<Result<(), RunError>> {
    let mut bots = JoinSet::new();
    for (network, names) in told(board, here) {
        let setup = Setup { store: StoreAddress::Memory, clock: clock.clone(), ..Setup::default() };
        let silent = Box::new(Silent { screen: screen.of(&network), network, names });
        bots.spawn(run_on(Box::new(journal.clone()), silent, setup, stop.clone()));
    }
    bots
}

/// The other networks of people who wait for topics and slots, and of rooms that are told of them. Where people are without a
/// network, and none has names like theirs, they have one of their own.
fn told(board: &Board, (here, names): (&Network, NameForm)) -> BTreeMap<Network, NameForm> {
    let people = || board.subscriptions().keys().chain(board.reminders().keys());
    let announced = &board.contents().announced;
    let rooms = announced.slots.iter().chain(&announced.changes).map(|room| (room.network.clone(), NameForm::Nick));
    let homed = people().filter_map(|person| Some((person.network()?.clone(), person.form())));
    // What is known of people goes before.
    let mut told: BTreeMap<_, _> = rooms.chain(homed).collect();
    told.remove(here);
    for (form, name) in [(NameForm::Nick, "irc"), (NameForm::MatrixId, "matrix")] {
        let is_known = form == names || told.values().any(|known| *known == form);
        if !is_known && people().any(|person| person.network().is_none() && person.form() == form) {
            told.insert(Network::nearest(name), form);
        }
    }
    told
}

/// A network on which nobody says anything.
struct Silent {
    network: Network,
    names: NameForm,
    screen: Screen,
}

impl Transport for Silent {
    fn network(&self) -> &Network {
        &self.network
    }

    fn options(&self) -> Options {
        let mut options = Options::pipe();
        options.names = self.names;
        options
    }

    fn open(self: Box<Self>) -> (Inbox, Box<dyn Outlet>) {
        (Box::pin(stream::pending()), Box::new(self.screen))
    }
}
