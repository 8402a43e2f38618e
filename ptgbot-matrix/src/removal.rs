//! By whom we were put out of a room, and why, for whoever reads the log.

use matrix_sdk::deserialized_responses::TimelineEvent;
use matrix_sdk::ruma::events::room::member::MembershipState;
use matrix_sdk::ruma::{OwnedUserId, UserId};
use serde::Deserialize;

/// Somebody has put us out of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Removal {
    pub(crate) by: OwnedUserId,
    pub(crate) how: How,
    /// What they say about it.
    pub(crate) reason: Option<String>,
}

/// How somebody is put out of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// They may come again.
    Kick,
    /// They may not.
    Ban,
}

impl Removal {
    /// What the last events of a room say about us; `None` where we have gone by ourselves, or were never in it.
    pub(crate) fn of(us: &UserId, events: &[TimelineEvent]) -> Option<Self> {
        let ours = |event: &TimelineEvent| {
            let event: Membership = serde_json::from_str(event.raw().json().get()).ok()?;
            (event.kind == "m.room.member" && event.state_key == us).then_some(event)
        };
        let Membership { sender: by, content, unsigned, .. } = events.iter().rev().find_map(ours)?;
        let was_in = !matches!(
            unsigned.prev_content.map(|before| before.membership),
            Some(MembershipState::Invite | MembershipState::Knock)
        );
        let how = match content.membership {
            MembershipState::Leave if by != us && was_in => How::Kick,
            MembershipState::Ban => How::Ban,
            _ => return None,
        };
        let reason = content.reason.map(|reason| reason.chars().take(LONGEST_REASON).collect());
        Some(Self { by, how, reason })
    }
}

/// What an event says about a member of the room.
#[derive(Deserialize)]
struct Membership {
    #[serde(rename = "type")]
    kind: String,
    state_key: OwnedUserId,
    sender: OwnedUserId,
    content: Content,
    #[serde(default)]
    unsigned: Unsigned,
}

#[derive(Deserialize)]
struct Content {
    membership: MembershipState,
    reason: Option<String>,
}

#[derive(Default, Deserialize)]
struct Unsigned {
    prev_content: Option<Content>,
}

/// It is a stranger's word.
const LONGEST_REASON: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;
    use matrix_sdk::ruma::serde::Raw;
    use matrix_sdk::ruma::user_id;
    use serde_json::{Value, json};

    fn event(event: &Value) -> TimelineEvent {
        TimelineEvent::from_plaintext(Raw::new(event).expect("JSON").cast_unchecked())
    }

    fn member(of: &str, by: &str, membership: &str, before: &str) -> TimelineEvent {
        event(&json!({
            "type": "m.room.member", "state_key": of, "sender": by,
            "content": {"membership": membership, "reason": "too loud"},
            "unsigned": {"prev_content": {"membership": before}},
        }))
    }

    #[test]
    fn who_puts_us_out_is_named_with_the_reason() {
        let (us, gibi) = (user_id!("@ptgbot:b"), "@gibi:b");
        let removal = |events: &[TimelineEvent]| Removal::of(us, events);
        let talk = event(&json!({"type": "m.room.message", "sender": gibi, "content": {"body": "goodbye"}}));
        let by = |how| Some(Removal { by: gibi.try_into().expect("a user"), how, reason: Some("too loud".into()) });
        let joined = || member(us.as_str(), us.as_str(), "join", "invite");
        assert_eq!(removal(&[joined(), talk, member(us.as_str(), gibi, "leave", "join")]), by(How::Kick));
        assert_eq!(removal(&[joined(), member(us.as_str(), gibi, "ban", "join")]), by(How::Ban));
        assert_eq!(removal(&[joined(), member(us.as_str(), us.as_str(), "leave", "join")]), None, "by ourselves");
        assert_eq!(removal(&[member(us.as_str(), gibi, "leave", "invite")]), None, "an invitation is withdrawn");
        assert_eq!(removal(&[member("@jane:b", gibi, "ban", "join")]), None, "somebody else");
    }

    #[test]
    fn a_long_reason_is_cut() {
        let (us, long) = (user_id!("@ptgbot:b"), "x".repeat(60_000));
        let kick = event(&json!({
            "type": "m.room.member", "state_key": us, "sender": "@gibi:b",
            "content": {"membership": "leave", "reason": long},
        }));
        let reason = Removal::of(us, &[kick]).and_then(|removal| removal.reason).expect("a reason");
        assert_eq!(reason.len(), LONGEST_REASON);
    }
}
