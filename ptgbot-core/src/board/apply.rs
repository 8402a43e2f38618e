//! How the board changes. No rule lives here, and nothing here can fail: what is impossible is left undone.

use super::Board;
use super::index::Index;
use crate::booking::Booking;
use crate::contents::Contents;
use crate::event::{BoardEvent, DueReminder, Event, PersonEvent, TimeEvent, TrackEvent};
use crate::forgotten::Forgotten;
use crate::history::Change;
use crate::home::Homes;
use crate::moderators;
use crate::motd::Motd;
use crate::network::Network;
use crate::news::Headline;
use crate::person::{CheckIn, NameForm, Person, PersonId};
use crate::programme_name::SlotName;
use crate::record::Record;
use crate::reminder::{Reminder, Reminders};
use crate::slot::{Slot, SlotCode};
use crate::topic::Topic;
use crate::track::TrackName;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl Board {
    /// Takes over what a record says has happened. It cannot fail: a record was decided about before it was kept, and
    /// what is impossible on this board is left undone.
    ///
    /// The record's revision becomes the board's, whatever it was. That records come in their order, each once, is for the
    /// caller to see to: a [`Journal`](crate::Journal) hands them out so. One that [forgets](Record::forgotten) somebody
    /// takes them off the board; taking them out of the earlier records is the journal's part.
    ///
    /// ```
    /// use ptgbot_core::{Board, BoardEvent, Record, TrackName};
    /// let mut board = Board::default();
    /// let added = BoardEvent::TracksAdded { tracks: vec![TrackName::parse("swift").unwrap()] };
    /// board.apply(&Record::new(1, "2026-10-19T09:00:00Z".parse().unwrap(), added));
    /// assert_eq!(board.revision(), 1);
    /// ```
    pub fn apply(&mut self, record: &Record) {
        let before = self.before(&record.event);
        let described = self.describe(&record.event);
        let topics = self.topics_concerned(&record.event);
        let bookings = self.awaited(&record.event, record.at);
        if let Some(form) = record.origin.names
            && let Ok(network) = Network::parse(&record.origin.network)
        {
            self.adopt_names(form, &network);
        }
        self.revision = record.revision;
        if !matches!(record.event, Event::Time(_)) {
            self.changed_at = Some(record.at);
        }
        if let Some(message) = &record.origin.message
            && !self.messages.contains(message)
        {
            Arc::make_mut(&mut self.messages).push(message);
        }
        self.note_people(record);
        self.change(&record.event, record.at);
        self.note_descriptions(&record.event, &described, record.at);
        self.note_discussions(record, &topics);
        self.note_rebookings(&record.event, &bookings, record.at);
        if let Some(headline) = Headline::of(&record.event) {
            Arc::make_mut(&mut self.news).push(record, &self.contents.event_id, headline);
        }
        if !record.event.is_personal() {
            let history = Arc::make_mut(&mut self.history);
            if let Event::Board(BoardEvent::ChangeUndone { revision, track, .. }) = &record.event {
                history.take_back(*revision, track.as_ref());
            }
            history.push(Change::new(record, before));
        }
    }

    fn change(&mut self, event: &Event, at: DateTime<Utc>) {
        match event {
            Event::Track(event) => self.change_track(event, at),
            Event::Board(event) => self.change_board(event, at),
            Event::Person(event) => self.change_person(event, at),
            Event::Time(event) => self.change_with_time(event, at),
        }
    }

    fn change_track(&mut self, event: &TrackEvent, at: DateTime<Utc>) {
        match event {
            TrackEvent::TopicSet { track, topic } => {
                let contents = Arc::make_mut(&mut self.contents);
                contents.now.insert(track.clone(), Topic { text: topic.clone(), since: Some(at) });
                contents.next.remove(track);
            }
            TrackEvent::TopicPlanned { track, topic } => {
                self.contents_mut().next.entry(track.clone()).or_default().push(topic.clone());
            }
            TrackEvent::TopicAdvanced { track, topic } => {
                let contents = self.contents_mut();
                contents.now.insert(track.clone(), Topic { text: topic.clone(), since: Some(at) });
                drop_next(contents, track, 1);
            }
            TrackEvent::TopicDropped { track, number } => drop_next(self.contents_mut(), track, *number),
            TrackEvent::EtherpadSet { track, url } => set(&mut self.contents_mut().etherpads, track, url),
            TrackEvent::UrlSet { track, url } => set(&mut self.contents_mut().urls, track, url),
            TrackEvent::ColorSet { track, color } => {
                self.contents_mut().colors.insert(track.clone(), color.clone());
            }
            TrackEvent::LocationSet { track, location } => {
                self.contents_mut().locations.insert(track.clone(), location.clone());
            }
            TrackEvent::SlotBooked { track, code } => self.book(track, code, at),
            TrackEvent::SlotFreed { track, code } => self.free(track, code, at),
            TrackEvent::SlotMoved { track, from, to } => self.move_booking(track, from, to, at),
        }
    }

    fn change_board(&mut self, event: &BoardEvent, at: DateTime<Utc>) {
        match event {
            BoardEvent::TopicsCleared { tracks } => clear_topics(self.contents_mut(), tracks),
            BoardEvent::TracksAdded { tracks } => self.contents_mut().tracks.extend(tracks.iter().cloned()),
            BoardEvent::TracksDeleted { tracks } => {
                let contents = self.contents_mut();
                contents.tracks.retain(|track| !tracks.contains(track));
                clear_topics(contents, tracks);
            }
            BoardEvent::DayStarted => {
                let contents = self.contents_mut();
                contents.now.clear();
                contents.next.clear();
                contents.locations.clear();
                self.check_ins = Arc::default();
            }
            BoardEvent::MotdAdded { level, message } => {
                let motd = Motd { level: *level, message: message.clone(), extra: serde_json::Map::new() };
                self.contents_mut().motd.push(motd);
            }
            BoardEvent::MotdDeleted { number } => {
                let motd = &mut self.contents_mut().motd;
                if (1..=motd.len()).contains(number) {
                    motd.remove(number - 1);
                }
            }
            BoardEvent::MotdReordered { order } => {
                let motd = &mut self.contents_mut().motd;
                *motd = order.iter().filter_map(|n| motd.get(n.checked_sub(1)?).cloned()).collect();
            }
            BoardEvent::MotdCleared => self.contents_mut().motd.clear(),
            BoardEvent::ModerationSet { moderation } => self.contents_mut().moderation = *moderation,
            BoardEvent::ModeratorsSet { track, people } => self.set_moderators(track, people.as_ref()),
            BoardEvent::PolicySet { rule } => self.contents_mut().policy.set(rule),
            BoardEvent::AnnouncingSet { what, room, on } => {
                let is_first = self.contents.announced.slots.is_empty();
                self.contents_mut().announced.set(*what, room, *on);
                if is_first {
                    // What has begun is no news to whoever asks for news.
                    self.told_of_slots(&self.slot_starts_due(at), at);
                }
            }
            BoardEvent::DocumentLoaded { document, .. } => {
                document.replace_in(Arc::make_mut(&mut self.contents));
                if let Some(people) = &document.check_ins {
                    self.check_ins = Arc::new(at_home(&self.homes, people));
                }
                if let Some(people) = &document.subscriptions {
                    self.subscriptions = Arc::new(at_home(&self.homes, people));
                }
                if let Some(people) = &document.moderators {
                    self.moderators = Arc::new(moderators::at_home(&self.homes, people));
                }
                if let Some(people) = &document.reminders {
                    self.set_reminders(people);
                }
                self.programme_changed(at);
            }
            BoardEvent::BoardEmptied => {
                self.contents = Arc::default();
                self.check_ins = Arc::default();
                self.subscriptions = Arc::default();
                self.reminders = Arc::default();
                self.moderators = Arc::default();
                self.programme_changed(at);
            }
            BoardEvent::ChangeUndone { restored, .. } => self.restore(restored, at),
        }
    }

    fn change_person(&mut self, event: &PersonEvent, at: DateTime<Utc>) {
        match event {
            PersonEvent::CheckedIn { person, location } => self.set_check_in(person, location, at),
            PersonEvent::CheckedOut { person } => {
                if let Some(check_in) = Arc::make_mut(&mut self.check_ins).get_mut(person) {
                    check_in.until = Some(at);
                }
            }
            PersonEvent::Subscribed { person, pattern } => {
                Arc::make_mut(&mut self.subscriptions).insert(person.clone(), pattern.clone());
            }
            PersonEvent::Unsubscribed { person } => {
                Arc::make_mut(&mut self.subscriptions).remove(person);
            }
            PersonEvent::ReminderSet { person, track, minutes } => {
                let own = Arc::make_mut(&mut self.reminders).entry(person.clone()).or_default();
                own.insert(track.clone(), Reminder::new(*minutes));
            }
            PersonEvent::RemindersCancelled { person, track } => self.cancel_reminders(person, track.as_ref()),
            PersonEvent::PersonForgotten { person: Some(person), plain } => {
                self.forget(&Forgotten::new(person, *plain))
            }
            PersonEvent::NamesAdopted { form, network } => self.adopt_names(*form, network),
            PersonEvent::PersonForgotten { person: None, .. } | PersonEvent::Erased => {}
        }
    }

    fn change_with_time(&mut self, event: &TimeEvent, at: DateTime<Utc>) {
        match event {
            TimeEvent::RemindersDue { reminders } => {
                let people = Arc::make_mut(&mut self.reminders);
                for DueReminder { person, track, start } in reminders {
                    if let Some(reminder) = people.get_mut(person).and_then(|own| own.get_mut(track)) {
                        reminder.told(*start, at);
                    }
                }
            }
            TimeEvent::RebookingsDue { rebookings } => self.settle_rebookings(rebookings),
            TimeEvent::SlotsBegun { starts } => self.told_of_slots(starts, at),
        }
    }

    pub(super) fn set_moderators(&mut self, track: &TrackName, people: Option<&BTreeSet<PersonId>>) {
        let moderators = Arc::make_mut(&mut self.moderators);
        match people {
            Some(people) => drop(moderators.insert(track.clone(), people.clone())),
            None => drop(moderators.remove(track)),
        }
    }

    /// Takes over everybody's reminders; whoever was told of a slot stays told.
    fn set_reminders(&mut self, people: &BTreeMap<PersonId, BTreeMap<TrackName, u32>>) {
        let mut reminders: BTreeMap<PersonId, Reminders> = BTreeMap::new();
        for (person, own) in at_home(&self.homes, people) {
            let known = self.reminders.get(&person);
            let reminder = |(track, minutes): (TrackName, u32)| {
                let known =
                    known.and_then(|known| known.get(&track)).cloned().unwrap_or_else(|| Reminder::new(minutes));
                (track, Reminder { minutes, ..known })
            };
            let own = own.into_iter().map(reminder).collect();
            reminders.insert(person, own);
        }
        self.reminders = Arc::new(reminders);
    }

    fn cancel_reminders(&mut self, person: &PersonId, track: Option<&TrackName>) {
        let people = Arc::make_mut(&mut self.reminders);
        if let (Some(own), Some(track)) = (people.get_mut(person), track) {
            own.remove(track);
        }
        if track.is_none() || people.get(person).is_some_and(Reminders::is_empty) {
            people.remove(person);
        }
    }

    /// The people without a network are this network's from now on, unless they are another's.
    fn adopt_names(&mut self, form: NameForm, network: &Network) {
        if !self.homes.settle(form, network) {
            return;
        }
        self.check_ins = Arc::new(at_home(&self.homes, &self.check_ins));
        self.subscriptions = Arc::new(at_home(&self.homes, &self.subscriptions));
        self.reminders = Arc::new(at_home(&self.homes, &self.reminders));
        self.moderators = Arc::new(moderators::at_home(&self.homes, &self.moderators));
        Arc::make_mut(&mut self.history).adopt_names(&self.homes);
    }

    fn set_check_in(&mut self, person: &Person, location: &str, at: DateTime<Utc>) {
        let check_in = CheckIn {
            nick: person.name.clone(),
            location: location.to_owned(),
            since: Some(at),
            until: None,
            extra: serde_json::Map::new(),
        };
        Arc::make_mut(&mut self.check_ins).insert(person.id.clone(), check_in);
    }

    fn note_people(&mut self, record: &Record) {
        for person in record.people() {
            if !self.people.contains(person) {
                Arc::make_mut(&mut self.people).insert(person.clone());
            }
        }
    }

    fn forget(&mut self, forgotten: &Forgotten) {
        for name in forgotten.names() {
            Arc::make_mut(&mut self.check_ins).remove(&name);
            Arc::make_mut(&mut self.subscriptions).remove(&name);
            Arc::make_mut(&mut self.reminders).remove(&name);
            Arc::make_mut(&mut self.people).remove(&name);
            // Whose last moderator is forgotten stays in the hands of ops: nobody opens a track by leaving it.
            for people in Arc::make_mut(&mut self.moderators).values_mut() {
                people.remove(&name);
            }
        }
        Arc::make_mut(&mut self.history).forget(forgotten);
        Arc::make_mut(&mut self.messages).forget(forgotten);
    }

    fn book(&mut self, track: &TrackName, code: &SlotCode, at: DateTime<Utc>) {
        if let Some(booking) = self.joined(track, code, usize::MAX) {
            self.set_booking(code, booking);
            Arc::make_mut(&mut self.index).hold(&self.contents, track, code);
            self.booking_changed(track, code, at);
        }
    }

    fn free(&mut self, track: &TrackName, code: &SlotCode, at: DateTime<Utc>) {
        let booking = self.booking(code).filter(|booking| booking.is_held_by(track));
        if let Some(booking) = booking.map(|booking| booking.without(track)) {
            self.set_booking(code, booking);
            Arc::make_mut(&mut self.index).free(&self.contents, track, code);
            self.booking_changed(track, code, at);
        }
    }

    /// A slot with a track among its holders, at a place from 1; nothing where it may not join them.
    pub(super) fn joined(&self, track: &TrackName, code: &SlotCode, place: usize) -> Option<Booking> {
        let room = self.contents.rooms.get(&code.room)?;
        let booking = room.bookings.get(&code.slot)?;
        room.lets_in(booking, track).then(|| booking.with(track, place))
    }

    fn move_booking(&mut self, track: &TrackName, from: &SlotCode, to: &SlotCode, at: DateTime<Utc>) {
        let left = self.booking(from).filter(|booking| booking.is_held_by(track));
        let Some(left) = left.map(|booking| booking.without(track)) else { return };
        let Some(joined) = self.joined(track, to, usize::MAX) else { return };
        self.entry_moved(track, from, to, at);
        self.set_booking(from, left);
        self.set_booking(to, joined);
        let index = Arc::make_mut(&mut self.index);
        index.free(&self.contents, track, from);
        index.hold(&self.contents, track, to);
        self.booking_changed(track, from, at);
        self.booking_changed(track, to, at);
    }

    /// A booking of a track is another one from now on: its calendar entry goes with it.
    pub(super) fn entry_moved(&mut self, track: &TrackName, from: &SlotCode, to: &SlotCode, at: DateTime<Utc>) {
        let span = self.slot(&to.slot).and_then(Slot::span);
        Arc::make_mut(&mut self.calendar).moved(&self.contents.event_id, track, from, to, span, at);
    }

    pub(super) fn booking(&self, code: &SlotCode) -> Option<&Booking> {
        self.contents.rooms.get(&code.room)?.bookings.get(&code.slot)
    }

    pub(super) fn set_booking(&mut self, code: &SlotCode, value: Booking) {
        let room = self.contents_mut().rooms.get_mut(&code.room);
        if let Some(booking) = room.and_then(|room| room.bookings.get_mut(&code.slot)) {
            *booking = value;
        }
    }

    pub(super) fn contents_mut(&mut self) -> &mut Contents {
        Arc::make_mut(&mut self.contents)
    }

    /// One booking of one track changed: its calendar entries follow.
    fn booking_changed(&mut self, track: &TrackName, code: &SlotCode, at: DateTime<Utc>) {
        let span = self.slot(&code.slot).and_then(crate::slot::Slot::span);
        let held = self
            .contents
            .rooms
            .iter()
            .filter(|(_, room)| room.bookings.get(&code.slot).is_some_and(|booking| booking.is_held_by(track)));
        let rooms: Vec<_> = held.map(|(name, _)| name.clone()).collect();
        let calendar = Arc::make_mut(&mut self.calendar);
        calendar.follow_slot(&self.contents.event_id, track, &code.slot, span, &rooms, at);
    }

    /// Slots, rooms or bookings may all be different: everything derived from them follows.
    pub(super) fn programme_changed(&mut self, at: DateTime<Utc>) {
        self.index = Arc::new(Index::of(&self.contents));
        let (contents, index) = (&self.contents, &self.index);
        let span = |slot: &SlotName| index.slot(contents, slot).and_then(Slot::span);
        Arc::make_mut(&mut self.calendar).follow(contents, span, at);
    }
}

/// The same people, with their network where that is known.
fn at_home<T: Clone>(homes: &Homes, people: &BTreeMap<PersonId, T>) -> BTreeMap<PersonId, T> {
    people.iter().map(|(person, what)| (homes.resolve(person.clone()), what.clone())).collect()
}

fn drop_next(contents: &mut Contents, track: &TrackName, number: usize) {
    if let Some(list) = contents.next.get_mut(track) {
        if (1..=list.len()).contains(&number) {
            list.remove(number - 1);
        }
        if list.is_empty() {
            contents.next.remove(track);
        }
    }
}

fn clear_topics(contents: &mut Contents, tracks: &[TrackName]) {
    for track in tracks {
        contents.now.remove(track);
        contents.next.remove(track);
    }
}

fn set(map: &mut std::collections::BTreeMap<TrackName, String>, track: &TrackName, value: &Option<String>) {
    match value {
        Some(value) => {
            map.insert(track.clone(), value.clone());
        }
        None => {
            map.remove(track);
        }
    }
}
