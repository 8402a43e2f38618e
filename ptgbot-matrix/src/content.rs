//! The content of what we send: notices that reply and mention one person, messages that call somebody, reactions.

use crate::markup::{html, plain};
use matrix_sdk::ruma::events::Mentions;
use matrix_sdk::ruma::events::reaction::ReactionEventContent;
use matrix_sdk::ruma::events::relation::{Annotation, Reply as InReplyTo, Thread};
use matrix_sdk::ruma::events::room::message::{Relation, ReplacementMetadata, RoomMessageEventContent};
use matrix_sdk::ruma::{EventId, OwnedEventId, UserId};
use ptgbot_core::Reply;

/// The message that is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answered<'a> {
    /// The message.
    pub(crate) event: &'a EventId,
    /// The first message of its thread, if it stands in one.
    pub(crate) thread: Option<&'a EventId>,
}

/// Words as a message of a bot, which no other bot answers. It mentions that one person, or nobody: without saying
/// so, older rules would look for names in its words. Of several pieces, the first is enough to mention somebody.
pub(crate) fn notice(
    words: &Reply,
    answers: Option<Answered<'_>>,
    mention: Option<&UserId>,
) -> RoomMessageEventContent {
    let mut content = RoomMessageEventContent::notice_html(plain(words), html(words));
    content.mentions = Some(Mentions::with_user_ids(mention.map(UserId::to_owned)));
    content.relates_to = answers.map(|Answered { event, thread }| match thread {
        Some(root) => Relation::Thread(Thread::reply(root.to_owned(), event.to_owned())),
        None => Relation::Reply(InReplyTo::with_event_id(event.to_owned())),
    });
    content
}

/// Other words for a notice of ours that mentioned nobody.
pub(crate) fn edit(words: &Reply, original: OwnedEventId) -> RoomMessageEventContent {
    let metadata = ReplacementMetadata::new(original, Some(Mentions::new()));
    notice(words, None, None).make_replacement(metadata)
}

/// Words as a message to one person who asked to be told. It is no notice: clients stay silent at notices.
pub(crate) fn notification(words: &Reply, person: &UserId) -> RoomMessageEventContent {
    let mut content = RoomMessageEventContent::text_html(plain(words), html(words));
    content.mentions = Some(Mentions::with_user_ids([person.to_owned()]));
    content
}

/// The reaction that says "done". It belongs on the first form of a message: on an edit nobody would see it.
pub(crate) fn ack(original: OwnedEventId) -> ReactionEventContent {
    ReactionEventContent::new(Annotation::new(original, "✅".to_owned()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::pieces::{LIMIT, pieces};
    use matrix_sdk::ruma::{event_id, user_id};
    use serde_json::json;

    #[test]
    fn an_encrypted_event_of_the_longest_piece_is_taken_by_every_server() {
        let reply = Reply::from("\"<&ä https://a.example/?x=\\ +in ".repeat(1_000));
        let id = format!("@{}:example.org", "x".repeat(240));
        let id = <&UserId>::try_from(id.as_str()).unwrap();
        let event = EventId::parse(format!("${}", "x".repeat(250))).unwrap();
        for piece in pieces(&reply, LIMIT) {
            let content = notice(&piece, Some(Answered { event: &event, thread: Some(&event) }), Some(id));
            let inner = json!({"type": "m.room.message", "room_id": "!".repeat(255), "content": content}).to_string();
            let encrypted = inner.len().div_ceil(3) * 4 + 1_024;
            assert!(encrypted < 65_536 - 6 * 1_024, "{encrypted}");
        }
    }

    #[test]
    fn an_answer_is_a_notice_that_mentions_one_person() {
        let event = event_id!("$asked");
        let answered = Answered { event, thread: None };
        let content = notice(&"Known already: #swift.".into(), Some(answered), Some(user_id!("@jane:example.org")));
        assert_eq!(
            serde_json::to_value(content).unwrap(),
            json!({
                "msgtype": "m.notice", "body": "Known already: #swift.",
                "format": "org.matrix.custom.html", "formatted_body": "Known already: #swift.",
                "m.mentions": {"user_ids": ["@jane:example.org"]},
                "m.relates_to": {"m.in_reply_to": {"event_id": "$asked"}},
            })
        );
        let content = serde_json::to_value(notice(&"x".into(), None, None)).unwrap();
        assert_eq!(content["m.mentions"], json!({}), "nobody, not even whoever is named in the words");
        assert!(content.get("m.relates_to").is_none());
    }

    #[test]
    fn an_edit_mentions_nobody_and_says_its_words_in_both_forms() {
        let content = serde_json::to_value(edit(&"#swift: rings".into(), event_id!("$board").to_owned())).unwrap();
        let new = json!({
            "msgtype": "m.notice", "body": "#swift: rings", "format": "org.matrix.custom.html",
            "formatted_body": "#swift: rings", "m.mentions": {},
        });
        assert_eq!(content["m.new_content"], new);
        assert_eq!(content["m.relates_to"], json!({"rel_type": "m.replace", "event_id": "$board"}));
        assert_eq!((&content["msgtype"], &content["m.mentions"]), (&json!("m.notice"), &json!({})));
    }

    #[test]
    fn an_answer_in_a_thread_stays_in_it() {
        let answered = Answered { event: event_id!("$asked"), thread: Some(event_id!("$root")) };
        let content = serde_json::to_value(notice(&"x".into(), Some(answered), None)).unwrap();
        assert_eq!(
            content["m.relates_to"],
            json!({"rel_type": "m.thread", "event_id": "$root", "m.in_reply_to": {"event_id": "$asked"}})
        );
    }

    #[test]
    fn a_success_is_a_reaction() {
        assert_eq!(
            serde_json::to_value(ack(event_id!("$asked").to_owned())).unwrap(),
            json!({"m.relates_to": {"rel_type": "m.annotation", "event_id": "$asked", "key": "✅"}})
        );
    }
}
