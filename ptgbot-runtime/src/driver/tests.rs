//! The loop with a small network of its own: channels instead of sockets.

mod away;
mod bridging;
mod disk;
mod leasing;
mod time;

use super::*;
use crate::clock::{Clock, SystemClock};
use crate::metrics::Waiting;
use crate::permit::Permit;
use async_trait::async_trait;
use disk::Disk;
use futures_util::stream;
use ptgbot_core::{
    BoardEvent, Event, Folding, Handled, Outcome, Outgoing, Outlet, Person, Record, Request, Role, SendError, Sending,
    Target, TrackEvent,
};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// What leaves the bot.
#[derive(Debug, PartialEq)]
enum Left {
    Said(Outgoing),
    Handled(Handled),
}

/// A network that takes one piece for each permit.
struct Mouth(mpsc::UnboundedSender<Left>, Arc<Semaphore>);

#[async_trait]
impl Outlet for Mouth {
    async fn ready(&mut self) {
        drop(self.1.acquire().await);
    }

    fn send(&mut self, piece: Outgoing) -> Sending {
        self.1.forget_permits(1);
        let sent = self.0.send(Left::Said(piece)).map_err(|_| SendError::Refused("nobody hears".into()));
        Box::pin(async move { sent })
    }

    async fn handled(&mut self, handled: Handled) {
        self.0.send(Left::Handled(handled)).ok();
    }
}

/// A running bot.
struct Bot {
    network: &'static str,
    say: mpsc::Sender<Vec<Incoming>>,
    heard: mpsc::UnboundedReceiver<Left>,
    pages: watch::Receiver<Board>,
    metrics: Metrics,
    stop: CancellationToken,
    driving: JoinHandle<Result<(), RunError>>,
}

impl Bot {
    /// A bot that says everything in order, as through a pipe.
    async fn start(disk: &Disk, network: &'static str) -> Self {
        Self::with(disk, network, Options::pipe()).await
    }

    async fn with(disk: &Disk, name: &'static str, options: Options) -> Self {
        Self::paced(disk, name, options, Arc::new(Semaphore::new(Semaphore::MAX_PERMITS))).await
    }

    async fn paced(disk: &Disk, name: &'static str, options: Options, permits: Arc<Semaphore>) -> Self {
        Self::begin(disk.clone(), name, Setup { options, permits, ..Setup::default() }).await
    }

    async fn begin(mut journal: Disk, name: &'static str, setup: Setup) -> Self {
        let Setup { bridge, options, permits, tenure: (tenure, permit), clock } = setup;
        let (say, ears) = mpsc::channel::<Vec<Incoming>>(10);
        let (mouth, heard) = mpsc::unbounded_channel();
        let (outbox, sending, progress) =
            Outbox::new(Box::new(Mouth(mouth, permits)), options, permit, Waiting::default());
        let ears = stream::unfold(ears, |mut ears| async move { Some((ears.recv().await?, ears)) });
        let inbox = Box::pin(ears.map(|batch| stream::iter(batch.into_iter().map(Ok))).flatten());
        let board = journal.load().await.expect("a board");
        let (owner, pages) = watch::channel(board.clone());
        let fetch = FetchPolicy { allow_private: true, ..FetchPolicy::default() };
        let network = Network::nearest(name);
        let (page, metrics) = (HttpUrl::parse(PAGE).ok(), Metrics::default());
        let net = Net { network, options, fetch, bridge, page, metrics: metrics.clone(), clock };
        let ends = Ends { inbox, outbox, progress, tenure, heartbeat: Heartbeat::unheard() };
        let driver = Driver::start(board, Box::new(journal), ends, owner, net).await;
        let stop = CancellationToken::new();
        tokio::spawn(sending.run(stop.clone()));
        let driving = tokio::spawn(driver.expect("a driver").run(stop.clone()));
        Self { network: name, say, heard, pages, metrics, stop, driving }
    }

    async fn say(&self, lines: &[&str]) {
        self.say.send(lines.iter().map(|line| on(self.network, line)).collect()).await.expect("it listens");
    }

    async fn next(&mut self) -> Left {
        let next = tokio::time::timeout(DEADLINE, self.heard.recv());
        next.await.expect("something is said in time").expect("it speaks")
    }

    /// What is said up to the next end of a message, and how that ended.
    async fn answer(&mut self) -> (Vec<String>, Outcome, Revision) {
        let mut texts = Vec::new();
        loop {
            match self.next().await {
                Left::Said(
                    Outgoing::Reply { reply, .. } | Outgoing::Notify { reply, .. } | Outgoing::Announce { reply, .. },
                ) => {
                    texts.push(reply.to_string());
                }
                Left::Said(Outgoing::Ack { .. }) => {}
                Left::Handled(Handled { outcome, revision, .. }) => return (texts, outcome, revision),
            }
        }
    }

    async fn stop(self) -> Board {
        self.stop.cancel();
        self.driving.await.expect("no panic").expect("a good end");
        self.pages.borrow().clone()
    }
}

/// What a bot is made of besides its store and its network's name.
struct Setup {
    bridge: BridgeConfig,
    options: Options,
    permits: Arc<Semaphore>,
    tenure: (Tenure, Permit),
    clock: Arc<dyn Clock>,
}

impl Default for Setup {
    fn default() -> Self {
        let permits = Arc::new(Semaphore::new(Semaphore::MAX_PERMITS));
        Self {
            bridge: BridgeConfig::default(),
            options: Options::default(),
            permits,
            tenure: Tenure::for_ever(),
            clock: Arc::new(SystemClock),
        }
    }
}

/// Where everybody can read the board.
const PAGE: &str = "https://ptg.example.org/";

/// What somebody says: john in private, others in the room. Its network is the bot's, of which there are several.
fn said(line: &str) -> Incoming {
    on("one", line)
}

fn on(network: &str, line: &str) -> Incoming {
    let (from, text) = line.split_once(": ").expect("who: what");
    let network = Network::nearest(network);
    let from_whom = Person::new(&network, from, Folding::Ascii);
    let request =
        Request::new(&network, SystemClock.now(), Ask::Said(text.into())).by(from_whom, Role::Op).bot("ptgbot");
    let request = if from == "john" { request } else { request.in_room("#ptg") };
    Incoming::new(request).with_id(text)
}

#[tokio::test]
async fn help_names_the_page_of_this_board() {
    let mut bot = Bot::start(&Disk::default(), "one").await;
    bot.say(&["john: help"]).await;
    let (texts, ..) = bot.answer().await;
    assert!(texts.concat().ends_with(&format!("All are explained at {PAGE}")), "{texts:?}");
}

#[tokio::test]
async fn messages_that_wait_together_are_recorded_together_and_answered_in_order() {
    let disk = Disk::default();
    let mut bot = Bot::start(&disk, "one").await;
    bot.say(&["jane: ~add swift", "jane: #swift now rings", "jane: good morning", "jane: #swift next codes"]).await;
    for wanted in [(Outcome::Changed, 1), (Outcome::Changed, 2), (Outcome::Ignored, 2), (Outcome::Changed, 3)] {
        let (_, outcome, revision) = bot.answer().await;
        assert_eq!((outcome, revision), wanted);
    }
    assert_eq!(disk.appends.load(Ordering::SeqCst), 1);
    assert_eq!(bot.pages.wait_for(|board| board.revision() > 0).await.expect("it is shown").revision(), 3);
    assert_eq!(bot.stop().await.revision(), 3);
}

#[tokio::test]
async fn who_comes_second_decides_again_on_what_the_first_has_changed() {
    let mut disk = Disk::default();
    let mut bot = Bot::start(&disk, "one").await;
    bot.say(&["jane: ~add nova"]).await;
    bot.answer().await;
    let mut board = disk.load().await.expect("a board");
    let record = record_of("~add swift", &board);
    board.apply(&record);
    // Sent first, so that the loop may meet it as a conflict or as news: the outcome is the same.
    bot.say(&["jane: ~add swift cinder"]).await;
    let appended = disk.append(1, &[record], &board, None).await;
    let (_, outcome, revision) = bot.answer().await;
    assert_eq!(outcome, Outcome::Changed);
    assert_eq!(revision, if appended.is_ok() { 3 } else { 2 });
    let last = bot.stop().await;
    assert_eq!(last.contents().tracks.len(), 3);
    assert_eq!(disk.load().await.expect("a board"), last);
}

#[tokio::test]
async fn a_change_that_comes_while_the_board_is_read_anew_is_not_missed() {
    let mut disk = Disk::default();
    let mut bot = Bot::start(&disk, "one").await;
    let mut board = Board::default();
    let mut next = |text: &str| {
        let record = record_of(text, &board);
        board.apply(&record);
        (record, board.clone())
    };
    let (came, _) = next("+in the pub");
    let (forgotten, after) = next("+forget");
    *disk.written_after_load.lock().expect("no panic") = Some(next("~add nova"));
    disk.append(0, &[came, forgotten], &after, None).await.expect("it is written");
    let shown = tokio::time::timeout(DEADLINE, bot.pages.wait_for(|board| board.revision() == 3)).await;
    drop(shown.expect("it is heard of").expect("it is shown"));
    assert_eq!(bot.stop().await, disk.load().await.expect("a board"));
}

#[tokio::test]
async fn a_topic_of_one_network_reaches_the_subscribers_of_another_once() {
    let disk = Disk::default();
    let (mut irc, mut matrix) = (Bot::start(&disk, "irc").await, Bot::start(&disk, "matrix").await);
    irc.say(&["jane: ~add swift", "john: subscribe #swift"]).await;
    irc.answer().await;
    irc.answer().await;
    matrix.say(&["jane: #swift now rings"]).await;
    let heard = loop {
        if let Left::Said(Outgoing::Notify { reply, .. }) = irc.next().await {
            break reply.to_string();
        }
    };
    assert_eq!(heard, "#swift now: rings");
    assert_eq!(matrix.answer().await.1, Outcome::Changed);
    irc.stop().await;
    let mut irc = Bot::start(&disk, "irc").await;
    irc.say(&["jane: ~list"]).await;
    assert!(!irc.answer().await.0.iter().any(|text| text.contains("rings")));
}

#[tokio::test]
async fn what_was_announced_while_a_bot_was_away_is_told_when_it_comes_back() {
    let disk = Disk::default();
    let mut irc = Bot::start(&disk, "irc").await;
    irc.say(&["jane: ~add swift", "john: subscribe #swift"]).await;
    irc.answer().await;
    irc.answer().await;
    irc.stop().await;
    let mut matrix = Bot::start(&disk, "matrix").await;
    matrix.say(&["jane: #swift now rings"]).await;
    matrix.answer().await;
    let mut irc = Bot::start(&disk, "irc").await;
    let told = irc.next().await;
    let Left::Said(Outgoing::Notify { to, revision: 3, reply }) = told else { panic!("{told:?}") };
    assert_eq!((to.to_string(), reply.to_string()), ("irc/john".to_owned(), "#swift now: rings".to_owned()));
}

#[tokio::test]
async fn what_waits_at_a_stop_is_told_after_the_next_start_and_nothing_twice() {
    let disk = Disk::default();
    let mut bot = Bot::start(&disk, "oftc").await;
    let people: Vec<_> = (0..20).map(|number| format!("p{number}: +subscribe #swift")).collect();
    let lines: Vec<_> = std::iter::once("jane: ~add swift").chain(people.iter().map(String::as_str)).collect();
    bot.say(&lines).await;
    for _ in &lines {
        bot.answer().await;
    }
    bot.stop().await;
    let told = |left: Left| match left {
        Left::Said(Outgoing::Notify { to, .. }) => Some(to.key().to_owned()),
        Left::Said(_) | Left::Handled(_) => None,
    };
    let mut heard = Vec::new();
    for (round, permits) in [6, 5, 100].into_iter().enumerate() {
        let permits = Arc::new(Semaphore::new(permits));
        let mut bot = Bot::paced(&disk, "oftc", Options::default(), permits.clone()).await;
        if round == 0 {
            bot.say(&["jane: #swift now rings"]).await;
        }
        // One permit went to the answer in the first round.
        let expected = [5, 5, 10][round];
        let before = heard.len();
        while heard.len() < before + expected {
            heard.extend(told(bot.next().await));
        }
        if round == 1 {
            bot.driving.abort();
        } else {
            bot.stop().await;
        }
    }
    let all = heard.len();
    heard.sort();
    heard.dedup();
    assert_eq!((heard.len(), all), (20, 20));
}

#[tokio::test]
async fn notifications_wait_while_the_disk_is_full_and_none_is_lost() {
    let disk = Disk::default();
    // Five answers, and the first of three notifications.
    let permits = Arc::new(Semaphore::new(6));
    let mut bot = Bot::paced(&disk, "oftc", Options::default(), permits.clone()).await;
    bot.say(&["jane: ~add swift", "john: +subscribe #swift", "mary: +subscribe #swift", "tony: +subscribe #swift"])
        .await;
    for _ in 0..4 {
        bot.answer().await;
    }
    let mut told = Vec::new();
    bot.say(&["jane: #swift now rings"]).await;
    while told.is_empty() {
        if let Left::Said(Outgoing::Notify { to, .. }) = bot.next().await {
            disk.full.store(true, Ordering::SeqCst);
            told.push(to.key().to_owned());
        }
    }
    permits.add_permits(20);
    let tried_again = tokio::time::timeout(DEADLINE, disk.refusals.acquire_many(2)).await;
    drop(tried_again.expect("it is tried again"));
    bot.say(&["jane: ~list"]).await;
    assert_eq!(bot.answer().await.1, Outcome::Answered, "an answer needs no room");
    disk.full.store(false, Ordering::SeqCst);
    while told.len() < 3 {
        if let Left::Said(Outgoing::Notify { to, .. }) = bot.next().await {
            told.push(to.key().to_owned());
        }
    }
    told.sort();
    assert_eq!(told, ["john", "mary", "tony"]);
}

#[tokio::test]
async fn a_chat_goes_on_during_a_fetch_and_a_pipe_waits_for_it() {
    for (options, first) in [(Options::default(), "~list"), (Options::pipe(), "~fetchdb")] {
        // It takes the connection and says nothing until it is told to.
        let server = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let fetch = format!("jane: ~fetchdb http://{}/board.json", server.local_addr().expect("an address"));
        let mut bot = Bot::with(&Disk::default(), "one", options).await;
        bot.say(&[&fetch, "jane: ~list"]).await;
        let (connection, _) = server.accept().await.expect("a connection");
        if options.fetching == Fetching::InTurn {
            drop(connection);
            drop(server);
        }
        let done = loop {
            if let Left::Handled(Handled { id, .. }) = bot.next().await {
                break id.expect("an id");
            }
        };
        assert!(done.starts_with(first), "{done}");
    }
}

#[tokio::test]
async fn a_message_that_is_delivered_again_after_a_crash_is_not_obeyed_again() {
    let disk = Disk::default();
    let mut bot = Bot::start(&disk, "matrix").await;
    let lines = [named("$1", "jane: ~add swift"), named("$2", "jane: #swift next rings")];
    bot.say.send(lines.to_vec()).await.expect("it listens");
    bot.answer().await;
    bot.answer().await;
    // It dies before it could say how far it had read.
    bot.driving.abort();
    let mut bot = Bot::start(&disk, "matrix").await;
    bot.say.send([&lines[..], &[named("$3", "jane: #swift next codes")]].concat()).await.expect("it listens");
    for wanted in [(Outcome::Answered, 2), (Outcome::Answered, 2), (Outcome::Changed, 3)] {
        let (_, outcome, revision) = bot.answer().await;
        assert_eq!((outcome, revision), wanted);
    }
    let swift = ptgbot_core::TrackName::parse("swift").expect("a name");
    assert_eq!(bot.stop().await.contents().next[&swift].len(), 2);
}

#[tokio::test]
async fn an_edit_is_recorded_as_one_and_subscribers_hear_what_it_says_now() {
    let mut disk = Disk::default();
    let mut bot = Bot::start(&disk, "matrix").await;
    bot.say(&["jane: ~add swift", "john: subscribe #swift"]).await;
    bot.answer().await;
    bot.answer().await;
    bot.say.send(vec![named("$1", "jane: #swift next rigns")]).await.expect("it listens");
    bot.answer().await;
    let (was, text) = (Some("#swift next rigns".to_owned()), "#swift next rings".to_owned());
    let edit = asking("$2", Ask::Edited { original: "$1".into(), was, text });
    let appends = disk.appends.load(Ordering::SeqCst);
    bot.say.send(vec![edit.clone(), edit]).await.expect("it listens");
    let (texts, outcome, revision) = bot.answer().await;
    assert_eq!((outcome, revision), (Outcome::Changed, 5));
    assert_eq!(texts.iter().filter(|text| text.ends_with("rings")).count(), 1, "{texts:?}");
    assert_eq!(bot.answer().await.1, Outcome::Answered);
    assert_eq!(disk.appends.load(Ordering::SeqCst), appends + 1);
    let recorded = disk.read_after(3, 10).await.expect("records");
    for record in &recorded {
        let origin = &record.origin;
        assert_eq!((origin.message.as_deref(), origin.edits.as_deref()), (Some("$2"), Some("$1")));
    }
    let [undone, planned] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert!(matches!(undone.event, Event::Board(BoardEvent::ChangeUndone { revision: 3, .. })), "{undone:?}");
    assert!(matches!(planned.event, Event::Track(TrackEvent::TopicPlanned { .. })), "{planned:?}");
    bot.say.send(vec![asking("$4", Ask::Deleted { original: "$1".into() })]).await.expect("it listens");
    let (texts, outcome, _) = bot.answer().await;
    assert_eq!(outcome, Outcome::Changed);
    assert!(texts[0].starts_with("Taken back for #swift: #swift next rings"), "{texts:?}");
    let last = bot.stop().await;
    assert!(last.contents().next.is_empty());
    assert_eq!(disk.load().await.expect("a board"), last);
}

#[tokio::test]
async fn when_the_store_fails_an_edit_leaves_the_first_command_standing() {
    let disk = Disk::default();
    let mut bot = Bot::start(&disk, "matrix").await;
    let first = [named("$1", "jane: ~add swift"), named("$2", "jane: #swift next rigns")];
    bot.say.send(first.to_vec()).await.expect("it listens");
    bot.answer().await;
    bot.answer().await;
    disk.full.store(true, Ordering::SeqCst);
    let edit = asking("$3", Ask::Edited { original: "$2".into(), was: None, text: "#swift next rings".into() });
    bot.say.send(vec![edit.clone()]).await.expect("it listens");
    let (texts, outcome, revision) = bot.answer().await;
    assert_eq!((outcome, revision), (Outcome::Refused, 2));
    assert!(texts[0].starts_with("Nothing was saved"), "{texts:?}");
    disk.full.store(false, Ordering::SeqCst);
    // Not recorded, so it is no repetition.
    bot.say.send(vec![edit]).await.expect("it listens");
    assert_eq!(bot.answer().await.1, Outcome::Changed);
    let swift = ptgbot_core::TrackName::parse("swift").expect("a name");
    assert_eq!(bot.stop().await.contents().next[&swift][0].as_str(), "rings");
}

/// Something said where messages have lasting names.
fn named(message: &str, line: &str) -> Incoming {
    let mut incoming = said(line);
    incoming.request.message = Some(message.into());
    incoming
}

/// What else jane does with a message.
fn asking(message: &str, ask: Ask) -> Incoming {
    let mut incoming = named(message, "jane: ");
    incoming.request.ask = ask;
    incoming
}

fn record_of(text: &str, board: &Board) -> Record {
    let request = said(&format!("jane: {text}")).request;
    assert_eq!(Target::answering(&request), Target::Room("#ptg".into()));
    let event = ptgbot_core::decide(board, &request).expect("a decision").events.pop().expect("a change");
    Record::of(board.revision() + 1, &request, event)
}

const DEADLINE: Duration = Duration::from_secs(20);
