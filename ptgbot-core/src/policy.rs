//! The policy: what an event's organizers allow to be booked.
//!
//! The rules are data on the board. One place says what a booking is against ([`Board::objections`]); whether that refuses
//! it or is only told is a rule itself.

use crate::board::Board;
use crate::booking::Booking;
use crate::programme_name::RoomName;
use crate::role::Role;
use crate::room::Room;
use crate::slot::{Slot, SlotCode};
use crate::track::TrackName;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// The rules for booking. By default there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Policy {
    /// How many minutes a track may hold on one day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day_minutes: Option<u32>,
    /// How many it may hold in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_minutes: Option<u32>,
    /// Before this moment only ops book (UTC).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opens: Option<DateTime<Utc>>,
    /// Tracks that must not meet at once, each pair in the order of their names.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub clashes: BTreeSet<(TrackName, TrackName)>,
    /// Whether slots that are over may be booked.
    #[serde(skip_serializing_if = "is_default")]
    pub past: PastSlots,
    /// What becomes of a booking that is against a rule.
    #[serde(skip_serializing_if = "is_default")]
    pub enforcement: Enforcement,
}

/// Whether slots that are over may be booked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PastSlots {
    /// They may: what took place can be noted later.
    #[default]
    Bookable,
    /// They may not.
    Closed,
}

/// What becomes of a booking that is against a rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Enforcement {
    /// It is made, and the answer says what it is against.
    #[default]
    Warn,
    /// It is refused.
    Enforce,
}

/// One rule and what it says, as an op sets it. Printed, it is what follows `~policy`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Rule {
    /// How much a track may hold on one day.
    Day {
        /// How many minutes; as many as it likes where there is none.
        minutes: Option<u32>,
    },
    /// How much it may hold in all.
    Total {
        /// How many minutes; as many as it likes where there is none.
        minutes: Option<u32>,
    },
    /// From when on not only ops book.
    Opens {
        /// That moment (UTC), if there is one.
        at: Option<DateTime<Utc>>,
    },
    /// Whether two tracks must not meet at once.
    Clash {
        /// The two, in the order of their names.
        tracks: (TrackName, TrackName),
        /// True when they must not.
        on: bool,
    },
    /// Whether slots that are over may be booked.
    Past {
        /// Whether they may.
        past: PastSlots,
    },
    /// What becomes of a booking that is against a rule.
    Enforcement {
        /// What.
        enforcement: Enforcement,
    },
}

/// What a booking is against.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Objection {
    /// The track would hold more of a day than it may.
    DayFull {
        /// The day.
        day: String,
        /// How many minutes it would hold.
        minutes: u32,
        /// How many it may.
        most: u32,
    },
    /// The track would hold more in all than it may.
    TotalFull {
        /// How many minutes it would hold.
        minutes: u32,
        /// How many it may.
        most: u32,
    },
    /// Only ops book so far.
    NotOpen {
        /// When everybody may.
        opens: DateTime<Utc>,
    },
    /// A track meets then that must not meet at once with this one.
    Clash {
        /// The other track.
        with: TrackName,
        /// Where.
        code: SlotCode,
    },
    /// The slot is over.
    Over,
}

impl Policy {
    /// True where no rule is set.
    pub fn is_empty(&self) -> bool {
        *self == Self { enforcement: self.enforcement, ..Self::default() }
    }

    /// Takes over what a rule says.
    pub(crate) fn set(&mut self, rule: &Rule) {
        match rule {
            Rule::Day { minutes } => self.day_minutes = *minutes,
            Rule::Total { minutes } => self.total_minutes = *minutes,
            Rule::Opens { at } => self.opens = *at,
            Rule::Clash { tracks, on: true } => drop(self.clashes.insert(tracks.clone())),
            Rule::Clash { tracks, on: false } => drop(self.clashes.remove(tracks)),
            Rule::Past { past } => self.past = *past,
            Rule::Enforcement { enforcement } => self.enforcement = *enforcement,
        }
    }

    pub(crate) fn is_blank(&self) -> bool {
        is_default(self)
    }

    /// The tracks that must not meet at once with one.
    pub fn clashing<'a>(&'a self, track: &'a TrackName) -> impl Iterator<Item = &'a TrackName> {
        self.clashes.iter().filter_map(move |(a, b)| match () {
            () if a == track => Some(b),
            () if b == track => Some(a),
            () => None,
        })
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hours = |minutes: &Option<u32>| minutes.map_or("off".into(), |minutes| hours(minutes).to_string());
        match self {
            Self::Day { minutes } => write!(f, "day {}", hours(minutes)),
            Self::Total { minutes } => write!(f, "total {}", hours(minutes)),
            Self::Opens { at: Some(at) } => write!(f, "opens {}", at.format("%Y-%m-%d %H:%M UTC")),
            Self::Opens { at: None } => f.write_str("opens off"),
            Self::Clash { tracks: (one, other), on: true } => write!(f, "clash {one} {other}"),
            Self::Clash { tracks: (one, other), on: false } => write!(f, "clash {one} {other} off"),
            Self::Past { past: PastSlots::Bookable } => f.write_str("past on"),
            Self::Past { past: PastSlots::Closed } => f.write_str("past off"),
            Self::Enforcement { enforcement: Enforcement::Warn } => f.write_str("warn"),
            Self::Enforcement { enforcement: Enforcement::Enforce } => f.write_str("enforce"),
        }
    }
}

impl Board {
    /// What would be against the rules if a track held a slot, for the one who asks at that moment. What it holds
    /// already counts with it, but for the slot itself and the one that it would give up for it.
    pub fn objections(
        &self,
        track: &TrackName,
        code: &SlotCode,
        giving_up: Option<&SlotCode>,
        at: DateTime<Utc>,
        role: Role,
    ) -> Vec<Objection> {
        let Some(slot) = self.slot(&code.slot) else { return Vec::new() };
        let mut objections = self.objections_of_time(slot, at, role);
        objections.extend(self.objections_of_holdings(track, code, giving_up));
        objections
    }

    /// What is against the rules for any track at that moment.
    fn objections_of_time(&self, slot: &Slot, at: DateTime<Utc>, role: Role) -> Vec<Objection> {
        let policy = &self.contents().policy;
        let closed = policy.opens.filter(|opens| at < *opens && role < Role::Op);
        let over = policy.past == PastSlots::Closed && slot.ended_by(at);
        closed.map(|opens| Objection::NotOpen { opens }).into_iter().chain(over.then_some(Objection::Over)).collect()
    }

    /// What is against the rules because of what this track and others hold. A track that holds too much already, from
    /// before a rule, may still hold as much elsewhere.
    pub(crate) fn objections_of_holdings(
        &self,
        track: &TrackName,
        code: &SlotCode,
        giving_up: Option<&SlotCode>,
    ) -> Vec<Objection> {
        let policy = &self.contents().policy;
        let Some(slot) = self.slot(&code.slot).filter(|_| !policy.is_empty()) else { return Vec::new() };
        let is_at = |held: &(&str, &Slot, &RoomName), code: &SlotCode| held.1.name == code.slot && *held.2 == code.room;
        let held: Vec<_> = self.holdings(track).into_iter().filter(|held| !is_at(held, code)).collect();
        let kept = |held: &&(&str, &Slot, &RoomName)| !giving_up.is_some_and(|code| is_at(held, code));
        // How much it would hold of these, where that is more than before and more than it may.
        let too_much = |is_meant: &dyn Fn(&str) -> bool, most: u32| {
            let meant = || held.iter().filter(|(day, ..)| is_meant(day));
            let sum = |of: &mut dyn Iterator<Item = &(&str, &Slot, &RoomName)>| {
                of.fold(0u32, |sum, (_, slot, _)| sum.saturating_add(minutes(slot)))
            };
            let (before, after) = (sum(&mut meant()), sum(&mut meant().filter(kept)).saturating_add(minutes(slot)));
            (after > most && after > before).then_some(after)
        };
        let mut objections = Vec::new();
        if let Some((day, most)) = self.day_of(&code.slot).zip(policy.day_minutes)
            && let Some(minutes) = too_much(&|of| of == day, most)
        {
            objections.push(Objection::DayFull { day: day.to_owned(), minutes, most });
        }
        if let Some(most) = policy.total_minutes
            && let Some(minutes) = too_much(&|_| true, most)
        {
            objections.push(Objection::TotalFull { minutes, most });
        }
        objections.extend(policy.clashing(track).flat_map(|with| self.clashes(with, slot)));
        objections
    }

    /// True when a track holds a slot, alone or with others.
    pub(crate) fn is_held_by(&self, code: &SlotCode, track: &TrackName) -> bool {
        let room = self.contents().rooms.get(&code.room);
        room.and_then(|room| room.bookings.get(&code.slot)).is_some_and(|booking| booking.is_held_by(track))
    }

    /// The slots in which a track meets while another slot runs.
    fn clashes<'a>(&'a self, with: &'a TrackName, slot: &'a Slot) -> impl Iterator<Item = Objection> + 'a {
        let at_once = move |other: &Slot| match (slot.span(), other.span()) {
            (Some((start, end)), Some((from, until))) => start < until && from < end,
            (None, _) | (_, None) => slot.name == other.name,
        };
        let held = self.holdings(with).into_iter().filter(move |(_, other, _)| at_once(other));
        held.map(|(_, other, room)| {
            let code = SlotCode { room: room.clone(), slot: other.name.clone() };
            Objection::Clash { with: with.clone(), code }
        })
    }

    /// The codes of some slots that a track may book: free, and not against the rules where those are enforced.
    pub(crate) fn bookable<'a>(
        &self,
        track: Option<&TrackName>,
        giving_up: Option<&SlotCode>,
        slots: impl IntoIterator<Item = &'a Slot>,
        at: DateTime<Utc>,
        role: Role,
    ) -> Vec<SlotCode> {
        let rooms = &self.contents().rooms;
        let is_free = |room: &Room, booking: &Booking| {
            room.has_place(booking) && track.is_none_or(|track| room.lets_in(booking, track))
        };
        let is_enforced = self.contents().policy.enforcement == Enforcement::Enforce;
        let mut free = Vec::new();
        for slot in slots {
            // The rules know of no rooms: what they say of one they say of all.
            let mut may = None;
            for (name, room) in rooms {
                if !room.bookings.get(&slot.name).is_some_and(|booking| is_free(room, booking)) {
                    continue;
                }
                let code = SlotCode { room: name.clone(), slot: slot.name.clone() };
                let objections = || match track {
                    Some(track) => self.objections(track, &code, giving_up, at, role),
                    None => self.objections_of_time(slot, at, role),
                };
                if *may.get_or_insert_with(|| !is_enforced || objections().is_empty()) {
                    free.push(code);
                }
            }
        }
        free
    }
}

/// A span of so many minutes in hours: `4`, `1.5`. As people type it, rounded to hundredths.
fn hours(minutes: u32) -> f64 {
    (f64::from(minutes) / 60.0 * 100.0).round() / 100.0
}

/// How long a slot is.
fn minutes(slot: &Slot) -> u32 {
    slot.duration.unwrap_or(Slot::DEFAULT_MINUTES)
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
