//! Why an edit or a deletion cannot take back what the message did.

use super::{Refusal, cut};

/// What is in the way of an edit or a deletion; what the message did remains as it is.
#[derive(Clone, Debug)]
pub enum Unamended {
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

impl Unamended {
    /// The whole sentence about `what`, the command that the message gave first.
    pub(super) fn about(&self, what: &str) -> String {
        let what = cut(what);
        match self {
            Self::ChangedSince { later } => {
                format!("'{what}' stands: '{}' came later. Say what you want as a new message.", cut(later))
            }
            Self::DeletedTooLate { later } => format!(
                "'{what}' stands, although the message is deleted: '{}' came later. Say what you want as a new message.",
                cut(later)
            ),
            Self::TooOld => {
                format!("'{what}' stands: an edit counts for one hour. Say what you want as a new message.")
            }
            Self::UndoneAlready => format!("'{what}' was taken back already. Say what you want as a new message."),
            Self::Final => {
                format!("'{what}' stands: an edit cannot take it back. Say what you want as a new message.")
            }
            Self::Refused(why) => format!("'{what}' stands. {why}"),
            Self::TakesAWhile => {
                format!("'{what}' stands: data is fetched for a new message, not for an edit. Say it as a new message.")
            }
        }
    }
}
