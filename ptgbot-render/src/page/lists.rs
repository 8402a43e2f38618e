//! The pages that are lists: every track's pad, and the useful links.

use super::{NEVER_FAILS, Page};
use crate::link::{Href, UserLink};
use crate::pad::Pads;
use crate::site::Site;
use askama::Template;
use ptgbot_core::TrackName;

/// `etherpads.html`
#[derive(Template)]
#[template(path = "etherpads.html", whitespace = "minimize")]
pub(crate) struct EtherpadsPage<'a> {
    page: Page<'a>,
    pads: Vec<Pad<'a>>,
}

struct Pad<'a> {
    track: &'a TrackName,
    href: Option<Href>,
    /// What the track gave, where it is no link.
    given: Option<&'a str>,
}

/// `links.html`
#[derive(Template)]
#[template(path = "links.html", whitespace = "minimize")]
pub(crate) struct LinksPage<'a> {
    page: Page<'a>,
    links: Vec<(&'a str, UserLink<'a>)>,
}

impl<'a> EtherpadsPage<'a> {
    pub(crate) fn new(site: &Site<'a>, path: &'a str) -> Self {
        let contents = site.board.contents();
        let all = Pads::of(site);
        let pads = contents.tracks.iter().map(|track| Pad {
            track,
            href: all.pad(track),
            given: contents.etherpads.get(track).map(String::as_str),
        });
        Self { page: Page::new(site, path), pads: pads.collect() }
    }

    pub(crate) fn render(&self) -> String {
        Template::render(self).expect(NEVER_FAILS)
    }
}

impl<'a> LinksPage<'a> {
    pub(crate) fn new(site: &Site<'a>, path: &'a str) -> Self {
        let links = site.board.contents().links.iter();
        let links = links.map(|(title, address)| (title.as_str(), UserLink::web_or_mail(address)));
        Self { page: Page::new(site, path), links: links.collect() }
    }

    pub(crate) fn render(&self) -> String {
        Template::render(self).expect(NEVER_FAILS)
    }
}
