//! Views: the part of the board that somebody wants to see, as the query of an address says it.

use crate::link::Encoded;
use crate::room_slug::slug;
use percent_encoding::percent_decode_str;
use ptgbot_core::{TrackName, clean_name};
use std::collections::BTreeSet;
use std::fmt;

/// Some tracks, a room, or both; by default everything.
///
/// Two queries that ask for the same thing in another order, case or spelling give the same view, and
/// [`View::query`] writes it in one way only.
///
/// ```
/// use ptgbot_render::View;
/// let view = View::parse("track=Swift,nova&track=%23nova&room=Ballroom+A").unwrap();
/// assert_eq!(view.query(), "track=nova,swift&room=ballroom-a");
/// assert!(View::parse("utm_source=x").unwrap().is_all());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct View {
    /// The tracks, known or not; empty for all.
    pub tracks: BTreeSet<TrackName>,
    /// Words that were given for a track and can be no track's name, in lower case.
    pub unknown: BTreeSet<String>,
    /// The slug of a room, known or not (see [`crate::Site::room_calendars`]).
    pub room: Option<String>,
}

impl View {
    /// The longest query that is read, in bytes.
    pub const MAX_QUERY: usize = 4096;
    /// The most tracks that one view may name.
    pub const MAX_TRACKS: usize = 100;

    /// Reads the part of an address after `?`: `track=swift,nova` (also repeated) and `room=ballroom-a`. Other
    /// keys are no concern of ours. A plus sign in a track's name is one, as in `c++`.
    ///
    /// # Errors
    /// When it is too long or names too many tracks.
    pub fn parse(query: &str) -> Result<Self, InvalidQuery> {
        if query.len() > Self::MAX_QUERY {
            return Err(InvalidQuery::TooLong);
        }
        let mut view = Self::default();
        for (key, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            match key {
                "track" => percent_decode_str(value).decode_utf8_lossy().split(',').for_each(|word| view.name(word)),
                "room" if view.room.is_none() => {
                    let name = value.replace('+', " ");
                    let name = percent_decode_str(&name).decode_utf8_lossy();
                    view.room = (!name.trim().is_empty()).then(|| slug(&name));
                }
                _ => {}
            }
        }
        if view.tracks.len() + view.unknown.len() > Self::MAX_TRACKS {
            return Err(InvalidQuery::TooMany);
        }
        Ok(view)
    }

    /// True when nothing is left out.
    pub fn is_all(&self) -> bool {
        self.names_no_track() && self.room.is_none()
    }

    /// True when the tracks are left open.
    pub(crate) fn names_no_track(&self) -> bool {
        self.tracks.is_empty() && self.unknown.is_empty()
    }

    /// The one query that says this, without `?`; empty for everything.
    pub fn query(&self) -> String {
        let words = self.tracks.iter().map(TrackName::as_str).chain(self.unknown.iter().map(String::as_str));
        // Programs that read forms take a plus sign for a blank.
        let words: Vec<_> = words.map(|word| Encoded(word).to_string().replace('+', "%2B")).collect();
        let tracks = (!words.is_empty()).then(|| format!("track={}", words.join(",")));
        let room = self.room.as_ref().map(|room| format!("room={}", Encoded(room)));
        tracks.into_iter().chain(room).collect::<Vec<_>>().join("&")
    }

    /// Takes over a word given for a track. A form sends the blank after a comma as a plus sign.
    fn name(&mut self, word: &str) {
        let word = clean_name(word);
        let word = word.trim_start_matches(['+', ' ']).to_lowercase();
        match TrackName::parse(&word) {
            Ok(track) => {
                self.tracks.insert(track);
            }
            Err(_) if word.is_empty() => {}
            Err(_) => {
                // Cut to what is too long for a name still.
                let cut: String = word.chars().take(TrackName::MAX_LEN + 1).collect();
                self.unknown.insert(cut.trim_end().to_owned());
            }
        }
    }
}

/// Why a query is not read. Exhaustive: a web server has a status for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidQuery {
    /// It has more than [`View::MAX_QUERY`] bytes.
    TooLong,
    /// It names more than [`View::MAX_TRACKS`] tracks.
    TooMany,
}

impl std::error::Error for InvalidQuery {}

impl fmt::Display for InvalidQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "the query has more than {} bytes", View::MAX_QUERY),
            Self::TooMany => write!(f, "the query names more than {} tracks", View::MAX_TRACKS),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn canonical(query: &str) -> String {
        View::parse(query).expect("a view").query()
    }

    #[test]
    fn order_case_spelling_and_repetition_make_no_difference() {
        for query in
            ["track=swift,nova", "track=nova&track=swift", "x=1&track=%23Swift,,NOVA,nova&y", "track=nova,+swift"]
        {
            assert_eq!(canonical(query), "track=nova,swift", "{query}");
        }
        assert_eq!(canonical("track=c++"), "track=c%2B%2B");
        assert_eq!(canonical("room=Pike%27s+Peak&room=other"), "room=pike-s-peak");
        for query in ["", "track=", "track=,,&room=", "tracks=swift", "track", "&&=&=x", "room=%20"] {
            assert!(View::parse(query).expect("a view").is_all(), "{query}");
        }
    }

    #[test]
    fn a_word_that_can_be_no_track_is_kept_to_be_told() {
        let view = View::parse("track=swift,na%C3%AFve,subscribe,%00").expect("a view");
        assert_eq!(view.unknown.iter().map(String::as_str).collect::<Vec<_>>(), ["naïve", "subscribe"]);
        assert!(!View::parse("track=!").expect("a view").is_all());
    }

    #[test]
    fn a_query_is_bounded_in_length_and_number() {
        let many =
            |count: usize| format!("track={}", (0..count).map(|n| format!("t{n}")).collect::<Vec<_>>().join(","));
        assert!(View::parse(&many(View::MAX_TRACKS)).is_ok());
        assert_eq!(View::parse(&many(View::MAX_TRACKS + 1)), Err(InvalidQuery::TooMany));
        assert_eq!(View::parse(&"x".repeat(View::MAX_QUERY + 1)), Err(InvalidQuery::TooLong));
    }

    proptest! {
        #[test]
        fn any_query_is_read_or_refused_and_its_canonical_form_says_the_same(
            query in "(track=|room=|&|,|\\+|%[0-9a-fA-F]{2}|[a-z#A-Z.]|\\PC){0,60}",
        ) {
            if let Ok(view) = View::parse(&query) {
                prop_assert_eq!(View::parse(&view.query()), Ok(view));
            }
        }
    }
}
