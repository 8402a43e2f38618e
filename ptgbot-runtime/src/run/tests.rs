//! Bots that end: with their network, by a stop, and by a fault.

use super::*;
use crate::clock::{Clock, SystemClock};
use crate::store::{MemoryJournal, StoreAddress};
use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use ptgbot_core::{
    Ask, Claim, Folding, Inbox, Incoming, Network, Options, Outgoing, Outlet, Person, PersonId, Request, Role, Sending,
    Taken,
};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::mpsc;

/// A network that hears a stream, and says nothing aloud.
struct Scripted {
    network: Network,
    inbox: Inbox,
    sending: fn() -> Sending,
}

impl Transport for Scripted {
    fn network(&self) -> &Network {
        &self.network
    }

    fn open(self: Box<Self>) -> (Inbox, Box<dyn Outlet>) {
        (self.inbox, Box::new(Mouth(self.sending)))
    }
}

struct Mouth(fn() -> Sending);

#[async_trait]
impl Outlet for Mouth {
    fn send(&mut self, _piece: Outgoing) -> Sending {
        (self.0)()
    }
}

fn scripted(inbox: Inbox) -> Box<Scripted> {
    Box::new(Scripted { network: Network::nearest("scripted"), inbox, sending: || Box::pin(async { Ok(()) }) })
}

/// A network on which one question is asked, and which then goes on.
fn one_question() -> Inbox {
    let network = Network::nearest("scripted");
    let request = Request::new(&network, SystemClock.now(), Ask::Said("~list".into()));
    let request = request.by(Person::new(&network, "jane", Folding::Ascii), Role::Op).in_room("#ptg").bot("ptgbot");
    let asked = Incoming::new(request);
    Box::pin(stream::iter([Ok(asked)]).chain(stream::pending()))
}

fn setup() -> Setup {
    Setup { store: StoreAddress::Memory, ..Setup::default() }
}

#[tokio::test]
async fn a_bot_ends_with_its_network() {
    run(scripted(Box::pin(stream::empty())), setup()).await.expect("a clean end");
}

/// A pipe that says it has an account.
struct OwnedPipe(Network);

impl Transport for OwnedPipe {
    fn network(&self) -> &Network {
        &self.0
    }

    fn options(&self) -> Options {
        Options::pipe()
    }

    fn account(&self) -> Option<PersonId> {
        Some(PersonId::new(&self.0, "ptgbot", Folding::Ascii))
    }

    fn open(self: Box<Self>) -> (Inbox, Box<dyn Outlet>) {
        (Box::pin(stream::empty()), Box::new(Mouth(|| Box::pin(async { Ok(()) }))))
    }
}

#[tokio::test]
async fn what_would_heed_no_lease_is_not_run() {
    let error = run(Box::new(OwnedPipe(Network::nearest("pipe"))), setup()).await.expect_err("it is refused");
    assert!(matches!(error, RunError::OrderedAccount), "{error}");
}

#[tokio::test]
async fn a_bot_ends_when_its_stop_is_cancelled() {
    let stop = CancellationToken::new();
    let running = tokio::spawn(run_until(scripted(Box::pin(stream::pending())), setup(), stop.clone()));
    stop.cancel();
    running.await.expect("no panic").expect("a clean end");
}

#[tokio::test]
async fn an_inbox_that_fails_is_a_bot_that_fails() {
    let refused = stream::once(async { Err(TransportError::new("a wrong password")) });
    let error = run(scripted(Box::pin(refused)), setup()).await.expect_err("a failure");
    assert_eq!(error.to_string(), "a wrong password");
}

#[tokio::test]
async fn an_inbox_that_panics_is_a_bot_that_fails() {
    let panics = stream::once(async { panic!("a fault in an adapter") });
    let error = run(scripted(Box::pin(panics)), setup()).await.expect_err("a failure");
    assert!(matches!(error, RunError::Task(_)), "{error}");
}

#[tokio::test]
async fn an_outlet_that_panics_is_a_bot_that_fails() {
    let at_once: fn() -> Sending = || panic!("a fault in an adapter");
    let later: fn() -> Sending = || Box::pin(async { panic!("a fault in an adapter") });
    for sending in [at_once, later] {
        let network = Scripted { sending, ..*scripted(one_question()) };
        let error = run(Box::new(network), setup()).await.expect_err("a failure");
        assert!(matches!(error, RunError::Task(_)), "{error}");
    }
}

#[tokio::test]
async fn a_bot_whose_future_is_dropped_hears_nothing_any_more() {
    let (says, said) = tokio::sync::mpsc::channel(1);
    let hears = stream::unfold(said, async |mut said| said.recv().await.map(|asked| (Ok(asked), said)));
    let running = tokio::spawn(run(scripted(Box::pin(hears)), setup()));
    let question = one_question().next().await.expect("a question").expect("no fault");
    says.send(question).await.expect("it is heard");
    running.abort();
    // Whoever heard is gone with the future.
    says.closed().await;
}

/// A network on which another process acts.
struct Waits(CancellationToken, Arc<AtomicBool>, Network);

impl Transport for Waits {
    fn network(&self) -> &Network {
        &self.2
    }

    fn account(&self) -> Option<PersonId> {
        Some(PersonId::new(&self.2, "ptgbot", Folding::Ascii))
    }

    fn stand_by(&mut self) {
        self.0.cancel();
    }

    fn stand_down(&mut self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async { self.1.store(true, Ordering::SeqCst) })
    }

    fn open(self: Box<Self>) -> (Inbox, Box<dyn Outlet>) {
        unreachable!("it never acts")
    }
}

#[tokio::test]
async fn a_bot_that_is_stopped_while_it_stands_by_says_goodbye() {
    let (stop, goodbye) = (CancellationToken::new(), Arc::new(AtomicBool::default()));
    let waits = Waits(stop.clone(), goodbye.clone(), Network::nearest("waits"));
    let journal = MemoryJournal::default();
    let mut acting = journal.clone();
    let claim = Claim::new(waits.account().expect("an account"), "another");
    assert!(matches!(acting.take_lease(&claim).await, Ok(Taken::Ours(_))));
    run_on(Box::new(journal), Box::new(waits), setup(), stop).await.expect("a clean end");
    assert!(goodbye.load(Ordering::SeqCst));
}

#[tokio::test]
async fn an_event_that_begins_with_an_older_file_takes_it_as_it_is() {
    let slots = serde_json::json!({"Monday": [{"name": "MonA1"}], "Tuesday": [{"name": "MonA1"}]});
    let data = serde_json::json!({"slots": slots, "schedule": {"Hall": {"MonA1": "swift"}}});
    let at = SystemClock.now();
    let (mut journal, mut board) = (MemoryJournal::default(), Board::default());
    let refused = crate::import::import(&mut journal, &mut board, data.clone(), "a file", at).await;
    assert!(refused.expect_err("two slots share a name").to_string().contains("slots that share a name"));
    let initial = InitialBoard::Document { data, source: "the older bot".into() };
    start_with(&mut journal, &mut board, initial, &SystemClock).await.expect("it can be read");
    assert_eq!((board.revision(), board.contents().days.len()), (1, 2));
}

/// A network in whose rooms the board stands by itself.
struct Showing {
    network: Network,
    inbox: Inbox,
    shown: mpsc::UnboundedSender<String>,
}

struct Sign(mpsc::UnboundedSender<String>);

impl Transport for Showing {
    fn network(&self) -> &Network {
        &self.network
    }

    fn options(&self) -> Options {
        let mut options = Options::default();
        options.shows_board = true;
        options
    }

    fn open(self: Box<Self>) -> (Inbox, Box<dyn Outlet>) {
        (self.inbox, Box::new(Sign(self.shown)))
    }
}

#[async_trait]
impl Outlet for Sign {
    fn send(&mut self, _piece: Outgoing) -> Sending {
        Box::pin(async { Ok(()) })
    }

    fn show(&mut self, board: &Reply) {
        self.0.send(board.to_string()).ok();
    }
}

#[tokio::test(start_paused = true)]
async fn where_the_board_stands_by_itself_it_follows_each_change_and_is_told_once() {
    let network = Network::nearest("showing");
    let (say, heard) = mpsc::unbounded_channel::<&str>();
    let (shown, mut showing) = mpsc::unbounded_channel();
    let of = network.clone();
    let heard = stream::unfold(heard, |mut heard| async move { Some((heard.recv().await?, heard)) });
    let inbox = heard.map(move |line: &str| {
        let request = Request::new(&of, "2026-10-19T09:30:00Z".parse().expect("a time"), Ask::Said(line.into()));
        let jane = Person::new(&of, "jane", Folding::Ascii);
        Ok(Incoming::new(request.by(jane, Role::Op).in_room("#ptg").bot("ptgbot")))
    });
    let transport = Box::new(Showing { network, inbox: Box::pin(inbox), shown });
    let bot = tokio::spawn(run(transport, setup()));
    let mut next = async || showing.recv().await;
    assert_eq!(next().await.as_deref(), Some("Now and next\nNothing is announced."));
    for line in ["~add swift", "~list", "#swift next quotas"] {
        say.send(line).expect("it listens");
    }
    assert_eq!(next().await.as_deref(), Some("Now and next\n#swift: next: quotas"));
    drop(say);
    bot.await.expect("no panic").expect("an end");
    assert_eq!(showing.recv().await, None, "nothing came twice");
}
