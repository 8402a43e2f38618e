//! Where another process goes on: how far the stream is dealt with, as the store remembers it beside the board, and
//! which device says so.

use crate::position::{Position, Unread};
use matrix_sdk::ruma::{DeviceId, OwnedDeviceId, OwnedRoomId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How far a device of the account has dealt with the stream. Tokens of the stream are the same for all devices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StreamPlace {
    device: OwnedDeviceId,
    /// The token up to which everything is answered, but for what is named below.
    since: String,
    /// Rooms that are not as far, by their token: many share one.
    behind: BTreeMap<String, Vec<OwnedRoomId>>,
    unread: Vec<Unread>,
}

impl StreamPlace {
    /// The place of a device; `None` where nobody could go on from it.
    pub(crate) fn new(device: &DeviceId, position: Position) -> Option<Self> {
        let mut behind = BTreeMap::<_, Vec<_>>::new();
        for (room, token) in position.behind {
            behind.entry(token).or_default().push(room);
        }
        Some(Self { device: device.to_owned(), since: position.since?, behind, unread: position.unread })
    }

    /// What was remembered; `None` where it says nothing that we know.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text)
            .inspect_err(|error| tracing::error!(%error, "cannot go on where the store says"))
            .ok()
    }

    /// What is to be remembered; `None` where that would be too long. Whoever goes on from an earlier place hears more.
    /// Of messages that cannot be decrypted the oldest are left out first. Which device it is counts for nothing: what
    /// was remembered of one can be remembered of another.
    pub(crate) fn text(mut self) -> Option<String> {
        loop {
            let text = serde_json::to_string(&self).ok();
            let text = text.filter(|text| text.len() - self.device.as_str().len().min(LONGEST_DEVICE) <= LONGEST);
            if text.is_some() || self.unread.is_empty() {
                return text;
            }
            self.unread.drain(..self.unread.len().div_ceil(2));
        }
    }

    /// Which device says so.
    pub(crate) fn device(&self) -> &DeviceId {
        &self.device
    }

    /// The position, if another device than this one says so: what this one has is in its own folder, and never behind.
    pub(crate) fn of_another(self, device: &DeviceId) -> Option<Position> {
        let Self { device: theirs, since, behind, unread } = self;
        let behind =
            behind.into_iter().flat_map(|(token, rooms)| rooms.into_iter().map(move |room| (room, token.clone())));
        (theirs != device).then(|| Position { since: Some(since), behind: behind.collect(), unread })
    }
}

/// A transport may have so much remembered, and the device's name.
const LONGEST: usize = 15_000;
const LONGEST_DEVICE: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;
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
        let text = StreamPlace::new(device_id!("ONE"), position(2)).expect("a place").text().expect("short enough");
        let place = StreamPlace::parse(&text).expect("a place");
        assert_eq!(place.clone().of_another(device_id!("ONE")), None);
        assert_eq!(place.of_another(device_id!("TWO")), Some(position(2)));
        assert_eq!(StreamPlace::parse("line 7"), None);
        assert_eq!(StreamPlace::new(device_id!("ONE"), Position::default()), None, "before the first sync");
    }

    #[test]
    fn of_too_many_that_cannot_be_decrypted_the_newest_are_remembered() {
        let text =
            StreamPlace::new(device_id!("ONE"), position(1_000)).expect("a place").text().expect("it is made shorter");
        let kept =
            StreamPlace::parse(&text).and_then(|place| place.of_another(device_id!("TWO"))).expect("a place").unread;
        assert!(text.len() <= LONGEST && kept.len() > 50, "{}", kept.len());
        assert_eq!(kept.last(), position(1_000).unread.last());
    }

    /// A place at which so many rooms are behind, with tokens as long as usual.
    fn far_behind(rooms: usize, token_of: impl Fn(usize) -> usize) -> StreamPlace {
        let token = |number| format!("s{number}_757284974_8_4309_2123_39_12_4104_0_5");
        let room = |number| format!("!{number:03}gqmQYUWPSeLTUMyAUwB:example.org").parse().expect("a room");
        let behind = (0..rooms).map(|number| (room(number), token(token_of(number)))).collect();
        StreamPlace::new(device_id!("ONE"), Position { behind, ..position(1) }).expect("a place")
    }

    #[test]
    fn hundreds_of_rooms_that_are_behind_at_one_place_are_remembered() {
        let place = far_behind(350, |_| 7);
        let text = place.clone().text().expect("short enough");
        assert_eq!(StreamPlace::parse(&text), Some(place));
        assert_eq!(far_behind(350, |number| number).text(), None, "and each at its own they are too many");
    }

    #[test]
    fn what_one_device_has_remembered_another_one_can_remember() {
        let rooms = (1..).take_while(|rooms| far_behind(*rooms, |_| 7).text().is_some()).last().expect("some");
        let text = far_behind(rooms, |_| 7).text().expect("short enough");
        let position =
            StreamPlace::parse(&text).and_then(|place| place.of_another(device_id!("TWO"))).expect("a place");
        let longer: &DeviceId = "A_DEVICE_WITH_A_LONGER_NAME".into();
        assert!(StreamPlace::new(longer, position).expect("a place").text().is_some());
    }
}
