//! `ptgbot report`: what was discussed.

use super::Failure;
use crate::config::Config;
use crate::store::{self, Access, Blocking};
use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use ptgbot_core::TrackName;
use ptgbot_render::{ReportForm, Site, View};
use std::io::{self, Write};

/// What is reported, and how.
#[derive(Debug, Args)]
pub(super) struct ReportFlags {
    /// Only this day: a date such as 2026-10-19, or the name of a day such as Tuesday [default: all days]
    #[arg(long, value_name = "DAY")]
    day: Option<String>,
    /// Only this track
    #[arg(long, value_parser = TrackName::parse)]
    track: Option<TrackName>,
    /// What it is written in
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What a report is written in.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    /// Markdown, to be pasted
    #[default]
    Md,
    /// A page without a style
    Html,
    /// Data for programs
    Json,
}

/// Prints what was discussed, as of a time.
pub(super) async fn print(config: &Config, flags: ReportFlags, at: DateTime<Utc>) -> Result<(), Failure> {
    let store = config.store.clone().unwrap_or_default();
    let board = store::open(&store, Access::ReadOnly, Blocking::Inline).await?.load().await?;
    let options = config.site.options();
    let site = Site::new(&board, at, &options);
    let days = match &flags.day {
        Some(day) => site.days_named(day)?,
        None => site.recorded_days(),
    };
    let track = flags.track.map(|track| site.known_or_recorded(track)).transpose()?;
    let mut view = View::default();
    view.tracks.extend(track);
    let form = match flags.format {
        Format::Md => ReportForm::Markdown,
        Format::Html => ReportForm::Html,
        Format::Json => ReportForm::Json,
    };
    let mut output = io::stdout().lock();
    output.write_all(site.view(view).report(&days, form).as_bytes())?;
    output.flush()?;
    Ok(())
}
