//! `ptgbot render` and `ptgbot serve`.

use super::Failure;
use crate::config::{Config, ConfigError, ConfigFile, Flags, SiteConfig};
use crate::folder::write_folder;
use crate::follow::follow;
use crate::metrics::Metrics;
use crate::run::SiteTasks;
use crate::setup::Setup;
use crate::signal::stop_on_signal;
use crate::store::{self, Access, Blocking, StoreAddress};
use crate::supervision::{Heartbeat, Work};
use crate::web;
use chrono::{DateTime, Utc};
use clap::Args;
use ptgbot_core::Board;
use ptgbot_render::Site;
use std::path::{Path, PathBuf};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// What the site is made of, said as to a bot: so both make the same bytes of the same board.
#[derive(Debug, Args)]
#[command(mut_arg("site_channel", |flag| flag.long("channel").help("The channel or room that the pages name")))]
#[command(mut_arg("site_bot", |flag| flag.long("bot").help("The name by which the pages call the bot [default: ptgbot]")))]
pub(super) struct SiteFlags {
    /// A bot's configuration file: its store, [site], [log], and what the pages call it; flags go first
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where the board is kept: sqlite:PATH, memory: or postgres://…?board=NAME [default: sqlite:ptgbot.sqlite]
    #[arg(long, value_name = "STORE")]
    store: Option<StoreAddress>,
    #[command(flatten)]
    site: Flags<SiteConfig>,
}

/// What a site shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// The board that the store's address names.
    OneBoard,
    /// All boards of a database, each of which has a bot of its own.
    AllBoards,
}

impl SiteFlags {
    /// The configuration with the flags over it. The pages of one board name its bot.
    pub(super) fn read(self, shown: Shown) -> Result<Config, ConfigError> {
        let file = ConfigFile::open(self.config.as_deref())?;
        let config = file.config(&TRANSPORTS)?;
        let site = self.site.over(config.site);
        let site = match shown {
            Shown::OneBoard => file.names(site)?,
            Shown::AllBoards => site,
        };
        Ok(Config { store: self.store.or(config.store), site, ..config })
    }
}

/// Writes the static site.
pub(super) async fn render(config: &Config, out: &Path, at: DateTime<Utc>) -> Result<(), Failure> {
    let store = config.store.clone().unwrap_or_default();
    let board = store::open(&store, Access::ReadOnly, Blocking::Inline).await?.load().await?;
    write_folder(&Site::new(&board, at, &config.site.options()), out)?;
    Ok(())
}

/// Serves the site until a signal.
pub(super) async fn serve(config: &Config) -> Result<(), Failure> {
    let stop = stop_on_signal()?;
    // The folder and the data file are the bot's to write.
    let config = Config { publish: None, db_filename: None, ..config.clone() };
    let Setup { store, listener, publish, clock, supervision, .. } = Setup::from_config(&config)?;
    let mut journal = store::open(&store, Access::ReadOnly, Blocking::Thread).await?;
    let board = journal.load().await?;
    let (owner, boards) = watch::channel(Board::default());
    let metrics = Metrics::by(clock.clone());
    let tasks =
        SiteTasks::start(board.clone(), boards, listener, publish, metrics.clone(), clock, stop.clone()).await?;
    let heartbeat = Heartbeat::new(supervision, Work::Pages, metrics.clone());
    follow(board, journal, owner, metrics, heartbeat, stop).await;
    tasks.finish().await;
    Ok(())
}

/// Serves all boards of a database until a signal.
pub(super) async fn serve_boards(config: &Config, most: usize) -> Result<(), Failure> {
    let stop = stop_on_signal()?;
    let Setup { store, listener, publish, supervision, .. } = Setup::from_config(config)?;
    let listener = listener.ok_or("no address is named")?;
    Ok(web::serve_boards(TcpListener::from_std(listener)?, &store, publish.site, most, supervision, stop).await?)
}

/// The sections of our own transports, which may share the file.
const TRANSPORTS: [&str; 2] = ["irc", "matrix"];
