//! What a message in a room says to the bot: the words of the person, without all that clients put around them.

use crate::name::{BotName, Mention};
use matrix_sdk::ruma::OwnedEventId;
use matrix_sdk::ruma::events::Mentions;
use matrix_sdk::ruma::events::room::message::{MessageFormat, MessageType, Relation, RoomMessageEventContent};

/// A message of words. Whether it is a command is for the core to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Message {
    /// A message of its own.
    Said {
        /// The words, with their line breaks.
        text: String,
        /// The first message of the thread in which it stands: the answer belongs there.
        thread: Option<OwnedEventId>,
    },
    /// Other words for an earlier message. Who asks must see to it that both are of one person, and knows the thread
    /// of the earlier one: an edit does not name it.
    Edited {
        /// The earlier message, always the first form of it.
        original: OwnedEventId,
        /// The words that stand there now.
        text: String,
    },
}

/// What a message says; `None` for all but words: notices, emotes, media, and nothing but the bot's name.
pub(crate) fn hear(content: &RoomMessageEventContent, bot: &BotName) -> Option<Message> {
    let text = words(content, bot)?;
    Some(match &content.relates_to {
        Some(Relation::Replacement(edit)) => Message::Edited { original: edit.event_id.clone(), text },
        Some(Relation::Thread(thread)) => Message::Said { text, thread: Some(thread.event_id.clone()) },
        // A relation of a kind that nobody knows changes no words.
        Some(_) | None => Message::Said { text, thread: None },
    })
}

/// The words of a message: of an edit the new ones (Client-Server API, "Event replacements"), of a reply those below
/// the quotation ("Fallbacks for rich replies", which older clients still send). Whatever people call the bot in front
/// becomes the name by which the core knows it: who speaks to it by name needs no prefix.
fn words(content: &RoomMessageEventContent, bot: &BotName) -> Option<String> {
    let (message, mentions) = match &content.relates_to {
        Some(Relation::Replacement(edit)) => (&edit.new_content.msgtype, &edit.new_content.mentions),
        Some(_) | None => (&content.msgtype, &content.mentions),
    };
    let MessageType::Text(message) = message else { return None };
    let html = message.formatted.as_ref().filter(|formatted| formatted.format == MessageFormat::Html);
    let (body, html) = match quotes(content) {
        Quotation::Possible => (below_quotation(&message.body), html.map(|html| below_html_quotation(&html.body))),
        Quotation::None => (message.body.as_str(), html.map(|html| html.body.as_str())),
    };
    let body = body.trim();
    let words = bot.drop_from(body, html, mention(mentions.as_ref(), bot));
    match words {
        "" => None,
        words if words.len() == body.len() => Some(words.to_owned()),
        words => Some(format!("{}: {words}", bot.id().localpart())),
    }
}

/// Whether a client may have put the message that is answered into the body.
enum Quotation {
    Possible,
    None,
}

fn quotes(content: &RoomMessageEventContent) -> Quotation {
    match &content.relates_to {
        Some(Relation::Reply(_)) => Quotation::Possible,
        Some(Relation::Thread(thread)) if thread.in_reply_to.is_some() && !thread.is_falling_back => {
            Quotation::Possible
        }
        Some(_) | None => Quotation::None,
    }
}

/// What stands below the lines that begin with `>`, where they are the fallback and not somebody's own quotation.
fn below_quotation(body: &str) -> &str {
    if !QUOTATIONS.iter().any(|start| body.starts_with(start)) {
        return body;
    }
    let mut rest = body;
    while rest.starts_with('>') {
        rest = rest.split_once('\n').map_or("", |(_, below)| below);
    }
    rest
}

fn below_html_quotation(html: &str) -> &str {
    match html.trim_start().strip_prefix("<mx-reply>") {
        Some(quotation) => quotation.split_once("</mx-reply>").map_or("", |(_, below)| below),
        None => html,
    }
}

fn mention(mentions: Option<&Mentions>, bot: &BotName) -> Mention {
    if mentions.is_some_and(|mentions| mentions.user_ids.contains(bot.id())) {
        Mention::Marked
    } else {
        Mention::Unmarked
    }
}

/// How the quotation of a message and of an emote begin.
const QUOTATIONS: [&str; 2] = ["> <@", "> * <@"];

#[cfg(test)]
mod tests {
    use super::*;
    use matrix_sdk::ruma::{event_id, user_id};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn heard(content: &Value) -> Option<Message> {
        let content = serde_json::from_value(content.clone()).expect("a message");
        hear(&content, &BotName::new(user_id!("@ptgbot:example.org"), Some("Event Bot")))
    }

    fn said(content: &Value) -> Option<String> {
        match heard(content)? {
            Message::Said { text, .. } => Some(text),
            other @ Message::Edited { .. } => panic!("{other:?}"),
        }
    }

    fn text(body: &str) -> Value {
        json!({"msgtype": "m.text", "body": body})
    }

    #[test]
    fn only_words_are_heard() {
        assert_eq!(said(&text("#swift now x")).as_deref(), Some("#swift now x"));
        for kind in ["m.notice", "m.emote", "org.example.other"] {
            assert_eq!(said(&json!({"msgtype": kind, "body": "#swift now x"})), None, "{kind}");
        }
        let image = json!({"msgtype": "m.image", "body": "#swift now x", "url": "mxc://example.org/a"});
        assert_eq!(said(&image), None);
        assert_eq!(said(&text("ptgbot: ")), None);
    }

    #[test]
    fn a_message_of_several_lines_is_kept_whole() {
        assert_eq!(said(&text("#swift now a\nb")).as_deref(), Some("#swift now a\nb"));
        assert_eq!(said(&text("hello\n#swift now a")).as_deref(), Some("hello\n#swift now a"));
    }

    #[test]
    fn the_quotation_above_a_reply_is_dropped() {
        let reply = |body: &str| {
            let mut message = text(body);
            message["m.relates_to"] = json!({"m.in_reply_to": {"event_id": "$a"}});
            said(&message)
        };
        let quoted = "> <@jane:example.org> #nova now y\n> more\n>\n\n#swift now x";
        assert_eq!(reply(quoted).as_deref(), Some("#swift now x"));
        assert_eq!(reply("> * <@jane:example.org> waves\n\nptgbot: ~list").as_deref(), Some("ptgbot: ~list"));
        assert_eq!(reply("> <@jane:example.org> nothing below"), None);
        assert_eq!(reply("#swift now x").as_deref(), Some("#swift now x"), "newer clients quote nothing");
        assert_eq!(said(&text(quoted)).as_deref(), Some(quoted), "only a reply has a fallback");
        assert_eq!(reply("> my own words\n\n~list").as_deref(), Some("> my own words\n\n~list"));
    }

    #[test]
    fn a_mention_in_front_becomes_the_plain_name() {
        let pill = json!({
            "msgtype": "m.text", "body": "Event Bot #swift now x", "format": "org.matrix.custom.html",
            "formatted_body": "<a href=\"https://matrix.to/#/@ptgbot:example.org\">Event Bot</a> #swift now x",
        });
        assert_eq!(said(&pill).as_deref(), Some("ptgbot: #swift now x"));
        let mut marked = text("Event Bot #swift now x");
        assert_eq!(said(&marked).as_deref(), Some("Event Bot #swift now x"));
        marked["m.mentions"] = json!({"user_ids": ["@ptgbot:example.org"]});
        assert_eq!(said(&marked).as_deref(), Some("ptgbot: #swift now x"));
        let mut reply = pill;
        reply["body"] = json!("> <@jane:example.org> hi\n\nEvent Bot #swift now x");
        reply["formatted_body"] = json!(
            "<mx-reply><blockquote><a href=\"https://matrix.to/#/@jane:example.org\">Jane</a> hi</blockquote></mx-reply>\
             <a href=\"https://matrix.to/#/@ptgbot:example.org\">Event Bot</a> #swift now x"
        );
        reply["m.relates_to"] = json!({"m.in_reply_to": {"event_id": "$a"}});
        assert_eq!(said(&reply).as_deref(), Some("ptgbot: #swift now x"));
    }

    #[test]
    fn an_edit_says_its_new_words_and_what_they_are_for() {
        let edit = |new: Value| {
            heard(&json!({
                "msgtype": "m.text", "body": "* #swift now y", "m.new_content": new,
                "m.relates_to": {"rel_type": "m.replace", "event_id": "$a"},
            }))
        };
        let original = event_id!("$a").to_owned();
        let words = "ptgbot: #swift now y".to_owned();
        assert_eq!(edit(text("@ptgbot:example.org #swift now y")), Some(Message::Edited { original, text: words }));
        assert_eq!(edit(json!({"msgtype": "m.notice", "body": "#swift now y"})), None);
    }

    #[test]
    fn a_thread_is_told_with_its_words() {
        let mut message = text("> <@jane:example.org> hi\n\n~list");
        let thread = Some(event_id!("$root").to_owned());
        message["m.relates_to"] =
            json!({"rel_type": "m.thread", "event_id": "$root", "m.in_reply_to": {"event_id": "$a"}});
        assert_eq!(heard(&message), Some(Message::Said { text: "~list".into(), thread: thread.clone() }));
        message["body"] = json!("~list");
        message["m.relates_to"]["is_falling_back"] = json!(true);
        assert_eq!(heard(&message), Some(Message::Said { text: "~list".into(), thread }));
    }

    proptest! {
        #[test]
        fn any_body_is_heard_without_panic(body in "(> <@)?[\\PC\n>]{0,60}", html in "(<mx-reply>)?[\\PC<>/a]{0,40}") {
            let message = json!({
                "msgtype": "m.text", "body": body, "format": "org.matrix.custom.html", "formatted_body": html,
                "m.relates_to": {"m.in_reply_to": {"event_id": "$a"}},
            });
            if let Some(text) = said(&message) {
                prop_assert!(body.contains(&text) && text == text.trim());
            }
        }
    }
}
