//! The record: what was discussed, by day, as pages, Markdown, data and pictures.
//!
//! A discussion belongs to the date, in the event's zone, on which it began, also where it went on after midnight. A day
//! on which nothing was discussed has no files.

mod day;
mod days;
#[allow(dead_code, reason = "the board's page tells it")]
mod earlier;
mod entry;
mod json;
mod lanes;
mod markdown;
mod named_day;
mod page;
mod picture;
mod report;
mod spans;
mod turns;
mod whole;

use crate::clock::WallClock;
use crate::site::Site;
use crate::site_path::{RecordForm, SitePath};
use chrono::NaiveDate;
pub(crate) use days::RecordedDays;
pub(crate) use earlier::{EarlierToday, EarlierTopic};
pub use named_day::UnknownDay;
use page::DayPage;
pub(crate) use page::RecordPage;
use picture::Picture;
use ptgbot_core::{Board, Discussion, Revision, TrackName};
pub use report::{ReportForm, UnknownTrack};
use std::collections::HashMap;
pub(crate) use turns::turns;

/// A file of a day of the record; `None` where nothing was discussed on it.
pub(crate) fn file(site: &Site, date: NaiveDate, form: RecordForm) -> Option<String> {
    let days = RecordedDays::of(site.board);
    let day = days.day(site, date)?;
    Some(match form {
        RecordForm::Html => {
            let path = SitePath::RecordDay(date, form).name();
            DayPage::new(site, &path, &days, &day).render()
        }
        RecordForm::Markdown => markdown::write(site, &[day]),
        RecordForm::Json => json::write(site, &[day]),
        RecordForm::Svg => Picture::of(site, &day).render(),
    })
}

/// Where the record tells what changes from one on began, from the site's root: by the change and its track.
pub(crate) fn addresses_since<'a>(board: &'a Board, revision: Revision) -> HashMap<(Revision, &'a TrackName), String> {
    let zone = board.contents().timezone;
    let address = |one: &'a Discussion| {
        let path = SitePath::RecordDay(zone.date(one.from), RecordForm::Html);
        ((one.begun(), &one.track), format!("{path}#{}", entry::anchor(one)))
    };
    board.discussions().iter().rev().take_while(|one| one.begun() >= revision).map(address).collect()
}

/// `Monday, 19 October 2026`
pub(crate) fn date_name(date: NaiveDate) -> String {
    date.format("%A, %-d %B %Y").to_string()
}

/// The event's clock.
fn clock(site: &Site) -> WallClock {
    WallClock::new(site.board.contents().timezone.0)
}
