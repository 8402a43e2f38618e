//! The board in words: now and next of every track, for where it stands by itself.

use super::show::{clock, in_place, numbered};
use crate::board::Board;
use crate::link::HttpUrl;
use crate::reply::{Fold, Line, Reply, Span, spans};
use crate::topic::Topic;
use chrono::{DateTime, Utc};

/// What a room shows of the board by itself: now and next of each track, with places as of a moment, and where the whole
/// board is. Of a long board it is the beginning, and how much more there is.
///
/// ```
/// use ptgbot_core::{Board, board_words, chrono::DateTime};
/// let words = board_words(&Board::default(), DateTime::UNIX_EPOCH, None);
/// assert_eq!(words.to_string(), "Now and next\nNothing is announced.");
/// ```
pub fn board_words(board: &Board, at: DateTime<Utc>, page: Option<&HttpUrl>) -> Reply {
    let contents = board.contents();
    let heading = spans!["Now and next"];
    let heading = match page {
        Some(page) => heading.and([": ".into(), Span::link(page.as_str())]),
        None => heading,
    };
    let mut said = vec![heading];
    said.extend(contents.tracks.iter().filter_map(|track| {
        let now = contents.now.get(track).map(|Topic { text, since }| {
            let said = spans![text];
            match since {
                Some(since) => said.and([" (since ".into(), clock(*since, at, contents.timezone), ")".into()]),
                None => said,
            }
        });
        let next = contents.next.get(track).map(|list| spans!["next: "].and(numbered(list)));
        let what: Vec<Line> = [now, next].into_iter().flatten().collect();
        let is_any = !what.is_empty();
        let place = in_place(board, track, at);
        is_any.then(|| spans![track].and(place).and([": ".into()]).and(Line::joined(what, " · ").into_spans()).item())
    }));
    if said.len() == 1 {
        said.push(spans!["Nothing is announced."]);
    }
    Reply::from(said).folded(Fold { lines: LINES, line_bytes: LINE_BYTES, page: page.map(HttpUrl::as_str) })
}

/// What people look over at once.
const LINES: usize = 40;
/// A long topic with all that comes next counts as more than one line.
const LINE_BYTES: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::Stage;
    use serde_json::json;

    #[test]
    fn now_and_next_stand_below_each_other_with_places() {
        let mut stage = Stage::with(json!({
            "tracks": ["swift", "nova", "tact"], "location": {"swift": "Vista"}, "timezone": "Europe/Dublin",
        }));
        stage.say("#swift now rings");
        stage.say("#swift next quotas");
        stage.say("#nova next cells");
        stage.say("#nova next flavors");
        let page = HttpUrl::parse("https://ptg.example.org/").expect("an address");
        assert_eq!(
            board_words(&stage.board, stage.at, Some(&page)).to_string(),
            "Now and next: https://ptg.example.org/\n\
             #nova: next: 1. cells; 2. flavors\n\
             #swift (Vista): rings (since 10:30 IST) · next: quotas"
        );
    }

    #[test]
    fn a_long_board_says_how_much_more_there_is() {
        let tracks: Vec<String> = (0..100).map(|number| format!("t{number}")).collect();
        let mut stage = Stage::with(json!({"tracks": tracks}));
        for track in &tracks {
            stage.say(&format!("#{track} now rings"));
        }
        let words = board_words(&stage.board, stage.at, None);
        assert_eq!(words.lines().len(), LINES);
        assert_eq!(words.lines().last().map(ToString::to_string).as_deref(), Some("… and 62 more lines."));
    }
}
