//! Roles: what a person may do, as the chat network reports it at that moment.

use serde::{Deserialize, Serialize};

/// A person's standing in the channel. The order is the order of rights.
///
/// Exhaustive: a network knows no more, and whoever judges by them forgets none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everyone; also anyone in a private message.
    #[default]
    Member,
    /// Trusted with track commands after `~requirevoice` (IRC `+v`, Matrix power level 1).
    Voice,
    /// Runs the event (IRC `+o`, Matrix power level 50).
    Op,
}

/// Who may give track commands.
///
/// Exhaustive: whoever says who may speak for a track knows every answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moderation {
    /// Everyone in the channel: the rule of a new board.
    #[default]
    Anyone,
    /// Voiced people and ops only.
    VoicedOnly,
}

impl Moderation {
    /// The least role that may give a track command.
    pub fn least_role(self) -> Role {
        match self {
            Self::Anyone => Role::Member,
            Self::VoicedOnly => Role::Voice,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_op_has_every_right_of_voice() {
        assert!(Role::Op > Role::Voice && Role::Voice > Role::Member);
        assert_eq!(Moderation::VoicedOnly.least_role(), Role::Voice);
    }
}
