//! `ptgbot import` and `ptgbot export`.

use super::Failure;
use crate::clock::{Clock, SystemClock};
use crate::document_text::read_document;
use crate::import;
use crate::store::{self, Access, Blocking, StoreAddress};
use chrono::{DateTime, Utc};
use ptgbot_core::data_file;
use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;

/// Which data is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of it.
    Full,
    /// What everybody may see.
    Public,
}

/// Loads a data file; `-` is standard input.
pub(super) async fn import(address: &StoreAddress, file: &Path) -> Result<(), Failure> {
    let (text, source) = if file == Path::new("-") {
        let mut text = Vec::new();
        io::stdin().read_to_end(&mut text).map_err(|error| format!("cannot read standard input: {error}"))?;
        (text, "standard input".to_owned())
    } else {
        let source = file.display().to_string();
        (fs::read(file).map_err(|error| format!("cannot read {source}: {error}"))?, source)
    };
    let document = read_document(&text).map_err(|error| format!("{source} is no JSON: {error}"))?;
    let mut journal = store::open(address, Access::ReadWrite, Blocking::Inline).await?;
    let mut board = journal.load().await?;
    let said = import::import(journal.as_mut(), &mut board, document, &source, SystemClock.now()).await;
    let said = said.map_err(|error| format!("cannot import {source}: {error}"))?;
    writeln!(io::stdout(), "{said}")?;
    Ok(())
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
