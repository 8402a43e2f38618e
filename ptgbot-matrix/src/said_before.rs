//! What another device of ours has told people already: looked up before the first notification to each of them.

use crate::lasting_name::{Names, names_in};
use matrix_sdk::room::MessagesOptions;
use matrix_sdk::ruma::{OwnedUserId, RoomId, TransactionId, UserId};
use matrix_sdk::{Client, Error};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What each person was told by another device, as far as it was looked up. Copies share it.
#[derive(Clone, Default)]
pub(crate) struct SaidBefore(Arc<Mutex<HashMap<OwnedUserId, Names>>>);

impl SaidBefore {
    /// Whether a person was told this; `None`: that is still to be looked up.
    pub(crate) fn contains(&self, person: &UserId, name: &TransactionId) -> Option<bool> {
        let mut people = self.people();
        let names = people.get_mut(person)?;
        let found = names.contains(name);
        if !found {
            // Notifications come in their order: of later ones none was told.
            *names = Names::new();
        }
        Some(found)
    }

    /// Keeps what was looked up.
    pub(crate) fn keep(&self, person: &UserId, names: Names) {
        self.people().insert(person.to_owned(), names);
    }

    fn people(&self) -> MutexGuard<'_, HashMap<OwnedUserId, Names>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The names of what we have said last in a room.
///
/// # Errors
/// When the server cannot be asked.
pub(crate) async fn last_said(client: &Client, room: &RoomId) -> Result<Names, Error> {
    let room = client.get_room(room).ok_or(Error::InsufficientData)?;
    let mut options = MessagesOptions::backward();
    options.limit = MESSAGES.into();
    Ok(names_in(&room, &room.messages(options).await?.chunk).await)
}

/// More than one process has under way to one person, whatever people say in between.
const MESSAGES: u8 = 50;

#[cfg(test)]
mod tests {
    use super::*;
    use matrix_sdk::ruma::user_id;

    #[test]
    fn only_the_first_ones_can_have_been_told() {
        let (before, jane) = (SaidBefore::default(), user_id!("@jane:example.org"));
        let [first, second]: [&TransactionId; 2] = ["one".into(), "two".into()];
        assert_eq!(before.contains(jane, first), None);
        before.keep(jane, [first.to_owned()].into());
        assert_eq!(before.contains(jane, first), Some(true));
        assert_eq!(before.contains(jane, second), Some(false));
        assert_eq!(before.contains(jane, first), Some(false), "it is kept no longer than it is of use");
    }
}
