//! A bot of the test's own process on a board in a database. Its network is a channel of this process, and it has a page.

use crate::told::Told;
use async_trait::async_trait;
use futures_util::stream;
use ptgbot_core::{
    Ask, Folding, Handled, Inbox, Incoming, Network, Outgoing, Outlet, Person, Request, Role, Sending, Transport,
};
use ptgbot_runtime::store::StoreAddress;
use ptgbot_runtime::{CancellationToken, InitialBoard, RunError, Setup, run_until};
use ptgbot_tests::Page;
use ptgbot_tests::deadline::PATIENCE;
use serde_json::{Value, json};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// A running bot. Whoever talks to it is an op in the channel; each command is said by a person of its own, so that the
/// journal shows which change is whose.
pub(crate) struct Bot {
    network: Network,
    said: usize,
    over: usize,
    ear: UnboundedSender<Incoming>,
    ends: UnboundedReceiver<Handled>,
    pub(crate) page: Page,
    stop: CancellationToken,
    running: JoinHandle<Result<(), RunError>>,
}

impl Bot {
    /// Starts on a board; an empty one gets two tracks and a room first. Returns once it answers.
    pub(crate) async fn start(name: &str, address: &str) -> Self {
        let store: StoreAddress = address.parse().unwrap_or_else(|error| panic!("{error}"));
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("the loopback has a free port");
        listener.set_nonblocking(true).expect("it is a socket");
        let page = Page { port: listener.local_addr().expect("it is bound").port() };
        let initial_board = InitialBoard::Document { data: board(), source: "the test".into() };
        let mut setup = Setup::new(store);
        (setup.listener, setup.initial_board) = (Some(listener), initial_board);
        let network = Network::parse(name).expect("a network's name");
        let ((ear, heard), (mouth, ends)) = (unbounded_channel(), unbounded_channel());
        let stop = CancellationToken::new();
        let channel = Box::new(Channel { network: network.clone(), heard, mouth: Mouth(mouth) });
        let running = tokio::spawn(run_until(channel, setup, stop.clone()));
        let mut bot = Self { network, said: 0, over: 0, ear, ends, page, stop, running };
        bot.say("~list");
        bot.told().await;
        bot
    }

    /// Says a command, and does not wait for the answer.
    pub(crate) fn say(&mut self, text: &str) {
        let person = format!("{}{}", self.network, self.said);
        self.say_as(&person, text);
    }

    /// The same as somebody who may have said something before.
    pub(crate) fn say_as(&mut self, person: &str, text: &str) {
        let by = Person::new(&self.network, person, Folding::Ascii);
        let request = Request::new(&self.network, AT.parse().expect("a time"), Ask::Said(text.into()));
        let request = request.by(by, Role::Op).in_room("#ptg").bot("ptgbot");
        self.ear.send(Incoming::new(request).with_id(person)).expect("it listens");
        self.said += 1;
    }

    /// How many commands are not over yet.
    pub(crate) fn unanswered(&self) -> usize {
        self.said - self.over
    }

    /// What became of the next command that is over.
    pub(crate) async fn told(&mut self) -> Told {
        let over = timeout(PATIENCE * 6, self.ends.recv()).await;
        let over = over.unwrap_or_else(|_| panic!("{} does not answer", self.network));
        let Some(over) = over else { panic!("{} has ended: {:?}", self.network, (&mut self.running).await) };
        self.over += 1;
        Told::of(over)
    }

    /// The same, if it is over so soon.
    pub(crate) async fn told_within(&mut self, span: Duration) -> Option<Told> {
        let over = timeout(span, self.ends.recv()).await.ok().flatten()?;
        self.over += 1;
        Some(Told::of(over))
    }

    /// Waits until all commands are over; what became of them.
    pub(crate) async fn all_told(&mut self) -> Vec<Told> {
        let mut all = Vec::new();
        while self.unanswered() > 0 {
            all.push(self.told().await);
        }
        all
    }

    /// Ends it in order.
    pub(crate) async fn end(self) {
        self.stop.cancel();
        let ended = timeout(PATIENCE, self.running).await.expect("it ends in time").expect("it does not panic");
        ended.unwrap_or_else(|error| panic!("{error}"));
    }
}

/// The network.
struct Channel {
    network: Network,
    heard: UnboundedReceiver<Incoming>,
    mouth: Mouth,
}

impl Transport for Channel {
    fn network(&self) -> &Network {
        &self.network
    }

    fn open(self: Box<Self>) -> (Inbox, Box<dyn Outlet>) {
        let heard = stream::unfold(self.heard, async |mut heard| Some((Ok(heard.recv().await?), heard)));
        (Box::pin(heard), Box::new(self.mouth))
    }
}

/// Tells what became of commands; nobody listens to the words.
struct Mouth(UnboundedSender<Handled>);

#[async_trait]
impl Outlet for Mouth {
    fn send(&mut self, _: Outgoing) -> Sending {
        Box::pin(async { Ok(()) })
    }

    async fn handled(&mut self, handled: Handled) {
        // The test may have ended.
        let _ = self.0.send(handled);
    }
}

/// Two tracks that have a place, and a room with two slots.
fn board() -> Value {
    json!({
        "eventid": "vancouver2026", "tracks": ["nova", "swift"], "location": {"swift": "Vista", "nova": "Terrace"},
        "slots": {"Monday": [{"name": "MonA1", "desc": "09:00-10:45"}, {"name": "MonP1", "desc": "14:00-15:45"}]},
        "schedule": {"Ballroom": {"MonA1": "", "MonP1": ""}},
    })
}

const AT: &str = "2026-10-19T09:30:00Z";
