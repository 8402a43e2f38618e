//! How a file separates its fields, and where each begins.

use crate::import::formats::place::Fault;
use ::csv::ByteRecord;

/// The layout of a file.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    text: &'a [u8],
    /// Where the header begins.
    pub(super) start: usize,
    pub(super) delimiter: u8,
}

impl<'a> Fields<'a> {
    /// Finds the delimiter: as a first line `sep=;` names it, else that of which the header has most.
    pub(super) fn of(text: &'a str) -> Result<Self, Fault> {
        let bytes = text.as_bytes();
        let line = text.lines().next().unwrap_or_default();
        if let &[b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter] = line.trim_end().as_bytes() {
            let fields = Self { text: bytes, start: (line.len() + 1).min(bytes.len()), delimiter };
            return fields.closed();
        }
        let count = |delimiter: &u8| {
            let fields = Self { text: bytes, start: 0, delimiter: *delimiter };
            fields.walk(0).take_while(|step| !matches!(step, Step::Row)).count()
        };
        // Of equally frequent ones the last wins, so the usual one stands there.
        let delimiter = [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',');
        Self { text: bytes, start: 0, delimiter }.closed()
    }

    /// Where a row's field begins, of a row that begins at `row`; of a row with fewer, where it ends.
    pub(super) fn offset(&self, row: usize, number: usize) -> usize {
        let mut last = row;
        for (place, step) in self.walk(row).enumerate() {
            match step {
                Step::Field(at) if place == number => return at,
                Step::Field(at) => last = at,
                Step::Row => break,
            }
        }
        let rest = &self.text[last.min(self.text.len())..];
        last + rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(rest.len())
    }

    /// Where a row begins that the reader gave.
    pub(super) fn start_of(&self, record: &ByteRecord) -> usize {
        let at = record.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(usize::MAX));
        let at = (self.start + at).min(self.text.len());
        at + self.text[at..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count()
    }

    /// Refuses a quote that is never closed: half of the file would be one field.
    fn closed(self) -> Result<Self, Fault> {
        let mut walk = self.walk(self.start);
        walk.by_ref().for_each(drop);
        match walk.unclosed {
            Some(at) => Err(Fault::at(at, "the quote that opens here is never closed")),
            None => Ok(self),
        }
    }

    fn walk(&self, from: usize) -> Walk<'a> {
        Walk { text: self.text, delimiter: self.delimiter, at: from, next: Some(Step::Field(from)), unclosed: None }
    }
}

/// What comes next in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// A field, which begins here.
    Field(usize),
    /// The end of a row.
    Row,
}

/// Goes through a file by the rules of RFC 4180: a quote counts at the start of a field only.
struct Walk<'a> {
    text: &'a [u8],
    delimiter: u8,
    at: usize,
    next: Option<Step>,
    unclosed: Option<usize>,
}

impl Walk<'_> {
    fn skip_field(&mut self) {
        let text = self.text;
        if text.get(self.at) == Some(&b'"') {
            let opened = self.at;
            self.at += 1;
            loop {
                let Some(close) = text[self.at..].iter().position(|byte| *byte == b'"') else {
                    self.at = text.len();
                    self.unclosed = Some(opened);
                    return;
                };
                self.at += close + 1;
                if text.get(self.at) != Some(&b'"') {
                    break;
                }
                self.at += 1;
            }
        }
        let rest = &text[self.at..];
        let ends = |byte: &u8| matches!(byte, b'\r' | b'\n') || *byte == self.delimiter;
        self.at += rest.iter().position(ends).unwrap_or(rest.len());
    }
}

impl Iterator for Walk<'_> {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        let step = self.next.take()?;
        self.next = match step {
            Step::Field(_) => {
                self.skip_field();
                match self.text.get(self.at) {
                    Some(byte) if *byte == self.delimiter => {
                        self.at += 1;
                        Some(Step::Field(self.at))
                    }
                    Some(_) => Some(Step::Row),
                    None => None,
                }
            }
            Step::Row => {
                let ends = self.text[self.at..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
                self.at += ends;
                (self.at < self.text.len()).then_some(Step::Field(self.at))
            }
        };
        Some(step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_one_of_the_header() {
        let delimiter = |text| Fields::of(text).map(|fields| char::from(fields.delimiter)).ok();
        assert_eq!(delimiter("day,date\na;b;c;d\n"), Some(','));
        assert_eq!(delimiter("day;date;start\r\na,b,c,d"), Some(';'));
        assert_eq!(delimiter("day\tdate"), Some('\t'));
        assert_eq!(delimiter("\"a,b,c\";\"d\""), Some(';'));
        assert_eq!(delimiter("sep=|\r\nday|date"), Some('|'));
        assert_eq!(delimiter(""), Some(','));
    }

    #[test]
    fn a_field_is_found_behind_quotes_and_line_ends() {
        let text = "a,b\r\n\"x\n\"\"y\"\"\",5\" pipe,z\n";
        let fields = Fields::of(text).expect("closed");
        let found = |number| &text[fields.offset(5, number)..];
        assert!(found(0).starts_with("\"x") && found(1).starts_with("5\"") && found(2).starts_with("z\n"));
        assert_eq!(found(3), "\n");
    }

    #[test]
    fn a_quote_that_is_never_closed_is_found() {
        let fault = Fields::of("a,b\n1,\"x\ny,z\n").expect_err("unclosed");
        assert_eq!(fault.at, Some(6));
        assert!(Fields::of("a,b\n5\",6").is_ok());
    }
}
