//! The formats that `ptgbot import` reads. Each is turned into the document that a data file would be.

use super::document::{Given, Translated, translate};
use super::place::{Fault, Unreadable, decode, offset_of};
use super::{c3voc, csv, frab};
use crate::document_text::read_document;
use clap::ValueEnum;
use std::io::{self, Read};

/// How a file is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// The data file, as `ptgbot export` prints it
    #[default]
    Ptg,
    /// frab's schedule.xml, as frab and pretalx write it
    Frab,
    /// c3voc's schedule.json
    C3voc,
    /// A spreadsheet saved as CSV: day,date,start,end,room,track,url
    Csv,
}

impl Format {
    /// The document that a file is.
    ///
    /// # Errors
    /// Says what is wrong, with line and column where it is at a place.
    pub(crate) fn read(self, bytes: &[u8], given: &Given) -> Result<Translated, Unreadable> {
        let text = decode(bytes)?;
        let read = match self {
            Self::Ptg if given.zone.is_some() => {
                Err(Fault::of_all("a data file says its time zone itself, as \"timezone\""))
            }
            Self::Ptg => data_file(text),
            Self::Frab => frab::read(text, given.zone()).and_then(|programme| translate(text, programme, given)),
            Self::C3voc => c3voc::read(text).and_then(|programme| translate(text, programme, given)),
            Self::Csv => csv::read(text, given.zone()).and_then(|programme| translate(text, programme, given)),
        };
        read.map_err(|fault| self.with_hint(fault, text).in_text(text))
    }

    /// What a file of it is called.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Ptg => "a data file",
            Self::Frab => "a schedule.xml",
            Self::C3voc => "a schedule.json",
            Self::Csv => "CSV",
        }
    }

    fn with_hint(self, mut fault: Fault, text: &str) -> Fault {
        let head = text.trim_start();
        let looks = match head.chars().next() {
            Some('<') => Self::Frab,
            Some('{') if head.contains("\"conference\"") => Self::C3voc,
            Some('{') => Self::Ptg,
            _ => return fault,
        };
        if looks != self {
            let name = looks.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
            fault.problem.push_str(&format!(" (it looks like {}: --from {name})", looks.noun()));
        }
        fault
    }
}

fn data_file(text: &str) -> Result<Translated, Fault> {
    let document = read_document(text.as_bytes()).map_err(|error| {
        let said = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        let said = said.strip_suffix(&place).unwrap_or(&said);
        Fault::at(offset_of(text, error.line(), error.column()), format!("no JSON: {said}"))
    })?;
    if document["schedule"]["conference"]["days"].is_array() {
        return Err(Fault::of_all("it is a programme"));
    }
    Ok(Translated { document, notes: Vec::new() })
}

/// Reads all of a file, unless it is larger than any board.
///
/// # Errors
/// When it cannot be read, or is too large.
pub(crate) fn read_file(mut file: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.by_ref().take(MOST_BYTES).read_to_end(&mut bytes)?;
    if file.read(&mut [0])? > 0 {
        let problem = format!("it is larger than {} MiB", MOST_BYTES >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, problem));
    }
    Ok(bytes)
}

/// The largest programmes of sessions have some 10 MiB.
const MOST_BYTES: u64 = 64 << 20;

#[cfg(test)]
mod tests {
    use super::*;
    use ptgbot_core::chrono_tz::Tz;
    use serde_json::json;

    const FILES: [(Format, &[u8]); 5] = [
        (Format::Frab, include_bytes!("../../../tests/fixtures/import/schedule.xml")),
        (Format::Frab, include_bytes!("../../../tests/fixtures/import/old-frab.xml")),
        (Format::C3voc, include_bytes!("../../../tests/fixtures/import/schedule.json")),
        (Format::Csv, include_bytes!("../../../tests/fixtures/import/german.csv")),
        (Format::Csv, include_bytes!("../../../tests/fixtures/import/american.csv")),
    ];

    fn given() -> Given {
        Given { board: json!({}), zone: Some(Tz::Europe__Berlin) }
    }

    /// A file becomes a document of days and rooms, or says in a line what is wrong.
    fn read(format: Format, bytes: &[u8]) -> bool {
        match format.read(bytes, &given()) {
            Ok(read) => {
                assert!(read.document["slots"].is_object() && read.document["schedule"].is_object());
                true
            }
            Err(error) => {
                let said = error.to_string();
                assert!(!said.is_empty() && said.len() < 500 && !said.contains(char::is_control), "{said:?}");
                false
            }
        }
    }

    #[test]
    fn a_file_that_ends_anywhere_is_read_or_refused() {
        for (format, bytes) in FILES {
            assert!(read(format, bytes));
            for end in (0..bytes.len()).step_by(7) {
                read(format, &bytes[..end]);
            }
        }
    }

    #[test]
    fn a_file_with_any_wrong_letters_is_read_or_refused() {
        let mut random = fastrand::Rng::with_seed(12);
        let words =
            ["\"", "&", "<", ">", ";", "\n", "{", "]", "'", ":", "-", "\u{0}", "\u{202e}", "9", "]]>", "\u{fffe}"];
        for (format, bytes) in FILES {
            let text = std::str::from_utf8(bytes).expect("text");
            for _ in 0..500 {
                let at = text.floor_char_boundary(random.usize(..text.len()));
                let until = text.floor_char_boundary((at + random.usize(..9)).min(text.len()));
                let changed = [&text[..at], random.choice(words).unwrap_or_default(), &text[until..]].concat();
                read(format, changed.as_bytes());
            }
        }
    }
}
