//! Names of tracks, made of what other programs call them.

use super::note::Notes;
use deunicode::deunicode;
use ptgbot_core::TrackName;
use std::collections::HashMap;

/// Gives each foreign name its track.
#[derive(Debug, Default)]
pub(super) struct TrackNames {
    /// The first foreign name of each.
    called: HashMap<TrackName, String>,
}

impl TrackNames {
    /// The track of a foreign name. Two names that differ in more than case and become one are told.
    pub(super) fn take(&mut self, foreign: &str, notes: &mut Notes) -> TrackName {
        let track = track_of(foreign);
        let first = self.called.entry(track.clone()).or_insert_with(|| foreign.to_owned());
        if first.to_lowercase() != foreign.to_lowercase() {
            notes.add(&format!("'{first}' and '{foreign}' are one track here: {track}"));
        }
        track
    }
}

/// `Künstliche Intelligenz` becomes `#kunstliche-intelligenz`: letters without accents and in Latin script, a dash for
/// all else that no name holds, cut after a whole word.
fn track_of(foreign: &str) -> TrackName {
    let latin = deunicode(foreign.trim());
    if let Ok(track) = TrackName::parse(&latin) {
        return track;
    }
    let is_kept = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '+');
    let words = latin.split(|c| !is_kept(c)).filter(|word| word.contains(|c: char| c.is_ascii_alphanumeric()));
    let mut name = String::new();
    for word in words {
        let word = if name.is_empty() { word.trim_start_matches(|c: char| !c.is_ascii_alphanumeric()) } else { word };
        let word = &word[..word.len().min(TrackName::MAX_LEN)];
        if name.len() + 1 + word.len() > TrackName::MAX_LEN && !name.is_empty() {
            break;
        }
        if !name.is_empty() {
            name.push('-');
        }
        name.push_str(word);
    }
    // Only a command's word is left to be refused, and that there is none.
    let named = TrackName::parse(&name).or_else(|_| TrackName::parse(format!("{name}-track").trim_matches('-')));
    named.expect("a word and 'track' name a track")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_becomes_one_that_can_be_typed() {
        for (foreign, track) in [
            ("swift", "#swift"),
            ("#Oslo.Config", "#oslo.config"),
            ("Künstliche Intelligenz", "#kunstliche-intelligenz"),
            ("Ethics, Society & Politics", "#ethics-society-politics"),
            ("C++ / Rust", "#c++-rust"),
            ("Сообщество", "#soobshchestvo"),
            ("Help", "#help-track"),
            (".NET", "#net"),
            ("…", "#track"),
            ("-", "#track"),
            ("", "#track"),
            ("👩\u{200d}🚀", "#woman-rocket"),
        ] {
            assert_eq!(track_of(foreign).to_string(), track, "{foreign}");
        }
        let long = "word ".repeat(30);
        assert_eq!(track_of(&long).as_str(), ["word"; 10].join("-"));
        assert_eq!(track_of(&"x".repeat(80)).as_str().len(), 50);
        for odd in ["+".repeat(60), "_ _".repeat(40), "\u{0}\r\n".into(), format!(".{}", "x".repeat(60))] {
            assert!(track_of(&odd).as_str().len() <= TrackName::MAX_LEN);
        }
    }

    #[test]
    fn two_names_that_become_one_are_told() {
        let (mut names, mut notes) = (TrackNames::default(), Notes::default());
        for foreign in ["AI/ML", "ai/ml", "AI ML", "Rust"] {
            names.take(foreign, &mut notes);
        }
        assert_eq!(notes.into_lines(), ["'AI/ML' and 'AI ML' are one track here: #ai-ml"]);
    }
}
