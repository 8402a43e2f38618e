//! Long replies in pieces that every server takes.

use crate::markup::{COST_OF_A_LINE, cost, harmless};
use ptgbot_core::{Line, Reply, Span};

/// The most bytes of both forms of a piece as JSON.
///
/// A whole event may have 65,536 bytes (Client-Server API, "Size limits"). Encryption makes 4 bytes of 3 and adds its
/// keys; servers add their signatures and the IDs of earlier events; we add a relation and a mention: of 255 bytes an
/// ID. With 8 KiB for all that, 43,008 would fit; nobody reads that much, so there is room to spare.
pub(crate) const LIMIT: usize = 32_768;

/// The reply in pieces of at most `limit` bytes, cut between lines, else between spans, else between words, never
/// inside a character. Nothing is left of a reply without words.
pub(crate) fn pieces(reply: &Reply, limit: usize) -> Vec<Reply> {
    let limit = limit.max(LEAST);
    let mut pieces = Vec::new();
    let mut together: Vec<Line> = Vec::new();
    let mut taken = 0;
    for line in reply.lines().iter().flat_map(|line| cut(line, limit)) {
        let more = cost_of(line.spans());
        if taken + more > limit {
            pieces.push(Reply::from(std::mem::take(&mut together)));
            taken = 0;
        }
        taken += more;
        together.push(line);
    }
    if !together.is_empty() {
        pieces.push(together.into());
    }
    pieces
}

/// A line in as many as it takes for each to fit.
fn cut(line: &Line, limit: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut together: Vec<Span> = Vec::new();
    let mut taken = COST_OF_A_LINE;
    let mut finish = |spans: Vec<Span>| {
        let part = Line::new(spans);
        if !part.to_string().trim().is_empty() {
            lines.push(if line.is_item() { part.item() } else { part });
        }
    };
    for span in line.spans().iter().flat_map(|span| cut_span(span, limit - COST_OF_A_LINE)) {
        let more = cost(&span);
        if taken + more > limit {
            finish(std::mem::take(&mut together));
            taken = COST_OF_A_LINE;
        }
        taken += more;
        together.push(span);
    }
    finish(together);
    lines
}

/// A span, or where it is too long alone its words in spans of text.
fn cut_span(span: &Span, limit: usize) -> Vec<Span> {
    if cost(span) <= limit {
        return vec![span.clone()];
    }
    // Before it is cut: a cut inside of `@room` must not bring it back.
    let text = harmless(&span.text()).into_owned();
    let mut rest = text.trim();
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let (part, after) = rest.split_at(fitting(rest, limit));
        parts.push(Span::from(part));
        rest = after.trim_start();
    }
    parts
}

/// The length of a beginning of the text that fits alone, up to a blank if there is one in its later half.
fn fitting(text: &str, limit: usize) -> usize {
    let mut most = text.len().min(limit);
    loop {
        let end = text.floor_char_boundary(most).max(text.chars().next().map_or(0, char::len_utf8));
        let words = text[..end].rfind(' ').filter(|at| *at >= end / 2 && end < text.len()).unwrap_or(end);
        // Of a long text that a few bytes of markup make too long, most fits.
        if cost(&Span::from(&text[..words])) <= limit || most < 2 {
            return words;
        }
        most = most / 8 * 7 + most % 8 - 1;
    }
}

fn cost_of(spans: &[Span]) -> usize {
    COST_OF_A_LINE + spans.iter().map(cost).sum::<usize>()
}

/// Below this not even one character with its markup need fit.
const LEAST: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markup::{html, plain};
    use proptest::prelude::*;
    use ptgbot_core::TrackName;

    fn words(pieces: &[Reply]) -> String {
        pieces.iter().map(plain).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_long_list_is_cut_between_its_lines() {
        let line =
            |number: usize| Line::new([format!("topic {number}").into(), Span::link("https://a.example/")]).item();
        let reply = Reply::from((0..2_000).map(line).collect::<Vec<_>>());
        let pieces = pieces(&reply, LIMIT);
        assert!(pieces.len() > 1);
        assert_eq!(words(&pieces), plain(&reply));
        assert!(pieces.iter().all(|piece| html(piece).starts_with("<ul><li>topic ")));
    }

    #[test]
    fn a_row_is_cut_between_its_things() {
        let tracks = (0..3_000).map(|number| TrackName::parse(&format!("track-{number}")).expect("a name"));
        let reply = Reply::from(Line::new(tracks.flat_map(|track| [Span::from(&track), " ".into()])));
        let pieces = pieces(&reply, LIMIT);
        assert!(pieces.len() > 1);
        let all = words(&pieces);
        assert_eq!(all.split_whitespace().count(), 3_000, "every track once, none cut");
        assert!(pieces.iter().all(|piece| html(piece).starts_with("<strong>#track-")));
    }

    #[test]
    fn a_long_text_is_cut_between_words_and_a_long_word_between_characters() {
        let long = "word ".repeat(100);
        let cut = pieces(&long.as_str().into(), 200);
        assert!(cut.iter().all(|piece| plain(piece).starts_with("word") && plain(piece).ends_with("word")));
        let word = "ä&".repeat(100);
        let cut = pieces(&word.as_str().into(), 200);
        assert!(cut.len() > 1 && cut.iter().map(plain).collect::<String>() == word);
        assert!(pieces(&" ".into(), 200).is_empty() && pieces(&Reply::default(), 200).is_empty());
    }

    #[test]
    fn a_cut_inside_of_a_call_to_everybody_does_not_bring_it_back() {
        for before in 0..60 {
            let text = format!("{}@room {}", "a".repeat(before), "b".repeat(60));
            let pieces = pieces(&text.as_str().into(), LEAST);
            assert!(words(&pieces).replace('\n', "").contains("@\u{2060}room"), "{:?}", words(&pieces));
        }
    }

    fn span() -> impl Strategy<Value = Span> {
        let text = "(@room )?[\\PC \"&<\\\\]{0,60}";
        prop_oneof![
            text.prop_map(Span::from),
            text.prop_map(Span::command),
            "https://[a-z\"&]{1,90}".prop_map(|address| Span::link(&address)),
            text.prop_map(|name| Span::person(&name)),
        ]
    }

    proptest! {
        #[test]
        fn every_piece_fits_and_no_word_is_lost(
            lines in proptest::collection::vec((proptest::collection::vec(span(), 0..6), any::<bool>()), 0..6),
            limit in 0_usize..600,
        ) {
            let line = |(spans, is_item)| if is_item { Line::new(spans).item() } else { Line::new(spans) };
            let reply = Reply::from(lines.into_iter().map(line).collect::<Vec<_>>());
            let pieces = pieces(&reply, limit);
            for piece in &pieces {
                let size = serde_json::json!([plain(piece), html(piece)]).to_string().len() - "[\"\",\"\"]".len();
                prop_assert!(size <= limit.max(LEAST), "{} bytes of {}", size, limit);
            }
            let without_blanks = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(without_blanks(&words(&pieces)), without_blanks(&plain(&reply)));
        }
    }
}
