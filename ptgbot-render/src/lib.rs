//! What people see of the board: pages, data, calendars and the feed.
//!
//! Pure: a [`Site`] is made of a board and a time, and the same two always give the same bytes. Nothing is
//! rendered before it is asked for. Whatever a person typed reaches the output only through an escaping
//! template or writer; links, colours and calendar texts are types of their own.
//!
//! ```
//! use ptgbot_core::Board;
//! use ptgbot_render::{Site, SiteOptions, SitePath};
//! let (board, options) = (Board::default(), SiteOptions::default());
//! let site = Site::new(&board, "2026-10-19T09:00:00Z".parse().unwrap(), &options);
//! assert!(site.render(&SitePath::Board).is_some());
//! assert!(site.render(&SitePath::parse("swift.ics").unwrap()).is_none());
//! ```

mod asset;
mod badge;
mod calendar;
mod clock;
mod color_name;
mod feed;
mod files;
mod folded;
mod ical;
mod link;
mod manifest;
mod meetings;
mod name_hash;
mod next_change;
mod pad;
mod page;
mod people;
mod programme;
mod record;
mod rehearsal;
mod room_slug;
mod schedule;
mod segment;
mod site;
mod site_path;
mod slot_id;
mod text_width;
mod view;
mod xml;

/// The crate whose types stand in this interface, in the version that fits.
pub use ptgbot_core;

pub use asset::ASSET_VERSION;
pub use files::{CONTENT_SECURITY_POLICY, File};
pub use next_change::next_change;
pub use page::{BoardEntry, boards_index};
pub use record::{ReportForm, UnknownDay, UnknownTrack};
pub use rehearsal::Rehearsal;
pub use site::{Host, Site, SiteOptions};
pub use site_path::{RecordForm, SitePath};
pub use view::{InvalidQuery, View};

/// The examples of README.md.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
