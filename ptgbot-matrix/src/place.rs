//! Where another process goes on: how far the stream is dealt with, as the store remembers it beside the board, and
//! which device says so.

use crate::position::Position;
use matrix_sdk::ruma::{DeviceId, OwnedDeviceId};
use serde::{Deserialize, Serialize};

/// How far a device of the account has dealt with the stream. Tokens of the stream are the same for all devices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    device: OwnedDeviceId,
    #[serde(flatten)]
    position: Position,
}

/// Who acted for the account before us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Predecessor {
    /// This device, or nobody: the data folder says where we are, and the server knows what we send again.
    Us,
    /// Another device of the account: what it has said is known by its name alone.
    Another,
}

impl Place {
    /// The place of a device; `None` where nobody could go on from it.
    pub(crate) fn new(device: &DeviceId, position: Position) -> Option<Self> {
        position.since.is_some().then(|| Self { device: device.to_owned(), position })
    }

    /// What was remembered; `None` where it says nothing that we know.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text)
            .inspect_err(|error| tracing::error!(%error, "cannot go on where the store says"))
            .ok()
    }

    /// What is to be remembered; `None` where that would be too long. Whoever goes on from an earlier place hears more.
    /// Of messages that cannot be decrypted the oldest are left out first.
    pub(crate) fn text(mut self) -> Option<String> {
        loop {
            let text = serde_json::to_string(&self).ok().filter(|text| text.len() <= LONGEST);
            let unread = &mut self.position.unread;
            if text.is_some() || unread.is_empty() {
                return text;
            }
            unread.drain(..unread.len().div_ceil(2));
        }
    }

    /// The position, if another device than this one says so: what this one has is in its own folder, and never behind.
    pub(crate) fn of_another(self, device: &DeviceId) -> Option<Position> {
        (self.device != device).then_some(self.position)
    }
}

/// A transport may have so much remembered.
const LONGEST: usize = 16_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::position::Unread;
    use matrix_sdk::ruma::{EventId, device_id, owned_room_id};

    fn position(unread: usize) -> Position {
        let unread = (0..unread).map(|number| Unread {
            room: owned_room_id!("!a:b"),
            event: EventId::parse(format!("$an-event-whose-name-is-as-long-as-usual-{number}")).expect("an ID"),
            at: 1,
        });
        Position { since: Some("s1".into()), unread: unread.collect(), ..Position::default() }
    }

    #[test]
    fn another_device_goes_on_from_it_and_the_same_one_from_its_own_folder() {
        let text = Place::new(device_id!("ONE"), position(2)).expect("a place").text().expect("short enough");
        let place = Place::parse(&text).expect("a place");
        assert_eq!(place.clone().of_another(device_id!("ONE")), None);
        assert_eq!(place.of_another(device_id!("TWO")), Some(position(2)));
        assert_eq!(Place::parse("line 7"), None);
        assert_eq!(Place::new(device_id!("ONE"), Position::default()), None, "before the first sync");
    }

    #[test]
    fn of_too_many_that_cannot_be_decrypted_the_newest_are_remembered() {
        let text = Place::new(device_id!("ONE"), position(1_000)).expect("a place").text().expect("it is made shorter");
        let kept = Place::parse(&text).and_then(|place| place.of_another(device_id!("TWO"))).expect("a place").unread;
        assert!(text.len() <= LONGEST && kept.len() > 50, "{}", kept.len());
        assert_eq!(kept.last(), position(1_000).unread.last());
        let mut far_behind = position(1);
        let rooms = (0..1_000)
            .map(|number| (format!("!a{number}:b").parse().expect("a room"), "s0_as_long_as_usual".to_owned()));
        far_behind.behind = rooms.collect();
        assert_eq!(Place::new(device_id!("ONE"), far_behind).expect("a place").text(), None);
    }
}
