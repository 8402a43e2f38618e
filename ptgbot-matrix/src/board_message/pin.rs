//! Pinning the board's message, where we may.

use matrix_sdk::ruma::api::client::state::{get_state_event_for_key, send_state_event};
use matrix_sdk::ruma::events::StateEventType;
use matrix_sdk::ruma::events::room::pinned_events::RoomPinnedEventsEventContent;
use matrix_sdk::ruma::events::room::power_levels::UserPowerLevel;
use matrix_sdk::ruma::{EventId, Int, OwnedEventId};
use matrix_sdk::{Error, Room};

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pinning {
    /// It is pinned.
    Done,
    /// We lack the power.
    Lacks {
        /// What the room asks for.
        needed: Int,
        /// What we have.
        ours: UserPowerLevel,
    },
}

/// Pins a message beside what others have pinned, in the place of one that is gone.
///
/// # Errors
/// When the server cannot be asked or refuses it.
pub(super) async fn pin(room: &Room, message: &EventId, gone: Option<&EventId>) -> Result<Pinning, Error> {
    let (us, kind) = (room.own_user_id(), StateEventType::RoomPinnedEvents);
    let powers = room.power_levels_or_default().await;
    if !powers.user_can_send_state(us, kind.clone()) {
        return Ok(Pinning::Lacks { needed: powers.for_state(kind), ours: powers.for_user(us) });
    }
    let request = get_state_event_for_key::v3::Request::new(room.room_id().to_owned(), kind, String::new());
    let before = match room.client().send(request).await {
        Ok(answer) => serde_json::from_str::<RoomPinnedEventsEventContent>(answer.event_or_content.get()).ok(),
        Err(error) if error.as_client_api_error().is_some_and(|error| error.status_code.as_u16() == MISSING) => None,
        Err(error) => return Err(error.into()),
    };
    let before = before.map(|content| content.pinned).unwrap_or_default();
    let Some(pinned) = with(&before, message, gone) else { return Ok(Pinning::Done) };
    let content = RoomPinnedEventsEventContent::new(pinned);
    let request = send_state_event::v3::Request::new(room.room_id().to_owned(), &Default::default(), &content)?;
    room.client().send(request).await?;
    Ok(Pinning::Done)
}

/// What is pinned then; `None` where that is as before.
fn with(before: &[OwnedEventId], message: &EventId, gone: Option<&EventId>) -> Option<Vec<OwnedEventId>> {
    let mut pinned: Vec<OwnedEventId> = before.iter().filter(|event| Some(&***event) != gone).cloned().collect();
    if !pinned.iter().any(|event| event == message) {
        pinned.push(message.to_owned());
    }
    (pinned != before).then_some(pinned)
}

const MISSING: u16 = 404;

#[cfg(test)]
mod tests {
    use super::*;
    use matrix_sdk::ruma::event_id;

    #[test]
    fn what_others_have_pinned_stays() {
        let [others, old, new] = [event_id!("$others"), event_id!("$old"), event_id!("$new")];
        let owned = |events: &[&EventId]| events.iter().map(|event| (*event).to_owned()).collect::<Vec<_>>();
        assert_eq!(with(&[], new, None), Some(owned(&[new])));
        assert_eq!(with(&owned(&[old, others]), new, Some(old)), Some(owned(&[others, new])));
        assert_eq!(with(&owned(&[others, new]), new, Some(old)), None, "it is pinned already");
    }
}
