//! What people write, cut into words, links and mentions of tracks.
//!
//! A segment is printed by a template that escapes it: what is a link was read as an address and written anew, and
//! everything else stays words.

use crate::link::Href;
use ptgbot_core::{Board, TextPart, TrackName, text_parts};

/// A piece of a topic or of a message of the day.
#[derive(Debug, PartialEq)]
pub(crate) enum Segment<'a> {
    /// As they were typed.
    Words(&'a str),
    /// An address that may be followed, with the words that were typed for it.
    Link { href: Href, text: &'a str },
    /// A known track, as `#swift`, with the words that were typed for it.
    Track { name: TrackName, text: &'a str },
}

/// The segments of a text. Together, their words are the text.
pub(crate) fn segments<'a>(text: &'a str, board: &Board) -> Vec<Segment<'a>> {
    let segment = |part| match part {
        TextPart::Words(words) => Segment::Words(words),
        TextPart::Address(text) => match Href::web_or_mail(text) {
            Some(href) => Segment::Link { href, text },
            None => Segment::Words(text),
        },
        TextPart::Track { name, text } => Segment::Track { name: name.clone(), text },
    };
    text_parts(text, &board.contents().tracks).map(segment).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ptgbot_core::{BoardEvent, Event, Record};

    fn board() -> Board {
        let mut board = Board::default();
        let tracks = ["swift", "c++", "oslo.config"].map(|name| TrackName::parse(name).expect("a name")).into();
        let at = "2026-10-19T09:00:00Z".parse().expect("a time");
        let event = Event::Board(BoardEvent::TracksAdded { tracks });
        board.apply(&Record::new(1, at, event));
        board
    }

    /// Links as `<address>`, mentions as `[name]`.
    fn marked(text: &str) -> String {
        let mark = |segment: Segment| match segment {
            Segment::Words(words) => words.to_owned(),
            Segment::Link { href, .. } => format!("<{href}>"),
            Segment::Track { name, .. } => format!("[{}]", name.as_str()),
        };
        segments(text, &board()).into_iter().map(mark).collect()
    }

    #[test]
    fn addresses_are_links_without_the_signs_of_the_sentence() {
        for (text, expected) in [
            ("see https://example.org/a.", "see <https://example.org/a>."),
            ("(HTTP://Example.org/a_(b)), then", "(<http://example.org/a_(b)>), then"),
            ("<https://example.org/?q=1&r=2#x>", "<<https://example.org/?q=1&r=2#x>>"),
            ("mailto:a@example.org!", "<mailto:a@example.org>!"),
            ("a,https://b.example/,https://c.example/", "a,<https://b.example/,https://c.example/>"),
            ("見る：https://例え.jp/本。", "見る：<https://xn--r8jz45g.jp/%E6%9C%AC>。"),
        ] {
            assert_eq!(marked(text), expected);
        }
    }

    #[test]
    fn what_is_no_address_of_the_web_or_of_mail_stays_words() {
        for text in [
            "javascript:alert(1)",
            "xhttps://example.org/",
            "https://",
            "https://user:secret@example.org/",
            "mailto:nobody",
            "example.org",
            "ftp://example.org/",
            "//example.org",
        ] {
            assert_eq!(marked(text), text);
        }
        assert_eq!(marked("https://a.example/\u{202e}gro"), "<https://a.example/>\u{202e}gro");
    }

    #[test]
    fn known_tracks_are_mentions_in_any_case() {
        for (text, expected) in [
            ("#swift and #Swift's", "[swift] and [swift]'s"),
            ("with #c++, #oslo.config.", "with [c++], [oslo.config]."),
            (
                "(#swift) #swift-x #swifty ##swift a#swift &#swift; #",
                "([swift]) #swift-x #swifty ##swift a#swift &#swift; #",
            ),
            ("https://example.org/#swift", "<https://example.org/#swift>"),
        ] {
            assert_eq!(marked(text), expected);
        }
    }

    proptest! {
        #[test]
        fn no_word_is_lost(text in "(https?://|mailto:|#swift|#c\\+\\+|[.,()<>\"' ]|\\PC){0,30}") {
            let words = segments(&text, &board()).into_iter().map(|segment| match segment {
                Segment::Words(text) | Segment::Link { text, .. } | Segment::Track { text, .. } => text,
            });
            prop_assert_eq!(words.collect::<String>(), text);
        }
    }
}
