//! Writes the site of a sample event into a folder, to look at it:
//! `cargo run -p ptgbot-render --example folder -- FOLDER [TIME]`

#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "an example may touch the world")]

use chrono::{DateTime, Utc};
use ptgbot_core::{Board, BoardEvent, Document, Event, Folding, Record};
use ptgbot_render::{Site, SiteOptions, next_change};
use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("say into which folder")?);
    let at: DateTime<Utc> = arguments.next().as_deref().unwrap_or("2026-10-19T09:30:00Z").parse()?;

    let mut board = Board::default();
    let file = serde_json::from_str(include_str!("../tests/data/event.json"))?;
    let document = Box::new(Document::check(&file, &board, Folding::Lowercase)?);
    let event = Event::Board(BoardEvent::DocumentLoaded { document, source: None });
    let imported = "2026-10-12T08:00:00Z".parse()?;
    board.apply(&Record::new(1, imported, event));

    let options = SiteOptions::default().with_channel("#openinfra-events");
    let site = Site::new(&board, at, &options);
    for path in site.paths() {
        let file = site.render(&path).ok_or("every path has a file")?;
        let target = folder.join(&*file.path.name());
        std::fs::create_dir_all(target.parent().unwrap_or(&folder))?;
        std::fs::write(target, &file.body)?;
    }
    if let Some(next) = next_change(&board, at) {
        println!("these bytes hold until {next}");
    }
    Ok(())
}
