//! The site: a board at a moment, and the part of it that somebody wants to see. `files` renders it.

use crate::rehearsal::Rehearsal;
use crate::room_slug::slugs;
use crate::site_path::SitePath;
use crate::view::View;
use chrono::{DateTime, NaiveTime, Utc};
use ptgbot_core::{Board, HttpUrl, RoomName, TrackName};

/// A board at a moment, as files. The same names stand in the static folder and on the web server.
#[derive(Clone, Debug)]
pub struct Site<'a> {
    pub(crate) board: &'a Board,
    pub(crate) at: DateTime<Utc>,
    pub(crate) options: &'a SiteOptions,
    pub(crate) view: View,
    /// The room of the view, where the board has it.
    room: Option<&'a RoomName>,
    /// Since when nobody knows whether the board is still like this.
    pub(crate) out_of_date: Option<DateTime<Utc>>,
}

/// What the site needs to know beyond the board.
///
/// ```
/// use ptgbot_render::{Host, SiteOptions};
/// let mut options = SiteOptions::default().with_host(Host::Live).with_channel("#ptg");
/// options.bot = "board".into();
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SiteOptions {
    /// Where the site stands, when that is known: makes links absolute where readers need it.
    pub base_url: Option<HttpUrl>,
    /// What a generated pad link starts with.
    pub etherpad_base: String,
    /// Who serves the files.
    pub host: Host,
    /// The bot's name in the chat.
    pub bot: String,
    /// The channel or room where commands are given.
    pub channel: Option<String>,
    /// The event is only rehearsed: every page says so, and follows the clock of that.
    pub rehearsal: Option<Rehearsal>,
}

impl Default for SiteOptions {
    fn default() -> Self {
        Self {
            base_url: None,
            etherpad_base: "https://etherpad.opendev.org/p/".into(),
            host: Host::Static,
            bot: "ptgbot".into(),
            channel: None,
            rehearsal: None,
        }
    }
}

impl SiteOptions {
    /// The same for a site of which it is known where it stands.
    #[must_use]
    pub fn with_base_url(self, url: HttpUrl) -> Self {
        Self { base_url: Some(url), ..self }
    }

    /// The same for another way to serve the files.
    #[must_use]
    pub fn with_host(self, host: Host) -> Self {
        Self { host, ..self }
    }

    /// The same with the channel or room where commands are given.
    #[must_use]
    pub fn with_channel(self, channel: impl Into<String>) -> Self {
        Self { channel: Some(channel.into()), ..self }
    }

    /// The same for an event that is only rehearsed.
    #[must_use]
    pub fn with_rehearsal(self, rehearsal: Rehearsal) -> Self {
        Self { rehearsal: Some(rehearsal), ..self }
    }
}

/// Who serves the files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Host {
    /// A folder: open pages ask for news from time to time.
    #[default]
    Static,
    /// The web server: open pages listen on `/events`.
    Live,
}

impl<'a> Site<'a> {
    /// The site of a board as of a time.
    pub fn new(board: &'a Board, at: DateTime<Utc>, options: &'a SiteOptions) -> Self {
        Self { board, at, options, view: View::default(), room: None, out_of_date: None }
    }

    /// The part of the site that somebody wants to see. It shows in the files of which there are views
    /// ([`SitePath::has_views`]); the others stay whole.
    #[must_use]
    pub fn view(self, view: View) -> Self {
        let room = view.room.as_deref().and_then(|wanted| self.room_of(wanted));
        Self { view, room, ..self }
    }

    /// The pages say that the board may be another one by now, for it cannot be read since a time. Data, calendars and the
    /// feed stay as they are.
    #[must_use]
    pub fn out_of_date(self, since: Option<DateTime<Utc>>) -> Self {
        Self { out_of_date: since, ..self }
    }

    /// The rooms in the programme's order, each with the path of its calendar, as `room/ballroom-a.ics`. What
    /// stands between is the room's slug: its letters and digits in lower case, with dashes for all else, and with
    /// a number where another room has the same. It names the room in a query, too.
    pub fn room_calendars(&self) -> Vec<(&'a RoomName, SitePath)> {
        slugs(self.board).into_iter().map(|(slug, room)| (room, SitePath::RoomCalendar(slug))).collect()
    }

    /// When the board last changed. One that never did tells the beginning of the day, so that its files stay as they are.
    pub(crate) fn changed_at(&self) -> DateTime<Utc> {
        let midnight = self.at.date_naive().and_time(NaiveTime::MIN).and_utc();
        self.board.changed_at().unwrap_or(midnight)
    }

    /// True when the view leaves this track in.
    pub(crate) fn shows(&self, track: &TrackName) -> bool {
        self.view.names_no_track() || self.view.tracks.contains(track)
    }

    /// True when the view leaves this room in.
    pub(crate) fn shows_room(&self, room: &RoomName) -> bool {
        self.view.room.is_none() || self.room == Some(room)
    }

    /// What the view names and the board does not have: tracks (as `#swift`) or other words, and the room.
    pub(crate) fn unknown(&self) -> Vec<String> {
        let tracks = self.view.tracks.iter().filter(|track| !self.board.knows(track)).map(ToString::to_string);
        let room = self.view.room.iter().filter(|_| self.room.is_none());
        tracks.chain(self.view.unknown.iter().cloned()).chain(room.cloned()).collect()
    }

    /// The room of the view, where the board has it.
    pub(crate) fn only_room(&self) -> Option<&'a RoomName> {
        self.room
    }

    /// The track of the view, where that names one, the board has it, and nothing else is asked for.
    pub(crate) fn only_track(&self) -> Option<&'a TrackName> {
        let View { tracks, unknown, room } = &self.view;
        let only = tracks.first().filter(|_| tracks.len() == 1 && unknown.is_empty() && room.is_none())?;
        self.board.contents().tracks.get(only)
    }

    /// A path with the view's query, so that what is linked shows the same part; without what is unknown.
    pub(crate) fn address(&self, path: &SitePath) -> String {
        if !path.has_views() {
            return path.to_string();
        }
        let View { tracks, room, .. } = &self.view;
        let known = View {
            tracks: tracks.iter().filter(|track| self.board.knows(track)).cloned().collect(),
            room: room.clone().filter(|_| self.room.is_some()),
            ..View::default()
        };
        match known.query().as_str() {
            "" => path.to_string(),
            query => format!("{path}?{query}"),
        }
    }

    /// The room with this slug.
    pub(crate) fn room_of(&self, wanted: &str) -> Option<&'a RoomName> {
        slugs(self.board).into_iter().find(|(slug, _)| slug == wanted).map(|(_, room)| room)
    }
}
