//! Refusals: the rules say no. Each is a chat sentence: what is true now, and what would work. A refusal proves
//! that nothing changed.

mod edit_refused;

use crate::check::{self, Findings};
use crate::command::{Scope, Spec};
use crate::document::DocumentError;
use crate::reply::{Line, Reply, Span, say, spans};
use crate::slot::SlotCode;
use crate::text::{clean, isolated};
use crate::track::{InvalidTrackName, TrackName};
pub use edit_refused::EditRefused;
use std::fmt;

/// Why a request is refused. Printed, it is one line for the person who asked.
#[derive(Clone, Debug)]
#[non_exhaustive]
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
    /// The track's commands are for those who were named.
    NotModerator {
        /// Whose commands.
        track: TrackName,
    },
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
    /// There is no such room.
    UnknownRoom {
        /// What was typed.
        typed: String,
        /// The known room it may mean.
        near: Option<String>,
    },
    /// The room has no slot at that time.
    NoSlotThen {
        /// The room.
        room: String,
        /// Its slots before and after.
        around: Vec<SlotCode>,
    },
    /// A time without a day means today, and today is no day of the event.
    NotToday {
        /// The event's days.
        days: Vec<String>,
    },
    /// The booking is against the rules, and they are enforced.
    AgainstPolicy {
        /// The slot.
        code: SlotCode,
        /// What it is against, in words.
        why: Box<[Span]>,
        /// The day and what the track may book on it.
        free: Option<(String, Vec<SlotCode>)>,
    },
    /// A booking does not come back against the rules, while they are enforced.
    NotPutBack {
        /// The slot.
        code: SlotCode,
        /// What it would be against, in words.
        why: Box<[Span]>,
    },
    /// No track clashes with itself.
    ClashWithItself {
        /// The track.
        track: TrackName,
    },
    /// The track holds no slot that begins what was typed, so there is nothing to move.
    NothingToMove {
        /// The track.
        track: TrackName,
        /// What it holds.
        holds: Vec<SlotCode>,
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
    /// So many tracks share the slot that it takes no more.
    SlotFull {
        /// The slot.
        code: SlotCode,
        /// How many they are.
        count: usize,
        /// The day and what is free on it.
        free: Option<(String, Vec<SlotCode>)>,
    },
    /// The track does not hold the slot, others do.
    NotYours {
        /// The slot.
        code: SlotCode,
        /// Its holders.
        by: Vec<TrackName>,
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
    /// A message has too many lines.
    TooManyLines {
        /// How many were read.
        most: usize,
    },
    /// The board takes no more of something.
    TooMany {
        /// What: `tracks`.
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
    NotEdited {
        /// What the message did, as the command that does it.
        what: String,
        /// What is in the way.
        why: EditRefused,
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
    /// A data file can be read, but the board would be wrong with it.
    FaultyDocument(Box<Findings>),
    /// A data file could not be had.
    NoDocument {
        /// Why, in a sentence.
        reason: String,
    },
    /// Each line of a message is refused.
    Several(Vec<Refusal>),
    /// What takes a while cannot be done together with other lines.
    NotAmongOthers,
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

impl Refusal {
    /// It in words for the person who asked: what is true now, and what would work.
    pub fn reply(&self) -> Reply {
        match self {
            Self::UnknownTrack { name, near: Some(near) } => {
                say!["There is no track ", name, ". Did you mean ", near, "?"]
            }
            Self::UnknownTrack { name, near: None } => {
                say!["There is no track ", name, "; an op can ", Span::command("~add"), " it."]
            }
            Self::UnknownTracks { names } => {
                say!["These are no tracks: ", cut(&names.join(", ")), ". Nothing was changed."]
            }
            Self::BadTrackName(error) => {
                say!["'", cut(&error.name), format!("' cannot be a track name: {}.", error.rule)]
            }
            Self::DidYouMean { line } => say!["Did you mean: ", Span::Command(cut(line))],
            Self::Usage { spec, problem: None } => Reply::from(spans!["Usage: "].and(usage(spec))),
            Self::Usage { spec, problem: Some(problem) } => {
                Reply::from(spans![spec.name, ": ", problem.as_str(), ". Usage: "].and(usage(spec)))
            }
            Self::NotUnderstood { near: None } => {
                say!["I do not know that command. Send ", Span::command("help"), " for the list."]
            }
            Self::NotUnderstood { near: Some(near) } => say![
                "I do not know that command. Did you mean: ",
                Span::Command(cut(near)),
                " (or send ",
                Span::command("help"),
                " for the list)"
            ],
            Self::GiveInChannel { scope: Scope::Admin } => say![
                "Admin commands are given in the channel, by ops: ",
                Span::command("~list"),
                ", ",
                Span::command("~add"),
                ", … Send ",
                Span::command("help"),
                " for what works here."
            ],
            Self::GiveInChannel { scope: Scope::Track | Scope::User } => say![
                "Track commands are given in the channel, where all can see them: ",
                Span::command("#TRACK now TOPIC"),
                ". Send ",
                Span::command("help"),
                " for what works here."
            ],
            Self::NeedsVoice => {
                say!["Only people with voice and ops may give track commands at the moment; an op can give you voice."]
            }
            Self::NotModerator { track } => {
                say!["Only ops and the moderators of ", track, " may give its commands; ask an op to name you."]
            }
            Self::NeedsOp { spec } => say![Span::Command(format!("~{}", spec.name)), " is for ops."],
            Self::NeedsName => say!["I cannot tell who you are."],
            Self::UnknownSlot { typed, near: Some(near) } => {
                say!["There is no slot ", cut(typed), ". Did you mean ", near, "?"]
            }
            Self::UnknownSlot { typed, near: None } => {
                let (free, time) = (Span::command("+free"), Span::command("ROOM mon 14:00"));
                say!["There is no slot ", cut(typed), ". Send ", free, " for the codes, or say ", time, "."]
            }
            Self::UnknownRoom { typed, near: Some(near) } => {
                say!["There is no room ", cut(typed), ". Did you mean ", Span::quoted(near), "?"]
            }
            Self::UnknownRoom { typed, near: None } => {
                let free = Span::command("+free");
                say!["There is no room ", cut(typed), ". Send ", free, " for the codes that can be booked."]
            }
            Self::NoSlotThen { room, around } if around.is_empty() => {
                say![Span::quoted(room), " has no slot then."]
            }
            Self::NoSlotThen { room, around } => {
                let nearest = if around.len() == 1 { "nearest is " } else { "nearest are " };
                let none = spans![Span::quoted(room), " has no slot then; the ", nearest];
                Reply::from(none.and_row(around, " and ").and([".".into()]))
            }
            Self::NotToday { days } if days.is_empty() => say!["No slots are planned."],
            Self::NotToday { days } => {
                say!["There are no slots today. Name a day with the time: ", days.join(", "), "."]
            }
            Self::SlotTaken { code, by, free } => free_instead(spans![code, " is held by ", by, "."], free.as_ref()),
            Self::NotPutBack { code, why } => {
                let warn = Span::command("~policy warn");
                let refused = spans![code, " cannot be given back: "].and(why.clone());
                refused.and([". After ".into(), warn, " by an op it can.".into()]).into()
            }
            Self::AgainstPolicy { code, why, free } => {
                let refused = spans![code, " cannot be booked: "].and(why.clone()).and([".".into()]);
                free_instead(refused, free.as_ref())
            }
            Self::ClashWithItself { track } => say![track, " is one track: name two that must not meet at once."],
            Self::SlotFull { code, count, free } => {
                free_instead(spans![code, " is shared by ", *count, " tracks and takes no more."], free.as_ref())
            }
            Self::NotYours { code, by } => {
                let only = if by.len() == 1 { "; only that track frees it." } else { "; each frees it for itself." };
                Reply::from(spans![code, " is held by "].and_row(by, ", ").and([only.into()]))
            }
            Self::NoSuchPlace { what, number, count: 0 } => {
                say![format!("There is no {what} {number}: the list is empty.")]
            }
            Self::NothingToMove { track, holds } if holds.is_empty() => say![track, " holds no slot to move."],
            Self::NothingToMove { track, holds } => Reply::from(
                spans!["Name first what ", track, " holds, then where it goes. It holds: "]
                    .and_row(holds, ", ")
                    .and([".".into()]),
            ),
            Self::NoSuchPlace { what, number, count } => {
                say![format!("There is no {what} {number}: the list has 1 to {count}.")]
            }
            Self::ListFull { what, most } => say![format!("There are {most} {what} already; remove one first.")],
            Self::TooManyLines { most } => {
                say![format!("Only the first {most} lines were read: send the rest in another message.")]
            }
            Self::TooMany { what, most } => say![format!("At most {most} {what} are kept here.")],
            Self::TwiceInOrder { number } => say![format!("{number} stands twice; name each message once.")],
            Self::UndoBlocked { what, later } => say![
                "'",
                Span::Command(cut(what)),
                "' cannot be taken back: '",
                Span::Command(cut(later)),
                "' came later. Take that back first."
            ],
            Self::NotEdited { what, why } => why.about(what),
            Self::NotCheckedIn => say![
                "You are not checked in. Use ",
                Span::command("in #TRACK"),
                " or ",
                Span::command("in LOCATION"),
                " first."
            ],
            Self::NeverSeen { name } => say!["I have not seen ", cut(name), "."],
            Self::SeveralPeople { name, ids } => {
                say![cut(name), " may be several people: ", cut(&ids.join(", ")), ". Use the full name."]
            }
            Self::BadPattern(reason) => say!["That pattern cannot be used: ", clean(reason)],
            Self::BadColor { typed } => say![
                cut(typed),
                " is no CSS colour. Use a name such as teal, or a form such as #42f4c5 or rgb(66 244 197)."
            ],
            Self::UnknownDay { typed, days } if days.is_empty() => {
                say!["There is no day ", cut(typed), ": no slots are planned."]
            }
            Self::UnknownDay { typed, days } => {
                say!["There is no day ", cut(typed), ". The days are: ", days.join(", "), "."]
            }
            Self::UnknownCommand { typed, near: Some(near) } => {
                say!["There is no command ", cut(typed), ". Did you mean ", Span::command(*near), "?"]
            }
            Self::UnknownCommand { typed, near: None } => {
                say!["There is no command ", cut(typed), ". Send ", Span::command("help"), " for the list."]
            }
            Self::FaultyDocument(findings) => check::refusal(findings),
            Self::BadDocument(error) => {
                say!["The data cannot be used, nothing was changed. ", error.path.as_str(), ": ", clean(&error.problem)]
            }
            Self::NoDocument { reason } => say!["The data could not be fetched, nothing was changed: ", clean(reason)],
            Self::Several(refusals) => {
                Reply::from(refusals.iter().flat_map(|refusal| refusal.reply().lines().to_vec()).collect::<Vec<_>>())
            }
            Self::NotAmongOthers => {
                say!["Data is fetched for a message of its own: say ", Span::command("~fetchdb URL"), " alone."]
            }
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reply().fmt(f)
    }
}

/// For programs that have nobody to tell it to.
impl std::error::Error for Refusal {}

/// A refusal, and what is free on the day instead.
fn free_instead(refused: Line, free: Option<&(String, Vec<SlotCode>)>) -> Reply {
    Reply::from(match free {
        Some((_, free)) if free.is_empty() => refused.and([" There is nothing else for it now.".into()]),
        Some((day, free)) => refused.and([format!(" Free on {day}: ").into()]).and_row(free, ", ").and([".".into()]),
        None => refused,
    })
}

/// All forms of a command, as in [`Spec::usage_line`].
fn usage(spec: &Spec) -> Vec<Span> {
    let mut spans = Vec::new();
    for form in spec.forms() {
        if !spans.is_empty() {
            spans.push(Span::from(" or "));
        }
        spans.push(Span::Command(form));
    }
    spans
}

/// What a person typed, quoted back: cleaned, and cut where it is long.
fn cut(typed: &str) -> String {
    let typed = clean(typed);
    match typed.char_indices().nth(MAX_QUOTED) {
        Some((end, _)) => format!("{}…", isolated(&typed[..end])),
        None => isolated(&typed).into_owned(),
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
