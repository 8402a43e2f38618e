//! `ptgbot import` and `ptgbot export`.

use super::Failure;
use crate::clock::{Clock, SystemClock};
use crate::import;
use crate::import::difference::Difference;
use crate::import::formats::{Format, Given, read_file};
use crate::store::{self, Access, Blocking, MemoryJournal, StoreAddress, StoreError};
use chrono::{DateTime, Utc};
use ptgbot_core::chrono_tz::Tz;
use ptgbot_core::{Journal, data_file};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Which data is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of it.
    Full,
    /// What everybody may see.
    Public,
}

/// Which file is loaded, and how.
#[derive(Debug, clap::Args)]
pub(super) struct ImportFlags {
    /// The file; - is standard input
    file: PathBuf,
    /// How the file is written
    #[arg(long = "from", value_name = "FORMAT", default_value = "ptg")]
    format: Format,
    /// Show what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// The zone of times without one, where the file names none; else the board's
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    timezone: Option<Tz>,
}

/// Loads a data file, or another one as if it were one.
pub(super) async fn import(address: &StoreAddress, flags: &ImportFlags) -> Result<(), Failure> {
    let (text, source) = if flags.file == Path::new("-") {
        (read_file(io::stdin()), "standard input".to_owned())
    } else {
        (File::open(&flags.file).and_then(read_file), flags.file.display().to_string())
    };
    let text = text.map_err(|error| format!("cannot read {source}: {error}"))?;
    let access = if flags.dry_run { Access::ReadOnly } else { Access::ReadWrite };
    let (mut journal, missing): (Box<dyn Journal>, _) = match store::open(address, access, Blocking::Inline).await {
        // What is shown of an import into a new store needs none.
        Err(error @ StoreError::Missing { .. }) if flags.dry_run => (Box::new(MemoryJournal::default()), Some(error)),
        journal => (journal?, None),
    };
    let mut board = journal.load().await?;
    let given = Given { board: data_file::full(&board), zone: flags.timezone };
    let read = flags.format.read(&text, &given);
    let read = read.map_err(|error| format!("cannot read {source} as {}: {error}", flags.format.noun()))?;
    let refused = |error| format!("cannot import {source}: {error}");
    let said = if flags.dry_run {
        let (after, advice) = import::preview(&board, read.document, &source, SystemClock.now()).map_err(refused)?;
        let difference = Difference::between(&given.board, &data_file::full(&after)).to_string();
        let missing = missing.map(|missing| format!("{missing}: what follows is compared with an empty board"));
        [Vec::from_iter(missing), vec![difference], advice].concat().join("\n")
    } else {
        let said = import::import(journal.as_mut(), &mut board, read.document, &source, SystemClock.now());
        said.await.map_err(refused)?
    };
    for note in &read.notes {
        writeln!(io::stderr(), "note: {note}")?;
    }
    writeln!(io::stdout(), "{said}")?;
    Ok(())
}

pub(super) fn zone(name: &str) -> Result<Tz, &'static str> {
    name.parse().map_err(|_| "expected an IANA time zone such as Europe/Dublin")
}

/// Prints the data file.
pub(super) async fn export(address: &StoreAddress, view: Extent, at: DateTime<Utc>) -> Result<(), Failure> {
    let mut journal = store::open(address, Access::ReadOnly, Blocking::Inline).await?;
    let board = journal.load().await?;
    let data = match view {
        Extent::Full => data_file::full(&board),
        Extent::Public => data_file::public(&board, at),
    };
    let mut text = serde_json::to_vec_pretty(&data)?;
    text.push(b'\n');
    let mut output = io::stdout().lock();
    output.write_all(&text)?;
    output.flush()?;
    Ok(())
}
