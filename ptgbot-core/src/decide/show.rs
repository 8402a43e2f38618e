//! What people read: `now`, `next`, `where`, `who`, `show`, `help`, and what subscribers are told.

use super::known_track;
use crate::board::{Board, Zone};
use crate::command::{Scope, Spec, TABLE};
use crate::decision::Decision;
use crate::nearest::nearest;
use crate::refusal::Refusal;
use crate::request::{Place, Request};
use crate::role::Role;
use crate::room::Booking;
use crate::slot::{Slot, SlotCode};
use crate::topic::Announcement;
use crate::track::TrackName;
use chrono::{DateTime, Utc};

/// Where the commands are explained at length.
pub(super) const DOCUMENTATION: &str = "https://opendev.org/openstack/ptgbot";

/// What a subscriber is told of a topic: track, place and topic.
pub fn notification(board: &Board, announcement: &Announcement, at: DateTime<Utc>) -> String {
    let Announcement { track, when, topic } = announcement;
    format!("{track} {when}{}: {topic}", in_place(board, track, at))
}

pub(super) fn what_is_now(board: &Board, track: Option<&str>, at: DateTime<Utc>) -> Result<Decision, Refusal> {
    let now = &board.contents().now;
    let zone = board.contents().timezone;
    let line = |track: &TrackName| {
        now.get(track).map(|topic| {
            let since = topic.since.map(|since| format!(" (since {})", clock(since, at, zone))).unwrap_or_default();
            format!("{track}{}: {}{since}", in_place(board, track, at), topic.text)
        })
    };
    Ok(Decision::reply(match track {
        Some(word) => {
            let track = known_track(board, word)?;
            line(&track).unwrap_or_else(|| format!("{track} has announced nothing for now."))
        }
        None => lines(now.keys().filter_map(line), "Nothing is announced for now."),
    }))
}

pub(super) fn what_is_next(board: &Board, track: Option<&str>, at: DateTime<Utc>) -> Result<Decision, Refusal> {
    let next = &board.contents().next;
    let line = |track: &TrackName| {
        next.get(track).map(|list| format!("{track}{}: {}", in_place(board, track, at), numbered(list)))
    };
    Ok(Decision::reply(match track {
        Some(word) => {
            let track = known_track(board, word)?;
            line(&track).unwrap_or_else(|| format!("{track} has announced nothing next."))
        }
        None => lines(next.keys().filter_map(line), "Nothing is announced for next."),
    }))
}

pub(super) fn where_is(board: &Board, track: &TrackName, at: DateTime<Utc>) -> Decision {
    let place = match board.place_of(track, at) {
        Some(place) => format!("{track} is in {place}"),
        None => format!("{track} has no room today"),
    };
    Decision::reply(match board.meeting_link(track, at) {
        Some(link) => format!("{place}: {link}"),
        None => format!("{place}."),
    })
}

pub(super) fn who_is_in(board: &Board, track: &TrackName) -> Decision {
    let people: Vec<_> = board.people_in(track).map(|check_in| check_in.nick.as_str()).collect();
    Decision::reply(if people.is_empty() {
        format!("Nobody is checked in to {track}.")
    } else {
        format!("In {track}: {}", people.join(", "))
    })
}

/// Everything about one track.
pub(super) fn track(board: &Board, track: &TrackName, at: DateTime<Utc>) -> Decision {
    let contents = board.contents();
    let zone = contents.timezone;
    let mut said = vec![match board.place_of(track, at) {
        Some(place) => format!("{track} is in {place}."),
        None => format!("{track} has no room today."),
    }];
    said.push(match contents.now.get(track) {
        Some(topic) => match topic.since {
            Some(since) => format!("Now (since {}): {}", clock(since, at, zone), topic.text),
            None => format!("Now: {}", topic.text),
        },
        None => "Now: nothing announced".into(),
    });
    if let Some(list) = contents.next.get(track) {
        said.push(format!("Next: {}", numbered(list)));
    }
    if let Some(link) = board.meeting_link(track, at) {
        said.push(format!("Meeting: {link}"));
    }
    if let Some(pad) = contents.etherpads.get(track) {
        said.push(format!("Etherpad: {pad}"));
    }
    Decision::reply(said.join("\n"))
}

pub(super) fn help(board: &Board, request: &Request, word: Option<&str>) -> Result<Decision, Refusal> {
    match word {
        Some(word) => explain(word),
        None => Ok(Decision::reply(overview(board, request))),
    }
}

/// The free codes of today's slots that are not over.
pub(crate) fn free_today(board: &Board, at: DateTime<Utc>) -> Vec<SlotCode> {
    let Some((_, slots)) = board.today(at) else { return Vec::new() };
    free_in(board, slots.iter().filter(|slot| !slot.ended_by(at)))
}

/// The free codes of some slots, slot by slot.
pub(super) fn free_in<'a>(board: &Board, slots: impl IntoIterator<Item = &'a Slot>) -> Vec<SlotCode> {
    let rooms = &board.contents().rooms;
    let mut free = Vec::new();
    for slot in slots {
        for (name, room) in rooms {
            if room.bookings.get(&slot.name) == Some(&Booking::Open) {
                free.push(SlotCode { room: name.clone(), slot: slot.name.clone() });
            }
        }
    }
    free
}

/// A time with its date and zone: `2026-10-19 16:05 CEST`.
pub(super) fn moment(time: DateTime<Utc>, zone: Zone) -> String {
    time.with_timezone(&zone.0).format("%Y-%m-%d %H:%M %Z").to_string()
}

/// A time of today without its date.
fn clock(time: DateTime<Utc>, now: DateTime<Utc>, zone: Zone) -> String {
    let (local, today) = (time.with_timezone(&zone.0), now.with_timezone(&zone.0));
    if local.date_naive() == today.date_naive() { local.format("%H:%M %Z").to_string() } else { moment(time, zone) }
}

fn in_place(board: &Board, track: &TrackName, at: DateTime<Utc>) -> String {
    board.place_of(track, at).map(|place| format!(" ({place})")).unwrap_or_default()
}

fn numbered(list: &[crate::text::Text]) -> String {
    match list {
        [one] => one.to_string(),
        list => list
            .iter()
            .enumerate()
            .map(|(place, topic)| format!("{}. {topic}", place + 1))
            .collect::<Vec<_>>()
            .join("; "),
    }
}

fn lines(lines: impl Iterator<Item = String>, none: &str) -> String {
    let all: Vec<_> = lines.collect();
    if all.is_empty() { none.to_owned() } else { all.join("\n") }
}

fn overview(board: &Board, request: &Request) -> String {
    let least = |spec: &Spec| match spec.scope {
        Scope::Track if !spec.read_only => board.contents().moderation.least_role(),
        Scope::User | Scope::Track | Scope::Admin => spec.least_role,
    };
    let names = |scope: Scope| {
        let usable = TABLE.iter().filter(|spec| spec.scope == scope && least(spec) <= request.role);
        usable.map(|spec| spec.name).collect::<Vec<_>>().join(", ")
    };
    let sign = match request.place {
        Place::Room(_) => "+cmd here, or cmd in private",
        Place::Private => "cmd here, or +cmd in the channel",
    };
    let mut said = vec![format!("For everyone ({sign}): {}", names(Scope::User))];
    said.push(format!("For tracks (#TRACK cmd in the channel): {}", names(Scope::Track)));
    if request.role >= Role::Op {
        said.push(format!("For ops (~cmd in the channel): {}", names(Scope::Admin)));
    }
    said.push(format!("help COMMAND explains one. Documentation: {DOCUMENTATION}"));
    said.join("\n")
}

fn explain(word: &str) -> Result<Decision, Refusal> {
    let bare = word.trim_start_matches(['+', '#', '~']);
    let found: Vec<&Spec> =
        [Scope::User, Scope::Track, Scope::Admin].into_iter().filter_map(|s| Spec::find(s, bare)).collect();
    if found.is_empty() {
        let near = nearest(bare, TABLE.iter().map(|spec| spec.name));
        let near = near.and_then(|near| TABLE.iter().find(|spec| spec.name == near)).map(|spec| spec.name);
        return Err(Refusal::UnknownCommand { typed: word.to_owned(), near });
    }
    let lines = found.iter().map(|spec| {
        let who = if spec.least_role == Role::Op { " (ops)" } else { "" };
        format!("{}: {}{who}", spec.usage_line(), spec.help)
    });
    Ok(Decision::reply(lines.collect::<Vec<_>>().join("\n")))
}

#[cfg(test)]
mod tests {
    use crate::stage::Stage;
    use serde_json::json;

    #[test]
    fn a_topic_of_another_day_is_told_with_its_date() {
        let mut stage = Stage::with(json!({"tracks": ["swift"], "timezone": "Europe/Dublin"}));
        stage.say("#swift now rings");
        assert_eq!(stage.say("+now swift"), "#swift: rings (since 10:30 IST)");
        stage.later(60 * 24 * 7);
        assert_eq!(stage.say("+now swift"), "#swift: rings (since 2026-10-19 10:30 IST)");
    }

    #[test]
    fn the_tracks_own_link_goes_before_that_of_its_room() {
        let mut stage = Stage::with(json!({
            "slots": {"Monday": [{"name": "1"}]}, "schedule": {"A": {"1": "swift", "url": "https://a.example.org/"}},
        }));
        assert_eq!(stage.say("+where swift"), "#swift is in A: https://a.example.org/");
        stage.say("#swift url https://s.example.org/");
        assert_eq!(stage.say("+where swift"), "#swift is in A: https://s.example.org/");
    }
}
