//! Conversations as specification: each file in `tests/transcripts` is played against a board.
//!
//! How a conversation is written is told in `conversation`. Run with `UPDATE_TRANSCRIPTS=1` to write what the bot does now, and
//! read the difference.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "a test may touch the world")]

mod conversation;

use conversation::Stage;
use std::fs;
use std::path::Path;

#[test]
fn every_transcript_is_true() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    assert!(!files.is_empty());
    let mut wrong = Vec::new();
    for path in files {
        let written = fs::read_to_string(&path).unwrap();
        let played = Stage::new(&folder).play(&written);
        if played == written {
            continue;
        }
        if std::env::var_os("UPDATE_TRANSCRIPTS").is_some() {
            fs::write(&path, played).unwrap();
        } else {
            wrong.push(difference(&path, &written, &played));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn difference(path: &Path, written: &str, played: &str) -> String {
    let place = written.lines().zip(played.lines()).position(|(a, b)| a != b);
    let place = place.unwrap_or_else(|| written.lines().count().min(played.lines().count()));
    let line = |text: &str| text.lines().nth(place).unwrap_or("(the end)").to_owned();
    format!("{}:{}\n  written: {}\n  played:  {}", path.display(), place + 1, line(written), line(played))
}
