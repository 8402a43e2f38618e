//! Why an edit or a deletion cannot take back what the message did.

use super::{Refusal, cut};
use crate::reply::{Reply, Span, say};

/// What is in the way of an edit or a deletion; what the message did remains as it is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum EditRefused {
    /// Something of the same track, or the same setting, was changed since: an edit would lose that.
    ChangedSince {
        /// What came later, as the command that does it.
        later: String,
    },
    /// Likewise, for a message that was deleted.
    DeletedTooLate {
        /// What came later, as the command that does it.
        later: String,
    },
    /// It is no longer recent.
    TooOld,
    /// Somebody took it back meanwhile.
    UndoneAlready,
    /// It is nothing that can be taken back: an undo, or too much was changed since.
    Final,
    /// What the message says now is refused itself, or the person may no longer take it back.
    Refused(Box<Refusal>),
    /// What the message says now takes a while, so that both cannot be done at once.
    TakesAWhile,
}

impl EditRefused {
    /// The whole sentence about `what`, the command that the message gave first.
    pub(super) fn about(&self, what: &str) -> Reply {
        let what = || Span::Command(cut(what));
        match self {
            Self::ChangedSince { later } => {
                say!["'", what(), "' stands: '", Span::Command(cut(later)), "' came later. ", SAY_ANEW]
            }
            Self::DeletedTooLate { later } => {
                let later = Span::Command(cut(later));
                say!["'", what(), "' stands, although the message is deleted: '", later, "' came later. ", SAY_ANEW]
            }
            Self::TooOld => say!["'", what(), "' stands: an edit counts for one hour. ", SAY_ANEW],
            Self::UndoneAlready => say!["'", what(), "' was taken back already. ", SAY_ANEW],
            Self::Final => say!["'", what(), "' stands: an edit cannot take it back. ", SAY_ANEW],
            Self::Refused(why) => {
                let stands = say!["'", what(), "' stands. "];
                match why.reply().lines() {
                    [first, rest @ ..] => {
                        let mut reply = stands.then(first.clone());
                        rest.iter().for_each(|line| reply.push(line.clone()));
                        reply
                    }
                    [] => stands,
                }
            }
            Self::TakesAWhile => say![
                "'",
                what(),
                "' stands: data is fetched for a new message, not for an edit. Say it as a new message."
            ],
        }
    }
}

const SAY_ANEW: &str = "Say what you want as a new message.";
