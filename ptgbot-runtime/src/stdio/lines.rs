//! Cutting a stream of bytes into lines without ever holding more than one of them.

use std::io;
use tokio_util::bytes::{Buf, Bytes, BytesMut};
use tokio_util::codec::Decoder;

/// The longest line, without its end, in bytes.
pub(super) const LONGEST: usize = 1 << 20;

/// Lines of a stream; the last one may lack its end.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// How much of what is there was searched for an end.
    searched: usize,
    /// True within a line that is too long: it is skipped.
    skipping: bool,
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RawLine {
    /// A line without its end.
    Whole(Bytes),
    /// More than [`LONGEST`] bytes, all skipped.
    TooLong,
}

impl Decoder for Lines {
    type Item = RawLine;
    type Error = io::Error;

    fn decode(&mut self, bytes: &mut BytesMut) -> io::Result<Option<RawLine>> {
        let end = bytes[self.searched..].iter().position(|byte| *byte == b'\n').map(|end| self.searched + end);
        let Some(end) = end else {
            self.skipping |= bytes.len() > LONGEST;
            if self.skipping {
                bytes.clear();
            }
            self.searched = bytes.len();
            return Ok(None);
        };
        self.searched = 0;
        let line = bytes.split_to(end);
        bytes.advance(1);
        let too_long = std::mem::take(&mut self.skipping) || line.len() > LONGEST;
        Ok(Some(if too_long { RawLine::TooLong } else { RawLine::Whole(line.freeze()) }))
    }

    fn decode_eof(&mut self, bytes: &mut BytesMut) -> io::Result<Option<RawLine>> {
        if let Some(line) = self.decode(bytes)? {
            return Ok(Some(line));
        }
        let rest = bytes.split().freeze();
        self.searched = 0;
        Ok(match (std::mem::take(&mut self.skipping), rest.is_empty()) {
            (true, _) => Some(RawLine::TooLong),
            (false, true) => None,
            (false, false) => Some(RawLine::Whole(rest)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::StreamExt;
    use tokio_util::codec::FramedRead;

    async fn lines(source: impl tokio::io::AsyncRead + Unpin) -> Vec<RawLine> {
        FramedRead::new(source, Lines::default()).map(|line| line.expect("a line")).collect().await
    }

    fn whole(line: &'static [u8]) -> RawLine {
        RawLine::Whole(Bytes::from_static(line))
    }

    #[tokio::test]
    async fn a_stream_is_cut_at_line_ends_and_the_last_one_may_be_missing() {
        let wanted = [whole(b"one"), whole(b""), whole(b"two")];
        assert_eq!(lines(&b"one\n\ntwo"[..]).await, wanted);
        let pieces = byte_by_byte(b"one\n\ntwo");
        assert_eq!(lines(pieces).await, wanted);
    }

    /// A stream that gives one byte at a time.
    fn byte_by_byte(bytes: &'static [u8]) -> impl tokio::io::AsyncRead + Unpin {
        let pieces = bytes.iter().map(|byte| Ok::<_, io::Error>(Bytes::copy_from_slice(&[*byte])));
        tokio_util::io::StreamReader::new(futures_util::stream::iter(pieces))
    }

    #[tokio::test]
    async fn a_line_of_a_mebibyte_is_taken_and_a_longer_one_skipped() {
        let mut text = vec![b'x'; LONGEST];
        text.push(b'\n');
        text.extend(vec![b'y'; LONGEST + 1]);
        text.extend(b"\nz\n");
        let lines = lines(&text[..]).await;
        assert!(matches!(&lines[0], RawLine::Whole(line) if line.len() == LONGEST));
        assert_eq!(lines[1..], [RawLine::TooLong, whole(b"z")]);
    }
}
