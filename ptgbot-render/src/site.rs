//! The site: every file that people may ask for, by its path (SPEC section 7).

use crate::calendar::Part;
use crate::page::{BoardPage, EtherpadsPage, LinksPage, SignagePage};
use crate::room_slug::slugs;
use crate::view::View;
use crate::{asset, badge, calendar, feed, programme};
use chrono::{DateTime, Utc};
use ptgbot_core::{Board, HttpUrl, RoomName, TrackName, document};

/// A board at a moment, as files. The same names stand in the static folder and on the web server.
#[derive(Clone, Debug)]
pub struct Site<'a> {
    pub(crate) board: &'a Board,
    pub(crate) at: DateTime<Utc>,
    pub(crate) options: &'a SiteOptions,
    pub(crate) view: View,
    /// The room of the view, where the board has it.
    room: Option<&'a RoomName>,
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
        Self { board, at, options, view: View::default(), room: None }
    }

    /// The part of the site that somebody wants to see. It shows in the files of which there are views
    /// ([`Site::has_views`]); the others stay whole.
    #[must_use]
    pub fn view(self, view: View) -> Self {
        let room = view.room.as_deref().and_then(|wanted| self.room_of(wanted));
        Self { view, room, ..self }
    }

    /// The files that there is one of, whatever the board says.
    pub const FIXED: [&'static str; 17] = FIXED;

    /// True for the files that are the same on every board.
    pub fn is_asset(path: &str) -> bool {
        matches!(path, "style.css" | "wall.css" | "board.js" | "wall.js" | "icon.svg" | "ptg.schema.json")
    }

    /// True for the files that show less when they are asked for with a query.
    pub fn has_views(path: &str) -> bool {
        matches!(path, "index.html" | "ptg.html" | "signage.html" | "ptg.ics" | "feed.atom")
    }

    /// Every file of the static folder.
    pub fn paths(&self) -> Vec<String> {
        let tracks = self.board.contents().tracks.iter().map(|track| format!("{}.ics", track.as_str()));
        let rooms = self.room_calendars().into_iter().map(|(_, path)| path);
        FIXED.iter().map(|path| (*path).to_owned()).chain(tracks).chain(rooms).collect()
    }

    /// The rooms in the programme's order, each with the path of its calendar, as `room/ballroom-a.ics`. What
    /// stands between is the room's slug: its letters and digits in lower case, with dashes for all else, and with
    /// a number where another room has the same. It names the room in a query, too.
    pub fn room_calendars(&self) -> Vec<(&'a RoomName, String)> {
        slugs(self.board).into_iter().map(|(slug, room)| (room, format!("{ROOMS}{slug}.ics"))).collect()
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
            "ptg.schema.json" => (SCHEMA, include_str!("../assets/ptg.schema.json").into()),
            "ptg.ics" if self.unknown().is_empty() => {
                (CALENDAR, calendar::render(self, Part::View, &self.address("ptg.ics")))
            }
            "feed.atom" if self.unknown().is_empty() => (ATOM, feed::render(self)),
            "ptg.ics" | "feed.atom" => return None,
            "schedule.json" => (JSON, programme::as_json(self)),
            "schedule.xml" => (XML, programme::as_xml(self)),
            "style.css" => (CSS, asset::lean_style(asset::STYLE)),
            "colors.css" => (CSS, badge::style_sheet(self.board)),
            "wall.css" => (CSS, asset::lean_style(asset::WALL_STYLE)),
            "board.js" => (SCRIPT, asset::lean(asset::SCRIPT)),
            "wall.js" => (SCRIPT, asset::lean(asset::WALL_SCRIPT)),
            "icon.svg" => (SVG, asset::ICON.to_owned()),
            _ => (CALENDAR, self.calendar_of(path)?),
        };
        Some(File { path: path.to_owned(), content_type, body: body.into_bytes() })
    }

    /// True when the view leaves this track in.
    pub(crate) fn shows(&self, track: &TrackName) -> bool {
        self.view.names_no_track() || self.view.tracks.contains(track)
    }

    /// True when the view leaves this room in.
    pub(crate) fn shows_room(&self, room: &RoomName) -> bool {
        self.view.room.is_none() || self.room == Some(room)
    }

    /// What the view names and the board does not have: tracks (as `#swift`) or other words, and the room.
    pub(crate) fn unknown(&self) -> Vec<String> {
        let tracks = self.view.tracks.iter().filter(|track| !self.board.knows(track)).map(ToString::to_string);
        let room = self.view.room.iter().filter(|_| self.room.is_none());
        tracks.chain(self.view.strangers.iter().cloned()).chain(room.cloned()).collect()
    }

    /// The room of the view, where the board has it.
    pub(crate) fn only_room(&self) -> Option<&'a RoomName> {
        self.room
    }

    /// A path with the view's query, so that what is linked shows the same part; without what is unknown.
    pub(crate) fn address(&self, path: &str) -> String {
        let View { tracks, room, .. } = &self.view;
        let known = View {
            tracks: tracks.iter().filter(|track| self.board.knows(track)).cloned().collect(),
            room: room.clone().filter(|_| self.room.is_some()),
            ..View::default()
        };
        match known.query().as_str() {
            "" => path.to_owned(),
            query => format!("{path}?{query}"),
        }
    }

    /// When a calendar's bytes last became others, for the `Last-Modified` header: the same in every process, and
    /// whatever else on the board changes. `None` for other files, and where it is not known.
    pub fn modified(&self, path: &str) -> Option<DateTime<Utc>> {
        if path == "ptg.ics" {
            return calendar::modified(self, Part::View);
        }
        self.with_calendar(path, |part| calendar::modified(self, part))?
    }

    fn calendar_of(&self, path: &str) -> Option<String> {
        self.with_calendar(path, |part| calendar::render(self, part, path))
    }

    /// What a function makes of the track or room whose calendar this is.
    fn with_calendar<T>(&self, path: &str, make: impl FnOnce(Part) -> T) -> Option<T> {
        let name = path.strip_suffix(".ics")?;
        if let Some(slug) = name.strip_prefix(ROOMS) {
            return Some(make(Part::Room(self.room_of(slug)?)));
        }
        let track = TrackName::parse(name).ok()?;
        (track.as_str() == name && self.board.knows(&track)).then(|| make(Part::Track(&track)))
    }

    fn room_of(&self, wanted: &str) -> Option<&'a RoomName> {
        slugs(self.board).into_iter().find(|(slug, _)| slug == wanted).map(|(_, room)| room)
    }
}

fn json(site: &Site) -> String {
    let mut text = format!("{:#}", document::public(site.board, site.at));
    text.push('\n');
    text
}

const FIXED: [&str; 17] = [
    "index.html",
    "ptg.html",
    "etherpads.html",
    "links.html",
    "signage.html",
    "ptg.json",
    "ptg.schema.json",
    "ptg.ics",
    "feed.atom",
    "schedule.json",
    "schedule.xml",
    "style.css",
    "colors.css",
    "wall.css",
    "board.js",
    "wall.js",
    "icon.svg",
];

/// The folder of the rooms' calendars.
const ROOMS: &str = "room/";

const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json";
const SCHEMA: &str = "application/schema+json";
const CALENDAR: &str = "text/calendar; charset=utf-8";
const ATOM: &str = "application/atom+xml; charset=utf-8";
const XML: &str = "application/xml; charset=utf-8";
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

    #[test]
    fn a_view_with_a_name_that_nobody_has_is_told_on_pages_and_is_no_calendar() {
        let board = board_with(&["swift", "nova"]);
        let options = SiteOptions::default();
        let site = |query| {
            let site = Site::new(&board, "2026-10-19T09:00:00Z".parse().expect("a time"), &options);
            site.view(View::parse(query).expect("a view"))
        };
        for path in ["ptg.ics", "feed.atom"] {
            assert!(site("track=swift,nova").render(path).is_some());
            for query in ["track=swift,cinder", "track=!", "room=nowhere"] {
                assert!(site(query).render(path).is_none(), "{path}?{query}");
            }
        }
        let site = site("track=swift,cinder,!&room=nowhere");
        assert!(site.render("index.html").is_some() && site.render("swift.ics").is_some());
        assert_eq!(site.unknown(), ["#cinder", "!", "nowhere"]);
        assert_eq!(site.address("ptg.ics"), "ptg.ics?track=swift");
    }
}
