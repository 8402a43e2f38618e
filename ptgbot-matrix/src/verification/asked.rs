//! Requests for verification among what a sync has brought.

use matrix_sdk::ruma::events::room::message::MessageType;
use matrix_sdk::ruma::events::{AnySyncMessageLikeEvent, AnySyncTimelineEvent, AnyToDeviceEvent, SyncMessageLikeEvent};
use matrix_sdk::ruma::{
    MilliSecondsSinceUnixEpoch, OwnedDeviceId, OwnedEventId, OwnedRoomId, OwnedTransactionId, OwnedUserId, UserId,
};
use matrix_sdk::sync::SyncResponse;
use std::time::Duration;

/// Somebody asks to verify us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(super) sender: Sender,
    pub(super) flow: Flow,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sender {
    pub(super) user: OwnedUserId,
    pub(super) device: OwnedDeviceId,
}

/// What all messages of a verification name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    InRoom { room: OwnedRoomId, event: OwnedEventId },
    ToDevice { transaction: OwnedTransactionId },
}

impl Flow {
    pub(super) fn id(&self) -> &str {
        match self {
            Self::InRoom { event, .. } => event.as_str(),
            Self::ToDevice { transaction } => transaction.as_str(),
        }
    }
}

/// The requests to us in what a sync has brought that are not over: in rooms, and from device to device.
pub(crate) fn asked_in(response: &SyncResponse, us: &UserId) -> Vec<Asked> {
    let to_device = response.to_device.iter().filter_map(|event| to_device(&event.to_raw().deserialize().ok()?, us));
    let in_rooms = response.rooms.joined.iter().flat_map(|(room, update)| {
        let events = update.timeline.events.iter();
        events.filter_map(|event| in_room(room.clone(), &event.raw().deserialize().ok()?, us))
    });
    to_device.chain(in_rooms).collect()
}

fn to_device(event: &AnyToDeviceEvent, us: &UserId) -> Option<Asked> {
    let AnyToDeviceEvent::KeyVerificationRequest(event) = event else { return None };
    let content = &event.content;
    if event.sender == us || !is_fresh(content.timestamp) {
        return None;
    }
    let sender = Sender { user: event.sender.clone(), device: content.from_device.clone() };
    Some(Asked { sender, flow: Flow::ToDevice { transaction: content.transaction_id.clone() } })
}

fn in_room(room: OwnedRoomId, event: &AnySyncTimelineEvent, us: &UserId) -> Option<Asked> {
    let AnySyncTimelineEvent::MessageLike(AnySyncMessageLikeEvent::RoomMessage(SyncMessageLikeEvent::Original(event))) =
        event
    else {
        return None;
    };
    let MessageType::VerificationRequest(content) = &event.content.msgtype else { return None };
    if content.to != us || event.sender == us || !is_fresh(event.origin_server_ts) {
        return None;
    }
    let sender = Sender { user: event.sender.clone(), device: content.from_device.clone() };
    Some(Asked { sender, flow: Flow::InRoom { room, event: event.event_id.clone() } })
}

/// Older ones are void (Client-Server API, "Key verification framework").
fn is_fresh(asked_at: MilliSecondsSinceUnixEpoch) -> bool {
    let (now, asked_at) = (MilliSecondsSinceUnixEpoch::now().get(), asked_at.get());
    let apart = u64::from(now).abs_diff(u64::from(asked_at));
    Duration::from_millis(apart) < VOID_AFTER
}

const VOID_AFTER: Duration = Duration::from_secs(10 * 60);

#[cfg(test)]
mod tests {
    use super::*;
    use matrix_sdk::ruma::{room_id, user_id};
    use serde_json::{Value, json};

    fn message(to: &str, ago: u64) -> AnySyncTimelineEvent {
        let at = u64::from(MilliSecondsSinceUnixEpoch::now().get()) - ago * 1_000;
        let event = json!({
            "type": "m.room.message", "event_id": "$asked", "sender": "@jane:b", "origin_server_ts": at,
            "content": {
                "msgtype": "m.key.verification.request", "body": "verify", "from_device": "JANES", "to": to,
                "methods": ["m.sas.v1"],
            },
        });
        serde_json::from_value(event).expect("an event")
    }

    fn direct(content: Value) -> AnyToDeviceEvent {
        let event = json!({"type": "m.key.verification.request", "sender": "@jane:b", "content": content});
        serde_json::from_value(event).expect("an event")
    }

    #[test]
    fn a_request_to_us_is_found_and_a_void_one_or_somebody_elses_is_not() {
        let (us, room) = (user_id!("@ptgbot:b"), room_id!("!r:b"));
        let found = |to: &str, ago| in_room(room.to_owned(), &message(to, ago), us);
        let asked = found("@ptgbot:b", 30).expect("a request");
        assert_eq!((asked.sender.user.as_str(), asked.sender.device.as_str()), ("@jane:b", "JANES"));
        assert_eq!(asked.flow.id(), "$asked");
        assert_eq!(found("@ptgbot:b", 700), None, "it is void");
        assert_eq!(found("@gibi:b", 30), None);
        let now = MilliSecondsSinceUnixEpoch::now().get();
        let content = json!({
            "from_device": "JANES", "transaction_id": "t", "methods": ["m.sas.v1"], "timestamp": now,
        });
        assert_eq!(to_device(&direct(content.clone()), us).expect("a request").flow.id(), "t");
        assert_eq!(to_device(&direct(content), user_id!("@jane:b")), None, "our own");
    }
}
