//! Where in a file something is wrong.

use ptgbot_core::clean_name;
use std::fmt;

/// What is wrong with a file, and at which byte, where it is at one.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) at: Option<usize>,
    pub(super) problem: String,
}

impl Fault {
    pub(super) fn at(at: usize, problem: impl Into<String>) -> Self {
        Self { at: Some(at), problem: problem.into() }
    }

    /// Of the file as a whole.
    pub(super) fn of_all(problem: impl Into<String>) -> Self {
        Self { at: None, problem: problem.into() }
    }

    /// In one line, whatever of the file is quoted in it.
    pub(super) fn in_text(self, text: &str) -> Unreadable {
        let mut problem = clean_name(&self.problem);
        if let Some((end, _)) = problem.char_indices().nth(MOST_LETTERS) {
            problem.truncate(end);
            problem.push('…');
        }
        Unreadable { place: self.at.map(|at| Place::of(text, at)), problem }
    }
}

/// Why a file cannot be taken over, for whoever has to mend it.
#[derive(Debug, thiserror::Error)]
pub(crate) struct Unreadable {
    place: Option<Place>,
    problem: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some(place) => write!(f, "{place}: {}", self.problem),
            None => f.write_str(&self.problem),
        }
    }
}

/// A place as editors count: both from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    line: usize,
    column: usize,
}

impl Place {
    /// The place of a byte. Reads the text up to there: for errors only.
    pub(super) fn of(text: &str, at: usize) -> Self {
        let before = &text[..text.floor_char_boundary(at)];
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        Self { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }
}

impl Place {
    pub(super) fn line(self) -> usize {
        self.line
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// The byte at a line and a column, both from 1, the column in bytes, as JSON readers tell them.
pub(super) fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    (start + column.saturating_sub(1)).min(text.len())
}

/// The text of a file, without the byte order mark that it may begin with.
pub(super) fn decode(bytes: &[u8]) -> Result<&str, Unreadable> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(Fault::of_all("the file is UTF-16; save it as UTF-8").in_text(""));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let (before, rest) = bytes.split_at(error.valid_up_to());
        let byte = rest.first().copied().unwrap_or_default();
        let problem = format!("the byte 0x{byte:02X} is no UTF-8; save the file as UTF-8");
        Fault::at(before.len(), problem).in_text(std::str::from_utf8(before).unwrap_or_default())
    })
}

/// More of a file is not quoted in what is said of it.
const MOST_LETTERS: usize = 300;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_what_an_editor_shows() {
        let text = "a\nüöx\r\nb";
        assert_eq!(Place::of(text, 6).to_string(), "line 2, column 3");
        assert_eq!(Place::of(text, 900).to_string(), "line 3, column 2");
        assert_eq!(Place::of("", 0).to_string(), "line 1, column 1");
        assert_eq!((offset_of(text, 2, 5), offset_of(text, 9, 9)), (6, text.len()));
    }

    #[test]
    fn what_is_no_utf_8_is_named_with_its_place() {
        let wrong = |bytes: &[u8]| decode(bytes).expect_err("no UTF-8").to_string();
        let said = "line 2, column 7: the byte 0xFC is no UTF-8; save the file as UTF-8";
        assert_eq!(wrong(b"room\nZ\xc3\xbcrich\xfc"), said);
        assert!(wrong(b"\xff\xfed\0a\0y\0").contains("UTF-16"));
        assert_eq!(decode("\u{feff}day".as_bytes()).ok(), Some("day"));
    }
}
