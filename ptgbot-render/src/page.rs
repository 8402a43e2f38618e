//! The pages, and what they have in common.

mod board;
mod boards;
mod commands;
mod filter;
mod lists;
mod message;
mod signage;
mod subscribe;

use crate::clock::{Stamp, WallClock};
use crate::link::absolute;
use crate::record::date_name;
use crate::rehearsal::{Notice, REHEARSAL};
use crate::site::{Host, Site};
use crate::site_path::SitePath;
pub(crate) use board::BoardPage;
pub use boards::{BoardEntry, boards_index};
pub(crate) use lists::{EtherpadsPage, LinksPage};
pub(crate) use signage::SignagePage;

/// The frame around every page: title, navigation, foot.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    /// The file's name, to mark it in the navigation and to say where it stands.
    pub(crate) path: &'a str,
    /// The way from the file to the site's root: nothing, or `../`.
    pub(crate) root: &'static str,
    pub(crate) event: &'a str,
    pub(crate) zone: &'static str,
    pub(crate) revision: u64,
    pub(crate) changed: Option<Stamp>,
    /// Since when the board could not be read.
    pub(crate) out_of_date: Option<Stamp>,
    pub(crate) live: bool,
    pub(crate) bot: &'a str,
    pub(crate) channel: Option<&'a str>,
    /// Where the event is only rehearsed.
    pub(crate) rehearsal: Option<Notice>,
    /// The page's absolute address, where it is known.
    pub(crate) canonical: Option<String>,
}

impl<'a> Page<'a> {
    pub(crate) fn new(site: &Site<'a>, path: &'a str) -> Self {
        let (board, options) = (site.board, site.options);
        let clock = WallClock::new(board.contents().timezone.0);
        let base = options.base_url.as_ref();
        Self {
            path,
            root: if path.contains('/') { "../" } else { "" },
            event: match board.contents().event_id.as_str() {
                "" => UNNAMED,
                event => event,
            },
            zone: clock.zone_name(),
            revision: board.revision(),
            changed: board.changed_at().map(|at| clock.date_time(at)),
            out_of_date: site.out_of_date.map(|since| clock.day_time(since)),
            live: options.host == Host::Live,
            bot: &options.bot,
            channel: options.channel.as_deref(),
            rehearsal: Notice::of(site, clock),
            canonical: base.and_then(|base| absolute(base, path)).map(Into::into),
        }
    }

    /// What the browser's tab says.
    pub(crate) fn title(&self) -> String {
        let name = match SitePath::parse(self.path) {
            Some(SitePath::Etherpads) => "Etherpads · ".into(),
            Some(SitePath::Links) => "Links · ".into(),
            Some(SitePath::Signage) => "Big screen · ".into(),
            Some(SitePath::Record) => "Record · ".into(),
            Some(SitePath::RecordDay(date, _)) => format!("{} · ", date_name(date)),
            _ => String::new(),
        };
        let rehearsal = if self.rehearsal.is_some() { format!("{REHEARSAL} · ") } else { String::new() };
        format!("{rehearsal}{name}{}", self.event)
    }

    /// What searches and previews of links say below it.
    pub(crate) fn description(&self) -> String {
        let event = if self.event == UNNAMED { "the event" } else { self.event };
        match SitePath::parse(self.path) {
            Some(SitePath::Etherpads) => format!("The etherpads of all tracks of {event}."),
            Some(SitePath::Links) => format!("Useful links of {event}."),
            Some(SitePath::Signage) => {
                format!("What is on in every room of {event}, and what follows, for a big screen.")
            }
            Some(SitePath::Record) => format!("What the tracks of {event} have discussed, by day."),
            Some(SitePath::RecordDay(date, _)) => {
                format!("What the tracks of {event} discussed on {}: when, where, and by whom.", date_name(date))
            }
            _ => format!("What the tracks of {event} discuss now and next, where they meet, and which slots are free."),
        }
    }
}

/// The name of an event that has none.
const UNNAMED: &str = "Event board";

/// Why a template's result can be unwrapped.
pub(crate) const NEVER_FAILS: &str = "a template that writes to a string cannot fail";
