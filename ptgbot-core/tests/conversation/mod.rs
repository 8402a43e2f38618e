//! A conversation that is played against a board, line by line: what the transcripts and the documents hold.
//!
//! ```text
//! # a comment
//! given event.json                      loads a data file that stands beside the transcripts
//! load {"links": {}}                    loads a data file that stands here
//! at 2026-10-19T09:30:00Z               moves the clock
//! tick 2026-10-19T09:30:00Z             moves it, and what is due by then is told
//! data now                              asks for a key of the data file; data alone for all keys
//! public location                       asks for a key of the public one
//! calendar                              asks what calendars show
//! = {"swift":"Ballroom A"}              what was asked for
//! gibi (voice): #nova now cells         somebody says something in the channel
//! john, in private: in #nova            or to the bot alone
//! on example.org                           the people that follow are on another network,
//! Jane <@jane:example.org>: +out        where they have display names, and where messages can be changed:
//! gibi edits "#nova now cells": #nova now celsl   the newest message that read so reads otherwise,
//! gibi deletes "#nova now cells"        or is gone;
//! again "#nova now cells"               it is delivered once more, as after a crash
//! bot → gibi: …                         what the bot answers,
//! bot refuses gibi: …                   how it refuses,
//! bot ✓ gibi                            or that it only acknowledges
//! bot tells john: …                     a subscriber is told, or who is to know what time brings
//! event: TopicSet #nova now cells       what is recorded
//! ```
//!
//! After each spoken line stands all that follows from it; nothing means that the bot is silent.
#![allow(clippy::unwrap_used, unreachable_pub)]
#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "a test may touch the world")]

use ptgbot_core::subscription::SubscriptionIndex;
use ptgbot_core::{
    Announcement, Answer, Ask, Audience, Board, CalendarEntry, DueMessage, Event, Folding, Network, Person, Place,
    Record, Request, Role, RoomAddress, data_file, decide, describe, due_messages, notification,
};
use std::fs;
use std::path::Path;

/// A board, and what people say to it.
pub struct Stage<'a> {
    folder: &'a Path,
    board: Board,
    at: chrono::DateTime<chrono::Utc>,
    network: Network,
    folding: Folding,
    /// What was said where messages have lasting names, each as it reads now.
    messages: Vec<Message>,
    /// How many such names were given.
    named: usize,
}

/// A message that can be edited, deleted and delivered again.
#[derive(Clone)]
struct Message {
    /// The name of its first version.
    original: String,
    reads: String,
    by: String,
    /// The newest version of it, as it arrived.
    arrived: Request,
}

impl<'a> Stage<'a> {
    /// An empty board. `folder` is that of the data files.
    pub fn new(folder: &'a Path) -> Self {
        Self {
            folder,
            board: Board::default(),
            at: "2026-10-19T09:30:00Z".parse().unwrap(),
            network: Network::nearest("oftc"),
            folding: Folding::Rfc1459,
            messages: Vec::new(),
            named: 0,
        }
    }

    /// Plays a script on, and gives it back with what follows from it.
    pub fn play(&mut self, script: &str) -> String {
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
        } else if let Some(time) = line.strip_prefix("tick ") {
            self.at = time.parse().unwrap_or_else(|error| panic!("{line}: {error}"));
            self.hear("", &Request::new(&self.network, self.at, Ask::Tick))
        } else if let Some(network) = line.strip_prefix("on ") {
            (self.network, self.folding) = match network {
                "oftc" | "libera" => (Network::nearest(network), Folding::Rfc1459),
                "example.org" => (Network::nearest(network), Folding::Exact),
                _ => panic!("which network is that: {line}"),
            };
            Vec::new()
        } else if let Some(key) = line.strip_prefix("data ") {
            vec![format!("= {}", data_file::full(&self.board)[key])]
        } else if let Some(key) = line.strip_prefix("public ") {
            vec![format!("= {}", data_file::public(&self.board, self.at)[key])]
        } else if line == "data" {
            let data = data_file::full(&self.board);
            let lines = data.as_object().unwrap().iter().map(|(key, value)| format!("= {key}: {value}"));
            lines.collect()
        } else if line == "calendar" {
            self.board.calendar().shown_at(self.at).map(|entry| format!("= {}", in_words(entry))).collect()
        } else if let Some(json) = line.strip_prefix("load ") {
            let document = serde_json::from_str(json).unwrap_or_else(|error| panic!("{line}: {error}"));
            self.ask("op", Role::Op, Place::Private, Ask::Load { document, source: None })
        } else if let Some(file) = line.strip_prefix("given ") {
            let document = serde_json::from_str(&fs::read_to_string(self.folder.join(file)).unwrap()).unwrap();
            let consequences = self.ask("op", Role::Op, Place::Private, Ask::Load { document, source: None });
            assert!(consequences.last().is_some_and(|line| line.starts_with("event: ")), "{line}: {consequences:?}");
            Vec::new()
        } else if let Some(text) = line.strip_prefix("again ").and_then(quoted) {
            let Message { by, arrived, .. } = self.message(text).clone();
            self.hear(&by, &arrived)
        } else if let Some((who, text)) =
            line.split_once(" deletes ").and_then(|(who, text)| Some((who, quoted(text)?)))
        {
            let original = self.message(text).original.clone();
            let (name, role, place) = speaker(who);
            self.ask(name, role, place, Ask::Deleted { original })
        } else if let Some((who, edit)) = line.split_once(" edits \"") {
            let (was, text) = edit.split_once("\": ").unwrap_or_else(|| panic!("an edit to what: {line}"));
            let original = self.message(was).original.clone();
            let (name, role, place) = speaker(who);
            let (was, text) = (Some(was.to_owned()), text.to_owned());
            self.ask(name, role, place, Ask::Edited { original, was, text })
        } else {
            let (who, text) = line.split_once(": ").unwrap_or_else(|| panic!("nobody speaks: {line}"));
            let (name, role, place) = speaker(who);
            self.ask(name, role, place, Ask::Said(text.to_owned()))
        }
    }

    /// The newest message that reads so now.
    fn message(&mut self, text: &str) -> &mut Message {
        let mut newest_first = self.messages.iter_mut().rev();
        newest_first.find(|message| message.reads == text).unwrap_or_else(|| panic!("nobody said {text}"))
    }

    fn ask(&mut self, name: &str, role: Role, place: Place, ask: Ask) -> Vec<String> {
        let folding = self.folding;
        let from = Some(match name.trim_end_matches('>').split_once(" <") {
            Some((shown, id)) => Person::new(&self.network, id, folding).shown_as(shown),
            None => Person::new(&self.network, name, folding),
        });
        self.named += 1;
        let mut request = Request::new(&self.network, self.at, ask).folding(folding).bot("ptgbot");
        (request.from, request.role, request.place) = (from, role, place);
        request.message = (folding == Folding::Exact).then(|| format!("${}", self.named));
        self.remember(name, &request);
        self.hear(name, &request)
    }

    fn remember(&mut self, by: &str, request: &Request) {
        let Some(name) = &request.message else { return };
        let (original, reads) = match &request.ask {
            Ask::Said(text) => (name, text),
            Ask::Edited { original, text, .. } => (original, text),
            _ => return,
        };
        let (original, reads, by) = (original.clone(), reads.clone(), by.to_owned());
        let message = Message { original, reads, by, arrived: request.clone() };
        match self.messages.iter_mut().find(|older| older.original == message.original) {
            // Nobody edits what somebody else has said, but may try.
            Some(older) if older.arrived.from != request.from => {}
            Some(older) => *older = message,
            None => self.messages.push(message),
        }
    }

    fn hear(&mut self, name: &str, request: &Request) -> Vec<String> {
        let mut said = Vec::new();
        let decision = match decide(&self.board, request) {
            Ok(decision) => decision,
            Err(refusal) => {
                return refusal.to_string().lines().map(|line| format!("bot refuses {name}: {line}")).collect();
            }
        };
        match &decision.answer {
            Answer::Silence => {}
            Answer::Ack => said.push(format!("bot ✓ {name}")),
            Answer::Say(reply) => said.extend(reply.lines().iter().map(|line| format!("bot → {name}: {line}"))),
        }
        if let Some(task) = &decision.task {
            said.push(format!("outside: {task:?}"));
        }
        for event in decision.events {
            let record = Record::of(self.board.revision() + 1, request, event);
            let event = &record.event;
            self.board.apply(&record);
            if let Some(announcement) = Announcement::of(event) {
                let subscriptions = self.board.subscriptions().iter();
                let index: SubscriptionIndex<_> =
                    subscriptions.map(|(who, what)| (who.clone(), what.as_str())).collect();
                let told = notification(&self.board, &announcement, self.at);
                for person in index.matching(&announcement.to_string()) {
                    said.push(format!("bot tells {person}: {told}"));
                }
            }
            if let Event::Time(event) = event {
                for DueMessage { to, reply, .. } in due_messages(&self.board, event, self.at) {
                    let to = match to {
                        Audience::Person(person) => person.to_string(),
                        Audience::Room(RoomAddress { room, .. }) => room,
                    };
                    said.extend(reply.lines().iter().map(|line| format!("bot tells {to}: {line}")));
                }
            }
            let kind = serde_json::to_value(event).unwrap()["type"].as_str().unwrap().to_owned();
            said.push(format!("event: {kind} {}", describe(event)));
        }
        said
    }
}

/// Who speaks, with which rights, where.
fn speaker(who: &str) -> (&str, Role, Place) {
    let (who, place) = match who.strip_suffix(", in private") {
        Some(who) => (who, Place::Private),
        None => (who, Place::Room("#ptg".into())),
    };
    let (name, role) = match who.rsplit_once(" (") {
        None => (who, Role::Member),
        Some((name, "voice)")) => (name, Role::Voice),
        Some((name, "op)")) => (name, Role::Op),
        Some(_) => panic!("what role is that: {who}"),
    };
    (name, role, place)
}

fn quoted(text: &str) -> Option<&str> {
    text.strip_prefix('"')?.strip_suffix('"')
}

fn is_consequence(line: &str) -> bool {
    ["= ", "bot → ", "bot refuses ", "bot ✓ ", "bot tells ", "event: ", "outside: "]
        .iter()
        .any(|start| line.starts_with(start))
}

fn in_words(entry: &CalendarEntry) -> String {
    let CalendarEntry { id, room, start, end, sequence, changed_at, status, moved_to, .. } = entry;
    let number = if id.number == 1 { String::new() } else { format!(" ({})", id.number) };
    let moved = moved_to.as_ref().map(|slot| format!(" moved to {slot}")).unwrap_or_default();
    format!(
        "{} {} {}{number}{moved}: {status:?} in {room}, {} to {}, change {sequence} at {}",
        id.event,
        id.track,
        id.slot,
        start.format("%m-%d %H:%M"),
        end.format("%H:%M"),
        changed_at.format("%m-%d %H:%M"),
    )
}
