//! Mentions: a topic that names another track is shown at that track, too.
//!
//! They are read off the current topics and kept nowhere. A track that is named does not discuss that topic itself: what
//! it said with `now` stays what it said.

use crate::board::Board;
use crate::text_part::{TextPart, text_parts};
use crate::topic::Topic;
use crate::track::TrackName;
use chrono::{DateTime, Utc};
use std::collections::HashMap;

/// A current topic that names another track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mention<'a> {
    /// The track that discusses it.
    pub by: &'a TrackName,
    /// What it discusses.
    pub topic: &'a Topic,
}

/// The mentions of all tracks, each track's in the order of those that name it.
#[derive(Clone, Debug, Default)]
pub struct Mentions<'a> {
    by_track: HashMap<&'a TrackName, Vec<Mention<'a>>>,
}

impl<'a> Mentions<'a> {
    /// How many tracks one topic is shown at: of a topic that names more, the first ones.
    pub const MOST_NAMED: usize = 50;

    /// Reads all current topics, each once.
    pub fn of(board: &'a Board, at: DateTime<Utc>) -> Self {
        let mut by_track = HashMap::<_, Vec<_>>::new();
        for (by, topic) in &board.contents().now {
            for track in named(board, by, topic, at) {
                by_track.entry(track).or_default().push(Mention { by, topic });
            }
        }
        Self { by_track }
    }

    /// Where a track is named.
    pub fn at_track(&self, track: &TrackName) -> &[Mention<'a>] {
        self.by_track.get(track).map(Vec::as_slice).unwrap_or_default()
    }

    /// The tracks that are named anywhere.
    pub fn tracks(&self) -> impl Iterator<Item = &'a TrackName> {
        self.by_track.keys().copied()
    }
}

impl Board {
    /// Where one track is named, in the order of those that name it.
    pub fn mentions_of(&self, track: &TrackName, at: DateTime<Utc>) -> Vec<Mention<'_>> {
        let name = track.to_string();
        // Most topics do not have the name in them: those are not read.
        let may_name =
            |text: &str| text.as_bytes().windows(name.len()).any(|part| part.eq_ignore_ascii_case(name.as_bytes()));
        let topics = self.contents().now.iter().filter(|(_, topic)| may_name(topic.text.as_str()));
        let names_it = topics.filter(|(by, topic)| named(self, by, topic, at).contains(&track));
        names_it.map(|(by, topic)| Mention { by, topic }).collect()
    }
}

/// The other tracks that a topic names, each once; none when it is not meant any more.
fn named<'a>(board: &'a Board, by: &TrackName, topic: &Topic, at: DateTime<Utc>) -> Vec<&'a TrackName> {
    let text = topic.text.as_str();
    let mut named = Vec::new();
    if !text.contains('#') || !board.is_current(by, topic, at) {
        return named;
    }
    for part in text_parts(text, &board.contents().tracks) {
        if let TextPart::Track { name, .. } = part
            && name != by
            && !named.contains(&name)
        {
            named.push(name);
        }
        if named.len() == Mentions::MOST_NAMED {
            break;
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::Stage;
    use serde_json::json;

    fn track(name: &str) -> TrackName {
        TrackName::parse(name).expect("a name")
    }

    /// Who names whom, both ways of asking compared.
    fn told(stage: &Stage) -> Vec<String> {
        let all = Mentions::of(&stage.board, stage.at);
        let tracks = &stage.board.contents().tracks;
        let mut told = Vec::new();
        for track in tracks {
            let there = all.at_track(track);
            assert_eq!(there, stage.board.mentions_of(track, stage.at), "{track}");
            told.extend(there.iter().map(|mention| format!("{track} by {}", mention.by)));
        }
        told
    }

    #[test]
    fn known_tracks_but_the_own_are_mentioned_each_once_and_not_in_addresses() {
        let mut stage = Stage::with(json!({"tracks": ["swift", "nova", "c++", "cinder"]}));
        stage.say("#swift now rings of #swift with #Nova, #nova and #c++, not #unknown");
        stage.say("#cinder now see https://example.org/?#nova, mail#nova and https://example.org/ with (#swift).");
        assert_eq!(told(&stage), ["#c++ by #swift", "#nova by #swift", "#swift by #cinder"]);
    }

    #[test]
    fn a_mention_lasts_as_long_as_its_topic() {
        let slot = json!({"name": "A", "realtime": "2026-10-19T09:00:00Z", "duration": 60});
        let mut stage = Stage::with(json!({
            "tracks": ["nova"], "slots": {"Monday": [slot]}, "schedule": {"Hall": {"A": "swift"}},
        }));
        stage.say("#swift now rings with #nova");
        stage.later(59);
        assert_eq!(told(&stage), ["#nova by #swift"]);
        stage.later(1);
        assert!(told(&stage).is_empty());
        stage.say("#swift now disks with #nova");
        assert_eq!(told(&stage), ["#nova by #swift"]);
        stage.say("#swift now disks");
        assert!(told(&stage).is_empty());
        stage.say("#swift undo");
        assert_eq!(told(&stage), ["#nova by #swift"]);
        stage.say("~del nova");
        assert!(told(&stage).is_empty());
    }

    #[test]
    fn a_topic_that_names_hundreds_is_shown_at_the_first_of_them() {
        let names: Vec<_> = (0..250).map(|number| format!("t{number}")).collect();
        let topic: Vec<_> = names.iter().take(180).map(|name| format!("#{name}")).collect();
        let mut stage = Stage::with(json!({"tracks": names}));
        stage.say(&format!("#t249 now {}", topic.join(" ")));
        assert_eq!(told(&stage).len(), Mentions::MOST_NAMED);
        let mentions = Mentions::of(&stage.board, stage.at);
        assert_eq!((mentions.at_track(&track("t49")).len(), mentions.at_track(&track("t50")).len()), (1, 0));
    }
}
