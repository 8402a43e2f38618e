//! The index of many boards, each of which is a site in a folder of its name.

use super::NEVER_FAILS;
use crate::clock::iso;
use crate::link::Encoded;
use askama::Template;
use chrono::{DateTime, Utc};

/// A board as the index names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BoardEntry<'a> {
    /// Its name; its site stands under `NAME/`, percent-encoded.
    pub name: &'a str,
    /// When it was changed last.
    pub last_change: Option<DateTime<Utc>>,
}

impl<'a> BoardEntry<'a> {
    /// A board of this name, and when it was changed last.
    pub fn new(name: &'a str, last_change: Option<DateTime<Utc>>) -> Self {
        Self { name, last_change }
    }
}

/// The index page: those that were changed last come first. `out_of_date` says since when nobody knows of new ones.
///
/// ```
/// use ptgbot_render::{BoardEntry, boards_index};
/// let page = boards_index(&[BoardEntry::new("spring 2026", None)], None);
/// assert!(page.contains("href=\"spring%202026/\""));
/// ```
pub fn boards_index(boards: &[BoardEntry], out_of_date: Option<DateTime<Utc>>) -> String {
    let mut boards = boards.to_vec();
    boards.sort_by(|one, other| other.last_change.cmp(&one.last_change).then_with(|| one.name.cmp(other.name)));
    let line =
        |board: &BoardEntry<'_>| BoardLine { name: board.name.to_owned(), last_change: board.last_change.map(moment) };
    let page = BoardsPage { boards: boards.iter().map(line).collect(), out_of_date: out_of_date.map(moment) };
    page.render().expect(NEVER_FAILS)
}

#[derive(Template)]
#[template(path = "boards.html", whitespace = "minimize")]
struct BoardsPage {
    boards: Vec<BoardLine>,
    out_of_date: Option<Moment>,
}

struct BoardLine {
    name: String,
    last_change: Option<Moment>,
}

/// A time in the zone that all boards share, with the year: boards may be old.
struct Moment {
    iso: String,
    text: String,
}

fn moment(at: DateTime<Utc>) -> Moment {
    Moment { iso: iso(at), text: at.format("%-d %B %Y, %H:%M").to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_board_that_was_changed_last_comes_first() {
        let at = |text: &str| Some(text.parse().expect("a time"));
        let boards = [
            BoardEntry { name: "b-new", last_change: None },
            BoardEntry { name: "spring", last_change: at("2026-04-19T09:00:00Z") },
            BoardEntry { name: "a-new", last_change: None },
            BoardEntry { name: "autumn", last_change: at("2026-10-19T09:00:00Z") },
        ];
        let page = boards_index(&boards, None);
        let places = ["autumn", "spring", "a-new", "b-new"]
            .map(|name| page.find(&format!("<bdi>{name}<")).expect("it is there"));
        assert!(places.is_sorted(), "{page}");
        assert!(page.contains("19 October 2026, 09:00") && page.contains("4 boards."), "{page}");
        assert!(!page.contains("out of date") && !page.contains("<script"), "{page}");
        assert!(boards_index(&boards, at("2026-10-19T09:00:00Z")).contains("may be out of date"));
    }

    #[test]
    fn a_name_is_nothing_but_a_name() {
        let page = boards_index(&[BoardEntry { name: "../<b>\"&/x", last_change: None }], None);
        assert!(page.contains("href=\"..%2F%3Cb%3E%22%26%2Fx/\"") && !page.contains("<b>\""), "{page}");
    }
}
