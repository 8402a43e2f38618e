//! The feed of topic changes (Atom, RFC 4287).

use crate::clock::iso;
use crate::link::{Encoded, absolute};
use crate::page::NEVER_FAILS;
use crate::site::Site;
use askama::Template;
use chrono::{DateTime, Utc};
use ptgbot_core::{NewsItem, Room, TrackName, When};
use std::fmt::{self, Write};

/// `feed.atom`. Its bytes change only when there is news.
#[derive(Template)]
#[template(path = "feed.xml", whitespace = "minimize")]
struct Feed<'a> {
    /// The tag URI (RFC 4151) under which everything in the feed is named.
    id: String,
    title: Xml<'a>,
    updated: String,
    /// The feed's own address, where it is known.
    own: Option<String>,
    /// The board's page: as an absolute address where it is known, because not every reader resolves others.
    home: String,
    author: Xml<'a>,
    entries: Vec<Entry<'a>>,
}

struct Entry<'a> {
    /// Stays the same whatever happens to the event's name later (RFC 4287 section 4.2.6).
    id: String,
    item: &'a NewsItem,
    word: &'static str,
    topic: Xml<'a>,
    at: String,
}

pub(crate) fn render(site: &Site) -> String {
    let event = site.board.contents().event_id.as_str();
    let shown = |item: &&NewsItem| is_shown(site, &item.announcement.track);
    let entries: Vec<_> = site.board.news().newest_first().filter(shown).map(Entry::of).collect();
    let address = |path| site.options.base_url.as_ref().and_then(|base| absolute(base, path)).map(String::from);
    let own = site.address("feed.atom");
    let feed = Feed {
        id: format!("{}{}", tag(event), own.trim_start_matches("feed.atom")),
        title: Xml(if event.is_empty() { "Event board" } else { event }),
        updated: entries.first().map_or_else(|| iso(DateTime::<Utc>::UNIX_EPOCH), |entry| entry.at.clone()),
        own: address(&own),
        home: address("index.html").unwrap_or_else(|| "index.html".into()),
        author: Xml(&site.options.bot),
        entries,
    };
    let mut text = feed.render().expect(NEVER_FAILS);
    text.push('\n');
    text
}

impl<'a> Entry<'a> {
    fn of(item: &'a NewsItem) -> Self {
        let word = match item.announcement.when {
            When::Now => "now",
            When::Next => "next",
        };
        let id = format!("{}/{}", tag(&item.event), item.revision);
        Self { id, item, word, topic: Xml(item.announcement.topic.as_str()), at: iso(item.at) }
    }
}

/// True for the tracks of the site's view; of a room's, those that hold a slot there.
fn is_shown(site: &Site, track: &TrackName) -> bool {
    let meets = |room| {
        site.board
            .contents()
            .rooms
            .get(room)
            .is_some_and(|room: &Room| room.bookings.values().any(|b| b.holder() == Some(track)))
    };
    site.shows(track) && site.only_room().is_none_or(meets)
}

/// A name for ever, made of the event's (RFC 4151).
fn tag(event: &str) -> String {
    format!("tag:ptgbot,2026:{}", Encoded(event))
}

/// Text without the characters that XML 1.0 cannot hold in any form; the template escapes the rest.
struct Xml<'a>(&'a str);

impl fmt::Display for Xml<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let legal = |c: &char| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}');
        self.0.chars().filter(legal).try_for_each(|c| f.write_char(c))
    }
}
