//! People: `in`, `out`, `seen`, `subscribe`, `unsubscribe`, `forget`.

use super::known_track;
use super::show::moment;
use crate::board::Board;
use crate::decision::Decision;
use crate::event::PersonEvent;
use crate::limits;
use crate::network::Network;
use crate::person::{CheckIn, NameForm, Person, PersonId};
use crate::refusal::Refusal;
use crate::reply::{Span, say, spans};
use crate::request::Request;
use crate::subscription::Pattern;
use crate::track::TrackName;

/// Checks in to a track, or to any place in words. Words that are a track's name mean the track, and what begins with
/// `#` begins with a known one.
pub(super) fn check_in(board: &Board, person: &Person, place: &str) -> Result<Decision, Refusal> {
    let location = match TrackName::parse(place) {
        Ok(track) if board.knows(&track) => track.to_string(),
        Ok(_) | Err(_) => place.to_owned(),
    };
    if location.starts_with('#') {
        known_track(board, location.split(' ').next().unwrap_or_default())?;
    }
    let is_here = board.check_in(&person.id).is_some_and(CheckIn::is_open);
    let open = || board.check_ins().values().filter(|check_in| check_in.is_open()).count();
    if !is_here && board.check_ins().len() >= limits::OPEN_CHECK_INS && open() >= limits::OPEN_CHECK_INS {
        return Err(Refusal::TooMany { what: "open check-ins", most: limits::OPEN_CHECK_INS });
    }
    let said = say!["You are checked in to ", place_span(&location), "."];
    Ok(Decision::event(PersonEvent::CheckedIn { person: person.clone(), location }).saying(said))
}

pub(super) fn check_out(board: &Board, person: &Person) -> Result<Decision, Refusal> {
    match board.check_in(&person.id).filter(|check_in| check_in.is_open()) {
        Some(check_in) => {
            let said = say!["You are checked out of ", place_span(&check_in.location), "."];
            Ok(Decision::event(PersonEvent::CheckedOut { person: person.id.clone() }).saying(said))
        }
        None => Err(Refusal::NotCheckedIn),
    }
}

/// Where somebody last was. A name on the asker's own network wins; else a name on any network, a localpart or a
/// display name must be one person's only.
pub(super) fn seen(board: &Board, name: &str, request: &Request) -> Result<Decision, Refusal> {
    let check_in = find_person(board, name, request)?;
    let zone = board.contents().timezone;
    let CheckIn { nick, location, since, until, extra: _ } = check_in;
    let did = if check_in.is_open() { " checked in to " } else { " checked out of " };
    let said = spans![Span::person(nick), did, place_span(location)];
    Ok(Decision::reply(match until.or(*since) {
        Some(time) => said.and([" at ".into(), moment(time, zone), ".".into()]),
        None => said.and([".".into()]),
    }))
}

pub(super) fn subscription(board: &Board, person: &Person) -> Decision {
    Decision::reply(match board.subscription(&person.id) {
        Some(pattern) => say!["You are subscribed to: ", Span::quoted(pattern)],
        None => say!["You have no subscription. ", Span::command("subscribe REGEXP"), " makes one."],
    })
}

pub(super) fn subscribe(board: &Board, person: &Person, pattern: &str) -> Result<Decision, Refusal> {
    Pattern::parse(pattern).map_err(|error| Refusal::BadPattern(error.to_string()))?;
    let said = match board.subscription(&person.id) {
        Some(old) if old == pattern => {
            return Ok(Decision::reply(say!["You are subscribed to that already: ", Span::quoted(old)]));
        }
        Some(old) => say!["You are subscribed to: ", Span::quoted(pattern), " (before: ", Span::quoted(old), ")"],
        None if board.subscriptions().len() >= limits::SUBSCRIPTIONS => {
            return Err(Refusal::TooMany { what: "subscriptions", most: limits::SUBSCRIPTIONS });
        }
        None => say!["You are subscribed to: ", Span::quoted(pattern)],
    };
    let event = PersonEvent::Subscribed { person: person.id.clone(), pattern: pattern.to_owned() };
    Ok(Decision::event(event).saying(said))
}

pub(super) fn unsubscribe(board: &Board, person: &Person) -> Decision {
    match board.subscription(&person.id) {
        Some(old) => {
            let said = say!["Your subscription is cancelled (it was: ", Span::quoted(old), ")"];
            Decision::event(PersonEvent::Unsubscribed { person: person.id.clone() }).saying(said)
        }
        None => Decision::reply("You have no subscription."),
    }
}

/// Deletes what is known of a person. Older rows of the journal may name somebody who is nowhere else on the board.
pub(super) fn forget(board: &Board, person: &Person) -> Decision {
    if !board.knows_person(&person.id) {
        return Decision::reply("Nothing is known of you: there is nothing to delete.");
    }
    let home = board.homes().of(person.id.form());
    let plain = home.is_none() || home == person.id.network();
    let event = PersonEvent::PersonForgotten { person: Some(person.id.clone()), plain };
    Decision::event(event)
        .saying("Your check-in, subscription and reminders are deleted, and your name is out of the history.")
}

/// Takes over the people whom older data names without a network, if there are any and they are nobody's yet.
pub(super) fn adopt_names(board: &Board, network: &Network, form: NameForm) -> Decision {
    let plain = |person: &PersonId| person.network().is_none() && person.form() == form;
    let is_wanted = board.homes().of(form).is_none()
        && (board.check_ins().keys().chain(board.subscriptions().keys()).chain(board.reminders().keys()).any(plain)
            || board.moderators().values().flatten().any(plain));
    if is_wanted {
        Decision {
            answer: Default::default(),
            ..Decision::event(PersonEvent::NamesAdopted { form, network: network.clone() })
        }
    } else {
        Decision::ignored()
    }
}

fn find_person<'a>(board: &'a Board, name: &str, request: &Request) -> Result<&'a CheckIn, Refusal> {
    let wanted = PersonId::new(&request.network, name, request.folding);
    if let Some(found) = board.check_in(&wanted) {
        return Ok(found);
    }
    let fold = |name: &str| request.folding.fold(name).to_lowercase();
    let name_wanted = fold(wanted.key());
    let fits = |id: &PersonId, check_in: &CheckIn| {
        fold(id.key()) == name_wanted
            || fold(&check_in.nick) == name_wanted
            || fold(&id.to_string()) == name_wanted
            || localpart(id).is_some_and(|local| fold(local) == name_wanted.trim_start_matches('@'))
    };
    let fitting: Vec<_> = board.check_ins().iter().filter(|(id, check_in)| fits(id, check_in)).collect();
    match fitting.as_slice() {
        [] => Err(Refusal::NeverSeen { name: name.to_owned() }),
        [(_, one)] => Ok(one),
        several => {
            let is_one_network = several.windows(2).all(|pair| pair[0].0.network() == pair[1].0.network());
            let name_of = |id: &PersonId| if is_one_network { id.key().to_owned() } else { id.to_string() };
            let ids = several.iter().map(|(id, _)| name_of(id)).collect();
            Err(Refusal::SeveralPeople { name: name.to_owned(), ids })
        }
    }
}

/// The part of a Matrix ID that people use as a name: `jane` of `@jane:example.org`.
fn localpart(id: &PersonId) -> Option<&str> {
    let (local, _server) = id.key().strip_prefix('@')?.split_once(':')?;
    Some(local)
}

fn place_span(location: &str) -> Span {
    match TrackName::parse(location) {
        Ok(track) if location.starts_with('#') => Span::Track(track),
        Ok(_) | Err(_) => Span::quoted(location),
    }
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
