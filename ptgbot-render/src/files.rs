//! The files of the site: every one that people may ask for, by its path.

use crate::calendar::Part;
use crate::page::{BoardPage, EtherpadsPage, LinksPage, SignagePage};
use crate::record::{RecordPage, RecordedDays};
use crate::room_slug::slugs;
use crate::site::Site;
use crate::site_path::{RecordForm, SitePath};
use crate::{asset, badge, calendar, feed, manifest, programme, record};
use chrono::{DateTime, Utc};
use ptgbot_core::data_file;

/// One file of the site: a path and bytes, and never more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path, which says what it is.
    pub path: SitePath,
    /// The bytes.
    pub body: Vec<u8>,
}

/// The header that a web server sends with every file. Nothing inline, nothing from elsewhere.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
     connect-src 'self'; img-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

impl<'a> Site<'a> {
    /// The path of every file of the static folder.
    pub fn paths(&self) -> Vec<SitePath> {
        let tracks = self.board.contents().tracks.iter().cloned().map(SitePath::TrackCalendar);
        let rooms = slugs(self.board).into_iter().map(|(slug, _)| SitePath::RoomCalendar(slug));
        let days = RecordedDays::of(self.board);
        let days = days.dates().flat_map(|date| RecordForm::ALL.map(|form| SitePath::RecordDay(date, form)));
        SitePath::fixed().chain(tracks).chain(rooms).chain(days).collect()
    }

    /// One file; `None` where the board has no such track or room, nothing was discussed on that day, or the view names one that it does not have
    /// (an empty calendar would make readers delete what they have).
    pub fn render(&self, path: &SitePath) -> Option<File> {
        let body = match path {
            SitePath::Board | SitePath::OldBoard => BoardPage::new(self, &SitePath::Board.name()).render(),
            SitePath::Etherpads => EtherpadsPage::new(self, &path.name()).render(),
            SitePath::Links => LinksPage::new(self, &path.name()).render(),
            SitePath::Signage => SignagePage::new(self, &path.name()).render(),
            SitePath::Data => json(self),
            SitePath::DataSchema => asset::DATA_SCHEMA.to_owned(),
            SitePath::Calendar | SitePath::TrackCalendar(_) | SitePath::RoomCalendar(_) => {
                calendar::render(self, self.part(path)?, &self.address(path))
            }
            SitePath::Feed if self.unknown().is_empty() => feed::render(self),
            SitePath::Feed => return None,
            SitePath::ScheduleJson => programme::as_json(self),
            SitePath::ScheduleXml => programme::as_xml(self),
            SitePath::Record => RecordPage::new(self, &path.name()).render(),
            SitePath::RecordDay(date, form) => record::file(self, *date, *form)?,
            SitePath::RecordSchema => asset::RECORD_SCHEMA.to_owned(),
            SitePath::Style => asset::STYLE.to_owned(),
            SitePath::Colors => badge::style_sheet(self.board),
            SitePath::WallStyle => asset::WALL_STYLE.to_owned(),
            SitePath::RecordStyle => asset::RECORD_STYLE.to_owned(),
            SitePath::Script => asset::SCRIPT.to_owned(),
            SitePath::WallScript => asset::WALL_SCRIPT.to_owned(),
            SitePath::Icon => asset::ICON.to_owned(),
            SitePath::ServiceWorker => asset::SERVICE_WORKER.to_owned(),
            SitePath::Manifest => manifest::render(self),
        };
        Some(File { path: path.clone(), body: body.into_bytes() })
    }

    /// When a calendar's bytes last became others, for the `Last-Modified` header: the same in every process, and
    /// whatever else on the board changes. `None` for other files, and where it is not known.
    pub fn modified(&self, path: &SitePath) -> Option<DateTime<Utc>> {
        calendar::modified(self, self.part(path)?)
    }

    /// Which bookings a calendar holds; `None` for what is no calendar of this site.
    fn part<'p>(&self, path: &'p SitePath) -> Option<Part<'p>>
    where
        'a: 'p,
    {
        match path {
            SitePath::Calendar => self.unknown().is_empty().then_some(Part::View),
            SitePath::TrackCalendar(track) => self.board.knows(track).then_some(Part::Track(track)),
            SitePath::RoomCalendar(slug) => self.room_of(slug).map(Part::Room),
            _ => None,
        }
    }
}

fn json(site: &Site) -> String {
    let mut text = format!("{:#}", data_file::public(site.board, site.at));
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::SiteOptions;
    use crate::view::View;
    use ptgbot_core::{Board, BoardEvent, Event, Record, TrackName};

    fn board_with(tracks: &[&str]) -> Board {
        let mut board = Board::default();
        let tracks = tracks.iter().map(|name| TrackName::parse(name).expect("a name")).collect();
        let at = "2026-10-19T09:00:00Z".parse().expect("a time");
        let event = Event::Board(BoardEvent::TracksAdded { tracks });
        board.apply(&Record::new(1, at, event));
        board
    }

    #[test]
    fn every_path_has_a_file_and_nothing_else_has() {
        let board = board_with(&["index", "oslo.config", "c++"]);
        let options = SiteOptions::default();
        let site = Site::new(&board, "2026-10-19T09:00:00Z".parse().expect("a time"), &options);
        let paths = site.paths();
        assert!(paths.contains(&SitePath::TrackCalendar(TrackName::parse("c++").expect("a name"))));
        for path in &paths {
            assert_eq!(&site.render(path).expect("a file").path, path);
        }
        for path in ["swift.ics", "room/ballroom-a.ics"] {
            assert!(site.render(&SitePath::parse(path).expect("a path")).is_none(), "{path}");
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
        for path in [SitePath::Calendar, SitePath::Feed] {
            assert!(site("track=swift,nova").render(&path).is_some());
            for query in ["track=swift,cinder", "track=!", "room=nowhere"] {
                assert!(site(query).render(&path).is_none(), "{path}?{query}");
            }
        }
        let site = site("track=swift,cinder,!&room=nowhere");
        let swift = SitePath::TrackCalendar(TrackName::parse("swift").expect("a name"));
        assert!(site.render(&SitePath::Board).is_some() && site.render(&swift).is_some());
        assert_eq!(site.unknown(), ["#cinder", "!", "nowhere"]);
        assert_eq!(site.address(&SitePath::Calendar), "ptg.ics?track=swift");
    }
}
