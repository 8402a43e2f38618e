//! The rules alone: what lines of chat lead to, without a runtime, a network or a store.
//!
//!     cargo run -p ptgbot-examples --bin rules

use ptgbot_core::{Answer, Ask, Board, Folding, Network, Person, Record, Request, Role, decide};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let (mut board, mut journal) = (Board::default(), Vec::new());
    for line in ["~add swift", "#swift now ring placement", "#swfit now rings", "lunch, anyone?"] {
        println!("jane: {line}");
        println!("{}", hear(&mut board, &mut journal, line)?);
    }
    println!("The board is at revision {}, and the journal has {} records.", board.revision(), journal.len());
    Ok(())
}

/// What jane, an op, is answered to a line in the room.
fn hear(board: &mut Board, journal: &mut Vec<Record>, line: &str) -> Result<String, Box<dyn Error>> {
    let network = Network::parse("here")?;
    let jane = Person::new(&network, "jane", Folding::Lowercase);
    let request =
        Request::new(&network, chrono::Utc::now(), Ask::Said(line.into())).by(jane, Role::Op).in_room("lobby");
    let decision = match decide(board, &request) {
        Ok(decision) => decision,
        Err(refusal) => return Ok(refusal.to_string()),
    };
    for event in decision.events {
        let record = Record::of(board.revision() + 1, &request, event);
        // Durable first, then true, then told.
        journal.push(record.clone());
        board.apply(&record);
        // Who asked to be forgotten is named nowhere any more.
        if let Some(forgotten) = record.forgotten() {
            for kept in journal.iter_mut() {
                kept.forget(&forgotten);
            }
        }
    }
    Ok(match decision.answer {
        Answer::Silence => String::new(),
        Answer::Ack => "✓".to_owned(),
        Answer::Say(reply) => reply.to_string(),
    })
}
