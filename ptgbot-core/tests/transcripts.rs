//! Conversations as specification: each file in `tests/transcripts` is played against a board, line by line.
//!
//! ```text
//! # a comment
//! given event.json                      loads a data file that stands beside the transcripts
//! load {"links": {}}                    loads a data file that stands here
//! at 2026-10-19T09:30:00Z               moves the clock
//! data now                              asks for a key of the data file; data alone for all keys
//! public location                       asks for a key of the public one
//! calendar                              asks what calendars show
//! = {"swift":"Ballroom A"}              what was asked for
//! gibi (voice): #nova now cells         somebody says something in the channel
//! john, in private: in #nova            or to the bot alone
//! on matrix                             the people that follow are on another network,
//! Jane <@jane:example.org>: +out        where they have display names
//! bot → gibi: …                         what the bot answers,
//! bot refuses gibi: …                   how it refuses,
//! bot ✓ gibi                            or that it only acknowledges
//! bot tells john: …                     a subscriber is told
//! event: TopicSet #nova now cells       what is recorded
//! ```
//!
//! After each spoken line stands all that follows from it; nothing means that the bot is silent. Run with
//! `UPDATE_TRANSCRIPTS=1` to write what the bot does now, and read the difference.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "a test may touch the world")]

use ptgbot_core::subscription::SubscriptionIndex;
use ptgbot_core::{
    Announcement, Answer, Ask, Board, Entry, Event, Folding, Origin, Person, Place, Record, Request, Role, decide,
    describe, document, notification,
};
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

struct Stage<'a> {
    folder: &'a Path,
    board: Board,
    at: chrono::DateTime<chrono::Utc>,
    network: &'static str,
    folding: Folding,
}

impl<'a> Stage<'a> {
    fn new(folder: &'a Path) -> Self {
        Self {
            folder,
            board: Board::default(),
            at: "2026-10-19T09:30:00Z".parse().unwrap(),
            network: "irc",
            folding: Folding::Rfc1459,
        }
    }

    fn play(mut self, script: &str) -> String {
        let mut out = String::new();
        for line in script.lines() {
            if is_consequence(line) {
                continue;
            }
            out.push_str(line);
            out.push('\n');
            for consequence in self.line(line) {
                out.push_str(&consequence);
                out.push('\n');
            }
        }
        out
    }

    fn line(&mut self, line: &str) -> Vec<String> {
        if line.is_empty() || line.starts_with("# ") {
            Vec::new()
        } else if let Some(time) = line.strip_prefix("at ") {
            self.at = time.parse().unwrap_or_else(|error| panic!("{line}: {error}"));
            Vec::new()
        } else if let Some(network) = line.strip_prefix("on ") {
            (self.network, self.folding) = match network {
                "irc" => ("irc", Folding::Rfc1459),
                "matrix" => ("matrix", Folding::Lowercase),
                _ => panic!("which network is that: {line}"),
            };
            Vec::new()
        } else if let Some(key) = line.strip_prefix("data ") {
            vec![format!("= {}", document::full(&self.board)[key])]
        } else if let Some(key) = line.strip_prefix("public ") {
            vec![format!("= {}", document::public(&self.board, self.at)[key])]
        } else if line == "data" {
            let data = document::full(&self.board);
            let lines = data.as_object().unwrap().iter().map(|(key, value)| format!("= {key}: {value}"));
            lines.collect()
        } else if line == "calendar" {
            self.board.calendar().shown_at(self.at).map(|entry| format!("= {}", in_words(entry))).collect()
        } else if let Some(json) = line.strip_prefix("load ") {
            let document = serde_json::from_str(json).unwrap_or_else(|error| panic!("{line}: {error}"));
            self.ask("op", Role::Op, Place::Private, Ask::Load { document, source: None }).1
        } else if let Some(file) = line.strip_prefix("given ") {
            let document = serde_json::from_str(&fs::read_to_string(self.folder.join(file)).unwrap()).unwrap();
            let (_, consequences) = self.ask("op", Role::Op, Place::Private, Ask::Load { document, source: None });
            assert!(consequences.last().is_some_and(|line| line.starts_with("event: ")), "{line}: {consequences:?}");
            Vec::new()
        } else {
            let (who, text) = line.split_once(": ").unwrap_or_else(|| panic!("nobody speaks: {line}"));
            let (who, place) = match who.strip_suffix(", in private") {
                Some(who) => (who, Place::Private),
                None => (who, Place::Room("#ptg".into())),
            };
            let (name, role) = match who.rsplit_once(" (") {
                None => (who, Role::Member),
                Some((name, "voice)")) => (name, Role::Voice),
                Some((name, "op)")) => (name, Role::Op),
                Some(_) => panic!("what role is that: {line}"),
            };
            self.ask(name, role, place, Ask::Said(text.to_owned())).1
        }
    }

    fn ask(&mut self, name: &str, role: Role, place: Place, ask: Ask) -> (Option<Event>, Vec<String>) {
        let folding = self.folding;
        let from = Some(match name.trim_end_matches('>').split_once(" <") {
            Some((shown, id)) => Person::new(id, folding).shown_as(shown),
            None => Person::new(name, folding),
        });
        let origin = Origin { network: self.network.into(), room: place.room().map(str::to_owned) };
        let bot = "ptgbot".to_owned();
        let request = Request { at: self.at, from: from.clone(), role, place, folding, bot, ask };
        let mut said = Vec::new();
        let decision = match decide(&self.board, &request) {
            Ok(decision) => decision,
            Err(refusal) => return (None, vec![format!("bot refuses {name}: {refusal}")]),
        };
        match &decision.answer {
            Answer::Silence => {}
            Answer::Ack => said.push(format!("bot ✓ {name}")),
            Answer::Say(text) => said.extend(text.lines().map(|line| format!("bot → {name}: {line}"))),
        }
        if let Some(task) = &decision.task {
            said.push(format!("outside: {task:?}"));
        }
        if let Some(event) = &decision.event {
            let record =
                Record { revision: self.board.revision() + 1, at: self.at, by: from, origin, event: event.clone() };
            self.board.apply(&record);
            if let Some(announcement) = Announcement::of(event) {
                let subscriptions = self.board.subscriptions().iter();
                let mut index: SubscriptionIndex<_> =
                    subscriptions.map(|(who, what)| (who.clone(), what.as_str())).collect();
                let told = notification(&self.board, &announcement, self.at);
                for person in index.matching(&announcement.to_string()) {
                    said.push(format!("bot tells {person}: {told}"));
                }
            }
            let kind = serde_json::to_value(event).unwrap()["type"].as_str().unwrap().to_owned();
            said.push(format!("event: {kind} {}", describe(event)));
        }
        (decision.event, said)
    }
}

fn is_consequence(line: &str) -> bool {
    ["= ", "bot → ", "bot refuses ", "bot ✓ ", "bot tells ", "event: ", "outside: "]
        .iter()
        .any(|start| line.starts_with(start))
}

fn in_words(entry: &Entry) -> String {
    let Entry { id, room, start, end, sequence, changed_at, status } = entry;
    let number = if id.number == 1 { String::new() } else { format!(" ({})", id.number) };
    format!(
        "{} {} {}{number}: {status:?} in {room}, {} to {}, change {sequence} at {}",
        id.event,
        id.track,
        id.slot,
        start.format("%m-%d %H:%M"),
        end.format("%H:%M"),
        changed_at.format("%m-%d %H:%M"),
    )
}

fn difference(path: &Path, written: &str, played: &str) -> String {
    let place = written.lines().zip(played.lines()).position(|(a, b)| a != b);
    let place = place.unwrap_or_else(|| written.lines().count().min(played.lines().count()));
    let line = |text: &str| text.lines().nth(place).unwrap_or("(the end)").to_owned();
    format!("{}:{}\n  written: {}\n  played:  {}", path.display(), place + 1, line(written), line(played))
}
