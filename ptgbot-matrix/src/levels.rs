//! What a power level means at the event.

use matrix_sdk::ruma::events::room::power_levels::UserPowerLevel;
use ptgbot_core::Role;

/// The power levels from which somebody has voice, and is an op. Bridges from IRC map voice to 1 and op to 50.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Levels {
    voice: i64,
    op: i64,
}

impl Levels {
    /// Rights from these levels on; `None` if everybody had rights, or ops fewer than the rest.
    pub fn new(voice: i64, op: i64) -> Option<Self> {
        (1 <= voice && voice <= op).then_some(Self { voice, op })
    }

    /// What somebody of a level may do. A creator of a room of version 12 has no number: an op in any case.
    pub(crate) fn role(&self, level: UserPowerLevel) -> Role {
        let level = match level {
            UserPowerLevel::Infinite => return Role::Op,
            UserPowerLevel::Int(level) => i64::from(level),
            // The SDK may learn of more kinds of levels; nobody gets rights from what is not understood.
            _ => return Role::Member,
        };
        if level >= self.op {
            Role::Op
        } else if level >= self.voice {
            Role::Voice
        } else {
            Role::Member
        }
    }
}

/// A level as operators read it.
pub(crate) fn shown(level: UserPowerLevel) -> String {
    match level {
        UserPowerLevel::Int(level) => level.to_string(),
        // Creators of rooms of version 12, and what the SDK may learn of.
        _ => "without limit".to_owned(),
    }
}

impl Default for Levels {
    fn default() -> Self {
        Self { voice: 1, op: 50 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use matrix_sdk::ruma::int;

    #[test]
    fn a_level_gives_the_rights_of_the_step_that_it_has_reached() {
        let role = |level: i32| Levels::default().role(UserPowerLevel::Int(level.into()));
        assert_eq!([role(-1), role(0)], [Role::Member; 2]);
        assert_eq!([role(1), role(49)], [Role::Voice; 2]);
        assert_eq!([role(50), role(100)], [Role::Op; 2]);
        let strict = Levels { voice: 50, op: 100 };
        assert_eq!(strict.role(UserPowerLevel::Int(int!(50))), Role::Voice);
    }

    #[test]
    fn nobody_gets_rights_for_nothing() {
        assert_eq!(Levels::new(1, 50), Some(Levels::default()));
        assert!(Levels::new(5, 5).is_some() && Levels::new(0, 50).is_none() && Levels::new(1, 0).is_none());
    }

    #[test]
    fn a_creator_of_a_room_of_version_12_is_an_op() {
        assert_eq!(Levels { voice: i64::MAX, op: i64::MAX }.role(UserPowerLevel::Infinite), Role::Op);
    }
}
