//! `ptgbot render` and `ptgbot serve`.

use super::Failure;
use crate::folder::write_folder;
use crate::follow::follow;
use crate::metrics::Metrics;
use crate::publish::PublishOptions;
use crate::run::SiteTasks;
use crate::setup::listen;
use crate::signal;
use crate::store::{self, Access, Blocking, StoreAddress};
use chrono::{DateTime, Utc};
use ptgbot_core::Board;
use ptgbot_render::{Site, SiteOptions};
use std::net::SocketAddr;
use std::path::Path;
use tokio::sync::watch;

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
    let (owner, boards) = watch::channel(Board::default());
    let options = PublishOptions::default();
    let pages =
        SiteTasks::start(board.clone(), boards, Some(listener), options, Metrics::default(), stop.clone()).await?;
    follow(board, journal, owner, stop).await;
    pages.finish().await;
    Ok(())
}
