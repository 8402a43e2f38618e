//! The other networks of an event: nobody speaks there in a rehearsal, but what their bots would tell is printed.

use crate::clock::Clock;
use crate::run::run_on;
use crate::run_error::RunError;
use crate::setup::Setup;
use crate::store::{MemoryJournal, StoreAddress};
use crate::terminal::Screen;
use futures_util::stream;
use ptgbot_core::{Board, Inbox, NameForm, Network, Options, Outlet, PersonId, Transport};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Starts a bot for each network but `here` of which people or rooms of the board are told something. They end with `stop`.
pub(crate) fn others_told(
    board: &Board,
    here: &Network,
    journal: &MemoryJournal,
    clock: &Arc<dyn Clock>,
    screen: &Screen,
    stop: &CancellationToken,
) -> JoinSet<Result<(), RunError>> {
    let mut bots = JoinSet::new();
    for (network, names) in told(board).into_iter().filter(|(network, _)| network != here) {
        let setup = Setup { store: StoreAddress::Memory, clock: clock.clone(), ..Setup::default() };
        let silent = Box::new(Silent { screen: screen.of(&network), network, names });
        bots.spawn(run_on(Box::new(journal.clone()), silent, setup, stop.clone()));
    }
    bots
}

/// The networks of people who wait for topics and slots, and of rooms that are told of them.
fn told(board: &Board) -> BTreeMap<Network, NameForm> {
    let people = board.subscriptions().keys().chain(board.reminders().keys());
    let people = people.filter_map(|person: &PersonId| Some((person.network()?.clone(), person.form())));
    let announced = &board.contents().announced;
    let rooms = announced.slots.iter().chain(&announced.changes).map(|room| (room.network.clone(), NameForm::Nick));
    // What is known of people goes first.
    rooms.chain(people).collect()
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
