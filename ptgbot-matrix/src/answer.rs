//! What an answer looks like in a room: a notice in plain words and in HTML, in pieces that every server takes.

use crate::markup::{harmless, html};
use matrix_sdk::ruma::events::Mentions;
use matrix_sdk::ruma::events::reaction::ReactionEventContent;
use matrix_sdk::ruma::events::relation::{Annotation, Reply, Thread};
use matrix_sdk::ruma::events::room::message::{Relation, RoomMessageEventContent};
use matrix_sdk::ruma::{EventId, OwnedEventId, UserId};

/// A message, or as much of it as fits into one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// For clients that show plain text, and for notifications.
    pub(crate) plain: String,
    /// For all others.
    pub(crate) html: String,
}

/// The message that is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answered<'a> {
    /// The message.
    pub(crate) event: &'a EventId,
    /// The first message of its thread, if it stands in one.
    pub(crate) thread: Option<&'a EventId>,
}

/// Most bytes of both forms of a piece as JSON.
///
/// A whole event may have 65,536 bytes (Client-Server API, "Size limits"). Encryption makes 4 bytes of 3 and adds its
/// keys; servers add their signatures and the IDs of earlier events; we add a relation and a mention: of 255 bytes an
/// ID. With 8 KiB for all that, 43,008 would fit; nobody reads that much, so there is room to spare.
pub(crate) const LIMIT: usize = 32_768;

impl Piece {
    /// The whole text as one piece, however long. Several lines become a list, as far as each says what it is about
    /// (`Now: rings`); others are paragraphs.
    pub(crate) fn whole(text: &str) -> Self {
        let lines: Vec<String> = lines(text).collect();
        Self { html: layout(&lines), plain: lines.join("\n") }
    }
}

/// The text in pieces of at most `limit` bytes, cut between lines, else between words, never inside a character. Each
/// looks as [`Piece::whole`] of its plain form does. Nothing is left of a text without visible words.
pub(crate) fn pieces(text: &str, limit: usize) -> Vec<Piece> {
    let limit = limit.max(LEAST);
    let mut pieces = Vec::new();
    let mut together = String::new();
    let mut taken = 0;
    for line in lines(text) {
        let mut rest = line.as_str();
        while !rest.is_empty() {
            let whole = rest.len() <= limit && taken + cost(rest) <= limit;
            let most = if whole { rest.len() } else { fitting(rest, limit) };
            if taken + cost(&rest[..most]) > limit {
                pieces.push(Piece::whole(&together));
                together.clear();
                taken = 0;
                continue;
            }
            let (now, later) = rest.split_at(most);
            together.push_str(now);
            together.push('\n');
            taken += cost(now);
            rest = later.trim_start();
        }
    }
    if !together.is_empty() {
        pieces.push(Piece::whole(&together));
    }
    pieces
}

/// A piece as a message of a bot, which no other bot answers. It mentions that one person, or nobody: without saying
/// so, older rules would look for names in its words. Of several pieces, the first is enough to mention somebody.
pub(crate) fn notice(piece: Piece, answers: Option<Answered<'_>>, mention: Option<&UserId>) -> RoomMessageEventContent {
    let mut content = RoomMessageEventContent::notice_html(piece.plain, piece.html);
    content.mentions = Some(Mentions::with_user_ids(mention.map(UserId::to_owned)));
    content.relates_to = answers.map(|Answered { event, thread }| match thread {
        Some(root) => Relation::Thread(Thread::reply(root.to_owned(), event.to_owned())),
        None => Relation::Reply(Reply::with_event_id(event.to_owned())),
    });
    content
}

/// A piece as a message to one person who asked to be told. It is no notice: clients stay silent at notices.
pub(crate) fn notification(piece: Piece, person: &UserId) -> RoomMessageEventContent {
    let mut content = RoomMessageEventContent::text_html(piece.plain, piece.html);
    content.mentions = Some(Mentions::with_user_ids([person.to_owned()]));
    content
}

/// The reaction that says "done". It belongs on the first form of a message: on an edit nobody would see it.
pub(crate) fn ack(original: OwnedEventId) -> ReactionEventContent {
    ReactionEventContent::new(Annotation::new(original, "✅".to_owned()))
}

/// The lines that have visible words.
fn lines(text: &str) -> impl Iterator<Item = String> {
    text.split(['\n', '\r']).map(harmless).filter(|line| !line.is_empty())
}

fn layout(lines: &[String]) -> String {
    if let [line] = lines {
        return html(line);
    }
    let mut said = String::new();
    for group in lines.chunk_by(|a, b| is_item(a) == is_item(b)) {
        let items = group.first().is_some_and(|line| is_item(line));
        let (before, after) = if items { ("<li>", "</li>") } else { ("<p>", "</p>") };
        said.push_str(if items { "<ul>" } else { "" });
        for line in group {
            said.extend([before, &html(line), after]);
        }
        said.push_str(if items { "</ul>" } else { "" });
    }
    said
}

fn is_item(line: &str) -> bool {
    line.contains(": ")
}

/// Bytes that a line adds to a piece, at most.
fn cost(line: &str) -> usize {
    in_json(line) + in_json(&html(line)) + AROUND
}

fn in_json(text: &str) -> usize {
    text.len() + text.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count()
}

/// The length of a beginning of the line that fits alone, up to a blank if there is one in its later half.
fn fitting(line: &str, limit: usize) -> usize {
    let mut most = line.len().min(limit);
    loop {
        let end = line.floor_char_boundary(most).max(line.chars().next().map_or(0, char::len_utf8));
        let words = line[..end].rfind(' ').filter(|at| *at >= end / 2 && end < line.len()).unwrap_or(end);
        // Of a long line that a few bytes of markup make too long, most fits.
        if cost(&line[..words]) <= limit || most < 2 {
            return words;
        }
        most = most / 8 * 7 + most % 8 - 1;
    }
}

/// `<ul>`, `<li>` and their ends, and the line break of the plain form.
const AROUND: usize = "<ul><li></li></ul>\\n".len();
/// Below this not even one character with its markup need fit.
const LEAST: usize = 64;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use matrix_sdk::ruma::{event_id, user_id};
    use proptest::prelude::*;
    use serde_json::json;

    fn as_html(text: &str) -> String {
        Piece::whole(text).html
    }

    #[test]
    fn one_line_is_a_line_and_several_are_a_list() {
        assert_eq!(as_html("#swift is in A."), "#swift is in A.");
        assert_eq!(
            as_html("#swift is in A.\nNow: rings\nMeeting: https://a.example/"),
            "<p>#swift is in A.</p><ul><li>Now: rings</li>\
             <li>Meeting: <a href=\"https://a.example/\">https://a.example/</a></li></ul>"
        );
        assert_eq!(as_html("one\ntwo"), "<p>one</p><p>two</p>");
        assert_eq!(Piece::whole(" a \r\n\u{7}\n b").plain, "a\nb");
    }

    #[test]
    fn a_long_list_is_cut_between_its_lines() {
        let text = (0..2_000).map(|n| format!("#track{n} (Room): topic {n}")).collect::<Vec<_>>().join("\n");
        let pieces = pieces(&text, LIMIT);
        assert!(pieces.len() > 1);
        assert_eq!(pieces.iter().map(|p| p.plain.as_str()).collect::<Vec<_>>().join("\n"), text);
        assert!(pieces.iter().all(|p| p.html.starts_with("<ul><li>#track") && p.html.ends_with("</li></ul>")));
    }

    #[test]
    fn a_long_line_is_cut_between_words_and_a_long_word_between_characters() {
        let words = "word ".repeat(100);
        assert!(pieces(&words, 200).iter().all(|p| p.plain.starts_with("word") && p.plain.ends_with("word")));
        let word = "ä&".repeat(100);
        let cut = pieces(&word, 200);
        assert!(cut.len() > 1 && cut.iter().map(|p| p.plain.as_str()).collect::<String>() == word);
        assert!(pieces(" \n\u{7}", 200).is_empty());
    }

    #[test]
    fn an_encrypted_event_of_the_longest_piece_is_taken_by_every_server() {
        let text = "\"<&ä https://a.example/?x=\\ +in ".repeat(1_000);
        let id = format!("@{}:example.org", "x".repeat(240));
        let id = <&UserId>::try_from(id.as_str()).unwrap();
        let event = EventId::parse(format!("${}", "x".repeat(250))).unwrap();
        for piece in pieces(&text, LIMIT) {
            let content = notice(piece, Some(Answered { event: &event, thread: Some(&event) }), Some(id));
            let inner = json!({"type": "m.room.message", "room_id": "!".repeat(255), "content": content}).to_string();
            let encrypted = inner.len().div_ceil(3) * 4 + 1_024;
            assert!(encrypted < 65_536 - 6 * 1_024, "{encrypted}");
        }
    }

    #[test]
    fn an_answer_is_a_notice_that_mentions_one_person() {
        let event = event_id!("$asked");
        let answered = Answered { event, thread: None };
        let content =
            notice(Piece::whole("Known already: #swift."), Some(answered), Some(user_id!("@jane:example.org")));
        assert_eq!(
            serde_json::to_value(content).unwrap(),
            json!({
                "msgtype": "m.notice", "body": "Known already: #swift.",
                "format": "org.matrix.custom.html", "formatted_body": "Known already: #swift.",
                "m.mentions": {"user_ids": ["@jane:example.org"]},
                "m.relates_to": {"m.in_reply_to": {"event_id": "$asked"}},
            })
        );
        let content = serde_json::to_value(notice(Piece::whole("x"), None, None)).unwrap();
        assert_eq!(content["m.mentions"], json!({}), "nobody, not even whoever is named in the words");
        assert!(content.get("m.relates_to").is_none());
    }

    #[test]
    fn an_answer_in_a_thread_stays_in_it() {
        let answered = Answered { event: event_id!("$asked"), thread: Some(event_id!("$root")) };
        let content = serde_json::to_value(notice(Piece::whole("x"), Some(answered), None)).unwrap();
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

    proptest! {
        #[test]
        fn every_piece_fits_and_looks_like_its_own_words(
            text in "((jane: |Did you mean: )?[#+~]?(swift now |add )?(https://[a\"&]{0,90})?[\\PC \"&<]{0,60}\n?){0,6}",
            limit in 0_usize..400,
        ) {
            let pieces = pieces(&text, limit);
            for piece in &pieces {
                prop_assert_eq!(&Piece::whole(&piece.plain), piece);
                prop_assert!(!piece.plain.is_empty());
                let size = serde_json::to_string(&piece.plain).unwrap().len() - 2
                    + serde_json::to_string(&piece.html).unwrap().len() - 2;
                prop_assert!(size <= limit.max(LEAST), "{} bytes of {}", size, limit);
            }
            let without_blanks = |text: &str| text.split_whitespace().collect::<String>();
            let all: String = pieces.iter().map(|piece| without_blanks(&piece.plain)).collect();
            let whole: String = lines(&text).map(|line| without_blanks(&line)).collect();
            prop_assert_eq!(all, whole);
        }
    }
}
