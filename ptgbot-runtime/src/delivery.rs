//! Whom a change concerns: subscribers hear of topics wherever those were set, and people and rooms of what time brings.
//!
//! Notifications follow from records, never from commands, so a topic set on one network reaches subscribers on
//! all. Patterns are matched beside the loop that answers, in a thread of their own and in the order of the changes; a
//! network that wants blocking work on the spot has no such thread.

use crate::outbox::Notification;
use chrono::{DateTime, TimeDelta, Utc};
use ptgbot_core::subscription::{PatternCache, SubscriptionIndex};
use ptgbot_core::{
    Announcement, Audience, Blocking, Board, BoardEvent, Delivered, DueMessage, Event, Homes, PersonEvent, PersonId,
    Record, Reply, Revision, RoomAddress, TimeEvent, due_messages, notification,
};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::thread;
use tokio::sync::mpsc;

/// The subscribers, ready to be told.
pub(crate) struct Subscribers {
    index: SubscriptionIndex<PersonId>,
}

/// What finds out whom notices concern.
pub(crate) enum Matcher {
    /// A thread; it ends when this is gone.
    Thread(mpsc::UnboundedSender<Work>),
    /// Whoever asks.
    Inline(mpsc::UnboundedSender<Vec<Notification>>, Box<RefCell<PatternCache>>),
}

/// Notices, and the subscribers as they were then.
pub(crate) struct Work {
    index: SubscriptionIndex<PersonId>,
    notices: Vec<PendingNotification>,
    since: Option<Since>,
}

/// What a change has to say, in the words of the moment at which it was made.
#[derive(Clone, Debug)]
pub(crate) struct PendingNotification {
    /// The change of which it tells.
    revision: Revision,
    changed_at: DateTime<Utc>,
    to: Recipients,
    reply: Reply,
}

/// Who is to read it.
#[derive(Clone, Debug)]
enum Recipients {
    /// Whose pattern matches this line.
    Subscribers(String),
    Person(PersonId),
    Room(RoomAddress),
}

impl PendingNotification {
    /// What a record has to say `now`, on the board to which it was just applied; nothing when nobody could care.
    pub(crate) fn of(board: &Board, record: &Record, now: DateTime<Utc>) -> Vec<Self> {
        let (revision, changed_at) = (record.revision, record.at);
        let pending = |to, reply| Self { revision, changed_at, to, reply };
        if let Event::Time(event) = &record.event {
            let due = due_messages(board, event, now.max(changed_at)).into_iter();
            let due = due.filter_map(|DueMessage { to, reply, .. }| match to {
                Audience::Person(person) => Some(pending(Recipients::Person(person), reply)),
                Audience::Room(_) if now - changed_at >= ANNOUNCED_WITHIN => None,
                Audience::Room(room) => Some(pending(Recipients::Room(room), reply)),
            });
            return due.collect();
        }
        if board.subscriptions().is_empty() {
            return Vec::new();
        }
        let announcement = Announcement::of(&record.event).into_iter();
        let notice = |announcement: Announcement| {
            let reply = notification(board, &announcement, changed_at);
            pending(Recipients::Subscribers(announcement.to_string()), reply)
        };
        announcement.map(notice).collect()
    }

    /// The room that it is for, and the words; the same again where it is for people.
    pub(crate) fn for_room(self) -> Result<(RoomAddress, Reply), Self> {
        match self.to {
            Recipients::Room(room) => Ok((room, self.reply)),
            Recipients::Person(_) | Recipients::Subscribers(_) => Err(self),
        }
    }

    fn to(&self, to: PersonId) -> Notification {
        Notification { to, revision: self.revision, changed_at: self.changed_at, reply: self.reply.clone() }
    }
}

impl Matcher {
    /// Starts it. What it finds comes out in the order in which it was asked, once for each time.
    pub(crate) fn start(blocking: Blocking) -> io::Result<(Self, mpsc::UnboundedReceiver<Vec<Notification>>)> {
        let (found, answers) = mpsc::unbounded_channel();
        if blocking == Blocking::Inline {
            return Ok((Self::Inline(found, Box::default()), answers));
        }
        let (ask, mut work) = mpsc::unbounded_channel::<Work>();
        let search = move || {
            let mut cache = PatternCache::default();
            while let Some(work) = work.blocking_recv() {
                if found.send(work.run(&mut cache)).is_err() {
                    return;
                }
            }
        };
        thread::Builder::new().name("subscribers".into()).spawn(search)?;
        Ok((Self::Thread(ask), answers))
    }

    fn ask(&self, work: Work) {
        match self {
            Self::Thread(ask) => drop(ask.send(work)),
            Self::Inline(found, cache) => drop(found.send(work.run(&mut cache.borrow_mut()))),
        }
    }
}

impl Work {
    fn run(self, cache: &mut PatternCache) -> Vec<Notification> {
        let Self { index, notices, since } = self;
        let mut told = Vec::new();
        for notice in &notices {
            let people = match &notice.to {
                Recipients::Subscribers(line) => index.matching_with(cache, line),
                Recipients::Person(person) => vec![person.clone()],
                Recipients::Room(_) => Vec::new(),
            };
            let news = |who: &PersonId| since.as_ref().is_none_or(|since| since.is_news(who, notice));
            told.extend(people.into_iter().filter(news).map(|who| notice.to(who)));
        }
        told
    }
}

impl Subscribers {
    pub(crate) fn new(subscriptions: &BTreeMap<PersonId, String>) -> Self {
        let index = subscriptions.iter().map(|(who, pattern)| (who.clone(), pattern.as_str()));
        Self { index: index.collect() }
    }

    /// Takes over a whole set of subscriptions; those that are as before cost little.
    pub(crate) fn sync(&mut self, subscriptions: &BTreeMap<PersonId, String>) {
        let gone: Vec<_> = self.index.people().filter(|who| !subscriptions.contains_key(who)).cloned().collect();
        gone.iter().for_each(|who| self.remove(who));
        for (who, pattern) in subscriptions {
            self.insert(who, pattern);
        }
    }

    /// Follows one record, after its notices were matched. `homes` are those of the board.
    pub(crate) fn follow(&mut self, event: &Event, homes: &Homes) {
        match event {
            Event::Person(PersonEvent::Subscribed { person, pattern }) => self.insert(person, pattern),
            Event::Person(PersonEvent::Unsubscribed { person })
            | Event::Person(PersonEvent::PersonForgotten { person: Some(person), .. }) => self.remove(person),
            Event::Board(BoardEvent::DocumentLoaded { document, .. }) => {
                if let Some(people) = &document.subscriptions {
                    let at_home = people.iter().map(|(who, pattern)| (homes.resolve(who.clone()), pattern.clone()));
                    self.sync(&at_home.collect());
                }
            }
            Event::Board(BoardEvent::BoardEmptied) => self.sync(&BTreeMap::new()),
            Event::Person(_) | Event::Board(_) | Event::Track(_) | Event::Time(_) => {}
        }
    }

    /// Asks whom notices concern.
    pub(crate) fn ask(&self, matcher: &Matcher, notices: Vec<PendingNotification>) {
        matcher.ask(Work { index: self.index.clone(), notices, since: None });
    }

    /// Finds out at once whom notices concern: for a pipe, where nothing else can go on.
    pub(crate) fn matching(&self, cache: &mut PatternCache, notices: Vec<PendingNotification>) -> Vec<Notification> {
        Work { index: self.index.clone(), notices, since: None }.run(cache)
    }

    /// Asks whom that concerns which was not told while the bot was away, to nobody who was told: news of the last hour,
    /// to nobody who subscribed later, and reminders of what is still to come.
    pub(crate) fn ask_missed(
        &self,
        matcher: &Matcher,
        board: &Board,
        records: &[Record],
        delivered: Delivered,
        now: DateTime<Utc>,
    ) {
        let is_reminder = |event: &Event| matches!(event, Event::Time(TimeEvent::RemindersDue { .. }));
        let is_news = |record: &&Record| is_reminder(&record.event) || now - record.at < STILL_NEWS;
        let notices = records.iter().filter(is_news).flat_map(|record| PendingNotification::of(board, record, now));
        let notices = notices.collect();
        let since = Some(subscribed_since(records, board.homes(), delivered));
        matcher.ask(Work { index: self.index.clone(), notices, since });
    }

    fn insert(&mut self, who: &PersonId, pattern: &str) {
        self.index.insert(who.clone(), pattern);
    }

    fn remove(&mut self, who: &PersonId) {
        self.index.remove(who);
    }
}

/// Since which change people have had their present pattern, as far as some records tell, and how far they were told.
struct Since {
    everybody: Revision,
    person: HashMap<PersonId, Revision>,
    delivered: Delivered,
}

impl Since {
    fn is_news(&self, who: &PersonId, PendingNotification { revision, to, .. }: &PendingNotification) -> bool {
        let subscribed = match to {
            Recipients::Subscribers(_) => self.person.get(who).copied().unwrap_or(0).max(self.everybody),
            Recipients::Person(_) | Recipients::Room(_) => 0,
        };
        subscribed < *revision && self.delivered.to(who).is_none_or(|told| told < *revision)
    }
}

fn subscribed_since(records: &[Record], homes: &Homes, delivered: Delivered) -> Since {
    let mut since = Since { everybody: 0, person: HashMap::new(), delivered };
    for record in records {
        if let Event::Person(PersonEvent::Subscribed { person, .. }) = &record.event {
            since.person.insert(homes.resolve(person.clone()), record.revision);
        } else if let Event::Board(BoardEvent::DocumentLoaded { document, .. }) = &record.event
            && document.subscriptions.is_some()
        {
            since.everybody = record.revision;
        }
    }
    since
}

/// How old news may be and still be told after a start.
const STILL_NEWS: TimeDelta = TimeDelta::hours(1);
/// How old news may be that a room is told.
const ANNOUNCED_WITHIN: TimeDelta = TimeDelta::minutes(5);

#[cfg(test)]
mod tests {
    use super::*;
    use ptgbot_core::{Folding, Network, Text, TrackEvent, TrackName};

    fn person(name: &str) -> PersonId {
        PersonId::new(&Network::nearest("oftc"), name, Folding::Ascii)
    }

    fn record(revision: Revision, minute: i64, event: Event) -> Record {
        let start: DateTime<Utc> = "2026-10-19T09:00:00Z".parse().expect("a time");
        Record::new(revision, start + TimeDelta::minutes(minute), event)
    }

    fn topic(words: &str) -> Event {
        Event::Track(TrackEvent::TopicSet {
            track: TrackName::parse("swift").expect("a name"),
            topic: Text::new(words),
        })
    }

    fn subscribed(name: &str, pattern: &str) -> Event {
        Event::Person(PersonEvent::Subscribed { person: person(name), pattern: pattern.into() })
    }

    fn told(messages: &[Notification]) -> Vec<String> {
        let line = |told: &Notification| format!("{}: {}", told.to.key(), told.reply);
        messages.iter().map(line).collect()
    }

    #[test]
    fn subscriptions_are_followed_from_records() {
        let mut board = Board::default();
        let mut subscribers = Subscribers::new(board.subscriptions());
        let mut seen = Vec::new();
        let mut cache = PatternCache::default();
        let events = [
            topic("too early"),
            subscribed("jane", "#swift"),
            topic("one"),
            subscribed("jane", "#nova"),
            topic("two"),
            subscribed("jane", "now t"),
            topic("three"),
            Event::Person(PersonEvent::PersonForgotten { person: Some(person("jane")), plain: false }),
            topic("too late"),
        ];
        for (event, revision) in events.into_iter().zip(1..) {
            let record = record(revision, 0, event);
            board.apply(&record);
            let notices = PendingNotification::of(&board, &record, record.at);
            seen.extend(subscribers.matching(&mut cache, notices));
            subscribers.follow(&record.event, board.homes());
        }
        assert_eq!(told(&seen), ["jane: #swift now: one", "jane: #swift now: three"]);
    }

    #[tokio::test]
    async fn after_a_start_only_the_last_hour_is_told_and_only_to_those_who_had_subscribed_and_were_not_told() {
        let records = [
            record(1, 0, subscribed("jane", "#swift")),
            record(2, 0, topic("old")),
            record(3, 40, topic("recent")),
            record(4, 50, subscribed("john", "#swift")),
            record(5, 60, topic("just now")),
        ];
        let mut board = Board::default();
        records.iter().for_each(|record| board.apply(record));
        let subscribers = Subscribers::new(board.subscriptions());
        let now = records[4].at + TimeDelta::minutes(5);
        let (matcher, mut found) = Matcher::start(Blocking::Thread).expect("a thread");
        subscribers.ask_missed(&matcher, &board, &records, Delivered::default(), now);
        let wanted = ["jane: #swift now: recent", "jane: #swift now: just now", "john: #swift now: just now"];
        let mut missed = found.recv().await.expect("an answer");
        missed.sort_by_key(|told| told.revision);
        assert_eq!(told(&missed), wanted);
        let mut delivered = Delivered::default();
        delivered.everyone = Some(2);
        delivered.people.insert(person("jane"), 5);
        subscribers.ask_missed(&matcher, &board, &records, delivered, now);
        assert_eq!(told(&found.recv().await.expect("an answer")), ["john: #swift now: just now"]);
    }
}
