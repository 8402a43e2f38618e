//! The pages of the record: the days, and each day.

use super::date_name;
use super::day::RecordDay;
use super::days::RecordedDays;
use super::entry::{EntryTime, RecordEntry};
use super::picture::Picture;
use super::whole::{self, RoomUse, TrackDays};
use crate::link::Href;
use crate::pad::Pads;
use crate::page::{NEVER_FAILS, Page};
use crate::site::Site;
use crate::site_path::{RecordForm, SitePath};
use askama::Template;
use chrono::NaiveDate;
use ptgbot_core::TrackName;

/// `record/index.html`
#[derive(Template)]
#[template(path = "record/index.html", whitespace = "minimize")]
pub(crate) struct RecordPage<'a> {
    page: Page<'a>,
    days: Vec<DayRow>,
    rooms: Vec<RoomUse<'a>>,
    tracks: Vec<TrackDays<'a>>,
}

/// A day as the list of days tells it.
struct DayRow {
    date: NaiveDate,
    name: String,
    is_today: bool,
    extent: String,
}

/// `record/2026-10-19.html`
#[derive(Template)]
#[template(path = "record/day.html", whitespace = "minimize")]
pub(super) struct DayPage<'a> {
    page: Page<'a>,
    date: NaiveDate,
    name: String,
    extent: String,
    /// What the view leaves in, where it does not leave everything.
    only: Vec<String>,
    earlier: Option<DayLink>,
    later: Option<DayLink>,
    /// The same day in other forms, from this page.
    forms: [(&'static str, String); 3],
    picture: PictureLink,
    entries: Vec<RecordEntry<'a>>,
    tracks: Vec<TrackPart<'a>>,
}

/// The picture of the day.
struct PictureLink {
    /// A new one with each change.
    address: String,
    width: i64,
    height: i64,
}

/// Where another day is told.
struct DayLink {
    name: String,
    address: String,
}

/// What a track discussed on the day.
struct TrackPart<'a> {
    track: &'a TrackName,
    pad: Option<Href>,
    /// Its entries, by their place among all.
    entries: Vec<usize>,
}

impl<'a> RecordPage<'a> {
    pub(crate) fn new(site: &Site<'a>, path: &'a str) -> Self {
        let days = RecordedDays::of(site.board);
        let today = site.board.contents().timezone.date(site.at);
        let row = |date| {
            let day = days.day(site, date)?;
            Some(DayRow { date, name: date_name(date), is_today: date == today, extent: day.extent() })
        };
        Self {
            page: Page::new(site, path),
            days: days.dates().filter_map(row).collect(),
            rooms: whole::rooms(site),
            tracks: whole::tracks(site, &days),
        }
    }

    pub(crate) fn render(&self) -> String {
        Template::render(self).expect(NEVER_FAILS)
    }
}

impl<'a> DayPage<'a> {
    pub(super) fn new(site: &Site<'a>, path: &'a str, days: &RecordedDays<'a>, day: &RecordDay<'a>) -> Self {
        let pads = Pads::of(site);
        let part = |(track, entries)| TrackPart { track, pad: pads.pad(track), entries };
        let link = |date| DayLink { name: date_name(date), address: beside(site, date, RecordForm::Html) };
        let view = &site.view;
        let tracks = view.tracks.iter().map(ToString::to_string).chain(view.unknown.iter().cloned());
        let room = view.room.iter().map(|slug| site.only_room().map_or_else(|| slug.clone(), ToString::to_string));
        Self {
            page: Page::new(site, path),
            date: day.date,
            name: date_name(day.date),
            extent: day.extent(),
            only: tracks.chain(room).collect(),
            earlier: days.before(day.date).map(link),
            later: days.after(day.date).map(link),
            forms: [("Markdown", RecordForm::Markdown), ("JSON", RecordForm::Json), ("picture", RecordForm::Svg)]
                .map(|(name, form)| (name, beside(site, day.date, form))),
            picture: PictureLink::of(site, day),
            entries: day.discussions.iter().map(|one| RecordEntry::of(site, one)).collect(),
            tracks: day.by_track().into_iter().map(part).collect(),
        }
    }

    pub(super) fn render(&self) -> String {
        Template::render(self).expect(NEVER_FAILS)
    }

    /// Where a mention of a track leads: to its part of the day, else to the board.
    fn address_of(&self, track: &TrackName) -> String {
        let is_here = self.tracks.binary_search_by(|part| part.track.cmp(track)).is_ok();
        format!("{}#{}", if is_here { "" } else { "../index.html" }, track.as_str())
    }
}

impl PictureLink {
    fn of(site: &Site, day: &RecordDay) -> Self {
        let Picture { width, height, .. } = Picture::of(site, day);
        let address = beside(site, day.date, RecordForm::Svg);
        let sign = if address.contains('?') { '&' } else { '?' };
        Self { address: format!("{address}{sign}revision={}", site.board.revision()), width, height }
    }
}

/// The address of a day from a page of the record, with the same view.
fn beside(site: &Site, date: NaiveDate, form: RecordForm) -> String {
    let address = site.address(&SitePath::RecordDay(date, form));
    address.trim_start_matches("record/").to_owned()
}
