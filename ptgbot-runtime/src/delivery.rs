//! Whom a change concerns: subscribers hear of topics wherever those were set.
//!
//! Notifications follow from records, never from commands, so a topic set on one network reaches subscribers on
//! all. Before a notification leaves, the journal remembers that it was delivered: nobody hears of it twice, also
//! after a crash.

use crate::outbox::Notification;
use chrono::{DateTime, TimeDelta, Utc};
use ptgbot_core::subscription::SubscriptionIndex;
use ptgbot_core::{Announcement, Board, Event, PersonId, Record, Reply, Revision, notification};
use std::collections::{BTreeMap, HashMap};

/// The subscribers, ready to be told.
pub(crate) struct Delivery {
    index: SubscriptionIndex<PersonId>,
}

/// An announcement in the words of the moment at which it was made.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    /// The change of which it tells.
    revision: Revision,
    /// What patterns are matched against.
    line: String,
    /// What subscribers read.
    reply: Reply,
}

impl Notice {
    /// What a record announces, on the board to which it was just applied; `None` when nobody could care.
    pub(crate) fn of(board: &Board, record: &Record) -> Option<Self> {
        if board.subscriptions().is_empty() {
            return None;
        }
        let announcement = Announcement::of(&record.event)?;
        let reply = notification(board, &announcement, record.at);
        Some(Self { revision: record.revision, line: announcement.to_string(), reply })
    }

    fn to(&self, to: PersonId) -> Notification {
        Notification { to, revision: self.revision, reply: self.reply.clone() }
    }
}

impl Delivery {
    pub(crate) fn new(subscriptions: &BTreeMap<PersonId, String>) -> Self {
        let mut delivery = Self { index: SubscriptionIndex::new() };
        delivery.sync(subscriptions);
        delivery
    }

    /// Takes over a whole set of subscriptions; those that are as before cost little.
    pub(crate) fn sync(&mut self, subscriptions: &BTreeMap<PersonId, String>) {
        let gone: Vec<_> = self.index.people().filter(|who| !subscriptions.contains_key(who)).cloned().collect();
        gone.iter().for_each(|who| self.remove(who));
        for (who, pattern) in subscriptions {
            self.insert(who, pattern);
        }
    }

    /// Follows one record, after [`notices`](Self::notices) of it.
    pub(crate) fn follow(&mut self, event: &Event) {
        match event {
            Event::Subscribed { person, pattern } => self.insert(person, pattern),
            Event::Unsubscribed { person } | Event::PersonForgotten { person: Some(person), .. } => self.remove(person),
            Event::DocumentLoaded { document, .. } => {
                if let Some(subscriptions) = &document.subscriptions {
                    self.sync(subscriptions);
                }
            }
            Event::BoardEmptied => self.sync(&BTreeMap::new()),
            Event::PersonForgotten { person: None, .. }
            | Event::NamesAdopted { .. }
            | Event::Erased
            | Event::CheckedIn { .. }
            | Event::CheckedOut { .. }
            | Event::TopicSet { .. }
            | Event::TopicPlanned { .. }
            | Event::TopicAdvanced { .. }
            | Event::TopicDropped { .. }
            | Event::TopicsCleared { .. }
            | Event::EtherpadSet { .. }
            | Event::UrlSet { .. }
            | Event::ColorSet { .. }
            | Event::LocationSet { .. }
            | Event::SlotBooked { .. }
            | Event::SlotFreed { .. }
            | Event::TracksAdded { .. }
            | Event::TracksDeleted { .. }
            | Event::DayStarted
            | Event::MotdAdded { .. }
            | Event::MotdDeleted { .. }
            | Event::MotdReordered { .. }
            | Event::MotdCleared
            | Event::ModerationSet { .. }
            | Event::ChangeUndone { .. } => {}
        }
    }

    /// The messages to everybody whom a notice concerns.
    pub(crate) fn notices(&mut self, notice: &Notice) -> Vec<Notification> {
        let people = self.index.matching(&notice.line).into_iter();
        people.map(|user| notice.to(user)).collect()
    }

    /// What should have been told while the bot was away: of the last hour, and to nobody who subscribed later.
    pub(crate) fn missed(&mut self, board: &Board, records: &[Record], now: DateTime<Utc>) -> Vec<Notification> {
        let since = subscribed_since(records);
        let mut messages = Vec::new();
        for record in records.iter().filter(|record| now - record.at < STILL_NEWS) {
            let Some(notice) = Notice::of(board, record) else {
                continue;
            };
            let people = self.index.matching(&notice.line).into_iter();
            messages.extend(people.filter(|user| since.of(user) < record.revision).map(|user| notice.to(user)));
        }
        messages
    }

    fn insert(&mut self, who: &PersonId, pattern: &str) {
        self.index.insert(who.clone(), pattern);
    }

    fn remove(&mut self, who: &PersonId) {
        self.index.remove(who);
    }
}

/// Since which change people have had their present pattern, as far as some records tell.
struct Since {
    everybody: Revision,
    person: HashMap<PersonId, Revision>,
}

impl Since {
    fn of(&self, who: &PersonId) -> Revision {
        self.person.get(who).copied().unwrap_or(0).max(self.everybody)
    }
}

fn subscribed_since(records: &[Record]) -> Since {
    let mut since = Since { everybody: 0, person: HashMap::new() };
    for record in records {
        if let Event::Subscribed { person, .. } = &record.event {
            since.person.insert(person.clone(), record.revision);
        } else if let Event::DocumentLoaded { document, .. } = &record.event
            && document.subscriptions.is_some()
        {
            since.everybody = record.revision;
        }
    }
    since
}

/// How old news may be and still be told after a start.
const STILL_NEWS: TimeDelta = TimeDelta::hours(1);

#[cfg(test)]
mod tests {
    use super::*;
    use ptgbot_core::{Folding, Network, Origin, Text, TrackName};

    fn person(name: &str) -> PersonId {
        PersonId::new(&Network::nearest("oftc"), name, Folding::Ascii)
    }

    fn record(revision: Revision, minute: i64, event: Event) -> Record {
        let start: DateTime<Utc> = "2026-10-19T09:00:00Z".parse().expect("a time");
        Record { revision, at: start + TimeDelta::minutes(minute), by: None, origin: Origin::default(), event }
    }

    fn topic(words: &str) -> Event {
        Event::TopicSet { track: TrackName::parse("swift").expect("a name"), topic: Text::new(words) }
    }

    fn subscribed(name: &str, pattern: &str) -> Event {
        Event::Subscribed { person: person(name), pattern: pattern.into() }
    }

    fn told(messages: &[Notification]) -> Vec<String> {
        let line = |told: &Notification| format!("{}: {}", told.to.key(), told.reply);
        messages.iter().map(line).collect()
    }

    #[test]
    fn subscriptions_are_followed_from_records() {
        let mut board = Board::default();
        let mut delivery = Delivery::new(board.subscriptions());
        let mut seen = Vec::new();
        let events = [
            topic("too early"),
            subscribed("jane", "#swift"),
            topic("one"),
            subscribed("jane", "#nova"),
            topic("two"),
            subscribed("jane", "now t"),
            topic("three"),
            Event::PersonForgotten { person: Some(person("jane")), plain: false },
            topic("too late"),
        ];
        for (event, revision) in events.into_iter().zip(1..) {
            let record = record(revision, 0, event);
            board.apply(&record);
            if let Some(notice) = Notice::of(&board, &record) {
                seen.extend(delivery.notices(&notice));
            }
            delivery.follow(&record.event);
        }
        assert_eq!(told(&seen), ["jane: #swift now: one", "jane: #swift now: three"]);
    }

    #[test]
    fn after_a_start_only_the_last_hour_is_told_and_only_to_those_who_had_subscribed() {
        let records = [
            record(1, 0, subscribed("jane", "#swift")),
            record(2, 0, topic("old")),
            record(3, 40, topic("recent")),
            record(4, 50, subscribed("john", "#swift")),
            record(5, 60, topic("just now")),
        ];
        let mut board = Board::default();
        records.iter().for_each(|record| board.apply(record));
        let mut delivery = Delivery::new(board.subscriptions());
        let now = records[4].at + TimeDelta::minutes(5);
        let missed = delivery.missed(&board, &records, now);
        let wanted = ["jane: #swift now: recent", "jane: #swift now: just now", "john: #swift now: just now"];
        assert_eq!(told(&missed), wanted);
    }
}
