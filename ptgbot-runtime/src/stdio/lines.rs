//! Cutting a stream of bytes into lines without ever holding more than one of them.

use std::io::{self, BufRead, BufReader, Read};

/// The longest line, without its end.
pub(super) const LONGEST: usize = 1 << 20;

/// A stream, line by line.
pub(super) struct Lines<R> {
    source: BufReader<R>,
    line: Vec<u8>,
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// A line without its end.
    Whole(&'a [u8]),
    /// More than [`LONGEST`] bytes, all skipped.
    TooLong,
    /// The stream has ended.
    End,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source: BufReader::with_capacity(64 << 10, source), line: Vec::new() }
    }

    /// The next line; the last one may lack its end.
    pub(super) fn next(&mut self) -> io::Result<Line<'_>> {
        self.line.clear();
        let (mut any, mut too_long) = (false, false);
        loop {
            let available = match self.source.fill_buf() {
                Ok(available) => available,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let end = available.iter().position(|byte| *byte == b'\n');
            let part = &available[..end.unwrap_or(available.len())];
            any |= end.is_some() || !part.is_empty();
            too_long |= self.line.len() + part.len() > LONGEST;
            if !too_long {
                self.line.extend_from_slice(part);
            }
            let used = part.len() + usize::from(end.is_some());
            self.source.consume(used);
            if end.is_none() && used > 0 {
                continue;
            }
            return Ok(match (any, too_long) {
                (false, _) => Line::End,
                (true, true) => self.too_long(),
                (true, false) => Line::Whole(&self.line),
            });
        }
    }

    fn too_long(&mut self) -> Line<'_> {
        self.line = Vec::new();
        Line::TooLong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_cut_at_line_ends_and_the_last_one_may_be_missing() {
        let mut lines = Lines::new(&b"one\n\ntwo"[..]);
        assert_eq!(lines.next().expect("a line"), Line::Whole(b"one"));
        assert_eq!(lines.next().expect("a line"), Line::Whole(b""));
        assert_eq!(lines.next().expect("a line"), Line::Whole(b"two"));
        assert_eq!(lines.next().expect("the end"), Line::End);
    }

    #[test]
    fn a_line_of_a_mebibyte_is_taken_and_a_longer_one_skipped() {
        let mut text = vec![b'x'; LONGEST];
        text.push(b'\n');
        text.extend(vec![b'y'; LONGEST + 1]);
        text.extend(b"\nz\n");
        let mut lines = Lines::new(&text[..]);
        assert!(matches!(lines.next().expect("a line"), Line::Whole(line) if line.len() == LONGEST));
        assert_eq!(lines.next().expect("a line"), Line::TooLong);
        assert_eq!(lines.next().expect("a line"), Line::Whole(b"z"));
    }
}
