//! The whole board at once: data files, `~newday`, `~emptydb`.

use crate::board::Board;
use crate::check::{Findings, check_document, findings_lines};
use crate::contents::Contents;
use crate::decision::Decision;
use crate::document::Document;
use crate::event::BoardEvent;
use crate::limits;
use crate::person::{CheckIn, PersonId};
use crate::refusal::Refusal;
use crate::reminder::Reminders;
use crate::reply::{Line, Reply, Span, spans};
use crate::request::Request;
use crate::subscription::Pattern;
use crate::track::TrackName;
use serde_json::Value;
use std::collections::BTreeMap;

/// What becomes of a data file that can be read and has errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Errors {
    /// It is refused.
    Refused,
    /// It is taken, and they are told.
    Told,
}

/// Takes over a data file, after all of it was checked.
pub(super) fn load(
    board: &Board,
    request: &Request,
    document: &Value,
    source: Option<&str>,
    errors: Errors,
) -> Result<Decision, Refusal> {
    let read = Document::check(document, board, request.folding).map_err(Refusal::BadDocument)?;
    let mut after = board.contents().clone();
    read.replace_in(&mut after);
    within_limits(board, &after, &read)?;
    let same_people = read.check_ins.as_ref().is_none_or(|new| new == board.check_ins())
        && read.subscriptions.as_ref().is_none_or(|new| new == board.subscriptions())
        && read.moderators.as_ref().is_none_or(|new| new == board.moderators())
        && read.reminders.as_ref().is_none_or(|new| is_told_like(new, board));
    if same_people && after == *board.contents() && same_order(&after, board.contents()) {
        return Ok(Decision::reply("The data is the same as the board's already."));
    }
    let findings = check_document(document, &read, board, &after, request.at);
    if findings.errors() > 0 && errors == Errors::Refused {
        return Err(Refusal::FaultyDocument(Box::new(findings)));
    }
    let said = answer(summary(&after, &read), &findings);
    let event = BoardEvent::DocumentLoaded { document: Box::new(read), source: source.map(str::to_owned) };
    Ok(Decision::event(event).saying(said))
}

/// What was loaded, and what somebody will regret in it.
fn answer(summary: Line, findings: &Findings) -> Reply {
    let mut reply = Reply::from(summary);
    findings_lines(findings, Reply::LINES_IN_A_CHANNEL - 1).into_iter().for_each(|line| reply.push(line));
    reply
}

/// Refuses what would be more than a board holds. What an older board has too much of already may stay.
pub(crate) fn within_limits(board: &Board, after: &Contents, read: &Document) -> Result<(), Refusal> {
    let open = |people: &BTreeMap<PersonId, CheckIn>| people.values().filter(|check_in| check_in.is_open()).count();
    let before = board.contents();
    let counts = [
        ("tracks", limits::TRACKS, before.tracks.len(), after.tracks.len()),
        ("rooms", limits::ROOMS, before.rooms.len(), after.rooms.len()),
        ("open check-ins", limits::OPEN_CHECK_INS, open(board.check_ins()), read.check_ins.as_ref().map_or(0, open)),
        (
            "subscriptions",
            limits::SUBSCRIPTIONS,
            board.subscriptions().len(),
            read.subscriptions.as_ref().map_or(0, BTreeMap::len),
        ),
        (
            "reminders",
            limits::REMINDERS,
            board.reminders().values().map(Reminders::len).sum(),
            read.reminders.iter().flat_map(BTreeMap::values).map(BTreeMap::len).sum(),
        ),
    ];
    match counts.into_iter().find(|(_, most, had, has)| has > most && has > had) {
        Some((what, most, ..)) => Err(Refusal::TooMany { what, most }),
        None => Ok(()),
    }
}

/// Of two equal boards: true when days, slots, rooms and links stand in the same order, too.
/// True when people have just these reminders.
fn is_told_like(new: &BTreeMap<PersonId, BTreeMap<TrackName, u32>>, board: &Board) -> bool {
    let minutes = |own: &Reminders| own.iter().map(|(track, one)| (track.clone(), one.minutes)).collect();
    *new == board.reminders().iter().map(|(person, own)| (person.clone(), minutes(own))).collect()
}

fn same_order(a: &Contents, b: &Contents) -> bool {
    serde_json::to_string(a).ok() == serde_json::to_string(b).ok()
}

pub(super) fn new_day(board: &Board) -> Decision {
    let contents = board.contents();
    let nothing = contents.now.is_empty() && contents.next.is_empty() && contents.locations.is_empty();
    if nothing && board.check_ins().is_empty() {
        Decision::reply("There is nothing to clear: the day is new.")
    } else {
        Decision::event(BoardEvent::DayStarted)
    }
}

pub(super) fn empty(board: &Board) -> Decision {
    let nobody = board.check_ins().is_empty() && board.subscriptions().is_empty() && board.reminders().is_empty();
    let nobody = nobody && board.moderators().is_empty();
    if nobody && *board.contents() == Contents::default() && board.discussions().iter().len() == 0 {
        Decision::reply("The board is empty already.")
    } else {
        Decision::event(BoardEvent::BoardEmptied)
    }
}

fn summary(after: &Contents, read: &Document) -> Line {
    let counts = [
        (after.tracks.len(), "track", "tracks"),
        (after.days.len(), "day", "days"),
        (after.rooms.len(), "room", "rooms"),
    ];
    let counts = counts.map(|(count, one, many)| format!("{count} {}", if count == 1 { one } else { many }));
    let mut said = spans!["Loaded: the board now has ", counts.join(", "), "."];
    let patterns = read.subscriptions.iter().flatten();
    let unusable: Vec<_> = patterns
        .filter(|(_, pattern)| Pattern::parse(pattern).is_err())
        .map(|(id, _)| Span::person(id.key()))
        .collect();
    if !unusable.is_empty() {
        let these = " These people's patterns cannot be used and match nothing: ";
        said = said.and([these.into()]).and_row(unusable, ", ").and([".".into()]);
    }
    said
}

#[cfg(test)]
mod tests {
    use crate::stage::Stage;
    use serde_json::{Map, Value, json};

    #[test]
    fn a_file_replaces_its_keys_and_leaves_the_others() {
        let mut stage =
            Stage::with(json!({"tracks": ["swift"], "colors": {"swift": "navy"}, "links": {"a": "x", "b": "y"}}));
        stage.load(json!({"links": {"c": "z"}}));
        assert_eq!(stage.board.contents().colors.len(), 1);
        assert_eq!(stage.board.contents().links.keys().collect::<Vec<_>>(), ["c"]);
        assert!(stage.load(json!({"links": {"c": "z"}})).contains("the same"));
    }

    #[test]
    fn a_wrong_value_changes_nothing_at_all() {
        let mut stage = Stage::with(json!({"tracks": ["swift"]}));
        let before = stage.board.clone();
        assert!(stage.load(json!({"tracks": [], "voice": "loud"})).contains("$.voice"));
        assert_eq!(stage.board, before);
    }

    #[test]
    fn a_file_brings_no_more_than_a_board_holds() {
        let mut stage = Stage::with(json!({"tracks": ["swift"]}));
        let rooms = |count: usize| (0..count).map(|n| (format!("Room {n}"), json!({}))).collect::<Map<_, _>>();
        let people = |count: usize, of: Value| (0..count).map(|n| (format!("p{n}"), of.clone())).collect::<Map<_, _>>();
        let tracks = |count: usize| (0..count).map(|n| format!("t{n}")).collect::<Vec<_>>();
        let here = json!({"location": "#swift", "in": "2026-10-19T09:00:00Z", "out": null});
        assert_eq!(stage.load(json!({"schedule": rooms(501)})), "At most 500 rooms are kept here.");
        assert_eq!(stage.load(json!({"tracks": tracks(2001)})), "At most 2000 tracks are kept here.");
        let check_ins = people(20_001, here.clone());
        assert_eq!(stage.load(json!({"last_check_in": check_ins})), "At most 20000 open check-ins are kept here.");
        let subscriptions = people(50_001, json!("a"));
        assert_eq!(stage.load(json!({"subscriptions": subscriptions})), "At most 50000 subscriptions are kept here.");
        assert_eq!(stage.board.revision(), 1);
        let most = json!({
            "schedule": rooms(500), "tracks": tracks(2000), "last_check_in": people(20_000, here),
            "subscriptions": people(50_000, json!("a")),
        });
        let said = stage.load(most);
        assert!(said.starts_with("Loaded: the board now has 2000 tracks, 0 days, 500 rooms.\n"), "{said}");
    }

    #[test]
    fn tracks_that_only_bookings_name_count_as_well() {
        let mut stage = Stage::with(json!({"tracks": (0..2000).map(|n| format!("t{n}")).collect::<Vec<_>>()}));
        let said = stage.load(json!({"slots": {"Mon": [{"name": "1"}]}, "schedule": {"A": {"1": "one-more"}}}));
        assert_eq!(said, "At most 2000 tracks are kept here.");
    }

    #[test]
    fn emptying_takes_peoples_data_too() {
        let mut stage = Stage::with(json!({"tracks": ["swift"], "voice": 1}));
        stage.say("+in swift");
        stage.say("+subscribe x");
        stage.say("~emptydb");
        assert!(stage.board.check_ins().is_empty() && stage.board.subscriptions().is_empty());
        assert_eq!(*stage.board.contents(), crate::Contents::default());
        assert_eq!(stage.say("~emptydb"), "The board is empty already.");
    }
}
