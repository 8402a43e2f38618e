//! `ptgbot render` and `ptgbot serve`.

use super::Failure;
use crate::board_watch::board_watch;
use crate::folder::write_folder;
use crate::follow::follow;
use crate::publish::PublishOptions;
use crate::run::Pages;
use crate::setup::listen;
use crate::signal;
use crate::store::{self, Access, Blocking, StoreAddress};
use crate::web::Metrics;
use chrono::{DateTime, Utc};
use ptgbot_render::{Site, SiteOptions};
use std::net::SocketAddr;
use std::path::Path;

/// Writes the static site.
pub(super) async fn render(address: &StoreAddress, out: &Path, at: DateTime<Utc>) -> Result<(), Failure> {
    let board = store::open(address, Access::ReadOnly, Blocking::Inline).await?.load().await?;
    write_folder(&Site::new(&board, at, &SiteOptions::default()), out)?;
    Ok(())
}

/// Serves the site until a signal.
pub(super) async fn serve(address: &StoreAddress, at: SocketAddr) -> Result<(), Failure> {
    let stop = signal::stop_on_signal()?;
    let listener = listen(at)?;
    let mut journal = store::open(address, Access::ReadOnly, Blocking::Thread).await?;
    let board = journal.load().await?;
    let (owner, watch) = board_watch(board.revision());
    let options = PublishOptions::default();
    let pages = Pages::start(board.clone(), watch, Some(listener), options, Metrics::default(), stop.clone()).await?;
    let last = follow(board, journal, owner, stop).await;
    pages.finish(Some(last)).await;
    Ok(())
}
