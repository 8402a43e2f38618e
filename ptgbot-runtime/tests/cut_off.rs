//! Bots that are cut off from their network while the store works, under a clock that only the tests move.

use futures_util::stream;
use ptgbot_core::{
    Ask, Connection, Folding, Handled, Inbox, Incoming, Journal, LeaseState, Network, Outgoing, Outlet, Person,
    PersonId, Request, Role, Sending, Transport, async_trait,
};
use ptgbot_runtime::store::MemoryJournal;
use ptgbot_runtime::{CancellationToken, Clock, RunError, Setup, SystemClock, run_on};
use std::time::Duration;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinHandle;
use tokio::time::{Instant, interval_at, timeout};

/// A process of the bot of one network.
struct Bot {
    say: UnboundedSender<Incoming>,
    handled: UnboundedReceiver<Handled>,
    /// Hears when it begins to act.
    acts: UnboundedReceiver<()>,
    connection: Connection,
    running: JoinHandle<Result<(), RunError>>,
}

struct Wire {
    network: Network,
    connection: Connection,
    heard: UnboundedReceiver<Incoming>,
    handled: UnboundedSender<Handled>,
    acts: UnboundedSender<()>,
}

impl Bot {
    fn start(journal: &MemoryJournal) -> Self {
        Self::with(journal, Connection::default())
    }

    fn with(journal: &MemoryJournal, connection: Connection) -> Self {
        let ((say, heard), (tell, handled), (act, acts)) =
            (mpsc::unbounded_channel(), mpsc::unbounded_channel(), mpsc::unbounded_channel());
        let network = Network::nearest("oftc");
        let wire = Wire { network, connection: connection.clone(), heard, handled: tell, acts: act };
        let journal = Box::new(journal.clone());
        let running = tokio::spawn(run_on(journal, Box::new(wire), Setup::default(), CancellationToken::new()));
        Self { say, handled, acts, connection, running }
    }

    async fn begins_to_act(&mut self) {
        timeout(SOON, self.acts.recv()).await.expect("in time").expect("it runs");
    }

    fn acts(&mut self) -> bool {
        self.acts.try_recv().is_ok()
    }

    fn hears(&self, text: &str) {
        let network = Network::nearest("oftc");
        let request = Request::new(&network, SystemClock.now(), Ask::Said(text.into()));
        let jane = Person::new(&network, "jane", Folding::Ascii);
        self.say.send(Incoming::new(request.by(jane, Role::Op).in_room("#ptg"))).expect("it listens");
    }

    async fn handles_one(&mut self) {
        timeout(SOON, self.handled.recv()).await.expect("in time").expect("it runs");
    }
}

impl Transport for Wire {
    fn network(&self) -> &Network {
        &self.network
    }

    fn account(&self) -> Option<PersonId> {
        Some(PersonId::new(&self.network, "ptgbot", Folding::Ascii))
    }

    fn connection(&self) -> Connection {
        self.connection.clone()
    }

    fn open(self: Box<Self>) -> (Inbox, Box<dyn Outlet>) {
        self.acts.send(()).expect("the test listens");
        let inbox = stream::unfold(self.heard, async |mut heard| Some((Ok(heard.recv().await?), heard)));
        (Box::pin(inbox), Box::new(Mouth(self.handled)))
    }
}

struct Mouth(UnboundedSender<Handled>);

#[async_trait]
impl Outlet for Mouth {
    fn send(&mut self, _: Outgoing) -> Sending {
        Box::pin(async { Ok(()) })
    }

    async fn handled(&mut self, handled: Handled) {
        // The test may have ended.
        self.0.send(handled).ok();
    }
}

async fn lease(journal: &MemoryJournal) -> LeaseState {
    journal.clone().leases().await.expect("a journal").pop().expect("somebody acts")
}

/// Moves the clock: it stands still while anybody has anything to do, and goes on at once when nobody has.
async fn passes(time: Duration) {
    interval_at(Instant::now() + time, time).tick().await;
}

#[tokio::test(start_paused = true)]
async fn who_is_cut_off_leaves_its_work_to_another_and_ends() {
    let journal = MemoryJournal::default();
    let mut first = Bot::start(&journal);
    first.begins_to_act().await;
    let mut second = Bot::start(&journal);
    passes(SOON).await;
    assert!(!second.acts(), "the first one acts");
    first.connection.breaks();
    second.begins_to_act().await;
    let ended = timeout(SOON, first.running).await.expect("it ends").expect("no panic");
    assert_eq!(ended.expect_err("it is fenced").to_string(), "another process acts for oftc/ptgbot now");
    second.hears("~add swift");
    second.handles_one().await;
}

#[tokio::test(start_paused = true)]
async fn who_is_cut_off_and_alone_goes_on_when_the_network_is_back() {
    let journal = MemoryJournal::default();
    let mut bot = Bot::start(&journal);
    bot.begins_to_act().await;
    bot.connection.breaks();
    passes(SOON).await;
    assert!(!lease(&journal).await.is_held());
    bot.hears("~add swift");
    passes(SOON).await;
    assert!(bot.handled.try_recv().is_err(), "another one might act");
    bot.connection.returns();
    bot.handles_one().await;
    let lease = lease(&journal).await;
    assert!(lease.is_held() && lease.number == 1, "{lease:?}");
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_back_soon_changes_nothing() {
    let journal = MemoryJournal::default();
    let (mut first, mut second) = (Bot::start(&journal), None);
    first.begins_to_act().await;
    for _ in 0..10 {
        let second = second.get_or_insert_with(|| Bot::start(&journal));
        passes(Duration::from_secs(6)).await;
        first.connection.breaks();
        passes(Duration::from_secs(6)).await;
        first.connection.returns();
        assert!(!second.acts() && lease(&journal).await.is_held());
    }
}

#[tokio::test(start_paused = true)]
async fn a_standby_that_is_cut_off_takes_nothing_until_the_network_is_back() {
    let journal = MemoryJournal::default();
    let mut first = Bot::start(&journal);
    first.begins_to_act().await;
    let mut second = Bot::start(&journal);
    passes(SOON).await;
    second.connection.breaks();
    first.running.abort();
    passes(SOON).await;
    assert!(!second.acts() && !lease(&journal).await.is_held());
    second.connection.returns();
    second.begins_to_act().await;
}

#[tokio::test(start_paused = true)]
async fn a_process_that_is_alone_begins_to_act_before_it_is_connected() {
    let journal = MemoryJournal::default();
    let connection = Connection::default();
    connection.breaks();
    let mut bot = Bot::with(&journal, connection);
    bot.begins_to_act().await;
    passes(SOON).await;
    bot.connection.returns();
    bot.hears("~add swift");
    bot.handles_one().await;
}

/// All has happened by then that the clock brings.
const SOON: Duration = Duration::from_secs(30);
