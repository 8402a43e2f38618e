//! The kinds of findings: which are errors, and what each is called.

use serde::Serialize;

/// How bad a finding is.
///
/// Exhaustive: there is no third.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The board would be wrong or could not be used: something is lost, or nobody can name it.
    Error,
    /// The board works, but somebody will wish that it had been written otherwise.
    Advice,
}

macro_rules! kinds {
    ($($(#[$meaning:meta])* $severity:ident $kind:ident $title:literal,)*) => {
        /// What a finding is about. Errors come first.
        ///
        /// In JSON it is the name in lower case with dashes, which does not change: `slot-twice`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "kebab-case")]
        #[non_exhaustive]
        pub enum FindingKind {
            $($(#[$meaning])* $kind,)*
        }

        impl FindingKind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// How bad it is.
            pub fn severity(self) -> Severity {
                match self {
                    $(Self::$kind => Severity::$severity,)*
                }
            }

            /// Several of them in a few words: `slots without a time`.
            pub fn title(self) -> &'static str {
                match self {
                    $(Self::$kind => $title,)*
                }
            }
        }
    };
}

kinds! {
    /// A value is not what the format says.
    Error Unreadable "values that cannot be read",
    /// There is more of something than a board holds.
    Error TooMany "more than a board holds",
    /// Two keys are one name when they are read, so one of them is lost.
    Error KeyTwice "keys that are one name",
    /// Two slots have one name: a booking of one is a booking of both.
    Error SlotTwice "slots that share a name",
    /// A name holds a letter that cannot be seen.
    Error InvisibleLetter "names with letters that nobody sees",
    /// A slot's code is longer than a line of chat.
    Error CodeTooLong "slot codes that are longer than a line of chat",

    /// Two tracks hold a room at the same time.
    Advice RoomTwice "rooms that two tracks hold at once",
    /// A track is in two rooms at once.
    Advice MeetsTwice "tracks that meet twice at once",
    /// A slot names a track several times.
    Advice HolderTwice "slots that name a track twice",
    /// Tracks that must not meet at once hold the same time.
    Advice Clash "tracks that must not meet at once, and do",
    /// The times are read in UTC because no zone is named.
    Advice NoZone "no time zone",
    /// The zone is no place's.
    Advice OddZone "an odd time zone",
    /// Most slots begin at night.
    Advice NightSlots "slots at night",
    /// What a slot says of its time is not its time.
    Advice OtherTime "slots whose description tells another time",
    /// A slot has no time.
    Advice NoTime "slots without a time",
    /// A slot has a time and no length.
    Advice NoLength "slots without a length",
    /// A slot is very short or very long.
    Advice OddLength "slots of an odd length",
    /// A slot begins before another of its day ends.
    Advice Overlap "slots that overlap",
    /// A slot stands after one that begins later.
    Advice SlotOrder "slots out of order",
    /// A day stands after a later one.
    Advice DayOrder "days out of order",
    /// A day bears the name of another weekday.
    Advice OtherWeekday "days with the name of another weekday",
    /// A slot is on another date than its day.
    Advice OtherDate "slots on another date than their day",
    /// Two days are on one date, so that one of them is never today.
    Advice SameDate "days on one date",
    /// Nothing says when a day is, so that it is never today.
    Advice NeverToday "days of which nobody knows the date",
    /// All slots are over.
    Advice Over "an event that is over",
    /// The slots are far apart or far away.
    Advice FarDates "dates that are far apart or far away",
    /// A day has no slots.
    Advice EmptyDay "days without slots",
    /// A room has no slot.
    Advice NoSlots "rooms that nobody can book",
    /// No room has the slot.
    Advice NoRoom "slots that no room has",
    /// A key of a room looks like a booking, but no slot has that name.
    Advice UnknownSlot "bookings of unknown slots",
    /// A track that is not in the list.
    Advice UnknownTrack "tracks that are not in the list",
    /// Two codes read the same.
    Advice AmbiguousCode "slot codes that mean two slots",
    /// Two names differ in case only.
    Advice CaseOnly "names that differ in case only",
    /// A name has blanks where nobody types them.
    Advice OddBlanks "names with odd blanks",
    /// A name has letters that look like others.
    Advice LookAlike "names with letters that look like others",
    /// A name has signs that keyboards do not have.
    Advice HardToType "names that are hard to type",
    /// A name is long.
    Advice LongName "long names",
    /// An address is no web address.
    Advice NotHttp "links that cannot be followed",
    /// A colour is no colour.
    Advice UnknownColor "colours that are none",
    /// White text is hard to read on a colour.
    Advice HardToRead "colours on which white is hard to read",
    /// A key is nearly one that is known.
    Advice MisspeltKey "keys that may be misspelt",
    /// The event's short name is missing or is no part of an address.
    Advice EventName "the event's name",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_stand_before_advice_and_every_kind_has_words_of_its_own() {
        assert!(FindingKind::ALL.is_sorted_by_key(|kind| kind.severity()));
        let mut titles: Vec<_> = FindingKind::ALL.iter().map(|kind| kind.title()).collect();
        titles.sort_unstable();
        titles.dedup();
        assert_eq!(titles.len(), FindingKind::ALL.len());
    }
}
