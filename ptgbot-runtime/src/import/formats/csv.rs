//! A spreadsheet of bookings: one row a slot of a room, saved as CSV.
//!
//! `day,date,start,end,room,track,url` in any order, as the first row names them; a row without a track is a slot that is
//! free. Commas, semicolons or tabs, quotes and line ends as spreadsheets write them.

mod date;
mod fields;
mod time;

use super::document::NO_ZONE;
use super::links::SessionLinks;
use super::place::{Fault, Place};
use super::programme::{ListedRoom, MOST_ROOMS, MOST_SESSIONS, Programme, Session, minutes_between};
use super::wall_clock::at_clock;
use ::csv::{ByteRecord, ReaderBuilder};
use chrono::{Datelike, NaiveDate, TimeDelta, Weekday};
use date::{DateReader, SlashOrder};
use fields::Fields;
use ptgbot_core::chrono_tz::Tz;
use ptgbot_core::nearest;
use std::collections::HashSet;
use time::{ClockTime, read_time};

/// `zone` is that of all times.
pub(super) fn read(text: &str, zone: Option<Tz>) -> Result<Programme, Fault> {
    let fields = Fields::of(text)?;
    let mut reader = ReaderBuilder::new()
        .delimiter(fields.delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(&text.as_bytes()[fields.start..]);
    let mut records = reader.byte_records().map(|record| record.map_err(|error| Fault::of_all(error.to_string())));
    let mut programme = Programme::default();
    let header = records.next().transpose()?.unwrap_or_default();
    let columns = Columns::of(&header, &fields, &mut programme)?;
    let zone = zone.ok_or_else(|| Fault::of_all(NO_ZONE))?;
    let mut rows = Vec::new();
    for record in records {
        let record = record?;
        let row = Row { at: fields.start_of(&record), fields: &fields, columns: &columns, record };
        if row.record.iter().all(|field| field.trim_ascii().is_empty()) {
            continue;
        }
        if rows.len() == MOST_SESSIONS {
            return Err(Fault::at(row.at, format!("more than {MOST_SESSIONS} rows")));
        }
        rows.push(row);
    }
    let order = slash_order(text, &rows)?;
    let mut rooms = HashSet::new();
    for row in &rows {
        let session = row.session(zone, DateReader { order })?;
        if rooms.insert(session.room.clone()) {
            if rooms.len() > MOST_ROOMS {
                return Err(row.fault(Column::Room, &format!("more than {MOST_ROOMS} rooms")));
            }
            programme.rooms.push(ListedRoom { name: session.room.clone(), ..ListedRoom::default() });
        }
        programme.sessions.push(session);
    }
    Ok(programme)
}

/// What a column is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Day,
    Date,
    Start,
    End,
    Room,
    Track,
    Url,
}

impl Column {
    const ALL: [Self; 7] = [Self::Day, Self::Date, Self::Start, Self::End, Self::Room, Self::Track, Self::Url];
    const NEEDED: [Self; 4] = [Self::Date, Self::Start, Self::End, Self::Room];

    fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Date => "date",
            Self::Start => "start",
            Self::End => "end",
            Self::Room => "room",
            Self::Track => "track",
            Self::Url => "url",
        }
    }
}

/// Where each column stands.
struct Columns(Vec<(Column, usize)>);

impl Columns {
    fn of(header: &ByteRecord, fields: &Fields, programme: &mut Programme) -> Result<Self, Fault> {
        let mut columns = Vec::new();
        let mut others = Vec::new();
        let at = |number| fields.offset(fields.start, number);
        for (number, name) in header.iter().enumerate() {
            let shown = String::from_utf8_lossy(name);
            let name = shown.trim().to_lowercase();
            match Column::ALL.into_iter().find(|column| column.name() == name) {
                Some(column) if columns.iter().any(|(known, _)| *known == column) => {
                    return Err(Fault::at(at(number), format!("a second column '{name}'")));
                }
                Some(column) => columns.push((column, number)),
                None if name.is_empty() => {}
                None => others.push((number, shown.trim().escape_debug().to_string())),
            }
        }
        if columns.is_empty() {
            return Err(Fault::at(at(0), format!("the first row is no header; it names the columns: {ALL_NAMES}")));
        }
        let missing = Column::NEEDED.into_iter().find(|needed| !columns.iter().any(|(known, _)| known == needed));
        for (number, name) in &others {
            let free = Column::ALL.map(Column::name).into_iter();
            let free = free.filter(|meant| !columns.iter().any(|(known, _)| known.name() == *meant));
            if let Some(near) = nearest(name, free) {
                return Err(Fault::at(at(*number), format!("the column '{name}' is unknown; did you mean '{near}'?")));
            }
        }
        if let Some(missing) = missing {
            let problem = format!("the header has no column '{}'; it names the columns: {ALL_NAMES}", missing.name());
            return Err(Fault::at(at(0), problem));
        }
        if !others.is_empty() {
            let names: Vec<_> = others.into_iter().map(|(_, name)| format!("'{name}'")).collect();
            programme.notes.add(&format!("columns that are not read: {}", names.join(", ")));
        }
        Ok(Self(columns))
    }

    fn number(&self, column: Column) -> Option<usize> {
        self.0.iter().find(|(known, _)| *known == column).map(|(_, number)| *number)
    }
}

struct Row<'a> {
    at: usize,
    fields: &'a Fields<'a>,
    columns: &'a Columns,
    record: ByteRecord,
}

impl Row<'_> {
    /// What stands in a column: `""` where the file has no such column.
    fn words(&self, column: Column) -> &str {
        let field = self.columns.number(column).and_then(|number| self.record.get(number)).unwrap_or_default();
        std::str::from_utf8(field).unwrap_or_default().trim()
    }

    fn needed(&self, column: Column) -> Result<&str, Fault> {
        let words = self.words(column);
        if words.is_empty() { Err(self.fault(column, "it is empty")) } else { Ok(words) }
    }

    fn fault(&self, column: Column, problem: &str) -> Fault {
        let number = self.columns.number(column).unwrap_or_default();
        Fault::at(self.fields.offset(self.at, number), format!("{}: {problem}", column.name()))
    }

    fn session(&self, zone: Tz, dates: DateReader) -> Result<Session, Fault> {
        let date = dates.read(self.needed(Column::Date)?).map_err(|problem| self.fault(Column::Date, &problem))?;
        let day = self.day(date)?;
        let start = self.time(Column::Start, date)?;
        let end = self.time(Column::End, date)?;
        let moment = |column, time: ClockTime| {
            let date = date + TimeDelta::days(time.days);
            at_clock(zone, date, time.clock).map_err(|problem| self.fault(column, &problem))
        };
        let begins = moment(Column::Start, start)?;
        // A night's end stands with the date of its start.
        let past_midnight = end.days == 0 && end.clock < start.clock;
        let end = if past_midnight { ClockTime { days: 1, ..end } } else { end };
        let ends = moment(Column::End, end)?;
        if past_midnight && ends - begins > LONGEST_NIGHT {
            return Err(self.fault(Column::End, "it is before the start"));
        }
        let minutes = minutes_between(begins, ends).map_err(|problem| self.fault(Column::End, &problem))?;
        let some = |words: &str| (!words.is_empty()).then(|| words.to_owned());
        let url = self.words(Column::Url);
        if !url.is_empty() && ptgbot_core::HttpUrl::parse(url).is_err() {
            return Err(self.fault(Column::Url, &format!("'{}' is no http or https address", url.escape_debug())));
        }
        Ok(Session {
            at: self.at,
            date,
            day,
            start: begins,
            minutes,
            room: self.needed(Column::Room)?.to_owned(),
            track: some(self.words(Column::Track)),
            links: SessionLinks { meeting: some(url), pad: None },
        })
    }

    fn time(&self, column: Column, date: NaiveDate) -> Result<ClockTime, Fault> {
        read_time(self.needed(column)?, date).map_err(|problem| self.fault(column, &problem))
    }

    /// The day's name, unless it is another weekday than the date's.
    fn day(&self, date: NaiveDate) -> Result<Option<String>, Fault> {
        let name = self.words(Column::Day);
        match name.parse::<Weekday>() {
            Ok(weekday) if weekday != date.weekday() => {
                Err(self.fault(Column::Day, &format!("{date} is a {}, not a {name}", date.format("%A"))))
            }
            Ok(_) | Err(_) => Ok((!name.is_empty()).then(|| name.to_owned())),
        }
    }
}

/// What `10/19/2026` says first: the rows that can be read in one way only decide for all.
fn slash_order(text: &str, rows: &[Row]) -> Result<Option<SlashOrder>, Fault> {
    let mut decided: Option<(SlashOrder, &Row)> = None;
    for row in rows {
        let Some(order) = SlashOrder::of(row.words(Column::Date)) else { continue };
        match decided {
            None => decided = Some((order, row)),
            Some((known, _)) if known == order => {}
            Some((known, first)) => {
                let problem = format!(
                    "'{}' has the {} first, but '{}' (line {}) the {}",
                    row.words(Column::Date),
                    order.first(),
                    first.words(Column::Date),
                    Place::of(text, first.at).line(),
                    known.first()
                );
                return Err(row.fault(Column::Date, &problem));
            }
        }
    }
    Ok(decided.map(|(order, _)| order))
}

const ALL_NAMES: &str = "day,date,start,end,room,track,url";
/// An end before its start is one of the next day, if the night between is no longer.
const LONGEST_NIGHT: TimeDelta = TimeDelta::hours(12);
