//! Paths: what every file of the site is called, in the folder, on the web server and in links.

use chrono::NaiveDate;
use ptgbot_core::TrackName;
use std::borrow::Cow;
use std::fmt;

/// The path of a file, relative to the site's root. That there is such a path does not mean that the board has the
/// track or room: [`crate::Site::render`] knows.
///
/// ```
/// use ptgbot_render::SitePath;
/// assert_eq!(SitePath::parse("index.html"), Some(SitePath::Board));
/// assert_eq!(SitePath::parse("swift.ics").unwrap().to_string(), "swift.ics");
/// assert_eq!(SitePath::parse("../ptg.json"), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SitePath {
    /// `index.html`: the board's page.
    Board,
    /// `ptg.html`: the older bot's name of the same page.
    OldBoard,
    /// `etherpads.html`: every track's pad.
    Etherpads,
    /// `links.html`: useful links.
    Links,
    /// `signage.html`: today for a big screen.
    Signage,
    /// `ptg.json`: the public data.
    Data,
    /// `ptg.schema.json`: what the public data look like.
    DataSchema,
    /// `ptg.ics`: the calendar of all tracks, or of a view.
    Calendar,
    /// `feed.atom`: news.
    Feed,
    /// `schedule.json`: the programme for conference apps.
    ScheduleJson,
    /// `schedule.xml`: the same for others.
    ScheduleXml,
    /// `record/index.html`: the days on which something was discussed.
    Record,
    /// `record.schema.json`: what the data of the record look like.
    RecordSchema,
    /// `style.css`: the style of every page.
    Style,
    /// `colors.css`: the tracks' colours.
    Colors,
    /// `wall.css`: what the big screen needs besides.
    WallStyle,
    /// `record.css`: what the record needs besides.
    RecordStyle,
    /// `board.js`: the script of every page.
    Script,
    /// `wall.js`: that of the big screen.
    WallScript,
    /// `icon.svg`: the picture in the browser's tab.
    Icon,
    /// `sw.js`: the service worker, which keeps the last board for a reader without a network.
    ServiceWorker,
    /// `manifest.webmanifest`: what a phone needs in order to keep the board beside its apps.
    Manifest,
    /// `swift.ics`: the calendar of a track.
    TrackCalendar(TrackName),
    /// `room/ballroom-a.ics`: the calendar of a room, by its slug.
    RoomCalendar(String),
    /// `record/2026-10-19.html`: what was discussed on a day, in one of the forms that there are.
    RecordDay(NaiveDate, RecordForm),
}

/// A form in which a day of the record is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RecordForm {
    /// A page.
    Html,
    /// Markdown, as one writes it in a report.
    Markdown,
    /// Data for programs.
    Json,
    /// A picture: rooms down, time across.
    Svg,
}

impl RecordForm {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Html, Self::Markdown, Self::Json, Self::Svg];

    /// How the name of such a file ends, with the dot.
    fn ending(self) -> &'static str {
        match self {
            Self::Html => ".html",
            Self::Markdown => ".md",
            Self::Json => ".json",
            Self::Svg => ".svg",
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Html => "text/html; charset=utf-8",
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Json => "application/json",
            Self::Svg => "image/svg+xml",
        }
    }
}

impl SitePath {
    /// The files that there is one of, whatever the board says.
    pub fn fixed() -> impl Iterator<Item = Self> {
        FIXED.into_iter()
    }

    /// Reads a path as [`fmt::Display`] prints it; `None` where the site has no file of such a name.
    pub fn parse(path: &str) -> Option<Self> {
        if let Some(fixed) = FIXED.into_iter().find(|fixed| fixed.name() == path) {
            return Some(fixed);
        }
        if let Some(name) = path.strip_prefix(RECORD) {
            return Self::parse_record(name);
        }
        let name = path.strip_suffix(CALENDAR)?;
        if let Some(slug) = name.strip_prefix(ROOMS) {
            return (!slug.is_empty() && !slug.contains('/')).then(|| Self::RoomCalendar(slug.to_owned()));
        }
        let track = TrackName::parse(name).ok()?;
        (track.as_str() == name).then_some(Self::TrackCalendar(track))
    }

    /// A date has one spelling only.
    fn parse_record(name: &str) -> Option<Self> {
        let form = RecordForm::ALL.into_iter().find(|form| name.ends_with(form.ending()))?;
        let date = name.strip_suffix(form.ending())?;
        let read = NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()?;
        (read.to_string() == date).then_some(Self::RecordDay(read, form))
    }

    /// The path as text.
    pub fn name(&self) -> Cow<'static, str> {
        let fixed = match self {
            Self::Board => "index.html",
            Self::OldBoard => "ptg.html",
            Self::Etherpads => "etherpads.html",
            Self::Links => "links.html",
            Self::Signage => "signage.html",
            Self::Data => "ptg.json",
            Self::DataSchema => "ptg.schema.json",
            Self::Calendar => "ptg.ics",
            Self::Feed => "feed.atom",
            Self::ScheduleJson => "schedule.json",
            Self::ScheduleXml => "schedule.xml",
            Self::Record => "record/index.html",
            Self::RecordSchema => "record.schema.json",
            Self::Style => "style.css",
            Self::Colors => "colors.css",
            Self::WallStyle => "wall.css",
            Self::RecordStyle => "record.css",
            Self::Script => "board.js",
            Self::WallScript => "wall.js",
            Self::Icon => "icon.svg",
            Self::ServiceWorker => "sw.js",
            Self::Manifest => "manifest.webmanifest",
            Self::TrackCalendar(track) => return format!("{}{CALENDAR}", track.as_str()).into(),
            Self::RoomCalendar(slug) => return format!("{ROOMS}{slug}{CALENDAR}").into(),
            Self::RecordDay(date, form) => return format!("{RECORD}{date}{}", form.ending()).into(),
        };
        fixed.into()
    }

    /// For the `Content-Type` header.
    pub fn content_type(&self) -> &'static str {
        match self {
            Self::Board | Self::OldBoard | Self::Etherpads | Self::Links | Self::Signage | Self::Record => {
                "text/html; charset=utf-8"
            }
            Self::Data | Self::ScheduleJson => "application/json",
            Self::DataSchema | Self::RecordSchema => "application/schema+json",
            Self::Calendar | Self::TrackCalendar(_) | Self::RoomCalendar(_) => "text/calendar; charset=utf-8",
            Self::Feed => "application/atom+xml; charset=utf-8",
            Self::ScheduleXml => "application/xml; charset=utf-8",
            Self::Style | Self::Colors | Self::WallStyle | Self::RecordStyle => "text/css; charset=utf-8",
            Self::Script | Self::WallScript | Self::ServiceWorker => "text/javascript; charset=utf-8",
            Self::Icon => "image/svg+xml",
            Self::Manifest => "application/manifest+json",
            Self::RecordDay(_, form) => form.content_type(),
        }
    }

    /// True for calendars.
    pub fn is_calendar(&self) -> bool {
        matches!(self, Self::Calendar | Self::TrackCalendar(_) | Self::RoomCalendar(_))
    }

    /// True for the files that are the same on every board.
    pub fn is_asset(&self) -> bool {
        matches!(
            self,
            Self::DataSchema
                | Self::RecordSchema
                | Self::Style
                | Self::WallStyle
                | Self::RecordStyle
                | Self::Script
                | Self::WallScript
                | Self::Icon
                | Self::ServiceWorker
        )
    }

    /// True for data, calendars, the feed and what is told of a day besides its page: programs and pages of others may
    /// read them.
    pub fn is_shared(&self) -> bool {
        matches!(
            self,
            Self::Data
                | Self::DataSchema
                | Self::Calendar
                | Self::TrackCalendar(_)
                | Self::RoomCalendar(_)
                | Self::Feed
                | Self::ScheduleJson
                | Self::ScheduleXml
                | Self::RecordSchema
                | Self::RecordDay(_, RecordForm::Markdown | RecordForm::Json | RecordForm::Svg)
        )
    }

    /// True for the files that show less when they are asked for with a query.
    pub fn has_views(&self) -> bool {
        matches!(self, Self::Board | Self::OldBoard | Self::Signage | Self::Calendar | Self::Feed | Self::RecordDay(..))
    }
}

impl fmt::Display for SitePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

/// Everything but the calendars of tracks and rooms, and the days of the record.
const FIXED: [SitePath; 22] = [
    SitePath::Board,
    SitePath::OldBoard,
    SitePath::Etherpads,
    SitePath::Links,
    SitePath::Signage,
    SitePath::Data,
    SitePath::DataSchema,
    SitePath::Calendar,
    SitePath::Feed,
    SitePath::ScheduleJson,
    SitePath::ScheduleXml,
    SitePath::Record,
    SitePath::RecordSchema,
    SitePath::Style,
    SitePath::Colors,
    SitePath::WallStyle,
    SitePath::RecordStyle,
    SitePath::Script,
    SitePath::WallScript,
    SitePath::Icon,
    SitePath::ServiceWorker,
    SitePath::Manifest,
];
/// How the path of a calendar ends.
const CALENDAR: &str = ".ics";
/// The folder of the rooms' calendars.
const ROOMS: &str = "room/";
/// The folder of the record.
const RECORD: &str = "record/";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_is_read_as_it_is_printed() {
        let track = SitePath::TrackCalendar(TrackName::parse("c++").expect("a name"));
        let day = NaiveDate::from_ymd_opt(2026, 10, 19).expect("a date");
        let days = RecordForm::ALL.map(|form| SitePath::RecordDay(day, form));
        for path in SitePath::fixed().chain([track, SitePath::RoomCalendar("großer-saal".into())]).chain(days) {
            assert_eq!(SitePath::parse(&path.to_string()), Some(path));
        }
    }

    #[test]
    fn what_only_looks_like_a_path_is_none() {
        for path in [
            "",
            "Index.html",
            "index",
            "../ptg.json",
            ".ics",
            "c++.ics/",
            "C++.ics",
            "#index.ics",
            "room/.ics",
            "room/a/b.ics",
            "record/",
            "record/2026-10-19",
            "record/2026-10-19.xml",
            "record/2026-1-9.html",
            "record/2026-02-30.html",
            "record/swift.ics",
        ] {
            assert_eq!(SitePath::parse(path), None, "{path}");
        }
    }
}
