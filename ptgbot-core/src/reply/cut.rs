//! Long replies in pieces that a network takes.

use super::fold::words_within;
use super::{Line, Reply, Span};

impl Reply {
    /// The words in pieces of at most so many bytes; lines stay together as long as they fit.
    pub(crate) fn cut(&self, bytes: usize) -> Vec<Self> {
        let mut pieces: Vec<Vec<Line>> = Vec::new();
        let mut left = 0;
        for line in self.lines.iter().flat_map(|line| line.cut(bytes)) {
            let length = line.length();
            match pieces.last_mut() {
                // The break between the two lines is a byte.
                Some(piece) if length < left => {
                    left -= length + 1;
                    piece.push(line);
                }
                _ => {
                    left = bytes.saturating_sub(length);
                    pieces.push(vec![line]);
                }
            }
        }
        pieces.into_iter().map(Self::from).collect()
    }

    /// The words in pieces of one line each, of at most so many bytes.
    pub(crate) fn cut_into_lines(&self, bytes: usize) -> Vec<Self> {
        self.lines.iter().flat_map(|line| line.cut(bytes)).map(Self::from).collect()
    }
}

impl Line {
    fn length(&self) -> usize {
        self.spans.iter().map(|span| span.text().len()).sum()
    }

    /// The line in as many as it takes for each to fit; none of it where it is blank.
    fn cut(&self, bytes: usize) -> Vec<Self> {
        if self.length() <= bytes {
            return if self.is_blank() { Vec::new() } else { vec![self.clone()] };
        }
        let mut cutting = Cutting { is_item: self.is_item, bytes, lines: Vec::new(), spans: Vec::new(), left: bytes };
        self.spans.iter().for_each(|span| cutting.take(span));
        cutting.end_line();
        cutting.lines
    }

    fn is_blank(&self) -> bool {
        self.spans.iter().all(|span| span.text().trim().is_empty())
    }
}

/// A line that is cut: the lines that were made, and the one that is begun.
struct Cutting {
    is_item: bool,
    bytes: usize,
    lines: Vec<Line>,
    spans: Vec<Span>,
    left: usize,
}

impl Cutting {
    fn take(&mut self, span: &Span) {
        let text = span.text();
        if !matches!(span, Span::Text(_)) {
            if text.len() > self.left {
                self.end_line();
            }
            if text.len() <= self.left {
                return self.push(span.clone());
            }
        }
        let mut rest = &*text;
        loop {
            if self.spans.is_empty() {
                rest = rest.trim_start();
            }
            if rest.len() <= self.left {
                return self.push(rest.into());
            }
            let mut part = words_within(rest, self.left);
            if part.is_empty() && self.spans.is_empty() {
                let first = rest.chars().next().map_or(0, char::len_utf8);
                part = &rest[..rest.floor_char_boundary(self.left).max(first)];
            }
            self.spans.push(part.into());
            rest = &rest[part.len()..];
            self.end_line();
        }
    }

    fn push(&mut self, span: Span) {
        let length = span.text().len();
        if length > 0 {
            self.left -= length;
            self.spans.push(span);
        }
    }

    fn end_line(&mut self) {
        let mut spans = std::mem::take(&mut self.spans);
        if let Some(Span::Text(last)) = spans.last_mut() {
            last.truncate(last.trim_end().len());
        }
        let line = Line { is_item: self.is_item, ..Line::new(spans) };
        if !line.is_blank() {
            self.lines.push(line);
        }
        self.left = self.bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(pieces: &[Reply]) -> Vec<String> {
        pieces.iter().map(Reply::to_string).collect()
    }

    #[test]
    fn lines_stay_together_as_long_as_they_fit() {
        let reply = Reply::from(["one", "", "two", "three"].map(|line| Line::new([line.into()])).to_vec());
        assert_eq!(texts(&reply.cut(7)), ["one\ntwo", "three"]);
        assert_eq!(texts(&reply.cut_into_lines(7)), ["one", "two", "three"]);
    }

    #[test]
    fn a_long_line_is_cut_between_words_and_a_long_word_between_characters() {
        assert_eq!(texts(&Reply::from("one two three").cut(7)), ["one two", "three"]);
        let word = "ä".repeat(50);
        let cut = Reply::from(word.as_str()).cut(33);
        assert!(cut.len() == 4 && texts(&cut).concat() == word, "{cut:?}");
    }

    #[test]
    fn what_a_span_means_is_kept() {
        let (free, link) = (Span::command("+free MonA1"), Span::link("https://a.example/"));
        let reply = Reply::from(Line::new(["Type ".into(), free.clone(), " or see ".into(), link.clone()]).item());
        let lines = [Line::new(["Type ".into(), free, " or".into()]).item(), Line::new(["see ".into(), link]).item()];
        assert_eq!(reply.cut_into_lines(22), lines.map(Reply::from));
    }

    fn span() -> impl Strategy<Value = Span> {
        let text = "[\\PC ]{0,60}";
        prop_oneof![text.prop_map(Span::from), text.prop_map(Span::command), text.prop_map(|name| Span::person(&name))]
    }

    proptest! {
        #[test]
        fn every_piece_fits_and_no_word_is_lost(
            lines in proptest::collection::vec(proptest::collection::vec(span(), 0..6), 0..6),
            bytes in 4_usize..200,
        ) {
            let reply = Reply::from(lines.into_iter().map(Line::new).collect::<Vec<_>>());
            let words = |text: &str| text.split_whitespace().collect::<String>();
            for pieces in [reply.cut(bytes), reply.cut_into_lines(bytes)] {
                let pieces = texts(&pieces);
                prop_assert!(pieces.iter().all(|piece| piece.len() <= bytes && !piece.trim().is_empty()), "{:?}", pieces);
                prop_assert_eq!(words(&pieces.concat()), words(&reply.to_string()));
            }
        }
    }
}
