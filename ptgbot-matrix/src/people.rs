//! People as the board knows them.

use matrix_sdk::ruma::UserId;
use ptgbot_core::{Folding, Network, Person, clean_name};

/// How Matrix compares names.
pub(crate) const FOLDING: Folding = Folding::Exact;

/// Somebody who speaks: the full ID is the key, the display name of the room is shown. Who has none, or one that
/// looks like an ID of somebody else, is shown by the first part of the ID.
pub(crate) fn person(network: &Network, id: &UserId, display: Option<&str>) -> Person {
    let person = Person::new(network, id.as_str(), FOLDING);
    let display = display.map(clean_name).filter(|name| !name.is_empty() && !looks_like_an_id(name));
    match display {
        Some(name) => person.shown_as(&shortened(&name)),
        None => person.shown_as(id.localpart()),
    }
}

fn looks_like_an_id(name: &str) -> bool {
    UserId::parse(name).is_ok()
}

/// No server limits what others may be called.
fn shortened(name: &str) -> String {
    match name.char_indices().nth(MOST_LETTERS) {
        Some((end, _)) => format!("{}…", name[..end].trim_end()),
        None => name.to_owned(),
    }
}

const MOST_LETTERS: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;
    use matrix_sdk::ruma::user_id;

    fn network() -> Network {
        Network::nearest("example.org")
    }

    #[test]
    fn the_key_is_the_full_id_and_the_display_name_is_shown() {
        let jane = person(&network(), user_id!("@Jane:example.org"), Some("Jane  \u{202e}Doe\n"));
        assert_eq!((jane.id.key(), jane.name.as_str()), ("@Jane:example.org", "Jane Doe"));
    }

    #[test]
    fn who_has_no_name_or_the_id_of_somebody_else_is_shown_by_the_first_part() {
        let shown = |display: Option<&str>| person(&network(), user_id!("@jane:example.org"), display).name;
        assert_eq!(shown(None), "jane");
        assert_eq!(shown(Some(" \u{7}")), "jane");
        assert_eq!(shown(Some("@tony:example.org")), "jane");
    }

    #[test]
    fn a_name_without_end_is_cut() {
        let name = person(&network(), user_id!("@jane:example.org"), Some(&"ä".repeat(60_000))).name;
        assert_eq!(name.chars().count(), 81);
    }
}
