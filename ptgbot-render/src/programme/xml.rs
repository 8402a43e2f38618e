//! The programme as XML.

use super::board_data::as_instruction;
use super::{Programme, ProgrammeSession, hours, slug, stamp};
use crate::link::Href;
use crate::page::NEVER_FAILS;
use crate::xml::Xml;
use askama::Template;
use chrono::{DateTime, FixedOffset};
use ptgbot_core::{RoomName, TrackName};
use std::fmt::Write;

pub(super) fn write(programme: &Programme) -> String {
    let mut text = ProgrammeXml { programme }.render().expect(NEVER_FAILS);
    write!(text, "\n<?ptgbot {}?>\n", as_instruction(&programme.board_data)).expect(NEVER_FAILS);
    text
}

#[derive(Template)]
#[template(path = "programme.xml", whitespace = "minimize")]
struct ProgrammeXml<'a> {
    programme: &'a Programme<'a>,
}

impl ProgrammeXml<'_> {
    fn start(&self) -> String {
        self.programme.span().0.to_string()
    }

    fn end(&self) -> String {
        self.programme.span().1.to_string()
    }

    fn grid(&self) -> String {
        hours(self.programme.grid.into())
    }

    /// The form's slugs of tracks begin with a letter.
    fn slug(&self, track: &TrackName) -> Option<String> {
        slug(track.as_str()).filter(|slug| slug.starts_with(|c: char| c.is_ascii_lowercase()))
    }

    fn stamp(&self, time: &DateTime<FixedOffset>) -> String {
        stamp(*time)
    }

    fn room<'b>(&self, room: &'b RoomName) -> Xml<&'b str> {
        Xml(room.as_str())
    }

    fn description(&self, session: &ProgrammeSession) -> String {
        // Line by line: a line end is the one control character that is ours.
        let description = session.description();
        description.lines().map(|line| Xml(line).to_string()).collect::<Vec<_>>().join("\n")
    }

    fn links<'b>(&self, session: &'b ProgrammeSession) -> Vec<(&'static str, &'b Href)> {
        let meeting = session.meeting.as_ref().map(|link| ("Meeting", link));
        meeting.into_iter().chain(session.pad.as_ref().map(|link| ("Etherpad", link))).collect()
    }

    /// The form takes addresses of the web only.
    fn url<'b>(&self, session: &'b ProgrammeSession) -> Option<&'b str> {
        session.url.starts_with("http").then_some(session.url.as_str())
    }
}
