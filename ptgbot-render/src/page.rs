//! The pages, and what they have in common.

mod board;
mod commands;
mod filter;
mod lists;
mod signage;
mod subscribe;

use crate::clock::{Clock, Stamp};
use crate::link::{GeneratedPads, Href, absolute};
use crate::site::{Host, Site};
pub(crate) use board::BoardPage;
pub(crate) use lists::{EtherpadsPage, LinksPage};
use ptgbot_core::TrackName;
pub(crate) use signage::SignagePage;
use std::collections::BTreeMap;

/// The frame around every page: title, navigation, foot.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    /// The file's name, to mark it in the navigation and to say where it stands.
    pub(crate) path: &'a str,
    pub(crate) event: &'a str,
    pub(crate) zone: &'static str,
    pub(crate) revision: u64,
    pub(crate) changed: Option<Stamp>,
    pub(crate) live: bool,
    pub(crate) bot: &'a str,
    pub(crate) channel: Option<&'a str>,
    /// The page's absolute address, where it is known.
    pub(crate) canonical: Option<String>,
}

impl<'a> Page<'a> {
    pub(crate) fn new(site: &Site<'a>, path: &'a str) -> Self {
        let (board, options) = (site.board, site.options);
        let clock = Clock::new(board.contents().timezone.0);
        let base = options.base_url.as_ref();
        Self {
            path,
            event: match board.contents().event_id.as_str() {
                "" => "Event board",
                event => event,
            },
            zone: clock.zone_name(),
            revision: board.revision(),
            changed: board.changed_at().map(|at| clock.date_time(at)),
            live: options.host == Host::Live,
            bot: &options.bot,
            channel: options.channel.as_deref(),
            canonical: base.and_then(|base| absolute(base, path)).map(Into::into),
        }
    }
}

/// The pad of a track: the one it chose, else the generated one.
pub(crate) fn pad_of(site: &Site, track: &TrackName) -> Option<Href> {
    Pads::of(site).pad(track)
}

/// The pads of all tracks.
pub(crate) struct Pads<'a> {
    chosen: &'a BTreeMap<TrackName, String>,
    generated: GeneratedPads,
}

impl<'a> Pads<'a> {
    pub(crate) fn of(site: &Site<'a>) -> Self {
        let contents = site.board.contents();
        let generated = GeneratedPads::new(&site.options.etherpad_base, &contents.event_id);
        Self { chosen: &contents.etherpads, generated }
    }

    pub(crate) fn pad(&self, track: &TrackName) -> Option<Href> {
        match self.chosen.get(track) {
            Some(own) => Href::web(own),
            None => self.generated.of(track),
        }
    }
}

/// Why a template's result can be unwrapped.
pub(crate) const NEVER_FAILS: &str = "a template that writes to a string cannot fail";
