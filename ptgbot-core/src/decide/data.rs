//! The whole board at once: data files, `~newday`, `~emptydb`.

use crate::board::Board;
use crate::contents::Contents;
use crate::decision::Decision;
use crate::document::Document;
use crate::event::Event;
use crate::refusal::Refusal;
use crate::reply::{Line, Span, spans};
use crate::request::Request;
use crate::subscription::Pattern;
use serde_json::Value;

/// Takes over a data file, after all of it was checked.
pub(super) fn load(
    board: &Board,
    request: &Request,
    document: &Value,
    source: Option<&str>,
) -> Result<Decision, Refusal> {
    let read = Document::check(document, board, request.folding).map_err(Refusal::BadDocument)?;
    let mut after = board.contents().clone();
    read.replace_in(&mut after);
    let same_people = read.check_ins.as_ref().is_none_or(|new| new == board.check_ins())
        && read.subscriptions.as_ref().is_none_or(|new| new == board.subscriptions());
    if same_people && after == *board.contents() && same_order(&after, board.contents()) {
        return Ok(Decision::reply("The data is the same as the board's already."));
    }
    let said = summary(&after, &read);
    let event = Event::DocumentLoaded { document: Box::new(read), source: source.map(str::to_owned) };
    Ok(Decision::event(event).saying(said))
}

/// Of two equal boards: true when days, slots, rooms and links stand in the same order, too.
fn same_order(a: &Contents, b: &Contents) -> bool {
    serde_json::to_string(a).ok() == serde_json::to_string(b).ok()
}

pub(super) fn new_day(board: &Board) -> Decision {
    let contents = board.contents();
    let nothing = contents.now.is_empty() && contents.next.is_empty() && contents.locations.is_empty();
    if nothing && board.check_ins().is_empty() {
        Decision::reply("There is nothing to clear: the day is new.")
    } else {
        Decision::event(Event::DayStarted)
    }
}

pub(super) fn empty(board: &Board) -> Decision {
    let nothing = *board.contents() == Contents::default();
    if nothing && board.check_ins().is_empty() && board.subscriptions().is_empty() {
        Decision::reply("The board is empty already.")
    } else {
        Decision::event(Event::BoardEmptied)
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
    use serde_json::json;

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
