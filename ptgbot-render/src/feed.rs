//! The feed of news: topics, bookings and messages of the day (Atom, RFC 4287).

use crate::clock::iso;
use crate::link::{Encoded, absolute};
use crate::page::NEVER_FAILS;
use crate::record;
use crate::site::Site;
use crate::site_path::SitePath;
use crate::xml::Xml;
use askama::Template;
use chrono::{DateTime, Utc};
use ptgbot_core::{Announcement, Booking, Headline, NewsItem, Revision, Room, RoomName, SlotCode, TrackName, isolated};
use std::collections::HashMap;

/// `feed.atom`. Its bytes change only when there is news.
#[derive(Template)]
#[template(path = "feed.xml", whitespace = "minimize")]
struct Feed<'a> {
    /// The tag URI (RFC 4151) under which everything in the feed is named.
    id: String,
    title: Xml<String>,
    updated: String,
    /// The feed's own address, where it is known.
    own: Option<String>,
    /// The board's page: as an absolute address where it is known, because not every reader resolves others.
    home: String,
    author: Xml<&'a str>,
    entries: Vec<FeedEntry<'a>>,
}

struct FeedEntry<'a> {
    /// Stays the same whatever happens to the event's name later (RFC 4287 section 4.2.6).
    id: String,
    title: Xml<String>,
    at: String,
    kind: &'static str,
    track: Option<&'a TrackName>,
    /// What it leads to.
    address: String,
    words: Xml<String>,
}

pub(crate) fn render<'a>(site: &Site<'a>) -> String {
    let event = site.board.contents().event_id.as_str();
    let shown = |item: &&NewsItem| is_shown(site, &item.headline);
    let news = || site.board.news().newest_first().filter(shown);
    let address = |path: &str| site.options.base_url.as_ref().and_then(|base| absolute(base, path)).map(String::from);
    let oldest = news().last().map_or(u64::MAX, |item| item.revision);
    let recorded = record::addresses_since(site.board, oldest);
    let entry = |item: &'a NewsItem| {
        let path = FeedEntry::path(item, &recorded);
        FeedEntry::of(item, address(&path).unwrap_or(path))
    };
    let entries: Vec<_> = news().map(entry).collect();
    let own = site.address(&SitePath::Feed);
    let title = match (event, parts(site).as_str()) {
        ("", "") => "Event board: news".to_owned(),
        (event, "") => format!("{event}: news"),
        ("", parts) => format!("News of {parts}"),
        (event, parts) => format!("{event}: news of {parts}"),
    };
    let feed = Feed {
        id: format!("{}{}", tag(event), own.trim_start_matches(&*SitePath::Feed.name())),
        title: Xml(site.titled(title)),
        updated: entries.first().map_or_else(|| iso(began(site)), |entry| entry.at.clone()),
        own: address(&own),
        home: address(&SitePath::Board.name()).unwrap_or_else(|| SitePath::Board.to_string()),
        author: Xml(&site.options.bot),
        entries,
    };
    let mut text = feed.render().expect(NEVER_FAILS);
    text.push('\n');
    text
}

impl<'a> FeedEntry<'a> {
    /// What an item leads to, from the site's root: a topic that was discussed to the record, all else to the board.
    fn path(item: &NewsItem, recorded: &HashMap<(Revision, &TrackName), String>) -> String {
        let track = match &item.headline {
            Headline::Topic(Announcement { track, .. })
            | Headline::Booked { track, .. }
            | Headline::Freed { track, .. }
            | Headline::Moved { track, .. } => track,
            Headline::Message { .. } => return SitePath::Board.to_string(),
        };
        let there = recorded.get(&(item.revision, track)).cloned();
        there.unwrap_or_else(|| format!("{}#{}", SitePath::Board, track.as_str()))
    }

    fn of(item: &'a NewsItem, address: String) -> Self {
        let (title, words, kind, track) = match &item.headline {
            Headline::Topic(announcement) => {
                let title =
                    format!("{} {}: {}", announcement.track, announcement.when, isolated(announcement.topic.as_str()));
                (title, isolated(announcement.topic.as_str()).into_owned(), "topic", Some(&announcement.track))
            }
            Headline::Booked { track, booked } => {
                (format!("{track} booked {booked}"), spelled(track, "holds", booked), "booking", Some(track))
            }
            Headline::Freed { track, freed } => {
                (format!("{track} gave back {freed}"), spelled(track, "no longer holds", freed), "booking", Some(track))
            }
            Headline::Moved { track, moved, to } => {
                (format!("{track} moved from {moved} to {to}"), spelled(track, "holds", to), "booking", Some(track))
            }
            Headline::Message { level, message } => (
                format!("{level}: {}", isolated(message.as_str())),
                isolated(message.as_str()).into_owned(),
                "message",
                None,
            ),
        };
        Self {
            id: format!("{}/{}", tag(&item.event), item.revision),
            title: Xml(title),
            at: iso(item.at),
            kind,
            track,
            address,
            words: Xml(words),
        }
    }
}

fn spelled(track: &TrackName, holds: &str, code: &SlotCode) -> String {
    format!("{track} {holds} {} in the slot {}.", code.room, code.slot)
}

/// What the site's view leaves in: messages are for everybody, topics and bookings for those who look at the track
/// or the room. A topic belongs to every room that its track holds.
fn is_shown(site: &Site, headline: &Headline) -> bool {
    let meets = |track: &TrackName, name: &RoomName| {
        let holds = |room: &Room| room.bookings.values().any(|booking: &Booking| booking.is_held_by(track));
        site.board.contents().rooms.get(name).is_some_and(holds)
    };
    match headline {
        Headline::Topic(announcement) => {
            let track = &announcement.track;
            site.shows(track) && site.only_room().is_none_or(|room| meets(track, room))
        }
        Headline::Booked { track, booked: code } | Headline::Freed { track, freed: code } => {
            site.shows(track) && site.shows_room(&code.room)
        }
        Headline::Moved { track, moved, to } => {
            site.shows(track) && (site.shows_room(&moved.room) || site.shows_room(&to.room))
        }
        Headline::Message { .. } => true,
    }
}

/// When the board began, as far as it knows: since then there was no news.
fn began(site: &Site) -> DateTime<Utc> {
    site.board.history().newest_first().last().map_or_else(|| site.changed_at(), |change| change.at)
}

/// The tracks and the room of the site's view, for people.
fn parts(site: &Site) -> String {
    let tracks = site.view.tracks.iter().map(ToString::to_string);
    tracks.chain(site.only_room().map(ToString::to_string)).collect::<Vec<_>>().join(", ")
}

/// A name for ever, made of the event's (RFC 4151).
fn tag(event: &str) -> String {
    format!("tag:ptgbot,2026:{}", Encoded(event))
}
