//! What a person sees in Matrix rooms, one event at a time.

use serde_json::Value;

/// An event as the person's client showed it, decrypted where it could.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen(Value);

/// What kind of thing was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An event of a room's timeline.
    Event,
    /// An encrypted event for which no key has come yet.
    Undecrypted,
    /// An invite to a room.
    Invite,
    /// A room that the person is no longer in.
    Left,
    /// Events that the server left out because there were too many.
    Gap,
}

impl Seen {
    pub(crate) fn parse(line: &str) -> Self {
        Self(serde_json::from_str(line).unwrap_or_default())
    }

    /// What kind of thing it is.
    pub fn kind(&self) -> Kind {
        match self.text("kind") {
            "event" => Kind::Event,
            "undecrypted" => Kind::Undecrypted,
            "invite" => Kind::Invite,
            "left" => Kind::Left,
            _ => Kind::Gap,
        }
    }

    /// The room's ID.
    pub fn room(&self) -> &str {
        self.text("room")
    }

    /// The event's ID.
    pub fn id(&self) -> &str {
        self.text("id")
    }

    /// The event's type, `m.room.message` for what people say.
    pub fn event_type(&self) -> &str {
        self.text("type")
    }

    /// Whose it is.
    pub fn sender(&self) -> &str {
        self.text("sender")
    }

    /// The event's content.
    pub fn content(&self) -> &Value {
        &self.0["content"]
    }

    /// `m.text`, `m.notice`; empty for what is no message.
    pub fn msgtype(&self) -> &str {
        self.content()["msgtype"].as_str().unwrap_or_default()
    }

    /// The plain words.
    pub fn body(&self) -> &str {
        self.content()["body"].as_str().unwrap_or_default()
    }

    /// The words as HTML.
    pub fn html(&self) -> &str {
        match self.content()["format"].as_str() {
            Some("org.matrix.custom.html") => self.content()["formatted_body"].as_str().unwrap_or_default(),
            _ => "",
        }
    }

    /// Whom it mentions, by IDs; `None` where it does not say.
    pub fn mentions(&self) -> Option<Vec<&str>> {
        let mentions = self.content()["m.mentions"].as_object()?;
        let users = mentions.get("user_ids").and_then(Value::as_array);
        Some(users.into_iter().flatten().filter_map(Value::as_str).collect())
    }

    /// The message that it replies to.
    pub fn reply_to(&self) -> Option<&str> {
        self.content()["m.relates_to"]["m.in_reply_to"]["event_id"].as_str()
    }

    /// The first message of the thread in which it stands.
    pub fn thread(&self) -> Option<&str> {
        let relation = &self.content()["m.relates_to"];
        (relation["rel_type"] == "m.thread").then(|| relation["event_id"].as_str()).flatten()
    }

    /// The message that it reacts to, and with what.
    pub fn reaction_to(&self) -> Option<(&str, &str)> {
        let relation = &self.content()["m.relates_to"];
        let is_reaction = self.event_type() == "m.reaction" && relation["rel_type"] == "m.annotation";
        is_reaction.then_some(())?;
        Some((relation["event_id"].as_str()?, relation["key"].as_str()?))
    }

    /// Whether it replies or reacts to an event.
    pub fn answers(&self, event: &str) -> bool {
        self.reply_to() == Some(event) || self.reaction_to().is_some_and(|(target, _)| target == event)
    }

    /// The event that it takes out of the room.
    pub fn redacts(&self) -> Option<&str> {
        self.0["redacts"].as_str()
    }

    /// What happened to a person's membership: `join`, `leave`, `invite`.
    pub fn membership_of(&self, user: &str) -> Option<&str> {
        let is_theirs = self.event_type() == "m.room.member" && self.text("state_key") == user;
        is_theirs.then(|| self.content()["membership"].as_str()).flatten()
    }

    /// Whether it came encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.0["encrypted"] == true
    }

    /// Whether an invite is to a direct chat.
    pub fn is_direct(&self) -> bool {
        self.0["direct"] == true
    }

    fn text(&self, key: &str) -> &str {
        self.0[key].as_str().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reaction_is_no_reply() {
        let reaction = Seen::parse(
            r#"{"kind":"event","type":"m.reaction","content":{"m.relates_to":{"rel_type":"m.annotation","event_id":"$a","key":"✅"}}}"#,
        );
        assert_eq!(reaction.reaction_to(), Some(("$a", "✅")));
        assert_eq!(reaction.reply_to(), None);
        assert!(reaction.answers("$a") && !reaction.answers("$b"));
        let reply = Seen::parse(
            r#"{"kind":"event","type":"m.room.message","content":{"m.relates_to":{"m.in_reply_to":{"event_id":"$a"}}}}"#,
        );
        assert_eq!(reply.reaction_to(), None);
        assert_eq!(reply.reply_to(), Some("$a"));
        assert_eq!(reply.mentions(), None);
    }
}
