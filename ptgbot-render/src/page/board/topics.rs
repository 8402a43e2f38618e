//! What each track discusses, and what comes after it.

use super::facts::Facts;
use super::meets::Meets;
use super::mentioned::{MentionRow, MentionedTrack, mentioned};
use crate::clock::{Stamp, WallClock};
use crate::folded::Folded;
use crate::link::{Href, UserLink};
use crate::record::EarlierTopic;
use crate::segment::{Segment, segments};
use ptgbot_core::{Text, Topic, TopicStanding, TrackName};
use std::collections::HashSet;

/// All that was announced, by whether it is meant at the moment.
pub(super) struct Topics<'a> {
    /// Those that meet now come first.
    pub(super) current: Folded<TopicCard<'a>>,
    /// Current ones that have no place to go to, where they would make a long list longer.
    pub(super) roomless: Folded<TopicCard<'a>>,
    /// Tracks that have only plans.
    pub(super) planned: Folded<TopicCard<'a>>,
    /// What was discussed in slots that are over or on earlier days, and nobody has cleared.
    pub(super) earlier: Folded<TopicCard<'a>>,
    /// Tracks that others name in what they discuss, and that have no topic of their own.
    pub(super) mentioned: Folded<MentionedTrack<'a>>,
    /// Many topics have a row each, few a card.
    pub(super) are_many: bool,
}

/// What a track discusses or plans.
pub(super) struct TopicCard<'a> {
    pub(super) track: &'a TrackName,
    /// None where it has only plans.
    pub(super) topic: Option<Vec<Segment<'a>>>,
    pub(super) since: Option<Stamp>,
    pub(super) age: TopicAge,
    /// The topics of others that name it.
    pub(super) also: Folded<MentionRow<'a>>,
    pub(super) place: Option<&'a str>,
    /// A word about the place: `Level 2`.
    pub(super) note: Option<&'a str>,
    pub(super) meets: Option<Meets<'a>>,
    pub(super) meeting: Option<UserLink<'a>>,
    pub(super) pad: Option<Href>,
    pub(super) people: Folded<&'a str>,
    /// The words of the first topic that comes after it.
    pub(super) then: Option<&'a str>,
    pub(super) next: Folded<Vec<Segment<'a>>>,
    pub(super) earlier_today: Folded<EarlierTopic<'a>>,
}

/// Whether a topic is of the past.
#[derive(Clone)]
pub(super) enum TopicAge {
    Current,
    /// Its slot ended then.
    SlotOver(Stamp),
    /// It was announced on an earlier day, outside of any slot.
    EarlierDay,
}

impl<'a> Topics<'a> {
    pub(super) fn of(facts: &mut Facts<'_, 'a>) -> Self {
        let contents = facts.site.board.contents();
        let told = contents.now.iter().filter(|(track, _)| facts.shows(track));
        let told: Vec<_> = told.map(|(track, topic)| (track, topic, facts.standing(track, topic))).collect();
        let (mut current, earlier): (Vec<_>, Vec<_>) =
            told.into_iter().partition(|(.., standing)| *standing == TopicStanding::Current);
        let plans = contents.next.keys().filter(|track| facts.shows(track));
        let plans = plans.filter(|track| !current.iter().any(|(other, ..)| other == track));
        let planned: Vec<_> = plans.collect();
        let are_many = current.len() > MOST_CARDS;
        current.sort_by_key(|(track, ..)| match facts.place(track) {
            None => 2,
            Some(_) if facts.meets(track).is_some_and(|meets| meets.is_now()) => 0,
            Some(_) => 1,
        });
        let placed = current.iter().take_while(|(track, ..)| facts.place(track).is_some()).count();
        let kept = if are_many && placed > 0 { placed } else { current.len() };
        let roomless = current.split_off(kept);
        let mut said = |list: Vec<(&'a TrackName, &'a Topic, TopicStanding)>| {
            Folded::first(MOST_ROWS, list.into_iter(), |(track, topic, standing)| {
                TopicCard::of(facts, track, Some((topic, standing)))
            })
        };
        let (current, roomless, earlier) = (said(current), said(roomless), said(earlier));
        let planned = Folded::first(MOST_ROWS, planned.into_iter(), |track| TopicCard::of(facts, track, None));
        let on: HashSet<_> = current.shown.iter().chain(&roomless.shown).map(|card| card.track).collect();
        let mentioned = mentioned(facts, |track| on.contains(track));
        Self { current, roomless, planned, earlier, mentioned, are_many }
    }

    /// True when a track is told of as one that is at it.
    pub(super) fn has_current(&self, track: &TrackName) -> bool {
        let all = self.current.shown.iter().chain(&self.roomless.shown);
        all.into_iter().any(|card| card.track == track)
    }
}

impl<'a> TopicCard<'a> {
    /// What a track said with `now`, if anything, with what others say of it, and its plans; of what is over, without them.
    pub(super) fn of(facts: &mut Facts<'_, 'a>, track: &'a TrackName, now: Option<(&'a Topic, TopicStanding)>) -> Self {
        let board = facts.site.board;
        let over = now.as_ref().is_some_and(|(_, standing)| *standing != TopicStanding::Current);
        let plans = board.contents().next.get(track).filter(|_| !over);
        let plans = plans.map(Vec::as_slice).unwrap_or_default();
        Self {
            track,
            topic: now.as_ref().map(|(topic, _)| segments(topic.text.as_str(), board)),
            since: now.as_ref().and_then(|(topic, _)| topic.since).map(|since| facts.lately(since)),
            age: now.map_or(TopicAge::Current, |(_, standing)| TopicAge::of(standing, facts.clock)),
            also: if over { Folded::none() } else { facts.mentions_of(track) },
            place: facts.place(track),
            note: facts.note(track),
            meets: facts.meets(track),
            meeting: facts.meeting_link(track),
            pad: facts.pad(track),
            people: facts.people_at(track),
            earlier_today: facts.earlier_today(track),
            then: plans.first().map(Text::as_str),
            next: Folded::first(MOST_PLANS, plans.iter(), |topic| segments(topic.as_str(), board)),
        }
    }

    pub(super) fn is_over(&self) -> bool {
        match self.age {
            TopicAge::Current => false,
            TopicAge::SlotOver(_) | TopicAge::EarlierDay => true,
        }
    }
}

impl TopicAge {
    fn of(standing: TopicStanding, clock: WallClock) -> Self {
        match standing {
            TopicStanding::Current => Self::Current,
            TopicStanding::SlotOver(end) => Self::SlotOver(clock.day_time(end)),
            TopicStanding::EarlierDay => Self::EarlierDay,
        }
    }
}

/// The most topics that have a card each.
const MOST_CARDS: usize = 9;
/// The most topics of a list.
const MOST_ROWS: usize = 100;
/// The most plans of one track.
const MOST_PLANS: usize = 10;
