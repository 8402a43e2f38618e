//! Pads: where each track writes.

use crate::link::{Encoded, Href};
use crate::site::Site;
use ptgbot_core::TrackName;
use std::collections::BTreeMap;

/// The pad of a track: the one it chose, else the generated one.
pub(crate) fn pad_of(site: &Site, track: &TrackName) -> Option<Href> {
    Pads::of(site).pad(track)
}

/// The pad that a track has without choosing one: `{base}{event}-{track}`.
pub(crate) fn generated_pad(base: &str, event: &str, track: &TrackName) -> Option<Href> {
    GeneratedPads::new(base, event).of(track)
}

/// The pads of all tracks.
pub(crate) struct Pads<'a> {
    chosen: &'a BTreeMap<TrackName, String>,
    generated: GeneratedPads,
}

impl<'a> Pads<'a> {
    pub(crate) fn of(site: &Site<'a>) -> Self {
        let contents = site.board.contents();
        let generated = GeneratedPads::new(&site.options.etherpad_base, &contents.event_id);
        Self { chosen: &contents.etherpads, generated }
    }

    pub(crate) fn pad(&self, track: &TrackName) -> Option<Href> {
        match self.chosen.get(track) {
            Some(own) => Href::web(own),
            None => self.generated.of(track),
        }
    }
}

/// The generated pads of an event, for pages that list many: what they have in common is read once.
#[derive(Debug)]
struct GeneratedPads {
    start: String,
    /// `start` as an address, where a track's name can follow it without another reading.
    read: Option<Href>,
}

impl GeneratedPads {
    fn new(base: &str, event: &str) -> Self {
        let start = format!("{base}{}-", Encoded(event));
        let read = Href::web(&start).filter(|href| href.as_str().ends_with('-'));
        Self { start, read }
    }

    fn of(&self, track: &TrackName) -> Option<Href> {
        let track = Encoded(track.as_str());
        match &self.read {
            Some(start) => Some(start.followed_by(track)),
            None => Href::web(&format!("{}{track}", self.start)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_pad_is_a_link_whatever_the_event_is_called() {
        let track = TrackName::parse("oslo.config").expect("a name");
        let pad = generated_pad("https://pad.example/p/", "oct 2026/<ptg>", &track).expect("a link");
        assert_eq!(pad.to_string(), "https://pad.example/p/oct%202026%2F%3Cptg%3E-oslo.config");
    }

    #[test]
    fn a_pad_of_many_is_the_same_as_one_that_is_read_alone() {
        let track = TrackName::parse("c++.x_y").expect("a name");
        for base in ["https://pad.example/p/", "https://pad.example/?p=", "https://", "HTTPS://Pad/%7e/../", "ftp://x/"]
        {
            let alone = Href::web(&format!("{base}{}-{}", Encoded("oct 2026"), Encoded(track.as_str())));
            assert_eq!(GeneratedPads::new(base, "oct 2026").of(&track), alone, "{base}");
        }
    }
}
