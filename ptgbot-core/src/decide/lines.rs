//! Messages of several lines: each line is a command, and the answers come together.

use super::line;
use crate::board::Board;
use crate::decision::{Answer, Decision, Outcome};
use crate::record::Record;
use crate::refusal::Refusal;
use crate::reply::{Reply, spans};
use crate::request::Request;
use crate::text::clean;

/// What was said, line by line: each is decided on the board that those before it leave behind.
pub(super) fn said(board: &Board, request: &Request, text: &str) -> Result<Decision, Refusal> {
    let lines = split(text);
    if lines.len() <= 1 {
        return line(board, request, lines.first().map_or("", String::as_str));
    }
    let mut told = Told::default();
    let mut after = board.clone();
    for said in lines.iter().take(MOST_LINES) {
        let decision = match line(&after, request, said) {
            Ok(decision) if decision.outcome() == Outcome::Ignored => continue,
            Ok(decision) if decision.task.is_some() && lines.len() > 1 => Err(Refusal::NotAmongOthers),
            decided => decided,
        };
        if let Ok(decision) = &decision {
            for event in &decision.events {
                after.apply(&Record::of(after.revision() + 1, request, event.clone()));
            }
        }
        told.add(decision);
    }
    if lines.len() > MOST_LINES && !told.is_empty() {
        told.add(Err(Refusal::TooManyLines { most: MOST_LINES }));
    }
    told.decision()
}

/// The lines that hold something.
pub(super) fn split(text: &str) -> Vec<String> {
    text.split(['\n', '\r']).map(clean).filter(|line| !line.is_empty()).collect()
}

/// What the lines so far lead to.
#[derive(Default)]
struct Told {
    decided: Vec<Decision>,
    refused: Vec<Refusal>,
    reply: Reply,
    /// How many were done without a word.
    wordless: usize,
}

impl Told {
    fn is_empty(&self) -> bool {
        self.decided.is_empty() && self.refused.is_empty()
    }

    fn add(&mut self, decided: Result<Decision, Refusal>) {
        match decided {
            Ok(decision) => {
                match &decision.answer {
                    Answer::Say(reply) => self.reply.append(reply.clone()),
                    Answer::Ack => self.wordless += 1,
                    Answer::Silence => {}
                }
                self.decided.push(decision);
            }
            Err(refusal) => {
                self.reply.append(refusal.reply());
                self.refused.push(refusal);
            }
        }
    }

    /// Refused only if every line is.
    fn decision(mut self) -> Result<Decision, Refusal> {
        if self.decided.is_empty() {
            return match self.refused.len() {
                0 => Ok(Decision::ignored()),
                1 => Err(self.refused.remove(0)),
                _ => Err(Refusal::Several(self.refused)),
            };
        }
        let answer = match (self.reply.lines().is_empty(), self.wordless) {
            (true, _) => Answer::Ack,
            (false, 0) => Answer::Say(self.reply),
            (false, wordless) => {
                self.reply.push(spans!["Done besides: ", wordless, if wordless == 1 { " line." } else { " lines." }]);
                Answer::Say(self.reply)
            }
        };
        let events = self.decided.into_iter().flat_map(|decision| decision.events).collect();
        Ok(Decision { events, answer, task: None })
    }
}

/// More would be a script, not a message.
const MOST_LINES: usize = 20;

#[cfg(test)]
mod tests {
    use crate::stage::Stage;
    use serde_json::json;

    #[test]
    fn each_line_is_a_command_and_the_answers_come_together() {
        let mut stage = Stage::with(json!({"location": {"swift": "Lobby"}}));
        assert_eq!(stage.say("~add swift\n#swift now rings\n\nthanks all"), "✓");
        assert_eq!(
            stage.say("+now swift\n#swfit now x\n+next"),
            "#swift (Lobby): rings (since 09:30 UTC)\nDid you mean: #swift now x\nNothing is announced for next."
        );
        assert_eq!(stage.say("#swfit now x\n~lst"), "Did you mean: #swift now x\nDid you mean: ~list");
        assert_eq!(stage.say("hello\nworld"), "");
        assert!(stage.say("~list\n~fetchdb https://example.org/a.json").contains("say ~fetchdb URL alone"));
    }

    #[test]
    fn a_script_is_no_message() {
        let mut stage = Stage::with(json!({"location": {"swift": "Lobby"}, "tracks": ["swift"]}));
        let said = stage.say(&"#swift next more\n".repeat(30));
        assert_eq!(
            said,
            "Only the first 20 lines were read: send the rest in another message.\nDone besides: 20 lines."
        );
        assert_eq!(stage.board.contents().next.values().map(Vec::len).sum::<usize>(), 20);
    }
}
