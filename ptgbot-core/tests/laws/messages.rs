//! What holds for messages with lasting names: delivered again, edited, deleted.

use crate::play::{self, Play, Step, What};
use crate::{entries, in_order, of_nobody, of_track};
use proptest::prelude::*;
use ptgbot_core::{Answer, Board, BoardEvent, Contents, Decision, Event, Refusal, Role, TrackName, decide};

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_message_that_changed_something_changes_nothing_when_it_comes_again(steps in play::steps()) {
        let mut play = Play::new();
        let mut changed = Vec::new();
        for step in &steps {
            if play.step(step).is_ok_and(|decision| !decision.events.is_empty()) {
                changed.extend(play.heard.last().cloned());
            }
        }
        let restarted: Board = serde_json::from_str(&serde_json::to_string(&play.board).unwrap()).unwrap();
        for request in changed {
            let decision = decide(&restarted, &request).unwrap();
            prop_assert!(decision.events.is_empty() && decision.task.is_none(), "{request:?}");
            prop_assert_eq!(decision.answer, Answer::Ack);
        }
    }

    #[test]
    fn an_edit_is_undo_and_the_new_command_or_nothing(steps in play::steps(), first in play::command().boxed(), then in play::command().boxed()) {
        let mut play = Play::of(&steps);
        let before = play.board.clone();
        let Ok(said) = play.say(&first) else { return Ok(()) };
        let undoable = play.board.history().newest_first().next().is_some_and(|change| {
            change.can_be_undone() && change.revision == play.board.revision() && play.board.revision() > before.revision()
        });
        prop_assume!(undoable && said.events.len() == 1);
        let mut other = Play { board: play.board.clone(), records: Vec::new(), heard: play.heard.clone(), at: play.at };
        let as_said = play.board.clone();
        let edited = op(&mut play, What::Edited(0, then.clone()));
        if edited.is_ok_and(|decision| !decision.events.is_empty()) {
            other.say("~undo").unwrap();
            other.say(&then).unwrap();
            prop_assert_eq!(in_order(other.board.contents()), in_order(play.board.contents()));
            prop_assert_eq!(other.board.check_ins(), play.board.check_ins());
            prop_assert_eq!(other.board.subscriptions(), play.board.subscriptions());
            prop_assert_eq!(entries(&other.board), entries(&play.board));
        } else {
            prop_assert_eq!(as_said, play.board);
        }
    }

    #[test]
    fn a_deleted_command_leaves_its_track_as_it_was_before_and_the_others_as_they_are(
        steps in play::steps(), first in play::command().boxed(), more in play::steps()
    ) {
        let mut play = Play::of(&steps);
        let before = play.board.contents().clone();
        let Ok(said) = play.say(&first) else { return Ok(()) };
        let [event] = said.events.as_slice() else { return Ok(()) };
        let concerned: Vec<TrackName> = event.tracks().into_iter().cloned().collect();
        // Who may speak for a track is nothing that it says.
        let of_people = matches!(event, Event::Board(BoardEvent::ModeratorsSet { .. }));
        let mut ago = 0;
        // An edit would make it another command.
        for step in more.iter().filter(|step| !matches!(step.ask, What::Edited(..))).take(6) {
            let _ = play.step(&Step { later: 0, ..step.clone() });
            ago += 1;
        }
        let stood = play.board.contents().clone();
        let gone = op(&mut play, What::Deleted(ago)).is_ok_and(|decision| !decision.events.is_empty());
        let after = play.board.contents();
        if !gone || of_people {
            prop_assert_eq!(in_order(&stood), in_order(after));
        } else if !concerned.is_empty() {
            for name in play::TRACKS {
                let track = TrackName::parse(name).unwrap();
                let as_it = if concerned.contains(&track) { &before } else { &stood };
                prop_assert_eq!(of_track(as_it, &track), of_track(after, &track));
                prop_assert!(!concerned.contains(&track) || as_it.tracks.contains(&track) == after.tracks.contains(&track));
            }
            let unlisted = |contents: &Contents| {
                let mut contents = contents.clone();
                contents.tracks.clear();
                of_nobody(&contents)
            };
            prop_assert_eq!(unlisted(&stood), unlisted(after));
        }
    }
}

fn op(play: &mut Play, ask: What) -> Result<Decision, Refusal> {
    play.step(&Step { later: 0, who: "tony", role: Role::Op, private: false, ask })
}
