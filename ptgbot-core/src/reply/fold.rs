//! Long answers in a channel: the beginning, how much more there is, and where.

use super::{Line, Reply, Span, spans};

/// How much of an answer a channel gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fold<'a> {
    /// How many lines, as the network counts them, with the one that says how many more there are.
    pub lines: usize,
    /// How many bytes the network takes as one line.
    pub line_bytes: usize,
    /// Where everybody can read the board, if somewhere.
    pub page: Option<&'a str>,
}

impl<'a> Fold<'a> {
    /// A channel that takes so many lines of so many bytes; the board has no page.
    pub fn new(lines: usize, line_bytes: usize) -> Self {
        Self { lines, line_bytes, page: None }
    }

    /// The same where the board has a page, or none.
    #[must_use]
    pub fn on(self, page: Option<&'a str>) -> Self {
        Self { page, ..self }
    }
}

impl Reply {
    /// The most lines that an answer in a channel has.
    pub const LINES_IN_A_CHANNEL: usize = 4;

    /// What a channel gets of it: all of a short one; else its beginning, how many more lines or things there are, and
    /// where: in private, on the page.
    #[must_use]
    pub fn folded(self, fold: Fold<'_>) -> Self {
        let fits: usize = self.lines.iter().map(|line| fold.cost(line)).sum();
        if fits <= fold.lines {
            return self;
        }
        let mut left = fold.lines.saturating_sub(1);
        let mut kept = Vec::new();
        let mut rest = self.lines.iter();
        let mut cut_things = 0;
        for line in rest.by_ref() {
            let cost = fold.cost(line);
            if cost <= left {
                left -= cost;
                kept.push(line.clone());
                continue;
            }
            let (beginning, things) = line.beginning(left * fold.line_bytes);
            kept.extend(beginning);
            cut_things = things;
            break;
        }
        let lines = rest.len();
        let more = match (cut_things, lines) {
            (0 | 1, 0) => spans!["… more"],
            (things, 0) => spans!["… and ", things, " more"],
            // The line that was cut is one of them.
            (_, lines) => spans!["… and ", lines + 1, " more lines"],
        };
        kept.push(more.and(elsewhere(self.in_private.as_deref(), fold.page)));
        Self { lines: kept, in_private: self.in_private }
    }
}

impl Fold<'_> {
    /// How many lines of the network a line of ours is.
    fn cost(&self, line: &Line) -> usize {
        let bytes: usize = line.spans.iter().map(|span| span.text().len()).sum();
        bytes.div_ceil(self.line_bytes.max(1)).max(1)
    }
}

impl Line {
    /// As much of the line as fits into some bytes, if any does, cut between spans or words; and how many things of
    /// a row are not in it.
    fn beginning(&self, bytes: usize) -> (Option<Line>, usize) {
        let mut kept = Vec::new();
        let mut left = bytes.saturating_sub(ELLIPSIS.len());
        let mut spans = self.spans.iter();
        let mut cut_thing = 0;
        for span in spans.by_ref() {
            let text = span.text();
            if text.len() <= left {
                left -= text.len();
                kept.push(span.clone());
                continue;
            }
            cut_thing = usize::from(span.is_thing());
            if let Span::Text(words) | Span::Person(words) = span {
                kept.push(Span::Text(words_within(words, left).to_owned()));
            }
            break;
        }
        let things = cut_thing + spans.filter(|span| span.is_thing()).count();
        if let Some(Span::Text(last)) = kept.last_mut() {
            last.truncate(last.trim_end_matches([' ', ',', ';', ':']).len());
        }
        let line = Line { is_item: self.is_item, spans: Vec::new() }.and(kept);
        ((!line.spans.is_empty()).then(|| line.and([Span::from(ELLIPSIS)])), things)
    }
}

/// The whole words at the beginning that fit into some bytes; of a very long word a part.
pub(super) fn words_within(words: &str, bytes: usize) -> &str {
    let end = words.floor_char_boundary(bytes);
    if words[end..].starts_with(' ') {
        return &words[..end];
    }
    let blank = words[..end].rfind(' ');
    let word = words[blank.map_or(0, |blank| blank + 1)..].split(' ').next().unwrap_or_default();
    match blank {
        _ if word.len() > LONG_WORD => &words[..end],
        Some(blank) => &words[..blank],
        None => "",
    }
}

fn elsewhere(in_private: Option<&str>, page: Option<&str>) -> Vec<Span> {
    let mut spans = Vec::new();
    if let Some(command) = in_private {
        spans.extend([": send me ".into(), Span::command(command), " in private".into()]);
    }
    if let Some(page) = page {
        spans.extend([if spans.is_empty() { ": see " } else { ", or see " }.into(), Span::link(page)]);
    }
    spans.push(".".into());
    spans
}

const ELLIPSIS: &str = " …";
/// In bytes. No word that people read is longer.
const LONG_WORD: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slot::SlotCode;
    use proptest::prelude::*;

    const FOLD: Fold<'_> = Fold { lines: 4, line_bytes: 40, page: Some("https://ptg.example.org/") };

    fn reply(lines: usize) -> Reply {
        Reply::from((1..=lines).map(|number| spans!["line ", number]).collect::<Vec<_>>()).or_in_private("now")
    }

    #[test]
    fn four_lines_are_told_whole_and_of_more_three_and_where_the_rest_is() {
        assert_eq!(reply(4).folded(FOLD), reply(4));
        assert_eq!(
            reply(25).folded(FOLD).to_string(),
            "line 1\nline 2\nline 3\n… and 22 more lines: send me now in private, or see https://ptg.example.org/."
        );
        assert!(reply(25).folded(Fold { page: None, ..FOLD }).to_string().ends_with("lines: send me now in private."));
    }

    #[test]
    fn a_row_is_cut_between_its_things_and_says_how_many_are_left() {
        let codes: Vec<SlotCode> = (1..=40)
            .map(|number| SlotCode { room: format!("Room {number}").into(), slot: "MonA1".to_owned().into() })
            .collect();
        let said = Reply::from(spans!["Free today: "].and_row(&codes, ", ")).folded(FOLD).to_string();
        assert_eq!(
            said,
            "Free today: Room 1-MonA1, Room 2-MonA1, Room 3-MonA1, Room 4-MonA1, Room 5-MonA1, Room 6-MonA1, \
             Room 7-MonA1 …\n… and 33 more: see https://ptg.example.org/."
        );
    }

    #[test]
    fn a_word_that_is_longer_than_all_lines_is_cut() {
        let said = Reply::from(spans!["#nova now: ", "😀".repeat(100), " and more"]).folded(FOLD).to_string();
        assert!(said.starts_with("#nova now: 😀😀") && said.contains("😀 …\n… more"), "{said}");
        assert_eq!(Reply::from(spans!["x".repeat(1_000)]).folded(FOLD).lines().len(), 2);
    }

    proptest! {
        #[test]
        fn a_channel_never_gets_more_than_its_lines(
            lines in prop::collection::vec("[a-zé ]{0,300}", 1..12), most in 1_usize..6, line_bytes in 60_usize..200,
        ) {
            let reply = Reply::from(lines.into_iter().map(|words| spans![words]).collect::<Vec<_>>());
            let fold = Fold { lines: most, line_bytes, page: None };
            let folded = reply.folded(fold);
            let cost: usize = folded.lines().iter().map(|line| fold.cost(line)).sum();
            prop_assert!(cost <= most.max(1), "{cost} of {most}: {folded}");
        }
    }
}
