//! A stretch of a room's timeline, read in order: who did what, and with which power at that moment.

use crate::message::{Message, hear};
use crate::name::BotName;
use chrono::{DateTime, Utc};
use matrix_sdk::deserialized_responses::{TimelineEvent, TimelineEventKind, UnableToDecryptReason};
use matrix_sdk::ruma::events::room::member::MembershipState;
use matrix_sdk::ruma::events::room::power_levels::{RoomPowerLevels, UserPowerLevel};
use matrix_sdk::ruma::events::{
    AnySyncMessageLikeEvent, AnySyncStateEvent, AnySyncTimelineEvent, SyncMessageLikeEvent, SyncStateEvent,
};
use matrix_sdk::ruma::room_version_rules::RedactionRules;
use matrix_sdk::ruma::{MilliSecondsSinceUnixEpoch, OwnedEventId, OwnedUserId, UserId};

/// Something that somebody did in a room and that may concern the bot.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RoomEvent {
    /// The event's ID.
    pub(crate) id: OwnedEventId,
    /// Who did it.
    pub(crate) sender: OwnedUserId,
    /// When, as the server says (UTC).
    pub(crate) at: DateTime<Utc>,
    /// Their power in the room at that moment.
    pub(crate) power: UserPowerLevel,
    /// What they did.
    pub(crate) kind: EventKind,
}

/// What somebody did.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum EventKind {
    /// They said something, or edited what they had said.
    Message(Message),
    /// They deleted a message.
    Deleted {
        /// Which one.
        original: OwnedEventId,
    },
    /// They said something in the open although the room was encrypted: nobody vouches that it was they who said it.
    Unencrypted(Message),
    /// They said something that cannot be decrypted (yet).
    Unreadable {
        /// Why.
        reason: String,
    },
}

/// Whether what is said in a room is encrypted there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encryption {
    On,
    Off,
}

/// A room at the end of a stretch of its timeline.
pub(crate) struct RoomState<'a> {
    pub(crate) powers: &'a RoomPowerLevels,
    pub(crate) encryption: Encryption,
    pub(crate) redaction: &'a RedactionRules,
}

/// Reads events in their order. The powers are those at the end of the stretch; where they change within it, earlier
/// messages are judged by what was true before. What came before our own joining is left out, and so is what we did
/// ourselves.
pub(crate) fn read(events: &[TimelineEvent], bot: &BotName, end: &RoomState<'_>) -> Vec<RoomEvent> {
    let us = bot.id();
    let events: Vec<_> = events.iter().filter_map(|event| Some((event, event.raw().deserialize().ok()?))).collect();
    let mut powers = before(events.iter().map(|(_, event)| event), end.powers);
    let begins = events.iter().any(|(_, event)| begins_encryption(event));
    let mut encryption = if begins { Encryption::Off } else { end.encryption };
    let mut happened = Vec::new();
    for (event, content) in &events {
        let kind = match content {
            AnySyncTimelineEvent::State(AnySyncStateEvent::RoomPowerLevels(SyncStateEvent::Original(change))) => {
                powers.users = change.content.users.clone();
                powers.users_default = change.content.users_default;
                continue;
            }
            event if begins_encryption(event) => {
                encryption = Encryption::On;
                continue;
            }
            event if joins(event, us) => {
                happened.clear();
                continue;
            }
            AnySyncTimelineEvent::MessageLike(event) if event.sender() != us => kind(event, bot, end.redaction),
            AnySyncTimelineEvent::MessageLike(_) | AnySyncTimelineEvent::State(_) => continue,
        };
        let kind = match &event.kind {
            TimelineEventKind::UnableToDecrypt { utd_info, .. } => {
                Some(EventKind::Unreadable { reason: reason(&utd_info.reason) })
            }
            TimelineEventKind::PlainText { .. } => match (kind, encryption) {
                (Some(EventKind::Message(message)), Encryption::On) => Some(EventKind::Unencrypted(message)),
                (kind, Encryption::On | Encryption::Off) => kind,
            },
            TimelineEventKind::Decrypted(_) => kind,
        };
        if let Some(kind) = kind {
            let sender = content.sender().to_owned();
            happened.push(RoomEvent {
                id: content.event_id().to_owned(),
                at: time(event.timestamp.unwrap_or(content.origin_server_ts())),
                power: powers.for_user(&sender),
                sender,
                kind,
            });
        }
    }
    happened
}

/// Whether we join a room with this event (and do not merely change our name in it).
pub(crate) fn joins(event: &AnySyncTimelineEvent, us: &UserId) -> bool {
    let AnySyncTimelineEvent::State(AnySyncStateEvent::RoomMember(SyncStateEvent::Original(member))) = event else {
        return false;
    };
    let before = member.unsigned.prev_content.as_ref().map(|content| &content.membership);
    member.state_key == us
        && member.content.membership == MembershipState::Join
        && before != Some(&MembershipState::Join)
}

/// Whether a room is encrypted from this event on (and was not before).
fn begins_encryption(event: &AnySyncTimelineEvent) -> bool {
    matches!(
        event,
        AnySyncTimelineEvent::State(AnySyncStateEvent::RoomEncryption(SyncStateEvent::Original(encryption)))
            if encryption.unsigned.prev_content.is_none()
    )
}

/// What one message said.
pub(crate) fn message(event: &TimelineEvent, bot: &BotName) -> Option<Message> {
    match event.raw().deserialize().ok()? {
        AnySyncTimelineEvent::MessageLike(AnySyncMessageLikeEvent::RoomMessage(SyncMessageLikeEvent::Original(
            event,
        ))) => hear(&event.content, bot),
        AnySyncTimelineEvent::MessageLike(_) | AnySyncTimelineEvent::State(_) => None,
    }
}

fn kind(event: &AnySyncMessageLikeEvent, bot: &BotName, redaction: &RedactionRules) -> Option<EventKind> {
    match event {
        AnySyncMessageLikeEvent::RoomMessage(SyncMessageLikeEvent::Original(event)) => {
            hear(&event.content, bot).map(EventKind::Message)
        }
        AnySyncMessageLikeEvent::RoomRedaction(event) => {
            event.redacts(redaction).map(|original| EventKind::Deleted { original: original.to_owned() })
        }
        _ => None,
    }
}

/// The powers before the first change of them among some events.
fn before<'a>(mut events: impl Iterator<Item = &'a AnySyncTimelineEvent>, now: &RoomPowerLevels) -> RoomPowerLevels {
    let mut powers = now.clone();
    let first = events.find_map(|event| match event {
        AnySyncTimelineEvent::State(AnySyncStateEvent::RoomPowerLevels(SyncStateEvent::Original(change))) => {
            Some(change)
        }
        _ => None,
    });
    if let Some(first) = first {
        let earlier = first.unsigned.prev_content.as_ref();
        powers.users = earlier.map(|content| content.users.clone()).unwrap_or_default();
        powers.users_default = earlier.map(|content| content.users_default).unwrap_or_default();
    }
    powers
}

fn reason(reason: &UnableToDecryptReason) -> String {
    match reason {
        UnableToDecryptReason::MissingMegolmSession { withheld_code: None } => "its key has not come".to_owned(),
        UnableToDecryptReason::MissingMegolmSession { withheld_code: Some(code) } => {
            format!("its sender withheld the key ({code})")
        }
        UnableToDecryptReason::UnknownMegolmMessageIndex => "its key is of later messages only".to_owned(),
        UnableToDecryptReason::SenderIdentityNotTrusted(_) => "its sender's device is not trusted".to_owned(),
        other => format!("{other:?}"),
    }
}

/// The moment of an event; a nonsensical one counts as the beginning of time.
fn time(at: MilliSecondsSinceUnixEpoch) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(i64::from(at.get())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use matrix_sdk::ruma::events::room::power_levels::{RoomPowerLevelsEventContent, RoomPowerLevelsSource};
    use matrix_sdk::ruma::room_version_rules::RoomVersionRules;
    use matrix_sdk::ruma::serde::Raw;
    use matrix_sdk::ruma::{event_id, user_id};
    use serde_json::{Value, json};

    const US: &str = "@ptgbot:example.org";

    fn event(kind: &str, id: &str, sender: &str, content: Value, more: Value) -> TimelineEvent {
        let mut event = json!({
            "type": kind, "event_id": id, "sender": sender, "origin_server_ts": 1_790_000_000_000_i64,
            "content": content,
        });
        for (key, value) in more.as_object().expect("an object") {
            event[key] = value.clone();
        }
        TimelineEvent::from_plaintext(Raw::new(&event).expect("json").cast_unchecked())
    }

    fn says(id: &str, sender: &str, words: &str) -> TimelineEvent {
        event("m.room.message", id, sender, json!({"msgtype": "m.text", "body": words}), json!({}))
    }

    fn sets(users: Value, earlier: Value) -> TimelineEvent {
        let more = json!({"state_key": "", "unsigned": {"prev_content": {"users": earlier}}});
        event("m.room.power_levels", "$pl", "@admin:example.org", json!({"users": users}), more)
    }

    fn member(membership: &str, earlier: &str) -> TimelineEvent {
        let more = json!({"state_key": US, "unsigned": {"prev_content": {"membership": earlier}}});
        event("m.room.member", "$m", US, json!({"membership": membership}), more)
    }

    fn happened(
        events: &[TimelineEvent],
        now: Value,
        rules: &RoomVersionRules,
        creator: &str,
    ) -> Vec<(String, String)> {
        let content: Option<RoomPowerLevelsEventContent> =
            serde_json::from_value(json!({"users": now})).expect("power levels");
        let creator = UserId::parse(creator).expect("an ID");
        let powers = RoomPowerLevels::new(content.into(), &rules.authorization, [creator]);
        let us = UserId::parse(US).expect("an ID");
        let end = RoomState { powers: &powers, encryption: Encryption::Off, redaction: &rules.redaction };
        let happened = read(events, &BotName::new(&us, None), &end);
        happened.into_iter().map(|happened| (happened.id.to_string(), format!("{:?}", happened.power))).collect()
    }

    fn ids(happened: &[(String, String)]) -> Vec<&str> {
        happened.iter().map(|(id, _)| id.as_str()).collect()
    }

    #[test]
    fn each_message_is_judged_by_the_powers_of_its_moment() {
        let (jane, admin) = ("@jane:example.org", "@admin:example.org");
        let events = [
            says("$1", jane, "#a now x"),
            sets(json!({jane: 50}), json!({jane: 1})),
            says("$2", jane, "#a now y"),
            sets(json!({admin: 100}), json!({jane: 50})),
            says("$3", jane, "#a now z"),
        ];
        let happened = happened(&events, json!({admin: 100}), &RoomVersionRules::V11, admin);
        let powers: Vec<&str> = happened.iter().map(|(_, power)| power.as_str()).collect();
        assert_eq!(powers, ["Int(1)", "Int(50)", "Int(0)"]);
    }

    #[test]
    fn a_creator_of_version_12_needs_no_entry() {
        let happened =
            happened(&[says("$1", "@c:example.org", "x")], json!({}), &RoomVersionRules::V12, "@c:example.org");
        assert_eq!(happened, [("$1".to_owned(), "Infinite".to_owned())]);
    }

    #[test]
    fn what_was_said_before_we_joined_is_left_out_and_a_new_name_is_no_joining() {
        let jane = "@jane:example.org";
        let events = [says("$1", jane, "old"), member("join", "invite"), says("$2", jane, "new")];
        assert_eq!(ids(&happened(&events, json!({}), &RoomVersionRules::V11, jane)), ["$2"]);
        let events = [says("$1", jane, "old"), member("join", "join"), says("$2", jane, "new")];
        assert_eq!(ids(&happened(&events, json!({}), &RoomVersionRules::V11, jane)), ["$1", "$2"]);
    }

    #[test]
    fn our_own_messages_are_left_out() {
        let events = [says("$1", US, "#a now x"), says("$2", "@jane:example.org", "hello")];
        assert_eq!(ids(&happened(&events, json!({}), &RoomVersionRules::V11, US)), ["$2"]);
    }

    #[test]
    fn deletions_of_older_and_newer_rooms_are_both_understood() {
        let jane = user_id!("@jane:example.org");
        let old = event("m.room.redaction", "$r", jane.as_str(), json!({}), json!({"redacts": "$1"}));
        let new = event("m.room.redaction", "$r", jane.as_str(), json!({"redacts": "$1"}), json!({}));
        for (event, rules) in [(old, RoomVersionRules::V10), (new, RoomVersionRules::V11)] {
            let powers = RoomPowerLevels::new(RoomPowerLevelsSource::None, &rules.authorization, [jane.to_owned()]);
            let end = RoomState { powers: &powers, encryption: Encryption::On, redaction: &rules.redaction };
            let happened = read(&[event], &BotName::new(user_id!("@ptgbot:example.org"), None), &end);
            assert_eq!(happened[0].kind, EventKind::Deleted { original: event_id!("$1").to_owned() });
        }
    }

    #[test]
    fn what_is_said_in_the_open_counts_only_until_the_room_is_encrypted() {
        let jane = user_id!("@jane:example.org");
        let encryption = json!({"algorithm": "m.megolm.v1.aes-sha2"});
        let begins = event("m.room.encryption", "$e", jane.as_str(), encryption, json!({"state_key": ""}));
        let (first, second) = (says("$1", jane.as_str(), "#a now x"), says("$2", jane.as_str(), "#a now y"));
        let rules = RoomVersionRules::V11;
        let powers = RoomPowerLevels::new(RoomPowerLevelsSource::None, &rules.authorization, [jane.to_owned()]);
        let end = RoomState { powers: &powers, encryption: Encryption::On, redaction: &rules.redaction };
        let bot = BotName::new(user_id!("@ptgbot:example.org"), None);
        let in_the_open = |events: &[TimelineEvent]| {
            let happened = read(events, &bot, &end);
            happened.iter().map(|event| matches!(event.kind, EventKind::Unencrypted(_))).collect::<Vec<_>>()
        };
        assert_eq!(in_the_open(&[first.clone(), begins, second.clone()]), [false, true]);
        assert_eq!(in_the_open(&[first, second]), [true, true]);
    }

    #[test]
    fn events_that_make_no_sense_are_passed_over() {
        let broken = [
            event("m.room.message", "$1", "nobody", json!({"msgtype": "m.text", "body": "x"}), json!({})),
            event("m.room.message", "$2", "@jane:example.org", json!({"body": 7}), json!({})),
            event("m.room.redaction", "$3", "@jane:example.org", json!({}), json!({})),
            event("m.room.power_levels", "$4", "@jane:example.org", json!({"users": 3}), json!({"state_key": ""})),
        ];
        assert_eq!(ids(&happened(&broken, json!({}), &RoomVersionRules::V11, US)), Vec::<&str>::new());
    }
}
