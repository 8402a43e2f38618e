//! Cutting a stream of bytes into lines without ever holding more than one of them.

use std::io::{self, BufRead, BufReader, Read};

/// The longest line, without its end.
pub(super) const LONGEST: usize = 1 << 20;

/// A stream, line by line.
pub(super) struct Lines<R> {
    source: BufReader<R>,
    line: Vec<u8>,
    begun: Begun,
}

/// How much of the present line was seen.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Begun {
    Nothing,
    Some,
    TooMuch,
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
        Self { source: BufReader::with_capacity(64 << 10, source), line: Vec::new(), begun: Begun::Nothing }
    }

    /// The next line; the last one may lack its end. After an error (a source that would block, say) what was seen
    /// of a line is kept for the next call.
    pub(super) fn next(&mut self) -> io::Result<Line<'_>> {
        if self.begun == Begun::Nothing {
            self.line.clear();
        }
        loop {
            let available = match self.source.fill_buf() {
                Ok(available) => available,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let end = available.iter().position(|byte| *byte == b'\n');
            let part = &available[..end.unwrap_or(available.len())];
            if self.begun == Begun::TooMuch || self.line.len() + part.len() > LONGEST {
                self.begun = Begun::TooMuch;
            } else if end.is_some() || !part.is_empty() {
                self.begun = Begun::Some;
                self.line.extend_from_slice(part);
            }
            let used = part.len() + usize::from(end.is_some());
            self.source.consume(used);
            if end.is_none() && used > 0 {
                continue;
            }
            return Ok(match std::mem::replace(&mut self.begun, Begun::Nothing) {
                Begun::Nothing => Line::End,
                Begun::Some => Line::Whole(&self.line),
                Begun::TooMuch => self.too_long(),
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

    /// Gives a byte, then would block, and so on.
    struct Stutter<'a>(&'a [u8], bool);

    impl Read for Stutter<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 { self.0.by_ref().take(1).read(buffer) } else { Err(io::ErrorKind::WouldBlock.into()) }
        }
    }

    #[test]
    fn what_was_seen_of_a_line_is_kept_while_the_source_would_block() {
        let mut lines = Lines::new(Stutter(b"one\n\ntwo", false));
        let mut seen = Vec::new();
        loop {
            match lines.next() {
                Ok(Line::End) => break,
                Ok(Line::Whole(line)) => seen.push(line.to_vec()),
                Ok(Line::TooLong) => panic!("none is too long"),
                Err(error) => assert_eq!(error.kind(), io::ErrorKind::WouldBlock),
            }
        }
        assert_eq!(seen, [&b"one"[..], b"", b"two"]);
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
