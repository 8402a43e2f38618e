//! `ptgbot history`: who changed what, when, from where. People's own data is no part of it.

use super::Failure;
use crate::store::{self, Access, Seat, StoreAddress};
use chrono::SecondsFormat;
use ptgbot_core::{Record, Revision, TrackName};
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
struct Entry<'a> {
    revision: Revision,
    at: String,
    by: Option<&'a str>,
    network: &'a str,
    room: Option<&'a str>,
    what: String,
}

/// Prints the changes, oldest first; of one track, if one is named.
pub(super) async fn print(address: &StoreAddress, track: Option<&TrackName>, form: Form) -> Result<(), Failure> {
    let mut journal = store::open(address, Access::Look, Seat::Here).await?;
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
            write(&mut output, &Entry::of(record), form)?;
        }
    }
}

impl<'a> Entry<'a> {
    fn of(record: &'a Record) -> Self {
        Self {
            revision: record.revision,
            at: record.at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
            by: record.by.as_ref().map(|person| person.name.as_str()),
            network: &record.origin.network,
            room: record.origin.room.as_deref(),
            what: record.told(),
        }
    }
}

fn is_shown(record: &Record, track: Option<&TrackName>) -> bool {
    let about = |track| record.event.tracks().contains(&track);
    !record.event.is_personal() && track.is_none_or(about)
}

fn write(output: &mut impl Write, entry: &Entry<'_>, form: Form) -> io::Result<()> {
    match form {
        Form::Json => {
            serde_json::to_writer(&mut *output, entry)?;
            writeln!(output)
        }
        Form::Text => {
            let Entry { revision, at, by, network, room, what } = entry;
            let by = by.unwrap_or("-");
            match room {
                Some(room) => writeln!(output, "{revision}  {at}  {by}  {network} {room}  {what}"),
                None => writeln!(output, "{revision}  {at}  {by}  {network}  {what}"),
            }
        }
    }
}

const PAGE: usize = 1000;
