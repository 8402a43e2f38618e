//! Taking changes back, and telling what was changed: `undo`, `~undo`, `~history`.

use super::policy;
use super::show::moment;
use crate::board::Board;
use crate::decision::Decision;
use crate::event::BoardEvent;
use crate::history::{Change, Removed};
use crate::refusal::Refusal;
use crate::reply::{Line, Reply, Span, say, spans};
use crate::request::Request;
use crate::setting::Setting;
use crate::text::isolated;
use crate::track::TrackName;

/// Takes back the newest change of one track that still stands; of a change of several tracks only its part.
///
/// A later change of the same thing by others (a freed slot that somebody else has booked, new data) must be
/// taken back first.
pub(super) fn track(board: &Board, request: &Request, track: &TrackName) -> Result<Decision, Refusal> {
    let mut later: Vec<&Change> = Vec::new();
    for change in board.history().newest_first().filter(|change| change.can_be_undone()) {
        let own: Vec<Setting> =
            change.before.iter().filter(|setting| setting.track() == Some(track)).cloned().collect();
        if own.is_empty() {
            later.push(change);
            continue;
        }
        let in_the_way = later.iter().find(|other| other.before.iter().any(|a| own.iter().any(|b| a.overlaps(b))));
        if let Some(other) = in_the_way {
            return Err(Refusal::UndoBlocked { what: change.what.clone(), later: other.what.clone() });
        }
        let told = warned(policy::may_restore(board, request, &own)?);
        let event = BoardEvent::ChangeUndone { revision: change.revision, track: Some(track.clone()), restored: own };
        return Ok(Decision::event(event).saying(taken_back(board, change, Some(track)).and(told)));
    }
    Ok(Decision::reply(say!["There is nothing of ", track, " to take back."]))
}

/// Takes back the newest change of the board that still stands, whatever is left of it.
pub(super) fn board(board: &Board, request: &Request) -> Result<Decision, Refusal> {
    let Some(change) = board.history().newest_first().find(|change| change.can_be_undone()) else {
        return Ok(Decision::reply("There is nothing to take back."));
    };
    let told = warned(policy::may_restore(board, request, &change.before)?);
    let event = BoardEvent::ChangeUndone { revision: change.revision, track: None, restored: change.before.clone() };
    Ok(Decision::event(event).saying(taken_back(board, change, None).and(told)))
}

/// The last changes, newest first.
pub(super) fn history(board: &Board, count: Option<usize>) -> Decision {
    let count = count.unwrap_or(SHOWN).min(MOST_SHOWN);
    let newest = board.history().newest_first().take(count);
    let lines: Vec<Line> = newest
        .map(|change| {
            let undone = if change.undone { " (taken back)" } else { "" };
            let said = who_and_when(board, change).and([": ".into(), Span::quoted(&change.told()), undone.into()]);
            said.item()
        })
        .collect();
    Decision::reply(if lines.is_empty() { Reply::from("Nothing was changed yet.") } else { lines.into() })
}

/// What is said when a change is taken back, of one track or all of it.
pub(super) fn taken_back(board: &Board, change: &Change, track: Option<&TrackName>) -> Line {
    let said = match track {
        Some(track) => spans!["Taken back for ", track, ": "],
        None => spans!["Taken back: "],
    };
    let what = Span::Command(isolated(&change.what).into_owned());
    let said = said.and([what, " (".into()]).and(who_and_when(board, change).into_spans()).and([")".into()]);
    match (track, change.removed) {
        (Some(_), _) | (None, Removed::Nothing) => said,
        (None, Removed::CheckIns) => said.and([". Check-ins are gone for good.".into()]),
        (None, Removed::PeoplesData) => {
            said.and([". Check-ins, subscriptions and reminders are gone for good.".into()])
        }
    }
}

/// What the rules have to say behind a sentence without its end; nothing where they are content.
fn warned(told: Line) -> Vec<Span> {
    let told = told.into_spans();
    if told.is_empty() { told } else { [Span::from(".")].into_iter().chain(told).collect() }
}

fn who_and_when(board: &Board, change: &Change) -> Line {
    let time = spans![moment(change.at, board.contents().timezone)];
    match &change.by {
        Some(person) => time.and([", ".into(), Span::Person(person.full_name())]),
        None => time,
    }
}

/// How many changes `~history` tells when it is not told a number.
const SHOWN: usize = 5;

/// More would flood the channel.
const MOST_SHOWN: usize = 50;

#[cfg(test)]
mod tests {
    use crate::stage::Stage;
    use serde_json::json;

    #[test]
    fn undo_takes_one_step_back_each_time_and_never_itself() {
        let mut stage = Stage::with(json!({"tracks": ["swift", "nova"], "location": {"swift": "A", "nova": "B"}}));
        for line in ["#swift now a", "#nova now b", "#swift now c", "#swift next d"] {
            assert_eq!(stage.say(line), "✓");
        }
        stage.say("#swift undo");
        stage.say("#swift undo");
        assert!(stage.say("+now swift").starts_with("#swift (A): a"));
        assert!(stage.say("~undo").contains("#nova now b"));
        assert!(stage.say("~undo").contains("#swift now a"));
        assert_eq!(stage.say("+now"), "Nothing is announced for now.");
    }

    #[test]
    fn a_slot_that_others_took_since_stands_in_the_way() {
        let mut stage = Stage::with(json!({
            "tracks": ["nova"], "slots": {"Monday": [{"name": "1"}]}, "schedule": {"A": {"1": "swift"}},
        }));
        stage.say("#swift unbook A-1");
        stage.say("#nova book A-1");
        assert!(stage.say("#swift undo").contains("cannot be taken back"));
        stage.say("#nova undo");
        assert!(stage.say("#swift undo").starts_with("Taken back"));
        assert_eq!(stage.say("#swift book A-1"), "#swift holds A-1 already.");
    }
}
