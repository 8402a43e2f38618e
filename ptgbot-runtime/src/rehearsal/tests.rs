//! A rehearsal of five days at 600 times, from its beginning to its end: at each step the pages, the calendars and what
//! people are told are what the event's own rules say of that time.

use super::*;
use crate::clock::Clock;
use crate::follow::follow;
use crate::import::import;
use crate::metrics::Metrics;
use crate::publish::Publisher;
use crate::run::run_on;
use crate::setup::{PublishOptions, Setup};
use crate::store::{MemoryJournal, StoreAddress};
use crate::supervision::Heartbeat;
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt, stream};
use ptgbot_core::{
    Ask, Audience, Board, Event, Folding, Inbox, Incoming, Journal, Network, Options, Outgoing, Outlet, Person, Record,
    Request, Role, Sending, Transport, decide, due_messages,
};
use ptgbot_render::{Host, Site, SiteOptions, SitePath, next_change};
use serde_json::{Value, json};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// Everybody's clock, where time is paused.
#[derive(Debug)]
struct PausedClock(Instant, DateTime<Utc>);

impl Clock for PausedClock {
    fn now(&self) -> DateTime<Utc> {
        self.1 + self.0.elapsed()
    }

    fn until(&self, time: DateTime<Utc>) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(sleep_until(self.0 + (time - self.1).to_std().unwrap_or_default()))
    }
}

/// What is said at the terminal, each at its time.
const SCRIPT: [(&str, &str); 12] = [
    ("2026-10-22T06:30:00Z", "remind swift"),
    ("2026-10-22T06:31:00Z", "~announce slots on"),
    ("2026-10-22T07:05:00Z", "#swift now rings"),
    ("2026-10-22T07:20:00Z", "#swift next partitions"),
    ("2026-10-22T09:02:00Z", "#nova now moving house"),
    ("2026-10-23T06:00:00Z", "~newday"),
    ("2026-10-23T07:01:00Z", "#cinder now backups"),
    ("2026-10-23T12:00:00Z", "#swift unbook Hall-SatA1"),
    ("2026-10-23T12:00:30Z", "#swift book Attic-SatP1"),
    ("2026-10-25T08:00:00Z", "remind nova 60"),
    ("2026-10-26T08:05:00Z", "#nova now what is left"),
    ("2026-10-26T08:30:00Z", "#nova clean"),
];

/// Thursday to Monday in Berlin, where the clocks are set back in the night before Sunday.
fn event() -> Value {
    let days = ["Thursday", "Friday", "Saturday", "Sunday", "Monday"];
    let mut places = (0..).map(|place: usize| ["swift", "nova", "cinder"][place % 3]);
    let (mut hall, mut attic, mut slots) = (json!({}), json!({}), json!({}));
    for (number, day) in (0_i64..).zip(days) {
        let of_day = ["A1", "P1"].map(|code| {
            let (name, hour) = (format!("{}{code}", &day[..3]), if code == "A1" { 9 } else { 13 });
            let zone = if number < 3 { "+02:00" } else { "+01:00" };
            hall[&name] = places.next().into();
            attic[&name] = if code == "A1" { places.next().into() } else { "".into() };
            json!({"name": name, "duration": 90, "realtime": format!("2026-10-{}T{hour:02}:00:00{zone}", 22 + number)})
        });
        slots[day] = of_day.to_vec().into();
    }
    json!({
        "eventid": "oct2026", "timezone": "Europe/Berlin", "tracks": ["swift", "nova", "cinder"], "slots": slots,
        "schedule": {"Hall": hall, "Attic": attic},
    })
}

fn at(time: &str) -> DateTime<Utc> {
    time.parse().expect("a time")
}

fn request(at: DateTime<Utc>, ask: Ask) -> Request {
    let network = Network::nearest("terminal");
    let jane = Person::new(&network, "jane", Folding::Lowercase);
    let request = Request::new(&network, at, ask).by(jane, Role::Op).bot("ptgbot");
    match &request.ask {
        Ask::Said(line) if line.starts_with("remind") => request,
        _ => request.in_room("#ptg"),
    }
}

/// What people and rooms are told by the rules alone: the minute, and the words.
fn foretold(mut board: Board, end: DateTime<Utc>) -> Vec<String> {
    let mut told = Vec::new();
    let mut script = SCRIPT.map(|(time, line)| (at(time), line)).into_iter().peekable();
    let mut now = script.peek().expect("something is said").0;
    while now < end {
        let said = script.next_if(|(time, _)| *time <= now);
        let asked = said.map_or_else(|| request(now, Ask::Tick), |(_, line)| request(now, Ask::Said(line.into())));
        for event in decide(&board, &asked).expect("a good script").events {
            let record = Record::of(board.revision() + 1, &asked, event);
            board.apply(&record);
            if let Event::Time(event) = &record.event {
                told.extend(due_messages(&board, event, now).into_iter().map(|message| match message.to {
                    Audience::Person(person) => line(now, person.key(), &message.reply.to_string()),
                    Audience::Room(room) => line(now, &room.room, &message.reply.to_string()),
                }));
            }
        }
        let due = board.next_due(now).unwrap_or(end);
        now = script.peek().map_or(due, |(time, _)| due.min(*time)).max(now);
    }
    told
}

fn line(at: DateTime<Utc>, to: &str, words: &str) -> String {
    format!("{} {to}: {words}", at.format("%a %H:%M"))
}

/// Says the script, and writes down what is told.
struct Stage {
    network: Network,
    clock: Arc<dyn Clock>,
    told: Arc<Mutex<Vec<String>>>,
}

impl Transport for Stage {
    fn network(&self) -> &Network {
        &self.network
    }

    fn options(&self) -> Options {
        Options::pipe()
    }

    fn open(self: Box<Self>) -> (Inbox, Box<dyn Outlet>) {
        let clock = self.clock.clone();
        let said = stream::iter(SCRIPT).then(move |(time, line)| {
            let clock = clock.clone();
            async move {
                clock.until(at(time)).await;
                Ok(Incoming::new(request(clock.now(), Ask::Said(line.into()))))
            }
        });
        (Box::pin(said.chain(stream::pending())), self)
    }
}

#[async_trait]
impl Outlet for Stage {
    fn send(&mut self, piece: Outgoing) -> Sending {
        let now = self.clock.now();
        let told = match piece {
            Outgoing::Notify { to, reply, .. } => Some(line(now, to.key(), &reply.to_string())),
            Outgoing::Announce { room, reply } => Some(line(now, &room, &reply.to_string())),
            Outgoing::Reply { .. } | Outgoing::Ack { .. } => None,
        };
        self.told.lock().expect("no panic").extend(told);
        Box::pin(async { Ok(()) })
    }
}

#[tokio::test(start_paused = true)]
async fn five_days_at_six_hundred_times_are_right_at_each_step() {
    let (start, end) = (at("2026-10-22T06:00:00Z"), at("2026-10-27T06:00:00Z"));
    let everybodys = Arc::new(PausedClock(Instant::now(), at("2026-10-01T20:00:00Z")));
    let rehearsal = Arc::new(RehearsalClock::new(everybodys.clone(), start, 600.0));
    let (mut journal, mut board) = (MemoryJournal::default(), Board::default());
    import(&mut journal, &mut board, event(), "a test", start).await.expect("a good event");

    let options = SiteOptions::default().with_rehearsal(rehearsal.rehearsal());
    let clock: Arc<dyn Clock> = rehearsal;
    let (stop, told) = (CancellationToken::new(), Arc::new(Mutex::new(Vec::new())));
    let stage = Stage { network: Network::nearest("terminal"), clock: clock.clone(), told: told.clone() };
    let setup = Setup { store: StoreAddress::Memory, clock: clock.clone(), ..Setup::default() };
    let bot = tokio::spawn(run_on(Box::new(journal.clone()), Box::new(stage), setup, stop.clone()));
    let (owner, boards) = watch::channel(Board::default());
    let metrics = Metrics::by(clock.clone());
    let publish = PublishOptions { site: options.clone(), ..PublishOptions::default() };
    let (mut publisher, site) = Publisher::start(board.clone(), publish, metrics.clone(), clock.clone()).await;
    let following = tokio::spawn(follow(
        board.clone(),
        Box::new(journal.clone()),
        owner,
        metrics,
        Heartbeat::unheard(),
        stop.clone(),
    ));
    let publishing = tokio::spawn(async move { publisher.follow(boards).await });

    let options = options.with_host(Host::Live);
    let is_right = async |now: DateTime<Utc>| {
        let (board, shown) = (journal.clone().load().await.expect("a board"), site.snapshot());
        let pure = Site::new(&board, now, &options);
        for path in [SitePath::Board, SitePath::Signage, SitePath::Calendar, SitePath::Record, SitePath::ScheduleXml] {
            let shown = shown.file(&path).map(|file| String::from_utf8_lossy(&file.raw()).into_owned());
            let right = pure.render(&path).map(|file| String::from_utf8_lossy(&file.body).into_owned());
            assert!(shown == right, "{path} at {now}: {shown:?}\n{right:?}");
        }
    };
    let (mut now, mut steps) = (start, 0);
    while now < end {
        // Just before something changes by time alone, and when that has been shown.
        let board = journal.clone().load().await.expect("a board");
        let next = next_change(&board, now).unwrap_or(end).min(now + TimeDelta::minutes(30)).min(end);
        clock.until(next - TimeDelta::seconds(1)).await;
        is_right(clock.now()).await;
        clock.until(next + SHOWN_WITHIN).await;
        is_right(clock.now()).await;
        (now, steps) = (next + SHOWN_WITHIN, steps + 1);
    }
    assert!(steps > 200, "{steps} steps");
    let seconds = (everybodys.now() - everybodys.1).num_seconds();
    assert_eq!(seconds, 12 * 60);
    let told = told.lock().expect("no panic").clone();
    assert_eq!(told, foretold(board, end));
    assert!(told.len() > 15 && told.iter().any(|line| line.contains("instead of")), "{told:#?}");
    stop.cancel();
    bot.await.expect("no panic").expect("a clean end");
    drop((following.await, publishing.await));
}

/// What a tenth of a second is by that clock: longer than changes are waited for that follow one another.
const SHOWN_WITHIN: TimeDelta = TimeDelta::seconds(60);
