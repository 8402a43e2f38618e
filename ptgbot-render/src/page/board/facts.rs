//! What is to be told of a track, looked up once for all parts of the page: many tracks share few slots and rooms.

use super::meets::{Meets, MeetsWhen};
use super::mentioned::MentionRow;
use crate::clock::{Stamp, WallClock};
use crate::folded::Folded;
use crate::link::{Href, UserLink};
use crate::meetings::{Meeting, Meetings};
use crate::pad::Pads;
use crate::people::{People, PlaceRow};
use crate::record::{EarlierToday, EarlierTopic};
use crate::site::Site;
use chrono::{DateTime, Utc};
use ptgbot_core::{Mentions, Topic, TopicStanding, TrackName};
use std::collections::HashMap;

/// The board as the page asks for it.
pub(super) struct Facts<'s, 'a> {
    pub(super) site: &'s Site<'a>,
    pub(super) clock: WallClock,
    meetings: Meetings<'a>,
    pads: Pads<'a>,
    people: People<'a>,
    earlier: EarlierToday<'a>,
    mentions: Mentions<'a>,
    /// Each time is printed, and each link read, once.
    times: HashMap<(DateTime<Utc>, bool), MeetsWhen>,
    links: HashMap<&'a str, UserLink<'a>>,
}

impl<'s, 'a> Facts<'s, 'a> {
    pub(super) fn of(site: &'s Site<'a>) -> Self {
        let board = site.board;
        Self {
            site,
            clock: WallClock::new(board.contents().timezone.0),
            meetings: Meetings::of(board),
            pads: Pads::of(site),
            people: People::of(board),
            earlier: EarlierToday::of(site),
            mentions: Mentions::of(board, site.at),
            times: HashMap::new(),
            links: HashMap::new(),
        }
    }

    /// When it meets now or next.
    pub(super) fn meets(&mut self, track: &TrackName) -> Option<Meets<'a>> {
        let (at, clock) = (self.site.at, self.clock);
        let meeting = self.meetings.nearest(track, at)?;
        let runs = meeting.runs_at(at);
        let time = if runs { meeting.end } else { meeting.start };
        let when = self.times.entry((time, runs)).or_insert_with(|| {
            if runs { MeetsWhen::Now(clock.time(time)) } else { MeetsWhen::At(clock.day_time(time)) }
        });
        Some(Meets { when: when.clone(), room: meeting.room })
    }

    /// All its slots, in their order.
    pub(super) fn meetings(&self, track: &TrackName) -> &[Meeting<'a>] {
        self.meetings.of_track(track)
    }

    /// The link under which it meets.
    pub(super) fn meeting_link(&mut self, track: &TrackName) -> Option<UserLink<'a>> {
        let link = self.site.board.meeting_link(track, self.site.at)?;
        Some(self.links.entry(link).or_insert_with(|| UserLink::web(link)).clone())
    }

    /// Where it is today.
    pub(super) fn place(&self, track: &TrackName) -> Option<&'a str> {
        self.site.board.place_of(track, self.site.at)
    }

    /// A word about the room that it is in: `Level 2`.
    pub(super) fn note(&self, track: &TrackName) -> Option<&'a str> {
        self.site.board.contents().rooms.get(self.place(track)?)?.desc.as_deref()
    }

    pub(super) fn pads(&self) -> &Pads<'a> {
        &self.pads
    }

    pub(super) fn pad(&self, track: &TrackName) -> Option<Href> {
        self.pads.pad(track)
    }

    /// Who is checked in to it.
    pub(super) fn people_at(&self, track: &TrackName) -> Folded<&'a str> {
        self.people.at_track(track)
    }

    /// The topics of others that name it.
    pub(super) fn mentions_of(&self, track: &TrackName) -> Folded<MentionRow<'a>> {
        let all = self.mentions.at_track(track).iter();
        Folded::first(MOST_MENTIONS, all, |mention| MentionRow::of(self, mention))
    }

    /// Whose topics name it, and where those are.
    pub(super) fn named_at(&self, track: &TrackName) -> Folded<(&'a TrackName, Option<&'a str>)> {
        let all = self.mentions.at_track(track).iter();
        Folded::first(MOST_MENTIONS, all, |mention| (mention.by, self.place(mention.by)))
    }

    /// The tracks that topics of others name.
    pub(super) fn mentioned(&self) -> impl Iterator<Item = &'a TrackName> {
        self.mentions.tracks()
    }

    /// What it discussed today and is over; asked for once, for it stands in one place.
    pub(super) fn earlier_today(&mut self, track: &TrackName) -> Folded<EarlierTopic<'a>> {
        let mut all = self.earlier.take(track);
        let more = all.len().saturating_sub(MOST_EARLIER);
        Folded { shown: all.split_off(more), more }
    }

    /// How many are checked in to it.
    pub(super) fn count_at(&self, track: &TrackName) -> usize {
        self.people.count_at(track)
    }

    /// Who is where, as far as the view leaves it in.
    pub(super) fn places(&self) -> Folded<PlaceRow<'a>> {
        self.people.places(self.site)
    }

    /// Whether what a track said with `now` is still meant.
    pub(super) fn standing(&self, track: &TrackName, topic: &Topic) -> TopicStanding {
        match topic.since {
            Some(since) => self.meetings.standing(track, since, self.site.at),
            None => TopicStanding::Current,
        }
    }

    /// A time of the past, with the day where that was an earlier one.
    pub(super) fn lately(&self, time: DateTime<Utc>) -> Stamp {
        let zone = self.site.board.contents().timezone.0;
        let date = |time: DateTime<Utc>| time.with_timezone(&zone).date_naive();
        if date(time) < date(self.site.at) { self.clock.day_time(time) } else { self.clock.time(time) }
    }

    /// True when the view leaves a track in, by its name and by where it is.
    pub(super) fn shows(&self, track: &TrackName) -> bool {
        self.site.shows(track) && self.shows_place(self.place(track))
    }

    /// True when the view leaves in what is at this place.
    fn shows_place(&self, place: Option<&str>) -> bool {
        self.site.view.room.is_none() || self.site.only_room().is_some_and(|room| place == Some(room.as_str()))
    }
}

/// The most topics of others that are shown at a track.
const MOST_MENTIONS: usize = 3;

/// The most topics of a track's day: its latest ones. The record has all.
const MOST_EARLIER: usize = 10;
