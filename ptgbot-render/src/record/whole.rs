//! The event as a whole: how much each room was used, and which tracks met when.

use super::clock;
use super::days::RecordedDays;
use super::entry::EntryTime;
use super::spans::{Spans, hours};
use crate::site::Site;
use chrono::{DateTime, Utc};
use ptgbot_core::{Discussion, RoomName, Slot, TrackName};
use std::collections::{BTreeMap, HashMap};

/// How much a room was used, of the hours of its slots.
pub(super) struct RoomUse<'a> {
    pub(super) room: &'a RoomName,
    /// What its slots take together, what of that was booked, and during what of that something was discussed.
    pub(super) planned: String,
    pub(super) held: String,
    pub(super) discussed: String,
    /// The last two in hundredths of the first.
    pub(super) shares: [i64; 2],
}

/// When a track met.
pub(super) struct TrackDays<'a> {
    pub(super) track: &'a TrackName,
    /// For each day of the record, from the first one on.
    pub(super) days: Vec<Vec<EntryTime>>,
}

/// The rooms that have slots with times, in the programme's order. What goes on counts when it is over.
pub(super) fn rooms<'a>(site: &Site<'a>) -> Vec<RoomUse<'a>> {
    let contents = site.board.contents();
    let slots: HashMap<_, _> =
        contents.days.values().flatten().filter_map(|slot| Some((&slot.name, Slot::span(slot)?))).collect();
    let mut discussed = HashMap::<_, Vec<_>>::new();
    for one in site.board.discussions().iter().filter(|one| one.until() <= site.at) {
        if let Some(place) = one.place.as_deref() {
            discussed.entry(place).or_default().push(span(one));
        }
    }
    let room = |(name, room): (&'a RoomName, &ptgbot_core::Room)| {
        let spans = |is_held: bool| -> Spans {
            let bookings = room.bookings.iter().filter(|(_, booking)| !is_held || !booking.is_open());
            bookings.filter_map(|(slot, _)| slots.get(slot).copied()).collect()
        };
        let planned = spans(false);
        let there = discussed.remove(name.as_str()).unwrap_or_default().into_iter().collect::<Spans>();
        let [held, said] = [spans(true), there.within(&planned)].map(|spans| spans.total());
        let minutes = planned.total().num_minutes();
        (minutes > 0).then(|| RoomUse {
            room: name,
            planned: hours(planned.total()),
            held: hours(held),
            discussed: hours(said),
            shares: [held, said].map(|part| part.num_minutes() * 100 / minutes),
        })
    };
    contents.rooms.iter().filter_map(room).collect()
}

/// The tracks that discussed anything, by their names.
pub(super) fn tracks<'a>(site: &Site<'a>, recorded: &RecordedDays<'a>) -> Vec<TrackDays<'a>> {
    let dates: Vec<_> = recorded.dates().collect();
    let mut tracks = BTreeMap::<&TrackName, Vec<Vec<EntryTime>>>::new();
    for (number, date) in dates.iter().enumerate() {
        let Some(day) = recorded.day(site, *date) else { continue };
        for (track, places) in day.by_track() {
            let days = tracks.entry(track).or_insert_with(|| vec![Vec::new(); dates.len()]);
            let all: Vec<_> = places.into_iter().map(|place| day.discussions[place]).collect();
            days[number] = times(site, &all);
        }
    }
    tracks.into_iter().map(|(track, days)| TrackDays { track, days }).collect()
}

/// When a track met on a day: one topic after the other without a break is one meeting.
fn times(site: &Site, discussions: &[&Discussion]) -> Vec<EntryTime> {
    let (over, goes_on): (Vec<_>, Vec<_>) = discussions.iter().partition(|one| one.until() <= site.at);
    let over: Spans = over.into_iter().map(span).collect();
    let over = over.iter().map(|(from, until)| EntryTime::Over(clock(site).between(from, until)));
    over.chain(goes_on.into_iter().map(|one| EntryTime::of(one, clock(site), site.at))).collect()
}

fn span(discussion: &Discussion) -> (DateTime<Utc>, DateTime<Utc>) {
    (discussion.from, discussion.until())
}
