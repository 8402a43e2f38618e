//! The site: every file that people may ask for, by its path (SPEC section 7).

use crate::page::{BoardPage, EtherpadsPage, LinksPage, SignagePage};
use crate::{badge, calendar, feed};
use chrono::{DateTime, Utc};
use ptgbot_core::{Board, HttpUrl, TrackName, document};

/// A board at a moment, as files. The same names stand in the static folder and on the web server.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    pub(crate) board: &'a Board,
    pub(crate) at: DateTime<Utc>,
    pub(crate) options: &'a SiteOptions,
}

/// What the site needs to know beyond the board.
#[derive(Clone, Debug)]
pub struct SiteOptions {
    /// Where the site stands, when that is known: makes links absolute where readers need it.
    pub base_url: Option<HttpUrl>,
    /// What a generated pad link starts with.
    pub etherpad_base: String,
    /// Who serves the files.
    pub host: Host,
    /// The bot's name in the chat.
    pub bot: String,
    /// The channel or room where commands are given.
    pub channel: Option<String>,
}

impl Default for SiteOptions {
    fn default() -> Self {
        Self {
            base_url: None,
            etherpad_base: "https://etherpad.opendev.org/p/".into(),
            host: Host::Static,
            bot: "ptgbot".into(),
            channel: None,
        }
    }
}

/// Who serves the files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Host {
    /// A folder: open pages ask for news from time to time.
    #[default]
    Static,
    /// The web server: open pages listen on `/events`.
    Live,
}

/// One file of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path, relative to the site's root.
    pub path: String,
    /// For the `Content-Type` header.
    pub content_type: &'static str,
    /// The bytes.
    pub body: Vec<u8>,
}

/// The header that a web server sends with every file. Nothing inline, nothing from elsewhere.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
     connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

impl<'a> Site<'a> {
    /// The site of a board as of a time.
    pub fn new(board: &'a Board, at: DateTime<Utc>, options: &'a SiteOptions) -> Self {
        Self { board, at, options }
    }

    /// Every file of the static folder.
    pub fn paths(&self) -> Vec<String> {
        let tracks = self.board.contents().tracks.iter().map(|track| format!("{}.ics", track.as_str()));
        FIXED.iter().map(|path| (*path).to_owned()).chain(tracks).collect()
    }

    /// One file; `None` where there is no such file, as for an unknown track (an empty calendar would make
    /// readers delete what they have).
    pub fn render(&self, path: &str) -> Option<File> {
        let (content_type, body) = match path {
            "index.html" => (HTML, BoardPage::new(self, path).render()),
            // The older bot's name of the same page.
            "ptg.html" => (HTML, BoardPage::new(self, "index.html").render()),
            "etherpads.html" => (HTML, EtherpadsPage::new(self, path).render()),
            "links.html" => (HTML, LinksPage::new(self, path).render()),
            "signage.html" => (HTML, SignagePage::new(self, path).render()),
            "ptg.json" => (JSON, json(self)),
            "ptg.ics" => (CALENDAR, calendar::all(self)),
            "feed.atom" => (ATOM, feed::render(self)),
            "style.css" => (CSS, include_str!("../assets/style.css").into()),
            "colors.css" => (CSS, badge::style_sheet(self.board)),
            "board.js" => (SCRIPT, include_str!("../assets/board.js").into()),
            "icon.svg" => (SVG, include_str!("../assets/icon.svg").into()),
            _ => (CALENDAR, calendar::of_track(self, &self.track_of(path)?)),
        };
        Some(File { path: path.to_owned(), content_type, body: body.into_bytes() })
    }

    fn track_of(&self, path: &str) -> Option<TrackName> {
        let name = path.strip_suffix(".ics")?;
        let track = TrackName::parse(name).ok()?;
        (track.as_str() == name && self.board.knows(&track)).then_some(track)
    }
}

fn json(site: &Site) -> String {
    let mut text = format!("{:#}", document::public(site.board, site.at));
    text.push('\n');
    text
}

const FIXED: [&str; 12] = [
    "index.html",
    "ptg.html",
    "etherpads.html",
    "links.html",
    "signage.html",
    "ptg.json",
    "ptg.ics",
    "feed.atom",
    "style.css",
    "colors.css",
    "board.js",
    "icon.svg",
];

const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json";
const CALENDAR: &str = "text/calendar; charset=utf-8";
const ATOM: &str = "application/atom+xml; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

#[cfg(test)]
mod tests {
    use super::*;
    use ptgbot_core::{Event, Origin, Record};

    fn board_with(tracks: &[&str]) -> Board {
        let mut board = Board::default();
        let tracks = tracks.iter().map(|name| TrackName::parse(name).expect("a name")).collect();
        let at = "2026-10-19T09:00:00Z".parse().expect("a time");
        let event = Event::TracksAdded { tracks };
        board.apply(&Record { revision: 1, at, by: None, origin: Origin::default(), event });
        board
    }

    #[test]
    fn every_path_has_a_file_and_nothing_else_has() {
        let board = board_with(&["index", "oslo.config", "c++"]);
        let options = SiteOptions::default();
        let site = Site::new(&board, "2026-10-19T09:00:00Z".parse().expect("a time"), &options);
        let paths = site.paths();
        assert!(paths.contains(&"c++.ics".to_owned()));
        for path in &paths {
            assert_eq!(&site.render(path).expect("a file").path, path);
        }
        for path in ["", "swift.ics", "Index.ics", "#index.ics", "index", "../ptg.json", ".ics", "c++.ics/"] {
            assert!(site.render(path).is_none(), "{path}");
        }
    }
}
