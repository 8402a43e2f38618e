//! What was said in a room and waits until what was said before is read.

use crate::predecessor::Predecessor;
use matrix_sdk::deserialized_responses::TimelineEvent;
use matrix_sdk::ruma::events::room::power_levels::RoomPowerLevels;
use std::collections::VecDeque;

/// What was said in a room between two places in the stream.
pub(super) struct Update {
    /// Everything up to here is dealt with or comes before this.
    pub(super) since: String,
    /// The end of it.
    pub(super) until: String,
    /// What lies between `since` and this place is still to be asked for.
    pub(super) missing_until: Option<String>,
    /// What follows that.
    pub(super) events: Vec<TimelineEvent>,
    /// Who has which power at the end of it.
    pub(super) powers: RoomPowerLevels,
    /// Who may have answered some of it.
    pub(super) predecessor: Predecessor,
}

/// A room's updates, oldest first. However long a room cannot be read, its backlog stays small: what is too much is
/// asked for again.
#[derive(Default)]
pub(super) struct Backlog(VecDeque<Update>);

impl Backlog {
    /// Adds what came last.
    pub(super) fn push(&mut self, update: Update) {
        self.0.push_back(update);
        if self.0.len() > MOST
            && let (Some(first), Some(last)) = (self.0.pop_front(), self.0.pop_back())
        {
            let missing_until = Some(last.until.clone());
            self.0.clear();
            let Update { since, predecessor, .. } = first;
            self.0.push_back(Update { since, missing_until, events: Vec::new(), predecessor, ..last });
        }
    }

    /// The oldest.
    pub(super) fn pop(&mut self) -> Option<Update> {
        self.0.pop_front()
    }
}

/// Each holds at most as many messages as a sync gives of a room.
const MOST: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;
    use matrix_sdk::ruma::OwnedUserId;
    use matrix_sdk::ruma::events::room::power_levels::RoomPowerLevelsSource;
    use matrix_sdk::ruma::room_version_rules::AuthorizationRules;

    fn update(number: usize) -> Update {
        let nobody = std::iter::empty::<OwnedUserId>();
        let powers = RoomPowerLevels::new(RoomPowerLevelsSource::None, &AuthorizationRules::V11, nobody);
        let (since, until) = (format!("s{number}"), format!("s{}", number + 1));
        Update { since, until, missing_until: None, events: Vec::new(), powers, predecessor: Predecessor::Us }
    }

    #[test]
    fn a_long_backlog_becomes_one_stretch_to_ask_for() {
        let mut backlog = Backlog::default();
        (0..=MOST).for_each(|number| backlog.push(update(number)));
        backlog.push(update(MOST + 1));
        let all = backlog.pop().expect("one");
        let end = format!("s{}", MOST + 1);
        assert_eq!((all.since.as_str(), &all.until, all.missing_until.as_ref()), ("s0", &end, Some(&end)));
        assert!(backlog.pop().is_some_and(|next| next.since == end) && backlog.pop().is_none());
    }
}
