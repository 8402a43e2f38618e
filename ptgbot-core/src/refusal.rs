//! Refusals: the rules say no. Each is a chat sentence: what is true now, and what would work. A refusal proves
//! that nothing changed.

mod unamended;

use crate::command::{Scope, Spec};
use crate::document::DocumentError;
use crate::slot::SlotCode;
use crate::text::clean;
use crate::track::{InvalidTrackName, TrackName};
use std::fmt;
pub use unamended::Unamended;

/// Why a request is refused. Printed, it is one line for the person who asked.
#[derive(Clone, Debug)]
pub enum Refusal {
    /// There is no such track.
    UnknownTrack {
        /// What was asked for.
        name: TrackName,
        /// The known track it may mean.
        near: Option<TrackName>,
    },
    /// Some of several tracks are unknown.
    UnknownTracks {
        /// Those, as they were typed.
        names: Vec<String>,
    },
    /// A name cannot be a track's.
    BadTrackName(InvalidTrackName),
    /// A word is misspelt.
    DidYouMean {
        /// The whole line as it would work.
        line: String,
    },
    /// A command has missing, surplus or unusable words.
    Usage {
        /// The command.
        spec: &'static Spec,
        /// What is wrong with a word, where it is not their number.
        problem: Option<String>,
    },
    /// In private, the line is no command.
    NotUnderstood {
        /// The line as it may have been meant.
        near: Option<String>,
    },
    /// Track and admin commands are given where all can see them.
    GiveInChannel {
        /// Which kind of command it was.
        scope: Scope,
    },
    /// `~requirevoice` is in force.
    NeedsVoice,
    /// The command is for ops.
    NeedsOp {
        /// The command.
        spec: &'static Spec,
    },
    /// Nobody knows who speaks, so there is nothing of theirs to change.
    NeedsName,
    /// There is no such slot code.
    UnknownSlot {
        /// What was typed.
        typed: String,
        /// The known code it may mean.
        near: Option<SlotCode>,
    },
    /// Somebody else holds the slot.
    SlotTaken {
        /// The slot.
        code: SlotCode,
        /// Its holder.
        by: TrackName,
        /// The day and what is free on it.
        free: Option<(String, Vec<SlotCode>)>,
    },
    /// The track does not hold the slot, somebody else does.
    NotYours {
        /// The slot.
        code: SlotCode,
        /// Its holder.
        by: TrackName,
    },
    /// The list is shorter than that.
    NoSuchPlace {
        /// What the list holds: `next topic`, `message of the day`.
        what: &'static str,
        /// The place asked for, from 1.
        number: usize,
        /// How many there are.
        count: usize,
    },
    /// The list takes no more.
    ListFull {
        /// What the list holds: `next topics`.
        what: &'static str,
        /// How many it takes.
        most: usize,
    },
    /// A place stands twice in a new order.
    TwiceInOrder {
        /// The place.
        number: usize,
    },
    /// The later change of something stands in the way of taking an earlier one back.
    UndoBlocked {
        /// What was to be taken back.
        what: String,
        /// What came later.
        later: String,
    },
    /// An edit or a deletion cannot take back what its message did.
    NotAmended {
        /// What the message did, as the command that does it.
        what: String,
        /// What is in the way.
        why: Unamended,
    },
    /// Somebody who is nowhere cannot leave.
    NotCheckedIn,
    /// Nobody of that name has checked in.
    NeverSeen {
        /// The name as it was typed.
        name: String,
    },
    /// The name means several people.
    SeveralPeople {
        /// The name as it was typed.
        name: String,
        /// Their full names on the network.
        ids: Vec<String>,
    },
    /// The pattern cannot be used.
    BadPattern(String),
    /// The words are no CSS colour.
    BadColor {
        /// What was typed.
        typed: String,
    },
    /// There is no such day.
    UnknownDay {
        /// What was typed.
        typed: String,
        /// The event's days.
        days: Vec<String>,
    },
    /// There is no such command.
    UnknownCommand {
        /// What was typed.
        typed: String,
        /// The known one it may mean.
        near: Option<&'static str>,
    },
    /// A data file cannot be used.
    BadDocument(DocumentError),
    /// A data file could not be had.
    NoDocument {
        /// Why, in a sentence.
        reason: String,
    },
}

impl Refusal {
    pub(crate) fn did_you_mean(line: &str) -> Self {
        Self::DidYouMean { line: line.trim_end().to_owned() }
    }

    pub(crate) fn unknown_track_near(name: &TrackName, near: &TrackName, rest: &str) -> Self {
        if rest.is_empty() {
            Self::UnknownTrack { name: name.clone(), near: Some(near.clone()) }
        } else {
            Self::did_you_mean(&format!("{near} {rest}"))
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownTrack { name, near: Some(near) } => {
                write!(f, "There is no track {name}. Did you mean {near}?")
            }
            Self::UnknownTrack { name, near: None } => write!(f, "There is no track {name}; an op can ~add it."),
            Self::UnknownTracks { names } => {
                write!(f, "These are no tracks: {}. Nothing was changed.", cut(&names.join(", ")))
            }
            Self::BadTrackName(error) => write!(f, "'{}' cannot be a track name: {}.", cut(&error.name), error.rule),
            Self::DidYouMean { line } => write!(f, "Did you mean: {}", cut(line)),
            Self::Usage { spec, problem: None } => write!(f, "Usage: {}", spec.usage_line()),
            Self::Usage { spec, problem: Some(problem) } => {
                write!(f, "{}: {problem}. Usage: {}", spec.name, spec.usage_line())
            }
            Self::NotUnderstood { near: None } => f.write_str("I do not know that command. Send help for the list."),
            Self::NotUnderstood { near: Some(near) } => {
                write!(f, "I do not know that command. Did you mean: {} (or send help for the list)", cut(near))
            }
            Self::GiveInChannel { scope: Scope::Admin } => {
                f.write_str("Admin commands are given in the channel, by ops: ~list, ~add, … Send help for what works here.")
            }
            Self::GiveInChannel { scope: Scope::Track | Scope::User } => f.write_str(
                "Track commands are given in the channel, where all can see them: #TRACK now TOPIC. Send help for what works here.",
            ),
            Self::NeedsVoice => f.write_str("Only voiced people and ops may give track commands at the moment; an op can voice you."),
            Self::NeedsOp { spec } => write!(f, "~{} is for channel operators.", spec.name),
            Self::NeedsName => f.write_str("I cannot tell who you are."),
            Self::UnknownSlot { typed, near: Some(near) } => {
                write!(f, "There is no slot {}. Did you mean {near}?", cut(typed))
            }
            Self::UnknownSlot { typed, near: None } => {
                write!(f, "There is no slot {}. Send +free for the codes that can be booked.", cut(typed))
            }
            Self::SlotTaken { code, by, free } => {
                write!(f, "{code} is held by {by}.")?;
                match free {
                    Some((day, free)) if free.is_empty() => write!(f, " Nothing is free on {day}."),
                    Some((day, free)) => write!(f, " Free on {day}: {}.", codes(free)),
                    None => Ok(()),
                }
            }
            Self::NotYours { code, by } => write!(f, "{code} is held by {by}; only that track frees it."),
            Self::NoSuchPlace { what, number, count: 0 } => write!(f, "There is no {what} {number}: the list is empty."),
            Self::NoSuchPlace { what, number, count } => write!(f, "There is no {what} {number}: the list has 1 to {count}."),
            Self::ListFull { what, most } => write!(f, "There are {most} {what} already; remove one first."),
            Self::TwiceInOrder { number } => write!(f, "{number} stands twice; name each message once."),
            Self::UndoBlocked { what, later } => {
                write!(f, "'{}' cannot be taken back: '{}' came later. Take that back first.", cut(what), cut(later))
            }
            Self::NotAmended { what, why } => f.write_str(&why.about(what)),
            Self::NotCheckedIn => f.write_str("You are not checked in. Use in #TRACK or in LOCATION first."),
            Self::NeverSeen { name } => write!(f, "I have not seen {}.", cut(name)),
            Self::SeveralPeople { name, ids } => {
                write!(f, "{} may be several people: {}. Use the full name.", cut(name), cut(&ids.join(", ")))
            }
            Self::BadPattern(reason) => write!(f, "That pattern cannot be used: {}", clean(reason)),
            Self::BadColor { typed } => {
                write!(f, "{} is no CSS colour. Use a name such as teal, or a form such as #42f4c5 or rgb(66 244 197).", cut(typed))
            }
            Self::UnknownDay { typed, days } if days.is_empty() => write!(f, "There is no day {}: no slots are planned.", cut(typed)),
            Self::UnknownDay { typed, days } => write!(f, "There is no day {}. The days are: {}.", cut(typed), days.join(", ")),
            Self::UnknownCommand { typed, near: Some(near) } => {
                write!(f, "There is no command {}. Did you mean {near}?", cut(typed))
            }
            Self::UnknownCommand { typed, near: None } => {
                write!(f, "There is no command {}. Send help for the list.", cut(typed))
            }
            Self::BadDocument(error) => write!(f, "The data cannot be used, nothing was changed. {}: {}", error.path, clean(&error.problem)),
            Self::NoDocument { reason } => write!(f, "The data could not be fetched, nothing was changed: {}", clean(reason)),
        }
    }
}

/// Slot codes in a row; they may hold blanks, so commas stand between them.
pub(crate) fn codes(codes: &[SlotCode]) -> String {
    codes.iter().map(SlotCode::to_string).collect::<Vec<_>>().join(", ")
}

/// What a person typed, quoted back: cleaned, and cut where it is long.
fn cut(typed: &str) -> String {
    let typed = clean(typed);
    match typed.char_indices().nth(MAX_QUOTED) {
        Some((end, _)) => format!("{}…", &typed[..end]),
        None => typed,
    }
}

/// Longer quotations are cut, in characters.
const MAX_QUOTED: usize = 300;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_quoted_within_measure_and_on_one_line() {
        let said = Refusal::NeverSeen { name: format!("a\r\nb{}", "x".repeat(900)) }.to_string();
        assert!(said.starts_with("I have not seen a bx"));
        assert!(said.chars().count() < 340 && !said.contains(char::is_control));
    }
}
