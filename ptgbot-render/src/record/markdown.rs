//! The record as Markdown, as one writes it in a report.

use super::date_name;
use super::day::RecordDay;
use super::entry::{EntryTime, RecordEntry};
use crate::pad::Pads;
use crate::segment::Segment;
use crate::site::Site;
use ptgbot_core::isolated;
use std::fmt::{self, Display, Write};

/// Some days of the record: a heading each, below it one for each track, below that its topics.
pub(super) fn write(site: &Site, days: &[RecordDay]) -> String {
    let mut text = String::new();
    document(&mut text, site, days).expect("a string takes all that is written to it");
    text
}

fn document(text: &mut String, site: &Site, days: &[RecordDay]) -> fmt::Result {
    let contents = site.board.contents();
    let event = site.titled(match contents.event_id.as_str() {
        "" => String::new(),
        event => format!("{}: ", Escaped(event)),
    });
    // One day is a document of its own.
    let below = match days {
        [day] => {
            writeln!(text, "# {event}{}", date_name(day.date))?;
            "##"
        }
        _ => {
            writeln!(text, "# {event}what was discussed")?;
            "###"
        }
    };
    writeln!(text, "\nTimes are in {}.", Escaped(contents.timezone.0.name()))?;
    if days.iter().all(|day| day.discussions.is_empty()) {
        writeln!(text, "\nNothing was discussed.")?;
    }
    for day in days {
        if days.len() > 1 {
            writeln!(text, "\n## {}", date_name(day.date))?;
        }
        tracks(text, site, day, below)?;
    }
    Ok(())
}

fn tracks(text: &mut String, site: &Site, day: &RecordDay, heading: &str) -> fmt::Result {
    let pads = Pads::of(site);
    for (track, numbers) in day.by_track() {
        writeln!(text, "\n{heading} {}\n", Escaped(track.as_str()))?;
        if let Some(pad) = pads.pad(track) {
            writeln!(text, "Etherpad: <{pad}>\n")?;
        }
        for number in numbers {
            line(text, &RecordEntry::of(site, day.discussions[number]))?;
        }
    }
    Ok(())
}

/// `- **09:05–09:50 CEST** Ring placement (Ballroom A)`
fn line(text: &mut String, entry: &RecordEntry) -> fmt::Result {
    let time = match &entry.when {
        EntryTime::Over(_) => entry.when.text(),
        EntryTime::Since(_) => format!("{}, goes on", entry.when.text()),
    };
    write!(text, "- **{time}** ")?;
    for segment in &entry.topic {
        match segment {
            // An address that was read as one holds neither blanks nor angle brackets.
            Segment::Link { href, .. } => write!(text, "<{href}>")?,
            Segment::Words(words) | Segment::Track { text: words, .. } => write!(text, "{}", Escaped(words))?,
        }
    }
    match entry.place {
        Some(place) => writeln!(text, " ({})", Escaped(place)),
        None => writeln!(text),
    }
}

/// Words that stay words: in Markdown any sign of ASCII that is no letter or digit means itself after a backslash
/// (CommonMark section 2.4). Those are escaped that mean something within a line, in CommonMark or at GitHub.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = isolated(self.0);
        let mut before = ' ';
        for (place, c) in words.char_indices() {
            let rest = &words[place + c.len_utf8()..];
            let is_sign = match c {
                '\\' | '`' | '*' | '_' | '~' | '[' | ']' | '<' | '>' | '|' | '&' | '$' | '@' | '#' | '^' | '{'
                | '}' => true,
                // What looks like an address and is none: `ftp://`, `www.`
                ':' => rest.starts_with("//"),
                '.' => before.eq_ignore_ascii_case(&'w'),
                _ => false,
            };
            match c {
                _ if is_sign => write!(f, "\\{c}")?,
                c if c.is_control() => f.write_char(' ')?,
                c => f.write_char(c)?,
            }
            before = c;
        }
        Ok(())
    }
}
