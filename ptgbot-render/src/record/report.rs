//! Reports: days of the record in one text.

use super::date_name;
use super::day::RecordDay;
use super::days::RecordedDays;
use super::entry::{EntryTime, RecordEntry};
use super::named_day::{UnknownDay, named_days};
use super::{json, markdown};
use crate::link::Href;
use crate::pad::Pads;
use crate::page::NEVER_FAILS;
use crate::site::Site;
use askama::Template;
use chrono::NaiveDate;
use ptgbot_core::{TrackName, nearest};
use std::collections::BTreeSet;
use std::fmt;

/// What a report is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReportForm {
    /// Markdown.
    #[default]
    Markdown,
    /// A page without a style, for mails and wikis.
    Html,
    /// Data for programs.
    Json,
}

/// Neither the board nor the record has such a track.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownTrack {
    /// The name.
    pub track: TrackName,
    /// The nearest one.
    pub near: Option<String>,
}

impl<'a> Site<'a> {
    /// The days on which something was discussed, from the first one on.
    pub fn recorded_days(&self) -> Vec<NaiveDate> {
        RecordedDays::of(self.board).dates().collect()
    }

    /// The days of the record that a person means: a date, or the name of a day of the programme or of the week.
    ///
    /// # Errors
    /// When there is none.
    pub fn days_named(&self, typed: &str) -> Result<Vec<NaiveDate>, UnknownDay> {
        named_days(self, &RecordedDays::of(self.board), typed)
    }

    /// A track of which the record may tell: one that the board knows, or that was removed since it discussed something.
    ///
    /// # Errors
    /// When there is none.
    pub fn known_or_recorded(&self, track: TrackName) -> Result<TrackName, UnknownTrack> {
        let recorded = self.board.discussions().iter().map(|one| &one.track);
        let known: BTreeSet<_> = self.board.contents().tracks.iter().chain(recorded).collect();
        if known.contains(&track) {
            return Ok(track);
        }
        let near = nearest(track.as_str(), known.iter().map(|track| track.as_str())).map(str::to_owned);
        Err(UnknownTrack { track, near })
    }

    /// What was discussed on some days, as far as the view leaves it in. One day is told as its own file tells it.
    pub fn report(&self, days: &[NaiveDate], form: ReportForm) -> String {
        let recorded = RecordedDays::of(self.board);
        let days: Vec<_> = days.iter().filter_map(|date| recorded.day(self, *date)).collect();
        match form {
            ReportForm::Markdown => markdown::write(self, &days),
            ReportForm::Json => json::write(self, &days),
            ReportForm::Html => ReportPage::of(self, &days).render().expect(NEVER_FAILS) + "\n",
        }
    }
}

impl std::error::Error for UnknownTrack {}

impl fmt::Display for UnknownTrack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no track {}", self.track)?;
        self.near.as_ref().map_or(Ok(()), |near| write!(f, ": did you mean #{near}?"))
    }
}

/// A report as a page of its own, which stands nowhere in the site and needs nothing of it.
#[derive(Template)]
#[template(path = "record/report.html", whitespace = "minimize")]
struct ReportPage<'a> {
    event: &'a str,
    zone: &'static str,
    days: Vec<ReportDay<'a>>,
}

struct ReportDay<'a> {
    name: String,
    tracks: Vec<ReportTrack<'a>>,
}

struct ReportTrack<'a> {
    track: &'a TrackName,
    pad: Option<Href>,
    entries: Vec<RecordEntry<'a>>,
}

impl<'a> ReportPage<'a> {
    fn of(site: &Site<'a>, days: &[RecordDay<'a>]) -> Self {
        let contents = site.board.contents();
        let pads = Pads::of(site);
        let tracks = |day: &RecordDay<'a>| {
            let parts = day.by_track().into_iter().map(|(track, numbers)| ReportTrack {
                track,
                pad: pads.pad(track),
                entries: numbers.into_iter().map(|number| RecordEntry::of(site, day.discussions[number])).collect(),
            });
            parts.collect()
        };
        let days = days.iter().map(|day| ReportDay { name: date_name(day.date), tracks: tracks(day) });
        Self { event: &contents.event_id, zone: contents.timezone.0.name(), days: days.collect() }
    }
}
