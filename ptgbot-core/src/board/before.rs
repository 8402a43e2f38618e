//! What history keeps of a change: how things were that it is about to change.

use super::Board;
use crate::booking::{Booking, Sharing};
use crate::contents::ContentsText;
use crate::event::{BoardEvent, Event, TrackEvent};
use crate::setting::Setting;
use crate::slot::SlotCode;
use crate::track::TrackName;
use crate::was::{Was, without};
use std::collections::BTreeSet;

impl Board {
    /// How things are that this event is about to change: what it takes away, and where the rest of a list will be.
    pub(super) fn before(&self, event: &Event) -> Vec<Setting> {
        match event {
            Event::Track(event) => self.before_track(event),
            Event::Board(event) => self.before_board(event),
            Event::Person(_) | Event::Time(_) => Vec::new(),
        }
    }

    fn before_track(&self, event: &TrackEvent) -> Vec<Setting> {
        let contents = self.contents();
        match event {
            TrackEvent::TopicSet { track, .. } => self.topics(track).into(),
            TrackEvent::TopicAdvanced { track, .. } => {
                vec![self.now(track), self.next_was(track, without(1))]
            }
            TrackEvent::TopicPlanned { track, .. } => vec![self.next_was(track, Some)],
            TrackEvent::TopicDropped { track, number } => vec![self.next_was(track, without(*number))],
            TrackEvent::EtherpadSet { track, .. } => {
                vec![Setting::Etherpad { track: track.clone(), value: contents.etherpads.get(track).cloned() }]
            }
            TrackEvent::UrlSet { track, .. } => {
                vec![Setting::Url { track: track.clone(), value: contents.urls.get(track).cloned() }]
            }
            TrackEvent::ColorSet { track, .. } => {
                vec![Setting::Color { track: track.clone(), value: contents.colors.get(track).cloned() }]
            }
            TrackEvent::LocationSet { track, .. } => vec![self.location(track)],
            TrackEvent::SlotBooked { track, code } | TrackEvent::SlotFreed { track, code } => {
                vec![self.holding(track, code)]
            }
            TrackEvent::SlotMoved { track, from, to } => vec![self.holding(track, from), self.holding(track, to)],
        }
    }

    fn before_board(&self, event: &BoardEvent) -> Vec<Setting> {
        let contents = self.contents();
        match event {
            BoardEvent::TopicsCleared { tracks } => tracks.iter().flat_map(|track| self.topics(track)).collect(),
            BoardEvent::TracksAdded { tracks } => listed(tracks, false).collect(),
            BoardEvent::TracksDeleted { tracks } => {
                listed(tracks, true).chain(tracks.iter().flat_map(|track| self.topics(track))).collect()
            }
            BoardEvent::DayStarted => self.of_the_day(),
            BoardEvent::MotdAdded { .. } => {
                vec![Setting::MotdWas { list: Was::of(&contents.motd, Some) }]
            }
            BoardEvent::MotdDeleted { number } => {
                vec![Setting::MotdWas { list: Was::of(&contents.motd, without(*number)) }]
            }
            BoardEvent::MotdReordered { order } => {
                let place = |number| order.iter().position(|known| *known == number).map(|place| place + 1);
                vec![Setting::MotdWas { list: Was::of(&contents.motd, place) }]
            }
            BoardEvent::MotdCleared => vec![Setting::Motd { value: contents.motd.clone() }],
            BoardEvent::ModeratorsSet { track, .. } => {
                let value = self.moderators().get(track).cloned();
                vec![Setting::Moderators { track: track.clone(), value }]
            }
            BoardEvent::PolicySet { .. } => vec![Setting::Policy { value: Box::new(contents.policy.clone()) }],
            BoardEvent::AnnouncingSet { what, room, .. } => {
                let on = contents.announced.rooms(*what).contains(room);
                vec![Setting::Announcing { announced: *what, room: room.clone(), on }]
            }
            BoardEvent::ModerationSet { .. } => vec![Setting::Moderation { value: contents.moderation }],
            BoardEvent::DocumentLoaded { .. } | BoardEvent::BoardEmptied => {
                vec![Setting::Board { value: ContentsText::of(contents) }]
            }
            BoardEvent::ChangeUndone { .. } => Vec::new(),
        }
    }

    fn now(&self, track: &TrackName) -> Setting {
        Setting::Now { track: track.clone(), value: self.contents().now.get(track).cloned() }
    }

    fn next(&self, track: &TrackName) -> Setting {
        Setting::Next { track: track.clone(), value: self.contents().next.get(track).cloned().unwrap_or_default() }
    }

    /// All that a track discusses.
    fn topics(&self, track: &TrackName) -> [Setting; 2] {
        [self.now(track), self.next(track)]
    }

    /// The next topics of a track, told from the list that will follow.
    fn next_was(&self, track: &TrackName, place: impl Fn(usize) -> Option<usize>) -> Setting {
        let list = self.contents().next.get(track).map(Vec::as_slice).unwrap_or_default();
        Setting::NextWas { track: track.clone(), list: Was::of(list, place) }
    }

    fn location(&self, track: &TrackName) -> Setting {
        Setting::Location { track: track.clone(), value: self.contents().locations.get(track).cloned() }
    }

    /// Who holds a slot; of a shared one only whether the track does.
    fn holding(&self, track: &TrackName, code: &SlotCode) -> Setting {
        let (code, booking) = (code.clone(), self.booking(code).cloned().unwrap_or(Booking::Open));
        let sharing = self.contents().rooms.get(&code.room).map(|room| room.sharing).unwrap_or_default();
        match sharing {
            Sharing::Exclusive => Setting::Slot { code, track: track.clone(), value: booking },
            Sharing::Shared => Setting::Share { code, track: track.clone(), place: booking.place_of(track) },
        }
    }

    /// Everything that a new day clears, as far as there is something to clear.
    fn of_the_day(&self) -> Vec<Setting> {
        let contents = self.contents();
        let tracks = contents.now.keys().chain(contents.next.keys()).chain(contents.locations.keys());
        let tracks: BTreeSet<_> = tracks.collect();
        tracks.into_iter().flat_map(|track| [self.now(track), self.next(track), self.location(track)]).collect()
    }
}

fn listed(tracks: &[TrackName], listed: bool) -> impl Iterator<Item = Setting> {
    tracks.iter().map(move |track| Setting::Listed { track: track.clone(), listed })
}
