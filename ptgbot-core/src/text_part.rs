//! What people write, cut into words, addresses and names of tracks: what a page makes links of, and what says that a
//! topic is about another track, too.

use crate::link::is_followable;
use crate::track::TrackName;
use std::collections::BTreeSet;

/// A part of a topic or of a message of the day, as it was typed.
///
/// Exhaustive: whoever shows a text shows all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextPart<'t, 'n> {
    /// Running text.
    Words(&'t str),
    /// An address of the web or of mail, without the signs of the sentence around it.
    Address(&'t str),
    /// A known track, as `#Swift`.
    Track {
        /// Which.
        name: &'n TrackName,
        /// The words that were typed for it.
        text: &'t str,
    },
}

/// The parts of a text, one after the other; together they are the text.
///
/// ```
/// use ptgbot_core::{TextPart, TrackName, text_parts};
/// let tracks = [TrackName::parse("nova").unwrap()].into();
/// let parts: Vec<_> = text_parts("cells with #Nova.", &tracks).collect();
/// assert_eq!(parts[0], TextPart::Words("cells with "));
/// assert!(matches!(parts[1], TextPart::Track { text: "#Nova", .. }));
/// ```
pub fn text_parts<'t, 'n>(text: &'t str, tracks: &'n BTreeSet<TrackName>) -> impl Iterator<Item = TextPart<'t, 'n>> {
    TextParts { text, tracks, from: 0, found: None }
}

/// A text that is read from its beginning.
struct TextParts<'t, 'n> {
    text: &'t str,
    tracks: &'n BTreeSet<TrackName>,
    /// Up to where it was handed out.
    from: usize,
    /// What comes after the words that were handed out last.
    found: Option<TextPart<'t, 'n>>,
}

impl<'t, 'n> Iterator for TextParts<'t, 'n> {
    type Item = TextPart<'t, 'n>;

    fn next(&mut self) -> Option<Self::Item> {
        let (text, from) = (self.text, self.from);
        if let Some(found) = self.found.take() {
            return Some(found);
        }
        let mut at = from;
        while let Some(next) = text[at..].chars().next() {
            let is_free = || !text[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '#' | '&' | '/' | '_'));
            let found = match next {
                '#' if is_free() => track(&text[at..], self.tracks),
                'h' | 'H' | 'm' | 'M' if is_free() => address(&text[at..]),
                _ => None,
            };
            let Some((part, length)) = found else {
                at += next.len_utf8();
                continue;
            };
            self.from = at + length;
            if from == at {
                return Some(part);
            }
            self.found = Some(part);
            return Some(TextPart::Words(&text[from..at]));
        }
        self.from = text.len();
        (from < text.len()).then(|| TextPart::Words(&text[from..]))
    }
}

/// The address with which a text begins, and its length.
fn address<'t>(text: &'t str) -> Option<(TextPart<'t, 'static>, usize)> {
    let is_scheme = |scheme: &str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    SCHEMES.into_iter().find(|scheme| is_scheme(scheme))?;
    let end = text.find(ends_address).unwrap_or(text.len());
    let address = without_sentence(&text[..end]);
    is_followable(address).then_some((TextPart::Address(address), address.len()))
}

/// The known track with which a text begins, and its length.
fn track<'t, 'n>(text: &'t str, tracks: &'n BTreeSet<TrackName>) -> Option<(TextPart<'t, 'n>, usize)> {
    let rest = text.strip_prefix('#')?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+');
    let mut name = &rest[..rest.find(|c| !is_name(c)).unwrap_or(rest.len())];
    loop {
        if name.len() <= TrackName::MAX_LEN
            && let Some(track) = tracks.get(name.to_ascii_lowercase().as_str())
        {
            let length = 1 + name.len();
            return Some((TextPart::Track { name: track, text: &text[..length] }, length));
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
