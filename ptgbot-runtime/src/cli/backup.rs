//! `ptgbot backup`: a copy of a SQLite store, also while bots are at work on it.

use super::Failure;
use crate::store::{SqliteJournal, StoreAddress};
use std::env;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process;

/// Writes the copy to a file; over an older one only when that is `forced`, and the copy is whole. `-` is standard output.
pub(super) async fn back_up(address: &StoreAddress, file: &Path, forced: bool) -> Result<(), Failure> {
    let StoreAddress::Sqlite(store) = address else {
        return Err("only a SQLite store is one file: use ptgbot copy, or the database's own tools".into());
    };
    let to_output = file == Path::new("-");
    if !to_output && !forced && file.exists() {
        return Err(format!("{} is there already: --force writes over it", file.display()).into());
    }
    let unfinished = if to_output {
        env::temp_dir().join(format!("ptgbot-backup-{}.sqlite", process::id()))
    } else {
        file.with_added_extension("part")
    };
    SqliteJournal::copy_file(store, &unfinished).await?;
    if !to_output {
        return fs::rename(&unfinished, file)
            .map_err(|error| format!("cannot write {}: {error}", file.display()).into());
    }
    let mut copy = File::open(&unfinished)?;
    // Gone as soon as it is read, whatever happens.
    fs::remove_file(&unfinished)?;
    io::copy(&mut copy, &mut io::stdout().lock())?;
    Ok(())
}
