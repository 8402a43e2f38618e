//! `ptgbot history`: who changed what, when, from where. People's own data is no part of it.

use super::Failure;
use crate::store::{self, Access, Blocking, StoreAddress};
use chrono::SecondsFormat;
use ptgbot_core::{Person, Record, Revision, TrackName, describe};
use serde::Serialize;
use std::io::{self, BufWriter, Write};

/// How changes are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// One change, as programs read it.
#[derive(Serialize)]
struct HistoryLine<'a> {
    revision: Revision,
    at: String,
    by: Option<&'a str>,
    /// Their account, whatever name they show.
    id: Option<&'a str>,
    network: &'a str,
    room: Option<&'a str>,
    what: String,
    /// The message whose edit or deletion was the cause.
    #[serde(skip_serializing_if = "Option::is_none")]
    edits: Option<&'a str>,
    /// The same as `by` and `id`, in words for people.
    #[serde(skip)]
    who: Option<String>,
    /// The same as `what`, in words for people.
    #[serde(skip)]
    told: String,
}

/// Prints the changes, oldest first; of one track, if one is named.
pub(super) async fn print(address: &StoreAddress, track: Option<&TrackName>, form: Form) -> Result<(), Failure> {
    let mut journal = store::open(address, Access::ReadOnly, Blocking::Inline).await?;
    let mut output = BufWriter::new(io::stdout().lock());
    let mut last = 0;
    loop {
        let records = journal.read_after(last, PAGE).await?;
        let Some(newest) = records.last() else {
            output.flush()?;
            return Ok(());
        };
        last = newest.revision;
        for record in records.iter().filter(|record| is_shown(record, track)) {
            write(&mut output, &HistoryLine::of(record), form)?;
        }
    }
}

impl<'a> HistoryLine<'a> {
    fn of(record: &'a Record) -> Self {
        Self {
            revision: record.revision,
            at: record.at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
            by: record.by.as_ref().map(|person| person.name.as_str()),
            id: record.by.as_ref().map(|person| person.id.key()),
            network: &record.origin.network,
            room: record.origin.room.as_deref(),
            what: describe(&record.event),
            edits: record.origin.edits.as_deref(),
            who: record.by.as_ref().map(Person::full_name),
            told: record.told(),
        }
    }

    /// Who, where and what.
    fn in_words(&self) -> String {
        let Self { who, network, room, told, .. } = self;
        let by = who.as_deref().unwrap_or("-");
        let room = room.map(|room| format!(" {room}")).unwrap_or_default();
        format!("{by}  {network}{room}  {told}")
    }
}

/// Who changed what, and where, in one line; nothing of what concerns people alone.
pub(super) fn line(record: &Record) -> Option<String> {
    is_shown(record, None).then(|| HistoryLine::of(record).in_words())
}

fn is_shown(record: &Record, track: Option<&TrackName>) -> bool {
    let about = |track| record.event.tracks().contains(&track);
    !record.event.is_personal() && track.is_none_or(about)
}

fn write(output: &mut impl Write, entry: &HistoryLine<'_>, form: Form) -> io::Result<()> {
    match form {
        Form::Json => {
            serde_json::to_writer(&mut *output, entry)?;
            writeln!(output)
        }
        Form::Text => writeln!(output, "{}  {}  {}", entry.revision, entry.at, entry.in_words()),
    }
}

const PAGE: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edited_command_is_marked_and_what_it_did_first_too() {
        let written = [
            r##"{"revision":7,"at":"2026-10-19T09:00:00Z","by":{"id":"@j:x","name":"Jane"},"origin":{"network":"matrix","room":"#ptg","message":"$2","edits":"$1"},"event":{"type":"ChangeUndone","revision":6,"track":"swift","restored":[]}}"##,
            r##"{"revision":8,"at":"2026-10-19T09:00:00Z","by":{"id":"@j:x","name":"Jane"},"origin":{"network":"matrix","room":"#ptg","message":"$2","edits":"$1"},"event":{"type":"TopicSet","track":"swift","topic":"rings"}}"##,
        ];
        let records = written.map(|record| serde_json::from_str::<Record>(record).expect("a record"));
        let mut printed = Vec::new();
        for record in &records {
            write(&mut printed, &HistoryLine::of(record), Form::Text).expect("memory");
        }
        write(&mut printed, &HistoryLine::of(&records[1]), Form::Json).expect("memory");
        let printed = String::from_utf8(printed).expect("text");
        let [undone, set, json] = printed.lines().collect::<Vec<_>>()[..] else { panic!("{printed}") };
        assert_eq!(
            undone,
            "7  2026-10-19T09:00:00Z  Jane (@j:x)  matrix #ptg  #swift undo (of change 6) (message edited or deleted)"
        );
        assert_eq!(set, "8  2026-10-19T09:00:00Z  Jane (@j:x)  matrix #ptg  #swift now rings (edited)");
        assert!(json.ends_with(r##""what":"#swift now rings","edits":"$1"}"##), "{json}");
    }
}
