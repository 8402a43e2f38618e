//! A chat network: what was said there, and what bots have said.

use crate::chance::Chance;
use crate::clock::SimulatedClock;
use crate::signal::Signal;
use ptgbot_core::{
    Ask, Delivery, Folding, Incoming, Network, Outcome, Person, PersonId, Reply, Request, Revision, Role, Target,
};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::time::Instant;

/// A network. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Chat {
    pub(crate) network: Network,
    /// How notifications count as delivered there. A network that gives messages lasting names also knows what is sent
    /// again, and may deliver what was said twice.
    pub(crate) delivery: Delivery,
    pub(crate) chance: Chance,
    clock: SimulatedClock,
    state: Arc<Mutex<State>>,
    news: Arc<Signal<usize>>,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) said: Vec<Said>,
    pub(crate) sent: Vec<Sent>,
    /// How requests ended, by their number.
    pub(crate) handled: Vec<(usize, Outcome)>,
    /// How much slower than usual the network takes what is sent.
    pub(crate) slowness: u32,
    /// Counts the times when all connections were lost.
    pub(crate) losses: usize,
}

/// A line of somebody.
#[derive(Clone)]
pub(crate) struct Said {
    pub(crate) text: String,
    pub(crate) who: &'static str,
    /// The first delivery of it; its own number if that is this one.
    pub(crate) original: usize,
    pub(crate) at: Instant,
}

/// Something that a bot said.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) process: usize,
    pub(crate) begun: Instant,
    pub(crate) what: What,
    /// When the bot knew that it was taken.
    pub(crate) taken: Option<Instant>,
    pub(crate) has_arrived: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum What {
    /// An answer to a message.
    Answer {
        message: usize,
        to: Target,
        reply: Option<Reply>,
    },
    Notification {
        to: PersonId,
        revision: Revision,
    },
    /// What a room is told that nobody asked for.
    Announcement {
        room: String,
        words: String,
    },
}

impl Chat {
    pub(crate) fn new(network: &str, delivery: Delivery, chance: Chance, clock: SimulatedClock) -> Self {
        let (state, news) = (Arc::default(), Arc::default());
        Self { network: Network::nearest(network), delivery, chance, clock, state, news }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic")
    }

    /// Somebody says something.
    pub(crate) fn say(&self, who: &'static str, text: String) {
        let number = self.state().said.len();
        tracing::debug!(network = %self.network, number, text, "said");
        self.put(Said { text, who, original: number, at: Instant::now() });
    }

    /// The network delivers something again.
    pub(crate) fn repeat(&self) {
        let said = self.state().said.clone();
        if self.delivery == Delivery::WhenTaken && !said.is_empty() {
            let again = &said[self.chance.number(0..said.len())];
            self.put(Said { at: Instant::now(), ..again.clone() });
        }
    }

    fn put(&self, said: Said) {
        let count = {
            let mut state = self.state();
            state.said.push(said);
            state.said.len()
        };
        self.news.set(count);
    }

    pub(crate) fn lose_connections(&self) {
        self.state().losses += 1;
    }

    /// Waits until more was said than so much.
    pub(crate) async fn more_than(&self, count: usize) {
        self.news.wait(|said| said > count).await;
    }

    pub(crate) fn person(&self, name: &str) -> Person {
        Person::new(&self.network, name, Folding::Ascii)
    }

    /// A line as the bot hears it.
    pub(crate) fn heard(&self, number: usize, place: usize) -> Incoming {
        let said = self.state().said[number].clone();
        let request = Request::new(&self.network, self.clock.at(said.at), Ask::Said(said.text))
            .by(self.person(said.who), Role::Op);
        let request = if said.who == STUCK { request } else { request.in_room("#ptg") };
        let request = match self.delivery {
            Delivery::WhenTaken => request.message(format!("${}-{}", self.network, said.original)),
            Delivery::BeforeSending => request,
        };
        Incoming::new(request).with_id(number.to_string()).with_place(place.to_string())
    }
}

/// Somebody to whom nothing can ever be said.
pub(crate) const STUCK: &str = "stuck";
