//! What people write, cut into words, links and mentions of tracks.
//!
//! A segment is printed by a template that escapes it: what is a link was read as an address and written anew, and
//! everything else stays words.

use crate::link::Href;
use ptgbot_core::{Board, TrackName};

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
    let mut segments = Vec::new();
    let (mut begin, mut at) = (0, 0);
    while let Some(next) = text[at..].chars().next() {
        let free = !text[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '#' | '&' | '/' | '_'));
        let found = if free { link(&text[at..]).or_else(|| mention(&text[at..], board)) } else { None };
        let Some((segment, length)) = found else {
            at += next.len_utf8();
            continue;
        };
        if begin < at {
            segments.push(Segment::Words(&text[begin..at]));
        }
        segments.push(segment);
        at += length;
        begin = at;
    }
    if begin < text.len() {
        segments.push(Segment::Words(&text[begin..]));
    }
    segments
}

/// The link with which a text begins, and its length.
fn link(text: &str) -> Option<(Segment<'_>, usize)> {
    let is_scheme = |scheme: &str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    SCHEMES.into_iter().find(|scheme| is_scheme(scheme))?;
    let end = text.find(ends_address).unwrap_or(text.len());
    let address = without_sentence(&text[..end]);
    let href = Href::web_or_mail(address)?;
    Some((Segment::Link { href, text: address }, address.len()))
}

/// The known track with which a text begins, and its length.
fn mention<'a>(text: &'a str, board: &Board) -> Option<(Segment<'a>, usize)> {
    let rest = text.strip_prefix('#')?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+');
    let mut name = &rest[..rest.find(|c| !is_name(c)).unwrap_or(rest.len())];
    loop {
        if let Ok(track) = TrackName::parse(name)
            && board.knows(&track)
        {
            let length = 1 + name.len();
            return Some((Segment::Track { name: track, text: &text[..length] }, length));
        }
        // The signs after a name may belong to the sentence.
        name = name.strip_suffix(|c: char| !c.is_ascii_alphanumeric())?;
    }
}

/// What no address holds as it is typed. A control of direction could make it look like another.
fn ends_address(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(
            c,
            '<' | '>' | '"' | '`' | '{' | '}' | '\\' | '^' | '|' | '“' | '”' | '«' | '»' | '、' | '。' | '，'
        )
        || matches!(c, '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// An address without the signs behind it that belong to the sentence: `(see https://example.org/a_(b)).`
fn without_sentence(mut address: &str) -> &str {
    while let Some(last) = address.chars().next_back() {
        let opening = match last {
            ')' => Some('('),
            ']' => Some('['),
            _ => None,
        };
        let belongs = match opening {
            Some(opening) => address.matches(opening).count() >= address.matches(last).count(),
            None => {
                !matches!(last, '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '’' | '…' | '）' | '」' | '！' | '？')
            }
        };
        if belongs {
            break;
        }
        address = &address[..address.len() - last.len_utf8()];
    }
    address
}

const SCHEMES: [&str; 3] = ["https://", "http://", "mailto:"];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ptgbot_core::{BoardEvent, Event, Origin, Record};

    fn board() -> Board {
        let mut board = Board::default();
        let tracks = ["swift", "c++", "oslo.config"].map(|name| TrackName::parse(name).expect("a name")).into();
        let at = "2026-10-19T09:00:00Z".parse().expect("a time");
        let event = Event::Board(BoardEvent::TracksAdded { tracks });
        board.apply(&Record { revision: 1, at, by: None, origin: Origin::default(), event });
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
