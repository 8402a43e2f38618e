//! People: `in`, `out`, `seen`, `subscribe`, `unsubscribe`, `forget`.

use super::show::moment;
use crate::board::Board;
use crate::command::read::near_track;
use crate::decision::Decision;
use crate::event::Event;
use crate::person::{CheckIn, Folding, Person, PersonId};
use crate::refusal::Refusal;
use crate::subscription::Pattern;
use crate::track::TrackName;

/// Checks in to a track, or to any place in words. Words that are a track's name mean the track.
pub(super) fn check_in(board: &Board, person: &Person, place: &str) -> Result<Decision, Refusal> {
    let location = match (TrackName::parse(place), place.starts_with('#') && !place.contains(' ')) {
        (Ok(track), _) if board.knows(&track) => track.to_string(),
        (Ok(name), true) => {
            let near = near_track(board, &name).cloned();
            return Err(Refusal::UnknownTrack { name, near });
        }
        (Err(error), true) => return Err(Refusal::BadTrackName(error)),
        (_, false) => place.to_owned(),
    };
    let said = format!("You are checked in to {location}.");
    Ok(Decision::event(Event::CheckedIn { person: person.clone(), location }).saying(said))
}

pub(super) fn check_out(board: &Board, person: &Person) -> Result<Decision, Refusal> {
    match board.check_ins().get(&person.id).filter(|check_in| check_in.is_open()) {
        Some(check_in) => {
            let said = format!("You are checked out of {}.", check_in.location);
            Ok(Decision::event(Event::CheckedOut { person: person.id.clone() }).saying(said))
        }
        None => Err(Refusal::NotCheckedIn),
    }
}

/// Where somebody last was. The full name on the network wins; a localpart or a display name must be one
/// person's only.
pub(super) fn seen(board: &Board, name: &str, folding: Folding) -> Result<Decision, Refusal> {
    let (_, check_in) = find_person(board, name, folding)?;
    let zone = board.contents().timezone;
    let CheckIn { nick, location, since, until, extra: _ } = check_in;
    let time = until.or(*since).map(|time| moment(time, zone));
    let when = time.map(|time| format!(" at {time}")).unwrap_or_default();
    Ok(Decision::reply(if check_in.is_open() {
        format!("{nick} checked in to {location}{when}.")
    } else {
        format!("{nick} checked out of {location}{when}.")
    }))
}

pub(super) fn subscription(board: &Board, person: &Person) -> Decision {
    Decision::reply(match board.subscriptions().get(&person.id) {
        Some(pattern) => format!("You are subscribed to: {pattern}"),
        None => "You have no subscription. subscribe REGEXP makes one.".to_owned(),
    })
}

pub(super) fn subscribe(board: &Board, person: &Person, pattern: &str) -> Result<Decision, Refusal> {
    Pattern::parse(pattern).map_err(|error| Refusal::BadPattern(error.to_string()))?;
    let said = match board.subscriptions().get(&person.id) {
        Some(old) if old == pattern => {
            return Ok(Decision::reply(format!("You are subscribed to that already: {old}")));
        }
        Some(old) => format!("You are subscribed to: {pattern} (before: {old})"),
        None => format!("You are subscribed to: {pattern}"),
    };
    let event = Event::Subscribed { person: person.id.clone(), pattern: pattern.to_owned() };
    Ok(Decision::event(event).saying(said))
}

pub(super) fn unsubscribe(board: &Board, person: &Person) -> Decision {
    match board.subscriptions().get(&person.id) {
        Some(old) => {
            let said = format!("Your subscription is cancelled (it was: {old})");
            Decision::event(Event::Unsubscribed { person: person.id.clone() }).saying(said)
        }
        None => Decision::reply("You have no subscription."),
    }
}

/// Deletes what is known of a person. Older rows of the journal may name somebody who is nowhere else on the board.
pub(super) fn forget(board: &Board, person: &Person) -> Decision {
    if !board.knows_person(&person.id) {
        return Decision::reply("Nothing is known of you: there is nothing to delete.");
    }
    let event = Event::PersonForgotten { person: Some(person.id.clone()), plain: false };
    Decision::event(event).saying("Your check-in and subscription are deleted, and your name is out of the history.")
}

fn find_person<'a>(board: &'a Board, name: &str, folding: Folding) -> Result<(&'a PersonId, &'a CheckIn), Refusal> {
    let wanted = PersonId::new(name, folding);
    if let Some(found) = board.check_ins().get_key_value(&wanted) {
        return Ok(found);
    }
    let fits = |id: &PersonId, check_in: &CheckIn| {
        folding.fold(&check_in.nick) == wanted.as_str()
            || localpart(id) == Some(wanted.as_str().trim_start_matches('@'))
    };
    let fitting: Vec<_> = board.check_ins().iter().filter(|(id, check_in)| fits(id, check_in)).collect();
    match fitting.as_slice() {
        [] => Err(Refusal::NeverSeen { name: name.to_owned() }),
        [one] => Ok(*one),
        several => {
            let ids = several.iter().map(|(id, _)| id.to_string()).collect();
            Err(Refusal::SeveralPeople { name: name.to_owned(), ids })
        }
    }
}

/// The part of a Matrix ID that people use as a name: `jane` of `@jane:example.org`.
fn localpart(id: &PersonId) -> Option<&str> {
    let (local, _server) = id.as_str().strip_prefix('@')?.split_once(':')?;
    Some(local)
}

#[cfg(test)]
mod tests {
    use crate::stage::Stage;
    use serde_json::json;

    #[test]
    fn of_whom_nothing_is_known_is_told_so_and_nothing_is_recorded() {
        let mut stage = Stage::with(json!({"tracks": ["swift"]}));
        stage.say("+forget");
        stage.say("+subscribe swift");
        assert!(stage.say("+forget").starts_with("Your check-in"));
        let revision = stage.board.revision();
        assert!(stage.say("+forget").starts_with("Nothing is known of you"));
        assert_eq!(stage.board.revision(), revision);
    }

    #[test]
    fn a_person_of_a_data_file_is_known() {
        let mut stage = Stage::with(json!({}));
        stage.say("+forget");
        stage.load(json!({"subscriptions": {"jane": "swift"}}));
        let stored = serde_json::to_value(&stage.board).expect("JSON");
        stage.board = serde_json::from_value(stored).expect("a board");
        assert!(stage.say("+forget").starts_with("Your check-in"));
        assert!(stage.board.subscriptions().is_empty());
    }
}
