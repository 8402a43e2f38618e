//! Files that are the same for every board: styles, scripts, the picture in the browser's tab. `build.rs` makes them of
//! what stands in `assets`.

/// Tells the styles, scripts and icon of this version from those of any other. Pages name it after the `?` in their
/// addresses: what such an address gives never changes, and may be kept for ever.
pub const ASSET_VERSION: &str = env!("ASSET_VERSION");

pub(crate) const STYLE: &str = include_str!(concat!(env!("OUT_DIR"), "/style.css"));
pub(crate) const SCRIPT: &str = include_str!(concat!(env!("OUT_DIR"), "/board.js"));
/// Style and script that only the big screen needs, on top of the others: phones do not load them.
pub(crate) const WALL_STYLE: &str = include_str!(concat!(env!("OUT_DIR"), "/wall.css"));
pub(crate) const WALL_SCRIPT: &str = include_str!(concat!(env!("OUT_DIR"), "/wall.js"));
/// Style that only the record needs.
pub(crate) const RECORD_STYLE: &str = include_str!(concat!(env!("OUT_DIR"), "/record.css"));
/// The service worker says which version it is of: where another one is served, browsers replace it.
pub(crate) const SERVICE_WORKER: &str = concat!(
    "\"use strict\";const VERSION=\"",
    env!("ASSET_VERSION"),
    "\";",
    include_str!(concat!(env!("OUT_DIR"), "/sw.js"))
);
pub(crate) const ICON: &str = include_str!(concat!(env!("OUT_DIR"), "/icon.svg"));
pub(crate) const DATA_SCHEMA: &str = include_str!("../assets/ptg.schema.json");
pub(crate) const RECORD_SCHEMA: &str = include_str!("../assets/record.schema.json");
